//! What an administrator sees and decides: exclusive fields, guards, fields asked for on closing (issue 3, items 2, 4 and 7).

use crate::jobs::ended;
use crate::rules_log::undo;
use harness::sign_in;
use harness::{PASSWORD, Product};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

fn create(name: &str, fields: Value) -> Value {
    json!({ "op": "create", "external_id": name, "fields": fields })
}

async fn conflicts(product: &Product) -> Vec<Value> {
    let answer = product.get(&product.project("/multi-contact-conflicts")).await;
    answer["items"].as_array().unwrap().clone()
}

fn handles(contacts: &Value) -> Vec<&str> {
    contacts.as_array().unwrap().iter().map(|contact| contact["handle"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn two_values_of_an_exclusive_field_are_previewed_and_then_listed_as_a_conflict() {
    let product = Product::start().await;
    let person = |name: &str, id: &str| create(name, json!({ "phone": "89125550142", "customer_id": id }));
    product.changes(json!([person("a", "K-1"), person("b", "k-1"), person("c", "K-2"), person("d", "нет")])).await;
    assert_eq!(conflicts(&product).await, Vec::<Value>::new());
    let rules = json!({ "rules": [{ "fields": ["phone"] }] });
    let preview = product.post(&product.project("/multi-contact-rules/preview"), rules.clone()).await;
    assert_eq!(preview["conflicts"]["count"], 1, "{preview}");
    let sample = &preview["conflicts"]["samples"][0];
    assert_eq!((&sample["field"], handles(&sample["contacts"])), (&json!("customer_id"), vec!["a", "c"]));

    let job = product.post(&product.project("/multi-contact-rules/apply"), rules).await;
    assert_eq!(ended(&product, &job).await["state"], "done");
    let found = conflicts(&product).await;
    let [conflict] = found.as_slice() else { panic!("one: {found:?}") };
    assert_eq!((&conflict["kind"], &conflict["field"]), (&json!("exclusive"), &json!("customer_id")));
    assert_eq!((&conflict["values"], handles(&conflict["contacts"])), (&json!(["K-1", "K-2"]), vec!["a", "c"]));
    // What the rule joined would be separated without it.
    let preview = product.post(&product.project("/multi-contact-rules/preview"), json!({ "rules": [] })).await;
    let pair = &preview["separated"][0];
    assert_eq!((&pair["a"]["handle"], &pair["b"]["handle"], &preview["splits"]), (&json!("a"), &json!("b"), &json!(1)));
    let line = product.get(&product.project("/multi-contact-log?limit=1")).await["items"][0].clone();
    undo(&product, &line).await;
    assert_eq!(conflicts(&product).await, Vec::<Value>::new());
}

#[tokio::test]
async fn what_the_guards_suspend_and_what_they_cannot_do_is_listed() {
    let product = Product::start().await;
    let settings = json!({ "op": "settings", "settings": { "hub_limit": 3, "max_group": 2 } });
    product
        .changes(json!([
            settings,
            { "op": "rule_add", "key": "both", "fields": ["contract", "email"] },
            { "op": "rule_add", "key": "phone", "fields": ["phone"] },
        ]))
        .await;
    let shared = json!({ "contract": "К-1", "email": "x@x.example" });
    let hub: Vec<Value> = (0..4).map(|n| create(&format!("h{n}"), shared.clone())).collect();
    product.changes(json!(hub)).await;
    let family = json!({ "phone": "89125550142" });
    product.changes(json!([create("p", family.clone()), create("q", family.clone()), create("r", family)])).await;
    let values = product.get(&product.project("/multi-contact-values?state=suspended")).await;
    let [hub, size] = values["items"].as_array().unwrap().as_slice() else { panic!("two: {values}") };
    assert_eq!((&hub["guard"], &hub["holders"]), (&json!("hub"), &json!(4)));
    assert_eq!(
        hub["parts"],
        json!([{ "field": "contract", "value": "к-1" }, { "field": "email", "value": "x@x.example" }])
    );
    assert_eq!((&size["guard"], &size["holders"], &size["field"]), (&json!("size"), &json!(3), &json!("phone")));
    // Links by hand hold beyond the limit, and an unlink between them has no effect: somebody must decide.
    product.changes(json!([{ "op": "link", "a": "p", "b": "q" }, { "op": "link", "a": "q", "b": "r" }])).await;
    let found = conflicts(&product).await;
    let [large] = found.as_slice() else { panic!("one: {found:?}") };
    assert_eq!((&large["kind"], &large["size"]), (&json!("too_large"), &json!(3)));
    assert_eq!(handles(&large["contacts"]), ["p", "q", "r"]);
}

#[tokio::test]
async fn an_operator_fills_in_what_is_asked_for_on_closing_and_a_program_need_not() {
    let product = Product::start().await;
    let field = json!({ "required": true });
    let (status, _) = product.call(Method::PATCH, &product.project("/fields/contract"), Some(field)).await;
    assert_eq!(status, StatusCode::OK);
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let ack = product.visitor().await.say("m-1", "Здравствуйте").await;
    let conversation = product.project(&format!("/conversations/{}", ack["conversation_id"].as_str().unwrap()));
    let contact = product.get(&conversation).await["contact_id"].as_str().unwrap().to_owned();
    let (close, reopen) = (format!("{conversation}/close"), format!("{conversation}/reopen"));
    let (status, answer) = owner.call(&product, Method::POST, &close, json!({})).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("required_fields")), "{answer}");
    product.changes(json!([{ "op": "set", "external_id": contact, "fields": { "contract": "К-7" } }])).await;
    let (status, answer) = owner.call(&product, Method::POST, &close, json!({})).await;
    assert_eq!((status, &answer["status"]), (StatusCode::OK, &json!("closed")), "{answer}");
    product.changes(json!([{ "op": "set", "external_id": contact, "fields": { "contract": null } }])).await;
    assert_eq!(product.call(Method::POST, &reopen, None).await.0, StatusCode::OK);
    assert_eq!(product.call(Method::POST, &close, None).await.0, StatusCode::OK, "a key");
}

#[tokio::test]
async fn a_rule_that_only_proposes_is_previewed_with_how_much_it_would_propose() {
    let product = Product::start().await;
    let person = |name: &str, phone: &str, email: &str| create(name, json!({ "phone": phone, "email": email }));
    product
        .changes(json!([
            { "op": "rule_add", "key": "email", "fields": ["email"] },
            person("a", "89125550001", "x@x.example"),
            person("b", "89125550001", "x@x.example"),
            person("c", "89125550002", "c@x.example"),
            person("d", "89125550002", "d@x.example"),
        ]))
        .await;
    let rules = json!({ "rules": [{ "fields": ["email"] }, { "fields": ["phone"], "mode": "suggest" }] });
    let preview = product.post(&product.project("/multi-contact-rules/preview"), rules).await;
    assert_eq!(preview["proposals"], 1, "a and b are one client already: {preview}");
    assert_eq!(preview["joined_contacts"], 0);
}
