//! SQL of the sums of days.

use crate::report::Period;
use crate::sessions::Which;
use crate::sums::{Place, Split, Sums};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, ProjectId, Result};

/// All sums, added up.
macro_rules! summed {
    () => {
        "CAST(COALESCE(SUM(sessions), 0) AS BIGINT), CAST(COALESCE(SUM(asked), 0) AS BIGINT),
         CAST(COALESCE(SUM(answered), 0) AS BIGINT), CAST(COALESCE(SUM(missed), 0) AS BIGINT),
         CAST(COALESCE(SUM(answer_seconds), 0) AS BIGINT), CAST(COALESCE(SUM(closed), 0) AS BIGINT),
         CAST(COALESCE(SUM(duration_seconds), 0) AS BIGINT), CAST(COALESCE(SUM(client_messages), 0) AS BIGINT),
         CAST(COALESCE(SUM(people_messages), 0) AS BIGINT), CAST(COALESCE(SUM(bot_messages), 0) AS BIGINT),
         CAST(COALESCE(SUM(rated), 0) AS BIGINT), CAST(COALESCE(SUM(score), 0) AS BIGINT),
         CAST(COALESCE(SUM(a0), 0) AS BIGINT), CAST(COALESCE(SUM(a1), 0) AS BIGINT),
         CAST(COALESCE(SUM(a2), 0) AS BIGINT), CAST(COALESCE(SUM(a3), 0) AS BIGINT),
         CAST(COALESCE(SUM(a4), 0) AS BIGINT), CAST(COALESCE(SUM(a5), 0) AS BIGINT),
         CAST(COALESCE(SUM(a6), 0) AS BIGINT), CAST(COALESCE(SUM(a7), 0) AS BIGINT),
         CAST(COALESCE(SUM(a8), 0) AS BIGINT), CAST(COALESCE(SUM(a9), 0) AS BIGINT),
         CAST(COALESCE(SUM(a10), 0) AS BIGINT), CAST(COALESCE(SUM(a11), 0) AS BIGINT),
         CAST(COALESCE(SUM(a12), 0) AS BIGINT), CAST(COALESCE(SUM(a13), 0) AS BIGINT),
         CAST(COALESCE(SUM(a14), 0) AS BIGINT), CAST(COALESCE(SUM(a15), 0) AS BIGINT),
         CAST(COALESCE(SUM(d0), 0) AS BIGINT), CAST(COALESCE(SUM(d1), 0) AS BIGINT),
         CAST(COALESCE(SUM(d2), 0) AS BIGINT), CAST(COALESCE(SUM(d3), 0) AS BIGINT),
         CAST(COALESCE(SUM(d4), 0) AS BIGINT), CAST(COALESCE(SUM(d5), 0) AS BIGINT),
         CAST(COALESCE(SUM(d6), 0) AS BIGINT), CAST(COALESCE(SUM(d7), 0) AS BIGINT),
         CAST(COALESCE(SUM(d8), 0) AS BIGINT), CAST(COALESCE(SUM(d9), 0) AS BIGINT),
         CAST(COALESCE(SUM(d10), 0) AS BIGINT), CAST(COALESCE(SUM(d11), 0) AS BIGINT),
         CAST(COALESCE(SUM(d12), 0) AS BIGINT), CAST(COALESCE(SUM(d13), 0) AS BIGINT),
         CAST(COALESCE(SUM(d14), 0) AS BIGINT), CAST(COALESCE(SUM(d15), 0) AS BIGINT)"
    };
}

fn read(row: &Row<'_>, first: usize) -> std::result::Result<Sums, DbError> {
    let mut sums = Sums::default();
    for (at, sum) in sums.0.iter_mut().enumerate() {
        *sum = row.get(first + at)?;
    }
    Ok(sums)
}

/// Sums of a key of a split.
pub(crate) struct OfKey {
    pub key: String,
    pub sums: Sums,
}

impl FromRow for OfKey {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        Ok(Self { key: row.get(0)?, sums: read(row, 1)? })
    }
}

/// Adds to the sums of a place.
pub(crate) async fn add(tx: &mut Tx, account: &AccountId, place: &Place, sums: &Sums) -> Result<()> {
    let query = sql!(
        "INSERT INTO report_sums (account_id, project_id, split, day, hour, key, sessions, asked, answered, missed, answer_seconds,
           closed, duration_seconds, client_messages, people_messages, bot_messages, rated, score, a0, a1, a2,
           a3, a4, a5, a6, a7, a8, a9, a10, a11, a12, a13, a14, a15, d0, d1, d2, d3, d4, d5, d6, d7, d8, d9,
           d10, d11, d12, d13, d14, d15)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19, $20, $21, $22,
           $23, $24, $25, $26, $27, $28, $29, $30, $31, $32, $33, $34, $35, $36, $37, $38, $39, $40, $41, $42,
           $43, $44, $45, $46, $47, $48, $49, $50)
         ON CONFLICT (account_id, project_id, split, day, hour, key) DO UPDATE SET
           sessions = report_sums.sessions + excluded.sessions, asked = report_sums.asked + excluded.asked,
           answered = report_sums.answered + excluded.answered, missed = report_sums.missed + excluded.missed,
           answer_seconds = report_sums.answer_seconds + excluded.answer_seconds,
           closed = report_sums.closed + excluded.closed,
           duration_seconds = report_sums.duration_seconds + excluded.duration_seconds,
           client_messages = report_sums.client_messages + excluded.client_messages,
           people_messages = report_sums.people_messages + excluded.people_messages,
           bot_messages = report_sums.bot_messages + excluded.bot_messages,
           rated = report_sums.rated + excluded.rated, score = report_sums.score + excluded.score,
           a0 = report_sums.a0 + excluded.a0, a1 = report_sums.a1 + excluded.a1,
           a2 = report_sums.a2 + excluded.a2, a3 = report_sums.a3 + excluded.a3,
           a4 = report_sums.a4 + excluded.a4, a5 = report_sums.a5 + excluded.a5,
           a6 = report_sums.a6 + excluded.a6, a7 = report_sums.a7 + excluded.a7,
           a8 = report_sums.a8 + excluded.a8, a9 = report_sums.a9 + excluded.a9,
           a10 = report_sums.a10 + excluded.a10, a11 = report_sums.a11 + excluded.a11,
           a12 = report_sums.a12 + excluded.a12, a13 = report_sums.a13 + excluded.a13,
           a14 = report_sums.a14 + excluded.a14, a15 = report_sums.a15 + excluded.a15,
           d0 = report_sums.d0 + excluded.d0, d1 = report_sums.d1 + excluded.d1,
           d2 = report_sums.d2 + excluded.d2, d3 = report_sums.d3 + excluded.d3,
           d4 = report_sums.d4 + excluded.d4, d5 = report_sums.d5 + excluded.d5,
           d6 = report_sums.d6 + excluded.d6, d7 = report_sums.d7 + excluded.d7,
           d8 = report_sums.d8 + excluded.d8, d9 = report_sums.d9 + excluded.d9,
           d10 = report_sums.d10 + excluded.d10, d11 = report_sums.d11 + excluded.d11,
           d12 = report_sums.d12 + excluded.d12, d13 = report_sums.d13 + excluded.d13,
           d14 = report_sums.d14 + excluded.d14, d15 = report_sums.d15 + excluded.d15"
    );
    let query = query.bind(account).bind(place.project).bind(place.split).bind(place.day).bind(place.hour);
    let query = query.bind(&place.key);
    sums.0.iter().fold(query, |query, sum| query.bind(*sum)).execute(tx).await?;
    Ok(())
}

/// Sums of a period by the keys of a split, most sessions first.
pub(crate) async fn by_key(
    tx: &mut Tx,
    account: &AccountId,
    (project, split): (&ProjectId, Split),
    period: Period,
    limit: i64,
) -> Result<Vec<OfKey>> {
    let query = sql!(concat!(
        "SELECT key, ",
        summed!(),
        " FROM (
             SELECT * FROM report_sums WHERE account_id = $1 AND project_id = $2 AND split = $3 AND day >= $5 AND day < $7
             UNION ALL
             SELECT * FROM report_sums WHERE account_id = $1 AND project_id = $2 AND split = $4 AND day >= $7 AND day < $8
             UNION ALL
             SELECT * FROM report_sums WHERE account_id = $1 AND project_id = $2 AND split = $3 AND day >= $8 AND day <= $6
           ) parts
         GROUP BY key HAVING SUM(sessions) <> 0 ORDER BY SUM(sessions) DESC, key LIMIT $9"
    ));
    let parts = period.parts();
    let query = query.bind(account).bind(project).bind(split.days()).bind(split.months());
    let query = query.bind(period.from).bind(period.to).bind(parts.months_from).bind(parts.months_to);
    Ok(query.bind(limit).all(tx).await?)
}

/// Sums of a period.
pub(crate) async fn total(tx: &mut Tx, account: &AccountId, project: &ProjectId, period: Period) -> Result<Sums> {
    let query = sql!(concat!(
        "SELECT '', ",
        summed!(),
        " FROM report_sums WHERE account_id = $1 AND project_id = $2 AND split = 'all' AND day >= $3 AND day <= $4"
    ));
    let row: OfKey = query.bind(account).bind(project).bind(period.from).bind(period.to).one(tx).await?;
    Ok(row.sums)
}

/// Sums of a period of one key of a split.
pub(crate) async fn total_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    (split, key): (Split, &str),
    period: Period,
) -> Result<Sums> {
    let query = sql!(concat!(
        "SELECT '', ",
        summed!(),
        " FROM report_sums WHERE account_id = $1 AND project_id = $2 AND split = $3 AND day >= $4 AND day <= $5 AND key = $6"
    ));
    let query = query.bind(account).bind(project).bind(split.days()).bind(period.from).bind(period.to);
    let row: OfKey = query.bind(key).one(tx).await?;
    Ok(row.sums)
}

/// Sessions, answered and missed ones of each day of one key of a split.
pub(crate) async fn days_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    (split, key): (Split, &str),
    period: Period,
) -> Result<Vec<(i64, i64, i64, i64)>> {
    let query = sql!(
        "SELECT day, CAST(SUM(sessions) AS BIGINT), CAST(SUM(answered) AS BIGINT), CAST(SUM(missed) AS BIGINT) FROM report_sums
         WHERE account_id = $1 AND project_id = $2 AND split = $3 AND day >= $4 AND day <= $5 AND key = $6
         GROUP BY day HAVING SUM(sessions) <> 0 ORDER BY day"
    );
    let query = query.bind(account).bind(project).bind(split.days()).bind(period.from).bind(period.to);
    Ok(query.bind(key).all(tx).await?)
}

/// Sessions, answered and missed ones of each day.
pub(crate) async fn days(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    period: Period,
) -> Result<Vec<(i64, i64, i64, i64)>> {
    let query = sql!(
        "SELECT day, CAST(SUM(sessions) AS BIGINT), CAST(SUM(answered) AS BIGINT), CAST(SUM(missed) AS BIGINT) FROM report_sums
         WHERE account_id = $1 AND project_id = $2 AND split = 'all' AND day >= $3 AND day <= $4
         GROUP BY day HAVING SUM(sessions) <> 0 ORDER BY day"
    );
    Ok(query.bind(account).bind(project).bind(period.from).bind(period.to).all(tx).await?)
}

/// Sessions and missed ones of each hour of the week; a week begins on Monday, which is 0.
pub(crate) async fn hours(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    period: Period,
) -> Result<Vec<(i64, i64, i64, i64)>> {
    let query = sql!(
        "SELECT (day + 3) % 7, hour, CAST(SUM(sessions) AS BIGINT), CAST(SUM(missed) AS BIGINT) FROM report_sums
         WHERE account_id = $1 AND project_id = $2 AND split = 'all' AND day >= $3 AND day <= $4
         GROUP BY (day + 3) % 7, hour HAVING SUM(sessions) <> 0 ORDER BY 1, 2"
    );
    Ok(query.bind(account).bind(project).bind(period.from).bind(period.to).all(tx).await?)
}

/// Sessions of which number are asked for: of a key of a split, or of an hour of the week.
pub(crate) struct Of<'a> {
    pub split: Split,
    pub key: &'a str,
    /// Weekday and hour.
    pub at: Option<(i64, i64)>,
    pub which: Which,
}

/// How many sessions of a number each day has, the last day first: how far back a page of them reaches.
pub(crate) async fn per_day(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    of: &Of<'_>,
    period: Period,
) -> Result<Vec<(i64, i64)>> {
    let query = sql!(
        "SELECT day, CAST(SUM(CASE CAST($7 AS TEXT) WHEN 'asked' THEN asked WHEN 'answered' THEN answered WHEN 'missed' THEN missed
             WHEN 'closed' THEN closed WHEN 'rated' THEN rated ELSE sessions END) AS BIGINT) FROM report_sums
         WHERE account_id = $1 AND project_id = $2 AND split = $3 AND day >= $4 AND day <= $5 AND key = $6
           AND (CAST($8 AS BIGINT) < 0 OR (hour = $8 AND (day + 3) % 7 = $9))
         GROUP BY day ORDER BY day DESC"
    );
    let (weekday, hour) = of.at.unwrap_or((0, -1));
    let query = query.bind(account).bind(project).bind(of.split.as_str()).bind(period.from).bind(period.to);
    Ok(query.bind(of.key).bind(of.which.as_str()).bind(hour).bind(weekday).all(tx).await?)
}

/// How many pages a day has.
pub(crate) async fn pages_of_day(tx: &mut Tx, account: &AccountId, project: &ProjectId, day: i64) -> Result<i64> {
    let query = sql!(
        "SELECT COUNT(*) FROM report_sums WHERE account_id = $1 AND project_id = $2 AND split = 'page' AND day = $3 AND hour = -1"
    );
    let (count,): (i64,) = query.bind(account).bind(project).bind(day).one(tx).await?;
    Ok(count)
}

/// Whether a page has a row of a day.
pub(crate) async fn has_page(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    day: i64,
    page: &str,
) -> Result<bool> {
    let query = sql!(
        "SELECT day FROM report_sums WHERE account_id = $1 AND project_id = $2 AND split = 'page' AND day = $3 AND hour = -1
           AND key = $4"
    );
    let row: Option<(i64,)> = query.bind(account).bind(project).bind(day).bind(page).optional(tx).await?;
    Ok(row.is_some())
}
