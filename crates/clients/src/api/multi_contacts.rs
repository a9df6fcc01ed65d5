//! Multi-contacts: groups, why, decisions by hand.

use crate::multi_contacts::{self as groups, GroupFilter, Link, Why};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use db::Cursor;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project, ShortPageQuery};
use messaging::multi_contacts::{self as core, OverrideKind, StandingOverride};
use messaging::{Messaging, contacts};
use model::{ChannelKind, ConnectionId, Contact, ContactId, GroupId, LooksLike, OverrideId, Refusal};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A contact's multi-contact, with what joins it.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct MultiContact {
    id: GroupId,
    contacts: Vec<Contact>,
    links: Vec<Link>,
}

/// The multi-contact of a contact (R14); a lone contact has one of its own.
#[utoipa::path(get, operation_id = "get_contact_multi_contact", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/multi-contact",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path)), responses((status = 200, body = MultiContact)))]
pub(super) async fn of_contact(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
) -> Result<Json<MultiContact>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let contact = contacts::get_in(cx.tx, cx.account, &project, &ids.1).await?;
            let members = contacts::group_of(cx.tx, cx.account, &ids.1).await?;
            let links = groups::links_of(cx.tx, cx.account, &project, &ids.1).await?;
            Ok::<_, Refusal>(MultiContact { id: contact.multi_contact_id, contacts: members, links })
        })
    });
    let mut group = found.await?;
    let hub = service.hub.account(&principal.account_id).await?;
    hub.lookalikes(&service.db).await.mark_contacts(&mut group.contacts);
    Ok(Json(group))
}

/// Why two contacts are one client, or why not.
#[utoipa::path(get, operation_id = "explain_link", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/why/{other_id}",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ("other_id" = String, Path)), responses((status = 200, body = Why)))]
pub(super) async fn why(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId, ContactId)>,
) -> Result<Json<Why>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { groups::why(cx.tx, cx.account, &project, &ids.1, &ids.2).await })
    });
    Ok(Json(found.await?))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Words to find in names, handles and values of one of its contacts.
    q: Option<String>,
    /// Contacts in a group at least.
    #[param(minimum = 1)]
    min_size: Option<u32>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// A group in a list.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Group {
    id: GroupId,
    contacts: Vec<GroupMember>,
}

/// A contact in a group.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct GroupMember {
    id: ContactId,
    external_id: String,
    connection_id: ConnectionId,
    /// Kind of the channel.
    channel: ChannelKind,
    name: Option<String>,
    /// What the contact is called without a name.
    handle: String,
    /// Whether the contact may be taken for one of ours.
    #[serde(skip_serializing_if = "Option::is_none")]
    looks_like: Option<LooksLike>,
}

/// Groups of a project.
#[utoipa::path(get, operation_id = "list_multi_contacts", path = "/api/v1/projects/{project_id}/multi-contacts", tag = "multi-contacts",
    params(("project_id" = String, Path), ListQuery), responses((status = 200, body = ItemList<Group>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<ItemList<Group>>, ApiError> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let limit = page.limit()?;
    let after = page.id::<GroupId>()?.unwrap_or(GroupId::from_bits(0));
    let filter = GroupFilter {
        words: query.q.unwrap_or_default(),
        min_size: i64::from(query.min_size.unwrap_or(1)),
        after,
        limit: limit + 1,
    };
    let lookalikes = service.hub.account(&principal.account_id).await?.lookalikes(&service.db).await;
    let rows = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let ids = groups::page(cx.tx, cx.account, &project, &filter).await?;
            let mut found = Vec::with_capacity(ids.len());
            for id in ids {
                let mut members = contacts::of_group(cx.tx, cx.account, &id).await?;
                lookalikes.mark_contacts(&mut members);
                let member = |c: Contact| GroupMember {
                    id: c.id,
                    external_id: c.external_id,
                    connection_id: c.connection_id,
                    channel: c.channel,
                    name: c.name,
                    handle: c.handle,
                    looks_like: c.looks_like,
                };
                found.push(Group { id, contacts: members.into_iter().map(member).collect() });
            }
            Ok::<_, Refusal>(found)
        })
    });
    Ok(Json(ItemList::page(rows.await?, limit, |group| Cursor(vec![group.id.to_string()]))))
}

/// A multi-contact by its id. An id that was given up leads to the group of its oldest member.
#[utoipa::path(get, operation_id = "get_multi_contact", path = "/api/v1/projects/{project_id}/multi-contacts/{multi_contact_id}",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("multi_contact_id" = String, Path)),
    responses((status = 200, body = MultiContact), (status = 307, description = "It is another one now")))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, GroupId)>,
) -> Result<Response, ApiError> {
    let place = format!("/api/v1/projects/{project}/multi-contacts");
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let id = groups::current_id(cx.tx, cx.account, &project, &ids.1).await?;
            if id != ids.1 {
                return Ok(Err(id));
            }
            let members = contacts::of_group(cx.tx, cx.account, &id).await?;
            let oldest = members.first().ok_or(Refusal::NotFound)?.id;
            let links = groups::links_of(cx.tx, cx.account, &project, &oldest).await?;
            let contacts = contacts::group_of(cx.tx, cx.account, &oldest).await?;
            Ok::<_, Refusal>(Ok(MultiContact { id, contacts, links }))
        })
    });
    Ok(match found.await? {
        Ok(mut group) => {
            let hub = service.hub.account(&principal.account_id).await?;
            hub.lookalikes(&service.db).await.mark_contacts(&mut group.contacts);
            Json(group).into_response()
        }
        Err(current) => Redirect::temporary(&format!("{place}/{current}")).into_response(),
    })
}

/// Decisions by hand, newest first, each with whether it holds: the newest about a pair does.
#[utoipa::path(get, operation_id = "list_overrides", path = "/api/v1/projects/{project_id}/multi-contact-overrides", tag = "multi-contacts",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<StandingOverride>)))]
pub(super) async fn overrides(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<StandingOverride>>, ApiError> {
    let all = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { core::standing_overrides(cx.tx, cx.account, &project).await })
    });
    Ok(Json(ItemList::cut(all.await?, &page, "overrides", |one| one.decision.id.to_string())?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Decision {
    kind: OverrideKind,
    /// For `link`: both.
    contacts: Option<[ContactId; 2]>,
    /// For `unlink`: the one that is somebody else.
    contact: Option<ContactId>,
    note: Option<String>,
}

/// A decision that was just made.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct MadeOverride {
    id: OverrideId,
}

/// Links two contacts, or parts one from its group.
#[utoipa::path(post, operation_id = "create_override", path = "/api/v1/projects/{project_id}/multi-contact-overrides",
    tag = "multi-contacts",
    params(("project_id" = String, Path)), request_body = Decision, responses((status = 201, body = MadeOverride)))]
pub(super) async fn decide(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<Decision>,
) -> Result<impl IntoResponse, ApiError> {
    let by = principal.id().to_string();
    let made = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let note = body.note.as_deref();
            match (body.kind, body.contacts, body.contact) {
                (OverrideKind::Link, Some([a, b]), None) => core::link(cx, &project, &a, &b, Some(&by), note).await,
                (OverrideKind::Unlink, None, Some(contact)) => {
                    core::unlink(cx, &project, &contact, Some(&by), note).await
                }
                _ => Err(Refusal::invalid("contacts", "wrong_shape", "link: contacts [a, b]; unlink: contact")),
            }
        })
    });
    Ok((StatusCode::CREATED, Json(MadeOverride { id: made.await? })))
}

/// Takes a decision back.
#[utoipa::path(delete, operation_id = "delete_override", path = "/api/v1/projects/{project_id}/multi-contact-overrides/{override_id}",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("override_id" = String, Path)), responses((status = 204, description = "Taken back")))]
pub(super) async fn undo(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, OverrideId)>,
) -> Result<StatusCode, ApiError> {
    let by = principal.id().to_string();
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { core::undo_override(cx, &project, &ids.1, Some(&by)).await })
    });
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Brings a decision back that was just taken back.
#[utoipa::path(post, operation_id = "restore_override", path = "/api/v1/projects/{project_id}/multi-contact-overrides/{override_id}/restore",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("override_id" = String, Path)),
    responses((status = 204, description = "It is back"), (status = 409, description = "Something else was decided since")))]
pub(super) async fn restore(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, OverrideId)>,
) -> Result<StatusCode, ApiError> {
    let by = principal.id().to_string();
    let done = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { groups::restore_override(cx, &project, &ids.1, Some(&by)).await })
    });
    done.await?;
    Ok(StatusCode::NO_CONTENT)
}
