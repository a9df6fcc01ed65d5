//! The first steps of a project (Первые шаги): each is done when what it asks for has happened, and by nothing else. What was seen done is
//! kept with its moment: a colleague who leaves takes no tick away.

mod store;

use db::Tx;
use model::{AccountId, Cx, ProjectId, Result, Timestamp};
use serde::Serialize;

/// The word under which it is kept that somebody put them away.
const HIDDEN: &str = "hidden";

/// What has happened in a project so far.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
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
    /// When each of them was done.
    pub done_at: DoneAt,
    /// Somebody has put them away.
    pub hidden: bool,
}

/// When each step was done; null for what is still to do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, utoipa::ToSchema)]
#[schema(as = FirstStepsDoneAt)]
pub struct DoneAt {
    written: Option<Timestamp>,
    answered: Option<Timestamp>,
    installed: Option<Timestamp>,
    connected: Option<Timestamp>,
    invited: Option<Timestamp>,
    published: Option<Timestamp>,
}

/// Reads them. What is not kept yet is looked for in what is stored anyway; the second list is what is to be kept of that.
///
/// # Errors
/// When the storage fails.
pub async fn of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
) -> Result<(FirstSteps, Vec<(&'static str, Timestamp)>)> {
    let kept = store::kept(tx, account, project).await?;
    let known = |step: &str| kept.iter().find(|(word, _)| word == step).map(|(_, at)| Timestamp(*at));
    let mut found = Vec::new();
    let mut at = DoneAt::default();
    let steps = [
        ("written", &mut at.written),
        ("answered", &mut at.answered),
        ("installed", &mut at.installed),
        ("connected", &mut at.connected),
        ("invited", &mut at.invited),
        ("published", &mut at.published),
    ];
    for (step, place) in steps {
        *place = known(step);
        if place.is_some() {
            continue;
        }
        *place = match step {
            "written" => store::message_of(tx, account, project, "client").await?,
            "answered" => store::message_of(tx, account, project, "operator").await?,
            "installed" => store::installed(tx, account, project).await?,
            "connected" => store::channel(tx, account, project).await?,
            "invited" => store::colleague(tx, account).await?,
            _ => store::scenario(tx, account, project).await?,
        };
        found.extend(place.map(|at| (step, at)));
    }
    let steps = FirstSteps {
        written: at.written.is_some(),
        answered: at.answered.is_some(),
        installed: at.installed.is_some(),
        connected: at.connected.is_some(),
        invited: at.invited.is_some(),
        published: at.published.is_some(),
        done_at: at,
        hidden: known(HIDDEN).is_some(),
    };
    Ok((steps, found))
}

/// Keeps what was found done.
///
/// # Errors
/// When the storage fails.
pub async fn keep(cx: &mut Cx<'_>, project: &ProjectId, found: &[(&'static str, Timestamp)]) -> Result<()> {
    for (step, at) in found {
        store::keep(cx.tx, cx.account, project, step, *at).await?;
    }
    Ok(())
}

/// Puts them away for everybody, or brings them back.
///
/// # Errors
/// When the storage fails.
pub async fn hide(cx: &mut Cx<'_>, project: &ProjectId, hidden: bool) -> Result<()> {
    if hidden {
        store::keep(cx.tx, cx.account, project, HIDDEN, cx.env.now()).await
    } else {
        store::forget(cx.tx, cx.account, project, HIDDEN).await
    }
}
