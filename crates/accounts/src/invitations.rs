//! Invitations: a link that lives a week, works once and carries 128 bits at least that nobody can guess. The bits are made from the master
//! key, the colleague and the end of the link, so that the link can be shown again while the table has no more than its hash.

use crate::projects::clean_name;
use crate::reach::{Asker, Reach};
use crate::store::{self, User};
use crate::{Accounts, init, password, sessions};
use db::Scope;
use http_kit::Origin;
use http_kit::{ApiError, Principal, Role, sha256_hex};

use model::{Availability, Cx, Env, ProjectId, Refusal, Timestamp, UserId};

/// How taking an invitation is called in the audit log.
const TAKEN: &str = "POST /api/v1/invitations/{token}";
const LIVES_MS: i64 = 7 * 24 * 60 * 60 * 1000;
/// What the master key is asked for.
const PURPOSE: &str = "invitation";

/// A link that can be taken.
#[derive(Debug, Clone)]
pub(crate) struct Link {
    /// What the address ends with.
    pub token: String,
    /// When it ends.
    pub expires_at: Timestamp,
}

impl Link {
    fn new(env: &Env, user: &UserId, expires_at: Timestamp) -> Self {
        Self { token: env.vault().mark(PURPOSE, &format!("{user}.{}", expires_at.0)), expires_at }
    }

    /// One that begins now.
    fn fresh(env: &Env, user: &UserId) -> Self {
        Self::new(env, user, env.now().plus_ms(LIVES_MS))
    }
}

/// Makes a user without a password and the link by which they choose one. Nobody grants more than they have.
pub(crate) async fn invite(
    accounts: &Accounts,
    by: &Principal,
    email: &str,
    name: &str,
    role: Role,
    projects: Vec<ProjectId>,
) -> Result<(User, Link), ApiError> {
    if role > by.role() {
        return Err(ApiError::forbidden("you cannot give a role above your own"));
    }
    let email = init::check_email(email)?;
    let env = accounts.messaging.env.clone();
    let account = by.account_id;
    let id = UserId::new(env.ids());
    let link = Link::fresh(&env, &id);
    let (hash, expires) = (sha256_hex(&link.token), link.expires_at);
    let user = User {
        account_id: account,
        id,
        email,
        name: name.to_owned(),
        password_hash: None,
        role,
        locale: "ru".into(),
        active: true,
        availability: Availability::Available,
        email_after_minutes: store::EMAIL_AFTER_MINUTES,
    };
    let by = by.clone();
    let made = accounts.messaging.write(&account, move |cx| {
        Box::pin(async move {
            let asker = Asker::read(cx.tx, &by).await?;
            asker.check_projects(cx.tx, cx.account, &projects).await?;
            asker.check_some(&projects)?;
            if !store::insert_user(cx.tx, &user, false, cx.env.now()).await? {
                return Err(Refusal::invalid("email", "taken", "there is a user with this e-mail"));
            }
            store::set_projects(cx.tx, cx.account, &user.id, &projects).await?;
            store::insert_invitation(cx.tx, cx.account, &hash, &user.id, expires).await?;
            Ok(user)
        })
    });
    let user = made.await?;
    Ok((user, link))
}

/// The colleague whose invitation it is about: somebody within reach who has not chosen a password yet.
async fn pending(cx: &mut Cx<'_>, by: &Principal, id: &UserId) -> Result<User, Refusal> {
    let asker = Asker::read(cx.tx, by).await?;
    let user = store::user(cx.tx, cx.account, id).await?;
    let theirs = store::projects_of(cx.tx, cx.account, id).await?;
    // Whoever holds the link becomes that colleague: nobody is handed more than they have.
    if asker.reach(&user, &theirs) != Reach::Whole || user.role > asker.user.role {
        return Err(Refusal::NotFound);
    }
    if user.password_hash.is_some() {
        let detail = "this colleague has taken the invitation".to_owned();
        return Err(Refusal::Conflict { code: "already_joined", detail });
    }
    if store::made_up(cx.tx, cx.account).await?.contains(id) {
        let detail = "this is a person of the demo data: nobody signs in as one".to_owned();
        return Err(Refusal::Conflict { code: "demo_person", detail });
    }
    Ok(user)
}

/// The link of a pending invitation; none when it has ended, or is of a time when links could not be shown again.
pub(crate) async fn link_of(accounts: &Accounts, by: &Principal, id: UserId) -> Result<Option<Link>, ApiError> {
    let (account, by) = (by.account_id, by.clone());
    let found = accounts.messaging.read(&account, move |cx| {
        Box::pin(async move {
            let user = pending(cx, &by, &id).await?;
            let known = store::invitations_of(cx.tx, cx.account, &user.id, cx.env.now()).await?;
            let links = known.into_iter().map(|(hash, ends)| (hash, Link::new(cx.env, &user.id, ends)));
            Ok::<_, Refusal>(links.filter(|(hash, link)| *hash == sha256_hex(&link.token)).map(|(_, link)| link).next())
        })
    });
    Ok(found.await?)
}

/// Makes another link; those of before end.
pub(crate) async fn renew(accounts: &Accounts, by: &Principal, id: UserId) -> Result<Link, ApiError> {
    let (account, by) = (by.account_id, by.clone());
    let renewed = accounts.messaging.write(&account, move |cx| {
        let by = by.clone();
        Box::pin(async move {
            let user = pending(cx, &by, &id).await?;
            store::delete_invitations(cx.tx, cx.account, &user.id).await?;
            let link = Link::fresh(cx.env, &user.id);
            let hash = sha256_hex(&link.token);
            store::insert_invitation(cx.tx, cx.account, &hash, &user.id, link.expires_at).await?;
            Ok::<_, Refusal>(link)
        })
    });
    Ok(renewed.await?)
}

/// Takes an invitation back: the link opens nothing, and the colleague is not in the list any more.
pub(crate) async fn withdraw(accounts: &Accounts, by: &Principal, id: UserId) -> Result<(), ApiError> {
    let (account, by) = (by.account_id, by.clone());
    let gone = accounts.messaging.write(&account, move |cx| {
        let by = by.clone();
        Box::pin(async move {
            let user = pending(cx, &by, &id).await?;
            if store::has_conversations(cx.tx, cx.account, &user.id).await? {
                let detail = "conversations were given to this colleague: give them to somebody else first".to_owned();
                return Err(Refusal::Conflict { code: "has_conversations", detail });
            }
            store::delete_user(cx.tx, cx.account, &user.id).await
        })
    });
    Ok(gone.await?)
}

/// Who an invitation is for.
pub(crate) async fn invited(accounts: &Accounts, token: &str) -> Result<User, ApiError> {
    let (hash, now) = (sha256_hex(token), accounts.messaging.env.now());
    let found = accounts
        .messaging
        .db
        .read(Scope::System, move |tx| Box::pin(async move { store::invited(tx, &hash, now).await }));
    Ok(found.await?)
}

/// Takes an invitation: sets name and password, begins a session. The link is dead afterwards.
pub(crate) async fn accept(
    accounts: &Accounts,
    token: &str,
    name: &str,
    new_password: &str,
    origin: Origin,
) -> Result<String, ApiError> {
    let user = invited(accounts, token).await?;
    password::check(new_password, &[&user.email, &user.name])?;
    let hash = accounts.hasher.hash(new_password).await?;
    let (account, id, token_hash) = (user.account_id, user.id, sha256_hex(token));
    let chosen = if name.trim().is_empty() { user.name.clone() } else { clean_name("name", name)? };
    let named = User { name: chosen, ..user };
    let joined = named.clone();
    let taken = accounts.messaging.db.write(account, move |tx| {
        Box::pin(async move {
            // Of several who come at once, one takes it.
            store::take_invitation(tx, &named.account_id, &token_hash).await?;
            store::set_password(tx, &named.account_id, &named.id, &hash).await?;
            store::update_user(tx, &named).await?;
            store::delete_invitations(tx, &named.account_id, &named.id).await
        })
    });
    taken.await?;
    sessions::note(accounts, &joined, TAKEN, origin.address, 200).await?;
    sessions::begin(accounts, &account, &id, origin).await
}
