//! Writing first (R46-R49).

use harness::{MailServer, Shop, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn ways(shop: &Shop, addressee: Value) -> Value {
    shop.product.post(&shop.product.project("/chats/preview"), addressee).await
}

fn way<'w>(ways: &'w Value, channel: &str) -> &'w Value {
    ways["channels"].as_array().unwrap().iter().find(|way| way["channel"] == channel).unwrap()
}

#[tokio::test]
async fn an_address_is_offered_what_can_be_started_and_told_why_not_for_the_rest() {
    let shop = Shop::open().await;
    let server = MailServer::start().await;
    let body = json!({ "kind": "email", "title": "Почта", "settings": server.settings() });
    let mailbox = shop.product.post(&shop.product.project("/connections"), body).await;
    let found = ways(&shop, json!({ "to": " Anna@Client.example " })).await;
    assert_eq!(found["clients"], json!([]));
    assert_eq!(
        (&way(&found, "email")["can_start"], &way(&found, "email")["address"]),
        (&json!(true), &json!("anna@client.example"))
    );
    assert_eq!(way(&found, "telegram")["reason"], "client_writes_first");
    assert_eq!(way(&found, "site")["reason"], "client_writes_first");
    let by_phone = ways(&shop, json!({ "to": "+7 900 123-45-67" })).await;
    assert_eq!(way(&by_phone, "email")["reason"], "needs_address");
    let refused =
        json!({ "connection_id": mailbox["id"], "to": "+79001234567", "client_id": "1", "content": { "text": "x" } });
    let path = shop.product.project("/chats");
    let (status, answer) = shop.product.call(Method::POST, &path, Some(refused)).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("needs_address")), "{answer}");
    let (status, _) = shop.product.call(Method::POST, &shop.product.project("/chats/preview"), Some(json!({}))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);
}

#[tokio::test]
async fn a_letter_goes_out_first_and_its_answer_comes_into_the_same_conversation() {
    let shop = Shop::open().await;
    let server = MailServer::start().await;
    let body = json!({ "kind": "email", "title": "Почта", "settings": server.settings() });
    let mailbox = shop.product.post(&shop.product.project("/connections"), body).await;
    let wanted = json!({ "connection_id": mailbox["id"], "to": "Anna@client.example", "client_id": "1",
        "content": { "text": "Ваша лампа приехала" } });
    let first = shop.product.post(&shop.product.project("/chats"), wanted.clone()).await;
    let again = shop.product.post(&shop.product.project("/chats"), wanted).await;
    assert_eq!(first["id"], again["id"], "once, however often it is asked");
    until("the letter", async || server.posted().len() == 1).await;
    assert_eq!(server.posted()[0].to, ["RCPT TO:<anna@client.example>"]);
    let letter = "From: Anna <anna@client.example>\nTo: sales@shop.example\nMessage-ID: <a1@client.example>\nSubject: Re: lamp\n\nЕду!\n";
    server.receives(letter);
    let conversation = first["conversation_id"].as_str().unwrap();
    let messages = shop.product.project(&format!("/conversations/{conversation}/messages"));
    until("the answer", async || {
        let items = shop.product.get(&messages).await["items"].clone();
        items.as_array().unwrap().iter().any(|message| message["author"]["kind"] == "client")
    })
    .await;
    let found = ways(&shop, json!({ "to": "anna@client.example" })).await;
    assert_eq!(found["clients"].as_array().unwrap().len(), 1, "the next time the client is found");
    assert_eq!(way(&found, "email")["contact_id"], first["contact_id"]);
}

#[tokio::test]
async fn a_known_client_is_written_to_where_they_are_and_one_who_blocked_us_is_not() {
    let shop = Shop::open().await;
    shop.conversation().await;
    let contacts = shop.product.get(&shop.product.project("/contacts")).await;
    let marina = &contacts["items"][0]["id"];
    let found = ways(&shop, json!({ "to": "marina_kv" })).await;
    assert_eq!((&found["clients"][0]["id"], &way(&found, "telegram")["can_start"]), (marina, &json!(true)));
    let telegram = way(&found, "telegram")["connection_id"].clone();
    let wanted = |n: &str| json!({ "connection_id": telegram, "contact_id": marina, "client_id": n, "content": { "text": "Готово" } });
    shop.product.post(&shop.product.project("/chats"), wanted("1")).await;
    until("it went out", async || shop.sent().iter().any(|sent| sent["text"] == "Готово")).await;
    shop.answers((
        StatusCode::FORBIDDEN,
        json!({ "ok": false, "error_code": 403, "description": "Forbidden: bot was blocked by the user" }),
    ));
    shop.product.post(&shop.product.project("/chats"), wanted("2")).await;
    until("the block is known", async || {
        let found = ways(&shop, json!({ "contact_id": marina })).await;
        way(&found, "telegram")["reason"] == "blocked_by_client"
    })
    .await;
    let (status, answer) = shop.product.call(Method::POST, &shop.product.project("/chats"), Some(wanted("3"))).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("blocked_by_client")), "{answer}");
}
