//! What clients think of conversations.

use axum::Json;
use axum::extract::State;
use db::Cursor;
use http_kit::{ApiError, ApiQuery, ItemList, PageQuery, Principal, Project};
use messaging::Messaging;
use messaging::ratings::{self, Rating};
use model::ConversationId;
use std::sync::Arc;

/// Ratings of conversations, the last first.
#[utoipa::path(get, operation_id = "list_ratings", path = "/api/v1/projects/{project_id}/ratings", tag = "conversations",
    params(("project_id" = String, Path), PageQuery), responses((status = 200, body = ItemList<Rating>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> Result<Json<ItemList<Rating>>, ApiError> {
    let limit = page.limit()?;
    let before = page.before_moment()?.unwrap_or((i64::MAX, ConversationId::from_bits(0)));
    let rows = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { ratings::list(cx.tx, cx.account, &project, before, limit + 1).await })
    });
    let cursor_of = |rating: &Rating| Cursor(vec![rating.rated_at.0.to_string(), rating.conversation_id.to_string()]);
    Ok(Json(ItemList::page(rows.await?, limit, cursor_of)))
}
