//! How much a stranger may do on a site: budgets by visitor, by address and by project (issue 13 A4). A person and a page of ours stay
//! far below them; the table is in docs/API.md.

use http_kit::{Allowance, ApiError, Budget, ClientAddress};
use model::ProjectId;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, PoisonError};

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Doing {
    /// Becomes a contact.
    Contact,
    /// Opens a socket.
    Connect,
    /// Gives values of fields, asks for a link.
    Fields,
    /// Writes a message.
    Message,
    /// Uploads a file.
    Upload,
    /// Reads, types, confirms.
    Mark,
    /// KiB of text.
    Text,
    /// KiB of files.
    File,
}

/// The budgets, in the order of [`Doing`]: of a visitor, an address, a project.
const ALLOWANCES: [[Allowance; 3]; 8] = [
    [at(5, 5), at(20, 20), at(600, 600)],
    [at(30, 30), at(200, 200), at(6_000, 6_000)],
    [at(20, 20), at(100, 100), at(3_000, 3_000)],
    [at(60, 60), at(300, 300), at(6_000, 6_000)],
    [at(10, 10), at(40, 40), at(600, 600)],
    [at(240, 240), at(2_400, 2_400), at(60_000, 60_000)],
    [at(512, 256), at(4_096, 2_048), at(65_536, 32_768)],
    [at(61_440, 20_480), at(204_800, 102_400), at(2_097_152, 1_048_576)],
];

/// Sockets that one address may hold open.
const MAX_SOCKETS: u32 = 500;

const fn at(burst: u32, a_minute: u32) -> Allowance {
    Allowance { burst, a_minute }
}

/// Who is counted.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Who<'a> {
    pub visitor: Option<&'a str>,
    pub address: ClientAddress,
    pub project: Option<ProjectId>,
}

/// The limits of an installation's visitors.
#[derive(Clone)]
pub struct VisitorLimits(Option<Arc<Budgets>>);

struct Budgets {
    hasher: RandomState,
    left: Vec<[Budget; 3]>,
    sockets: Mutex<HashMap<IpAddr, u32>>,
    max_sockets: u32,
}

impl VisitorLimits {
    /// No limits: for load tests on loopback.
    pub fn off() -> Self {
        Self(None)
    }

    /// The limits of the table, each as many times.
    pub fn times(factor: u32) -> Self {
        let times = |n: u32| n.saturating_mul(factor);
        let budget = |a: Allowance| Budget::new(at(times(a.burst), times(a.a_minute)));
        let left = ALLOWANCES.into_iter().map(|scopes| scopes.map(budget)).collect();
        let max_sockets = times(MAX_SOCKETS);
        Self(Some(Arc::new(Budgets { hasher: RandomState::new(), left, sockets: Mutex::default(), max_sockets })))
    }

    /// Counts something that somebody does.
    ///
    /// # Errors
    /// 429 with the time to wait, when it is one too many.
    pub(crate) fn take(&self, doing: Doing, who: Who<'_>, amount: u32) -> Result<(), ApiError> {
        let Some(budgets) = &self.0 else { return Ok(()) };
        budgets.take(doing, budgets.hashed(who), amount).map_err(too_much)
    }

    /// Counts a text or file with its size.
    ///
    /// # Errors
    /// As [`Self::take`].
    pub(crate) fn take_sized(&self, doing: Doing, who: Who<'_>, bytes: usize) -> Result<(), ApiError> {
        let Some(budgets) = &self.0 else { return Ok(()) };
        let who = budgets.hashed(who);
        budgets.take(doing, who, 1).map_err(too_much)?;
        let kind = if doing == Doing::Upload { Doing::File } else { Doing::Text };
        budgets.take(kind, who, u32::try_from(bytes.div_ceil(1024)).unwrap_or(u32::MAX)).map_err(too_much)
    }

    /// Counts an open socket of an address for as long as the guard lives; none when there are too many.
    pub(crate) fn hold_socket(&self, address: ClientAddress) -> Option<HeldSocket> {
        let Some(budgets) = &self.0 else { return Some(HeldSocket(None)) };
        let network = address.network();
        let mut sockets = locked(&budgets.sockets);
        let held = sockets.entry(network).or_default();
        if *held >= budgets.max_sockets {
            return None;
        }
        *held += 1;
        Some(HeldSocket(Some((budgets.clone(), network))))
    }

    /// Forgets who has everything left again: to be called now and then.
    pub fn forget_idle(&self) {
        for budget in self.0.iter().flat_map(|budgets| budgets.left.iter().flatten()) {
            budget.forget_idle();
        }
    }
}

/// The visitor, the address and the project of somebody, as they are kept.
type Hashed = [Option<u64>; 3];

impl Budgets {
    fn hashed(&self, who: Who<'_>) -> Hashed {
        let visitor = who.visitor.map(|id| self.hasher.hash_one(id));
        [visitor, Some(self.hasher.hash_one(who.address.network())), who.project.map(|id| self.hasher.hash_one(id))]
    }

    fn take(&self, doing: Doing, who: Hashed, amount: u32) -> Result<(), u64> {
        let scopes = self.left[doing as usize].iter().zip(who);
        scopes.into_iter().try_for_each(|(budget, id)| id.map_or(Ok(()), |id| budget.take(id, amount)))
    }
}

fn too_much(seconds: u64) -> ApiError {
    ApiError::too_many("too much at once from here; what was not taken may be sent again later", seconds)
}

/// An open socket that is counted.
pub(crate) struct HeldSocket(Option<(Arc<Budgets>, IpAddr)>);

impl Drop for HeldSocket {
    fn drop(&mut self) {
        let Some((budgets, network)) = &self.0 else { return };
        let mut sockets = locked(&budgets.sockets);
        if let Some(held) = sockets.get_mut(network) {
            *held -= 1;
            if *held == 0 {
                sockets.remove(network);
            }
        }
    }
}

fn locked<T>(mutex: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(visitor: &str, address: u8) -> Who<'_> {
        Who { visitor: Some(visitor), address: ClientAddress(IpAddr::from([10, 0, 0, address])), project: None }
    }

    #[test]
    fn a_visitor_an_address_and_a_project_each_have_their_own() {
        let limits = VisitorLimits::times(1);
        let taken = |visitor: &str, address| {
            (0..1000).take_while(|_| limits.take(Doing::Message, who(visitor, address), 1).is_ok()).count()
        };
        assert_eq!(taken("a", 1), 60);
        assert_eq!(taken("a", 2), 0, "from another address, too");
        let others: usize = (0..10).map(|n| taken(&format!("b{n}"), 1)).sum();
        assert_eq!(others, 240, "all of one address together");
        assert_eq!(taken("c", 3), 60);
    }

    #[test]
    fn sizes_count_and_factors_widen() {
        let limits = VisitorLimits::times(2);
        assert!(limits.take_sized(Doing::Fields, who("a", 1), 1024 * 1024).is_ok());
        let refused = limits.take_sized(Doing::Fields, who("a", 1), 64 * 1024).unwrap_err();
        assert_eq!(refused.status(), 429);
        assert!(refused.retry_after().is_some_and(|seconds| seconds > 1));
        assert!((0..10_000).all(|_| VisitorLimits::off().take(Doing::Contact, who("a", 1), 1).is_ok()));
    }

    #[test]
    fn sockets_are_counted_while_they_are_open() {
        let limits = VisitorLimits::times(1);
        let address = ClientAddress(IpAddr::from([10, 0, 0, 1]));
        let mut held: Vec<_> = (0..500).map_while(|_| limits.hold_socket(address)).collect();
        assert_eq!(held.len(), 500);
        assert!(limits.hold_socket(address).is_none());
        held.pop();
        assert!(limits.hold_socket(address).is_some());
    }
}
