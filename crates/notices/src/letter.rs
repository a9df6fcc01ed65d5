//! The words of letters to the team, in the reader's language.

use crate::store;
use db::Tx;
use messaging::connections::Connection;
use messaging::conversations;
use messaging::messages;
use messaging::notices::{self, Notice};
use model::{AccountId, Conversation, ConversationId, Refusal, Result, Timestamp};

/// So many clients are named.
const MOST_NAMED: usize = 10;
/// Characters of a client's text that are shown.
const LONGEST: usize = 200;

/// A letter before it is put into the form of mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Letter {
    pub to: String,
    pub subject: String,
    pub text: String,
}

/// What became of a wish to tell something.
pub(crate) enum Written {
    /// It is to go out from this mailbox.
    Letter(Box<Connection>, Letter),
    /// There is nothing to tell any more: it was read, erased, or its reader has left.
    Settled,
    /// The project has no mailbox.
    NoMailbox,
}

/// Writes a letter from what stands now.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn write(
    tx: &mut Tx,
    account: &AccountId,
    notice: &Notice,
    desk: &str,
    now: Timestamp,
) -> Result<Written> {
    let (project, letter) = match notice {
        Notice::Unread { project_id, user_id, conversations } => {
            let Some((to, name, locale)) = store::reader(tx, account, project_id, user_id).await? else {
                return Ok(Written::Settled);
            };
            let Some((project_name, _)) = store::names(tx, account, project_id).await? else {
                return Ok(Written::Settled);
            };
            let mut waiting = Vec::new();
            for id in conversations {
                if store::still_unread(tx, account, user_id, id).await? {
                    waiting.push(conversations::get(tx, account, id, None).await?);
                }
            }
            events::lookalikes(tx, account).await?.mark_conversations(&mut waiting);
            if waiting.is_empty() {
                return Ok(Written::Settled);
            }
            let words = Words::of(&locale);
            (*project_id, words.unread((to, &name), &project_name, &waiting, desk, now))
        }
        Notice::Scenario { conversation_id, line, to } => {
            let place = match conversations::place_anywhere(tx, account, conversation_id).await {
                Err(Refusal::NotFound) => return Ok(Written::Settled),
                found => found?,
            };
            let Some((project_name, locale)) = store::names(tx, account, &place.project_id).await? else {
                return Ok(Written::Settled);
            };
            let mut conversation = conversations::get(tx, account, conversation_id, None).await?;
            events::lookalikes(tx, account).await?.mark_conversation(&mut conversation);
            let said = messages::get(tx, account, line).await?;
            let event = said.content.event.as_ref().map(|event| &event.data);
            let part = |key: &str| event.and_then(|data| data.get(key)?.as_str()).unwrap_or_default().to_owned();
            let (scenario, text) = (part("scenario"), part("text"));
            let words = Words::of(&locale);
            (place.project_id, words.scenario(to.clone(), (&scenario, &text), &project_name, &conversation, desk))
        }
    };
    Ok(match notices::mailbox(tx, account, &project).await? {
        Some(mailbox) => Written::Letter(Box::new(mailbox), letter),
        None => Written::NoMailbox,
    })
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Words {
    Russian,
    English,
}

impl Words {
    fn of(locale: &str) -> Self {
        if locale == "en" { Self::English } else { Self::Russian }
    }

    fn pick<'a>(self, russian: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::Russian => russian,
            Self::English => english,
        }
    }

    fn unread(
        self,
        (to, name): (String, &str),
        project: &str,
        waiting: &[Conversation],
        desk: &str,
        now: Timestamp,
    ) -> Letter {
        let subject = match waiting {
            [one] => format!("{} {}: {project}", self.client(one), self.pick("ждёт ответа", "waits for an answer")),
            many => format!("{}: {} ({project})", self.pick("Ждут ответа", "Waiting for an answer"), many.len()),
        };
        let mut text = match self {
            Self::Russian => format!("Здравствуйте, {name}!\n\nВ проекте «{project}» ждут ответа:\n"),
            Self::English => format!("Hello {name},\n\nin the project “{project}” these wait for an answer:\n"),
        };
        for one in waiting.iter().take(MOST_NAMED) {
            let since = one.waiting_since.map_or(0, |since| now.ms_since(since).max(0));
            text.push_str(&format!("\n{} · {}\n", self.client(one), self.span(since)));
            if let Some(said) =
                one.last_message.as_ref().map(|last| shown(&last.content.text)).filter(|said| !said.is_empty())
            {
                text.push_str(&format!("{said}\n"));
            }
            text.push_str(&link(desk, &one.id));
        }
        if waiting.len() > MOST_NAMED {
            let rest = waiting.len() - MOST_NAMED;
            text.push_str(&format!("\n{}: {rest}\n", self.pick("И ещё", "And more")));
        }
        let me = if desk.is_empty() { String::new() } else { format!(": {desk}/me") };
        let way_out = self.pick(
            "Когда присылать такие письма и присылать ли, выбирается в вашем профиле",
            "When such letters come, and whether they do, is chosen in your profile",
        );
        text.push_str(&format!("\n--\n{way_out}{me}\n"));
        Letter { to, subject, text }
    }

    fn scenario(
        self,
        to: String,
        (scenario, said): (&str, &str),
        project: &str,
        conversation: &Conversation,
        desk: &str,
    ) -> Letter {
        let subject = format!("{scenario}: {} ({project})", self.client(conversation));
        let from = match self {
            Self::Russian => format!("Сценарий «{scenario}» · {}", self.client(conversation)),
            Self::English => format!("Scenario “{scenario}” · {}", self.client(conversation)),
        };
        let text = format!("{said}\n\n--\n{from}\n{}", link(desk, &conversation.id));
        Letter { to, subject, text }
    }

    /// The client's name; one that may be taken for one of ours is marked as in the desk.
    fn client(self, conversation: &Conversation) -> String {
        let name = client(conversation);
        match conversation.contact.looks_like {
            Some(_) => format!("{name} ({})", self.pick("не сотрудник", "not staff")),
            None => name,
        }
    }

    /// A wait in the largest whole unit.
    fn span(self, ms: i64) -> String {
        let minutes = ms / 60_000;
        match minutes {
            0..60 => format!("{} {minutes} {}", self.pick("ждёт", "waiting for"), self.pick("мин", "min")),
            _ => format!("{} {} {}", self.pick("ждёт", "waiting for"), minutes / 60, self.pick("ч", "h")),
        }
    }
}

fn client(conversation: &Conversation) -> String {
    let contact = &conversation.contact;
    contact.name.clone().filter(|name| !name.trim().is_empty()).unwrap_or_else(|| contact.handle.clone())
}

fn link(desk: &str, conversation: &ConversationId) -> String {
    if desk.is_empty() { String::new() } else { format!("{desk}/inbox/{conversation}\n") }
}

/// The beginning of a text on one line.
fn shown(text: &str) -> String {
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_long_text_of_many_lines_is_the_beginning_of_one() {
        assert_eq!(shown(" раз\n\n два "), "раз два");
        assert_eq!(shown(&"ю".repeat(500)).chars().count(), LONGEST + 1);
    }

    #[test]
    fn a_wait_is_told_in_minutes_and_then_in_hours() {
        assert_eq!(Words::Russian.span(59 * 60_000), "ждёт 59 мин");
        assert_eq!(Words::English.span(150 * 60_000), "waiting for 2 h");
        assert_eq!(Words::Russian.span(0), "ждёт 0 мин");
    }
}
