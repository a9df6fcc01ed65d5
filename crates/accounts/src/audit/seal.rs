//! The sealed end of the log: number and hash of its last row, under the master key, written in the transaction of the row (ADR 44).

use super::store;
use db::{Db, Scope};
use model::{AccountId, Cx, Env, Refusal, Result};
use vault::{Place, Sealed, Secret, Vault, VaultError};

/// Where a log ends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    /// Number of its last row; 0 when there is none.
    pub number: i64,
    /// Hash of that row.
    pub chain: String,
}

impl Head {
    fn of(text: &str) -> Option<Self> {
        let (number, chain) = text.split_once(' ')?;
        Some(Self { number: number.parse().ok()?, chain: chain.to_owned() })
    }

    fn to_text(&self) -> Secret {
        Secret::new(&format!("{} {}", self.number, self.chain))
    }
}

/// What stands where the sealed end is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Seal {
    /// Nothing.
    Missing,
    /// Something that this installation did not seal for this account.
    Altered,
    /// It was sealed with a key that is not here.
    Closed,
    /// The key of before was given up (`otklik rotate-key --give-up-lost`): what stands is the beginning.
    GivenUp,
    /// The end, as it was sealed.
    At(Head),
}

impl Seal {
    pub(super) fn opened(vault: &Vault, account: &AccountId, sealed: Option<&Sealed>) -> Self {
        let Some(sealed) = sealed else { return Self::Missing };
        match vault.open(head_place(&account.to_string()), sealed) {
            Ok(text) if text.expose().is_empty() => Self::GivenUp,
            Ok(text) => Head::of(text.expose()).map_or(Self::Altered, Self::At),
            Err(VaultError::UnknownKey(_)) => Self::Closed,
            Err(_) => Self::Altered,
        }
    }
}

/// Where the end of an account's log stands: it opens nowhere else.
pub(crate) fn head_place(account: &str) -> Place<'_> {
    Place { account, table: "audit_heads", row: account, column: "sealed" }
}

/// A new account's log, which has no rows yet.
pub(crate) async fn begin(cx: &mut Cx<'_>) -> Result<()> {
    set(cx, &Head { number: 0, chain: String::new() }).await
}

/// Writes where the log ends now.
pub(super) async fn set(cx: &mut Cx<'_>, head: &Head) -> Result<()> {
    let sealed = cx.env.vault().seal(head_place(&cx.account.to_string()), &head.to_text())?;
    store::set_head(cx.tx, cx.account, &sealed).await
}

/// After which row the next one comes. What does not fit is never mended by it: after rows that were cut off their numbers stay free, and after
/// rows that somebody put there, or an end that does not open, the chain begins anew, which is found at every check from then on.
pub(super) async fn end_of(cx: &mut Cx<'_>) -> Result<(i64, String)> {
    let (last, chain) = store::last(cx.tx, cx.account).await?.unwrap_or_default();
    let sealed = store::head(cx.tx, cx.account).await?;
    Ok(match Seal::opened(cx.env.vault(), cx.account, sealed.as_ref()) {
        Seal::At(head) if head.number >= last => (head.number, head.chain),
        Seal::GivenUp => (last, chain),
        Seal::At(_) | Seal::Missing | Seal::Altered | Seal::Closed => (last, String::new()),
    })
}

/// Seals the logs of an installation that sealed none yet, as they stand, and those whose key was given up. An account whose end was `seen`
/// sealed before lost it since: that is left as it is, to be found. How many were sealed.
///
/// # Errors
/// When the storage fails.
pub async fn seal_unsealed(db: &Db, env: &Env, seen: &[AccountId]) -> Result<usize> {
    let (env, seen) = (env.clone(), seen.to_vec());
    let sealed = db.write(Scope::System, move |tx| {
        Box::pin(async move {
            let mut count = 0;
            for (account, sealed) in store::all_heads(tx).await? {
                let seal = Seal::opened(env.vault(), &account, sealed.as_ref());
                if seal == Seal::GivenUp || (seal == Seal::Missing && !seen.contains(&account)) {
                    let mut cx = Cx::new(tx, &env, &account);
                    events::lock(cx.tx, cx.account).await?;
                    let (number, chain) = store::last(cx.tx, cx.account).await?.unwrap_or_default();
                    set(&mut cx, &Head { number, chain }).await?;
                    count += 1;
                }
            }
            Ok::<_, Refusal>(count)
        })
    });
    sealed.await
}

/// Where every account's log ends, of those whose seal opens.
///
/// # Errors
/// When the storage fails.
pub async fn heads(db: &Db, env: &Env) -> Result<Vec<(AccountId, Head)>> {
    let all = db.read(Scope::System, |tx| Box::pin(async move { store::all_heads(tx).await })).await?;
    let opened =
        all.into_iter().filter_map(|(account, sealed)| match Seal::opened(env.vault(), &account, sealed.as_ref()) {
            Seal::At(head) => Some((account, head)),
            Seal::Missing | Seal::Altered | Seal::Closed | Seal::GivenUp => None,
        });
    Ok(opened.collect())
}
