//! Why, and why not.

use super::engine_ops::{apply, create, engine, limits, link, rule, unlink};
use identity::engine::{Change, Engine};
use identity::explain::{By, Problem, Reason};

fn chain(engine: &Engine, a: &str, b: &str) -> Option<String> {
    let step = |step: identity::explain::Step<String, identity::keys::RuleKey>| {
        let by = match step.by {
            By::Rule { rule, key } => format!("{rule} {}", key.values().join("+")),
            By::Manual { .. } => "by hand".to_owned(),
        };
        format!("{} -[{by}]- {}", step.from, step.to)
    };
    Some(engine.why(a, b)?.into_iter().map(step).collect::<Vec<_>>().join("; "))
}

#[test]
fn the_shortest_chain_first_rules_first() {
    let mut engine = engine();
    apply(
        &mut engine,
        &[
            create("a", &[("phone", "+79120000002|+79120000001"), ("email", "x@y.ru")]),
            create("b", &[("phone", "+79120000001|+79120000002"), ("email", "x@y.ru")]),
            create("c", &[("email", "x@y.ru|z@y.ru")]),
            create("d", &[("email", "z@y.ru")]),
            create("e", &[]),
            link("d", "e"),
        ],
    );
    assert_eq!(chain(&engine, "a", "b").as_deref(), Some("a -[phone +79120000001]- b"));
    let long = "a -[email x@y.ru]- c; c -[email z@y.ru]- d; d -[by hand]- e";
    assert_eq!(chain(&engine, "a", "e").as_deref(), Some(long));
    assert_eq!(chain(&engine, "a", "a").as_deref(), Some(""));
    assert_eq!(engine.why_not("a", "e"), []);
}

#[test]
fn every_reason_to_be_apart() {
    let mut engine = engine();
    apply(&mut engine, &[Change::RuleRemove { key: "email".into() }, rule("who", &["name", "code"])]);
    apply(
        &mut engine,
        &[
            create("a", &[("phone", "+79120000001"), ("name", "Ann"), ("code", "1")]),
            create("b", &[("phone", "12"), ("name", "Ann"), ("code", "-")]),
        ],
    );
    assert_eq!(chain(&engine, "a", "b"), None);
    let b_value = |rule: &str, field: &str, problem| {
        let (rule, field, contact) = (rule.to_owned(), field.to_owned(), "b".to_owned());
        Reason::Value { rule, field, contact, problem }
    };
    let needs_more = Reason::NeedsMore { rule: "who".into(), same: vec!["name".into()], missing: vec!["code".into()] };
    let want = [b_value("phone", "phone", Problem::Invalid), b_value("who", "code", Problem::Placeholder), needs_more];
    assert_eq!(engine.why_not("a", "b"), want);
    apply(&mut engine, &[create("c", &[("phone", "+79120000002")])]);
    let reasons = engine.why_not("a", "c");
    assert_eq!(reasons[0], Reason::Differs { rule: "phone".into(), field: "phone".into() });
    apply(&mut engine, &[Change::BlockValue { field: "phone".into(), value: "89120000001".into() }]);
    assert!(engine.why_not("c", "a").iter().any(|r| matches!(r, Reason::Value { problem: Problem::Blocked, .. })));
}

#[test]
fn guards_are_reasons() {
    let mut engine = engine();
    let phone = [("phone", "+79120000001")];
    apply(&mut engine, &[create("a", &phone), create("b", &phone), create("c", &phone)]);
    apply(&mut engine, &[limits(Some(2), None)]);
    let values = vec!["+79120000001".to_owned()];
    let hub = Reason::Hub { rule: "phone".into(), values: values.clone(), contacts: 3, limit: 2 };
    assert_eq!(engine.why_not("a", "b")[0], hub);
    apply(&mut engine, &[limits(None, Some(2))]);
    assert_eq!(engine.why_not("a", "b")[0], Reason::Size { rule: "phone".into(), values, limit: 2 });
    apply(&mut engine, &[limits(None, None), unlink("b")]);
    assert!(matches!(&engine.why_not("a", "b")[0], Reason::Override { contact, .. } if contact == "b"));
    apply(&mut engine, &[Change::RuleDisable { key: "phone".into() }]);
    assert!(engine.why_not("a", "c").contains(&Reason::RuleOff { rule: "phone".into() }));
}
