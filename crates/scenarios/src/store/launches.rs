//! SQL of what a message may launch: what the path reads of scenarios.

use db::{DbError, sql};
use model::{Cx, ProjectId, Result, ScenarioId};
use scenario::Document;
use scenario::document::LaunchKind;

/// Whose launches: of what is published, or of the draft, which test users try.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Of {
    /// For everybody.
    Published,
    /// For test users.
    Draft,
}

/// Sets anew what of a scenario a message may launch.
pub(crate) async fn set_launches(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ScenarioId,
    of: Of,
    document: &Document,
) -> Result<()> {
    let query = sql!("DELETE FROM scenario_launches WHERE account_id = $1 AND scenario_id = $2 AND (number < 0) = $3");
    query.bind(cx.account).bind(id).bind(of == Of::Draft).execute(cx.tx).await?;
    let on_path = document.launch.iter().filter(|launch| ON_PATH.contains(&launch.kind));
    for (at, launch) in (0_i64..).zip(on_path) {
        let number = if of == Of::Draft { at - MOST_LAUNCHES } else { at };
        let query = sql!(
            "INSERT INTO scenario_launches (account_id, scenario_id, number, project_id, launch) VALUES ($1, $2, $3, $4, $5)"
        );
        let text = serde_json::to_string(launch).map_err(|error| DbError::other(error.to_string()))?;
        query.bind(cx.account).bind(id).bind(number).bind(project).bind(text.as_str()).execute(cx.tx).await?;
    }
    Ok(())
}

/// Kinds of launch that the path looks for: what a message may be, and fields that change.
const ON_PATH: [LaunchKind; 3] = [LaunchKind::Keyword, LaunchKind::FirstMessage, LaunchKind::FieldChanged];
/// Launches of a draft are numbered from minus this many on, in their order.
const MOST_LAUNCHES: i64 = 1 << 32;

/// A scenario that is gone launches nothing.
pub(crate) async fn forget_launches(cx: &mut Cx<'_>, id: &ScenarioId) -> Result<()> {
    let query = sql!("DELETE FROM scenario_launches WHERE account_id = $1 AND scenario_id = $2");
    query.bind(cx.account).bind(id).execute(cx.tx).await?;
    Ok(())
}
