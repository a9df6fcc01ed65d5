//! What somebody reads: the feed behind the bell, what goes on now, and marks of what was read.

use super::{Announcement, AnnouncementSource, Place, product, store, writing};
use crate::reach::Asker;
use db::Tx;
use http_kit::{Principal, Role};
use model::{AccountId, AnnouncementId, Cx, Refusal, Result, Timestamp, UserId};
use serde::Serialize;
use std::collections::HashSet;

/// Of what goes on or is planned, at most so many of the account's and of the installation's.
const CURRENT_AT_MOST: i64 = 20;
/// Announcements marked at once when everything is read.
const MARKED_AT_ONCE: i64 = 500;
/// Before the first page of a list.
pub(crate) const NEWEST: (i64, AnnouncementId) = (i64::MAX, AnnouncementId::from_bits(u128::MAX));

/// Whose feed it is.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    pub account: AccountId,
    pub user: UserId,
    pub role: Role,
    /// Works in every project.
    pub sees_all: bool,
}

impl Reader {
    /// The user, or whoever made the key.
    pub fn of(principal: &Principal) -> Self {
        Self {
            account: principal.account_id,
            user: principal.user_id(),
            role: principal.role(),
            sees_all: principal.projects.is_none(),
        }
    }

    /// Finds the role among the words of `roles`, none of which is a part of another.
    pub(super) fn role_pattern(&self) -> String {
        format!("%{}%", self.role.as_str())
    }
}

/// What goes on now or is planned, and how much is new to the reader.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub(crate) struct CurrentAnnouncements {
    /// Announcements not read yet.
    unread: i64,
    /// Incidents that last, and maintenance that goes on or lies ahead, the next first.
    announcements: Vec<Announcement>,
    /// When the next one will be told: ask again then.
    changes_at: Option<Timestamp>,
}

/// A page of what is told to the reader, the newest first.
pub(crate) async fn list(
    cx: &mut Cx<'_>,
    asker: &Asker,
    reader: &Reader,
    is_administrator: bool,
    (before, limit): ((i64, AnnouncementId), i64),
) -> Result<Vec<Announcement>> {
    let mut all = told(cx, reader, before, limit).await?;
    all.iter_mut().for_each(|it| it.editable = is_editable(it, asker, is_administrator));
    Ok(all)
}

async fn told(
    cx: &mut Cx<'_>,
    reader: &Reader,
    before: (i64, AnnouncementId),
    limit: i64,
) -> Result<Vec<Announcement>> {
    let now = cx.env.now();
    let mut all = store::told(cx.tx, reader, now, before, limit).await?;
    all.extend(product_news(cx.tx, reader, now).await?.into_iter().filter(|news| key(news) < before));
    all.sort_by_key(|it| std::cmp::Reverse(key(it)));
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    Ok(all)
}

/// What a list of told announcements is sorted by.
pub(crate) fn key(it: &Announcement) -> (i64, AnnouncementId) {
    (it.published_at.unwrap_or_default().0, it.id)
}

async fn product_news(tx: &mut Tx, reader: &Reader, now: Timestamp) -> Result<Vec<Announcement>> {
    let read: HashSet<_> = store::product_marks(tx, reader, product::FIRST_MADE).await?.into_iter().collect();
    let news = product::news().iter().filter(|news| news.is_out(now));
    Ok(news.map(|news| Announcement { read: read.contains(&news.id), ..news.clone() }).collect())
}

/// A page of what the asker may change, drafts included, by falling id; those for all accounts when he is the installation's administrator.
pub(crate) async fn written(
    cx: &mut Cx<'_>,
    asker: &Asker,
    reader: &Reader,
    is_administrator: bool,
    (mut before, limit): (AnnouncementId, i64),
) -> Result<Vec<Announcement>> {
    let mut all = Vec::new();
    if is_administrator {
        all.extend(store::written(cx.tx, reader, Place::Installation, &before, limit).await?);
    }
    // Pages are read until enough of them are the asker's: an admin changes only what is for his own projects.
    let wanted = usize::try_from(limit).unwrap_or(usize::MAX) + all.len();
    loop {
        let page = store::written(cx.tx, reader, Place::Account(reader.account), &before, limit).await?;
        let Some(last) = page.last() else { break };
        before = last.id;
        all.extend(page.into_iter().filter(|it| writing::may_change(asker, it)));
        if all.len() >= wanted {
            break;
        }
    }
    all.sort_by_key(|it| std::cmp::Reverse(it.id));
    all.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
    all.iter_mut().for_each(|it| it.editable = true);
    Ok(all)
}

/// What goes on or is planned, and how much is new.
pub(crate) async fn current(cx: &mut Cx<'_>, reader: &Reader) -> Result<CurrentAnnouncements> {
    let now = cx.env.now();
    let mut announcements = store::current(cx.tx, reader, now, CURRENT_AT_MOST).await?;
    announcements.sort_by_key(|it| (it.window_from.or(it.published_at), it.id));
    let of_product = product_news(cx.tx, reader, now).await?.iter().filter(|news| !news.read).count();
    let unread = store::unread(cx.tx, reader, now).await? + i64::try_from(of_product).unwrap_or_default();
    let coming = product::news().iter().filter_map(|news| news.published_at).filter(|at| *at > now);
    let changes_at = store::next_told(cx.tx, reader, now).await?.into_iter().chain(coming).min();
    Ok(CurrentAnnouncements { unread, announcements, changes_at })
}

/// One that is told to the reader, or that the asker may change.
///
/// # Errors
/// Not found when it is neither.
pub(crate) async fn one(
    cx: &mut Cx<'_>,
    asker: &Asker,
    reader: &Reader,
    is_administrator: bool,
    id: &AnnouncementId,
) -> Result<Announcement> {
    let now = cx.env.now();
    if *id < product::FIRST_MADE {
        let mut news = product_news(cx.tx, reader, now).await?;
        let place = news.iter().position(|news| news.id == *id).ok_or(Refusal::NotFound)?;
        return Ok(news.swap_remove(place));
    }
    let found = match store::find(cx.tx, reader, Place::Account(reader.account), id).await {
        Err(Refusal::NotFound) => store::find(cx.tx, reader, Place::Installation, id).await?,
        found => found?,
    };
    let editable = is_editable(&found, asker, is_administrator);
    if !editable && !is_told(&found, asker, reader, now) {
        return Err(Refusal::NotFound);
    }
    Ok(Announcement { editable, ..found })
}

fn is_editable(it: &Announcement, asker: &Asker, is_administrator: bool) -> bool {
    match it.source {
        AnnouncementSource::Account => writing::may_change(asker, it),
        AnnouncementSource::Installation => is_administrator,
        AnnouncementSource::Product => false,
    }
}

fn is_told(it: &Announcement, asker: &Asker, reader: &Reader, now: Timestamp) -> bool {
    let is_of_project = !it.some_projects || reader.sees_all || it.project_ids.iter().any(|id| asker.sees(id));
    it.is_out(now) && it.roles.contains(&reader.role) && is_of_project
}

/// The reader has read it, or closed its line.
///
/// # Errors
/// Not found when it is not told to the reader.
pub(crate) async fn mark_read(
    cx: &mut Cx<'_>,
    asker: &Asker,
    reader: &Reader,
    id: &AnnouncementId,
    hidden: bool,
) -> Result<()> {
    let now = cx.env.now();
    let found = one(cx, asker, reader, false, id).await?;
    if !found.is_out(now) {
        return Err(Refusal::NotFound);
    }
    store::mark(cx.tx, reader, id, hidden, now).await
}

/// The reader has read everything that is told to him.
pub(crate) async fn mark_all_read(cx: &mut Cx<'_>, reader: &Reader) -> Result<()> {
    let (mut before, now) = (NEWEST, cx.env.now());
    loop {
        let page = told(cx, reader, before, MARKED_AT_ONCE).await?;
        let Some(last) = page.last() else { return Ok(()) };
        before = key(last);
        for it in page.iter().filter(|it| !it.read) {
            store::mark(cx.tx, reader, &it.id, false, now).await?;
        }
    }
}
