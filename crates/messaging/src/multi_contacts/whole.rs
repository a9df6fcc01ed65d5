//! The groups of a whole project under some rules: components of hashed keys, and the exact partition where unlinks or the size
//! guard have a say (rulings 27, 28). Nothing is written here.

use super::context::Context;
use super::graph::{self, ContactUniverse};
use super::survey::{Held, Norms, RuleKeys, Survey};
use super::{overrides, store};
use crate::Result;
use db::Tx;
use identity::bulk::{Components, Hub};
use identity::groups::{Matching, match_ids};
use identity::keys::{Rule, Value, Values, rule_keys};
use identity::partition::partition;
use identity::universe::{ContactNode, Decision, Override};
use model::{AccountId, ContactId, ProjectId};
use std::collections::{BTreeSet, HashMap};

/// A project's groups as they should be, beside those that are stored.
pub struct Whole {
    /// The project as it stands.
    pub survey: Survey,
    /// Per contact the smallest contact of its group.
    pub labels: Vec<u32>,
    /// Keys over their limit, with the index of their rule.
    pub hubs: Vec<(usize, Hub<u128>)>,
    /// Keys by rule of the context.
    pub keys: Vec<RuleKeys>,
    /// Per contact the smallest contact of its raw component.
    raw: Vec<u32>,
    /// Contacts in order of their raw components.
    by_raw: Vec<u32>,
    overrides: Vec<Override<ContactId>>,
}

/// Stored groups and wanted ones that overlap: what must be looked at together when ids are matched.
pub struct Block {
    /// Stored groups, complete.
    pub previous: Vec<(u128, Vec<u32>)>,
    /// Wanted groups of the same contacts, oldest contact first.
    pub next: Vec<Vec<ContactNode<u32>>>,
}

impl Block {
    /// Which wanted group keeps which id.
    pub fn matching(&self) -> Matching<u128, u32> {
        match_ids(&self.previous, &self.next)
    }

    /// Every contact in it.
    pub fn contacts(&self) -> impl Iterator<Item = u32> {
        self.next.iter().flatten().map(|node| node.id)
    }
}

impl Whole {
    /// Reads a project and computes its groups under a context. `norms` as in [`Survey::keys`]; keys are kept for all rules of the
    /// context, and those that join make the groups.
    pub async fn compute(
        tx: &mut Tx,
        account: &AccountId,
        project: &ProjectId,
        context: &Context,
        norms: Option<&Norms<'_>>,
    ) -> Result<Self> {
        let survey = Survey::read(tx, account, project).await?;
        let rules: Vec<&Rule> = context.rules.iter().collect();
        let keys = survey.keys(tx, account, &rules, context, norms).await?;
        let mut components = Components::new(survey.contacts.len());
        let mut hubs = Vec::new();
        for (at, (rule, keys)) in rules.iter().zip(&keys).enumerate().filter(|(_, (rule, _))| rule.joins()) {
            let pair = |key: &Held| (key.hash, key.contact);
            let over = components.join(keys.limited.iter().map(pair), rule.limit(context.limits.hub_limit));
            hubs.extend(over.into_iter().map(|hub| (at, hub)));
            components.join(keys.exempt.iter().map(pair), None);
        }
        let overrides = overrides::all(tx, account, project).await?;
        for decision in &overrides {
            let Decision::Link { a, b } = &decision.decision else { continue };
            if let (Some(a), Some(b)) = (find(&survey, a), find(&survey, b)) {
                components.union(a, b);
            }
        }
        let raw = components.into_roots();
        let mut by_raw: Vec<u32> = (0..u32::try_from(raw.len()).unwrap_or(u32::MAX)).collect();
        by_raw.sort_unstable_by_key(|&at| (raw[at as usize], at));
        let mut whole = Self { labels: raw.clone(), survey, hubs, keys, raw, by_raw, overrides };
        for root in whole.guarded(context) {
            whole.partition_one(tx, account, context, root, norms).await?;
        }
        Ok(whole)
    }

    /// Raw components in which an unlink or the size guard has a say.
    fn guarded(&self, context: &Context) -> BTreeSet<u32> {
        let mut roots = BTreeSet::new();
        for decision in &self.overrides {
            let Decision::Unlink { subject, .. } = &decision.decision else { continue };
            roots.extend(find(&self.survey, subject).map(|at| self.raw[at as usize]));
        }
        let Some(limit) = context.limits.max_group else { return roots };
        let parts = self.by_raw.chunk_by(|a, b| self.raw[*a as usize] == self.raw[*b as usize]);
        roots.extend(parts.filter(|part| part.len() > limit as usize).map(|part| self.raw[part[0] as usize]));
        roots
    }

    /// Contacts of those components (identity::partition::guarded).
    pub fn guarded_contacts(&self, context: &Context) -> Vec<ContactId> {
        let roots = self.guarded(context).into_iter();
        roots.flat_map(|root| self.component_of(root)).map(|&at| self.survey.contact_id(at)).collect()
    }

    async fn partition_one(
        &mut self,
        tx: &mut Tx,
        account: &AccountId,
        context: &Context,
        root: u32,
        norms: Option<&Norms<'_>>,
    ) -> Result<()> {
        let universe = self.universe_of(tx, account, context, root, norms).await?;
        for group in partition(&universe).groups {
            let places: Vec<u32> = group.iter().filter_map(|id| find(&self.survey, id)).collect();
            let Some(&label) = places.iter().min() else { continue };
            places.iter().for_each(|&at| self.labels[at as usize] = label);
        }
        Ok(())
    }

    /// The raw component of a contact.
    pub fn component_of(&self, at: u32) -> &[u32] {
        let root = self.raw[at as usize];
        let start = self.by_raw.partition_point(|&other| self.raw[other as usize] < root);
        let length = self.by_raw[start..].partition_point(|&other| self.raw[other as usize] == root);
        &self.by_raw[start..start + length]
    }

    /// The raw component of a contact with its keys and decisions, as the exact partition and explanations take it.
    pub async fn universe_of(
        &self,
        tx: &mut Tx,
        account: &AccountId,
        context: &Context,
        at: u32,
        norms: Option<&Norms<'_>>,
    ) -> Result<ContactUniverse> {
        let mut nodes = Vec::new();
        for &member in self.component_of(at) {
            let id = self.survey.contact_id(member);
            let values = values_of(tx, account, &id, norms).await?;
            let keys = context.rules.iter().flat_map(|rule| rule_keys(rule, &values, &context.blocked)).collect();
            nodes.push((ContactNode { id, created_seq: self.survey.contacts[member as usize].seq }, keys));
        }
        let members: BTreeSet<&ContactId> = nodes.iter().map(|(node, _)| &node.id).collect();
        let speaks_of_them = |decision: &&Override<ContactId>| match &decision.decision {
            Decision::Link { a, .. } => members.contains(a),
            Decision::Unlink { subject, .. } => members.contains(subject),
        };
        let decisions = self.overrides.iter().filter(speaks_of_them).cloned().collect();
        let mut universe = graph::whole(nodes, context, decisions, &context.allowed);
        // Only some holders of a hub are here; it must not seem to join them.
        let hubs: HashMap<(usize, String), u32> =
            self.hubs.iter().map(|(rule, hub)| ((*rule, identity::keys::hash_hex(hub.hash)), hub.holders)).collect();
        for key in &mut universe.keys {
            if let Some(&holders) = hubs.get(&(key.rule, key.id.hash.clone())) {
                key.degree = holders;
            }
        }
        Ok(universe)
    }

    /// Everything that differs from what is stored.
    pub fn changed_blocks(&self) -> Vec<Block> {
        let contacts = &self.survey.contacts;
        let changed = self.changed();
        let mut overlap = Components::new(contacts.len());
        let mut first_of_group = vec![None; self.survey.groups.len()];
        for &at in &changed {
            overlap.union(self.labels[at as usize], at);
            let first = *first_of_group[contacts[at as usize].group as usize].get_or_insert(at);
            overlap.union(first, at);
        }
        let mut ranked: Vec<(u32, u32)> = changed.iter().map(|&at| (overlap.root(at), at)).collect();
        ranked.sort_unstable();
        ranked.chunk_by(|a, b| a.0 == b.0).map(|block| self.block(block.iter().map(|(_, at)| *at))).collect()
    }

    /// Contacts whose stored group is not the wanted one.
    fn changed(&self) -> Vec<u32> {
        let mut label_of = vec![u32::MAX; self.survey.groups.len()];
        let mut group_size = vec![0u32; self.survey.groups.len()];
        let mut label_size = vec![0u32; self.labels.len()];
        let mut is_changed = vec![false; self.survey.groups.len()];
        for (contact, &label) in self.survey.contacts.iter().zip(&self.labels) {
            let group = contact.group as usize;
            group_size[group] += 1;
            label_size[label as usize] += 1;
            if label_of[group] == u32::MAX {
                label_of[group] = label;
            }
            is_changed[group] |= label_of[group] != label;
        }
        for (group, changed) in is_changed.iter_mut().enumerate() {
            *changed |= group_size[group] != label_size[label_of[group] as usize];
        }
        let contacts = (0..).zip(&self.survey.contacts);
        contacts.filter(|(_, contact)| is_changed[contact.group as usize]).map(|(at, _)| at).collect()
    }

    fn block(&self, members: impl Iterator<Item = u32> + Clone) -> Block {
        let contacts = &self.survey.contacts;
        let mut by_group: Vec<(u128, u32)> =
            members.clone().map(|at| (self.survey.groups[contacts[at as usize].group as usize], at)).collect();
        by_group.sort_unstable();
        let previous = by_group.chunk_by(|a, b| a.0 == b.0);
        let previous = previous.map(|group| (group[0].0, group.iter().map(|(_, at)| *at).collect())).collect();
        let node = |at: u32| ContactNode { id: at, created_seq: contacts[at as usize].seq };
        let mut by_label: Vec<(u32, ContactNode<u32>)> =
            members.map(|at| (self.labels[at as usize], node(at))).collect();
        by_label.sort_unstable_by_key(|(label, node)| (*label, node.created_seq, node.id));
        let next = by_label.chunk_by(|a, b| a.0 == b.0);
        let next = next.map(|group| group.iter().map(|(_, node)| node.clone()).collect()).collect();
        Block { previous, next }
    }
}

fn find(survey: &Survey, id: &ContactId) -> Option<u32> {
    survey.find(id.bits())
}

/// What of a contact's values can match; with `norms`, as settings that are not stored yet would have it.
///
/// # Errors
/// When the storage fails.
pub async fn values_of(tx: &mut Tx, account: &AccountId, id: &ContactId, norms: Option<&Norms<'_>>) -> Result<Values> {
    let Some(norms) = norms else { return store::usable_values(tx, account, id).await };
    let mut values = Values::new();
    for (field, raw, _, _, verified) in store::held_values(tx, account, id).await? {
        let Some(norm) = norms(&field, &raw) else { continue };
        values.entry(field).or_default().push(Value { norm, verified });
    }
    Ok(values)
}
