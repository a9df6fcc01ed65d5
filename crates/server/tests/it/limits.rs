//! Slow, oversized and flooding peers (D14, security statements 21 and 31).

use harness::{Product, Socket, answer, client};
use messaging::Settings;
use model::Env;
use reqwest::{Method, StatusCode};
use serde_json::json;
use server::listen::{self, Patience};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vault::Vault;

const SOON: Duration = Duration::from_secs(1);

async fn impatient() -> Product {
    let patience = Patience { head: SOON, body: SOON };
    Product::start_patient(Env::system(Vault::throwaway()), Settings::default(), patience).await
}

/// Everything the server says until it closes.
async fn read_to_close(socket: &mut TcpStream) -> String {
    let mut said = Vec::new();
    let read = tokio::time::timeout(Duration::from_secs(10), socket.read_to_end(&mut said)).await;
    let _ = read.expect("the server closes the connection");
    String::from_utf8_lossy(&said).into_owned()
}

#[tokio::test]
async fn a_head_that_comes_a_byte_at_a_time_is_dropped_and_others_are_served() {
    let product = impatient().await;
    let begun = Instant::now();
    let mut slow = TcpStream::connect(product.address).await.unwrap();
    slow.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Slow: ").await.unwrap();
    let (mut reads, mut writes) = slow.into_split();
    let drip = tokio::spawn(async move {
        while writes.write_all(b"a").await.is_ok() {
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
    });
    assert_eq!(product.http.get(product.url("/healthz")).send().await.unwrap().status(), StatusCode::OK);
    let mut said = Vec::new();
    let closed = tokio::time::timeout(Duration::from_secs(5), reads.read_to_end(&mut said)).await;
    assert!(closed.is_ok(), "the connection was not dropped");
    assert!(begun.elapsed() >= SOON, "it had its time");
    drip.abort();
}

#[tokio::test]
async fn a_body_that_stops_coming_is_408_in_words_and_ends_the_connection() {
    let product = impatient().await;
    let mut slow = TcpStream::connect(product.address).await.unwrap();
    let path = product.project("/contacts");
    let key = &product.account.api_key;
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {key}\r\nContent-Type: application/json\r\n\
         Content-Length: 100\r\n\r\n{{\"channel\":"
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    let said = read_to_close(&mut slow).await;
    assert!(said.starts_with("HTTP/1.1 408") && said.contains("\"code\":\"body_timeout\""), "{said}");
    assert!(said.to_lowercase().contains("connection: close") && said.contains("request_id"), "{said}");
}

#[tokio::test]
async fn a_slow_body_that_keeps_coming_is_taken() {
    let product = impatient().await;
    let body = json!({ "channel": "api", "external_id": "slow", "fields": {} }).to_string();
    let mut slow = TcpStream::connect(product.address).await.unwrap();
    let head = format!(
        "POST {} HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer {}\r\nContent-Type: application/json\r\n\
         Content-Length: {}\r\nConnection: close\r\n\r\n",
        product.project("/contacts"),
        product.account.api_key,
        body.len()
    );
    slow.write_all(head.as_bytes()).await.unwrap();
    for piece in body.as_bytes().chunks(body.len() / 4) {
        tokio::time::sleep(SOON / 2).await;
        slow.write_all(piece).await.unwrap();
    }
    let said = read_to_close(&mut slow).await;
    assert!(said.starts_with("HTTP/1.1 201"), "{said}");
}

#[tokio::test]
async fn long_addresses_long_headers_and_compressed_bodies_are_refused_in_words() {
    let product = Product::start().await;
    let get = |path: String| product.http.get(product.url(&path)).bearer_auth(&product.account.api_key);
    let start = format!("/api/v1/projects/{}?q=", product.account.project_id);
    let address = |length: usize| format!("{start}{}", "a".repeat(length - start.len()));
    let (status, problem) = answer(get(address(8 * 1024 + 1))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::URI_TOO_LONG, &json!("uri_too_long")), "{problem}");
    assert_eq!(answer(get(address(8 * 1024))).await.0, StatusCode::OK);

    let (status, problem) = answer(get("/api/v1/channel-kinds".into()).header("x-long", "a".repeat(16 * 1024))).await;
    assert_eq!((status, &problem["code"]), (StatusCode::REQUEST_HEADER_FIELDS_TOO_LARGE, &json!("headers_too_large")));
    assert!(problem["request_id"].is_string());
    assert_eq!(
        answer(get("/api/v1/channel-kinds".into()).header("x-long", "a".repeat(15 * 1024))).await.0,
        StatusCode::OK
    );

    let contact = json!({ "channel": "api", "external_id": "x", "fields": {} });
    for encoding in ["gzip", "br", "identity, gzip"] {
        let path = product.url(&product.project("/contacts"));
        let request = product.http.request(Method::POST, path).bearer_auth(&product.account.api_key).json(&contact);
        let (status, problem) = answer(request.header("content-encoding", encoding)).await;
        assert_eq!(
            (status, &problem["code"]),
            (StatusCode::UNSUPPORTED_MEDIA_TYPE, &json!("compressed")),
            "{encoding}"
        );
    }
}

#[tokio::test]
async fn a_head_without_end_is_refused_while_it_is_read() {
    let product = Product::start().await;
    let mut endless = TcpStream::connect(product.address).await.unwrap();
    endless.write_all(b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n").await.unwrap();
    let line = format!("X-Long: {}\r\n", "a".repeat(1000));
    for _ in 0..80 {
        if endless.write_all(line.as_bytes()).await.is_err() {
            break;
        }
    }
    let said = read_to_close(&mut endless).await;
    assert!(said.starts_with("HTTP/1.1 431") || said.is_empty(), "{said}");
}

#[tokio::test]
async fn a_socket_that_floods_is_closed_with_1013_and_others_go_on() {
    let product = Product::start().await;
    let mut other = product.visitor().await;
    let mut visitor = product.visitor().await;
    visitor.flood(r#"{"type":"typing"}"#, 20_000).await;
    assert_eq!(visitor.close_code().await, 1013);
    let mut operator: Socket = product.operator().await;
    operator.flood(r#"{"type":"presence"}"#, 20_000).await;
    assert_eq!(operator.close_code().await, 1013);
    other.say("1", "я пишу как человек").await;
}

#[tokio::test]
async fn a_busy_socket_below_the_rate_stays_open() {
    let product = Product::start().await;
    let mut visitor = product.visitor().await;
    visitor.flood(r#"{"type":"typing"}"#, 3000).await;
    visitor.say("1", "ещё здесь").await;
}

#[tokio::test]
async fn a_request_under_way_is_finished_when_the_server_stops_and_no_new_one_is_taken() {
    static DONE: AtomicBool = AtomicBool::new(false);
    let slow = || async {
        tokio::time::sleep(SOON / 2).await;
        DONE.store(true, Ordering::Relaxed);
        "finished"
    };
    let router = axum::Router::new().route("/slow", axum::routing::get(slow));
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let serving =
        tokio::spawn(listen::serve(listener, router, Patience::default(), async move { drop(stopped.await) }));
    let url = format!("http://{address}/slow");
    let answered = tokio::spawn(async move { client().get(url).send().await.unwrap().text().await.unwrap() });
    tokio::time::sleep(SOON / 4).await;
    stop.send(()).unwrap();
    tokio::time::timeout(Duration::from_secs(5), serving).await.expect("it ends").unwrap();
    assert!(DONE.load(Ordering::Relaxed), "it waited for the request");
    assert_eq!(answered.await.unwrap(), "finished");
    assert!(TcpStream::connect(address).await.is_err(), "nobody listens any more");
}
