//! The master keys of this installation: from `OTKLIK_MASTER_KEY`, or the file `master.key` in the data folder (ADR 8).

use crate::config::DataOptions;
use accounts::sealing::{self, Closed};
use db::Db;
use model::Env;
use serde::Serialize;
use std::path::PathBuf;
use vault::{KeyId, MasterKey, Vault};

/// One key, or several parted by commas, the sealing one first. Not a flag: other users of a machine see flags.
const VARIABLE: &str = "OTKLIK_MASTER_KEY";

/// Where the keys came from.
enum Source {
    Variable,
    File,
}

/// What `otklik rotate-key` did.
#[derive(Debug, Serialize)]
pub(crate) struct Rotated {
    sealing_key: String,
    values_sealed_anew: usize,
    keys_dropped: Vec<String>,
    next: Option<&'static str>,
}

fn file(options: &DataOptions) -> PathBuf {
    options.data.join("master.key")
}

/// The keys there are; none on a new installation, or when they are lost.
fn stored(options: &DataOptions) -> Result<Option<(Vec<MasterKey>, Source)>, String> {
    if let Ok(text) = std::env::var(VARIABLE) {
        let keys = vault::parse_keys(&text).map_err(|e| format!("{VARIABLE}: {e}"))?;
        if keys.is_empty() {
            return Err(format!("{VARIABLE} is set and empty: give it a key or unset it"));
        }
        return Ok(Some((keys, Source::Variable)));
    }
    let keys = vault::read(&file(options)).map_err(|e| e.to_string())?;
    Ok(keys.map(|keys| (keys, Source::File)))
}

/// The vault, if there are keys: for `doctor`, which makes none.
pub(crate) fn existing(options: &DataOptions) -> Result<Option<Vault>, String> {
    let Some((keys, _)) = stored(options)? else { return Ok(None) };
    Vault::new(keys).map(Some).map_err(|e| e.to_string())
}

/// The vault of this installation, with a new key when nothing was ever sealed. A start without the keys that the stored values need is
/// refused: it would seal with another key beside them, and every channel would be silent.
pub(crate) async fn open(options: &DataOptions, db: &Db) -> Result<Vault, String> {
    let needed = sealing::keys_needed(db).await.map_err(|e| e.to_string())?;
    let vault = match existing(options)? {
        Some(vault) => vault,
        None if needed.is_empty() => {
            let keys = vault::create(&file(options)).map_err(|e| e.to_string())?;
            Vault::new(keys).map_err(|e| e.to_string())?
        }
        None => return Err(lost(options, needed.first())),
    };
    match needed.iter().find(|id| !vault.has(id)) {
        Some(id) => Err(lost(options, Some(id))),
        None => Ok(vault),
    }
}

fn lost(options: &DataOptions, id: Option<&KeyId>) -> String {
    let (file, id) = (file(options), id.map_or("?", KeyId::as_str));
    format!(
        "the channel tokens in the database are sealed with master key {id}, which is neither in {} nor in {VARIABLE}. Nothing was changed. \
         Put that file back from where its copy is kept; all servers of one database need the same one. When it is lost for good, \
         `otklik rotate-key --give-up-lost` starts with a new key, and every channel's token is pasted again",
        file.display()
    )
}

/// Seals everything with a new key and forgets the old one. With several keys there it finishes what was begun: the first one seals.
pub(crate) async fn rotate(options: &DataOptions, db: &Db, closed: Closed) -> Result<Rotated, String> {
    let (keys, source) = match stored(options)? {
        Some((keys, Source::File)) if keys.len() == 1 => (begin(options, keys)?, Source::File),
        Some((keys, Source::Variable)) if keys.len() == 1 && closed == Closed::Keep => {
            return Err(format!("{VARIABLE} holds one key: write a new one and a comma before it, and run this again"));
        }
        Some(stored) => stored,
        None if closed == Closed::GiveUp => (vault::create(&file(options)).map_err(|e| e.to_string())?, Source::File),
        None => {
            open(options, db).await?;
            return Err("nothing was sealed yet: a first key was made just now".into());
        }
    };
    let dropped = keys.iter().skip(1).map(|key| key.id().to_string()).collect();
    let first = keys[0].clone();
    let env = Env::system(Vault::new(keys).map_err(|e| e.to_string())?);
    let changed = sealing::reseal(db, &env, closed).await;
    let changed =
        changed.map_err(|e| format!("{e}. The keys that were there are kept; run this again when that is mended"))?;
    let needed = sealing::keys_needed(db).await.map_err(|e| e.to_string())?;
    if needed.iter().any(|id| id != first.id()) {
        return Err(
            "another server still seals with an old key: start it anew with the new one, then run this again".into()
        );
    }
    let next = match source {
        Source::Variable => Some("take every key but the first out of OTKLIK_MASTER_KEY, on every server"),
        Source::File => None,
    };
    let sealing_key = first.id().to_string();
    if let Source::File = source {
        vault::write(&file(options), &[first]).map_err(|e| e.to_string())?;
    }
    Ok(Rotated { sealing_key, values_sealed_anew: changed, keys_dropped: dropped, next })
}

/// The new key goes into the file, before anything is sealed with it.
fn begin(options: &DataOptions, old: Vec<MasterKey>) -> Result<Vec<MasterKey>, String> {
    let new = MasterKey::random().ok_or("the machine gives no random bytes")?;
    let keys: Vec<_> = std::iter::once(new).chain(old).collect();
    vault::write(&file(options), &keys).map_err(|e| e.to_string())?;
    Ok(keys)
}
