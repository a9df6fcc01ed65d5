//! PostgreSQL that stands still or is started anew (D12): every request ends while it is away, with 503 and when to come back, and afterwards
//! all goes on with nothing lost.

use super::restore::{Running, installed, say};
use super::upgrade::is_sqlite;
use futures_util::future::join_all;
use reqwest::{StatusCode, header::RETRY_AFTER};
use serde_json::{Value, json};
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::watch;

/// How the way to PostgreSQL is.
#[derive(Clone, Copy, PartialEq)]
pub enum Way {
    Open,
    /// What is sent arrives nowhere, and nothing says so.
    Frozen,
    /// Every connection is cut and none is taken.
    Cut,
}

/// A way to PostgreSQL that can be blocked: its address, and its switch.
pub async fn way_to(server: String) -> (String, Arc<watch::Sender<Way>>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (switch, way) = watch::channel(Way::Open);
    tokio::spawn(async move {
        loop {
            let (client, _) = listener.accept().await.unwrap();
            tokio::spawn(carry(client, server.clone(), way.clone()));
        }
    });
    (address, Arc::new(switch))
}

async fn carry(client: TcpStream, server: String, mut way: watch::Receiver<Way>) {
    let mut client = client;
    if *way.borrow() == Way::Cut {
        return;
    }
    let Ok(mut server) = TcpStream::connect(server).await else { return };
    loop {
        let now = *way.borrow_and_update();
        if now == Way::Cut {
            return;
        }
        if now == Way::Frozen {
            if way.changed().await.is_err() {
                return;
            }
            continue;
        }
        tokio::select! {
            _ = copy_bidirectional(&mut client, &mut server) => return,
            changed = way.changed() => if changed.is_err() { return },
        }
    }
}

/// A call of any kind: its status, and when to come again.
async fn call(running: &Running, account: &Value, n: usize) -> (StatusCode, bool) {
    let key = account["api_key"].as_str().unwrap();
    let base = format!("http://{}/api/v1", running.address);
    let project = format!("{base}/projects/{}", account["project_id"].as_str().unwrap());
    let http = harness::client();
    let request = match n % 5 {
        0 => http.get(format!("{project}/contacts")),
        1 => {
            http.post(format!("{project}/contacts")).json(&json!({ "channel": "api", "external_id": format!("c{n}") }))
        }
        2 => http.get(format!("{base}/users")),
        3 => http.get(format!("{project}/conversations")).header("idempotency-key", "x"),
        _ => http
            .post(format!("{project}/contacts"))
            .header("idempotency-key", format!("k{n}"))
            .json(&json!({ "channel": "api", "external_id": format!("k{n}") })),
    };
    let answer = request.bearer_auth(key).send().await.unwrap();
    (answer.status(), answer.headers().contains_key(RETRY_AFTER))
}

async fn readiness(running: &Running) -> (StatusCode, Value) {
    harness::answer(harness::client().get(format!("http://{}/readyz", running.address))).await
}

/// Sends a signal to a backend of PostgreSQL, which is on this machine in tests.
fn signal(pid: i32, name: &str) {
    let sent = std::process::Command::new("kill").args([name, &pid.to_string()]).status().unwrap();
    assert!(sent.success(), "kill {name} {pid}");
}

/// Connections of the program to a database that wait for it to say something, the one that was used last first.
async fn idle_backends(url: &str) -> Vec<i32> {
    let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
    tokio::spawn(connection);
    let text = "SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid() AND state = 'idle'
        AND query = 'COMMIT' ORDER BY state_change DESC";
    client.query(text, &[]).await.unwrap().iter().map(|row| row.get(0)).collect()
}

/// Wakes what was stopped, whatever becomes of the test.
struct Stopped(Vec<i32>);

impl Drop for Stopped {
    fn drop(&mut self) {
        self.0.iter().for_each(|pid| signal(*pid, "-CONT"));
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn one_backend_that_stands_still_alone_is_given_up_and_nobody_is_refused() {
    if is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    let running = Running::start(&place);
    works_again(&running, &account).await;
    assert_eq!(readiness(&running).await, (StatusCode::OK, json!({ "ready": true, "connections_given_up": 0 })));
    join_all((0..40).map(|n| call(&running, &account, n))).await;
    let pids: Vec<i32> = idle_backends(place.url.as_deref().unwrap()).await.into_iter().take(2).collect();
    assert_eq!(pids.len(), 2);
    pids.iter().for_each(|pid| signal(*pid, "-STOP"));
    let _stopped = Stopped(pids);
    // Which connections a request takes is not ours to say, so there are more requests until one of them was met.
    let mut told = Value::Null;
    for round in 1..=10 {
        let calls = join_all((0..40).map(|n| call(&running, &account, 1_000 * round + n)));
        let answers = tokio::time::timeout(Duration::from_secs(12), calls).await;
        for (status, _) in answers.expect("every request ends") {
            assert!(status.is_success(), "another connection is taken: {status}");
        }
        let (status, now) = readiness(&running).await;
        assert_eq!((status, &now["ready"]), (StatusCode::OK, &json!(true)));
        told = now;
        if told["connections_given_up"] != 0 {
            break;
        }
    }
    assert!((1..=2).contains(&told["connections_given_up"].as_u64().unwrap()), "{told}");
    // Those that come later meet none of them.
    let begun = Instant::now();
    join_all((200..240).map(|n| call(&running, &account, n))).await;
    assert!(begun.elapsed() < Duration::from_secs(8), "{:?}", begun.elapsed());
}

async fn works_again(running: &Running, account: &Value) {
    let started = Instant::now();
    for n in [0, 1, 4] {
        while !call(running, account, n).await.0.is_success() {
            assert!(started.elapsed() < Duration::from_secs(30), "it does not come back");
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn while_postgres_is_away_every_request_ends_with_503_and_afterwards_nothing_is_lost() {
    if is_sqlite() {
        return;
    }
    let (mut place, account) = installed().await;
    let url = place.url.clone().unwrap();
    let server = url.split('@').nth(1).unwrap().split('/').next().unwrap().to_owned();
    let (address, way) = way_to(server.clone()).await;
    place.url = Some(url.replace(&server, &address));
    let running = Running::start(&place);
    let live = url.rsplit('/').next().unwrap();
    let mut acknowledged: std::collections::BTreeSet<String> =
        say(&running, &account, (0..5).map(|n| format!("before-{n}"))).await.into_iter().collect();
    for (round, blocked) in [Way::Frozen, Way::Cut, Way::Frozen].into_iter().enumerate() {
        works_again(&running, &account).await;
        way.send_replace(blocked);
        // More than there are connections, so that some wait for one, and then some that come later.
        for wave in 0..2 {
            let calls = join_all((0..40).map(|n| call(&running, &account, n + wave * 100 + round * 1000)));
            let answers = tokio::time::timeout(Duration::from_secs(20), calls).await;
            for (status, says_when) in answers.expect("every request ends while PostgreSQL is away") {
                assert_eq!((status, says_when), (StatusCode::SERVICE_UNAVAILABLE, true), "round {round}, wave {wave}");
            }
        }
        way.send_replace(Way::Open);
        works_again(&running, &account).await;
        acknowledged.extend(say(&running, &account, (0..5).map(|n| format!("{round}-{n}"))).await);
    }
    assert_eq!(super::restore::messages_of(live).await, acknowledged);
}
