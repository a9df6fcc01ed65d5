//! Rules applied as a job, the log of what joins contacts and its undo, proposals to the operator (R15, rulings 37).

use crate::jobs::ended;
use crate::multi_contacts::groups;
use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Undoes a line of the log, and waits for the job when there is one.
pub async fn undo(product: &Product, line: &Value) {
    let path = product.project(&format!("/multi-contact-log/{}/undo", line["id"].as_str().unwrap()));
    let answer = product.post(&path, json!({})).await;
    if answer["kind"] == "undo_rules" {
        let job = ended(product, &answer).await;
        assert_eq!(job["state"], "done", "{job}");
    }
}

async fn people(product: &Product) {
    let create = |name: &str, phone: &str, email: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": phone, "email": email } });
    product
        .changes(json!([
            create("a", "89125550142", "a@x.example"),
            create("b", "+7 912 555-01-42", "b@x.example"),
            create("c", "89120000000", "B@x.example"),
        ]))
        .await;
}

fn rules_path(product: &Product, rest: &str) -> String {
    product.project(&format!("/multi-contact-rules{rest}"))
}

fn sets(sets: &[&[&str]]) -> std::collections::BTreeSet<Vec<String>> {
    sets.iter().map(|set| set.iter().map(|&name| name.to_owned()).collect()).collect()
}

#[tokio::test]
async fn a_list_of_rules_is_applied_as_a_job_with_what_it_did() {
    let product = Product::start().await;
    people(&product).await;
    let wanted = json!({ "rules": [{ "fields": ["phone"] }, { "fields": ["email"] }], "note": "по телефону и почте" });
    let job = product.post(&rules_path(&product, "/apply"), wanted).await;
    assert_eq!((&job["kind"], &job["state"]), (&json!("apply_rules"), &json!("waiting")));
    let job = ended(&product, &job).await;
    assert_eq!((&job["state"], &job["result"]["merges"]), (&json!("done"), &json!(1)), "{job}");
    assert_eq!(groups(&product).await, sets(&[&["a", "b", "c"]]));
    // A rule kept by its id stays the same rule; the other goes.
    let rules = product.get(&rules_path(&product, "")).await;
    let phone = rules["items"][0]["id"].clone();
    let wanted = json!({ "rules": [{ "id": phone, "fields": ["phone"], "verified_only": true }] });
    let job = product.post(&rules_path(&product, "/apply"), wanted).await;
    assert_eq!(ended(&product, &job).await["result"]["splits"], 1);
    let rules = product.get(&rules_path(&product, "")).await;
    assert_eq!((rules["items"].as_array().unwrap().len(), &rules["items"][0]["id"]), (1, &phone));
    assert_eq!(groups(&product).await, sets(&[&["a", "b"], &["c"]]));
}

#[tokio::test]
async fn a_list_that_could_never_work_is_refused_before_anything_changes() {
    let product = Product::start().await;
    let code = |rules: Value| {
        let (product, path) = (&product, rules_path(&product, "/apply"));
        async move {
            let (status, answer) = product.call(Method::POST, &path, Some(json!({ "rules": rules }))).await;
            (status, answer["errors"][0]["path"].clone(), answer["errors"][0]["code"].clone())
        }
    };
    let refused = |path: &str, code: &str| (StatusCode::UNPROCESSABLE_ENTITY, json!(path), json!(code));
    assert_eq!(code(json!([{ "fields": ["phone"] }, { "fields": [] }])).await, refused("rules.1.fields", "empty"));
    assert_eq!(code(json!([{ "fields": ["nick"] }])).await, refused("rules.0.fields", "unknown_field"));
    let unknown = json!([{ "id": format!("rul_{}", "0".repeat(32)), "fields": ["phone"] }]);
    assert_eq!(code(unknown).await, (StatusCode::NOT_FOUND, Value::Null, Value::Null), "no job begins");
}

#[tokio::test]
async fn the_last_change_is_undone_and_the_undo_is_undone_too() {
    let product = Product::start().await;
    people(&product).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["phone"] })).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["email"] })).await;
    let log = |rest: &str| product.project(&format!("/multi-contact-log{rest}"));
    let lines = product.get(&log("")).await;
    let [newest, older] = lines["items"].as_array().unwrap().as_slice() else { panic!("two lines: {lines}") };
    assert_eq!((&newest["can_undo"], &older["can_undo"]), (&json!(true), &json!(false)));
    assert_eq!((&newest["result"]["merges"], &newest["result"]["moved"]), (&json!(1), &json!(1)));
    assert_eq!(newest["before"]["rules"].as_array().unwrap().len(), 1);
    let path = log(&format!("/{}/undo", older["id"].as_str().unwrap()));
    let (status, answer) = product.call(Method::POST, &path, None).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("not_newest")));
    undo(&product, newest).await;
    assert_eq!(groups(&product).await, sets(&[&["a", "b"], &["c"]]));
    let lines = product.get(&log("?limit=1")).await;
    assert_eq!(lines["items"][0]["kind"], "undo");
    undo(&product, &lines["items"][0]).await;
    assert_eq!(groups(&product).await, sets(&[&["a", "b", "c"]]));
    let next = product.get(&log(&format!("?limit=1&cursor={}", lines["next_cursor"].as_str().unwrap()))).await;
    assert_eq!(next["items"][0]["id"], newest["id"]);
}

#[tokio::test]
async fn a_decision_by_hand_stands_in_the_log_and_can_be_undone() {
    let product = Product::start().await;
    people(&product).await;
    let contacts = product.get(&product.project("/contacts")).await;
    let id = |name: &str| {
        let items = contacts["items"].as_array().unwrap();
        items.iter().find(|c| c["external_id"] == name).unwrap()["id"].clone()
    };
    let link = json!({ "kind": "link", "contacts": [id("a"), id("c")], "note": "сёстры заказывают вместе" });
    product.post(&product.project("/multi-contact-overrides"), link).await;
    let lines = product.get(&product.project("/multi-contact-log")).await;
    let line = &lines["items"][0];
    assert_eq!((&line["kind"], &line["note"]), (&json!("override"), &json!("сёстры заказывают вместе")));
    undo(&product, line).await;
    assert_eq!(groups(&product).await, sets(&[&["a"], &["b"], &["c"]]));
    let again = product.get(&product.project("/multi-contact-log?limit=1")).await;
    undo(&product, &again["items"][0]).await;
    assert_eq!(groups(&product).await, sets(&[&["a", "c"], &["b"]]));
}

#[tokio::test]
async fn what_a_set_of_changes_did_stands_in_the_log_and_an_undo_takes_nothing_else_back() {
    let product = Product::start().await;
    people(&product).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["phone"] })).await;
    product.changes(json!([{ "op": "rule_add", "key": "mail", "fields": ["email"] }])).await;
    product.changes(json!([{ "op": "block_value", "field": "phone", "value": "89125550142" }])).await;
    let lines = product.get(&product.project("/multi-contact-log")).await;
    let kinds: Vec<&str> = lines["items"].as_array().unwrap().iter().map(|l| l["kind"].as_str().unwrap()).collect();
    assert_eq!(kinds, ["value", "rules", "rules"]);
    assert_eq!(lines["items"][1]["result"]["merges"], 1);
    undo(&product, &lines["items"][0]).await;
    let rules = product.get(&rules_path(&product, "")).await;
    assert_eq!(rules["items"].as_array().unwrap().len(), 2, "the undo of a blocked value leaves the rules alone");
    assert_eq!(groups(&product).await, sets(&[&["a", "b", "c"]]));
}

#[tokio::test]
async fn a_decision_by_hand_does_not_stand_in_the_way_of_undoing_rules() {
    let product = Product::start().await;
    people(&product).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["phone"] })).await;
    product.changes(json!([{ "op": "link", "a": "a", "b": "c" }])).await;
    let lines = product.get(&product.project("/multi-contact-log")).await;
    let [link, rule] = lines["items"].as_array().unwrap().as_slice() else { panic!("two lines: {lines}") };
    assert_eq!((&link["kind"], &link["can_undo"]), (&json!("override"), &json!(true)));
    assert_eq!((&rule["kind"], &rule["can_undo"]), (&json!("rules"), &json!(true)));
    undo(&product, rule).await;
    assert_eq!(groups(&product).await, sets(&[&["a", "c"], &["b"]]), "the link by hand stands");
}

#[tokio::test]
async fn an_undo_is_a_job_and_brings_deleted_and_edited_rules_back_by_their_ids() {
    let product = Product::start().await;
    people(&product).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["phone"] })).await;
    let email = product.post(&rules_path(&product, ""), json!({ "fields": ["email"] })).await;
    let settings_path = product.project("/multi-contact-settings");
    let (standing, settings) = (product.get(&rules_path(&product, "")).await, product.get(&settings_path).await);
    let wanted =
        json!({ "rules": [{ "id": email["id"], "fields": ["email", "phone"] }], "settings": { "hub_limit": 7 } });
    let job = product.post(&rules_path(&product, "/apply"), wanted).await;
    assert_eq!(ended(&product, &job).await["state"], "done");
    assert_eq!(groups(&product).await, sets(&[&["a"], &["b"], &["c"]]));
    let line = product.get(&product.project("/multi-contact-log?limit=1")).await["items"][0].clone();
    let path = product.project(&format!("/multi-contact-log/{}/undo", line["id"].as_str().unwrap()));
    let (status, job) = product.call(Method::POST, &path, None).await;
    assert_eq!((status, &job["kind"]), (StatusCode::ACCEPTED, &json!("undo_rules")));
    assert_eq!(ended(&product, &job).await["result"]["merges"], 1);
    assert_eq!(product.get(&rules_path(&product, "")).await, standing, "every rule is itself again");
    assert_eq!(product.get(&settings_path).await, settings);
    assert_eq!(groups(&product).await, sets(&[&["a", "b", "c"]]));
    assert_eq!(crate::multi_contacts::rebuild(&product).await, 0);
}

#[tokio::test]
async fn rules_looked_at_before_somebody_else_changed_them_are_not_applied() {
    let product = Product::start().await;
    people(&product).await;
    let basis = product.get(&rules_path(&product, "")).await["basis"].clone();
    let preview = |basis: Value| json!({ "rules": [{ "fields": ["phone"] }], "basis": basis });
    product.post(&rules_path(&product, "/preview"), preview(basis.clone())).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["email"] })).await;
    for rest in ["/preview", "/apply"] {
        let (status, answer) =
            product.call(Method::POST, &rules_path(&product, rest), Some(preview(basis.clone()))).await;
        assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("outdated_preview")), "{answer}");
    }
    // Two at once: the second finds what the first made.
    let basis = product.get(&rules_path(&product, "")).await["basis"].clone();
    let first = product.post(&rules_path(&product, "/apply"), preview(basis.clone())).await;
    let second = product.call(Method::POST, &rules_path(&product, "/apply"), Some(preview(basis))).await;
    assert_eq!(ended(&product, &first).await["state"], "done");
    let refused = match second {
        (StatusCode::CONFLICT, answer) => answer["code"].clone(),
        (_, job) => ended(&product, &job).await["error_code"].clone(),
    };
    assert_eq!(refused, "outdated_preview");
}

#[tokio::test]
async fn a_rule_that_proposes_joins_nobody_until_the_operator_accepts() {
    let product = Product::start().await;
    people(&product).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["phone"], "mode": "suggest" })).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["email"], "mode": "suggest" })).await;
    assert_eq!(groups(&product).await, sets(&[&["a"], &["b"], &["c"]]));
    let contacts = product.get(&product.project("/contacts")).await;
    let id = |name: &str| {
        let items = contacts["items"].as_array().unwrap();
        items.iter().find(|c| c["external_id"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let path = product.project(&format!("/contacts/{}/suggestions", id("b")));
    let proposed = |answer: &Value| {
        let items = answer["items"].as_array().unwrap();
        items.iter().map(|s| s["contact"]["external_id"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let answer = product.get(&path).await;
    assert_eq!(proposed(&answer), ["a", "c"]);
    assert_eq!(answer["items"][0]["field_values"], json!([{ "field": "phone", "value": "+79125550142" }]));
    let (status, _) = product.call(Method::POST, &format!("{path}/{}/refuse", id("c")), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(proposed(&product.get(&path).await), ["a"]);
    let link = json!({ "kind": "link", "contacts": [id("b"), id("a")] });
    product.post(&product.project("/multi-contact-overrides"), link).await;
    assert!(proposed(&product.get(&path).await).is_empty());
    assert_eq!(groups(&product).await, sets(&[&["a", "b"], &["c"]]));
}

#[tokio::test]
async fn what_a_rule_proposes_for_any_member_is_proposed_for_the_whole_client() {
    let product = Product::start().await;
    people(&product).await;
    product.changes(json!([{ "op": "create", "external_id": "d" }, { "op": "link", "a": "a", "b": "d" }])).await;
    product.post(&rules_path(&product, ""), json!({ "fields": ["phone"], "mode": "suggest" })).await;
    let contacts = product.get(&product.project("/contacts")).await;
    let id = |name: &str| {
        let items = contacts["items"].as_array().unwrap();
        items.iter().find(|c| c["external_id"] == name).unwrap()["id"].as_str().unwrap().to_owned()
    };
    let proposed = |name: &'static str| {
        let (product, path) = (&product, product.project(&format!("/contacts/{}/suggestions", id(name))));
        async move {
            let answer = product.get(&path).await;
            let pair = |s: &Value| (s["member_id"].clone(), s["contact"]["id"].clone());
            answer["items"].as_array().unwrap().iter().map(pair).collect::<Vec<_>>()
        }
    };
    let pair = |member: &str, other: &str| (json!(id(member)), json!(id(other)));
    assert_eq!(proposed("d").await, [pair("a", "b")], "d itself has no phone");
    assert_eq!(proposed("a").await, [pair("a", "b")]);
    product.changes(json!([{ "op": "set", "external_id": "d", "fields": { "phone": "89125550142" } }])).await;
    assert_eq!(proposed("d").await, [pair("d", "b")], "once, and for the contact that is open if it can be");
    let refuse = product.project(&format!("/contacts/{}/suggestions/{}/refuse", id("d"), id("b")));
    product.post(&refuse, json!({})).await;
    assert!(proposed("d").await.is_empty() && proposed("a").await.is_empty(), "refused for the client");
    assert_eq!(proposed("b").await, [], "and the other way round");
}

#[tokio::test]
async fn a_field_named_twice_in_a_rule_is_one_field() {
    let product = Product::start().await;
    let twice = json!({ "fields": ["phone", "email", "phone"] });
    let rule = product.post(&rules_path(&product, ""), twice.clone()).await;
    assert_eq!(rule["fields"], json!(["phone", "email"]));
    let path = rules_path(&product, &format!("/{}", rule["id"].as_str().unwrap()));
    let (_, rule) = product.call(Method::PATCH, &path, Some(json!({ "fields": ["email", "name", "email"] }))).await;
    assert_eq!(rule["fields"], json!(["email", "name"]));
    let apply = json!({ "rules": [{ "id": rule["id"], "fields": ["email", "name", "email"] }, twice] });
    let job = product.post(&rules_path(&product, "/apply"), apply).await;
    assert_eq!(ended(&product, &job).await["state"], "done");
    product.changes(json!([{ "op": "rule_add", "key": "k", "fields": ["name", "email", "name"] }])).await;
    let rules = product.get(&rules_path(&product, "")).await;
    let fields: Vec<_> = rules["items"].as_array().unwrap().iter().map(|rule| rule["fields"].clone()).collect();
    assert_eq!(fields, [json!(["email", "name"]), json!(["phone", "email"]), json!(["name", "email"])]);
}
