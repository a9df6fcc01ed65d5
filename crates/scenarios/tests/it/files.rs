//! Files that bots send.

use crate::support::{Visitor, asks, publish, published, save};
use harness::{PIXEL, Product, Shop};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn upload(product: &Product, name: &'static str, bytes: &'static [u8]) -> Value {
    let part = reqwest::multipart::Part::bytes(bytes).file_name(name);
    let url = product.url(&product.project("/scenario-files"));
    let form = reqwest::multipart::Form::new().part("file", part);
    let (status, file) =
        harness::answer(product.http.post(url).bearer_auth(&product.account.api_key).multipart(form)).await;
    assert_eq!(status, StatusCode::CREATED, "{file}");
    file
}

fn sends(files: &[&Value]) -> Value {
    let ids: Vec<&Value> = files.iter().map(|file| &file["id"]).collect();
    asks(
        json!({ "text": "Наш прайс", "files": ids, "buttons": [{ "id": "ok", "label": "Понятно" }],
            "wait": { "expect": "choice" } }),
        json!([]),
        json!([]),
    )
}

async fn bytes(product: &Product, file: &Value) -> (StatusCode, Vec<u8>) {
    let seen = product.http.get(product.url(file["url"].as_str().unwrap())).send().await.unwrap();
    (seen.status(), seen.bytes().await.unwrap().to_vec())
}

#[tokio::test]
async fn a_bot_sends_its_file_to_everybody_and_each_has_his_own() {
    let product = Product::start().await;
    let file = upload(&product, "прайс.pdf", b"%PDF-1.4 price").await;
    published(&product, "Прайс", sends(&[&file])).await;
    let mut got = Vec::new();
    for _ in 0..2 {
        let mut visitor = Visitor::new(&product).await;
        visitor.says("старт").await;
        let shown = visitor.shown().await;
        assert_eq!((&shown["text"], &shown["buttons"][0][0]["label"]), (&json!("Наш прайс"), &json!("Понятно")));
        let attached = shown["attachments"][0].clone();
        assert_eq!((&attached["name"], &attached["size"]), (&json!("прайс.pdf"), &json!(14)));
        assert_eq!(bytes(&product, &attached).await, (StatusCode::OK, b"%PDF-1.4 price".to_vec()));
        got.push(attached);
    }
    assert_ne!(got[0]["id"], got[1]["id"]);
    assert_ne!(got[0]["id"], file["id"], "the file of the scenario itself is nobody's to read");

    // One of them is erased with everything: the other's stays.
    let contacts = product.get(&product.project("/contacts")).await;
    let contact = contacts["items"][1]["id"].as_str().unwrap();
    let (status, _) = product.call(Method::DELETE, &product.project(&format!("/contacts/{contact}")), None).await;
    assert!(status.is_success());
    let left = bytes(&product, &got[0]).await.0;
    let other = bytes(&product, &got[1]).await.0;
    let mut statuses = [left, other];
    statuses.sort_unstable();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::NOT_FOUND]);
    let mut visitor = Visitor::new(&product).await;
    visitor.says("старт").await;
    assert_eq!(bytes(&product, &visitor.shown().await["attachments"][0]).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_messenger_gets_the_bytes() {
    let shop = Shop::open().await;
    let picture = upload(&shop.product, "лампа.png", PIXEL).await;
    published(&shop.product, "Прайс", sends(&[&picture])).await;
    shop.update(&shop.text(1, "старт")).await;
    harness::until("the picture went out", async || {
        shop.sent().iter().any(|sent| sent["method"] == "sendPhoto" && sent.to_string().contains("лампа.png"))
    })
    .await;
    let sent = shop.sent();
    let photo = sent.iter().find(|sent| sent["method"] == "sendPhoto").unwrap()["form"].as_str().unwrap();
    assert!(photo.contains("IHDR"), "the picture itself");
    assert!(sent.iter().any(|sent| sent.to_string().contains("Понятно")), "and the button: {sent:?}");
}

#[tokio::test]
async fn publishing_refuses_files_that_are_not_the_projects() {
    let product = Product::start().await;
    let made = product.post(&product.project("/scenarios"), json!({ "name": "Прайс", "document": sends(&[]) })).await;
    let id = made["id"].as_str().unwrap();
    let nobodys = json!({ "id": "fil_00000000000000000000000000000000" });
    let revision = save(&product, id, sends(&[&nobodys])).await;
    let path = product.project(&format!("/scenarios/{id}/publish"));
    let (status, problem) = product.call(Method::POST, &path, Some(json!({ "revision": revision }))).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("unknown_file")));

    // What an operator uploads for one message is none either.
    let part = reqwest::multipart::Part::bytes(PIXEL).file_name("x.png");
    let request = product.http.post(product.url(&product.project("/files"))).bearer_auth(&product.account.api_key);
    let (_, file) = harness::answer(request.multipart(reqwest::multipart::Form::new().part("file", part))).await;
    let revision = save(&product, id, sends(&[&file])).await;
    let (status, _) = product.call(Method::POST, &path, Some(json!({ "revision": revision }))).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY);

    let own = upload(&product, "x.png", PIXEL).await;
    let revision = save(&product, id, sends(&[&own])).await;
    publish(&product, id, revision).await;
    let listed = product.get(&product.project("/scenario-files")).await;
    assert_eq!((&listed["items"][0]["id"], &listed["items"][0]["name"]), (&own["id"], &json!("x.png")));
}
