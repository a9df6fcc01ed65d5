//! The log is followed: the threads of conversations that something happened in are read on from where they were, and what that changes of their
//! sessions changes the sums in the same transaction. Whatever is read twice changes nothing the second time.

use crate::page::{self, OnSite};
use crate::rules::Rules;
use crate::session::{Reading, Session};
use crate::store::{follow as log, sessions, sums, thread};
use crate::sums::Deltas;
use crate::walk;
use events::hub::AccountHub;
use messaging::Messaging;
use model::{
    AccountId, ChannelKind, ContactId, ConversationId, ConversationStatus, Cx, Refusal, ReportSessionId, Result,
};
use std::collections::HashMap;
use std::fmt;
use std::sync::Arc;

/// Places of the log that are read at once.
const PAGE: i64 = 400;
/// Lines of a thread that are read at once.
const LINES: i64 = 1_000;
/// Late answers that are noted at once.
const DUE: i64 = 200;

/// How far an account is; nothing of one that was not begun.
#[derive(Debug, Clone)]
pub(crate) struct Behind {
    pub account: AccountId,
    pub newest: i64,
    pub oldest_kept: i64,
    pub position: Option<i64>,
    pub walked_to: Option<ContactId>,
    pub turn: i64,
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.account.fmt(f)
    }
}

/// Where an account stands after a step.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Step {
    pub position: i64,
    pub walked_to: Option<ContactId>,
}

/// A session as it was, if it was kept, and as it is.
#[derive(Clone)]
pub(crate) struct Change {
    old: Option<Session>,
    new: Session,
}

/// What a step came to.
#[derive(Default)]
pub(crate) struct Done {
    /// Whether more is left.
    pub is_left: bool,
    /// Conversations that began on a site a moment ago, and nobody knows yet on which page: to be looked at once more.
    pub pageless: Vec<ConversationId>,
}

/// The next step of an account: of its log and of some conversations beside it, of those whose answer is late, or of what was there before.
///
/// # Errors
/// When the storage fails; then it is tried again from where it stood.
pub(crate) async fn go_on(service: &Arc<Messaging>, behind: &Behind, mut again: Vec<ConversationId>) -> Result<Done> {
    let account = behind.account;
    let more = Done { is_left: true, ..Done::default() };
    let Some(position) = behind.position.filter(|position| position + 1 >= behind.oldest_kept) else {
        // Never begun, or the log is gone that far: everything is looked at again.
        walk::begin(service, &account, behind.newest).await?;
        return Ok(more);
    };
    if position < behind.newest || !again.is_empty() {
        let to = behind.newest.min(position + PAGE);
        let found = service.read(&account, move |cx| {
            Box::pin(async move { log::conversations(cx.tx, cx.account, position, to).await })
        });
        again.extend(found.await?.into_iter().map(|(id,)| id));
        again.sort_unstable();
        again.dedup();
        let step = Step { position: to.max(position), walked_to: behind.walked_to };
        let hub = if again.is_empty() { None } else { Some(service.hub.account(&account).await?) };
        let Read { changes, pageless } = read(service, &account, again, hub).await?;
        if !changes.is_empty() || step.position > position {
            keep(service, behind, changes, step).await?;
        }
        return Ok(Done { is_left: to < behind.newest || behind.walked_to.is_some(), pageless });
    }
    let now = service.env.now();
    let due =
        service.read(&account, move |cx| Box::pin(async move { sessions::due(cx.tx, cx.account, now, DUE).await }));
    let due = due.await?;
    if !due.is_empty() {
        let judged = due.into_iter().map(|old| {
            let mut new = old.clone();
            new.judge(now.0);
            Change { old: Some(old), new }
        });
        keep(service, behind, judged.collect(), Step { position, walked_to: behind.walked_to }).await?;
        return Ok(more);
    }
    Ok(Done { is_left: walk::go_on(service, behind, position).await?, ..Done::default() })
}

/// What was read.
#[derive(Default)]
pub(crate) struct Read {
    pub changes: Vec<Change>,
    /// Conversations whose page may still be told.
    pub pageless: Vec<ConversationId>,
}

/// Reads some conversations on from where they were. The hub knows on which pages their clients are; of long ago nobody does.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn read(
    service: &Arc<Messaging>,
    account: &AccountId,
    ids: Vec<ConversationId>,
    hub: Option<Arc<AccountHub>>,
) -> Result<Read> {
    if ids.is_empty() {
        return Ok(Read::default());
    }
    let read = service.read(account, move |cx| {
        Box::pin(async move {
            let (mut read, mut rules) = (Read::default(), HashMap::new());
            let mut on_site = OnSite::new(hub);
            for id in &ids {
                let Some(head) = thread::head(cx.tx, cx.account, id).await? else { continue };
                let own = match rules.get(&head.project) {
                    Some(own) => own,
                    None => {
                        let own = thread::rules(cx.tx, cx.account, &head.project).await?;
                        rules.entry(head.project).or_insert(own)
                    }
                };
                let (changes, is_pageless) = one(cx, id, &head, own, &mut on_site).await?;
                read.changes.extend(changes);
                read.pageless.extend(is_pageless.then_some(*id));
            }
            Ok::<_, Refusal>(read)
        })
    });
    read.await
}

/// What is new in one conversation.
async fn one(
    cx: &mut Cx<'_>,
    id: &ConversationId,
    head: &thread::Head,
    rules: &Rules,
    on_site: &mut OnSite,
) -> Result<(Vec<Change>, bool)> {
    let known = sessions::last(cx.tx, cx.account, id).await?;
    let first = known.clone().unwrap_or_else(|| blank(cx, id, head));
    let mut after = first.seen_seq;
    let mut reading = Reading::from(first);
    loop {
        let lines = thread::lines(cx.tx, cx.account, id, after, LINES).await?;
        for line in &lines {
            reading.read(line, rules, cx.env.ids());
            after = line.seq;
        }
        if (lines.len() as i64) < LINES {
            break;
        }
    }
    for (of, at) in &reading.bots {
        if let Some(session) = reading.sessions.get_mut(*of) {
            session.scenario = thread::scenario_at(cx.tx, cx.account, id, *at).await?;
        }
    }
    if let Some(last) = reading.sessions.last_mut() {
        stand(last, head, rules, cx.env.now().0);
    }
    let (now, mut changes, mut is_pageless) = (cx.env.now().0, Vec::new(), false);
    for mut new in reading.sessions {
        new.judge(now);
        if new.is_begun() && new.page.is_empty() && new.channel == ChannelKind::Site.as_str() {
            match on_site.page(&new.project, &head.contact, new.began_at, now) {
                Some(page) => new.page = page::counted(cx, &new.project, new.day, page).await?,
                None => is_pageless = on_site.may_tell(&new.project, new.began_at, now),
            }
        }
        let old = known.clone().filter(|known| known.first_seq == new.first_seq);
        if new.is_begun() && old.as_ref() != Some(&new) {
            changes.push(Change { old, new });
        }
    }
    Ok((changes, is_pageless))
}

fn blank(cx: &Cx<'_>, id: &ConversationId, head: &thread::Head) -> Session {
    Session {
        id: ReportSessionId::new(cx.env.ids()),
        project: head.project,
        conversation: Some(*id),
        first_seq: 1,
        seen_seq: 0,
        began_at: 0,
        day: 0,
        hour: 0,
        channel: head.channel.clone(),
        connection: head.connection,
        operator: None,
        department: None,
        scenario: None,
        page: String::new(),
        with_bot: false,
        asked_at: None,
        due_at: None,
        answered_at: None,
        answered_by: None,
        client_messages: 0,
        people_messages: 0,
        bot_messages: 0,
        closed_at: None,
        score: None,
        missed: None,
    }
}

/// What the thread has no line for: who has the last session now, in which queue it is, and whether the bot has let go of it.
fn stand(last: &mut Session, head: &thread::Head, rules: &Rules, now: i64) {
    use ConversationStatus::{Bot, Closed, New, Open, Snoozed, Waiting};
    (last.operator, last.department) = (head.assignee, head.department);
    if last.closed_at.is_some() {
        return;
    }
    match head.status {
        Bot if !last.with_bot => last.turn_to_bot(),
        New | Open | Waiting | Snoozed if last.with_bot => {
            last.turn_to_people(head.waiting_since.unwrap_or(now), rules);
        }
        Bot | New | Open | Waiting | Snoozed | Closed => {}
    }
}

/// Keeps sessions that changed, what that changes of the sums, and how far the account is: all or nothing.
///
/// # Errors
/// When another node has taken this step, or the storage fails.
pub(crate) async fn keep(service: &Arc<Messaging>, behind: &Behind, changes: Vec<Change>, step: Step) -> Result<()> {
    let (account, turn) = (behind.account, behind.turn);
    let written = service.db.write_alone(&account, move |tx| {
        Box::pin(async move {
            log::step(tx, &account, turn, step).await?;
            let mut deltas = Deltas::default();
            for Change { old, new } in &changes {
                let is_kept = match (old, new.conversation) {
                    (Some(_), _) => sessions::update(tx, &account, new).await?,
                    (None, Some(id)) if thread::head(tx, &account, &id).await?.is_some() => {
                        sessions::insert(tx, &account, new).await?;
                        true
                    }
                    (None, _) => false,
                };
                if is_kept {
                    deltas.change(old.as_ref(), new);
                }
            }
            for (place, change) in deltas.rows() {
                sums::add(tx, &account, place, change).await?;
            }
            Ok::<_, Refusal>(())
        })
    });
    written.await
}
