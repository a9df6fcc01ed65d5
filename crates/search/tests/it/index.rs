//! The index follows what is said, changed and taken away, and is filled for those who were there before.

use crate::support::{ask, hits, indexed};
use db::{Dialect, Scope, sql};
use harness::{Product, Shop, until};
use model::Refusal;
use reqwest::{Method, StatusCode};
use serde_json::json;

async fn count(product: &Product, q: &str) -> usize {
    hits(product, &[("q", q)]).await.len()
}

#[tokio::test]
async fn what_is_said_is_found_by_itself_before_long() {
    let product = Product::start().await;
    product.visitor().await.say("1", "магнолия цветёт").await;
    until("the message is found", async || count(&product, "магнолии").await == 1).await;
}

#[tokio::test]
async fn an_edit_and_another_name_are_followed() {
    let shop = Shop::open().await;
    let product = &shop.product;
    let mut operator = product.operator().await;
    shop.update(&shop.text(1, "яблоко")).await;
    operator.event("message.created").await;
    indexed(product).await;
    assert_eq!(count(product, "яблоко").await, 1);
    let mut edit = shop.text(2, "груша");
    let mut message = edit["message"].take();
    message["message_id"] = shop.text(1, "")["message"]["message_id"].clone();
    message["edit_date"] = json!(1_700_000_000);
    shop.update(&json!({ "update_id": 2, "edited_message": message })).await;
    operator.event("message.updated").await;
    indexed(product).await;
    assert_eq!((count(product, "яблоко").await, count(product, "груша").await), (0, 1));
    let contact = hits(product, &[("q", "груша")]).await[0]["contact_id"].as_str().unwrap().to_owned();
    let path = product.project(&format!("/contacts/{contact}"));
    for (name, gone) in [("Снегурочка", "Дед"), ("Дед", "Снегурочка")] {
        let (status, body) = product.call(Method::PATCH, &path, Some(json!({ "fields": { "name": name } }))).await;
        assert_eq!(status, StatusCode::OK, "{body}");
        indexed(product).await;
        let kinds = ("kinds", "contact,conversation");
        assert_eq!(hits(product, &[("q", name), kinds]).await.len(), 2);
        assert_eq!(hits(product, &[("q", gone), kinds]).await.len(), 0);
    }
}

/// Whether the index holds a word, read from the rows themselves.
async fn rows_with(product: &Product, word: &str) -> i64 {
    let like = format!("%{word}%");
    let read = product.app.messaging.db.read(Scope::System, move |tx| {
        Box::pin(async move {
            let query = sql!(
                "SELECT COUNT(*) FROM (SELECT CAST(terms AS TEXT) AS text FROM search_messages
                   UNION ALL SELECT CAST(terms AS TEXT) FROM search_clients) AS rows WHERE text LIKE $1 -- any account_id"
            );
            Ok::<_, Refusal>(query.bind(&like).one::<(i64,)>(tx).await?.0)
        })
    });
    read.await.unwrap()
}

/// Whether a copy of SQLite's file has a word anywhere, the engine's index of words included.
async fn is_in_file(product: &Product, word: &str) -> bool {
    let copy = product.test_db.folder.join(format!("copy-{}.db", word.len()));
    product.app.messaging.db.backup_to(&copy).await.unwrap();
    let bytes = std::fs::read(&copy).unwrap();
    std::fs::remove_file(&copy).unwrap();
    bytes.windows(word.len()).any(|part| part == word.as_bytes())
}

#[tokio::test]
async fn whoever_is_erased_leaves_no_word_in_the_index() {
    let product = Product::start().await;
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    let (mut gone, mut stays) = (product.visitor().await, product.visitor().await);
    for (visitor, name) in [(&mut gone, "канарейкина"), (&mut stays, "остаёткин")] {
        visitor.send(json!({ "type": "fields", "fields": { "name": name, "phone": "89127361001" } })).await;
        visitor.expect("fields").await;
    }
    for number in 0..20 {
        gone.say(&number.to_string(), &format!("канарейкина поёт {number}")).await;
        stays.say(&number.to_string(), &format!("сосед слушает {number}")).await;
    }
    indexed(&product).await;
    assert_eq!(rows_with(&product, "канарейкин").await, 23, "messages, contact, conversation, group");
    let found = hits(&product, &[("q", "канарейкина"), ("kinds", "contact")]).await;
    let path = product.project(&format!("/contacts/{}/erase", found[0]["id"].as_str().unwrap()));
    let job = product.post(&path, json!({})).await;
    let job = product.project(&format!("/jobs/{}", job["id"].as_str().unwrap()));
    until("the erasure is done", async || product.get(&job).await["state"] == "done").await;
    assert_eq!(rows_with(&product, "канарейкин").await, 0);
    if product.app.messaging.db.dialect() == Dialect::Sqlite {
        assert!(!is_in_file(&product, "канарейкин").await);
    }
    indexed(&product).await;
    assert_eq!((count(&product, "канарейкина").await, rows_with(&product, "канарейкин").await), (0, 0));
    let left = hits(&product, &[("q", "соседи слушать"), ("limit", "200")]).await;
    assert_eq!(left.len(), 20);
    assert_eq!(hits(&product, &[("q", "остаеткин"), ("kinds", "contact")]).await.len(), 1);
}

#[tokio::test]
async fn those_who_were_there_before_are_walked_through() {
    let product = Product::start().await;
    product.changes(json!([{ "op": "rule_add", "key": "phone", "fields": ["phone"] }])).await;
    for name in ["Первая", "Вторая", "Третья"] {
        let mut visitor = product.visitor().await;
        visitor.send(json!({ "type": "fields", "fields": { "name": name, "phone": "89127361002" } })).await;
        visitor.expect("fields").await;
        for number in 0..if name == "Вторая" { 700 } else { 3 } {
            visitor.say(&number.to_string(), &format!("давнее письмо {name}")).await;
        }
    }
    indexed(&product).await;
    let all = async || -> Vec<(i64, String)> {
        let read = product.app.messaging.db.read(Scope::System, |tx| {
            Box::pin(async move {
                let query = sql!(
                    "SELECT doc, CAST(terms AS TEXT) FROM (SELECT doc, terms FROM search_messages UNION ALL SELECT doc, terms FROM search_clients) AS rows
                     ORDER BY 2, 1 -- any account_id"
                );
                query.all::<(i64, String)>(tx).await
            })
        });
        read.await.unwrap()
    };
    let before = all().await;
    assert!(before.len() > 706 + 6, "{}", before.len());
    // As an installation is found by the program that has search for the first time.
    let emptied = product.app.messaging.db.write(Scope::System, |tx| {
        Box::pin(async move {
            sql!("DELETE FROM search_messages -- any account_id").execute(tx).await?;
            sql!("DELETE FROM search_clients -- any account_id").execute(tx).await?;
            sql!("DELETE FROM search_follows -- any account_id").execute(tx).await
        })
    });
    emptied.await.unwrap();
    // The product's own worker walks, too: it may have begun already, and may begin after this one has ended.
    let (_, answer) = ask(&product, &[("q", "давнее письмо")]).await;
    let is_empty = answer["items"].as_array().unwrap().is_empty();
    assert!(!is_empty || answer["index"]["complete"] == false, "nobody is told that there is nothing: {answer}");
    let said = async || ask(&product, &[("q", "давнее")]).await.1["index"].clone();
    indexed(&product).await;
    while said().await != json!({ "complete": true, "since": null, "behind": 0 }) {
        indexed(&product).await;
    }
    assert_eq!(all().await.len(), before.len());
    assert_eq!(
        hits(&product, &[("q", "давним письмам вторая"), ("limit", "200"), ("kinds", "message")]).await.len(),
        200
    );
    assert_eq!(hits(&product, &[("q", "третья"), ("kinds", "group")]).await.len(), 1);
}

#[tokio::test]
async fn what_an_operator_changes_and_takes_away_is_followed() {
    let product = Product::start().await;
    let ack = product.visitor().await.say("1", "вопрос").await;
    let conversation = product.project(&format!("/conversations/{}", ack["conversation_id"].as_str().unwrap()));
    let body = json!({ "client_id": "a", "content": { "text": "магнолия цветёт" } });
    let said = product.post(&format!("{conversation}/messages"), body).await;
    indexed(&product).await;
    assert_eq!(count(&product, "магнолия").await, 1);
    let of = product.project(&format!("/messages/{}", said["id"].as_str().unwrap()));
    let edited = product.call(Method::PATCH, &of, Some(json!({ "text": "сирень цветёт" }))).await;
    assert_eq!(edited.0, StatusCode::OK, "{}", edited.1);
    indexed(&product).await;
    assert_eq!((count(&product, "магнолия").await, count(&product, "сирень").await), (0, 1));
    assert_eq!(product.call(Method::DELETE, &of, None).await.0, StatusCode::OK);
    indexed(&product).await;
    assert_eq!((count(&product, "сирень").await, rows_with(&product, "сирень").await), (0, 0));
}
