//! Live fan-out on this node: one follower of the log per account, a short memory of recent events, sockets that follow at their own
//! pace. Nothing here is the record: whoever falls behind reads the log itself (trap c of `reliability.md`).

use crate::lookalikes::{Lookalikes, OurNames};
use crate::peers::{Following, Peers};
use crate::visitors::OnSite;
use crate::{EventData, EventRow, Recorded, log};
use bytes::Bytes;
use db::Db;
use model::{AccountId, ContactId, ConversationId, Env, Links, ProjectId, Refusal, Result, Timestamp, UserId};
use std::collections::{BTreeSet, HashMap, HashSet, VecDeque};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, broadcast, mpsc, watch};

/// Events kept in memory per account; older ones are read from the log.
const REMEMBERED: usize = 2048;
/// Events read from the log at once.
const READ_AT_ONCE: i64 = 1000;
/// Frames a visitor's socket may lag before it is told to read the log.
const VISITOR_QUEUE: usize = 32;
const CONTACT_DELETED: &str = "contact.deleted";
const SETTINGS_UPDATED: &str = "settings.updated";
/// The log is looked at this often even without a wake-up: another node may have written (D12).
const POLL: Duration = Duration::from_secs(1);

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

/// What commits of this node have told since the follower looked last.
#[derive(Default)]
struct Arrived {
    rows: Vec<EventRow>,
    /// Something is in the log that is not among the rows.
    must_read: bool,
}

impl Arrived {
    /// More than the memory of the hub is not kept for a follower that is busy: it will read the log.
    fn push(&mut self, row: EventRow) {
        if self.rows.len() < REMEMBERED {
            self.rows.push(row);
        } else {
            self.must_read = true;
        }
    }

    /// Takes the rows that continue the log after `position` without a gap, and whether the log has more.
    fn take_after(&mut self, position: i64) -> (Vec<EventRow>, bool) {
        let Self { mut rows, must_read } = std::mem::take(self);
        // On PostgreSQL two commits may tell in another order than they were made.
        rows.sort_by_key(|row| row.position);
        rows.retain(|row| row.position > position);
        let whole = rows.iter().zip(position + 1..).take_while(|(row, next)| row.position == *next).count();
        let has_gap = whole < rows.len();
        rows.truncate(whole);
        (rows, must_read || has_gap)
    }
}

struct VisitorSocket {
    id: u64,
    project: ProjectId,
    sender: mpsc::Sender<VisitorFrame>,
}

struct OperatorSocket {
    user_id: UserId,
    projects: HashSet<ProjectId>,
    /// The user says that he is not at the desk.
    away: bool,
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
            tokio::spawn(follow(self.db.clone(), *account, hub.clone()));
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
            // The log may have grown since `newest` was read.
            arrived: Mutex::new(Arrived { rows: Vec::new(), must_read: true }),
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

    fn take_in(&self, rows: Vec<EventRow>) {
        let Some(newest) = rows.last().map(|row| row.position) else { return };
        {
            let mut recent = locked(&self.recent);
            for row in &rows {
                if row.kind == CONTACT_DELETED {
                    // What was said before is erased from the log, on whichever node that was asked for.
                    recent.clear();
                }
                let made = |links| Bytes::from(log::operator_frame(&self.env, row, links));
                let (frame, has_files) = (made(Links::Team), row.has_files());
                let signed = has_files.then(|| made(Links::Signed));
                let linked_at = has_files.then(|| self.env.now());
                let (position, project_id) = (row.position, row.project_id);
                recent.push_back(Arc::new(LiveEvent { position, project_id, frame, signed, linked_at }));
            }
            let excess = recent.len().saturating_sub(REMEMBERED);
            recent.drain(..excess);
            self.newest.send_replace(newest);
        }
        for row in &rows {
            if row.for_client {
                self.pass_to_visitor(row);
            } else if row.kind == SETTINGS_UPDATED && is_of_channels(&row.data) {
                self.let_visitors_look(&row.project_id);
            }
        }
    }

    fn let_visitors_look(&self, project: &ProjectId) {
        let visitors = locked(&self.visitors);
        for socket in visitors.values().flatten().filter(|socket| socket.project == *project) {
            let _ = socket.sender.try_send(VisitorFrame::Look);
        }
        drop(visitors);
        if let Some(strangers) = locked(&self.strangers).get(project) {
            strangers.send_replace(());
        }
    }

    fn pass_to_visitor(&self, row: &EventRow) {
        let Some(contact) = row.contact_id else { return };
        if !self.is_visitor_here(&contact) {
            return;
        }
        let frame = Bytes::from(log::visitor_frame(&self.env, row));
        let frame = match (row.kind.as_ref(), row.conversation_id, row.seq) {
            ("message.created", Some(conversation), Some(seq)) => VisitorFrame::Message(conversation, seq, frame),
            _ => VisitorFrame::Text(frame),
        };
        self.to_visitor_here(&contact, &frame);
    }
}

/// Whether a change of settings is one of connected channels.
fn is_of_channels(data: &EventData) -> bool {
    matches!(data, EventData::Text(text) if text.contains("\"connections\""))
}

/// What all sockets of a user follow together.
fn followed_by(operators: &HashMap<u64, OperatorSocket>, user_id: &UserId) -> Following {
    let own = || operators.values().filter(|socket| socket.user_id == *user_id);
    Following {
        projects: own().flat_map(|socket| socket.projects.iter().copied()).collect(),
        away: own().all(|socket| socket.away),
    }
}

/// Follows the account's log as it grows: what this node committed is told, the rest is read. Ends when the account is deleted.
async fn follow(db: Db, account: AccountId, hub: Arc<AccountHub>) {
    let mut position = hub.newest();
    loop {
        let is_told = tokio::time::timeout(POLL, hub.wake.notified()).await.is_ok();
        let (rows, must_read) = locked(&hub.arrived).take_after(position);
        position = rows.last().map_or(position, |row| row.position);
        hub.take_in(hub.our_names.mark(&db, &account, rows).await);
        if is_told && !must_read {
            continue;
        }
        match read_log(&db, &account, &hub, position).await {
            Ok(newest) => position = newest,
            Err(Refusal::NotFound) => return,
            Err(error) => {
                tracing::warn!(account.id = %account, error = %error, "the event log could not be read, trying again");
                tokio::time::sleep(POLL).await;
                locked(&hub.arrived).must_read = true;
                hub.wake.notify_one();
            }
        }
    }
}

/// Takes in what the log has after `position`; the newest position then.
async fn read_log(db: &Db, account: &AccountId, hub: &AccountHub, mut position: i64) -> Result<i64> {
    loop {
        let wanted = *account;
        let read =
            db.read(account, move |tx| Box::pin(async move { log::after(tx, &wanted, position, READ_AT_ONCE).await }));
        let rows = read.await?;
        let Some(last) = rows.last() else { return Ok(position) };
        position = last.position;
        // Whatever came after this look rings again.
        let is_all = i64::try_from(rows.len()).is_ok_and(|count| count < READ_AT_ONCE);
        hub.take_in(hub.our_names.mark(db, account, rows).await);
        if is_all {
            return Ok(position);
        }
    }
}

/// A poisoned lock only means that another thread panicked between two map operations; the maps are whole.
pub(crate) fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::{AccountHub, Arrived, CONTACT_DELETED, EventRow};
    use model::{AccountId, Env};
    use vault::Vault;

    fn row(position: i64) -> EventRow {
        EventRow {
            position,
            project_id: model::ProjectId::from_bits(1),
            kind: "".into(),
            conversation_id: None,
            contact_id: None,
            seq: None,
            for_client: false,
            data: crate::EventData::Gone,
        }
    }

    fn taken(positions: &[i64], after: i64) -> (Vec<i64>, bool) {
        let mut arrived = Arrived { rows: positions.iter().copied().map(row).collect(), must_read: false };
        let (rows, must_read) = arrived.take_after(after);
        assert!(arrived.rows.is_empty());
        (rows.iter().map(|row| row.position).collect(), must_read)
    }

    #[test]
    fn what_was_said_before_a_contact_was_deleted_is_read_from_the_log_where_it_is_erased() {
        let hub = AccountHub::new(AccountId::from_bits(1), Env::system(Vault::throwaway()), Default::default(), 0);
        hub.take_in(vec![row(1), row(2), EventRow { kind: CONTACT_DELETED.into(), ..row(3) }, row(4)]);
        assert!(hub.recent_after(0, 10).is_none() && hub.recent_after(1, 10).is_none());
        assert_eq!(hub.recent_after(2, 10).map(|recent| recent.len()), Some(2));
    }

    #[test]
    fn told_events_are_taken_in_order_and_a_gap_is_read_from_the_log() {
        assert_eq!(taken(&[], 5), (vec![], false));
        assert_eq!(taken(&[6, 7], 5), (vec![6, 7], false));
        assert_eq!(taken(&[7, 6], 5), (vec![6, 7], false));
        assert_eq!(taken(&[4, 5], 5), (vec![], false));
        assert_eq!(taken(&[6, 8], 5), (vec![6], true));
        assert_eq!(taken(&[8], 5), (vec![], true));
    }
}
