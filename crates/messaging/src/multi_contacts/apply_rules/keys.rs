//! Keys of new rules, written in small transactions beside live traffic; and those of rules put away, taken out the same way.

use super::steps::KEYS_WRITTEN;
use super::{Run, Task};
use crate::multi_contacts::survey::{Held, Survey};
use crate::multi_contacts::{context, regrouping, rules, store};
use crate::project_jobs::{GoOn, Growth};
use crate::{MessagingError, Result, events};
use identity::keys::{PassingKey, Rule, RuleKey, hash_hex};
use model::{ContactId, RuleId};
use std::ops::Range;
use std::sync::Arc;

/// Keys in one transaction: few enough that a message waits for some hundredths of a second.
const CHUNK: usize = 2_000;

/// What is to be written, read from one moment, in order of the hashes: neighbours in the table. Contacts that change later bring
/// their keys themselves and are noted.
struct Plan {
    rules: Vec<Planned>,
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
        let (mut done, mut growth) = (0, Growth::new());
        let step = self.size_of_step(CHUNK);
        for (rule, planned) in plan.rules.iter().enumerate() {
            for start in (0..planned.keys.len()).step_by(step) {
                let range = start..planned.keys.len().min(start + step);
                done += range.len();
                let share = KEYS_WRITTEN * i64::try_from(done).unwrap_or(0) / i64::try_from(total.max(1)).unwrap_or(1);
                if self.write_chunk(plan.clone(), rule, range, share).await? == GoOn::Cancelled {
                    return Ok(GoOn::Cancelled);
                }
                growth.follow(self.service, done as u64).await?;
            }
        }
        Ok(GoOn::Yes)
    }

    async fn plan_keys(&self) -> Result<Plan> {
        let task = self.task.clone();
        let read = self.service.db.read(self.task.account.as_str(), move |tx| {
            Box::pin(async move {
                let Task { account, project, .. } = &task;
                let context = context::load(tx, account, project).await?;
                let survey = Survey::read(tx, account, project).await?;
                let prepared = rules::preparing(tx, account, project).await?;
                let prepared: Vec<Rule> = prepared.iter().map(context::core_rule).collect();
                let mut found: Vec<Vec<(Held, Box<str>)>> = prepared.iter().map(|_| Vec::new()).collect();
                let take =
                    |rule: usize, at: u32, key: PassingKey<'_>| found[rule].push(((key.hash, at), key.text.into()));
                let rules: Vec<&Rule> = prepared.iter().collect();
                survey.each_key(tx, account, &rules, &context, None, take).await?;
                let mut plan = Plan { rules: Vec::with_capacity(prepared.len()) };
                for (rule, mut keys) in prepared.into_iter().zip(found) {
                    keys.sort_unstable();
                    let held: Vec<Held> = keys.iter().map(|(held, _)| *held).collect();
                    // A job taken up again has some of them already.
                    let (_, missing) = survey.key_difference(tx, account, &rule, &held).await?;
                    keys.retain(|(held, _)| missing.binary_search(held).is_ok());
                    let planned = |((hash, at), text): (Held, Box<str>)| {
                        let contact = survey.contacts[at as usize].id;
                        PlannedKey { hash, contact, text }
                    };
                    plan.rules.push(Planned { rule, keys: keys.into_iter().map(planned).collect() });
                }
                Ok::<_, MessagingError>(plan)
            })
        });
        read.await
    }

    async fn write_chunk(&self, plan: Arc<Plan>, rule: usize, range: Range<usize>, share: i64) -> Result<GoOn> {
        let (task, stage) = (self.task.clone(), self.stage.clone());
        let written = self.service.db.write_alone(self.task.account.as_str(), move |tx| {
            Box::pin(async move {
                events::lock(tx, &task.account).await?;
                let up_to_date = regrouping::noted(tx, &task.account, &task.project).await?;
                let Planned { rule, keys } = &plan.rules[rule];
                let keys = keys[range].iter().filter(|key| !up_to_date.contains(&key.contact));
                let keys: Vec<(RuleKey, ContactId)> = keys.map(|key| key.of(rule)).collect();
                let pairs: Vec<_> = keys.iter().map(|(key, contact)| (key, contact)).collect();
                store::insert_keys(tx, &task.account, &pairs).await?;
                task.report(tx, share, &stage).await
            })
        });
        written.await
    }

    /// Takes out the keys of rules that were put away, then the rules.
    pub async fn clear_away(&self) -> Result<()> {
        let (account, project) = (self.task.account.clone(), self.task.project.clone());
        let leaving = self.service.db.read(self.task.account.as_str(), move |tx| {
            Box::pin(async move { rules::leaving(tx, &account, &project).await })
        });
        for rule in leaving.await? {
            while self.clear_chunk(rule.clone()).await? {}
        }
        Ok(())
    }

    async fn clear_chunk(&self, rule: RuleId) -> Result<bool> {
        let task = self.task.clone();
        let cleared = self.service.db.write_alone(self.task.account.as_str(), move |tx| {
            Box::pin(async move {
                let Task { account, project, .. } = &task;
                // An undo may have brought it back meanwhile.
                if !rules::leaving(tx, account, project).await?.contains(&rule) {
                    return Ok(false);
                }
                if store::delete_keys_of_rule(tx, account, &rule, CHUNK).await? {
                    return Ok(true);
                }
                rules::delete(tx, account, project, &rule).await?;
                Ok::<_, MessagingError>(false)
            })
        });
        cleared.await
    }
}
