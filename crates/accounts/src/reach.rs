//! Whom of the team somebody may see and change (rulings 42): an owner everybody, an admin the people of his own projects.

use crate::store::{self, User};
use crate::{principal, projects};
use db::Tx;
use http_kit::{Principal, Role};
use model::{AccountId, ProjectId, Refusal, Result};

/// How far the one who asks reaches somebody.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Reach {
    /// Not at all: such a person does not exist for him.
    None,
    /// Sees the person, and decides about his own projects only: the person works in others, too, or stands above him.
    Shared,
    /// Decides about the person.
    Whole,
}

/// Who asks, as the tables say at this moment: the principal was read before the transaction.
pub(crate) struct Asker {
    pub user: User,
    projects: Option<Vec<ProjectId>>,
}

impl Asker {
    /// Reads the user behind the principal.
    ///
    /// # Errors
    /// When he ended meanwhile.
    pub async fn read(tx: &mut Tx, principal: &Principal) -> Result<Self> {
        let user = store::user(tx, &principal.account_id, &principal.user_id()).await?;
        if !user.active {
            return Err(Refusal::NotFound);
        }
        let projects = principal::seen_projects(tx, &user).await?;
        Ok(Self { user, projects })
    }

    /// An owner, who sees every project.
    pub fn of_owner(user: User) -> Self {
        Self { user, projects: None }
    }

    /// Whether the project is one of his.
    pub fn sees(&self, project: &ProjectId) -> bool {
        self.projects.as_ref().is_none_or(|mine| mine.contains(project))
    }

    /// How far he reaches a person who works in these projects.
    pub fn reach(&self, other: &User, theirs: &[ProjectId]) -> Reach {
        if self.projects.is_none() || other.id == self.user.id {
            return Reach::Whole;
        }
        let shared = theirs.iter().filter(|project| self.sees(project)).count();
        match shared {
            _ if other.role > self.user.role => Reach::Shared,
            0 => Reach::None,
            _ if shared == theirs.len() => Reach::Whole,
            _ => Reach::Shared,
        }
    }

    /// Refuses a project that is not there or not his: both the same way, in bodies as in paths (security statement 2).
    ///
    /// # Errors
    /// When one is.
    pub async fn check_projects(&self, tx: &mut Tx, account: &AccountId, wanted: &[ProjectId]) -> Result<()> {
        for project in wanted {
            projects::get_project(tx, account, project).await?;
            if !self.sees(project) {
                return Err(Refusal::NotFound);
            }
        }
        Ok(())
    }

    /// Refuses an admin who gives somebody no project: nobody but an owner could change that person afterwards.
    ///
    /// # Errors
    /// When it is so.
    pub fn check_some(&self, wanted: &[ProjectId]) -> Result<()> {
        if self.user.role < Role::Owner && wanted.is_empty() {
            return Err(Refusal::invalid("project_ids", "empty", "choose at least one of your projects"));
        }
        Ok(())
    }
}
