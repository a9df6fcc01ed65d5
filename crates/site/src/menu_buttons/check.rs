//! What a button may be, and why one that was may not be shown any more.

use super::{Hours, Image, Label, Messenger, Problem, Settings, Target};
use messaging::connections::{self, ConnectionStatus};
use messaging::contacts::names::readable;
use messaging::files;
use messaging::licences::{self, Feature};
use messaging::{fields, messages};
use model::{ChannelKind, Cx, Invalid, ProjectId, Refusal, Result};
use std::collections::HashMap;

/// Characters of a label at most.
const LONGEST_LABEL: usize = 40;
/// Fields of a form at most.
const MOST_FIELDS: usize = 5;

/// What buttons of a project may name.
pub(super) struct Known {
    /// Scenarios that are there, and whether they were published.
    scenarios: HashMap<String, bool>,
    pub(super) fields: Vec<fields::Field>,
    has_telegram: bool,
    runs_scenarios: bool,
}

impl Known {
    pub(super) async fn load(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Self> {
        let scenarios = super::store::scenarios(cx.tx, cx.account, project).await?;
        let connections = connections::list(cx.tx, cx.account, project).await?;
        let is_bot = |c: &connections::Connection| {
            c.kind == ChannelKind::Telegram && c.status == ConnectionStatus::Active && !c.is_demo()
        };
        Ok(Self {
            scenarios: scenarios.into_iter().map(|(id, version)| (id.to_string(), version > 0)).collect(),
            fields: fields::all(cx.tx, cx.account, project).await?,
            has_telegram: connections.iter().any(is_bot),
            runs_scenarios: licences::allows(cx, Feature::ScenarioRuns).await?,
        })
    }

    pub(super) fn problem(&self, target: &Target) -> Option<Problem> {
        match target {
            Target::Scenario { scenario_id } => match self.scenarios.get(&scenario_id.to_string()) {
                None => Some(Problem::ScenarioGone),
                Some(false) => Some(Problem::ScenarioUnpublished),
                Some(true) if !self.runs_scenarios => Some(Problem::NoLicence),
                Some(true) => None,
            },
            Target::Channel { url: None, .. } if !self.has_telegram => Some(Problem::ChannelOff),
            Target::Callback { fields } if fields.iter().any(|key| self.field(key).is_none()) => {
                Some(Problem::FieldGone)
            }
            _ => None,
        }
    }

    pub(super) fn field(&self, key: &str) -> Option<&fields::Field> {
        self.fields.iter().find(|field| field.key == key)
    }
}

/// The settings as they are kept.
pub(super) async fn checked(cx: &mut Cx<'_>, project: &ProjectId, mut settings: Settings) -> Result<Settings> {
    settings.label = label(settings.label)?;
    if settings.colour.as_deref().is_some_and(|colour| !is_colour(colour)) {
        return Err(Refusal::invalid("colour", "wrong_form", "a colour like #2f5d4a"));
    }
    if let Some(hours) = &settings.hours {
        check_hours(hours)?;
    }
    settings.devices.dedup();
    if let Some(image) = &mut settings.image {
        check_image(cx, project, image).await?;
    }
    let known = Known::load(cx, project).await?;
    check_target(&known, &mut settings.target)?;
    Ok(settings)
}

fn label(label: Label) -> Result<Label> {
    let en = label.en.filter(|text| !text.trim().is_empty());
    Ok(Label { ru: words("label.ru", &label.ru)?, en: en.map(|text| words("label.en", &text)).transpose()? })
}

fn words(path: &str, text: &str) -> Result<String> {
    let is_short = text.chars().count() <= LONGEST_LABEL && !text.contains('\0');
    let wrong = || Refusal::invalid(path, "wrong_form", format!("1 to {LONGEST_LABEL} characters that can be seen"));
    readable(text).filter(|_| is_short).ok_or_else(wrong)
}

fn is_colour(colour: &str) -> bool {
    let digits = colour.strip_prefix('#').unwrap_or_default();
    digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit())
}

fn check_hours(hours: &Hours) -> Result<()> {
    for (path, time) in [("hours.from", &hours.from), ("hours.to", &hours.to)] {
        if !is_time(time) {
            return Err(Refusal::invalid(path, "wrong_form", "a time like 09:30"));
        }
    }
    if hours.days.is_empty() {
        return Err(Refusal::invalid("hours.days", "empty", "choose a day at least"));
    }
    Ok(())
}

fn is_time(text: &str) -> bool {
    let Some((hours, minutes)) = text.split_once(':') else { return false };
    let number = |digits: &str, most: u32| {
        digits.len() == 2 && digits.bytes().all(|b| b.is_ascii_digit()) && digits.parse().is_ok_and(|n: u32| n <= most)
    };
    number(hours, 23) && number(minutes, 59)
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
        Target::Scenario { .. } if known.problem(target) == Some(Problem::ScenarioGone) => Err(Refusal::NotFound),
        Target::Scenario { .. } | Target::Chat {} => Ok(()),
        Target::Channel { channel: Messenger::Telegram, url: None } => Ok(()),
        Target::Channel { url: None, .. } => {
            Err(Refusal::invalid("target.url", "missing", "the address of the company in this messenger"))
        }
        Target::Channel { url: Some(url), .. } => address("target.url", url),
        Target::Link { url, .. } => address("target.url", url),
        Target::Phone { phone } => {
            *phone = phone.trim().to_owned();
            let digits = phone.bytes().filter(u8::is_ascii_digit).count();
            let is_phone = phone.chars().all(|c| c.is_ascii_digit() || " +-().".contains(c));
            match is_phone && (3..=15).contains(&digits) {
                true => Ok(()),
                false => Err(Refusal::invalid("target.phone", "wrong_form", "a number like +7 495 123-45-67")),
            }
        }
        Target::Callback { fields } => check_fields(known, fields),
        Target::Event { name } => {
            *name = words("target.name", name)?;
            Ok(())
        }
    }
}

fn address(path: &str, url: &mut String) -> Result<()> {
    *url = url.trim().to_owned();
    let is_long = url.chars().count() > 2_000 || url.contains(char::is_control);
    if is_long || !messages::is_safe_address(url) {
        let text = "an address that begins with https://, http://, mailto: or tel:";
        return Err(Refusal::invalid(path, "wrong_form", text));
    }
    Ok(())
}

fn check_fields(known: &Known, keys: &[String]) -> Result<()> {
    if keys.is_empty() || keys.len() > MOST_FIELDS {
        return Err(Refusal::invalid("target.fields", "out_of_range", format!("1 to {MOST_FIELDS} fields")));
    }
    let mut problems = Vec::new();
    for (place, key) in keys.iter().enumerate() {
        let path = format!("target.fields.{place}");
        if known.field(key).is_none() {
            problems.push(Invalid::new(&path, "unknown_field", "there is no such field"));
        } else if keys[..place].contains(key) {
            problems.push(Invalid::new(&path, "repeated", "this field is asked for already"));
        }
    }
    if problems.is_empty() { Ok(()) } else { Err(Refusal::Invalid(problems)) }
}
