//! Groups of a project while something changes: one change or a whole set. Groups and ids are computed once at the end, and ids
//! are matched between the groups before the first change and those after the last (rulings 22).

use super::arrivals::{self, Joined};
use super::context::{self, Context};
use super::graph;
use super::keys::Newcomer;
use super::whole::{Block, Whole};
use super::{regrouping, store};
use crate::Result;
use db::Tx;
use identity::dirty::dirt_of_decision;
use identity::groups::match_ids;
use identity::keys::{ValueSet, Values};
use identity::partition::{guarded, partition};
use identity::universe::ContactNode;
use model::{
    AccountId, ChangedGroup as TellGroup, ContactId, Cx, Env, Event, GroupChange, GroupId, MultiContactChanged,
    ProjectId,
};
use serde::{Deserialize, Serialize};
use std::collections::{BTreeMap, BTreeSet, HashSet};

type Component = Vec<ContactNode<ContactId>>;

/// What a change did to the groups.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Effect {
    /// Contacts that changed their group.
    pub moved: usize,
    /// Groups made of several.
    pub merges: usize,
    /// Groups that fell apart.
    pub splits: usize,
}

/// Contacts whose keys follow a decision about values one by one; for more of them everything is computed anew.
const FEW: usize = 5_000;

/// What is known of a project's groups while it changes. Made before the first change, [`Grouping::finish`]ed after the last.
pub struct Grouping<'a> {
    /// Time and ids.
    pub env: &'a Env,
    /// Account.
    pub account: &'a AccountId,
    /// Project.
    pub project: &'a ProjectId,
    context: Option<Context>,
    /// Contacts made by this change, whose keys are not written yet.
    newcomers: Vec<Newcomer>,
    /// Contacts whose surroundings must be looked at again.
    dirty: BTreeSet<ContactId>,
    /// Rules or settings changed: every key is computed anew.
    is_whole: bool,
    /// Groups before the first change, complete, as far as anything touched them.
    before: BTreeMap<GroupId, Vec<ContactId>>,
    /// The group each touched contact was found in.
    found_in: BTreeMap<ContactId, GroupId>,
    /// The group each touched contact is stored with now.
    stored_in: BTreeMap<ContactId, GroupId>,
    created: BTreeSet<ContactId>,
    /// The groups of the touched contacts now.
    components: Vec<Component>,
    /// Contacts whose keys or groups were looked at.
    touched: BTreeSet<ContactId>,
    /// Ids that the groups before have lost, each with the oldest of its members.
    retired: Vec<(GroupId, ContactId)>,
    /// Stored groups are those of `components`.
    is_settled: bool,
}

/// What a change did to the groups.
#[derive(Debug, Default)]
pub struct Regrouped {
    /// Groups of two or more that are new or different.
    pub groups: Vec<ChangedGroup>,
    /// Ids that have no group of two or more now (rulings 29).
    pub dissolved: Vec<GroupId>,
    /// How much moved.
    pub effect: Effect,
}

/// A group of two or more that is new or different.
#[derive(Debug)]
pub struct ChangedGroup {
    /// Its id.
    pub id: GroupId,
    /// The id was handed out by this change.
    pub is_new: bool,
    /// Oldest first.
    pub members: Vec<ContactId>,
}

impl<'a> Grouping<'a> {
    /// Takes the account's lock: positions and groups stand still for everybody else.
    pub async fn begin(tx: &mut Tx, env: &'a Env, account: &'a AccountId, project: &'a ProjectId) -> Result<Self> {
        events::lock(tx, account).await?;
        Ok(Self {
            env,
            account,
            project,
            context: None,
            newcomers: Vec::new(),
            dirty: BTreeSet::new(),
            is_whole: false,
            before: BTreeMap::new(),
            found_in: BTreeMap::new(),
            stored_in: BTreeMap::new(),
            created: BTreeSet::new(),
            components: Vec::new(),
            touched: BTreeSet::new(),
            retired: Vec::new(),
            is_settled: true,
        })
    }

    /// Rules, settings or states of values changed.
    pub fn rules_changed(&mut self) {
        self.context = None;
        self.is_whole = true;
    }

    /// A contact was made, with a group of its own.
    pub async fn created(&mut self, tx: &mut Tx, id: &ContactId) -> Result<()> {
        let Some((seq, group)) = store::brief(tx, self.account, self.project, id).await? else { return Ok(()) };
        self.created.insert(*id);
        self.found_in.insert(*id, group);
        self.stored_in.insert(*id, group);
        self.components.push(vec![node(*id, seq)]);
        Ok(())
    }

    /// A contact was made with these values, in a group of its own.
    pub fn created_with(&mut self, id: &ContactId, seq: i64, group: &GroupId, values: Values) {
        self.created.insert(*id);
        self.found_in.insert(*id, *group);
        self.stored_in.insert(*id, *group);
        self.components.push(vec![node(*id, seq)]);
        if !values.is_empty() {
            self.newcomers.push(Newcomer { id: *id, seq, values });
        }
    }

    /// Writes the keys of the newcomers, so that a contact's keys are those of its values again.
    async fn admit_newcomers(&mut self, tx: &mut Tx) -> Result<()> {
        let newcomers = std::mem::take(&mut self.newcomers);
        // When rules changed, too, every key is computed anew.
        if self.is_whole || newcomers.is_empty() {
            return Ok(());
        }
        let context = self.take_context(tx).await?;
        let first = super::keys::first_of(tx, self.account, &context, &newcomers).await?;
        let is_under_way = regrouping::epoch(tx, self.account, self.project).await?.is_some();
        if first.has_turn || is_under_way || !self.is_settled || !self.dirty.is_empty() {
            self.dirty.extend(first.dirty);
        } else {
            let limit = context.limits.max_group;
            let joined = arrivals::join(tx, self.account, self.project, limit, &newcomers, first.joints).await?;
            self.take_joined(joined);
        }
        self.is_settled = false;
        self.context = Some(context);
        Ok(())
    }

    fn take_joined(&mut self, joined: Joined) {
        for (group, members) in joined.before {
            self.remember_all(&group, members.into_iter().map(|node| node.id));
        }
        let moved: HashSet<&ContactId> = joined.components.iter().flatten().map(|node| &node.id).collect();
        self.components.retain(|members| !members.iter().any(|node| moved.contains(&node.id)));
        self.dirty.extend(joined.dirty);
        self.components.extend(joined.components);
    }

    async fn take_context(&mut self, tx: &mut Tx) -> Result<Context> {
        match self.context.take() {
            Some(context) => Ok(context),
            None => context::load(tx, self.account, self.project).await,
        }
    }

    /// What of a contact's values can match, to be asked for before they change.
    pub async fn values_of(&self, tx: &mut Tx, id: &ContactId) -> Result<Values> {
        store::usable_values(tx, self.account, id).await
    }

    /// Values of a contact, which were `before`, changed: its keys follow.
    pub async fn values_changed(&mut self, tx: &mut Tx, id: &ContactId, before: &Values) -> Result<()> {
        if self.is_whole {
            return Ok(());
        }
        self.admit_newcomers(tx).await?;
        let context = self.take_context(tx).await?;
        let dirty = super::keys::follow_values(tx, self.account, &context, id, before).await?;
        self.dirty.extend(dirty);
        self.context = Some(context);
        Ok(())
    }

    /// What holds before values are blocked, allowed or neither any more.
    pub async fn before_deciding(&mut self, tx: &mut Tx) -> Result<Context> {
        self.admit_newcomers(tx).await?;
        self.take_context(tx).await
    }

    /// Values were blocked, allowed or neither any more: the keys of those who hold them follow.
    pub async fn values_decided(&mut self, tx: &mut Tx, before: &Context, values: &ValueSet) -> Result<()> {
        self.context = None;
        if self.is_whole {
            return Ok(());
        }
        let holders = store::holders_of_values(tx, self.account, self.project, values).await?;
        let holders: BTreeSet<ContactId> = holders.into_values().flatten().collect();
        if holders.len() > FEW {
            self.rules_changed();
            return Ok(());
        }
        let holders: Vec<ContactId> = holders.into_iter().collect();
        let context = self.take_context(tx).await?;
        let dirty = super::keys::follow_decisions(tx, self.account, (before, &context), &holders).await?;
        self.dirty.extend(dirty);
        self.context = Some(context);
        Ok(())
    }

    /// A contact is about to be deleted.
    pub async fn leaving(&mut self, tx: &mut Tx, id: &ContactId) -> Result<()> {
        self.admit_newcomers(tx).await?;
        if let Some(group) = store::group_of(tx, self.account, id).await? {
            self.remember(tx, &BTreeMap::from([(*id, group)])).await?;
            self.dirty.extend(store::members(tx, self.account, &group).await?);
        }
        let context = context::load(tx, self.account, self.project).await?;
        let values = store::usable_values(tx, self.account, id).await?;
        for key in super::keys::keys_of(&context, &values) {
            self.dirty.extend(store::holders(tx, self.account, &key, store::MANY).await?);
            store::delete_key(tx, self.account, &key, id).await?;
        }
        self.dirty.remove(id);
        self.touched.insert(*id);
        self.components.retain(|members| members.iter().all(|node| node.id != *id));
        self.stored_in.remove(id);
        Ok(())
    }

    /// A decision by hand was made or taken back.
    pub fn decided(&mut self, decision: &super::Override) {
        self.dirty.extend(dirt_of_decision(&decision.to_core().decision));
        self.dirty.extend(decision.others.iter().copied());
    }

    /// Brings the stored groups up to date, for a change that looks at groups. Nothing is told yet.
    pub async fn settle(&mut self, tx: &mut Tx) -> Result<Regrouped> {
        self.compute(tx).await?;
        self.store(tx).await
    }

    /// Brings the stored groups up to date and tells of the difference to the groups before the first change.
    pub async fn finish(mut self, tx: &mut Tx) -> Result<Regrouped> {
        let done = self.settle(tx).await?;
        store::retire_groups(tx, self.account, self.project, &self.retired).await?;
        if !self.touched.is_empty() && regrouping::epoch(tx, self.account, self.project).await?.is_some() {
            regrouping::note(tx, self.account, self.project, &self.touched).await?;
        }
        let told: Vec<_> = self
            .by_stored_group()
            .into_iter()
            .filter(|(group, members)| {
                members.iter().any(|m| self.found_in.get(m) != Some(group))
                    || done.groups.iter().any(|changed| changed.id == *group)
            })
            .map(|(id, contact_ids)| TellGroup { change: self.change_of(&contact_ids), id, contact_ids })
            .collect();
        if told.is_empty() && done.dissolved.is_empty() {
            return Ok(done);
        }
        let changed = MultiContactChanged { groups: told, dissolved: done.dissolved.clone() };
        let mut cx = Cx::new(tx, self.env, self.account);
        events::append(&mut cx, self.project, &Event::MultiContactChanged(changed)).await?;
        Ok(done)
    }

    /// What happened to a group: `merge` of several of two or more, `join` of a single contact, `split` into several of two or more,
    /// `leave` of a single contact, or a `new` one of newcomers.
    fn change_of(&self, members: &[ContactId]) -> GroupChange {
        let before: BTreeMap<&GroupId, &Vec<ContactId>> = members
            .iter()
            .filter_map(|member| self.found_in.get(member))
            .filter_map(|group| self.before.get(group).map(|stood| (group, stood)))
            .collect();
        let stood: BTreeSet<&ContactId> = before.values().copied().flatten().collect();
        if stood.is_empty() {
            return GroupChange::New;
        }
        let here: HashSet<&ContactId> = members.iter().collect();
        let gone = stood.iter().filter(|contact| !here.contains(*contact)).count();
        GroupChange::of(before.values().filter(|stood| stood.len() > 1).count(), gone, members.len())
    }

    fn by_stored_group(&self) -> BTreeMap<GroupId, Vec<ContactId>> {
        let mut groups: BTreeMap<GroupId, Vec<ContactId>> = BTreeMap::new();
        for member in self.components.iter().flatten() {
            if let Some(group) = self.stored_in.get(&member.id) {
                groups.entry(*group).or_default().push(member.id);
            }
        }
        groups
    }

    async fn compute(&mut self, tx: &mut Tx) -> Result<()> {
        self.admit_newcomers(tx).await?;
        if !self.is_whole && self.dirty.is_empty() {
            return Ok(());
        }
        let context = self.take_context(tx).await?;
        let dirty = std::mem::take(&mut self.dirty);
        if std::mem::take(&mut self.is_whole) {
            self.compute_whole(tx, &context).await?;
        } else {
            self.compute_around(tx, &context, dirty).await?;
        }
        self.context = Some(context);
        Ok(())
    }

    /// The groups around some contacts.
    async fn compute_around(&mut self, tx: &mut Tx, context: &Context, dirty: BTreeSet<ContactId>) -> Result<()> {
        let start = dirty.clone();
        let (mut universe, mut groups) = graph::universe_of(tx, self.account, self.project, context, start).await?;
        self.touched.extend(dirty);
        loop {
            self.remember(tx, &groups).await?;
            self.touched.extend(universe.contacts.iter().map(|node| node.id));
            let strangers = self.strangers(tx, &universe).await?;
            if strangers.is_empty() {
                break;
            }
            let all = universe.contacts.into_iter().map(|node| node.id).chain(strangers);
            (universe, groups) = graph::universe_of(tx, self.account, self.project, context, all).await?;
        }
        let here: BTreeSet<&ContactId> = universe.contacts.iter().map(|node| &node.id).collect();
        self.components.retain(|members| !members.iter().any(|node| here.contains(&node.id)));
        let here: Vec<&ContactId> = here.into_iter().collect();
        store::set_guarded(tx, self.account, &here, &guarded(&universe)).await?;
        self.components.extend(graph::nodes_of(&universe, &partition(&universe)));
        Ok(())
    }

    /// While rules are being applied, a stored group may hold contacts that the new rules do not connect any more. An id can only be
    /// given once, so they are looked at together.
    async fn strangers(&self, tx: &mut Tx, universe: &graph::ContactUniverse) -> Result<Vec<ContactId>> {
        if regrouping::epoch(tx, self.account, self.project).await?.is_none() {
            return Ok(Vec::new());
        }
        let here: BTreeSet<&ContactId> = universe.contacts.iter().map(|node| &node.id).collect();
        let groups: BTreeSet<&GroupId> = here.iter().filter_map(|id| self.stored_in.get(*id)).collect();
        let of_groups = self.stored_in.iter().filter(|(id, group)| groups.contains(group) && !here.contains(id));
        Ok(of_groups.map(|(id, _)| *id).collect())
    }

    /// Every key, and every group that is not as it should be.
    async fn compute_whole(&mut self, tx: &mut Tx, context: &Context) -> Result<()> {
        let mut whole = Whole::compute(tx, self.account, self.project, context, None).await?;
        regrouping::all_done(tx, self.account, self.project).await?;
        for (rule, keys) in context.rules.iter().zip(std::mem::take(&mut whole.keys)) {
            whole.survey.write_keys(tx, self.account, rule, context, keys).await?;
        }
        store::set_all_guarded(tx, self.account, self.project, &whole.guarded_contacts(context)).await?;
        let blocks = whole.changed_blocks();
        let touched: BTreeSet<ContactId> =
            blocks.iter().flat_map(Block::contacts).map(|at| whole.survey.contact_id(at)).collect();
        self.components.retain(|members| !members.iter().any(|node| touched.contains(&node.id)));
        for block in blocks {
            for (group, members) in &block.previous {
                self.remember_all(&GroupId::from_bits(*group), members.iter().map(|&at| whole.survey.contact_id(at)));
            }
            let named = |node: &ContactNode<u32>| ContactNode {
                id: whole.survey.contact_id(node.id),
                created_seq: node.created_seq,
            };
            self.components.extend(block.next.iter().map(|members| members.iter().map(named).collect()));
        }
        Ok(())
    }

    /// Notes the stored groups of contacts, with all their members, before anything moves.
    async fn remember(&mut self, tx: &mut Tx, stored: &BTreeMap<ContactId, GroupId>) -> Result<()> {
        let unknown = stored.iter().filter(|(id, _)| !self.found_in.contains_key(id));
        let groups: BTreeSet<GroupId> = unknown.map(|(_, group)| *group).collect();
        if groups.is_empty() {
            return Ok(());
        }
        let groups: Vec<GroupId> = groups.into_iter().collect();
        for (group, members) in store::members_of(tx, self.account, &groups).await? {
            self.remember_all(&group, members.into_iter().map(|node| node.id));
        }
        Ok(())
    }

    /// As [`remember`](Self::remember), for a stored group that is known as a whole.
    fn remember_all(&mut self, group: &GroupId, members: impl Iterator<Item = ContactId>) {
        let new: Vec<ContactId> = members.filter(|member| !self.found_in.contains_key(member)).collect();
        if new.is_empty() {
            return;
        }
        for member in &new {
            self.found_in.insert(*member, *group);
            self.stored_in.insert(*member, *group);
        }
        self.before.insert(*group, new);
    }

    /// Matches ids between the groups before and now, and writes those that differ.
    async fn store(&mut self, tx: &mut Tx) -> Result<Regrouped> {
        let before: Vec<(GroupId, Vec<ContactId>)> =
            self.before.iter().map(|(id, members)| (*id, members.clone())).collect();
        let matching = match_ids(&before, &self.components);
        self.retired = matching.retired().map(|(id, oldest)| (*id, *oldest)).collect();
        let mut taken: BTreeSet<GroupId> = matching.groups.iter().filter_map(|group| group.id).collect();
        let mut done =
            Regrouped { dissolved: matching.dissolved, effect: self.merges_and_splits(), groups: Vec::new() };
        let mut moved = Vec::new();
        for group in matching.groups {
            let is_new = group.id.is_none();
            let id = group.id.unwrap_or_else(|| self.id_for(&group.members, &taken));
            taken.insert(id);
            for member in &group.members {
                if self.stored_in.get(member) != Some(&id) {
                    moved.push((*member, id));
                    self.stored_in.insert(*member, id);
                }
                done.effect.moved += usize::from(self.found_in.get(member) != Some(&id));
            }
            if group.is_changed {
                done.groups.push(ChangedGroup { id, is_new, members: group.members });
            }
        }
        store::set_groups(tx, self.account, &moved).await?;
        self.is_settled = true;
        Ok(done)
    }

    fn merges_and_splits(&self) -> Effect {
        let mut parts: BTreeMap<&GroupId, BTreeSet<usize>> = BTreeMap::new();
        let mut merges = 0;
        for (at, members) in self.components.iter().enumerate() {
            let sources: BTreeSet<&GroupId> = members.iter().filter_map(|node| self.found_in.get(&node.id)).collect();
            merges += usize::from(sources.len() > 1);
            for source in sources {
                parts.entry(source).or_default().insert(at);
            }
        }
        Effect { moved: 0, merges, splits: parts.values().filter(|parts| parts.len() > 1).count() }
    }

    /// An id for a group that keeps none: one that a member got since the first change, else a new one.
    fn id_for(&self, members: &[ContactId], taken: &BTreeSet<GroupId>) -> GroupId {
        let given = members.iter().filter_map(|member| self.stored_in.get(member));
        let mut unused = given.filter(|id| !taken.contains(*id) && !self.before.contains_key(*id));
        unused.next().copied().unwrap_or_else(|| GroupId::new(self.env.ids()))
    }
}

fn node(id: ContactId, seq: i64) -> ContactNode<ContactId> {
    ContactNode { id, created_seq: u64::try_from(seq).unwrap_or(0) }
}
