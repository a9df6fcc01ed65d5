//! Distribution at work, on one node at a time: it looks who is there, sorts what is new by department, gives the oldest to whoever is next, and
//! takes back what nobody answers. All of it is in the tables, so a node that dies is followed by another.

use super::give::{self, Staff, Terms};
use super::places::Places;
use super::rules::Facts;
use super::store::{self, Active, Queued};
use crate::Messaging;
use db::Scope;
use events::hub::AccountHub;
use model::{AccountId, Refusal, Result, Timestamp, UserId};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::time::Duration;

/// So often it looks while some project gives something out.
const TICK: Duration = Duration::from_millis(300);
/// With none.
const IDLE: Duration = Duration::from_secs(1);
/// What has ended is forgotten so often.
const FORGET_EVERY_MS: i64 = 60_000;
/// Conversations of a project that are looked at in one round.
const ROUND: i64 = 200;

/// What the runner remembers between two looks.
#[derive(Default)]
pub struct Memory {
    forgot: Option<Timestamp>,
    places: Places,
}

/// Works until the process ends.
pub async fn run(service: Arc<Messaging>) {
    let mut memory = Memory::default();
    loop {
        let is_active = match tick(&service, &mut memory).await {
            Ok(is_active) => is_active,
            Err(error) => {
                tracing::error!(error = %error, "distribution could not go on, trying again");
                false
            }
        };
        let pause = if is_active { TICK } else { IDLE };
        let _ = tokio::time::timeout(pause, service.routing_due.notified()).await;
    }
}

/// One look at every project that gives something out. Answers whether there is one.
///
/// # Errors
/// When the storage fails.
pub async fn tick(service: &Arc<Messaging>, memory: &mut Memory) -> Result<bool> {
    let active = service.db.read(Scope::System, |tx| Box::pin(async move { store::active(tx).await })).await?;
    let now = service.env.now();
    let is_time_to_forget = memory.forgot.is_none_or(|at| now.ms_since(at) >= FORGET_EVERY_MS);
    let mut present: HashMap<AccountId, (Arc<AccountHub>, HashSet<UserId>)> = HashMap::new();
    for project in &active {
        let account = project.account;
        if let std::collections::hash_map::Entry::Vacant(place) = present.entry(account) {
            let hub = service.hub.account(&account).await?;
            // Whose page is closed is given nothing; one that is loaded anew is back before long, and so is its turn.
            let there = hub.online_users();
            place.insert((hub, there));
            if is_time_to_forget {
                let forgot =
                    service.write(&account, |cx| Box::pin(async move { store::forget_ended(cx.tx, cx.account).await }));
                forgot.await?;
            }
        }
        let Some((hub, there)) = present.get(&account) else { continue };
        // One that cannot go on holds up no other.
        if let Err(error) = work(service, project, hub, there).await {
            tracing::error!(project = %project.project, error = %error, "a project's distribution could not go on, trying again");
        }
        if !give::gives(&project.settings) {
            continue;
        }
        if let Err(error) = memory.places.tell(service, (&account, project.project), hub).await {
            tracing::error!(project = %project.project, error = %error, "places in a queue could not be told, trying again");
        }
    }
    if is_time_to_forget {
        memory.forgot = Some(now);
    }
    Ok(!active.is_empty())
}

async fn work(service: &Arc<Messaging>, project: &Active, hub: &AccountHub, present: &HashSet<UserId>) -> Result<()> {
    let terms = Terms { project: project.project, settings: project.settings.clone(), present: present.clone() };
    if !terms.settings.rules.is_empty() {
        sort(service, &project.account, &terms, hub).await?;
    }
    if !give::gives(&terms.settings) {
        return Ok(());
    }
    if let Some(seconds) = terms.settings.reassign_seconds {
        let since = service.env.now().plus_ms(-seconds * 1000);
        let id = terms.project;
        let overdue = service.read(&project.account, move |cx| {
            Box::pin(async move { store::overdue(cx.tx, cx.account, &id, since, ROUND).await })
        });
        for conversation in overdue.await? {
            let terms = terms.clone();
            let done = service.write(&project.account, move |cx| {
                let terms = terms.clone();
                Box::pin(async move { give::go_on(cx, &terms, &conversation).await })
            });
            skip_gone(done.await)?;
        }
    }
    hand_out(service, &project.account, &terms).await
}

/// Puts what is new where the rules say.
async fn sort(service: &Arc<Messaging>, account: &AccountId, terms: &Terms, hub: &AccountHub) -> Result<()> {
    let project = terms.project;
    let unsorted = service
        .read(account, move |cx| Box::pin(async move { store::unsorted(cx.tx, cx.account, &project, ROUND).await }));
    let unsorted = unsorted.await?;
    if unsorted.is_empty() {
        return Ok(());
    }
    let visitors = hub.visitors_of(&project);
    for row in unsorted {
        let visitor = visitors.iter().find(|visitor| visitor.contact_id == Some(row.contact));
        let language = visitor.and_then(|visitor| visitor.language.clone());
        let page = visitor.and_then(|visitor| visitor.page().map(|page| page.url.clone()));
        let terms = terms.clone();
        let sorted = service.write(account, move |cx| {
            let (terms, row, language, page) = (terms.clone(), row.clone(), language.clone(), page.clone());
            Box::pin(async move {
                let facts = Facts { language, page, ..give::facts(cx, &row).await? };
                give::sort(cx, &terms, &row, &facts).await
            })
        });
        skip_gone(sorted.await)?;
    }
    Ok(())
}

/// Gives the oldest of the queue to whoever is next, as long as somebody has room.
async fn hand_out(service: &Arc<Messaging>, account: &AccountId, terms: &Terms) -> Result<()> {
    let (mut staff, queue) = look(service, account, terms).await?;
    for Queued { id, department, asked, .. } in queue {
        if !staff.has_room(department.as_ref(), &asked) {
            continue;
        }
        let given = {
            let terms = terms.clone();
            service.write(account, move |cx| {
                let terms = terms.clone();
                Box::pin(async move { give::give(cx, &terms, &id).await })
            })
        };
        if skip_gone(given.await)? {
            staff = reread(service, account, terms).await?;
        }
    }
    Ok(())
}

/// Who is there, and what waits for one of them.
async fn look(service: &Arc<Messaging>, account: &AccountId, terms: &Terms) -> Result<(Staff, Vec<Queued>)> {
    let terms = terms.clone();
    let read = service.read(account, move |cx| {
        Box::pin(async move {
            let staff = Staff::load(cx, &terms.project, &terms.present).await?;
            let (is_common, departments) = (staff.has_room(None, &[]), staff.departments_with_room());
            if !is_common && departments.is_empty() {
                return Ok::<_, Refusal>((staff, Vec::new()));
            }
            let queue = store::queue(cx.tx, cx.account, &terms.project, is_common, &departments, ROUND).await?;
            Ok((staff, queue))
        })
    });
    read.await
}

async fn reread(service: &Arc<Messaging>, account: &AccountId, terms: &Terms) -> Result<Staff> {
    let terms = terms.clone();
    let read =
        service.read(account, move |cx| Box::pin(async move { Staff::load(cx, &terms.project, &terms.present).await }));
    read.await
}

/// A conversation that was deleted meanwhile needs nobody.
fn skip_gone<T: Default>(done: Result<T>) -> Result<T> {
    match done {
        Err(Refusal::NotFound) => Ok(T::default()),
        other => other,
    }
}
