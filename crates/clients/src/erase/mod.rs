//! Everything that belongs to a person goes: values, conversations, messages, files, and what the event log and the raw journal say
//! of them (D17). A job of small steps, each kept, so one that was killed goes on.

mod ledger;
mod store;

pub use ledger::replay;

use db::Tx;
use jobs::Job;
use jobs::project::{self as project_jobs, GoOn, JobState, Progress, ProjectJob};
use messaging::Messaging;
use messaging::contacts::{delete_in, get_in, group_of};
use messaging::multi_contacts::Grouping;
use model::{AccountId, ContactId, ConversationId, Cx, Env, FileId, JobId, ProjectId};
use model::{Refusal, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;

/// Kind of the job.
pub const KIND: &str = "erase";
/// Positions of the log looked through in one transaction.
const POSITIONS: i64 = 5_000;

/// What was erased.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Report {
    /// Contacts.
    pub contacts: u64,
    /// Conversations.
    pub conversations: u64,
    /// Messages.
    pub messages: u64,
    /// Attachments, with their bytes.
    pub files: u64,
    /// Entries of the event log.
    pub events: u64,
    /// Raw updates of a channel.
    pub inbound: u64,
}

#[derive(Serialize, Deserialize)]
struct Input {
    contacts: Vec<ContactId>,
}

/// Where the job stands, kept with its progress.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct Stage {
    report: Report,
    /// Contacts dealt with, of those asked for.
    contacts: usize,
    conversations: Vec<ConversationId>,
    /// Files whose bytes are still there.
    files: Vec<FileId>,
    /// The log is clean up to the first of these positions, and will be up to the second; none while contacts are left.
    log: Option<(i64, i64)>,
}

/// Queues the erasure of a contact, or of every contact of its multi-contact.
///
/// # Errors
/// When there is none in this project.
pub async fn start(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    id: &ContactId,
    whole_client: bool,
    by: &str,
) -> Result<ProjectJob> {
    get_in(cx.tx, cx.account, project, id).await?;
    let contacts = match whole_client {
        true => group_of(cx.tx, cx.account, id).await?.into_iter().map(|contact| contact.id).collect(),
        false => vec![*id],
    };
    let input = serde_json::to_value(Input { contacts }).map_err(|e| Refusal::stored(&e))?;
    project_jobs::start(cx, project, KIND, &input, Some(by)).await
}

/// What every step needs.
#[derive(Clone)]
struct Task {
    env: Env,
    account: AccountId,
    project: ProjectId,
    id: JobId,
    contacts: Arc<Vec<ContactId>>,
}

/// The worker.
///
/// # Errors
/// When the storage fails; then the job is tried again from where it stood.
pub async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    let (service, job) = (&service, &job);
    let (task, mut stage) = begin(service, job).await?;
    ledger::note(service, &task).await?;
    while stage.contacts < task.contacts.len() {
        let go_on;
        (stage, go_on) = step(service, &task, stage, Step::Contact).await?;
        if go_on == GoOn::Cancelled {
            break;
        }
    }
    // What has begun is brought to its end: nobody is left half erased.
    while stage.log.is_none_or(|(clean, end)| clean < end) {
        (stage, _) = step(service, &task, stage, Step::Log).await?;
    }
    service.hub.forget(&task.account);
    for file in &stage.files {
        service.files.delete(&task.account, file).await?;
    }
    end(service, task, stage).await
}

async fn begin(service: &Arc<Messaging>, job: &Job) -> Result<(Task, Stage)> {
    let (_account, id) = (job.account_id, job.id);
    let asked = service
        .read(&job.account_id, move |cx| Box::pin(async move { project_jobs::by_id(cx.tx, cx.account, &id).await }));
    let asked = asked.await?;
    let input: Input = serde_json::from_value(asked.input).map_err(|e| Refusal::stored(&e))?;
    let stage = asked.result.map_or_else(|| Ok(Stage::default()), serde_json::from_value);
    let task = Task {
        env: service.env.clone(),
        account: job.account_id,
        project: asked.project_id,
        id: job.id,
        contacts: Arc::new(input.contacts),
    };
    Ok((task, stage.map_err(|e| Refusal::stored(&e))?))
}

#[derive(Clone, Copy)]
enum Step {
    Contact,
    Log,
}

async fn step(service: &Arc<Messaging>, task: &Task, stage: Stage, kind: Step) -> Result<(Stage, GoOn)> {
    let (scope, task) = (task.account, task.clone());
    let done = service.db.write_alone(scope, move |tx| {
        Box::pin(async move {
            let mut stage = stage;
            tx.overwrite_deleted(true).await?;
            let outcome = match kind {
                Step::Contact => task.erase_contact(tx, &mut stage).await,
                Step::Log => task.erase_from_log(tx, &mut stage).await,
            };
            tx.overwrite_deleted(false).await?;
            outcome?;
            let go_on = task.report(tx, &stage).await?;
            Ok::<_, Refusal>((stage, go_on))
        })
    });
    done.await
}

async fn end(service: &Arc<Messaging>, task: Task, stage: Stage) -> Result<()> {
    let scope = task.account;
    let ended = service.db.write(scope, move |tx| {
        Box::pin(async move {
            let state = if stage.contacts < task.contacts.len() { JobState::Cancelled } else { JobState::Done };
            let Task { env, account, id, .. } = &task;
            let report = json!(stage.report);
            project_jobs::end(&mut Cx::new(tx, env, account), id, state, Some(&report), None).await.map(drop)
        })
    });
    ended.await
}

impl Task {
    async fn report(&self, tx: &mut Tx, stage: &Stage) -> Result<GoOn> {
        let done = i64::try_from(stage.contacts).unwrap_or(i64::MAX);
        let progress = Progress { done, total: i64::try_from(self.contacts.len()).ok() };
        project_jobs::report_with(&mut Cx::new(tx, &self.env, &self.account), &self.id, progress, &json!(stage)).await
    }

    async fn erase_contact(&self, tx: &mut Tx, stage: &mut Stage) -> Result<()> {
        let Self { env, account, project, .. } = self;
        let mut grouping = Grouping::begin(tx, env, account, project).await?;
        let id = &self.contacts[stage.contacts];
        stage.contacts += 1;
        // Somebody may have deleted it since.
        let contact = match get_in(tx, account, project, id).await {
            Err(Refusal::NotFound) => return Ok(()),
            found => found?,
        };
        let conversations = store::conversations_of(tx, account, id).await?;
        stage.report.contacts += 1;
        stage.report.conversations += conversations.len() as u64;
        stage.report.messages += store::count_messages(tx, account, &conversations).await?;
        store::forget_answers(tx, account, id, &conversations).await?;
        store::forget_decisions(tx, account, project, id).await?;
        stage.conversations.extend(conversations);
        let files = store::files_of(tx, account, &contact).await?;
        store::delete_files(tx, account, &files).await?;
        store::forget_showings(tx, account, &contact).await?;
        stage.report.files += files.len() as u64;
        stage.files.extend(files);
        stage.report.inbound += messaging::inbound::erase(&mut Cx::new(tx, env, account), &contact).await?;
        delete_in(tx, &mut grouping, id).await?;
        grouping.finish(tx).await.map(drop)
    }

    /// The next stretch of the log, up to where it ended when the last contact was gone.
    async fn erase_from_log(&self, tx: &mut Tx, stage: &mut Stage) -> Result<()> {
        events::lock(tx, &self.account).await?;
        let (newest, oldest) = events::bounds(tx, &self.account).await?;
        let (clean, end) = stage.log.unwrap_or((oldest - 1, newest));
        let next = end.min(clean.max(oldest - 1) + POSITIONS);
        let gone = &self.contacts[..stage.contacts];
        stage.report.events +=
            store::erase_events(tx, &self.account, (clean, next), gone, &stage.conversations).await?;
        stage.log = Some((next, end));
        Ok(())
    }
}
