//! Browser sessions: a random token in a `__Host-` cookie, its hash in the table, guesses limited.

use crate::audit::{self, Deed};
use crate::second_factor::{self, Asked};
use crate::store::User;
use crate::{Accounts, password, store};
use axum::http::StatusCode;
use db::Scope;
use http_kit::Origin;
use http_kit::{ApiError, ClientAddress, sha256_hex};
use model::{AccountId, ActorId, Env, SessionId, UserId};
use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Mutex, PoisonError};

/// Name of the cookie. `__Host-` makes browsers refuse it from a sub-domain or without TLS (loopback apart).
pub const COOKIE: &str = "__Host-otklik";

/// How signing in is called in the audit log.
const SIGN_IN: &str = "POST /api/v1/session";

/// How giving the password again is called there.
const PROVE: &str = "POST /api/v1/session/proof";

/// A session lives this long.
const LIVES_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// That a session is at work is noted no oftener.
const SEEN_EVERY_MS: i64 = 10 * 60 * 1000;
/// Guesses are counted over this time.
const WINDOW_MS: i64 = 15 * 60 * 1000;
const MAX_PER_EMAIL: u32 = 5;
const MAX_PER_ADDRESS: u32 = 20;
const MOST_REMEMBERED: usize = 100_000;

/// Guesses by e-mail and by address (security statement 11), counted before they are looked at: of a hundred at once, five are looked
/// at. Forgetting them at a restart is fine: a restart is rarer.
#[derive(Default)]
pub(crate) struct Limiter(Mutex<HashMap<Guessed, (i64, u32)>>);

/// What a guess is counted under.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Guessed {
    Email(String),
    Network(IpAddr),
    /// Codes beside a password that was right.
    Code(UserId),
}

impl Guessed {
    fn most(&self) -> u32 {
        match self {
            Self::Email(_) | Self::Code(_) => MAX_PER_EMAIL,
            Self::Network(_) => MAX_PER_ADDRESS,
        }
    }
}

impl Limiter {
    /// Counts a guess under each key.
    ///
    /// # Errors
    /// The seconds to wait, when there were too many under one of them; then it is counted nowhere.
    fn reserve(&self, keys: &[Guessed], now: i64) -> Result<(), u64> {
        let mut guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if guesses.len() > MOST_REMEMBERED {
            guesses.retain(|_, (since, _)| *since + WINDOW_MS > now);
        }
        for key in keys {
            let Some((since, count)) = guesses.get(key) else { continue };
            let left = since + WINDOW_MS - now;
            if *count >= key.most() && left > 0 {
                return Err(u64::try_from(left / 1000 + 1).unwrap_or(1));
            }
        }
        for key in keys {
            let entry = guesses.entry(key.clone()).or_insert((now, 0));
            if entry.0 + WINDOW_MS <= now {
                *entry = (now, 0);
            }
            entry.1 += 1;
        }
        Ok(())
    }

    /// A guess was right: it was none. The account's are forgotten, the address keeps its wrong ones.
    fn forgive(&self, keys: &[Guessed]) {
        let mut guesses = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        for key in keys {
            match key {
                Guessed::Email(_) | Guessed::Code(_) => drop(guesses.remove(key)),
                Guessed::Network(_) => {
                    if let Some((_, count)) = guesses.get_mut(key) {
                        *count = count.saturating_sub(1);
                    }
                }
            }
        }
    }
}

/// Looks at a password, with the guess counted.
///
/// # Errors
/// 429 when there were too many guesses, or when hashing fails.
async fn is_right(
    accounts: &Accounts,
    email: &str,
    address: ClientAddress,
    password: &str,
    stored: Option<String>,
) -> Result<bool, ApiError> {
    let keys = [Guessed::Email(email.to_owned()), Guessed::Network(address.network())];
    if let Err(refused) = reserve(accounts, &keys, "too many wrong passwords; wait and try again") {
        tracing::warn!(address = %address.0, "too many wrong passwords from here or for one account");
        return Err(refused);
    }
    let is_right = accounts.hasher.is_right(password, stored).await?;
    if is_right {
        accounts.limiter.forgive(&keys);
    } else {
        // Not the e-mail: a password typed into the wrong place must not end up in a log.
        tracing::warn!(address = %address.0, "a wrong password");
    }
    Ok(is_right)
}

/// What somebody signs in with.
pub(crate) struct Proofs {
    pub email: String,
    pub password: String,
    /// Of the phone or of paper, where one is asked for.
    pub code: Option<String>,
}

/// Checks e-mail, password and the code where one is asked for, and begins a session; answers the new token.
pub(crate) async fn sign_in(accounts: &Accounts, proofs: Proofs, origin: Origin) -> Result<String, ApiError> {
    let address = origin.address;
    let email = proofs.email.trim().to_lowercase();
    let wanted = email.clone();
    let found = accounts
        .messaging
        .db
        .read(Scope::System, move |tx| Box::pin(async move { store::user_by_email(tx, &wanted).await }));
    let found = found.await?.filter(|user| user.active);
    let stored = found.as_ref().and_then(|user| user.password_hash.clone());
    let is_right = is_right(accounts, &email, address, &proofs.password, stored).await?;
    if !is_right {
        if let Some(user) = found {
            // Beside the answer: it takes as long for an e-mail that nobody has.
            let accounts = accounts.clone();
            tokio::spawn(async move { note(&accounts, &user, SIGN_IN, address, 401).await });
        }
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "wrong_password", "wrong e-mail or password"));
    }
    let Some(user) = found else { return Err(ApiError::unauthorized()) };
    ask_for_code(accounts, &user, proofs.code, address).await?;
    note(accounts, &user, SIGN_IN, address, 200).await?;
    begin(accounts, &user.account_id, &user.id, origin).await
}

/// Only whoever knows the password hears that a code is asked for, and how often one was wrong.
async fn ask_for_code(
    accounts: &Accounts,
    user: &User,
    code: Option<String>,
    address: ClientAddress,
) -> Result<(), ApiError> {
    let id = user.id;
    let asked = accounts
        .messaging
        .read(&user.account_id, move |cx| Box::pin(async move { second_factor::asked(cx, &id).await }));
    if asked.await? == Asked::Nothing {
        return Ok(());
    }
    let Some(code) = code.filter(|code| !code.trim().is_empty()) else {
        let detail = "give the code of your phone, too, or one of your recovery codes, as `code`";
        return Err(ApiError::new(StatusCode::UNAUTHORIZED, "second_factor_required", detail));
    };
    let guess = [Guessed::Code(user.id)];
    reserve(accounts, &guess, "too many wrong codes; wait and try again")?;
    let taken = accounts.messaging.write(&user.account_id, move |cx| {
        let code = code.clone();
        Box::pin(async move { second_factor::take(cx, &id, &code).await })
    });
    if taken.await? {
        accounts.limiter.forgive(&guess);
        return Ok(());
    }
    note(accounts, user, SIGN_IN, address, 401).await?;
    let detail = "this code is wrong, or was used: wait for the next one and look at the phone's clock";
    Err(ApiError::new(StatusCode::UNAUTHORIZED, "wrong_code", detail))
}

/// Counts a guess before it is looked at.
///
/// # Errors
/// 429 in these words when there were too many.
fn reserve(accounts: &Accounts, keys: &[Guessed], words: &str) -> Result<(), ApiError> {
    let now = accounts.messaging.env.now().0;
    accounts.limiter.reserve(keys, now).map_err(|seconds| ApiError::too_many(words, seconds))
}

/// The first code of a phone, or another of its guesses, given in a session: counted like those of the door.
///
/// # Errors
/// As [`second_factor::confirm`]; 429 after too many wrong ones.
pub(crate) async fn confirm_phone(
    accounts: &Accounts,
    (account, user, session): (&AccountId, UserId, SessionId),
    code: String,
) -> Result<Vec<String>, ApiError> {
    let guess = [Guessed::Code(user)];
    reserve(accounts, &guess, "too many wrong codes; wait and try again")?;
    let confirmed = accounts.messaging.write(account, move |cx| {
        let code = code.clone();
        Box::pin(async move { second_factor::confirm(cx, &user, &session, &code).await })
    });
    let codes = confirmed.await?;
    accounts.limiter.forgive(&guess);
    Ok(codes)
}

/// The password is given once more in a session: what asks for it may be done for a while.
///
/// # Errors
/// At `password` when it is wrong; 429 after too many guesses.
pub(crate) async fn prove(
    accounts: &Accounts,
    (account, user, session): (&AccountId, &UserId, &SessionId),
    password: &str,
    address: ClientAddress,
) -> Result<(), ApiError> {
    let id = *user;
    let found =
        accounts.messaging.read(account, move |cx| Box::pin(async move { store::user(cx.tx, cx.account, &id).await }));
    let user = found.await?;
    if !is_right(accounts, &user.email, address, password, user.password_hash.clone()).await? {
        note(accounts, &user, PROVE, address, 422).await?;
        return Err(ApiError::invalid("password", "wrong_password", "this is not your password"));
    }
    let session = *session;
    let proven =
        accounts.messaging.write(account, move |cx| Box::pin(async move { store::prove_session(cx, &session).await }));
    Ok(proven.await?)
}

/// Notes a way to sign in, taken or tried, in the audit log of the user's account.
pub(crate) async fn note(
    accounts: &Accounts,
    user: &User,
    action: &str,
    address: ClientAddress,
    status: u16,
) -> Result<(), ApiError> {
    let target = action.split(' ').nth(1).unwrap_or_default().to_owned();
    let (actor, actor_name, action) = (ActorId::User(user.id), user.name.clone(), action.to_owned());
    let deed = Deed { actor, actor_name, action, target, address, status, turn: None };
    Ok(audit::record(&accounts.messaging, &user.account_id, deed).await?)
}

/// Begins a session of a user whose proof was checked. The one place where sessions are made.
pub(crate) async fn begin(
    accounts: &Accounts,
    account: &AccountId,
    user: &UserId,
    origin: Origin,
) -> Result<String, ApiError> {
    let env = accounts.messaging.env.clone();
    let token = new_token(&env);
    let (user, token_hash) = (*user, sha256_hex(&token));
    let begun = accounts.messaging.write(account, move |cx| {
        let new = store::NewSession {
            id: SessionId::new(cx.env.ids()),
            token_hash: token_hash.clone(),
            user,
            expires: cx.env.now().plus_ms(LIVES_MS),
            address: origin.address.0.to_string(),
            device: origin.device.clone(),
        };
        Box::pin(async move { store::insert_session(cx, &new).await })
    });
    begun.await?;
    Ok(token)
}

/// Notes beside the request that the session is at work: for the list of sessions, to some minutes.
pub(crate) fn see(accounts: &Accounts, account: &AccountId, session: &store::Session) {
    if accounts.messaging.env.now().ms_since(session.last_seen_at) < SEEN_EVERY_MS {
        return;
    }
    let (accounts, account, id) = (accounts.clone(), *account, session.id);
    tokio::spawn(async move {
        let seen =
            accounts.messaging.write(&account, move |cx| Box::pin(async move { store::see_session(cx, &id).await }));
        if let Err(error) = seen.await {
            tracing::debug!(error = %error, "that a session is at work was not noted");
        }
    });
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
    (account, user, keep): (&AccountId, &UserId, &SessionId),
    current: &str,
    new: &str,
    address: ClientAddress,
) -> Result<(), ApiError> {
    let id = *user;
    let found =
        accounts.messaging.read(account, move |cx| Box::pin(async move { store::user(cx.tx, cx.account, &id).await }));
    let found = found.await?;
    password::check(new, &[&found.email, &found.name])?;
    if !is_right(accounts, &found.email, address, current, found.password_hash).await? {
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

    fn keys(email: &str, address: u8) -> [Guessed; 2] {
        [Guessed::Email(email.into()), Guessed::Network(IpAddr::from([10, 0, 0, address]))]
    }

    #[test]
    fn the_sixth_guess_waits_and_a_right_one_forgives() {
        let limiter = Limiter::default();
        for at in 0..5 {
            assert_eq!(limiter.reserve(&keys("a", 1), at), Ok(()));
        }
        assert_eq!(limiter.reserve(&keys("a", 2), 10), Err(900), "whatever the address");
        assert_eq!(limiter.reserve(&keys("b", 1), 10), Ok(()), "another account");
        assert_eq!(limiter.reserve(&keys("a", 1), WINDOW_MS + 1), Ok(()));
        limiter.forgive(&keys("a", 1));
        assert_eq!(limiter.reserve(&keys("a", 1), WINDOW_MS + 2), Ok(()));
    }

    #[test]
    fn an_address_has_twenty_wrong_guesses_and_right_ones_cost_nothing() {
        let limiter = Limiter::default();
        for n in 0..100 {
            let right = keys(&format!("right{n}"), 1);
            assert_eq!(limiter.reserve(&right, n), Ok(()));
            limiter.forgive(&right);
        }
        let wrong = (0..100).take_while(|n| limiter.reserve(&keys(&format!("wrong{n}"), 1), 0).is_ok()).count();
        assert_eq!(wrong, 20);
    }

    #[test]
    fn the_token_is_found_among_other_cookies() {
        assert_eq!(session_token("a=1; __Host-otklik=abc; b=2"), Some("abc"));
        assert_eq!(session_token("otklik=abc"), None);
    }
}
