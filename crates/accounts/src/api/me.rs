//! The signed-in user.

use crate::shortcuts::Shortcuts;
use crate::{Accounts, announcements, projects, second_factor, sessions, store};
use axum::Json;
use axum::extract::State;
use http_kit::{Actor, ApiError, ApiJson, ClientAddress, Principal, Role};

use events::hub::{Mark, NO_SOCKET};
use model::live::OperatorFrame;
use model::{AccountId, Availability, ProjectId, Refusal, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;

/// Who is signed in, and what they see.
#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct Me {
    user: UserInfo,
    account: AccountInfo,
    projects: Vec<projects::ProjectInfo>,
    csrf: String,
    /// Where the account's log stood: whoever reads lists after this may be told by the live socket from here on.
    position: i64,
    /// May announce to every account of the installation.
    installation_admin: bool,
    /// After how many minutes one is written to about clients who wait while none of one's pages is open; 0 is never.
    email_after_minutes: i64,
    /// Some project of one's own has a mailbox that such letters go out from.
    has_mailbox: bool,
    /// Keys of this person's own.
    shortcuts: Shortcuts,
    /// The list of conversations shows open conversations of one client as one row.
    together: bool,
    /// From when on everybody needs a second factor to do anything; null when it is each person's own choice.
    second_factor_needed_from: Option<Timestamp>,
    /// A code is asked for at one's own sign-in.
    has_second_factor: bool,
}

/// A user as others see them.
#[derive(Serialize, Clone, utoipa::ToSchema)]
pub(crate) struct UserInfo {
    pub(super) id: UserId,
    email: String,
    name: String,
    role: Role,
    locale: String,
    active: bool,
    /// What the user says of himself.
    availability: Availability,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(crate) struct AccountInfo {
    id: AccountId,
    name: String,
}

impl From<store::User> for UserInfo {
    fn from(user: store::User) -> Self {
        Self {
            id: user.id,
            email: user.email,
            name: user.name,
            role: user.role,
            locale: user.locale,
            active: user.active,
            availability: user.availability,
        }
    }
}

pub(crate) async fn me_of(accounts: &Accounts, principal: &Principal) -> Result<Me, ApiError> {
    let Actor::User { id, csrf, .. } = &principal.actor else {
        return Err(ApiError::forbidden("an API key is not a user"));
    };
    let (id, csrf, seen) = (*id, csrf.clone(), principal.clone());
    let installation_admin = announcements::installation::is_administrator(&accounts.messaging.db, principal).await?;
    let me = accounts.messaging.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let (position, _) = events::bounds(cx.tx, cx.account).await?;
            let user = store::user(cx.tx, cx.account, &id).await?;
            let shortcuts = Shortcuts::from_stored(&store::shortcuts(cx.tx, cx.account, &id).await?);
            let second_factor_needed_from = second_factor::needed_from(cx.tx, cx.account).await?;
            let has_second_factor = second_factor::standing(cx, &id).await?.since.is_some();
            let together = store::together(cx.tx, cx.account, &id).await?;
            let name = store::account_name(cx.tx, cx.account).await?;
            let mut projects = projects::list(cx.tx, cx.account).await?;
            projects.retain(|project| seen.sees(&project.id));
            let account = AccountInfo { id: *cx.account, name };
            let has_mailbox = store::projects_with_mail(cx.tx, cx.account).await?.iter().any(|id| seen.sees(id));
            let email_after_minutes = user.email_after_minutes;
            Ok::<_, Refusal>(Me {
                user: user.into(),
                account,
                projects,
                csrf,
                position,
                installation_admin,
                email_after_minutes,
                has_mailbox,
                shortcuts,
                together,
                second_factor_needed_from,
                has_second_factor,
            })
        })
    });
    Ok(me.await?)
}

/// Who is signed in.
#[utoipa::path(get, operation_id = "get_me", path = "/api/v1/me",
    tag = "session", responses((status = 200, body = Me), (status = 401, description = "Signed out")))]
pub(super) async fn get(State(accounts): State<Accounts>, principal: Principal) -> Result<Json<Me>, ApiError> {
    me_of(&accounts, &principal).await.map(Json)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateMe {
    name: Option<String>,
    locale: Option<String>,
    current_password: Option<String>,
    password: Option<String>,
    /// 0 is never; a day at most.
    email_after_minutes: Option<i64>,
    /// Keys of one's own, all of them.
    shortcuts: Option<Shortcuts>,
    /// Whether the list of conversations shows open conversations of one client as one row.
    together: Option<bool>,
}

/// Nobody waits longer for word of a client.
const LONGEST_MINUTES: i64 = 24 * 60;

/// Changes one's own name, language, keys, letters or password. A new password ends all other sessions.
#[utoipa::path(patch, operation_id = "update_me", path = "/api/v1/me",
    tag = "session", request_body = UpdateMe, responses((status = 200, body = Me), (status = 429, description = "Too many wrong passwords")))]
pub(super) async fn update(
    State(accounts): State<Accounts>,
    principal: Principal,
    address: ClientAddress,
    ApiJson(body): ApiJson<UpdateMe>,
) -> Result<Json<Me>, ApiError> {
    let Actor::User { id, session_id, .. } = &principal.actor else {
        return Err(ApiError::forbidden("an API key is not a user"));
    };
    if body.locale.as_deref().is_some_and(|locale| !matches!(locale, "ru" | "en")) {
        return Err(ApiError::invalid("locale", "wrong_form", "ru or en"));
    }
    if body.email_after_minutes.is_some_and(|minutes| !(0..=LONGEST_MINUTES).contains(&minutes)) {
        return Err(ApiError::invalid("email_after_minutes", "out_of_range", "0 for never, or up to 1440 minutes"));
    }
    let shortcuts = body.shortcuts.as_ref().map(Shortcuts::checked).transpose()?;
    if let Some(new) = &body.password {
        let current = body.current_password.as_deref().unwrap_or_default();
        let whose = (&principal.account_id, id, session_id);
        sessions::change_password(&accounts, whose, current, new, address).await?;
    }
    let id = *id;
    let changed = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            let mut user = store::user(cx.tx, cx.account, &id).await?;
            if let Some(name) = body.name {
                user.name = projects::clean_name("name", &name)?;
            }
            user.locale = body.locale.unwrap_or(user.locale);
            store::update_user(cx.tx, &user).await?;
            if let Some(minutes) = body.email_after_minutes {
                store::set_email_after(cx.tx, cx.account, &id, minutes).await?;
            }
            if let Some(shortcuts) = &shortcuts {
                store::set_shortcuts(cx.tx, cx.account, &id, shortcuts).await?;
            }
            if let Some(together) = body.together {
                store::set_together(cx.tx, cx.account, &id, together).await?;
            }
            Ok::<_, Refusal>(())
        })
    });
    changed.await?;
    me_of(&accounts, &principal).await.map(Json)
}

#[derive(Clone, Copy, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct SetAvailability {
    availability: Availability,
}

/// Says of oneself whether one takes what comes; it stands until something else is said.
#[utoipa::path(put, operation_id = "set_availability", path = "/api/v1/me/availability",
    tag = "session", request_body = SetAvailability, responses((status = 200, body = Me)))]
pub(super) async fn set_availability(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiJson(body): ApiJson<SetAvailability>,
) -> Result<Json<Me>, ApiError> {
    let Actor::User { id, .. } = &principal.actor else {
        return Err(ApiError::forbidden("an API key is not a user"));
    };
    let (id, availability) = (*id, body.availability);
    let changed = accounts.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move {
            if !store::set_availability(cx.tx, cx.account, &id, availability).await? {
                return Ok(None);
            }
            let all = projects::list(cx.tx, cx.account).await?;
            Ok::<_, Refusal>(Some(all.into_iter().map(|project| project.id).collect::<Vec<_>>()))
        })
    });
    if let Some(all) = changed.await? {
        let seen = all.into_iter().filter(|project| principal.sees(project)).collect();
        tell_availability(&accounts, &principal, availability, seen).await?;
    }
    me_of(&accounts, &principal).await.map(Json)
}

/// Colleagues of the same projects see it at once; on this node it counts at once, on others within seconds.
async fn tell_availability(
    accounts: &Accounts,
    principal: &Principal,
    availability: Availability,
    seen: BTreeSet<ProjectId>,
) -> Result<(), ApiError> {
    let user_id = principal.user_id();
    let hub = accounts.messaging.hub.account(&principal.account_id).await?;
    hub.set_away(&user_id, availability == Availability::Away);
    let frame = OperatorFrame::Availability { user_id, availability }.text();
    hub.mark(Mark { projects: Some(seen), user: None, from: NO_SOCKET, frame: frame.into() });
    accounts.messaging.routing_due.notify_one();
    Ok(())
}
