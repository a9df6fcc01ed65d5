//! Texts that visitors write at once are stored at once: while one group is being committed, the next gathers. A lone message waits for nobody.

use crate::intake::{self, FromClient};
use crate::{Messaging, Refusal, Result, messages};
use db::DbError;
use model::{AccountId, ActorId, Message};
use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::oneshot;

/// Messages stored together at most; more would only make the first wait longer.
const MAX_GROUP: usize = 1000;
/// Messages of an account that may wait; a flood beyond is refused.
const MAX_WAITING: usize = 16 * MAX_GROUP;

/// Messages on their way into each account.
#[derive(Default)]
pub struct Arrivals {
    accounts: Mutex<HashMap<AccountId, Vec<Arrival>>>,
}

struct Arrival {
    from: FromClient,
    reply: oneshot::Sender<Result<Arc<Message>>>,
}

impl Messaging {
    /// Stores a client's text, with whatever else arrives meanwhile. Texts of one client are stored in the order of these calls. The answer
    /// comes after the commit.
    ///
    /// # Errors
    /// [`Refusal::Repeated`] when the client id was used before; what the storage says.
    pub fn take_from_client(
        self: &Arc<Self>,
        account: AccountId,
        from: FromClient,
    ) -> impl Future<Output = Result<Arc<Message>>> + Send + use<> {
        let (reply, answer) = oneshot::channel();
        let is_taken = self.queue(account, Arrival { from, reply });
        async move {
            if !is_taken {
                return Err(DbError::Unavailable("too many messages are waiting".into()).into());
            }
            answer.await.unwrap_or_else(|_| Err(DbError::Unavailable("the message was not stored".into()).into()))
        }
    }

    /// Queues it; the first one of an account starts the work. False when there is no room.
    fn queue(self: &Arc<Self>, account: AccountId, arrival: Arrival) -> bool {
        let mut accounts = self.arrivals.lock();
        if let Some(waiting) = accounts.get_mut(&account) {
            let has_room = waiting.len() < MAX_WAITING;
            if has_room {
                waiting.push(arrival);
            }
            return has_room;
        }
        accounts.insert(account, Vec::new());
        drop(accounts);
        tokio::spawn(store_all(self.clone(), account, vec![arrival]));
        true
    }
}

impl Arrivals {
    fn lock(&self) -> std::sync::MutexGuard<'_, HashMap<AccountId, Vec<Arrival>>> {
        // Every change of the map is one step, so it is whole whoever panicked.
        self.accounts.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What gathered meanwhile; none ends the work for this account.
    fn next(&self, account: AccountId) -> Option<Vec<Arrival>> {
        let mut accounts = self.lock();
        let waiting = accounts.get_mut(&account)?;
        if waiting.is_empty() {
            accounts.remove(&account);
            return None;
        }
        let rest = waiting.split_off(waiting.len().min(MAX_GROUP));
        Some(std::mem::replace(waiting, rest))
    }
}

/// Ends the work for an account whatever happens: a panic must not leave the account's messages waiting for ever.
struct Ends<'a>(&'a Arrivals, AccountId);

impl Drop for Ends<'_> {
    fn drop(&mut self) {
        if std::thread::panicking() {
            self.0.lock().remove(&self.1);
        }
    }
}

async fn store_all(service: Arc<Messaging>, account: AccountId, first: Vec<Arrival>) {
    let _ends = Ends(&service.arrivals, account);
    let mut next = Some(first);
    while let Some(group) = next {
        let (all, replies): (Vec<_>, Vec<_>) = group.into_iter().map(|arrival| (arrival.from, arrival.reply)).unzip();
        for (reply, stored) in replies.into_iter().zip(store(&service, account, all).await) {
            // Whoever wrote may have gone; the message is stored all the same.
            let _ = reply.send(stored);
        }
        next = service.arrivals.next(account);
    }
}

/// Stores a group, and whatever stands in its way apart from it: a repeat, then each alone.
async fn store(service: &Messaging, account: AccountId, all: Vec<FromClient>) -> Vec<Result<Arc<Message>>> {
    let all = Arc::new(all);
    match store_together(service, account, all.clone()).await {
        Ok(stored) => return stored.into_iter().map(Ok).collect(),
        Err(error) if all.len() == 1 || is_trouble(&error) => return vec![Err(error); all.len()],
        Err(_) => {}
    }
    let Ok(repeats) = repeats(service, account, all.clone()).await else {
        return each_alone(service, account, &all).await;
    };
    let fresh: Vec<FromClient> =
        all.iter().zip(&repeats).filter(|(_, is_repeat)| !**is_repeat).map(|(from, _)| from.clone()).collect();
    let Ok(stored) = store_together(service, account, Arc::new(fresh)).await else {
        return each_alone(service, account, &all).await;
    };
    let mut stored = stored.into_iter().map(Ok);
    let next = |is_repeat: &bool| {
        if *is_repeat { Err(Refusal::Repeated) } else { stored.next().unwrap_or(Err(Refusal::NotFound)) }
    };
    repeats.iter().map(next).collect()
}

/// The storage is at fault, not a message.
fn is_trouble(error: &Refusal) -> bool {
    matches!(error, Refusal::Db(DbError::Unavailable(_) | DbError::Full))
}

async fn store_together(
    service: &Messaging,
    account: AccountId,
    all: Arc<Vec<FromClient>>,
) -> Result<Vec<Arc<Message>>> {
    if all.is_empty() {
        return Ok(Vec::new());
    }
    service.write(&account, move |cx| Box::pin(async move { intake::from_clients(cx, &all).await })).await
}

async fn each_alone(service: &Messaging, account: AccountId, all: &[FromClient]) -> Vec<Result<Arc<Message>>> {
    let mut stored = Vec::with_capacity(all.len());
    for from in all {
        let alone = store_together(service, account, Arc::new(vec![from.clone()])).await;
        stored.push(alone.and_then(|stored| stored.into_iter().next().ok_or(Refusal::NotFound)));
    }
    stored
}

/// Which of them were sent before, also within the group itself.
async fn repeats(service: &Messaging, account: AccountId, all: Arc<Vec<FromClient>>) -> Result<Vec<bool>> {
    let read = service.read(&account, move |cx| {
        Box::pin(async move {
            let ids = || all.iter().filter_map(|from| from.said.client_id.as_deref());
            let mut used: HashSet<(ActorId, String)> = messages::used_client_ids(cx.tx, cx.account, ids()).await?;
            let is_repeat = |from: &FromClient| {
                let author = ActorId::Contact(from.party.contact_id);
                from.said.client_id.clone().is_some_and(|id| !used.insert((author, id)))
            };
            Ok::<_, Refusal>(all.iter().map(is_repeat).collect())
        })
    });
    read.await
}
