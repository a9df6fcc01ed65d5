//! The table of cases (`cases/*.json`): one case a line, judged here and, compiled, by `web/packages/site-rules`.

use identity::normalise::FieldKind;
use jiff::{Timestamp, Zoned};
use serde_json::{Map, Value, json};
use site_rules::document::Start;
use site_rules::{Document, Facts, Known, Rule, Shown, Situation};

/// The auto-action of a case that has conditions only.
pub const ID: &str = "aut_1";

/// One line of a file.
#[derive(Debug, Clone)]
pub struct Case {
    /// File and name.
    pub name: String,
    pub case: Value,
}

/// All lines of all files but those left out.
pub fn cases(is_wanted: impl Fn(&Value) -> bool) -> Vec<Case> {
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/cases");
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let mut found = Vec::new();
    for file in files {
        let text = std::fs::read_to_string(&file).unwrap();
        let table: Value = serde_json::from_str(&text).unwrap();
        let stem = file.file_stem().unwrap().to_string_lossy().into_owned();
        for case in table["cases"].as_array().unwrap().iter().filter(|case| is_wanted(case)) {
            found.push(Case { name: format!("{stem}: {}", case["name"].as_str().unwrap()), case: case.clone() });
        }
    }
    found
}

/// The project of the table.
pub fn known() -> Known {
    let fields = [
        ("phone", FieldKind::Phone),
        ("email", FieldKind::Email),
        ("age", FieldKind::Number),
        ("city", FieldKind::Text),
        ("born", FieldKind::Date),
        ("seen", FieldKind::DateTime),
        ("subscribed", FieldKind::Bool),
        ("plan", FieldKind::List),
        ("contract", FieldKind::Id),
        ("notes", FieldKind::LongText),
        ("site", FieldKind::Link),
    ];
    let set = |names: &[&str]| Some(names.iter().map(|name| (*name).to_owned()).collect());
    Known {
        fields: Some(fields.into_iter().map(|(key, kind)| (key.to_owned(), kind)).collect()),
        tags: set(&["VIP", "new", "оптовик"]),
        scenarios: set(&["scn_1"]),
        suggests: set(&["sug_1", "sug_2"]),
        ..Known::default()
    }
}

impl Case {
    /// Its documents: given ones, or one that has its conditions.
    pub fn documents(&self) -> Vec<Document> {
        let given = self.case.get("documents").and_then(Value::as_array).cloned();
        let own = || vec![json!({ "id": ID, "conditions": self.case["if"], "limits": { "per": "none" } })];
        // Given ones were saved when what they name was still there.
        let known = if given.is_some() { Known::default() } else { known() };
        let read = |mut document: Value| {
            document["conditions"] = conditions(&document["conditions"]);
            site_rules::read(&document, &known).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", self.name))
        };
        given.unwrap_or_else(own).into_iter().map(read).collect()
    }

    pub fn rules(&self) -> Vec<Rule> {
        self.documents().into_iter().map(|document| Rule::of(document, &known())).collect()
    }

    pub fn facts(&self) -> Facts {
        let given: Map<String, Value> = self.case["facts"].as_object().cloned().unwrap_or_default();
        let facts = Facts::read(&given, &known()).unwrap_or_else(|wrong| panic!("{}: {wrong:?}", self.name));
        let facts = if self.is_page() { facts.with_page() } else { facts };
        match self.case["visitor"].as_str() {
            Some(visitor) => facts.of_visitor(visitor),
            None => facts,
        }
    }

    /// Whether the page's own address is looked into.
    pub fn is_page(&self) -> bool {
        self.case["page"] == true
    }

    pub fn now(&self) -> Zoned {
        let at = self.case["at"].as_str().unwrap_or("2026-11-28T12:00:00Z");
        let zone = self.case["zone"].as_str().unwrap_or("Europe/Moscow");
        time(at).in_tz(zone).unwrap()
    }

    pub fn shown(&self) -> Vec<Shown> {
        let shown = self.case["shown"].as_array().cloned().unwrap_or_default();
        let one = |one: &Value| Shown { id: one[0].as_str().unwrap().to_owned(), at: time(one[1].as_str().unwrap()) };
        shown.iter().map(one).collect()
    }

    pub fn situation<'a>(&self, now: &'a Zoned, shown: &'a [Shown]) -> Situation<'a> {
        let start = self.case["start"].as_str();
        Situation {
            now,
            start: start.and_then(|word| Start::ALL.into_iter().find(|start| start.word() == word)),
            open_dialog: self.case["open_dialog"] == true,
            visit_since: self.case["visit_since"].as_str().map(time),
            shown,
        }
    }

    /// What each leaf must answer, where the case has conditions only.
    pub fn answers(&self) -> Vec<bool> {
        let given = self.case["answers"].as_array().map(|list| list.iter().map(|one| one == true).collect());
        given.unwrap_or_else(|| vec![self.case["holds"] == true])
    }
}

pub fn time(text: &str) -> Timestamp {
    text.parse().unwrap()
}

/// The table writes a leaf as `[fact, op, value]`, and conditions of one leaf as the leaf.
fn conditions(short: &Value) -> Value {
    match short {
        Value::Array(_) => json!({ "all": [leaf(short)] }),
        group => leaf(group),
    }
}

fn leaf(short: &Value) -> Value {
    match short {
        Value::Array(parts) => json!({ "fact": parts[0], "op": parts[1], "value": parts.get(2) }),
        Value::Object(group) => {
            let members = |list: &Value| -> Value { list.as_array().unwrap().iter().map(leaf).collect() };
            group.iter().map(|(name, list)| (name.clone(), members(list))).collect()
        }
        other => other.clone(),
    }
}
