//! Who is told of what, and what a push service gets to see of it.

use crate::{Device, PATH, Service, colleague, opened};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn whoever_has_no_page_open_is_told_who_wrote_what_and_the_service_reads_none_of_it() {
    let (product, owner) = opened().await;
    let (service, url) = Service::start().await;
    let phone = Device::of(&product, &owner, &format!("{url}/push/phone")).await;
    let ack = product.visitor().await.say("1", "Есть лампы?").await;
    let heard = service.until(1).await;
    let note = phone.reads(&heard[0]);
    assert_eq!((&note["kind"], &note["body"]), (&json!("message"), &json!("Есть лампы?")));
    assert_eq!(note["conversation_id"], ack["conversation_id"]);
    assert!(note["title"].as_str().unwrap().starts_with("Посетитель"), "{note}");

    let header = |name: &str| heard[0].headers[name].to_str().unwrap().to_owned();
    assert_eq!((header("content-encoding"), header("ttl")), ("aes128gcm".into(), "43200".into()));
    assert!(header("topic").len() <= 32);
    assert!(!String::from_utf8_lossy(&heard[0].body).contains("лампы"));
    let key = owner.get(&product, "/api/v1/push-key").await;
    let authorization = header("authorization");
    assert!(authorization.ends_with(&format!(", k={}", key["public_key"].as_str().unwrap())), "{authorization}");
    let claims = authorization.split(['.', ' ']).nth(2).unwrap();
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap();
    assert_eq!(claims["aud"], json!(url));
    service.stays_at(1).await;
}

#[tokio::test]
async fn a_page_that_is_open_tells_it_itself_and_what_is_a_colleagues_is_told_to_that_colleague() {
    let (product, owner) = opened().await;
    let operator = colleague(&product, "op@a.example").await;
    let (service, url) = Service::start().await;
    Device::of(&product, &owner, &format!("{url}/push/owner")).await;
    let theirs = Device::of(&product, &operator, &format!("{url}/push/op")).await;
    let mut desk = owner.socket(&product).await;
    desk.send(json!({ "type": "subscribe", "projects": [product.account.project_id], "from": 0 })).await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "раз").await;
    let heard = service.until(1).await;
    assert_eq!(theirs.reads(&heard[0])["body"], "раз");
    service.stays_at(1).await;
    drop(desk);
    let users = owner.get(&product, &product.project("/users")).await;
    let id =
        users["items"].as_array().unwrap().iter().find(|user| user["name"] == "op@a.example").unwrap()["id"].clone();
    let assign = product.project(&format!("/conversations/{}/assign", ack["conversation_id"].as_str().unwrap()));
    product.post(&assign, json!({ "user_id": id })).await;
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    visitor.say("2", "два").await;
    let heard = service.until(2).await;
    assert_eq!(theirs.reads(&heard[1])["body"], "два", "the owner's page is closed now, but it is not the owner's");
    service.stays_at(2).await;
}

#[tokio::test]
async fn a_while_of_quiet_holds_and_what_operators_say_is_told_to_nobody() {
    let (product, owner) = opened().await;
    let (service, url) = Service::start().await;
    let phone = Device::of(&product, &owner, &format!("{url}/push/phone")).await;
    let path = format!("{PATH}/{}", phone.id);
    let until = json!({ "quiet_until": "2999-01-01T00:00:00Z" });
    let (status, quiet) = owner.call(&product, Method::PATCH, &path, until).await;
    assert_eq!((status, quiet["quiet_until"].is_string()), (StatusCode::OK, true));
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "тихо").await;
    service.stays_at(0).await;
    owner.call(&product, Method::PATCH, &path, json!({ "quiet_until": null })).await;
    // Whoever says to be away is told of their own conversations only.
    let say = async |availability: &str| {
        let said = json!({ "availability": availability });
        owner.call(&product, Method::PUT, "/api/v1/me/availability", said).await;
    };
    say("away").await;
    visitor.say("1b", "никого нет?").await;
    service.stays_at(0).await;
    say("available").await;
    let answer = product.project(&format!("/conversations/{}/messages", ack["conversation_id"].as_str().unwrap()));
    product.post(&answer, json!({ "client_id": "a", "content": { "text": "ответ" } })).await;
    service.stays_at(0).await;
    visitor.say("2", "громко").await;
    let heard = service.until(1).await;
    assert_eq!(phone.reads(&heard[0])["body"], "громко");
}

#[tokio::test]
async fn a_browser_that_is_gone_is_forgotten_and_a_service_that_asks_for_time_has_it() {
    let (product, owner) = opened().await;
    let (service, url) = Service::start().await;
    let phone = Device::of(&product, &owner, &format!("{url}/push/phone")).await;
    service.then(503);
    let mut visitor = product.visitor().await;
    visitor.say("1", "раз").await;
    assert_eq!(service.until(2).await.len(), 2, "tried again");
    service.then(410);
    visitor.say("2", "два").await;
    service.until(3).await;
    for _ in 0..100 {
        if owner.get(&product, PATH).await["items"] == json!([]) {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    assert_eq!(owner.get(&product, PATH).await["items"], json!([]));
    visitor.say("3", "три").await;
    service.stays_at(3).await;
    let tested = owner.call(&product, Method::POST, &format!("{PATH}/{}/test", phone.id), json!({})).await;
    assert_eq!(tested.0, StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_test_says_what_became_of_it() {
    let (product, owner) = opened().await;
    let (service, url) = Service::start().await;
    let phone = Device::of(&product, &owner, &format!("{url}/push/phone")).await;
    let path = format!("{PATH}/{}/test", phone.id);
    let (_, tested) = owner.call(&product, Method::POST, &path, json!({})).await;
    assert_eq!(tested, json!({ "taken": true, "gone": false }));
    assert_eq!(phone.reads(&service.heard()[0])["kind"], "test");
    service.then(400);
    let (_, tested) = owner.call(&product, Method::POST, &path, json!({})).await;
    assert_eq!(tested, json!({ "taken": false, "gone": false }));
    service.then(404);
    let (_, tested) = owner.call(&product, Method::POST, &path, json!({})).await;
    assert_eq!(tested, json!({ "taken": false, "gone": true }));
}

#[tokio::test]
async fn what_waits_in_a_department_is_told_to_its_people_where_the_project_says_so() {
    let (product, owner) = opened().await;
    let operator = colleague(&product, "op@a.example").await;
    let (service, url) = Service::start().await;
    let theirs = Device::of(&product, &operator, &format!("{url}/push/op")).await;
    let mut visitor = product.visitor().await;
    let ack = visitor.say("1", "раз").await;
    service.until(1).await;
    Device::of(&product, &owner, &format!("{url}/push/owner")).await;
    let id = operator.get(&product, "/api/v1/me").await["user"]["id"].clone();
    let department =
        product.post(&product.project("/departments"), json!({ "name": "Продажи", "members": [id] })).await;
    let told = json!({ "told_by_department": true });
    assert_eq!(product.call(Method::PATCH, &product.project(""), Some(told)).await.0, StatusCode::OK);
    let transfer = product.project(&format!("/conversations/{}/transfer", ack["conversation_id"].as_str().unwrap()));
    product.post(&transfer, json!({ "department_id": department["id"] })).await;
    visitor.say("2", "два").await;
    let heard = service.until(2).await;
    assert_eq!(theirs.reads(&heard[1])["body"], "два");
    service.stays_at(2).await;
    // Nobody works there any more: then everybody is told.
    let one = product.project(&format!("/departments/{}", department["id"].as_str().unwrap()));
    product.call(Method::PATCH, &one, Some(json!({ "members": [] }))).await;
    visitor.say("3", "три").await;
    service.until(4).await;
    service.stays_at(4).await;
}
