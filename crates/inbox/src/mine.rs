//! What a person keeps in a project: for everybody, or alone. Shared things are the project's settings; own ones are their owner's, whom alone
//! they are shown to. A key is shown the shared ones, and none of its maker's own.

use http_kit::{Actor, ApiError, Principal, Role, Scope};
use model::{Refusal, UserId};

/// Who reads and writes them.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Reader {
    person: Option<UserId>,
    is_editor: bool,
}

impl Reader {
    pub(crate) fn of(principal: &Principal) -> Self {
        let person = match &principal.actor {
            Actor::User { id, .. } => Some(*id),
            Actor::Key { .. } => None,
        };
        Self { person, is_editor: principal.may(Role::Admin, Some(Scope::Settings)) }
    }

    /// Whether one with this owner, none for a shared one, may be made, changed or taken away.
    pub(crate) fn may_write(self, owner: Option<UserId>) -> bool {
        if owner.is_none() { self.is_editor } else { owner == self.person }
    }

    /// Whether one with this owner is shown.
    pub(crate) fn sees(self, owner: Option<UserId>) -> bool {
        owner.is_none() || owner == self.person
    }

    /// Whose a new one is.
    pub(crate) fn owner_of(self, shared: bool) -> Result<Option<UserId>, Denied> {
        let owner = if shared { None } else { Some(self.person.ok_or(Denied::Forbidden)?) };
        if self.may_write(owner) { Ok(owner) } else { Err(Denied::Forbidden) }
    }
}

/// Why nothing was changed.
#[derive(Debug)]
pub(crate) enum Denied {
    /// A right is missing.
    Forbidden,
    /// Anything else.
    Refused(Refusal),
}

impl From<Refusal> for Denied {
    fn from(refusal: Refusal) -> Self {
        Self::Refused(refusal)
    }
}

impl From<db::DbError> for Denied {
    fn from(error: db::DbError) -> Self {
        Self::Refused(error.into())
    }
}

impl From<Denied> for ApiError {
    fn from(denied: Denied) -> Self {
        match denied {
            Denied::Forbidden => {
                Self::forbidden("what is shared is for whoever may change settings, own things are for people")
            }
            Denied::Refused(refusal) => refusal.into(),
        }
    }
}
