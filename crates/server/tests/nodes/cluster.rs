//! Two nodes, their database and their NATS server; each can be killed, frozen and started again.

use bus::{TestNats, free_port};
use reqwest::{Method, StatusCode};
use schema::TestDb;
use serde_json::{Value, json};
use std::fs::{self, File};
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

pub const OTKLIK: &str = env!("CARGO_BIN_EXE_otklik");
pub const EMAIL: &str = "a@a.example";
pub const PASSWORD: &str = "long enough pass";
/// A dead node's work is free again after this.
pub const LEASE: Duration = Duration::from_secs(3);

/// One process, which keeps its port and its folder over restarts.
pub struct Node {
    data: PathBuf,
    port: u16,
    arguments: Vec<String>,
    child: Option<Child>,
}

pub struct Cluster {
    pub nats: TestNats,
    pub a: Node,
    pub b: Node,
    pub site_key: String,
    pub api_key: String,
    pub project: String,
    pub http: reqwest::Client,
    pub test_db: TestDb,
}

impl Cluster {
    /// Two nodes that are up; none on SQLite.
    pub async fn start() -> Option<Self> {
        let test_db = TestDb::new().await;
        let url = test_db.url.clone()?;
        let nats = TestNats::start();
        let mut a = Node::new(test_db.folder.join("a"), &url, &nats);
        let made = init(&a.data, &url);
        let text = |key: &str| made[key].as_str().expect("init says it").to_owned();
        let mut b = Node::new(test_db.folder.join("b"), &url, &nats);
        // What two machines share: the key, and the folder of attachments.
        fs::create_dir_all(a.data.join("files")).expect("writable");
        fs::create_dir_all(&b.data).expect("writable");
        fs::copy(a.data.join("master.key"), b.data.join("master.key")).expect("a key");
        std::os::unix::fs::symlink(a.data.join("files"), b.data.join("files")).expect("a link");
        a.start();
        b.start();
        let (site_key, api_key, project) = (text("site_key"), text("api_key"), text("project_id"));
        egress::choose_tls();
        let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(20)).build().expect("a client");
        Some(Self { nats, a, b, site_key, api_key, project, http, test_db })
    }

    /// A call of a node's API about the project.
    pub async fn call(&self, node: &Node, method: Method, path: &str, body: Option<Value>) -> (StatusCode, Value) {
        let url = format!("http://{}/api/v1/projects/{}{path}", node.address(), self.project);
        let mut request = self.http.request(method, url).bearer_auth(&self.api_key);
        if let Some(body) = body {
            request = request.json(&body);
        }
        let response = request.send().await.expect("an answer");
        let status = response.status();
        (status, response.json().await.unwrap_or(Value::Null))
    }

    pub async fn get(&self, node: &Node, path: &str) -> Value {
        let (status, body) = self.call(node, Method::GET, path, None).await;
        assert_eq!(status, StatusCode::OK, "{path}: {body}");
        body
    }

    pub async fn post(&self, node: &Node, path: &str, body: Value) -> Value {
        let (status, answer) = self.call(node, Method::POST, path, Some(body)).await;
        assert!(status.is_success(), "{path}: {status} {answer}");
        answer
    }

    /// Which node holds a lease, and whether it still does.
    pub async fn holder(&self, name: &'static str) -> Option<String> {
        let read = self.test_db.db.read(db::Scope::System, move |tx| {
            Box::pin(async move {
                let query = db::sql!("SELECT node FROM node_leases WHERE name = $1 -- no account_id");
                query.bind(name).optional::<(String,)>(tx).await
            })
        });
        read.await.expect("the database answers").map(|(node,)| node)
    }
}

impl Node {
    fn new(data: PathBuf, database: &str, nats: &TestNats) -> Self {
        let lease = LEASE.as_secs().to_string();
        let nats = nats.url();
        let arguments = ["--database-url", database, "--nats-url", &nats, "--lease-seconds", &lease];
        let arguments = arguments.map(str::to_owned).to_vec();
        Self { data, port: free_port(), arguments, child: None }
    }

    pub fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    pub fn start(&mut self) {
        let log = File::options().create(true).append(true).open(self.data.with_extension("log")).expect("writable");
        let mut command = Command::new(OTKLIK);
        // The load is ours, from one address.
        command.env("OTKLIK_VISITOR_LIMITS", "off");
        command.args(["serve", "--listen", &self.address(), "--allow-egress", "127.0.0.0/8", "--data"]);
        command.arg(&self.data).args(&self.arguments).env("OTKLIK_LOG", "info,async_nats=error");
        let mut child = command.stdout(Stdio::piped()).stderr(log).spawn().expect("the program starts");
        let mut line = String::new();
        BufReader::new(child.stdout.take().expect("piped")).read_line(&mut line).expect("it says that it is ready");
        assert!(line.contains("ready"), "it does not start: {}", self.log());
        self.child = Some(child);
    }

    /// What it logged.
    pub fn log(&self) -> String {
        fs::read_to_string(self.data.with_extension("log")).unwrap_or_default()
    }

    /// `kill -9`: nothing is flushed, nothing is said.
    pub fn kill(&mut self) {
        if let Some(mut child) = self.child.take() {
            let _ = child.kill();
            let _ = child.wait();
        }
    }

    /// Asks it to stop, and waits until it has.
    pub fn stop(&mut self) {
        self.signal("-TERM");
        if let Some(mut child) = self.child.take() {
            let _ = child.wait();
        }
    }

    pub fn freeze(&self) {
        self.signal("-STOP");
    }

    pub fn thaw(&self) {
        self.signal("-CONT");
    }

    fn signal(&self, name: &str) {
        if let Some(child) = &self.child {
            let _ = Command::new("kill").args([name, &child.id().to_string()]).status();
        }
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        self.kill();
        if std::thread::panicking() {
            eprintln!("--- log of {}:\n{}", self.data.display(), self.log());
        }
    }
}

fn init(data: &Path, database: &str) -> Value {
    let mut command = Command::new(OTKLIK);
    command.args(["init", "--email", EMAIL, "--password", PASSWORD, "--account", "A", "--project", "P"]);
    let made = command.args(["--database-url", database, "--data"]).arg(data).output().expect("init runs");
    serde_json::from_slice(&made.stdout).unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&made.stderr)))
}

/// Waits for something to become true.
pub async fn eventually(what: &str, mut is_true: impl AsyncFnMut() -> bool) {
    let until = Instant::now() + Duration::from_secs(20);
    while !is_true().await {
        assert!(Instant::now() < until, "in vain: {what}");
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
}

/// A frame that says hello to a node as an operator.
pub fn auth_of(api_key: &str) -> Value {
    json!({ "type": "auth", "api_key": api_key })
}
