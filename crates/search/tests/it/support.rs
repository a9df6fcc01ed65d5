//! A product with clients who said something.

use db::{Scope, sql};
use harness::Product;
use reqwest::{Method, StatusCode};
use search::runner::{self, Pace, Traffic};
use serde_json::Value;
use std::time::Duration;

/// Waits until everything that was said and changed is in the index. A step that a busy storage refused is tried again, as the runner does.
pub async fn indexed(product: &Product) {
    for _ in 0..100 {
        while runner::tick(&product.app.messaging, Pace::eager(), &mut Traffic::default()).await.unwrap() {}
        if left(product).await == 0 {
            return;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("the index does not get done");
}

async fn left(product: &Product) -> i64 {
    let read = product.app.messaging.db.read(Scope::System, |tx| {
        Box::pin(async move {
            let query = sql!(
                "SELECT COUNT(*) FROM account_positions p LEFT JOIN search_follows f ON f.account_id = p.account_id
                 WHERE f.position IS NULL OR f.position < p.position OR f.walked_to IS NOT NULL -- any account_id"
            );
            query.one::<(i64,)>(tx).await
        })
    });
    read.await.unwrap().0
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
