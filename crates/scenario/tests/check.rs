//! Problems that keep a document from being published, each named with its block.
#![allow(missing_docs)]

use scenario::{Document, Graph, Known, Level, check};
use serde_json::{Value, json};

fn problems(document: Value) -> Vec<(Level, &'static str, Option<String>)> {
    let known = Known {
        fields: Some(["phone".to_owned()].into()),
        scenarios: Some(["sub".to_owned()].into()),
        secrets: Some(["crm".to_owned()].into()),
        ..Known::default()
    };
    let document: Document = serde_json::from_value(document).expect("a document");
    check(&document, &known).into_iter().map(|problem| (problem.level, problem.code, problem.block)).collect()
}

fn errors(document: Value) -> Vec<(&'static str, Option<String>)> {
    let errors = problems(document).into_iter().filter(|(level, _, _)| *level == Level::Error);
    errors.map(|(_, code, block)| (code, block)).collect()
}

fn with(blocks: Value, edges: Value) -> Value {
    json!({"schema": 1, "launch": [{"kind": "menu_button", "to": "a"}], "blocks": blocks, "edges": edges})
}

fn block(id: &str, kind: &str, settings: Value) -> Value {
    json!({"id": id, "type": kind, "settings": settings})
}

#[test]
fn a_sound_document_has_no_errors_and_says_where_it_ends() {
    let sound = with(
        json!([block("a", "message", json!({"text": "Привет"})), block("t", "transfer", json!({}))]),
        json!([{"from": ["a", "next"], "to": "t"}]),
    );
    let warning = (Level::Warning, "unconnected_exit", Some("t".to_owned()));
    assert_eq!(problems(sound), [warning]);
}

#[test]
fn every_fault_is_named_with_its_block() {
    let a = Some("a".to_owned());
    let cases = [
        ("empty_text", block("a", "message", json!({"text": "  "}))),
        ("text_too_long", block("a", "message", json!({"text": "я".repeat(4001)}))),
        ("bad_setting", block("a", "message", json!({"text": "?", "colour": "red"}))),
        ("bad_setting", block("a", "message", json!({"text": "?", "wait": {"timeout": "soon"}}))),
        ("bad_setting", block("a", "subscribe", json!({}))),
        ("bad_setting", block("a", "subscribe", json!({"mailings": "yes"}))),
        ("unknown_block_type", block("a", "teleport", json!({}))),
        ("unknown_field", block("a", "message", json!({"text": "?", "wait": {"expect": "text", "save_to": "shoe"}}))),
        (
            "unknown_field",
            block("a", "condition", json!({"branches": [{"id": "x", "all": [{"field": "shoe", "op": "filled"}]}]})),
        ),
        ("bad_pattern", block("a", "message", json!({"text": "?", "wait": {"expect": "pattern", "pattern": "("}}))),
        ("no_buttons", block("a", "message", json!({"text": "?", "wait": {"expect": "choice"}}))),
        (
            "duplicate_exit",
            block(
                "a",
                "message",
                json!({"text": "?", "buttons": [{"id": "x", "label": "1"}, {"id": "x", "label": "2"}]}),
            ),
        ),
        ("reserved_exit", block("a", "split", json!({"variants": [{"id": "else", "percent": 1}]}))),
        ("no_branches", block("a", "condition", json!({}))),
        ("bad_url", block("a", "http", json!({"url": "https://{{phone}}.example/"}))),
        ("bad_url", block("a", "http", json!({"url": "ftp://a.example/"}))),
        (
            "bad_url",
            block(
                "a",
                "message",
                json!({"text": "?", "buttons": [{"id": "x", "label": "1", "kind": "link", "url": "javascript:alert(1)"}]}),
            ),
        ),
        ("unknown_scenario", block("a", "call", json!({"scenario": "elsewhere"}))),
        ("missing_target", block("a", "jump", json!({"target": "nowhere"}))),
    ];
    for (code, block) in cases {
        assert_eq!(errors(with(json!([block]), json!([]))), [(code, a.clone())], "{block}");
    }
}

#[test]
fn ways_that_lead_nowhere_or_round_without_a_wait_are_refused() {
    let say = |id: &str| block(id, "message", json!({"text": "Привет"}));
    let missing = with(json!([say("a")]), json!([{"from": ["a", "next"], "to": "nowhere"}]));
    assert_eq!(errors(missing), [("missing_target", Some("a".to_owned()))]);
    let round = with(
        json!([say("a"), say("b")]),
        json!([{"from": ["a", "next"], "to": "b"}, {"from": ["b", "next"], "to": "a"}]),
    );
    assert_eq!(
        errors(round),
        [("cycle_without_wait", Some("a".to_owned())), ("cycle_without_wait", Some("b".to_owned()))]
    );
    let asked = with(
        json!([say("a"), block("b", "message", json!({"text": "?", "wait": {"expect": "any"}}))]),
        json!([{"from": ["a", "next"], "to": "b"}, {"from": ["b", "correct"], "to": "a"}]),
    );
    assert!(errors(asked).is_empty());
    let twice = with(json!([say("a"), say("a")]), json!([]));
    assert_eq!(errors(twice), [("duplicate_block", Some("a".to_owned()))]);
}

#[test]
fn ten_thousand_blocks_in_a_row_are_refused_and_run_without_a_stack() {
    let blocks: Vec<Value> = (0..10_000).map(|n| block(&format!("b{n}"), "message", json!({"text": "x"}))).collect();
    let edges: Vec<Value> =
        (0..9_999).map(|n| json!({"from": [format!("b{n}"), "next"], "to": format!("b{}", n + 1)})).collect();
    let long = json!({"schema": 1, "launch": [{"kind": "api", "to": "b0"}], "blocks": blocks, "edges": edges});
    assert_eq!(errors(long.clone()), [("too_many_blocks", None)]);
    let graph = Graph::compile(&serde_json::from_value(long).unwrap()).unwrap();
    assert_eq!(graph.blocks.len(), 10_000);
}

#[test]
fn a_document_of_a_depth_of_a_thousand_is_an_error_not_a_crash() {
    let deep = format!("{}{}", "{\"blocks\":[{\"settings\":".repeat(1000), "}]}".repeat(1000));
    assert!(serde_json::from_str::<Document>(&deep).is_err());
}

#[test]
fn an_unknown_key_of_a_document_is_refused_by_name() {
    let error = serde_json::from_value::<Document>(json!({"schema": 1, "blocs": []})).unwrap_err();
    assert!(error.to_string().contains("blocs"), "{error}");
}

#[test]
fn secrets_stand_in_headers_and_bodies_of_requests_only_and_exist() {
    let http = |settings: Value| with(json!([block("a", "http", settings)]), json!([]));
    let sound = http(json!({"url": "https://crm.example/x", "headers": {"authorization": "Bearer {{secret.crm}}"},
        "body": {"key": "{{secret.crm}}", "phone": "{{phone}}"}}));
    assert_eq!(errors(sound), []);
    for (settings, code) in [
        (json!({"url": "https://crm.example/x?key={{secret.crm}}"}), "secret_outside_request"),
        (json!({"url": "https://crm.example/x", "headers": {"x": "{{secret.other}}"}}), "unknown_secret"),
        (json!({"url": "https://crm.example/x", "body": {"deep": [{"key": "{{secret.other}}"}]}}), "unknown_secret"),
    ] {
        assert_eq!(errors(http(settings)), [(code, Some("a".to_owned()))]);
    }
    let said = with(json!([block("a", "message", json!({"text": "{{secret.crm}}"}))]), json!([]));
    assert_eq!(errors(said), [("secret_outside_request", Some("a".to_owned()))]);
}

#[test]
fn a_launch_by_a_changed_field_names_its_field() {
    let with = |launch: Value| {
        let blocks = json!([{"id": "b1", "type": "message", "settings": {"text": "Ваш заказ готов"}}]);
        problems(json!({"schema": 1, "launch": [launch], "blocks": blocks, "edges": []}))
    };
    let missing = (Level::Error, "no_launch_field", None);
    for unnamed in
        [json!({"kind": "field_changed", "to": "b1"}), json!({"kind": "field_changed", "ref": " ", "to": "b1"})]
    {
        assert!(with(unnamed.clone()).contains(&missing), "{unnamed}");
    }
    assert!(!with(json!({"kind": "field_changed", "ref": "order_state", "to": "b1"})).contains(&missing));
}

#[test]
fn a_note_is_told_to_a_few_addresses_of_e_mail() {
    let found = |emails: &[&str]| {
        let document = with(json!([block("a", "notify", json!({ "text": "Заявка", "emails": emails }))]), json!([]));
        let document: Document = serde_json::from_value(document).expect("a document");
        let errors = check(&document, &Known::default()).into_iter().filter(|problem| problem.level == Level::Error);
        errors.map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(found(&["a@b.example", "отдел@пример.рф"]), [] as [&str; 0]);
    for bad in [
        "",
        "a",
        "@b.example",
        "a@b",
        "a@b@c.example",
        "a b@c.example",
        "a@b.example, c@d.example",
        "A <a@b.example>",
        "a@b.example\r\nBcc: x@y.example",
    ] {
        assert_eq!(found(&[bad]), ["bad_email"], "{bad}");
    }
    assert_eq!(found(&["a@b.example"; 6]), ["too_many_emails"]);
}

#[test]
fn a_department_that_is_gone_keeps_a_transfer_from_being_published() {
    let known = Known { departments: Some(["dep_1".to_owned()].into()), ..Known::default() };
    let found = |to: &str| {
        let document = with(json!([block("a", "transfer", json!({ "to": to }))]), json!([]));
        let document: Document = serde_json::from_value(document).expect("a document");
        let errors = check(&document, &known).into_iter().filter(|problem| problem.level == Level::Error);
        errors.map(|problem| (problem.code, problem.setting)).collect::<Vec<_>>()
    };
    assert_eq!(found("dep_1"), []);
    assert_eq!(found("anna@a.example"), []);
    assert_eq!(found("dep_2"), [("unknown_department", Some("to".to_owned()))]);
}
