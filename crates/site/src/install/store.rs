//! SQL of the installation.

use db::sql;
use model::{Cx, ProjectId, Result};

pub(super) async fn note(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    let query =
        sql!("UPDATE projects SET installed_at = $3 WHERE account_id = $1 AND id = $2 AND installed_at IS NULL");
    query.bind(cx.account).bind(project).bind(cx.env.now().0).execute(cx.tx).await?;
    Ok(())
}
