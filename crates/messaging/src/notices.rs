//! What the team is told by e-mail, as those ask for it who have something to tell. The crate `notices` writes the letters and sends them from
//! the mailbox of the project. Only ids are kept: the words are read when a letter is written, so that what was erased goes nowhere.

use crate::connections::{self, Connection, ConnectionStatus};
use crate::conversations::Place;
use db::Tx;
use jobs::Timer;
use model::{AccountId, ChannelKind, ConversationId, Cx, MessageId, ProjectId, Refusal, Result, UserId};
use serde::{Deserialize, Serialize};

/// The kind of job.
pub const KIND: &str = "notice";

/// What a letter is about.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "about", rename_all = "snake_case")]
pub enum Notice {
    /// Clients of a project wait for this person, or for anybody.
    Unread {
        /// Project.
        project_id: ProjectId,
        /// Whom it is for.
        user_id: UserId,
        /// Who waits, the longest first.
        conversations: Vec<ConversationId>,
    },
    /// What a scenario tells in a conversation.
    Scenario {
        /// Where.
        conversation_id: ConversationId,
        /// The line of the thread that has the words.
        line: MessageId,
        /// Address.
        to: String,
    },
}

/// Queues a letter about clients who wait.
///
/// # Errors
/// When the storage fails.
pub async fn enqueue(cx: &mut Cx<'_>, notice: &Notice, order: &str) -> Result<()> {
    let payload = serde_json::to_string(notice).map_err(|error| Refusal::stored(&error))?;
    jobs::enqueue(cx, KIND, order, &payload).await.map(drop)
}

/// Queues what a block of a scenario tells an address. The same block again before the letter went out takes its place.
///
/// # Errors
/// When the storage fails.
pub async fn of_scenario(cx: &mut Cx<'_>, place: &Place, block: &str, line: MessageId, to: &str) -> Result<()> {
    let notice = Notice::Scenario { conversation_id: place.conversation_id, line, to: to.to_owned() };
    let payload = serde_json::to_string(&notice).map_err(|error| Refusal::stored(&error))?;
    let key = format!("{}/{block}/{to}", place.conversation_id);
    jobs::set_timer(cx, Timer { kind: KIND, key: &key, due: cx.env.now(), payload: &payload }).await.map(drop)
}

/// The mailbox that letters about a project go out from: its oldest one that is not switched off.
///
/// # Errors
/// When the storage fails.
pub async fn mailbox(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Option<Connection>> {
    let all = connections::list(tx, account, project).await?;
    let is_one =
        |one: &Connection| one.kind == ChannelKind::Email && one.status != ConnectionStatus::Off && !one.is_demo();
    Ok(all.into_iter().find(is_one))
}
