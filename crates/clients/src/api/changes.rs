//! Change sets.

use crate::multi_contacts::{self as groups, Answer, Change, ChangeRefused};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiJson, Principal, Project};
use messaging::Messaging;
use model::{Invalid, Refusal};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ChangeSet {
    /// Only say what would happen.
    #[serde(default)]
    preview: bool,
    /// In order; all take effect at once, or none.
    changes: Vec<Change>,
}

/// Applies a set of changes as one, or previews it.
#[utoipa::path(post, operation_id = "apply_changes", path = "/api/v1/projects/{project_id}/changes",
    tag = "multi-contacts", params(("project_id" = String, Path)),
    request_body = ChangeSet, responses((status = 200, body = Answer), (status = 422, description = "One bad change refuses the set; errors[].path has its index")))]
pub(super) async fn apply(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(set): ApiJson<ChangeSet>,
) -> Result<Json<Answer>, ApiError> {
    let by = principal.id().to_string();
    let read_from = project;
    let applied = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { groups::apply_changes(cx, &project, Some(&by), set.changes, set.preview).await })
    });
    match applied.await {
        Ok(mut answer) => {
            let suspended = service.read(&principal.account_id, move |cx| {
                Box::pin(async move { groups::suspended_values(cx.tx, cx.account, &read_from).await })
            });
            answer.suspended = suspended.await?;
            Ok(Json(answer))
        }
        Err(ChangeRefused::Preview(answer)) => Ok(Json(*answer)),
        Err(ChangeRefused::At { index, error }) => Err(at(index, error)),
        Err(ChangeRefused::Messaging(error)) => Err(error.into()),
    }
}

fn at(index: usize, error: Refusal) -> ApiError {
    let place = |path: &str| format!("changes[{index}].{path}");
    match error {
        Refusal::Invalid(problems) => {
            let moved = problems.into_iter().map(|p| Invalid { path: place(&p.path), ..p });
            ApiError::invalid_all(moved.collect())
        }
        Refusal::NotFound => ApiError::not_found_at(&place("id")),
        other => other.into(),
    }
}
