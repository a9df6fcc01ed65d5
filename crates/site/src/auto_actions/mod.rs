//! Auto-actions (Автодействия): what a site does by itself, when, under which conditions and how often (R33, R73-R77). What their documents mean
//! is the pure `site-rules`; normative: `site.md`.
//!
//! | what | file |
//! | --- | --- |
//! | what of the project a document may name | [`project`] |
//! | which one would act, and why the others would not | [`explain`](mod@explain) |
//! | what a page is told | [`shown`] |
//! | the checker in the page itself | [`inspect`] |
//! | a page has shown one: noted, with its effects | [`act`](mod@act) |

mod act;
mod explain;
pub mod inspect;
mod project;
mod shown;
mod store;

pub use act::{Acted, Acting, Seen, Viewer, act, makes_contacts};
pub use explain::{Asking, explain};
pub use shown::{OfVisitor, SiteRules, has_rules, of_visitor, rules};
pub use store::{forget_showings, visitors};

use crate::known::site_changed;
use db::Tx;
use messaging::contacts::names::readable;
use model::{AccountId, AutoActionId, ContactId, Cx, Invalid, ProjectId, Refusal, Result, Timestamp};
use project::Project;
use serde::Serialize;
use serde_json::Value;
use site_rules::document::{Action, Conditions, Limits, Start};
use site_rules::{Document, Rule};

/// What the event of a change calls them.
const RESOURCE: &str = "auto-actions";
/// Auto-actions of a project at most.
const MOST: usize = 100;
/// Characters of a title at most.
const LONGEST_TITLE: usize = 100;

/// What came of an auto-action.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AutoActionCounts)]
pub struct Counts {
    /// Drawn on a page.
    pub shown: i64,
    /// Pressed.
    pub clicked: i64,
    /// A dialog began by it.
    pub dialogs: i64,
}

/// Showings are counted that were from a moment on and before another, in milliseconds of the epoch.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Period {
    /// The first moment.
    pub from: i64,
    /// The first moment that is not in it any more.
    pub to: i64,
}

impl Period {
    /// All that is known.
    pub const EVER: Self = Self { from: 0, to: i64::MAX };
}

/// Something that an auto-action names is gone.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = AutoActionProblem)]
pub struct Problem {
    /// Where in the document.
    pub path: String,
    /// What kind of problem.
    pub code: String,
    /// What happened and what to do.
    pub message: String,
}

/// An auto-action of a project.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
pub struct AutoAction {
    /// Auto-action id.
    pub id: AutoActionId,
    /// Name, for people.
    pub title: String,
    /// Whether it acts at all.
    pub enabled: bool,
    /// Higher goes first; the list's order.
    pub priority: i64,
    /// When its conditions are looked at.
    #[schema(value_type = String)]
    pub starts: Start,
    /// What must hold.
    #[schema(value_type = Object)]
    pub conditions: Conditions,
    /// What it does.
    #[schema(value_type = Vec<Object>)]
    pub actions: Vec<Action>,
    /// How often it may.
    #[schema(value_type = Object)]
    pub limits: Limits,
    /// What makes it hold for nobody: something that it names is gone.
    pub problems: Vec<Problem>,
    /// What came of it.
    pub counts: Counts,
    /// Made.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// A visitor to whom an auto-action was shown.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = AutoActionVisitor)]
pub struct Visitor {
    /// The client, once they have said something.
    pub contact_id: Option<ContactId>,
    /// What the visitor is known by.
    pub visitor: String,
    /// The client's name or handle.
    pub name: Option<String>,
    /// When.
    pub at: Timestamp,
    /// When it was shown: lists go by it.
    #[serde(skip)]
    pub shown_at: i64,
}

/// A document as it is kept.
struct Stored {
    id: AutoActionId,
    document: Document,
    created_at: Timestamp,
    updated_at: Timestamp,
}

/// The auto-actions of a project as rules, ready to be asked: the oldest first, each with the priority that its place gives it.
async fn ready(cx: &mut Cx<'_>, project: &ProjectId, known: &Project) -> Result<Vec<Rule>> {
    let mut all = store::all(cx.tx, cx.account, project).await?;
    all.sort_by_key(|stored| stored.created_at);
    Ok(all.into_iter().map(|stored| Rule::of(stored.document, &known.known)).collect())
}

/// All of a project, in their order, with what came of them in a period.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, project: &ProjectId, period: &Period) -> Result<Vec<AutoAction>> {
    let all = store::all(cx.tx, cx.account, project).await?;
    if all.is_empty() {
        return Ok(Vec::new());
    }
    let known = Project::load(cx, project).await?;
    let counts = store::counts(cx.tx, cx.account, project, period).await?;
    let shown = |stored: Stored| {
        let Rule { document, problems, .. } = Rule::of(stored.document, &known.known);
        let counts = counts.get(&stored.id).copied().unwrap_or_default();
        let Document { title, enabled, priority, starts, conditions, actions, limits, .. } = document;
        let problem = |p: site_rules::Problem| Problem { path: p.path, code: p.code.to_owned(), message: p.message };
        let problems = problems.into_iter().map(problem).collect();
        let (id, created_at, updated_at) = (stored.id, stored.created_at, stored.updated_at);
        AutoAction {
            id,
            title,
            enabled,
            priority,
            starts,
            conditions,
            actions,
            limits,
            problems,
            counts,
            created_at,
            updated_at,
        }
    };
    Ok(all.into_iter().map(shown).collect())
}

/// One of a project.
///
/// # Errors
/// When there is none.
pub async fn get(cx: &mut Cx<'_>, project: &ProjectId, id: &AutoActionId) -> Result<AutoAction> {
    list(cx, project, &Period::EVER).await?.into_iter().find(|one| one.id == *id).ok_or(Refusal::NotFound)
}

/// Adds one: it goes last.
///
/// # Errors
/// With the place of everything that is wrong with it; `too_many_auto_actions`.
pub async fn create(cx: &mut Cx<'_>, project: &ProjectId, document: &Value) -> Result<AutoAction> {
    events::lock(cx.tx, cx.account).await?;
    if store::all(cx.tx, cx.account, project).await?.len() >= MOST {
        let detail = format!("a project has {MOST} auto-actions at most; delete one first");
        return Err(Refusal::Conflict { code: "too_many_auto_actions", detail });
    }
    let document = checked(cx, project, document).await?;
    let id = AutoActionId::new(cx.env.ids());
    store::insert(cx, project, &id, &document).await?;
    site_changed(cx, project, RESOURCE).await?;
    get(cx, project, &id).await
}

/// Puts another document in the place of one.
///
/// # Errors
/// As [`create`].
pub async fn replace(cx: &mut Cx<'_>, project: &ProjectId, id: &AutoActionId, document: &Value) -> Result<AutoAction> {
    events::lock(cx.tx, cx.account).await?;
    get(cx, project, id).await?;
    let document = checked(cx, project, document).await?;
    store::update(cx, id, &document).await?;
    site_changed(cx, project, RESOURCE).await?;
    get(cx, project, id).await
}

/// Switches one on or off, whatever it names.
///
/// # Errors
/// When there is none.
pub async fn switch(cx: &mut Cx<'_>, project: &ProjectId, id: &AutoActionId, enabled: bool) -> Result<AutoAction> {
    events::lock(cx.tx, cx.account).await?;
    let mut document = stored(cx.tx, cx.account, project, id).await?.document;
    document.enabled = enabled;
    store::update(cx, id, &document).await?;
    site_changed(cx, project, RESOURCE).await?;
    get(cx, project, id).await
}

/// Takes one away, with its numbers.
///
/// # Errors
/// When there is none.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &AutoActionId) -> Result<()> {
    if !store::delete(cx.tx, cx.account, project, id).await? {
        return Err(Refusal::NotFound);
    }
    site_changed(cx, project, RESOURCE).await
}

/// Puts them in this order: the first goes first.
///
/// # Errors
/// When these are not all of them, once each.
pub async fn order(cx: &mut Cx<'_>, project: &ProjectId, ids: &[AutoActionId]) -> Result<Vec<AutoAction>> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    let is_whole = ids.len() == all.len() && all.iter().all(|one| ids.contains(&one.id));
    if !is_whole {
        return Err(Refusal::invalid("ids", "wrong_order", "name every auto-action once"));
    }
    for (place, id) in (0..).zip(ids) {
        store::set_place(cx.tx, cx.account, id, place).await?;
    }
    site_changed(cx, project, RESOURCE).await?;
    list(cx, project, &Period::EVER).await
}

async fn stored(tx: &mut Tx, account: &AccountId, project: &ProjectId, id: &AutoActionId) -> Result<Stored> {
    store::all(tx, account, project).await?.into_iter().find(|one| one.id == *id).ok_or(Refusal::NotFound)
}

async fn checked(cx: &mut Cx<'_>, project: &ProjectId, document: &Value) -> Result<Document> {
    let known = Project::load(cx, project).await?;
    let document = site_rules::read(document, &known.known).map_err(|problems| refused("", problems))?;
    let title = readable(&document.title).filter(|title| title.chars().count() <= LONGEST_TITLE);
    let title = title.ok_or_else(|| {
        Refusal::invalid("title", "wrong_form", format!("1 to {LONGEST_TITLE} characters that can be seen"))
    })?;
    if document.actions.is_empty() {
        return Err(Refusal::invalid("actions", "empty", "choose what it does"));
    }
    Ok(Document { id: None, title, ..document })
}

/// Problems of a document, as they stand in the body of a request.
fn refused(at: &str, problems: Vec<site_rules::Problem>) -> Refusal {
    let place = |path: String| if at.is_empty() { path } else { format!("{at}.{path}") };
    let told = problems.into_iter().map(|problem| Invalid::new(&place(problem.path), problem.code, problem.message));
    Refusal::Invalid(told.collect())
}
