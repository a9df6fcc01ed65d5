//! Clients as a table that any spreadsheet opens and our own import takes back.

use crate::import::needs_quote;
use db::Tx;
use messaging::contacts::{ContactFilter, list};
use messaging::fields::{self, Field};
use model::{AccountId, Contact, ContactId, ProjectId};
use model::{Refusal, Result};
use serde::Deserialize;

/// Columns before those of the fields.
const OWN: [&str; 5] = ["external_id", "id", "channel", "multi_contact_id", "created_at"];

/// What columns of fields are called.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Names {
    /// Keys, for programs.
    #[default]
    Keys,
    /// Titles, for people.
    Titles,
}

/// What stands between cells.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Delimiter {
    /// A comma.
    #[default]
    Comma,
    /// A semicolon, as spreadsheets of Russian want it.
    Semicolon,
}

/// The header, with the mark that makes spreadsheets read UTF-8.
///
/// # Errors
/// When the storage fails.
pub async fn header(
    tx: &mut Tx,
    account: &AccountId,
    project: &ProjectId,
    names: Names,
    delimiter: Delimiter,
) -> Result<(Vec<Field>, String)> {
    let known = fields::all(tx, account, project).await?;
    let line = line(header_cells(&known, names), delimiter)?;
    Ok((known, format!("\u{feff}{line}")))
}

/// A title that two fields share, or that one of our own columns has, tells nothing apart: the key stands for it.
fn header_cells(known: &[Field], names: Names) -> Vec<String> {
    let fold = |title: &str| title.trim().to_lowercase();
    let is_alone = |field: &Field| {
        let title = fold(&field.title);
        let same = known.iter().filter(|other| fold(&other.title) == title || fold(&other.key) == title);
        !title.is_empty() && !OWN.contains(&title.as_str()) && same.filter(|other| other.key != field.key).count() == 0
    };
    let name_of = |field: &Field| match names {
        Names::Titles if is_alone(field) => safe(field.title.trim()),
        _ => field.key.clone(),
    };
    OWN.iter().map(|&name| name.to_owned()).chain(known.iter().map(name_of)).collect()
}

/// A page of clients as lines, and the last of them.
///
/// # Errors
/// When the storage fails.
pub async fn page(
    tx: &mut Tx,
    (account, project): (&AccountId, &ProjectId),
    known: &[Field],
    delimiter: Delimiter,
    filter: &ContactFilter,
) -> Result<(String, Option<(i64, ContactId)>)> {
    let contacts = list(tx, account, project, filter).await?;
    let mut lines = String::new();
    for contact in &contacts {
        lines.push_str(&line(cells(contact, known), delimiter)?);
    }
    let last = contacts.last().map(|contact| (contact.last_seen_at.0, contact.id));
    Ok((lines, last))
}

fn cells(contact: &Contact, known: &[Field]) -> Vec<String> {
    let mut cells = vec![
        safe(&contact.external_id),
        contact.id.to_string(),
        contact.channel.to_string(),
        contact.multi_contact_id.to_string(),
        contact.created_at.to_string(),
    ];
    for field in known {
        let values = contact.fields.get(&field.key).map(Vec::as_slice).unwrap_or_default();
        let texts: Vec<&str> = values.iter().map(|value| value.value.as_str()).collect();
        cells.push(safe(&texts.join("\n")));
    }
    cells
}

/// A quote before what a spreadsheet would take for a formula (statement 34).
fn safe(text: &str) -> String {
    if needs_quote(text) { format!("'{text}") } else { text.to_owned() }
}

fn line(cells: Vec<String>, delimiter: Delimiter) -> Result<String> {
    let broken = |words: String| Refusal::Db(db::DbError::other(words));
    let between = match delimiter {
        Delimiter::Comma => b',',
        Delimiter::Semicolon => b';',
    };
    let mut writer = csv::WriterBuilder::new();
    let mut writer = writer.delimiter(between).terminator(csv::Terminator::CRLF).from_writer(Vec::new());
    writer.write_record(&cells).map_err(|e| broken(e.to_string()))?;
    let bytes = writer.into_inner().map_err(|e| broken(e.to_string()))?;
    String::from_utf8(bytes).map_err(|e| broken(e.to_string()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cells_that_look_like_formulas_are_quoted() {
        assert_eq!(safe("=1+1"), "'=1+1");
        assert_eq!(safe("+7 912"), "'+7 912");
        assert_eq!(safe("'-5"), "''-5", "so that the import gives it back");
        assert_eq!(safe("Нина"), "Нина");
        let cells = || vec![safe("@x"), "a,\"b\"".into(), "c;d".into()];
        assert_eq!(line(cells(), Delimiter::Comma).unwrap(), "'@x,\"a,\"\"b\"\"\",c;d\r\n");
        assert_eq!(line(cells(), Delimiter::Semicolon).unwrap(), "'@x;\"a,\"\"b\"\"\";\"c;d\"\r\n");
    }
}
