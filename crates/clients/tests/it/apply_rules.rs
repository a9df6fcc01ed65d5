//! Rules applied in steps beside live traffic: in the end everything is as a rebuild would make it (multi-contacts.md section 5).

use crate::jobs::ended;
use crate::multi_contacts::{Dice, found_by_id, groups, id_of, rebuild, would_move};
use crate::rules_log::undo;
use db::{Dialect, Scope, sql};
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

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
    // How much depends on how fast the machine is.
    assert!(happened > 4, "there was traffic: {happened}");
}

/// Values that a region and placeholders decide about: a phone without a country, and a word that may mean nothing.
fn doubtful(number: usize) -> Value {
    let fields = json!({ "phone": format!("495{:07}", number / 3), "name": if number.is_multiple_of(5) { "без имени" } else { "Нина" } });
    json!({ "op": "create", "external_id": format!("d{number}"), "fields": fields })
}

async fn rules_of(product: &Product) -> Value {
    product.get(&product.project("/multi-contact-rules")).await["items"].clone()
}

#[tokio::test]
async fn rules_edited_and_settings_changed_beside_live_traffic_end_as_a_rebuild_would() {
    let product = Product::start().await;
    people(&product).await;
    product.changes((0..600).map(doubtful).collect()).await;
    let first = json!({ "rules": [{ "fields": ["phone"] }, { "fields": ["email"] }] });
    ended(&product, &apply(&product, first).await).await;
    let before = rules_of(&product).await;
    let (phone, email) = (&before[0]["id"], &before[1]["id"]);
    let mut dice = Dice(20_261_126);
    let steps = [
        json!({ "rules": [{ "id": phone, "fields": ["phone", "name"] }, { "id": email, "fields": ["email"], "verified_only": true }] }),
        json!({ "rules": [{ "id": email, "fields": ["email"] }, { "id": phone, "fields": ["phone"] }], "settings": { "default_region": "KZ" } }),
        json!({ "rules": [{ "id": phone, "fields": ["phone"] }, { "id": email, "fields": ["email"] }, { "fields": ["name"] }],
                "settings": { "placeholders": ["без имени", "-"], "hub_limit": null, "max_group": null } }),
        json!({ "rules": [{ "id": phone, "fields": ["phone"] }, { "id": email, "fields": ["email"] }],
                "settings": { "default_region": "RU", "hub_limit": 20, "max_group": 100 } }),
    ];
    let mut happened = 0;
    for wanted in steps {
        let job = apply(&product, wanted.clone()).await;
        let (job, steps) = live_until_ended(&product, &job, &mut dice).await;
        assert_eq!(job["state"], "done", "{job}");
        happened += steps;
        assert_eq!(would_move(&product).await, 0, "contacts that the job left wrong under {wanted}");
        let wanted_ids: Vec<&Value> = wanted["rules"].as_array().unwrap().iter().map(|rule| &rule["id"]).collect();
        let rules = rules_of(&product).await;
        for (rule, id) in rules.as_array().unwrap().iter().zip(wanted_ids).filter(|(_, id)| !id.is_null()) {
            assert_eq!(&rule["id"], id, "an edited rule keeps its id: {rules}");
        }
    }
    // How much depends on how fast the machine is.
    assert!(happened > 4, "there was traffic: {happened}");
    assert_eq!(keys_left_over(&product).await, 0, "no key stands under a row that is not a rule of the list");
}

/// Keys that belong to no rule of the list.
async fn keys_left_over(product: &Product) -> i64 {
    let counted = product.app.messaging.db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = sql!(
                "SELECT COUNT(*) FROM rule_keys k JOIN rules r ON r.account_id = k.account_id AND r.id = k.rule_id
                 WHERE r.staged IS NOT NULL"
            );
            Ok::<_, db::DbError>(query.one::<(i64,)>(tx).await?.0)
        })
    });
    counted.await.unwrap()
}

#[tokio::test]
async fn an_edited_rule_says_why_and_can_be_edited_undone_and_deleted_by_its_id() {
    let product = Product::start().await;
    product.changes((0..12).map(person).collect()).await;
    ended(&product, &apply(&product, json!({ "rules": [{ "key": "a", "fields": ["email"] }] })).await).await;
    let id = rules_of(&product).await[0]["id"].clone();
    let edited = json!({ "rules": [{ "id": id, "key": "a", "fields": ["phone"] }] });
    ended(&product, &apply(&product, edited).await).await;
    let contact = product.get(&product.project("/contacts?q=p0&limit=1")).await["items"][0]["id"].clone();
    let card = product.get(&product.project(&format!("/contacts/{}/multi-contact", contact.as_str().unwrap()))).await;
    assert_eq!(card["links"][0]["rule_id"], id, "{card}");
    assert_eq!(rules_of(&product).await[0]["id"], id);

    let path = product.project(&format!("/multi-contact-rules/{}", id.as_str().unwrap()));
    let (status, rule) = product.call(Method::PATCH, &path, Some(json!({ "fields": ["email"] }))).await;
    assert_eq!((status, &rule["id"]), (StatusCode::OK, &id), "{rule}");
    assert_eq!(would_move(&product).await, 0);
    let line = product.get(&product.project("/multi-contact-log?limit=1")).await["items"][0].clone();
    undo(&product, &line).await;
    assert_eq!((&rules_of(&product).await[0]["fields"], would_move(&product).await), (&json!(["phone"]), 0));
    let (status, _) = product.call(Method::DELETE, &path, None).await;
    assert_eq!((status, rules_of(&product).await), (StatusCode::NO_CONTENT, json!([])));
    assert_eq!((would_move(&product).await, groups(&product).await.iter().any(|group| group.len() > 1)), (0, false));
}

#[tokio::test]
async fn a_blocked_value_follows_the_region() {
    let product = Product::start().await;
    product
        .changes(json!([
            { "op": "rule_add", "key": "phone", "fields": ["phone"] },
            { "op": "create", "external_id": "a", "fields": { "phone": "3012345678" } },
            { "op": "create", "external_id": "b", "fields": { "phone": "+49 30 12345678" } },
        ]))
        .await;
    product.changes(json!([{ "op": "block_value", "field": "phone", "value": "3012345678" }])).await;
    let wanted = json!({ "rules": rules_of(&product).await.as_array().unwrap().iter().map(|rule| json!({ "id": rule["id"], "fields": rule["fields"] })).collect::<Vec<_>>(),
                         "settings": { "default_region": "DE" } });
    let job = ended(&product, &apply(&product, wanted).await).await;
    assert_eq!(job["state"], "done", "{job}");
    assert!(!groups(&product).await.iter().any(|group| group.len() > 1), "the value is blocked in every spelling");
    assert_eq!(would_move(&product).await, 0);
}

#[tokio::test]
async fn whom_a_change_only_looked_at_gets_the_keys_of_new_rules_all_the_same() {
    let product = Product::start().await;
    // Enough for several steps: those of PostgreSQL are smaller.
    let people = if product.app.messaging.db.dialect() == Dialect::Postgres { 2 * PEOPLE } else { 4 * PEOPLE };
    for start in (0..people).step_by(800) {
        product.changes((start..start + 800).map(person).collect()).await;
    }
    ended(&product, &apply(&product, json!({ "rules": [{ "fields": ["phone"] }] })).await).await;
    let job = apply(&product, json!({ "rules": [{ "fields": ["email"] }] })).await;
    let (job, steps) = live_until_ended(&product, &job, &mut Dice(20_261_127)).await;
    assert_eq!(job["state"], "done", "{job}");
    assert!(steps > 10, "there was traffic: {steps}");
    assert_eq!(would_move(&product).await, 0);
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
    let line = product.get(&product.project("/multi-contact-log?limit=1")).await["items"][0].clone();
    undo(&product, &line).await;
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

#[tokio::test]
async fn a_preview_of_any_list_of_rules_says_what_applying_it_then_does() {
    let product = Product::start().await;
    let mut dice = Dice(20_261_126);
    let people: Vec<Value> = (0..60)
        .map(|at| {
            let fields = json!({
                "phone": format!("+7912555{:04}", dice.roll(20)),
                "email": format!("e{}@x.example", dice.roll(25)),
                "contract": format!("K-{}", dice.roll(12)),
            });
            json!({ "op": "create", "external_id": format!("p{at}"), "fields": fields })
        })
        .collect();
    product.changes(json!(people)).await;
    product.changes(json!([{ "op": "link", "a": "p1", "b": "p2" }])).await;
    for round in 0..12 {
        let lists: [&[&[&str]]; 6] = [
            &[&["phone"]],
            &[&["email"], &["phone", "contract"]],
            &[&["phone", "email"]],
            &[],
            &[&["contract"], &["email"]],
            &[&["email"]],
        ];
        let list = lists[usize::try_from(dice.roll(6)).unwrap()];
        let rules: Vec<Value> = list.iter().map(|fields| json!({ "fields": fields })).collect();
        let settings = json!({ "hub_limit": 3 + dice.roll(8), "max_group": 4 + dice.roll(20) });
        let wanted = json!({ "rules": rules, "settings": settings });
        let preview = product.post(&product.project("/multi-contact-rules/preview"), wanted.clone()).await;
        let before = groups(&product).await;
        let job = product.post(&product.project("/multi-contact-rules/apply"), wanted.clone()).await;
        assert_eq!(ended(&product, &job).await["state"], "done");
        let after = groups(&product).await;
        let plural = |sets: &BTreeSet<Vec<String>>| {
            let several = sets.iter().filter(|set| set.len() > 1);
            json!({ "contacts": several.clone().map(Vec::len).sum::<usize>(), "groups": several.count() })
        };
        assert_eq!(preview["before"], plural(&before), "round {round}: {wanted}");
        assert_eq!(preview["after"], plural(&after), "round {round}: {wanted}");
        let largest = after.iter().map(Vec::len).filter(|size| *size > 1).max().map_or(Value::Null, |size| json!(size));
        assert_eq!(preview["largest"][0]["size"], largest, "round {round}: {wanted}");
        let splits =
            before.iter().filter(|set| set.len() > 1 && !after.iter().any(|now| set.iter().all(|m| now.contains(m))));
        assert_eq!(preview["splits"], json!(splits.count()), "round {round}: {wanted}");
    }
}

#[tokio::test]
async fn values_blocked_while_keys_are_written_leave_none_behind() {
    let product = Product::start().await;
    people(&product).await;
    let job = apply(&product, json!({ "rules": [{ "fields": ["phone"] }] })).await;
    let path = product.project(&format!("/jobs/{}", job["id"].as_str().unwrap()));
    let mut blocked = Vec::new();
    while matches!(product.get(&path).await["state"].as_str(), Some("waiting" | "running")) {
        let phone = format!("+7912{:07}", (blocked.len() * 131) % (PEOPLE / 3));
        product.changes(json!([{ "op": "block_value", "field": "phone", "value": phone }])).await;
        blocked.push(phone);
    }
    assert!(!blocked.is_empty(), "something was blocked meanwhile");
    let held = product.app.messaging.db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = sql!("SELECT key_text FROM rule_keys -- any account_id");
            query.all::<(String,)>(tx).await
        })
    });
    let held = held.await.unwrap();
    let left: Vec<_> = held.iter().filter(|(text,)| blocked.iter().any(|phone| text.contains(phone))).collect();
    assert!(left.is_empty() && !held.is_empty(), "keys of blocked values: {left:?}");
    assert_eq!(rebuild(&product).await, 0);
}
