//! The conversations of a visitor, where the project allows several.

use crate::Edge;
use crate::limits::Doing;
use crate::widget::visitor_of;
use axum::Json;
use axum::extract::State;
use axum::http::HeaderMap;
use db::Cursor;
use http_kit::{ApiError, ApiQuery, ClientAddress, ItemList, PageQuery};
use messaging::conversations::{self, TalkRow};
use model::{ConversationId, Links, Message, Timestamp};
use serde::Serialize;

/// A conversation in a visitor's list.
#[derive(Serialize)]
pub(crate) struct Talk {
    id: ConversationId,
    closed: bool,
    created_at: Timestamp,
    /// What was said last; null where nothing was said.
    last_message: Option<Message>,
    /// Messages of the company that were not read.
    unread: i64,
    #[serde(skip)]
    position: i64,
}

/// The visitor's own conversations, the one that changed last first; none where the project has one that goes on.
pub(crate) async fn list(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> Result<Json<ItemList<Talk>>, ApiError> {
    let visitor = visitor_of(&edge, &headers).await?;
    // Each of them is read: more than a mark.
    edge.limits.take(Doing::Fields, visitor.from(address), 1)?;
    let (limit, before) = (page.limit()?, page.before()?);
    let read = edge.messaging.db.read(visitor.account_id, move |tx| {
        Box::pin(async move {
            let account = &visitor.account_id;
            let allows = accounts::get_project(tx, account, &visitor.project_id).await?.several_conversations;
            let Some(known) = visitor.known.get().filter(|_| allows) else { return Ok(Vec::new()) };
            conversations::of_contact(tx, account, &known.contact_id, before, limit + 1).await
        })
    });
    let env = &edge.messaging.env;
    let shown = |row: TalkRow| {
        let TalkRow { id, is_closed, created_at, last, unread, position } = row;
        Talk {
            id,
            closed: is_closed,
            created_at,
            last_message: last.map(|last| last.shown(env, Links::Signed)),
            unread,
            position,
        }
    };
    let talks = read.await?.into_iter().map(shown).collect();
    Ok(Json(ItemList::page(talks, limit, |talk: &Talk| Cursor::number(talk.position))))
}
