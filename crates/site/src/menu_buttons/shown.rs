//! What of the buttons a site is told: whatever a page may know, and nothing of what cannot work.

use super::{Device, Hours, Image, Messenger, Target, list};
use crate::known::{Known, SiteField, form};
use crate::text::Label;
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

/// The buttons that can be shown, in their order; hours and devices are the widget's to judge.
///
/// # Errors
/// When the storage fails.
pub async fn of_site(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<SiteButton>> {
    let all = list(cx, project).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let known = Known::load(cx, project).await?;
    let shown = all.into_iter().filter(|button| button.settings.enabled && button.problem.is_none());
    Ok(shown
        .map(|button| {
            let settings = button.settings;
            let image = settings.image.map(|image| Image { file_id: None, ..image });
            SiteButton {
                id: button.id,
                label: settings.label,
                colour: settings.colour,
                image,
                hours: settings.hours,
                devices: settings.devices,
                target: target_of(settings.target, &known),
            }
        })
        .collect())
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
