//! Texts that visitors write at once are stored at once: a use case takes whatever has gathered when its turn in the database comes, and while
//! it is being committed the next gathers. A lone message waits for nobody.

use crate::intake::{self, FromClient};
use crate::{Messaging, Refusal, Result};
use db::{DbError, Dialect};
use model::{AccountId, Cx, Message};
use std::collections::{HashMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::oneshot;

/// Messages stored together at most; more would only make the first wait longer.
const MAX_GROUP: usize = 1000;
/// Messages of an account that may wait; a flood beyond is refused.
const MAX_WAITING: usize = 16 * MAX_GROUP;

/// Messages on their way into each account. An account without any has no entry.
pub struct Arrivals {
    accounts: Mutex<HashMap<AccountId, Waiting>>,
    /// Whether the next use case sets out while one is being committed. It pays where a transaction waits for the account's lock beside others;
    /// one writer has nothing to do beside its commit, and would only find fewer messages each time.
    overlaps: bool,
}

/// What waits for one account.
#[derive(Default)]
struct Waiting {
    arrivals: VecDeque<Arrival>,
    /// A use case is on its way to the database and will take them.
    is_fetched: bool,
    /// So many at the head belonged to a group that failed: each is stored alone.
    alone: usize,
}

struct Arrival {
    from: Arc<FromClient>,
    reply: oneshot::Sender<Result<Arc<Message>>>,
}

/// What a use case took, kept apart from it: a use case may be run twice, and then it is to store the same.
#[derive(Default)]
struct Turn(Mutex<Taken>);

#[derive(Default)]
struct Taken {
    arrivals: Vec<Arrival>,
    is_put_back: bool,
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
        from: Arc<FromClient>,
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

    /// Queues it, and sends a use case for it unless one is on its way. False when there is no room.
    fn queue(self: &Arc<Self>, account: AccountId, arrival: Arrival) -> bool {
        let mut accounts = self.arrivals.lock();
        let waiting = accounts.entry(account).or_default();
        if waiting.arrivals.len() >= MAX_WAITING {
            return false;
        }
        waiting.arrivals.push_back(arrival);
        let is_fetched = std::mem::replace(&mut waiting.is_fetched, true);
        drop(accounts);
        if !is_fetched {
            tokio::spawn(store_all(self.clone(), account));
        }
        true
    }
}

impl Arrivals {
    /// For a database of this kind.
    pub(crate) fn new(dialect: Dialect) -> Self {
        Self { accounts: Mutex::default(), overlaps: dialect == Dialect::Postgres }
    }

    fn lock(&self) -> MutexGuard<'_, HashMap<AccountId, Waiting>> {
        locked(&self.accounts)
    }

    /// The turn of a use case has come: what waits is its own from now on. A next one that sets out from here comes to its own turn after this
    /// one, because it waits for the account's lock.
    fn take(&self, account: &AccountId, turn: &Turn) -> Vec<Arc<FromClient>> {
        let mut taken = locked(&turn.0);
        if taken.arrivals.is_empty()
            && let Some(waiting) = self.lock().get_mut(account)
        {
            waiting.is_fetched = !self.overlaps;
            let is_alone = waiting.alone > 0;
            waiting.alone = waiting.alone.saturating_sub(1);
            let count = if is_alone { 1 } else { waiting.arrivals.len().min(MAX_GROUP) };
            *taken = Taken { arrivals: waiting.arrivals.drain(..count).collect(), is_put_back: false };
        }
        taken.arrivals.iter().map(|arrival| arrival.from.clone()).collect()
    }

    /// A group failed: its messages go back to where they stood, before those that came meanwhile, each to be stored alone.
    fn put_back(&self, account: &AccountId, turn: &Turn) {
        let taken = std::mem::replace(&mut *locked(&turn.0), Taken { arrivals: Vec::new(), is_put_back: true });
        let mut accounts = self.lock();
        let waiting = accounts.entry(*account).or_default();
        waiting.alone += taken.arrivals.len();
        for arrival in taken.arrivals.into_iter().rev() {
            waiting.arrivals.push_front(arrival);
        }
    }

    /// Whether messages wait that nobody is on the way for; then it is for the caller to go.
    fn is_left(&self, account: &AccountId) -> bool {
        let mut accounts = self.lock();
        let Some(waiting) = accounts.get_mut(account) else { return false };
        if self.overlaps && waiting.is_fetched {
            return false;
        }
        if waiting.arrivals.is_empty() {
            accounts.remove(account);
            return false;
        }
        waiting.is_fetched = true;
        true
    }
}

fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    // Every change is one step, so what it holds is whole whoever panicked.
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

async fn store_all(service: Arc<Messaging>, account: AccountId) {
    loop {
        store_next(&service, account).await;
        if !service.arrivals.is_left(&account) {
            return;
        }
    }
}

/// One use case and the answers to those whose messages it took.
async fn store_next(service: &Arc<Messaging>, account: AccountId) {
    let turn = Arc::new(Turn::default());
    let (own, its_turn) = (service.clone(), turn.clone());
    let stored = service.write(&account, move |cx| Box::pin(async move { store(cx, &own.arrivals, &its_turn).await }));
    let stored = stored.await;
    if stored.is_err() && !locked(&turn.0).is_put_back {
        // It may not have come as far as its turn: then those who wait for it hear of the failure.
        service.arrivals.take(&account, &turn);
    }
    let taken = std::mem::take(&mut *locked(&turn.0)).arrivals;
    let outcomes = stored.unwrap_or_else(|error| vec![Err(error); taken.len()]);
    for (arrival, outcome) in taken.into_iter().zip(outcomes) {
        // Whoever wrote may have gone; the message is stored all the same.
        let _ = arrival.reply.send(outcome);
    }
}

/// Stores what has gathered. A group that fails is undone as one and stored apart, each message in a turn of its own.
async fn store(cx: &mut Cx<'_>, arrivals: &Arrivals, turn: &Turn) -> Result<Vec<Result<Arc<Message>>>> {
    events::lock(cx.tx, cx.account).await?;
    let group = arrivals.take(cx.account, turn);
    if group.is_empty() {
        return Ok(Vec::new());
    }
    let stored = intake::from_clients(cx, &group).await;
    if let Err(error) = &stored
        && group.len() > 1
        && !is_trouble(error)
    {
        arrivals.put_back(cx.account, turn);
    }
    stored
}

/// The storage is at fault, not a message.
fn is_trouble(error: &Refusal) -> bool {
    matches!(error, Refusal::Db(DbError::Unavailable(_) | DbError::Deadlock(_) | DbError::Full))
}
