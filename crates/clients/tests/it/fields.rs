//! Fields are edited by several administrators (issue 11, item 7).

use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

async fn field(product: &Product, key: &str) -> Value {
    let fields = product.get(&product.project("/fields")).await;
    fields["items"].as_array().unwrap().iter().find(|field| field["key"] == key).unwrap().clone()
}

async fn keys(product: &Product) -> Vec<String> {
    let fields = product.get(&product.project("/fields")).await;
    let keys = fields["items"].as_array().unwrap().iter().map(|field| field["key"].as_str().unwrap().to_owned());
    keys.collect()
}

#[tokio::test]
async fn edits_of_one_field_at_once_lose_nothing() {
    let product = Product::start().await;
    let city = json!({ "key": "city", "title": "Город", "kind": "text" });
    product.post(&product.project("/fields"), city).await;
    let path = product.project("/fields/city");
    for round in 0..5 {
        let wanted = round % 2 == 0;
        let edit = |name: &str| product.call(Method::PATCH, &path, Some(json!({ name: wanted })));
        let edits = futures_util::future::join_all(
            ["show_when_empty", "multi", "required", "read_only", "exclusive", "hidden"].map(edit),
        );
        let mut order = keys(&product).await;
        order.reverse();
        let order_path = product.project("/fields/order");
        let ordered = product.call(Method::PUT, &order_path, Some(json!({ "keys": order })));
        let (edits, ordered) = tokio::join!(edits, ordered);
        assert!(edits.iter().all(|(status, _)| *status == StatusCode::OK), "{edits:?}");
        assert_eq!(ordered.0, StatusCode::OK);
        let field = field(&product, "city").await;
        for name in ["show_when_empty", "multi", "required", "read_only", "exclusive", "hidden"] {
            assert_eq!(field[name], wanted, "{name} in round {round}: {field}");
        }
        assert_eq!(keys(&product).await, order);
    }
}

#[tokio::test]
async fn an_order_names_every_field_once() {
    let product = Product::start().await;
    let whole = keys(&product).await;
    let path = product.project("/fields/order");
    let mut twice = whole.clone();
    twice[0] = whole[1].clone();
    let mut strange = whole.clone();
    strange[0] = "city".to_owned();
    for wrong in [twice, strange, whole[1..].to_vec(), [&whole[..], &whole[..1]].concat()] {
        let (status, body) = product.call(Method::PUT, &path, Some(json!({ "keys": wrong }))).await;
        assert_eq!(
            (status, &body["errors"][0]["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("not_all")),
            "{body}"
        );
    }
    assert_eq!(keys(&product).await, whole);
}

#[tokio::test]
async fn a_key_that_the_api_uses_itself_is_refused_in_words() {
    let product = Product::start().await;
    let field = json!({ "key": "order", "title": "Заказ", "kind": "text" });
    let (status, problem) = product.call(Method::POST, &product.project("/fields"), Some(field)).await;
    assert_eq!((status, &problem["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("reserved")));
}
