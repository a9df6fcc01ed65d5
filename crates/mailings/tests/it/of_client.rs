//! What one client had of mailings.

use super::support::{Clients, blocked};
use harness::join;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn a_client_is_told_the_mailings_that_reached_any_of_the_channels() {
    let clients = Clients::new().await;
    let product = clients.product();
    let (anna, boris) = (clients.telegram(5).await, clients.telegram(6).await);
    let path = |id: &dyn std::fmt::Display| product.project(&format!("/contacts/{id}/mailings"));
    assert_eq!(product.get(&path(&anna)).await["items"], json!([]));
    let first = clients.mailing(json!({})).await;
    clients.sent(&first).await;
    clients.set(boris, json!({ "phone": "8 912 000-00-06" })).await;
    let skipping = clients.mailing(json!({})).await;
    let opted = product.project(&format!("/contacts/{boris}/opt-out"));
    assert_eq!(product.call(Method::PUT, &opted, None).await.0, StatusCode::OK);
    clients.shop.answers(blocked());
    clients.sent(&skipping).await;

    let had = product.get(&path(&anna)).await["items"].clone();
    let id = |path: &str| json!(path.rsplit('/').next().unwrap());
    let states: Vec<_> = had.as_array().unwrap().iter().map(|one| (&one["mailing_id"], &one["state"])).collect();
    assert_eq!(states, [(&id(&skipping), &json!("failed")), (&id(&first), &json!("sent"))]);
    assert_eq!((&had[0]["reason"], &had[1]["reason"]), (&json!("blocked_by_client"), &Value::Null));
    assert!(had[1]["conversation_id"].is_string() && had[1]["title"].is_string(), "{had:#}");
    // Who was left out was not reached.
    let boris_had = product.get(&path(&boris)).await["items"].clone();
    assert_eq!(boris_had.as_array().unwrap().len(), 1, "{boris_had:#}");

    // One client over both contacts.
    let link = json!({ "kind": "link", "contacts": [anna, boris] });
    product.post(&product.project("/multi-contact-overrides"), link).await;
    assert_eq!(product.get(&path(&boris)).await["items"].as_array().unwrap().len(), 3);
    let nobody = path(&"cnt_00000000000000000000000000000000");
    assert_eq!(product.call(Method::GET, &nobody, None).await.0, StatusCode::NOT_FOUND);
    let stranger = join(product, "clara@a.example", "operator", &[]).await;
    assert_eq!(stranger.call(product, Method::GET, &path(&anna), Value::Null).await.0, StatusCode::NOT_FOUND);
}
