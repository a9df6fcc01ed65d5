//! SQL of counted links.

use crate::mailing::Row as Mailing;
use db::{Tx, sql};
use model::{AccountId, Click, Cx, MailingId, Result};

/// A mailing, whosever it is: the link that names it is signed.
pub(crate) async fn mailing(tx: &mut Tx, id: &MailingId) -> Result<Option<Mailing>> {
    let query = sql!(
        "SELECT account_id, id, project_id, document, revision, state, held, starts_at, prepared_to, contacts, created_at, created_by,
           changed_at, started_at, ended_at
         FROM mailings WHERE id = $1 -- any account_id"
    );
    Ok(query.bind(id).optional(tx).await?)
}

/// Whether this person's click on this link is known.
pub(crate) async fn is_known(tx: &mut Tx, account: &AccountId, click: &Click) -> Result<bool> {
    let query = sql!(
        "SELECT COUNT(*) FROM mailing_clicks WHERE account_id = $1 AND mailing_id = $2 AND link = $3 AND person_id = $4"
    );
    let query = query.bind(account).bind(click.mailing).bind(i64::from(click.link)).bind(click.person);
    Ok(query.one::<(i64,)>(tx).await?.0 > 0)
}

/// Notes a click: of whoever is in the ledger, each link once.
pub(crate) async fn note(cx: &mut Cx<'_>, click: &Click) -> Result<()> {
    let query = sql!(
        "UPDATE mailing_recipients SET clicked_at = COALESCE(clicked_at, $4) WHERE account_id = $1 AND mailing_id = $2 AND person_id = $3"
    );
    let at = cx.env.now().0;
    let query = query.bind(cx.account).bind(click.mailing).bind(click.person).bind(at);
    if query.execute(cx.tx).await? == 0 {
        return Ok(());
    }
    let query = sql!(
        "INSERT INTO mailing_clicks (account_id, mailing_id, person_id, link, at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT DO NOTHING"
    );
    let query = query.bind(cx.account).bind(click.mailing).bind(click.person).bind(i64::from(click.link));
    query.bind(at).execute(cx.tx).await?;
    Ok(())
}

/// How many people opened each link.
pub(crate) async fn numbers(tx: &mut Tx, account: &AccountId, id: &MailingId) -> Result<Vec<(i64, i64)>> {
    let query = sql!(
        "SELECT link, COUNT(*) FROM mailing_clicks WHERE mailing_id = (SELECT id FROM mailings WHERE account_id = $1 AND id = $2)
         GROUP BY link"
    );
    Ok(query.bind(account).bind(id).all(tx).await?)
}
