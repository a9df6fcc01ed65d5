use super::*;
use model::{GroupId, Timestamp};
use serde_json::json;
use std::collections::HashSet;

fn anna() -> Facts {
    Facts {
        now: Timestamp(100 * 24 * 60 * 60 * 1000),
        contact_id: ContactId::from_bits(1),
        group_id: GroupId::from_bits(1),
        connection_id: ConnectionId::from_bits(2),
        channel: ChannelKind::Telegram,
        address: "5".to_owned(),
        name: "Анна".to_owned(),
        handle: "@anna".to_owned(),
        is_blocked: false,
        is_off: false,
        last_seen_at: Timestamp(95 * 24 * 60 * 60 * 1000),
        last_wrote: None,
        is_opted_out: false,
        tags: vec!["Опт".to_owned()],
        fields: vec![
            ("city".to_owned(), vec!["Екатеринбург".to_owned()]),
            ("orders".to_owned(), vec!["12".to_owned()]),
            ("since".to_owned(), vec!["03.02.2025".to_owned()]),
        ],
        reports: HashSet::new(),
        mailings: HashSet::new(),
    }
}

fn holds(audience: serde_json::Value) -> bool {
    let audience: Audience = serde_json::from_value(audience).unwrap();
    assert_eq!(audience.problems(), []);
    audience.holds(&anna())
}

#[test]
fn everybody_is_meant_without_a_condition_and_nobody_by_none_of_any() {
    assert!(holds(json!({ "all": [] })));
    assert!(!holds(json!({ "any": [] })));
}

#[test]
fn fields_are_compared_as_people_write_them() {
    let is =
        |op: &str, value: serde_json::Value| holds(json!({ "all": [{ "field": "orders", "op": op, "value": value }] }));
    assert!(
        is("at_least", json!(10))
            && is("at_most", json!("12,0"))
            && !is("below", json!("12"))
            && is("is", json!("12.0"))
    );
    assert!(holds(json!({ "all": [{ "field": "city", "op": "is", "value": " екатеринбург" }] })));
    assert!(holds(json!({ "all": [{ "field": "city", "op": "in", "value": ["Пермь", "Екатеринбург"] }] })));
    assert!(!holds(json!({ "all": [{ "field": "city", "op": "not_in", "value": ["Екатеринбург"] }] })));
    assert!(holds(json!({ "all": [{ "field": "since", "op": "below", "value": "2025-03-01" }] })));
    assert!(holds(json!({ "all": [{ "field": "nothing", "op": "is_empty" }] })));
    assert!(holds(json!({ "all": [{ "field": "nothing", "op": "is_not", "value": "x" }] })));
}

#[test]
fn groups_nest_one_level_and_a_condition_is_turned_round() {
    assert!(holds(json!({ "all": [{ "any": [{ "tag": "опт" }, { "tag": "vip" }] }, { "channel": "telegram" }] })));
    assert!(!holds(json!({ "all": [{ "tag": "опт", "not": true }] })));
    assert!(holds(json!({ "all": [{ "last_seen": true, "within_days": 5 }] })));
    assert!(!holds(json!({ "all": [{ "last_seen": true, "within_days": 4 }] })));
    assert!(holds(json!({ "all": [{ "wrote": true, "within_days": 365, "not": true }] })));
}

#[test]
fn what_is_no_condition_is_told_by_its_place() {
    let wrong = [
        json!({ "all": [{}] }),
        json!({ "all": [{ "tag": "a", "channel": "site" }] }),
        json!({ "all": [{ "field": "city" }] }),
        json!({ "all": [{ "field": "city", "op": "is" }] }),
        json!({ "all": [{ "field": "city", "op": "in", "value": "a" }] }),
        json!({ "all": [{ "last_seen": true }] }),
        json!({ "all": [{ "wrote": true, "within_days": 0 }] }),
        json!({ "all": [{ "tag": " " }] }),
        json!({ "all": [{ "any": [{ "all": [{ "tag": "a" }] }] }] }),
    ];
    for audience in wrong {
        let read: Audience = serde_json::from_value(audience.clone()).unwrap();
        assert_eq!(read.problems().len(), 1, "{audience}");
        assert!(read.problems()[0].path.starts_with("audience"));
    }
}
