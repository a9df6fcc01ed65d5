//! Who is on the sites of an account now: soft state of this node, beside what the others told of theirs ([`crate::peers`]). A visitor who has
//! said nothing is here and nowhere else: no row is made for looking (rulings 36).

use crate::hub::{AccountHub, Mark, NO_SOCKET, locked};
use model::live::OperatorFrame;
use model::{ContactId, PageSeen, ProjectId, Timestamp, TypedText, VisitorId, VisitorNow};
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::runtime::Handle;
use tokio::sync::Notify;

/// Pages of a visit that are remembered.
pub const LONGEST_PATH: usize = 20;
/// The operators are told at most so often that something changed.
const TELL_EVERY: Duration = Duration::from_secs(1);
/// A visitor who goes from page to page leaves one before the next is there: nobody has left for so long.
pub const STAYS: Duration = Duration::from_secs(10);
/// Visitors of one account that are looked at on this node; whoever comes after is served, and not listed.
const MOST: usize = 50_000;

/// What is on the sites of one account, on this node.
#[derive(Default)]
pub(crate) struct OnSite {
    held: Mutex<HashMap<(ProjectId, VisitorId), Held>>,
    /// Projects whose operators are about to be told.
    touched: Mutex<BTreeSet<ProjectId>>,
}

struct Held {
    now: VisitorNow,
    sockets: Vec<Socket>,
}

struct Socket {
    id: u64,
    page: PageSeen,
    called: Arc<Notify>,
}

/// What a page tells when it opens its socket.
#[derive(Debug, Clone, Default)]
pub struct Arrival {
    /// The contact, when there is one.
    pub contact_id: Option<ContactId>,
    /// Address of the page.
    pub url: String,
    /// Its title.
    pub title: String,
    /// When the visit began, as the page remembers it.
    pub since: Option<Timestamp>,
    /// Pages seen in it.
    pub pages: u32,
    /// Which visit it is.
    pub visits: u32,
    /// Where the visitor came from.
    pub referrer: Option<String>,
    /// Marks of a campaign.
    pub utm: BTreeMap<String, String>,
    /// `desktop`, `phone` or `tablet`.
    pub device: Option<String>,
    /// BCP 47.
    pub language: Option<String>,
    /// ISO 3166, where the installation knows.
    pub country: Option<String>,
}

impl Arrival {
    /// Of this contact, if there is one, and from this country, if that is known.
    #[must_use]
    pub fn with(self, contact_id: Option<ContactId>, country: Option<String>) -> Self {
        Self { contact_id, country, ..self }
    }
}

impl AccountHub {
    /// The moment, as everything here tells it.
    pub fn now(&self) -> Timestamp {
        self.env.now()
    }

    /// A page of a site is open; answers what tells the socket that the team has written to a visitor who had said nothing. None when there
    /// are too many to look at.
    pub fn visitor_came(
        self: &Arc<Self>,
        project: &ProjectId,
        id: &VisitorId,
        socket: u64,
        arrival: Arrival,
    ) -> Option<Arc<Notify>> {
        let now = self.env.now();
        let mut held = locked(&self.on_site.held);
        let key = (*project, *id);
        if held.len() >= MOST && !held.contains_key(&key) {
            return None;
        }
        let page = PageSeen { url: arrival.url.clone(), title: arrival.title.clone(), at: now };
        let called = Arc::new(Notify::new());
        let one = held.entry(key).or_insert_with(|| Held { now: newcomer(key, &arrival, now), sockets: Vec::new() });
        one.sockets.push(Socket { id: socket, page: page.clone(), called: called.clone() });
        one.now.left_at = None;
        one.now.contact_id = arrival.contact_id.or(one.now.contact_id);
        turn_page(&mut one.now, page);
        one.now.pages = one.now.pages.max(arrival.pages);
        self.peers.seen(&self.account, &one.now);
        drop(held);
        self.touch_visitors(*project);
        Some(called)
    }

    /// A visitor went on to another page.
    pub fn visitor_turned(self: &Arc<Self>, project: &ProjectId, id: &VisitorId, socket: u64, url: &str, title: &str) {
        let page = PageSeen { url: url.to_owned(), title: title.to_owned(), at: self.env.now() };
        self.change_visitor(project, id, |one| {
            if let Some(socket) = one.sockets.iter_mut().find(|held| held.id == socket) {
                socket.page = page.clone();
            }
            turn_page(&mut one.now, page);
        });
    }

    /// A visitor types; `text` only where the project shows it.
    pub fn visitor_typed(self: &Arc<Self>, project: &ProjectId, id: &VisitorId, text: Option<String>) {
        let typed = TypedText { at: self.env.now(), text };
        self.change_visitor(project, id, |one| one.now.typed = Some(typed));
    }

    /// What was typed is sent, or a visitor became a contact.
    pub fn visitor_spoke(self: &Arc<Self>, project: &ProjectId, id: &VisitorId, contact: Option<ContactId>) {
        self.change_visitor(project, id, |one| {
            one.now.typed = None;
            one.now.contact_id = contact.or(one.now.contact_id);
        });
    }

    /// A page of a visitor was closed. After the last one the visitor stays a little, for the next page is about to come.
    pub fn visitor_went(self: &Arc<Self>, project: &ProjectId, id: &VisitorId, socket: u64) {
        let now = self.env.now();
        let mut is_last = false;
        self.change_visitor(project, id, |one| {
            one.sockets.retain(|held| held.id != socket);
            is_last = one.sockets.is_empty();
            match one.sockets.last() {
                // What another tab shows.
                Some(other) if one.now.page().is_none_or(|page| page.url != other.page.url) => {
                    let page = other.page.clone();
                    turn_page(&mut one.now, page);
                }
                Some(_) => {}
                None => (one.now.left_at, one.now.typed) = (Some(now), None),
            }
        });
        if !is_last {
            return;
        }
        let (hub, key) = (self.clone(), (*project, *id));
        // A page may be let go while the program ends.
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            tokio::time::sleep(STAYS).await;
            hub.forget_visitor(key, now);
        });
    }

    fn forget_visitor(self: &Arc<Self>, key: (ProjectId, VisitorId), left_at: Timestamp) {
        let mut held = locked(&self.on_site.held);
        if held.get(&key).is_none_or(|one| one.now.left_at != Some(left_at)) {
            return;
        }
        held.remove(&key);
        if held.capacity() > held.len() * 4 {
            held.shrink_to_fit();
        }
        self.peers.unseen(&self.account, &key.0, &key.1);
        drop(held);
        self.touch_visitors(key.0);
    }

    fn change_visitor(self: &Arc<Self>, project: &ProjectId, id: &VisitorId, change: impl FnOnce(&mut Held)) {
        let mut held = locked(&self.on_site.held);
        let Some(one) = held.get_mut(&(*project, *id)) else { return };
        change(one);
        self.peers.seen(&self.account, &one.now);
        drop(held);
        self.touch_visitors(*project);
    }

    /// Tells the operators of a project soon that who is on its site is not as it was.
    pub fn touch_visitors(self: &Arc<Self>, project: ProjectId) {
        let mut touched = locked(&self.on_site.touched);
        let is_first = touched.is_empty();
        touched.insert(project);
        if !is_first {
            return;
        }
        let hub = self.clone();
        let Ok(runtime) = Handle::try_current() else { return };
        runtime.spawn(async move {
            tokio::time::sleep(TELL_EVERY).await;
            for project_id in std::mem::take(&mut *locked(&hub.on_site.touched)) {
                let frame = OperatorFrame::Visitors { project_id }.text();
                hub.mark_here(Mark::of_project(project_id, NO_SOCKET, frame));
            }
        });
    }

    /// Who is on a site, on whatever node. One with pages on two nodes is as the newer page says.
    pub fn visitors_of(&self, project: &ProjectId) -> Vec<VisitorNow> {
        let mut all: HashMap<VisitorId, VisitorNow> = HashMap::new();
        let here = locked(&self.on_site.held);
        let own = here.values().map(|one| &one.now).filter(|now| now.project_id == *project).cloned();
        for visitor in own.collect::<Vec<_>>().into_iter().chain(self.peers.visitors(&self.account, project)) {
            match all.get(&visitor.id) {
                Some(known) if freshness(known) >= freshness(&visitor) => {}
                _ => drop(all.insert(visitor.id, visitor)),
            }
        }
        all.into_values().collect()
    }

    /// One who is on a site.
    pub fn visitor_of(&self, project: &ProjectId, id: &VisitorId) -> Option<VisitorNow> {
        let here = locked(&self.on_site.held).get(&(*project, *id)).map(|one| one.now.clone());
        let elsewhere = self.peers.visitors(&self.account, project).into_iter().filter(|visitor| visitor.id == *id);
        here.into_iter().chain(elsewhere).max_by_key(freshness)
    }

    /// The team has written to a visitor: the visitor's sockets look, on whatever node they are.
    pub fn call_visitor(&self, project: &ProjectId, id: &VisitorId) {
        self.tell_others(|| bus::Signal::Call { account: self.account, project: *project, visitor: *id });
        self.call_visitor_here(project, id);
    }

    pub(crate) fn call_visitor_here(&self, project: &ProjectId, id: &VisitorId) {
        let held = locked(&self.on_site.held);
        for socket in held.get(&(*project, *id)).into_iter().flat_map(|one| &one.sockets) {
            socket.called.notify_one();
        }
    }
}

fn newcomer((project_id, id): (ProjectId, VisitorId), arrival: &Arrival, now: Timestamp) -> VisitorNow {
    VisitorNow {
        id,
        project_id,
        contact_id: arrival.contact_id,
        since: arrival.since.filter(|since| *since <= now).unwrap_or(now),
        path: Vec::new(),
        pages: arrival.pages.saturating_sub(1),
        visits: arrival.visits.max(1),
        referrer: arrival.referrer.clone(),
        utm: arrival.utm.clone(),
        device: arrival.device.clone(),
        language: arrival.language.clone(),
        country: arrival.country.clone(),
        left_at: None,
        typed: None,
    }
}

/// A reload, or a title that came later, is no other page.
fn turn_page(now: &mut VisitorNow, page: PageSeen) {
    match now.path.last_mut() {
        Some(last) if last.url == page.url => last.title = page.title,
        _ => {
            now.pages = now.pages.saturating_add(1);
            now.path.push(page);
            if now.path.len() > LONGEST_PATH {
                now.path.remove(0);
            }
        }
    }
}

/// Somebody who is here goes before somebody who left, and the newer page before the older one.
fn freshness(visitor: &VisitorNow) -> (bool, Option<Timestamp>) {
    (visitor.left_at.is_none(), visitor.page().map(|page| page.at))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(url: &str, title: &str, at: i64) -> PageSeen {
        PageSeen { url: url.into(), title: title.into(), at: Timestamp(at) }
    }

    fn visitor() -> VisitorNow {
        let key = (ProjectId::from_bits(1), VisitorId::from_bits(2));
        let arrival = Arrival { pages: 3, since: Some(Timestamp(50)), ..Arrival::default() };
        let mut now = newcomer(key, &arrival, Timestamp(100));
        turn_page(&mut now, page("/a", "A", 100));
        now
    }

    #[test]
    fn a_visit_goes_on_where_the_page_remembers_it() {
        let now = visitor();
        assert_eq!((now.since, now.pages, now.visits), (Timestamp(50), 3, 1));
        let later = Arrival { since: Some(Timestamp(101)), ..Arrival::default() };
        let now = newcomer((now.project_id, now.id), &later, Timestamp(100));
        assert_eq!(now.since, Timestamp(100), "a clock that runs ahead moves nothing into the future");
    }

    #[test]
    fn a_reload_is_no_other_page_and_a_title_may_come_later() {
        let mut now = visitor();
        turn_page(&mut now, page("/a", "A, ready", 110));
        assert_eq!((now.pages, now.path.as_slice()), (3, [page("/a", "A, ready", 100)].as_slice()));
        turn_page(&mut now, page("/b", "B", 120));
        turn_page(&mut now, page("/a", "A", 130));
        assert_eq!((now.pages, now.path.len()), (5, 3));
    }

    #[test]
    fn a_path_keeps_its_newest_pages() {
        let mut now = visitor();
        for n in 0..100 {
            turn_page(&mut now, page(&format!("/{n}"), "", n));
        }
        assert_eq!((now.path.len(), now.path[0].url.as_str(), now.pages), (LONGEST_PATH, "/80", 103));
    }
}
