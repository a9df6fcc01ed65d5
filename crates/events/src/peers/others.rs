//! What the other nodes told of themselves.

use super::held::{Held, Here};
use super::{BEAT, Turned};
use bus::{Bus, Change, Presence, Signal};
use model::{AccountId, NodeId};
use std::collections::HashMap;
use std::time::Duration;
use tokio::time::Instant;

/// A node that is silent for so long is gone, and everybody who was connected to it.
pub(super) const SILENCE: Duration = Duration::from_secs(4);
/// Other nodes that are listened to.
pub(super) const MAX_NODES: usize = 64;

#[derive(Default)]
pub(super) struct Others {
    nodes: HashMap<NodeId, Other>,
    last_look: Option<Instant>,
}

pub(super) struct Other {
    heard: Instant,
    /// None until everything was told once, and after something was missed.
    version: Option<u64>,
    asked: Option<Instant>,
    held: Held,
    /// Parts of a whole that has not been told to its end.
    pub begun: Option<(u32, Held)>,
}

impl Others {
    pub fn of(&self, account: &AccountId) -> impl Iterator<Item = &Here> {
        self.nodes.values().filter_map(|other| other.held.0.get(account))
    }

    /// A node that just said something; none when there are too many.
    pub fn node(&mut self, id: NodeId) -> Option<&mut Other> {
        let now = Instant::now();
        if !self.nodes.contains_key(&id) {
            if self.nodes.len() >= MAX_NODES {
                return None;
            }
            let other = Other { heard: now, version: None, asked: None, held: Held::default(), begun: None };
            self.nodes.insert(id, other);
        }
        let other = self.nodes.get_mut(&id)?;
        other.heard = now;
        Some(other)
    }

    pub fn hear_version(&mut self, bus: &Bus, from: NodeId, version: u64) {
        let Some(other) = self.node(from) else { return };
        if other.version == Some(version) {
            return;
        }
        other.version = None;
        let now = Instant::now();
        if other.asked.is_none_or(|asked| now - asked >= BEAT / 2) {
            other.asked = Some(now);
            bus.tell(Signal::Presence(Presence::Ask { node: from }));
        }
    }

    pub fn hear_change(&mut self, bus: &Bus, from: NodeId, version: u64, change: Change) -> Vec<Turned> {
        let Some(other) = self.node(from) else { return Vec::new() };
        if other.version.is_some_and(|known| known + 1 == version) {
            other.version = Some(version);
            return self.turn(from, vec![change]);
        }
        self.hear_version(bus, from, version);
        Vec::new()
    }

    /// What changes when a node holds others than before.
    pub fn replace(&mut self, from: NodeId, version: u64, held: &Held) -> Vec<Turned> {
        let Some(other) = self.nodes.get_mut(&from) else { return Vec::new() };
        other.version = Some(version);
        let mut changes = other.held.missing_in(held);
        changes.extend(held.everybody());
        self.turn(from, changes)
    }

    pub fn forget(&mut self, node: NodeId) -> Vec<Turned> {
        let Some(other) = self.nodes.get(&node) else { return Vec::new() };
        let changes = other.held.missing_in(&Held::default());
        let turned = self.turn(node, changes);
        self.nodes.remove(&node);
        turned
    }

    /// Applies changes of a node; those count that are seen over all of them.
    fn turn(&mut self, node: NodeId, changes: Vec<Change>) -> Vec<Turned> {
        let mut turned = Vec::new();
        for change in changes {
            let was = self.is_online(&change);
            if let Some(other) = self.nodes.get_mut(&node) {
                other.held.apply(&change);
            }
            let is_of_site = matches!(change, Change::Seen { .. } | Change::Unseen { .. });
            if is_of_site || was != self.is_online(&change) {
                turned.push(change.into());
            }
        }
        turned
    }

    fn is_online(&self, change: &Change) -> bool {
        match change {
            Change::Visitor { account, contact, .. } => {
                self.of(account).any(|here| here.contacts.contains_key(contact))
            }
            Change::Operator { account, user, .. } => self.of(account).any(|here| here.users.contains_key(user)),
            Change::Seen { account, visitor } => {
                let key = (visitor.project_id, visitor.id);
                self.of(account).any(|here| here.visitors.contains_key(&key))
            }
            Change::Unseen { account, project, visitor } => {
                self.of(account).any(|here| here.visitors.contains_key(&(*project, *visitor)))
            }
        }
    }

    /// Nodes that were not heard for too long. This node may itself have stood still: then it listens again before it judges.
    pub fn silent(&mut self, now: Instant) -> Vec<NodeId> {
        let stood_still = self.last_look.replace(now).is_some_and(|last| now - last > BEAT * 2);
        if stood_still {
            for other in self.nodes.values_mut() {
                other.heard = now;
            }
        }
        self.nodes.iter().filter(|(_, other)| now - other.heard > SILENCE).map(|(id, _)| *id).collect()
    }
}

impl Other {
    /// Adds a part of a whole. One with a part missing is nothing: it is asked for again.
    pub fn add_part(&mut self, part: u32, everybody: &[Change]) {
        let mut held = match self.begun.take() {
            _ if part == 0 => Held::default(),
            Some((next, held)) if next == part => held,
            _ => return,
        };
        for change in everybody {
            held.apply(change);
        }
        self.begun = Some((part + 1, held));
    }
}
