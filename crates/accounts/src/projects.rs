//! Projects (Мои сайты): everything a company sets is set per project (R79).

use db::{DbError, FromRow, Row, Tx, sql};
use messaging::connections::{self, Connection, ConnectionStatus, Health};
use messaging::fields;
use model::{AccountId, ChannelKind, ConnectionId, Cx, Env, ProjectId, Refusal, Result, Timestamp};
use serde::{Deserialize, Serialize};
use serde_json::json;
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

/// How the widget looks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Appearance {
    /// Title of the panel; the project's name when empty.
    pub title: String,
    /// First line for a visitor.
    pub greeting: String,
    /// `#rrggbb`.
    pub brand: String,
    /// `right` or `left`.
    pub side: String,
    /// `auto`, `ru` or `en`.
    pub locale: String,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            title: String::new(),
            greeting: String::new(),
            brand: "#5b5bd6".into(),
            side: "right".into(),
            locale: "auto".into(),
        }
    }
}

impl Appearance {
    /// Refuses what would break a site.
    ///
    /// # Errors
    /// With the path of what is wrong.
    pub fn check(&self) -> Result<()> {
        let digits = self.brand.strip_prefix('#').unwrap_or_default();
        if digits.len() != 6 || !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
            return Err(Refusal::invalid("appearance.brand", "wrong_form", "a colour like #2f5d4a"));
        }
        if !matches!(self.side.as_str(), "left" | "right") {
            return Err(Refusal::invalid("appearance.side", "wrong_form", "left or right"));
        }
        if !matches!(self.locale.as_str(), "auto" | "ru" | "en") {
            return Err(Refusal::invalid("appearance.locale", "wrong_form", "auto, ru or en"));
        }
        if self.title.chars().count() > 60 || self.greeting.chars().count() > 300 {
            return Err(Refusal::invalid("appearance", "too_long", "title 60, greeting 300 characters at most"));
        }
        Ok(())
    }
}

impl FromRow for ProjectInfo {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let bad = |e: serde_json::Error| DbError::other(format!("project JSON: {e}"));
        let (origins, appearance): (String, String) = (row.get(4)?, row.get(5)?);
        Ok(Self {
            account_id: Some(AccountId::from_stored(row.get(0)?)),
            id: ProjectId::from_stored(row.get(1)?),
            name: row.get(2)?,
            site_key: row.get(3)?,
            allowed_origins: serde_json::from_str(&origins).map_err(bad)?,
            appearance: serde_json::from_str(&appearance).map_err(bad)?,
            config_version: row.get(6)?,
            identity_secret: Sealed::from_stored(row.get(7)?),
            demo: row.get(8)?,
            created_at: Timestamp(row.get(9)?),
        })
    }
}

macro_rules! project_columns {
    () => {
        "account_id, id, name, site_key, allowed_origins, appearance, config_version, identity_secret, demo, created_at"
    };
}

/// Makes a project with its built-in fields and the connections every project has: site and api.
///
/// # Errors
/// When the name is empty or too long.
pub async fn create_project(cx: &mut Cx<'_>, name: &str, demo: bool) -> Result<ProjectInfo> {
    check_name(name)?;
    let id = ProjectId::new(cx.env.ids());
    let appearance = serde_json::to_string(&Appearance::default()).map_err(|e| Refusal::stored(&e))?;
    let identity_secret =
        cx.env.vault().seal(identity_place(cx.account.as_str(), id.as_str()), &new_identity_secret(cx.env))?;
    sql!(
        "INSERT INTO projects (account_id, id, name, site_key, identity_secret, allowed_origins, appearance, config_version, hub_limit,
           max_group, default_region, demo, created_at)
         VALUES ($1, $2, $3, $4, $5, '[]', $6, 1, 20, 100, 'RU', $7, $8)"
    )
    .bind(cx.account.as_str())
    .bind(id.as_str())
    .bind(name.trim())
    .bind(cx.env.secret())
    .bind(identity_secret.as_str())
    .bind(appearance)
    .bind(demo)
    .bind(cx.env.now().0)
    .execute(cx.tx)
    .await?;
    for field in fields::built_ins() {
        fields::save(cx.tx, cx.account, &id, &field).await?;
    }
    for (kind, title) in [(ChannelKind::Site, "Сайт"), (ChannelKind::Api, "API")] {
        let connection = Connection {
            account_id: cx.account.clone(),
            id: ConnectionId::new(cx.env.ids()),
            project_id: id.clone(),
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
    let place = identity_place(account.as_str(), project.id.as_str());
    Ok(env.vault().open(place, &project.identity_secret)?)
}

/// Puts a new secret in place: tokens signed with the old one prove nothing from now on.
///
/// # Errors
/// When there is no such project.
pub async fn rotate_identity_secret(cx: &mut Cx<'_>, id: &ProjectId) -> Result<Secret> {
    get_project(cx.tx, cx.account, id).await?;
    let secret = new_identity_secret(cx.env);
    let sealed = cx.env.vault().seal(identity_place(cx.account.as_str(), id.as_str()), &secret)?;
    let query = sql!("UPDATE projects SET identity_secret = $3 WHERE account_id = $1 AND id = $2");
    query.bind(cx.account.as_str()).bind(id.as_str()).bind(sealed.as_str()).execute(cx.tx).await?;
    Ok(secret)
}

fn new_identity_secret(env: &Env) -> Secret {
    Secret::new(&format!("{}{}", env.secret(), env.secret()))
}

/// Where a project's identity secret stands: it opens nowhere else.
pub(crate) fn identity_place<'a>(account: &'a str, project: &'a str) -> Place<'a> {
    Place { account, table: "projects", row: project, column: "identity_secret" }
}

/// Refuses an empty or overlong name.
pub(crate) fn check_name(name: &str) -> Result<()> {
    let length = name.trim().chars().count();
    if length == 0 || length > 100 {
        return Err(Refusal::invalid("name", "wrong_form", "1 to 100 characters"));
    }
    Ok(())
}

/// One project.
///
/// # Errors
/// When there is none in this account.
pub async fn get_project(tx: &mut Tx, account: &AccountId, id: &ProjectId) -> Result<ProjectInfo> {
    let query = sql!(concat!("SELECT ", project_columns!(), " FROM projects WHERE account_id = $1 AND id = $2"));
    query.bind(account.as_str()).bind(id.as_str()).optional(tx).await?.ok_or(Refusal::NotFound)
}

/// The project behind a site's key, whatever its account.
///
/// # Errors
/// When the storage fails.
pub async fn by_site_key(tx: &mut Tx, site_key: &str) -> Result<Option<ProjectInfo>> {
    let query = sql!(concat!("SELECT ", project_columns!(), " FROM projects WHERE site_key = $1"));
    Ok(query.bind(site_key).optional(tx).await?)
}

/// Projects of the account, oldest first.
pub(crate) async fn list(tx: &mut Tx, account: &AccountId) -> Result<Vec<ProjectInfo>> {
    let query =
        sql!(concat!("SELECT ", project_columns!(), " FROM projects WHERE account_id = $1 ORDER BY created_at, id"));
    Ok(query.bind(account.as_str()).all(tx).await?)
}

/// Stores a changed project; sites see it within a minute.
pub(crate) async fn update(tx: &mut Tx, account: &AccountId, project: &ProjectInfo) -> Result<()> {
    let origins = serde_json::to_string(&project.allowed_origins).map_err(|e| Refusal::stored(&e))?;
    let appearance = serde_json::to_string(&project.appearance).map_err(|e| Refusal::stored(&e))?;
    sql!(
        "UPDATE projects SET name = $3, allowed_origins = $4, appearance = $5, config_version = config_version + 1
         WHERE account_id = $1 AND id = $2"
    )
    .bind(account.as_str())
    .bind(project.id.as_str())
    .bind(&project.name)
    .bind(origins)
    .bind(appearance)
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes every demo project of the account with all that is in it, and the demo people; how many projects.
pub(crate) async fn delete_demo(tx: &mut Tx, account: &AccountId) -> Result<u64> {
    let projects = sql!("DELETE FROM projects WHERE account_id = $1 AND demo");
    let gone = projects.bind(account.as_str()).execute(tx).await?;
    let users = sql!("DELETE FROM users WHERE account_id = $1 AND demo AND role <> 'owner'");
    users.bind(account.as_str()).execute(tx).await?;
    Ok(gone)
}
