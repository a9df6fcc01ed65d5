//! Before the start: how a client sees it, tries, lists that become contacts.

use crate::audience::Facts;
use crate::matching::{self, Matches};
use crate::say;
use crate::store::mailings;
use crate::trial::{self, Sample, Test};
use axum::Json;
use axum::extract::State;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use model::{ContactId, MailingId, Refusal};
use serde::Deserialize;
use std::sync::Arc;

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = MatchContacts)]
pub(super) struct Listed {
    /// Phones, addresses, `@names` or contact ids, one a row; at most 10,000.
    values: Vec<String>,
}

/// Finds the contacts that a list means.
#[utoipa::path(post, operation_id = "match_mailing_contacts", path = "/api/v1/projects/{project_id}/mailings/match", tag = "mailings",
    params(("project_id" = String, Path)), request_body = Listed, responses((status = 200, body = Matches)))]
pub(super) async fn find(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<Listed>,
) -> Result<Json<Matches>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move { matching::find(cx, &project, &body.values).await })
    });
    Ok(Json(found.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SampleMailing)]
pub(super) struct SampleOf {
    /// Whose values are shown.
    contact_id: ContactId,
}

/// How a client sees a mailing.
#[utoipa::path(post, operation_id = "sample_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/sample", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)), request_body = SampleOf, responses((status = 200, body = Sample)))]
pub(super) async fn sample(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
    ApiJson(body): ApiJson<SampleOf>,
) -> Result<Json<Sample>, ApiError> {
    let own = service.clone();
    let seen = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let row = mailings::get(cx.tx, cx.account, &project, &ids.1).await?;
            let account = *cx.account;
            let link = move |contact: &Facts| say::link_of(&own, &account, contact);
            trial::sample(cx, &row, &body.contact_id, &link).await
        })
    });
    Ok(Json(seen.await?))
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TestMailing)]
pub(super) struct On {
    /// One to five.
    contact_ids: Vec<ContactId>,
}

/// Sends a mailing to some contacts as a try: in no report.
#[utoipa::path(post, operation_id = "test_mailing", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/test", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path)), request_body = On, responses((status = 200, body = ItemList<Test>)))]
pub(super) async fn send(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
    ApiJson(body): ApiJson<On>,
) -> Result<Json<ItemList<Test>>, ApiError> {
    let own = service.clone();
    let tried = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            if !(1..=trial::MOST).contains(&body.contact_ids.len()) {
                let words = format!("1 to {} contacts", trial::MOST);
                return Err(Refusal::invalid("contact_ids", "wrong_number", words));
            }
            let row = mailings::get(cx.tx, cx.account, &project, &ids.1).await?;
            let account = *cx.account;
            let link = move |contact: &Facts| say::link_of(&own, &account, contact);
            for contact in &body.contact_ids {
                trial::send(cx, &row, contact, &link).await?;
            }
            trial::list(cx, &row).await
        })
    });
    Ok(Json(ItemList::whole(tried.await?)))
}

/// What became of the tries.
#[utoipa::path(get, operation_id = "list_mailing_tests", path = "/api/v1/projects/{project_id}/mailings/{mailing_id}/test", tag = "mailings",
    params(("project_id" = String, Path), ("mailing_id" = String, Path), ShortPageQuery),
    responses((status = 200, body = ItemList<Test>)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, MailingId)>,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Test>>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let row = mailings::get(cx.tx, cx.account, &project, &ids.1).await?;
            trial::list(cx, &row).await
        })
    });
    Ok(Json(ItemList::cut(found.await?, &page, "mailing_tests", |test| test.contact_id.to_string())?))
}
