//! Names of facts, and which operators fit them (the tables of section 2 of `site.md`).

use crate::document::Op;
use identity::normalise::FieldKind;

/// Characters of the part of a name that people choose.
const LONGEST_NAME: usize = 100;

/// What kind of value a fact has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    /// `page_url`, `referrer`.
    Address,
    /// `page_path`.
    Path,
    /// Other text of the page.
    Text,
    /// A number that is unknown until somebody measures it.
    Number,
    /// A number that is nothing until something happens.
    Count,
    /// 0 to 99.
    Share,
    /// Yes or no.
    YesNo,
    /// Desktop, phone, tablet.
    Device,
    /// A BCP 47 tag.
    Language,
    /// An ISO 3166 code.
    Country,
    /// The clock of the project.
    Clock,
    /// Values of a field.
    Field,
    /// Tags.
    Tag,
}

/// The kind of a fact; `None` for a name that is none.
pub(crate) fn kind_of(fact: &str) -> Option<Kind> {
    let chosen = |name: &str| !name.is_empty() && name.chars().count() <= LONGEST_NAME && !name.contains('\0');
    Some(match fact {
        "page_url" | "referrer" => Kind::Address,
        "page_path" => Kind::Path,
        "page_title" => Kind::Text,
        "utm_source" | "utm_medium" | "utm_campaign" | "utm_term" | "utm_content" => Kind::Text,
        "seconds_on_page" | "seconds_on_site" | "scroll_percent" | "idle_seconds" => Kind::Number,
        "pages_viewed" | "visits" => Kind::Count,
        "returning" | "exit_intent" | "operators_online" => Kind::YesNo,
        "device" => Kind::Device,
        "language" => Kind::Language,
        "country" => Kind::Country,
        "time" => Kind::Clock,
        "tag" => Kind::Tag,
        "share" => Kind::Share,
        _ => match fact.split_once('.')? {
            ("query", name) if chosen(name) => Kind::Text,
            ("event", name) if chosen(name) => Kind::Count,
            ("field", key) if chosen(key) => Kind::Field,
            _ => return None,
        },
    })
}

/// The key of a field's fact.
pub(crate) fn field_key(fact: &str) -> Option<&str> {
    fact.strip_prefix("field.")
}

/// Whether an operator fits a fact.
pub(crate) fn fits(kind: Kind, op: Op, field: FieldKind) -> bool {
    let is_text = matches!(kind, Kind::Address | Kind::Path | Kind::Text);
    let is_value = kind == Kind::Field;
    let is_word = matches!(kind, Kind::Device | Kind::Language | Kind::Country);
    let is_number = matches!(kind, Kind::Number | Kind::Count | Kind::Share);
    match op {
        Op::Is | Op::IsNot => is_text || is_word || is_number || is_value,
        Op::In | Op::NotIn => is_text || is_word || is_value,
        Op::Contains | Op::NotContains | Op::StartsWith | Op::EndsWith => is_text || is_value,
        Op::Matches => is_text,
        Op::AtLeast | Op::AtMost => is_number || (is_value && field == FieldKind::Number),
        Op::IsEmpty | Op::IsFilled => is_text || is_value,
        Op::Has | Op::HasNot => kind == Kind::Tag,
        Op::IsTrue | Op::IsFalse => kind == Kind::YesNo,
        Op::Within | Op::NotWithin => kind == Kind::Clock,
        Op::Below => kind == Kind::Share,
    }
}

/// Whether an operator is the other one turned round: it holds when that one does not, for unknown facts, too.
pub(crate) fn is_negative(op: Op) -> bool {
    matches!(op, Op::IsNot | Op::NotIn | Op::NotContains | Op::HasNot | Op::IsEmpty | Op::NotWithin)
}
