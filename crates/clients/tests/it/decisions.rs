//! What people decide about two contacts: the newest decision holds, older ones give way and say so (issue 13, line 24).

use crate::multi_contacts::{groups, rebuild};
use crate::rules_log::undo;
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// Lone contacts of these names, with their ids.
async fn contacts(product: &Product, names: &[&str]) -> BTreeMap<String, String> {
    let new = |name: &&str| json!({ "op": "create", "external_id": name, "fields": { "name": name } });
    product.changes(names.iter().map(new).collect()).await;
    let all = product.get(&product.project("/contacts")).await;
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    all["items"].as_array().unwrap().iter().map(|c| (text(&c["external_id"]), text(&c["id"]))).collect()
}

fn sets(names: &[&[&str]]) -> BTreeSet<Vec<String>> {
    names.iter().map(|group| group.iter().map(|&name| name.to_owned()).collect()).collect()
}

async fn decide(product: &Product, body: Value) -> String {
    let made = product.post(&product.project("/multi-contact-overrides"), body).await;
    made["id"].as_str().unwrap().to_owned()
}

async fn link(product: &Product, a: &str, b: &str) -> String {
    decide(product, json!({ "kind": "link", "contacts": [a, b] })).await
}

async fn unlink(product: &Product, contact: &str) -> String {
    decide(product, json!({ "kind": "unlink", "contact": contact })).await
}

async fn take_back(product: &Product, id: &str) {
    let path = product.project(&format!("/multi-contact-overrides/{id}"));
    assert_eq!(product.call(Method::DELETE, &path, None).await.0, StatusCode::NO_CONTENT);
}

/// Decisions that hold, and those that do not with what they gave way to.
async fn standing(product: &Product) -> (Vec<String>, Vec<(String, String)>) {
    let all = product.get(&product.project("/multi-contact-overrides")).await;
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let (holding, waiting): (Vec<&Value>, Vec<&Value>) =
        all["items"].as_array().unwrap().iter().partition(|one| one["holds"] == true);
    (
        holding.iter().map(|one| text(&one["id"])).collect(),
        waiting.iter().map(|one| (text(&one["id"]), text(&one["gave_way_to"]))).collect(),
    )
}

async fn bring_back(product: &Product, id: &str) -> StatusCode {
    let path = product.project(&format!("/multi-contact-overrides/{id}/restore"));
    product.call(Method::POST, &path, None).await.0
}

async fn newest_line(product: &Product) -> Value {
    product.get(&product.project("/multi-contact-log?limit=1")).await["items"][0].clone()
}

#[tokio::test]
async fn the_newest_decision_about_two_contacts_holds_and_the_older_one_gives_way() {
    let product = Product::start().await;
    let id = contacts(&product, &["a", "b"]).await;
    let (apart, joined) = (sets(&[&["a"], &["b"]]), sets(&[&["a", "b"]]));

    let first = link(&product, &id["a"], &id["b"]).await;
    let second = unlink(&product, &id["b"]).await;
    assert_eq!(groups(&product).await, apart, "what was joined by hand is parted by hand");
    assert_eq!(standing(&product).await, (vec![second.clone()], vec![(first.clone(), second.clone())]));
    let line = newest_line(&product).await;
    assert_eq!(
        (&line["after"]["decision"]["id"], &line["after"]["gave_way"][0]["id"]),
        (&json!(second), &json!(first))
    );

    let third = link(&product, &id["b"], &id["a"]).await;
    assert_ne!(third, first, "to join them again is a decision, not the one that gave way");
    assert_eq!(groups(&product).await, joined);
    let waiting = vec![(second.clone(), third.clone()), (first.clone(), third.clone())];
    assert_eq!(standing(&product).await, (vec![third.clone()], waiting));
    assert_eq!(newest_line(&product).await["after"]["gave_way"][0]["id"], json!(second));
    assert_eq!(link(&product, &id["a"], &id["b"]).await, third, "asked again nothing is decided");

    // Whoever takes a decision back has the one before it again.
    take_back(&product, &third).await;
    assert_eq!(groups(&product).await, apart);
    let line = newest_line(&product).await;
    assert_eq!(line["before"]["gave_way"][0]["id"], json!(second), "{line}");
    take_back(&product, &second).await;
    assert_eq!(groups(&product).await, joined);
    assert_eq!(standing(&product).await, (vec![first.clone()], Vec::new()));
    undo(&product, &newest_line(&product).await).await;
    assert_eq!(groups(&product).await, apart, "the undo of the undo");
    // An operator, who does not see the log, brings back what was just taken back, in its old place.
    take_back(&product, &first).await;
    assert_eq!(bring_back(&product, &second).await, StatusCode::CONFLICT, "it stands");
    assert_eq!(bring_back(&product, &first).await, StatusCode::NO_CONTENT);
    assert_eq!(groups(&product).await, apart, "the older one waits as it did");
    assert_eq!(standing(&product).await, (vec![second.clone()], vec![(first.clone(), second.clone())]));
    assert_eq!(rebuild(&product).await, 0);
}

#[tokio::test]
async fn a_contact_that_a_chain_of_links_joined_is_parted_from_all_of_it() {
    let product = Product::start().await;
    let id = contacts(&product, &["a", "b", "c", "d"]).await;
    for (one, other) in [("a", "b"), ("b", "c"), ("c", "d")] {
        link(&product, &id[one], &id[other]).await;
    }
    let end = unlink(&product, &id["d"]).await;
    assert_eq!(groups(&product).await, sets(&[&["a", "b", "c"], &["d"]]));
    unlink(&product, &id["b"]).await;
    assert_eq!(groups(&product).await, sets(&[&["a"], &["b"], &["c"], &["d"]]));
    assert_eq!(newest_line(&product).await["after"]["gave_way"].as_array().unwrap().len(), 2, "both links of b");
    // A link to one of those it was parted from leaves it parted from the others.
    link(&product, &id["d"], &id["c"]).await;
    assert_eq!(groups(&product).await, sets(&[&["a"], &["b"], &["c", "d"]]));
    let all = product.get(&product.project("/multi-contact-overrides")).await;
    let parted = all["items"].as_array().unwrap().iter().find(|one| one["id"] == json!(end)).unwrap();
    assert_eq!((&parted["holds"], &parted["gave_way"]), (&json!(true), &json!([id["c"]])), "{parted}");
    assert_eq!(rebuild(&product).await, 0);
}

#[tokio::test]
async fn a_set_of_changes_decides_as_people_do_one_by_one() {
    let product = Product::start().await;
    contacts(&product, &["a", "b"]).await;
    product.changes(json!([{ "op": "link", "a": "a", "b": "b" }])).await;
    product.changes(json!([{ "op": "unlink", "contact": "a" }])).await;
    assert_eq!(groups(&product).await, sets(&[&["a"], &["b"]]));
    assert_eq!(newest_line(&product).await["after"]["gave_way"][0]["kind"], "link");
    product.changes(json!([{ "op": "undo_unlink", "contact": "a" }])).await;
    assert_eq!(groups(&product).await, sets(&[&["a", "b"]]));
    // What a link brings together with a contact besides the other of the two is lifted for it, too, and said of it.
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    let phone = |name: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": "89125550142" } });
    product.changes(json!([phone("x"), phone("y"), phone("z"), { "op": "unlink", "contact": "z" }])).await;
    product.changes(json!([{ "op": "link", "a": "z", "b": "x" }])).await;
    assert_eq!(groups(&product).await, sets(&[&["a", "b"], &["x", "y", "z"]]));
    let (holding, waiting) = standing(&product).await;
    assert_eq!((holding.len(), waiting.len()), (2, 1));
    assert_eq!(waiting[0].1, holding[0], "the separation of z gave way to its newer link");
}

#[tokio::test]
async fn a_refused_suggestion_is_proposed_again_when_the_refusal_is_forgotten() {
    let product = Product::start().await;
    let rule = json!({ "fields": ["phone"], "mode": "suggest" });
    product.post(&product.project("/multi-contact-rules"), rule).await;
    let id = contacts(&product, &["a", "b"]).await;
    let phone = |name: &str| json!({ "op": "set", "external_id": name, "fields": { "phone": "89125550142" } });
    product.changes(json!([phone("a"), phone("b")])).await;
    let path = product.project(&format!("/contacts/{}/suggestions", id["a"]));
    for (method, proposed) in [(Method::POST, 0), (Method::DELETE, 1)] {
        let refuse = format!("{path}/{}/refuse", id["b"]);
        assert_eq!(product.call(method.clone(), &refuse, None).await.0, StatusCode::NO_CONTENT);
        let found = product.get(&path).await;
        assert_eq!(found["items"].as_array().unwrap().len(), proposed, "{method}: {found}");
    }
}
