//! A person who is signed in.

use crate::{Product, answer};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

/// A session.
pub struct Browser {
    cookie: String,
    /// The word that goes with it.
    pub csrf: String,
}

/// Signs in; the refusal when it is refused.
pub async fn sign_in(product: &Product, email: &str, password: &str) -> Result<Browser, (StatusCode, Value)> {
    let request =
        product.http.post(product.url("/api/v1/session")).json(&json!({ "email": email, "password": password }));
    let response = request.send().await.unwrap();
    let status = response.status();
    let cookie = response.headers().get("set-cookie").map(|v| v.to_str().unwrap().to_owned());
    let body: Value = response.json().await.unwrap();
    if status != StatusCode::OK {
        return Err((status, body));
    }
    let cookie = cookie.unwrap();
    for wanted in ["__Host-otklik=", "Secure", "HttpOnly", "SameSite=Lax", "Path=/"] {
        assert!(cookie.contains(wanted), "{cookie}");
    }
    Ok(Browser {
        cookie: cookie.split(';').next().unwrap().to_owned(),
        csrf: body["csrf"].as_str().unwrap().to_owned(),
    })
}

impl Browser {
    /// A call that only the cookie proves.
    pub fn request(&self, product: &Product, method: Method, path: &str) -> reqwest::RequestBuilder {
        product.http.request(method, product.url(path)).header("cookie", &self.cookie)
    }

    /// A call as this person.
    pub async fn call(&self, product: &Product, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(product, method, path).header("x-otklik-csrf", &self.csrf).json(&body)).await
    }
}
