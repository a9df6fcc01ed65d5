//! Menu buttons (Меню кнопки): what stands beside the chat of a site, and what a press does (R31, R69-R72; section 5 of `site.md`).
//!
//! | what | file |
//! | --- | --- |
//! | what a button may be | [`check`] |
//! | what of them a site shows | [`shown`] |

mod check;
mod shown;
mod store;

pub(crate) use shown::{Side, of_site};
pub use shown::{SiteButton, SiteTarget};
pub(crate) use store::on_site;

use crate::known::{Known, Problem};
use crate::text::Label;
use accounts::Hours;
use messaging::files;
use model::{Cx, FileId, MenuButtonId, ProjectId, Refusal, Result, ScenarioId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the event of a change calls them.
const RESOURCE: &str = "menu-buttons";
/// Buttons of a project at most.
pub const MOST: usize = 7;

/// A picture of our set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)] // Each is what it is called.
pub enum Picture {
    Chat,
    Phone,
    Mail,
    Telegram,
    Whatsapp,
    Vk,
    Viber,
    Instagram,
    Robot,
    Question,
    Cart,
    Gift,
    Calendar,
    Star,
    Document,
    Link,
}

/// The picture of a button: one of our set, or one that was uploaded.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MenuButtonImage)]
pub struct Image {
    /// Of our set.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub set: Option<Picture>,
    /// Uploaded.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file_id: Option<FileId>,
    /// Where the uploaded one is; only shown.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub url: Option<String>,
}

/// What a visitor sits at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Device {
    Desktop,
    Phone,
    Tablet,
}

/// Where a link into a messenger leads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[allow(missing_docs)]
pub enum Messenger {
    Telegram,
    Whatsapp,
    Vk,
    Viber,
    Instagram,
}

/// What a press does.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = MenuButtonTarget)]
pub enum Target {
    /// Starts a scenario («Запустить Чат-бота»).
    Scenario {
        /// Which.
        scenario_id: ScenarioId,
    },
    /// Opens the chat.
    Chat {},
    /// Leads into a messenger.
    Channel {
        /// Which.
        channel: Messenger,
        /// Its address; none for the project's Telegram bot, by a link that ties the visitor to whoever opens it.
        #[serde(default)]
        url: Option<String>,
    },
    /// Calls.
    Phone {
        /// As people write it.
        phone: String,
    },
    /// Opens a page.
    Link {
        /// Where.
        url: String,
        /// In a tab of its own.
        #[serde(default = "yes")]
        new_tab: bool,
    },
    /// Asks to be called back: a form of fields.
    Callback {
        /// Keys of fields.
        fields: Vec<String>,
    },
    /// Tells the page's script.
    Event {
        /// Name of the event.
        name: String,
    },
}

const fn yes() -> bool {
    true
}

/// What a company says of a button.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = MenuButtonSettings)]
pub struct Settings {
    /// Shown.
    #[serde(default = "yes")]
    pub enabled: bool,
    /// What it says.
    pub label: Label,
    /// `#rrggbb`; none for the brand's.
    #[serde(default)]
    pub colour: Option<String>,
    /// Its picture; none for that of its kind.
    #[serde(default)]
    pub image: Option<Image>,
    /// When it is there; none for always.
    #[serde(default)]
    pub hours: Option<Hours>,
    /// On which devices; none named for all.
    #[serde(default)]
    pub devices: Vec<Device>,
    /// What a press does.
    pub target: Target,
}

/// The same as a request: nothing else may stand there.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewMenuButton)]
pub struct New {
    /// Shown.
    #[serde(default = "yes")]
    enabled: bool,
    /// What it says.
    label: Label,
    /// `#rrggbb`; none for the brand's.
    #[serde(default)]
    colour: Option<String>,
    /// Its picture; none for that of its kind.
    #[serde(default)]
    image: Option<Image>,
    /// When it is there; none for always.
    #[serde(default)]
    hours: Option<Hours>,
    /// On which devices; none named for all.
    #[serde(default)]
    devices: Vec<Device>,
    /// What a press does.
    target: Target,
}

impl From<New> for Settings {
    fn from(new: New) -> Self {
        let New { enabled, label, colour, image, hours, devices, target } = new;
        Self { enabled, label, colour, image, hours, devices, target }
    }
}

/// Some of them, to be changed.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateMenuButton)]
pub struct Change {
    /// `false` brings back one that was taken away and is on the site still.
    removed: Option<bool>,
    enabled: Option<bool>,
    label: Option<Label>,
    #[serde(default, deserialize_with = "http_kit::given")]
    #[schema(value_type = Option<String>)]
    colour: Option<Option<String>>,
    #[serde(default, deserialize_with = "http_kit::given")]
    #[schema(value_type = Option<Image>)]
    image: Option<Option<Image>>,
    #[serde(default, deserialize_with = "http_kit::given")]
    #[schema(value_type = Option<Hours>)]
    hours: Option<Option<Hours>>,
    devices: Option<Vec<Device>>,
    target: Option<Target>,
}

impl Change {
    fn of(self, settings: Settings) -> Settings {
        Settings {
            enabled: self.enabled.unwrap_or(settings.enabled),
            label: self.label.unwrap_or(settings.label),
            colour: self.colour.unwrap_or(settings.colour),
            image: self.image.unwrap_or(settings.image),
            hours: self.hours.unwrap_or(settings.hours),
            devices: self.devices.unwrap_or(settings.devices),
            target: self.target.unwrap_or(settings.target),
        }
    }
}

/// What of a button is not on the site yet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = MenuButtonChange)]
pub enum Unpublished {
    /// It was never published.
    New,
    /// The site shows it as it was.
    Changed,
    /// It stands elsewhere among the others.
    Moved,
    /// The site shows it still.
    Removed,
}

/// A button of a project, as it is edited.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MenuButton {
    /// Button id.
    pub id: MenuButtonId,
    /// What it is.
    #[serde(flatten)]
    pub settings: Settings,
    /// Why it is not shown, though it is on.
    pub problem: Option<Problem>,
    /// What of it is not on the site yet; none when it is there as it is here.
    pub change: Option<Unpublished>,
    /// Made.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// All of a project in their order, as they are edited; those that are taken away stay until that is published.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<MenuButton>> {
    let known = Known::load(cx, project).await?;
    let stored = store::all(cx.tx, cx.account, project).await?;
    let changes = stored.iter().map(|button| button.change(&stored)).collect::<Vec<_>>();
    Ok(stored.into_iter().zip(changes).map(|(button, change)| button.shown(&known, change)).collect())
}

/// A button as it is kept: what is edited, and what the site has.
#[derive(Debug, Clone)]
pub(crate) struct Stored {
    id: MenuButtonId,
    edited: Settings,
    is_removed: bool,
    /// With its place.
    published: Option<(Settings, i64)>,
    created_at: Timestamp,
    updated_at: Timestamp,
}

impl Stored {
    /// Beside all of them, in the order of the edited ones.
    fn change(&self, all: &[Self]) -> Option<Unpublished> {
        let Some((settings, _)) = &self.published else { return Some(Unpublished::New) };
        if self.is_removed {
            return Some(Unpublished::Removed);
        }
        if *settings != self.edited {
            return Some(Unpublished::Changed);
        }
        let stays = |button: &&Self| button.published.is_some() && !button.is_removed;
        let here = all.iter().filter(stays).position(|button| button.id == self.id);
        let mut on_site: Vec<&Self> = all.iter().filter(stays).collect();
        on_site.sort_by_key(|button| button.published.as_ref().map(|(_, place)| *place));
        let there = on_site.iter().position(|button| button.id == self.id);
        (here != there).then_some(Unpublished::Moved)
    }

    fn shown(self, known: &Known, change: Option<Unpublished>) -> MenuButton {
        let mut settings = self.edited;
        if let Some(image) = &mut settings.image {
            image.url = image.file_id.as_ref().map(files::kept_url);
        }
        MenuButton {
            id: self.id,
            problem: check::problem(known, &settings.target),
            settings,
            change,
            created_at: self.created_at,
            updated_at: self.updated_at,
        }
    }
}

async fn one(cx: &mut Cx<'_>, project: &ProjectId, id: &MenuButtonId) -> Result<MenuButton> {
    list(cx, project).await?.into_iter().find(|button| button.id == *id).ok_or(Refusal::NotFound)
}

/// Adds one at the end.
///
/// # Errors
/// For a part of the wrong form or another project's; `too_many_menu_buttons`.
pub async fn create(cx: &mut Cx<'_>, project: &ProjectId, settings: Settings) -> Result<MenuButton> {
    events::lock(cx.tx, cx.account).await?;
    refuse_too_many(cx, project).await?;
    let settings = check::checked(cx, project, settings).await?;
    let id = MenuButtonId::new(cx.env.ids());
    store::insert(cx, project, &id, &settings).await?;
    events::settings_changed(cx, project, RESOURCE).await?;
    one(cx, project, &id).await
}

async fn refuse_too_many(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    let all = store::all(cx.tx, cx.account, project).await?;
    if all.iter().filter(|button| !button.is_removed).count() < MOST {
        return Ok(());
    }
    let detail = format!("a site has {MOST} menu buttons at most; delete one first");
    Err(Refusal::Conflict { code: "too_many_menu_buttons", detail })
}

/// Changes one.
///
/// # Errors
/// As [`create`].
pub async fn update(cx: &mut Cx<'_>, project: &ProjectId, id: &MenuButtonId, change: Change) -> Result<MenuButton> {
    events::lock(cx.tx, cx.account).await?;
    let stored = store::all(cx.tx, cx.account, project).await?;
    let stored = stored.into_iter().find(|button| button.id == *id).ok_or(Refusal::NotFound)?;
    let is_removed = change.removed.unwrap_or(stored.is_removed);
    if stored.is_removed && !is_removed {
        refuse_too_many(cx, project).await?;
    }
    let settings = check::checked(cx, project, change.of(stored.edited)).await?;
    store::update(cx, id, &settings, is_removed && stored.published.is_some()).await?;
    events::settings_changed(cx, project, RESOURCE).await?;
    one(cx, project, id).await
}

/// Takes one away: from the site when that is published.
///
/// # Errors
/// When there is none.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &MenuButtonId) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    if !store::remove(cx.tx, cx.account, project, id).await? {
        return Err(Refusal::NotFound);
    }
    store::delete_unseen(cx.tx, cx.account, project).await?;
    events::settings_changed(cx, project, RESOURCE).await
}

/// Puts them in this order.
///
/// # Errors
/// When these are not all of them, once each.
pub async fn order(cx: &mut Cx<'_>, project: &ProjectId, ids: &[MenuButtonId]) -> Result<Vec<MenuButton>> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    let is_whole = ids.len() == all.len() && all.iter().all(|button| ids.contains(&button.id));
    if !is_whole {
        return Err(Refusal::invalid("ids", "wrong_order", "name every button once"));
    }
    for (place, id) in (0..).zip(ids) {
        store::set_place(cx.tx, cx.account, id, place).await?;
    }
    events::settings_changed(cx, project, RESOURCE).await?;
    list(cx, project).await
}

/// The site takes them as they are edited.
pub(crate) async fn publish(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    store::delete_removed(cx.tx, cx.account, project).await?;
    store::publish(cx.tx, cx.account, project).await
}

/// They are as the site has them.
pub(crate) async fn revert(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    store::delete_unpublished(cx.tx, cx.account, project).await?;
    store::revert(cx.tx, cx.account, project).await?;
    events::settings_changed(cx, project, RESOURCE).await
}
