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

#[tokio::test]
async fn a_field_remembers_what_it_held_and_says_where_it_is_used() {
    let product = Product::start().await;
    let contact = product
        .post(
            &product.project("/contacts"),
            json!({ "channel": "api", "external_id": "a", "fields": { "contract": "К-1" } }),
        )
        .await;
    let path = product.project(&format!("/contacts/{}", contact["id"].as_str().unwrap()));
    for value in [json!("К-2"), Value::Null, json!("К-3")] {
        let (status, _) = product.call(Method::PATCH, &path, Some(json!({ "fields": { "contract": value } }))).await;
        assert_eq!(status, StatusCode::OK);
    }
    let history = product.get(&format!("{path}/fields/contract/history")).await;
    let states: Vec<_> =
        history["items"].as_array().unwrap().iter().map(|s| (s["what"].clone(), s["values"].clone())).collect();
    let state = |what: &str, values: Value| (json!(what), values);
    let expected = [
        state("set", json!(["К-3"])),
        state("cleared", json!([])),
        state("set", json!(["К-2"])),
        state("set", json!(["К-1"])),
    ];
    assert_eq!(states, expected);
    product.changes(json!([{ "op": "rule_add", "key": "k", "fields": ["contract", "phone"] }])).await;
    let usage = product.get(&product.project("/fields/contract/usage")).await;
    assert_eq!((usage["rules"].as_array().unwrap().len(), &usage["contacts"]), (1, &json!(1)));
}

#[tokio::test]
async fn options_of_a_list_are_checked_when_they_change_as_when_it_is_made() {
    let product = Product::start().await;
    let list = json!({ "key": "city", "title": "Город", "kind": "list", "options": ["Омск"] });
    product.post(&product.project("/fields"), list).await;
    let change = |options: Vec<String>| {
        let product = &product;
        async move {
            let body = json!({ "options": options });
            product.call(Method::PATCH, &product.project("/fields/city"), Some(body)).await
        }
    };
    for wrong in [Vec::new(), (0..201).map(|n| n.to_string()).collect()] {
        let (status, answer) = change(wrong).await;
        assert_eq!((status, &answer["errors"][0]["path"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("options")));
    }
    assert_eq!(change(vec!["Омск".into(), "Томск".into()]).await.0, StatusCode::OK);
}
