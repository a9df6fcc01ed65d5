//! Many conversations at once.

use crate::bulk::{self, Change, MOST, Outcome};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiJson, Principal, Project};
use messaging::Messaging;
use serde::{Deserialize, Serialize};
use std::sync::Arc;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BulkChanges)]
pub(super) struct Body {
    /// 1 to 100, each conversation once.
    #[schema(min_items = 1, max_items = 100)]
    changes: Vec<Change>,
}

/// What became of each.
#[derive(Serialize, utoipa::ToSchema)]
#[schema(as = BulkResults)]
pub(super) struct Results {
    /// In the order of the request.
    results: Vec<Outcome>,
}

/// Changes many conversations, each for itself: what could not be done says why, and the others are done.
#[utoipa::path(post, operation_id = "apply_to_conversations", path = "/api/v1/projects/{project_id}/conversations/bulk",
    tag = "conversations", params(("project_id" = String, Path)), request_body = Body,
    responses((status = 200, body = Results)))]
pub(super) async fn apply(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<Body>,
) -> Result<Json<Results>, ApiError> {
    let count = body.changes.len();
    if count == 0 || count > MOST {
        return Err(ApiError::invalid("changes", "wrong_form", format!("1 to {MOST} conversations")));
    }
    let mut ids: Vec<_> = body.changes.iter().map(|change| change.conversation_id).collect();
    ids.sort_unstable();
    if ids.windows(2).any(|two| two[0] == two[1]) {
        return Err(ApiError::invalid("changes", "wrong_form", "name each conversation once"));
    }
    let mut results = bulk::apply(&service, &principal, &project, body.changes).await?;
    let hub = service.hub.account(&principal.account_id).await?;
    let lookalikes = hub.lookalikes(&service.db).await;
    for outcome in &mut results {
        let Some(mut conversation) = outcome.conversation.take() else { continue };
        if outcome.is_closed_now {
            super::live::tell_client_closed(&hub, &conversation.contact_id, &conversation.id);
        }
        lookalikes.mark_conversation(&mut conversation);
        outcome.conversation = Some(conversation.shown(&service.env, principal.links()));
    }
    Ok(Json(Results { results }))
}
