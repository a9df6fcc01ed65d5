//! Distribution (Распределение): how a project gives out conversations that are nobody's (ADR 33). What is chosen is [`choose`], what department
//! a client is for is [`rules`]; both are pure. [`runner`] does it, on one node at a time, behind the path: a project that
//! gives out nothing costs a message nothing.

pub mod choose;
mod give;
mod places;
pub mod rules;
pub mod runner;
mod store;

pub use rules::{Condition, Rule};
pub use store::{Load, loads};

use crate::{Refusal, Result, connections, departments, fields};
use model::{ConversationId, Cx, DepartmentId, ProjectId, UserId};
use serde::{Deserialize, Serialize};

/// What the event of a change calls it.
const RESOURCE: &str = "routing";
/// Rules of a project at most.
const MOST_RULES: usize = 50;
/// Conditions of a rule at most.
const MOST_CONDITIONS: usize = 5;
/// How long somebody may be waited for.
const REASSIGN: std::ops::RangeInclusive<i64> = 10..=24 * 60 * 60;
/// The largest limit of open conversations.
const MOST_OPEN: i64 = 1000;

/// How conversations that are nobody's are given out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = RoutingMode)]
pub enum Mode {
    /// Not at all: everybody sees them and takes for himself.
    #[default]
    Everyone,
    /// To each in turn.
    RoundRobin,
    /// To who has the fewest.
    LeastBusy,
}

/// How a project gives out conversations.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = RoutingSettings)]
pub struct Settings {
    /// How.
    pub mode: Mode,
    /// Whoever had the client before goes first.
    #[serde(default)]
    pub last_operator_first: bool,
    /// Who has not answered in so many seconds loses it to the next; none for never.
    #[serde(default)]
    #[schema(minimum = 10, maximum = 86400)]
    pub reassign_seconds: Option<i64>,
    /// Which department a new conversation is for: the first that holds.
    #[serde(default)]
    pub rules: Vec<Rule>,
}

impl Settings {
    /// Whether there is anything to do.
    fn is_active(&self) -> bool {
        self.mode != Mode::Everyone || !self.rules.is_empty()
    }
}

/// How a project gives out conversations.
///
/// # Errors
/// When the storage fails.
pub async fn settings(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Settings> {
    Ok(store::settings(cx.tx, cx.account, project).await?.unwrap_or_default())
}

/// Changes it as a whole.
///
/// # Errors
/// For a part of the wrong form, or what is another project's.
pub async fn set(cx: &mut Cx<'_>, project: &ProjectId, settings: Settings) -> Result<Settings> {
    events::lock(cx.tx, cx.account).await?;
    check(cx, project, &settings).await?;
    store::save(cx.tx, cx.account, project, &settings).await?;
    events::settings_changed(cx, project, RESOURCE).await?;
    Ok(settings)
}

async fn check(cx: &mut Cx<'_>, project: &ProjectId, settings: &Settings) -> Result<()> {
    if settings.reassign_seconds.is_some_and(|seconds| !REASSIGN.contains(&seconds)) {
        return Err(Refusal::invalid("reassign_seconds", "out_of_range", "10 seconds to a day"));
    }
    if settings.rules.len() > MOST_RULES {
        return Err(Refusal::invalid("rules", "too_many", format!("{MOST_RULES} rules at most")));
    }
    let departments = departments::store::ids(cx.tx, cx.account, project).await?;
    let known: Vec<String> =
        fields::all(cx.tx, cx.account, project).await?.into_iter().map(|field| field.key).collect();
    for (at, rule) in settings.rules.iter().enumerate() {
        // Another's and none are the same (security statement 2).
        if !departments.contains(&rule.department_id) {
            return Err(Refusal::NotFound);
        }
        let path = format!("rules.{at}.when");
        if !(1..=MOST_CONDITIONS).contains(&rule.when.len()) {
            return Err(Refusal::invalid(&path, "wrong_form", format!("1 to {MOST_CONDITIONS} conditions")));
        }
        for (number, condition) in rule.when.iter().enumerate() {
            check_condition(cx, project, &format!("{path}.{number}"), condition, &known).await?;
        }
    }
    Ok(())
}

async fn check_condition(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    path: &str,
    condition: &Condition,
    fields: &[String],
) -> Result<()> {
    let words = |member: &str, text: &str, most: usize| {
        let is_right = !text.trim().is_empty() && text.chars().count() <= most && !text.contains('\0');
        let wrong = || Refusal::invalid(&format!("{path}.{member}"), "wrong_form", format!("1 to {most} characters"));
        if is_right { Ok(()) } else { Err(wrong()) }
    };
    match condition {
        Condition::Language { language } => words("language", language, 35),
        Condition::Page { contains } => words("contains", contains, 500),
        Condition::Field { field, value } => {
            if !fields.contains(field) {
                return Err(Refusal::invalid(&format!("{path}.field"), "unknown_field", "there is no such field"));
            }
            words("value", value, 500)
        }
        Condition::Connection { connection_id } => {
            let connection = connections::get(cx.tx, cx.account, connection_id).await?;
            if connection.project_id == *project { Ok(()) } else { Err(Refusal::NotFound) }
        }
    }
}

/// A department is gone: no rule leads there.
pub(crate) async fn forget_department(cx: &mut Cx<'_>, project: &ProjectId, id: &DepartmentId) -> Result<()> {
    let Some(mut settings) = store::settings(cx.tx, cx.account, project).await? else { return Ok(()) };
    if settings.rules.iter().all(|rule| rule.department_id != *id) {
        return Ok(());
    }
    settings.rules.retain(|rule| rule.department_id != *id);
    store::save(cx.tx, cx.account, project, &settings).await?;
    events::settings_changed(cx, project, RESOURCE).await
}

/// How many conversations somebody of a project is given at most; none for no limit.
///
/// # Errors
/// When that person does not work in the project; for a limit that is none.
pub async fn set_limit(cx: &mut Cx<'_>, project: &ProjectId, user: &UserId, max_open: Option<i64>) -> Result<()> {
    if max_open.is_some_and(|most| !(0..=MOST_OPEN).contains(&most)) {
        return Err(Refusal::invalid("max_open", "out_of_range", format!("0 to {MOST_OPEN}")));
    }
    events::lock(cx.tx, cx.account).await?;
    let people = departments::store::people(cx.tx, cx.account, project).await?;
    if !people.iter().any(|person| person.id == *user) {
        return Err(Refusal::NotFound);
    }
    store::set_limit(cx.tx, cx.account, project, user, max_open).await?;
    events::settings_changed(cx, project, RESOURCE).await
}

/// Somebody gave a conversation back, or away: distribution does not give it to the same person again.
///
/// # Errors
/// When the storage fails.
pub async fn gave_back(cx: &mut Cx<'_>, project: &ProjectId, id: &ConversationId, holder: &UserId) -> Result<()> {
    let settings = store::settings(cx.tx, cx.account, project).await?;
    if settings.is_none_or(|settings| settings.mode == Mode::Everyone) {
        return Ok(());
    }
    let mut routed = store::routed(cx.tx, cx.account, id).await?.unwrap_or_default();
    if !routed.asked.contains(holder) {
        routed.asked.push(*holder);
    }
    (routed.given_to, routed.given_at) = (None, None);
    store::save_routed(cx.tx, cx.account, id, &routed).await
}
