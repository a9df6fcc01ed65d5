//! Sign-in, sessions, CSRF, roles, invitations.

use harness::{PASSWORD, Product, answer, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::json;

#[tokio::test]
async fn wrong_unknown_and_right_passwords() {
    let product = Product::start().await;
    let wrong = sign_in(&product, "owner@a.example", "wrong password").await.err().unwrap();
    let unknown = sign_in(&product, "nobody@a.example", "wrong password").await.err().unwrap();
    assert_eq!((wrong.0, &wrong.1["code"]), (StatusCode::UNAUTHORIZED, &json!("wrong_password")));
    assert_eq!((unknown.0, &unknown.1["detail"]), (wrong.0, &wrong.1["detail"]), "the same answer for both");
    assert!(sign_in(&product, " Owner@A.example ", PASSWORD).await.is_ok());
}

#[tokio::test]
async fn the_sixth_wrong_password_waits_whatever_forwarded_for_says() {
    let product = Product::start().await;
    for n in 0..6 {
        let request =
            product.http.post(product.url("/api/v1/session")).header("x-forwarded-for", format!("10.0.0.{n}"));
        let response =
            request.json(&json!({ "email": "owner@a.example", "password": "guess-guess" })).send().await.unwrap();
        if n < 5 {
            assert_eq!(response.status(), StatusCode::UNAUTHORIZED, "guess {n}");
        } else {
            assert_eq!(response.status(), StatusCode::TOO_MANY_REQUESTS);
            assert!(response.headers().contains_key("retry-after"));
        }
    }
    let right = sign_in(&product, "owner@a.example", PASSWORD).await.err().unwrap();
    assert_eq!(right.0, StatusCode::TOO_MANY_REQUESTS, "the right password waits too");
}

#[tokio::test]
async fn a_mutation_by_cookie_needs_the_header_and_our_own_page() {
    let product = Product::start().await;
    let browser = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let body = json!({ "name": "New" });
    let bare = answer(browser.request(&product, Method::POST, "/api/v1/projects").json(&body)).await;
    assert_eq!(bare.0, StatusCode::FORBIDDEN);
    let foreign = browser.request(&product, Method::POST, "/api/v1/projects").header("x-otklik-csrf", &browser.csrf);
    assert_eq!(answer(foreign.header("sec-fetch-site", "cross-site").json(&body)).await.0, StatusCode::FORBIDDEN);
    let form = browser.request(&product, Method::POST, "/api/v1/projects").header("x-otklik-csrf", &browser.csrf);
    let form = form.header("content-type", "application/x-www-form-urlencoded").body("name=New");
    assert_eq!(answer(form).await.0, StatusCode::UNSUPPORTED_MEDIA_TYPE);
    assert_eq!(browser.call(&product, Method::POST, "/api/v1/projects", body).await.0, StatusCode::CREATED);
}

#[tokio::test]
async fn signing_out_everywhere_and_a_new_password_end_other_sessions() {
    let product = Product::start().await;
    let first = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let second = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let change = json!({ "current_password": PASSWORD, "password": "another long password" });
    assert_eq!(first.call(&product, Method::PATCH, "/api/v1/me", change).await.0, StatusCode::OK);
    assert_eq!(answer(second.request(&product, Method::GET, "/api/v1/me")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(answer(first.request(&product, Method::GET, "/api/v1/me")).await.0, StatusCode::OK);
    assert_eq!(first.call(&product, Method::DELETE, "/api/v1/sessions", json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(answer(first.request(&product, Method::GET, "/api/v1/me")).await.0, StatusCode::UNAUTHORIZED);
    assert!(sign_in(&product, "owner@a.example", PASSWORD).await.is_err(), "the old password is dead");
}

#[tokio::test]
async fn an_invited_operator_works_in_their_project_and_nowhere_else() {
    let product = Product::start().await;
    let other = product.post("/api/v1/projects", json!({ "name": "Other" })).await;
    let invite = json!({ "email": "op@a.example", "name": "Оля", "role": "operator", "project_ids": [product.account.project_id] });
    let invited = product.post("/api/v1/users", invite).await;
    let token = invited["invite_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
    let path = format!("/api/v1/invitations/{token}");
    let taken = product.http.post(product.url(&path)).json(&json!({ "name": "Ольга", "password": "long enough pass" }));
    assert_eq!(answer(taken).await.0, StatusCode::OK);
    let again = product.http.post(product.url(&path)).json(&json!({ "name": "X", "password": "long enough pass" }));
    assert_eq!(answer(again).await.0, StatusCode::NOT_FOUND, "an invitation works once");

    let operator = sign_in(&product, "op@a.example", "long enough pass").await.ok().unwrap();
    let get = |path: String| answer(operator.request(&product, Method::GET, &path));
    assert_eq!(get(product.project("/conversations")).await.0, StatusCode::OK);
    assert_eq!(
        get(format!("/api/v1/projects/{}/conversations", other["id"].as_str().unwrap())).await.0,
        StatusCode::NOT_FOUND
    );
    assert_eq!(get("/api/v1/users".into()).await.0, StatusCode::FORBIDDEN);
    let rule = json!({ "fields": ["phone"] });
    let made = operator.call(&product, Method::POST, &product.project("/multi-contact-rules"), rule).await;
    assert_eq!(made.0, StatusCode::FORBIDDEN);
}

#[tokio::test]
async fn an_api_key_does_what_its_scopes_say_and_stops_when_deleted() {
    let product = Product::start().await;
    let made = product.post("/api/v1/api-keys", json!({ "title": "только чтение", "scopes": ["read"] })).await;
    let key = made["key"].as_str().unwrap();
    let conversations = product.project("/conversations");
    assert_eq!(product.call_as(key, Method::GET, &conversations, None).await.0, StatusCode::OK);
    let contact = json!({ "channel": "api", "external_id": "x", "fields": {} });
    let refused = product.call_as(key, Method::POST, &product.project("/contacts"), Some(contact)).await;
    assert_eq!(refused.0, StatusCode::FORBIDDEN);
    let id = made["id"].as_str().unwrap();
    assert_eq!(product.call(Method::DELETE, &format!("/api/v1/api-keys/{id}"), None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(product.call_as(key, Method::GET, &conversations, None).await.0, StatusCode::UNAUTHORIZED);
}

#[tokio::test]
async fn of_a_hundred_guesses_at_once_five_are_looked_at_and_the_right_one_among_them_gains_nothing() {
    let product = Product::start().await;
    let guess = |n: usize| {
        let password = if n == 50 { PASSWORD.to_owned() } else { format!("guess number {n}") };
        let request = product.http.post(product.url("/api/v1/session"));
        request.json(&json!({ "email": "owner@a.example", "password": password })).send()
    };
    let answers = futures_util::future::join_all((0..100).map(guess)).await;
    let statuses: Vec<StatusCode> = answers.into_iter().map(|answer| answer.unwrap().status()).collect();
    let count = |wanted| statuses.iter().filter(|status| **status == wanted).count();
    assert_eq!(count(StatusCode::TOO_MANY_REQUESTS) + count(StatusCode::UNAUTHORIZED) + count(StatusCode::OK), 100);
    assert!(count(StatusCode::UNAUTHORIZED) <= 10, "{statuses:?}");
    assert!(count(StatusCode::TOO_MANY_REQUESTS) >= 89, "{statuses:?}");
}

#[tokio::test]
async fn guesses_of_one_address_do_not_lock_out_others_behind_the_same_proxy() {
    let product = Product::start_limited().await;
    let guess = async |address: &str, email: &str, password: &str| {
        let request = product.http.post(product.url("/api/v1/session")).header("x-forwarded-for", address);
        request.json(&json!({ "email": email, "password": password })).send().await.unwrap().status()
    };
    for n in 0..20 {
        let email = format!("nobody{n}@a.example");
        assert_eq!(guess("203.0.113.7", &email, "guess").await, StatusCode::UNAUTHORIZED);
    }
    assert_eq!(guess("203.0.113.7", "nobody@a.example", "guess").await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess("203.0.113.7", "owner@a.example", PASSWORD).await, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(guess("203.0.113.8", "owner@a.example", PASSWORD).await, StatusCode::OK);
}

#[tokio::test]
async fn guesses_at_the_current_password_count_too() {
    let product = Product::start().await;
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let change = |current: String| {
        let body = json!({ "current_password": current, "password": "another long password" });
        owner.call(&product, Method::PATCH, "/api/v1/me", body)
    };
    for n in 0..5 {
        assert_eq!(change(format!("guess {n}")).await.0, StatusCode::FORBIDDEN);
    }
    assert_eq!(change(PASSWORD.to_owned()).await.0, StatusCode::TOO_MANY_REQUESTS, "the right one waits, too");
}

#[tokio::test]
async fn an_invitation_is_taken_once_when_five_come_at_once_and_never_by_somebody_switched_off() {
    let product = Product::start().await;
    let invite = async |email: &str| {
        let project = product.account.project_id;
        let body = json!({ "email": email, "name": "Оля", "role": "operator", "project_ids": [project] });
        let invited = product.post("/api/v1/users", body).await;
        let token = invited["invite_url"].as_str().unwrap().rsplit('/').next().unwrap().to_owned();
        (invited["user"]["id"].as_str().unwrap().to_owned(), product.url(&format!("/api/v1/invitations/{token}")))
    };
    let accept = |path: &str, n: usize| {
        product.http.post(path).json(&json!({ "name": "", "password": format!("{n} long enough phrase") })).send()
    };
    let (_, path) = invite("op@a.example").await;
    let answers = futures_util::future::join_all((0..5).map(|n| accept(&path, n))).await;
    let mut statuses: Vec<u16> = answers.into_iter().map(|answer| answer.unwrap().status().as_u16()).collect();
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 404, 404, 404, 404]);
    let (id, path) = invite("off@a.example").await;
    let off = product.call(Method::PATCH, &format!("/api/v1/users/{id}"), Some(json!({ "active": false }))).await;
    assert_eq!(off.0, StatusCode::OK);
    assert_eq!(accept(&path, 1).await.unwrap().status(), StatusCode::NOT_FOUND);
}

#[tokio::test]
async fn a_password_that_anybody_would_try_is_refused_wherever_one_is_chosen() {
    let product = Product::start().await;
    let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    for weak in ["Qwerty123456", "йцукенгш", "owner@a.example"] {
        let body = json!({ "current_password": PASSWORD, "password": weak });
        let (status, answer) = owner.call(&product, Method::PATCH, "/api/v1/me", body).await;
        assert_eq!(
            (status, &answer["errors"][0]["code"]),
            (StatusCode::UNPROCESSABLE_ENTITY, &json!("too_common")),
            "{weak}"
        );
    }
}
