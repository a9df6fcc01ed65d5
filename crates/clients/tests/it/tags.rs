//! The project's list of tags, and what its changes do to clients.

use crate::jobs::ended;
use harness::{Browser, Product, join};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn lead(product: &Product) -> Browser {
    join(product, "lead@a.example", "admin", &[&product.account.project_id.to_string()]).await
}

async fn operator(product: &Product) -> Browser {
    join(product, "anna@a.example", "operator", &[&product.account.project_id.to_string()]).await
}

async fn list(product: &Product, name: &str, colour: &str) -> Value {
    product.post(&product.project("/tags"), json!({ "name": name, "colour": colour })).await
}

fn path(product: &Product, tag: &Value, rest: &str) -> String {
    product.project(&format!("/tags/{}{rest}", tag["id"].as_str().unwrap()))
}

async fn client(product: &Product, external_id: &str, tags: &[&str]) -> String {
    let made =
        product.post(&product.project("/contacts"), json!({ "channel": "api", "external_id": external_id })).await;
    let id = made["id"].as_str().unwrap().to_owned();
    let path = product.project(&format!("/contacts/{id}"));
    let (status, answer) = product.call(Method::PATCH, &path, Some(json!({ "tags": tags }))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    id
}

async fn tags_of(product: &Product, id: &str) -> Value {
    product.get(&product.project(&format!("/contacts/{id}"))).await["tags"].clone()
}

async fn names(product: &Product) -> Vec<String> {
    let listed = product.get(&product.project("/tags")).await;
    listed["items"].as_array().unwrap().iter().map(|tag| tag["name"].as_str().unwrap().to_owned()).collect()
}

async fn last_job(product: &Product) -> Value {
    let jobs = product.get(&product.project("/jobs?kind=retag")).await;
    ended(product, &jobs["items"][0]).await
}

#[tokio::test]
async fn tags_are_listed_in_an_order_with_their_colours() {
    let product = Product::start().await;
    let vip = list(&product, "VIP", "red").await;
    list(&product, "  Опт  ", "blue").await;
    let third = list(&product, "Новый", "green").await;
    assert_eq!(names(&product).await, ["VIP", "Опт", "Новый"]);
    assert_eq!((&vip["colour"], &third["position"]), (&json!("red"), &json!(2)));

    let moved = product.call(Method::PATCH, &path(&product, &third, ""), Some(json!({ "position": 0 }))).await;
    assert_eq!((moved.0, &moved.1["position"]), (StatusCode::OK, &json!(0)));
    assert_eq!(names(&product).await, ["Новый", "VIP", "Опт"]);
    let recoloured = product.call(Method::PATCH, &path(&product, &vip, ""), Some(json!({ "colour": "pink" }))).await;
    assert_eq!(recoloured.1["colour"], "pink");
    let page = product.get(&product.project("/tags?limit=2")).await;
    let cursor = page["next_cursor"].as_str().unwrap();
    let rest = product.get(&product.project(&format!("/tags?limit=2&cursor={cursor}"))).await;
    assert_eq!((&rest["items"][0]["name"], &rest["next_cursor"]), (&json!("Опт"), &Value::Null));
}

#[tokio::test]
async fn one_word_is_listed_once_and_what_nobody_can_read_is_none() {
    let product = Product::start().await;
    list(&product, "Счёт", "red").await;
    for (name, code) in [
        ("счет", "taken"),
        ("СЧЁТ", "taken"),
        ("", "wrong_form"),
        ("\u{202E}", "wrong_form"),
        ("\u{0}", "wrong_form"),
        (&"я".repeat(51), "wrong_form"),
        (&"я".repeat(10_240), "wrong_form"),
    ] {
        let (status, refused) =
            product.call(Method::POST, &product.project("/tags"), Some(json!({ "name": name }))).await;
        assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)), "{name}");
    }
    let colour = json!({ "name": "x", "colour": "#ff0000" });
    let refused = product.call(Method::POST, &product.project("/tags"), Some(colour)).await;
    assert_eq!(refused.0, StatusCode::UNPROCESSABLE_ENTITY);
    assert_eq!(list(&product, "Опт\u{202E}овый", "red").await["name"], "Оптовый");
}

#[tokio::test]
async fn two_leads_at_once_list_one_word_once() {
    let product = Product::start().await;
    let one = lead(&product).await;
    let path = product.project("/tags");
    let make = |name: &str| one.call(&product, Method::POST, &path, json!({ "name": name }));
    let (a, b, c) = tokio::join!(make("Ёлка"), make("елка"), make("ЕЛКА"));
    let mut found = [a.0, b.0, c.0];
    found.sort();
    assert_eq!(found, [StatusCode::CREATED, StatusCode::UNPROCESSABLE_ENTITY, StatusCode::UNPROCESSABLE_ENTITY]);
    assert_eq!(names(&product).await.len(), 1);
}

#[tokio::test]
async fn only_whoever_may_change_settings_changes_the_list() {
    let product = Product::start().await;
    let (lead, anna) = (lead(&product).await, operator(&product).await);
    let listed = product.project("/tags");
    let (status, tag) = lead.call(&product, Method::POST, &listed, json!({ "name": "Опт" })).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(anna.get(&product, &listed).await["items"][0]["name"], "Опт", "everybody sees it");
    for (method, path, body) in [
        (Method::POST, listed.clone(), json!({ "name": "x" })),
        (Method::PATCH, path(&product, &tag, ""), json!({ "name": "x" })),
        (Method::DELETE, path(&product, &tag, "?from_clients=true"), json!({})),
        (Method::POST, path(&product, &tag, "/merge"), json!({ "into": tag["id"] })),
        (Method::GET, path(&product, &tag, "/usage"), json!({})),
    ] {
        assert_eq!(anna.call(&product, method, &path, body).await.0, StatusCode::FORBIDDEN, "{path}");
    }
    let writing = lead.key(&product, &["read", "write"]).await;
    let by_key = product.call_as(&writing, Method::POST, &listed, Some(json!({ "name": "x" }))).await;
    assert_eq!(by_key.0, StatusCode::FORBIDDEN, "a key needs the scope of settings");
}

#[tokio::test]
async fn clients_follow_another_name_however_the_tag_was_written() {
    let product = Product::start().await;
    let both = client(&product, "both", &["опт", "Оптовик", "VIP"]).await;
    let other = client(&product, "other", &["VIP"]).await;
    let tag = list(&product, "Опт", "red").await;
    let one = client(&product, "one", &["ОПТ", "VIP"]).await;
    assert_eq!(tags_of(&product, &one).await, json!(["Опт", "VIP"]), "as the list writes it");
    let mut many = Vec::new();
    for n in 0..300 {
        many.push(client(&product, &format!("m{n}"), &["Опт"]).await);
    }

    let usage = product.get(&path(&product, &tag, "/usage")).await;
    assert_eq!(usage["contacts"], 301, "as the list writes it");
    let renamed = product.call(Method::PATCH, &path(&product, &tag, ""), Some(json!({ "name": "Оптовик" }))).await;
    assert_eq!((renamed.0, &renamed.1["name"]), (StatusCode::OK, &json!("Оптовик")));
    let job = last_job(&product).await;
    assert_eq!((&job["state"], &job["result"]["contacts"]), (&json!("done"), &json!(302)), "{job}");
    assert_eq!(tags_of(&product, &both).await, json!(["Оптовик", "VIP"]), "each once, in its place");
    assert_eq!(tags_of(&product, &one).await, json!(["Оптовик", "VIP"]));
    assert_eq!(tags_of(&product, &other).await, json!(["VIP"]));
    for id in many {
        assert_eq!(tags_of(&product, &id).await, json!(["Оптовик"]));
    }
    let found = product.get(&product.project("/contacts?tag=%D0%9E%D0%BF%D1%82%D0%BE%D0%B2%D0%B8%D0%BA&limit=1")).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1, "lists find it by its new name");
}

#[tokio::test]
async fn a_tag_is_merged_or_taken_away_with_and_without_its_clients() {
    let product = Product::start().await;
    let (opt, vip) = (list(&product, "Опт", "red").await, list(&product, "VIP", "blue").await);
    let one = client(&product, "one", &["Опт", "VIP", "свой"]).await;
    let itself = product.call(Method::POST, &path(&product, &opt, "/merge"), Some(json!({ "into": opt["id"] }))).await;
    assert_eq!(itself.0, StatusCode::UNPROCESSABLE_ENTITY);
    let (status, job) =
        product.call(Method::POST, &path(&product, &opt, "/merge"), Some(json!({ "into": vip["id"] }))).await;
    assert_eq!(status, StatusCode::ACCEPTED, "{job}");
    assert_eq!(ended(&product, &job).await["result"]["contacts"], 1);
    assert_eq!(tags_of(&product, &one).await, json!(["VIP", "свой"]));
    assert_eq!(names(&product).await, ["VIP"]);
    let again = product.call(Method::POST, &path(&product, &opt, "/merge"), Some(json!({ "into": vip["id"] }))).await;
    assert_eq!(again.0, StatusCode::NOT_FOUND, "twice");

    let (status, _) = product.call(Method::DELETE, &path(&product, &vip, ""), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    assert_eq!(tags_of(&product, &one).await, json!(["VIP", "свой"]), "clients keep the word");
    let vip = list(&product, "VIP", "green").await;
    let (status, job) = product.call(Method::DELETE, &path(&product, &vip, "?from_clients=true"), None).await;
    assert_eq!(status, StatusCode::ACCEPTED);
    ended(&product, &job).await;
    assert_eq!(tags_of(&product, &one).await, json!(["свой"]));
}

#[tokio::test]
async fn a_project_that_keeps_to_its_list_takes_other_words_from_programs_alone() {
    let product = Product::start().await;
    let anna = operator(&product).await;
    list(&product, "VIP", "red").await;
    let one = client(&product, "one", &["старый"]).await;
    let of = product.project(&format!("/contacts/{one}"));
    let set = |tags: Value| anna.call(&product, Method::PATCH, &of, json!({ "tags": tags }));
    assert_eq!(set(json!(["старый", "свой"])).await.0, StatusCode::OK, "any word by default");
    let closed = product.call(Method::PATCH, &product.project(""), Some(json!({ "free_tags": false }))).await;
    assert_eq!((closed.0, &closed.1["free_tags"]), (StatusCode::OK, &json!(false)));

    let (status, refused) = set(json!(["старый", "свой", "новый"])).await;
    assert_eq!((status, &refused["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_listed")));
    assert_eq!(set(json!(["старый", "vip"])).await.0, StatusCode::OK, "what is there may stay, and go");
    assert_eq!(tags_of(&product, &one).await, json!(["старый", "VIP"]));
    let by_key = product.call(Method::PATCH, &of, Some(json!({ "tags": ["от программы"] }))).await;
    assert_eq!(by_key.0, StatusCode::OK);
}

#[tokio::test]
async fn where_a_tag_is_named_is_told_before_it_is_renamed() {
    let product = Product::start().await;
    let tag = list(&product, "Опт", "red").await;
    let block = json!({ "id": "b1", "type": "tag", "pos": [0, 0], "settings": { "add": ["опт"], "remove": [] } });
    let document = json!({ "schema": 1, "launch": [], "blocks": [block], "edges": [] });
    let scenario = json!({ "name": "Метит", "document": document });
    let scenario = product.post(&product.project("/scenarios"), scenario).await;
    let said = json!({ "id": "b1", "type": "message", "pos": [0, 0], "settings": { "text": "Опт" } });
    let other = json!({ "schema": 1, "launch": [], "blocks": [said], "edges": [] });
    product.post(&product.project("/scenarios"), json!({ "name": "Говорит", "document": other })).await;
    let view = json!({ "name": "Оптовые", "query": { "tag": "Опт" }, "shared": true });
    let view = product.post(&product.project("/saved-views"), view).await;
    let audience = json!({ "all": [{ "any": [{ "tag": "опт" }, { "field": "email", "op": "is_filled" }] }] });
    let segment =
        product.post(&product.project("/segments"), json!({ "name": "Оптовики", "audience": audience })).await;
    let usage = product.get(&path(&product, &tag, "/usage")).await;
    assert_eq!(usage["segments"], json!([{ "id": segment["id"], "name": "Оптовики" }]));
    let of_field = product.get(&product.project("/fields/email/usage")).await;
    assert_eq!(of_field["segments"], usage["segments"]);
    assert_eq!(product.get(&product.project("/fields/phone/usage")).await["segments"], json!([]));
    assert_eq!(usage["scenarios"], json!([{ "id": scenario["id"], "name": "Метит" }]));
    assert_eq!(usage["views"], json!([{ "id": view["id"], "name": "Оптовые" }]));
    assert_eq!((&usage["contacts"], &usage["mailings"], &usage["auto_actions"]), (&json!(0), &json!([]), &json!([])));
}

#[tokio::test]
async fn tags_are_set_found_by_and_kept_within_limits() {
    let product = Product::start().await;
    for name in ["a", "b"] {
        product.post(&product.project("/contacts"), json!({ "channel": "api", "external_id": name })).await;
    }
    let contacts = product.get(&product.project("/contacts?q=a")).await;
    let path = product.project(&format!("/contacts/{}", contacts["items"][0]["id"].as_str().unwrap()));
    let tagged = |tags: Value| product.call(Method::PATCH, &path, Some(json!({ "tags": tags })));
    let (status, contact) = tagged(json!([" vip ", "опт", "vip"])).await;
    assert_eq!((status, &contact["tags"]), (StatusCode::OK, &json!(["vip", "опт"])));
    let found = product.get(&product.project("/contacts?tag=vip")).await;
    assert_eq!(found["items"].as_array().unwrap().len(), 1);
    assert_eq!(product.get(&product.project("/contacts?tag=vi")).await["items"], json!([]), "a whole tag");
    let many: Vec<String> = (0..51).map(|n| n.to_string()).collect();
    for (tags, code) in [(json!([""]), "empty"), (json!(["x".repeat(51)]), "too_long"), (json!(many), "too_many")] {
        let (status, answer) = tagged(tags).await;
        assert_eq!((status, &answer["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!(code)));
    }
    let (_, contact) = tagged(json!([])).await;
    assert_eq!(contact["tags"], json!([]));
}
