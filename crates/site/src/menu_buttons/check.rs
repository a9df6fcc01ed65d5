//! What a button may be, and why one that was may not be shown any more.

use super::{Image, Messenger, Settings, Target};
use crate::known::{Known, Problem, check_form};
use crate::text;
use messaging::files;
use model::{Cx, ProjectId, Refusal, Result};

/// The settings as they are kept.
pub(super) async fn checked(cx: &mut Cx<'_>, project: &ProjectId, mut settings: Settings) -> Result<Settings> {
    settings.label = text::label(settings.label)?;
    if settings.colour.as_deref().is_some_and(|colour| !is_colour(colour)) {
        return Err(Refusal::invalid("colour", "wrong_form", "a colour like #2f5d4a"));
    }
    if let Some(hours) = &settings.hours {
        hours.check("hours")?;
    }
    settings.devices.dedup();
    if let Some(image) = &mut settings.image {
        check_image(cx, project, image).await?;
    }
    let known = Known::load(cx, project).await?;
    check_target(&known, &mut settings.target)?;
    Ok(settings)
}

/// Why a button cannot work, if it cannot.
pub(super) fn problem(known: &Known, target: &Target) -> Option<Problem> {
    match target {
        Target::Scenario { scenario_id } => known.scenario_problem(scenario_id),
        Target::Channel { url: None, .. } if !known.has_telegram => Some(Problem::ChannelOff),
        Target::Callback { fields } => known.form_problem(fields),
        _ => None,
    }
}

fn is_colour(colour: &str) -> bool {
    let digits = colour.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

async fn check_image(cx: &mut Cx<'_>, project: &ProjectId, image: &mut Image) -> Result<()> {
    image.url = None;
    match (image.set, image.file_id) {
        (Some(_), None) => Ok(()),
        (None, Some(file)) => match files::is_kept(cx, project, &file, files::Kept::Menu).await? {
            true => Ok(()),
            false => Err(Refusal::NotFound),
        },
        _ => Err(Refusal::invalid("image", "wrong_form", "either a picture of our set or an uploaded one")),
    }
}

fn check_target(known: &Known, target: &mut Target) -> Result<()> {
    match target {
        Target::Scenario { .. } if problem(known, target) == Some(Problem::ScenarioGone) => Err(Refusal::NotFound),
        Target::Scenario { .. } | Target::Chat {} => Ok(()),
        Target::Channel { channel: Messenger::Telegram, url: None } => Ok(()),
        Target::Channel { url: None, .. } => {
            Err(Refusal::invalid("target.url", "missing", "the address of the company in this messenger"))
        }
        Target::Channel { url: Some(url), .. } => text::address("target.url", url),
        Target::Link { url, .. } => text::address("target.url", url),
        Target::Phone { phone } => {
            *phone = phone.trim().to_owned();
            let digits = phone.bytes().filter(u8::is_ascii_digit).count();
            let is_phone = phone.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
            match is_phone && (3..=15).contains(&digits) {
                true => Ok(()),
                false => Err(Refusal::invalid("target.phone", "wrong_form", "a number like +7 495 123-45-67")),
            }
        }
        Target::Callback { fields } => check_form(known, fields),
        Target::Event { name } => {
            *name = text::words("target.name", name)?;
            Ok(())
        }
    }
}
