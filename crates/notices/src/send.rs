//! A letter goes out from a project's mailbox. It is written anew at every try, and its id is the job's: a program that reads the same letter
//! twice after a kill between sending and noting shows it once.

use crate::letter::{self, Letter, Written};
use db::Tx;
use jobs::Job;
use messaging::Messaging;
use messaging::connections::{self, Connection};
use messaging::conversations;
use messaging::messages::NewMessage;
use messaging::notices::Notice;
use model::{AccountId, ChannelKind, Cx, MessageId, Outbound, Refusal, Result, SendError, Thread};
use serde_json::{Value, json};
use std::sync::Arc;

/// Works on one.
///
/// # Errors
/// When it is to be tried again.
pub(crate) async fn work(service: Arc<Messaging>, job: Job) -> Result<()> {
    let notice: Notice = serde_json::from_str(&job.payload).map_err(|error| Refusal::stored(&error))?;
    let (account, wanted) = (job.account_id, notice.clone());
    let (desk, now) = (service.settings.public_url.clone(), service.env.now());
    let written = service.read(&account, move |cx| {
        Box::pin(async move {
            let written = letter::write(cx.tx, cx.account, &wanted, &desk, now).await?;
            let own = own_addresses(cx.tx, cx.account, &written).await?;
            Ok::<_, Refusal>((written, own))
        })
    });
    let (written, own) = written.await?;
    let trouble = match written {
        Written::Settled => None,
        Written::NoMailbox => Some(("no_mailbox".to_owned(), "the project has no mailbox".to_owned())),
        Written::Letter(mailbox, letter) => match post(&service, &job, &mailbox, &letter, &own).await {
            // Whether one that nobody knows of arrived is found out by no second one.
            Ok(()) | Err(SendError::Unknown { .. }) => None,
            Err(SendError::Refused { code, detail }) => Some((code, detail)),
            Err(error @ (SendError::Later { .. } | SendError::NotReached { .. })) => {
                return Err(Refusal::Conflict { code: "mail_not_reached", detail: error.to_string() });
            }
        },
    };
    let done = service.write(&account, move |cx| {
        let (notice, trouble) = (notice.clone(), trouble.clone());
        let id = job.id;
        Box::pin(async move {
            if let Some((code, detail)) = trouble {
                note(cx, &notice, &code, &detail).await?;
            }
            jobs::must_finish(cx, &id).await
        })
    });
    done.await
}

/// The mail server was not there for long.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn give_up(cx: &mut Cx<'_>, job: &Job, why: &Refusal) -> Result<()> {
    let Ok(notice) = serde_json::from_str(&job.payload) else { return Ok(()) };
    note(cx, &notice, "not_reached", &why.to_string()).await
}

/// What a scenario could not tell stays visible in the thread; whoever waits stays counted as unread anyway.
async fn note(cx: &mut Cx<'_>, notice: &Notice, code: &str, detail: &str) -> Result<()> {
    let Notice::Scenario { conversation_id, to, .. } = notice else {
        tracing::warn!(account.id = %cx.account, code, detail, "a letter about clients who wait could not go out");
        return Ok(());
    };
    let place = match conversations::place_anywhere(cx.tx, cx.account, conversation_id).await {
        Err(Refusal::NotFound) => return Ok(()),
        found => found?,
    };
    let data = json!({ "to": to, "code": code, "why": detail });
    conversations::append(cx, &place, NewMessage::event("scenario.notice_not_sent", data)).await.map(drop)
}

/// Mailboxes that we read: what goes there would come back as a client's letter.
async fn own_addresses(tx: &mut Tx, account: &AccountId, written: &Written) -> Result<Vec<String>> {
    let Written::Letter(mailbox, _) = written else { return Ok(Vec::new()) };
    let all = connections::list(tx, account, &mailbox.project_id).await?;
    let mailboxes = all.iter().filter(|one| one.kind == ChannelKind::Email);
    Ok(mailboxes.filter_map(|one| one.settings.get("address")?.as_str().map(str::to_owned)).collect())
}

async fn post(
    service: &Messaging,
    job: &Job,
    mailbox: &Connection,
    letter: &Letter,
    own: &[String],
) -> std::result::Result<(), SendError> {
    let adapter = channels::adapter(mailbox.kind);
    let refused = |code: &str, detail: &str| SendError::Refused { code: code.to_owned(), detail: detail.to_owned() };
    let Some(address) = adapter.address_of(&letter.to) else {
        return Err(refused("bad_address", "no e-mail address"));
    };
    if own.contains(&address) {
        return Err(refused("own_mailbox", "this mailbox is read as a channel: the letter would come back"));
    }
    let mut link = service.link(mailbox).map_err(|error| SendError::NotReached { detail: error.to_string() })?;
    if let Value::Object(settings) = &mut link.settings {
        // Both are for clients.
        settings.insert("name".to_owned(), json!("Otklik"));
        settings.insert("signature".to_owned(), json!(""));
    }
    let outbound = Outbound {
        key: job.id.to_string(),
        message_id: MessageId::from_bits(job.id.bits()),
        address,
        text: letter.text.clone(),
        files: Vec::new(),
        buttons: Vec::new(),
        thread: Thread::default(),
        is_automatic: true,
        subject: Some(letter.subject.clone()),
        unsubscribe: None,
    };
    adapter.send(&link, &outbound).await.map(drop)
}
