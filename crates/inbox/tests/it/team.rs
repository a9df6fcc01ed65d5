//! A company with a few people, for tests of departments and of distribution.

use harness::{Browser, Product, Socket, TestClock, join};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};

/// Two operators of the first project, one of none, and a clock that stands until it is moved.
pub struct Team {
    pub product: Product,
    pub anna: Colleague,
    pub boris: Colleague,
    pub stranger: Colleague,
    pub clock: Arc<TestClock>,
}

/// Somebody who is signed in.
pub struct Colleague {
    pub browser: Browser,
    pub id: String,
    pub name: String,
}

pub async fn team() -> Team {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let project = product.account.project_id.to_string();
    let anna = Colleague::join(&product, "anna", &[&project]).await;
    let boris = Colleague::join(&product, "boris", &[&project]).await;
    let other = product.post("/api/v1/projects", json!({ "name": "Другой" })).await;
    let stranger = Colleague::join(&product, "stranger", &[other["id"].as_str().unwrap()]).await;
    Team { product, anna, boris, stranger, clock }
}

impl Colleague {
    async fn join(product: &Product, name: &str, projects: &[&str]) -> Self {
        let name = format!("{name}@a.example");
        let browser = join(product, &name, "operator", projects).await;
        let id = browser.get(product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned();
        Self { browser, id, name }
    }

    /// A deed with a conversation.
    pub async fn act(&self, team: &Team, conversation: &str, verb: &str, body: Value) -> (StatusCode, Value) {
        let path = team.path(&format!("/conversations/{conversation}/{verb}"));
        self.browser.call(&team.product, Method::POST, &path, body).await
    }

    /// Comes on line in the first project.
    pub async fn come(&self, team: &Team) -> Socket {
        let mut socket = self.browser.socket(&team.product).await;
        let from = socket.hello["position"].clone();
        let projects = [team.product.account.project_id];
        socket.send(json!({ "type": "subscribe", "projects": projects, "from": from })).await;
        socket
    }

    /// Says something of himself.
    pub async fn say_of_himself(&self, team: &Team, availability: &str) {
        let body = json!({ "availability": availability });
        let (status, me) = self.browser.call(&team.product, Method::PUT, "/api/v1/me/availability", body).await;
        assert_eq!((status, &me["user"]["availability"]), (StatusCode::OK, &json!(availability)), "{me}");
    }

    /// Answers a client.
    pub async fn answer(&self, team: &Team, conversation: &str) {
        let message = json!({ "client_id": format!("{conversation}-{}", self.name), "content": { "text": "Сейчас" } });
        let (status, answer) = self.act(team, conversation, "messages", message).await;
        assert_eq!(status, StatusCode::CREATED, "{answer}");
    }
}

impl Team {
    pub fn path(&self, path: &str) -> String {
        self.product.project(path)
    }

    pub async fn department(&self, name: &str, members: &[&str]) -> Value {
        self.product.post(&self.path("/departments"), json!({ "name": name, "members": members })).await
    }

    pub async fn names(&self) -> Vec<String> {
        let all = self.product.get(&self.path("/departments")).await;
        let items = all["items"].as_array().unwrap().iter();
        items.map(|department| department["name"].as_str().unwrap().to_owned()).collect()
    }

    /// A new client writes.
    pub async fn conversation(&self) -> String {
        let said = self.product.visitor().await.say("1", "Где заказ?").await;
        said["conversation_id"].as_str().unwrap().to_owned()
    }

    pub async fn now(&self, conversation: &str) -> Value {
        self.product.get(&self.path(&format!("/conversations/{conversation}"))).await
    }

    /// Codes of its event lines, and texts of its notes, oldest first.
    pub async fn lines(&self, conversation: &str) -> Vec<String> {
        let messages = self.product.get(&self.path(&format!("/conversations/{conversation}/messages"))).await;
        // They come newest first.
        let items = messages["items"].as_array().unwrap().iter().rev();
        let line = |message: &Value| match message["kind"].as_str().unwrap() {
            "event" => message["content"]["event"]["code"].as_str().map(str::to_owned),
            "note" => message["content"]["text"].as_str().map(str::to_owned),
            _ => None,
        };
        items.filter_map(line).collect()
    }

    /// The data of its last event line.
    pub async fn last_line(&self, conversation: &str) -> Value {
        let messages = self.product.get(&self.path(&format!("/conversations/{conversation}/messages"))).await;
        let mut events = messages["items"].as_array().unwrap().iter().filter(|message| message["kind"] == "event");
        events.next().map(|message| message["content"]["event"].clone()).unwrap_or_default()
    }

    /// How conversations are given out from now on.
    pub async fn route(&self, settings: Value) {
        let (status, answer) = self.product.call(Method::PUT, &self.path("/routing"), Some(settings)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    }

    pub async fn limit(&self, who: &Colleague, most: i64) {
        let path = self.path(&format!("/users/{}/limit", who.id));
        let (status, answer) = self.product.call(Method::PUT, &path, Some(json!({ "max_open": most }))).await;
        assert_eq!(status, StatusCode::NO_CONTENT, "{answer}");
    }

    /// Waits for something that comes by itself.
    pub async fn until(&self, is_so: impl AsyncFn() -> bool) {
        let patience = Instant::now() + Duration::from_secs(15);
        while !is_so().await {
            assert!(Instant::now() < patience, "it never came");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }

    /// Waits until somebody has it.
    pub async fn holder(&self, conversation: &str) -> String {
        self.until(async || self.now(conversation).await["assignee_id"].is_string()).await;
        self.now(conversation).await["assignee_id"].as_str().unwrap().to_owned()
    }

    /// Long enough for distribution to have looked some times.
    pub async fn some_looks(&self) {
        tokio::time::sleep(Duration::from_millis(1500)).await;
    }
}
