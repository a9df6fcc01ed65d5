//! Multi-contact rules (Мульти-контакты): AND inside a rule, OR across rules.

use crate::multi_contacts::{
    self as groups, ContactBrief, Draft, NewRule, Preview, SettingsChange, SharedValue, Wanted,
};
use ::jobs::project::ProjectJob;
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use db::Tx;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, ShortPageQuery};
use messaging::Messaging;
use messaging::multi_contacts::{self as core, Rule, RuleMode, log::ChangeKind};
use model::{AccountId, ContactId, Refusal, RuleId};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

/// A rule with what it does now.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct RuleInfo {
    #[serde(flatten)]
    rule: Rule,
    /// Contacts that share a key of it with another.
    contacts: i64,
}

/// Rules in order, and what they stand for.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct RuleList {
    items: Vec<RuleInfo>,
    next_cursor: Option<String>,
    /// Marks the rules and settings that stand; given back with a change, it is refused when others stand by then.
    basis: String,
}

/// Rules of a project in order.
#[utoipa::path(get, operation_id = "list_rules", path = "/api/v1/projects/{project_id}/multi-contact-rules", tag = "multi-contacts",
    params(("project_id" = String, Path), ShortPageQuery), responses((status = 200, body = RuleList)))]
pub(super) async fn list(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<RuleList>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let mut infos = Vec::new();
            for rule in core::list_rules(cx.tx, cx.account, &project).await? {
                let contacts = groups::joined_by(cx.tx, cx.account, &rule).await?;
                infos.push(RuleInfo { rule, contacts });
            }
            let basis = groups::config(cx.tx, cx.account, &project).await?.basis()?;
            Ok::<_, Refusal>((infos, basis))
        })
    });
    let (infos, basis) = found.await?;
    let ItemList { items, next_cursor } = ItemList::cut(infos, &page, "rules", |info| info.rule.id.to_string())?;
    Ok(Json(RuleList { items, next_cursor, basis }))
}

/// Adds a rule (Добавить правило) and applies it to everybody.
#[utoipa::path(post, operation_id = "create_rule", path = "/api/v1/projects/{project_id}/multi-contact-rules", tag = "multi-contacts",
    params(("project_id" = String, Path)), request_body = NewRule, responses((status = 201, body = Rule)))]
pub(super) async fn create(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(new): ApiJson<NewRule>,
) -> Result<impl IntoResponse, ApiError> {
    let by = principal.id().to_string();
    let made = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            if new.id.is_some() {
                return Err(Refusal::invalid("id", "not_taken", "a new rule gets its id here; use key for a name"));
            }
            let draft = Draft::begin(cx.tx, cx.env, cx.account, &project).await?;
            let rule = groups::save_rule(cx, &project, None, &new).await?;
            draft.finish(cx.tx, ChangeKind::Rules, Some(&by), None).await?;
            Ok::<_, Refusal>(rule)
        })
    });
    Ok((StatusCode::CREATED, Json(made.await?)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateRule {
    fields: Option<Vec<String>>,
    mode: Option<RuleMode>,
    enabled: Option<bool>,
    verified_only: Option<bool>,
    /// Null: the project's limit.
    #[serde(default, deserialize_with = "http_kit::given")]
    #[schema(value_type = Option<u32>)]
    hub_limit: Option<Option<u32>>,
    position: Option<i64>,
}

/// Changes a rule; those it no longer joins are separate again.
#[utoipa::path(patch, operation_id = "update_rule", path = "/api/v1/projects/{project_id}/multi-contact-rules/{rule_id}",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("rule_id" = String, Path)), request_body = UpdateRule, responses((status = 200, body = Rule)))]
pub(super) async fn update(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, RuleId)>,
    ApiJson(body): ApiJson<UpdateRule>,
) -> Result<Json<Rule>, ApiError> {
    let by = principal.id().to_string();
    let changed = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let draft = Draft::begin(cx.tx, cx.env, cx.account, &project).await?;
            let rules = core::list_rules(cx.tx, cx.account, &project).await?;
            let rule = rules.into_iter().find(|rule| rule.id == ids.1).ok_or(Refusal::NotFound)?;
            let new = NewRule {
                id: None,
                key: Some(rule.key),
                fields: body.fields.unwrap_or(rule.fields),
                mode: body.mode.unwrap_or(rule.mode),
                enabled: body.enabled.unwrap_or(rule.enabled),
                verified_only: body.verified_only.unwrap_or(rule.verified_only),
                hub_limit: body.hub_limit.unwrap_or(rule.hub_limit),
                position: Some(body.position.unwrap_or(rule.position)),
            };
            let rule = groups::save_rule(cx, &project, Some(&ids.1), &new).await?;
            draft.finish(cx.tx, ChangeKind::Rules, Some(&by), None).await?;
            Ok::<_, Refusal>(rule)
        })
    });
    Ok(Json(changed.await?))
}

/// Deletes a rule; those only it joined are separate again.
#[utoipa::path(delete, operation_id = "delete_rule", path = "/api/v1/projects/{project_id}/multi-contact-rules/{rule_id}",
    tag = "multi-contacts",
    params(("project_id" = String, Path), ("rule_id" = String, Path)), responses((status = 204, description = "Gone")))]
pub(super) async fn delete(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, RuleId)>,
) -> Result<StatusCode, ApiError> {
    let by = principal.id().to_string();
    let gone = service.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let draft = Draft::begin(cx.tx, cx.env, cx.account, &project).await?;
            groups::delete_rule(cx.tx, cx.account, &project, &ids.1).await?;
            draft.finish(cx.tx, ChangeKind::Rules, Some(&by), None).await
        })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Puts a whole list of rules in place, as a job that can be watched; the groups stay as they are until it is done.
#[utoipa::path(post, operation_id = "apply_rules", path = "/api/v1/projects/{project_id}/multi-contact-rules/apply", tag = "multi-contacts",
    params(("project_id" = String, Path)), request_body = Wanted,
    responses((status = 202, body = ProjectJob), (status = 409, description = "`outdated_preview`: other rules or settings stand by now")))]
pub(super) async fn apply(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(wanted): ApiJson<Wanted>,
) -> Result<impl IntoResponse, ApiError> {
    let by = principal.id().to_string();
    let started = service.write(&principal.account_id, move |cx| {
        Box::pin(async move { groups::start_apply(cx, &project, &wanted, Some(&by)).await })
    });
    Ok((StatusCode::ACCEPTED, Json(started.await?)))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreviewRequest {
    /// All rules as they would be, in order.
    rules: Vec<NewRule>,
    settings: Option<SettingsChange>,
    /// See the list of rules.
    basis: Option<String>,
}

/// What would happen, with the contacts by name.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct PreviewInfo {
    #[serde(flatten)]
    preview: Preview,
    /// The ten largest groups.
    largest: Vec<LargeGroupInfo>,
    /// Pairs that would be joined, with the reason.
    samples: Vec<SampleInfo>,
    /// Pairs that would be separated.
    separated: Vec<PairInfo>,
    /// Groups that would hold two values of an exclusive field.
    conflicts: ConflictsInfo,
}

/// A large group.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct LargeGroupInfo {
    size: usize,
    /// Some of its contacts.
    contacts: Vec<ContactBrief>,
}

/// Two contacts that would be joined.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct SampleInfo {
    a: ContactBrief,
    b: ContactBrief,
    /// Place of the rule in the list given; null for a manual link.
    rule: Option<usize>,
    values: Vec<SharedValue>,
}

/// Two contacts that would be separated.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct PairInfo {
    a: ContactBrief,
    b: ContactBrief,
}

/// Groups that would hold two values of an exclusive field.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ConflictsInfo {
    count: usize,
    /// Some of them.
    samples: Vec<ConflictInfo>,
}

/// One of them.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ConflictInfo {
    field: String,
    values: Vec<String>,
    /// A holder of each value.
    contacts: Vec<ContactBrief>,
}

/// What other rules would do on the real data; nothing is changed.
#[utoipa::path(post, operation_id = "preview_rules", path = "/api/v1/projects/{project_id}/multi-contact-rules/preview",
    tag = "multi-contacts",
    params(("project_id" = String, Path)), request_body = PreviewRequest,
    responses((status = 200, body = PreviewInfo), (status = 409, description = "`outdated_preview`: other rules or settings stand by now")))]
pub(super) async fn preview(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiJson(body): ApiJson<PreviewRequest>,
) -> Result<Json<PreviewInfo>, ApiError> {
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            groups::check_basis(cx.tx, cx.account, &project, body.basis.as_deref()).await?;
            groups::check_standing(cx.tx, cx.account, &project, &body.rules).await?;
            let settings = match body.settings {
                Some(change) => Some(change.over(core::settings(cx.tx, cx.account, &project).await?)),
                None => None,
            };
            let preview = groups::preview(cx, &project, &body.rules, settings.as_ref()).await?;
            with_names(cx.tx, cx.account, preview).await
        })
    });
    Ok(Json(found.await?))
}

async fn with_names(tx: &mut Tx, account: &AccountId, mut preview: Preview) -> Result<PreviewInfo, Refusal> {
    let mut largest = Vec::new();
    for group in std::mem::take(&mut preview.largest) {
        let mut contacts = Vec::with_capacity(group.contacts.len());
        for id in &group.contacts {
            contacts.push(brief(tx, account, id).await?);
        }
        largest.push(LargeGroupInfo { size: group.size, contacts });
    }
    let mut samples = Vec::new();
    for sample in std::mem::take(&mut preview.samples) {
        let (a, b) = (brief(tx, account, &sample.a).await?, brief(tx, account, &sample.b).await?);
        samples.push(SampleInfo { a, b, rule: sample.rule, values: sample.values });
    }
    let mut separated = Vec::new();
    for (a, b) in std::mem::take(&mut preview.separated) {
        separated.push(PairInfo { a: brief(tx, account, &a).await?, b: brief(tx, account, &b).await? });
    }
    let mut conflicts = ConflictsInfo { count: preview.conflicts, samples: Vec::new() };
    for sample in std::mem::take(&mut preview.conflict_samples) {
        let mut contacts = Vec::with_capacity(sample.contacts.len());
        for id in &sample.contacts {
            contacts.push(brief(tx, account, id).await?);
        }
        conflicts.samples.push(ConflictInfo { field: sample.field, values: sample.values, contacts });
    }
    Ok(PreviewInfo { preview, largest, samples, separated, conflicts })
}

async fn brief(tx: &mut Tx, account: &AccountId, id: &ContactId) -> Result<ContactBrief, Refusal> {
    ContactBrief::of(tx, account, id).await
}
