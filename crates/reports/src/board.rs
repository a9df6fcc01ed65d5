//! The board: who waits, who works, as the tables and the hub know it at this moment.

use crate::store::board as store;
use events::hub::AccountHub;
use model::{
    Availability, ChannelKind, ContactId, ConversationId, Cx, DepartmentId, ProjectId, Result, Timestamp, UserId,
};
use serde::Serialize;

/// Waiting conversations that are named.
const MOST_WAITING: i64 = 100;

/// A client who waits for people.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = BoardWaiting)]
pub struct Waiting {
    pub(crate) conversation_id: ConversationId,
    pub(crate) contact_id: ContactId,
    /// Name or handle.
    pub(crate) client: String,
    pub(crate) channel: ChannelKind,
    pub(crate) waiting_since: Timestamp,
    /// Who has it; null for the queue.
    pub(crate) operator_id: Option<UserId>,
    pub(crate) department_id: Option<DepartmentId>,
}

/// One of the people who work in the project.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = BoardPerson)]
pub struct Person {
    pub(crate) user_id: UserId,
    pub(crate) name: String,
    pub(crate) availability: Availability,
    /// Has the desk open somewhere.
    pub(crate) connected: bool,
    /// Conversations in work.
    pub(crate) open: i64,
    /// How many are given at most; null for no limit.
    pub(crate) max_open: Option<i64>,
    /// When one was given last.
    pub(crate) last_given_at: Option<Timestamp>,
    pub(crate) department_ids: Vec<DepartmentId>,
}

/// A department.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
#[schema(as = BoardDepartment)]
pub struct Department {
    pub(crate) id: DepartmentId,
    pub(crate) name: String,
    pub(crate) waiting: i64,
    /// Since when the first of them waits.
    pub(crate) waiting_since: Option<Timestamp>,
    pub(crate) in_work: i64,
    /// Its people who are connected and available.
    pub(crate) people: i64,
}

/// How a project stands now.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Board {
    /// When this was so.
    at: Timestamp,
    /// Clients who wait for people.
    waiting: i64,
    /// Of them, those that nobody has.
    queued: i64,
    /// Since when the first of them waits.
    waiting_since: Option<Timestamp>,
    /// Conversations that somebody has.
    in_work: i64,
    /// Conversations that a scenario has.
    with_bot: i64,
    /// Visitors on the site; null where the project does not watch them.
    visitors: Option<i64>,
    /// The first 100 who wait, the longest first.
    queue: Vec<Waiting>,
    people: Vec<Person>,
    departments: Vec<Department>,
}

/// The board of a project.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn make(cx: &mut Cx<'_>, project: &ProjectId, hub: &AccountHub) -> Result<Board> {
    let now = cx.env.now();
    let (tx, account) = (&mut *cx.tx, cx.account);
    let counts = store::counts(tx, account, project).await?;
    let queue = store::waiting(tx, account, project, MOST_WAITING).await?;
    let online = hub.online_users();
    let mut people = store::people(tx, account, project).await?;
    let members = store::members(tx, account, project).await?;
    for person in &mut people {
        person.connected = online.contains(&person.user_id);
        let own = members.iter().filter(|(_, user)| *user == person.user_id);
        person.department_ids = own.map(|(department, _)| *department).collect();
    }
    let mut departments = store::departments(tx, account, project).await?;
    for department in &mut departments {
        let ready = people.iter().filter(|person| {
            person.connected
                && person.availability == Availability::Available
                && person.department_ids.contains(&department.id)
        });
        department.people = ready.count() as i64;
    }
    let here = || hub.visitors_of(project).iter().filter(|visitor| visitor.left_at.is_none()).count() as i64;
    let visitors = store::watches_visitors(tx, account, project).await?.then(here);
    Ok(Board {
        at: now,
        waiting: counts.waiting,
        queued: counts.queued,
        waiting_since: counts.waiting_since.map(Timestamp),
        in_work: counts.in_work,
        with_bot: counts.with_bot,
        visitors,
        queue,
        people,
        departments,
    })
}
