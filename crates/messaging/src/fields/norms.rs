//! What values are compared by: the core's normaliser, spoken to in our kinds of fields.

use identity::normalise::{FieldKind as CoreKind, NormSettings, Normalised, Why};
use model::FieldKind;

/// The text of a value that is compared, or why it never matches.
pub fn normalise(kind: FieldKind, raw: &str, norms: &NormSettings) -> (Option<String>, Option<&'static str>) {
    match identity::normalise::normalise(core_kind(kind), raw, norms) {
        Normalised::Usable(norm) => (Some(norm), None),
        Normalised::Unusable(why) => (None, Some(why_word(why))),
    }
}

/// The values of a cell that holds several.
pub fn several(kind: FieldKind, raw: &str, norms: &NormSettings) -> Vec<String> {
    identity::normalise::several(core_kind(kind), raw, norms).into_iter().map(str::to_owned).collect()
}

fn why_word(why: Why) -> &'static str {
    match why {
        Why::Empty => "empty",
        Why::Placeholder => "placeholder",
        Why::Invalid => "invalid",
        Why::Garbage => "garbage",
    }
}

/// The reason stored beside an unusable value.
pub fn why_of(word: &str) -> Why {
    match word {
        "empty" => Why::Empty,
        "placeholder" => Why::Placeholder,
        "garbage" => Why::Garbage,
        _ => Why::Invalid,
    }
}

/// Whether a rule may use a field of this kind (rulings 31).
pub fn fits_rule(kind: FieldKind) -> bool {
    core_kind(kind).fits_rule()
}

fn core_kind(kind: FieldKind) -> CoreKind {
    match kind {
        FieldKind::Text => CoreKind::Text,
        FieldKind::LongText => CoreKind::LongText,
        FieldKind::Number => CoreKind::Number,
        FieldKind::Date => CoreKind::Date,
        FieldKind::Datetime => CoreKind::DateTime,
        FieldKind::Bool => CoreKind::Bool,
        FieldKind::List => CoreKind::List,
        FieldKind::MultiList => CoreKind::MultiList,
        FieldKind::Phone => CoreKind::Phone,
        FieldKind::Email => CoreKind::Email,
        FieldKind::Link => CoreKind::Link,
        FieldKind::Id => CoreKind::Id,
    }
}
