//! Who is connected to one node.

use bus::Change;
use model::{AccountId, ContactId, ProjectId, UserId, VisitorId, VisitorNow};
use std::collections::{BTreeSet, HashMap, HashSet};

/// Who is connected to one node.
#[derive(Default)]
pub(super) struct Held(pub(super) HashMap<AccountId, Here>);

#[derive(Default)]
pub(super) struct Here {
    pub contacts: HashMap<ContactId, ProjectId>,
    pub users: HashMap<UserId, BTreeSet<ProjectId>>,
    /// Those of them who say that they are not at the desk.
    pub away: HashSet<UserId>,
    pub visitors: HashMap<(ProjectId, VisitorId), VisitorNow>,
}

impl Held {
    pub fn apply(&mut self, change: &Change) {
        match change {
            Change::Visitor { account, contact, project, online: true } => {
                self.0.entry(*account).or_default().contacts.insert(*contact, *project);
            }
            Change::Operator { account, user, projects, away, online: true } => {
                let here = self.0.entry(*account).or_default();
                here.users.insert(*user, projects.clone());
                match away {
                    true => drop(here.away.insert(*user)),
                    false => drop(here.away.remove(user)),
                }
            }
            Change::Visitor { account, contact, online: false, .. } => {
                self.leave(account, |here| {
                    here.contacts.remove(contact);
                });
            }
            Change::Operator { account, user, online: false, .. } => {
                self.leave(account, |here| {
                    here.users.remove(user);
                    here.away.remove(user);
                });
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
            all.extend(here.users.iter().map(|(user, projects)| {
                Operating { projects, away: here.away.contains(user) }.of(account, user, true)
            }));
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
            all.extend(users.map(|(user, projects)| Operating { projects, away: false }.of(account, user, false)));
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

/// What an operator's sockets follow, and whether he is not at the desk.
pub(super) struct Operating<'a> {
    pub projects: &'a BTreeSet<ProjectId>,
    pub away: bool,
}

impl Operating<'_> {
    pub fn of(&self, account: &AccountId, user: &UserId, online: bool) -> Change {
        let (projects, away) = (self.projects.clone(), self.away);
        Change::Operator { account: *account, user: *user, projects, away, online }
    }
}
