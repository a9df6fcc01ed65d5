//! Values that nothing can be compared with, as a phone `12`: kept as given with the reason, never verified, they join nobody and part
//! nobody; and edits that are taken back (issue 13, line 27).

use crate::multi_contacts::{groups, rebuild};
use crate::tables::{exported, imported};
use harness::{PASSWORD, Product, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PHONE: &str = "+7 912 555-01-42";

/// Two contacts that a phone joins, and the path of the first.
async fn joined(product: &Product) -> String {
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    contact(product, "b", json!({ "phone": PHONE })).await;
    let path = contact(product, "a", json!({ "phone": "8 (912) 555 01 42" })).await;
    assert_eq!(groups(product).await, together());
    path
}

async fn contact(product: &Product, name: &str, fields: Value) -> String {
    let new = json!({ "channel": "api", "external_id": name, "fields": fields });
    let made = product.post(&product.project("/contacts"), new).await;
    product.project(&format!("/contacts/{}", made["id"].as_str().unwrap()))
}

fn together() -> BTreeSet<Vec<String>> {
    [vec!["a".to_owned(), "b".to_owned()]].into()
}

fn apart() -> BTreeSet<Vec<String>> {
    [vec!["a".to_owned()], vec!["b".to_owned()]].into()
}

async fn set(product: &Product, path: &str, fields: Value) -> Value {
    let (status, contact) = product.call(Method::PATCH, path, Some(json!({ "fields": fields }))).await;
    assert_eq!(status, StatusCode::OK, "{contact}");
    contact["fields"].clone()
}

#[tokio::test]
async fn an_operators_phone_12_is_kept_with_its_reason_unverified_and_parts_nobody() {
    let product = Product::start().await;
    let path = joined(&product).await;
    let anna = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let edit = json!({ "fields": { "phone": ["12"] } });
    let (status, contact) = anna.call(&product, Method::PATCH, &path, edit).await;
    assert_eq!(status, StatusCode::OK, "{contact}");
    let phones = contact["fields"]["phone"].as_array().unwrap();
    let [phone] = phones.as_slice() else { panic!("as it was given: {phones:?}") };
    assert_eq!((&phone["value"], &phone["source"]), (&json!("12"), &json!("operator")));
    assert_eq!((&phone["verified"], &phone["unusable"]), (&json!(false), &json!("invalid")));
    assert_eq!(phone["still_compared"], json!(["8 (912) 555 01 42"]));
    assert_eq!(groups(&product).await, together());
    assert_eq!(rebuild(&product).await, 0);
    // Somebody with the same "12" is nobody's neighbour.
    contact_with_12_is_alone(&product).await;
    let history = product.get(&format!("{path}/fields/phone/history")).await;
    assert_eq!(history["items"][0]["what"], "set", "it is no visitor's claim: {history}");
    let found = product.get(&product.project("/contacts?q=89125550142")).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 2, "who is compared by a number is found by it");
}

async fn contact_with_12_is_alone(product: &Product) {
    contact(product, "c", json!({ "phone": "12" })).await;
    let mut expected = together();
    expected.insert(vec!["c".to_owned()]);
    assert_eq!(groups(product).await, expected);
}

#[tokio::test]
async fn a_usable_value_ends_what_stood_behind_an_unusable_one_and_so_does_an_emptied_field() {
    let product = Product::start().await;
    let path = joined(&product).await;
    for (value, expected) in [
        (json!(["+7 912 555-01-43"]), apart()),
        (json!([PHONE]), together()),
        (json!(["12"]), together()),
        (json!(["13", "1111111111"]), together()),
        (Value::Null, apart()),
        (json!([PHONE]), together()),
        (json!(["12"]), together()),
        // Whoever writes that there is none says so.
        (json!(["нет"]), apart()),
        (json!(["+7 912 555 01 42"]), together()),
    ] {
        set(&product, &path, json!({ "phone": value })).await;
        assert_eq!(groups(&product).await, expected, "{value}");
        assert_eq!(rebuild(&product).await, 0, "{value}");
    }
    let fields = set(&product, &path, json!({ "phone": ["12", PHONE] })).await;
    assert_eq!(fields["phone"][0].get("still_compared"), None, "nothing stands behind it: {fields}");
    assert_eq!((&fields["phone"][1]["verified"], fields["phone"][1].get("unusable")), (&json!(true), None));
}

#[tokio::test]
async fn an_unusable_value_of_a_visitor_a_program_or_a_set_of_changes_parts_nobody() {
    let product = Product::start().await;
    let path = joined(&product).await;
    product.changes(json!([{ "op": "set", "external_id": "a", "fields": { "phone": "12" } }])).await;
    assert_eq!(groups(&product).await, together());
    let phone = product.get(&path).await["fields"]["phone"][0].clone();
    assert_eq!((&phone["verified"], &phone["unusable"]), (&json!(false), &json!("invalid")));
    // What a visitor wrote before is not lost by what the visitor writes now.
    let mut visitor = product.visitor().await;
    let mut last = Value::Null;
    for phone in [PHONE, "12"] {
        visitor.send(json!({ "type": "fields", "fields": { "phone": phone }, "client_id": phone })).await;
        last = visitor.expect("fields").await;
    }
    let id = last["contact_id"].as_str().unwrap();
    let contact = product.get(&product.project(&format!("/contacts/{id}"))).await;
    assert_eq!(contact["fields"]["phone"][0]["still_compared"], json!([PHONE]), "{contact}");
    let group = product.get(&product.project(&format!("/contacts/{id}/multi-contact"))).await;
    assert_eq!(group["contacts"].as_array().unwrap().len(), 3, "{group}");
    // What is attested is not lost by a visitor's word that comes after, whatever stands before it.
    let path = product.project(&format!("/contacts/{id}"));
    set(&product, &path, json!({ "phone": PHONE })).await;
    set(&product, &path, json!({ "phone": "12" })).await;
    visitor.send(json!({ "type": "fields", "fields": { "phone": "+79125550199" }, "client_id": "c-3" })).await;
    visitor.expect("fields").await;
    let phones = product.get(&path).await["fields"]["phone"].clone();
    assert_eq!((&phones[0]["value"], &phones[1]["value"]), (&json!("12"), &json!("+79125550199")), "{phones}");
    let group = product.get(&product.project(&format!("/contacts/{id}/multi-contact"))).await;
    assert_eq!(group["contacts"].as_array().unwrap().len(), 3, "{group}");
    assert_eq!(rebuild(&product).await, 0);
}

#[tokio::test]
async fn an_unusable_value_of_an_exclusive_field_is_no_conflict() {
    let product = Product::start().await;
    let field = json!({ "key": "passport", "title": "Телефон отца", "kind": "phone", "exclusive": true });
    product.post(&product.project("/fields"), field).await;
    let path = joined(&product).await;
    set(&product, &path, json!({ "passport": "+7 912 555-77-01" })).await;
    let other = product.get(&product.project("/contacts?q=b")).await["items"][0]["id"].clone();
    let other = product.project(&format!("/contacts/{}", other.as_str().unwrap()));
    set(&product, &other, json!({ "passport": "12" })).await;
    assert_eq!(product.get(&product.project("/multi-contact-conflicts")).await["items"], json!([]));
    assert_eq!(groups(&product).await, together());
}

#[tokio::test]
async fn a_choice_that_says_no_is_as_good_as_any_other() {
    let product = Product::start().await;
    let field = json!({ "key": "vip", "title": "VIP", "kind": "list", "options": ["Да", "Нет"] });
    product.post(&product.project("/fields"), field).await;
    let path = contact(&product, "a", json!({})).await;
    let fields = set(&product, &path, json!({ "vip": "Нет", "name": "-" })).await;
    assert_eq!((&fields["vip"][0]["verified"], fields["vip"][0].get("unusable")), (&json!(true), None));
    assert_eq!(fields["name"][0]["unusable"], "placeholder");
}

#[tokio::test]
async fn an_edit_is_taken_back_with_who_said_what_stood_before() {
    let product = Product::start().await;
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    contact(&product, "b", json!({ "phone": PHONE })).await;
    let mut visitor = product.visitor().await;
    visitor.send(json!({ "type": "fields", "fields": { "phone": PHONE }, "client_id": "c-1" })).await;
    let said = visitor.expect("fields").await;
    let path = product.project(&format!("/contacts/{}", said["contact_id"].as_str().unwrap()));
    let anna = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let undo = |key: &str, values: Value| {
        let (anna, product, path) = (&anna, &product, format!("{path}/fields/{key}/undo"));
        async move { anna.call(product, Method::POST, &path, json!({ "values": values })).await }
    };
    let edit = |fields: Value| {
        let (anna, product, path) = (&anna, &product, path.clone());
        async move { anna.call(product, Method::PATCH, &path, json!({ "fields": fields })).await.1["fields"].clone() }
    };
    let before = product.get(&path).await["fields"].clone();
    assert_eq!((&before["phone"][0]["verified"], &before["phone"][0]["source"]), (&json!(false), &json!("javascript")));
    let joined = groups(&product).await;

    edit(json!({ "phone": ["12"] })).await;
    let (status, contact) = undo("phone", json!(["12"])).await;
    assert_eq!((status, &contact["fields"]), (StatusCode::OK, &before), "a claim stays one");
    for next in [json!({ "phone": ["+79125550199", "12"] }), json!({ "phone": null })] {
        let stands = edit(next).await;
        let stands = stands["phone"].as_array().map(|values| values.iter().map(|v| v["value"].clone()).collect());
        let (status, contact) = undo("phone", stands.unwrap_or(json!([]))).await;
        assert_eq!((status, &contact["fields"]), (StatusCode::OK, &before));
        assert_eq!(groups(&product).await, joined);
    }
    // A field that was empty is empty again, and an undo is undone.
    edit(json!({ "name": "Нина" })).await;
    let (status, contact) = undo("name", json!(["Нина"])).await;
    assert_eq!((status, contact["fields"].get("name"), &contact["name"]), (StatusCode::OK, None, &Value::Null));
    // What a colleague wrote meanwhile is not taken away.
    edit(json!({ "name": "Нина" })).await;
    set(&product, &path, json!({ "name": "Нина Ким" })).await;
    let (status, answer) = undo("name", json!(["Нина"])).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("changed_since")), "{answer}");
    let (status, contact) = undo("name", json!(["Нина Ким"])).await;
    assert_eq!((status, &contact["name"]), (StatusCode::OK, &json!("Нина")));
    assert_eq!(rebuild(&product).await, 0);
}

#[tokio::test]
async fn a_table_keeps_unusable_values_says_so_row_by_row_and_gives_them_back() {
    let product = Product::start().await;
    joined(&product).await;
    let table = "external_id;Имя;Мобильный телефон;E-mail\n\
        a;;12;\n\
        n-1;Нина;+7 912 555-77-01;нет\n\
        n-2;Олег;1111111111;олег\n";
    for query in ["?dry_run=true", "", ""] {
        let result = imported(&product, query, table).await;
        assert_eq!((&result["refused"], &result["unusable"]), (&json!(0), &json!(4)), "{query}: {result}");
        let told: Vec<_> = result["unusable_values"].as_array().unwrap().iter().collect();
        let told: Vec<_> = told.iter().map(|one| (&one["row"], &one["column"], &one["code"])).collect();
        let (phone, mail) = (json!("Мобильный телефон"), json!("E-mail"));
        let expected = [
            (&json!(2), &phone, &json!("invalid")),
            (&json!(3), &mail, &json!("placeholder")),
            (&json!(4), &mail, &json!("invalid")),
            (&json!(4), &phone, &json!("garbage")),
        ];
        assert_eq!(told, expected, "{query}");
    }
    let group = groups(&product).await;
    assert!(group.contains(&vec!["a".to_owned(), "b".to_owned()]), "{group:?}");
    let kept = product.get(&product.project("/contacts?q=n-2")).await["items"][0]["fields"].clone();
    assert_eq!((&kept["phone"][0]["value"], &kept["phone"][0]["unusable"]), (&json!("1111111111"), &json!("garbage")));
    let table = exported(&product).await;
    assert!(table.contains("1111111111") && table.contains("олег"), "{table}");
    let again = imported(&product, "", &table).await;
    assert_eq!((&again["changed"], &again["refused"]), (&json!(0), &json!(0)), "{again}");
}
