//! Demo data that a page asked for: a job fills a project of its own with the same story that `otklik demo-data` tells. Nobody gets a password.
//! The story cannot be gone on with in its middle, so a job that died is taken back and begun anew; one that is cancelled is taken back.

use super::{Company, DemoClock, bots, set_stage, story};
use accounts::demo;
use jobs::Job;
use jobs::project::{self as project_jobs, Failure, GoOn, JobState, Progress, ProjectJob};
use messaging::Messaging;
use model::{AccountId, Env, JobId, RandomIds, Refusal, Result, UserId};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// People of the story: enough for lists, reports and groups to look alive.
const PEOPLE: usize = 160;
const BOT: &str = "tihiy_svet_demo_bot";
/// A making that dies every time is not begun for ever.
const TRIES: u32 = 3;
/// Between two people of the story the writer is left to live messages.
const REST: Duration = Duration::from_millis(5);

/// Colleagues of the story, as addresses and names.
const COLLEAGUES: &[(&str, &str)] = &[("igor", "Игорь Сафин"), ("svetlana", "Светлана Юдина")];

#[derive(Clone, Serialize, Deserialize)]
struct Input {
    /// Who switched it on, and answers in the story.
    user_id: UserId,
    /// Makings before this one that died.
    #[serde(default)]
    died: u32,
}

/// The job of a story that is told in steps.
pub(crate) struct Work {
    service: Arc<Messaging>,
    account: AccountId,
    job: JobId,
}

impl Work {
    /// Says how far it is and hears whether somebody wants it to stop. It keeps the job's lease, too.
    pub async fn goes_on(&self, done: usize) -> Result<GoOn> {
        tokio::time::sleep(REST).await;
        let (job, done) = (self.job, i64::try_from(done).unwrap_or(i64::MAX));
        let progress = Progress { done, total: i64::try_from(PEOPLE).ok() };
        let told = self.service.write(&self.account, move |cx| {
            Box::pin(async move { project_jobs::report_with(cx, &job, progress, &json!({ "contacts": done })).await })
        });
        told.await
    }
}

/// The worker.
///
/// # Errors
/// When the storage fails; then it is taken back and begun anew.
pub(crate) async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    let (account, id) = (job.account_id, job.id);
    let asked =
        service.read(&account, move |cx| Box::pin(async move { project_jobs::by_id(cx.tx, cx.account, &id).await }));
    let asked = match asked.await {
        // Its project was removed, and with it what there was to do.
        Err(Refusal::NotFound) => return leave(&service, &account, id).await,
        found => found?,
    };
    let input: Input = serde_json::from_value(asked.input.clone()).map_err(|e| Refusal::stored(&e))?;
    if asked.result.is_some() {
        return begin_anew(&service, &account, asked, input).await;
    }
    match tell(&service, &account, &asked, &input).await? {
        Some(contacts) => end(&service, &account, id, contacts).await,
        None => take_back(&service, &account, asked).await,
    }
}

/// The whole story; how many contacts there are in the end, none when it was cancelled.
async fn tell(
    service: &Arc<Messaging>,
    account: &AccountId,
    asked: &ProjectJob,
    input: &Input,
) -> Result<Option<usize>> {
    let work = Work { service: service.clone(), account: *account, job: asked.id };
    // From here on a job that is found again has died.
    if work.goes_on(0).await? == GoOn::Cancelled {
        return Ok(None);
    }
    let clock = Arc::new(DemoClock::now());
    let env = Env::new(clock.clone(), Arc::new(RandomIds), service.env.vault().clone());
    let (project, owner) = (asked.project_id, input.user_id);
    let team = service.write(account, move |cx| {
        Box::pin(async move { demo::people_for_demo(cx, &project, &owner, COLLEAGUES).await })
    });
    let team = team.await?;
    let company = Company { db: &service.db, env: &env, clock: &clock, account, team: &team };
    let mut stage = set_stage(&company, &project, BOT).await?;
    stage.work = Some(work);
    let now = stage.env.now();
    let bots = bots::Bots::begin(&stage).await?;
    stage.clock.set(now);
    story::play(&stage, PEOPLE, Some(bots)).await
}

async fn end(service: &Arc<Messaging>, account: &AccountId, id: JobId, contacts: usize) -> Result<()> {
    let ended = service.write(account, move |cx| {
        Box::pin(async move {
            let report = json!({ "contacts": contacts });
            project_jobs::end(cx, &id, JobState::Done, Some(&report), None).await.map(drop)
        })
    });
    ended.await
}

/// The project goes, its row of the job with it.
async fn take_back(service: &Arc<Messaging>, account: &AccountId, asked: ProjectJob) -> Result<()> {
    let taken = service.write(account, move |cx| {
        Box::pin(async move {
            demo::withdraw_demo(cx, &asked.project_id).await?;
            jobs::must_finish(cx, &asked.id).await
        })
    });
    taken.await
}

async fn begin_anew(service: &Arc<Messaging>, account: &AccountId, asked: ProjectJob, input: Input) -> Result<()> {
    let begun = service.write(account, move |cx| {
        Box::pin(async move {
            if asked.is_cancelled {
                demo::withdraw_demo(cx, &asked.project_id).await?;
                return jobs::must_finish(cx, &asked.id).await;
            }
            if input.died + 1 >= TRIES {
                let failure = Failure::new("demo_failed", "demo data could not be made; remove them and try again");
                return project_jobs::end(cx, &asked.id, JobState::Failed, None, Some(&failure)).await.map(drop);
            }
            let again = Input { died: input.died + 1, ..input };
            let again = serde_json::to_value(again).map_err(|e| Refusal::stored(&e))?;
            let by = asked.created_by.clone().unwrap_or_default();
            demo::make_demo_again(cx, &asked.project_id, &again, &by).await?;
            jobs::must_finish(cx, &asked.id).await
        })
    });
    begun.await
}

async fn leave(service: &Arc<Messaging>, account: &AccountId, id: JobId) -> Result<()> {
    let left = service.write(account, move |cx| Box::pin(async move { jobs::finish(cx, &id).await.map(drop) }));
    left.await
}
