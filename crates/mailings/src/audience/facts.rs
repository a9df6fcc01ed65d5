//! What is known of contacts, read a page at a time: only what a mailing asks for.

use super::{Audience, OfMailing, OfReport};
use crate::store;
use crate::template::Values;
use db::Tx;
use messaging::consent;
use model::{AccountId, ChannelKind, ConnectionId, ContactId, GroupId, Result, Timestamp};
use std::collections::{BTreeSet, HashMap, HashSet};

/// What is known of a contact.
#[derive(Debug, Clone)]
pub struct Facts {
    /// The moment that days are counted back from.
    pub now: Timestamp,
    /// Contact.
    pub contact_id: ContactId,
    /// Its multi-contact: the person.
    pub group_id: GroupId,
    /// Its channel.
    pub connection_id: ConnectionId,
    /// Kind of the channel.
    pub channel: ChannelKind,
    /// The provider's address of it.
    pub address: String,
    /// Name, or the handle.
    pub name: String,
    /// `@name` and the like.
    pub handle: String,
    /// Blocked us.
    pub is_blocked: bool,
    /// Its channel is switched off.
    pub is_off: bool,
    /// Was here.
    pub last_seen_at: Timestamp,
    /// Wrote last; read where it is asked for.
    pub last_wrote: Option<Timestamp>,
    /// Takes no mailings, by its own word.
    pub is_opted_out: bool,
    /// Tags.
    pub tags: Vec<String>,
    /// Usable values by field.
    pub fields: Vec<(String, Vec<String>)>,
    /// Reports that it is in.
    pub reports: HashSet<OfReport>,
    /// Mailings that it is in.
    pub mailings: HashSet<OfMailing>,
}

impl Values for Facts {
    fn all(&self, key: &str) -> &[String] {
        self.fields.iter().find(|(field, _)| field == key).map_or(&[], |(_, values)| values)
    }
}

/// The field with the client's name.
const NAME_FIELD: &str = "name";

impl Facts {
    /// Whoever told us no name has the one that their channel shows, unless that is only a handle.
    fn name_from_channel(&mut self) {
        let is_told = self.fields.iter().any(|(field, _)| field == NAME_FIELD);
        if !is_told && self.name != self.handle {
            self.fields.push((NAME_FIELD.to_owned(), vec![self.name.clone()]));
        }
    }
}

/// What has to be read beside the contacts themselves.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    fields: BTreeSet<String>,
    wrote: bool,
    reports: Vec<OfReport>,
    mailings: Vec<OfMailing>,
}

impl Needs {
    /// Of an audience, with the fields that texts print.
    pub fn of(audience: &Audience, printed: impl IntoIterator<Item = String>, wrote: bool) -> Self {
        let mut needs = Self { fields: printed.into_iter().collect(), wrote, ..Self::default() };
        for (_, leaf) in audience.leaves() {
            needs.fields.extend(leaf.field.clone());
            needs.wrote |= leaf.wrote.is_some();
            needs.reports.extend(leaf.report.clone());
            needs.mailings.extend(leaf.mailing.clone());
        }
        needs
    }

    /// Reads what is needed of some contacts.
    ///
    /// # Errors
    /// When the storage fails.
    pub async fn fill(&self, tx: &mut Tx, account: &AccountId, facts: &mut [Facts]) -> Result<()> {
        if facts.is_empty() {
            return Ok(());
        }
        let ids: Vec<ContactId> = facts.iter().map(|one| one.contact_id).collect();
        let at: HashMap<ContactId, usize> = ids.iter().enumerate().map(|(at, id)| (*id, at)).collect();
        for id in consent::of_contacts(tx, account, &ids).await? {
            facts[at[&id]].is_opted_out = true;
        }
        if !self.fields.is_empty() {
            for (id, field, value) in store::people::values(tx, account, &ids, &self.fields).await? {
                let fields = &mut facts[at[&id]].fields;
                match fields.last_mut().filter(|(last, _)| *last == field) {
                    Some((_, values)) => values.push(value),
                    None => fields.push((field, vec![value])),
                }
            }
        }
        for one in facts.iter_mut().filter(|_| self.fields.contains(NAME_FIELD)) {
            one.name_from_channel();
        }
        if self.wrote {
            for (id, wrote) in store::people::last_wrote(tx, account, &ids).await? {
                facts[at[&id]].last_wrote = Some(wrote);
            }
        }
        for of in &self.reports {
            for id in store::people::of_report(tx, account, of, &ids).await? {
                facts[at[&id]].reports.insert(of.clone());
            }
        }
        for of in &self.mailings {
            for id in store::people::of_mailing(tx, account, of, &ids).await? {
                facts[at[&id]].mailings.insert(of.clone());
            }
        }
        Ok(())
    }
}
