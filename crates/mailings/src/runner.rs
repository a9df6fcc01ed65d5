//! Mailings at work, on one node at a time: those whose time has come begin, recipients are written down, whoever is due is written to at the pace of
//! each connection, and what became of it is followed.

use crate::claim::{self, Run};
use crate::mailing::{Held, Row, State};
use crate::pace::Pace;
use crate::plan::Plan;
use crate::store::{follow as log, mailings, recipients};
use crate::{follow, freeze, goal, links, say, use_cases};
use db::Scope;
use messaging::{Messaging, deliveries};
use model::Result;
use std::sync::Arc;
use std::time::{Duration, Instant};

/// So often it looks.
const TICK: Duration = Duration::from_millis(100);
/// With nothing at work.
const IDLE: Duration = Duration::from_secs(1);
/// Messages of one transaction: live ones wait for it.
const BATCH: i64 = 1;
/// Seconds of the pace that may be on their way on a connection: a provider that puts us off is not flooded, and a stop finds little.
const AHEAD_SECONDS: i64 = 2;
/// A start that is later than that waits for somebody's word.
const OVERDUE_MS: i64 = 60 * 60 * 1000;
/// Rows of a stop in one transaction.
const STOPPED: i64 = 1_000;

/// Works until the process ends.
pub async fn run(service: Arc<Messaging>) {
    let mut pace = Pace::default();
    let mut goals_at = Instant::now();
    loop {
        if goals_at <= Instant::now() {
            let begun = Instant::now();
            if let Err(error) = goal::all(&service).await {
                tracing::error!(error = %error, "goals of mailings could not be looked for, trying again");
            }
            goals_at = Instant::now() + goal::pause_after(begun.elapsed());
        }
        let is_busy = match tick(&service, &mut pace).await {
            Ok(is_busy) => is_busy,
            Err(error) => {
                tracing::error!(error = %error, "mailings could not go on, trying again");
                false
            }
        };
        tokio::time::sleep(if is_busy { TICK } else { IDLE }).await;
    }
}

/// One look at everything there is to do. Answers whether there was anything.
///
/// # Errors
/// When the storage fails.
pub async fn tick(service: &Arc<Messaging>, pace: &mut Pace) -> Result<bool> {
    let is_left = follow::all(service).await?;
    let found = service.db.read(Scope::System, |tx| Box::pin(async move { mailings::at_work(tx).await })).await?;
    let mut is_busy = is_left;
    for mailing in found {
        is_busy |= !matches!(mailing.state, State::Scheduled | State::Paused);
        let (id, state) = (mailing.id, mailing.state);
        // One that cannot go on holds up no other.
        if let Err(error) = work(service, mailing, pace).await {
            tracing::error!(mailing = %id, state = state.as_str(), error = %error, "a mailing could not go on, trying again");
        }
    }
    Ok(is_busy)
}

async fn work(service: &Arc<Messaging>, mailing: Row, pace: &mut Pace) -> Result<()> {
    match mailing.state {
        State::Scheduled => begin(service, mailing).await,
        State::Preparing => {
            let plan = plan(service, &mailing).await?;
            freeze::run(service, &mailing, &plan).await
        }
        State::Running => {
            let plan = plan(service, &mailing).await?;
            send(service, &mailing, &plan, pace).await?;
            end_if_done(service, &mailing).await
        }
        State::Paused => hold(service, &mailing).await,
        State::Stopping => stop(service, &mailing).await,
        State::Draft | State::Done | State::Stopped | State::Failed => Ok(()),
    }
}

async fn plan(service: &Messaging, mailing: &Row) -> Result<Arc<Plan>> {
    let row = mailing.clone();
    let made = service.read(&mailing.account_id, move |cx| Box::pin(async move { use_cases::plan_of(cx, &row).await }));
    Ok(Arc::new(made.await?))
}

/// Begins what is due; what is long overdue waits for somebody's word.
async fn begin(service: &Messaging, mailing: Row) -> Result<()> {
    let now = service.env.now();
    let Some(starts_at) = mailing.starts_at.filter(|at| *at <= now && mailing.held.is_none()) else { return Ok(()) };
    let is_overdue = now.ms_since(starts_at) > OVERDUE_MS;
    let begun = service.write(&mailing.account_id, move |cx| {
        Box::pin(async move {
            events::lock(cx.tx, cx.account).await?;
            if is_overdue {
                mailings::hold(cx, &mailing.id, Held::Overdue).await?;
            } else {
                mailings::go(cx, &mailing.id, State::Scheduled, State::Preparing).await?;
            }
            use_cases::tell(cx, &mailing.project_id).await
        })
    });
    begun.await
}

async fn send(service: &Arc<Messaging>, mailing: &Row, plan: &Arc<Plan>, pace: &mut Pace) -> Result<()> {
    let (id, now) = (mailing.id, service.env.now());
    let waiting = service.read(&mailing.account_id, move |cx| {
        Box::pin(async move { recipients::connections(cx.tx, cx.account, &id, now).await })
    });
    for (connection, channel, sending) in waiting.await? {
        let channel = model::ChannelKind::from_stored(&channel)?;
        let per_minute = plan.per_minute(channel);
        let ahead = (i64::from(per_minute) * AHEAD_SECONDS / 60).max(1);
        let mut room = pace.room(connection, per_minute, now).min(ahead - sending);
        while room > 0 {
            let limit = room.min(BATCH);
            let said = take(service, mailing, plan, connection, limit).await?;
            pace.take(&connection, per_minute, said);
            room -= limit;
        }
    }
    Ok(())
}

async fn take(
    service: &Arc<Messaging>,
    mailing: &Row,
    plan: &Arc<Plan>,
    connection: model::ConnectionId,
    limit: i64,
) -> Result<usize> {
    let (own, mailing, plan) = (service.clone(), mailing.clone(), plan.clone());
    let account = mailing.account_id;
    let taken = service.write(&account, move |cx| {
        Box::pin(async move {
            let link = |contact: &crate::audience::Facts| say::link_of(&own, &mailing.account_id, contact);
            let links = if plan.document.count_clicks { links::links_of(&plan.document) } else { Vec::new() };
            let run = Run {
                mailing: &mailing,
                plan: &plan,
                link: &link,
                public_url: &own.settings.public_url,
                links: &links,
            };
            claim::take(cx, &run, &connection, limit).await
        })
    });
    taken.await
}

/// Everybody has an end: so has the mailing.
async fn end_if_done(service: &Messaging, mailing: &Row) -> Result<()> {
    let (id, project) = (mailing.id, mailing.project_id);
    let left = service
        .read(&mailing.account_id, move |cx| Box::pin(async move { recipients::left(cx.tx, cx.account, &id).await }));
    let (waiting, sending) = left.await?;
    if waiting > 0 {
        return Ok(());
    }
    let ended = service.write(&mailing.account_id, move |cx| {
        Box::pin(async move {
            events::lock(cx.tx, cx.account).await?;
            if sending > 0 {
                // The last ones: what the log does not tell any more is asked for itself.
                return settle(cx, &id).await;
            }
            if mailings::go(cx, &id, State::Running, State::Done).await? {
                use_cases::tell(cx, &project).await?;
            }
            Ok(())
        })
    });
    ended.await
}

/// Standing still: what a provider put off meanwhile stands still, too.
async fn hold(service: &Messaging, mailing: &Row) -> Result<()> {
    let id = mailing.id;
    let sending = service.read(&mailing.account_id, move |cx| {
        Box::pin(async move { recipients::sending(cx.tx, cx.account, &id).await })
    });
    let sending = sending.await?;
    if sending.is_empty() {
        return Ok(());
    }
    let held =
        service.write(&mailing.account_id, move |cx| Box::pin(async move { deliveries::hold(cx, &sending).await }));
    held.await
}

/// Those who are being written to, by their messages as they are.
async fn settle(cx: &mut model::Cx<'_>, id: &model::MailingId) -> Result<()> {
    for moved in log::sending(cx.tx, cx.account, id).await? {
        follow::go_on(cx, &moved).await?;
    }
    log::lose_the_gone(cx, id).await
}

/// Takes back what was not sent yet, lets what is being sent end, and skips everybody else.
async fn stop(service: &Messaging, mailing: &Row) -> Result<()> {
    let (id, project) = (mailing.id, mailing.project_id);
    loop {
        let stopped = service.write(&mailing.account_id, move |cx| {
            Box::pin(async move {
                events::lock(cx.tx, cx.account).await?;
                let sending = recipients::sending(cx.tx, cx.account, &id).await?;
                let back = deliveries::withdraw(cx, &sending).await?;
                recipients::taken_back(cx, &id, &back).await?;
                let stopped = recipients::stop_some(cx, &id, STOPPED).await?;
                settle(cx, &id).await?;
                let is_left = recipients::left(cx.tx, cx.account, &id).await? != (0, 0);
                if !is_left && mailings::go(cx, &id, State::Stopping, State::Stopped).await? {
                    use_cases::tell(cx, &project).await?;
                }
                Ok::<_, model::Refusal>(stopped)
            })
        });
        if stopped.await? == 0 {
            return Ok(());
        }
    }
}
