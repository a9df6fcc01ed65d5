//! A site channel that is switched off takes nothing and says so, and answers with its real traffic.

use harness::{Product, Socket};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn site(product: &Product) -> Value {
    let connections = product.get(&product.project("/connections")).await;
    connections["items"].as_array().unwrap().iter().find(|connection| connection["kind"] == "site").unwrap().clone()
}

async fn switch(product: &Product, status: &str) {
    let path = product.project(&format!("/connections/{}", site(product).await["id"].as_str().unwrap()));
    let (answer, body) = product.call(Method::PATCH, &path, Some(json!({ "status": status }))).await;
    assert_eq!((answer, &body["status"]), (StatusCode::OK, &json!(status)));
}

async fn is_off(product: &Product) -> Value {
    let config = product.http.get(product.url(&format!("/w/v1/config?p={}", product.account.site_key)));
    config.send().await.unwrap().json::<Value>().await.unwrap()["off"].clone()
}

/// What a visitor over HTTP hears, by path.
async fn ask(product: &Product, token: &str, path: &str, body: Value) -> (StatusCode, Value) {
    let request = product.http.post(product.url(path)).json(&body);
    let request = request.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", token);
    harness::answer(request).await
}

#[tokio::test]
async fn switched_off_it_takes_nothing_over_any_way_and_says_so() {
    let product = Product::start().await;
    let mut known = product.visitor().await;
    known.say("1", "слово").await;
    let token = known.token();
    let mut newcomer = product.visitor().await;
    assert_eq!(is_off(&product).await, json!(false));

    switch(&product, "off").await;
    assert_eq!(is_off(&product).await, json!(true));
    assert_eq!(known.close_code().await, 4410, "a page that is open hears at once");
    let mut again = Socket::open(&product, "/w/v1/live").await;
    let auth = json!({ "type": "auth", "site_key": product.account.site_key, "visitor_token": token });
    again.send(auth).await;
    assert_eq!(again.close_code().await, 4410);

    assert_eq!(newcomer.close_code().await, 4410, "and so does one whose visitor never wrote");

    let message = json!({ "client_id": "h", "content": { "text": "по HTTP" } });
    let form = reqwest::multipart::Form::new().part("file", reqwest::multipart::Part::bytes(b"x".to_vec()));
    let upload = product.http.post(product.url("/w/v1/files")).multipart(form);
    let upload = upload.header("x-otklik-site", &product.account.site_key).header("x-otklik-visitor", &token);
    for (status, refused) in [
        ask(&product, &token, "/w/v1/messages", message).await,
        ask(&product, &token, "/w/v1/telegram-link", json!({})).await,
        harness::answer(upload).await,
    ] {
        assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("connection_off")));
    }
    let contacts = product.get(&product.project("/contacts")).await;
    assert_eq!(contacts["items"].as_array().unwrap().len(), 1, "nobody new");

    switch(&product, "active").await;
    let mut back = Socket::visitor(&product, Some(&token)).await;
    back.say("2", "снова здесь").await;
    product.visitor().await.say("n", "тук-тук").await;
}

#[tokio::test]
async fn a_page_whose_visitor_never_wrote_hears_of_its_own_sites_channel_alone() {
    let product = Product::start().await;
    let other = product.post("/api/v1/projects", json!({ "name": "Другой" })).await;
    let mut theirs = Socket::open(&product, "/w/v1/live").await;
    theirs.send(json!({ "type": "auth", "site_key": other["site_key"] })).await;
    theirs.expect("hello").await;
    let mut ours = product.visitor().await;
    switch(&product, "off").await;
    assert_eq!(ours.close_code().await, 4410);
    // Whoever wrote meanwhile is told once, by his frames.
    theirs.say("1", "здесь работает").await;
    // Another setting of the channels closes nobody.
    switch(&product, "active").await;
    let mut back = product.visitor().await;
    switch(&product, "active").await;
    back.say("1", "снова").await;
}

#[tokio::test]
async fn a_text_that_waits_beside_others_is_refused_alone() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    let said = visitor.say("1", "слово").await;
    let path = product.project(&format!("/conversations/{}/messages", said["conversation_id"].as_str().unwrap()));
    // The fast way of a known client's text asks nothing of its own: the switch is seen there, too.
    let account = product.account.account_id;
    let switched = product.app.messaging.db.write(account, move |tx| {
        Box::pin(async move {
            db::sql!("UPDATE connections SET status = 'off' WHERE account_id = $1").bind(account).execute(tx).await
        })
    });
    switched.await.unwrap();
    visitor.send(json!({ "type": "message", "client_id": "2", "content": { "text": "ещё" } })).await;
    assert_eq!(visitor.expect("error").await["code"], "connection_off");
    let messages = product.get(&path).await;
    assert_eq!(messages["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn its_health_is_its_real_traffic() {
    let product = Product::start().await;
    let empty = site(&product).await;
    assert_eq!((&empty["health"]["last_in_at"], &empty["health"]["last_out_at"]), (&Value::Null, &Value::Null));
    let said = product.visitor().await.say("1", "слово").await;
    let path = product.project(&format!("/conversations/{}", said["conversation_id"].as_str().unwrap()));
    let answer = json!({ "client_id": "a", "content": { "text": "ответ" } });
    let answered = product.post(&format!("{path}/messages"), answer).await;
    product.post(&format!("{path}/notes"), json!({ "client_id": "n", "text": "заметка" })).await;

    let found = site(&product).await;
    assert_eq!(found["health"]["last_in_at"], said["created_at"]);
    assert_eq!(found["health"]["last_out_at"], answered["created_at"]);
    let check = product.project(&format!("/connections/{}/check", found["id"].as_str().unwrap()));
    let checked = product.post(&check, json!({})).await;
    assert_eq!(checked["health"]["last_in_at"], said["created_at"]);
    assert!(checked["health"]["checked_at"].is_string());
}

#[tokio::test]
async fn the_going_of_a_visitor_is_his_last_sign_of_life() {
    let product = Product::start().await;
    let mut operator = product.operator().await;
    let mut visitor = product.visitor().await;
    visitor.say("1", "слово").await;
    let created = operator.event("message.created").await;
    let path = product.project(&format!("/contacts/{}", created["contact_id"].as_str().unwrap()));
    let came = product.get(&path).await["last_seen_at"].clone();
    tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    drop(visitor);
    operator.until(|frame| frame["type"] == "presence" && frame["online"] == false).await;
    // It is stored beside the going: soon.
    harness::until("the going is noted", async || product.get(&path).await["last_seen_at"] != came).await;
}
