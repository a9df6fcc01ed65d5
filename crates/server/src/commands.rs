//! The commands besides `serve`.

use crate::app::VISITOR_LIMITS;
use crate::config::{DataOptions, InitOptions, LicenceOptions};
use crate::storage::Folder;
use crate::{audit_heads, demo, keys, nodes, projects, storage, store, surroundings};
use accounts::NewAccount;
use accounts::audit::{self, AuditCheck, AuditSeal};
use accounts::licences;
use accounts::sealing::{self, Closed};
use db::{Db, Scope};
use egress::{Allowed, Egress};
use messaging::{Messaging, Settings, multi_contacts};
use model::{Cx, Env, Refusal};
use serde_json::{Value, json};
use std::io::Read;
use std::path::Path;

/// `otklik init`.
///
/// # Errors
/// In words.
pub async fn init(options: InitOptions) -> Result<(), String> {
    let db = storage::open(&options.data, Folder::Shared).await?;
    let new = NewAccount {
        name: options.account,
        owner_name: options.email.split('@').next().unwrap_or("owner").to_owned(),
        email: options.email,
        password: options.password,
        project: options.project,
        demo: false,
    };
    let env = Env::system(keys::open(&options.data, &db).await?);
    let made = accounts::create_account(&db, &env, new).await.map_err(|e| e.detail().to_owned())?;
    storage::close(&db).await;
    print_json(&made)
}

/// `otklik demo-data`.
///
/// # Errors
/// In words.
pub async fn demo_data(options: DataOptions) -> Result<(), String> {
    let _lock = storage::lock(&options.data)?;
    let db = storage::open(&options, Folder::Held).await?;
    let logins = demo::seed(&db, keys::open(&options, &db).await?).await?;
    let env = Env::system(keys::open(&options, &db).await?);
    let egress = Egress::new(Allowed::networks(&[])).map_err(|e| e.to_string())?;
    let settings = Settings { public_url: String::new() };
    let service = Messaging::new(db.clone(), env, storage::files(&options)?, egress, settings);
    // Here, not in the first minute of its server: search and reports are what somebody looks at first.
    search::runner::catch_up(&service).await.map_err(|e| e.to_string())?;
    reports::runner::catch_up(service).await;
    storage::close(&db).await;
    print_json(&logins)
}

/// `otklik migrate`.
///
/// # Errors
/// In words.
pub async fn migrate(options: DataOptions) -> Result<(), String> {
    storage::open(&options, Folder::Shared).await?;
    print_json(&json!({ "schema": schema::current_version() }))
}

/// `otklik rebuild`.
///
/// # Errors
/// In words.
pub async fn rebuild(options: DataOptions) -> Result<(), String> {
    let _lock = storage::lock(&options.data)?;
    let db = storage::open(&options, Folder::Held).await?;
    let env = Env::system(keys::open(&options, &db).await?);
    let mut changed = 0;
    for (account, project) in projects::all(&db).await.map_err(|e| e.to_string())? {
        let env = env.clone();
        let done = db.write(account, move |tx| {
            Box::pin(async move { multi_contacts::rebuild(&mut Cx::new(tx, &env, &account), &project).await })
        });
        changed += done.await.map_err(|e| e.to_string())?;
    }
    print_json(&json!({ "contacts_that_changed_their_group": changed }))
}

/// Without the setting the role of otklik sees no rows, and what is dumped is empty tables.
const DUMP: &str = "a PostgreSQL database is backed up by its own tools: \
    `PGOPTIONS='-c otklik.account=*' pg_dump --enable-row-security --format=custom --file=otklik.dump \"$OTKLIK_DATABASE_URL\"`, \
    and the folder of --data (files, master.key) beside it";

const RESTORE_DUMP: &str = "a PostgreSQL database is restored by its own tools, with every otklik stopped. Make an empty database beside the one \
    there is, and fill it: `pg_restore --exit-on-error --no-owner --dbname=\"$NEW_DATABASE_URL\" otklik.dump`. Only when that went well \
    rename both (ALTER DATABASE ... RENAME TO ...): the one of before is the kept copy, and messages that came after the dump are only there; \
    when it did not, drop the new one: nothing was changed";

/// `otklik backup`.
///
/// # Errors
/// In words.
pub async fn backup(options: DataOptions, file: &Path) -> Result<(), String> {
    if file.exists() {
        return Err(format!("{} is there already: choose a new name", file.display()));
    }
    if options.database_url.is_some() {
        return Err(DUMP.into());
    }
    let source = options.data.join("otklik.db");
    if !source.exists() {
        return Err(format!("there is no database in {}", options.data.display()));
    }
    let db = Db::open_sqlite(&source).map_err(|e| e.to_string())?;
    db.backup_to(file).await.map_err(|e| e.to_string())?;
    // A copy that cannot be restored is none.
    if let Err(words) = schema::check_whole(file) {
        let _ = std::fs::remove_file(file);
        return Err(format!("no backup was made, for the copy would be of no use: {words}. See `otklik doctor`"));
    }
    // The copy holds sealed values only: it is worth nothing without the key, and the key is worth nothing without it.
    print_json(&json!({ "backup": file, "opens_with": options.data.join("master.key") }))
}

/// `otklik restore`: the old database is kept beside the new one.
///
/// # Errors
/// In words.
pub fn restore(options: &DataOptions, file: &Path) -> Result<(), String> {
    if options.database_url.is_some() {
        return Err(RESTORE_DUMP.into());
    }
    let _lock = storage::lock(&options.data)?;
    let is_sqlite = begins_as_sqlite(file).map_err(|e| format!("cannot read {}: {e}", file.display()))?;
    if !is_sqlite {
        return Err(format!("{} is not a copy made by `otklik backup`; nothing was changed", file.display()));
    }
    let target = options.data.join("otklik.db");
    // Noted before anything is put in place: whatever stops us from here on, no mailing of the copy begins by itself.
    storage::note_restored(&options.data)?;
    let done = schema::restore(&target, file)?;
    if let Some(kept) = &done.kept {
        let lacking = match done.messages_only_in_kept {
            Some(0) => "every message of it is in the restored one, too".to_owned(),
            Some(more) => format!("{more} messages are only there"),
            None => "what is only there could not be counted".to_owned(),
        };
        eprintln!("otklik: the database of before is kept as {}: {lacking}", kept.display());
    }
    print_json(&json!({ "restored": target, "kept": done.kept, "messages_only_in_kept": done.messages_only_in_kept }))
}

fn begins_as_sqlite(file: &Path) -> std::io::Result<bool> {
    let mut head = Vec::new();
    std::fs::File::open(file)?.take(16).read_to_end(&mut head)?;
    Ok(head == b"SQLite format 3\0")
}

/// `otklik rotate-key`: a new master key, and everything sealed with it.
///
/// # Errors
/// In words.
pub async fn rotate_key(options: DataOptions, give_up_lost: bool) -> Result<(), String> {
    let _lock = storage::lock(&options.data)?;
    let db = storage::open(&options, Folder::Held).await?;
    let closed = if give_up_lost { Closed::GiveUp } else { Closed::Keep };
    print_json(&keys::rotate(&options, &db, closed).await?)
}

/// `otklik licence`.
///
/// # Errors
/// In words.
pub async fn licence(options: LicenceOptions) -> Result<(), String> {
    let db = storage::open(&options.data, Folder::Shared).await?;
    let env = Env::system(keys::open(&options.data, &db).await?);
    let accounts = db.read(Scope::System, |tx| Box::pin(async move { store::accounts(tx).await }));
    let accounts = accounts.await.map_err(|error: Refusal| error.to_string())?;
    let account = match (&options.account, accounts.as_slice()) {
        (Some(id), _) => *accounts.iter().find(|known| known.to_string() == *id).ok_or("there is no such account")?,
        (None, [one]) => *one,
        (None, _) => return Err("say which account with --account".to_owned()),
    };
    let plan = options.plan()?;
    let set = db.write(&account, move |tx| {
        let (plan, env) = (plan.clone(), env.clone());
        Box::pin(async move { licences::set(&mut Cx::new(tx, &env, &account), plan).await })
    });
    let shown = set.await.map_err(|refusal: Refusal| refusal.to_string())?;
    storage::close(&db).await;
    print_json(&shown)
}

/// `otklik remove-second-factor`.
///
/// # Errors
/// In words.
pub async fn remove_second_factor(options: DataOptions, email: &str) -> Result<(), String> {
    let db = storage::open(&options, Folder::Shared).await?;
    let removed = accounts::remove_second_factor(&db, email).await;
    storage::close(&db).await;
    let was_on = removed.map_err(|refusal| match refusal {
        Refusal::NotFound => format!("nobody signs in with {email}"),
        other => other.to_string(),
    })?;
    print_json(&json!({ "email": email, "second_factor_was_on": was_on }))
}

/// `otklik doctor`.
///
/// # Errors
/// When something is wrong.
pub async fn doctor(options: DataOptions) -> Result<(), String> {
    check_database(&options).await?;
    let db = storage::open(&options, Folder::Shared).await?;
    let vault = keys::existing(&options)?;
    let facts = db.read(Scope::System, move |tx| {
        Box::pin(async move {
            let accounts = store::count_accounts(tx).await?;
            let failed_jobs = store::count_failed_jobs(tx).await?;
            let broken = store::count_broken_connections(tx).await?;
            let limits = store::noted(tx, VISITOR_LIMITS).await?;
            let mut changed_logs = Vec::new();
            for account in store::accounts(tx).await? {
                let found = audit::check(tx, &account, vault.as_ref()).await?;
                changed_logs.extend(words_of(&found).into_iter().map(|words| format!("{account}: {words}")));
            }
            Ok::<_, Refusal>((accounts, failed_jobs, broken, limits, changed_logs))
        })
    });
    let (accounts, failed_jobs, broken, limits, mut changed_logs) = facts.await.map_err(|e| e.to_string())?;
    if !storage::is_restored(&options.data) {
        changed_logs.extend(audit_heads::complaints(&options.data, &db).await?);
    }
    let (secrets, closed) = secrets_of(&options, &db).await?;
    let skew_ms = nodes::skew_ms(&db).await?;
    surroundings::raise_file_limit();
    let around = surroundings::complaints(&options, &db).await?;
    let is_late = skew_ms.is_some_and(nodes::is_too_far);
    print_json(&json!({
        "schema": schema::current_version(), "accounts": accounts, "failed_jobs": failed_jobs, "broken_connections": broken,
        "secrets": secrets, "clock_ahead_of_database_ms": skew_ms, "visitor_limits": limits,
        "audit_log": changed_logs, "running": storage::holder(&options.data), "attention": around,
    }))?;
    for words in &around {
        eprintln!("otklik: {words}");
    }
    let is_unlimited = limits.as_deref() == Some("off");
    let is_well = around.is_empty() && changed_logs.is_empty() && !closed && !is_late && !is_unlimited;
    if failed_jobs + broken > 0 || !is_well { Err("something needs attention, see above".into()) } else { Ok(()) }
}

/// What is wrong with an audit log.
fn words_of(found: &AuditCheck) -> Vec<String> {
    let mut words = Vec::new();
    if let Some(number) = found.changed_at {
        words.push(format!("row {number} was changed, put there by hand, or is missing"));
    }
    if found.missing_at_end > 0 {
        words.push(format!("the last {} rows, after {}, are missing", found.missing_at_end, found.last));
    }
    let seal = match found.seal {
        AuditSeal::Good => None,
        AuditSeal::Missing => {
            Some("its end has no seal: the first start of this version makes one, and no later start does")
        }
        AuditSeal::Altered => Some("its end was sealed by somebody else"),
        AuditSeal::Closed => Some("the key that sealed its end is not here"),
    };
    words.extend(seal.map(str::to_owned));
    words
}

/// SQLite's file, page by page, before anything else is asked of it. A doctor makes no database.
async fn check_database(options: &DataOptions) -> Result<(), String> {
    let file = options.data.join("otklik.db");
    if options.database_url.is_some() {
        return Ok(());
    }
    if schema::is_restore_unfinished(&file) {
        return Ok(());
    }
    if !file.exists() {
        return Err(format!("there is no database in {}", options.data.display()));
    }
    schema::check_place(&file)?;
    let checked = tokio::task::spawn_blocking(move || schema::check_whole(&file));
    checked.await.map_err(|e| e.to_string())?.map_err(|words| {
        format!("{words}. Stop otklik and put a copy in its place with `otklik restore`; the file of now is kept then")
    })
}

/// Whether the master key opens what is stored; true when something stays closed.
async fn secrets_of(options: &DataOptions, db: &Db) -> Result<(Value, bool), String> {
    let needed = sealing::keys_needed(db).await.map_err(|e| e.to_string())?;
    let needed: Vec<String> = needed.iter().map(ToString::to_string).collect();
    let Some(vault) = keys::existing(options)? else {
        return Ok((json!({ "master_key": null, "keys_needed": needed }), !needed.is_empty()));
    };
    let checked = sealing::check(db, &vault).await.map_err(|e| e.to_string())?;
    let closed: Vec<String> = checked.closed.iter().map(|value| format!("{}: {}", value.row, value.why)).collect();
    let is_closed = !closed.is_empty();
    let facts = json!({
        "master_key": vault.sealing_key().as_str(), "keys_needed": needed, "sealed": checked.sealed, "do_not_open": closed,
    });
    Ok((facts, is_closed))
}

fn print_json(value: &impl serde::Serialize) -> Result<(), String> {
    println!("{}", serde_json::to_string(value).map_err(|e| e.to_string())?);
    Ok(())
}
