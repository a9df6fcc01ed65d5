//! SQL of leases.

use db::{Tx, sql};
use model::{NodeId, Result, Timestamp};

/// Takes a lease that is free, has run out or is the node's own; false when another node holds it.
pub(super) async fn take(tx: &mut Tx, name: &str, node: NodeId, now: Timestamp, until: Timestamp) -> Result<bool> {
    let query = sql!(
        "INSERT INTO node_leases (name, node, until) VALUES ($1, $2, $3)
         ON CONFLICT (name) DO UPDATE SET node = excluded.node, until = excluded.until
         WHERE node_leases.node = excluded.node OR node_leases.until < $4 -- no account_id"
    );
    let query = query.bind(name).bind(node.to_string()).bind(until.0).bind(now.0);
    Ok(query.execute(tx).await? == 1)
}

pub(super) async fn give_back(tx: &mut Tx, node: NodeId) -> Result<()> {
    let query = sql!("DELETE FROM node_leases WHERE node = $1 -- no account_id");
    query.bind(node.to_string()).execute(tx).await?;
    Ok(())
}
