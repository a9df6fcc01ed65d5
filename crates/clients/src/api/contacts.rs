//! Contacts.

use crate::erase;
use ::jobs::project::ProjectJob;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use db::Cursor;
use http_kit::{Actor, ApiError, ApiJson, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project, ShortPageQuery};
use messaging::contacts::values::Giver;
use messaging::contacts::{self, ContactFilter, NewContact, values};
use messaging::{Messaging, connections, fields as field_list};
use model::{ChannelKind, Contact, ContactId, PastValue, Refusal, ValueSource};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;
use std::sync::Arc;

/// Later than any moment: where a list begins.
pub(super) const FIRST: (i64, ContactId) = (i64::MAX, ContactId::from_bits(0));

/// A contact with its presence.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ContactInfo {
    #[serde(flatten)]
    contact: Contact,
    /// Has the site open now.
    online: bool,
}

/// Which contacts a list shows.
#[derive(Default)]
pub(super) struct FilterQuery {
    /// Words to find in names, handles and values.
    pub(super) q: Option<String>,
    /// Kind of the channel.
    pub(super) channel: Option<String>,
    /// Tag.
    pub(super) tag: Option<String>,
    /// Key of a field that holds `value`, or anything at all without one.
    pub(super) field: Option<String>,
    /// Value of that field, compared as rules compare.
    pub(super) value: Option<String>,
}

impl FilterQuery {
    pub(super) fn filter(self, before: (i64, ContactId), limit: i64) -> ContactFilter {
        ContactFilter {
            words: self.q.unwrap_or_default(),
            channel: self.channel.unwrap_or_default(),
            tag: self.tag.unwrap_or_default(),
            field: self.field.unwrap_or_default(),
            value: self.value.unwrap_or_default().trim().to_owned(),
            before,
            limit,
        }
    }
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Words to find in names, handles and values.
    q: Option<String>,
    /// Kind of the channel.
    channel: Option<String>,
    /// Tag.
    tag: Option<String>,
    /// Key of a field that holds `value`, or anything at all without one.
    field: Option<String>,
    /// Value of that field, compared as rules compare.
    value: Option<String>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Contacts of a project, last seen first.
#[utoipa::path(get, operation_id = "list_contacts", path = "/api/v1/projects/{project_id}/contacts", tag = "contacts",
    params(("project_id" = String, Path), ListQuery), responses((status = 200, body = ItemList<ContactInfo>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<ItemList<ContactInfo>>, ApiError> {
    let ListQuery { q, channel, tag, field, value, limit, cursor } = query;
    let page = PageQuery { limit, cursor };
    let (limit, before) = (page.limit()?, page.before_moment()?.unwrap_or(FIRST));
    let filter = FilterQuery { q, channel, tag, field, value }.filter(before, limit + 1);
    let hub = service.hub.account(&principal.account_id).await?;
    let rows = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { contacts::list(cx.tx, cx.account, &project, &filter).await })
    });
    let cursor_of = |c: &Contact| Cursor(vec![c.last_seen_at.0.to_string(), c.id.to_string()]);
    let mut page = ItemList::page(rows.await?, limit, cursor_of);
    hub.lookalikes(&service.db).await.mark_contacts(&mut page.items);
    let items =
        page.items.into_iter().map(|contact| ContactInfo { online: hub.is_visitor_online(&contact.id), contact });
    Ok(Json(ItemList { items: items.collect(), next_cursor: page.next_cursor }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewApiContact {
    /// `api`.
    channel: String,
    external_id: String,
    /// Value, list of values or null by field.
    #[serde(default)]
    #[schema(value_type = Object)]
    fields: BTreeMap<String, Value>,
}

/// Makes a contact of the project's API connection; a known external id is updated instead (200).
#[utoipa::path(post, operation_id = "create_contact", path = "/api/v1/projects/{project_id}/contacts",
    tag = "contacts", params(("project_id" = String, Path)),
    request_body = NewApiContact, responses((status = 201, body = ContactInfo), (status = 200, body = ContactInfo)))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<NewApiContact>,
) -> Result<impl IntoResponse, ApiError> {
    if body.channel != "api" {
        return Err(ApiError::invalid(
            "channel",
            "wrong_form",
            "contacts of other channels make themselves by writing",
        ));
    }
    if body.external_id.is_empty() || body.external_id.len() > 200 || body.external_id.contains('\0') {
        return Err(ApiError::invalid("external_id", "wrong_form", "1 to 200 characters"));
    }
    let given = values::given_from_json(&body.fields)?;
    let giver = giver_of(&principal);
    let made = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let api = connections::of_kind(cx.tx, cx.account, &project, ChannelKind::Api).await?;
            let new = NewContact {
                project_id: project,
                connection_id: api.id,
                channel: api.kind,
                handle: Some(body.external_id.clone()),
                external_id: body.external_id,
                address: None,
                name: None,
                demo: false,
            };
            let known = contacts::upsert(cx, &new).await?;
            values::set(cx, &project, &known.id, &given, &giver).await?;
            Ok::<_, Refusal>((contacts::get(cx.tx, cx.account, &known.id).await?, known.is_new))
        })
    });
    let (mut contact, is_new) = made.await?;
    let hub = service.hub.account(&principal.account_id).await?;
    hub.lookalikes(&service.db).await.mark_contact(&mut contact);
    let status = if is_new { StatusCode::CREATED } else { StatusCode::OK };
    Ok((status, Json(ContactInfo { contact, online: false })))
}

/// One contact.
#[utoipa::path(get, operation_id = "get_contact", path = "/api/v1/projects/{project_id}/contacts/{contact_id}", tag = "contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path)), responses((status = 200, body = ContactInfo)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
) -> Result<Json<ContactInfo>, ApiError> {
    let hub = service.hub.account(&principal.account_id).await?;
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { contacts::get_in(cx.tx, cx.account, &project, &ids.1).await })
    });
    let mut contact = found.await?;
    hub.lookalikes(&service.db).await.mark_contact(&mut contact);
    Ok(Json(ContactInfo { online: hub.is_visitor_online(&contact.id), contact }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateContact {
    /// Value, list of values or null by field; a missing field stays.
    #[schema(value_type = Object)]
    #[serde(default)]
    fields: BTreeMap<String, Value>,
    /// All tags of the contact from now on; missing leaves them.
    tags: Option<Vec<String>>,
}

/// Changes values and tags of a contact.
#[utoipa::path(patch, operation_id = "update_contact", path = "/api/v1/projects/{project_id}/contacts/{contact_id}", tag = "contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path)), request_body = UpdateContact,
    responses((status = 200, body = ContactInfo)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiJson(body): ApiJson<UpdateContact>,
) -> Result<Json<ContactInfo>, ApiError> {
    let given = values::given_from_json(&body.fields)?;
    let giver = giver_of(&principal);
    let hub = service.hub.account(&principal.account_id).await?;
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let before = contacts::get_in(cx.tx, cx.account, &project, &ids.1).await?;
            if giver.source == ValueSource::Operator {
                refuse_read_only(&field_list::all(cx.tx, cx.account, &project).await?, &given)?;
                let added = body.tags.iter().flatten().filter(|tag| !before.tags.contains(tag));
                let added: Vec<String> = added.cloned().collect();
                messaging::tags::refuse_unlisted(cx, &project, "tags", &added).await?;
            }
            values::set(cx, &project, &ids.1, &given, &giver).await?;
            if let Some(tags) = &body.tags {
                contacts::set_tags(cx, &project, &ids.1, tags).await?;
            }
            contacts::get(cx.tx, cx.account, &ids.1).await
        })
    });
    let mut contact = changed.await?;
    hub.lookalikes(&service.db).await.mark_contact(&mut contact);
    Ok(Json(ContactInfo { online: hub.is_visitor_online(&contact.id), contact }))
}

fn refuse_read_only(known: &[field_list::Field], given: &values::Given) -> Result<(), Refusal> {
    let touched = known.iter().find(|field| field.read_only && given.contains_key(&field.key));
    match touched {
        Some(field) => {
            Err(Refusal::invalid(&format!("fields.{}", field.key), "read_only", "operators may not change this field"))
        }
        None => Ok(()),
    }
}

/// What a field of a contact held and holds, newest first, and who said so.
#[utoipa::path(get, operation_id = "list_field_history", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/fields/{key}/history",
    tag = "contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ("key" = String, Path), ShortPageQuery),
    responses((status = 200, body = ItemList<PastValue>)))]
pub(super) async fn history(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId, String)>,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<PastValue>>, ApiError> {
    let states = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { contacts::history::of_field(cx.tx, cx.account, &project, &ids.1, &ids.2).await })
    });
    let key = |state: &PastValue| format!("{} {:?} {:?} {:?}", state.at.0, state.what, state.source, state.values);
    Ok(Json(ItemList::cut(states.await?, &page, "field_history", key)?))
}

/// An edit to take back.
#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UndoEdit {
    /// What the edit made of the field: the values as they stand, in their order, none for an emptied one.
    values: Vec<String>,
}

/// Puts back what a field of a contact held before its last change, with who said so.
#[utoipa::path(post, operation_id = "undo_field_edit", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/fields/{key}/undo",
    tag = "contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ("key" = String, Path)), request_body = UndoEdit,
    responses((status = 200, body = ContactInfo), (status = 409, description = "The field holds something else by now")))]
pub(super) async fn undo_edit(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId, String)>,
    ApiJson(body): ApiJson<UndoEdit>,
) -> Result<Json<ContactInfo>, ApiError> {
    let giver = giver_of(&principal);
    let hub = service.hub.account(&principal.account_id).await?;
    let undone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let (_, id, key) = ids;
            contacts::get_in(cx.tx, cx.account, &project, &id).await?;
            if giver.source == ValueSource::Operator {
                let touched = values::Given::from([(key.clone(), Vec::new())]);
                refuse_read_only(&field_list::all(cx.tx, cx.account, &project).await?, &touched)?;
            }
            values::undo(cx, &project, &id, &key, &body.values, &giver).await?;
            contacts::get(cx.tx, cx.account, &id).await
        })
    });
    let contact = undone.await?;
    Ok(Json(ContactInfo { online: hub.is_visitor_online(&contact.id), contact }))
}

/// Deletes a contact with its conversations.
#[utoipa::path(delete, operation_id = "delete_contact", path = "/api/v1/projects/{project_id}/contacts/{contact_id}", tag = "contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path)), responses((status = 204, description = "Gone")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
) -> Result<StatusCode, ApiError> {
    let gone = service
        .write(&principal.account_id, move |cx| Box::pin(async move { contacts::delete(cx, &project, &ids.1).await }));
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Erase {
    /// Every contact of the same multi-contact, too.
    #[serde(default)]
    whole_client: bool,
}

/// Erases a contact with everything that belongs to the person, as a job: conversations, files, and what the event log and the raw
/// input of channels say of them. Its result counts what went.
#[utoipa::path(post, operation_id = "erase_contact", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/erase", tag = "contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path)), request_body = Erase,
    responses((status = 202, body = ProjectJob)))]
pub(super) async fn erase(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiJson(body): ApiJson<Erase>,
) -> Result<(StatusCode, Json<ProjectJob>), ApiError> {
    let by = principal.id().to_string();
    let started = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { erase::start(cx, &project, &ids.1, body.whole_client, &by).await })
    });
    Ok((StatusCode::ACCEPTED, Json(started.await?)))
}

fn giver_of(principal: &Principal) -> Giver {
    let source = match principal.actor {
        Actor::User { .. } => ValueSource::Operator,
        Actor::Key { .. } => ValueSource::Api,
    };
    Giver { source, set_by: Some(principal.id().to_string()), is_verified: true }
}
