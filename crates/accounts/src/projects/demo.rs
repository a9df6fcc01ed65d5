//! Demo data of an account that its owner switches on and off: a project of its own, filled by a job, and gone with everything that was made
//! for it. What `otklik demo-data` made is marked in the same way, so that it goes in the same way.

use super::{create_project, get_project, store};
use crate::announcements;
use crate::init::Team;
use crate::store::{self as people, EMAIL_AFTER_MINUTES, User};
use http_kit::Role;
use jobs::project::{self as project_jobs, JobFilter, ProjectJob};
use model::{Availability, Cx, JobId, ProjectId, Refusal, Result, UserId};
use serde::Serialize;
use serde_json::{Value, json};

/// Kind of the job that fills the project.
pub const KIND: &str = "demo_data";
/// What it is called: nobody takes it for a site of theirs.
const NAME: &str = "Демо: Тихий свет";

/// A project with demo data.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct DemoProject {
    /// Project.
    pub id: ProjectId,
    /// Name, which is typed by whoever removes it.
    pub name: String,
}

/// Demo data of an account.
#[derive(Debug, Clone, Serialize, utoipa::ToSchema)]
pub struct Demo {
    /// Its demo projects, oldest first; none while demo data are off.
    pub projects: Vec<DemoProject>,
    /// The job that fills the newest of them; none for what the command line made.
    pub job: Option<ProjectJob>,
}

/// How it stands.
///
/// # Errors
/// When the storage fails.
pub async fn demo(cx: &mut Cx<'_>) -> Result<Demo> {
    let projects = store::list(cx.tx, cx.account).await?.into_iter().filter(|project| project.demo);
    let projects: Vec<DemoProject> = projects.map(|it| DemoProject { id: it.id, name: it.name }).collect();
    let job = match projects.last() {
        Some(newest) => newest_job(cx, &newest.id).await?,
        None => None,
    };
    Ok(Demo { projects, job })
}

async fn newest_job(cx: &mut Cx<'_>, project: &ProjectId) -> Result<Option<ProjectJob>> {
    let filter = JobFilter { kind: KIND.into(), state: None, before: (i64::MAX, JobId::from_bits(0)), limit: 1 };
    Ok(project_jobs::list(cx.tx, cx.account, project, &filter).await?.into_iter().next())
}

/// Switches demo data on: one project and the job that fills it. Asked twice, or by two at once, it is made once.
///
/// # Errors
/// When the storage fails.
pub async fn make_demo(cx: &mut Cx<'_>, user: &UserId, by: &str) -> Result<Demo> {
    // Who comes second waits here and finds what the first has made.
    events::lock(cx.tx, cx.account).await?;
    let standing = demo(cx).await?;
    if !standing.projects.is_empty() {
        return Ok(standing);
    }
    begin(cx, &json!({ "user_id": user }), by).await?;
    demo(cx).await
}

async fn begin(cx: &mut Cx<'_>, input: &Value, by: &str) -> Result<()> {
    let project = create_project(cx, NAME, true).await?;
    project_jobs::start(cx, &project.id, KIND, input, Some(by)).await.map(drop)
}

/// Takes back what a job has begun and that died meanwhile, and begins anew: half a demo is none.
///
/// # Errors
/// When the storage fails.
pub async fn make_demo_again(cx: &mut Cx<'_>, project: &ProjectId, input: &Value, by: &str) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    remove(cx, project).await?;
    begin(cx, input, by).await
}

/// Takes back a demo whose making was cancelled.
///
/// # Errors
/// When the storage fails.
pub async fn withdraw_demo(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    remove(cx, project).await
}

/// Switches demo data off: this demo project goes with all that is in it and the people who were made for it. `name` is the project's, as its
/// owner typed it.
///
/// # Errors
/// When it is no demo project of this account, the name is another, or it is being made.
pub async fn remove_demo(cx: &mut Cx<'_>, project: &ProjectId, name: &str) -> Result<()> {
    events::lock(cx.tx, cx.account).await?;
    let found = get_project(cx.tx, cx.account, project).await?;
    if !found.demo {
        return Err(Refusal::NotFound);
    }
    if found.name.trim() != name.trim() {
        return Err(Refusal::invalid("name", "wrong_name", "the name of the demo project, so that no other is meant"));
    }
    if newest_job(cx, project).await?.is_some_and(|job| !job.state.is_ended()) {
        let detail = "it is being made: cancel that, and it is taken back".to_owned();
        return Err(Refusal::Conflict { code: "demo_is_being_made", detail });
    }
    remove(cx, project).await
}

async fn remove(cx: &mut Cx<'_>, project: &ProjectId) -> Result<()> {
    store::delete_demo_project(cx.tx, cx.account, project).await?;
    announcements::forget_orphans(cx.tx, cx.account).await
}

/// People of a demo project: they have no password and are never invited, so nobody signs in as one of them. Answers who is in its story, the
/// account's owner first.
///
/// # Errors
/// When an address is taken, or the storage fails.
pub async fn people_for_demo(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    owner: &UserId,
    names: &[(&str, &str)],
) -> Result<Vec<Team>> {
    let owner = people::user(cx.tx, cx.account, owner).await?;
    let mut team = vec![Team { id: owner.id, email: owner.email, name: owner.name }];
    for (local, name) in names {
        // An address belongs to one person of the installation; many accounts may have a demo.
        let email = format!("{local}.{:08x}@demo.otklik.example", project.bits() as u32);
        let user = User {
            account_id: *cx.account,
            id: UserId::new(cx.env.ids()),
            email,
            name: (*name).to_owned(),
            password_hash: None,
            role: Role::Operator,
            locale: "ru".into(),
            active: true,
            availability: Availability::Available,
            email_after_minutes: EMAIL_AFTER_MINUTES,
        };
        if !people::insert_user(cx.tx, &user, true, cx.env.now()).await? {
            return Err(Refusal::invalid("email", "taken", "there is a user with this e-mail"));
        }
        people::add_to_project(cx.tx, cx.account, &user.id, project).await?;
        team.push(Team { id: user.id, email: user.email, name: user.name });
    }
    Ok(team)
}
