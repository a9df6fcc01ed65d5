//! Hits, best first: whoever is meant whole, then clients that have the words, then conversations, then messages; newer first among equals. The order
//! is that of places in the index, so it is the same on both engines, and a page goes on where the one before ended.

use crate::hits::{By, Hit, Kind, Reader};
use crate::made;
use crate::place;
use crate::query::{Expr, Query};
use crate::store::hits::{self as store, Candidate, Found, Stretch};
use crate::store::rows;
use crate::terms::base36;
use db::Dialect;
use messaging::multi_contacts;
use model::{ActorId, ChannelKind, Cx, ProjectId, Result, Timestamp};
use std::collections::BTreeSet;

/// Rows that are looked at one by one, the newest first, before the engine is asked for everything: a word that few of them have is rare.
const WINDOW: i64 = 2_000;
/// The same of words side by side.
const WIDE_WINDOW: i64 = 100_000;
/// Rows that one page looks at: where filters let nothing through, it ends with what there is, and the next goes on.
const MOST_LOOKED_AT: usize = 4_000;

/// What somebody wants to find.
#[derive(Debug, Clone, Default)]
pub(crate) struct Ask {
    pub q: String,
    pub kinds: BTreeSet<Kind>,
    pub channel: Option<ChannelKind>,
    pub from: Option<Timestamp>,
    /// Before this moment.
    pub to: Option<Timestamp>,
    pub author: Option<By>,
    pub tag: Option<String>,
    /// Where the page before ended.
    pub after: Option<(i64, i64)>,
    pub limit: usize,
}

/// A page of hits, and where the next goes on.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub hits: Vec<Hit>,
    pub next: Option<(i64, i64)>,
}

/// A step of the order: in which table, and what its rows must have.
struct Tier {
    number: i64,
    is_messages: bool,
    expr: Expr,
}

/// Finds.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn page(cx: &mut Cx<'_>, project: &ProjectId, ask: &Ask) -> Result<Page> {
    let norms = multi_contacts::settings(cx.tx, cx.account, project).await?.norms();
    let query = Query::read(&ask.q, &norms);
    let number = rows::project_number(cx.tx, cx.account, project).await?;
    let mut page = Page::default();
    let (Some(number), false) = (number, query.parts.is_empty()) else { return Ok(page) };
    let reader = Reader { account: cx.account, project, norms: &norms, query: &query, ask };
    let (start, mut last_seen, mut looked_at) = (ask.after.unwrap_or((0, i64::MAX)), None, 0);
    for tier in tiers(&query, ask).into_iter().filter(|tier| tier.number >= start.0) {
        let (first, end) = place::all(number);
        let from = ask.from.map_or(first, |from| place::of(number, from));
        // Rows that came at one moment may stand in the moments after it: each hit is held to the time itself.
        let to = ask.to.map_or(end, |to| place::of(number, to.plus_ms(60_000)).min(end));
        let mut below = if tier.number == start.0 { to.min(start.1) } else { to };
        loop {
            let limit = i64::try_from(ask.limit + 1).unwrap_or(i64::MAX);
            let stretch = Stretch { is_messages: tier.is_messages, from, below, limit };
            let found = rows_of(cx, &tier.expr, number, stretch).await?;
            let shown = reader.show(cx.tx, &found).await?;
            for (row, hit) in found.iter().zip(shown) {
                if page.hits.len() == ask.limit && hit.is_some() {
                    page.next = last_seen;
                    return Ok(page);
                }
                page.hits.extend(hit);
                last_seen = Some((tier.number, row.doc));
            }
            looked_at += found.len();
            let Some(last) = found.last().filter(|_| found.len() > ask.limit) else { break };
            below = last.doc;
            if looked_at > MOST_LOOKED_AT {
                page.next = last_seen;
                return Ok(page);
            }
        }
    }
    Ok(page)
}

/// The order of what was asked for.
fn tiers(query: &Query, ask: &Ask) -> Vec<Tier> {
    let mut filters: Vec<Expr> = ask.channel.map(|channel| Expr::Term(made::channel(channel))).into_iter().collect();
    let mut tiers = Vec::new();
    // Only messages have an author.
    let clients: Vec<Kind> = match ask.author {
        Some(_) => Vec::new(),
        None => ask.kinds.iter().copied().filter(|kind| *kind != Kind::Message).collect(),
    };
    let tag = ask.tag.as_deref().and_then(made::tag).map(Expr::Term);
    let of_kinds = |kinds: &[Kind], expr: Expr| {
        let any = Expr::Any(kinds.iter().map(|kind| Expr::Term(made::kind_of(*kind))).collect());
        Expr::All([expr, any].into_iter().chain(filters.iter().cloned()).chain(tag.clone()).collect())
    };
    if let (Some(whole), false) = (&query.whole, clients.is_empty()) {
        tiers.push(Tier { number: 0, is_messages: false, expr: of_kinds(&clients, Expr::Term(whole.clone())) });
    }
    let words = |expr: Expr| match &query.whole {
        Some(whole) => Expr::But(Box::new(expr), whole.clone()),
        None => expr,
    };
    for (number, kinds) in [(1, &[Kind::Contact, Kind::Group][..]), (2, &[Kind::Conversation][..])] {
        let kinds: Vec<Kind> = kinds.iter().copied().filter(|kind| clients.contains(kind)).collect();
        if !kinds.is_empty() {
            tiers.push(Tier { number, is_messages: false, expr: words(of_kinds(&kinds, query.expr())) });
        }
    }
    if ask.kinds.contains(&Kind::Message) {
        filters.extend(ask.author.and_then(|by| match by {
            By::Side(side) => Some(Expr::Term(made::side(side))),
            By::Actor(ActorId::User(user)) => Some(Expr::Term(made::author(&user))),
            By::Actor(_) => None,
        }));
        let expr = Expr::All(std::iter::once(query.expr()).chain(filters).collect());
        tiers.push(Tier { number: 3, is_messages: true, expr });
    }
    tiers
}

/// Rows that have it, the newest first.
async fn rows_of(cx: &mut Cx<'_>, expr: &Expr, project: i64, stretch: Stretch) -> Result<Vec<Found>> {
    let found = match cx.tx.dialect() {
        Dialect::Sqlite => on_sqlite(cx, expr, project, stretch).await?,
        Dialect::Postgres => on_postgres(cx, expr, project, stretch).await?,
    };
    Ok(found.into_iter().map(|candidate| candidate.found).collect())
}

/// FTS5 reads the list of a whole term backwards and stops. For the beginning of a term it first merges the lists of all terms that begin so,
/// which takes long for two letters: so those rows are looked at first that have the rest, or the newest of all.
async fn on_sqlite(cx: &mut Cx<'_>, expr: &Expr, project: i64, stretch: Stretch) -> Result<Vec<Candidate>> {
    if expr.has_start() {
        let window = Stretch { limit: WINDOW, ..stretch };
        let rows = match expr.firm() {
            Some(firm) => store::by_words(cx.tx, cx.account, &firm.match_of(project), window).await?,
            None => store::newest(cx.tx, cx.account, window).await?,
        };
        let (number, all) = (base36(project), rows.len());
        let holds = |row: &Candidate| expr.holds(&format!(" {} ", row.terms), &number);
        let limit = usize::try_from(stretch.limit).unwrap_or(usize::MAX);
        let found: Vec<Candidate> = rows.into_iter().filter(holds).take(limit).collect();
        if found.len() == limit || i64::try_from(all).is_ok_and(|all| all < WINDOW) {
            return Ok(found);
        }
    }
    store::by_words(cx.tx, cx.account, &expr.match_of(project), stretch).await
}

/// PostgreSQL's index of words does not know what is new: it gathers every row that has them. What many of the newest rows have is found among
/// those; what few have, few have. Nor does it know places: of a sequence it gathers every row that has its words anywhere, and reads them all,
/// so that more of the newest are looked at first (half a microsecond for each).
async fn on_postgres(cx: &mut Cx<'_>, expr: &Expr, project: i64, stretch: Stretch) -> Result<Vec<Candidate>> {
    let words = expr.tsquery(project);
    let windows: &[i64] = if expr.has_sequence() { &[WINDOW, WIDE_WINDOW] } else { &[WINDOW] };
    for window in windows {
        let found = store::among_newest(cx.tx, cx.account, &words, *window, stretch).await?;
        if i64::try_from(found.len()).is_ok_and(|found| found >= stretch.limit) {
            return Ok(found);
        }
    }
    store::by_words(cx.tx, cx.account, &words, stretch).await
}
