//! What values are compared by: the core's normaliser, spoken to in our kinds of fields.

use identity::normalise::{FieldKind as CoreKind, NormSettings, Normalised, Why};
use model::{FieldKind, Unusable};

/// The text of a value that is compared, or why it never matches. Of a kind that no rule compares, no value is to blame.
pub fn normalise(kind: FieldKind, raw: &str, norms: &NormSettings) -> (Option<String>, Option<&'static str>) {
    match identity::normalise::normalise(core_kind(kind), raw, norms) {
        Normalised::Usable(norm) => (Some(norm), None),
        Normalised::Unusable(why) => (None, fits_rule(kind).then(|| unusable_for(why).as_str())),
    }
}

/// The values of a cell that holds several.
pub fn several(kind: FieldKind, raw: &str, norms: &NormSettings) -> Vec<String> {
    identity::normalise::several(core_kind(kind), raw, norms).into_iter().map(str::to_owned).collect()
}

fn unusable_for(why: Why) -> Unusable {
    match why {
        Why::Empty => Unusable::Empty,
        Why::Placeholder => Unusable::Placeholder,
        Why::Invalid => Unusable::Invalid,
        Why::Garbage => Unusable::Garbage,
    }
}

/// Why nothing can be compared with a value, if it is so.
pub fn unusable(kind: FieldKind, raw: &str, norms: &NormSettings) -> Option<Unusable> {
    match identity::normalise::normalise(core_kind(kind), raw, norms) {
        Normalised::Unusable(why) if fits_rule(kind) => Some(unusable_for(why)),
        Normalised::Usable(_) | Normalised::Unusable(_) => None,
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

/// The kind as the cores know it.
pub fn core_kind(kind: FieldKind) -> CoreKind {
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
