//! The whole core in memory: change sets, previews, rebuilds. All or nothing, incremental by [`crate::closure`].
//!
//! It serves tests, tools and previews of large changes; the server keeps the same data in tables and uses the same steps.

mod apply;
mod change;
mod read;
mod regroup;
mod session;
mod state;

pub use change::{
    Applied, Change, ChangeError, ChangeProblem, Fields, GroupChange, GroupId, Input, RuleSpec, SettingsChange,
    SuspendedKey,
};

use crate::normalise::FieldKind;
use regroup::{Groups, answer, regroup};
use session::Session;
use state::{Field, State};

/// One project in memory.
#[derive(Clone, Debug)]
pub struct Engine {
    state: State,
    groups: Groups,
}

impl Engine {
    /// An empty project with the given fields: key, kind, whether it holds several values.
    #[must_use]
    pub fn new(fields: &[(&str, FieldKind, bool)]) -> Self {
        let field = |&(key, kind, multi): &(&str, FieldKind, bool)| Field { key: key.to_owned(), kind, multi };
        Self { state: State::new(fields.iter().map(field).collect()), groups: Groups::default() }
    }

    /// Apply a change set: all changes in order, groups and ids once at the end (ruling 22). An error leaves everything
    /// as it was.
    pub fn apply(&mut self, changes: &[Change]) -> Result<Applied, ChangeError> {
        self.run(changes, true)
    }

    /// What a change set would do; new groups have no id (ruling 29). Works on a copy.
    pub fn preview(&self, changes: &[Change]) -> Result<Applied, ChangeError> {
        self.clone().run(changes, false)
    }

    fn run(&mut self, changes: &[Change], write: bool) -> Result<Applied, ChangeError> {
        let mut session = Session::new(&mut self.state);
        let mut effective = 0;
        for (index, change) in changes.iter().enumerate() {
            let before = session.effects();
            if let Err(problem) = session.change(change, &self.groups) {
                session.roll_back();
                return Err(ChangeError { index, problem });
            }
            effective += usize::from(session.effects() > before);
        }
        let dirty = session.into_dirty();
        let outcome = regroup(&self.state, &self.groups, dirty);
        let answered = answer(&self.state, &mut self.groups, &outcome, write);
        Ok(Applied { applied: changes.len(), effective, ..answered })
    }
}
