//! What is wrong around the program, in words: said by `serve` when it starts and by `doctor` whenever it is asked.

use crate::config::DataOptions;
use crate::{nodes, store};
use db::{Db, Scope};
use model::{Clock, SystemClock, Timestamp};

/// Less room than this will soon be none.
const LITTLE_ROOM: u64 = 100 * 1024 * 1024;
/// Each open page of a visitor or operator takes one, and so do files, channels and the database.
const FEW_FILES: u64 = 4096;

/// Lets this process open as many files as it may: the system's first limit is for programs that have few.
pub(crate) fn raise_file_limit() {
    #[cfg(unix)]
    {
        use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
        let Rlimit { maximum, .. } = getrlimit(Resource::Nofile);
        if let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: maximum, maximum }) {
            tracing::debug!(error = %error, "the number of files that may be open stays as it is");
        }
    }
}

/// Everything that a person should see to; empty when all is well.
pub(crate) async fn complaints(options: &DataOptions, db: &Db) -> Result<Vec<String>, String> {
    let all = [little_room(options)?, few_files(), clock_behind(db).await?];
    Ok(all.into_iter().flatten().collect())
}

fn little_room(options: &DataOptions) -> Result<Option<String>, String> {
    let free = schema::free_in(&options.data)?;
    Ok((free < LITTLE_ROOM).then(|| {
        format!(
            "only {} MiB are free on the disk of {}: make room, for a full disk takes no messages and no files",
            free / (1024 * 1024),
            options.data.display()
        )
    }))
}

fn few_files() -> Option<String> {
    #[cfg(unix)]
    {
        let limit = rustix::process::getrlimit(rustix::process::Resource::Nofile).maximum.unwrap_or(u64::MAX);
        (limit < FEW_FILES).then(|| {
            format!(
                "this process may open {limit} files at once, and every visitor and operator takes one: allow {FEW_FILES} or more \
                 (`ulimit -n`, LimitNOFILE= of systemd, --ulimit nofile= of a container)"
            )
        })
    }
    #[cfg(not(unix))]
    None
}

/// What is written now would seem older than what was written before. PostgreSQL's own clock counts where there is one.
async fn clock_behind(db: &Db) -> Result<Option<String>, String> {
    let theirs = db.server_time_ms().await.map_err(|e| e.to_string())?;
    let now = theirs.map_or_else(|| SystemClock.now(), Timestamp);
    let newest = db.read(Scope::System, |tx| Box::pin(store::newest_event_at(tx))).await.map_err(|e| e.to_string())?;
    let behind_ms = newest.map_or(0, |newest| newest.ms_since(now));
    let whose = if theirs.is_some() { "the clock of the database's machine" } else { "this machine's clock" };
    Ok((behind_ms > 0 && nodes::is_too_far(behind_ms)).then(|| {
        format!(
            "{whose} is {} s behind the newest thing that is stored: set it right (NTP), for messages of now would seem older than those \
             of before",
            behind_ms / 1000
        )
    }))
}
