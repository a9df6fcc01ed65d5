//! The committed description is the program's own, and every operation has a policy.

use std::collections::BTreeSet;
use std::path::Path;

#[test]
fn the_committed_description_is_fresh() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let committed = std::fs::read_to_string(file).unwrap();
    assert_eq!(committed.trim(), server::openapi_json().trim(), "run `cargo xtask gen`");
}

#[test]
fn the_committed_description_of_the_sockets_is_fresh_and_whole() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../asyncapi.json");
    let committed = std::fs::read_to_string(file).unwrap();
    assert_eq!(committed.trim(), server::asyncapi_json().trim(), "run `cargo xtask gen`");
    let described: serde_json::Value = serde_json::from_str(&committed).unwrap();
    let schemas = described["components"]["schemas"].as_object().unwrap();
    let mut wanted = BTreeSet::new();
    references(&described, &mut wanted);
    let missing: Vec<&String> = wanted.iter().filter(|name| !schemas.contains_key(*name)).collect();
    assert!(missing.is_empty(), "frames refer to schemas that are not there: {missing:?}");
    assert!(schemas.contains_key("Message") && schemas.contains_key("Conversation"), "events describe their data");
}

fn references(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            let name = map.get("$ref").and_then(|of| of.as_str()?.strip_prefix("#/components/schemas/"));
            names.extend(name.map(str::to_owned));
            map.values().for_each(|inner| references(inner, names));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| references(inner, names)),
        _ => {}
    }
}

#[test]
fn every_operation_has_a_policy_and_every_policy_an_operation() {
    let description: serde_json::Value = serde_json::from_str(&server::openapi_json()).unwrap();
    let mut described = BTreeSet::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys().filter(|key| *key != "parameters") {
            described.insert((method.to_uppercase(), path.clone()));
        }
    }
    let ruled: BTreeSet<_> = server::rules().keys().cloned().collect();
    assert_eq!(described, ruled);
}
