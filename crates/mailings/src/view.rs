//! Mailings and their numbers as they are told.

use crate::document::Document;
use crate::links;
use crate::mailing::{Held, Row, State};
use crate::store::{clicks, goals, mailings, report};
use crate::use_cases;
use model::{ChannelKind, Cx, Invalid, MailingId, Result, Timestamp};
use serde::Serialize;
use std::collections::BTreeMap;

/// A mailing.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Mailing {
    /// Mailing id.
    pub id: MailingId,
    /// How far it is.
    pub state: State,
    /// To be named when saving.
    pub revision: i64,
    /// What it is.
    pub document: Document,
    /// Waits for somebody's word.
    pub held: Option<Held>,
    /// Its numbers.
    pub counts: Counts,
    /// What forbids its start.
    #[schema(value_type = Vec<http_kit::ProblemPlace>)]
    pub problems: Vec<Invalid>,
    /// Name of the scenario that it begins.
    pub scenario_name: Option<String>,
    /// Made.
    pub created_at: Timestamp,
    /// By whom.
    pub created_by: Option<String>,
    /// Changed.
    pub changed_at: Timestamp,
    /// Begins.
    pub starts_at: Option<Timestamp>,
    /// Began.
    pub started_at: Option<Timestamp>,
    /// Ended.
    pub ended_at: Option<Timestamp>,
}

/// Numbers of a mailing: people = skipped + queued + sending + sent + failed + unknown. Delivered and read are within sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingCounts)]
pub struct Counts {
    /// Everybody who was meant.
    pub people: i64,
    /// Who wait.
    pub queued: i64,
    /// Who are being written to.
    pub sending: i64,
    /// Whose channel took it.
    pub sent: i64,
    /// Whom it reached.
    pub delivered: i64,
    /// Who read it.
    pub read: i64,
    /// Whose channel refused it.
    pub failed: i64,
    /// Of whom nobody can know.
    pub unknown: i64,
    /// Who get nothing.
    pub skipped: i64,
    /// Who pressed a button of it, or opened a link.
    pub clicked: i64,
    /// Who reached what it was sent for.
    pub goal: i64,
    /// Who said something afterwards.
    pub answered: i64,
}

impl Counts {
    fn add(&mut self, state: &str, n: i64, answered: i64, clicked: i64) {
        self.people += n;
        self.answered += answered;
        self.clicked += clicked;
        match state {
            "queued" => self.queued += n,
            "sending" => self.sending += n,
            "failed" => self.failed += n,
            "unknown" => self.unknown += n,
            "skipped" => self.skipped += n,
            _ => self.sent += n,
        }
        self.delivered += if matches!(state, "delivered" | "read") { n } else { 0 };
        self.read += if state == "read" { n } else { 0 };
    }
}

/// Numbers of one kind of channel.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingChannelCounts)]
pub struct ChannelCounts {
    /// Everybody who was meant there.
    pub people: i64,
    /// Whose channel took it.
    pub sent: i64,
    /// Whom it reached.
    pub delivered: i64,
    /// Who read it.
    pub read: i64,
    /// Whose channel refused it.
    pub failed: i64,
    /// Who said something afterwards.
    pub answered: i64,
}

/// The report of a mailing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingReport)]
pub struct Report {
    /// All of it.
    pub counts: Counts,
    /// By kind of channel, without those who get nothing.
    #[schema(value_type = Object)]
    pub by_channel: BTreeMap<ChannelKind, ChannelCounts>,
    /// Who get nothing, by reason.
    pub skipped: BTreeMap<String, i64>,
    /// Whose channel refused it, by its word.
    pub failed: BTreeMap<String, i64>,
    /// Links that are counted, with how many people opened each.
    pub links: Vec<LinkCount>,
}

/// A counted link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = MailingLinkCount)]
pub struct LinkCount {
    /// Where it leads.
    pub url: String,
    /// Who opened it.
    pub people: i64,
}

/// Makes the report.
///
/// # Errors
/// When the storage fails.
pub async fn report(cx: &mut Cx<'_>, row: &Row) -> Result<Report> {
    let id = &row.id;
    let mut made = Report::default();
    if row.document.goal.is_some() {
        made.counts.goal = goals::count(cx.tx, cx.account, id).await?;
    }
    if row.document.count_clicks {
        let opened = clicks::numbers(cx.tx, cx.account, id).await?;
        let people =
            |number: usize| opened.iter().find(|(link, _)| usize::try_from(*link) == Ok(number)).map_or(0, |(_, n)| *n);
        let links = links::links_of(&row.document).into_iter().enumerate();
        made.links = links.map(|(number, url)| LinkCount { url, people: people(number) }).collect();
    }
    for (state, reason, channel, n, answered, clicked) in report::numbers(cx.tx, cx.account, id).await? {
        made.counts.add(&state, n, answered, clicked);
        match state.as_str() {
            "skipped" => *made.skipped.entry(reason).or_default() += n,
            "failed" => *made.failed.entry(reason).or_default() += n,
            _ => {}
        }
        if state == "skipped" {
            continue;
        }
        let by = made.by_channel.entry(ChannelKind::from_stored(&channel)?).or_default();
        let mut counts = Counts::default();
        counts.add(&state, n, answered, clicked);
        by.people += n;
        by.sent += counts.sent;
        by.delivered += counts.delivered;
        by.read += counts.read;
        by.failed += counts.failed;
        by.answered += answered;
    }
    Ok(made)
}

/// A mailing with its numbers.
///
/// # Errors
/// When the storage fails.
pub async fn of(cx: &mut Cx<'_>, row: Row) -> Result<Mailing> {
    let counts = match row.state.is_open() {
        true => Counts::default(),
        false => report(cx, &row).await?.counts,
    };
    let mut problems = Vec::new();
    if row.state.is_open() {
        let plan = use_cases::plan_of(cx, &row).await?;
        problems = plan.problems(cx.env.now());
        problems.extend(use_cases::lost_names(cx, &row, &plan).await?);
    }
    let scenario_name = match row.scenario() {
        Some(id) => mailings::published(cx.tx, cx.account, &row.project_id, &id).await?.map(|(name, _)| name),
        None => None,
    };
    let Row {
        id,
        state,
        revision,
        document,
        held,
        created_at,
        created_by,
        changed_at,
        starts_at,
        started_at,
        ended_at,
        ..
    } = row;
    Ok(Mailing {
        id,
        state,
        revision,
        document,
        held,
        counts,
        problems,
        scenario_name,
        created_at,
        created_by,
        changed_at,
        starts_at,
        started_at,
        ended_at,
    })
}
