//! Jobs that a test waits for.

use harness::Product;
use serde_json::Value;
use std::time::Duration;

/// A job at its end.
pub async fn ended(product: &Product, job: &Value) -> Value {
    let path = product.project(&format!("/jobs/{}", job["id"].as_str().unwrap()));
    for _ in 0..600 {
        let job = product.get(&path).await;
        if !matches!(job["state"].as_str(), Some("waiting" | "running")) {
            return job;
        }
        tokio::time::sleep(Duration::from_millis(20)).await;
    }
    panic!("the job does not end");
}
