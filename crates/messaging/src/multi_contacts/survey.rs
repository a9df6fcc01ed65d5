//! A whole project at a glance, read as a stream and held as numbers: a million contacts in some tens of megabytes.

use super::context::Context;
use super::store;
use super::store::survey::ContactRow;
use crate::Result;
use db::Tx;
use identity::keys::{PassingKey, Rule, Value, Values, each_rule_key, holds_allowed};
use model::{AccountId, ContactId, ProjectId};
use std::collections::BTreeSet;

/// A key of a contact. Packed, for there are several a contact: 20 bytes where a pair takes 32.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
#[repr(C, packed(4))]
pub struct Held {
    /// Its hash.
    pub hash: u128,
    /// The contact's place in the survey.
    pub contact: u32,
}

/// Every contact of a project with its age and its stored group.
pub struct Survey {
    /// In order of their ids.
    pub contacts: Vec<Surveyed>,
    /// Ids of the stored groups, in order.
    pub groups: Vec<u128>,
}

/// One contact; packed as its keys are.
#[derive(Clone, Copy)]
#[repr(C, packed(4))]
pub struct Surveyed {
    /// Bits of its id.
    pub id: u128,
    /// Its age: the smaller the older.
    pub seq: u64,
    /// Place of its stored group.
    pub group: u32,
}

/// The keys one rule gives a project's contacts.
#[derive(Default)]
pub struct RuleKeys {
    /// Those that the hub limit is for.
    pub limited: Vec<Held>,
    /// Those that hold an allowed value (rulings 26).
    pub exempt: Vec<Held>,
}

impl RuleKeys {
    /// All of them in order of their hashes.
    fn sorted(mut self) -> Vec<Held> {
        self.limited.append(&mut self.exempt);
        self.limited.sort_unstable();
        self.limited
    }
}

impl Survey {
    /// Reads the contacts.
    pub async fn read(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Self> {
        let mut rows = store::survey::contacts(tx, account, project).await?;
        rows.sort_unstable();
        let mut groups: Vec<u128> = rows.iter().map(|row| row.group).collect();
        groups.sort_unstable();
        groups.dedup();
        let surveyed = |row: ContactRow| Surveyed { id: row.id, seq: row.seq, group: place(&groups, row.group) };
        let contacts = rows.into_iter().map(surveyed).collect();
        Ok(Self { contacts, groups })
    }

    /// The contact with this id.
    pub fn find(&self, id: u128) -> Option<u32> {
        let at = self.contacts.binary_search_by_key(&id, |contact| contact.id).ok()?;
        u32::try_from(at).ok()
    }

    /// The id of the contact at a place.
    pub fn contact_id(&self, at: u32) -> ContactId {
        ContactId::from_bits(self.contacts[at as usize].id)
    }

    /// The keys that rules give by what the values are compared by. With `norms` that text is made from the raw value instead of
    /// read: for settings that are not stored yet.
    pub async fn keys(
        &self,
        tx: &mut Tx,
        account: &AccountId,
        rules: &[&Rule],
        context: &Context,
        norms: Option<&Norms<'_>>,
    ) -> Result<Vec<RuleKeys>> {
        let mut found: Vec<RuleKeys> = rules.iter().map(|_| RuleKeys::default()).collect();
        let take = |rule: usize, at: u32, key: PassingKey<'_>| {
            let is_exempt = holds_allowed(rules[rule], key.values, &context.allowed);
            let list = if is_exempt { &mut found[rule].exempt } else { &mut found[rule].limited };
            list.push(Held { hash: key.hash, contact: at });
        };
        self.each_key(tx, account, rules, (context, norms), take).await?;
        Ok(found)
    }

    /// As [`keys`](Self::keys), one after the other: the index of the rule, the contact, the key.
    pub async fn each_key(
        &self,
        tx: &mut Tx,
        account: &AccountId,
        rules: &[&Rule],
        (context, norms): (&Context, Option<&Norms<'_>>),
        mut take: impl FnMut(usize, u32, PassingKey<'_>) + Send,
    ) -> Result<()> {
        let wanted: BTreeSet<&str> = rules.iter().flat_map(|rule| rule.fields.iter().map(String::as_str)).collect();
        let mut values = Values::new();
        let mut at: Option<u32> = None;
        let mut finish = |at: Option<u32>, values: &mut Values| {
            let Some(at) = at.filter(|_| values.values().any(|held| !held.is_empty())) else { return };
            for (place, rule) in rules.iter().enumerate() {
                each_rule_key(rule, values, &context.blocked, |key| take(place, at, key));
            }
            values.values_mut().for_each(Vec::clear);
        };
        let mut last: Option<ContactId> = None;
        let read = store::survey::each_value(tx, account, |row| {
            let field = row.text(1)?;
            if !wanted.contains(field) {
                return Ok(());
            }
            let id: ContactId = row.get(0)?;
            if last != Some(id) {
                finish(at, &mut values);
                last = Some(id);
                // Contacts of the account's other projects are not in the survey.
                at = self.find(id.bits());
            }
            if at.is_none() {
                return Ok(());
            }
            let norm = match norms {
                Some(norms) => norms(field, row.text(4)?),
                None => row.get::<Option<String>>(2)?,
            };
            let Some(norm) = norm else { return Ok(()) };
            let value = Value { norm, verified: row.get(3)? };
            match values.get_mut(field) {
                Some(held) => held.push(value),
                None => drop(values.insert(field.to_owned(), vec![value])),
            }
            Ok(())
        });
        read.await?;
        finish(at, &mut values);
        Ok(())
    }

    /// Brings the stored keys of one rule to these.
    pub async fn write_keys(
        &self,
        tx: &mut Tx,
        account: &AccountId,
        rule: &Rule,
        context: &Context,
        keys: RuleKeys,
    ) -> Result<()> {
        let (extra, missing) = self.key_difference(tx, account, rule, &keys.sorted()).await?;
        for (hash, contact) in &extra {
            store::delete_key_by_hash(tx, account, &rule.key, *hash, &ContactId::from_bits(*contact)).await?;
        }
        for key in missing {
            self.insert_key(tx, account, rule, context, key).await?;
        }
        Ok(())
    }

    /// Stored keys that should not be there, by contact id, and those of the wanted (sorted) ones that are missing; both in order of the hash, so that writing
    /// them touches neighbouring pages.
    pub async fn key_difference(
        &self,
        tx: &mut Tx,
        account: &AccountId,
        rule: &Rule,
        wanted: &[Held],
    ) -> Result<(Vec<(u128, u128)>, Vec<Held>)> {
        let (mut extra, mut missing) = (Vec::new(), Vec::new());
        let mut next = 0;
        let read = store::survey::each_key(tx, account, &rule.key, |hash, contact| {
            while next < wanted.len() && self.order_of(wanted[next]) < (hash, contact) {
                missing.push(wanted[next]);
                next += 1;
            }
            if next < wanted.len() && self.order_of(wanted[next]) == (hash, contact) {
                next += 1;
            } else {
                extra.push((hash, contact));
            }
        });
        read.await?;
        missing.extend_from_slice(&wanted[next..]);
        Ok((extra, missing))
    }

    fn order_of(&self, key: Held) -> (u128, u128) {
        (key.hash, self.contacts[key.contact as usize].id)
    }

    async fn insert_key(
        &self,
        tx: &mut Tx,
        account: &AccountId,
        rule: &Rule,
        context: &Context,
        held: Held,
    ) -> Result<()> {
        let id = self.contact_id(held.contact);
        let values = store::usable_values(tx, account, &id).await?;
        let hash = identity::keys::hash_hex(held.hash);
        let keys = identity::keys::rule_keys(rule, &values, &context.blocked);
        let Some(key) = keys.into_iter().find(|key| key.hash == hash) else { return Ok(()) };
        store::insert_key(tx, account, &key, &id).await
    }
}

/// The text of a raw value that is compared, by field key.
pub type Norms<'n> = dyn Fn(&str, &str) -> Option<String> + Send + Sync + 'n;

fn place(sorted: &[u128], wanted: u128) -> u32 {
    let at = sorted.binary_search(&wanted).unwrap_or(0);
    u32::try_from(at).unwrap_or(u32::MAX)
}
