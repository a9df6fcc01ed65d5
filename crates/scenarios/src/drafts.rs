//! Drafts and versions: what the editor saves, what may be published, what was.

use crate::store::{self, Of, Saving};
use model::{Cx, Event, Invalid, ProjectId, Refusal, Result, ScenarioId, SettingsUpdated, Timestamp, UserId};
use scenario::document::LaunchKind;
use scenario::{Document, Known, Level, Problem, check};
use serde::{Deserialize, Serialize};

/// Characters of a name.
const LONGEST_NAME: usize = 200;
/// Scenarios of a project.
const MOST: i64 = 1000;

/// What launches scenarios.
const LAUNCHED: [LaunchKind; 9] = [
    LaunchKind::MenuButton,
    LaunchKind::Suggest,
    LaunchKind::AutoAction,
    LaunchKind::Mailing,
    LaunchKind::Keyword,
    LaunchKind::FirstMessage,
    LaunchKind::FieldChanged,
    LaunchKind::Api,
    LaunchKind::Test,
];

/// A scenario as lists show it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Scenario {
    /// Scenario id.
    pub id: ScenarioId,
    /// Name.
    pub name: String,
    /// The newest published version.
    pub version: Option<i64>,
    /// Number of the draft's last saving.
    pub revision: i64,
    /// What keeps the draft from being published.
    pub errors: i64,
    /// What its maker should look at.
    pub warnings: i64,
    /// Clients with whom it is at work now.
    pub active_runs: i64,
    /// Whether the draft differs from the newest version.
    pub changed: bool,
    /// The draft's last saving.
    pub updated_at: Timestamp,
    /// The newest version's publishing.
    pub published_at: Option<Timestamp>,
    /// Demo data.
    pub demo: bool,
}

/// A draft.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ScenarioDraft)]
pub struct Draft {
    /// The document (section 3 of `scenarios.md`).
    #[schema(value_type = Object)]
    pub document: Document,
    /// Number of this saving: the next one names it.
    pub revision: i64,
    /// What was found in it.
    pub problems: Vec<Found>,
    /// When it was saved.
    pub saved_at: Timestamp,
    /// By whom.
    pub saved_by: Option<UserId>,
    /// Their name.
    pub saved_by_name: Option<String>,
}

/// A problem of a document.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ScenarioProblem)]
pub struct Found {
    /// `error` keeps the document from being published; `warning` does not.
    pub level: Grade,
    /// Stable word.
    pub code: String,
    /// The block.
    pub block: Option<String>,
    /// Its exit.
    pub exit: Option<String>,
    /// Its setting.
    pub setting: Option<String>,
    /// What happened and what to do.
    pub message: String,
}

/// How grave a problem is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = ScenarioProblemLevel)]
pub enum Grade {
    /// Refuses publishing.
    Error,
    /// Allowed.
    Warning,
}

impl From<Problem> for Found {
    fn from(problem: Problem) -> Self {
        let level = match problem.level {
            Level::Error => Grade::Error,
            Level::Warning => Grade::Warning,
        };
        let Problem { code, block, exit, setting, message, .. } = problem;
        Self { level, code: code.to_owned(), block, exit, setting, message }
    }
}

/// A new scenario.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewScenario {
    /// Name.
    pub name: String,
    /// What it begins with; empty unless told.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub document: Option<serde_json::Value>,
}

/// A document of a draft, read from what was sent.
///
/// # Errors
/// With the place of what cannot be read.
pub fn read(document: serde_json::Value) -> Result<Document> {
    // An array would be read as a document without names.
    if !document.is_object() {
        return Err(Refusal::invalid("document", "unreadable", "a document is a JSON object"));
    }
    serde_json::from_value(document).map_err(|error| Refusal::invalid("document", "unreadable", error.to_string()))
}

/// Makes a scenario; its draft may hold problems.
///
/// # Errors
/// For a name of the wrong form, an unreadable document, or one scenario too many.
pub async fn create(cx: &mut Cx<'_>, project: &ProjectId, new: NewScenario, by: Option<UserId>) -> Result<Scenario> {
    let name = name_of(&new.name)?;
    let mut document = match new.document {
        Some(document) => read(document)?,
        None => read(serde_json::json!({}))?,
    };
    if store::how_many(cx.tx, cx.account, project).await? >= MOST {
        return Err(Refusal::Conflict { code: "too_many", detail: format!("at most {MOST} scenarios in a project") });
    }
    let id = ScenarioId::new(cx.env.ids());
    stamp(&mut document, &id, &name);
    let problems = problems_of(cx, project, &document).await?;
    store::insert(cx, project, &id, &document, &problems, by).await?;
    store::set_launches(cx, project, &id, Of::Draft, &document).await?;
    tell(cx, project).await?;
    get(cx, project, &id).await
}

/// One scenario.
///
/// # Errors
/// When there is none in this project.
pub(crate) async fn get(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId) -> Result<Scenario> {
    store::get(cx.tx, cx.account, project, id).await?.ok_or(Refusal::NotFound)
}

/// Gives it another name; the draft carries it, and the published version keeps the one it had.
///
/// # Errors
/// For a name of the wrong form, or when there is none in this project.
pub(crate) async fn rename(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId, name: &str) -> Result<Scenario> {
    let name = name_of(name)?;
    let mut draft = draft(cx, project, id).await?;
    stamp(&mut draft.document, id, &name);
    save_at(cx, project, id, draft.document, draft.revision, draft.saved_by).await?;
    tell(cx, project).await?;
    get(cx, project, id).await
}

/// The draft as it stands.
///
/// # Errors
/// When there is none in this project.
pub(crate) async fn draft(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId) -> Result<Draft> {
    let mut draft = store::draft(cx.tx, cx.account, project, id).await?.ok_or(Refusal::NotFound)?;
    draft.problems = problems_of(cx, project, &draft.document).await?;
    Ok(draft)
}

/// Saves the draft over the revision that its editor knows.
///
/// # Errors
/// `draft_changed` when somebody has saved since.
pub async fn save(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ScenarioId,
    mut document: Document,
    revision: i64,
    by: Option<UserId>,
) -> Result<Draft> {
    let standing = store::draft(cx.tx, cx.account, project, id).await?.ok_or(Refusal::NotFound)?;
    if standing.revision != revision {
        return Err(changed(&standing));
    }
    let name = name_of(&document.name).unwrap_or(standing.document.name);
    stamp(&mut document, id, &name);
    save_at(cx, project, id, document, revision, by).await?;
    draft(cx, project, id).await
}

async fn save_at(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ScenarioId,
    document: Document,
    revision: i64,
    by: Option<UserId>,
) -> Result<()> {
    let problems = problems_of(cx, project, &document).await?;
    store::set_launches(cx, project, id, Of::Draft, &document).await?;
    if !store::save(cx, project, id, &Saving { document, problems, revision, by }).await? {
        let standing = store::draft(cx.tx, cx.account, project, id).await?.ok_or(Refusal::NotFound)?;
        return Err(changed(&standing));
    }
    Ok(())
}

fn changed(standing: &Draft) -> Refusal {
    let who = standing.saved_by_name.as_deref().unwrap_or("somebody");
    Refusal::Conflict {
        code: "draft_changed",
        detail: format!("{who} has saved this scenario meanwhile: load it again"),
    }
}

/// What a publishing brought.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct Published {
    /// The new version.
    pub version: i64,
    /// Warnings that were allowed.
    pub problems: Vec<Found>,
}

/// Makes the draft of this revision the newest version. Runs that are alive stay on theirs (section 4).
///
/// # Errors
/// Every error of the document by its block; `draft_changed` when somebody has saved since.
pub async fn publish(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ScenarioId,
    revision: i64,
    by: Option<UserId>,
) -> Result<Published> {
    events::lock(cx.tx, cx.account).await?;
    let Draft { document, problems, .. } = match draft(cx, project, id).await? {
        draft if draft.revision == revision => draft,
        draft => return Err(changed(&draft)),
    };
    let errors = problems.iter().filter(|problem| problem.level == Grade::Error);
    let errors: Vec<Invalid> =
        errors.map(|problem| Invalid::new(&path_of(problem), &problem.code, problem.message.clone())).collect();
    if !errors.is_empty() {
        return Err(Refusal::Invalid(errors));
    }
    let version = store::publish(cx, project, id, &document, by).await?;
    store::set_launches(cx, project, id, Of::Published, &document).await?;
    store::set_launches(cx, project, id, Of::Draft, &document).await?;
    tell(cx, project).await?;
    Ok(Published { version, problems })
}

fn path_of(problem: &Found) -> String {
    let block = problem.block.as_ref().map(|block| format!("blocks.{block}"));
    let place = problem.setting.as_ref().map(|setting| format!("settings.{setting}"));
    let exit = problem.exit.as_ref().map(|exit| format!("exits.{exit}"));
    let parts: Vec<String> = [Some("document".to_owned()), block, place.or(exit)].into_iter().flatten().collect();
    parts.join(".")
}

/// A published version.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = ScenarioVersion)]
pub struct Version {
    /// Its number.
    pub version: i64,
    /// When.
    pub published_at: Timestamp,
    /// By whom.
    pub published_by: Option<UserId>,
    /// Their name.
    pub published_by_name: Option<String>,
    /// Blocks in it.
    pub blocks: i64,
    /// The document; only when one version is asked for.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>)]
    pub document: Option<Document>,
}

/// Makes the draft what a version was.
///
/// # Errors
/// When there is no such version.
pub(crate) async fn restore(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ScenarioId,
    version: i64,
    by: Option<UserId>,
) -> Result<Draft> {
    let found = store::version(cx.tx, cx.account, project, id, version).await?.ok_or(Refusal::NotFound)?;
    let standing = draft(cx, project, id).await?;
    let mut document = found.document.ok_or(Refusal::NotFound)?;
    // Ids are never used again, not even those of blocks that this version did not have.
    document.next = document.next.max(standing.document.next);
    stamp(&mut document, id, &standing.document.name);
    save_at(cx, project, id, document, standing.revision, by).await?;
    draft(cx, project, id).await
}

/// Deletes a scenario: nothing launches it any more. What is at work finishes, or is stopped by the caller.
///
/// # Errors
/// When there is none in this project.
pub(crate) async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &ScenarioId) -> Result<()> {
    if !store::delete(cx, project, id).await? {
        return Err(Refusal::NotFound);
    }
    store::forget_launches(cx, id).await?;
    tell(cx, project).await
}

/// What is wrong with a document in this project.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn problems_of(cx: &mut Cx<'_>, project: &ProjectId, document: &Document) -> Result<Vec<Found>> {
    let fields = messaging::fields::all(cx.tx, cx.account, project).await?;
    let scenarios = store::published(cx.tx, cx.account, project).await?;
    let secrets = messaging::scenario_secrets::list(cx, project).await?;
    let files = messaging::files::of_scenarios(cx, project).await?;
    let departments = messaging::departments::store::ids(cx.tx, cx.account, project).await?;
    let known = Known {
        departments: Some(departments.into_iter().map(|id| id.to_string()).collect()),
        fields: Some(fields.into_iter().map(|field| field.key).collect()),
        scenarios: Some(scenarios.into_iter().map(|id| id.to_string()).collect()),
        files: Some(files.into_iter().map(|file| file.id.to_string()).collect()),
        secrets: Some(secrets.into_iter().map(|secret| secret.name).collect()),
        launches: Some(LAUNCHED.into()),
        is_zone: Some(|zone| jiff::tz::TimeZone::get(zone).is_ok()),
    };
    Ok(check(document, &known).into_iter().map(Found::from).collect())
}

fn stamp(document: &mut Document, id: &ScenarioId, name: &str) {
    document.id = Some(id.to_string());
    name.clone_into(&mut document.name);
    document.version = None;
    let highest = document.blocks.iter().filter_map(|block| block.id.strip_prefix('b')?.parse::<u64>().ok()).max();
    document.next = document.next.max(highest.map(|highest| highest.saturating_add(1)));
}

fn name_of(name: &str) -> Result<String> {
    let name = name.trim();
    match name.chars().count() {
        0 => Err(Refusal::invalid("name", "empty", "a scenario needs a name")),
        1..=LONGEST_NAME => Ok(name.to_owned()),
        _ => Err(Refusal::invalid("name", "too_long", format!("at most {LONGEST_NAME} characters"))),
    }
}

async fn tell(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    let updated = SettingsUpdated { resource: "scenarios".to_owned() };
    events::append(cx, project, &Event::SettingsUpdated(updated)).await.map(drop)
}
