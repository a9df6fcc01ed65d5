//! Announcements for all accounts: written by the installation's administrator, on a page or by `otklik announce`. The administrator is an
//! owner of the account that was made first (ADR 31).

use super::feed::NEWEST;
use super::{Announcement, Author, NewAnnouncement, Place, Reader, Saved, store, writing};
use db::{Db, Scope};
use http_kit::{Principal, Role};
use model::{AccountId, AnnouncementId, Cx, Env, Refusal, Result, UserId};

/// The command acts in no account.
const NO_ACCOUNT: AccountId = AccountId::from_bits(0);

/// Whether the principal is the installation's administrator.
///
/// # Errors
/// When the storage fails.
pub async fn is_administrator(db: &Db, principal: &Principal) -> Result<bool> {
    if principal.role() < Role::Owner {
        return Ok(false);
    }
    let accounts = db.read(Scope::System, |tx| Box::pin(async move { store::accounts(tx).await })).await?;
    Ok(accounts.first() == Some(&principal.account_id))
}

/// Whether an announcement is one for all accounts.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn has(db: &Db, id: AnnouncementId) -> Result<bool> {
    let found = db.read(Scope::System, move |tx| {
        Box::pin(async move { store::find(tx, &nobody(), Place::Installation, &id).await })
    });
    match found.await {
        Ok(_) => Ok(true),
        Err(Refusal::NotFound) => Ok(false),
        Err(other) => Err(other),
    }
}

fn nobody() -> Reader {
    Reader { account: NO_ACCOUNT, user: UserId::from_bits(0), role: Role::Owner, sees_all: true }
}

/// Tells every account, each in its own log. Whoever is not reached here hears of it when his page looks again.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn tell(db: &Db, env: &Env, id: AnnouncementId, news: News) -> Result<()> {
    let accounts = db.read(Scope::System, |tx| Box::pin(async move { store::accounts(tx).await })).await?;
    for account in accounts {
        let env = env.clone();
        let told = db.write(account, move |tx| {
            let env = env.clone();
            Box::pin(async move {
                let cx = &mut Cx::new(tx, &env, &account);
                if news == News::Gone {
                    store::forget_marks(cx.tx, &account, &id).await?;
                }
                writing::tell_account(cx, &id, news == News::New).await
            })
        });
        told.await?;
    }
    Ok(())
}

/// What is told of an announcement for all accounts.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum News {
    New,
    Changed,
    Gone,
}

/// `otklik announce`.
///
/// # Errors
/// When it may not be announced.
pub async fn create(db: &Db, env: &Env, new: NewAnnouncement) -> Result<Announcement> {
    let own = env.clone();
    let made = db.write(Scope::System, move |tx| {
        let (env, new) = (own.clone(), new.clone());
        Box::pin(
            async move { writing::create(&mut Cx::new(tx, &env, &NO_ACCOUNT), &Author::Administrator, "", new).await },
        )
    });
    told(db, env, made.await?).await
}

/// `otklik announce --list`, the newest first.
///
/// # Errors
/// When the storage fails.
pub async fn all(db: &Db) -> Result<Vec<Announcement>> {
    let read = db.read(Scope::System, |tx| {
        Box::pin(async move { store::written(tx, &nobody(), Place::Installation, &NEWEST.1, i64::MAX).await })
    });
    read.await
}

/// `otklik announce --end`.
///
/// # Errors
/// When there is nothing to end.
pub async fn end(db: &Db, env: &Env, id: AnnouncementId) -> Result<Announcement> {
    let own = env.clone();
    let ended = db.write(Scope::System, move |tx| {
        let env = own.clone();
        Box::pin(async move { writing::end(&mut Cx::new(tx, &env, &NO_ACCOUNT), &Author::Administrator, &id).await })
    });
    told(db, env, ended.await?).await
}

/// `otklik announce --delete`.
///
/// # Errors
/// When it is not there.
pub async fn delete(db: &Db, env: &Env, id: AnnouncementId) -> Result<()> {
    let own = env.clone();
    let gone = db.write(Scope::System, move |tx| {
        let env = own.clone();
        Box::pin(async move { writing::delete(&mut Cx::new(tx, &env, &NO_ACCOUNT), &Author::Administrator, &id).await })
    });
    gone.await?;
    tell(db, env, id, News::Gone).await
}

/// Tells what was stored, as far as others are to hear of it.
pub(crate) async fn told(db: &Db, env: &Env, saved: Saved) -> Result<Announcement> {
    if let Some(is_new) = saved.told {
        tell(db, env, saved.announcement.id, if is_new { News::New } else { News::Changed }).await?;
    }
    Ok(saved.announcement)
}
