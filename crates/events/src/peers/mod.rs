//! Who is connected to the other nodes: soft state, told by each of them, forgotten when one is silent. A change is told at once under a
//! number; who missed one asks for the whole.

mod held;
mod others;

use crate::hub::locked;
use bus::{Bus, Change, Presence, Signal};
use held::{Held, Here};
use model::{AccountId, ContactId, NodeId, ProjectId, UserId, VisitorId, VisitorNow};
use others::Others;
use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, OnceLock};
use std::time::Duration;
use tokio::time::Instant;

/// Each node says so often that it is there.
pub(crate) const BEAT: Duration = Duration::from_secs(1);
/// What one part of a whole weighs at most: some hundred kilobytes.
const PART: usize = 2000;
/// A visitor of a site goes with his pages, so he weighs as much as that many changes.
const VISITOR_WEIGHT: usize = 20;

/// Somebody became online or offline as seen over all other nodes.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Turned {
    Visitor {
        account: AccountId,
        contact: ContactId,
        project: ProjectId,
        online: bool,
    },
    Operator {
        account: AccountId,
        user: UserId,
        projects: BTreeSet<ProjectId>,
        online: bool,
    },
    /// Who is on a site is not as it was.
    Visitors {
        account: AccountId,
        project: ProjectId,
    },
}

/// What all sockets of an operator follow together, and whether he says that he is not at the desk.
#[derive(Debug, Clone, Default)]
pub(crate) struct Following {
    pub projects: HashSet<ProjectId>,
    pub away: bool,
}

/// What this node told of itself, and what the others told.
#[derive(Default)]
pub(crate) struct Peers {
    bus: OnceLock<Bus>,
    own: Mutex<Own>,
    others: Mutex<Others>,
}

#[derive(Default)]
struct Own {
    /// Of the last change.
    version: u64,
    held: Held,
}

impl Peers {
    /// From now on others are told, and heard.
    pub fn join(&self, bus: Bus) {
        let _ = self.bus.set(bus);
    }

    /// The way to the others; none for the only node.
    pub fn bus(&self) -> Option<&Bus> {
        self.bus.get()
    }

    /// A visitor's first socket came here, or its last one went.
    pub fn visitor(&self, account: &AccountId, contact: &ContactId, project: &ProjectId, online: bool) {
        self.change(|| Change::Visitor { account: *account, contact: *contact, project: *project, online });
    }

    /// An operator's sockets here follow these projects now, or followed them to the end when offline.
    pub fn operator(&self, account: &AccountId, user: &UserId, following: &Following, online: bool) {
        self.change(|| Change::Operator {
            account: *account,
            user: *user,
            projects: following.projects.iter().copied().collect(),
            away: following.away,
            online,
        });
    }

    /// A page of a site here told of its visitor.
    pub fn seen(&self, account: &AccountId, visitor: &VisitorNow) {
        self.change(|| Change::Seen { account: *account, visitor: Box::new(visitor.clone()) });
    }

    /// A visitor's pages here are closed.
    pub fn unseen(&self, account: &AccountId, project: &ProjectId, visitor: &VisitorId) {
        self.change(|| Change::Unseen { account: *account, project: *project, visitor: *visitor });
    }

    /// Who is on a site with pages that other nodes hold.
    pub fn visitors(&self, account: &AccountId, project: &ProjectId) -> Vec<VisitorNow> {
        if self.bus.get().is_none() {
            return Vec::new();
        }
        let others = locked(&self.others);
        let visitors = others.of(account).flat_map(|here| here.visitors.values());
        visitors.filter(|visitor| visitor.project_id == *project).cloned().collect()
    }

    fn change(&self, change: impl FnOnce() -> Change) {
        let Some(bus) = self.bus.get() else { return };
        let change = change();
        // Told under the lock: changes go out in the order of their numbers.
        let mut own = locked(&self.own);
        own.version += 1;
        own.held.apply(&change);
        bus.tell(Signal::Presence(Presence::Changed { version: own.version, change }));
    }

    /// Whether a visitor is connected to another node.
    pub fn has_contact(&self, account: &AccountId, contact: &ContactId) -> bool {
        self.any(account, |here| here.contacts.contains_key(contact))
    }

    /// Whether an operator is connected to another node.
    pub fn has_user(&self, account: &AccountId, user: &UserId) -> bool {
        self.any(account, |here| here.users.contains_key(user))
    }

    /// Whether somebody of a project's team is connected to another node, and not away.
    pub fn has_operators(&self, account: &AccountId, project: &ProjectId) -> bool {
        self.any(account, |here| {
            here.users.iter().any(|(user, projects)| projects.contains(project) && !here.away.contains(user))
        })
    }

    /// Whether an operator is connected to another node, and not away.
    pub fn is_there(&self, account: &AccountId, user: &UserId) -> bool {
        self.any(account, |here| here.users.contains_key(user) && !here.away.contains(user))
    }

    /// Visitors of these projects who are connected to other nodes.
    pub fn contacts(&self, account: &AccountId, sees: impl Fn(&ProjectId) -> bool) -> HashSet<ContactId> {
        let others = locked(&self.others);
        let contacts = others.of(account).flat_map(|here| here.contacts.iter());
        contacts.filter(|(_, project)| sees(project)).map(|(contact, _)| *contact).collect()
    }

    /// Operators who are connected to other nodes.
    pub fn users(&self, account: &AccountId) -> HashSet<UserId> {
        locked(&self.others).of(account).flat_map(|here| here.users.keys().copied()).collect()
    }

    fn any(&self, account: &AccountId, is_wanted: impl Fn(&Here) -> bool) -> bool {
        // The only node need not look.
        self.bus.get().is_some() && locked(&self.others).of(account).any(is_wanted)
    }

    /// Tells the others that this node is there; answers who went with nodes that are silent.
    pub fn beat(&self) -> Vec<Turned> {
        let Some(bus) = self.bus.get() else { return Vec::new() };
        let version = locked(&self.own).version;
        bus.tell(Signal::Presence(Presence::Alive { version }));
        let mut others = locked(&self.others);
        let gone = others.silent(Instant::now());
        gone.into_iter().flat_map(|node| others.forget(node)).collect()
    }

    /// Takes what another node says; answers whom it turned.
    pub fn hear(&self, from: NodeId, said: Presence) -> Vec<Turned> {
        let Some(bus) = self.bus.get() else { return Vec::new() };
        match said {
            Presence::Ask { node } => {
                if bus.node() == Some(node) {
                    self.tell_whole(bus);
                }
                Vec::new()
            }
            Presence::Gone => locked(&self.others).forget(from),
            Presence::Alive { version } => {
                locked(&self.others).hear_version(bus, from, version);
                Vec::new()
            }
            Presence::Changed { version, change } => locked(&self.others).hear_change(bus, from, version, change),
            Presence::Whole { version, part, is_last, everybody } => {
                let mut others = locked(&self.others);
                let Some(other) = others.node(from) else { return Vec::new() };
                other.add_part(part, &everybody);
                let whole = if is_last { other.begun.take() } else { None };
                whole.map_or_else(Vec::new, |(_, held)| others.replace(from, version, &held))
            }
        }
    }

    fn tell_whole(&self, bus: &Bus) {
        let own = locked(&self.own);
        let parts = parts_of(own.held.everybody());
        let last = parts.len() - 1;
        for (part, everybody) in parts.into_iter().enumerate() {
            bus.tell(Signal::Presence(Presence::Whole {
                version: own.version,
                part: u32::try_from(part).unwrap_or(u32::MAX),
                is_last: part == last,
                everybody,
            }));
        }
    }
}

/// Cut so that no part weighs too much; one at least.
fn parts_of(everybody: Vec<Change>) -> Vec<Vec<Change>> {
    let (mut parts, mut weight) = (vec![Vec::new()], 0);
    for change in everybody {
        let own = if matches!(change, Change::Seen { .. }) { VISITOR_WEIGHT } else { 1 };
        if weight + own > PART {
            parts.push(Vec::new());
            weight = 0;
        }
        weight += own;
        if let Some(part) = parts.last_mut() {
            part.push(change);
        }
    }
    parts
}

impl From<Change> for Turned {
    fn from(change: Change) -> Self {
        match change {
            Change::Visitor { account, contact, project, online } => {
                Self::Visitor { account, contact, project, online }
            }
            Change::Operator { account, user, projects, away: _, online } => {
                Self::Operator { account, user, projects, online }
            }
            Change::Seen { account, visitor } => Self::Visitors { account, project: visitor.project_id },
            Change::Unseen { account, project, .. } => Self::Visitors { account, project },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::held::{Operating, visitor};
    use super::others::{MAX_NODES, SILENCE};
    use super::*;

    const NODE: NodeId = NodeId(1);
    const SECOND: NodeId = NodeId(2);

    /// A node that has others, as far as it knows.
    fn peers() -> Peers {
        let peers = Peers::default();
        peers.join(Bus::alone());
        peers
    }

    fn account() -> AccountId {
        AccountId::from_bits(1)
    }

    fn contact(n: u128) -> ContactId {
        ContactId::from_bits(n)
    }

    fn change(n: u128, online: bool) -> Change {
        visitor(&account(), &contact(n), &ProjectId::from_bits(1), online)
    }

    fn turned(n: u128, online: bool) -> Turned {
        change(n, online).into()
    }

    fn whole(version: u64, part: u32, is_last: bool, contacts: &[u128]) -> Presence {
        let everybody = contacts.iter().map(|n| change(*n, true)).collect();
        Presence::Whole { version, part, is_last, everybody }
    }

    fn has(peers: &Peers, n: u128) -> bool {
        peers.has_contact(&account(), &contact(n))
    }

    #[tokio::test]
    async fn changes_count_once_everything_was_told_and_none_was_missed() {
        let peers = peers();
        let came = |version, n| Presence::Changed { version, change: change(n, true) };
        assert_eq!(peers.hear(NODE, came(5, 9)), [], "what came before it is unknown");
        assert_eq!(peers.hear(NODE, whole(5, 0, true, &[9])), [turned(9, true)]);
        assert_eq!(peers.hear(NODE, came(6, 10)), [turned(10, true)]);
        assert_eq!(peers.hear(NODE, came(8, 11)), [], "7 was missed");
        assert_eq!(peers.hear(NODE, came(9, 12)), [], "and is still missed");
        assert_eq!(peers.hear(NODE, whole(9, 0, true, &[10, 11])), [turned(9, false), turned(11, true)]);
        assert!(!has(&peers, 9) && has(&peers, 10) && has(&peers, 11));
    }

    #[tokio::test]
    async fn a_whole_with_a_part_missing_is_nothing() {
        let peers = peers();
        assert_eq!(peers.hear(NODE, whole(1, 0, false, &[1])), []);
        assert_eq!(peers.hear(NODE, whole(1, 2, true, &[3])), []);
        assert!(!has(&peers, 1));
        assert_eq!(peers.hear(NODE, whole(1, 0, false, &[1])), []);
        assert_eq!(peers.hear(NODE, whole(1, 1, true, &[2])).len(), 2);
        assert!(has(&peers, 1) && has(&peers, 2));
    }

    #[tokio::test]
    async fn a_visitor_of_two_nodes_goes_with_the_second() {
        let peers = peers();
        assert_eq!(peers.hear(NODE, whole(1, 0, true, &[1])), [turned(1, true)]);
        assert_eq!(peers.hear(SECOND, whole(1, 0, true, &[1])), []);
        assert_eq!(peers.hear(NODE, Presence::Gone), []);
        assert_eq!(peers.hear(SECOND, Presence::Changed { version: 2, change: change(1, false) }), [turned(1, false)]);
        assert!(!has(&peers, 1));
    }

    #[tokio::test]
    async fn a_team_is_here_while_one_of_its_operators_is_connected_anywhere() {
        let peers = peers();
        let (user, project) = (UserId::from_bits(1), ProjectId::from_bits(1));
        let come_as = |online, away| Operating { projects: &[project].into(), away }.of(&account(), &user, online);
        let come = |online| come_as(online, false);
        peers.hear(NODE, whole(1, 0, true, &[]));
        peers.hear(NODE, Presence::Changed { version: 2, change: come(true) });
        assert!(peers.has_operators(&account(), &project) && peers.has_user(&account(), &user));
        assert!(!peers.has_operators(&account(), &ProjectId::from_bits(2)));
        peers.hear(NODE, Presence::Changed { version: 3, change: come_as(true, true) });
        assert!(!peers.has_operators(&account(), &project), "away");
        assert!(peers.has_user(&account(), &user) && !peers.is_there(&account(), &user));
        peers.hear(NODE, Presence::Changed { version: 4, change: come(true) });
        assert!(peers.has_operators(&account(), &project) && peers.is_there(&account(), &user));
        peers.hear(NODE, Presence::Changed { version: 5, change: come(false) });
        assert!(!peers.has_operators(&account(), &project));
    }

    #[tokio::test(start_paused = true)]
    async fn a_silent_node_is_forgotten_with_everybody() {
        let peers = peers();
        peers.hear(NODE, whole(1, 0, true, &[1]));
        let mut gone = Vec::new();
        let mut beats = 0;
        while gone.is_empty() {
            tokio::time::advance(BEAT).await;
            peers.hear(SECOND, Presence::Alive { version: 0 });
            gone = peers.beat();
            beats += 1;
        }
        assert_eq!((gone, beats), (vec![turned(1, false)], 5));
    }

    #[tokio::test(start_paused = true)]
    async fn a_node_that_stood_still_listens_before_it_judges() {
        let peers = peers();
        peers.beat();
        peers.hear(NODE, whole(1, 0, true, &[1]));
        tokio::time::advance(SILENCE * 20).await;
        assert_eq!(peers.beat(), []);
        peers.hear(NODE, Presence::Alive { version: 1 });
        assert!(has(&peers, 1));
    }

    #[test]
    fn a_whole_is_cut_by_weight_and_has_one_part_at_least() {
        let seen = |n: u128| Change::Seen { account: account(), visitor: Box::new(visitor_now(n)) };
        let parts = parts_of((0..250).map(seen).chain((0..1_500).map(|n| change(n, true))).collect());
        let sizes: Vec<usize> = parts.iter().map(Vec::len).collect();
        assert_eq!(sizes, [100, 100, 50 + 1_000, 500]);
        assert_eq!(parts_of(Vec::new()), [Vec::new()]);
    }

    #[tokio::test]
    async fn who_looks_at_a_site_is_told_by_the_node_that_holds_the_page_and_gone_with_it() {
        let peers = peers();
        let project = ProjectId::from_bits(1);
        let seen = Change::Seen { account: account(), visitor: Box::new(visitor_now(7)) };
        let told = Turned::Visitors { account: account(), project };
        peers.hear(NODE, whole(1, 0, true, &[]));
        assert_eq!(peers.hear(NODE, Presence::Changed { version: 2, change: seen }), std::slice::from_ref(&told));
        assert_eq!(peers.visitors(&account(), &project), [visitor_now(7)]);
        assert_eq!(peers.visitors(&account(), &ProjectId::from_bits(2)), []);
        assert_eq!(peers.hear(NODE, Presence::Gone), [told]);
        assert_eq!(peers.visitors(&account(), &project), []);
    }

    fn visitor_now(n: u128) -> VisitorNow {
        VisitorNow {
            id: VisitorId::from_bits(n),
            project_id: ProjectId::from_bits(1),
            contact_id: None,
            since: model::Timestamp(0),
            path: Vec::new(),
            pages: 1,
            visits: 1,
            referrer: None,
            utm: Default::default(),
            device: None,
            language: None,
            country: None,
            left_at: None,
            typed: None,
        }
    }

    #[tokio::test]
    async fn no_more_nodes_are_listened_to_than_there_can_be() {
        let peers = peers();
        for node in 0..u64::try_from(MAX_NODES).unwrap() * 2 {
            peers.hear(NodeId(node), whole(1, 0, true, &[u128::from(node)]));
        }
        assert_eq!(peers.contacts(&account(), |_| true).len(), MAX_NODES);
    }
}
