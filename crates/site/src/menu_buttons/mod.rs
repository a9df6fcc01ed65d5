//! Menu buttons (Меню кнопки): what stands beside the chat of a site, and what a press does (R31, R69-R72; section 5 of `site.md`).
//!
//! | what | file |
//! | --- | --- |
//! | what a button may be | [`check`] |
//! | what of them a site shows | [`shown`] |

mod check;
mod shown;
mod store;

pub use shown::{SiteButton, SiteTarget, of_site};
pub(crate) use store::one as stored;

use crate::known::{self, Known, Problem};
use crate::text::Label;
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

/// When a button is there, in the project's time zone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MenuButtonHours)]
pub struct Hours {
    /// `mon` to `sun`.
    pub days: Vec<Day>,
    /// `HH:MM`; it counts.
    pub from: String,
    /// `HH:MM`; it does not. Past midnight the span belongs to the day it began; the same as `from` is the whole day.
    pub to: String,
}

/// A day of the week.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = WeekDay)]
#[allow(missing_docs)]
pub enum Day {
    Mon,
    Tue,
    Wed,
    Thu,
    Fri,
    Sat,
    Sun,
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

/// A button of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct MenuButton {
    /// Button id.
    pub id: MenuButtonId,
    /// What it is.
    #[serde(flatten)]
    pub settings: Settings,
    /// Why it is not shown, though it is on.
    pub problem: Option<Problem>,
    /// Made.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// All of a project in their order.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<MenuButton>> {
    let mut all = store::all(cx.tx, cx.account, project).await?;
    let known = Known::load(cx, project).await?;
    for button in &mut all {
        button.problem = check::problem(&known, &button.settings.target);
        if let Some(image) = &mut button.settings.image {
            image.url = image.file_id.as_ref().map(files::kept_url);
        }
    }
    Ok(all)
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
    let all = store::all(cx.tx, cx.account, project).await?;
    if all.len() >= MOST {
        let detail = format!("a site has {MOST} menu buttons at most; delete one first");
        return Err(Refusal::Conflict { code: "too_many_menu_buttons", detail });
    }
    let settings = check::checked(cx, project, settings).await?;
    let id = MenuButtonId::new(cx.env.ids());
    store::insert(cx, project, &id, &settings).await?;
    known::site_changed(cx, project, RESOURCE).await?;
    one(cx, project, &id).await
}

/// Changes one.
///
/// # Errors
/// As [`create`].
pub async fn update(cx: &mut Cx<'_>, project: &ProjectId, id: &MenuButtonId, change: Change) -> Result<MenuButton> {
    events::lock(cx.tx, cx.account).await?;
    let button = one(cx, project, id).await?;
    let settings = check::checked(cx, project, change.of(button.settings)).await?;
    store::update(cx, id, &settings).await?;
    known::site_changed(cx, project, RESOURCE).await?;
    one(cx, project, id).await
}

/// Takes one away.
///
/// # Errors
/// When there is none.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &MenuButtonId) -> Result<()> {
    if !store::delete(cx.tx, cx.account, project, id).await? {
        return Err(Refusal::NotFound);
    }
    known::site_changed(cx, project, RESOURCE).await
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
    known::site_changed(cx, project, RESOURCE).await?;
    list(cx, project).await
}
