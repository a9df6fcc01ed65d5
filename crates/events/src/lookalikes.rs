//! Clients whose names may be taken for ours: for somebody of the team, or for "support" and "admin" (security statement 36). Nothing of
//! this is stored: names of the team change, and so does what is like them. Whoever shows a client finds out.

use crate::hub::locked;
use crate::{EventData, EventRow, store};
use db::{Db, Tx};
use model::{AccountId, Contact, Conversation, LooksLike, Result};
use serde::Deserialize;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::time::Instant;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// Words that only those who serve go by, in whatever form: longer words that begin so count, too.
const OURS: &[&str] = &[
    "support",
    "techsupport",
    "helpdesk",
    "admin",
    "sysadmin",
    "moderator",
    "operator",
    "administrator",
    "поддержк",
    "поддержка",
    "техподдержк",
    "техподдержка",
    "саппорт",
    "админ",
    "сисадмин",
    "администратор",
    "модератор",
    "оператор",
];

/// Names of the team are asked for anew after this time.
const KNOWN_FOR: Duration = Duration::from_secs(2);

/// What an account's people are called, for a while.
#[derive(Default)]
pub(crate) struct OurNames(Mutex<Option<(Instant, Arc<Lookalikes>)>>);

impl OurNames {
    /// One query in a while, whatever is shown or said meanwhile. While the database does not answer, names of before stand.
    pub(crate) async fn lookalikes(&self, db: &Db, account: &AccountId) -> Arc<Lookalikes> {
        let known = locked(&self.0).clone();
        if let Some((asked_at, names)) = &known
            && asked_at.elapsed() < KNOWN_FOR
        {
            return names.clone();
        }
        let wanted = *account;
        let read = db.read(account, move |tx| Box::pin(async move { store::names_of_team(tx, &wanted).await }));
        let names = match read.await {
            Ok(names) => Arc::new(Lookalikes::of(names.iter().map(String::as_str))),
            Err(error) => {
                tracing::warn!(account.id = %account, error = %error, "the names of the team could not be read");
                known.map_or_else(|| Arc::new(Lookalikes::of(std::iter::empty())), |(_, names)| names)
            }
        };
        *locked(&self.0) = Some((Instant::now(), names.clone()));
        names
    }

    /// Marks what the events tell of clients. Messages name none: they wait for nothing here.
    pub(crate) async fn mark(&self, db: &Db, account: &AccountId, mut rows: Vec<EventRow>) -> Vec<EventRow> {
        if rows.iter().any(|row| Shown::in_event(row).is_some()) {
            let lookalikes = self.lookalikes(db, account).await;
            rows.iter_mut().for_each(|row| lookalikes.mark_event(row));
        }
        rows
    }
}

/// The names of an account's team, asked for in a transaction that is open.
///
/// # Errors
/// When the storage fails.
pub async fn lookalikes(tx: &mut Tx, account: &AccountId) -> Result<Lookalikes> {
    let names = store::names_of_team(tx, account).await?;
    Ok(Lookalikes::of(names.iter().map(String::as_str)))
}

/// Whose names a client's may be taken for.
#[derive(Debug)]
pub struct Lookalikes {
    team: Vec<Name>,
    ours: Vec<Name>,
}

impl Lookalikes {
    /// With a team of these names.
    pub(crate) fn of<'a>(team: impl Iterator<Item = &'a str>) -> Self {
        let is_readable = |name: &Name| !name.0.iter().all(Vec::is_empty);
        Self {
            team: team.map(Name::of).filter(is_readable).collect(),
            ours: OURS.iter().copied().map(Name::of).collect(),
        }
    }

    /// For whom a client of this name may be taken.
    pub fn judge(&self, name: &str) -> Option<LooksLike> {
        let name = Name::of(name);
        if self.team.iter().any(|person| name.passes_for(person)) {
            return Some(LooksLike::Team);
        }
        self.ours.iter().any(|word| name.passes_for(word) || name.has_word_like(word)).then_some(LooksLike::Service)
    }

    /// Marks a contact.
    pub fn mark_contact(&self, contact: &mut Contact) {
        if !contact.demo {
            contact.looks_like = self.judge(contact.name.as_deref().unwrap_or(&contact.handle));
        }
    }

    /// Marks contacts.
    pub fn mark_contacts(&self, contacts: &mut [Contact]) {
        contacts.iter_mut().for_each(|contact| self.mark_contact(contact));
    }

    /// Marks the client of a conversation, but no test of our own.
    pub fn mark_conversation(&self, conversation: &mut Conversation) {
        if !conversation.demo && !conversation.test {
            let client = &mut conversation.contact;
            client.looks_like = self.judge(client.name.as_deref().unwrap_or(&client.handle));
        }
    }

    /// Marks the clients of conversations.
    pub fn mark_conversations(&self, conversations: &mut [Conversation]) {
        conversations.iter_mut().for_each(|conversation| self.mark_conversation(conversation));
    }

    /// Marks the client that an event tells of. The whole is read only of those few that are marked.
    pub fn mark_event(&self, row: &mut EventRow) {
        let Some(shown) = Shown::in_event(row) else { return };
        let EventData::Text(text) = &mut row.data else { return };
        if self.judge(&shown.name.unwrap_or(shown.handle)).is_none() {
            return;
        }
        let marked = if row.kind.starts_with(OF_CONTACTS) {
            serde_json::from_str(text).and_then(|mut contact| {
                self.mark_contact(&mut contact);
                serde_json::to_string(&contact)
            })
        } else {
            serde_json::from_str(text).and_then(|mut conversation| {
                self.mark_conversation(&mut conversation);
                serde_json::to_string(&conversation)
            })
        };
        match marked {
            Ok(marked) => *text = marked,
            Err(error) => tracing::warn!(%error, event.kind = %row.kind, "an event of the log could not be marked"),
        }
    }
}

const OF_CONTACTS: &str = "contact.";
const OF_CONVERSATIONS: &str = "conversation.";

/// What of a client's event is judged.
#[derive(Deserialize)]
struct Shown {
    name: Option<String>,
    handle: String,
}

#[derive(Deserialize)]
struct OfConversation {
    contact: Shown,
}

impl Shown {
    /// The client an event tells of; none where it tells of something else, or of a client by the id alone.
    fn in_event(row: &EventRow) -> Option<Self> {
        let EventData::Text(text) = &row.data else { return None };
        if row.kind.starts_with(OF_CONTACTS) {
            return serde_json::from_str(text).ok();
        }
        if row.kind.starts_with(OF_CONVERSATIONS) {
            return serde_json::from_str::<OfConversation>(text).ok().map(|told| told.contact);
        }
        None
    }
}

/// The words of a name as an eye takes them: in small letters, as given, in capitals, for letters of two alphabets are alike in one case
/// and unlike in the other (`В` and `B`, `в` and `b`).
#[derive(Debug)]
struct Name([Vec<String>; 3]);

impl Name {
    fn of(name: &str) -> Self {
        let name: String = name.nfkc().collect();
        Self([words_of(&name.to_lowercase()), words_of(&name), words_of(&name.to_uppercase())])
    }

    /// The same but for spaces and dots; or all words of somebody who has more than one are in it.
    fn passes_for(&self, ours: &Self) -> bool {
        self.0.iter().zip(&ours.0).any(|(words, wanted)| {
            let is_whole = wanted.len() > 1 && wanted.iter().all(|word| words.contains(word));
            is_whole || (!wanted.is_empty() && words.concat() == wanted.concat())
        })
    }

    /// A word of it begins as this one.
    fn has_word_like(&self, ours: &Self) -> bool {
        let pairs = self.0.iter().zip(&ours.0);
        pairs.into_iter().any(|(words, wanted)| {
            wanted.first().is_some_and(|wanted| words.iter().any(|word| word.starts_with(wanted.as_str())))
        })
    }
}

/// The skeleton by the confusables of Unicode (UTS 39), and a little wider: accents are overlooked, and `I`, `l`, `1` and `i` are one.
fn words_of(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    for c in unicode_security::skeleton(name).flat_map(char::to_lowercase) {
        match c {
            'l' | '1' | 'ı' => words.last_mut().into_iter().for_each(|word| word.push('i')),
            c if c.is_alphanumeric() => words.last_mut().into_iter().for_each(|word| word.push(c)),
            c if is_combining_mark(c) => {}
            _ => words.push(String::new()),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn judged(name: &str) -> Option<LooksLike> {
        Lookalikes::of(["Анна Ильина", "Boris", "Семён", "👩"].into_iter()).judge(name)
    }

    #[test]
    fn a_name_that_an_eye_takes_for_one_of_the_team_is_found() {
        let names = [
            "Анна Ильина",
            "анна ильина",
            "АННА ИЛЬИНА",
            "Ильина Анна",
            "Аннa Ильинa",
            "AHHA ИЛЬИНА",
            "Анна  Ильина.",
            "Анна.Ильина…",
            "«Анна Ильина»",
            "АннаИльина",
            "А н н а Ильина",
            "Анна Ильина (главная)",
            "Анна\u{200D} Ильина",
            "Анна\u{FE0F}Ильина",
            "А\u{301}нна Ильина",
            "Bоris",
            "Воris",
            "ВORIS",
            "Borıs",
            "BorIs",
            "Borls",
            "B0ris",
            "Ｂｏｒｉｓ",
            "𝐁𝐨𝐫𝐢𝐬",
            "Семен",
            "Семён 👋",
        ];
        for name in names {
            assert_eq!(judged(name), Some(LooksLike::Team), "{name:?}");
        }
    }

    #[test]
    fn a_name_that_only_those_who_serve_go_by_is_found() {
        let names = [
            "Support",
            "SUPPORT TEAM",
            "Ѕuрроrt",
            "Suppоrt24",
            "S u p p o r t",
            "s.u.p.p.o.r.t",
            "Admin",
            "Аdmіn",
            "Admln",
            "Adm1n",
            "Administrator",
            "Operator 5",
            "Moderator",
            "Служба поддержки",
            "Техподдержка",
            "Тех. поддержка",
            "Поддержка сайта",
            "ПОДДЕРЖКА",
            "Aдминиcтpaтop",
            "администратор.",
            "Ваш администратор",
            "Oпepaтop",
            "Модератор\u{200D}",
            "@support_otklik",
            "𝕬𝖉𝖒𝖎𝖓",
        ];
        for name in names {
            assert_eq!(judged(name), Some(LooksLike::Service), "{name:?}");
        }
    }

    #[test]
    fn a_test_of_our_own_and_demo_data_are_not_marked() {
        let told = |test: bool, demo: bool| {
            let id = |prefix: &str| format!("{prefix}_{:032x}", 1);
            let client = serde_json::json!({ "id": id("cnt"), "name": "Support", "handle": "", "channel": "site",
                "multi_contact_id": id("mct"), "multi_contact_size": 1 });
            let whole = serde_json::json!({ "id": id("cnv"), "project_id": id("prj"), "contact_id": id("cnt"),
                "connection_id": id("con"), "channel": "site", "status": "new", "assignee_id": null, "department_id": null,
                "last_message": null, "seq": 0, "position": 1, "waiting_since": null, "created_at": "2026-01-01T00:00:00Z",
                "closed_at": null, "contact": client, "test": test, "demo": demo });
            let mut conversation: Conversation = serde_json::from_value(whole).unwrap();
            Lookalikes::of(std::iter::empty()).mark_conversation(&mut conversation);
            conversation.contact.looks_like
        };
        assert_eq!(told(false, false), Some(LooksLike::Service));
        assert_eq!((told(true, false), told(false, true)), (None, None));
    }

    #[test]
    fn other_people_are_not_marked() {
        let names = [
            "Анна",
            "Анна Ильиных",
            "Инна Ильина",
            "Борис",
            "Семёнов",
            "Посетитель 48107",
            "Ad Minnema",
            "Опера",
            "Адам Минин",
            "Supriya",
            "👩‍👧 Оля",
            "👩",
            "…",
            "",
        ];
        for name in names {
            assert_eq!(judged(name), None, "{name:?}");
        }
    }
}
