//! A code of the phone beside the password (security statement 12): begun, confirmed with a first code, asked for at every sign-in, with
//! codes on paper for the day the phone is gone.

mod code;
mod store;

pub(crate) use code::new_secret;

use crate::reach::{Asker, Reach};
use crate::store as users;
use db::{Db, Scope, Tx};
use http_kit::Principal;
use model::{AccountId, Cx, Env, Refusal, Result, SessionId, Timestamp, UserId};
use vault::{Place, Secret};

/// What somebody's account page says of it.
#[derive(Debug, Clone)]
pub(crate) struct Standing {
    /// Since when a code is asked for; none when it is not.
    pub since: Option<Timestamp>,
    /// Codes on paper that were not used.
    pub recovery_codes_left: i64,
}

/// A key that waits for its first code.
#[derive(Debug, Clone)]
pub(crate) struct Begun {
    /// In Base32, to be typed where no picture can be read.
    pub secret: String,
    /// What the picture holds.
    pub address: String,
}

/// Where a key stands: it opens nowhere else.
pub(crate) fn secret_place<'a>(account: &'a str, user: &'a str) -> Place<'a> {
    Place { account, table: "second_factors", row: user, column: "secret" }
}

/// How it stands with somebody.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn standing(cx: &mut Cx<'_>, user: &UserId) -> Result<Standing> {
    let since = store::get(cx.tx, cx.account, user).await?.and_then(|row| row.confirmed_at);
    let recovery_codes_left = store::recovery_codes_left(cx.tx, cx.account, user).await?;
    Ok(Standing { since, recovery_codes_left })
}

/// Days until everybody needs one, at most.
const LONGEST_GRACE: i64 = 30;
const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// From when on everybody of an account needs one; none where it is each person's own choice.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn needed_from(tx: &mut Tx, account: &AccountId) -> Result<Option<Timestamp>> {
    store::needed_from(tx, account).await
}

/// Whether somebody needs one by now and has none: such a person can do nothing but set it up.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn owes(tx: &mut Tx, account: &AccountId, user: &UserId, now: Timestamp) -> Result<bool> {
    store::owes(tx, account, user, now).await
}

/// Asks one of everybody after some days, or of nobody. Whoever asks has one: an owner who locks the door from outside helps nobody.
///
/// # Errors
/// `second_factor_first` while the asker has none; for too many days.
pub(crate) async fn ask_of_all(cx: &mut Cx<'_>, by: &UserId, days: Option<i64>) -> Result<Option<Timestamp>> {
    if days.is_some_and(|days| !(0..=LONGEST_GRACE).contains(&days)) {
        let words = format!("0 to {LONGEST_GRACE} days");
        return Err(Refusal::invalid("grace_days", "out_of_range", words));
    }
    if days.is_some() && standing(cx, by).await?.since.is_none() {
        let detail = "switch sign-in by code on for yourself first".to_owned();
        return Err(Refusal::Conflict { code: "second_factor_first", detail });
    }
    let from = days.map(|days| cx.env.now().plus_ms(days * DAY_MS));
    store::set_needed_from(cx.tx, cx.account, from).await?;
    Ok(from)
}

/// Makes a key for a phone. Nothing is asked for until a first code shows that the phone has it.
///
/// # Errors
/// `second_factor_on` when one is asked for already.
pub(crate) async fn begin(cx: &mut Cx<'_>, user: &UserId) -> Result<Begun> {
    let secret = new_secret(cx.env);
    let (account, id) = (cx.account.to_string(), user.to_string());
    let sealed = cx.env.vault().seal(secret_place(&account, &id), &secret)?;
    if !store::begin(cx, user, &sealed).await? {
        return Err(already_on());
    }
    let email = users::user(cx.tx, cx.account, user).await?.email;
    Ok(Begun { address: code::address(&secret, &email), secret: secret.expose().to_owned() })
}

/// The phone's first code: from now on one is asked for at every sign-in. Every other session ends, for none of them gave a code. Answers
/// the codes for paper, which nobody can read again.
///
/// # Errors
/// At `code` when it is wrong; `second_factor_on` when one is asked for already; `second_factor_not_begun` without a key.
pub(crate) async fn confirm(cx: &mut Cx<'_>, user: &UserId, keep: &SessionId, typed: &str) -> Result<Vec<String>> {
    let Some(row) = store::get(cx.tx, cx.account, user).await? else {
        let detail = "there is no key yet: POST /api/v1/me/second-factor makes one".to_owned();
        return Err(Refusal::Conflict { code: "second_factor_not_begun", detail });
    };
    if row.confirmed_at.is_some() {
        return Err(already_on());
    }
    let secret = opened(cx.env, cx.account, user, &row)?;
    let Some(step) = code::step_of(&secret, typed, seconds(cx.env.now()), row.last_step) else {
        return Err(wrong_code());
    };
    if !store::confirm(cx, user, step).await? {
        return Err(already_on());
    }
    users::delete_sessions(cx.tx, cx.account, user, Some(keep)).await?;
    renewed_codes(cx, user).await
}

/// Codes for paper, instead of those there were.
///
/// # Errors
/// `second_factor_off` when no code is asked for.
pub(crate) async fn renew_codes(cx: &mut Cx<'_>, user: &UserId) -> Result<Vec<String>> {
    if store::get(cx.tx, cx.account, user).await?.is_none_or(|row| row.confirmed_at.is_none()) {
        let detail = "no code is asked for at sign-in, so there is nothing to recover".to_owned();
        return Err(Refusal::Conflict { code: "second_factor_off", detail });
    }
    renewed_codes(cx, user).await
}

async fn renewed_codes(cx: &mut Cx<'_>, user: &UserId) -> Result<Vec<String>> {
    let codes = code::new_recovery_codes(cx.env);
    let hashes: Vec<String> = codes.iter().map(|code| code::recovery_hash(code)).collect();
    store::set_recovery_codes(cx, user, &hashes).await?;
    Ok(codes)
}

/// No code is asked for any more.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn remove(cx: &mut Cx<'_>, user: &UserId) -> Result<()> {
    store::delete(cx.tx, cx.account, user).await?;
    Ok(())
}

/// Takes it from a colleague who lost the phone. Their sessions end: whoever asked for it may have been somebody else.
///
/// # Errors
/// When there is no such colleague within reach.
pub(crate) async fn remove_of(cx: &mut Cx<'_>, by: &Principal, id: &UserId) -> Result<()> {
    let asker = Asker::read(cx.tx, by).await?;
    let user = users::user(cx.tx, cx.account, id).await?;
    let theirs = users::projects_of(cx.tx, cx.account, id).await?;
    if asker.reach(&user, &theirs) != Reach::Whole {
        return Err(Refusal::NotFound);
    }
    store::delete(cx.tx, cx.account, id).await?;
    users::delete_sessions(cx.tx, cx.account, id, None).await
}

/// Takes it from whoever signs in with this e-mail, from the installation's own command line; false when there was none. Their sessions end.
///
/// # Errors
/// When nobody has that e-mail.
pub async fn remove_by_email(db: &Db, email: &str) -> Result<bool> {
    let email = email.trim().to_lowercase();
    let removed = db.write(Scope::System, move |tx| {
        let email = email.clone();
        Box::pin(async move {
            let user = users::user_by_email(tx, &email).await?.ok_or(Refusal::NotFound)?;
            let was_on = store::delete(tx, &user.account_id, &user.id).await?;
            users::delete_sessions(tx, &user.account_id, &user.id, None).await?;
            Ok(was_on)
        })
    });
    removed.await
}

/// What a sign-in whose password was right still lacks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Asked {
    /// Nothing.
    Nothing,
    /// A code.
    Code,
}

/// Whether a code is asked for.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn asked(cx: &mut Cx<'_>, user: &UserId) -> Result<Asked> {
    let row = store::get(cx.tx, cx.account, user).await?;
    Ok(if row.is_some_and(|row| row.confirmed_at.is_some()) { Asked::Code } else { Asked::Nothing })
}

/// Uses up what was typed, a code of the phone or one from paper; false when it is neither.
///
/// # Errors
/// When the key does not open, or the storage fails.
pub(crate) async fn take(cx: &mut Cx<'_>, user: &UserId, typed: &str) -> Result<bool> {
    let Some(row) = store::get(cx.tx, cx.account, user).await?.filter(|row| row.confirmed_at.is_some()) else {
        return Ok(true);
    };
    if store::take_recovery_code(cx.tx, cx.account, user, &code::recovery_hash(typed)).await? {
        return Ok(true);
    }
    let secret = opened(cx.env, cx.account, user, &row)?;
    match code::step_of(&secret, typed, seconds(cx.env.now()), row.last_step) {
        Some(step) => store::take_step(cx.tx, cx.account, user, step).await,
        None => Ok(false),
    }
}

fn opened(env: &Env, account: &AccountId, user: &UserId, row: &store::Row) -> Result<Secret> {
    let (account, id) = (account.to_string(), user.to_string());
    Ok(env.vault().open(secret_place(&account, &id), &row.secret)?)
}

fn seconds(now: Timestamp) -> u64 {
    u64::try_from(now.0 / 1000).unwrap_or(0)
}

fn already_on() -> Refusal {
    let detail = "a code is asked for already: switch it off first, to move to another phone".to_owned();
    Refusal::Conflict { code: "second_factor_on", detail }
}

fn wrong_code() -> Refusal {
    Refusal::invalid(
        "code",
        "wrong_code",
        "this is not the code of this moment: look at the phone's clock, or scan the picture again",
    )
}
