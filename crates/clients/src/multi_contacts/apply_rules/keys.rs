//! Keys of new rules, written in small transactions beside live traffic; and those of rules put away, taken out the same way.

use super::steps::KEYS_WRITTEN;
use super::{Run, Task};
use crate::multi_contacts::rules;
use crate::multi_contacts::store;
use db::Tx;
use identity::keys::{PassingKey, Rule, RuleKey, ValueSet, hash_hex};
use jobs::project::{GoOn, Growth};
use messaging::multi_contacts::context;
use messaging::multi_contacts::keys::keys_of;
use messaging::multi_contacts::rules as core_rules;
use messaging::multi_contacts::survey::{Held, Survey};
use model::{ContactId, RuleId};
use model::{Refusal, Result};
use std::collections::HashSet;
use std::ops::Range;
use std::sync::Arc;

/// Keys in one transaction: few enough that a message waits for some hundredths of a second.
const CHUNK: usize = 2_000;

/// What is to be written, read from one moment, in order of the hashes: neighbours in the table.
struct Plan {
    rules: Vec<Planned>,
    /// The moment, as a position of the log.
    position: i64,
}

/// Contacts changed since: what is planned for them is not true any more.
#[derive(Clone)]
struct Changed {
    contacts: HashSet<u128>,
    /// Up to this position of the log.
    position: i64,
}

impl Changed {
    /// Looks for more of them. A change writes only the keys it makes or takes away, so those it left as they were are written here.
    async fn follow(&mut self, tx: &mut Tx, task: &Task) -> Result<()> {
        let Task { account, project, .. } = task;
        let (position, _) = events::bounds(tx, account).await?;
        let changed = events::changed_contacts(tx, account, project, self.position).await?;
        self.position = position;
        if changed.is_empty() {
            return Ok(());
        }
        let context = context::load(tx, account, project).await?;
        let changed: Vec<ContactId> = changed.into_iter().collect();
        let values = store::usable_values_of(tx, account, &changed).await?;
        let keys =
            values.iter().flat_map(|(id, values)| keys_of(&context, values).into_iter().map(move |key| (key, id)));
        let keys: Vec<(RuleKey, &ContactId)> = keys.collect();
        let keys: Vec<(&RuleKey, &ContactId)> = keys.iter().map(|(key, id)| (key, *id)).collect();
        store::insert_keys(tx, account, &keys).await?;
        self.contacts.extend(changed.iter().map(|id| id.bits()));
        Ok(())
    }
}

fn holds_blocked(rule: &Rule, key: &RuleKey, blocked: &ValueSet) -> bool {
    let pairs = || rule.key_fields().into_iter().zip(key.values());
    !blocked.is_empty() && pairs().any(|(field, value)| blocked.contains(&(field.to_owned(), value.to_owned())))
}

struct Planned {
    rule: Rule,
    keys: Vec<PlannedKey>,
}

struct PlannedKey {
    hash: u128,
    contact: u128,
    text: Box<str>,
}

impl PlannedKey {
    fn of(&self, rule: &Rule) -> (RuleKey, ContactId) {
        let key = RuleKey { rule: rule.key.clone(), hash: hash_hex(self.hash), text: self.text.to_string() };
        (key, ContactId::from_bits(self.contact))
    }
}

impl Run<'_> {
    /// Writes the keys of the prepared rules.
    pub async fn write_keys(&self) -> Result<GoOn> {
        if self.stage.prepared.is_empty() {
            return Ok(GoOn::Yes);
        }
        let plan = Arc::new(self.plan_keys().await?);
        let total: usize = plan.rules.iter().map(|planned| planned.keys.len()).sum();
        let (mut done, mut growth) = (0, Growth::of(messaging::contacts::GROWING_TABLES));
        let mut changed = Changed { contacts: HashSet::new(), position: plan.position };
        let step = self.size_of_step(CHUNK);
        for (rule, planned) in plan.rules.iter().enumerate() {
            for start in (0..planned.keys.len()).step_by(step) {
                let range = start..planned.keys.len().min(start + step);
                done += range.len();
                let share = KEYS_WRITTEN * i64::try_from(done).unwrap_or(0) / i64::try_from(total.max(1)).unwrap_or(1);
                let go_on;
                (changed, go_on) = self.write_chunk(plan.clone(), (rule, range), changed, share).await?;
                if go_on == GoOn::Cancelled {
                    return Ok(GoOn::Cancelled);
                }
                growth.follow(&self.service.db, done as u64).await?;
            }
        }
        Ok(GoOn::Yes)
    }

    async fn plan_keys(&self) -> Result<Plan> {
        let task = self.task.clone();
        let read = self.service.db.read(self.task.account, move |tx| {
            Box::pin(async move {
                let Task { account, project, .. } = &task;
                let (position, _) = events::bounds(tx, account).await?;
                let context = context::load(tx, account, project).await?;
                let survey = Survey::read(tx, account, project).await?;
                let prepared = core_rules::preparing(tx, account, project).await?;
                let prepared: Vec<Rule> = prepared.iter().map(context::core_rule).collect();
                let mut found: Vec<Vec<(Held, Box<str>)>> = prepared.iter().map(|_| Vec::new()).collect();
                let take = |rule: usize, contact: u32, key: PassingKey<'_>| {
                    found[rule].push((Held { hash: key.hash, contact }, key.text.into()));
                };
                let rules: Vec<&Rule> = prepared.iter().collect();
                survey.each_key(tx, account, &rules, (&context, None), take).await?;
                let mut plan = Plan { rules: Vec::with_capacity(prepared.len()), position };
                for (rule, mut keys) in prepared.into_iter().zip(found) {
                    keys.sort_unstable();
                    let held: Vec<Held> = keys.iter().map(|(held, _)| *held).collect();
                    // A job taken up again has some of them already.
                    let (_, missing) = survey.key_difference(tx, account, &rule, &held).await?;
                    keys.retain(|(held, _)| missing.binary_search(held).is_ok());
                    let planned = |(held, text): (Held, Box<str>)| {
                        let contact = survey.contacts[held.contact as usize].id;
                        PlannedKey { hash: held.hash, contact, text }
                    };
                    plan.rules.push(Planned { rule, keys: keys.into_iter().map(planned).collect() });
                }
                Ok::<_, Refusal>(plan)
            })
        });
        read.await
    }

    async fn write_chunk(
        &self,
        plan: Arc<Plan>,
        (rule, range): (usize, Range<usize>),
        mut changed: Changed,
        share: i64,
    ) -> Result<(Changed, GoOn)> {
        let (task, stage) = (self.task.clone(), self.stage.clone());
        let written = self.service.db.write_alone(self.task.account, move |tx| {
            Box::pin(async move {
                events::lock(tx, &task.account).await?;
                changed.follow(tx, &task).await?;
                let Planned { rule, keys } = &plan.rules[rule];
                let keys = keys[range].iter().filter(|key| !changed.contacts.contains(&key.contact));
                // A value may have been blocked since: whoever holds it has lost the key, without being told of as changed.
                let blocked = context::load(tx, &task.account, &task.project).await?.blocked;
                let keys = keys.map(|key| key.of(rule)).filter(|(key, _)| !holds_blocked(rule, key, &blocked));
                let keys: Vec<(RuleKey, ContactId)> = keys.collect();
                let pairs: Vec<_> = keys.iter().map(|(key, contact)| (key, contact)).collect();
                store::insert_keys(tx, &task.account, &pairs).await?;
                let go_on = task.report(tx, share, &stage).await?;
                Ok::<_, Refusal>((changed, go_on))
            })
        });
        written.await
    }

    /// Takes out the keys of rules that were put away, then the rules.
    pub async fn clear_away(&self) -> Result<()> {
        let project = self.task.project;
        let leaving = self.service.read(&self.task.account, move |cx| {
            Box::pin(async move { rules::leaving(cx.tx, cx.account, &project).await })
        });
        for rule in leaving.await? {
            while self.clear_chunk(rule).await? {}
        }
        Ok(())
    }

    async fn clear_chunk(&self, rule: RuleId) -> Result<bool> {
        let task = self.task.clone();
        let cleared = self.service.db.write_alone(self.task.account, move |tx| {
            Box::pin(async move {
                let Task { account, project, .. } = &task;
                // An undo may have brought it back meanwhile.
                if !rules::leaving(tx, account, project).await?.contains(&rule) {
                    return Ok(false);
                }
                if store::delete_keys_of_rule(tx, account, &rule, CHUNK).await? {
                    return Ok(true);
                }
                rules::delete_row(tx, account, &rule).await?;
                Ok::<_, Refusal>(false)
            })
        });
        cleared.await
    }
}
