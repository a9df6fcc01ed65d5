//! The first steps of a project (Первые шаги): each is done when what it asks for has happened, and by nothing else.

mod store;

use db::Tx;
use model::{AccountId, ProjectId, Result};
use serde::Serialize;

/// What has happened in a project so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct FirstSteps {
    /// A client has written.
    pub written: bool,
    /// Somebody of the team has answered.
    pub answered: bool,
    /// The code was seen at work on a page.
    pub installed: bool,
    /// There is a channel besides the site.
    pub connected: bool,
    /// There is a colleague, or one is invited.
    pub invited: bool,
    /// A scenario was published.
    pub published: bool,
}

/// Reads them from what is stored anyway.
///
/// # Errors
/// When the storage fails.
pub async fn of(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<FirstSteps> {
    Ok(FirstSteps {
        written: store::has_message_of(tx, account, project, "client").await?,
        answered: store::has_message_of(tx, account, project, "operator").await?,
        installed: store::is_installed(tx, account, project).await?,
        connected: store::has_channel(tx, account, project).await?,
        invited: store::has_colleague(tx, account).await?,
        published: store::has_scenario(tx, account, project).await?,
    })
}
