//! One conversation is given to somebody, taken back from who does not answer, or put into its department: each in a transaction that looks
//! again under the account's lock, so that nobody gets more than his limit, whoever else is at work.

use super::choose::{Candidate, Reason, choose};
use super::store::{self, Load, Queued, Routed};
use super::{Mode, Settings, rules};
use crate::conversations::{self, Place};
use crate::departments::store as people;
use crate::messages::NewMessage;
use crate::{Result, contacts, hours};
use model::{Availability, ConversationId, ConversationStatus, Cx, DepartmentId, ProjectId, UserId};
use serde_json::json;
use std::collections::{HashMap, HashSet};

/// Who could be given something in a project now.
pub(super) struct Staff {
    /// Available and there, with names.
    ready: Vec<(UserId, String)>,
    names: HashMap<UserId, String>,
    loads: HashMap<UserId, Load>,
    /// People by department; one that does not work now has none.
    departments: HashMap<DepartmentId, Vec<UserId>>,
}

impl Staff {
    /// As it stands; `present` are those who are connected.
    pub async fn load(cx: &mut Cx<'_>, project: &ProjectId, present: &HashSet<UserId>) -> Result<Self> {
        let all = people::people(cx.tx, cx.account, project).await?;
        let loads = store::loads(cx.tx, cx.account, project).await?;
        let rows = people::all(cx.tx, cx.account, project).await?;
        let mut departments = HashMap::new();
        if !rows.is_empty() {
            let zone = people::zone(cx.tx, cx.account, project).await?;
            let members = people::members(cx.tx, cx.account, project).await?;
            let now = cx.env.now();
            for row in rows.into_iter().filter(|row| hours::is_open(&row.hours, &zone, now)) {
                let own = members.iter().filter(|(department, ..)| *department == row.id);
                departments.insert(row.id, own.map(|(_, user, _)| *user).collect());
            }
        }
        let ready = all
            .iter()
            .filter(|person| person.availability == Availability::Available && present.contains(&person.id))
            .map(|person| (person.id, person.name.clone()));
        let ready = ready.collect();
        let names = all.into_iter().map(|person| (person.id, person.name)).collect();
        Ok(Self { ready, names, loads, departments })
    }

    /// Who may be given a conversation of this department, or of none.
    pub fn candidates(&self, department: Option<&DepartmentId>) -> Vec<Candidate> {
        let is_of_it = |user: &UserId| match department {
            None => true,
            Some(id) => self.departments.get(id).is_some_and(|members| members.contains(user)),
        };
        let candidate = |(user, _): &(UserId, String)| {
            let Load { open, max_open, last_given_at } = self.loads.get(user).copied().unwrap_or_default();
            Candidate { user: *user, open, max_open, last_given_at }
        };
        self.ready.iter().filter(|(user, _)| is_of_it(user)).map(candidate).collect()
    }

    /// Whether somebody has room for a conversation, who was not asked.
    pub fn has_room(&self, department: Option<&DepartmentId>, asked: &[UserId]) -> bool {
        self.candidates(department).iter().any(|one| one.has_room() && !asked.contains(&one.user))
    }

    /// Departments in which somebody has room.
    pub fn departments_with_room(&self) -> Vec<DepartmentId> {
        self.departments.keys().filter(|id| self.has_room(Some(id), &[])).copied().collect()
    }

    fn name(&self, user: &UserId) -> &str {
        self.names.get(user).map_or("", String::as_str)
    }
}

/// What to give out by, and among whom.
#[derive(Clone)]
pub(super) struct Terms {
    pub project: ProjectId,
    pub settings: Settings,
    pub present: HashSet<UserId>,
}

/// Puts a conversation into the department that the rules name for its client.
pub(super) async fn sort(cx: &mut Cx<'_>, terms: &Terms, row: &Queued, facts: &rules::Facts) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let Some(place) = still_queued(cx, &terms.project, &row.id).await? else { return Ok(()) };
    let mut routed = store::routed(cx.tx, cx.account, &row.id).await?.unwrap_or_default();
    let standing = people::of_conversation(cx.tx, cx.account, &row.id).await?;
    if routed.sorted || standing.is_some() {
        return Ok(());
    }
    routed.sorted = true;
    store::save_routed(cx.tx, cx.account, &row.id, &routed).await?;
    let Some(department) = rules::department_for(&terms.settings.rules, facts) else { return Ok(()) };
    let Some(name) = people::name(cx.tx, cx.account, &terms.project, &department).await? else { return Ok(()) };
    people::set_department(cx.tx, cx.account, &row.id, Some(&department)).await?;
    let data = json!({ "department_id": department, "name": name, "by": null });
    conversations::append(cx, &place, NewMessage::event("department.given", data)).await?;
    conversations::tell(cx, &row.id).await
}

/// What the rules may ask of a conversation's client; the visitor's page and language are the caller's to know.
pub(super) async fn facts(cx: &mut Cx<'_>, row: &Queued) -> Result<rules::Facts> {
    let values = contacts::values::all_of(cx.tx, cx.account, &row.contact).await?;
    let fields = values.into_iter().map(|(key, held)| (key, held.into_iter().map(|one| one.value).collect()));
    Ok(rules::Facts { language: None, page: None, connection: row.connection, fields: fields.collect() })
}

/// Gives a conversation to whoever is chosen; false when nobody is, or it is no longer in the queue.
pub(super) async fn give(cx: &mut Cx<'_>, terms: &Terms, id: &ConversationId) -> Result<bool> {
    events::lock(cx.tx, cx.account).await?;
    let Some(place) = still_queued(cx, &terms.project, id).await? else { return Ok(false) };
    let routed = store::routed(cx.tx, cx.account, id).await?.unwrap_or_default();
    let staff = Staff::load(cx, &terms.project, &terms.present).await?;
    let department = people::of_conversation(cx.tx, cx.account, id).await?;
    let last = match terms.settings.last_operator_first {
        true => store::last_operator(cx.tx, cx.account, &place.contact_id, id).await?,
        false => None,
    };
    let candidates = staff.candidates(department.as_ref());
    let Some(chosen) = choose(terms.settings.mode, last, &candidates, &routed.asked) else { return Ok(false) };
    hand(cx, &place, &staff, routed, chosen, None).await?;
    Ok(true)
}

/// Takes a conversation from who has not answered in time, and gives it to the next; when everybody was asked, it goes back to the queue.
pub(super) async fn go_on(cx: &mut Cx<'_>, terms: &Terms, id: &ConversationId) -> Result<()> {
    let Some(seconds) = terms.settings.reassign_seconds else { return Ok(()) };
    events::lock(cx.tx, cx.account).await?;
    let place = conversations::place(cx.tx, cx.account, &terms.project, id).await?;
    let Some(mut routed) = store::routed(cx.tx, cx.account, id).await? else { return Ok(()) };
    let (Some(holder), Some(given_at)) = (routed.given_to, routed.given_at) else { return Ok(()) };
    let waits = store::waiting_since(cx.tx, cx.account, id).await?.is_some_and(|since| since <= given_at);
    let is_overdue = given_at + seconds * 1000 <= cx.env.now().0;
    let is_still_so = place.status == ConversationStatus::Open && place.assignee_id == Some(holder);
    if !(waits && is_overdue && is_still_so) {
        return Ok(());
    }
    let staff = Staff::load(cx, &terms.project, &terms.present).await?;
    let department = people::of_conversation(cx.tx, cx.account, id).await?;
    let candidates = staff.candidates(department.as_ref());
    let silent = staff.name(&holder).to_owned();
    if let Some(chosen) = choose(terms.settings.mode, None, &candidates, &routed.asked) {
        return hand(cx, &place, &staff, routed, chosen, Some(silent)).await;
    }
    (routed.given_to, routed.given_at, routed.exhausted) = (None, None, true);
    store::save_routed(cx.tx, cx.account, id, &routed).await?;
    conversations::set_holder(cx.tx, cx.account, id, None, ConversationStatus::New).await?;
    let line = NewMessage::event("routing.returned", json!({ "name": silent }));
    conversations::append(cx, &place, line).await?;
    conversations::tell(cx, id).await
}

async fn hand(
    cx: &mut Cx<'_>,
    place: &Place,
    staff: &Staff,
    mut routed: Routed,
    (user, reason): (UserId, Reason),
    silent: Option<String>,
) -> Result<()> {
    let (id, now) = (place.conversation_id, cx.env.now());
    routed.asked.push(user);
    (routed.given_to, routed.given_at, routed.exhausted) = (Some(user), Some(now.0), false);
    store::save_routed(cx.tx, cx.account, &id, &routed).await?;
    store::set_given(cx.tx, cx.account, &place.project_id, &user, now).await?;
    conversations::set_holder(cx.tx, cx.account, &id, Some(&user), ConversationStatus::Open).await?;
    let data = json!({ "user_id": user, "name": staff.name(&user), "reason": reason.as_str(), "instead_of": silent });
    conversations::append(cx, place, NewMessage::event("routing.given", data)).await?;
    conversations::tell(cx, &id).await
}

/// Where it is, while nobody has it.
async fn still_queued(cx: &mut Cx<'_>, project: &ProjectId, id: &ConversationId) -> Result<Option<Place>> {
    let place = conversations::place(cx.tx, cx.account, project, id).await?;
    Ok(Some(place).filter(|place| place.status == ConversationStatus::New && place.assignee_id.is_none()))
}

/// Whether a project gives anything out, or only sorts.
pub(super) fn gives(settings: &Settings) -> bool {
    settings.mode != Mode::Everyone
}
