//! The table as the browser's evaluator takes it: rules compiled, fields normalised. `cargo xtask gen` writes it anew; the tests of
//! `web/packages/site-rules` read it.

use crate::table::{Case, ID, cases, time};
use serde_json::{Value, json};
use site_rules::{choose, compile};
use std::collections::BTreeSet;

const PATH: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/recorded.json");

#[test]
fn the_recording_for_the_web_is_the_table_compiled() {
    let table = cases(|case| case.get("if").or(case.get("documents")).is_some());
    let lines: Vec<String> = table.iter().map(|case| recorded(case).to_string()).collect();
    let recording = format!("[\n{}\n]\n", lines.join(",\n"));
    if std::env::var_os("OTKLIK_WRITE_GENERATED").is_some() {
        std::fs::write(PATH, &recording).unwrap();
    }
    let committed = std::fs::read_to_string(PATH).unwrap_or_default();
    let changed: Vec<&String> = lines.iter().filter(|line| !committed.contains(line.as_str())).collect();
    assert!(committed == recording, "make it anew: cargo xtask gen; {changed:#?}");
}

fn recorded(case: &Case) -> Value {
    let (now, shown, rules) = (case.now(), case.shown(), case.rules());
    let mut asked: BTreeSet<String> = rules.iter().flat_map(site_rules::Rule::facts).collect();
    if case.is_page() {
        asked.insert("page_url".to_owned());
    }
    // What a page says of itself is found by the browser, too.
    let given = |fact: &String| !case.is_page() || fact == "page_url" || case.case["facts"].get(fact).is_some();
    asked.retain(given);
    let set = compile(&rules, now.time_zone(), now.timestamp());
    let mut record = json!({
        "name": case.name,
        "set": set,
        "facts": case.facts().for_browser(&asked),
        "now": now.timestamp().as_millisecond(),
    });
    let mut put = |name: &str, value: Value| record[name] = value;
    if case.is_page() {
        put("page", json!(true));
    }
    if let Some(visitor) = case.case["visitor"].as_str() {
        put("visitor", json!(visitor));
    }
    if case.case.get("if").is_some() {
        put("answers", json!(case.answers()));
        put("holds", case.case["holds"].clone());
        assert_eq!(set.rules[0].id, ID);
        return record;
    }
    if let Some(start) = case.case["start"].as_str() {
        put("start", json!(start));
    }
    if case.case["open_dialog"] == true {
        put("openDialog", json!(true));
    }
    if let Some(since) = case.case["visit_since"].as_str() {
        put("visitSince", json!(time(since).as_millisecond()));
    }
    put("shown", shown.iter().map(|shown| json!([shown.id, shown.at.as_millisecond()])).collect());
    put("chosen", case.case["chosen"].clone());
    let items = choose(&rules, &case.facts(), &case.situation(&now, &shown));
    let stops = |id: &str| items.iter().find(|item| item.id.as_deref() == Some(id)).map(|item| &item.stopped_by);
    // The browser has only rules that can act, and asks each by itself.
    let stopped = set.rules.iter().map(|rule| {
        let stops = serde_json::to_value(stops(&rule.id)).unwrap();
        let own: Vec<Value> = stops.as_array().unwrap().iter().filter(|stop| *stop != "priority").cloned().collect();
        (rule.id.clone(), json!(own))
    });
    put("stopped", Value::Object(stopped.collect()));
    record
}

#[test]
fn what_the_server_does_is_not_told_to_the_page() {
    let case = &cases(|case| case.get("page_does").is_some())[0];
    let set = compile(&case.rules(), case.now().time_zone(), case.now().timestamp());
    let actions = serde_json::to_value(&set.rules[0].actions).unwrap();
    let kinds: Vec<&Value> = actions.as_array().unwrap().iter().map(|action| &action["type"]).collect();
    assert_eq!(json!(kinds), case.case["page_does"]);
    assert!(!serde_json::to_string(&set).unwrap().contains("Тайное"));
}

#[test]
fn a_zone_is_told_with_its_changes_to_come() {
    let moscow = &cases(|case| case["name"] == "in hours")[0];
    let zone = |case: &Case| compile(&[], case.now().time_zone(), case.now().timestamp()).zone;
    assert_eq!(zone(moscow).iter().map(|change| change[1]).collect::<Vec<_>>(), [10_800]);
    let berlin = &cases(|case| case["name"] == "the last second of winter time")[0];
    let changes = zone(berlin);
    assert_eq!(changes.iter().map(|change| change[1]).collect::<Vec<_>>(), [3_600, 7_200, 3_600, 7_200]);
    assert_eq!(changes[1][0], time("2026-03-29T01:00:00Z").as_second());
}
