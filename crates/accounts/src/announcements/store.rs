//! SQL of announcements. Those of the installation stand in a table without an account: each account reads it.

use super::{Announcement, AnnouncementKind, AnnouncementSource, Place, Reader};
use db::{DbError, FromRow, Row, Tx, sql};
use http_kit::Role;
use model::{AccountId, AnnouncementId, ChannelKind, ConnectionId, ProjectId, Refusal, Result, Timestamp};

/// What both tables say of an announcement, in the order of [`read_row`].
macro_rules! columns {
    () => {
        "a.id, a.kind, a.title_ru, a.title_en, a.text_ru, a.text_en, a.link, a.window_from, a.window_to, a.roles, a.written_by,
         a.created_at, a.published_at, a.ended_at, r.read_at, COALESCE(r.hidden, FALSE)"
    };
}

/// From the account's table, with its channel as far as that is there, and the reader's marks.
macro_rules! of_account {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", c.kind, c.id, c.title, a.some_projects FROM announcements a
             LEFT JOIN connections c ON c.account_id = a.account_id AND c.id = a.connection_id
             LEFT JOIN announcement_reads r ON r.account_id = a.account_id AND r.announcement_id = a.id AND r.user_id = $2
             WHERE a.account_id = $1 ",
            $rest
        )
    };
}

macro_rules! of_installation {
    ($rest:literal) => {
        concat!(
            "SELECT ",
            columns!(),
            ", a.channel FROM installation_announcements a
             LEFT JOIN announcement_reads r ON r.account_id = $1 AND r.announcement_id = a.id AND r.user_id = $2 WHERE ",
            $rest
        )
    };
}

fn read_row(row: &Row<'_>, source: AnnouncementSource) -> std::result::Result<Announcement, DbError> {
    let moment = |column| Ok::<_, DbError>(row.get::<Option<i64>>(column)?.map(Timestamp));
    let channel: Option<String> = row.get(16)?;
    let roles = row.text(9)?.split_whitespace().map(Role::from_stored).collect::<std::result::Result<_, _>>()?;
    Ok(Announcement {
        id: row.get(0)?,
        source,
        kind: AnnouncementKind::from_stored(row.text(1)?)?,
        title_ru: row.get(2)?,
        title_en: row.get(3)?,
        text_ru: row.get(4)?,
        text_en: row.get(5)?,
        link: row.get(6)?,
        window_from: moment(7)?,
        window_to: moment(8)?,
        connection_id: None,
        connection_title: None,
        channel: channel.as_deref().map(ChannelKind::from_stored).transpose()?,
        roles,
        project_ids: Vec::new(),
        written_by: row.get(10)?,
        created_at: Timestamp(row.get(11)?),
        published_at: moment(12)?,
        ended_at: moment(13)?,
        read: row.get::<Option<i64>>(14)?.is_some(),
        hidden: row.get(15)?,
        editable: false,
        some_projects: false,
    })
}

struct OfAccount(Announcement);

impl FromRow for OfAccount {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let it = read_row(row, AnnouncementSource::Account)?;
        let (connection_id, connection_title, some_projects) = (row.get(17)?, row.get(18)?, row.get(19)?);
        Ok(Self(Announcement { connection_id, connection_title, some_projects, ..it }))
    }
}

struct OfInstallation(Announcement);

impl FromRow for OfInstallation {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        read_row(row, AnnouncementSource::Installation).map(Self)
    }
}

/// With the projects of each.
async fn whole(tx: &mut Tx, account: &AccountId, rows: Vec<OfAccount>) -> Result<Vec<Announcement>> {
    let mut all = Vec::with_capacity(rows.len());
    for OfAccount(mut it) in rows {
        if it.some_projects {
            let query = sql!(
                "SELECT project_id FROM announcement_projects WHERE account_id = $1 AND announcement_id = $2 ORDER BY project_id"
            );
            let projects = query.bind(account).bind(it.id).all::<(ProjectId,)>(tx).await?;
            it.project_ids = projects.into_iter().map(|(id,)| id).collect();
        }
        all.push(it);
    }
    Ok(all)
}

fn plain(rows: Vec<OfInstallation>) -> Vec<Announcement> {
    rows.into_iter().map(|OfInstallation(it)| it).collect()
}

/// Where a page of a falling list begins: after this moment and id.
pub(super) type Before = (i64, AnnouncementId);

/// What is told to the reader, the newest first: `limit` of the account's and as many of the installation's.
pub(super) async fn told(
    tx: &mut Tx,
    reader: &Reader,
    now: Timestamp,
    (moment, id): Before,
    limit: i64,
) -> Result<Vec<Announcement>> {
    let query = sql!(of_account!(
        "AND a.roles LIKE $3 AND ($4 OR NOT a.some_projects OR EXISTS (
           SELECT 1 FROM announcement_projects p
           JOIN project_users u ON u.account_id = p.account_id AND u.project_id = p.project_id
           WHERE p.account_id = $1 AND p.announcement_id = a.id AND u.user_id = $2))
         AND a.published_at <= $5 AND (a.published_at < $6 OR (a.published_at = $6 AND a.id < $7))
         ORDER BY a.published_at DESC, a.id DESC LIMIT $8"
    ));
    let query = query.bind(reader.account).bind(reader.user).bind(reader.role_pattern()).bind(reader.sees_all);
    let rows = query.bind(now.0).bind(moment).bind(id).bind(limit).all(tx).await?;
    let mut all = whole(tx, &reader.account, rows).await?;
    let query = sql!(of_installation!(
        "a.roles LIKE $3 AND a.published_at <= $4 AND (a.published_at < $5 OR (a.published_at = $5 AND a.id < $6))
         ORDER BY a.published_at DESC, a.id DESC LIMIT $7"
    ));
    let query = query.bind(reader.account).bind(reader.user).bind(reader.role_pattern()).bind(now.0);
    all.extend(plain(query.bind(moment).bind(id).bind(limit).all(tx).await?));
    Ok(all)
}

/// What goes on or is planned, and told to the reader.
pub(super) async fn current(tx: &mut Tx, reader: &Reader, now: Timestamp, limit: i64) -> Result<Vec<Announcement>> {
    let query = sql!(of_account!(
        "AND a.roles LIKE $3 AND ($4 OR NOT a.some_projects OR EXISTS (
           SELECT 1 FROM announcement_projects p
           JOIN project_users u ON u.account_id = p.account_id AND u.project_id = p.project_id
           WHERE p.account_id = $1 AND p.announcement_id = a.id AND u.user_id = $2))
         AND a.published_at <= $5 AND a.kind <> 'news' AND a.ended_at IS NULL AND (a.window_to IS NULL OR a.window_to > $5)
         ORDER BY COALESCE(a.window_from, a.published_at), a.id LIMIT $6"
    ));
    let query = query.bind(reader.account).bind(reader.user).bind(reader.role_pattern()).bind(reader.sees_all);
    let rows = query.bind(now.0).bind(limit).all(tx).await?;
    let mut all = whole(tx, &reader.account, rows).await?;
    let query = sql!(of_installation!(
        "a.roles LIKE $3 AND a.published_at <= $4 AND a.kind <> 'news' AND a.ended_at IS NULL
         AND (a.window_to IS NULL OR a.window_to > $4)
         ORDER BY COALESCE(a.window_from, a.published_at), a.id LIMIT $5"
    ));
    let query = query.bind(reader.account).bind(reader.user).bind(reader.role_pattern());
    all.extend(plain(query.bind(now.0).bind(limit).all(tx).await?));
    Ok(all)
}

/// How many of both tables the reader has not read, of what was told since he joined.
pub(super) async fn unread(tx: &mut Tx, reader: &Reader, now: Timestamp) -> Result<i64> {
    let query = sql!(
        "SELECT COUNT(*) FROM announcements a JOIN users me ON me.account_id = a.account_id AND me.id = $2
         WHERE a.account_id = $1 AND a.roles LIKE $3 AND a.published_at <= $5 AND a.published_at >= me.created_at
         AND ($4 OR NOT a.some_projects OR EXISTS (
           SELECT 1 FROM announcement_projects p
           JOIN project_users u ON u.account_id = p.account_id AND u.project_id = p.project_id
           WHERE p.account_id = $1 AND p.announcement_id = a.id AND u.user_id = $2))
         AND NOT EXISTS (SELECT 1 FROM announcement_reads r WHERE r.account_id = $1 AND r.user_id = $2 AND r.announcement_id = a.id)"
    );
    let query = query.bind(reader.account).bind(reader.user).bind(reader.role_pattern()).bind(reader.sees_all);
    let (own,): (i64,) = query.bind(now.0).one(tx).await?;
    let query = sql!(
        "SELECT COUNT(*) FROM installation_announcements a JOIN users me ON me.account_id = $1 AND me.id = $2
         WHERE a.roles LIKE $3 AND a.published_at <= $4 AND a.published_at >= me.created_at
         AND NOT EXISTS (SELECT 1 FROM announcement_reads r WHERE r.account_id = $1 AND r.user_id = $2 AND r.announcement_id = a.id)"
    );
    let query = query.bind(reader.account).bind(reader.user).bind(reader.role_pattern());
    let (all,): (i64,) = query.bind(now.0).one(tx).await?;
    Ok(own + all)
}

/// When the next of those that wait will be told to the reader.
pub(super) async fn next_told(tx: &mut Tx, reader: &Reader, now: Timestamp) -> Result<Option<Timestamp>> {
    let query = sql!(
        "SELECT MIN(a.published_at) FROM announcements a WHERE a.account_id = $1 AND a.roles LIKE $3 AND a.published_at > $5
         AND ($4 OR NOT a.some_projects OR EXISTS (
           SELECT 1 FROM announcement_projects p
           JOIN project_users u ON u.account_id = p.account_id AND u.project_id = p.project_id
           WHERE p.account_id = $1 AND p.announcement_id = a.id AND u.user_id = $2))"
    );
    let query = query.bind(reader.account).bind(reader.user).bind(reader.role_pattern()).bind(reader.sees_all);
    let (own,): (Option<i64>,) = query.bind(now.0).one(tx).await?;
    let query = sql!(
        "SELECT MIN(published_at) FROM installation_announcements WHERE roles LIKE $1 AND published_at > $2 -- no account_id"
    );
    let (all,): (Option<i64>,) = query.bind(reader.role_pattern()).bind(now.0).one(tx).await?;
    Ok(own.into_iter().chain(all).min().map(Timestamp))
}

/// What was written in a place, drafts included, by falling id.
pub(super) async fn written(
    tx: &mut Tx,
    reader: &Reader,
    place: Place,
    before: &AnnouncementId,
    limit: i64,
) -> Result<Vec<Announcement>> {
    match place {
        Place::Account(account) => {
            let query = sql!(of_account!("AND a.id < $3 ORDER BY a.id DESC LIMIT $4"));
            let rows = query.bind(account).bind(reader.user).bind(before).bind(limit).all(tx).await?;
            whole(tx, &account, rows).await
        }
        Place::Installation => {
            let query = sql!(of_installation!("a.id < $3 ORDER BY a.id DESC LIMIT $4"));
            Ok(plain(query.bind(reader.account).bind(reader.user).bind(before).bind(limit).all(tx).await?))
        }
    }
}

/// One, whoever it is for.
pub(super) async fn find(tx: &mut Tx, reader: &Reader, place: Place, id: &AnnouncementId) -> Result<Announcement> {
    let found = match place {
        Place::Account(account) => {
            let query = sql!(of_account!("AND a.id = $3"));
            let rows = query.bind(account).bind(reader.user).bind(id).all(tx).await?;
            whole(tx, &account, rows).await?
        }
        Place::Installation => {
            let query = sql!(of_installation!("a.id = $3"));
            plain(query.bind(reader.account).bind(reader.user).bind(id).all(tx).await?)
        }
    };
    found.into_iter().next().ok_or(Refusal::NotFound)
}

/// All there are in a place, and the drafts among them.
pub(super) async fn count(tx: &mut Tx, place: Place) -> Result<(i64, i64)> {
    Ok(match place {
        Place::Account(account) => {
            let query =
                sql!("SELECT COUNT(*), COUNT(*) - COUNT(published_at) FROM announcements WHERE account_id = $1");
            query.bind(account).one(tx).await?
        }
        Place::Installation => {
            let query = sql!(
                "SELECT COUNT(*), COUNT(*) - COUNT(published_at) FROM installation_announcements -- no account_id"
            );
            query.one(tx).await?
        }
    })
}

/// Stores it as it is now, new or not.
pub(super) async fn save(tx: &mut Tx, place: Place, it: &Announcement) -> Result<()> {
    let roles = it.roles.iter().map(|role| role.as_str()).collect::<Vec<_>>().join(" ");
    let ms = |moment: Option<Timestamp>| moment.map(|moment| moment.0);
    let Place::Account(account) = place else {
        let query = sql!(
            "INSERT INTO installation_announcements (id, kind, title_ru, title_en, text_ru, text_en, link, window_from, window_to, channel,
               roles, written_by, created_at, published_at, ended_at)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)
             ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title_ru = excluded.title_ru, title_en = excluded.title_en,
               text_ru = excluded.text_ru, text_en = excluded.text_en, link = excluded.link, window_from = excluded.window_from,
               window_to = excluded.window_to, channel = excluded.channel, roles = excluded.roles,
               published_at = excluded.published_at, ended_at = excluded.ended_at -- no account_id"
        );
        let query = query.bind(it.id).bind(it.kind.as_str()).bind(&it.title_ru).bind(&it.title_en).bind(&it.text_ru);
        let query = query.bind(&it.text_en).bind(it.link.as_deref()).bind(ms(it.window_from)).bind(ms(it.window_to));
        let query = query.bind(it.channel.map(ChannelKind::as_str)).bind(roles).bind(&it.written_by);
        query.bind(it.created_at.0).bind(ms(it.published_at)).bind(ms(it.ended_at)).execute(tx).await?;
        return Ok(());
    };
    let query = sql!(
        "INSERT INTO announcements (account_id, id, kind, title_ru, title_en, text_ru, text_en, link, window_from, window_to, connection_id,
           roles, some_projects, written_by, created_at, published_at, ended_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)
         ON CONFLICT (account_id, id) DO UPDATE SET kind = excluded.kind, title_ru = excluded.title_ru, title_en = excluded.title_en,
           text_ru = excluded.text_ru, text_en = excluded.text_en, link = excluded.link, window_from = excluded.window_from,
           window_to = excluded.window_to, connection_id = excluded.connection_id, roles = excluded.roles,
           some_projects = excluded.some_projects, published_at = excluded.published_at, ended_at = excluded.ended_at"
    );
    let query = query.bind(account).bind(it.id).bind(it.kind.as_str()).bind(&it.title_ru).bind(&it.title_en);
    let query = query.bind(&it.text_ru).bind(&it.text_en).bind(it.link.as_deref()).bind(ms(it.window_from));
    let query = query.bind(ms(it.window_to)).bind(it.connection_id).bind(roles).bind(it.some_projects);
    let query = query.bind(&it.written_by).bind(it.created_at.0).bind(ms(it.published_at)).bind(ms(it.ended_at));
    query.execute(tx).await?;
    let clear = sql!("DELETE FROM announcement_projects WHERE account_id = $1 AND announcement_id = $2");
    clear.bind(account).bind(it.id).execute(tx).await?;
    for project in &it.project_ids {
        let query =
            sql!("INSERT INTO announcement_projects (account_id, announcement_id, project_id) VALUES ($1, $2, $3)");
        query.bind(account).bind(it.id).bind(project).execute(tx).await?;
    }
    Ok(())
}

/// Takes it away.
pub(super) async fn delete(tx: &mut Tx, place: Place, id: &AnnouncementId) -> Result<()> {
    match place {
        Place::Account(account) => {
            forget_marks(tx, &account, id).await?;
            let query = sql!("DELETE FROM announcements WHERE account_id = $1 AND id = $2");
            query.bind(account).bind(id).execute(tx).await?;
        }
        // The marks go account by account, when each is told.
        Place::Installation => {
            sql!("DELETE FROM installation_announcements WHERE id = $1 -- no account_id").bind(id).execute(tx).await?;
        }
    }
    Ok(())
}

/// Takes away what was for people of projects that are all gone.
pub(crate) async fn forget_orphans(tx: &mut Tx, account: &AccountId) -> Result<()> {
    let marks = sql!(
        "DELETE FROM announcement_reads WHERE account_id = $1 AND announcement_id IN (
           SELECT a.id FROM announcements a WHERE a.account_id = $1 AND a.some_projects AND NOT EXISTS (
             SELECT 1 FROM announcement_projects p WHERE p.account_id = $1 AND p.announcement_id = a.id))"
    );
    marks.bind(account).execute(tx).await?;
    let query = sql!(
        "DELETE FROM announcements WHERE account_id = $1 AND some_projects AND NOT EXISTS (
           SELECT 1 FROM announcement_projects p WHERE p.account_id = $1 AND p.announcement_id = announcements.id)"
    );
    query.bind(account).execute(tx).await?;
    Ok(())
}

/// Marks of one that is gone.
pub(super) async fn forget_marks(tx: &mut Tx, account: &AccountId, id: &AnnouncementId) -> Result<()> {
    let marks = sql!("DELETE FROM announcement_reads WHERE account_id = $1 AND announcement_id = $2");
    marks.bind(account).bind(id).execute(tx).await?;
    Ok(())
}

/// Notes that the reader has read it, or closed its line, too.
pub(super) async fn mark(
    tx: &mut Tx,
    reader: &Reader,
    id: &AnnouncementId,
    hidden: bool,
    now: Timestamp,
) -> Result<()> {
    let query = sql!(
        "INSERT INTO announcement_reads (account_id, user_id, announcement_id, read_at, hidden) VALUES ($1, $2, $3, $4, $5)
         ON CONFLICT (account_id, user_id, announcement_id) DO UPDATE SET hidden = announcement_reads.hidden OR excluded.hidden"
    );
    query.bind(reader.account).bind(reader.user).bind(id).bind(now.0).bind(hidden).execute(tx).await?;
    Ok(())
}

/// The reader's marks on news of the product.
pub(super) async fn product_marks(
    tx: &mut Tx,
    reader: &Reader,
    first_made: AnnouncementId,
) -> Result<Vec<AnnouncementId>> {
    let query = sql!(
        "SELECT announcement_id FROM announcement_reads WHERE account_id = $1 AND user_id = $2 AND announcement_id < $3"
    );
    let rows = query.bind(reader.account).bind(reader.user).bind(first_made).all::<(AnnouncementId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}

/// A planned interruption of a channel.
pub(super) type Work = (AnnouncementId, i64, i64);

/// The next or present work on this channel that was told, by the account or for all channels of its kind.
pub(super) async fn next_work(
    tx: &mut Tx,
    account: &AccountId,
    connection: &ConnectionId,
    kind: ChannelKind,
    now: Timestamp,
) -> Result<Option<Work>> {
    let query = sql!(
        "SELECT id, window_from, window_to FROM announcements WHERE account_id = $1 AND connection_id = $2 AND kind = 'maintenance'
         AND published_at <= $3 AND ended_at IS NULL AND window_to > $3 ORDER BY window_from, id LIMIT 1"
    );
    let own: Option<Work> = query.bind(account).bind(connection).bind(now.0).optional(tx).await?;
    let query = sql!(
        "SELECT id, window_from, window_to FROM installation_announcements WHERE channel = $1 AND kind = 'maintenance'
         AND published_at <= $2 AND ended_at IS NULL AND window_to > $2 ORDER BY window_from, id LIMIT 1 -- no account_id"
    );
    let all: Option<Work> = query.bind(kind.as_str()).bind(now.0).optional(tx).await?;
    Ok(own.into_iter().chain(all).min_by_key(|(_, from, _)| *from))
}

/// Every account, the first made first.
pub(super) async fn accounts(tx: &mut Tx) -> Result<Vec<AccountId>> {
    let rows = sql!("SELECT account_id FROM accounts ORDER BY created_at, account_id").all::<(AccountId,)>(tx).await?;
    Ok(rows.into_iter().map(|(id,)| id).collect())
}
