//! The team.

use super::me::UserInfo;
use super::session::signed_in;
use crate::reach::{Asker, Reach};
use crate::second_factor::{self, Asked};
use crate::unexposed::Unexposed;
use crate::{Accounts, invitations, store};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::Origin;
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Project, Role, ShortPageQuery};

use messaging::routing;
use model::{Availability, ProjectId, Refusal, Timestamp, UserId};
use serde::{Deserialize, Serialize};

/// A user with the projects they work in.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Member {
    #[serde(flatten)]
    user: UserInfo,
    project_ids: Vec<ProjectId>,
    /// Has not chosen a password yet.
    invited: bool,
    /// Belongs to the demo data: nobody signs in as this person.
    demo: bool,
    /// Gives a code of a phone beside the password.
    second_factor: bool,
}

/// Everybody of the account; for an admin, who shares a project with him, and the owners.
#[utoipa::path(get, operation_id = "list_users", path = "/api/v1/users", tag = "team", params(ShortPageQuery), responses((status = 200, body = ItemList<Member>)))]
pub(super) async fn list(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Member>>, ApiError> {
    let account = principal.account_id;
    let members = accounts.messaging.read(&account, move |cx| {
        Box::pin(async move {
            let asker = Asker::read(cx.tx, &principal).await?;
            let made_up = store::made_up(cx.tx, cx.account).await?;
            let mut members = Vec::new();
            for user in store::users(cx.tx, cx.account).await? {
                let mut project_ids = store::projects_of(cx.tx, cx.account, &user.id).await?;
                if asker.reach(&user, &project_ids) == Reach::None {
                    continue;
                }
                project_ids.retain(|project| asker.sees(project));
                let second_factor = second_factor::asked(cx, &user.id).await? == Asked::Code;
                let demo = made_up.contains(&user.id);
                let invited = user.password_hash.is_none() && !demo;
                members.push(Member { invited, demo, second_factor, user: user.into(), project_ids });
            }
            Ok::<_, Refusal>(members)
        })
    });
    Ok(Json(ItemList::cut(members.await?, &page, "users", |member| member.user.id.to_string())?))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Invite {
    email: String,
    name: String,
    role: Role,
    #[serde(default)]
    project_ids: Vec<ProjectId>,
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Invited {
    user: UserInfo,
    /// To be handed to the new colleague: lives a week, works once.
    invite_url: String,
}

/// Invites a colleague.
#[utoipa::path(post, operation_id = "invite_user", path = "/api/v1/users",
    tag = "team", request_body = Invite, responses((status = 201, body = Invited)))]
pub(super) async fn invite(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiJson(body): ApiJson<Invite>,
) -> Result<impl IntoResponse, ApiError> {
    let name = crate::projects::clean_name("name", &body.name)?;
    let (user, link) =
        invitations::invite(&accounts, &principal, &body.email, &name, body.role, body.project_ids).await?;
    let invite_url = address_of(&accounts, &link.token);
    Ok((StatusCode::CREATED, Json(Invited { user: user.into(), invite_url })))
}

/// Only a path where the installation has no public address: whoever shows it puts the one in front that they came by.
fn address_of(accounts: &Accounts, token: &str) -> String {
    format!("{}/invite/{token}", accounts.messaging.settings.public_url)
}

/// A link that a colleague can take.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct InvitationLink {
    /// To be handed to the colleague: works once.
    invite_url: String,
    /// When it ends.
    expires_at: Timestamp,
}

impl InvitationLink {
    fn of(accounts: &Accounts, link: &invitations::Link) -> Self {
        Self { invite_url: address_of(accounts, &link.token), expires_at: link.expires_at }
    }
}

/// The link of an invitation that nobody has taken.
#[utoipa::path(get, operation_id = "get_user_invitation", path = "/api/v1/users/{user_id}/invitation", tag = "team",
    params(("user_id" = String, Path)),
    responses((status = 200, body = InvitationLink), (status = 404, description = "It has ended: make another"), (status = 409, description = "`already_joined`; `demo_person`")))]
pub(super) async fn link(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<UserId>,
) -> Result<Json<InvitationLink>, ApiError> {
    let link = invitations::link_of(&accounts, &principal, id).await?.ok_or(Refusal::NotFound)?;
    Ok(Json(InvitationLink::of(&accounts, &link)))
}

/// Makes another link for an invitation that nobody has taken; those of before end.
#[utoipa::path(post, operation_id = "rotate_user_invitation", path = "/api/v1/users/{user_id}/invitation", tag = "team",
    params(("user_id" = String, Path)),
    responses((status = 200, body = InvitationLink), (status = 409, description = "`already_joined`; `demo_person`")))]
pub(super) async fn renew(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<UserId>,
) -> Result<Json<InvitationLink>, ApiError> {
    let link = invitations::renew(&accounts, &principal, id).await?;
    Ok(Json(InvitationLink::of(&accounts, &link)))
}

/// Takes back an invitation that nobody has taken.
#[utoipa::path(delete, operation_id = "delete_user_invitation", path = "/api/v1/users/{user_id}/invitation", tag = "team",
    params(("user_id" = String, Path)),
    responses((status = 204), (status = 409, description = "`already_joined`; `has_conversations`: give them to somebody else first; `demo_person`")))]
pub(super) async fn withdraw(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<UserId>,
) -> Result<StatusCode, ApiError> {
    invitations::withdraw(&accounts, &principal, id).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct UpdateUser {
    name: Option<String>,
    role: Option<Role>,
    active: Option<bool>,
    project_ids: Option<Vec<ProjectId>>,
}

/// Changes a colleague. Losing a role or being switched off ends their sessions at once. An admin's `project_ids` say only which of his own
/// projects the colleague works in.
#[utoipa::path(patch, operation_id = "update_user", path = "/api/v1/users/{user_id}",
    tag = "team", request_body = UpdateUser, params(("user_id" = String, Path)),
    responses((status = 200, body = UserInfo), (status = 409, description = "`not_this_user`: the owner stays, and nobody takes rights from themselves; `shared_user`: works in projects that are not yours, too")))]
pub(super) async fn update(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<UserId>,
    ApiJson(body): ApiJson<UpdateUser>,
) -> Result<Json<UserInfo>, ApiError> {
    if body.role.is_some_and(|role| role > principal.role()) {
        return Err(ApiError::forbidden("you cannot give a role above your own"));
    }
    let account = principal.account_id;
    let changed = accounts.messaging.write(&account, move |cx| {
        let (principal, body) = (principal.clone(), body.clone());
        Box::pin(async move {
            // Two owners who switch each other off at once: the second is none any more, so one always stays.
            events::lock(cx.tx, cx.account).await?;
            let asker = Asker::read(cx.tx, &principal).await?;
            let mut user = store::user(cx.tx, cx.account, &id).await?;
            let theirs = store::projects_of(cx.tx, cx.account, &id).await?;
            let reach = asker.reach(&user, &theirs);
            if reach == Reach::None {
                return Err(Refusal::NotFound);
            }
            let loses = body.active == Some(false) || body.role.is_some_and(|role| role < user.role);
            if user.role > asker.user.role || (asker.user.id == id && loses) {
                let detail = "the owner stays, and nobody takes rights from themselves".to_owned();
                return Err(Refusal::Conflict { code: "not_this_user", detail });
            }
            let touches_person = body.name.is_some() || body.role.is_some() || body.active.is_some();
            if reach < Reach::Whole && touches_person {
                let detail = "this colleague works in projects that are not yours, too: ask an owner".to_owned();
                return Err(Refusal::Conflict { code: "shared_user", detail });
            }
            if let Some(name) = body.name {
                user.name = crate::projects::clean_name("name", &name)?;
            }
            user.role = body.role.unwrap_or(user.role);
            user.active = body.active.unwrap_or(user.active);
            store::update_user(cx.tx, &user).await?;
            if let Some(chosen) = &body.project_ids {
                asker.check_projects(cx.tx, cx.account, chosen).await?;
                let others = theirs.iter().filter(|project| !asker.sees(project));
                let projects: Vec<_> = others.chain(chosen).copied().collect();
                store::set_projects(cx.tx, cx.account, &user.id, &projects).await?;
            }
            if loses || body.project_ids.is_some() {
                store::delete_sessions(cx.tx, cx.account, &user.id, None).await?;
            }
            Ok(user)
        })
    });
    Ok(Json(changed.await?.into()))
}

/// A colleague who may be given conversations.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Assignee {
    id: UserId,
    name: String,
    role: Role,
    online: bool,
    /// What the colleague says of himself.
    availability: Availability,
    /// Conversations of this project that are open or wait for the client.
    open_conversations: i64,
    /// How many distribution gives at most; null for no limit.
    max_open: Option<i64>,
}

/// People who may be assigned in this project.
#[utoipa::path(get, operation_id = "list_project_users", path = "/api/v1/projects/{project_id}/users",
    tag = "team", params(("project_id" = String, Path), ShortPageQuery),
    responses((status = 200, body = ItemList<Assignee>)))]
pub(super) async fn of_project(
    State(accounts): State<Accounts>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<Assignee>>, ApiError> {
    let hub = accounts.messaging.hub.account(&principal.account_id).await?;
    let online = hub.online_users();
    let people = accounts.messaging.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            let mut people = Vec::new();
            for user in store::users(cx.tx, cx.account).await?.into_iter().filter(|user| user.active) {
                let is_in = user.role == Role::Owner
                    || store::projects_of(cx.tx, cx.account, &user.id).await?.contains(&project);
                if is_in {
                    people.push(user);
                }
            }
            let loads = routing::loads(cx.tx, cx.account, &project).await?;
            Ok::<_, Refusal>((people, loads))
        })
    });
    let (people, loads) = people.await?;
    let load = |user| loads.get(&user).copied().unwrap_or_default();
    let items = people.into_iter().map(|user| Assignee {
        online: online.contains(&user.id),
        availability: user.availability,
        open_conversations: load(user.id).open,
        max_open: load(user.id).max_open,
        id: user.id,
        name: user.name,
        role: user.role,
    });
    Ok(Json(ItemList::cut(items.collect(), &page, "project_users", |person| person.id.to_string())?))
}

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct Invitation {
    email: String,
    name: String,
}

/// Who an invitation is for.
#[utoipa::path(get, operation_id = "get_invitation", path = "/api/v1/invitations/{token}", tag = "team", params(("token" = String, Path)),
    responses((status = 200, body = Invitation), (status = 404, description = "Used, too old or never made")))]
pub(super) async fn invitation(
    State(accounts): State<Accounts>,
    ApiPath(token): ApiPath<String>,
) -> Result<Json<Invitation>, ApiError> {
    let user = invitations::invited(&accounts, &token).await?;
    Ok(Json(Invitation { email: user.email, name: user.name }))
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Accept {
    name: String,
    password: String,
}

/// Takes an invitation and signs in.
#[utoipa::path(post, operation_id = "accept_invitation", path = "/api/v1/invitations/{token}",
    tag = "team", params(("token" = String, Path)), request_body = Accept,
    responses((status = 200, body = super::me::Me), (status = 403, description = "`tls_required`: plain http away from the server itself")))]
pub(super) async fn accept(
    State(accounts): State<Accounts>,
    _: Unexposed,
    origin: Origin,
    ApiPath(token): ApiPath<String>,
    ApiJson(body): ApiJson<Accept>,
) -> Result<impl IntoResponse, ApiError> {
    let session = invitations::accept(&accounts, &token, &body.name, &body.password, origin).await?;
    signed_in(&accounts, &session).await
}
