//! What of the buttons a site is told: whatever a page may know, and nothing of what cannot work.

use super::{Device, Image, Messenger, Settings, Target, check, store};
use crate::known::{Known, SiteField, form};
use crate::text::Label;
use accounts::Hours;
use messaging::files;
use model::{Cx, MenuButtonId, ProjectId, Result};
use serde::Serialize;

/// A button as the widget is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteButton {
    /// Button id.
    pub id: MenuButtonId,
    /// What it says.
    pub label: Label,
    /// `#rrggbb`; none for the brand's.
    pub colour: Option<String>,
    /// Its picture; none for that of its kind.
    pub image: Option<Image>,
    /// When it is there.
    pub hours: Option<Hours>,
    /// On which devices; none named for all.
    pub devices: Vec<Device>,
    /// What a press does.
    pub target: SiteTarget,
}

/// What a press does, without what the page has no business with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)] // As in `Target`.
pub enum SiteTarget {
    Scenario {},
    Chat {},
    Channel { channel: Messenger, url: Option<String> },
    Phone { phone: String },
    Link { url: String, new_tab: bool },
    Callback { fields: Vec<SiteField> },
    Event { name: String },
}

/// Which of the two sides of a button.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Side {
    /// As it is edited.
    Edited,
    /// As the site has it.
    Published,
}

/// The buttons that can be shown, in their order; hours and devices are the widget's to judge.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn of_site(
    cx: &mut Cx<'_>,
    known: &Known,
    project: &ProjectId,
    side: Side,
) -> Result<Vec<SiteButton>> {
    let stored = store::all(cx.tx, cx.account, project).await?;
    let mut shown: Vec<(i64, SiteButton)> = Vec::with_capacity(stored.len());
    for (button, edited_place) in stored.into_iter().zip(0..) {
        let side = match side {
            Side::Edited => (!button.is_removed).then_some((button.edited, edited_place)),
            Side::Published => button.published,
        };
        let Some((settings, place)) = side else { continue };
        if settings.enabled && check::problem(known, &settings.target).is_none() {
            shown.push((place, button_of(button.id, settings, known)));
        }
    }
    shown.sort_by_key(|(place, _)| *place);
    Ok(shown.into_iter().map(|(_, button)| button).collect())
}

fn button_of(id: MenuButtonId, settings: Settings, known: &Known) -> SiteButton {
    let address = |image: Image| Image { url: image.file_id.as_ref().map(files::kept_url), file_id: None, ..image };
    SiteButton {
        id,
        label: settings.label,
        colour: settings.colour,
        image: settings.image.map(address),
        hours: settings.hours,
        devices: settings.devices,
        target: target_of(settings.target, known),
    }
}

fn target_of(target: Target, known: &Known) -> SiteTarget {
    match target {
        Target::Scenario { .. } => SiteTarget::Scenario {},
        Target::Chat {} => SiteTarget::Chat {},
        Target::Channel { channel, url } => SiteTarget::Channel { channel, url },
        Target::Phone { phone } => SiteTarget::Phone { phone },
        Target::Link { url, new_tab } => SiteTarget::Link { url, new_tab },
        Target::Event { name } => SiteTarget::Event { name },
        Target::Callback { fields } => SiteTarget::Callback { fields: form(known, &fields) },
    }
}
