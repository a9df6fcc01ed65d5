//! Who takes no mailings (R39, section 3 of `mailings.md`): a fact of the contact that said so, which holds for the whole person.

mod store;
mod words;

pub use store::{OptOut, Settings, of_contacts, of_group, save_settings, settings};
pub(crate) use words::is_default_word;
pub use words::{DEFAULT_WORDS, check_words};

use crate::conversations::Place;
use crate::outgoing::{self, Saying};
use crate::{Refusal, Result, contacts, conversations, scenario_runs};
use ::scenario::End;
use model::{Author, AuthorKind, ContactId, Content, Cx, Message, ProjectId};

/// A stop word counts within this time of a mailing in the same channel.
const WITHIN_MS: i64 = 30 * 24 * 60 * 60 * 1000;

/// Who said that a contact takes no mailings.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OptOutSource)]
pub enum Source {
    /// The client, by a word in the channel, or by an answer to a scenario, which is named then.
    StopWord,
    /// The client, by the link in a letter.
    Link,
    /// An operator.
    Operator,
    /// A program of the company's.
    Api,
    /// The provider.
    Channel,
}

model::words!(Source {
    StopWord = "stop_word",
    Link = "link",
    Operator = "operator",
    Api = "api",
    Channel = "channel"
});

impl Source {
    /// Whether the client said it: then nobody of ours takes it back.
    pub fn is_clients_own(self) -> bool {
        matches!(self, Self::StopWord | Self::Link | Self::Channel)
    }
}

/// How far an opt-out reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, serde::Serialize, serde::Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = OptOutScope)]
pub enum Reach {
    /// The whole person, in every channel.
    #[default]
    Person,
    /// The channel that it was said in.
    Channel,
}

model::words!(Reach { Person = "person", Channel = "channel" });

/// Notes that a contact takes no mailings; the first that said so stands.
///
/// # Errors
/// When the contact is none of this project.
pub async fn opt_out(
    cx: &mut Cx<'_>,
    project: &ProjectId,
    contact: &ContactId,
    source: Source,
    by: Option<&str>,
) -> Result<()> {
    contacts::party(cx.tx, cx.account, project, contact).await?;
    if store::insert(cx, contact, source, by).await? {
        contacts::tell(cx, contact).await?;
    }
    Ok(())
}

/// Takes back what people or programs of ours noted of a contact and of everybody it is one person with.
///
/// # Errors
/// `own_will` where the client said it; then a new consent needs an act of the client.
pub async fn take_back(cx: &mut Cx<'_>, project: &ProjectId, contact: &ContactId) -> Result<()> {
    contacts::party(cx.tx, cx.account, project, contact).await?;
    let all = of_group(cx.tx, cx.account, contact).await?;
    if all.iter().any(|one| one.source.is_clients_own()) {
        let detail = "the client asked for it: only the client's own act takes it back".to_owned();
        return Err(Refusal::Conflict { code: "own_will", detail });
    }
    remove(cx, &all).await
}

/// What a scenario says of a client's mailings. What the client once wanted only the client takes back: by having said something in this run.
/// Answers false when the client's own will stands against it.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn by_scenario(
    cx: &mut Cx<'_>,
    place: &Place,
    scenario: &str,
    mailings: bool,
    client_said: bool,
) -> Result<bool> {
    if !mailings {
        let source = if client_said { Source::StopWord } else { Source::Api };
        opt_out(cx, &place.project_id, &place.contact_id, source, Some(scenario)).await?;
        return Ok(true);
    }
    let all = of_group(cx.tx, cx.account, &place.contact_id).await?;
    // A provider that was told not to carry our messages is asked there, not by us.
    let stands = |one: &OptOut| one.source == Source::Channel || (one.source.is_clients_own() && !client_said);
    if all.iter().any(stands) {
        return Ok(false);
    }
    remove(cx, &all).await?;
    Ok(true)
}

async fn remove(cx: &mut Cx<'_>, all: &[OptOut]) -> Result<()> {
    for one in all {
        store::delete(cx.tx, cx.account, &one.contact_id).await?;
        contacts::tell(cx, &one.contact_id).await?;
    }
    Ok(())
}

/// A word by which a client takes no more mailings: the whole of a message, from one who got a mailing in this channel lately. The opt-out is
/// noted and confirmed, and what a bot did stops. Answers whether it was one: then nobody else needs to hear it.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn hear(cx: &mut Cx<'_>, place: &Place, message: &Message) -> Result<bool> {
    let text = &message.content.text;
    if message.content.pressed.is_some() || !words::may_be_one(text) {
        return Ok(false);
    }
    let settings = settings(cx.tx, cx.account, &place.project_id).await?;
    if !words::is_one(text, &settings.stop_words) {
        return Ok(false);
    }
    let since = cx.env.now().plus_ms(-WITHIN_MS);
    if !store::had_mailing(cx.tx, cx.account, &place.contact_id, since).await? {
        return Ok(false);
    }
    opt_out(cx, &place.project_id, &place.contact_id, Source::StopWord, None).await?;
    scenario_runs::stop(cx, place, End::Stopped).await?;
    let place = conversations::place(cx.tx, cx.account, &place.project_id, &place.conversation_id).await?;
    let author = Author { kind: AuthorKind::System, id: None, name: None };
    let words = words::confirmation(text);
    match outgoing::say(cx, &place, Saying::new(author, Content::text(words))).await {
        // A channel that is closed just now is no reason to lose the opt-out.
        Ok(_) | Err(Refusal::Invalid(_) | Refusal::ChannelClosed(_)) => Ok(true),
        Err(refusal) => Err(refusal),
    }
}
