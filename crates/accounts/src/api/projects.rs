//! Projects.

use crate::projects::demo::{self, Demo};
use crate::projects::{self, Appearance, Hours, ProjectInfo};
use crate::{Accounts, announcements, store};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use model::{ProjectId, Refusal};

use serde::{Deserialize, Serialize};

/// Projects the principal sees.
#[utoipa::path(get, operation_id = "list_projects", path = "/api/v1/projects",
    tag = "projects", params(ShortPageQuery), responses((status = 200, body = ItemList<ProjectInfo>)))]
pub(super) async fn list(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ProjectInfo>>, ApiError> {
    let all = accounts
        .messaging
        .read(&principal.account_id, move |cx| Box::pin(async move { projects::list(cx.tx, cx.account).await }));
    let seen = all.await?.into_iter().filter(|project| principal.sees(&project.id));
    Ok(Json(ItemList::cut(seen.collect(), &page, "projects", |project| project.id.to_string())?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewProject {
    name: String,
}

/// Makes a project with its built-in fields and its site.
#[utoipa::path(post, operation_id = "create_project", path = "/api/v1/projects",
    tag = "projects", request_body = NewProject, responses((status = 201, body = ProjectInfo)))]
pub(super) async fn create(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiJson(body): ApiJson<NewProject>,
) -> Result<impl IntoResponse, ApiError> {
    let by = principal.clone();
    let made = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let project = projects::create_project(cx, &body.name, false).await?;
            store::add_to_project(cx.tx, cx.account, &by.user_id(), &project.id).await?;
            Ok::<_, Refusal>(project)
        })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

/// One project.
#[utoipa::path(get, operation_id = "get_project", path = "/api/v1/projects/{project_id}",
    tag = "projects", params(("project_id" = String, Path)),
    responses((status = 200, body = ProjectInfo)))]
pub(super) async fn get(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<ProjectInfo>, ApiError> {
    let found = accounts.messaging.read(&principal.account_id, move |cx| {
        Box::pin(async move { projects::get_project(cx.tx, cx.account, &project).await })
    });
    Ok(Json(found.await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateProject {
    name: Option<String>,
    allowed_origins: Option<Vec<String>>,
    appearance: Option<Appearance>,
    /// Whoever answers a conversation that is nobody's takes it.
    answer_assigns: Option<bool>,
    /// Hours of buttons and auto-actions are of this zone: an IANA name.
    time_zone: Option<String>,
    /// Pages of the site tell who is on them.
    watch_visitors: Option<bool>,
    /// Operators see what a visitor types before it is sent; the widget says so.
    typing_preview: Option<bool>,
    /// When the team answers, in the project's zone; empty for no promise.
    working_hours: Option<Vec<Hours>>,
    /// How soon it answers, in minutes; null for no promise.
    #[serde(default, deserialize_with = "http_kit::given")]
    #[schema(value_type = Option<i64>)]
    reply_minutes: Option<Option<i64>>,
    /// A visitor may begin another conversation beside those of before, and chooses among them.
    several_conversations: Option<bool>,
    /// An operator may give a client a tag that is not in the project's list.
    free_tags: Option<bool>,
    /// What waits in a department is told to its people alone.
    told_by_department: Option<bool>,
}

/// Changes a project.
#[utoipa::path(patch, operation_id = "update_project", path = "/api/v1/projects/{project_id}",
    tag = "projects", params(("project_id" = String, Path)),
    request_body = UpdateProject, responses((status = 200, body = ProjectInfo)))]
pub(super) async fn update(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<UpdateProject>,
) -> Result<Json<ProjectInfo>, ApiError> {
    let changed = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let mut project = projects::get_project(cx.tx, cx.account, &project).await?;
            if let Some(name) = body.name {
                project.name = projects::clean_name("name", &name)?;
            }
            if let Some(origins) = body.allowed_origins {
                project.allowed_origins =
                    origins.iter().map(|origin| checked_origin(origin)).collect::<Result<_, _>>()?;
            }
            if let Some(appearance) = body.appearance {
                project.appearance = appearance.checked(cx, &project.id, "appearance").await?;
            }
            project.answer_assigns = body.answer_assigns.unwrap_or(project.answer_assigns);
            project.watch_visitors = body.watch_visitors.unwrap_or(project.watch_visitors);
            project.typing_preview = body.typing_preview.unwrap_or(project.typing_preview);
            project.several_conversations = body.several_conversations.unwrap_or(project.several_conversations);
            project.free_tags = body.free_tags.unwrap_or(project.free_tags);
            project.told_by_department = body.told_by_department.unwrap_or(project.told_by_department);
            if let Some(hours) = body.working_hours {
                projects::check_hours("working_hours", &hours)?;
                project.working_hours = hours;
            }
            if let Some(minutes) = body.reply_minutes {
                projects::check_reply_minutes(minutes)?;
                project.reply_minutes = minutes;
            }
            if let Some(zone) = body.time_zone {
                project.time_zone = checked_zone(zone)?;
            }
            projects::update(cx.tx, cx.account, &project).await?;
            projects::get_project(cx.tx, cx.account, &project.id).await
        })
    });
    Ok(Json(changed.await?))
}

fn checked_zone(zone: String) -> Result<String, Refusal> {
    match jiff::tz::TimeZone::get(&zone) {
        Ok(known) => Ok(known.iana_name().map_or(zone, str::to_owned)),
        Err(_) => Err(Refusal::invalid("time_zone", "bad_time_zone", "a time zone like Europe/Moscow")),
    }
}

/// An origin as browsers send it: scheme and host, perhaps a port, nothing after.
fn checked_origin(text: &str) -> Result<String, Refusal> {
    let text = text.trim().trim_end_matches('/').to_lowercase();
    let host = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://")).unwrap_or_default();
    let is_host = !host.is_empty()
        && host.len() <= 260
        && host.bytes().all(|b| b.is_ascii_alphanumeric() || b".-:[]".contains(&b));
    if is_host {
        Ok(text)
    } else {
        Err(Refusal::invalid("allowed_origins", "wrong_form", "an origin like https://shop.ru"))
    }
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct DemoGone {
    projects: u64,
}

/// Removes every demo project of the account at once.
#[utoipa::path(delete, operation_id = "delete_demo", path = "/api/v1/demo", tag = "projects", responses((status = 200, body = DemoGone)))]
pub(super) async fn delete_demo(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<Json<DemoGone>, ApiError> {
    let gone = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let gone = projects::delete_demo(cx.tx, cx.account).await?;
            announcements::forget_orphans(cx.tx, cx.account).await?;
            Ok::<_, Refusal>(gone)
        })
    });
    Ok(Json(DemoGone { projects: gone.await? }))
}

/// Demo data of the account: the projects that hold them, and the job that fills the newest.
#[utoipa::path(get, operation_id = "get_demo", path = "/api/v1/demo", tag = "projects", responses((status = 200, body = Demo)))]
pub(super) async fn get_demo(State(accounts): State<Accounts>, principal: Principal) -> Result<Json<Demo>, ApiError> {
    let found = accounts.messaging.read(&principal.account_id, |cx| Box::pin(async move { demo::demo(cx).await }));
    Ok(Json(found.await?))
}

/// Switches demo data on: a project of its own that a job fills. Asked again, it answers what stands.
#[utoipa::path(post, operation_id = "create_demo", path = "/api/v1/demo", tag = "projects", responses((status = 202, body = Demo)))]
pub(super) async fn create_demo(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<impl IntoResponse, ApiError> {
    let (user, by) = (principal.user_id(), principal.id().to_string());
    let made = accounts
        .messaging
        .write(&principal.account_id, move |cx| Box::pin(async move { demo::make_demo(cx, &user, &by).await }));
    Ok((StatusCode::ACCEPTED, Json(made.await?)))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct DemoName {
    /// The name of the project, typed by whoever removes it.
    #[serde(default)]
    name: String,
}

/// Switches demo data off: this demo project goes with everything that was made for it. No other project is touched.
#[utoipa::path(delete, operation_id = "delete_demo_project", path = "/api/v1/demo/{demo_project_id}", tag = "projects",
    params(("demo_project_id" = String, Path), DemoName),
    responses((status = 204), (status = 409, description = "`demo_is_being_made`: cancel its job, and it is taken back")))]
pub(super) async fn delete_demo_project(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<ProjectId>,
    ApiQuery(typed): ApiQuery<DemoName>,
) -> Result<StatusCode, ApiError> {
    let gone = accounts
        .messaging
        .write(&principal.account_id, move |cx| Box::pin(async move { demo::remove_demo(cx, &id, &typed.name).await }));
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The secret that signs identity tokens.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct IdentitySecret {
    /// For the site's own server only: never in a page.
    secret: String,
}

/// The secret a site's server signs identity tokens with (HS256, `sub`, `exp` at most 24 hours).
#[utoipa::path(get, operation_id = "get_identity_secret", path = "/api/v1/projects/{project_id}/identity-secret", tag = "projects",
    params(("project_id" = String, Path)), responses((status = 200, body = IdentitySecret)))]
pub(super) async fn identity_secret(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<IdentitySecret>, ApiError> {
    let found = accounts.messaging.read(&principal.account_id, move |cx| {
        Box::pin(async move { projects::get_project(cx.tx, cx.account, &project).await })
    });
    let secret = projects::identity_secret(&accounts.messaging.env, &found.await?)?;
    Ok(Json(IdentitySecret { secret: secret.expose().to_owned() }))
}

/// Makes a new secret: tokens signed with the old one are refused at once.
#[utoipa::path(post, operation_id = "rotate_identity_secret", path = "/api/v1/projects/{project_id}/identity-secret/rotate",
    tag = "projects",
    params(("project_id" = String, Path)), responses((status = 200, body = IdentitySecret)))]
pub(super) async fn rotate_identity_secret(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<IdentitySecret>, ApiError> {
    let made = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move { projects::rotate_identity_secret(cx, &project).await })
    });
    Ok(Json(IdentitySecret { secret: made.await?.expose().to_owned() }))
}
