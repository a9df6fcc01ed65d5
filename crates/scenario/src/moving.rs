//! Carries a run that waits over to another version of its scenario ("move waiting runs", section 4 of `scenarios.md`).

use crate::graph::{Block, Graph, Op};
use crate::run::Run;

/// Marks of the run's own blocks lie below this one (see [`Run`]'s `seen`); those of called scenarios above it.
const OWN_MARKS: u64 = 1 << 20;

/// Why a run stays on its version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Stays {
    /// It has ended.
    Ended,
    /// The block it waits at is not in the other version.
    BlockGone,
    /// The block has another type there, or calls another scenario.
    TypeChanged,
    /// The message asks nothing there, so nothing would take it further.
    AsksNothing,
}

impl Stays {
    /// The word in answers of the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ended => "ended",
            Self::BlockGone => "block_gone",
            Self::TypeChanged => "type_changed",
            Self::AsksNothing => "asks_nothing",
        }
    }
}

/// Where a run that waits at block number `block` of `from` would wait in `to`: the block with the same id, if it is one that takes up what the
/// other left. Depends on nothing else of the run.
///
/// # Errors
/// Why it stays where it is.
pub fn target(from: &Graph, to: &Graph, block: u32) -> Result<u32, Stays> {
    let old = from.blocks.get(block as usize).ok_or(Stays::BlockGone)?;
    let number = to.block(&old.id).ok_or(Stays::BlockGone)?;
    let new = to.blocks.get(number as usize).ok_or(Stays::BlockGone)?;
    match (&old.op, &new.op) {
        (Op::Message(old), Op::Message(new)) if old.wait.is_some() && new.wait.is_none() => Err(Stays::AsksNothing),
        (Op::Call(old), Op::Call(new)) if old != new => Err(Stays::TypeChanged),
        (old, new) if std::mem::discriminant(old) != std::mem::discriminant(new) => Err(Stays::TypeChanged),
        _ => Ok(number),
    }
}

/// The run as it waits in `to`: in the same visit, so that an answer to what was said before still counts. A deadline that was set stays; one
/// that `to` does not know is dropped, and one that is new there counts from `now` (milliseconds since 1970). What was called stays on the
/// version that was called.
///
/// # Errors
/// Why it stays where it is; `run` is untouched.
pub fn moved(run: &Run, from: &Graph, to: &Graph, now: i64) -> Result<Run, Stays> {
    if run.ended.is_some() {
        return Err(Stays::Ended);
    }
    let mut moved = run.clone();
    let calls = !moved.callers.is_empty();
    let spot = moved.callers.first_mut().map(|caller| &mut caller.spot).or(moved.at.as_mut());
    let spot = spot.ok_or(Stays::BlockGone)?;
    spot.block = target(from, to, spot.block)?;
    if let (false, Some(block)) = (calls, to.blocks.get(spot.block as usize)) {
        moved.due = deadline(block, run.due, now);
    }
    moved.seen = run.seen.iter().filter_map(|mark| mark_in(from, to, *mark)).collect();
    Ok(moved)
}

fn deadline(block: &Block, due: Option<i64>, now: i64) -> Option<i64> {
    let length = match &block.op {
        Op::Delay { .. } => return due,
        Op::Message(message) => message.wait.as_ref().and_then(|question| question.timeout),
        Op::External { timeout, .. } | Op::Transfer { timeout, .. } => *timeout,
        _ => None,
    };
    length.map(|length| due.unwrap_or_else(|| now.saturating_add(length)))
}

/// A block that is gone is entered by nothing any more, so its mark goes, too.
fn mark_in(from: &Graph, to: &Graph, mark: u64) -> Option<u64> {
    if mark >= OWN_MARKS {
        return Some(mark);
    }
    let block = from.blocks.get(usize::try_from(mark).ok()?)?;
    to.block(&block.id).map(u64::from)
}
