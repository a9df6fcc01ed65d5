//! Lists and single conversations.

use crate::conversations::{self, After, Counts, Filter, Folder, Holder, Narrowed, Order, Row, Rows};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project, ShortPageQuery};
use messaging::conversations as path;
use messaging::{Messaging, contacts};
use model::{ChannelKind, ConnectionId, ContactId, Conversation, ConversationId, DepartmentId, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct ListQuery {
    /// Folder; everything not closed when missing.
    #[param(inline)]
    folder: Option<Folder>,
    /// In what order; newest activity first when missing.
    #[param(inline)]
    order: Option<Order>,
    /// Only those of this department.
    #[param(value_type = Option<String>)]
    department_id: Option<DepartmentId>,
    /// Words to find in names, handles and values.
    q: Option<String>,
    /// Kind of the channel.
    channel: Option<String>,
    /// Tag of the client.
    tag: Option<String>,
    /// Who has them: the id of a user, `me`, or `nobody`.
    assignee: Option<String>,
    /// Those whose clients wait for an answer for so many minutes, or longer.
    #[param(minimum = 1, maximum = 525600)]
    waiting_minutes: Option<i64>,
    /// Key of a field of the client that holds `value`, or anything at all without one.
    field: Option<String>,
    /// Value of that field, compared as rules compare.
    value: Option<String>,
    /// Open conversations of one client as one row, which stands where the first of them would. What is closed is not put together.
    together: Option<bool>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

impl ListQuery {
    fn narrowed(&self, principal: &Principal, now: Timestamp) -> Result<Narrowed, ApiError> {
        let holder = match self.assignee.as_deref() {
            None | Some("") => Holder::Any,
            Some("nobody") => Holder::Nobody,
            Some("me") => Holder::User(principal.user_id()),
            Some(id) => Holder::User(
                id.parse().map_err(|_| ApiError::invalid("assignee", "wrong_form", "a user's id, `me` or `nobody`"))?,
            ),
        };
        let waiting_since = match self.waiting_minutes {
            None => None,
            Some(minutes @ 1..=525_600) => Some(now.plus_ms(-minutes * 60_000)),
            Some(_) => return Err(ApiError::invalid("waiting_minutes", "out_of_range", "1 to 525600")),
        };
        let word = |text: &Option<String>| text.as_deref().unwrap_or_default().trim().to_owned();
        Ok(Narrowed {
            channel: word(&self.channel),
            tag: word(&self.tag),
            holder,
            waiting_since,
            field: word(&self.field),
            value: word(&self.value),
            department: self.department_id,
        })
    }
}

/// Conversations of a project, newest activity first or those first whose client waits longest.
#[utoipa::path(get, operation_id = "list_conversations", path = "/api/v1/projects/{project_id}/conversations", tag = "conversations",
    params(("project_id" = String, Path), ListQuery), responses((status = 200, body = ItemList<Row>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<ListQuery>,
) -> Result<Json<ItemList<Row>>, ApiError> {
    let narrowed = query.narrowed(&principal, service.env.now())?;
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, folder) = (page.limit()?, query.folder.unwrap_or(Folder::All));
    // In what has ended nobody waits; notes that name one are read as they came.
    let order = if matches!(folder, Folder::Closed | Folder::Mentions) {
        Order::Newest
    } else {
        query.order.unwrap_or_default()
    };
    let after = match order {
        Order::Newest => After::Newest(page.before()?),
        // The first page begins before everything.
        Order::Waiting => After::Waiting(page.before_moment()?.unwrap_or((i64::MIN, i64::MAX))),
    };
    // In what has ended each stands for itself.
    let together = query.together.unwrap_or_default() && folder != Folder::Closed;
    let filter = Filter { folder, words: query.q.unwrap_or_default(), narrowed, after, limit };
    let reader = principal.id();
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            if together {
                return conversations::list_together(cx.tx, cx.account, &project, reader, &filter).await;
            }
            conversations::list_apart(cx.tx, cx.account, &project, reader, &filter).await
        })
    });
    let Rows { mut rows, next } = found.await?;
    let hub = service.hub.account(&principal.account_id).await?;
    let lookalikes = hub.lookalikes(&service.db).await;
    for row in &mut rows {
        lookalikes.mark_conversation(&mut row.conversation);
        lookalikes.mark_conversations(&mut row.together);
    }
    let shown = |row: Row| Row {
        conversation: row.conversation.shown(&service.env, principal.links()),
        together: row.together.into_iter().map(|other| other.shown(&service.env, principal.links())).collect(),
    };
    let next_cursor = next.map(|after| after.cursor().to_string());
    Ok(Json(ItemList { items: rows.into_iter().map(shown).collect(), next_cursor }))
}

/// How many conversations each folder holds.
#[utoipa::path(get, operation_id = "count_conversations", path = "/api/v1/projects/{project_id}/conversations/counts",
    tag = "conversations",
    params(("project_id" = String, Path)), responses((status = 200, body = Counts)))]
pub(super) async fn counts(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
) -> Result<Json<Counts>, ApiError> {
    let reader = principal.id();
    let counts = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { conversations::counts(cx.tx, cx.account, &project, reader).await })
    });
    Ok(Json(counts.await?))
}

/// One conversation.
#[utoipa::path(get, operation_id = "get_conversation", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), responses((status = 200, body = Conversation)))]
pub(super) async fn get(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
) -> Result<Json<Conversation>, ApiError> {
    let (reader, id) = (principal.id(), ids.1);
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            path::place(cx.tx, cx.account, &project, &id).await?;
            path::get(cx.tx, cx.account, &id, Some(reader)).await
        })
    });
    let mut conversation = found.await?;
    let hub = service.hub.account(&principal.account_id).await?;
    hub.lookalikes(&service.db).await.mark_conversation(&mut conversation);
    Ok(Json(conversation.shown(&service.env, principal.links())))
}

/// Conversations of every contact of a multi-contact (История), newest first.
#[utoipa::path(get, operation_id = "list_contact_conversations", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/conversations",
    tag = "conversations",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<Conversation>)))]
pub(super) async fn of_multi_contact(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Conversation>>, ApiError> {
    let (reader, id) = (principal.id(), ids.1);
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            contacts::party(cx.tx, cx.account, &project, &id).await?;
            conversations::of_multi_contact(cx.tx, cx.account, &id, reader).await
        })
    });
    let mut found = found.await?;
    let hub = service.hub.account(&principal.account_id).await?;
    hub.lookalikes(&service.db).await.mark_conversations(&mut found);
    let shown = found.into_iter().map(|one| one.shown(&service.env, principal.links())).collect();
    Ok(Json(ItemList::cut(shown, &page, "contact_conversations", |one| one.id.to_string())?))
}

/// One way to answer a client.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ReplyChannel {
    contact_id: ContactId,
    connection_id: ConnectionId,
    channel: ChannelKind,
    title: String,
    handle: String,
    can_write: bool,
    /// Why not: `blocked_by_client`, `connection_off`, `no_way_out`.
    reason: Option<&'static str>,
    online: bool,
    last_message_at: Option<Timestamp>,
}

/// Channels in which a client can be answered now (R5): the one used last comes first.
#[utoipa::path(get, operation_id = "list_reply_channels", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/reply-channels",
    tag = "conversations",
    params(("project_id" = String, Path), ("contact_id" = String, Path), ShortPageQuery), responses((status = 200, body = ItemList<ReplyChannel>)))]
pub(super) async fn reply_channels(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<ReplyChannel>>, ApiError> {
    let hub = service.hub.account(&principal.account_id).await?;
    let id = ids.1;
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            contacts::party(cx.tx, cx.account, &project, &id).await?;
            let mut ways = Vec::new();
            for contact in contacts::group_of(cx.tx, cx.account, &id).await? {
                let reason = contacts::closed_reason(cx.tx, cx.account, &contact.id).await?;
                let connection = messaging::connections::get(cx.tx, cx.account, &contact.connection_id).await?;
                let last = messaging::messages::last_from_client(cx.tx, cx.account, &contact.id).await?;
                ways.push(ReplyChannel {
                    contact_id: contact.id,
                    connection_id: connection.id,
                    channel: contact.channel,
                    title: connection.title,
                    handle: contact.handle,
                    can_write: reason.is_none(),
                    reason,
                    online: false,
                    last_message_at: last,
                });
            }
            Ok::<_, Refusal>(ways)
        })
    });
    let mut ways = found.await?;
    for way in &mut ways {
        way.online = hub.is_visitor_online(&way.contact_id);
    }
    ways.sort_by_key(|way| std::cmp::Reverse((way.can_write, way.last_message_at)));
    Ok(Json(ItemList::cut(ways, &page, "reply_channels", |way| way.contact_id.to_string())?))
}
