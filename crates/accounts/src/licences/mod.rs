//! The account's licence: what is shown of it, who switches what, and what that stops (R58-R64, rulings 56 and 76).

mod store;

use messaging::licences::{self, Feature, Licence, LicensedOption};
use messaging::scenario_runs;
use model::{ActorId, Cx, ProjectId, Result, ScenarioId, Timestamp};
use serde::Serialize;

/// The licence as its page shows it.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = Licence)]
pub struct Shown {
    /// Users who can sign in.
    pub seats_used: i64,
    /// Users paid for; null for any number.
    pub seats: Option<i64>,
    /// Beginning of the period paid for.
    pub period_from: Option<Timestamp>,
    /// Its end.
    pub period_to: Option<Timestamp>,
    /// The switch of Premium.
    pub premium: bool,
    /// Whether what asks for Premium works now.
    pub premium_works: bool,
    /// Until then Premium works without the switch.
    pub grace_until: Option<Timestamp>,
    /// When it stops by itself, having been switched off before its grace date.
    pub premium_stops_at: Option<Timestamp>,
    /// What stops when Premium does.
    pub affected: Affected,
    /// The last changes, the newest first.
    pub changes: Vec<Change>,
}

/// What runs only with Premium now.
#[derive(Debug, Clone, Default, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = LicenceAffected)]
pub struct Affected {
    /// Scenarios at work with clients.
    pub scenarios: Vec<AtWork>,
    /// Clients they are at work with, test users apart.
    pub active_runs: i64,
    /// Published scenarios, at work or not.
    pub published: i64,
}

/// A scenario at work.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = LicencedScenario)]
pub struct AtWork {
    /// Scenario.
    pub id: ScenarioId,
    /// Its project.
    pub project_id: ProjectId,
    /// Its name.
    pub name: String,
    /// Clients it is at work with.
    pub active_runs: i64,
}

/// Somebody changed the licence.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
#[schema(as = LicenceChange)]
pub struct Change {
    /// When.
    pub at: Timestamp,
    /// Name of who; empty for the installation's administrator.
    pub by: String,
    /// `premium`, `seats`, `period` or `grace_until`.
    pub what: String,
    /// To what.
    pub value: String,
}

/// The account's licence.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn show(cx: &mut Cx<'_>) -> Result<Shown> {
    let licence = licences::load(cx.tx, cx.account).await?;
    let (now, standing) = (cx.env.now(), licence.standing(LicensedOption::Premium));
    Ok(Shown {
        seats_used: store::seats_used(cx.tx, cx.account).await?,
        seats: licence.seats,
        period_from: licence.period_from,
        period_to: licence.period_to,
        premium: licence.premium,
        premium_works: licence.allows(Feature::ScenarioRuns, now),
        grace_until: licence.grace_until,
        premium_stops_at: standing.stops_at(now),
        affected: store::affected(cx.tx, cx.account).await?,
        changes: store::changes(cx.tx, cx.account).await?,
    })
}

/// Switches Premium. Off, it stops at the grace date, or at once when none lies ahead: dialogues of bots then go to people.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn switch_premium(cx: &mut Cx<'_>, is_on: bool, by: ActorId) -> Result<Shown> {
    let licence = licences::load(cx.tx, cx.account).await?;
    if licence.premium != is_on {
        let changed = Licence { premium: is_on, ..licence };
        keep(cx, &changed, &[("premium", if is_on { "on" } else { "off" }.to_owned())], Some(by)).await?;
    }
    show(cx).await
}

/// What the installation's administrator sets; what is absent stays.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Users paid for; 0 for any number.
    pub seats: Option<i64>,
    /// End of the period.
    pub period_to: Option<Timestamp>,
    /// The switch.
    pub premium: Option<bool>,
    /// Until then Premium works without the switch; `Some(None)` takes the date away.
    pub grace_until: Option<Option<Timestamp>>,
}

/// Sets plan and dates (`otklik licence`).
///
/// # Errors
/// When the storage fails.
pub async fn set(cx: &mut Cx<'_>, plan: Plan) -> Result<Shown> {
    let mut licence = licences::load(cx.tx, cx.account).await?;
    let mut changes = Vec::new();
    if let Some(seats) = plan.seats {
        licence.seats = Some(seats).filter(|seats| *seats > 0);
        changes.push(("seats", seats.to_string()));
    }
    if let Some(to) = plan.period_to {
        licence.period_from = licence.period_from.or(Some(cx.env.now()));
        licence.period_to = Some(to);
        changes.push(("period", to.to_string()));
    }
    if let Some(premium) = plan.premium {
        licence.premium = premium;
        changes.push(("premium", if premium { "on" } else { "off" }.to_owned()));
    }
    if let Some(until) = plan.grace_until {
        licence.grace_until = until;
        changes.push(("grace_until", until.map(|until| until.to_string()).unwrap_or_default()));
    }
    if !changes.is_empty() {
        keep(cx, &licence, &changes, None).await?;
    }
    show(cx).await
}

async fn keep(cx: &mut Cx<'_>, licence: &Licence, changes: &[(&str, String)], by: Option<ActorId>) -> Result<()> {
    licences::save(cx, licence).await?;
    for (what, value) in changes {
        store::note(cx, by, what, value).await?;
    }
    let now = cx.env.now();
    let standing = licence.standing(LicensedOption::Premium);
    // What it stops is stopped by a job: there may be a million of them.
    match (licence.allows(Feature::ScenarioRuns, now), standing.stops_at(now)) {
        (true, None) => scenario_runs::jobs::stop_all_at(cx, None).await,
        (true, at) => scenario_runs::jobs::stop_all_at(cx, at).await,
        (false, _) => scenario_runs::jobs::stop_all_at(cx, Some(now)).await,
    }
}
