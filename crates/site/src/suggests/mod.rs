//! Suggests (Саджесты): buttons with words that an auto-action shows to a visitor of the site (R32, R74-R76).

mod store;

pub(crate) use store::one as stored;

use crate::known::{self, Known, Problem, SiteField, check_form, form};
use crate::text::{self, Label};
use model::{Cx, ProjectId, Refusal, Result, ScenarioId, SuggestId, Timestamp};
use serde::{Deserialize, Serialize};

/// What the event of a change calls them.
const RESOURCE: &str = "suggests";
/// Suggests of a project at most.
const MOST: usize = 50;
/// Characters of a text that a suggest says at most.
const LONGEST_TEXT: usize = 500;

/// A text in the visitor's language; Russian where there is no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = SuggestText)]
pub struct Words {
    /// In Russian.
    pub ru: String,
    /// In English.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub en: Option<String>,
}

/// What a press does (Тип действия).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = SuggestTarget)]
pub enum Target {
    /// Starts a scenario (Запуск чат-бота).
    Scenario {
        /// Which.
        scenario_id: ScenarioId,
    },
    /// Says this for the visitor.
    Text {
        /// What.
        text: Words,
    },
    /// Opens a page.
    Link {
        /// Where.
        url: String,
        /// In a tab of its own.
        #[serde(default = "yes")]
        new_tab: bool,
    },
    /// Asks for fields.
    Form {
        /// Their keys.
        fields: Vec<String>,
    },
}

const fn yes() -> bool {
    true
}

/// What a company says of a suggest.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[schema(as = SuggestSettings)]
pub struct Settings {
    /// What stands on it.
    pub label: Label,
    /// What a press does.
    pub target: Target,
}

/// The same as a request: nothing else may stand there.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = NewSuggest)]
pub struct New {
    label: Label,
    target: Target,
}

impl From<New> for Settings {
    fn from(New { label, target }: New) -> Self {
        Self { label, target }
    }
}

/// Some of it, to be changed.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = UpdateSuggest)]
pub struct Change {
    label: Option<Label>,
    target: Option<Target>,
}

/// A suggest of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Suggest {
    /// Suggest id.
    pub id: SuggestId,
    /// What it is.
    #[serde(flatten)]
    pub settings: Settings,
    /// Why it is not shown.
    pub problem: Option<Problem>,
    /// Made.
    pub created_at: Timestamp,
    /// Changed.
    pub updated_at: Timestamp,
}

/// All of a project in their order.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<Suggest>> {
    let known = Known::load(cx, project).await?;
    with_problems(cx, project, &known).await
}

async fn with_problems(cx: &mut Cx<'_>, project: &ProjectId, known: &Known) -> Result<Vec<Suggest>> {
    let mut all = store::all(cx.tx, cx.account, project).await?;
    for suggest in &mut all {
        suggest.problem = match &suggest.settings.target {
            Target::Scenario { scenario_id } => known.scenario_problem(scenario_id),
            Target::Form { fields } => known.form_problem(fields),
            Target::Text { .. } | Target::Link { .. } => None,
        };
    }
    Ok(all)
}

async fn one(cx: &mut Cx<'_>, project: &ProjectId, id: &SuggestId) -> Result<Suggest> {
    list(cx, project).await?.into_iter().find(|suggest| suggest.id == *id).ok_or(Refusal::NotFound)
}

/// Adds one at the end.
///
/// # Errors
/// For a part of the wrong form or another project's; `too_many_suggests`.
pub async fn create(cx: &mut Cx<'_>, project: &ProjectId, settings: Settings) -> Result<Suggest> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    if all.len() >= MOST {
        let detail = format!("a project has {MOST} suggests at most; delete one first");
        return Err(Refusal::Conflict { code: "too_many_suggests", detail });
    }
    let settings = checked(cx, project, settings).await?;
    let id = SuggestId::new(cx.env.ids());
    store::insert(cx, project, &id, &settings).await?;
    known::site_changed(cx, project, RESOURCE).await?;
    one(cx, project, &id).await
}

/// Changes one.
///
/// # Errors
/// As [`create`].
pub async fn update(cx: &mut Cx<'_>, project: &ProjectId, id: &SuggestId, change: Change) -> Result<Suggest> {
    events::lock(cx.tx, cx.account).await?;
    let Settings { label, target } = one(cx, project, id).await?.settings;
    let settings = Settings { label: change.label.unwrap_or(label), target: change.target.unwrap_or(target) };
    let settings = checked(cx, project, settings).await?;
    store::update(cx, id, &settings).await?;
    known::site_changed(cx, project, RESOURCE).await?;
    one(cx, project, id).await
}

/// Takes one away: auto-actions that show it show it no more.
///
/// # Errors
/// When there is none.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &SuggestId) -> Result<()> {
    if !store::delete(cx.tx, cx.account, project, id).await? {
        return Err(Refusal::NotFound);
    }
    known::site_changed(cx, project, RESOURCE).await
}

/// Puts them in this order.
///
/// # Errors
/// When these are not all of them, once each.
pub async fn order(cx: &mut Cx<'_>, project: &ProjectId, ids: &[SuggestId]) -> Result<Vec<Suggest>> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    let is_whole = ids.len() == all.len() && all.iter().all(|suggest| ids.contains(&suggest.id));
    if !is_whole {
        return Err(Refusal::invalid("ids", "wrong_order", "name every suggest once"));
    }
    for (place, id) in (0..).zip(ids) {
        store::set_place(cx.tx, cx.account, id, place).await?;
    }
    known::site_changed(cx, project, RESOURCE).await?;
    list(cx, project).await
}

async fn checked(cx: &mut Cx<'_>, project: &ProjectId, settings: Settings) -> Result<Settings> {
    let known = Known::load(cx, project).await?;
    let label = text::label(settings.label)?;
    let mut target = settings.target;
    match &mut target {
        Target::Scenario { scenario_id } => {
            if known.scenario_problem(scenario_id) == Some(Problem::ScenarioGone) {
                return Err(Refusal::NotFound);
            }
        }
        Target::Text { text } => check_words(text)?,
        Target::Link { url, .. } => text::address("target.url", url)?,
        Target::Form { fields } => check_form(&known, fields)?,
    }
    Ok(Settings { label, target })
}

fn check_words(words: &mut Words) -> Result<()> {
    words.en = words.en.take().filter(|text| !text.trim().is_empty());
    for (path, text) in [("target.text.ru", Some(&words.ru)), ("target.text.en", words.en.as_ref())] {
        let Some(text) = text else { continue };
        if text.trim().is_empty() || text.chars().count() > LONGEST_TEXT || text.contains('\0') {
            return Err(Refusal::invalid(path, "wrong_form", format!("1 to {LONGEST_TEXT} characters")));
        }
    }
    Ok(())
}

/// A suggest as a page is told of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct SiteSuggest {
    /// Suggest id.
    pub id: SuggestId,
    /// What stands on it.
    pub label: Label,
    /// What a press does.
    pub target: SiteTarget,
}

/// What a press does, without what the page has no business with.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
#[allow(missing_docs)] // As in `Target`.
pub enum SiteTarget {
    Scenario {},
    Text { text: Words },
    Link { url: String, new_tab: bool },
    Form { fields: Vec<SiteField> },
}

/// Those that can be shown, in their order.
///
/// # Errors
/// When the storage fails.
pub async fn of_site(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<SiteSuggest>> {
    let known = Known::load(cx, project).await?;
    let all = with_problems(cx, project, &known).await?;
    let shown = all.into_iter().filter(|suggest| suggest.problem.is_none());
    Ok(shown
        .map(|Suggest { id, settings: Settings { label, target }, .. }| SiteSuggest {
            id,
            label,
            target: match target {
                Target::Scenario { .. } => SiteTarget::Scenario {},
                Target::Text { text } => SiteTarget::Text { text },
                Target::Link { url, new_tab } => SiteTarget::Link { url, new_tab },
                Target::Form { fields } => SiteTarget::Form { fields: form(&known, &fields) },
            },
        })
        .collect())
}
