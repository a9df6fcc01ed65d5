//! What a refused name says.

use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn a_refused_name_is_refused_where_it_stands_in_the_body() {
    let product = Product::start().await;
    let long = "я".repeat(101);
    let connection = json!({ "kind": "own", "title": long, "settings": { "url": "http://127.0.0.1:9/in" } });
    let operator = json!({ "email": "olga@a.example", "name": long, "role": "operator", "project_ids": [] });
    for (path, body, place) in [
        ("/api/v1/api-keys".to_owned(), json!({ "title": "", "scopes": ["read"] }), "title"),
        (product.project("/connections"), connection, "title"),
        ("/api/v1/users".to_owned(), operator, "name"),
        ("/api/v1/projects".to_owned(), json!({ "name": " " }), "name"),
    ] {
        let (status, answer) = product.call(Method::POST, &path, Some(body)).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {answer}");
        assert_eq!(answer["errors"][0]["path"], place, "{path}: {answer}");
    }
}
