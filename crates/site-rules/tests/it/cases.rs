//! Every case of the table, asked here.

use crate::table::{cases, known};
use serde_json::{Map, Value, json};
use site_rules::{Facts, Known, Problem, choose, evaluate, read};

#[test]
fn conditions_answer_as_the_table_says() {
    let mut wrong = Vec::new();
    let table = cases(|case| case.get("if").is_some());
    for case in &table {
        let rules = case.rules();
        assert!(rules[0].problems.is_empty(), "{}: {:?}", case.name, rules[0].problems);
        let verdict = rules[0].verdict(&case.facts(), &case.now());
        let answers: Vec<bool> = verdict.conditions.iter().map(|line| line.holds).collect();
        let paths: Vec<&str> = verdict.conditions.iter().map(|line| line.path.as_str()).collect();
        let is_placed = case.case.get("paths").is_none_or(|expected| *expected == json!(paths));
        if verdict.holds != (case.case["holds"] == true) || answers != case.answers() || !is_placed {
            wrong.push(format!("{}: {}", case.name, serde_json::to_string(&verdict).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{} of {}:\n{}", wrong.len(), table.len(), wrong.join("\n"));
    assert!(table.len() > 400, "{}", table.len());
}

#[test]
fn the_one_that_acts_is_the_tables() {
    let mut wrong = Vec::new();
    for case in cases(|case| case.get("documents").is_some()) {
        let (now, shown) = (case.now(), case.shown());
        let items = choose(&case.rules(), &case.facts(), &case.situation(&now, &shown));
        let chosen = items.iter().find(|item| item.chosen).and_then(|item| item.id.clone());
        let mut is_right = json!(chosen) == case.case["chosen"];
        for item in &items {
            let id = item.id.as_deref().unwrap();
            let item = serde_json::to_value(item).unwrap();
            let expected = &case.case["stopped"][id];
            is_right &= expected.is_null() || item["stopped_by"] == *expected;
            let spent = item.get("limit").map_or(&Value::Null, |limit| &limit["spent_at"]);
            is_right &= *spent == case.case["spent"][id];
            let stops = item["stopped_by"].as_array().unwrap();
            let fires = stops.iter().all(|stop| stop == "pause" || stop == "priority");
            is_right &= item["fires"] == fires;
            if let Some(answers) = case.case["answers"].get(id) {
                let lines = item["conditions"].as_array().unwrap().iter().map(|line| line["holds"].clone());
                is_right &= json!(lines.collect::<Vec<_>>()) == *answers;
            }
        }
        if !is_right {
            wrong.push(format!("{}: {}", case.name, serde_json::to_string(&items).unwrap()));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_is_broken_holds_for_nobody_even_beside_what_holds() {
    let broken = &cases(|case| case["name"] == "a deleted field beside what holds")[0];
    let document = broken.documents().remove(0);
    assert!(evaluate(&document, &broken.facts(), &broken.now(), &Known::default()).holds, "while the field was there");
    let verdict = evaluate(&document, &broken.facts(), &broken.now(), &known());
    assert!(!verdict.holds);
    let answers: Vec<bool> = verdict.conditions.iter().map(|line| line.holds).collect();
    assert_eq!(answers, [false, true]);
    let named: Vec<String> = broken.rules()[0].problems.iter().map(|problem| problem.path.clone()).collect();
    assert_eq!(named, ["conditions.any.0.fact"], "and the list can say what is gone");
}

#[test]
fn every_problem_is_named_by_its_path() {
    let mut wrong = Vec::new();
    for case in cases(|case| case.get("problems").is_some()) {
        let problems = match case.case.get("document") {
            Some(document) => read(document, &known()).err(),
            None => Facts::read(case.case["facts"].as_object().unwrap(), &known()).err(),
        };
        let named: Vec<Value> = problems.unwrap_or_default().iter().map(|p| json!([p.path, p.code])).collect();
        if json!(named) != case.case["problems"] {
            wrong.push(format!("{}: {}", case.name, json!(named)));
        }
    }
    assert!(wrong.is_empty(), "{}:\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn what_was_read_is_written_and_read_again_as_it_was() {
    let sound = cases(|case| case["problems"] == json!([]) && case.get("document").is_some());
    for case in sound {
        let document = read(&case.case["document"], &known()).unwrap();
        let written = serde_json::to_value(&document).unwrap();
        assert_eq!(read(&written, &known()).unwrap(), document, "{}", case.name);
        let stored: site_rules::Document = serde_json::from_str(&written.to_string()).unwrap();
        assert_eq!(stored, document, "{}", case.name);
    }
}

#[test]
fn a_line_says_what_was_asked_and_what_is() {
    let case = crate::table::Case {
        name: "a line".into(),
        case: json!({
            "if": { "all": [
                ["referrer", "contains", "Yandex"],
                ["visits", "at_least", 2],
                ["field.phone", "is", "8 912 345-67-89"],
                ["time", "within", { "days": ["sat"], "from": "15:00", "to": "16:00" }],
                ["country", "is_not", "RU"],
            ] },
            "facts": { "referrer": "https://Yandex.ru/", "field.phone": ["+7 912 345 67 89"] },
        }),
    };
    let verdict = case.rules()[0].verdict(&case.facts(), &case.now());
    let expected = json!([
        { "path": "all.0", "fact": "referrer", "op": "contains", "value": "Yandex", "actual": "https://Yandex.ru/", "holds": true },
        { "path": "all.1", "fact": "visits", "op": "at_least", "value": 2, "actual": 0, "holds": false },
        { "path": "all.2", "fact": "field.phone", "op": "is", "value": "8 912 345-67-89", "actual": ["+7 912 345 67 89"], "holds": true },
        { "path": "all.3", "fact": "time", "op": "within", "value": { "days": ["sat"], "from": "15:00", "to": "16:00" }, "actual": "sat 15:00", "holds": true },
        { "path": "all.4", "fact": "country", "op": "is_not", "value": "RU", "actual": null, "holds": true },
    ]);
    assert_eq!(serde_json::to_value(&verdict.conditions).unwrap(), expected);
}

#[test]
fn hostile_documents_are_refused_and_not_obeyed() {
    let nested = |innermost: Value| {
        let within = |deep: Value, _| Value::Object(Map::from_iter([("all".to_owned(), Value::Array(vec![deep]))]));
        (0..1_000).fold(innermost, within)
    };
    let codes = |document: &Value| {
        let problems: Vec<Problem> = read(document, &known()).unwrap_err();
        problems.iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    let document = |conditions: Value| Value::Object(Map::from_iter([("conditions".to_owned(), conditions)]));
    assert_eq!(codes(&document(nested(json!({ "fact": "visits", "op": "is", "value": 1 })))), ["too_deep"]);
    for member in ["fact", "op", "value"] {
        let mut leaf =
            Map::from_iter([("fact", "visits"), ("op", "is")].map(|(name, word)| (name.to_owned(), json!(word))));
        leaf.insert(member.to_owned(), nested(Value::Null));
        let all = Map::from_iter([("all".to_owned(), Value::Array(vec![Value::Object(leaf)]))]);
        let code = if member == "op" { "unknown_operator" } else { "wrong_value" };
        assert_eq!(codes(&document(Value::Object(all))), [code], "{member}");
    }
    let leaf = json!({ "fact": "visits", "op": "is", "value": 1 });
    assert_eq!(codes(&json!({ "conditions": { "any": vec![leaf; 10_000] } })), ["too_many_leaves"]);
    let huge = "я".repeat(1_000_000);
    let text = json!({ "title": huge, "conditions": { "all": [{ "fact": huge, "op": "is", "value": huge }] } });
    assert_eq!(codes(&text), ["text_too_long", "unknown_fact"]);
    let problems = read(&text, &known()).unwrap_err();
    assert!(problems.iter().all(|problem| problem.message.len() < 1_000), "no message carries the text back");
    let members: Map<String, Value> = (0..10_000).map(|number| (format!("m{number}"), Value::Null)).collect();
    assert_eq!(codes(&Value::Object(members)).len(), 100, "nobody needs a list of all of them");
}
