//! Projects (Мои сайты): everything a company sets is set per project (R79).

mod appearance;
pub mod demo;
mod store;

pub use appearance::{Appearance, AskedField, Consent, Face, FormSettings, Hidden, Icon, Offset, Theme};
pub use messaging::hours::{Day, Hours, opens_at};
pub(crate) use messaging::hours::{check_hours, check_reply_minutes};
pub use store::{by_site_key, get_project, is_known_origin};
pub(crate) use store::{delete_demo, list, update};

use messaging::connections::{self, Connection, ConnectionStatus, Health};
use messaging::fields;
use model::{AccountId, ChannelKind, ConnectionId, Cx, Env, ProjectId, Refusal, Result, Timestamp};
use serde::Serialize;
use serde_json::json;
use store::NewProject;
use vault::{Place, Sealed, Secret};

/// A project as the API shows it.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct ProjectInfo {
    /// Account.
    #[serde(skip)]
    pub account_id: Option<AccountId>,
    /// Project id.
    pub id: ProjectId,
    /// Name.
    pub name: String,
    /// What the site's code carries: public.
    pub site_key: String,
    /// Origins the widget may run on; empty for any.
    pub allowed_origins: Vec<String>,
    /// How the widget looks.
    pub appearance: Appearance,
    /// Whoever answers a conversation that is nobody's takes it (rulings 62).
    pub answer_assigns: bool,
    /// Hours of buttons and auto-actions are of this zone: an IANA name.
    pub time_zone: String,
    /// Pages of the site tell who is on them.
    pub watch_visitors: bool,
    /// Operators see what a visitor types before it is sent; the widget says so (rulings 65).
    pub typing_preview: bool,
    /// When the team answers, in the project's zone; empty for no promise.
    pub working_hours: Vec<Hours>,
    /// How soon it answers, in minutes, while somebody is there.
    pub reply_minutes: Option<i64>,
    /// A visitor may begin another conversation beside those of before, and chooses among them.
    pub several_conversations: bool,
    /// An operator may give a client a tag that is not in the project's list.
    pub free_tags: bool,
    /// What waits in a department is told to its people alone, and counts as unread for them alone; everybody sees it.
    pub told_by_department: bool,
    /// Grows with every change that sites must see.
    pub config_version: i64,
    /// Signs identity tokens; sealed, and opened for administrators and checks only.
    #[serde(skip)]
    pub identity_secret: Sealed,
    /// Demo data.
    pub demo: bool,
    /// Made.
    pub created_at: Timestamp,
}

/// Makes a project with its built-in fields and the connections every project has: site and api.
///
/// # Errors
/// When the name is empty or too long.
pub async fn create_project(cx: &mut Cx<'_>, name: &str, demo: bool) -> Result<ProjectInfo> {
    let name = clean_name("name", name)?;
    let id = ProjectId::new(cx.env.ids());
    let identity_secret = sealed_identity(cx, &id, &new_identity_secret(cx.env))?;
    let new = NewProject {
        id: &id,
        name: &name,
        appearance: &Appearance::default(),
        identity_secret: &identity_secret,
        demo,
    };
    store::insert(cx, &new).await?;
    for field in fields::built_ins() {
        fields::save(cx.tx, cx.account, &id, &field).await?;
    }
    for (kind, title) in [(ChannelKind::Site, "Сайт"), (ChannelKind::Api, "API")] {
        let connection = Connection {
            account_id: *cx.account,
            id: ConnectionId::new(cx.env.ids()),
            project_id: id,
            kind,
            title: title.to_owned(),
            status: ConnectionStatus::Active,
            settings: json!({}),
            secrets: None,
            hook_path: None,
            health: Health::default(),
            poll_offset: 0,
        };
        connections::save(cx, &connection).await?;
    }
    get_project(cx.tx, cx.account, &id).await
}

/// The secret that signs a project's identity tokens.
///
/// # Errors
/// When the master key does not open it.
pub fn identity_secret(env: &Env, project: &ProjectInfo) -> Result<Secret> {
    let account = project.account_id.as_ref().ok_or(Refusal::NotFound)?;
    let (account, id) = (account.to_string(), project.id.to_string());
    Ok(env.vault().open(identity_place(&account, &id), &project.identity_secret)?)
}

/// Puts a new secret in place: tokens signed with the old one prove nothing from now on.
///
/// # Errors
/// When there is no such project.
pub async fn rotate_identity_secret(cx: &mut Cx<'_>, id: &ProjectId) -> Result<Secret> {
    get_project(cx.tx, cx.account, id).await?;
    let secret = new_identity_secret(cx.env);
    let sealed = sealed_identity(cx, id, &secret)?;
    store::set_identity_secret(cx.tx, cx.account, id, &sealed).await?;
    Ok(secret)
}

fn sealed_identity(cx: &Cx<'_>, id: &ProjectId, secret: &Secret) -> Result<Sealed> {
    let (account, id) = (cx.account.to_string(), id.to_string());
    Ok(cx.env.vault().seal(identity_place(&account, &id), secret)?)
}

fn new_identity_secret(env: &Env) -> Secret {
    Secret::new(&format!("{}{}", env.secret(), env.secret()))
}

/// Where a project's identity secret stands: it opens nowhere else.
pub(crate) fn identity_place<'a>(account: &'a str, project: &'a str) -> Place<'a> {
    Place { account, table: "projects", row: project, column: "identity_secret" }
}

/// A name as it is kept: in NFC, without what nobody sees or what turns the line (security statement 36). It stands at `path` in the body.
///
/// # Errors
/// When nothing of it can be seen, or it is too long.
pub(crate) fn clean_name(path: &str, name: &str) -> Result<String> {
    let is_short = name.chars().count() <= 100 && !name.contains('\0');
    let cleaned = messaging::contacts::names::readable(name).filter(|_| is_short);
    cleaned.ok_or_else(|| Refusal::invalid(path, "wrong_form", "1 to 100 characters that can be seen"))
}

/// Puts another appearance on the site; it is there within a minute.
///
/// # Errors
/// As [`Appearance::checked`].
pub async fn publish_appearance(cx: &mut Cx<'_>, project: &ProjectId, appearance: Appearance) -> Result<()> {
    let mut project = get_project(cx.tx, cx.account, project).await?;
    project.appearance = appearance.checked(cx, &project.id, "appearance").await?;
    update(cx.tx, cx.account, &project).await
}
