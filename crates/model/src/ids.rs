//! Ids: 16 bytes inside, prefixed text (`msg_...`) at the edges; one type per noun, so that they cannot be swapped (rulings 8).

use serde::de::Visitor;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use std::fmt;
use std::marker::PhantomData;
use std::str::FromStr;

/// The text is not an id of this kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a valid {kind} id")]
pub struct BadId {
    kind: &'static str,
}

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal),+ $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, utoipa::ToSchema)]
        #[schema(value_type = String)]
        pub struct $name(u128);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id from the source's next UUIDv7 (rulings 8).
            pub fn new(ids: &dyn crate::IdSource) -> Self {
                Self(ids.next_ordered())
            }

            /// The id of these bits.
            pub const fn from_bits(bits: u128) -> Self {
                Self(bits)
            }

            /// Its bits; in the same order as the texts.
            pub const fn bits(self) -> u128 {
                self.0
            }
        }

        db::stored_as_bits!($name);

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                bits_of($prefix, text).map(Self).ok_or(BadId { kind: $prefix })
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(IdText::new(Self::PREFIX, self.0).as_str())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.serialize_str(IdText::new(Self::PREFIX, self.0).as_str())
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                deserializer.deserialize_str(ReadId(PhantomData))
            }
        }
    )+};
}

ids! {
    /// A company: the tenant (Личный кабинет).
    AccountId = "acc",
    /// A project (сайт).
    ProjectId = "prj",
    /// A person who signs in.
    UserId = "usr",
    /// A browser session of a user.
    SessionId = "ses",
    /// A key of the REST API.
    ApiKeyId = "key",
    /// One connected channel of a project.
    ConnectionId = "con",
    /// One person on one connection.
    ContactId = "cnt",
    /// A dialogue of one contact.
    ConversationId = "cnv",
    /// A message, note or event line.
    MessageId = "msg",
    /// One way out of a message.
    DeliveryId = "dlv",
    /// An attachment.
    FileId = "fil",
    /// A multi-contact.
    GroupId = "mct",
    /// A multi-contact rule.
    RuleId = "rul",
    /// A manual link or unlink.
    OverrideId = "ovr",
    /// Background work.
    JobId = "job",
    /// A line of the log of multi-contact changes.
    LogId = "log",
    /// A past value of a field.
    HistoryId = "his",
    /// A scenario.
    ScenarioId = "scn",
    /// Secret of a project's scenarios.
    ScenarioSecretId = "sec",
    /// A scenario at work with one client.
    RunId = "run",
    /// A menu button of a site.
    MenuButtonId = "btn",
    /// A suggest of a site.
    SuggestId = "sug",
    /// An auto-action of a site.
    AutoActionId = "aut",
    /// A mailing.
    MailingId = "mlg",
    /// An audience with a name (сегмент).
    SegmentId = "seg",
    /// Whoever looks at a site, contact or not: the first half of the hash of a token (rulings 36).
    VisitorId = "vis",
    /// A browser that is told by web push.
    PushSubscriptionId = "psh",
    /// A webhook out.
    WebhookId = "whk",
    /// What a webhook is told: the same over all tries.
    WebhookMessageId = "whm",
    /// An announcement (объявление).
    AnnouncementId = "ann",
    /// A department (отдел).
    DepartmentId = "dep",
    /// A canned reply (быстрый ответ).
    CannedReplyId = "rpl",
    /// A saved view of the list of conversations.
    SavedViewId = "viw",
    /// What reports count: a conversation from its first word until it was closed.
    ReportSessionId = "rps",
    /// A tag of a project's list.
    TagId = "tag",
}

/// An id as text, without an allocation: `msg_` and 32 hex digits.
struct IdText([u8; 36]);

/// The two digits of each byte.
const DIGITS: [[u8; 2]; 256] = {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut digits = [[0; 2]; 256];
    let mut byte = 0;
    while byte < 256 {
        digits[byte] = [HEX[byte >> 4], HEX[byte & 15]];
        byte += 1;
    }
    digits
};

impl IdText {
    fn new(prefix: &str, bits: u128) -> Self {
        let mut text = [b'_'; 36];
        text[..3].copy_from_slice(prefix.as_bytes());
        for (place, byte) in text[4..].chunks_exact_mut(2).zip(bits.to_be_bytes()) {
            place.copy_from_slice(&DIGITS[usize::from(byte)]);
        }
        Self(text)
    }

    fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or_default()
    }
}

/// The bits of a text that is an id with this prefix: 32 digits, lower case only, so that each id has one text.
fn bits_of(prefix: &str, text: &str) -> Option<u128> {
    let hex = text.strip_prefix(prefix)?.strip_prefix('_')?;
    let is_hex = hex.len() == 32 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    if is_hex { u128::from_str_radix(hex, 16).ok() } else { None }
}

/// Reads an id from text that may be borrowed.
struct ReadId<T>(PhantomData<T>);

impl<T: FromStr<Err = BadId>> Visitor<'_> for ReadId<T> {
    type Value = T;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an id")
    }

    fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<T, E> {
        text.parse().map_err(E::custom)
    }
}

/// Who did something: a client, a user or a key. As text it is the id itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum ActorId {
    /// A client.
    Contact(ContactId),
    /// A user.
    User(UserId),
    /// A program.
    Key(ApiKeyId),
}

impl ActorId {
    /// Its bits, without the noun.
    pub fn bits(self) -> u128 {
        match self {
            Self::Contact(id) => id.bits(),
            Self::User(id) => id.bits(),
            Self::Key(id) => id.bits(),
        }
    }
}

impl From<ActorId> for db::Value<'_> {
    fn from(id: ActorId) -> Self {
        Self::id(id.bits())
    }
}

impl fmt::Display for ActorId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Contact(id) => id.fmt(f),
            Self::User(id) => id.fmt(f),
            Self::Key(id) => id.fmt(f),
        }
    }
}

impl FromStr for ActorId {
    type Err = BadId;

    fn from_str(text: &str) -> Result<Self, BadId> {
        match text.split('_').next() {
            Some(ContactId::PREFIX) => text.parse().map(Self::Contact),
            Some(UserId::PREFIX) => text.parse().map(Self::User),
            _ => text.parse().map(Self::Key),
        }
    }
}

impl Serialize for ActorId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Contact(id) => id.serialize(serializer),
            Self::User(id) => id.serialize(serializer),
            Self::Key(id) => id.serialize(serializer),
        }
    }
}

impl<'de> Deserialize<'de> for ActorId {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_str(ReadId(PhantomData))
    }
}

impl FileId {
    /// A file id is the right to read the file, so it is random, not ordered (rulings 8).
    pub fn random(ids: &dyn crate::IdSource) -> Self {
        Self(ids.next_random())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = ContactId::new(&crate::RandomIds).to_string();
        assert!(ContactId::from_str(&id).is_ok());
        assert!(MessageId::from_str(&id).is_err());
        for bad in [
            "cnt_../../etc",
            "cnt_",
            "cnt_0",
            "cnt_0000000000000000000000000000000A",
            "cnt00000000000000000000000000000001",
        ] {
            assert!(ContactId::from_str(bad).is_err(), "{bad}");
        }
    }

    #[test]
    fn text_and_bits_are_one_id_and_keep_one_order() {
        let (older, newer) = (ContactId::new(&crate::RandomIds), ContactId::new(&crate::RandomIds));
        assert_eq!(older.to_string().parse(), Ok(older));
        assert_eq!(ContactId::from_bits(older.bits()), older);
        assert!(older < newer && older.to_string() < newer.to_string());
        assert_eq!(ContactId::from_bits(1).to_string(), "cnt_00000000000000000000000000000001");
        assert_eq!(
            serde_json::to_string(&ContactId::from_bits(255)).unwrap(),
            r#""cnt_000000000000000000000000000000ff""#
        );
    }

    #[test]
    fn whoever_did_something_keeps_the_noun_in_text() {
        for text in [
            "cnt_00000000000000000000000000000001",
            "usr_00000000000000000000000000000002",
            "key_00000000000000000000000000000003",
        ] {
            assert_eq!(text.parse::<ActorId>().unwrap().to_string(), text);
        }
        assert!("con_00000000000000000000000000000004".parse::<ActorId>().is_err());
    }

    #[test]
    fn ids_of_one_source_rise_and_never_repeat() {
        let made: Vec<_> = (0..10_000).map(|_| MessageId::new(&crate::RandomIds)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
