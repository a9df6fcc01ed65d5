//! Where the audit logs ended when this server saw them last: a file beside the master key (ADR 44). Who may only write the database could put an
//! older log back together with the seal it had then; this file remembers that there was more, and that it was sealed at all.

use accounts::audit::{self, Head};
use db::{Db, Scope};
use model::{AccountId, Env, Refusal};
use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

type Heads = BTreeMap<AccountId, Head>;

fn file(data: &Path) -> PathBuf {
    data.join("audit-heads")
}

/// A copy was put in the database's place: what was seen was another database.
pub(crate) fn forget(data: &Path) -> Result<(), String> {
    let file = file(data);
    if !file.exists() {
        return Ok(());
    }
    std::fs::remove_file(&file).map_err(|e| format!("cannot remove {}: {e}", file.display()))
}

/// At a start: logs of an installation that sealed none yet are sealed as they stand, and what is seen is remembered.
pub(crate) async fn begin(data: &Path, db: &Db, env: &Env) -> Result<(), String> {
    let seen: Vec<AccountId> = read(data)?.into_keys().collect();
    let sealed = audit::seal_unsealed(db, env, &seen).await.map_err(|e| e.to_string())?;
    if sealed > 0 {
        tracing::info!(accounts = sealed, "the ends of audit logs are sealed from now on");
    }
    note(data, db, env).await
}

/// Remembers where the logs end now. What does not fit what was seen before is left as it was seen.
pub(crate) async fn note(data: &Path, db: &Db, env: &Env) -> Result<(), String> {
    let mut seen = read(data)?;
    let lost = lost(db, &seen).await?;
    for (account, head) in audit::heads(db, env).await.map_err(|e| e.to_string())? {
        if !lost.contains(&account) {
            seen.insert(account, head);
        }
    }
    write(data, &seen)
}

/// What does not fit what was seen, in words.
pub(crate) async fn complaints(data: &Path, db: &Db) -> Result<Vec<String>, String> {
    let seen = read(data)?;
    let lost = lost(db, &seen).await?;
    let words = |account: &AccountId| {
        let until = seen.get(account).map_or(0, |head| head.number);
        format!(
            "{account}: rows up to {until}, which this server has seen, are not there as they were; when you put a copy of the database \
             in its place yourself, remove {}",
            file(data).display()
        )
    };
    Ok(lost.iter().map(words).collect())
}

/// Accounts whose log does not hold the row that was seen. One that is gone whole is not missed here.
async fn lost(db: &Db, seen: &Heads) -> Result<Vec<AccountId>, String> {
    let seen = seen.clone();
    let found = db.read(Scope::System, move |tx| {
        Box::pin(async move {
            let there = crate::store::accounts(tx).await?;
            let mut lost = Vec::new();
            for (account, head) in seen.into_iter().filter(|(account, _)| there.contains(account)) {
                if !audit::still_holds(tx, &account, &head).await? {
                    lost.push(account);
                }
            }
            Ok::<_, Refusal>(lost)
        })
    });
    found.await.map_err(|e| e.to_string())
}

/// A line an account: its id, the number and the hash of its last row.
fn read(data: &Path) -> Result<Heads, String> {
    let file = file(data);
    match std::fs::read_to_string(&file) {
        Ok(text) => Ok(text.lines().filter_map(parsed).collect()),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Heads::new()),
        Err(error) => Err(format!("cannot read {}: {error}", file.display())),
    }
}

fn parsed(line: &str) -> Option<(AccountId, Head)> {
    let mut words = line.split(' ');
    let (account, number) = (words.next()?.parse().ok()?, words.next()?.parse().ok()?);
    Some((account, Head { number, chain: words.next()?.to_owned() }))
}

fn write(data: &Path, heads: &Heads) -> Result<(), String> {
    let (file, new) = (file(data), data.join("audit-heads.new"));
    let text: String =
        heads.iter().map(|(account, head)| format!("{account} {} {}\n", head.number, head.chain)).collect();
    let write = || {
        let mut out = std::fs::File::create(&new)?;
        out.write_all(text.as_bytes())?;
        out.sync_all()?;
        std::fs::rename(&new, &file)
    };
    write().map_err(|e| format!("cannot write {}: {e}", file.display()))
}
