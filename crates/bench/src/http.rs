//! The product's API, as a program of somebody else calls it.

use crate::process::Running;
use serde_json::Value;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// The API of a running product's project.
pub struct Http {
    base: String,
    key: String,
    client: reqwest::Client,
}

impl Http {
    /// Of one measured server.
    pub fn of(server: &Running) -> Fallible<Self> {
        egress::choose_tls();
        let client = reqwest::Client::builder().no_proxy().build()?;
        Ok(Self { base: server.project_url(), key: server.api_key.clone(), client })
    }

    pub async fn get(&self, path: &str) -> Fallible<Value> {
        self.answer(self.client.get(format!("{}{path}", self.base))).await
    }

    pub async fn patch(&self, path: &str, body: &Value) -> Fallible<Value> {
        self.answer(self.client.patch(format!("{}{path}", self.base)).json(body)).await
    }

    /// A table of values between commas.
    pub async fn post_table(&self, path: &str, table: String) -> Fallible<Value> {
        let request = self.client.post(format!("{}{path}", self.base)).header("content-type", "text/csv");
        self.answer(request.body(table)).await
    }

    pub async fn post(&self, path: &str, body: &Value) -> Fallible<Value> {
        self.answer(self.client.post(format!("{}{path}", self.base)).json(body)).await
    }

    /// A job at its end, and how many seconds that took.
    pub async fn ended(&self, job: Value) -> Fallible<(Value, f64)> {
        let started = Instant::now();
        let url = format!("{}/jobs/{}", self.base, job["id"].as_str().ok_or("no job")?);
        loop {
            let job = self.answer(self.client.get(&url)).await?;
            match job["state"].as_str() {
                Some("waiting" | "running") => tokio::time::sleep(Duration::from_millis(100)).await,
                Some("done") => return Ok((job, started.elapsed().as_secs_f64())),
                _ => return Err(job.to_string().into()),
            }
        }
    }

    async fn answer(&self, request: reqwest::RequestBuilder) -> Fallible<Value> {
        Ok(request.bearer_auth(&self.key).send().await?.error_for_status()?.json().await?)
    }
}
