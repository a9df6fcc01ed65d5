//! Departments (Отделы): queues of a project with people and hours of their own. They say where a conversation waits and who is given it;
//! whoever works in the project sees all of them (ADR 33).

pub mod store;

use crate::conversations::{self, Place};
use crate::hours::{self, Hours};
use crate::messages::NewMessage;
use crate::{Messaging, Refusal, Result, contacts, routing};
use db::{DbError, Tx};
use jobs::Job;
use model::{AccountId, Availability, ConversationStatus, Cx, DepartmentId, ProjectId, Timestamp, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::HashSet;
use std::sync::Arc;

/// The kind of the job that frees what a deleted department had.
pub(crate) const GONE: &str = "department_gone";
/// What the event of a change calls them.
const RESOURCE: &str = "departments";
/// Departments of a project at most.
const MOST: usize = 200;
/// Conversations that are freed in one transaction.
const FREED_AT_ONCE: i64 = 100;

/// A department of a project.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, utoipa::ToSchema)]
pub struct Department {
    /// Department id.
    pub id: DepartmentId,
    /// Name.
    pub name: String,
    /// Who works in it, of those who work in the project now.
    pub members: Vec<UserId>,
    /// When it works, in the project's zone; empty for always.
    pub hours: Vec<Hours>,
    /// Its place among the others, from 0.
    pub position: i64,
    /// People who take what comes now; none outside its hours.
    pub available: i64,
    /// Made.
    pub created_at: Timestamp,
}

/// Whom of the team a conversation of nobody's is told that waits in this department; none for everybody: the project does not ask for the
/// department, or nobody works in it.
///
/// # Errors
/// When the storage fails.
pub async fn told_of(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    department: &DepartmentId,
) -> Result<Option<HashSet<UserId>>> {
    if !store::is_told_by_department(tx, account, project).await? {
        return Ok(None);
    }
    let members = store::members(tx, account, project).await?.into_iter();
    let theirs: HashSet<UserId> = members.filter(|(of, ..)| of == department).map(|(_, user, _)| user).collect();
    Ok((!theirs.is_empty()).then_some(theirs))
}

/// A department to be made.
#[derive(Debug, Clone, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct NewDepartment {
    /// Name: no other of the project has it.
    pub name: String,
    /// Who works in it: people of the project.
    #[serde(default)]
    pub members: Vec<UserId>,
    /// When it works, in the project's zone; empty for always.
    #[serde(default)]
    pub hours: Vec<Hours>,
}

/// Some of it, to be changed.
#[derive(Debug, Clone, Default, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UpdateDepartment {
    /// Name.
    pub name: Option<String>,
    /// All who work in it.
    pub members: Option<Vec<UserId>>,
    /// When it works.
    pub hours: Option<Vec<Hours>>,
    /// Its place among the others, from 0.
    pub position: Option<i64>,
}

/// Departments of a project in their order.
///
/// # Errors
/// When the storage fails.
pub async fn list(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Vec<Department>> {
    let rows = store::all(cx.tx, cx.account, project).await?;
    if rows.is_empty() {
        return Ok(Vec::new());
    }
    let members = store::members(cx.tx, cx.account, project).await?;
    let zone = store::zone(cx.tx, cx.account, project).await?;
    let now = cx.env.now();
    let shown = (0..).zip(rows).map(|(position, row)| {
        let own = || members.iter().filter(|(department, ..)| *department == row.id);
        let is_ready = |availability: &str, user: &UserId| {
            availability == Availability::Available.as_str() && cx.env.is_there(cx.account, user)
        };
        let available = match hours::is_open(&row.hours, &zone, now) {
            true => own().filter(|(_, user, availability)| is_ready(availability, user)).count(),
            false => 0,
        };
        Department {
            id: row.id,
            name: row.name,
            members: own().map(|(_, user, _)| *user).collect(),
            hours: row.hours,
            position,
            available: i64::try_from(available).unwrap_or(i64::MAX),
            created_at: row.created_at,
        }
    });
    Ok(shown.collect())
}

async fn one(cx: &mut Cx<'_>, project: &ProjectId, id: &DepartmentId) -> Result<Department> {
    list(cx, project).await?.into_iter().find(|department| department.id == *id).ok_or(Refusal::NotFound)
}

/// Adds one at the end.
///
/// # Errors
/// For a part of the wrong form; when somebody of its people does not work in the project; `too_many_departments`.
pub async fn create(cx: &mut Cx<'_>, project: &ProjectId, new: NewDepartment) -> Result<Department> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    if all.len() >= MOST {
        let detail = format!("a project has {MOST} departments at most; delete one first");
        return Err(Refusal::Conflict { code: "too_many_departments", detail });
    }
    let name = checked_name(&new.name, &all, None)?;
    hours::check_hours("hours", &new.hours)?;
    let members = checked_members(cx, project, new.members).await?;
    let id = DepartmentId::new(cx.env.ids());
    store::insert(cx, project, &id, &name, &new.hours).await?;
    store::set_members(cx.tx, cx.account, &id, &members).await?;
    events::settings_changed(cx, project, RESOURCE).await?;
    one(cx, project, &id).await
}

/// Changes one.
///
/// # Errors
/// As [`create`].
pub async fn update(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &DepartmentId,
    change: UpdateDepartment,
) -> Result<Department> {
    events::lock(cx.tx, cx.account).await?;
    let all = store::all(cx.tx, cx.account, project).await?;
    let standing = all.iter().find(|row| row.id == *id).ok_or(Refusal::NotFound)?;
    let name = match &change.name {
        Some(name) => checked_name(name, &all, Some(id))?,
        None => standing.name.clone(),
    };
    let hours = change.hours.unwrap_or_else(|| standing.hours.clone());
    hours::check_hours("hours", &hours)?;
    store::update(cx.tx, cx.account, id, &name, &hours).await?;
    if let Some(members) = change.members {
        let members = checked_members(cx, project, members).await?;
        store::set_members(cx.tx, cx.account, id, &members).await?;
    }
    if let Some(position) = change.position {
        let mut order: Vec<DepartmentId> = all.iter().map(|row| row.id).filter(|other| other != id).collect();
        let place = usize::try_from(position).unwrap_or(0).min(order.len());
        order.insert(place, *id);
        for (place, id) in (0..).zip(&order) {
            store::set_place(cx.tx, cx.account, id, place).await?;
        }
    }
    events::settings_changed(cx, project, RESOURCE).await?;
    one(cx, project, id).await
}

/// Takes one away. What is open in it goes back to the common queue, and each thread says so; rules that name it go with it.
///
/// # Errors
/// When there is none.
pub async fn delete(cx: &mut Cx<'_>, project: &ProjectId, id: &DepartmentId) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let name = store::name(cx.tx, cx.account, project, id).await?.ok_or(Refusal::NotFound)?;
    store::delete(cx.tx, cx.account, id).await?;
    routing::forget_department(cx, project, id).await?;
    store::free_closed(cx.tx, cx.account, id).await?;
    let gone = Gone { project: *project, department: *id, name };
    if gone.free_some(cx).await? {
        let payload = serde_json::to_string(&gone).map_err(|error| Refusal::stored(&error))?;
        jobs::enqueue(cx, GONE, &id.to_string(), &payload).await?;
    }
    events::settings_changed(cx, project, RESOURCE).await
}

/// A department that is gone, with what it still has.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct Gone {
    project: ProjectId,
    department: DepartmentId,
    name: String,
}

impl Gone {
    /// Frees some of its conversations; whether there may be more.
    async fn free_some(&self, cx: &mut Cx<'_>) -> Result<bool> {
        let some = store::open_in(cx.tx, cx.account, &self.department, FREED_AT_ONCE).await?;
        for id in &some {
            let place = conversations::place(cx.tx, cx.account, &self.project, id).await?;
            store::set_department(cx.tx, cx.account, id, None).await?;
            let line = NewMessage::event("department.gone", json!({ "name": self.name }));
            conversations::append(cx, &place, line).await?;
            conversations::tell(cx, id).await?;
        }
        Ok(i64::try_from(some.len()).is_ok_and(|count| count == FREED_AT_ONCE))
    }
}

/// The rest of a large department.
pub(crate) async fn free(service: Arc<Messaging>, job: Job) -> Result<()> {
    let gone: Gone = serde_json::from_str(&job.payload).map_err(|error| DbError::other(error.to_string()))?;
    loop {
        let (gone, id) = (gone.clone(), job.id);
        let freed = service.write(&job.account_id, move |cx| {
            let gone = gone.clone();
            Box::pin(async move {
                events::lock(cx.tx, cx.account).await?;
                if gone.free_some(cx).await? {
                    jobs::keep(cx, &id).await?;
                    return Ok::<_, Refusal>(true);
                }
                jobs::must_finish(cx, &id).await?;
                Ok(false)
            })
        });
        if !freed.await? {
            return Ok(());
        }
    }
}

/// Puts a conversation into the queue of a department: nobody has it there. `by` is the name in its event line.
///
/// # Errors
/// When there is no such department in the conversation's project.
pub async fn put_in(cx: &mut Cx<'_>, place: &Place, to: &DepartmentId, by: &str) -> Result<()> {
    let name = store::name(cx.tx, cx.account, &place.project_id, to).await?.ok_or(Refusal::NotFound)?;
    // While a bot speaks the conversation is the bot's; the department has it when the bot hands it over.
    let status = if place.status == ConversationStatus::Bot { place.status } else { ConversationStatus::New };
    store::set_department(cx.tx, cx.account, &place.conversation_id, Some(to)).await?;
    conversations::set_holder(cx.tx, cx.account, &place.conversation_id, None, status).await?;
    let data = json!({ "department_id": to, "name": name, "by": by });
    conversations::append(cx, place, NewMessage::event("department.given", data)).await?;
    conversations::tell(cx, &place.conversation_id).await
}

/// Whether somebody is there for a conversation: of its department within its hours, or of the whole project where it is in none.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn has_people(cx: &mut Cx<'_>, place: &Place) -> Result<bool> {
    let Some(id) = store::of_conversation(cx.tx, cx.account, &place.conversation_id).await? else {
        return Ok(cx.env.has_operators(cx.account, &place.project_id));
    };
    let rows = store::all(cx.tx, cx.account, &place.project_id).await?;
    let Some(row) = rows.into_iter().find(|row| row.id == id) else {
        return Ok(cx.env.has_operators(cx.account, &place.project_id));
    };
    let zone = store::zone(cx.tx, cx.account, &place.project_id).await?;
    if !hours::is_open(&row.hours, &zone, cx.env.now()) {
        return Ok(false);
    }
    let members = store::members(cx.tx, cx.account, &place.project_id).await?;
    Ok(members.iter().any(|(department, user, _)| *department == id && cx.env.is_there(cx.account, user)))
}

fn checked_name(name: &str, all: &[store::Row], own: Option<&DepartmentId>) -> Result<String> {
    let is_short = name.chars().count() <= 100 && !name.contains('\0');
    let name = contacts::names::readable(name).filter(|_| is_short);
    let name = name.ok_or_else(|| Refusal::invalid("name", "wrong_form", "1 to 100 characters that can be seen"))?;
    let key = store::key_of(&name);
    if all.iter().any(|row| Some(&row.id) != own && store::key_of(&row.name) == key) {
        return Err(Refusal::invalid("name", "taken", "another department has this name"));
    }
    Ok(name)
}

async fn checked_members(cx: &mut Cx<'_>, project: &ProjectId, mut members: Vec<UserId>) -> Result<Vec<UserId>> {
    members.sort();
    members.dedup();
    let people = store::people(cx.tx, cx.account, project).await?;
    if members.iter().any(|user| !people.iter().any(|person| person.id == *user)) {
        return Err(Refusal::invalid("members", "not_in_project", "this colleague does not work in this project"));
    }
    Ok(members)
}
