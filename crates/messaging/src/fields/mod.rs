//! Client fields (Поля, R52-R57): built in and own, in the operator's order.

mod norms;
mod store;

pub use identity::normalise::NORM_VERSION;
pub use norms::{core_kind, fits_rule, normalise, several, unusable, why_of};
pub use store::{all, count_values, delete, missing_required, save};

use crate::Invalid;
use identity::normalise::NormSettings;
use model::FieldKind;
use serde::{Deserialize, Serialize};
use std::sync::LazyLock;

/// A field of a project.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Field {
    /// System key.
    pub key: String,
    /// Title the operator reads.
    pub title: String,
    /// Kind.
    pub kind: FieldKind,
    /// Choices of lists.
    pub options: Vec<String>,
    /// Place in the card, from 0.
    pub position: i64,
    /// In the card even when empty (R54).
    pub show_when_empty: bool,
    /// Several values.
    pub multi: bool,
    /// Asked for on closing.
    pub required: bool,
    /// Operators may not edit it.
    pub read_only: bool,
    /// Two different values in one multi-contact are a conflict.
    pub exclusive: bool,
    /// Cannot be deleted, only hidden.
    pub built_in: bool,
    /// Not shown.
    pub hidden: bool,
}

#[cfg(test)]
impl Field {
    pub(crate) fn built_in_for_test(key: &str, kind: FieldKind, multi: bool) -> Self {
        built_in(key, key, kind, multi, 0)
    }
}

fn built_in(key: &str, title: &str, kind: FieldKind, multi: bool, position: i64) -> Field {
    Field {
        key: key.to_owned(),
        title: title.to_owned(),
        kind,
        options: Vec::new(),
        position,
        show_when_empty: matches!(key, "name" | "phone" | "email"),
        multi,
        required: false,
        read_only: false,
        exclusive: key == "customer_id",
        built_in: true,
        hidden: false,
    }
}

/// The built-in fields of a new project (R8, R57, rulings 37).
pub fn built_ins() -> Vec<Field> {
    let rows = [
        ("name", "Имя", FieldKind::Text, false),
        ("phone", "Мобильный телефон", FieldKind::Phone, true),
        ("email", "E-mail", FieldKind::Email, true),
        ("skype", "Skype", FieldKind::Id, false),
        ("contract", "Номер договора", FieldKind::Id, false),
        ("personal_account", "Лицевой счёт", FieldKind::Id, false),
        ("customer_id", "ID клиента", FieldKind::Id, false),
    ];
    (0..).zip(rows).map(|(position, (key, title, kind, multi))| built_in(key, title, kind, multi, position)).collect()
}

/// Trims values and refuses those of the wrong form. Phones, e-mails and ids are kept as given: what cannot match is said beside
/// the value, not refused (rulings 31).
///
/// # Errors
/// With the field's path.
pub fn check_values(field: &Field, values: &[String]) -> std::result::Result<Vec<String>, Invalid> {
    let path = format!("fields.{}", field.key);
    let trimmed = values.iter().map(|v| v.trim().to_owned()).filter(|v| !v.is_empty());
    let mut cleaned: Vec<String> = Vec::new();
    for value in trimmed {
        check_value(field, &value).map_err(|(code, words)| Invalid::new(&path, code, words))?;
        if !cleaned.contains(&value) {
            cleaned.push(value);
        }
    }
    if cleaned.len() > 1 && !field.multi && field.kind != FieldKind::MultiList {
        return Err(Invalid::new(&path, "one_value", "this field holds one value"));
    }
    if cleaned.len() > 32 {
        return Err(Invalid::new(&path, "too_many", "at most 32 values"));
    }
    Ok(cleaned)
}

fn check_value(field: &Field, value: &str) -> std::result::Result<(), (&'static str, &'static str)> {
    let longest = if field.kind == FieldKind::LongText { 10_000 } else { 500 };
    if value.chars().count() > longest {
        return Err(("too_long", "the value is too long"));
    }
    if value.contains('\0') {
        return Err(("bad_character", "the value holds a NUL character"));
    }
    let is_right = match field.kind {
        FieldKind::Text | FieldKind::LongText | FieldKind::Phone | FieldKind::Email | FieldKind::Id => true,
        FieldKind::Link => value.starts_with("https://") || value.starts_with("http://"),
        FieldKind::Number => value.parse::<f64>().is_ok_and(f64::is_finite),
        FieldKind::Bool => matches!(value, "true" | "false"),
        FieldKind::List | FieldKind::MultiList => field.options.iter().any(|option| option == value),
        FieldKind::Date => is_date(value),
        FieldKind::Datetime => {
            value.split_once('T').is_some_and(|(date, _)| is_date(date)) && is_comparable(field.kind, value)
        }
    };
    if is_right { Ok(()) } else { Err(("wrong_form", "the value does not fit this kind of field")) }
}

/// A day of the calendar, written `2026-02-28` only.
fn is_date(text: &str) -> bool {
    text.len() == 10 && text.as_bytes()[4] == b'-' && is_comparable(FieldKind::Date, text)
}

/// Whether rules can make something of a value, whatever a project's settings are.
fn is_comparable(kind: FieldKind, text: &str) -> bool {
    static NORMS: LazyLock<NormSettings> = LazyLock::new(|| NormSettings::new(None, []));
    normalise(kind, text, &NORMS).0.is_some()
}

/// Refuses a list that has no options, or too many.
///
/// # Errors
/// At `options`.
pub fn check_options(kind: FieldKind, options: &[String]) -> std::result::Result<(), Invalid> {
    let is_list = matches!(kind, FieldKind::List | FieldKind::MultiList);
    if is_list && (options.is_empty() || options.len() > 200) {
        return Err(Invalid::new("options", "wrong_number", "a list has 1 to 200 options"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bad_phone_is_kept_and_a_bad_number_is_refused() {
        let phone = built_in("phone", "", FieldKind::Phone, true, 0);
        assert_eq!(check_values(&phone, &[" позвоните ".into()]).unwrap(), vec!["позвоните"]);
        let number = built_in("floor", "", FieldKind::Number, false, 0);
        assert_eq!(check_values(&number, &["пять".into()]).unwrap_err().code, "wrong_form");
    }

    #[test]
    fn days_and_moments_that_do_not_exist_are_refused() {
        let takes = |kind, text: &str| check_values(&built_in("x", "", kind, false, 0), &[text.into()]).is_ok();
        for right in ["2026-02-28", "2024-02-29"] {
            assert!(takes(FieldKind::Date, right), "{right}");
        }
        for wrong in ["2026-02-31", "2026-02-29", "2026-13-01", "2026-00-10", "26-01-01", "31.12.2026", "+026-01-01"] {
            assert!(!takes(FieldKind::Date, wrong), "{wrong}");
        }
        for right in ["2026-01-01T10:00", "2026-01-01T10:00:30.5Z", "2026-01-01T10:00:00+03:00"] {
            assert!(takes(FieldKind::Datetime, right), "{right}");
        }
        for wrong in ["2026-01-01Txxxxx", "2026-02-31T10:00", "2026-01-01T25:00", "2026-01-01T10:00+99:99", "10:00"] {
            assert!(!takes(FieldKind::Datetime, wrong), "{wrong}");
        }
    }

    #[test]
    fn blank_values_clear_a_field() {
        let name = built_in("name", "", FieldKind::Text, false, 0);
        assert!(check_values(&name, &["  ".into()]).unwrap().is_empty());
    }
}
