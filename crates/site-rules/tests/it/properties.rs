//! What holds for any input.

use crate::table::known;
use jiff::Zoned;
use proptest::prelude::*;
use serde_json::{Map, Value, json};
use site_rules::{Facts, Rule, Verdict, compile, read};

const FACTS: [&str; 16] = [
    "page_url",
    "page_path",
    "page_title",
    "referrer",
    "query.a",
    "visits",
    "scroll_percent",
    "returning",
    "device",
    "language",
    "country",
    "tag",
    "field.phone",
    "field.city",
    "share",
    "event.x",
];
const PAIRS: [(&str, &str); 5] =
    [("is", "is_not"), ("in", "not_in"), ("contains", "not_contains"), ("is_filled", "is_empty"), ("has", "has_not")];

fn now() -> Zoned {
    "2026-11-28T15:00:00+03:00[Europe/Moscow]".parse().unwrap()
}

fn verdict(conditions: Value, facts: &Facts) -> Option<Verdict> {
    let document = read(&json!({ "id": "aut_1", "conditions": conditions }), &known()).ok()?;
    Some(Rule::of(document, &known()).verdict(facts, &now()))
}

fn any_json() -> impl Strategy<Value = Value> {
    let words = ["all", "any", "fact", "op", "value", "is", "in", "within", "days", "conditions", "type", "message"];
    let leaf = prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        ".{0,6}".prop_map(Value::from),
        proptest::sample::select(FACTS.to_vec()).prop_map(Value::from),
        proptest::sample::select(words.to_vec()).prop_map(Value::from),
    ];
    let name = prop_oneof![
        proptest::sample::select(words.to_vec()).prop_map(str::to_owned),
        proptest::sample::select(vec!["conditions", "actions", "limits", "starts", "title", "enabled", "suggest_ids"])
            .prop_map(str::to_owned),
        proptest::sample::select(FACTS.to_vec()).prop_map(str::to_owned),
    ];
    leaf.prop_recursive(6, 60, 6, move |inner| {
        prop_oneof![
            proptest::collection::vec(inner.clone(), 0..6).prop_map(Value::from),
            proptest::collection::vec((name.clone(), inner), 0..6)
                .prop_map(|members| Value::Object(members.into_iter().collect::<Map<_, _>>())),
        ]
    })
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        "[a-zA-Zа-яё ]{1,6}",
        "https?://(www\\.)?(shop|xn--80aairftm)\\.(ru|xn--p1ai)(:(80|443|8080))?(/[a-z%0-9А-Я]{0,5}){0,3}(\\?[a-z=&%]{0,5})?(#[a-z]{0,3})?",
        "\\PC{1,8}",
    ]
}

fn facts() -> impl Strategy<Value = Facts> {
    let texts = proptest::collection::vec((proptest::sample::select(FACTS[..5].to_vec()), text()), 0..5);
    let fields = (proptest::collection::vec(text(), 0..4), proptest::collection::vec("(VIP|new|оптовик)", 0..3));
    (texts, fields, any::<Option<u8>>()).prop_map(|(texts, (cities, tags), visits)| {
        let mut map: Map<String, Value> =
            texts.into_iter().map(|(fact, text)| (fact.to_owned(), json!(text))).collect();
        map.insert("field.city".into(), json!(cities));
        map.insert("tag".into(), json!(tags));
        map.insert("visits".into(), json!(visits));
        Facts::read(&map, &known()).unwrap().of_visitor("vis_1")
    })
}

proptest! {
    #[test]
    fn no_json_panics_and_what_is_read_can_be_asked(value in any_json(), facts in facts()) {
        if let Ok(document) = read(&value, &known()) {
            let rule = Rule::of(document, &known());
            prop_assert!(rule.problems.is_empty(), "{:?}", rule.problems);
            let _ = rule.verdict(&facts, &now());
            let _ = compile(&[rule], now().time_zone(), now().timestamp());
        }
        let wrapped = json!({ "conditions": { "all": [{ "fact": "page_url", "op": "is", "value": value }] } });
        drop(read(&wrapped, &known()));
        if let Value::Object(map) = &value {
            drop(Facts::read(map, &known()));
        }
    }

    #[test]
    fn a_negative_operator_is_the_positive_one_turned_round(
        fact in proptest::sample::select(FACTS.to_vec()), pair in proptest::sample::select(PAIRS.to_vec()),
        value in text(), facts in facts(),
    ) {
        let value = match pair.0 {
            "in" => json!([value, "ru"]),
            "is_filled" => Value::Null,
            "has" => json!("VIP"),
            _ => json!(value),
        };
        let ask = |op: &str| verdict(json!({ "all": [{ "fact": fact, "op": op, "value": value }] }), &facts);
        let (positive, negative) = (ask(pair.0), ask(pair.1));
        prop_assert_eq!(positive.map(|verdict| !verdict.holds), negative.map(|verdict| verdict.holds));
    }

    #[test]
    fn of_an_unknown_fact_nothing_positive_holds(
        fact in proptest::sample::select(FACTS.to_vec()), value in text(),
        op in proptest::sample::select(vec!["is", "contains", "starts_with", "ends_with", "matches"]),
    ) {
        let nothing = Facts::default();
        if let Some(verdict) = verdict(json!({ "all": [{ "fact": fact, "op": op, "value": value }] }), &nothing) {
            prop_assert!(!verdict.holds);
        }
    }

    #[test]
    fn all_and_any_are_what_their_members_say(answers in proptest::collection::vec(any::<bool>(), 0..6), facts in facts()) {
        let leaf = |holds: &bool| json!({ "fact": "scroll_percent", "op": if *holds { "is_not" } else { "is" }, "value": 1 });
        let leaves: Vec<Value> = answers.iter().map(leaf).collect();
        let all = verdict(json!({ "all": leaves }), &facts).unwrap();
        let any = verdict(json!({ "any": leaves }), &facts).unwrap();
        prop_assert_eq!(all.holds, answers.iter().all(|answer| *answer));
        prop_assert_eq!(any.holds, answers.iter().any(|answer| *answer));
        prop_assert_eq!(verdict(json!({ "all": [{ "all": leaves }] }), &facts).unwrap().holds, all.holds);
        prop_assert_eq!(verdict(json!({ "any": [{ "any": leaves }] }), &facts).unwrap().holds, any.holds);
    }

    #[test]
    fn an_address_is_itself_and_meets_its_own_parts(url in text()) {
        let map = json!({ "page_url": url });
        let facts = Facts::read(map.as_object().unwrap(), &known()).unwrap();
        let ask = |op: &str| verdict(json!({ "all": [{ "fact": "page_url", "op": op, "value": url }] }), &facts);
        for op in ["is", "starts_with"] {
            if let Some(verdict) = ask(op) {
                prop_assert!(verdict.holds, "{} {}", op, url);
            }
        }
    }

    #[test]
    fn a_share_grows_with_its_bound_and_keeps_who_was_in_it(visitor in "[a-z0-9]{1,12}", bound in 0_u32..100) {
        let facts = Facts::default().of_visitor(visitor);
        let below = |bound: u32| verdict(json!({ "all": [{ "fact": "share", "op": "below", "value": bound }] }), &facts).unwrap().holds;
        prop_assert!(!below(bound) || below(bound + 1));
        prop_assert!(below(100) && !below(0));
    }
}
