//! What the widget is told before it is opened.

use crate::auto_actions;
use crate::known::{Known, SiteField, form};
use crate::menu_buttons::{self, Side, SiteButton};
use accounts::{Appearance, FormSettings, ProjectInfo};
use messaging::connections::{self, Connection, ConnectionStatus};
use model::{ChannelKind, Cx, ProjectId, Result, Timestamp};
use serde::Serialize;

/// What the widget needs before it is opened.
#[derive(Debug, Clone, Serialize)]
pub struct SiteConfig {
    version: i64,
    project: ProjectName,
    appearance: SiteAppearance,
    forms: SiteForms,
    /// The site's channel is switched off: nothing is taken.
    off: bool,
    /// Somebody may answer now.
    pub operators_online: bool,
    /// How soon somebody answers who is there.
    reply_minutes: Option<i64>,
    /// When the team comes back; none within its hours, and where it has none.
    opens_at: Option<Timestamp>,
    /// A visitor may begin another conversation.
    several_conversations: bool,
    /// Hours of buttons are of this zone.
    time_zone: String,
    menu_buttons: Vec<SiteButton>,
    /// There are auto-actions to be loaded.
    rules: bool,
    /// Pages tell who is on them.
    visitors: bool,
    /// What is typed is seen before it is sent, and the widget says so.
    typing_preview: bool,
    telegram: Option<TelegramLink>,
}

#[derive(Debug, Clone, Serialize)]
struct ProjectName {
    name: String,
}

#[derive(Debug, Clone, Serialize)]
struct TelegramLink {
    url: String,
}

/// An appearance without its forms: what they ask for is told beside it, with titles and kinds.
#[derive(Debug, Clone, Serialize)]
struct SiteAppearance {
    title: String,
    title_en: String,
    greeting: String,
    greeting_en: String,
    brand: String,
    side: String,
    locale: String,
    menu: String,
    theme: accounts::Theme,
    icon: accounts::Icon,
    offset: accounts::Offset,
    operator: SiteOperator,
    consent: accounts::Consent,
    sound: bool,
    hidden: accounts::Hidden,
    rating: bool,
}

#[derive(Debug, Clone, Serialize)]
struct SiteOperator {
    name: String,
    name_en: String,
    photo_url: Option<String>,
}

#[derive(Debug, Clone, Serialize)]
struct SiteForms {
    before: Option<SiteForm>,
    offline: Option<SiteForm>,
}

#[derive(Debug, Clone, Serialize)]
struct SiteForm {
    text: String,
    text_en: String,
    fields: Vec<AskedSiteField>,
}

#[derive(Debug, Clone, Serialize)]
struct AskedSiteField {
    #[serde(flatten)]
    field: SiteField,
    required: bool,
}

/// Of a project, as its site has it.
///
/// # Errors
/// When the storage fails.
pub async fn of_site(cx: &mut Cx<'_>, project: ProjectInfo) -> Result<SiteConfig> {
    made(cx, project, Side::Published).await
}

/// As the site would have it with this appearance, and with the menu buttons as they are edited.
///
/// # Errors
/// For what would break a site.
pub async fn preview(cx: &mut Cx<'_>, project: &ProjectId, draft: Appearance) -> Result<SiteConfig> {
    let mut project = accounts::get_project(cx.tx, cx.account, project).await?;
    project.appearance = draft.checked(cx, &project.id, "draft").await?;
    made(cx, project, Side::Edited).await
}

async fn made(cx: &mut Cx<'_>, project: ProjectInfo, side: Side) -> Result<SiteConfig> {
    let known = Known::load(cx, &project.id).await?;
    let connections = connections::list(cx.tx, cx.account, &project.id).await?;
    let is_site_off = |c: &Connection| c.kind == ChannelKind::Site && c.status == ConnectionStatus::Off;
    let off = connections.iter().any(is_site_off);
    let is_bot =
        |c: &Connection| c.kind == ChannelKind::Telegram && c.status == ConnectionStatus::Active && !c.is_demo();
    let bot = connections.into_iter().find(is_bot).and_then(|c| c.health.bot);
    let telegram = bot.map(|bot| TelegramLink { url: format!("https://t.me/{}", bot.username) });
    let appearance = project.appearance.shown();
    Ok(SiteConfig {
        version: project.config_version,
        project: ProjectName { name: project.name },
        forms: SiteForms {
            before: site_form(&known, &appearance.before).filter(|form| !form.fields.is_empty()),
            offline: site_form(&known, &appearance.offline),
        },
        appearance: site_appearance(appearance),
        off,
        operators_online: false,
        reply_minutes: project.reply_minutes,
        opens_at: accounts::opens_at(&project.working_hours, &project.time_zone, cx.env.now()),
        several_conversations: project.several_conversations,
        time_zone: project.time_zone,
        menu_buttons: menu_buttons::of_site(cx, &known, &project.id, side).await?,
        rules: auto_actions::has_rules(cx, &project.id).await?,
        visitors: project.watch_visitors,
        typing_preview: project.typing_preview,
        telegram,
    })
}

fn site_appearance(appearance: Appearance) -> SiteAppearance {
    let Appearance { title, title_en, greeting, greeting_en, brand, side, locale, menu, theme, icon, offset, .. } =
        appearance;
    let Appearance { operator, consent, sound, hidden, rating, .. } = appearance;
    let operator = SiteOperator { name: operator.name, name_en: operator.name_en, photo_url: operator.photo_url };
    SiteAppearance {
        title,
        title_en,
        greeting,
        greeting_en,
        brand,
        side,
        locale,
        menu,
        theme,
        icon,
        offset,
        operator,
        consent,
        sound,
        hidden,
        rating,
    }
}

/// Without fields that were deleted since.
fn site_form(known: &Known, settings: &FormSettings) -> Option<SiteForm> {
    if !settings.enabled {
        return None;
    }
    let fields = settings.fields.iter().flat_map(|asked| {
        let told = form(known, std::slice::from_ref(&asked.key));
        told.into_iter().map(|field| AskedSiteField { field, required: asked.required })
    });
    Some(SiteForm { text: settings.text.clone(), text_en: settings.text_en.clone(), fields: fields.collect() })
}
