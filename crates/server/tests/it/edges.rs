//! The edges of HTTP and of sockets: what a browser, a scanner or a broken client sends (issue 13 A8, A9).

use harness::{Product, Socket, answer};
use messaging::Settings;
use model::Env;
use reqwest::{Method, StatusCode};
use serde_json::json;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use vault::Vault;

async fn behind_tls() -> Product {
    let settings = Settings { public_url: "https://chat.example.ru".into() };
    Product::start_with(Env::system(Vault::throwaway()), settings).await
}

/// What comes back to these bytes until nothing comes for a while.
async fn said_back(product: &Product, bytes: &[u8]) -> String {
    let mut socket = TcpStream::connect(product.address).await.unwrap();
    socket.write_all(bytes).await.unwrap();
    let mut heard = Vec::new();
    let mut piece = [0; 4096];
    let patience = std::time::Duration::from_millis(1500);
    while let Ok(Ok(count @ 1..)) = tokio::time::timeout(patience, socket.read(&mut piece)).await {
        heard.extend_from_slice(&piece[..count]);
    }
    String::from_utf8_lossy(&heard).into_owned()
}

#[tokio::test]
async fn browsers_are_told_to_stay_with_https_where_there_is_one() {
    let told = async |product: &Product| {
        let response = product.http.get(product.url("/healthz")).send().await.unwrap();
        response.headers().get("strict-transport-security").map(|value| value.to_str().unwrap().to_owned())
    };
    assert_eq!(told(&behind_tls().await).await.as_deref(), Some("max-age=31536000"));
    assert_eq!(told(&Product::start().await).await, None);
}

#[tokio::test]
async fn only_the_sites_of_this_installation_are_answered_across_origins() {
    let product = Product::start().await;
    let path = format!("/api/v1/projects/{}", product.account.project_id);
    let ask = |method: Method, origin: &'static str| {
        let url = product.url(&format!("/w/v1/config?p={}", product.account.site_key));
        let request = product.http.request(method, url).header("origin", origin);
        async move {
            let response = request.header("access-control-request-method", "POST").send().await.unwrap();
            let allowed = response.headers().get("access-control-allow-origin").cloned();
            (response.status().as_u16(), allowed.map(|origin| origin.to_str().unwrap().to_owned()))
        }
    };
    assert_eq!(ask(Method::OPTIONS, "https://any.example").await.0, 204, "no list: every site");
    assert_eq!(ask(Method::OPTIONS, "null").await, (403, None));
    let body = json!({ "allowed_origins": ["https://shop.example"] });
    assert_eq!(product.call(Method::PATCH, &path, Some(body)).await.0, StatusCode::OK);
    let shop = Some("https://shop.example".to_owned());
    assert_eq!(ask(Method::OPTIONS, "https://shop.example").await, (204, shop.clone()));
    assert_eq!(ask(Method::GET, "https://shop.example").await, (200, shop));
    for foreign in ["https://evil.example", "https://shop.example.evil.example", "https://%", "null"] {
        assert_eq!(ask(Method::OPTIONS, foreign).await, (403, None), "{foreign}");
        assert_eq!(ask(Method::GET, foreign).await, (403, None), "{foreign}");
    }
}

#[tokio::test]
async fn a_request_names_one_host_and_no_method_is_echoed() {
    let product = Product::start().await;
    let status =
        async |request: &str| said_back(&product, request.as_bytes()).await.get(9..12).unwrap_or("").to_owned();
    assert_eq!(status("GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await, "200");
    assert_eq!(status("GET /healthz HTTP/1.1\r\nConnection: close\r\n\r\n").await, "400");
    assert_eq!(status("GET /healthz HTTP/1.1\r\nHost: a\r\nHost: b\r\nConnection: close\r\n\r\n").await, "400");
    assert_eq!(status("TRACE /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").await, "405");
}

#[tokio::test]
async fn what_is_not_there_is_404_whoever_asks() {
    let product = behind_tls().await;
    for path in ["/.env", "/wp-login.php", "/admin", "/api", "/api/v1/nothing", "/api/v2/projects", "/w/nothing.js"] {
        let anonymous = answer(product.http.get(product.url(path))).await.0;
        let (with_key, _) = product.call(Method::GET, path, None).await;
        assert_eq!((anonymous, with_key), (StatusCode::NOT_FOUND, StatusCode::NOT_FOUND), "{path}");
    }
    for path in ["/inbox", "/inbox/cnv_1", "/clients", "/sign-in", "/invite/abc", "/projects/prj_1/settings/team"] {
        assert_ne!(answer(product.http.get(product.url(path))).await.0, StatusCode::NOT_FOUND, "{path}");
    }
}

#[tokio::test]
async fn head_is_get_without_its_body() {
    let product = Product::start().await;
    let head = |path: &str| product.http.head(product.url(path)).bearer_auth(&product.account.api_key).send();
    for path in ["/api/v1/projects".to_owned(), product.project("/contacts"), "/healthz".to_owned()] {
        let response = head(&path).await.unwrap();
        assert_eq!(response.status(), StatusCode::OK, "{path}");
        assert!(response.bytes().await.unwrap().is_empty());
    }
    let other = head("/api/v1/projects/prj_00000000000000000000000000000000/contacts").await.unwrap();
    assert_eq!(other.status(), StatusCode::NOT_FOUND, "the project is looked at, too");
}

#[tokio::test]
async fn sockets_that_break_the_rules_are_told_which() {
    let product = Product::start().await;
    for path in ["/w/v1/live", "/api/v1/live"] {
        let open = async || {
            let mut socket = Socket::open(&product, path).await;
            let proof = match path {
                "/w/v1/live" => json!({ "type": "auth", "site_key": product.account.site_key }),
                _ => json!({ "type": "auth", "api_key": product.account.api_key }),
            };
            socket.send(proof).await;
            socket.expect("hello").await;
            socket
        };
        let mut large = open().await;
        large.send_text(&"x".repeat(70_000)).await;
        assert_eq!(large.close_code().await, 1009, "{path}");
        let mut garbled = open().await;
        garbled.send_garbled().await;
        assert_eq!(garbled.close_code().await, 1007, "{path}");
    }
}

#[tokio::test]
async fn a_refused_body_does_not_become_the_next_request() {
    let product = Product::start().await;
    let body = "GET /stolen HTTP/1.1\r\nHost: a\r\n\r\n".repeat(20);
    let refused = format!("POST /api/v1/projects HTTP/1.1\r\nHost: a\r\nContent-Length: {}\r\n\r\n{body}", body.len());
    let next = "GET /healthz HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let heard = said_back(&product, format!("{refused}{next}").as_bytes()).await;
    let statuses: Vec<&str> = heard.split("HTTP/1.1 ").skip(1).filter_map(|answer| answer.get(..3)).collect();
    assert_eq!(statuses, ["401", "200"], "{heard}");
    // More than is read away: the connection says that it ends.
    let long =
        format!("POST /api/v1/projects HTTP/1.1\r\nHost: a\r\nContent-Length: 900000\r\n\r\n{}", "x".repeat(400_000));
    let heard = said_back(&product, long.as_bytes()).await.to_lowercase();
    assert!(heard.starts_with("http/1.1 401") && heard.contains("connection: close"), "{heard}");
}

#[tokio::test]
async fn a_button_leads_to_nothing_that_a_browser_would_run() {
    let product = Product::start().await;
    let said = product.visitor().await.say("1", "здравствуйте").await;
    let path = product.project(&format!("/conversations/{}/messages", said["conversation_id"].as_str().unwrap()));
    let send = async |url: &str, n: usize| {
        let buttons = json!([[{ "id": "a", "label": "a", "kind": "link", "url": url }]]);
        let body = json!({ "client_id": n.to_string(), "content": { "text": "x", "buttons": buttons } });
        product.call(Method::POST, &path, Some(body)).await
    };
    for (n, url) in
        ["javascript:alert(1)", "JavaScript:alert(1)", "data:text/html,x", " javascript:1", "//evil", "vbscript:x"]
            .into_iter()
            .enumerate()
    {
        let (status, answer) = send(url, n).await;
        assert_eq!(
            (status, &answer["errors"][0]["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("bad_address")),
            "{url}"
        );
    }
    for (n, url) in ["https://shop.example/a", "mailto:a@shop.example", "tel:+79120000000", "tg://user?id=1"]
        .into_iter()
        .enumerate()
    {
        assert_eq!(send(url, 100 + n).await.0, StatusCode::CREATED, "{url}");
    }
}

/// NUL in every text of every operation that takes one, on both engines: refused, and never an error of ours.
#[tokio::test]
async fn nul_is_refused_everywhere_and_never_an_error_of_ours() {
    let product = Product::start().await;
    let project = |path: &str| product.project(path);
    let said = product.visitor().await.say("1", "здравствуйте").await;
    let messages = project(&format!("/conversations/{}/messages", said["conversation_id"].as_str().unwrap()));
    let nul = "a\u{0}b";
    let calls = [
        (Method::POST, "/api/v1/session".to_owned(), json!({ "email": nul, "password": nul })),
        (Method::POST, "/api/v1/users".to_owned(), json!({ "email": "x@a.example", "name": nul, "role": "operator" })),
        (Method::POST, "/api/v1/api-keys".to_owned(), json!({ "title": nul, "scopes": ["read"] })),
        (Method::POST, "/api/v1/projects".to_owned(), json!({ "name": nul })),
        (Method::PATCH, format!("/api/v1/projects/{}", product.account.project_id), json!({ "name": nul })),
        (Method::POST, project("/contacts"), json!({ "channel": "api", "external_id": nul })),
        (
            Method::POST,
            project("/contacts"),
            json!({ "channel": "api", "external_id": "x", "fields": { "name": nul } }),
        ),
        (Method::POST, project("/fields"), json!({ "key": "a", "title": nul, "kind": "text" })),
        (
            Method::POST,
            project("/connections"),
            json!({ "kind": "own", "title": nul, "settings": { "url": "http://127.0.0.1:9/" } }),
        ),
        (Method::POST, project("/multi-contact-values"), json!({ "field": "phone", "value": nul, "state": "blocked" })),
        (Method::POST, messages.clone(), json!({ "client_id": nul, "content": { "text": "x" } })),
        (Method::POST, messages, json!({ "client_id": "x", "content": { "text": nul } })),
        (
            Method::POST,
            project("/changes"),
            json!({ "changes": [{ "op": "create", "external_id": nul, "fields": {} }] }),
        ),
    ];
    for (method, path, body) in calls {
        let (status, answer) = product.call(method.clone(), &path, Some(body.clone())).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{method} {path} {body}: {answer}");
    }
    for path in [
        project("/contacts?q=a%00b"),
        project("/conversations?cursor=%00"),
        project("/multi-contacts?q=%00"),
        "/w/v1/config?p=%00".to_owned(),
    ] {
        let (status, answer) = product.call(Method::GET, &path, None).await;
        assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "{path}: {answer}");
    }
    for path in ["/api/v1/invitations/a%00b".to_owned(), project("/fields/a%00b/usage"), "/f/%00".to_owned()] {
        let (status, answer) = product.call(Method::GET, &path, None).await;
        assert_eq!(status, StatusCode::NOT_FOUND, "{path}: {answer}");
    }
    let mut visitor = product.visitor().await;
    visitor.send(json!({ "type": "fields", "client_id": "f", "fields": { "name": nul } })).await;
    assert_eq!(visitor.until(|frame| frame["client_id"] == "f").await["code"], "invalid");
    let mut unknown = Socket::open(&product, "/w/v1/live").await;
    unknown.send(json!({ "type": "auth", "site_key": nul })).await;
    assert_eq!(unknown.close_code().await, 4401);
}
