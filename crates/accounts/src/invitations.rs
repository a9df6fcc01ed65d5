//! Invitations: a link that lives a week, works once and carries 128 random bits.

use crate::projects::clean_name;
use crate::reach::Asker;
use crate::store::{self, User};
use crate::{Accounts, init, password, sessions};
use db::Scope;
use http_kit::{ApiError, ClientAddress, Principal, Role, sha256_hex};

use model::{ProjectId, Refusal, UserId};

/// How taking an invitation is called in the audit log.
const TAKEN: &str = "POST /api/v1/invitations/{token}";
const LIVES_MS: i64 = 7 * 24 * 60 * 60 * 1000;

/// Makes a user without a password and the link by which they choose one. Nobody grants more than they have.
pub(crate) async fn invite(
    accounts: &Accounts,
    by: &Principal,
    email: &str,
    name: &str,
    role: Role,
    projects: Vec<ProjectId>,
) -> Result<(User, String), ApiError> {
    if role > by.role() {
        return Err(ApiError::forbidden("you cannot give a role above your own"));
    }
    let email = init::check_email(email)?;
    let env = accounts.messaging.env.clone();
    let account = by.account_id;
    let token = env.secret();
    let hash = sha256_hex(&token);
    let user = User {
        account_id: account,
        id: UserId::new(env.ids()),
        email,
        name: name.to_owned(),
        password_hash: None,
        role,
        locale: "ru".into(),
        active: true,
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
            store::insert_invitation(cx.tx, cx.account, &hash, &user.id, cx.env.now().plus_ms(LIVES_MS)).await?;
            Ok(user)
        })
    });
    let user = made.await?;
    Ok((user, token))
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
    address: ClientAddress,
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
    sessions::note(accounts, &joined, TAKEN, address, 200).await?;
    sessions::begin(accounts, &account, &id).await
}
