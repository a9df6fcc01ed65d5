//! This process among the nodes of one PostgreSQL database: one time, one secret, bells over NATS (ADR 17).

use crate::config::ServeOptions;
use crate::store;
use db::{Db, Scope};
use messaging::Messaging;
use model::{ClockedIds, Env, SharedClock, SteadyClock, SystemClock, Timestamp};
use std::sync::Arc;
use std::time::Duration;
use vault::Vault;

/// The database's clock is asked this often.
const ASK_EVERY: Duration = Duration::from_secs(5);
/// An answer that took longer says too little about now.
const SLOWEST_MS: i64 = 1000;
/// A difference that a person should hear of (D18).
const TOO_FAR_MS: i64 = 5000;

/// Several nodes need PostgreSQL.
pub(crate) fn refuse_on_sqlite(options: &ServeOptions) -> Result<(), String> {
    if options.nats_url.is_some() && options.database_url.is_none() {
        return Err("--nats-url is for several nodes of one PostgreSQL database (--database-url); a SQLite database has one node, \
             which needs no NATS"
            .into());
    }
    Ok(())
}

/// Time, ids and keys of this process. On PostgreSQL the time is the database's, whatever this machine's clock says, and stays so.
pub(crate) async fn env(db: &Db, vault: Vault) -> Result<Env, String> {
    let clock = Arc::new(SharedClock::over(Arc::new(SteadyClock::start())));
    let Some(skew_ms) = set_at_start(db, &clock).await? else { return Ok(Env::system(vault)) };
    complain(skew_ms, 0);
    tokio::spawn(follow(db.clone(), clock.clone(), skew_ms));
    Ok(Env::new(clock.clone(), Arc::new(ClockedIds::by(clock)), vault))
}

/// How far this machine's clock is ahead of the database's, in milliseconds; none on SQLite.
pub(crate) async fn skew_ms(db: &Db) -> Result<Option<i64>, String> {
    set_at_start(db, &SharedClock::over(Arc::new(SystemClock))).await
}

/// Whether people should hear of such a difference.
pub(crate) fn is_too_far(skew_ms: i64) -> bool {
    skew_ms.abs() > TOO_FAR_MS
}

/// As [`set`], with some patience for a database that has only just begun to answer.
async fn set_at_start(db: &Db, clock: &SharedClock) -> Result<Option<i64>, String> {
    let mut tries = 0;
    loop {
        match set(db, clock).await {
            Ok(skew_ms) => return Ok(skew_ms),
            Err(error) if tries == 3 => return Err(error.to_string()),
            Err(_) => tries += 1,
        }
    }
}

/// Sets a clock by the database's; how far it was ahead, in milliseconds. None on SQLite.
///
/// # Errors
/// When the database does not tell its time, or too slowly.
pub async fn set(db: &Db, clock: &SharedClock) -> Result<Option<i64>, db::DbError> {
    let asked = clock.own_now();
    let Some(theirs) = db.server_time_ms().await? else { return Ok(None) };
    let took = clock.own_now().ms_since(asked);
    let halfway = asked.plus_ms(took / 2);
    if took > SLOWEST_MS {
        return Err(db::DbError::other(format!("the database took {took} ms to tell its time")));
    }
    clock.set(Timestamp(theirs), halfway);
    Ok(Some(halfway.ms_since(Timestamp(theirs))))
}

async fn follow(db: Db, clock: Arc<SharedClock>, mut known_ms: i64) {
    loop {
        tokio::time::sleep(ASK_EVERY).await;
        match set(&db, &clock).await {
            Ok(Some(skew_ms)) => known_ms = complain(skew_ms, known_ms),
            Ok(None) => return,
            Err(error) => tracing::debug!(error = %error, "the database's time is not known anew"),
        }
    }
}

/// Says it when it is far and was not said before; what is known now.
fn complain(skew_ms: i64, known_ms: i64) -> i64 {
    if is_too_far(skew_ms) && (skew_ms - known_ms).abs() > TOO_FAR_MS {
        tracing::warn!(
            skew_ms,
            "this machine's clock is not the database's: the database's counts; please set the machine's (NTP)"
        );
        return skew_ms;
    }
    known_ms
}

/// Joins the other nodes, if there are to be some.
pub(crate) async fn join(service: &Arc<Messaging>, nats_url: Option<&str>) -> Result<(), String> {
    let Some(url) = nats_url else { return Ok(()) };
    let new = service.env.secret();
    let secret = service
        .db
        .write(Scope::System, move |tx| Box::pin(async move { store::shared_value(tx, "bus_secret", &new).await }));
    let secret = secret.await.map_err(|e| e.to_string())?;
    let (bus, inbox) = bus::join(url, &secret, service.env.node()).await.map_err(|e| e.to_string())?;
    service.join(bus, inbox);
    Ok(())
}

/// Lets the others go on without this node at once.
pub(crate) async fn leave(service: &Messaging) {
    service.hub.leave().await;
    if let Err(error) = jobs::lease::give_back(&service.db, &service.env).await {
        tracing::warn!(error = %error, "leases could not be given back; they run out");
    }
}
