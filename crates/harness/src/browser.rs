//! A person who is signed in.

use crate::{PASSWORD, Product, Socket, answer};
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

/// A new colleague of these projects, signed in.
pub async fn join(product: &Product, email: &str, role: &str, projects: &[&str]) -> Browser {
    let invite = json!({ "email": email, "name": email, "role": role, "project_ids": projects });
    let invited = product.post("/api/v1/users", invite).await;
    let token = invited["invite_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let path = product.url(&format!("/api/v1/invitations/{token}"));
    let (status, me) = answer(product.http.post(path).json(&json!({ "name": "", "password": PASSWORD }))).await;
    assert_eq!(status, StatusCode::OK, "{me}");
    sign_in(product, email, PASSWORD).await.unwrap_or_else(|refused| panic!("{refused:?}"))
}

impl Browser {
    /// What only this person sees of a path; it is there.
    pub async fn get(&self, product: &Product, path: &str) -> Value {
        let (status, body) = answer(self.request(product, Method::GET, path)).await;
        assert_eq!(status, StatusCode::OK, "GET {path}: {body}");
        body
    }

    /// A new API key of this person.
    pub async fn key(&self, product: &Product, scopes: &[&str]) -> String {
        let new = json!({ "title": "key", "scopes": scopes });
        let (status, made) = self.call(product, Method::POST, "/api/v1/api-keys", new).await;
        assert_eq!(status, StatusCode::CREATED, "{made}");
        made["key"].as_str().unwrap().to_owned()
    }

    /// The live socket of this person's page, which has not subscribed yet.
    pub async fn socket(&self, product: &Product) -> Socket {
        Socket::of_page(product, &self.cookie, &self.csrf).await
    }

    /// A call that only the cookie proves.
    pub fn request(&self, product: &Product, method: Method, path: &str) -> reqwest::RequestBuilder {
        product.http.request(method, product.url(path)).header("cookie", &self.cookie)
    }

    /// A call as this person.
    pub async fn call(&self, product: &Product, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        answer(self.request(product, method, path).header("x-otklik-csrf", &self.csrf).json(&body)).await
    }
}
