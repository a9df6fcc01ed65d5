//! Browser sessions: a random token in a `__Host-` cookie, its hash in the table, guesses limited.

use crate::{Accounts, password, store};
use db::Scope;
use http_kit::{ApiError, sha256_hex};
use model::{AccountId, Env, SessionId, UserId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Name of the cookie. `__Host-` makes browsers refuse it from a sub-domain or without TLS (loopback apart).
pub const COOKIE: &str = "__Host-otklik";

/// A session lives this long.
const LIVES_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// Guesses are counted over this time.
const WINDOW_MS: i64 = 15 * 60 * 1000;
const MAX_PER_EMAIL: u32 = 5;
const MAX_PER_ADDRESS: u32 = 20;

/// Wrong guesses by e-mail and by address (security statement 11). Forgetting them at a restart is fine: a restart is rarer.
#[derive(Default)]
pub(crate) struct Limiter(Mutex<HashMap<String, (i64, u32)>>);

impl Limiter {
    /// Seconds to wait, when there were too many wrong guesses.
    fn must_wait(&self, key: &str, most: u32, now: i64) -> Option<u64> {
        let guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (since, count) = guesses.get(key).copied()?;
        let left = since + WINDOW_MS - now;
        (count >= most && left > 0).then(|| u64::try_from(left / 1000 + 1).unwrap_or(1))
    }

    fn wrong(&self, key: String, now: i64) {
        let mut guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.len() > 100_000 {
            guesses.retain(|_, (since, _)| *since + WINDOW_MS > now);
        }
        let entry = guesses.entry(key).or_insert((now, 0));
        if entry.0 + WINDOW_MS <= now {
            *entry = (now, 0);
        }
        entry.1 += 1;
    }

    fn right(&self, key: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(key);
    }
}

/// Checks e-mail and password and begins a session; answers the new token.
pub(crate) async fn sign_in(
    accounts: &Accounts,
    email: &str,
    password: &str,
    address: IpAddr,
) -> Result<String, ApiError> {
    let env = &accounts.messaging.env;
    let now = env.now().0;
    let email = email.trim().to_lowercase();
    let keys = [(format!("e:{email}"), MAX_PER_EMAIL), (format!("a:{address}"), MAX_PER_ADDRESS)];
    if let Some(seconds) = keys.iter().find_map(|(key, most)| accounts.limiter.must_wait(key, *most, now)) {
        return Err(ApiError::too_many("too many wrong passwords; wait and try again", seconds));
    }
    let wanted = email.clone();
    let found = accounts
        .messaging
        .db
        .read(Scope::System, move |tx| Box::pin(async move { store::user_by_email(tx, &wanted).await }));
    let found = found.await?.filter(|user| user.active);
    let stored = found.as_ref().and_then(|user| user.password_hash.clone());
    if !accounts.hasher.is_right(password, stored).await? {
        for (key, _) in keys {
            accounts.limiter.wrong(key, now);
        }
        return Err(ApiError::new(axum::http::StatusCode::UNAUTHORIZED, "wrong_password", "wrong e-mail or password"));
    }
    let Some(user) = found else { return Err(ApiError::unauthorized()) };
    accounts.limiter.right(&keys[0].0);
    begin(accounts, &user.account_id, &user.id).await
}

/// Begins a session of a user whose proof was checked. The one place where sessions are made.
pub(crate) async fn begin(accounts: &Accounts, account: &AccountId, user: &UserId) -> Result<String, ApiError> {
    let env = accounts.messaging.env.clone();
    let token = new_token(&env);
    let hash = sha256_hex(&token);
    let user = *user;
    let begun = accounts.messaging.write(account, move |cx| {
        Box::pin(async move {
            let id = SessionId::new(cx.env.ids());
            let expires = cx.env.now().plus_ms(LIVES_MS);
            store::insert_session(cx, &id, &hash, &user, expires).await
        })
    });
    begun.await?;
    Ok(token)
}

fn new_token(env: &Env) -> String {
    format!("{}{}", env.secret(), env.secret())
}

/// What the CSRF header must say in a session: known to whoever may read `/me`, not to a foreign page.
pub(crate) fn csrf_of(token: &str) -> String {
    sha256_hex(&format!("csrf:{token}"))
}

/// The `Set-Cookie` of a session, or of its end.
pub(crate) fn cookie(token: Option<&str>) -> String {
    match token {
        Some(token) => format!("{COOKIE}={token}; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={}", LIVES_MS / 1000),
        None => format!("{COOKIE}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0"),
    }
}

/// The session token in a `Cookie` header.
pub fn session_token(cookies: &str) -> Option<&str> {
    let mut pairs = cookies.split(';').filter_map(|pair| pair.trim().split_once('='));
    pairs.find(|(name, _)| *name == COOKIE).map(|(_, value)| value).filter(|value| !value.is_empty())
}

/// Changes a password after checking the old one; every other session ends (T6).
pub(crate) async fn change_password(
    accounts: &Accounts,
    account: &AccountId,
    user: &UserId,
    current: &str,
    new: &str,
    keep: &SessionId,
) -> Result<(), ApiError> {
    password::check(new)?;
    let id = *user;
    let stored =
        accounts.messaging.read(account, move |cx| Box::pin(async move { store::user(cx.tx, cx.account, &id).await }));
    let stored = stored.await?.password_hash;
    if !accounts.hasher.is_right(current, stored).await? {
        return Err(ApiError::forbidden("the current password is wrong"));
    }
    let hash = accounts.hasher.hash(new).await?;
    let (id, keep) = (*user, *keep);
    let changed = accounts.messaging.write(account, move |cx| {
        Box::pin(async move {
            store::set_password(cx.tx, cx.account, &id, &hash).await?;
            store::delete_sessions(cx.tx, cx.account, &id, Some(&keep)).await
        })
    });
    changed.await.map_err(ApiError::from)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_sixth_guess_waits_and_a_right_one_forgives() {
        let limiter = Limiter::default();
        for at in 0..5 {
            assert_eq!(limiter.must_wait("e:a", 5, at), None);
            limiter.wrong("e:a".into(), at);
        }
        assert!(limiter.must_wait("e:a", 5, 10).is_some());
        assert_eq!(limiter.must_wait("e:a", 5, WINDOW_MS + 1), None);
        limiter.right("e:a");
        assert_eq!(limiter.must_wait("e:a", 5, 10), None);
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        assert_eq!(session_token("a=1; __Host-otklik=abc; b=2"), Some("abc"));
        assert_eq!(session_token("otklik=abc"), None);
    }
}
