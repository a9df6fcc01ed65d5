//! Live fan-out on this node: one follower of the log per account, a short memory of recent events, sockets that follow at their own
//! pace. Nothing here is the record: whoever falls behind reads the log itself (trap c of `reliability.md`).

mod follower;
mod sockets;

use self::follower::Arrived;
use self::sockets::{OperatorSocket, VisitorSocket};
use crate::lookalikes::{Lookalikes, OurNames};
use crate::peers::Peers;
use crate::visitors::OnSite;
use crate::{Recorded, log};
use bytes::Bytes;
use db::Db;
use model::{AccountId, ContactId, ConversationId, Env, Links, ProjectId, Result, Timestamp, UserId};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use tokio::sync::{Notify, broadcast, watch};

/// Events kept in memory per account; older ones are read from the log.
const REMEMBERED: usize = 2048;

/// Every account with sockets on this node.
pub struct Hub {
    db: Db,
    env: Env,
    accounts: Mutex<HashMap<AccountId, Arc<AccountHub>>>,
    pub(crate) peers: Arc<Peers>,
}

/// An event ready to be sent.
#[derive(Debug)]
pub struct LiveEvent {
    /// Place in the log.
    pub position: i64,
    /// Project.
    pub project_id: ProjectId,
    /// Frame of the operator socket.
    frame: Bytes,
    /// The same for programs, where it has links to files.
    signed: Option<Bytes>,
    /// When links to files were made in it, if it has any.
    linked_at: Option<Timestamp>,
}

impl LiveEvent {
    /// The frame, with the links that its reader can open.
    pub fn frame(&self, links: Links) -> Bytes {
        match links {
            Links::Team => self.frame.clone(),
            Links::Signed => self.signed.as_ref().unwrap_or(&self.frame).clone(),
        }
    }
}

/// No socket has this number: what came from none is told to all.
pub const NO_SOCKET: u64 = 0;

/// Something for one visitor's socket.
#[derive(Debug, Clone)]
pub enum VisitorFrame {
    /// A whole frame.
    Text(Bytes),
    /// A message event with its conversation and its `seq` there: sent once, in order.
    Message(ConversationId, i64, Bytes),
    /// Channels of the visitor's project were changed: look whether the site is still one.
    Look,
}

/// A mark that is never stored: typing, presence.
#[derive(Debug, Clone)]
pub struct Mark {
    /// Who sees one of these projects may see it; none stands for every project of the account.
    pub projects: Option<BTreeSet<ProjectId>>,
    /// Only this user's own sockets; none stands for everybody's.
    pub user: Option<UserId>,
    /// The socket that caused it and needs no echo.
    pub from: u64,
    /// The frame.
    pub frame: Bytes,
}

impl Mark {
    /// A mark of one project.
    pub fn of_project(project: ProjectId, from: u64, frame: String) -> Self {
        Self { projects: Some(BTreeSet::from([project])), user: None, from, frame: Bytes::from(frame) }
    }

    /// Whether it is for a socket of this user that follows these projects: the one way by which marks pass. Who follows none hears nothing.
    pub fn is_for(&self, followed: &HashSet<ProjectId>, reader: Option<&UserId>) -> bool {
        if self.user.is_some() && self.user.as_ref() != reader {
            return false;
        }
        match &self.projects {
            Some(projects) => projects.iter().any(|project| followed.contains(project)),
            None => !followed.is_empty(),
        }
    }
}

/// The sockets of one account.
pub struct AccountHub {
    pub(crate) account: AccountId,
    pub(crate) env: Env,
    pub(crate) peers: Arc<Peers>,
    recent: Mutex<VecDeque<Arc<LiveEvent>>>,
    newest: watch::Sender<i64>,
    arrived: Mutex<Arrived>,
    wake: Notify,
    visitors: Mutex<HashMap<ContactId, Vec<VisitorSocket>>>,
    /// Rung when channels of a project were changed, for sockets of visitors who are no contact yet.
    strangers: Mutex<HashMap<ProjectId, watch::Sender<()>>>,
    operators: Mutex<HashMap<u64, OperatorSocket>>,
    marks: broadcast::Sender<Mark>,
    next_socket: AtomicU64,
    our_names: OurNames,
    pub(crate) on_site: OnSite,
}

impl model::Presence for Hub {
    fn has_operators(&self, account: &AccountId, project: &ProjectId) -> bool {
        Self::has_operators(self, account, project)
    }

    fn is_there(&self, account: &AccountId, user: &UserId) -> bool {
        match self.followed(account) {
            Some(hub) => hub.is_there(user),
            None => self.peers.is_there(account, user),
        }
    }
}

impl Hub {
    /// A hub over the log of this database.
    pub fn new(db: Db, env: Env) -> Arc<Self> {
        Arc::new(Self { db, env, accounts: Mutex::default(), peers: Arc::default() })
    }

    /// Whether anybody of this project's team is here, on this node or another.
    fn has_operators(&self, account: &AccountId, project: &ProjectId) -> bool {
        match self.followed(account) {
            Some(hub) => hub.has_operators(project),
            None => self.peers.has_operators(account, project),
        }
    }

    /// Something was committed for this account.
    pub fn wake(&self, account: &AccountId) {
        if let Some(hub) = locked(&self.accounts).get(account) {
            locked(&hub.arrived).must_read = true;
            hub.wake.notify_one();
        }
    }

    /// Drops the remembered events of an account: whoever follows reads the log, where something was erased.
    pub fn forget(&self, account: &AccountId) {
        if let Some(hub) = locked(&self.accounts).get(account) {
            locked(&hub.recent).clear();
        }
    }

    /// These events were committed on this node.
    pub fn take_recorded(&self, events: impl Iterator<Item = Box<Recorded>>) {
        let accounts = locked(&self.accounts);
        for event in events {
            let Recorded { account_id, row } = *event;
            let Some(hub) = accounts.get(&account_id) else { continue };
            locked(&hub.arrived).push(row);
            hub.wake.notify_one();
        }
    }

    /// The account's sockets, if its log is followed here.
    pub(crate) fn followed(&self, account: &AccountId) -> Option<Arc<AccountHub>> {
        locked(&self.accounts).get(account).cloned()
    }

    /// The account's sockets; starts following its log at the first call.
    ///
    /// # Errors
    /// When the account is gone.
    pub async fn account(self: &Arc<Self>, account: &AccountId) -> Result<Arc<AccountHub>> {
        if let Some(hub) = locked(&self.accounts).get(account) {
            return Ok(hub.clone());
        }
        let wanted = *account;
        let (newest, _) =
            self.db.read(account, move |tx| Box::pin(async move { log::bounds(tx, &wanted).await })).await?;
        let mut accounts = locked(&self.accounts);
        let hub = accounts.entry(*account).or_insert_with(|| {
            let hub = Arc::new(AccountHub::new(*account, self.env.clone(), self.peers.clone(), newest));
            hub.wake.notify_one();
            tokio::spawn(follower::follow(self.db.clone(), *account, hub.clone()));
            hub
        });
        Ok(hub.clone())
    }
}

impl AccountHub {
    fn new(account: AccountId, env: Env, peers: Arc<Peers>, newest: i64) -> Self {
        Self {
            account,
            env,
            peers,
            recent: Mutex::default(),
            newest: watch::Sender::new(newest),
            arrived: Mutex::new(Arrived::unread()),
            wake: Notify::new(),
            visitors: Mutex::default(),
            strangers: Mutex::default(),
            operators: Mutex::default(),
            marks: broadcast::Sender::new(256),
            next_socket: AtomicU64::new(1),
            our_names: OurNames::default(),
            on_site: OnSite::default(),
        }
    }

    /// Whose names a client's may be taken for.
    pub async fn lookalikes(&self, db: &Db) -> Arc<Lookalikes> {
        self.our_names.lookalikes(db, &self.account).await
    }

    /// A number for a socket, so that marks do not come back to where they came from.
    pub fn socket_id(&self) -> u64 {
        self.next_socket.fetch_add(1, Ordering::Relaxed)
    }

    /// Follows the newest position.
    pub fn watch(&self) -> watch::Receiver<i64> {
        self.newest.subscribe()
    }

    /// The newest position told so far.
    pub fn newest(&self) -> i64 {
        *self.newest.borrow()
    }

    /// Up to `limit` events after `position` from memory; `None` when memory does not reach back that far, or links to files in it are about
    /// to end: the log has the messages, to be shown with new ones.
    pub fn recent_after(&self, position: i64, limit: usize) -> Option<Vec<Arc<LiveEvent>>> {
        let recent = locked(&self.recent);
        if position >= self.newest() {
            return Some(Vec::new());
        }
        let oldest = recent.front()?.position;
        if position + 1 < oldest {
            return None;
        }
        // Positions have no gaps, so an event's place in memory follows from its position.
        let first = usize::try_from(position + 1 - oldest).ok()?;
        let told: Vec<_> = recent.iter().skip(first).take(limit).cloned().collect();
        let now = self.env.now();
        told.iter().all(|event| event.linked_at.is_none_or(|at| at.has_fresh_links(now))).then_some(told)
    }

    /// Marks of the whole account.
    pub fn marks(&self) -> broadcast::Receiver<Mark> {
        self.marks.subscribe()
    }

    /// Sends a mark of its projects to the operators' sockets of every node; nobody listening is fine.
    pub fn mark(&self, mark: Mark) {
        for project in mark.projects.iter().flatten() {
            self.tell_others(|| bus::Signal::Mark {
                account: self.account,
                project: Some(*project),
                user: mark.user,
                frame: String::from_utf8_lossy(&mark.frame).into_owned(),
            });
        }
        self.mark_here(mark);
    }

    /// Sends a mark to the operators' sockets of this node: what the others know by themselves.
    pub fn mark_here(&self, mark: Mark) {
        let _ = self.marks.send(mark);
    }

    pub(crate) fn tell_others(&self, signal: impl FnOnce() -> bus::Signal) {
        if let Some(bus) = self.peers.bus() {
            bus.tell(signal());
        }
    }
}

/// A poisoned lock only means that another thread panicked between two map operations; the maps are whole.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
