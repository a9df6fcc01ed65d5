//! SQL of what mailings are sent for.

use crate::mailing::Row as Mailing;
use db::{Tx, sql};
use model::{AccountId, Cx, GroupId, MailingId, Result, ScenarioId, Timestamp};

/// How much longer it is looked for than the last goal lasts.
const SLACK_MS: i64 = 15 * 60 * 1000;

/// Those whose goal is still looked for, over all accounts.
pub(crate) async fn lasting(tx: &mut Tx, now: Timestamp) -> Result<Vec<Mailing>> {
    let query = sql!(
        "SELECT account_id, id, project_id, document, revision, state, held, starts_at, prepared_to, contacts, created_at, created_by,
           changed_at, started_at, ended_at
         FROM mailings WHERE goal_until IS NOT NULL AND goal_until >= $1 ORDER BY id -- any account_id"
    );
    Ok(query.bind(now.0).all(tx).await?)
}

/// It is looked for until so long after now: whoever is written to now has all of its days.
pub(crate) async fn look_until(cx: &mut Cx<'_>, id: &MailingId, until: Timestamp) -> Result<()> {
    // Some minutes more, so that not everybody's message writes it anew.
    let query = sql!(
        "UPDATE mailings SET goal_until = $4 WHERE account_id = $1 AND id = $2 AND (goal_until IS NULL OR goal_until < $3)"
    );
    query.bind(cx.account).bind(id).bind(until.0).bind(until.0 + SLACK_MS).execute(cx.tx).await?;
    Ok(())
}

/// Values that a field of somebody's got after they were written to, while their goal lasts: of any contact of the person.
pub(crate) async fn values_set(
    tx: &mut Tx,
    account: &AccountId,
    id: &MailingId,
    field: &str,
    lasts_ms: i64,
) -> Result<Vec<(GroupId, String, i64)>> {
    let query = sql!(
        "SELECT r.person_id, f.value, f.set_at FROM mailing_recipients r
         JOIN contacts w ON w.account_id = r.account_id AND w.id = r.contact_id
         CROSS JOIN contacts c CROSS JOIN field_values f
         WHERE c.account_id = w.account_id AND c.group_id = w.group_id
           AND f.account_id = c.account_id AND f.contact_id = c.id AND f.field_key = $3
           AND r.account_id = $1 AND r.mailing_id = $2 AND r.goal_at IS NULL AND r.state IN ('sending', 'sent', 'delivered', 'read', 'unknown')
           AND f.set_at > r.claimed_at AND f.set_at <= r.claimed_at + $4 AND f.unusable IS NULL"
    );
    Ok(query.bind(account).bind(id).bind(field).bind(lasts_ms).all(tx).await?)
}

/// Who came to a block after they were written to, while their goal lasts.
pub(crate) async fn blocks_entered(
    tx: &mut Tx,
    account: &AccountId,
    (id, scenario, block): (&MailingId, &ScenarioId, &str),
    lasts_ms: i64,
) -> Result<Vec<(GroupId, i64)>> {
    let query = sql!(
        "SELECT r.person_id, MIN(s.entered_at) FROM scenario_visits s
         JOIN scenario_runs u ON u.account_id = s.account_id AND u.id = s.run_id AND NOT u.is_test
         JOIN contacts c ON c.account_id = u.account_id AND c.id = u.contact_id
         JOIN contacts w ON w.account_id = c.account_id AND w.group_id = c.group_id
         JOIN mailing_recipients r ON r.mailing_id = $2 AND r.contact_id = w.id AND r.account_id = w.account_id
         WHERE s.account_id = $1 AND s.scenario_id = $3 AND s.block = $4 AND r.goal_at IS NULL AND r.claimed_at IS NOT NULL
           AND s.entered_at >= r.claimed_at AND s.entered_at <= r.claimed_at + $5
           AND s.entered_at >= (SELECT COALESCE(started_at, 0) FROM mailings WHERE account_id = $1 AND id = $2)
           AND r.state IN ('sending', 'sent', 'delivered', 'read', 'unknown')
         GROUP BY r.person_id"
    );
    Ok(query.bind(account).bind(id).bind(scenario).bind(block).bind(lasts_ms).all(tx).await?)
}

/// They reached it; the first time stands.
pub(crate) async fn reached(cx: &mut Cx<'_>, id: &MailingId, who: &[(GroupId, Timestamp)]) -> Result<()> {
    for (person, at) in who {
        let query = sql!(
            "UPDATE mailing_recipients SET goal_at = $4 WHERE account_id = $1 AND mailing_id = $2 AND person_id = $3 AND goal_at IS NULL"
        );
        query.bind(cx.account).bind(id).bind(person).bind(at.0).execute(cx.tx).await?;
    }
    Ok(())
}

/// How many reached it.
pub(crate) async fn count(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<i64> {
    let query = sql!(
        "SELECT COUNT(*) FROM mailing_recipients
         WHERE mailing_id = (SELECT id FROM mailings WHERE account_id = $1 AND id = $2) AND goal_at IS NOT NULL"
    );
    Ok(query.bind(account).bind(id).one::<(i64,)>(tx).await?.0)
}
