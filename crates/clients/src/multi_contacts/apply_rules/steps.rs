//! The small transactions of the job: its beginning, the moment the rules change, its end.

use super::{APPLY_RULES, Run, Stage, Task, UNDO_RULES, Undo, UndoInput, Wanted};
use crate::multi_contacts::log::{self, Config, Snapshot};
use crate::multi_contacts::norms::{self, Outdated};
use crate::multi_contacts::rules;
use crate::multi_contacts::settings;
use crate::multi_contacts::{NewRule, values};
use db::Tx;
use identity::keys::Rule as CoreRule;
use jobs::Job;
use jobs::project::{self as project_jobs, GoOn, JobState, Progress};
use messaging::Messaging;
use messaging::multi_contacts::context::Context;
use messaging::multi_contacts::log as core_log;
use messaging::multi_contacts::log::{ChangeKind, record};
use messaging::multi_contacts::rules as core_rules;
use messaging::multi_contacts::survey::Survey;
use messaging::multi_contacts::{ProjectSettings, Rule, context, keys, regrouping};
use model::{AccountId, Cx, ProjectId};
use model::{Refusal, Result};
use serde_json::json;
use std::sync::Arc;

/// How far the progress bar is when the rules change, and at the end.
pub(super) const KEYS_WRITTEN: i64 = 50;
pub(super) const ALL: i64 = 100;

/// Contacts whose keys follow one by one when values compare otherwise; for more of them every key is looked at.
const FEW: usize = 5_000;

/// What became of the moment the rules change.
pub(super) enum Changed {
    Yes,
    /// The list is what stands already.
    Nothing,
    Cancelled,
}

/// Takes a job up, from the start or from where it stood; none when there is nothing more to do.
pub(super) async fn begin(service: &Arc<Messaging>, job: &Job) -> Result<Option<(Task, Stage)>> {
    let (env, account, id) = (service.env.clone(), job.account_id, job.id);
    let begun = service.db.write_alone(job.account_id, move |tx| {
        Box::pin(async move {
            let asked = project_jobs::by_id(tx, &account, &id).await?;
            let (wanted, undo) = match asked.kind.as_str() {
                UNDO_RULES => {
                    let UndoInput { line } = stored(asked.input)?;
                    let stands = log::get(tx, &account, &asked.project_id, &line).await?.before;
                    let Snapshot::Config(before) = stands else { return Err(Refusal::NotFound) };
                    (super::wanted_again(&before), Some(Arc::new(Undo { line, values: before.values })))
                }
                _ => (stored::<Wanted>(asked.input)?, None),
            };
            let (project, by) = (asked.project_id, asked.created_by);
            let task = Task { env, account, project, id, wanted: Arc::new(wanted), undo, by };
            if let Some(partial) = asked.result {
                return Ok(Some((task, stored(partial)?)));
            }
            events::lock(tx, &task.account).await?;
            if task.report(tx, 0, &Stage::default()).await? == GoOn::Cancelled {
                task.finish(tx, JobState::Cancelled, &Stage::default()).await?;
                return Ok(None);
            }
            let stage = task.prepare(tx).await?;
            task.report(tx, 0, &stage).await?;
            Ok::<_, Refusal>(Some((task, stage)))
        })
    });
    begun.await
}

fn stored<T: serde::de::DeserializeOwned>(json: serde_json::Value) -> Result<T> {
    serde_json::from_value(json).map_err(|e| Refusal::stored(&e))
}

/// Puts away what a refused job had prepared.
pub(super) async fn abandon(service: &Arc<Messaging>, job: &Job) -> Result<()> {
    let id = job.id;
    let done = service.write(&job.account_id, move |cx| {
        Box::pin(async move {
            let asked = project_jobs::by_id(cx.tx, cx.account, &id).await?;
            debug_assert!([APPLY_RULES, UNDO_RULES].contains(&asked.kind.as_str()));
            drop_prepared(cx.tx, cx.account, &asked.project_id).await
        })
    });
    done.await
}

async fn drop_prepared(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<()> {
    for rule in core_rules::preparing(tx, account, project).await? {
        rules::delete_row(tx, account, rule.row()).await?;
    }
    regrouping::end(tx, account, project).await
}

impl Task {
    pub async fn report(&self, tx: &mut Tx, done: i64, stage: &Stage) -> Result<GoOn> {
        let progress = Progress { done, total: Some(ALL) };
        project_jobs::report_with(&mut Cx::new(tx, &self.env, &self.account), &self.id, progress, &json!(stage)).await
    }

    async fn finish(&self, tx: &mut Tx, state: JobState, stage: &Stage) -> Result<()> {
        let result = (state == JobState::Done).then(|| json!(stage.effect));
        project_jobs::end(&mut Cx::new(tx, &self.env, &self.account), &self.id, state, result.as_ref(), None)
            .await
            .map(drop)
    }

    async fn new_settings(&self, tx: &mut Tx) -> Result<Option<(ProjectSettings, ProjectSettings)>> {
        let Some(change) = &self.wanted.settings else { return Ok(None) };
        let standing = context::settings(tx, &self.account, &self.project).await?;
        let wanted = change.clone().over(standing.clone());
        Ok((wanted != standing).then_some((standing, wanted)))
    }

    /// The new settings, when values are compared otherwise under them.
    async fn comparing_otherwise(&self, tx: &mut Tx) -> Result<Option<ProjectSettings>> {
        let changed = self.new_settings(tx).await?;
        let differs = |old: &ProjectSettings, new: &ProjectSettings| {
            old.default_region != new.default_region || old.placeholders != new.placeholders
        };
        Ok(changed.filter(|(old, new)| differs(old, new)).map(|(_, new)| new))
    }

    /// Looks through what compares otherwise, before the moment the rules change; none when nothing does.
    pub async fn outdated(&self, tx: &mut Tx) -> Result<Option<(ProjectSettings, Outdated)>> {
        let Some(settings) = self.comparing_otherwise(tx).await? else { return Ok(None) };
        let found = norms::outdated(tx, &self.account, &self.project, &settings).await?;
        Ok(Some((settings, found)))
    }

    /// Notes the rules that are new or make other keys than they do now, switched off: from now on their keys follow the values.
    async fn prepare(&self, tx: &mut Tx) -> Result<Stage> {
        let mut stage = Stage::default();
        // What a job of before left behind when its project had no worker for it.
        drop_prepared(tx, &self.account, &self.project).await?;
        regrouping::begin(tx, &self.account, &self.project, &self.id).await?;
        let standing = core_rules::list(tx, &self.account, &self.project).await?;
        let has_keys = |rule: &NewRule| {
            let kept = standing.iter().find(|standing| rule.id.as_ref() == Some(&standing.id));
            kept.is_some_and(|kept| rules::has_keys_of(kept, rule))
        };
        for (index, rule) in self.wanted.rules.iter().enumerate().filter(|(_, rule)| !has_keys(rule)) {
            let row = rules::prepare(&mut Cx::new(tx, &self.env, &self.account), &self.project, rule).await?;
            stage.prepared.insert(index, row);
        }
        Ok(stage)
    }

    async fn replace_rules(&self, tx: &mut Tx, stage: &Stage) -> Result<()> {
        let Self { env, account, project, wanted, .. } = self;
        let is_undo = self.undo.is_some();
        rules::replace_all(&mut Cx::new(tx, env, account), project, &wanted.rules, &stage.prepared, is_undo).await
    }

    /// Changes the settings, and what values are compared by. Keys of contacts that compare otherwise follow.
    async fn change_settings(&self, tx: &mut Tx, outdated: Option<&(ProjectSettings, Outdated)>) -> Result<()> {
        let Self { account, project, .. } = self;
        let Some((_, settings)) = self.new_settings(tx).await? else { return Ok(()) };
        if self.comparing_otherwise(tx).await?.is_none() {
            return settings::store(tx, account, project, &settings).await;
        }
        let found = match outdated {
            Some((planned, found)) if *planned == settings => found,
            // The settings were changed by somebody else meanwhile.
            _ => &norms::outdated(tx, account, project, &settings).await?,
        };
        settings::store(tx, account, project, &settings).await?;
        let before = norms::change(tx, account, project, &settings, found).await?;
        let has_other_states = values::compare_anew(tx, account, project).await?;
        let context = context::load(tx, account, project).await?;
        // A value that is blocked or not any more may stand in any key.
        if before.len() > FEW || has_other_states {
            return self.rewrite(tx, &context, &context.rules).await;
        }
        for (contact, before) in &before {
            keys::follow_values(tx, account, &context, contact, before).await?;
        }
        Ok(())
    }

    /// Decisions about values that the change at hand was mixed with are taken back with it; they may stand in any key.
    async fn restore_values(&self, tx: &mut Tx, standing: &Config) -> Result<()> {
        let Self { account, project, .. } = self;
        let Some(undo) = &self.undo else { return Ok(()) };
        let wanted = Config { values: undo.values.clone(), ..standing.clone() };
        if standing.values_changed_to(&wanted).is_none_or(|changed| changed.is_empty()) {
            return Ok(());
        }
        values::replace(tx, account, project, &undo.values).await?;
        let context = context::load(tx, account, project).await?;
        self.rewrite(tx, &context, &context.rules).await
    }

    /// Brings every key of some rules up to date in this transaction.
    async fn rewrite(&self, tx: &mut Tx, context: &Context, rewritten: &[CoreRule]) -> Result<()> {
        let survey = Survey::read(tx, &self.account, &self.project).await?;
        let keys = survey.keys(tx, &self.account, &rewritten.iter().collect::<Vec<_>>(), context, None).await?;
        for (rule, keys) in rewritten.iter().zip(keys) {
            survey.write_keys(tx, &self.account, rule, context, keys).await?;
        }
        Ok(())
    }

    /// Rules that somebody edited since the job began, so that no row was prepared: their keys are made in this transaction.
    async fn rewrite_edited(&self, tx: &mut Tx, before: &[Rule], after: &[Rule]) -> Result<()> {
        let makes_other_keys = |rule: &&Rule| {
            let old = before.iter().find(|old| old.row == rule.row);
            old.is_some_and(|old| old.fields != rule.fields || old.verified_only != rule.verified_only)
        };
        let edited: Vec<_> = after.iter().filter(makes_other_keys).map(context::core_rule).collect();
        if edited.is_empty() {
            return Ok(());
        }
        let context = context::load(tx, &self.account, &self.project).await?;
        self.rewrite(tx, &context, &edited).await
    }

    /// The moment the rules change: one small transaction, after which every change is judged by the new ones.
    async fn change_rules(
        &self,
        tx: &mut Tx,
        stage: &mut Stage,
        outdated: Option<&(ProjectSettings, Outdated)>,
    ) -> Result<Changed> {
        let Self { env, account, project, .. } = self;
        events::lock(tx, account).await?;
        if self.report(tx, KEYS_WRITTEN, stage).await? == GoOn::Cancelled {
            return Ok(Changed::Cancelled);
        }
        match &self.undo {
            Some(undo) => log::check_newest(tx, account, project, &undo.line).await?,
            None => log::check_basis(tx, account, project, self.wanted.basis.as_deref()).await?,
        }
        let before = log::config(tx, account, project).await?;
        self.replace_rules(tx, stage).await?;
        self.change_settings(tx, outdated).await?;
        self.restore_values(tx, &before).await?;
        let after = log::config(tx, account, project).await?;
        if after == before {
            return Ok(Changed::Nothing);
        }
        self.rewrite_edited(tx, &before.rules, &after.rules).await?;
        regrouping::forget(tx, account, project).await?;
        let sides = (Snapshot::Config(before), Snapshot::Config(after));
        let (by, note) = (self.by.as_deref(), self.wanted.note.as_deref());
        let kind = if self.undo.is_some() { ChangeKind::Undo } else { ChangeKind::Rules };
        let line =
            record(&mut Cx::new(tx, env, account), project, log::new_line(kind, &sides, stage.effect, by, note)?)
                .await?;
        stage.line = Some(line);
        self.report(tx, KEYS_WRITTEN, stage).await?;
        events::settings_changed(&mut Cx::new(tx, env, account), project, "multi-contact-rules").await?;
        Ok(Changed::Yes)
    }
}

impl Run<'_> {
    pub async fn change_rules(&mut self) -> Result<Changed> {
        let task = self.task.clone();
        let outdated =
            self.service.db.read(self.task.account, move |tx| Box::pin(async move { task.outdated(tx).await }));
        let outdated = outdated.await?;
        let (task, mut stage) = (self.task.clone(), self.stage.clone());
        let changed = self.service.db.write_alone(self.task.account, move |tx| {
            Box::pin(async move {
                let changed = task.change_rules(tx, &mut stage, outdated.as_ref()).await?;
                Ok::<_, Refusal>((changed, stage))
            })
        });
        let (changed, stage) = changed.await?;
        self.stage = stage;
        Ok(changed)
    }

    /// Nothing was changed yet: the old rules stand.
    pub async fn cancel(self) -> Result<()> {
        self.close(JobState::Cancelled).await
    }

    pub async fn end(self) -> Result<()> {
        self.close(JobState::Done).await
    }

    async fn close(self, state: JobState) -> Result<()> {
        let Self { service, task, stage } = self;
        let account = task.account;
        let closed = service.db.write(account, move |tx| {
            Box::pin(async move {
                let Task { env, account, project, .. } = &task;
                events::lock(tx, account).await?;
                drop_prepared(tx, account, project).await?;
                if let Some(line) = &stage.line {
                    core_log::set_result(tx, account, line, stage.effect).await?;
                    events::settings_changed(&mut Cx::new(tx, env, account), project, "multi-contact-rules").await?;
                }
                if state == JobState::Done {
                    task.report(tx, ALL, &stage).await?;
                }
                task.finish(tx, state, &stage).await
            })
        });
        closed.await
    }
}
