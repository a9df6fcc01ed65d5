//! A person who is erased leaves nothing behind; others keep everything (D17).

use crate::jobs::ended;
use db::{Dialect, sql};
use harness::Shop;
use harness::{Product, Socket, answer};
use model::Refusal;

use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

const CANARY: &str = "канарейка7361";
const PHONE: &str = "9127361001";

/// How many stored texts hold these words.
async fn traces(product: &Product, words: &str) -> i64 {
    let like = format!("%{words}%");
    let read = product.app.messaging.read(&product.account.account_id, move |cx| {
        Box::pin(async move {
            let query = sql!(
                "SELECT COUNT(*) FROM (
                   SELECT data AS text FROM events WHERE account_id = $1
                   UNION ALL SELECT body FROM inbound_journal WHERE account_id = $1
                   UNION ALL SELECT content FROM messages WHERE account_id = $1
                   UNION ALL SELECT value FROM field_values WHERE account_id = $1
                   UNION ALL SELECT value FROM archived_values WHERE account_id = $1
                   UNION ALL SELECT field_values FROM value_history WHERE account_id = $1
                   UNION ALL SELECT COALESCE(entries, '') FROM value_history WHERE account_id = $1
                   UNION ALL SELECT entries FROM value_history WHERE account_id = $1
                   UNION ALL SELECT search FROM contacts WHERE account_id = $1
                   UNION ALL SELECT name FROM files WHERE account_id = $1
                   UNION ALL SELECT key_text FROM rule_keys WHERE account_id = $1
                   UNION ALL SELECT payload FROM jobs WHERE account_id = $1
                   UNION ALL SELECT COALESCE(note, '') FROM multi_contact_log WHERE account_id = $1
                   UNION ALL SELECT state_before FROM multi_contact_log WHERE account_id = $1
                   UNION ALL SELECT state_after FROM multi_contact_log WHERE account_id = $1) AS texts WHERE text LIKE $2"
            );
            Ok::<_, Refusal>(query.bind(cx.account).bind(&like).one::<(i64,)>(cx.tx).await?.0)
        })
    });
    read.await.unwrap()
}

/// Whether a copy of everything stored holds these words; only SQLite can be looked through as a whole.
async fn is_in_backup(product: &Product, words: &str) -> bool {
    if product.app.messaging.db.dialect() == Dialect::Postgres {
        return false;
    }
    let copy = product.test_db.folder.join(format!("copy-{}.db", words.len()));
    product.app.messaging.db.backup_to(&copy).await.unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    std::fs::remove_file(&copy).unwrap();
    bytes.windows(words.len()).any(|part| part == words.as_bytes())
}

async fn sends_a_picture(product: &Product, visitor: &mut Socket, name: &str) -> Value {
    let file = uploads_a_picture(product, visitor, name).await;
    let content = json!({ "text": "", "attachments": [file["id"]] });
    visitor.send(json!({ "type": "message", "client_id": "picture", "content": content })).await;
    visitor.expect("ack").await;
    file
}

async fn uploads_a_picture(product: &Product, visitor: &Socket, name: &str) -> Value {
    let part = reqwest::multipart::Part::bytes(harness::PIXEL.to_vec()).file_name(format!("{name}.png"));
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = product.http.post(product.url("/w/v1/files")).header("x-otklik-site", &product.account.site_key);
    let (status, file) = answer(request.header("x-otklik-visitor", visitor.token()).multipart(form)).await;
    assert_eq!(status, StatusCode::CREATED);
    file
}

#[tokio::test]
async fn an_erased_person_leaves_nothing_behind_and_others_keep_everything() {
    let shop = Shop::open().await;
    let product = &shop.product;
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    let mut operator = product.operator().await;
    let mut visitor = product.visitor().await;
    visitor.say("1", CANARY).await;
    for name in [CANARY, "Марина"] {
        visitor.send(json!({ "type": "fields", "fields": { "phone": PHONE, "name": name } })).await;
        visitor.expect("fields").await;
    }
    let file = sends_a_picture(product, &mut visitor, CANARY).await;
    let never_sent = uploads_a_picture(product, &visitor, CANARY).await;
    let mut neighbour = product.visitor().await;
    neighbour.say("1", "сосед пишет").await;
    let kept = sends_a_picture(product, &mut neighbour, "сосед").await;

    shop.update(&shop.text(1, CANARY)).await;
    let mut share = shop.text(7, "");
    share["message"]["contact"] = json!({ "phone_number": format!("7{PHONE}"), "first_name": CANARY, "user_id": 5 });
    shop.update(&share).await;
    let joined = operator.event("multi_contact.changed").await;
    let id = joined["groups"][0]["contact_ids"][1].as_str().unwrap().to_owned();
    assert!(traces(product, CANARY).await > 5 && traces(product, PHONE).await > 5);

    let path = product.project(&format!("/contacts/{id}/erase"));
    let job = ended(product, &product.post(&path, json!({ "whole_client": true })).await).await;
    assert_eq!(job["state"], "done", "{job}");
    let report = &job["result"];
    assert_eq!((&report["contacts"], &report["conversations"], &report["files"]), (&json!(2), &json!(2), &json!(2)));
    assert_eq!(report["inbound"], 2);
    assert!(report["messages"].as_u64() >= Some(3) && report["events"].as_u64() > Some(5), "{report}");

    for words in [CANARY, PHONE] {
        assert_eq!(traces(product, words).await, 0, "{words}");
        assert!(!is_in_backup(product, words).await, "{words}");
    }
    for (file, status) in [(file, 404), (never_sent, 404), (kept, 200)] {
        let shown = product.http.get(product.url(file["url"].as_str().unwrap())).send().await.unwrap();
        assert_eq!(shown.status(), status);
    }
    assert_eq!(product.get(&product.project("/contacts")).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(traces(product, "сосед пишет").await, 1, "the message; its event only names it");

    // A provider that repeats itself does not bring the person back.
    shop.update(&shop.text(1, CANARY)).await;
    assert_eq!(traces(product, CANARY).await, 0);
}

#[tokio::test]
async fn only_the_contact_itself_goes_unless_the_whole_client_is_meant() {
    let product = Product::start().await;
    let create = |name: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": PHONE } });
    product
        .changes(
            json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }, create("a"), create("b"), create("c")]),
        )
        .await;
    let contacts = product.get(&product.project("/contacts")).await;
    let of_name = |name: &str| {
        let found = contacts["items"].as_array().unwrap().iter().find(|contact| contact["external_id"] == name);
        product.project(&format!("/contacts/{}/erase", found.unwrap()["id"].as_str().unwrap()))
    };
    let job = ended(&product, &product.post(&of_name("b"), json!({})).await).await;
    assert_eq!(job["result"]["contacts"], 1);
    let left = product.get(&product.project("/multi-contacts")).await;
    assert_eq!(left["items"][0]["contacts"].as_array().unwrap().len(), 2);
    let (status, _) = product.call(Method::POST, &of_name("b"), Some(json!({}))).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "what is gone cannot be erased again");
}

/// Kept answers of an account: what they say, in the clear or sealed, and of whom they speak.
async fn kept_answers(product: &Product) -> Vec<(String, String)> {
    let read = product.app.messaging.read(&product.account.account_id, |cx| {
        Box::pin(async move {
            let query = sql!("SELECT response, mentions FROM idempotency_keys WHERE account_id = $1");
            Ok::<_, Refusal>(query.bind(cx.account).all::<(String, String)>(cx.tx).await?)
        })
    });
    read.await.unwrap()
}

#[tokio::test]
async fn kept_answers_are_sealed_repeated_and_gone_with_the_client_they_speak_of() {
    let product = Product::start().await;
    let call = async |key: &str, path: &str, body: Value| {
        let request = product.http.post(product.url(path)).bearer_auth(&product.account.api_key);
        answer(request.header("idempotency-key", key).json(&body)).await
    };
    let contact = json!({ "channel": "api", "external_id": "c", "fields": { "name": CANARY } });
    let (_, made) = call("one", &product.project("/contacts"), contact.clone()).await;
    let (_, key) = call("two", "/api/v1/api-keys", json!({ "title": "x", "scopes": ["read"] })).await;
    let secret = key["key"].as_str().unwrap();
    for (sealed, mentions) in kept_answers(&product).await {
        assert!(
            !sealed.contains(CANARY) && !sealed.contains(secret) && !mentions.contains(CANARY),
            "{sealed} {mentions}"
        );
    }
    assert_eq!(call("one", &product.project("/contacts"), contact).await.1, made, "and repeated as it was");
    let again = call("two", "/api/v1/api-keys", json!({ "title": "x", "scopes": ["read"] })).await;
    assert_eq!(again.1["key"], key["key"]);
    let path = product.project(&format!("/contacts/{}/erase", made["id"].as_str().unwrap()));
    let job = product.post(&path, json!({})).await;
    ended(&product, &job).await;
    let left = kept_answers(&product).await;
    assert_eq!(left.len(), 1, "the other one stays");
    assert!(!left[0].1.contains(made["id"].as_str().unwrap()));
}

#[tokio::test]
async fn what_was_decided_by_hand_about_an_erased_person_is_forgotten_and_that_it_was_decided_stays() {
    let product = Product::start().await;
    let create = |name: &str| json!({ "op": "create", "external_id": name, "fields": { "phone": "" } });
    product.changes(json!([create("a"), create("b")])).await;
    let contacts = product.get(&product.project("/contacts")).await;
    let ids: Vec<&str> =
        contacts["items"].as_array().unwrap().iter().map(|contact| contact["id"].as_str().unwrap()).collect();
    let link = json!({ "kind": "link", "contacts": ids, "note": CANARY });
    product.post(&product.project("/multi-contact-overrides"), link).await;
    assert!(traces(&product, CANARY).await > 0 && traces(&product, ids[0]).await > 0);

    let job = product.post(&product.project(&format!("/contacts/{}/erase", ids[0])), json!({})).await;
    assert_eq!(ended(&product, &job).await["state"], "done");
    let log = product.get(&product.project("/multi-contact-log")).await;
    let lines = log["items"].as_array().unwrap();
    assert!(lines.iter().any(|line| line["kind"] == "override"), "{log}");
    assert!(!log.to_string().contains(CANARY) && !log.to_string().contains(ids[0]), "{log}");
    assert_eq!(traces(&product, CANARY).await, 0);
}

#[tokio::test]
async fn whoever_is_in_the_ledger_and_comes_back_with_an_older_copy_is_erased_again() {
    let product = Product::start().await;
    let create = |name: &str| json!({ "op": "create", "external_id": name, "fields": { "name": name } });
    product.changes(json!([create("erased"), create("stays")])).await;
    let contacts = product.get(&product.project("/contacts")).await;
    let of_name = |name: &str| {
        let found = contacts["items"].as_array().unwrap().iter().find(|contact| contact["external_id"] == name);
        found.unwrap()["id"].as_str().unwrap().to_owned()
    };
    // As an erasure notes it that came after the copy was made; another account's line finds nobody here.
    let service = &product.app.messaging;
    let line = json!({ "project": product.account.project_id, "contacts": [of_name("erased")] }).to_string();
    let job = model::JobId::new(service.env.ids());
    service.files.note_erased(&product.account.account_id, &job, line).await.unwrap();
    assert_eq!(clients::erase::replay(service).await.unwrap(), 1);

    let jobs = product.get(&product.project("/jobs?kind=erase")).await;
    assert_eq!(ended(&product, &jobs["items"][0]).await["state"], "done");
    let left = product.get(&product.project("/contacts")).await;
    let names: Vec<&Value> = left["items"].as_array().unwrap().iter().map(|contact| &contact["external_id"]).collect();
    assert_eq!(names, ["stays"]);
    assert_eq!(clients::erase::replay(service).await.unwrap(), 0, "nobody is left to be erased");
}
