//! A product with clients who said something.

use harness::Product;
use reqwest::{Method, StatusCode};
use search::runner::{self, Pace, Traffic};
use serde_json::Value;

/// Waits until everything that was said and changed is in the index.
pub async fn indexed(product: &Product) {
    while runner::tick(&product.app.messaging, Pace::eager(), &mut Traffic::default()).await.unwrap() {}
}

/// The answer to a search: `q` and other parameters.
pub async fn ask(product: &Product, params: &[(&str, &str)]) -> (StatusCode, Value) {
    let query = reqwest::Url::parse_with_params("http://x/", params).unwrap();
    let path = format!("{}?{}", product.project("/search"), query.query().unwrap_or_default());
    product.call(Method::GET, &path, None).await
}

/// Hits of a search that is answered.
pub async fn hits(product: &Product, params: &[(&str, &str)]) -> Vec<Value> {
    let (status, answer) = ask(product, params).await;
    assert_eq!(status, StatusCode::OK, "{params:?}: {answer}");
    answer["items"].as_array().unwrap().clone()
}

/// What a hit shows as found.
pub fn marked(hit: &Value) -> Vec<String> {
    let chars: Vec<char> = hit["snippet"].as_str().unwrap().chars().collect();
    let cut =
        |mark: &Value| chars[mark[0].as_u64().unwrap() as usize..mark[1].as_u64().unwrap() as usize].iter().collect();
    hit["marks"].as_array().unwrap().iter().map(cut).collect()
}
