//! Contacts about to be made, with all about them that needs no look at the storage: many are made ready beside the transaction that
//! stores them.

use super::store::values::Compared;
use super::values::{self, Known};
use super::{NewContact, search, store};
use crate::multi_contacts::Grouping;
use crate::{Refusal, Result};
use db::Tx;
use events::Told;
use identity::keys::Values;
use identity::normalise::NormSettings;
use model::{Contact, ContactId, Cx, Env, Event, FieldValue, GroupId, Unusable, never};
use std::collections::BTreeMap;

/// A contact about to be made, in a group of its own.
pub struct Draft {
    contact: Contact,
    address: Option<String>,
    /// What is compared of each value, in their order.
    compared: Vec<Compared>,
    /// What of its values can match.
    usable: Values,
    search: String,
    /// The contact as the event tells it.
    told: String,
}

impl Draft {
    /// A contact without values.
    pub fn bare(env: &Env, new: &NewContact, handle: String) -> Result<Self> {
        let norms = NormSettings::default();
        Self::of(contact_of(env, new, handle, BTreeMap::new()), new, Vec::new(), Values::new(), &norms)
    }

    /// A contact with its first values, of a table: nobody has seen them yet.
    pub fn with_values(
        env: &Env,
        new: &NewContact,
        handle: String,
        known: &Known,
        given: &values::Given,
        giver: &values::Giver,
    ) -> Result<Self> {
        let fields = values::first(known, given, giver, env.now())?;
        let (compared, usable) = values::compare(known, &fields);
        let contact = Contact { last_seen_at: never::NEVER, ..contact_of(env, new, handle, fields) };
        Self::of(contact, new, compared, usable, &known.norms)
    }

    fn of(
        contact: Contact,
        new: &NewContact,
        compared: Vec<Compared>,
        usable: Values,
        norms: &NormSettings,
    ) -> Result<Self> {
        let search = search::stored(contact.name.as_deref(), &contact.handle, &contact.fields, norms);
        let told = Event::ContactCreated(&contact).data().map_err(|e| Refusal::stored(&e))?;
        Ok(Self { contact, address: new.address.clone(), compared, usable, search, told })
    }

    /// The contact's id.
    pub fn id(&self) -> &ContactId {
        &self.contact.id
    }

    /// Values that are kept as they were given and compared with nothing: field and reason.
    pub fn unusable(&self) -> impl Iterator<Item = (&str, Unusable)> {
        let values = self.contact.fields.iter().flat_map(|(field, values)| values.iter().map(move |v| (field, v)));
        values.filter_map(|(field, value)| Some((field.as_str(), value.unusable?)))
    }

    /// What people call it.
    pub fn display(&self) -> &str {
        self.contact.name.as_deref().unwrap_or(&self.contact.handle)
    }
}

fn contact_of(env: &Env, new: &NewContact, handle: String, fields: BTreeMap<String, Vec<FieldValue>>) -> Contact {
    Contact {
        id: ContactId::new(env.ids()),
        project_id: new.project_id,
        connection_id: new.connection_id,
        channel: new.channel,
        external_id: new.external_id.clone(),
        handle,
        name: values::name_in(&fields).or_else(|| new.name.clone()),
        fields,
        tags: Vec::new(),
        multi_contact_id: GroupId::new(env.ids()),
        created_at: env.now(),
        last_seen_at: env.now(),
        demo: new.demo,
        looks_like: None,
    }
}

/// Makes contacts, and notes their values for the groups.
pub async fn create_all(tx: &mut Tx, grouping: &mut Grouping<'_>, drafts: Vec<Draft>) -> Result<()> {
    let first = events::next_positions(tx, grouping.account, drafts.len()).await?;
    insert_all(&mut Cx::new(tx, grouping.env, grouping.account), &drafts, first).await?;
    for (draft, position) in drafts.into_iter().zip(first..) {
        grouping.created_with(&draft.contact.id, position, &draft.contact.multi_contact_id, draft.usable);
    }
    Ok(())
}

/// Writes contacts with their values and events at `first` and the positions after it.
pub async fn insert_all(cx: &mut Cx<'_>, drafts: &[Draft], first: i64) -> Result<()> {
    let rows = drafts.iter().zip(first..);
    let rows = rows.map(|(draft, created_seq)| store::ToInsert {
        contact: &draft.contact,
        created_seq,
        search: &draft.search,
        address: draft.address.as_deref(),
    });
    store::insert_all(cx.tx, cx.account, &rows.collect::<Vec<_>>()).await?;
    let with_values = drafts.iter().map(|draft| (&draft.contact, draft.compared.as_slice()));
    values::insert_first(cx.tx, cx.account, &with_values.collect::<Vec<_>>()).await?;
    let Some(project) = drafts.first().map(|draft| &draft.contact.project_id) else { return Ok(()) };
    let told =
        drafts.iter().map(|draft| Told { event: Event::ContactCreated(&draft.contact), data: draft.told.as_str() });
    events::record_all(cx, first, project, told).await
}
