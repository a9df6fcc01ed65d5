//! Files of a client on one list, over all channels.

use harness::{Product, Socket};
use reqwest::StatusCode;
use serde_json::{Value, json};

async fn uploaded(product: &Product, visitor: &Socket, name: &str) -> Value {
    let part = reqwest::multipart::Part::bytes(harness::PIXEL.to_vec()).file_name(name.to_owned());
    let form = reqwest::multipart::Form::new().part("file", part);
    let request = product.http.post(product.url("/w/v1/files")).header("x-otklik-site", &product.account.site_key);
    let (status, file) = harness::answer(request.header("x-otklik-visitor", visitor.token()).multipart(form)).await;
    assert_eq!(status, StatusCode::CREATED, "{file}");
    file["id"].clone()
}

async fn sends(product: &Product, visitor: &mut Socket, client_id: &str, names: &[&str]) -> Value {
    let mut ids = Vec::new();
    for name in names {
        ids.push(uploaded(product, visitor, name).await);
    }
    let content = json!({ "text": r#"{"attachments":[{"#, "attachments": ids });
    visitor.send(json!({ "type": "message", "client_id": client_id, "content": content })).await;
    visitor.expect("ack").await
}

fn names(page: &Value) -> Vec<&str> {
    page["items"].as_array().unwrap().iter().map(|item| item["file"]["name"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn files_of_every_channel_of_a_client_stand_on_one_list_newest_first() {
    let product = Product::start().await;
    let mut first = product.visitor().await;
    let mut second = product.visitor().await;
    let mut stranger = product.visitor().await;
    let old = sends(&product, &mut first, "1", &["счёт.png", "скол.png", "фото.png"]).await;
    first.say("2", r#"only words: {"attachments":[{"#).await;
    let new = sends(&product, &mut second, "1", &["чек.png"]).await;
    sends(&product, &mut stranger, "1", &["чужое.png"]).await;
    let contact = async |ack: &Value| {
        let path = format!("/conversations/{}", ack["conversation_id"].as_str().unwrap());
        product.get(&product.project(&path)).await["contact_id"].as_str().unwrap().to_owned()
    };
    let (a, b) = (contact(&old).await, contact(&new).await);
    let link = json!({ "kind": "link", "contacts": [a, b] });
    product.post(&product.project("/multi-contact-overrides"), link).await;

    let path = product.project(&format!("/contacts/{a}/files"));
    let whole = product.get(&path).await;
    assert_eq!(names(&whole), ["чек.png", "счёт.png", "скол.png", "фото.png"]);
    let newest = &whole["items"][0];
    assert_eq!((&newest["contact_id"], &newest["channel"]), (&json!(b), &json!("site")));
    assert_eq!((&newest["author_kind"], &newest["message_id"]), (&json!("client"), &new["id"]));
    let opened = product.http.get(product.url(newest["file"]["url"].as_str().unwrap())).send().await.unwrap();
    assert_eq!(opened.status(), StatusCode::OK);

    // A page may end within a message.
    let mut seen = Vec::new();
    let mut query = "limit=2".to_owned();
    loop {
        let page = product.get(&format!("{path}?{query}")).await;
        seen.extend(names(&page).into_iter().map(str::to_owned));
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        query = format!("limit=2&cursor={cursor}");
    }
    assert_eq!(seen, names(&whole));
}
