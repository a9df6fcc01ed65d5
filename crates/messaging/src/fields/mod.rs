//! Client fields (Поля, R52-R57): built in and own, in the operator's order.

use crate::{Invalid, MessagingError, Result};
use db::{DbError, FromRow, Row, Tx, sql};
use model::{AccountId, FieldKind, ProjectId};
use serde::Serialize;

/// A field of a project.
#[derive(Debug, Clone, PartialEq, Serialize, utoipa::ToSchema)]
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

impl FromRow for Field {
    fn from_row(row: &Row<'_>) -> std::result::Result<Self, DbError> {
        let options: String = row.get(3)?;
        Ok(Self {
            key: row.get(0)?,
            title: row.get(1)?,
            kind: FieldKind::from_stored(&row.get::<String>(2)?),
            options: serde_json::from_str(&options).map_err(|e| DbError::other(format!("field options: {e}")))?,
            position: row.get(4)?,
            show_when_empty: row.get(5)?,
            multi: row.get(6)?,
            required: row.get(7)?,
            read_only: row.get(8)?,
            exclusive: row.get(9)?,
            built_in: row.get(10)?,
            hidden: row.get(11)?,
        })
    }
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

/// Every field of a project in the operator's order.
///
/// # Errors
/// When the storage fails.
pub async fn all(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Vec<Field>> {
    let query = sql!(
        "SELECT key, title, kind, options, place, show_when_empty, multi, required, read_only, exclusive, built_in, hidden
         FROM fields WHERE account_id = $1 AND project_id = $2 ORDER BY place, key"
    );
    Ok(query.bind(account.as_str()).bind(project.as_str()).all(tx).await?)
}

/// Stores a new field, or the changed one of the same key.
///
/// # Errors
/// When the storage fails.
pub async fn save(tx: &mut Tx, account: &AccountId, project: &ProjectId, field: &Field) -> Result<()> {
    let options = serde_json::to_string(&field.options).map_err(|e| MessagingError::stored(&e))?;
    sql!(
        "INSERT INTO fields (account_id, project_id, key, title, kind, options, place, show_when_empty, multi, required, read_only,
           exclusive, built_in, hidden)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)
         ON CONFLICT (account_id, project_id, key) DO UPDATE SET title = excluded.title, options = excluded.options,
           place = excluded.place, show_when_empty = excluded.show_when_empty, multi = excluded.multi, required = excluded.required,
           read_only = excluded.read_only, exclusive = excluded.exclusive, hidden = excluded.hidden"
    )
    .bind(account.as_str())
    .bind(project.as_str())
    .bind(&field.key)
    .bind(&field.title)
    .bind(field.kind.as_str())
    .bind(options)
    .bind(field.position)
    .bind(field.show_when_empty)
    .bind(field.multi)
    .bind(field.required)
    .bind(field.read_only)
    .bind(field.exclusive)
    .bind(field.built_in)
    .bind(field.hidden)
    .execute(tx)
    .await?;
    Ok(())
}

/// Removes an own field with its values.
///
/// # Errors
/// When the storage fails.
pub async fn delete(tx: &mut Tx, account: &AccountId, project: &ProjectId, key: &str) -> Result<()> {
    let values = sql!(
        "DELETE FROM field_values WHERE account_id = $1 AND field_key = $3
         AND contact_id IN (SELECT id FROM contacts WHERE account_id = $1 AND project_id = $2)"
    );
    values.bind(account.as_str()).bind(project.as_str()).bind(key).execute(tx).await?;
    let field = sql!("DELETE FROM fields WHERE account_id = $1 AND project_id = $2 AND key = $3 AND NOT built_in");
    field.bind(account.as_str()).bind(project.as_str()).bind(key).execute(tx).await?;
    Ok(())
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
        FieldKind::Datetime => value.split_once('T').is_some_and(|(date, time)| is_date(date) && time.len() >= 5),
    };
    if is_right { Ok(()) } else { Err(("wrong_form", "the value does not fit this kind of field")) }
}

fn is_date(text: &str) -> bool {
    let parts: Vec<&str> = text.split('-').collect();
    let [year, month, day] = parts.as_slice() else { return false };
    let number = |text: &str, digits: usize| (text.len() == digits).then(|| text.parse::<u32>().ok()).flatten();
    number(year, 4).is_some()
        && number(month, 2).is_some_and(|m| (1..=12).contains(&m))
        && number(day, 2).is_some_and(|d| (1..=31).contains(&d))
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
    fn blank_values_clear_a_field() {
        let name = built_in("name", "", FieldKind::Text, false, 0);
        assert!(check_values(&name, &["  ".into()]).unwrap().is_empty());
    }
}
