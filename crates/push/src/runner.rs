//! Web push at work, on one node at a time: the log is followed, and each note goes out by itself.

use crate::key::{self, Key};
use crate::note::{self, Note};
use crate::store;
use crate::subscription::Subscription;
use db::Scope;
use messaging::Messaging;
use messaging::follower::{self, Follower, Pace};
use model::{AccountId, Refusal, Result};
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

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
        Box::pin(async move {
            let now = cx.env.now();
            let events = events::after(cx.tx, cx.account, position, PAGE).await?;
            let to = events.last().map_or(newest, |last| last.position);
            let mut notes = Vec::new();
            for message in note::said(&events, now) {
                notes.extend(note::of_message(cx.tx, cx.account, &message, &online, now).await?);
            }
            let sealed = if notes.is_empty() { None } else { store::key(cx.tx, cx.account).await? };
            Ok::<_, Refusal>((to, notes, sealed))
        })
    });
    let (to, notes, sealed) = read.await?;
    let followed =
        service.write(account, move |cx| Box::pin(async move { store::followed(cx.tx, cx.account, to).await }));
    followed.await?;
    let key = sealed.map(|sealed| key::open(&service.env, account, &sealed)).transpose()?.flatten();
    if let Some(key) = key {
        for (note, browsers) in notes {
            for browser in browsers {
                spawn(service, *account, key.clone(), browser, note.clone(), room);
            }
        }
    }
    Ok(to < newest)
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
