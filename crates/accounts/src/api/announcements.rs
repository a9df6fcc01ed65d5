//! Announcements (Объявления).

use crate::announcements::{
    self, Announcement, AnnouncementChange, Author, CurrentAnnouncements, NewAnnouncement, Reader, Saved, installation,
};
use crate::reach::Asker;
use crate::{Accounts, projects};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use db::Cursor;
use events::hub::{Mark, NO_SOCKET};
use http_kit::{ApiError, ApiJson, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Role};
use model::live::OperatorFrame;
use model::{AnnouncementId, Refusal};
use serde::Deserialize;

/// Which list is meant.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub(super) enum AnnouncementView {
    /// What is told to the reader, the newest first.
    #[default]
    Feed,
    /// What the reader may change, drafts included.
    Written,
}

#[derive(Debug, Clone, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct AnnouncementQuery {
    /// `feed` (what is told to the reader) or `written` (what he may change: administrators only).
    #[serde(default)]
    #[param(inline)]
    view: AnnouncementView,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Announcements: of the account, for all accounts, and the product's own news.
#[utoipa::path(get, operation_id = "list_announcements", path = "/api/v1/announcements", tag = "announcements",
    params(AnnouncementQuery), responses((status = 200, body = ItemList<Announcement>)))]
pub(super) async fn list(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiQuery(query): ApiQuery<AnnouncementQuery>,
) -> Result<Json<ItemList<Announcement>>, ApiError> {
    let page = PageQuery { limit: query.limit, cursor: query.cursor };
    match query.view {
        AnnouncementView::Feed => feed(&accounts, &principal, &page).await,
        AnnouncementView::Written => written(&accounts, &principal, &page).await,
    }
}

async fn feed(
    accounts: &Accounts,
    principal: &Principal,
    page: &PageQuery,
) -> Result<Json<ItemList<Announcement>>, ApiError> {
    let (limit, reader) = (page.limit()?, Reader::of(principal));
    let before = page.before_moment()?.unwrap_or(announcements::NEWEST);
    let is_administrator = installation::is_administrator(&accounts.messaging.db, principal).await?;
    let principal = principal.clone();
    let read = accounts.messaging.read(&reader.account, move |cx| {
        Box::pin(async move {
            let asker = Asker::read(cx.tx, &principal).await?;
            announcements::list(cx, &asker, &reader, is_administrator, (before, limit + 1)).await
        })
    });
    Ok(Json(ItemList::page(read.await?, limit, |it| {
        let (moment, id) = announcements::key(it);
        Cursor(vec![moment.to_string(), id.to_string()])
    })))
}

async fn written(
    accounts: &Accounts,
    principal: &Principal,
    page: &PageQuery,
) -> Result<Json<ItemList<Announcement>>, ApiError> {
    if principal.role() < Role::Admin {
        return Err(ApiError::forbidden("only administrators write announcements"));
    }
    let (limit, reader) = (page.limit()?, Reader::of(principal));
    let before = page.id()?.unwrap_or(announcements::NEWEST.1);
    let is_administrator = installation::is_administrator(&accounts.messaging.db, principal).await?;
    let principal = principal.clone();
    let read = accounts.messaging.read(&reader.account, move |cx| {
        Box::pin(async move {
            let asker = Asker::read(cx.tx, &principal).await?;
            announcements::written(cx, &asker, &reader, is_administrator, (before, limit + 1)).await
        })
    });
    Ok(Json(ItemList::page(read.await?, limit, |it| Cursor(vec![it.id.to_string()]))))
}

/// What goes on now or is planned, how much is new to the reader, and when to ask again.
#[utoipa::path(get, operation_id = "get_current_announcements", path = "/api/v1/announcements/current",
    tag = "announcements", responses((status = 200, body = CurrentAnnouncements)))]
pub(super) async fn current(
    State(accounts): State<Accounts>,
    principal: Principal,
) -> Result<Json<CurrentAnnouncements>, ApiError> {
    let reader = Reader::of(&principal);
    let read = accounts
        .messaging
        .read(&reader.account, move |cx| Box::pin(async move { announcements::current(cx, &reader).await }));
    Ok(Json(read.await?))
}

/// One announcement.
#[utoipa::path(get, operation_id = "get_announcement", path = "/api/v1/announcements/{announcement_id}",
    tag = "announcements", params(("announcement_id" = String, Path)), responses((status = 200, body = Announcement)))]
pub(super) async fn get(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<AnnouncementId>,
) -> Result<Json<Announcement>, ApiError> {
    let reader = Reader::of(&principal);
    let is_administrator = installation::is_administrator(&accounts.messaging.db, &principal).await?;
    let read = accounts.messaging.read(&reader.account, move |cx| {
        Box::pin(async move {
            let asker = Asker::read(cx.tx, &principal).await?;
            announcements::one(cx, &asker, &reader, is_administrator, &id).await
        })
    });
    Ok(Json(read.await?))
}

/// Announces something to the team, or to all accounts.
#[utoipa::path(post, operation_id = "create_announcement", path = "/api/v1/announcements", tag = "announcements",
    request_body = NewAnnouncement,
    responses((status = 201, body = Announcement), (status = 409, description = "`too_many_announcements`, `too_many_drafts`")))]
pub(super) async fn create(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiJson(new): ApiJson<NewAnnouncement>,
) -> Result<impl IntoResponse, ApiError> {
    let for_all = new.for_all_accounts;
    if for_all && !installation::is_administrator(&accounts.messaging.db, &principal).await? {
        return Err(ApiError::forbidden("only the installation's administrator announces to all accounts"));
    }
    let made = accounts.messaging.write(&principal.account_id, {
        let principal = principal.clone();
        move |cx| {
            Box::pin(async move {
                let asker = Asker::read(cx.tx, &principal).await?;
                let author = if for_all { Author::Administrator } else { Author::Colleague(&asker) };
                announcements::create(cx, &author, principal.name(), new).await
            })
        }
    });
    let made = tell(&accounts, for_all, made.await?).await?;
    Ok((StatusCode::CREATED, Json(made)))
}

/// Changes an announcement, tells a draft or takes it back.
#[utoipa::path(patch, operation_id = "update_announcement", path = "/api/v1/announcements/{announcement_id}",
    tag = "announcements", params(("announcement_id" = String, Path)), request_body = AnnouncementChange,
    responses((status = 200, body = Announcement)))]
pub(super) async fn update(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<AnnouncementId>,
    ApiJson(change): ApiJson<AnnouncementChange>,
) -> Result<Json<Announcement>, ApiError> {
    let for_all = is_for_all(&accounts, &principal, id).await?;
    let saved = accounts.messaging.write(&principal.account_id, {
        let principal = principal.clone();
        move |cx| {
            Box::pin(async move {
                let asker = Asker::read(cx.tx, &principal).await?;
                let author = if for_all { Author::Administrator } else { Author::Colleague(&asker) };
                announcements::update(cx, &author, &id, change).await
            })
        }
    });
    Ok(Json(tell(&accounts, for_all, saved.await?).await?))
}

/// Says that an incident or maintenance is over.
#[utoipa::path(post, operation_id = "end_announcement", path = "/api/v1/announcements/{announcement_id}/end",
    tag = "announcements", params(("announcement_id" = String, Path)),
    responses((status = 200, body = Announcement), (status = 409, description = "`nothing_to_end`: news, or not told yet")))]
pub(super) async fn end(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<AnnouncementId>,
) -> Result<Json<Announcement>, ApiError> {
    let for_all = is_for_all(&accounts, &principal, id).await?;
    let ended = accounts.messaging.write(&principal.account_id, {
        let principal = principal.clone();
        move |cx| {
            Box::pin(async move {
                let asker = Asker::read(cx.tx, &principal).await?;
                let author = if for_all { Author::Administrator } else { Author::Colleague(&asker) };
                announcements::end(cx, &author, &id).await
            })
        }
    });
    Ok(Json(tell(&accounts, for_all, ended.await?).await?))
}

/// Takes an announcement away, with its read marks.
#[utoipa::path(delete, operation_id = "delete_announcement", path = "/api/v1/announcements/{announcement_id}",
    tag = "announcements", params(("announcement_id" = String, Path)), responses((status = 204, description = "Gone")))]
pub(super) async fn delete(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<AnnouncementId>,
) -> Result<StatusCode, ApiError> {
    if is_for_all(&accounts, &principal, id).await? {
        installation::delete(&accounts.messaging.db, &accounts.messaging.env, id).await?;
        return Ok(StatusCode::NO_CONTENT);
    }
    let gone = accounts.messaging.write(&principal.account_id, {
        let principal = principal.clone();
        move |cx| {
            Box::pin(async move {
                let asker = Asker::read(cx.tx, &principal).await?;
                announcements::delete(cx, &Author::Colleague(&asker), &id).await
            })
        }
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct ReadAnnouncement {
    /// The line about what is planned is closed, too.
    #[serde(default)]
    hide: bool,
}

/// The reader has read an announcement; the reader's other devices hear of it.
#[utoipa::path(post, operation_id = "read_announcement", path = "/api/v1/announcements/{announcement_id}/read",
    tag = "announcements", params(("announcement_id" = String, Path)), request_body = ReadAnnouncement,
    responses((status = 204, description = "Noted")))]
pub(super) async fn read(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<AnnouncementId>,
    ApiJson(body): ApiJson<ReadAnnouncement>,
) -> Result<StatusCode, ApiError> {
    let reader = Reader::of(&principal);
    let marked = accounts.messaging.write(&reader.account, {
        let principal = principal.clone();
        move |cx| {
            Box::pin(async move {
                let asker = Asker::read(cx.tx, &principal).await?;
                announcements::mark_read(cx, &asker, &reader, &id, body.hide).await
            })
        }
    });
    marked.await?;
    tell_own_devices(&accounts, &principal).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// The reader has read everything.
#[utoipa::path(post, operation_id = "read_announcements", path = "/api/v1/announcements/read-all", tag = "announcements",
    responses((status = 204, description = "Noted")))]
pub(super) async fn read_all(State(accounts): State<Accounts>, principal: Principal) -> Result<StatusCode, ApiError> {
    let reader = Reader::of(&principal);
    let marked = accounts
        .messaging
        .write(&reader.account, move |cx| Box::pin(async move { announcements::mark_all_read(cx, &reader).await }));
    marked.await?;
    tell_own_devices(&accounts, &principal).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Whether it is one for all accounts, which only the installation's administrator changes.
async fn is_for_all(accounts: &Accounts, principal: &Principal, id: AnnouncementId) -> Result<bool, ApiError> {
    let db = &accounts.messaging.db;
    if !installation::has(db, id).await? {
        return Ok(false);
    }
    match installation::is_administrator(db, principal).await? {
        true => Ok(true),
        false => Err(ApiError::forbidden("only the installation's administrator changes what is for all accounts")),
    }
}

async fn tell(accounts: &Accounts, for_all: bool, saved: Saved) -> Result<Announcement, Refusal> {
    if !for_all {
        return Ok(saved.announcement);
    }
    installation::told(&accounts.messaging.db, &accounts.messaging.env, saved).await
}

/// Tells the reader's own sockets, on every node, to look again.
async fn tell_own_devices(accounts: &Accounts, principal: &Principal) -> Result<(), ApiError> {
    let account = principal.account_id;
    let all =
        accounts.messaging.read(&account, move |cx| Box::pin(async move { projects::list(cx.tx, cx.account).await }));
    let seen = all.await?.into_iter().map(|project| project.id).filter(|id| principal.sees(id)).collect();
    let frame = OperatorFrame::AnnouncementsRead {}.text();
    let mark = Mark { projects: Some(seen), user: Some(principal.user_id()), from: NO_SOCKET, frame: frame.into() };
    accounts.messaging.hub.account(&account).await?.mark(mark);
    Ok(())
}
