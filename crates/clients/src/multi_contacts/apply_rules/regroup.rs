//! Groups under the new rules: computed from one moment, written in small transactions of whole blocks. What live traffic brought up
//! to date since that moment is left alone, and when everything was computed anew meanwhile, so is the plan.

use super::steps::{ALL, KEYS_WRITTEN};
use super::{Run, Stage, Task};
use crate::multi_contacts::store;
use db::Tx;
use messaging::multi_contacts::survey::Survey;
use messaging::multi_contacts::whole::{Block, Whole};
use messaging::multi_contacts::{context, regrouping};
use model::{ChangedGroup, ContactId, Cx, Event, GroupChange, GroupId, MultiContactChanged};
use model::{Refusal, Result};
use std::collections::{BTreeSet, HashSet};
use std::ops::Range;
use std::sync::Arc;

/// Contacts in one transaction.
const CHUNK: usize = 1_000;

/// What is to change, read from one moment.
struct Plan {
    survey: Survey,
    blocks: Vec<Block>,
    /// Contacts in whose groups a guard has a say.
    guarded: Vec<ContactId>,
    epoch: Option<i64>,
}

/// What a transaction writes and tells.
#[derive(Default)]
struct Written {
    moved: Vec<(ContactId, GroupId)>,
    groups: Vec<ChangedGroup>,
    dissolved: Vec<GroupId>,
    retired: Vec<(GroupId, ContactId)>,
}

impl Run<'_> {
    /// Brings every group to what the new rules make of it.
    pub async fn regroup(&mut self) -> Result<()> {
        loop {
            let plan = self.plan_groups().await?;
            self.note_guarded(&plan.guarded).await?;
            if self.follow(Arc::new(plan)).await? {
                return Ok(());
            }
        }
    }

    /// Marks of before stay: one too many only costs a look.
    async fn note_guarded(&self, guarded: &[ContactId]) -> Result<()> {
        for step in guarded.chunks(self.size_of_step(CHUNK)) {
            let step = step.to_vec();
            let noted = self.service.write(&self.task.account, move |cx| {
                Box::pin(async move { store::add_guarded(cx.tx, cx.account, &step).await })
            });
            noted.await?;
        }
        Ok(())
    }

    async fn plan_groups(&self) -> Result<Plan> {
        let task = self.task.clone();
        let read = self.service.db.read(self.task.account, move |tx| {
            Box::pin(async move {
                let Task { account, project, .. } = &task;
                let epoch = regrouping::epoch(tx, account, project).await?;
                let context = context::load(tx, account, project).await?;
                let whole = Whole::compute(tx, account, project, &context, None).await?;
                let (blocks, guarded) = (whole.changed_blocks(), whole.guarded_contacts(&context));
                Ok::<_, Refusal>(Plan { survey: whole.survey, blocks, guarded, epoch })
            })
        });
        read.await
    }

    /// Writes a plan; false when it was outdated before its end.
    async fn follow(&mut self, plan: Arc<Plan>) -> Result<bool> {
        let (mut start, step) = (0, self.size_of_step(CHUNK));
        while start < plan.blocks.len() {
            let mut contacts = 0;
            let fits = |block: &&Block| {
                let is_first = contacts == 0;
                contacts += block.contacts().count();
                is_first || contacts <= step
            };
            let end = start + plan.blocks[start..].iter().take_while(fits).count();
            let (task, stage, plan) = (self.task.clone(), self.stage.clone(), plan.clone());
            let written = self.service.db.write_alone(self.task.account, move |tx| {
                Box::pin(async move { task.write_blocks(tx, &plan, start..end, stage).await })
            });
            let Some(stage) = written.await? else { return Ok(false) };
            self.stage = stage;
            start = end;
        }
        Ok(true)
    }
}

impl Task {
    async fn write_blocks(
        &self,
        tx: &mut Tx,
        plan: &Plan,
        range: Range<usize>,
        mut stage: Stage,
    ) -> Result<Option<Stage>> {
        events::lock(tx, &self.account).await?;
        if regrouping::epoch(tx, &self.account, &self.project).await? != plan.epoch {
            return Ok(None);
        }
        let up_to_date = regrouping::noted(tx, &self.account, &self.project).await?;
        let mut written = Written::default();
        for block in &plan.blocks[range.clone()] {
            if is_outdated(block, plan, &up_to_date) {
                continue;
            }
            self.write_block(plan, block, &mut stage, &mut written);
        }
        let Written { moved, groups, dissolved, retired } = written;
        store::set_groups(tx, &self.account, &moved).await?;
        store::retire_groups(tx, &self.account, &self.project, &retired).await?;
        if !groups.is_empty() || !dissolved.is_empty() {
            let changed = Event::MultiContactChanged(MultiContactChanged { groups, dissolved });
            events::append(&mut Cx::new(tx, &self.env, &self.account), &self.project, &changed).await?;
        }
        let share = (ALL - KEYS_WRITTEN) * i64::try_from(range.end).unwrap_or(0);
        let share = KEYS_WRITTEN + share / i64::try_from(plan.blocks.len()).unwrap_or(1);
        // Past the moment the rules changed there is no way back but an undo: a wish to stop comes too late.
        self.report(tx, share, &stage).await?;
        Ok(Some(stage))
    }

    fn write_block(&self, plan: &Plan, block: &Block, stage: &mut Stage, written: &mut Written) {
        let stored = |at: u32| plan.survey.groups[plan.survey.contacts[at as usize].group as usize];
        let matching = block.matching();
        let mut parts: Vec<BTreeSet<usize>> = vec![BTreeSet::new(); block.previous.len()];
        for (place, group) in matching.groups.iter().enumerate() {
            let id = group.id.map_or_else(|| GroupId::new(self.env.ids()), GroupId::from_bits);
            let sources: BTreeSet<u128> = group.members.iter().map(|&at| stored(at)).collect();
            stage.effect.merges += usize::from(sources.len() > 1);
            for (previous, parts) in block.previous.iter().zip(&mut parts).filter(|((id, _), _)| sources.contains(id)) {
                debug_assert!(!previous.1.is_empty());
                parts.insert(place);
            }
            let members: Vec<ContactId> = group.members.iter().map(|&at| plan.survey.contact_id(at)).collect();
            let mut is_told = group.is_changed;
            for (&at, member) in group.members.iter().zip(&members) {
                if stored(at) != id.bits() {
                    written.moved.push((*member, id));
                    stage.effect.moved += 1;
                    is_told = true;
                }
            }
            if is_told {
                let change = change_of(&sources, &group.members, &block.previous);
                written.groups.push(ChangedGroup { id, change, contact_ids: members });
            }
        }
        stage.effect.splits += parts.iter().filter(|parts| parts.len() > 1).count();
        let retired = matching.retired();
        written.retired.extend(retired.map(|(&id, &oldest)| (GroupId::from_bits(id), plan.survey.contact_id(oldest))));
        written.dissolved.extend(matching.dissolved.into_iter().map(GroupId::from_bits));
    }
}

/// As the change of a group outside of a job is called.
fn change_of(sources: &BTreeSet<u128>, members: &[u32], previous: &[(u128, Vec<u32>)]) -> GroupChange {
    let stood: Vec<&Vec<u32>> = previous.iter().filter(|(id, _)| sources.contains(id)).map(|(_, of)| of).collect();
    let here: HashSet<u32> = members.iter().copied().collect();
    let gone = stood.iter().flat_map(|of| of.iter()).filter(|at| !here.contains(at)).count();
    GroupChange::of(stood.iter().filter(|of| of.len() > 1).count(), gone, members.len())
}

fn is_outdated(block: &Block, plan: &Plan, up_to_date: &HashSet<u128>) -> bool {
    !up_to_date.is_empty() && block.contacts().any(|at| up_to_date.contains(&{ plan.survey.contacts[at as usize].id }))
}
