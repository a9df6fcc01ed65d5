//! Who is connected to one node.

use bus::Change;
use model::{AccountId, ContactId, ProjectId, UserId, VisitorId, VisitorNow};
use std::collections::{BTreeSet, HashMap};

/// Who is connected to one node.
#[derive(Default)]
pub(super) struct Held(pub(super) HashMap<AccountId, Here>);

#[derive(Default)]
pub(super) struct Here {
    pub contacts: HashMap<ContactId, ProjectId>,
    pub users: HashMap<UserId, BTreeSet<ProjectId>>,
    pub visitors: HashMap<(ProjectId, VisitorId), VisitorNow>,
}

impl Held {
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Visitor { account, contact, project, online: true } => {
                self.0.entry(*account).or_default().contacts.insert(*contact, *project);
            }
            Change::Operator { account, user, projects, online: true } => {
                self.0.entry(*account).or_default().users.insert(*user, projects.clone());
            }
            Change::Visitor { account, contact, online: false, .. } => {
                self.leave(account, |here| {
                    here.contacts.remove(contact);
                });
            }
            Change::Operator { account, user, online: false, .. } => {
                self.leave(account, |here| drop(here.users.remove(user)));
            }
            Change::Seen { account, visitor } => {
                let key = (visitor.project_id, visitor.id);
                self.0.entry(*account).or_default().visitors.insert(key, (**visitor).clone());
            }
            Change::Unseen { account, project, visitor } => {
                self.leave(account, |here| drop(here.visitors.remove(&(*project, *visitor))));
            }
        }
    }

    fn leave(&mut self, account: &AccountId, leave: impl FnOnce(&mut Here)) {
        let Some(here) = self.0.get_mut(account) else { return };
        leave(here);
        if here.contacts.is_empty() && here.users.is_empty() && here.visitors.is_empty() {
            self.0.remove(account);
        }
    }

    /// Everybody, as if they came just now.
    pub fn everybody(&self) -> Vec<Change> {
        let mut all = Vec::new();
        for (account, here) in &self.0 {
            all.extend(here.contacts.iter().map(|(contact, project)| visitor(account, contact, project, true)));
            all.extend(here.users.iter().map(|(user, projects)| operator(account, user, projects, true)));
            let seen = |visitor: &VisitorNow| Change::Seen { account: *account, visitor: Box::new(visitor.clone()) };
            all.extend(here.visitors.values().map(seen));
        }
        all
    }

    /// Everybody who is here and not there, as if they left just now.
    pub fn missing_in(&self, there: &Self) -> Vec<Change> {
        let empty = Here::default();
        let mut all = Vec::new();
        for (account, here) in &self.0 {
            let there = there.0.get(account).unwrap_or(&empty);
            let contacts = here.contacts.iter().filter(|(contact, _)| !there.contacts.contains_key(*contact));
            all.extend(contacts.map(|(contact, project)| visitor(account, contact, project, false)));
            let users = here.users.iter().filter(|(user, _)| !there.users.contains_key(*user));
            all.extend(users.map(|(user, projects)| operator(account, user, projects, false)));
            let visitors = here.visitors.keys().filter(|key| !there.visitors.contains_key(*key));
            let unseen = |(project, visitor): &(ProjectId, VisitorId)| Change::Unseen {
                account: *account,
                project: *project,
                visitor: *visitor,
            };
            all.extend(visitors.map(unseen));
        }
        all
    }
}

pub(super) fn visitor(account: &AccountId, contact: &ContactId, project: &ProjectId, online: bool) -> Change {
    Change::Visitor { account: *account, contact: *contact, project: *project, online }
}

pub(super) fn operator(account: &AccountId, user: &UserId, projects: &BTreeSet<ProjectId>, online: bool) -> Change {
    Change::Operator { account: *account, user: *user, projects: projects.clone(), online }
}
