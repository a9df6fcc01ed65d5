//! Prefixed ids (`msg_...`), one type per noun so that they cannot be swapped (rulings 8).

use serde::{Deserialize, Serialize};
use std::fmt;
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
        #[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, utoipa::ToSchema)]
        #[serde(try_from = "String")]
        #[schema(value_type = String)]
        pub struct $name(String);

        impl $name {
            /// What every id of this kind starts with.
            pub const PREFIX: &'static str = $prefix;

            /// A new id from the source's next UUIDv7 (rulings 8).
            pub fn new(ids: &dyn crate::IdSource) -> Self {
                Self(prefixed(Self::PREFIX, ids.next_ordered()))
            }

            /// The id as text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// An id read back from our own storage.
            pub fn from_stored(text: String) -> Self {
                Self(text)
            }

            /// The id of these bits: where many are held at once, 16 bytes each.
            pub fn from_bits(bits: u128) -> Self {
                Self(prefixed(Self::PREFIX, bits))
            }

            /// The bits of a stored id; in the same order as the texts. `None` for a text that is no id of this kind.
            pub fn bits_of(text: &str) -> Option<u128> {
                let hex = text.strip_prefix(concat!($prefix, "_")).filter(|hex| hex.len() == 32)?;
                u128::from_str_radix(hex, 16).ok()
            }
        }

        impl TryFrom<String> for $name {
            type Error = BadId;
            fn try_from(text: String) -> Result<Self, BadId> {
                let is_valid = text.strip_prefix(concat!($prefix, "_")).is_some_and(is_hex_128);
                if is_valid { Ok(Self(text)) } else { Err(BadId { kind: $prefix }) }
            }
        }

        impl FromStr for $name {
            type Err = BadId;
            fn from_str(text: &str) -> Result<Self, BadId> {
                Self::try_from(text.to_owned())
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
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
}

fn prefixed(prefix: &str, value: u128) -> String {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut text = String::with_capacity(prefix.len() + 33);
    text.push_str(prefix);
    text.push('_');
    for byte in value.to_be_bytes() {
        text.push(char::from(HEX[usize::from(byte >> 4)]));
        text.push(char::from(HEX[usize::from(byte & 15)]));
    }
    text
}

fn is_hex_128(text: &str) -> bool {
    text.len() == 32 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b))
}

impl FileId {
    /// A file id is the right to read the file, so it is random, not ordered (rulings 8).
    pub fn random(ids: &dyn crate::IdSource) -> Self {
        Self(prefixed(Self::PREFIX, ids.next_random()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = ContactId::new(&crate::RandomIds);
        assert!(ContactId::from_str(id.as_str()).is_ok());
        assert!(MessageId::from_str(id.as_str()).is_err());
        assert!(ContactId::from_str("cnt_../../etc").is_err());
    }

    #[test]
    fn bits_are_the_id_and_keep_its_order() {
        let (older, newer) = (ContactId::new(&crate::RandomIds), ContactId::new(&crate::RandomIds));
        let bits = |id: &ContactId| ContactId::bits_of(id.as_str()).unwrap();
        assert_eq!(ContactId::from_bits(bits(&older)), older);
        assert!(bits(&older) < bits(&newer));
        assert_eq!(ContactId::bits_of("msg_00000000000000000000000000000001"), None);
    }

    #[test]
    fn ids_of_one_source_rise_and_never_repeat() {
        let made: Vec<_> = (0..10_000).map(|_| MessageId::new(&crate::RandomIds)).collect();
        assert!(made.windows(2).all(|pair| pair[0] < pair[1]));
    }
}
