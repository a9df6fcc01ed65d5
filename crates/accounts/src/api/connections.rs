//! Connected channels (Каналы).

use crate::Accounts;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use channels::capabilities;
use channels::telegram::{self, Mode, PUBLIC_BASE_URL};
use http_kit::{ApiError, ApiJson, ApiPath, ItemList, Principal, Project};
use messaging::connections::{self, Connection, ConnectionStatus, Health, HealthError, Secrets};
use messaging::pollers;
use model::{ConnectionId, Cx, Env, ProjectId, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use vault::{Secret, Vault};

/// A connection as administrators see it: of its token the last four characters.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ConnectionInfo {
    id: ConnectionId,
    project_id: ProjectId,
    kind: String,
    title: String,
    status: ConnectionStatus,
    #[schema(value_type = Object)]
    settings: Value,
    health: Health,
}

impl ConnectionInfo {
    /// A token that does not open leaves the rest to be seen, and says so where the health is shown.
    fn of(connection: Connection, vault: &Vault) -> Self {
        let opened = connection.open(vault);
        let (mut settings, mut health) = (connection.settings, connection.health);
        match opened {
            Ok(Secrets { token: Some(token), .. }) => settings["token_ends_with"] = json!(token.ending()),
            Ok(_) => {}
            Err(error) => {
                health.error = Some(HealthError { code: "secret_closed".into(), detail: error.to_string() });
            }
        }
        Self {
            id: connection.id,
            project_id: connection.project_id,
            kind: connection.kind,
            title: connection.title,
            status: connection.status,
            settings,
            health,
        }
    }
}

/// Settings of a Telegram connection.
#[derive(Deserialize, Default, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TelegramSettings {
    /// From BotFather.
    token: Option<String>,
    /// Webhook or polling.
    mode: Option<Mode>,
    /// Another Bot API server than Telegram's own.
    base_url: Option<String>,
}

/// Connected channels of a project.
#[utoipa::path(get, path = "/api/v1/projects/{project_id}/connections", tag = "connections", params(("project_id" = String, Path)),
    responses((status = 200, body = ItemList<ConnectionInfo>)))]
pub(super) async fn list(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<ItemList<ConnectionInfo>>, ApiError> {
    let all = accounts.messaging.read(&principal.account_id, move |cx| {
        Box::pin(async move { connections::list(cx.tx, cx.account, &project).await })
    });
    let vault = accounts.messaging.env.vault();
    Ok(Json(ItemList::whole(all.await?.into_iter().map(|c| ConnectionInfo::of(c, vault)).collect())))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewConnection {
    /// `telegram`; every project has `site` and `api` from the start.
    kind: String,
    title: String,
    settings: TelegramSettings,
}

/// Connects a channel: checks the token first, then starts to receive.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/connections", tag = "connections", params(("project_id" = String, Path)),
    request_body = NewConnection, responses((status = 201, body = ConnectionInfo)))]
pub(super) async fn create(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<NewConnection>,
) -> Result<impl IntoResponse, ApiError> {
    if body.kind != "telegram" {
        return Err(ApiError::invalid("kind", "unknown_kind", "telegram"));
    }
    crate::projects::check_name(&body.title)?;
    let env = &accounts.messaging.env;
    let mut connection = Connection {
        account_id: principal.account_id.clone(),
        id: ConnectionId::new(env.ids()),
        project_id: project,
        kind: body.kind,
        title: body.title.trim().to_owned(),
        status: ConnectionStatus::Active,
        settings: json!({}),
        secrets: None,
        hook_path: Some(env.secret()),
        health: Health::default(),
        poll_offset: 0,
    };
    if body.settings.token.is_none() {
        return Err(ApiError::invalid("settings.token", "missing", "paste the token that BotFather gave you"));
    }
    apply(env, &mut connection, body.settings)?;
    let connection = save(&accounts, pollers::check(&accounts.messaging, connection).await?).await?;
    Ok((StatusCode::CREATED, Json(ConnectionInfo::of(connection, env.vault()))))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateConnection {
    title: Option<String>,
    /// `active` or `off`.
    status: Option<ConnectionStatus>,
    settings: Option<TelegramSettings>,
}

/// Changes a connection, or switches it on and off.
#[utoipa::path(patch, path = "/api/v1/projects/{project_id}/connections/{connection_id}", tag = "connections",
    params(("project_id" = String, Path), ("connection_id" = String, Path)), request_body = UpdateConnection,
    responses((status = 200, body = ConnectionInfo)))]
pub(super) async fn update(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConnectionId)>,
    ApiJson(body): ApiJson<UpdateConnection>,
) -> Result<Json<ConnectionInfo>, ApiError> {
    let mut connection = load(&accounts, &principal, &project, &ids.1).await?;
    if let Some(title) = body.title {
        crate::projects::check_name(&title)?;
        connection.title = title;
    }
    if let Some(status) = body.status {
        connection.status = if status == ConnectionStatus::Off { status } else { ConnectionStatus::Active };
    }
    let is_telegram = connection.kind == "telegram";
    if let Some(settings) = body.settings.filter(|_| is_telegram) {
        apply(&accounts.messaging.env, &mut connection, settings)?;
    }
    let is_checked = is_telegram && connection.status != ConnectionStatus::Off;
    let connection = if is_checked { pollers::check(&accounts.messaging, connection).await? } else { connection };
    let connection = save(&accounts, connection).await?;
    Ok(Json(ConnectionInfo::of(connection, accounts.messaging.env.vault())))
}

/// Disconnects a channel, with its contacts and conversations.
#[utoipa::path(delete, path = "/api/v1/projects/{project_id}/connections/{connection_id}", tag = "connections",
    params(("project_id" = String, Path), ("connection_id" = String, Path)), responses((status = 204, description = "Gone")))]
pub(super) async fn delete(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConnectionId)>,
) -> Result<StatusCode, ApiError> {
    let id = ids.1;
    let connection = load(&accounts, &principal, &project, &id).await?;
    if matches!(connection.kind.as_str(), "site" | "api") {
        return Err(ApiError::new(
            StatusCode::CONFLICT,
            "built_in",
            "every project has its site and API; switch it off instead",
        ));
    }
    let gone = accounts
        .messaging
        .write(&principal.account_id, move |cx| Box::pin(async move { connections::delete(cx, &project, &id).await }));
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Asks the channel how the connection does.
#[utoipa::path(post, path = "/api/v1/projects/{project_id}/connections/{connection_id}/check", tag = "connections",
    params(("project_id" = String, Path), ("connection_id" = String, Path)), responses((status = 200, body = ConnectionInfo)))]
pub(super) async fn check(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConnectionId)>,
) -> Result<Json<ConnectionInfo>, ApiError> {
    let connection = load(&accounts, &principal, &project, &ids.1).await?;
    let connection = match connection.kind.as_str() {
        "telegram" => save(&accounts, pollers::health_of(&accounts.messaging, connection).await).await?,
        _ => connection,
    };
    Ok(Json(ConnectionInfo::of(connection, accounts.messaging.env.vault())))
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ChannelKind {
    kind: &'static str,
    can_start: bool,
    window_hours: Option<u32>,
    max_text: usize,
    max_file: usize,
    buttons: bool,
    delivered: bool,
    read: bool,
}

/// What each kind of channel can do.
#[utoipa::path(get, path = "/api/v1/channel-kinds", tag = "connections", responses((status = 200, body = ItemList<ChannelKind>)))]
pub(super) async fn channel_kinds() -> Json<ItemList<ChannelKind>> {
    let kinds = capabilities::ALL.iter().map(|c| ChannelKind {
        kind: c.kind,
        can_start: c.can_start,
        window_hours: c.window_hours,
        max_text: c.max_text,
        max_file: c.max_file,
        buttons: c.has_buttons,
        delivered: c.tells_delivered,
        read: c.tells_read,
    });
    Json(ItemList::whole(kinds.collect()))
}

fn apply(env: &Env, connection: &mut Connection, settings: TelegramSettings) -> Result<(), ApiError> {
    if let Some(token) = settings.token {
        let token = token.trim();
        if !telegram::is_token(token) {
            return Err(ApiError::invalid(
                "settings.token",
                "wrong_form",
                "a token looks like 110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
            ));
        }
        // A new token replaces what does not open any more: this is the way out of a lost key.
        let old_hook = connection.open(env.vault()).ok().and_then(|secrets| secrets.hook);
        let hook = old_hook.unwrap_or_else(|| Secret::new(&env.secret()));
        connection.seal(env.vault(), &Secrets { token: Some(Secret::new(token)), hook: Some(hook) })?;
    }
    if let Some(mode) = settings.mode {
        connection.settings["mode"] = json!(mode);
    }
    if let Some(base_url) = settings.base_url {
        let base_url = base_url.trim().trim_end_matches('/');
        let is_default = base_url.is_empty() || base_url == PUBLIC_BASE_URL;
        if !is_default && !base_url.starts_with("https://") && !base_url.starts_with("http://") {
            return Err(ApiError::invalid("settings.base_url", "wrong_form", "an http or https address"));
        }
        connection.settings["base_url"] = if is_default { json!(PUBLIC_BASE_URL) } else { json!(base_url) };
    }
    Ok(())
}

async fn load(
    accounts: &Accounts,
    principal: &Principal,
    project: &ProjectId,
    id: &ConnectionId,
) -> Result<Connection, ApiError> {
    let (id, project) = (id.clone(), project.clone());
    let found = accounts.messaging.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let connection = connections::get(cx.tx, cx.account, &id).await?;
            if connection.project_id == project { Ok(connection) } else { Err(Refusal::NotFound) }
        })
    });
    Ok(found.await?)
}

async fn save(accounts: &Accounts, connection: Connection) -> Result<Connection, ApiError> {
    let (env, stored) = (accounts.messaging.env.clone(), connection.clone());
    let saved = accounts.messaging.db.write(connection.account_id.as_str(), move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &stored.account_id);
            connections::save(cx, &stored).await?;
            events::settings_changed(cx, &stored.project_id, "connections").await
        })
    });
    saved.await?;
    Ok(connection)
}
