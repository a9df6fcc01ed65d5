//! Multi-contact settings and decided values.

use crate::multi_contacts::{self as groups, Conflict, Draft, SettingsChange, State as ValueWord, ValueState};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use http_kit::{ApiError, ApiJson, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use messaging::multi_contacts::{self as core, ProjectSettings, log::ChangeKind};
use model::Refusal;
use serde::Deserialize;
use std::sync::Arc;

/// Multi-contact settings of a project.
#[utoipa::path(get, operation_id = "get_multi_contact_settings", path = "/api/v1/projects/{project_id}/multi-contact-settings",
    tag = "multi-contacts",
    params(("project_id" = String, Path)), responses((status = 200, body = ProjectSettings)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<ProjectSettings>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { core::settings(cx.tx, cx.account, &project).await })
    });
    Ok(Json(found.await?))
}

/// Changes the settings and applies them to everybody.
#[utoipa::path(patch, operation_id = "update_multi_contact_settings", path = "/api/v1/projects/{project_id}/multi-contact-settings",
    tag = "multi-contacts",
    params(("project_id" = String, Path)), request_body = SettingsChange, responses((status = 200, body = ProjectSettings)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(change): ApiJson<SettingsChange>,
) -> Result<Json<ProjectSettings>, ApiError> {
    let by = principal.id().to_string();
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let draft = Draft::begin(cx.tx, cx.env, cx.account, &project).await?;
            let settings = change.over(core::settings(cx.tx, cx.account, &project).await?);
            groups::save_settings(cx.tx, cx.account, &project, &settings).await?;
            draft.finish(cx.tx, ChangeKind::Settings, Some(&by), None).await?;
            Ok::<_, Refusal>(settings)
        })
    });
    Ok(Json(changed.await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ValuesQuery {
    /// Words of `suspended,blocked,allowed`; all when missing.
    state: Option<String>,
    /// Rows at most; 200 when missing.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Values that are suspended, blocked or allowed.
#[utoipa::path(get, operation_id = "list_values", path = "/api/v1/projects/{project_id}/multi-contact-values", tag = "multi-contacts",
    params(("project_id" = String, Path), ValuesQuery), responses((status = 200, body = ItemList<ValueState>)))]
pub(super) async fn values(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ValuesQuery>,
) -> Result<Json<ItemList<ValueState>>, ApiError> {
    let page = ShortPageQuery { limit: query.limit, cursor: query.cursor };
    let wanted = query.state.unwrap_or_else(|| "suspended,blocked,allowed".to_owned());
    let words: Vec<ValueWord> = wanted.split(',').map(word).collect::<Result<_, _>>()?;
    let all = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { groups::list_values(cx.tx, cx.account, &project).await })
    });
    let found = all.await?.into_iter().filter(|value| words.contains(&value.state)).collect();
    let key = |one: &ValueState| format!("{:?} {:?} {:?} {}", one.state, one.guard, one.field, one.value);
    Ok(Json(ItemList::cut(found, &page, "values", key)?))
}

/// What an administrator should look at and decide.
#[utoipa::path(get, operation_id = "list_conflicts", path = "/api/v1/projects/{project_id}/multi-contact-conflicts", tag = "multi-contacts",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Conflict>)))]
pub(super) async fn conflicts(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Conflict>>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { groups::conflicts(cx.tx, cx.account, &project).await })
    });
    Ok(Json(ItemList::cut(found.await?, &page, "conflicts", conflict_key)?))
}

fn conflict_key(conflict: &Conflict) -> String {
    match conflict {
        Conflict::Exclusive { group_id, field, .. } => format!("exclusive {group_id} {field}"),
        Conflict::TooLarge { group_id, .. } => format!("too large {group_id}"),
        Conflict::UnlinkOverruled { override_id, contact } => format!("overruled {override_id} {}", contact.id),
    }
}

fn word(text: &str) -> Result<ValueWord, ApiError> {
    match text {
        "suspended" => Ok(ValueWord::Suspended),
        "blocked" => Ok(ValueWord::Blocked),
        "allowed" => Ok(ValueWord::Allowed),
        _ => Err(ApiError::invalid("state", "wrong_form", "suspended, blocked, allowed")),
    }
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct DecidedValue {
    field: String,
    /// In any spelling.
    value: String,
    /// `blocked` or `allowed`; for deletion both when missing.
    state: Option<ValueWord>,
}

/// Blocks a value, or lifts its limit.
#[utoipa::path(post, operation_id = "decide_value", path = "/api/v1/projects/{project_id}/multi-contact-values", tag = "multi-contacts",
    params(("project_id" = String, Path)), request_body = DecidedValue, responses((status = 204, description = "Done")))]
pub(super) async fn decide_value(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<DecidedValue>,
) -> Result<StatusCode, ApiError> {
    let is_blocked = match body.state {
        Some(ValueWord::Blocked) => true,
        Some(ValueWord::Allowed) => false,
        Some(ValueWord::Suspended) | None => {
            return Err(ApiError::invalid("state", "wrong_form", "blocked or allowed"));
        }
    };
    let by = principal.id().to_string();
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let draft = Draft::begin(cx.tx, cx.env, cx.account, &project).await?;
            groups::set_value_state(cx, &project, &body.field, &body.value, is_blocked, Some(&by)).await?;
            draft.finish(cx.tx, ChangeKind::Value, Some(&by), None).await
        })
    });
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Takes a decision about a value back.
#[utoipa::path(delete, operation_id = "forget_value", path = "/api/v1/projects/{project_id}/multi-contact-values", tag = "multi-contacts",
    params(("project_id" = String, Path)), request_body = DecidedValue, responses((status = 204, description = "Taken back")))]
pub(super) async fn forget_value(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<DecidedValue>,
) -> Result<StatusCode, ApiError> {
    let is_blocked = body.state.map(|state| state == ValueWord::Blocked);
    let by = principal.id().to_string();
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let draft = Draft::begin(cx.tx, cx.env, cx.account, &project).await?;
            groups::unset_value_state(cx.tx, cx.account, &project, &body.field, &body.value, is_blocked).await?;
            draft.finish(cx.tx, ChangeKind::Value, Some(&by), None).await
        })
    });
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}
