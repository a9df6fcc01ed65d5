//! Client fields (Поля).

use crate::fields::{self as archive, ArchivedField};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::fields::{self, Field};
use messaging::multi_contacts::Rule;
use messaging::{Messaging, multi_contacts};
use model::{FieldKind, Refusal};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// Fields of a project in the operator's order.
#[utoipa::path(get, operation_id = "list_fields", path = "/api/v1/projects/{project_id}/fields",
    tag = "fields", params(("project_id" = String, Path), ShortPageQuery),
    responses((status = 200, body = ItemList<Field>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Field>>, ApiError> {
    let all = service
        .read(&principal.account_id, move |cx| Box::pin(async move { fields::all(cx.tx, cx.account, &project).await }));
    Ok(Json(ItemList::cut(all.await?, &page, "fields", |field| field.key.clone())?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewField {
    /// 1 to 50 of `a-z 0-9 _`, beginning with a letter.
    key: String,
    title: String,
    kind: FieldKind,
    #[serde(default)]
    options: Vec<String>,
    #[serde(default)]
    show_when_empty: bool,
    #[serde(default)]
    multi: bool,
    #[serde(default)]
    required: bool,
    #[serde(default)]
    read_only: bool,
    #[serde(default)]
    exclusive: bool,
}

/// Adds a field of the company's own.
#[utoipa::path(post, operation_id = "create_field", path = "/api/v1/projects/{project_id}/fields",
    tag = "fields", params(("project_id" = String, Path)),
    request_body = NewField, responses((status = 201, body = Field)))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<NewField>,
) -> Result<impl IntoResponse, ApiError> {
    check_key(&new.key)?;
    check_title(&new.title)?;
    fields::check_options(new.kind, &new.options).map_err(|problem| Refusal::Invalid(vec![problem]))?;
    let made = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            events::lock(cx.tx, cx.account).await?;
            let known = fields::all(cx.tx, cx.account, &project).await?;
            if known.iter().any(|field| field.key == new.key) {
                return Err(Refusal::invalid("key", "taken", "there is a field with this key"));
            }
            let field = Field {
                key: new.key,
                title: new.title.trim().to_owned(),
                kind: new.kind,
                options: new.options,
                position: known.iter().map(|field| field.position + 1).max().unwrap_or(0),
                show_when_empty: new.show_when_empty,
                multi: new.multi,
                required: new.required,
                read_only: new.read_only,
                exclusive: new.exclusive,
                built_in: false,
                hidden: false,
            };
            fields::save(cx.tx, cx.account, &project, &field).await?;
            events::settings_changed(cx, &project, "fields").await?;
            Ok(field)
        })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateField {
    title: Option<String>,
    options: Option<Vec<String>>,
    show_when_empty: Option<bool>,
    multi: Option<bool>,
    required: Option<bool>,
    read_only: Option<bool>,
    exclusive: Option<bool>,
    hidden: Option<bool>,
}

/// Changes a field; its key and kind stay.
#[utoipa::path(patch, operation_id = "update_field", path = "/api/v1/projects/{project_id}/fields/{key}", tag = "fields",
    params(("project_id" = String, Path), ("key" = String, Path)), request_body = UpdateField, responses((status = 200, body = Field)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(names): ApiPath<(String, String)>,
    ApiJson(body): ApiJson<UpdateField>,
) -> Result<Json<Field>, ApiError> {
    if let Some(title) = &body.title {
        check_title(title)?;
    }
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let known = fields::all(cx.tx, cx.account, &project).await?;
            let field = known.into_iter().find(|field| field.key == names.1).ok_or(Refusal::NotFound)?;
            if let Some(options) = &body.options {
                fields::check_options(field.kind, options).map_err(|problem| Refusal::Invalid(vec![problem]))?;
            }
            let field = Field {
                title: body.title.unwrap_or(field.title),
                options: body.options.unwrap_or(field.options),
                show_when_empty: body.show_when_empty.unwrap_or(field.show_when_empty),
                multi: body.multi.unwrap_or(field.multi),
                required: body.required.unwrap_or(field.required),
                read_only: body.read_only.unwrap_or(field.read_only),
                exclusive: body.exclusive.unwrap_or(field.exclusive),
                hidden: body.hidden.unwrap_or(field.hidden),
                ..field
            };
            fields::save(cx.tx, cx.account, &project, &field).await?;
            events::settings_changed(cx, &project, "fields").await?;
            Ok::<_, Refusal>(field)
        })
    });
    Ok(Json(changed.await?))
}

/// Deletes an own field; it and its values go to the archive. A field that a rule uses stays.
#[utoipa::path(delete, operation_id = "delete_field", path = "/api/v1/projects/{project_id}/fields/{key}", tag = "fields",
    params(("project_id" = String, Path), ("key" = String, Path)),
    responses((status = 204, description = "Gone"), (status = 409, description = "Built in, or used by a rule")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(names): ApiPath<(String, String)>,
) -> Result<StatusCode, ApiError> {
    let by = principal.id().to_owned();
    let gone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            // Nobody may save a rule with it meanwhile.
            events::lock(cx.tx, cx.account).await?;
            let known = fields::all(cx.tx, cx.account, &project).await?;
            let field = known.into_iter().find(|field| field.key == names.1).ok_or(Refusal::NotFound)?;
            let conflict = |code, detail: &str| Err(Refusal::Conflict { code, detail: detail.to_owned() });
            if field.built_in {
                return conflict("built_in", "a built-in field can be hidden, not deleted");
            }
            let rules = multi_contacts::list_rules(cx.tx, cx.account, &project).await?;
            if rules.iter().any(|rule| rule.fields.contains(&field.key)) {
                return conflict("in_use", "a multi-contact rule uses this field: change the rule first");
            }
            archive::archive(cx, &project, &field, Some(&by)).await
        })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Deleted fields, the last first.
#[utoipa::path(get, operation_id = "list_archived_fields", path = "/api/v1/projects/{project_id}/archived-fields", tag = "fields",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<ArchivedField>)))]
pub(super) async fn archived(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ArchivedField>>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { archive::archived(cx.tx, cx.account, &project).await })
    });
    Ok(Json(ItemList::cut(found.await?, &page, "archived_fields", |one| one.field.key.clone())?))
}

/// Brings a deleted field back with the values it held.
#[utoipa::path(post, operation_id = "restore_archived_field", path = "/api/v1/projects/{project_id}/archived-fields/{key}/restore",
    tag = "fields",
    params(("project_id" = String, Path), ("key" = String, Path)),
    responses((status = 200, body = Field), (status = 409, description = "Another field has this key")))]
pub(super) async fn restore(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(names): ApiPath<(String, String)>,
) -> Result<Json<Field>, ApiError> {
    let by = principal.id().to_owned();
    let restored = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { archive::restore(cx, &project, &names.1, Some(&by)).await })
    });
    Ok(Json(restored.await?))
}

/// Where a field is used: shown before it is deleted.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Usage {
    /// Multi-contact rules that compare it.
    rules: Vec<Rule>,
    /// Values it holds.
    values: i64,
    /// Contacts that hold one.
    contacts: i64,
}

/// Where a field is used.
#[utoipa::path(get, operation_id = "get_field_usage", path = "/api/v1/projects/{project_id}/fields/{key}/usage", tag = "fields",
    params(("project_id" = String, Path), ("key" = String, Path)), responses((status = 200, body = Usage)))]
pub(super) async fn usage(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(names): ApiPath<(String, String)>,
) -> Result<Json<Usage>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let known = fields::all(cx.tx, cx.account, &project).await?;
            let field = known.into_iter().find(|field| field.key == names.1).ok_or(Refusal::NotFound)?;
            let mut rules = multi_contacts::list_rules(cx.tx, cx.account, &project).await?;
            rules.retain(|rule| rule.fields.contains(&field.key));
            let (values, contacts) = fields::count_values(cx.tx, cx.account, &project, &field.key).await?;
            Ok::<_, Refusal>(Usage { rules, values, contacts })
        })
    });
    Ok(Json(found.await?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Order {
    /// Every field's key, in the new order.
    keys: Vec<String>,
}

/// Puts the fields in another order (R53).
#[utoipa::path(put, operation_id = "order_fields", path = "/api/v1/projects/{project_id}/fields/order",
    tag = "fields", params(("project_id" = String, Path)),
    request_body = Order, responses((status = 200, body = ItemList<Field>)))]
pub(super) async fn order(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(order): ApiJson<Order>,
) -> Result<Json<ItemList<Field>>, ApiError> {
    let ordered = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let known = fields::all(cx.tx, cx.account, &project).await?;
            let mut wanted = order.keys.clone();
            wanted.sort();
            wanted.dedup();
            let is_complete = wanted.len() == order.keys.len() && wanted.len() == known.len();
            if !is_complete || !known.iter().all(|field| order.keys.contains(&field.key)) {
                return Err(Refusal::invalid("keys", "not_all", "name every field of the project once"));
            }
            for field in known {
                let place = order.keys.iter().position(|key| *key == field.key).unwrap_or(0);
                let position = i64::try_from(place).unwrap_or(0);
                fields::save(cx.tx, cx.account, &project, &Field { position, ..field }).await?;
            }
            events::settings_changed(cx, &project, "fields").await?;
            fields::all(cx.tx, cx.account, &project).await
        })
    });
    Ok(Json(ItemList::whole(ordered.await?)))
}

fn check_key(key: &str) -> Result<(), ApiError> {
    let starts_well = key.bytes().next().is_some_and(|b| b.is_ascii_lowercase());
    let is_plain = key.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
    if starts_well && is_plain && key.len() <= 50 {
        return Ok(());
    }
    Err(ApiError::invalid("key", "wrong_form", "1 to 50 of a-z, 0-9 and _, beginning with a letter"))
}

fn check_title(title: &str) -> Result<(), ApiError> {
    let length = title.trim().chars().count();
    if (1..=80).contains(&length) {
        Ok(())
    } else {
        Err(ApiError::invalid("title", "wrong_form", "1 to 80 characters"))
    }
}
