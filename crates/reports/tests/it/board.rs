//! The board says what is so now.

use crate::support::shop;
use serde_json::{Value, json};
use std::time::{Duration, Instant};

#[tokio::test]
async fn who_waits_and_who_works_is_read_as_it_is() {
    let shop = shop().await;
    let board = async || shop.product.get(&shop.path("/board")).await;
    let department =
        shop.product.post(&shop.path("/departments"), json!({ "name": "Склад", "members": [shop.anna_id] })).await;
    let empty = board().await;
    assert_eq!((&empty["waiting"], &empty["in_work"], &empty["waiting_since"]), (&json!(0), &json!(0), &Value::Null));

    let first = shop.asks("https://shop.example/").await;
    shop.clock.plus_minutes(3);
    let second = shop.asks("https://shop.example/").await;
    let now = board().await;
    assert_eq!((&now["waiting"], &now["queued"], &now["visitors"]), (&json!(2), &json!(2), &json!(2)));
    let queue: Vec<&Value> = now["queue"].as_array().unwrap().iter().map(|one| &one["conversation_id"]).collect();
    assert_eq!(queue, [&json!(first.id), &json!(second.id)], "the longest first");
    assert_eq!(now["waiting_since"], now["queue"][0]["waiting_since"]);

    shop.act(&first, "accept", json!({})).await;
    shop.act(&second, "transfer", json!({ "department_id": department["id"] })).await;
    let now = board().await;
    assert_eq!((&now["waiting"], &now["queued"], &now["in_work"]), (&json!(2), &json!(1), &json!(1)));
    let anna = |board: &Value| {
        board["people"].as_array().unwrap().iter().find(|one| one["user_id"] == shop.anna_id).cloned().unwrap()
    };
    assert_eq!((&anna(&now)["open"], &anna(&now)["connected"]), (&json!(1), &json!(false)));
    assert_eq!((&now["departments"][0]["waiting"], &now["departments"][0]["people"]), (&json!(1), &json!(0)));

    let mut socket = shop.anna.socket(&shop.product).await;
    let from = socket.hello["position"].clone();
    socket.send(json!({ "type": "subscribe", "projects": [shop.product.account.project_id], "from": from })).await;
    let patience = Instant::now() + Duration::from_secs(10);
    while anna(&board().await)["connected"] != true {
        assert!(Instant::now() < patience, "she never came");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    assert_eq!(board().await["departments"][0]["people"], 1);
    shop.answers(&first).await;
    assert_eq!(board().await["waiting"], 1, "who was answered does not wait");
}
