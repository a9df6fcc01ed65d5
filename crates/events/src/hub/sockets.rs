//! Who is there: sockets of visitors and operators on this node, beside those that the other nodes tell of.

use super::{AccountHub, VisitorFrame, locked};
use crate::peers::Following;
use model::{ContactId, ProjectId, UserId};
use std::collections::{HashMap, HashSet};
use tokio::sync::{mpsc, watch};

/// Frames a visitor's socket may lag before it is told to read the log.
const VISITOR_QUEUE: usize = 32;

pub(super) struct VisitorSocket {
    id: u64,
    project: ProjectId,
    sender: mpsc::Sender<VisitorFrame>,
}

pub(super) struct OperatorSocket {
    user_id: UserId,
    projects: HashSet<ProjectId>,
    /// The user says that he is not at the desk.
    away: bool,
}

impl AccountHub {
    /// Connects a visitor's socket. The first of a contact makes it online.
    pub fn add_visitor(&self, contact: &ContactId, project: &ProjectId, id: u64) -> mpsc::Receiver<VisitorFrame> {
        let (sender, receiver) = mpsc::channel(VISITOR_QUEUE);
        let mut visitors = locked(&self.visitors);
        let sockets = visitors.entry(*contact).or_default();
        if sockets.is_empty() {
            self.peers.visitor(&self.account, contact, project, true);
        }
        sockets.push(VisitorSocket { id, project: *project, sender });
        receiver
    }

    /// Rings for a visitor who is no contact yet when channels of the project were changed.
    pub fn changed_channels(&self, project: &ProjectId) -> watch::Receiver<()> {
        let mut strangers = locked(&self.strangers);
        strangers.entry(*project).or_insert_with(|| watch::Sender::new(())).subscribe()
    }

    /// Disconnects a visitor's socket; true when it was the contact's last on any node.
    pub fn remove_visitor(&self, contact: &ContactId, project: &ProjectId, id: u64) -> bool {
        let mut visitors = locked(&self.visitors);
        let Some(sockets) = visitors.get_mut(contact) else { return false };
        sockets.retain(|socket| socket.id != id);
        if !sockets.is_empty() {
            return false;
        }
        visitors.remove(contact);
        self.peers.visitor(&self.account, contact, project, false);
        !self.peers.has_contact(&self.account, contact)
    }

    /// Whether the contact has a socket now, on this node or another.
    pub fn is_visitor_online(&self, contact: &ContactId) -> bool {
        self.is_visitor_here(contact) || self.peers.has_contact(&self.account, contact)
    }

    /// Whether the contact has a socket on this node now.
    pub(crate) fn is_visitor_here(&self, contact: &ContactId) -> bool {
        locked(&self.visitors).contains_key(contact)
    }

    /// Contacts with a socket now, on this node or another, of the projects that the reader sees.
    pub fn online_contacts(&self, sees: impl Fn(&ProjectId) -> bool) -> Vec<ContactId> {
        let mut online = self.peers.contacts(&self.account, &sees);
        let visitors = locked(&self.visitors);
        let here = visitors.iter().filter(|(_, sockets)| sockets.iter().any(|socket| sees(&socket.project)));
        online.extend(here.map(|(contact, _)| *contact));
        online.into_iter().collect()
    }

    /// Sends a frame to every socket of a contact, on this node or another: a mark that may be lost.
    pub fn to_visitor(&self, contact: &ContactId, frame: &VisitorFrame) {
        if let VisitorFrame::Text(text) = frame
            && self.peers.has_contact(&self.account, contact)
        {
            self.tell_others(|| bus::Signal::ToVisitor {
                account: self.account,
                contact: *contact,
                frame: String::from_utf8_lossy(text).into_owned(),
            });
        }
        self.to_visitor_here(contact, frame);
    }

    /// Sends a frame to every socket of a contact on this node; full queues lose marks, never messages (those are read from the log).
    pub(crate) fn to_visitor_here(&self, contact: &ContactId, frame: &VisitorFrame) {
        let visitors = locked(&self.visitors);
        for socket in visitors.get(contact).into_iter().flatten() {
            let _ = socket.sender.try_send(frame.clone());
        }
    }

    /// An operator's socket is here; `away` is what the user says of himself.
    pub fn add_operator(&self, id: u64, user_id: &UserId, projects: HashSet<ProjectId>, away: bool) {
        let mut operators = locked(&self.operators);
        operators.insert(id, OperatorSocket { user_id: *user_id, projects, away });
        self.peers.operator(&self.account, user_id, &followed_by(&operators, user_id), true);
    }

    /// A user says of himself whether he is at the desk; sockets of his on other nodes hear of it by themselves.
    pub fn set_away(&self, user_id: &UserId, away: bool) {
        let mut operators = locked(&self.operators);
        let mut is_changed = false;
        for socket in operators.values_mut().filter(|socket| socket.user_id == *user_id) {
            is_changed |= socket.away != away;
            socket.away = away;
        }
        if is_changed {
            self.peers.operator(&self.account, user_id, &followed_by(&operators, user_id), true);
        }
    }

    /// An operator's socket is gone; true when it was the user's last on any node.
    pub fn remove_operator(&self, id: u64) -> bool {
        let mut operators = locked(&self.operators);
        let Some(OperatorSocket { user_id, projects, away }) = operators.remove(&id) else { return false };
        let is_here = operators.values().any(|socket| socket.user_id == user_id);
        // Whoever left is told to those who saw him.
        let following = if is_here { followed_by(&operators, &user_id) } else { Following { projects, away } };
        self.peers.operator(&self.account, &user_id, &following, is_here);
        !is_here && !self.peers.has_user(&self.account, &user_id)
    }

    /// Users with a socket now, on this node or another.
    pub fn online_users(&self) -> HashSet<UserId> {
        let mut online = self.peers.users(&self.account);
        online.extend(locked(&self.operators).values().map(|socket| socket.user_id));
        online
    }

    /// Whether the user has a socket on this node now.
    pub(crate) fn is_user_here(&self, user_id: &UserId) -> bool {
        locked(&self.operators).values().any(|socket| socket.user_id == *user_id)
    }

    /// Whether the user has a socket now, on this node or another, and is not away.
    pub fn is_there(&self, user_id: &UserId) -> bool {
        let is_here = locked(&self.operators).values().any(|socket| socket.user_id == *user_id && !socket.away);
        is_here || self.peers.is_there(&self.account, user_id)
    }

    /// Whether anybody of this project's team is here and not away, on this node or another.
    pub fn has_operators(&self, project: &ProjectId) -> bool {
        let is_here = locked(&self.operators).values().any(|socket| !socket.away && socket.projects.contains(project));
        is_here || self.peers.has_operators(&self.account, project)
    }

    /// Channels of a project were changed: its visitors look whether the site is still one.
    pub(super) fn let_visitors_look(&self, project: &ProjectId) {
        let visitors = locked(&self.visitors);
        for socket in visitors.values().flatten().filter(|socket| socket.project == *project) {
            let _ = socket.sender.try_send(VisitorFrame::Look);
        }
        drop(visitors);
        if let Some(strangers) = locked(&self.strangers).get(project) {
            strangers.send_replace(());
        }
    }
}

/// What all sockets of a user follow together.
fn followed_by(operators: &HashMap<u64, OperatorSocket>, user_id: &UserId) -> Following {
    let own = || operators.values().filter(|socket| socket.user_id == *user_id);
    Following {
        projects: own().flat_map(|socket| socket.projects.iter().copied()).collect(),
        away: own().all(|socket| socket.away),
    }
}
