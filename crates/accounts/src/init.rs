//! The first account of an installation, and every further one (`otklik init`).

use crate::audit;
use crate::password;
use crate::projects::{self, ProjectInfo};
use crate::store::{self, Key, User};
use db::{Db, Scope};
use http_kit::{ApiError, Role, Scope as KeyScope, sha256_hex};

use model::{AccountId, ApiKeyId, Availability, Cx, Env, ProjectId, Refusal, UserId};
use serde::Serialize;

/// What an account begins with.
#[derive(Debug, Clone)]
pub struct NewAccount {
    /// Name of the company.
    pub name: String,
    /// E-mail of the owner.
    pub email: String,
    /// The owner's name.
    pub owner_name: String,
    /// Password of the owner.
    pub password: String,
    /// Name of the first project.
    pub project: String,
    /// Demo data.
    pub demo: bool,
}

/// What was made, as `otklik init` prints it.
#[derive(Debug, Clone, Serialize)]
pub struct Created {
    /// Account.
    pub account_id: AccountId,
    /// Owner.
    pub user_id: UserId,
    /// First project.
    pub project_id: ProjectId,
    /// For the site's code.
    pub site_key: String,
    /// For programs; shown only now.
    pub api_key: String,
}

/// Makes an account with its owner, a project and an API key that may do everything.
///
/// # Errors
/// When the e-mail is taken or the password is too weak.
pub async fn create_account(db: &Db, env: &Env, new: NewAccount) -> Result<Created, ApiError> {
    password::check(&new.password, &[&new.email, &new.name])?;
    let email = check_email(&new.email)?;
    let hash = password::hash(&new.password)?;
    let env = env.clone();
    let api_key = format!("otk_{}{}", env.secret(), env.secret());
    let key_hash = sha256_hex(&api_key);
    let made = db.write(Scope::System, move |tx| {
        Box::pin(async move {
            let account = AccountId::new(env.ids());
            store::insert_account(tx, &account, new.name.trim(), env.now()).await?;
            audit::begin_log(&mut Cx::new(tx, &env, &account)).await?;
            let owner = User {
                account_id: account,
                id: UserId::new(env.ids()),
                email,
                name: new.owner_name.clone(),
                password_hash: Some(hash),
                role: Role::Owner,
                locale: "ru".into(),
                active: true,
                availability: Availability::Available,
                email_after_minutes: store::EMAIL_AFTER_MINUTES,
            };
            if !store::insert_user(tx, &owner, new.demo, env.now()).await? {
                return Err(Refusal::invalid("email", "taken", "there is a user with this e-mail"));
            }
            let project: ProjectInfo =
                projects::create_project(&mut Cx::new(tx, &env, &account), &new.project, new.demo).await?;
            let key = Key {
                account_id: account,
                id: ApiKeyId::new(env.ids()),
                title: "init".into(),
                scopes: vec![KeyScope::Read, KeyScope::Write, KeyScope::Settings, KeyScope::Admin],
                created_at: env.now(),
                made_by: owner.id,
            };
            store::insert_key(tx, &key, &key_hash).await?;
            Ok((account, owner.id, project))
        })
    });
    let (account_id, user_id, project) = made.await?;
    Ok(Created { account_id, user_id, project_id: project.id, site_key: project.site_key, api_key })
}

/// An e-mail in the form it is stored in.
pub(crate) fn check_email(email: &str) -> Result<String, ApiError> {
    let email = email.trim().to_lowercase();
    let is_plausible = email.len() <= 254
        && email
            .split_once('@')
            .is_some_and(|(local, domain)| !local.is_empty() && domain.contains('.') && !domain.contains('@'))
        && !email.chars().any(|c| c.is_whitespace() || c.is_control());
    if is_plausible { Ok(email) } else { Err(ApiError::invalid("email", "wrong_form", "an e-mail address")) }
}

/// A member of the team.
#[derive(Debug, Clone)]
pub struct Team {
    /// User.
    pub id: UserId,
    /// E-mail.
    pub email: String,
    /// Name.
    pub name: String,
}

/// Adds an operator with a password to every project there is, for the demo.
///
/// # Errors
/// When the e-mail is taken.
pub async fn add_operator(
    db: &Db,
    env: &Env,
    account: &AccountId,
    email: &str,
    name: &str,
    password: &str,
) -> Result<(), ApiError> {
    let user = User {
        account_id: *account,
        id: UserId::new(env.ids()),
        email: check_email(email)?,
        name: name.to_owned(),
        password_hash: Some(password::hash(password)?),
        role: Role::Operator,
        locale: "ru".into(),
        active: true,
        availability: Availability::Available,
        email_after_minutes: store::EMAIL_AFTER_MINUTES,
    };
    let (env, account_id) = (env.clone(), *account);
    let made = db.write(account, move |tx| {
        Box::pin(async move {
            if !store::insert_user(tx, &user, true, env.now()).await? {
                return Err(Refusal::invalid("email", "taken", "there is a user with this e-mail"));
            }
            for project in projects::list(tx, &account_id).await? {
                store::add_to_project(tx, &account_id, &user.id, &project.id).await?;
            }
            Ok(())
        })
    });
    Ok(made.await?)
}

/// Everybody of an account, owner first.
///
/// # Errors
/// When the storage fails.
pub async fn team(db: &Db, account: &AccountId) -> Result<Vec<Team>, ApiError> {
    let account_id = *account;
    let users = db.read(account, move |tx| Box::pin(async move { store::users(tx, &account_id).await })).await?;
    Ok(users.into_iter().map(|user| Team { id: user.id, email: user.email, name: user.name }).collect())
}

/// Gives a demo project the look of its company.
///
/// # Errors
/// When the storage fails.
pub async fn dress_demo(tx: &mut db::Tx, account: &AccountId, project: &ProjectId) -> Result<(), Refusal> {
    let mut found = projects::get_project(tx, account, project).await?;
    found.appearance.brand = "#2f5d4a".into();
    found.appearance.title = "Тихий свет".into();
    found.appearance.greeting = "Здравствуйте. Подскажем по светильникам, доставке и заказу.".into();
    projects::update(tx, account, &found).await
}
