//! Announcements are written, changed, ended and taken away.

use super::{
    Announcement, AnnouncementChange, AnnouncementKind, AnnouncementSource, NewAnnouncement, Place, Reader, rules,
    store,
};
use crate::reach::Asker;
use crate::{projects, store as people};
use db::Tx;
use http_kit::Role;
use messaging::connections;
use model::{AccountId, AnnouncementId, AnnouncementTold, Cx, Event, Refusal, Result, UserId};

/// Announcements that an account keeps, and an installation.
const AT_MOST: i64 = 500;
/// Drafts among them.
const DRAFTS_AT_MOST: i64 = 50;

/// Who writes.
pub(crate) enum Author<'a> {
    /// Somebody of the account, for its team.
    Colleague(&'a Asker),
    /// The installation's administrator, for all accounts.
    Administrator,
}

impl Author<'_> {
    fn place(&self, account: &AccountId) -> Place {
        match self {
            Self::Colleague(_) => Place::Account(*account),
            Self::Administrator => Place::Installation,
        }
    }

    fn source(&self) -> AnnouncementSource {
        match self {
            Self::Colleague(_) => AnnouncementSource::Account,
            Self::Administrator => AnnouncementSource::Installation,
        }
    }
}

/// What was stored, and whether others are to hear of it.
pub(crate) struct Saved {
    pub announcement: Announcement,
    /// Whether it is new to its readers; none while it is nobody's but the author's.
    pub told: Option<bool>,
}

/// Whether the asker may change it: an owner everything, an admin what is for his own projects alone (rulings 42).
pub(super) fn may_change(asker: &Asker, it: &Announcement) -> bool {
    let is_of_own = it.some_projects && it.project_ids.iter().all(|project| asker.sees(project));
    match asker.user.role {
        Role::Owner => true,
        Role::Admin => is_of_own && !it.project_ids.is_empty(),
        Role::Operator => false,
    }
}

/// Writes a new one.
///
/// # Errors
/// When it may not be announced, or there are too many.
pub(crate) async fn create(cx: &mut Cx<'_>, author: &Author<'_>, by: &str, new: NewAnnouncement) -> Result<Saved> {
    let (place, now) = (author.place(cx.account), cx.env.now());
    let blank = rules::blank(AnnouncementId::new(cx.env.ids()), author.source(), by, now);
    let it = rules::changed(blank, new.into(), now)?;
    check(cx, author, &it).await?;
    let (all, drafts) = store::count(cx.tx, place).await?;
    if all >= AT_MOST {
        let detail = "delete old announcements first: 500 are kept at most".to_owned();
        return Err(Refusal::Conflict { code: "too_many_announcements", detail });
    }
    if it.published_at.is_none() && drafts >= DRAFTS_AT_MOST {
        let detail = "publish or delete drafts first: 50 are kept at most".to_owned();
        return Err(Refusal::Conflict { code: "too_many_drafts", detail });
    }
    store::save(cx.tx, place, &it).await?;
    let told = it.published_at.map(|_| true);
    tell(cx, place, &it.id, told).await?;
    let reader = reader_of(cx, author);
    let announcement = Announcement { editable: true, ..store::find(cx.tx, &reader, place, &it.id).await? };
    Ok(Saved { announcement, told })
}

/// Changes one.
///
/// # Errors
/// When it may not be announced so, or is not there for the author.
pub(crate) async fn update(
    cx: &mut Cx<'_>,
    author: &Author<'_>,
    id: &AnnouncementId,
    change: AnnouncementChange,
) -> Result<Saved> {
    let (place, now) = (author.place(cx.account), cx.env.now());
    let before = find(cx, author, id).await?;
    let was_told = before.published_at.is_some();
    let it = rules::changed(before, change, now)?;
    check(cx, author, &it).await?;
    store::save(cx.tx, place, &it).await?;
    let told = (was_told || it.published_at.is_some()).then_some(!was_told);
    tell(cx, place, id, told).await?;
    Ok(Saved { announcement: find(cx, author, id).await?, told })
}

/// Says that an incident or maintenance is over. Said again, it changes nothing.
///
/// # Errors
/// When it is news, or not told yet.
pub(crate) async fn end(cx: &mut Cx<'_>, author: &Author<'_>, id: &AnnouncementId) -> Result<Saved> {
    let (place, now) = (author.place(cx.account), cx.env.now());
    let mut it = find(cx, author, id).await?;
    if it.ended_at.is_some() {
        return Ok(Saved { announcement: it, told: None });
    }
    if it.kind == AnnouncementKind::News || !it.is_out(now) {
        let detail = "only an incident or maintenance that was told can be over".to_owned();
        return Err(Refusal::Conflict { code: "nothing_to_end", detail });
    }
    it.ended_at = Some(now);
    store::save(cx.tx, place, &it).await?;
    tell(cx, place, id, Some(false)).await?;
    Ok(Saved { announcement: it, told: Some(false) })
}

/// Takes one away.
///
/// # Errors
/// When it is not there for the author.
pub(crate) async fn delete(cx: &mut Cx<'_>, author: &Author<'_>, id: &AnnouncementId) -> Result<()> {
    let place = author.place(cx.account);
    let it = find(cx, author, id).await?;
    store::delete(cx.tx, place, id).await?;
    tell(cx, place, id, it.published_at.map(|_| false)).await
}

async fn find(cx: &mut Cx<'_>, author: &Author<'_>, id: &AnnouncementId) -> Result<Announcement> {
    let reader = reader_of(cx, author);
    let found = store::find(cx.tx, &reader, author.place(cx.account), id).await?;
    match author {
        Author::Colleague(asker) if !may_change(asker, &found) => Err(Refusal::NotFound),
        _ => Ok(Announcement { editable: true, ..found }),
    }
}

fn reader_of(cx: &Cx<'_>, author: &Author<'_>) -> Reader {
    let (user, role) = match author {
        Author::Colleague(asker) => (asker.user.id, asker.user.role),
        Author::Administrator => (UserId::from_bits(0), Role::Owner),
    };
    Reader { account: *cx.account, user, role, sees_all: role == Role::Owner }
}

/// Refuses projects and channels that are not the author's.
async fn check(cx: &mut Cx<'_>, author: &Author<'_>, it: &Announcement) -> Result<()> {
    let Author::Colleague(asker) = author else { return Ok(()) };
    asker.check_projects(cx.tx, cx.account, &it.project_ids).await?;
    if asker.user.role < Role::Owner && it.project_ids.is_empty() {
        return Err(Refusal::invalid("project_ids", "empty", "choose at least one of your projects"));
    }
    if let Some(connection) = &it.connection_id {
        let connection = connections::get(cx.tx, cx.account, connection).await?;
        asker.check_projects(cx.tx, cx.account, &[connection.project_id]).await?;
    }
    Ok(())
}

/// Tells the account's own announcement in its log. Those of the installation are told by [`super::installation::tell`].
async fn tell(cx: &mut Cx<'_>, place: Place, id: &AnnouncementId, told: Option<bool>) -> Result<()> {
    match (place, told) {
        (Place::Account(_), Some(is_new)) => tell_account(cx, id, is_new).await,
        _ => Ok(()),
    }
}

/// Tells every project of the account: whom it is for is decided when it is read.
pub(super) async fn tell_account(cx: &mut Cx<'_>, id: &AnnouncementId, is_new: bool) -> Result<()> {
    for project in projects::list(cx.tx, cx.account).await? {
        let told = AnnouncementTold { id: *id };
        let event = if is_new { Event::AnnouncementCreated(told) } else { Event::AnnouncementUpdated(told) };
        events::append(cx, &project.id, &event).await?;
    }
    Ok(())
}

/// An announcement of the demo's owner.
///
/// # Errors
/// When the storage fails.
pub async fn create_for_demo(cx: &mut Cx<'_>, new: NewAnnouncement) -> Result<AnnouncementId> {
    let owner = owner(cx.tx, cx.account).await?;
    let asker = Asker::of_owner(owner);
    let by = asker.user.name.clone();
    Ok(create(cx, &Author::Colleague(&asker), &by, new).await?.announcement.id)
}

async fn owner(tx: &mut Tx, account: &AccountId) -> Result<people::User> {
    people::users(tx, account).await?.into_iter().find(|user| user.role == Role::Owner).ok_or(Refusal::NotFound)
}
