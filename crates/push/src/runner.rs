//! Web push at work, on one node at a time: the log is followed, and each note goes out by itself.

use crate::key::{self, Key};
use crate::note::{self, Note};
use crate::store;
use crate::subscription::Subscription;
use db::Scope;
use messaging::Messaging;
use model::{AccountId, Refusal, Result};
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// So often it looks.
const IDLE: Duration = Duration::from_millis(500);
/// Between two stretches of a log.
const REST: Duration = Duration::from_millis(20);
/// Places of the log that are read at once.
const PAGE: i64 = 500;
/// Notes under way at once.
const AT_ONCE: usize = 64;

/// Works until the process ends. Notes that are under way then are lost; what they told stays unread.
pub async fn run(service: Arc<Messaging>) {
    let room = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let is_left = match tick(&service, &room).await {
            Ok(is_left) => is_left,
            Err(error) => {
                tracing::error!(error = %error, "web push could not go on, trying again");
                false
            }
        };
        tokio::time::sleep(if is_left { REST } else { IDLE }).await;
    }
}

async fn tick(service: &Arc<Messaging>, room: &Arc<Semaphore>) -> Result<bool> {
    let found = service.db.read(Scope::System, |tx| Box::pin(async move { store::behind(tx).await }));
    let mut is_left = false;
    for (account, position, newest) in found.await? {
        // One that cannot go on holds up no other.
        match go_on(service, &account, position, newest, room).await {
            Ok(is_more) => is_left |= is_more,
            Err(error) => {
                tracing::error!(account.id = %account, error = %error, "web push of an account could not go on, trying again");
            }
        }
    }
    Ok(is_left)
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
