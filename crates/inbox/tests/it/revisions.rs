//! What was said is answered by name, changed and taken away: here, at the client's, and in what others know of it.

use harness::{Browser, PASSWORD, Product, Shop, Socket, join, sign_in, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn operator(product: &Product, name: &str) -> Browser {
    join(product, &format!("{name}@a.example"), "operator", &[&product.account.project_id.to_string()]).await
}

fn of(product: &Product, message: &Value) -> String {
    product.project(&format!("/messages/{}", message["id"].as_str().unwrap()))
}

async fn say(product: &Product, who: &Browser, path: &str, id: &str, text: &str) -> Value {
    let body = json!({ "client_id": id, "content": { "text": text } });
    let (status, message) = who.call(product, Method::POST, path, body).await;
    assert_eq!(status, StatusCode::CREATED, "{message}");
    message
}

async fn edit(product: &Product, who: &Browser, message: &Value, text: &str) -> (StatusCode, Value) {
    who.call(product, Method::PATCH, &of(product, message), json!({ "text": text })).await
}

async fn delete(product: &Product, who: &Browser, message: &Value) -> (StatusCode, Value) {
    who.call(product, Method::DELETE, &of(product, message), json!({})).await
}

async fn on_site(product: &Product) -> (Socket, String) {
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "Есть лампа?").await;
    let path = product.project(&format!("/conversations/{}/messages", ack["conversation_id"].as_str().unwrap()));
    (visitor, path)
}

#[tokio::test]
async fn the_visitor_sees_another_text_and_then_that_it_is_gone() {
    let product = Product::start().await;
    let anna = operator(&product, "anna").await;
    let (mut visitor, path) = on_site(&product).await;
    let said = say(&product, &anna, &path, "a", "Есть, по 900").await;
    let (status, changed) = edit(&product, &anna, &said, " Есть, по 990 ").await;
    assert_eq!((status, &changed["content"]["text"]), (StatusCode::OK, &json!("Есть, по 990")));
    assert!(changed["edited_at"].is_string());
    let told = visitor.event("message.updated").await;
    assert_eq!((&told["id"], &told["content"]["text"]), (&said["id"], &json!("Есть, по 990")));

    let (status, gone) = delete(&product, &anna, &said).await;
    assert_eq!((status, &gone["content"]["text"]), (StatusCode::OK, &json!("")));
    assert!(gone["content"]["deleted"]["at"].is_string());
    assert_eq!(gone["content"]["deleted"]["by"], said["author"]["name"]);
    let told = visitor.event("message.updated").await;
    assert_eq!((&told["content"]["text"], told["content"]["deleted"].is_object()), (&json!(""), true));
    // Twice, and an edit of what is gone.
    let (status, again) = delete(&product, &anna, &said).await;
    assert_eq!((status, &again["code"]), (StatusCode::CONFLICT, &json!("already_deleted")));
    assert_eq!(edit(&product, &anna, &said, "Нет").await.1["code"], "already_deleted");
    let shown = product.get(&path).await;
    assert!(!shown.to_string().contains("по 990"), "nothing of it is left: {shown}");
}

#[tokio::test]
async fn one_changes_ones_own_and_a_lead_takes_away_any_of_ours() {
    let product = Product::start().await;
    let (anna, boris) = (operator(&product, "anna").await, operator(&product, "boris").await);
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let (_visitor, path) = on_site(&product).await;
    let said = say(&product, &anna, &path, "a", "Есть").await;
    for (status, answer) in [edit(&product, &boris, &said, "Нет").await, delete(&product, &boris, &said).await] {
        assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("not_yours")));
    }
    assert_eq!(edit(&product, &owner, &said, "Нет").await.1["code"], "not_yours", "nobody speaks for another");
    assert_eq!(delete(&product, &owner, &said).await.0, StatusCode::OK);
    let clients = product.get(&path).await["items"].as_array().unwrap().last().unwrap().clone();
    assert_eq!(clients["author"]["kind"], "client");
    assert_eq!(delete(&product, &owner, &clients).await.1["code"], "not_yours", "a client's word is the client's");
    // Somebody of elsewhere, and a key that may only read.
    let stranger = join(&product, "x@a.example", "operator", &[]).await;
    let said = say(&product, &anna, &path, "b", "Да").await;
    assert_eq!(edit(&product, &stranger, &said, "Нет").await.0, StatusCode::NOT_FOUND);
    let reading = owner.key(&product, &["read"]).await;
    let by_key = product.call_as(&reading, Method::DELETE, &of(&product, &said), None).await;
    assert_eq!(by_key.0, StatusCode::FORBIDDEN);
    for text in ["", " ", "\0", &"я".repeat(10_001)] {
        assert_eq!(edit(&product, &anna, &said, text).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
}

#[tokio::test]
async fn a_note_is_changed_and_taken_away_with_its_mentions() {
    let product = Product::start().await;
    let (anna, boris) = (operator(&product, "anna").await, operator(&product, "boris").await);
    let (_visitor, path) = on_site(&product).await;
    let me = boris.get(&product, "/api/v1/me").await;
    let body = json!({ "client_id": "n", "text": "@boris глянь", "mentions": [me["user"]["id"]] });
    let notes = path.replace("/messages", "/notes");
    let (_, note) = anna.call(&product, Method::POST, &notes, body).await;
    let mine = product.project("/conversations?folder=mentions");
    assert_eq!(boris.get(&product, &mine).await["items"].as_array().unwrap().len(), 1);
    assert_eq!(edit(&product, &anna, &note, "@boris глянь, пожалуйста").await.0, StatusCode::OK);
    assert_eq!(delete(&product, &anna, &note).await.0, StatusCode::OK);
    assert_eq!(boris.get(&product, &mine).await["items"].as_array().unwrap().len(), 0, "nothing to read");
}

#[tokio::test]
async fn files_of_what_is_deleted_are_gone_and_the_log_forgets_its_words() {
    let product = Product::start().await;
    let anna = operator(&product, "anna").await;
    let (_visitor, path) = on_site(&product).await;
    let said = say(&product, &anna, &path, "a", "Карта 4111").await;
    // Its conversation was told with it as the last one.
    let assign = path.replace("/messages", "/assign");
    product.call(Method::POST, &assign, Some(json!({ "user_id": null }))).await;
    assert_eq!(delete(&product, &anna, &said).await.0, StatusCode::OK);
    let account = product.account.account_id;
    until("the log forgets it", async || {
        let read = product.app.messaging.read(&account, |cx| {
            Box::pin(async move {
                let query = db::sql!("SELECT COUNT(*) FROM events WHERE account_id = $1 AND data LIKE '%4111%'");
                query.bind(cx.account).one::<(i64,)>(cx.tx).await.map_err(model::Refusal::from)
            })
        });
        read.await.unwrap().0 == 0
    })
    .await;
}

#[tokio::test]
async fn telegram_is_told_and_its_refusal_changes_nothing() {
    let shop = Shop::open().await;
    let product = &shop.product;
    let anna = operator(product, "anna").await;
    let (path, mut heard) = shop.conversation().await;
    let clients = product.get(&path).await["items"][0].clone();
    let body = json!({ "client_id": "a", "content": { "text": "Есть, по 900" }, "reply_to": clients["id"] });
    let (_, said) = anna.call(product, Method::POST, &path, body).await;
    heard.until(|f| f["data"]["delivery"]["status"] == "sent").await;
    assert_eq!(said["reply_to"], clients["id"]);
    let sent = shop.sent().into_iter().find(|call| call["text"] == "Есть, по 900").unwrap();
    assert_eq!(sent["reply_parameters"]["allow_sending_without_reply"], true);
    assert!(sent["reply_parameters"]["message_id"].is_i64(), "{sent}");

    shop.answers((StatusCode::OK, json!({ "ok": true, "result": { "message_id": 1 } })));
    let (status, changed) = edit(product, &anna, &said, "Есть, по 990").await;
    assert_eq!((status, &changed["content"]["text"]), (StatusCode::OK, &json!("Есть, по 990")), "{changed}");
    let call = shop.sent().into_iter().find(|call| call["text"] == "Есть, по 990").expect("Telegram was told");
    assert!(call["message_id"].is_i64() && call["chat_id"].is_i64(), "{call}");

    let refused = json!({ "ok": false, "error_code": 400, "description": "Bad Request: message can't be edited" });
    shop.answers((StatusCode::BAD_REQUEST, refused));
    let (status, answer) = edit(product, &anna, &said, "Нет").await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("channel_refused")));
    assert!(answer["detail"].as_str().unwrap().contains("can't be edited"));
    let now = product.get(&path).await["items"][0].clone();
    assert_eq!(now["content"]["text"], "Есть, по 990", "what the client reads");

    // The same change that came twice is taken.
    let same = json!({ "ok": false, "error_code": 400, "description": "Bad Request: message is not modified: x" });
    shop.answers((StatusCode::BAD_REQUEST, same));
    assert_eq!(edit(product, &anna, &said, "Есть, по 995").await.0, StatusCode::OK);
    let gone = json!({ "ok": false, "error_code": 400, "description": "Bad Request: message to delete not found" });
    shop.answers((StatusCode::BAD_REQUEST, gone));
    assert_eq!(delete(product, &anna, &said).await.0, StatusCode::OK, "the client has deleted it already");
}

#[tokio::test]
async fn what_is_answered_by_name_stands_in_the_same_conversation() {
    let product = Product::start().await;
    let anna = operator(&product, "anna").await;
    let (_one, path) = on_site(&product).await;
    let (_other, elsewhere) = on_site(&product).await;
    let clients = product.get(&elsewhere).await["items"][0].clone();
    for reply_to in [clients["id"].clone(), json!("msg_00000000000000000000000000000000")] {
        let body = json!({ "client_id": "a", "content": { "text": "Да" }, "reply_to": reply_to });
        let (status, refused) = anna.call(&product, Method::POST, &path, body).await;
        assert_eq!((status, &refused["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("reply_to")));
    }
    let own = product.get(&path).await["items"][0].clone();
    let body = json!({ "client_id": "b", "content": { "text": "Да" }, "reply_to": own["id"] });
    let (status, said) = anna.call(&product, Method::POST, &path, body).await;
    assert_eq!((status, &said["reply_to"]), (StatusCode::CREATED, &own["id"]));
}
