//! Jobs on either engine: timers with a key, giving up, setting aside, leases that fence.

use db::Scope;
use jobs::{Handler, Job, Timer, Workers};
use model::{AccountId, Clock, Cx, Env, IdSource, JobId, RandomIds, Refusal, Timestamp};
use schema::TestDb;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::{Notify, mpsc};
use vault::Vault;

/// A clock that stands until it is moved.
struct Hand(AtomicI64);

impl Clock for Hand {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}

struct Bench {
    test_db: TestDb,
    hand: Arc<Hand>,
    env: Env,
    account: AccountId,
    due: Arc<Notify>,
}

impl Bench {
    async fn new() -> Self {
        let hand = Arc::new(Hand(AtomicI64::new(1_790_000_000_000)));
        let env = Env::new(hand.clone(), Arc::new(RandomIds), Vault::throwaway());
        let account = AccountId::new(env.ids());
        Self { test_db: TestDb::new().await, hand, env, account, due: Arc::default() }
    }

    fn workers(&self) -> Workers {
        Workers::new(self.test_db.db.clone(), self.env.clone(), self.due.clone())
    }

    async fn with<T: Send + 'static>(
        &self,
        work: impl for<'t> FnOnce(&'t mut Cx<'t>) -> db::BoxFuture<'t, model::Result<T>> + Clone + Send + 'static,
    ) -> T {
        let (env, account) = (self.env.clone(), self.account);
        let done = self
            .test_db
            .db
            .write(self.account, move |tx| Box::pin(async move { work(&mut Cx::new(tx, &env, &account)).await }));
        done.await.unwrap()
    }

    async fn states(&self) -> Vec<(String, String)> {
        let read = self.test_db.db.read(Scope::System, |tx| {
            Box::pin(async move {
                let query = db::sql!("SELECT state, COALESCE(error, '') FROM jobs ORDER BY id -- any account_id");
                Ok::<_, Refusal>(query.all::<(String, String)>(tx).await?)
            })
        });
        read.await.unwrap()
    }

    async fn set(&self, payload: &'static str, in_ms: i64) {
        self.with(move |cx| {
            Box::pin(async move {
                let due = cx.env.now().plus_ms(in_ms);
                jobs::set_timer(cx, Timer { kind: "remind", key: "cnv_1", due, payload }).await.map(drop)
            })
        })
        .await;
    }
}

/// A handler that tells what it was given and ends the job.
fn telling(bench: &Bench, said: mpsc::UnboundedSender<String>) -> Handler {
    let (db, env) = (bench.test_db.db.clone(), bench.env.clone());
    Handler::new(move |job: Job| {
        let (db, env, said) = (db.clone(), env.clone(), said.clone());
        async move {
            let own = job.clone();
            let done = db.write(job.account_id, move |tx| {
                Box::pin(async move { jobs::finish(&mut Cx::new(tx, &env, &own.account_id), &own.id).await })
            });
            done.await?;
            said.send(job.payload).map_err(|e| db::DbError::other(e.to_string()).into())
        }
    })
}

async fn next(heard: &mut mpsc::UnboundedReceiver<String>) -> Option<String> {
    tokio::time::timeout(Duration::from_secs(20), heard.recv()).await.ok().flatten()
}

#[tokio::test]
async fn a_newer_timer_of_the_same_key_takes_the_place_of_the_older_one() {
    let bench = Bench::new().await;
    let (said, mut heard) = mpsc::unbounded_channel();
    bench.set("first", 1_000).await;
    bench.set("second", 60_000).await;
    assert_eq!(bench.states().await.len(), 1, "one timer of a key");
    tokio::spawn(Arc::new(bench.workers().on("remind", telling(&bench, said))).run());
    bench.hand.0.fetch_add(30_000, Ordering::Relaxed);
    bench.due.notify_one();
    assert!(tokio::time::timeout(Duration::from_millis(1500), heard.recv()).await.is_err(), "the first is no more");
    bench.hand.0.fetch_add(30_000, Ordering::Relaxed);
    assert_eq!(next(&mut heard).await.as_deref(), Some("second"), "a timer due exactly now fires");
    assert!(bench.states().await.is_empty());
}

#[tokio::test]
async fn a_timer_can_be_taken_back_and_a_worker_finds_out() {
    let bench = Bench::new().await;
    bench.set("first", 0).await;
    let id = bench
        .with(|cx| {
            Box::pin(async move {
                let due = cx.env.now();
                jobs::set_timer(cx, Timer { kind: "remind", key: "cnv_1", due, payload: "replaced" }).await
            })
        })
        .await;
    let outcome = bench
        .with(move |cx| {
            Box::pin(async move {
                let is_back = jobs::cancel_timer(cx.tx, cx.account, "remind", "cnv_1").await?;
                let is_still_there = jobs::finish(cx, &id).await?;
                let again = jobs::cancel_timer(cx.tx, cx.account, "remind", "cnv_1").await?;
                Ok((is_back, is_still_there, again))
            })
        })
        .await;
    assert_eq!(outcome, (true, false, false), "what was taken back cannot end as done");
}

#[tokio::test]
async fn a_job_without_hope_is_set_aside_at_once_and_others_are_given_up_in_the_end() {
    let bench = Bench::new().await;
    let given_up: Arc<Mutex<Vec<String>>> = Arc::default();
    let note = given_up.clone();
    let hopeless = Handler::new(|_| async { Err(Refusal::invalid("update", "unreadable", "it has no type")) })
        .sets_aside(|error| matches!(error, Refusal::Invalid(_)))
        .give_up(move |_, job, error| {
            note.lock().unwrap().push(format!("{}: {error}", job.payload));
            Box::pin(async { Ok(()) })
        });
    let ends = Handler::new(|_| async { Err(Refusal::NotFound) }).ends_on_refusal();
    bench
        .with(|cx| {
            Box::pin(async move {
                jobs::enqueue(cx, "hopeless", "a", "one").await?;
                jobs::enqueue(cx, "ends", "b", "two").await?;
                jobs::enqueue(cx, "nobody", "c", "three").await
            })
        })
        .await;
    tokio::spawn(Arc::new(bench.workers().on("hopeless", hopeless).on("ends", ends)).run());
    let settled = async {
        loop {
            let states = bench.states().await;
            if states.len() == 2 && states[0].0 == "failed" && states[1].1.contains("no worker") {
                return states;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let states = tokio::time::timeout(Duration::from_secs(20), settled).await.unwrap();
    assert_eq!(states[1].0, "waiting", "a kind that this program does not know may be known to the next");
    assert_eq!(*given_up.lock().unwrap(), ["one: invalid request"]);
}

#[tokio::test]
async fn a_job_that_was_taken_back_while_it_failed_is_not_given_up() {
    let bench = Bench::new().await;
    let (given_up, mut heard) = mpsc::unbounded_channel();
    let db = bench.test_db.db.clone();
    let taken_back = Handler::new(move |job: Job| {
        let db = db.clone();
        async move {
            let account = job.account_id;
            db.write(account, move |tx| {
                Box::pin(async move { jobs::cancel_timer(tx, &job.account_id, "remind", "cnv_1").await })
            })
            .await?;
            Err(Refusal::NotFound)
        }
    });
    let tells = given_up.clone();
    let taken_back = taken_back.sets_aside(|_| true).give_up(move |_, job, _| {
        let _ = tells.send(job.payload.clone());
        Box::pin(async { Ok(()) })
    });
    let hopeless = Handler::new(|_| async { Err(Refusal::NotFound) }).sets_aside(|_| true);
    let hopeless = hopeless.give_up(move |_, job, _| {
        let _ = given_up.send(job.payload.clone());
        Box::pin(async { Ok(()) })
    });
    bench.set("taken back", 0).await;
    let workers = Arc::new(bench.workers().on("remind", taken_back).on("hopeless", hopeless));
    let running = tokio::spawn(workers.run());
    while !bench.states().await.is_empty() {
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    bench.with(|cx| Box::pin(async move { jobs::enqueue(cx, "hopeless", "a", "hopeless").await })).await;
    assert_eq!(next(&mut heard).await.as_deref(), Some("hopeless"));
    running.abort();
    assert!(heard.try_recv().is_err());
}

/// A job that a worker of this node has begun, and that goes on until it is told to end.
async fn begun(bench: &Bench) -> (JobId, mpsc::UnboundedSender<()>, tokio::task::JoinHandle<()>) {
    let (began, mut begins) = mpsc::unbounded_channel();
    let (end, ends) = mpsc::unbounded_channel();
    let ends = Arc::new(tokio::sync::Mutex::new(ends));
    let handler = Handler::new(move |job: Job| {
        let (began, ends) = (began.clone(), ends.clone());
        async move {
            let _ = began.send(job.id);
            ends.lock().await.recv().await;
            Err(db::DbError::other("it failed").into())
        }
    });
    bench.with(|cx| Box::pin(async move { jobs::enqueue(cx, "slow", "a", "").await })).await;
    let running = tokio::spawn(Arc::new(bench.workers().on("slow", handler)).run());
    let id = tokio::time::timeout(Duration::from_secs(20), begins.recv()).await.unwrap().unwrap();
    (id, end, running)
}

#[tokio::test]
async fn a_node_whose_lease_passed_on_can_neither_keep_nor_end_nor_put_back_the_job() {
    let bench = Bench::new().await;
    let (id, end, running) = begun(&bench).await;
    // It stands still for longer than its lease; another node, whose time goes on, takes the job.
    let later = Arc::new(Hand(AtomicI64::new(bench.env.now().0 + 150_000)));
    let second = Env::new(later, Arc::new(RandomIds), Vault::throwaway());
    let (took, mut takes) = mpsc::unbounded_channel();
    let works = Handler::new(move |job: Job| {
        let _ = took.send(job.attempts);
        std::future::pending()
    });
    let workers = Workers::new(bench.test_db.db.clone(), second.clone(), bench.due.clone()).on("slow", works);
    let other = tokio::spawn(Arc::new(workers).run());
    let attempts = tokio::time::timeout(Duration::from_secs(20), takes.recv()).await.unwrap();
    assert_eq!(attempts, Some(2));
    let own = id;
    let kept = bench.with(move |cx| Box::pin(async move { Ok(jobs::keep(cx, &own).await.is_ok()) })).await;
    let own = id;
    let ended = bench.with(move |cx| Box::pin(async move { jobs::finish(cx, &own).await })).await;
    assert_eq!((kept, ended), (false, false));
    end.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(bench.states().await, [("running".to_owned(), String::new())], "its failure is not put down either");
    let account = bench.account;
    let done = bench.test_db.db.write(bench.account, move |tx| {
        Box::pin(async move { jobs::finish(&mut Cx::new(tx, &second, &account), &id).await })
    });
    assert!(done.await.unwrap(), "it is the second node's to end");
    running.abort();
    other.abort();
}

/// Ids that fall: what is made later comes earlier.
struct Falling(AtomicI64);

impl IdSource for Falling {
    fn next_ordered(&self) -> u128 {
        (1 << 100) - self.0.fetch_add(1, Ordering::Relaxed).unsigned_abs() as u128
    }

    fn next_random(&self) -> u128 {
        RandomIds.next_random()
    }
}

#[tokio::test]
async fn an_earlier_job_of_an_order_waits_for_a_later_one_that_was_begun() {
    let mut bench = Bench::new().await;
    bench.env = Env::new(bench.hand.clone(), Arc::new(Falling(AtomicI64::new(0))), Vault::throwaway());
    let (_, end, running) = begun(&bench).await;
    let waiting = bench.with(|cx| Box::pin(async move { jobs::enqueue(cx, "slow", "a", "").await })).await;
    bench.due.notify_one();
    tokio::time::sleep(Duration::from_millis(1300)).await;
    let states: Vec<String> = bench.states().await.into_iter().map(|(state, _)| state).collect();
    assert_eq!(states, ["waiting", "running"], "{waiting} is the first by its id");
    drop(end);
    running.abort();
}

#[tokio::test]
async fn a_node_does_not_take_from_itself_what_it_still_works_on() {
    let bench = Bench::new().await;
    let (_, end, running) = begun(&bench).await;
    bench.hand.0.fetch_add(150_000, Ordering::Relaxed);
    bench.due.notify_one();
    tokio::time::sleep(Duration::from_millis(1300)).await;
    end.send(()).unwrap();
    tokio::time::sleep(Duration::from_millis(300)).await;
    assert_eq!(
        bench.states().await,
        [("waiting".to_owned(), "it failed".to_owned())],
        "it was worked on once, and ended"
    );
    running.abort();
}
