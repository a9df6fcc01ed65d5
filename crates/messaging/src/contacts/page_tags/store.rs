//! SQL of tags that pages gave.

use crate::Result;
use db::{Tx, sql};
use model::{AccountId, ContactId};

pub(super) async fn of(tx: &mut Tx, account: &AccountId, contact: &ContactId) -> Result<Vec<String>> {
    let query = sql!("SELECT tag FROM page_tags WHERE account_id = $1 AND contact_id = $2 ORDER BY tag");
    let rows: Vec<(String,)> = query.bind(account).bind(contact).all(tx).await?;
    Ok(rows.into_iter().map(|(tag,)| tag).collect())
}

pub(super) async fn note(tx: &mut Tx, account: &AccountId, contact: &ContactId, tags: &[String]) -> Result<()> {
    for tag in tags {
        let query =
            sql!("INSERT INTO page_tags (account_id, contact_id, tag) VALUES ($1, $2, $3) ON CONFLICT DO NOTHING");
        query.bind(account).bind(contact).bind(tag).execute(tx).await?;
    }
    Ok(())
}

pub(super) async fn forget(tx: &mut Tx, account: &AccountId, contact: &ContactId, tags: &[String]) -> Result<()> {
    for tag in tags {
        let query = sql!("DELETE FROM page_tags WHERE account_id = $1 AND contact_id = $2 AND tag = $3");
        query.bind(account).bind(contact).bind(tag).execute(tx).await?;
    }
    Ok(())
}
