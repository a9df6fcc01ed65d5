//! Keys of new rules, written in small transactions beside live traffic; and those of rules put away, taken out the same way.

use super::steps::KEYS_WRITTEN;
use super::{Run, Task};
use crate::multi_contacts::context::{self, Context};
use crate::multi_contacts::survey::{Held, Survey};
use crate::multi_contacts::{rules, store};
use crate::project_jobs::GoOn;
use crate::{MessagingError, Result};
use identity::keys::Rule;
use model::RuleId;
use std::sync::Arc;

/// Keys in one transaction: few enough that a message waits for some hundredths of a second.
const CHUNK: usize = 2_000;

/// What is to be written, read from one moment. A contact that changes later brings its keys itself, and a key that its values do
/// not give any more is not written.
struct Plan {
    survey: Survey,
    context: Context,
    keys: Vec<(Rule, Vec<Held>)>,
}

impl Run<'_> {
    /// Writes the keys of the prepared rules.
    pub async fn write_keys(&self) -> Result<GoOn> {
        if self.stage.prepared.is_empty() {
            return Ok(GoOn::Yes);
        }
        let plan = Arc::new(self.plan_keys().await?);
        let total: usize = plan.keys.iter().map(|(_, keys)| keys.len()).sum();
        let mut done = 0;
        for rule in 0..plan.keys.len() {
            for start in (0..plan.keys[rule].1.len()).step_by(CHUNK) {
                done += CHUNK.min(plan.keys[rule].1.len() - start);
                let share = KEYS_WRITTEN * i64::try_from(done).unwrap_or(0) / i64::try_from(total.max(1)).unwrap_or(1);
                if self.write_chunk(plan.clone(), rule, start, share).await? == GoOn::Cancelled {
                    return Ok(GoOn::Cancelled);
                }
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
                let found = survey.keys(tx, account, &prepared.iter().collect::<Vec<_>>(), &context, None).await?;
                let mut keys = Vec::with_capacity(prepared.len());
                for (rule, found) in prepared.into_iter().zip(found) {
                    // A job taken up again has some of them already.
                    let (_, missing) = survey.key_difference(tx, account, &rule, found).await?;
                    keys.push((rule, missing));
                }
                Ok::<_, MessagingError>(Plan { survey, context, keys })
            })
        });
        read.await
    }

    async fn write_chunk(&self, plan: Arc<Plan>, rule: usize, start: usize, share: i64) -> Result<GoOn> {
        let (task, stage) = (self.task.clone(), self.stage.clone());
        let written = self.service.db.write(self.task.account.as_str(), move |tx| {
            Box::pin(async move {
                let (rule, keys) = &plan.keys[rule];
                for key in keys.iter().skip(start).take(CHUNK) {
                    plan.survey.insert_key(tx, &task.account, rule, &plan.context, *key).await?;
                }
                crate::events::lock(tx, &task.account).await?;
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
        let cleared = self.service.db.write(self.task.account.as_str(), move |tx| {
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
