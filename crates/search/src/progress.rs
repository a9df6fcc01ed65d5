//! How far the index is, for whoever asks it: an answer that finds nothing is no answer while half of the clients are not in it yet.

use crate::follow::{Behind, VERSION};
use crate::store::follow as log;
use crate::walk;
use model::{ContactId, Cx, Result, Timestamp};
use serde::Serialize;

/// How far the index is.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = SearchIndex)]
pub(crate) struct Indexed {
    /// Everybody is in it. While it is made, for an installation that had no search or made its terms otherwise, older clients are not.
    pub complete: bool,
    /// While it is made: clients who came from this moment on are in it, with all that was said; none yet when this is null, too.
    pub since: Option<Timestamp>,
    /// Places of the log that are not read yet: what was said in the last moments, more where very much is said at once.
    pub behind: i64,
}

/// How far an account's index is.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn of(cx: &mut Cx<'_>) -> Result<Indexed> {
    Ok(log::standing(cx.tx, cx.account).await?.map_or(NONE, |standing| said_of(&standing)))
}

const NONE: Indexed = Indexed { complete: false, since: None, behind: 0 };

fn said_of(standing: &Behind) -> Indexed {
    let behind = standing.newest - standing.position.unwrap_or(0);
    // Terms of another program are made anew from the first on.
    if standing.position.is_none() || standing.version != Some(VERSION) {
        return Indexed { behind, ..NONE };
    }
    // Clients that are read again were all in it, and so was what they said.
    let is_light = standing.walked_seq == Some(walk::CLIENTS_ONLY);
    match standing.walked_to.filter(|_| !is_light) {
        None => Indexed { complete: true, since: None, behind },
        Some(walk::LAST) => Indexed { behind, ..NONE },
        Some(to) => Indexed { complete: false, since: Some(came_at(to)), behind },
    }
}

/// An id begins with its moment (ruling 8).
fn came_at(contact: ContactId) -> Timestamp {
    Timestamp(i64::try_from(contact.bits() >> 80).unwrap_or(i64::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;
    use model::AccountId;

    fn standing(version: Option<i64>, walked_to: Option<ContactId>, walked_seq: i64) -> Indexed {
        said_of(&Behind {
            account: AccountId::from_bits(1),
            newest: 10,
            position: version.map(|_| 7),
            version,
            walked_to,
            walked_conversation: None,
            walked_seq: Some(walked_seq),
        })
    }

    #[test]
    fn it_says_since_when_clients_are_in_it() {
        let said = |indexed: Indexed| (indexed.complete, indexed.since, indexed.behind);
        let half = ContactId::from_bits(1_790_000_000_000 << 80 | 5);
        assert_eq!(said(standing(None, None, 0)), (false, None, 10));
        assert_eq!(said(standing(Some(VERSION), Some(walk::LAST), 0)), (false, None, 3));
        assert_eq!(said(standing(Some(VERSION), Some(half), 0)), (false, Some(Timestamp(1_790_000_000_000)), 3));
        assert_eq!(said(standing(Some(VERSION), None, 0)), (true, None, 3));
        assert_eq!(said(standing(Some(VERSION), Some(half), walk::CLIENTS_ONLY)), (true, None, 3));
        assert_eq!(said(standing(Some(VERSION - 1), None, 0)), (false, None, 3), "of an older program");
    }
}
