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
