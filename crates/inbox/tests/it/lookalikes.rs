//! Clients whose names may be taken for ours (security statement 36).

use harness::{Product, Socket, join, new_account, until};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// Somebody of the team with this name.
async fn hire(product: &Product, email: &str, name: &str) -> String {
    let project = product.account.project_id.to_string();
    join(product, email, "operator", &[&project]).await;
    let users = product.get("/api/v1/users").await;
    let user = users["items"].as_array().unwrap().iter().find(|user| user["email"] == email).unwrap();
    let id = user["id"].as_str().unwrap().to_owned();
    rename(product, &id, name).await;
    id
}

async fn rename(product: &Product, user: &str, name: &str) {
    let path = format!("/api/v1/users/{user}");
    let (status, answer) = product.call(Method::PATCH, &path, Some(json!({ "name": name }))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

/// A client with this name writes.
async fn written_by(product: &Product, name: &str) -> (Socket, Value) {
    let mut visitor = product.visitor().await;
    visitor.send(json!({ "type": "fields", "fields": { "name": name }, "client_id": "f" })).await;
    let said = visitor.say("1", "это я").await;
    (visitor, said)
}

async fn api_contact(product: &Product, key: &str, project: &str, name: &str) -> Value {
    let new = json!({ "channel": "api", "external_id": name, "fields": { "name": name } });
    let path = format!("/api/v1/projects/{project}/contacts");
    let (status, contact) = product.call_as(key, Method::POST, &path, Some(new)).await;
    assert!(status.is_success(), "{contact}");
    contact
}

#[tokio::test]
async fn a_client_who_may_be_taken_for_one_of_the_team_is_marked_wherever_he_is_shown() {
    let product = Product::start().await;
    hire(&product, "anna@a.example", "Анна Ильина").await;
    let project = product.account.project_id.to_string();
    let mut operator = product.operator().await;

    // With the Latin letter `a`.
    let (mut visitor, said) = written_by(&product, "Аннa Ильинa").await;
    let named = operator.until(|f| f["kind"] == "contact.updated" && f["data"]["name"] == "Аннa Ильинa").await;
    assert_eq!(named["data"]["looks_like"], "team", "{named}");
    let began = operator.event("conversation.created").await;
    assert_eq!(began["contact"]["looks_like"], "team", "{began}");

    let (conversation, contact) = (said["conversation_id"].as_str().unwrap(), began["contact_id"].as_str().unwrap());
    let one = product.get(&product.project(&format!("/conversations/{conversation}"))).await;
    assert_eq!(one["contact"]["looks_like"], "team");
    for list in ["/conversations".to_owned(), format!("/contacts/{contact}/conversations")] {
        let found = product.get(&product.project(&list)).await;
        assert_eq!(found["items"][0]["contact"]["looks_like"], "team", "{list}");
    }
    let accepted =
        product.post(&product.project(&format!("/conversations/{conversation}/read")), json!({ "seq": 1 })).await;
    assert_eq!(accepted["contact"]["looks_like"], "team");
    let client = product.get(&product.project(&format!("/contacts/{contact}"))).await;
    assert_eq!(client["looks_like"], "team");
    let group = product.get(&product.project(&format!("/contacts/{contact}/multi-contact"))).await;
    assert_eq!(group["contacts"][0]["looks_like"], "team");
    let by_id = product.get(&product.project(&format!("/multi-contacts/{}", group["id"].as_str().unwrap()))).await;
    assert_eq!(by_id["contacts"][0]["looks_like"], "team");
    let clients = product.get(&product.project("/contacts")).await;
    assert_eq!(clients["items"][0]["looks_like"], "team");
    let groups = product.get(&product.project("/multi-contacts?q=Ильин")).await;
    let marked = |group: &Value| group["contacts"].as_array().unwrap().iter().all(|one| one["looks_like"] == "team");
    assert!(groups["items"].as_array().unwrap().iter().all(marked), "{groups}");

    // Who comes later and reads the log gets the same: nothing is remembered for him.
    product.app.messaging.hub.forget(&product.account.account_id);
    let mut late = Socket::open(&product, "/api/v1/live").await;
    late.send(json!({ "type": "auth", "api_key": product.account.api_key })).await;
    late.expect("hello").await;
    late.send(json!({ "type": "subscribe", "projects": [project], "from": 0 })).await;
    assert_eq!(late.event("conversation.created").await, began);

    // The client is told nothing of it.
    visitor.send(json!({ "type": "message", "client_id": "2", "content": { "text": "ещё" } })).await;
    let heard = visitor.heard_until(|f| f["type"] == "ack" && f["client_id"] == "2").await;
    assert!(!json!(heard).to_string().contains("looks_like"), "{heard:?}");
}

#[tokio::test]
async fn a_client_called_support_is_marked_and_one_called_pyotr_is_not() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let key = &product.account.api_key;
    for name in ["Ѕuрроrt", "Администратор сайта", "Тех. поддержка", "Adm1n", "Суппорт-operator"]
    {
        assert_eq!(api_contact(&product, key, &project, name).await["looks_like"], "service", "{name}");
    }
    for name in ["Пётр", "Анна Ильина", "Посетитель 17"] {
        assert_eq!(api_contact(&product, key, &project, name).await.get("looks_like"), None, "{name}");
    }
}

#[tokio::test]
async fn names_of_the_team_are_heeded_as_they_are_now_and_in_their_own_account() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let client = api_contact(&product, &product.account.api_key, &project, "Анна Ильина").await;
    assert_eq!(client.get("looks_like"), None);
    let path = product.project(&format!("/contacts/{}", client["id"].as_str().unwrap()));
    let user = hire(&product, "anna@a.example", "Анна Ильина").await;
    until("the new colleague is heeded", async || product.get(&path).await["looks_like"] == "team").await;

    let other = new_account(&product.app, "b@b.example", "B").await;
    let theirs = api_contact(&product, &other.api_key, &other.project_id.to_string(), "Анна Ильина").await;
    assert_eq!(theirs.get("looks_like"), None, "she is of another account");

    rename(&product, &user, "Анна Петрова").await;
    until("she is called otherwise", async || product.get(&path).await.get("looks_like").is_none()).await;
}
