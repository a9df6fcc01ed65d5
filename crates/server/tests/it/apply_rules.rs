//! Rules applied in steps beside live traffic: in the end everything is as a rebuild would make it (multi-contacts.md section 5).

use crate::multi_contacts::{Dice, found_by_id, groups, id_of, rebuild};
use crate::rules_log::ended;
use crate::support::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const PEOPLE: usize = 2_400;

fn person(number: usize) -> Value {
    let fields = json!({ "phone": format!("+7912{:07}", number / 3), "email": format!("e{}@x.example", number / 4) });
    json!({ "op": "create", "external_id": format!("p{number}"), "fields": fields })
}

async fn people(product: &Product) {
    for start in (0..PEOPLE).step_by(800) {
        product.changes((start..start + 800).map(person).collect()).await;
    }
}

async fn apply(product: &Product, wanted: Value) -> Value {
    product.post(&product.project("/multi-contact-rules/apply"), wanted).await
}

/// One of the things that happen all day.
fn happening(dice: &mut Dice, step: usize) -> Value {
    let name = format!("p{}", dice.roll(PEOPLE as u64));
    match dice.roll(5) {
        0 => {
            json!({ "op": "create", "external_id": format!("new{step}"), "fields": { "phone": format!("+7912{:07}", dice.roll(800)) } })
        }
        1 => json!({ "op": "set", "external_id": name, "fields": { "phone": null } }),
        2 => {
            json!({ "op": "set", "external_id": name, "fields": { "email": format!("e{}@x.example", dice.roll(600)) } })
        }
        3 => json!({ "op": "link", "a": name, "b": format!("p{}", dice.roll(PEOPLE as u64)) }),
        _ => json!({ "op": "set", "external_id": name, "fields": { "phone": format!("+7912{:07}", dice.roll(800)) } }),
    }
}

async fn live_until_ended(product: &Product, job: &Value, dice: &mut Dice) -> (Value, usize) {
    let path = product.project(&format!("/jobs/{}", job["id"].as_str().unwrap()));
    for step in 0.. {
        let state = product.get(&path).await;
        if !matches!(state["state"].as_str(), Some("waiting" | "running")) {
            return (state, step);
        }
        let body = json!({ "changes": [happening(dice, step)] });
        // A link of a contact with itself is refused, and that is right.
        let (status, answer) = product.call(Method::POST, &product.project("/changes"), Some(body)).await;
        assert!(status == StatusCode::OK || status == StatusCode::UNPROCESSABLE_ENTITY, "{answer}");
    }
    unreachable!("the loop ends with the job")
}

#[tokio::test]
async fn rules_applied_beside_live_traffic_end_as_a_rebuild_would() {
    let product = Product::start().await;
    people(&product).await;
    let mut dice = Dice(20_261_125);
    let lists = [
        json!({ "rules": [{ "fields": ["phone"] }] }),
        json!({ "rules": [{ "fields": ["email"] }, { "fields": ["phone"], "hub_limit": 2 }], "settings": { "max_group": 5 } }),
        json!({ "rules": [{ "fields": ["phone", "email"] }] }),
        json!({ "rules": [] }),
    ];
    let mut happened = 0;
    for wanted in lists {
        let job = apply(&product, wanted.clone()).await;
        let (job, steps) = live_until_ended(&product, &job, &mut dice).await;
        assert_eq!(job["state"], "done", "{job}");
        happened += steps;
        assert_eq!(rebuild(&product).await, 0, "contacts that the job left wrong under {wanted}");
    }
    assert!(happened > 20, "there was traffic: {happened}");
}

#[tokio::test]
async fn ids_given_up_by_a_job_lead_on_as_those_of_a_change_do() {
    let product = Product::start().await;
    product.changes((0..3).map(person).collect()).await;
    let mut ids = Vec::new();
    for name in ["p0", "p1", "p2"] {
        ids.push(id_of(&product, &[name]).await);
    }
    ended(&product, &apply(&product, json!({ "rules": [{ "fields": ["phone"] }] })).await).await;
    for id in &ids {
        let (current, members) = found_by_id(&product, id).await;
        assert_eq!((current, members.len()), (ids[0].clone(), 3), "{id}");
    }
}

#[tokio::test]
async fn an_edited_rule_keeps_its_id_and_the_log_says_what_the_job_did() {
    let product = Product::start().await;
    people(&product).await;
    let job = ended(&product, &apply(&product, json!({ "rules": [{ "fields": ["phone"] }] })).await).await;
    assert_eq!((&job["result"]["moved"], &job["result"]["merges"]), (&json!(1_600), &json!(800)), "{job}");
    let line = product.get(&product.project("/multi-contact-log?limit=1")).await["items"][0].clone();
    assert_eq!(line["result"], job["result"]);
    let id = product.get(&product.project("/multi-contact-rules")).await["items"][0]["id"].clone();
    let job = ended(&product, &apply(&product, json!({ "rules": [{ "id": id, "fields": ["email"] }] })).await).await;
    assert_eq!(job["state"], "done", "{job}");
    let rules = product.get(&product.project("/multi-contact-rules")).await["items"].clone();
    assert_eq!((rules.as_array().unwrap().len(), &rules[0]["id"], &rules[0]["fields"]), (1, &id, &json!(["email"])));
    assert_eq!(rebuild(&product).await, 0);
    let line = product.get(&product.project("/multi-contact-log?limit=1")).await["items"][0]["id"].clone();
    let undo = product.project(&format!("/multi-contact-log/{}/undo", line.as_str().unwrap()));
    product.post(&undo, json!({})).await;
    assert_eq!(rebuild(&product).await, 0);
    assert!(groups(&product).await.contains(["p0", "p1", "p2"].map(str::to_owned).as_slice()));
}

#[tokio::test]
async fn a_refused_list_leaves_no_half_made_rule_behind() {
    let product = Product::start().await;
    people(&product).await;
    let twice = json!({ "rules": [{ "key": "a", "fields": ["phone"] }, { "key": "a", "fields": ["email"] }] });
    let job = ended(&product, &apply(&product, twice).await).await;
    assert_eq!(job["state"], "failed", "{job}");
    assert_eq!(product.get(&product.project("/multi-contact-rules")).await["items"], json!([]));
    let job = ended(&product, &apply(&product, json!({ "rules": [{ "key": "a", "fields": ["phone"] }] })).await).await;
    assert_eq!(job["state"], "done", "{job}");
    assert_eq!(rebuild(&product).await, 0);
}
