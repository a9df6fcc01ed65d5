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

#[tokio::test]
async fn the_last_day_of_a_channel_is_told_hour_by_hour() {
    let shop = shop().await;
    let path = shop.path("/reports/channel-hours");
    assert_eq!(shop.product.get(&path).await["items"], json!([]));
    shop.asks("https://shop.example/").await;
    shop.clock.plus_minutes(120);
    shop.asks("https://shop.example/").await;
    shop.asks("https://shop.example/").await;
    shop.until("", |report| report["total"]["conversations"] == 3).await;
    let page = shop.product.get(&path).await;
    let channel = &page["items"][0];
    let hours: Vec<_> = channel["hours"].as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).collect();
    assert_eq!((hours.len(), &hours[21..], &channel["conversations"]), (24, &[1, 0, 2][..], &json!(3)));
    let of = |side: &str| channel[side].as_array().unwrap().iter().map(|n| n.as_i64().unwrap()).collect::<Vec<_>>();
    assert_eq!((&of("messages_in")[21..], of("messages_out").iter().sum::<i64>()), (&[1, 0, 2][..], 0));
    assert_eq!((&channel["messages"], &channel["messages_since"]), (&json!(3), &Value::Null));
    let answered = shop.asks("https://shop.example/").await;
    shop.answers(&answered).await;
    shop.until("", |report| report["total"]["conversations"] == 4).await;
    let page = shop.product.get(&path).await;
    let sides = |side: &str| page["items"][0][side][23].clone();
    assert_eq!(
        (sides("messages_in"), sides("messages_out")),
        (json!(3), json!(1)),
        "notes and lines of the thread are no messages"
    );
    // What is older than a day is no part of it.
    shop.clock.plus_minutes(22 * 60);
    let page = shop.product.get(&path).await;
    assert_eq!(page["items"][0]["conversations"], 3);
    shop.clock.plus_days(1);
    assert_eq!(shop.product.get(&path).await["items"], json!([]));
    let project = shop.product.account.project_id.to_string();
    let boris = harness::join(&shop.product, "boris@a.example", "operator", &[&project]).await;
    let refused = boris.call(&shop.product, reqwest::Method::GET, &path, serde_json::Value::Null).await.0;
    assert_eq!(refused, reqwest::StatusCode::FORBIDDEN);
}
