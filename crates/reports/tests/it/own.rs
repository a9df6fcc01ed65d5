//! Numbers of one's own: an operator sees his, and by no parameter a colleague's.

use crate::support::shop;
use harness::{Browser, join};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn an_operator_sees_his_own_numbers_and_nothing_of_colleagues() {
    let shop = shop().await;
    let talks = shop.a_day().await;
    let project = shop.product.account.project_id.to_string();
    let boris = join(&shop.product, "boris@a.example", "operator", &[&project]).await;
    let boris_id = boris.get(&shop.product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned();
    // One of the five is given to another; the rest is Anna's where she answered or closed, and nobody's.
    shop.act(&talks[1], "assign", json!({ "user_id": boris_id })).await;
    let rows = shop
        .until("by=operator", |report| {
            let rows = report["rows"].as_array().unwrap();
            rows.iter().any(|row| row["key"] == json!(boris_id) && row["conversations"] == 1)
        })
        .await;
    for (who, id) in [(&shop.anna, &shop.anna_id), (&boris, &boris_id)] {
        let own = who.get(&shop.product, &shop.path("/reports/own")).await;
        let row = rows["rows"].as_array().unwrap().iter().find(|row| row["key"] == json!(id)).unwrap();
        for (name, value) in own["total"].as_object().unwrap() {
            assert_eq!(*value, row[name], "{name} is what the lead sees of {id}");
        }
        assert_eq!(own["days"].as_array().unwrap().len(), 1, "{own}");
        assert_eq!(own["before"]["conversations"], 0);
        for (which, column) in [
            ("all", "conversations"),
            ("asked", "asked"),
            ("answered", "answered"),
            ("missed", "missed"),
            ("closed", "closed"),
            ("rated", "rated"),
        ] {
            let listed =
                all(&shop.product, who, &shop.path(&format!("/reports/own/sessions?limit=1&which={which}"))).await;
            assert_eq!(json!(listed.len()), own["total"][column], "{which}");
            assert!(listed.iter().all(|item| item["operator_id"] == json!(id)), "{listed:#?}");
        }
    }
    let status =
        async |who: &Browser, path: &str| who.call(&shop.product, Method::GET, &shop.path(path), Value::Null).await.0;
    // Whatever a colleague could be asked by is refused, and the reports of everybody stay the lead's.
    for by in ["operator", "department", "channel", "page", "scenario"] {
        for path in [
            format!("/reports/own?by={by}"),
            format!("/reports/own/sessions?by={by}&key={}", shop.anna_id),
            format!("/reports/own/sessions?key={}", shop.anna_id),
            "/reports/own/sessions?weekday=0&hour=1".to_owned(),
            format!("/reports/own?operator_id={}", shop.anna_id),
        ] {
            assert_eq!(status(&boris, &path).await, StatusCode::UNPROCESSABLE_ENTITY, "{path}");
        }
        assert_eq!(status(&boris, &format!("/reports/conversations?by={by}")).await, StatusCode::FORBIDDEN);
    }
    for path in ["/reports/sessions", "/reports/conversations/export", "/reports/settings", "/board"] {
        assert_eq!(status(&boris, path).await, StatusCode::FORBIDDEN, "{path}");
    }
    // A key is nobody; whoever is not of the project sees nothing.
    let by_key = shop.product.call(Method::GET, &shop.path("/reports/own"), None).await.0;
    assert_eq!(by_key, StatusCode::FORBIDDEN);
    let stranger = join(&shop.product, "clara@a.example", "operator", &[]).await;
    assert_eq!(status(&stranger, "/reports/own").await, StatusCode::NOT_FOUND);
}

async fn all(product: &harness::Product, who: &Browser, path: &str) -> Vec<Value> {
    let (mut items, mut cursor) = (Vec::new(), String::new());
    loop {
        let page = who.get(product, &format!("{path}{cursor}")).await;
        items.extend(page["items"].as_array().unwrap().iter().cloned());
        let Some(next) = page["next_cursor"].as_str() else { return items };
        cursor = format!("&cursor={next}");
    }
}
