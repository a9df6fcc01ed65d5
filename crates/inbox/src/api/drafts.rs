//! What an operator has begun to write. A draft is a person's: keys have none.

use crate::drafts::{self, Draft};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::{Messaging, conversations};
use model::{ConversationId, Refusal};
use serde::Deserialize;
use std::sync::Arc;

/// Your drafts in every project you see, newest first.
#[utoipa::path(get, operation_id = "list_drafts", path = "/api/v1/drafts", tag = "conversations",
    params(ShortPageQuery), responses((status = 200, body = ItemList<Draft>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Draft>>, ApiError> {
    let user = principal.user_id();
    let all = service
        .read(&principal.account_id, move |cx| Box::pin(async move { drafts::all(cx.tx, cx.account, &user).await }));
    let seen = all.await?.into_iter().filter(|draft| principal.sees(&draft.project_id)).collect();
    Ok(Json(ItemList::cut(seen, &page, "drafts", |draft: &Draft| draft.conversation_id.to_string())?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = PutDraft)]
pub(super) struct Put {
    /// What is written so far; empty when it was sent or given up.
    text: String,
}

/// Keeps what you have begun to write; your other devices are told.
#[utoipa::path(put, operation_id = "update_draft", path = "/api/v1/projects/{project_id}/conversations/{conversation_id}/draft",
    tag = "conversations",
    params(("project_id" = String, Path), ("conversation_id" = String, Path)), request_body = Put,
    responses((status = 200, body = Draft)))]
pub(super) async fn put(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ConversationId)>,
    ApiJson(body): ApiJson<Put>,
) -> Result<Json<Draft>, ApiError> {
    drafts::check(&body.text)?;
    let (user, id) = (principal.user_id(), ids.1);
    let hub = service.hub.account(&principal.account_id).await?;
    let kept = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            conversations::place(cx.tx, cx.account, &project, &id).await?;
            drafts::put(cx, &id, &user, &body.text).await?;
            let changed_at = cx.env.now();
            Ok::<_, Refusal>(Draft { project_id: project, conversation_id: id, text: body.text, changed_at })
        })
    });
    let kept = kept.await?;
    super::live::tell_draft(&hub, &user, &kept);
    Ok(Json(kept))
}
