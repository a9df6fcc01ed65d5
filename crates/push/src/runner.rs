//! Web push at work, on one node at a time: the log is followed, and each note goes out by itself.

use crate::key::{self, Key};
use crate::note::{self, Note};
use crate::store;
use crate::subscription::Subscription;
use db::Scope;
use messaging::Messaging;
use messaging::follower::{self, Follower, Pace};
use model::{AccountId, ConversationId, Cx, PushSubscriptionId, Result, UserId};
use std::collections::{BTreeMap, HashSet};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;
use vault::Sealed;

const PACE: Pace = Pace { idle: Duration::from_millis(500), rest: Duration::from_millis(20) };
/// Places of the log that are read at once.
const PAGE: i64 = 500;
/// Notes under way at once.
const AT_ONCE: usize = 64;

/// Works until the process ends. Notes that are under way then are lost; what they told stays unread.
pub async fn run(service: Arc<Messaging>) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    follower::run(Push { service, room }, PACE).await;
}

struct Push {
    service: Arc<Messaging>,
    room: Arc<Semaphore>,
}

/// An account whose people want to be told, how far its log was followed, and where it ends.
struct Behind {
    account: AccountId,
    position: i64,
    newest: i64,
}

impl fmt::Display for Behind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.account.fmt(f)
    }
}

impl Follower for Push {
    type Behind = Behind;
    const NAME: &'static str = "web push";

    async fn behind(&mut self) -> Result<Vec<Behind>> {
        let found = self.service.db.read(Scope::System, |tx| Box::pin(async move { store::behind(tx).await }));
        let behind = |(account, position, newest)| Behind { account, position, newest };
        Ok(found.await?.into_iter().map(behind).collect())
    }

    async fn go_on(&mut self, behind: &Behind) -> Result<bool> {
        go_on(&self.service, &behind.account, behind.position, behind.newest, &self.room).await
    }
}

async fn go_on(
    service: &Arc<Messaging>,
    account: &AccountId,
    position: i64,
    newest: i64,
    room: &Arc<Semaphore>,
) -> Result<bool> {
    let online = Arc::new(service.hub.account(account).await?.online_users());
    let read = service.read(account, move |cx| {
        let online = online.clone();
        Box::pin(async move { look(cx, position, newest, &online).await })
    });
    let seen = Arc::new(read.await?);
    let kept = seen.clone();
    let taken = service.write(account, move |cx| {
        let seen = kept.clone();
        Box::pin(async move {
            store::followed(cx.tx, cx.account, seen.to).await?;
            seen.keep(cx).await
        })
    });
    let taken = taken.await?;
    let key = seen.sealed.as_ref().map(|sealed| key::open(&service.env, account, sealed)).transpose()?.flatten();
    if let Some(key) = key {
        for told in &seen.told {
            for browser in &told.browsers {
                spawn(service, *account, key.clone(), browser.clone(), told.note.clone(), room);
            }
        }
        for (browser, conversations) in taken.into_values() {
            let read = Note::read(&conversations);
            spawn(service, *account, key.clone(), browser, read, room);
        }
    }
    Ok(seen.to < newest)
}

/// A note on its way, and the message that it is of.
struct Told {
    note: Note,
    browsers: Vec<Subscription>,
    conversation: ConversationId,
    seq: i64,
}

/// Somebody has read what one of their browsers was told.
struct Read {
    browser: Subscription,
    conversation: ConversationId,
    seq: i64,
}

/// What a stretch of the log has for people's devices.
struct Seen {
    to: i64,
    told: Vec<Told>,
    reads: Vec<Read>,
    sealed: Option<Sealed>,
}

/// Browsers whose notes go, each with the conversations that were read.
type Taken = BTreeMap<PushSubscriptionId, (Subscription, Vec<ConversationId>)>;

async fn look(cx: &mut Cx<'_>, position: i64, newest: i64, online: &HashSet<UserId>) -> Result<Seen> {
    let now = cx.env.now();
    let events = events::after(cx.tx, cx.account, position, PAGE).await?;
    let to = events.last().map_or(newest, |last| last.position);
    let read = note::read(&events);
    let (mut told, mut reads) = (Vec::new(), Vec::new());
    for message in note::said(&events, now) {
        let Some((note, browsers)) = note::of_message(cx.tx, cx.account, &message, online, &read, now).await? else {
            continue;
        };
        told.push(Told { note, browsers, conversation: message.conversation_id, seq: message.seq });
    }
    if !read.is_empty() && store::has_told(cx.tx, cx.account).await? {
        for ((user, conversation), seq) in read {
            for browser in store::told(cx.tx, cx.account, &user, (conversation, seq)).await? {
                reads.push(Read { browser, conversation, seq });
            }
        }
    }
    let has_work = !told.is_empty() || !reads.is_empty();
    let sealed = if has_work { store::key(cx.tx, cx.account).await? } else { None };
    Ok(Seen { to, told, reads, sealed })
}

impl Seen {
    /// Notes who is told of what, and takes out what was read: each note is taken away once, however often its conversation is read.
    async fn keep(&self, cx: &mut Cx<'_>) -> Result<Taken> {
        let now = cx.env.now();
        for told in &self.told {
            for browser in told.browsers.iter().filter(|browser| browser.takes_silent()) {
                store::tell(cx.tx, cx.account, &browser.id, (told.conversation, told.seq), now).await?;
            }
        }
        let mut taken = Taken::new();
        for read in &self.reads {
            if store::take_away(cx.tx, cx.account, &read.browser.id, (read.conversation, read.seq)).await? {
                let of = taken.entry(read.browser.id).or_insert_with(|| (read.browser.clone(), Vec::new()));
                of.1.push(read.conversation);
            }
        }
        Ok(taken)
    }
}

fn spawn(
    service: &Arc<Messaging>,
    account: AccountId,
    key: Key,
    browser: Subscription,
    note: Note,
    room: &Arc<Semaphore>,
) {
    let (service, room) = (service.clone(), room.clone());
    tokio::spawn(async move {
        let Ok(_place) = room.acquire_owned().await else { return };
        crate::send::send(&service, &account, &key, &browser, &note).await;
    });
}
