//! What holds for any document and any events: nothing panics or spins, the report adds up, storing changes nothing.
#![allow(missing_docs)]

mod support;

use proptest::prelude::*;
use scenario::script::Script;
use scenario::{Document, Graph, Known, check};
use serde_json::{Value, json};
use support::document;

fn event() -> impl Strategy<Value = Value> {
    (0_u8..14, 0_u32..300, "c[12]").prop_map(|(kind, number, contact)| {
        let mut event = match kind {
            0 | 1 => json!({"type": "start", "scenario": "main"}),
            2 => json!({"type": "message", "text": "да"}),
            3 => json!({"type": "message", "text": "8 912 345-67-89"}),
            4 => json!({"type": "message", "button": "x"}),
            5 => json!({"type": "message", "kind": "image"}),
            6 | 7 => json!({"type": "tick", "to": number}),
            8 => json!({"type": "http_result", "request": "r", "status": 200 + number, "body": {"n": number}}),
            9 => json!({"type": "operator_joined"}),
            10 => json!({"type": "no_operator"}),
            11 => json!({"type": "status", "block": format!("b{}", number % 12), "status": "failed"}),
            12 => json!({"type": "start", "scenario": "sub", "trigger": "mailing"}),
            _ => json!({"type": "contact_removed"}),
        };
        event["contact"] = json!(contact);
        event
    })
}

fn script(main: &Value, sub: &Value, events: &[Value]) -> Value {
    let steps: Vec<Value> = events.iter().map(|event| json!({"event": event})).collect();
    json!({"scenarios": {"main": main, "sub": sub}, "steps": steps})
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, ..ProptestConfig::default() })]

    /// visits = exits + waiting + ended, for every block, whatever happened (ruling 48).
    #[test]
    fn the_report_adds_up(main in document(), sub in document(), events in proptest::collection::vec(event(), 1..40)) {
        let transcript = Script::parse(&script(&main, &sub, &events).to_string()).unwrap().run().unwrap();
        for (scenario, report) in &transcript.report {
            for (block, numbers) in &report.blocks {
                let left: u64 = numbers.exits.values().sum();
                prop_assert_eq!(numbers.visits, left + numbers.waiting + numbers.ended, "{} {}", scenario, block);
                prop_assert!(numbers.runs <= numbers.visits);
            }
        }
    }

    /// Storing and reading back between any two events changes nothing.
    #[test]
    fn a_restart_between_any_two_events_changes_nothing(main in document(), sub in document(), events in proptest::collection::vec(event(), 1..25)) {
        let undisturbed = Script::parse(&script(&main, &sub, &events).to_string()).unwrap().run().unwrap();
        let disturbed: Vec<Value> = events.iter().flat_map(|event| [event.clone(), json!({"type": "restart"})]).collect();
        let disturbed = Script::parse(&script(&main, &sub, &disturbed).to_string()).unwrap().run().unwrap();
        for (at, outcome) in undisturbed.steps.iter().enumerate() {
            prop_assert_eq!(outcome, &disturbed.steps[at * 2]);
        }
        prop_assert_eq!(undisturbed.report, disturbed.report);
    }

    /// A document that may be published never ends with `loop` within one event... and checking never panics.
    #[test]
    fn what_may_be_published_never_loops_without_a_wait(main in document()) {
        let document: Document = serde_json::from_value(main.clone()).unwrap();
        let problems = check(&document, &Known::default());
        let refused = problems.iter().any(|problem| problem.level == scenario::Level::Error);
        let calls = main["blocks"].as_array().unwrap().iter().any(|block| block["type"] == "call");
        if !refused && !calls {
            let transcript = Script::parse(&script(&main, &main, &[json!({"type": "start", "scenario": "main"})]).to_string()).unwrap().run().unwrap();
            prop_assert_ne!(transcript.steps[0].ended["c1"], Some(scenario::End::Loop));
        }
    }

    /// Any JSON: an error or a document, and of a document a list of problems or a graph; never a panic.
    #[test]
    fn any_json_is_read_or_refused(text in any_json()) {
        if let Ok(document) = serde_json::from_str::<Document>(&text) {
            let _ = (check(&document, &Known::default()), Graph::compile(&document).is_ok());
        }
        let _ = Script::parse(&text).and_then(|script| script.run());
    }
}

/// JSON that is nearly a document: known keys with values of any kind.
fn any_json() -> impl Strategy<Value = String> {
    let words = [
        "schema",
        "blocks",
        "edges",
        "launch",
        "id",
        "type",
        "settings",
        "message",
        "wait",
        "expect",
        "from",
        "to",
        "text",
        "buttons",
        "label",
        "kind",
        "groups",
        "events",
        "variables",
        "outgoingEdgeId",
        "blockId",
        "groupId",
        "content",
        "options",
        "b1",
        "PT5S",
        "phone",
        "next",
    ];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
        ".{0,8}".prop_map(Value::from)
    ];
    let tree = leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((proptest::sample::select(words.to_vec()), inner), 0..6).prop_map(|pairs| {
                Value::Object(pairs.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
            }),
        ]
    });
    tree.prop_map(|tree| tree.to_string())
}
