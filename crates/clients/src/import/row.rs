//! One row of a table: which cells give which values, and what a cell may not hold.

use messaging::contacts::values::Given;
use messaging::fields::{self, Field};
use model::{ContactId, FieldKind};
use model::{Invalid, Refusal, Result, Unusable};
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::collections::{BTreeMap, BTreeSet};

/// The column that names a contact of the API.
pub const EXTERNAL_ID: &str = "external_id";
/// The column that names a contact of any channel by our own id, as our export does.
pub const CONTACT_ID: &str = "id";
const LONGEST_ID: usize = 200;
/// What makes a spreadsheet take a cell for a formula (ASVS 1.2.10).
pub const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];

/// Why a row was not taken, or a value of one is compared with nothing.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, serde::Deserialize, utoipa::ToSchema)]
pub struct Reason {
    /// Number of the row as a spreadsheet shows it: the header is 1 as a rule, blank rows count.
    pub row: u64,
    /// Its column, when one is to blame.
    pub column: Option<String>,
    /// Stable word.
    pub code: String,
    /// What is wrong.
    pub message: String,
}

/// What each column of a table is for.
#[derive(Debug, Clone)]
pub struct Columns {
    names: Vec<String>,
    targets: Vec<Option<String>>,
    /// Somebody said that a column holds our ids; else it is only called so, and what is no id of ours there means nothing.
    has_ids: bool,
}

/// A row that can be stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadRow {
    /// The contact's name among those of the API.
    pub external_id: String,
    /// The contact's id, whatever its channel; it has the last word.
    pub contact: Option<ContactId>,
    /// Values by field.
    pub given: Given,
}

impl Columns {
    /// Fits a mapping (column to field key, `external_id` or `id`) to a header; without one, columns that are called as fields are.
    ///
    /// # Errors
    /// For a column that is not there, a field that is not there, one target twice, or nothing to import.
    pub fn fit(header: &[String], mapping: Option<&BTreeMap<String, String>>, known: &[Field]) -> Result<Self> {
        let names: Vec<String> = header.iter().map(|name| visible(name)).collect();
        let targets = match mapping {
            Some(mapping) => {
                let mapping = mapping.iter().map(|(name, target)| (visible(name), target.clone())).collect();
                mapped(&names, &mapping, known)?
            }
            None => names.iter().map(|name| guessed(name, known)).collect(),
        };
        let is_field = |target: &String| known.iter().any(|field| field.key == *target);
        if !targets.iter().flatten().any(is_field) {
            let words = "no column gives a field: map at least one";
            return Err(Refusal::invalid("mapping", "nothing_mapped", words));
        }
        let mut seen = BTreeSet::new();
        for target in targets.iter().flatten() {
            let holds_many = known.iter().any(|field| field.key == *target && field.multi);
            if !seen.insert(target) && !holds_many {
                let words = format!("two columns give {target}, which holds one value");
                return Err(Refusal::invalid("mapping", "twice", words));
            }
        }
        let has_ids = mapping.is_some() && names_by_id(known) && targets.iter().flatten().any(|t| t == CONTACT_ID);
        Ok(Self { names, targets, has_ids })
    }

    /// Columns that give nothing.
    pub fn not_taken(&self) -> Vec<String> {
        let unused = self.names.iter().zip(&self.targets).filter(|(name, target)| target.is_none() && !name.is_empty());
        unused.map(|(name, _)| name.clone()).collect()
    }

    /// Why a row that names a contact by its id is not taken; none when the id may be another's, and the rest of the row decides.
    pub fn unknown_contact(&self, number: u64) -> Option<Reason> {
        let at =
            self.targets.iter().position(|target| target.as_deref() == Some(CONTACT_ID)).filter(|_| self.has_ids)?;
        Some(Reason {
            row: number,
            column: Some(self.names[at].clone()),
            code: "unknown_contact".to_owned(),
            message: "there is no contact of this project with this id".to_owned(),
        })
    }

    /// Why nothing can be compared with a value that a row gives a field.
    pub fn unusable(&self, number: u64, field: &str, why: Unusable) -> Reason {
        let words = match why {
            Unusable::Empty => "nothing visible in it",
            Unusable::Placeholder => "it says that there is none",
            Unusable::Invalid => "no value of this kind of field",
            Unusable::Garbage => "a value of nobody",
        };
        let at = self.targets.iter().position(|target| target.as_deref() == Some(field));
        Reason {
            row: number,
            column: at.map(|at| self.names[at].clone()),
            code: why.as_str().to_owned(),
            message: format!("kept as it is, and compared with nothing: {words}"),
        }
    }

    /// Reads a row.
    ///
    /// # Errors
    /// Why it cannot be taken.
    pub fn read(&self, number: u64, cells: &[String], known: &[Field]) -> std::result::Result<ReadRow, Reason> {
        let refuse = |column: Option<&str>, code: &str, message: String| Reason {
            row: number,
            column: column.map(str::to_owned),
            code: code.to_owned(),
            message,
        };
        // A delimiter too many at the end of a line is nobody's value.
        let (cells, beyond) = cells.split_at(self.names.len().min(cells.len()));
        if cells.len() != self.names.len() || beyond.iter().any(|cell| !cell.trim().is_empty()) {
            let words = format!("{} cells, the header has {}", cells.len() + beyond.len(), self.names.len());
            return Err(refuse(None, "wrong_number_of_cells", words));
        }
        let (mut external_id, mut contact) = (None, None);
        let has_id_column = names_by_id(known);
        let mut given = Given::new();
        for ((name, target), cell) in self.names.iter().zip(&self.targets).zip(cells) {
            let Some(target) = target else { continue };
            let cell = unquoted(cell.trim());
            if cell.is_empty() {
                continue;
            }
            if target == EXTERNAL_ID {
                if cell.len() > LONGEST_ID {
                    return Err(refuse(Some(name), "too_long", format!("at most {LONGEST_ID} bytes")));
                }
                external_id = Some(cell.to_owned());
                continue;
            }
            if target == CONTACT_ID && has_id_column {
                contact = cell.parse().ok();
                if let (None, Some(reason)) = (&contact, self.unknown_contact(number)) {
                    return Err(reason);
                }
                continue;
            }
            let values = given.entry(target.clone()).or_default();
            let field = known.iter().find(|field| field.key == *target);
            if field.is_some_and(|field| field.kind == FieldKind::LongText) {
                values.push(cell.to_owned());
                continue;
            }
            let lines = cell.split(['\n', '\r']).map(str::trim).filter(|line| !line.is_empty());
            if field.is_some_and(|field| field.multi || field.kind == FieldKind::MultiList) {
                values.extend(lines.map(str::to_owned));
            } else {
                // A line break within one value is one of the table, not of the value.
                values.push(lines.collect::<Vec<_>>().join(" "));
            }
        }
        for (key, values) in &mut given {
            let Some(field) = known.iter().find(|field| field.key == *key) else { continue };
            let Invalid { code, message, .. } = match fields::check_values(field, values) {
                Ok(cleaned) => {
                    *values = cleaned;
                    continue;
                }
                Err(problem) => problem,
            };
            let at = self.targets.iter().position(|target| target.as_ref() == Some(key));
            return Err(refuse(at.map(|at| self.names[at].as_str()), &code, message));
        }
        if given.is_empty() && external_id.is_none() && contact.is_none() {
            return Err(refuse(None, "empty", "nothing to import in this row".to_owned()));
        }
        Ok(ReadRow { external_id: external_id.unwrap_or_else(|| made_up_id(&given)), contact, given })
    }
}

/// Whether a column may name contacts by our ids: not where the project has a field of that key.
fn names_by_id(known: &[Field]) -> bool {
    !known.iter().any(|field| field.key == CONTACT_ID)
}

fn mapped(names: &[String], mapping: &BTreeMap<String, String>, known: &[Field]) -> Result<Vec<Option<String>>> {
    for (column, target) in mapping {
        if !names.contains(column) {
            let words = format!("the file has no column {column}");
            return Err(Refusal::invalid(&format!("mapping.{column}"), "missing_column", words));
        }
        if target != EXTERNAL_ID && target != CONTACT_ID && !known.iter().any(|field| field.key == *target) {
            let words = format!("there is no field {target}");
            return Err(Refusal::invalid(&format!("mapping.{column}"), "unknown_field", words));
        }
    }
    Ok(names.iter().map(|name| mapping.get(name).cloned()).collect())
}

fn guessed(name: &str, known: &[Field]) -> Option<String> {
    let name = name.to_lowercase();
    if name == EXTERNAL_ID {
        return Some(name);
    }
    let is_called = |field: &&Field| field.key == name || field.title.to_lowercase() == name;
    let called = known.iter().find(is_called).map(|field| field.key.clone());
    called.or_else(|| (name == CONTACT_ID).then_some(name))
}

/// A column's name as people see it.
fn visible(name: &str) -> String {
    let shown = name.chars().filter(|c| !matches!(c, '\u{00AD}' | '\u{200B}'..='\u{200F}' | '\u{2060}' | '\u{FEFF}'));
    let shown: String = shown.map(|c| if c.is_whitespace() { ' ' } else { c }).collect();
    shown.trim().to_owned()
}

/// Whether a spreadsheet would run a text, or our export has put a quote before such a text (statement 34): then the export puts one more,
/// and the import takes one off. What stands in a table otherwise is text, whatever it begins with.
pub fn needs_quote(text: &str) -> bool {
    text.trim_start_matches('\'').starts_with(FORMULA_STARTS)
}

fn unquoted(cell: &str) -> &str {
    cell.strip_prefix('\'').filter(|rest| needs_quote(rest)).unwrap_or(cell)
}

/// The same row imported again finds the same contact.
fn made_up_id(given: &Given) -> String {
    let mut hash = Sha256::new();
    for (key, values) in given {
        hash.update(key.as_bytes());
        hash.update([0]);
        for value in values {
            hash.update(value.as_bytes());
            hash.update([1]);
        }
    }
    let digest = hash.finalize();
    let hex: String = digest.iter().take(12).map(|byte| format!("{byte:02x}")).collect();
    format!("import-{hex}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn known() -> Vec<Field> {
        fields::built_ins()
    }

    fn cells(texts: &[&str]) -> Vec<String> {
        texts.iter().map(|&text| text.to_owned()).collect()
    }

    #[test]
    fn columns_called_as_fields_are_taken_without_a_mapping() {
        let columns = Columns::fit(&cells(&["Имя", "phone", "прочее"]), None, &known()).unwrap();
        let row = columns.read(1, &cells(&["Нина", "+7 912 555-01-42", "x"]), &known()).unwrap();
        assert_eq!(
            row.given,
            Given::from([("name".into(), cells(&["Нина"])), ("phone".into(), cells(&["+7 912 555-01-42"]))])
        );
        assert_eq!(row, columns.read(9, &cells(&["Нина", "+7 912 555-01-42", "y"]), &known()).unwrap());
    }

    #[test]
    fn a_mapping_must_name_columns_and_fields_that_are_there() {
        let code = |mapping: &[(&str, &str)]| {
            let mapping = mapping.iter().map(|(c, t)| ((*c).to_owned(), (*t).to_owned())).collect();
            match Columns::fit(&cells(&["a", "b"]), Some(&mapping), &known()) {
                Err(Refusal::Invalid(problems)) => problems[0].code.clone(),
                _ => "fits".to_owned(),
            }
        };
        assert_eq!(code(&[("c", "name")]), "missing_column");
        assert_eq!(code(&[("a", "nick")]), "unknown_field");
        assert_eq!(code(&[("a", "external_id")]), "nothing_mapped");
        assert_eq!(code(&[("a", "id"), ("b", "external_id")]), "nothing_mapped");
        assert_eq!(code(&[("a", "name"), ("b", "name")]), "twice");
        assert_eq!(code(&[("a", "phone"), ("b", "phone")]), "fits");
    }

    #[test]
    fn rows_are_refused_with_the_column_to_blame() {
        let columns = Columns::fit(&cells(&["name", "phone"]), None, &known()).unwrap();
        let code = |texts: &[&str]| columns.read(3, &cells(texts), &known()).map_err(|r| (r.row, r.column, r.code));
        let blame = |column: &str, code: &str| Err((3, Some(column.to_owned()), code.to_owned()));
        assert_eq!(code(&["x", "1", "лишнее"]).map(drop), Err((3, None, "wrong_number_of_cells".into())));
        assert!(code(&["x", "1", "", " "]).is_ok(), "delimiters too many");
        assert_eq!(code(&[&"y".repeat(10_000_000), ""]).map(drop), blame("name", "too_long"));
        assert_eq!(code(&["x"]).map(drop), Err((3, None, "wrong_number_of_cells".into())));
        assert_eq!(code(&[" ", ""]).map(drop), Err((3, None, "empty".into())));
        assert!(code(&["x", "+7 (912) 555-01-42"]).is_ok());
        assert_eq!(code(&["'=1+1", ""]).unwrap().given["name"], cells(&["=1+1"]), "as our export writes it");
    }

    #[test]
    fn what_people_write_is_text_whatever_it_begins_with() {
        let columns = Columns::fit(&cells(&["name", "\u{200b}phone\u{a0}", "прочее"]), None, &known()).unwrap();
        assert_eq!(columns.not_taken(), ["прочее"]);
        for text in ["@irina_k", "- Олег", "=\"+79123450001\"", "=cmd|' /C calc'!A0", "+7 912 345-00-01 доб. 5", "''-5"]
        {
            let row = columns.read(1, &cells(&[text, text, ""]), &known()).unwrap();
            let kept = if text == "''-5" { "'-5" } else { text };
            assert_eq!((&row.given["name"], &row.given["phone"]), (&cells(&[kept]), &cells(&[kept])), "{text}");
        }
        let row = columns.read(1, &cells(&["Иван\r\nПетров", "1\n2", ""]), &known()).unwrap();
        assert_eq!((&row.given["name"], &row.given["phone"]), (&cells(&["Иван Петров"]), &cells(&["1", "2"])));
    }
}
