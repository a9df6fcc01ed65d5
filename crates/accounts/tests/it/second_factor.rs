//! A code of the phone beside the password (security statement 12). Phones are played by `totp-rs` over the secret they are shown.

use harness::{Browser, PASSWORD, Product, TestClock, answer, join, sign_in};
use messaging::Settings;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::sync::Arc;
use totp_rs::{Builder, Secret};

const OWNER: &str = "owner@a.example";
const FACTOR: &str = "/api/v1/me/second-factor";
const CONFIRM: &str = "/api/v1/me/second-factor/confirm";
const CODES: &str = "/api/v1/me/recovery-codes";

/// Somebody's phone.
struct Phone(String);

impl Phone {
    /// What it shows now.
    fn code(&self, product: &Product) -> String {
        let key = Secret::try_from_base32(&self.0).unwrap();
        let now = product.app.messaging.env.now().0 / 1000;
        Builder::new().with_secret(key).build().unwrap().generate(u64::try_from(now).unwrap()).to_string()
    }
}

async fn opened() -> (Product, Arc<TestClock>, Browser) {
    let clock = TestClock::new();
    let product = Product::start_with(clock.env(), Settings::default()).await;
    let owner = sign_in(&product, OWNER, PASSWORD).await.ok().unwrap();
    (product, clock, owner)
}

async fn door(product: &Product, email: &str, code: Option<&str>) -> (StatusCode, Value) {
    let body = json!({ "email": email, "password": PASSWORD, "code": code });
    answer(product.http.post(product.url("/api/v1/session")).json(&body)).await
}

/// Somebody who is asked for a code from now on; the codes on paper.
async fn switched_on(product: &Product, who: &Browser) -> (Phone, Vec<String>) {
    let (status, begun) = who.call(product, Method::POST, FACTOR, json!({})).await;
    assert_eq!(status, StatusCode::OK, "{begun}");
    let phone = Phone(begun["secret"].as_str().unwrap().to_owned());
    let (status, made) = who.call(product, Method::POST, CONFIRM, json!({ "code": phone.code(product) })).await;
    assert_eq!(status, StatusCode::OK, "{made}");
    let codes = made["recovery_codes"].as_array().unwrap().iter().map(|code| code.as_str().unwrap().to_owned());
    (phone, codes.collect())
}

fn minutes(clock: &TestClock, n: i64) {
    clock.plus_minutes(n);
}

#[tokio::test]
async fn nothing_is_asked_for_until_the_phone_has_shown_its_first_code() {
    let (product, clock, owner) = opened().await;
    let (_, begun) = owner.call(&product, Method::POST, FACTOR, json!({})).await;
    assert!(begun["address"].as_str().unwrap().starts_with("otpauth://totp/"), "{begun}");
    assert_eq!(door(&product, OWNER, None).await.0, StatusCode::OK, "begun is not on");
    assert_eq!(owner.get(&product, FACTOR).await["since"], Value::Null);

    let wrong = owner.call(&product, Method::POST, CONFIRM, json!({ "code": "000000" })).await;
    assert_eq!((wrong.0, &wrong.1["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("wrong_code")));
    // A second beginning gives the first way: the picture on the screen is the one that counts.
    let (phone, codes) = switched_on(&product, &owner).await;
    assert_ne!(phone.0, begun["secret"].as_str().unwrap());
    assert_eq!(codes.len(), 10);
    let standing = owner.get(&product, FACTOR).await;
    assert_eq!((standing["since"].is_string(), &standing["recovery_codes_left"]), (true, &json!(10)));

    let asked = door(&product, OWNER, None).await;
    assert_eq!((asked.0, &asked.1["code"]), (StatusCode::UNAUTHORIZED, &json!("second_factor_required")));
    minutes(&clock, 1);
    assert_eq!(door(&product, OWNER, Some(&phone.code(&product))).await.0, StatusCode::OK);
    let again = owner.call(&product, Method::POST, FACTOR, json!({})).await;
    assert_eq!((again.0, &again.1["code"]), (StatusCode::CONFLICT, &json!("second_factor_on")));
}

#[tokio::test]
async fn whoever_does_not_know_the_password_does_not_hear_that_a_code_is_asked_for() {
    let (product, _, owner) = opened().await;
    switched_on(&product, &owner).await;
    let wrong = sign_in(&product, OWNER, "guess number one").await.err().unwrap();
    let unknown = sign_in(&product, "nobody@a.example", "guess number one").await.err().unwrap();
    assert_eq!((wrong.0, &wrong.1["code"], &wrong.1["detail"]), (unknown.0, &unknown.1["code"], &unknown.1["detail"]));
}

#[tokio::test]
async fn a_code_is_good_once_and_not_two_steps_later() {
    let (product, clock, owner) = opened().await;
    let (phone, _) = switched_on(&product, &owner).await;
    let used = phone.code(&product);
    assert_eq!(door(&product, OWNER, Some(&used)).await.0, StatusCode::UNAUTHORIZED, "it confirmed the phone");
    minutes(&clock, 1);
    let code = phone.code(&product);
    let both = futures_util::future::join(door(&product, OWNER, Some(&code)), door(&product, OWNER, Some(&code))).await;
    let mut statuses = [both.0.0, both.1.0];
    statuses.sort();
    assert_eq!(statuses, [StatusCode::OK, StatusCode::UNAUTHORIZED], "of two at once one gets in");
    minutes(&clock, 1);
    let old = phone.code(&product);
    minutes(&clock, 1);
    let refused = door(&product, OWNER, Some(&old)).await;
    assert_eq!((refused.0, &refused.1["code"]), (StatusCode::UNAUTHORIZED, &json!("wrong_code")));
}

#[tokio::test]
async fn codes_are_guessed_five_times_and_the_right_one_waits_like_the_others() {
    let (product, clock, owner) = opened().await;
    let (phone, codes) = switched_on(&product, &owner).await;
    minutes(&clock, 1);
    let guesses = futures_util::future::join_all((0..20).map(|_| door(&product, OWNER, Some("123123")))).await;
    let looked_at = guesses.iter().filter(|(status, _)| *status == StatusCode::UNAUTHORIZED).count();
    assert_eq!(looked_at, 5, "of twenty at once");
    assert_eq!(door(&product, OWNER, Some(&phone.code(&product))).await.0, StatusCode::TOO_MANY_REQUESTS);
    assert_eq!(door(&product, OWNER, Some(&codes[0])).await.0, StatusCode::TOO_MANY_REQUESTS);
    minutes(&clock, 16);
    assert_eq!(door(&product, OWNER, Some(&phone.code(&product))).await.0, StatusCode::OK);
}

#[tokio::test]
async fn a_code_on_paper_works_once_and_new_ones_end_the_old() {
    let (product, _, owner) = opened().await;
    let (_, codes) = switched_on(&product, &owner).await;
    let typed = format!(" {} ", codes[3].to_uppercase().replace('-', " "));
    assert_eq!(door(&product, OWNER, Some(&typed)).await.0, StatusCode::OK);
    assert_eq!(door(&product, OWNER, Some(&codes[3])).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(owner.get(&product, FACTOR).await["recovery_codes_left"], json!(9));
    let (status, renewed) = owner.call(&product, Method::POST, CODES, json!({})).await;
    assert_eq!(status, StatusCode::OK);
    assert_eq!(door(&product, OWNER, Some(&codes[4])).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(door(&product, OWNER, renewed["recovery_codes"][4].as_str()).await.0, StatusCode::OK);
}

#[tokio::test]
async fn switching_it_on_ends_the_sessions_that_gave_no_code_and_changing_it_asks_for_the_password() {
    let (product, clock, owner) = opened().await;
    let elsewhere = sign_in(&product, OWNER, PASSWORD).await.ok().unwrap();
    switched_on(&product, &owner).await;
    assert_eq!(answer(elsewhere.request(&product, Method::GET, "/api/v1/me")).await.0, StatusCode::UNAUTHORIZED);
    minutes(&clock, 16);
    for (method, path) in [(Method::POST, FACTOR), (Method::DELETE, FACTOR), (Method::POST, CODES)] {
        let refused = owner.call(&product, method.clone(), path, json!({})).await;
        assert_eq!((refused.0, &refused.1["code"]), (StatusCode::FORBIDDEN, &json!("prove_first")), "{method} {path}");
    }
    owner.call(&product, Method::POST, "/api/v1/session/proof", json!({ "password": PASSWORD })).await;
    assert_eq!(owner.call(&product, Method::DELETE, FACTOR, json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(door(&product, OWNER, None).await.0, StatusCode::OK);
    let off = owner.call(&product, Method::POST, CODES, json!({})).await;
    assert_eq!((off.0, &off.1["code"]), (StatusCode::CONFLICT, &json!("second_factor_off")));
}

#[tokio::test]
async fn a_lost_phone_is_taken_off_by_whoever_decides_about_the_person_and_by_no_key() {
    let (product, clock, owner) = opened().await;
    let project = product.account.project_id.to_string();
    let operator = join(&product, "op@a.example", "operator", &[&project]).await;
    let admin = join(&product, "admin@a.example", "admin", &[&project]).await;
    switched_on(&product, &operator).await;
    switched_on(&product, &owner).await;
    let users = owner.get(&product, "/api/v1/users").await;
    let path_of = |email: &str| {
        let found = users["items"].as_array().unwrap().iter().find(|user| user["email"] == email).unwrap();
        format!("/api/v1/users/{}/second-factor", found["id"].as_str().unwrap())
    };
    let (theirs, owners) = (path_of("op@a.example"), path_of(OWNER));
    assert_eq!(operator.call(&product, Method::DELETE, &owners, json!({})).await.0, StatusCode::FORBIDDEN);
    assert_eq!(admin.call(&product, Method::DELETE, &owners, json!({})).await.0, StatusCode::NOT_FOUND, "above him");
    assert_eq!(
        product.call(Method::DELETE, &theirs, None).await.0,
        StatusCode::FORBIDDEN,
        "a key has no business here"
    );
    minutes(&clock, 16);
    let unproven = admin.call(&product, Method::DELETE, &theirs, json!({})).await;
    assert_eq!((unproven.0, &unproven.1["code"]), (StatusCode::FORBIDDEN, &json!("prove_first")));
    admin.call(&product, Method::POST, "/api/v1/session/proof", json!({ "password": PASSWORD })).await;
    assert_eq!(admin.call(&product, Method::DELETE, &theirs, json!({})).await.0, StatusCode::NO_CONTENT);
    assert_eq!(answer(operator.request(&product, Method::GET, "/api/v1/me")).await.0, StatusCode::UNAUTHORIZED);
    assert_eq!(door(&product, "op@a.example", None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_command_line_lets_a_locked_out_owner_in() {
    let (product, _, owner) = opened().await;
    switched_on(&product, &owner).await;
    let db = &product.app.messaging.db;
    assert!(accounts::remove_second_factor(db, "nobody@a.example").await.is_err());
    assert!(accounts::remove_second_factor(db, " Owner@A.example").await.unwrap());
    assert!(!accounts::remove_second_factor(db, OWNER).await.unwrap(), "twice changes nothing");
    assert_eq!(door(&product, OWNER, None).await.0, StatusCode::OK);
}

#[tokio::test]
async fn an_owner_asks_a_code_of_everybody_and_whoever_has_none_can_only_set_it_up() {
    const RULE: &str = "/api/v1/account/second-factor";
    let (product, clock, owner) = opened().await;
    let project = product.account.project_id.to_string();
    let anna = join(&product, "anna@a.example", "admin", &[&project]).await;
    let key = anna.key(&product, &["read"]).await;
    let asked = |days: i64| json!({ "required": true, "grace_days": days });
    let (status, refused) = owner.call(&product, Method::PUT, RULE, asked(7)).await;
    assert_eq!((status, &refused["code"]), (StatusCode::CONFLICT, &json!("second_factor_first")));
    assert_eq!(anna.call(&product, Method::PUT, RULE, asked(7)).await.0, StatusCode::FORBIDDEN);
    switched_on(&product, &owner).await;
    for days in [-1, 31] {
        assert_eq!(owner.call(&product, Method::PUT, RULE, asked(days)).await.0, StatusCode::UNPROCESSABLE_ENTITY);
    }
    let (status, rule) = owner.call(&product, Method::PUT, RULE, asked(7)).await;
    assert_eq!(status, StatusCode::OK, "{rule}");

    // Everybody is told, and until then goes on.
    let me = anna.get(&product, "/api/v1/me").await;
    assert_eq!((&me["second_factor_needed_from"], &me["has_second_factor"]), (&rule["needed_from"], &json!(false)));
    let list = product.project("/conversations");
    anna.get(&product, &list).await;
    let mut socket = anna.socket(&product).await;
    clock.plus_days(7);

    // From then on nothing goes but setting it up: not by the page, not by a key of hers, not over a socket.
    let by_page = anna.call(&product, Method::GET, &list, Value::Null).await;
    assert_eq!((by_page.0, &by_page.1["code"]), (StatusCode::FORBIDDEN, &json!("second_factor_owed")));
    for (method, path) in [
        (Method::GET, "/api/v1/projects"),
        (Method::PATCH, "/api/v1/me"),
        (Method::PUT, "/api/v1/me/availability"),
        (Method::POST, CODES),
        (Method::DELETE, FACTOR),
        (Method::GET, "/api/v1/users"),
    ] {
        let refused = anna.call(&product, method.clone(), path, json!({})).await;
        assert_eq!(
            (refused.0, &refused.1["code"]),
            (StatusCode::FORBIDDEN, &json!("second_factor_owed")),
            "{method} {path}"
        );
    }
    let by_key = product.call_as(&key, Method::GET, &list, None).await;
    assert_eq!((by_key.0, &by_key.1["code"]), (StatusCode::FORBIDDEN, &json!("second_factor_owed")));
    assert_eq!(product.call_as(&key, Method::GET, "/api/v1/me", None).await.0, StatusCode::FORBIDDEN);
    assert_eq!(socket.close_code().await, 4401, "a socket that was open is closed");
    // The owner's own key goes on: its maker has a code.
    assert_eq!(product.call(Method::GET, &list, None).await.0, StatusCode::OK);

    let again = sign_in(&product, "anna@a.example", PASSWORD).await.ok().unwrap();
    assert_eq!(again.get(&product, FACTOR).await["since"], Value::Null);
    switched_on(&product, &again).await;
    again.get(&product, &list).await;
    assert_eq!(product.call_as(&key, Method::GET, &list, None).await.0, StatusCode::OK);

    // Taken off again, it is owed again; the owner takes the rule back.
    let boris = join(&product, "boris@a.example", "operator", &[&project]).await;
    assert_eq!(boris.call(&product, Method::GET, &list, Value::Null).await.0, StatusCode::FORBIDDEN);
    let proof = json!({ "password": PASSWORD });
    assert!(owner.call(&product, Method::POST, "/api/v1/session/proof", proof).await.0.is_success());
    let (status, rule) = owner.call(&product, Method::PUT, RULE, json!({ "required": false })).await;
    assert_eq!((status, &rule["needed_from"]), (StatusCode::OK, &Value::Null), "{rule}");
    boris.get(&product, &list).await;
}
