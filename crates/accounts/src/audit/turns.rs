//! Turns of what is done a few times a day (security statement 39, ADR 21). A turn is taken before the act, under the account's lock, so two at
//! once take two; the row of the log that tells of the act takes its place.

use super::store;
use model::{ActorId, Cx, Result};

const DAY_MS: i64 = 24 * 60 * 60 * 1000;

/// A turn that was taken and is not in the log yet.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Turn(String);

impl Turn {
    pub(super) fn id(&self) -> &str {
        &self.0
    }
}

/// Takes a turn of something that one person or key does `a_day` times a day at most; the seconds to wait when there is none left.
/// It is given back when the log tells that the act was refused.
///
/// # Errors
/// When the storage fails.
pub async fn take_turn(
    cx: &mut Cx<'_>,
    actor: ActorId,
    action: &str,
    a_day: i64,
) -> Result<std::result::Result<Turn, u64>> {
    events::lock(cx.tx, cx.account).await?;
    let (now, actor) = (cx.env.now(), actor.to_string());
    let since = now.plus_ms(-DAY_MS);
    store::forget_turns(cx.tx, cx.account, since).await?;
    let mut taken = store::done_since(cx.tx, cx.account, (&actor, action), since, a_day).await?;
    taken.extend(store::begun(cx.tx, cx.account, &actor, action).await?);
    taken.sort_unstable_by_key(|at| std::cmp::Reverse(at.0));
    if let Some(at) = usize::try_from(a_day - 1).ok().and_then(|oldest| taken.get(oldest)) {
        return Ok(Err(u64::try_from((DAY_MS - now.ms_since(*at)) / 1000 + 1).unwrap_or(1)));
    }
    let turn = Turn(cx.env.secret());
    store::insert_turn(cx.tx, cx.account, turn.id(), (&actor, action), now).await?;
    Ok(Ok(turn))
}
