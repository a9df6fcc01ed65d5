//! Rows of the index are made and written: read beside the writer, written in one short transaction, in any order and as often as need be.

use crate::hits::Kind;
use crate::made;
use crate::place;
use crate::store::follow as log;
use crate::store::rows::{self, Row, Table};
use db::Scope;
use identity::normalise::NormSettings;
use messaging::{Messaging, contacts, multi_contacts};
use model::{AccountId, Contact, ContactId, Cx, Message, ProjectId, Refusal, Result};
use std::collections::{BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

/// The number of a project, and how it reads phones.
#[derive(Clone)]
pub(crate) struct Known {
    pub number: i64,
    pub norms: Arc<NormSettings>,
}

/// What of an account is to be written.
#[derive(Default)]
pub(crate) struct Batch {
    messages: Vec<Row>,
    clients: Vec<Row>,
    /// Groups that are none any more.
    dissolved: Vec<u128>,
}

impl Batch {
    /// Rows in it.
    pub fn len(&self) -> usize {
        self.messages.len() + self.clients.len()
    }

    /// The same in pieces of so many rows; none of nothing. Groups go first: who was in one may be in another by now.
    pub fn pieces(mut self, rows: usize) -> Vec<Self> {
        let mut pieces = Vec::new();
        if !self.dissolved.is_empty() {
            pieces.push(Self { dissolved: std::mem::take(&mut self.dissolved), ..Self::default() });
        }
        while self.len() > 0 {
            let messages: Vec<Row> = self.messages.drain(..rows.min(self.messages.len())).collect();
            let clients = self.clients.drain(..(rows - messages.len()).min(self.clients.len())).collect();
            pieces.push(Self { messages, clients, ..Self::default() });
        }
        pieces
    }

    /// A message.
    pub fn say(&mut self, known: &Known, message: &Message) {
        self.messages.push(Row {
            place: place::of(known.number, message.created_at),
            kind: Kind::Message,
            id: message.id.bits(),
            contact: message.contact_id,
            size: 1,
            terms: made::message(message, &known.norms).stored(known.number),
        });
    }

    /// Groups that are none any more.
    pub fn dissolve(&mut self, groups: impl Iterator<Item = u128>) {
        self.dissolved.extend(groups);
    }

    /// A contact with its conversations, and the group it is in.
    pub async fn meet(&mut self, cx: &mut Cx<'_>, projects: &HashMap<ProjectId, Known>, id: &ContactId) -> Result<()> {
        let group = contacts::group_of(cx.tx, cx.account, id).await?;
        let Some(contact) = group.iter().find(|contact| contact.id == *id) else { return Ok(()) };
        let Some(known) = projects.get(&contact.project_id) else { return Ok(()) };
        self.clients.push(client(known, std::slice::from_ref(contact), Kind::Contact, contact.id.bits()));
        if group.len() > 1 {
            let id = contact.multi_contact_id.bits();
            self.clients.retain(|row| (row.kind, row.id) != (Kind::Group, id));
            self.clients.push(client(known, &group, Kind::Group, id));
        }
        for (id, at) in log::conversations(cx.tx, cx.account, &contact.id).await? {
            self.clients.push(Row {
                place: place::of(known.number, at),
                kind: Kind::Conversation,
                id: id.bits(),
                contact: contact.id,
                size: 1,
                terms: made::conversation(&id, contact, &known.norms).stored(known.number),
            });
        }
        Ok(())
    }

    /// Writes all of it.
    pub async fn write(&self, cx: &mut Cx<'_>) -> Result<()> {
        rows::delete_groups(cx, &self.dissolved).await?;
        write_rows(cx, Table::Messages, &self.messages).await?;
        write_rows(cx, Table::Clients, &self.clients).await
    }
}

async fn write_rows(cx: &mut Cx<'_>, table: Table, all: &[Row]) -> Result<()> {
    let there = rows::places(cx, table, all.iter()).await?;
    let known = all.iter().filter_map(|row| there.get(&row.key()).map(|doc| (*doc, row)));
    rows::update(cx, table, &in_order(known)).await?;
    let new = apart(all.iter().filter(|row| !there.contains_key(&row.key())));
    rows::insert(cx, table, &new).await?;
    let there = rows::places(cx, table, new.iter().map(|(_, row)| *row)).await?;
    let mut crowd = Crowd::default();
    for (place, row) in new.into_iter().filter(|(_, row)| !there.contains_key(&row.key())) {
        let free = rows::free_place(cx, table, crowd.past(place)).await?;
        rows::insert(cx, table, &[(free, row)]).await?;
        crowd.ends(place, free);
    }
    Ok(())
}

/// The places that a row was moved past last, its own with them: whoever comes there next need not look for their end again.
#[derive(Default)]
struct Crowd(Range<i64>);

impl Crowd {
    /// Where to look for a free place from this one on.
    fn past(&self, place: i64) -> i64 {
        if self.0.contains(&place) { self.0.end } else { place }
    }

    /// A row that was to stand at `place` stands at `free` now.
    fn ends(&mut self, place: i64, free: i64) {
        let first = if self.0.contains(&place) { self.0.start } else { place };
        self.0 = first..free + 1;
    }
}

/// Each in a place of its own, in the order of their moments.
fn apart<'r>(rows: impl Iterator<Item = &'r Row>) -> Vec<(i64, &'r Row)> {
    let mut rows: Vec<&Row> = rows.collect();
    rows.sort_by_key(|row| row.place);
    let mut next = i64::MIN;
    let own = |row: &'r Row| {
        let place = row.place.max(next);
        next = place + 1;
        (place, row)
    };
    rows.into_iter().map(own).collect()
}

/// FTS5 writes what it has gathered whenever a row comes that stands before the last.
fn in_order<'r>(rows: impl Iterator<Item = (i64, &'r Row)>) -> Vec<(i64, &'r Row)> {
    let mut rows: Vec<_> = rows.collect();
    rows.sort_by_key(|(doc, _)| *doc);
    rows
}

fn client(known: &Known, contacts: &[Contact], kind: Kind, id: u128) -> Row {
    let oldest = &contacts[0];
    Row {
        place: place::of(known.number, oldest.created_at),
        kind,
        id,
        contact: oldest.id,
        size: i64::try_from(contacts.len()).unwrap_or(i64::MAX),
        terms: made::client(contacts, &known.norms).stored(known.number),
    }
}

/// What has to be known of all projects of an account; those that are new are given their numbers.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn projects(service: &Messaging, account: &AccountId) -> Result<HashMap<ProjectId, Known>> {
    loop {
        let read = service.read(account, |cx| Box::pin(async move { known_projects(cx).await })).await?;
        let (known, new) = read;
        if new.is_empty() {
            return Ok(known);
        }
        let own = *account;
        let numbered = service.db.write(Scope::System, move |tx| {
            let new = new.clone();
            Box::pin(async move {
                for project in &new {
                    rows::number_project(tx, &own, project).await?;
                }
                Ok::<_, Refusal>(())
            })
        });
        numbered.await?;
    }
}

async fn known_projects(cx: &mut Cx<'_>) -> Result<(HashMap<ProjectId, Known>, BTreeSet<ProjectId>)> {
    let (mut known, mut new) = (HashMap::new(), BTreeSet::new());
    for project in rows::projects(cx.tx, cx.account).await? {
        match rows::project_number(cx.tx, cx.account, &project).await? {
            Some(number) if number < place::PROJECTS => {
                let norms = Arc::new(multi_contacts::settings(cx.tx, cx.account, &project).await?.norms());
                known.insert(project, Known { number, norms });
            }
            Some(_) => tracing::error!(project = %project, "there are more projects than search has numbers for"),
            None => {
                new.insert(project);
            }
        }
    }
    Ok((known, new))
}
