//! Connected channels (Каналы).

use crate::Accounts;
use crate::announcements::{self, PlannedWork};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use channels::{EmailSettings, OwnSettings, Secrets, TelegramSettings, YoulaSettings};
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use messaging::connections::{self, Connection, ConnectionChange, ConnectionStatus, Health, HealthError};
use model::{ChannelKind, ConnectionId, ProjectId, Refusal};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

/// A connection as administrators see it: of its token the last four characters.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ConnectionInfo {
    id: ConnectionId,
    project_id: ProjectId,
    kind: ChannelKind,
    title: String,
    status: ConnectionStatus,
    #[schema(value_type = Object)]
    settings: Value,
    health: Health,
    /// Work on it that was announced and goes on or lies ahead. It stops nothing: what is sent meanwhile waits.
    planned: Option<PlannedWork>,
    /// Where the other side of a bridge calls us.
    #[serde(skip_serializing_if = "Option::is_none")]
    hook_url: Option<String>,
    /// A secret that was just made: it is shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    secret: Option<String>,
}

impl ConnectionInfo {
    /// A token that does not open leaves the rest to be seen, and says so where the health is shown.
    fn of(connection: Connection, planned: Option<PlannedWork>, service: &Messaging) -> Self {
        let opened = connection.open(service.env.vault());
        let adapter = channels::adapter(connection.kind);
        let is_bridge = adapter.capabilities().is_bridge;
        let path = connection.hook_path.as_deref().filter(|_| is_bridge);
        let hook_url = path.map(|path| format!("{}/hooks/{}/{path}", service.settings.public_url, connection.kind));
        let (mut settings, mut health) = (connection.settings, connection.health);
        match opened {
            Ok(Secrets { token: Some(token), .. }) if !adapter.has_password() => {
                settings["token_ends_with"] = json!(token.ending());
            }
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
            planned,
            hook_url,
            secret: None,
        }
    }
}

/// What is asked of each kind of channel.
#[derive(utoipa::ToSchema)]
#[schema(as = ConnectionSettings)]
#[allow(dead_code)] // Described here, read by the kind's adapter.
#[serde(untagged)]
enum Settings {
    Telegram(TelegramSettings),
    Email(EmailSettings),
    Youla(YoulaSettings),
    Own(OwnSettings),
}

/// Connected channels of a project.
#[utoipa::path(get, operation_id = "list_connections", path = "/api/v1/projects/{project_id}/connections",
    tag = "connections", params(("project_id" = String, Path), ShortPageQuery),
    responses((status = 200, body = ItemList<ConnectionInfo>)))]
pub(super) async fn list(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ConnectionInfo>>, ApiError> {
    let all = accounts.messaging.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let mut all = Vec::new();
            for connection in connections::list(cx.tx, cx.account, &project).await? {
                let planned = announcements::planned(cx, &connection.id, connection.kind).await?;
                all.push((connections::with_traffic(cx.tx, connection).await?, planned));
            }
            Ok::<_, Refusal>(all)
        })
    });
    let infos = all
        .await?
        .into_iter()
        .map(|(connection, planned)| ConnectionInfo::of(connection, planned, &accounts.messaging));
    Ok(Json(ItemList::cut(infos.collect(), &page, "connections", |info| info.id.to_string())?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewConnection {
    /// `telegram`, `email`, `youla`, `own`; every project has `site` and `api` from the start.
    kind: ChannelKind,
    title: String,
    #[schema(value_type = Settings)]
    settings: Value,
}

/// Connects a channel: checks the token first, then starts to receive.
#[utoipa::path(post, operation_id = "create_connection", path = "/api/v1/projects/{project_id}/connections",
    tag = "connections", params(("project_id" = String, Path)),
    request_body = NewConnection, responses((status = 201, body = ConnectionInfo)))]
pub(super) async fn create(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<NewConnection>,
) -> Result<impl IntoResponse, ApiError> {
    let title = crate::projects::clean_name("title", &body.title)?;
    let new = connections::NewConnection { project_id: project, kind: body.kind, title, settings: body.settings };
    let service = &accounts.messaging;
    let (connection, issued) = connections::connect(service, &principal.account_id, new).await?;
    let info = ConnectionInfo { secret: issued, ..ConnectionInfo::of(connection, None, service) };
    Ok((StatusCode::CREATED, Json(info)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateConnection {
    title: Option<String>,
    /// `active` or `off`.
    status: Option<ConnectionStatus>,
    #[schema(value_type = Option<Settings>)]
    settings: Option<Value>,
}

/// Changes a connection, or switches it on and off.
#[utoipa::path(patch, operation_id = "update_connection", path = "/api/v1/projects/{project_id}/connections/{connection_id}",
    tag = "connections",
    params(("project_id" = String, Path), ("connection_id" = String, Path)), request_body = UpdateConnection,
    responses((status = 200, body = ConnectionInfo)))]
pub(super) async fn update(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConnectionId)>,
    ApiJson(body): ApiJson<UpdateConnection>,
) -> Result<Json<ConnectionInfo>, ApiError> {
    let (connection, planned) = load(&accounts, &principal, &project, &ids.1).await?;
    let title = body.title.map(|title| crate::projects::clean_name("title", &title)).transpose()?;
    let change = ConnectionChange { title, status: body.status, settings: body.settings };
    let (connection, issued) = connections::change(&accounts.messaging, connection, change).await?;
    Ok(Json(ConnectionInfo { secret: issued, ..ConnectionInfo::of(connection, planned, &accounts.messaging) }))
}

/// Disconnects a channel, with its contacts and conversations.
#[utoipa::path(delete, operation_id = "delete_connection", path = "/api/v1/projects/{project_id}/connections/{connection_id}",
    tag = "connections",
    params(("project_id" = String, Path), ("connection_id" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 409, description = "`built_in`: every project has its site and API")))]
pub(super) async fn delete(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConnectionId)>,
) -> Result<StatusCode, ApiError> {
    let id = ids.1;
    let (connection, _) = load(&accounts, &principal, &project, &id).await?;
    if channels::adapter(connection.kind).capabilities().is_built_in {
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
#[utoipa::path(post, operation_id = "check_connection", path = "/api/v1/projects/{project_id}/connections/{connection_id}/check",
    tag = "connections",
    params(("project_id" = String, Path), ("connection_id" = String, Path)), responses((status = 200, body = ConnectionInfo)))]
pub(super) async fn check(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConnectionId)>,
) -> Result<Json<ConnectionInfo>, ApiError> {
    let (connection, planned) = load(&accounts, &principal, &project, &ids.1).await?;
    let connection = connections::check_now(&accounts.messaging, connection).await?;
    Ok(Json(ConnectionInfo::of(connection, planned, &accounts.messaging)))
}

#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = ChannelKindInfo)]
pub(super) struct KindInfo {
    kind: ChannelKind,
    can_start: bool,
    window_hours: Option<u32>,
    max_text: usize,
    max_file: usize,
    buttons: bool,
    delivered: bool,
    read: bool,
}

/// What each kind of channel can do.
#[utoipa::path(get, operation_id = "list_channel_kinds", path = "/api/v1/channel-kinds",
    tag = "connections", params(ShortPageQuery), responses((status = 200, body = ItemList<KindInfo>)))]
pub(super) async fn channel_kinds(
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<KindInfo>>, ApiError> {
    let kinds = ChannelKind::ALL.iter().map(|kind| channels::adapter(*kind).capabilities()).map(|c| KindInfo {
        kind: c.kind,
        can_start: c.can_start,
        window_hours: c.window_hours,
        max_text: c.max_text,
        max_file: c.max_file,
        buttons: c.has_buttons,
        delivered: c.tells_delivered,
        read: c.tells_read,
    });
    Ok(Json(ItemList::cut(kinds.collect(), &page, "channel_kinds", |info| info.kind.to_string())?))
}

async fn load(
    accounts: &Accounts,
    principal: &Principal,
    project: &ProjectId,
    id: &ConnectionId,
) -> Result<(Connection, Option<PlannedWork>), ApiError> {
    let (id, project) = (*id, *project);
    let found = accounts.messaging.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let connection = connections::get(cx.tx, cx.account, &id).await?;
            if connection.project_id != project {
                return Err(Refusal::NotFound);
            }
            let planned = announcements::planned(cx, &id, connection.kind).await?;
            Ok((connections::with_traffic(cx.tx, connection).await?, planned))
        })
    });
    Ok(found.await?)
}
