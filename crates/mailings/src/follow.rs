//! What became of what was sent, and what clients said to it: read out of the durable log, behind the path. Nothing of it makes a message wait.

use crate::claim::{self, Run};
use crate::mailing::State;
use crate::store::follow::{self, Moved};
use crate::store::mailings;
use crate::store::recipients::Waiting;
use crate::use_cases;
use db::Scope;
use messaging::Messaging;
use model::{AccountId, Content, Cx, DeliveryStatus, Result, Timestamp};
use std::sync::Arc;

/// Places of the log that are read at once.
const PAGE: i64 = 2_000;
/// Answers count so long, and receipts are waited for.
const WITHIN_MS: i64 = 30 * 24 * 60 * 60 * 1000;
/// What every channel refuses alike: another one would, too.
const SHARED: &[&str] = &["no_file", "withdrawn"];

/// Follows the logs of all accounts that have sent something lately. Answers whether anything is left to be read.
///
/// # Errors
/// When the storage fails.
pub async fn all(service: &Arc<Messaging>) -> Result<bool> {
    let since = service.env.now().plus_ms(-WITHIN_MS);
    let found = service.db.read(Scope::System, move |tx| Box::pin(async move { follow::accounts(tx, since).await }));
    let mut is_left = false;
    for (account, position) in found.await? {
        is_left |= one(service, account, position, since).await?;
    }
    Ok(is_left)
}

async fn one(service: &Arc<Messaging>, account: AccountId, position: i64, since: Timestamp) -> Result<bool> {
    let newest = service.read(&account, |cx| Box::pin(async move { follow::newest(cx.tx, cx.account).await })).await?;
    let after = position.min(newest);
    if after == newest {
        return Ok(false);
    }
    let to = newest.min(after + PAGE);
    let read = service.read(&account, move |cx| {
        Box::pin(async move {
            let moved = follow::moved(cx.tx, cx.account, after, to).await?;
            let heard = follow::heard(cx.tx, cx.account, after, to, since).await?;
            Ok::<_, model::Refusal>((moved, heard))
        })
    });
    let (moved, heard) = read.await?;
    let written = service.write(&account, move |cx| {
        Box::pin(async move {
            for one in &moved {
                go_on(cx, one).await?;
            }
            for (mailing, person, at, content) in &heard {
                let has_pressed = serde_json::from_str::<Content>(content).is_ok_and(|said| said.pressed.is_some());
                follow::answered(cx, mailing, person, *at, has_pressed).await?;
            }
            follow::followed(cx, to).await
        })
    });
    written.await?;
    Ok(to < newest)
}

/// A recipient goes on as the message did. Where a channel refused, the person's next contact has its turn.
///
/// # Errors
/// When the storage fails.
pub async fn go_on(cx: &mut Cx<'_>, moved: &Moved) -> Result<()> {
    let state = match moved.status {
        DeliveryStatus::Queued | DeliveryStatus::Sending => return Ok(()),
        other => other.as_str(),
    };
    if !follow::go_on(cx, moved, state).await? || moved.status != DeliveryStatus::Failed {
        return Ok(());
    }
    if moved.others.is_empty() || SHARED.contains(&moved.code.as_str()) {
        return Ok(());
    }
    let Some(mailing) = mailings::by_id(cx.tx, cx.account, &moved.mailing_id).await? else { return Ok(()) };
    if !matches!(mailing.state, State::Running | State::Paused) {
        return Ok(());
    }
    let plan = use_cases::plan_of(cx, &mailing).await?;
    let run = Run { mailing: &mailing, plan: &plan, link: &|_| None, public_url: "", links: &[] };
    let refused = Waiting {
        person_id: moved.person_id,
        contact_id: moved.contact_id,
        others: moved.others.clone(),
        zone: String::new(),
    };
    claim::fall_back(cx, &run, &refused).await.map(drop)
}
