//! How a raw value becomes the text that is compared (R11, rulings 30-32).
//!
//! A value that cannot be compared is [`Normalised::Unusable`]: it is kept raw with its reason and never matches (R6).

mod email;
mod phone;
mod scalar;
mod settings;
mod several;
mod spreadsheet;
mod text;

pub use settings::{DEFAULT_PLACEHOLDERS, NORM_VERSION, NormSettings};
pub use several::several;

use serde::{Deserialize, Serialize};

/// The kind of a client field (ruling 16; names as in the API).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FieldKind {
    /// One line of text.
    Text,
    /// Several lines of text; cannot be in a rule (ruling 31).
    LongText,
    /// A decimal number.
    Number,
    /// A calendar day.
    Date,
    /// A moment.
    #[serde(rename = "datetime", alias = "date_time")]
    DateTime,
    /// Yes or no; cannot be in a rule (ruling 31).
    Bool,
    /// One of a list; cannot be in a rule (ruling 31).
    List,
    /// Several of a list; cannot be in a rule (ruling 31).
    MultiList,
    /// A phone number (ruling 32).
    Phone,
    /// An e-mail address.
    Email,
    /// A web address.
    Link,
    /// An identifier of another system: Skype, contract, personal account (ruling 16).
    Id,
}

impl FieldKind {
    /// Whether a rule may use a field of this kind (ruling 31).
    #[must_use]
    pub fn fits_rule(self) -> bool {
        match self {
            Self::Text | Self::Number | Self::Date | Self::DateTime => true,
            Self::Phone | Self::Email | Self::Link | Self::Id => true,
            Self::LongText | Self::Bool | Self::List | Self::MultiList => false,
        }
    }

    /// Whether a value that does not parse is refused with 422 instead of being stored as unusable (ruling 31).
    #[must_use]
    pub fn refuses_invalid(self) -> bool {
        match self {
            Self::Number | Self::Date | Self::DateTime | Self::Bool | Self::List | Self::MultiList => true,
            Self::Text | Self::LongText | Self::Phone | Self::Email | Self::Link | Self::Id => false,
        }
    }
}

/// Why a value never matches (R6; section 3 of multi-contacts.md).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Why {
    /// Nothing visible in it.
    Empty,
    /// On the list of placeholders ("нет", "n/a").
    Placeholder,
    /// Not a value of this kind.
    Invalid,
    /// Well formed but meaningless, such as a phone of one repeated digit.
    Garbage,
}

/// The result of [`normalise`].
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Normalised {
    /// The text that is compared. Holds no control characters.
    Usable(String),
    /// Never matches (R6).
    Unusable(Why),
}

impl Normalised {
    /// The comparable text, if there is one.
    #[must_use]
    pub fn usable(&self) -> Option<&str> {
        match self {
            Self::Usable(text) => Some(text),
            Self::Unusable(_) => None,
        }
    }
}

/// Turn one raw value of a field into the text that is compared (rulings 30-32).
#[must_use]
pub fn normalise(kind: FieldKind, raw: &str, settings: &NormSettings) -> Normalised {
    let clean = text::clean(raw);
    if clean.is_empty() {
        return Normalised::Unusable(Why::Empty);
    }
    let folded = text::fold(&clean);
    if kind == FieldKind::Bool {
        // "нет" is an answer here, not a placeholder
        return finish(scalar::boolean(&folded));
    }
    if settings.is_placeholder(&folded) {
        return Normalised::Unusable(Why::Placeholder);
    }
    match kind {
        FieldKind::Text | FieldKind::LongText | FieldKind::Id | FieldKind::List | FieldKind::MultiList => {
            Normalised::Usable(folded)
        }
        FieldKind::Phone => match phone::phone(&clean, settings.default_region()) {
            Ok(number) if settings.is_placeholder_phone(&number) => Normalised::Unusable(Why::Placeholder),
            result => finish(result),
        },
        FieldKind::Email => finish(email::email(&clean)),
        FieldKind::Number => finish(scalar::number(&clean)),
        FieldKind::Date => finish(scalar::date(&clean)),
        FieldKind::DateTime => finish(scalar::date_time(&clean)),
        FieldKind::Link => finish(scalar::link(&clean)),
        FieldKind::Bool => unreachable!("answered above"),
    }
}

fn finish(result: Result<String, Why>) -> Normalised {
    match result {
        Ok(text) => Normalised::Usable(text),
        Err(why) => Normalised::Unusable(why),
    }
}
