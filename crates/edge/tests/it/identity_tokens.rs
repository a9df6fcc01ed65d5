//! Identity tokens of the site's own server: verified values, and everything a forged one is refused for (statement 9).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use harness::{Product, Socket};
use hmac::{Hmac, KeyInit, Mac};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use sha2::{Sha256, Sha512};

/// Seconds, as tokens count them.
fn now() -> i64 {
    model::Env::system(vault::Vault::throwaway()).now().0 / 1000
}

async fn secret(product: &Product) -> String {
    product.get(&product.project("/identity-secret")).await["secret"].as_str().unwrap().to_owned()
}

fn signed(secret: &str, claims: &Value) -> String {
    let message = unsigned("HS256", claims);
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&message);
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// A token whose header names an extension that it depends on.
fn signed_with_crit(secret: &str, claims: &Value) -> String {
    let header = json!({ "alg": "HS256", "crit": ["exp2"], "exp2": 1 });
    let message = [header.to_string(), claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".");
    let mac = Hmac::<Sha256>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&message);
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn signed_by_another_algorithm(secret: &str, claims: &Value) -> String {
    let message = unsigned("HS512", claims);
    let mac = Hmac::<Sha512>::new_from_slice(secret.as_bytes()).unwrap().chain_update(&message);
    format!("{message}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

/// Header and claims of a token as any other program would write them.
fn unsigned(algorithm: &str, claims: &Value) -> String {
    let header = json!({ "alg": algorithm, "typ": "JWT" });
    [header.to_string(), claims.to_string()].map(|part| URL_SAFE_NO_PAD.encode(part)).join(".")
}

fn marina(seconds: i64) -> Value {
    json!({ "sub": "K-77", "exp": now() + seconds, "name": "Марина", "phone": "8 912 555-01-42", "custom": { "contract": "ОПТ-0093" } })
}

async fn auth(product: &Product, token: &str) -> Socket {
    let mut socket = Socket::open(product, "/w/v1/live").await;
    socket.send(json!({ "type": "auth", "site_key": product.account.site_key, "identity_token": token })).await;
    socket
}

#[tokio::test]
async fn a_token_makes_verified_values_and_joins_by_a_rule_that_demands_them() {
    let product = Product::start().await;
    let rule = json!({ "fields": ["phone"], "verified_only": true });
    product.post(&product.project("/multi-contact-rules"), rule).await;
    let claim = Socket::visitor(&product, None).await;
    let mut claim = claim;
    claim.send(json!({ "type": "fields", "fields": { "phone": "+79125550142" }, "client_id": "c-1" })).await;
    claim.expect("fields").await;
    product
        .post(
            &product.project("/contacts"),
            json!({ "channel": "api", "external_id": "crm", "fields": { "phone": "89125550142" } }),
        )
        .await;
    let mut socket = auth(&product, &signed(&secret(&product).await, &marina(600))).await;
    let hello = socket.expect("hello").await;
    let contact = product.get(&product.project(&format!("/contacts/{}", hello["contact_id"].as_str().unwrap()))).await;
    assert_eq!(contact["fields"]["customer_id"][0]["value"], "K-77");
    assert_eq!(contact["fields"]["contract"][0]["value"], "ОПТ-0093");
    let phone = &contact["fields"]["phone"][0];
    assert_eq!((&phone["verified"], &phone["source"]), (&json!(true), &json!("identity_token")));
    let joined = product.get(&product.project("/multi-contacts?min_size=2")).await;
    let members = joined["items"][0]["contacts"].as_array().unwrap();
    assert_eq!(members.len(), 2, "the claim of the first visitor joins nobody: {joined}");
}

#[tokio::test]
async fn moments_of_a_token_may_have_a_fraction() {
    let product = Product::start().await;
    let mut claims = marina(600);
    claims["exp"] = json!(now() as f64 + 600.75);
    claims["nbf"] = json!(now() as f64 - 5.25);
    let mut socket = auth(&product, &signed(&secret(&product).await, &claims)).await;
    assert!(socket.expect("hello").await["contact_id"].is_string());
    claims["exp"] = json!(now() as f64 - 600.75);
    let mut socket = auth(&product, &signed(&secret(&product).await, &claims)).await;
    let refused = socket.expect("error").await;
    assert!(refused.to_string().contains("it has expired"), "{refused}");
}

#[tokio::test]
async fn claims_of_a_token_that_fit_no_field_are_left_out_and_the_rest_is_verified() {
    let product = Product::start().await;
    product.post(&product.project("/fields"), json!({ "key": "vip", "title": "VIP", "kind": "bool" })).await;
    let mut claims = marina(600);
    claims["email"] = json!({ "work": "m@x.example" });
    claims["custom"]["vip"] = json!("может быть");
    claims["custom"]["nested"] = json!({ "a": 1 });
    let token = signed(&secret(&product).await, &claims);
    let mut socket = auth(&product, &token).await;
    let hello = socket.expect("hello").await;
    let path = product.project(&format!("/contacts/{}", hello["contact_id"].as_str().unwrap()));
    let contact = product.get(&path).await;
    for (key, value) in [("customer_id", "K-77"), ("name", "Марина"), ("contract", "ОПТ-0093")] {
        let held = &contact["fields"][key][0];
        assert_eq!((&held["value"], &held["verified"]), (&json!(value), &json!(true)), "{key}");
    }
    assert_eq!((&contact["fields"]["vip"], &contact["fields"]["email"]), (&Value::Null, &Value::Null));
    // A deleted field must not lock out those who are signed in.
    claims["custom"]["vip"] = json!(true);
    let token = signed(&secret(&product).await, &claims);
    auth(&product, &token).await.expect("hello").await;
    let (status, _) = product.call(Method::DELETE, &product.project("/fields/vip"), None).await;
    assert_eq!(status, StatusCode::NO_CONTENT);
    auth(&product, &token).await.expect("hello").await;
    socket.send(json!({ "type": "fields", "identity_token": token, "client_id": "c-1" })).await;
    socket.expect("fields").await;
    claims["custom"] = json!("none");
    auth(&product, &signed(&secret(&product).await, &claims)).await.expect("hello").await;
    socket.send(json!({ "type": "fields", "fields": { "vip": true }, "client_id": "c-2" })).await;
    assert_eq!(socket.expect("error").await["code"], "invalid", "what a page itself says is still told apart");
}

#[tokio::test]
async fn a_token_may_come_later_and_an_untrue_one_changes_nothing() {
    let product = Product::start().await;
    let mut socket = Socket::visitor(&product, None).await;
    let forged = signed("guessed", &marina(600));
    socket.send(json!({ "type": "fields", "identity_token": forged, "client_id": "c-1" })).await;
    let error = socket.expect("error").await;
    assert_eq!((&error["client_id"], &error["code"]), (&json!("c-1"), &json!("invalid")));
    assert!(error["detail"].as_str().unwrap().contains("signature"), "{error}");
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]));
    let token = signed(&secret(&product).await, &marina(600));
    socket.send(json!({ "type": "fields", "identity_token": token, "client_id": "c-2" })).await;
    assert_eq!(socket.expect("fields").await["client_id"], "c-2");
    let contacts = product.get(&product.project("/contacts")).await;
    assert_eq!(contacts["items"][0]["fields"]["name"][0]["value"], "Марина");
}

#[tokio::test]
async fn tokens_that_prove_nothing_are_refused_at_the_door() {
    let product = Product::start().await;
    let other = Product::start().await;
    let secret = secret(&product).await;
    let with = |key_: &str, value: Value| {
        let mut claims = marina(600);
        claims[key_] = value;
        claims
    };
    let none = {
        let token = signed(&secret, &marina(600));
        let payload = token.split('.').nth(1).unwrap();
        format!("eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.{payload}.")
    };
    let mut without_sub = marina(600);
    without_sub.as_object_mut().unwrap().remove("sub");
    let refused = [
        ("alg none", none),
        ("another algorithm", signed_by_another_algorithm(&secret, &marina(600))),
        ("an extension that nobody knows", signed_with_crit(&secret, &marina(600))),
        ("expired by a fraction", signed(&secret, &with("exp", json!(600.5)))),
        ("expired", signed(&secret, &marina(-600))),
        ("valid for too long", signed(&secret, &marina(7 * 86_400))),
        ("not yet", signed(&secret, &with("nbf", json!(now() + 3600)))),
        ("another project's audience", signed(&secret, &with("aud", json!(other.account.project_id)))),
        ("another project's secret", signed(&self::secret(&other).await, &marina(600))),
        ("without sub", signed(&secret, &without_sub)),
        ("a blank sub", signed(&secret, &with("sub", json!(" ")))),
        ("not a token", "x.y.z".to_owned()),
        ("too long", "x".repeat(10_000)),
    ];
    for (what, token) in refused {
        let mut socket = auth(&product, &token).await;
        assert_eq!(socket.close_code().await, 4401, "{what}");
    }
    assert_eq!(product.get(&product.project("/contacts")).await["items"], json!([]));
    let mut socket = auth(&product, &signed(&secret, &with("aud", json!(product.account.project_id)))).await;
    socket.expect("hello").await;
    // Moments may have fractions.
    let fraction = with("exp", json!(f64::from(u32::try_from(now()).unwrap()) + 600.25));
    auth(&product, &signed(&secret, &fraction)).await.expect("hello").await;
    // After a rotation the old secret proves nothing.
    let (status, answer) = product.call(Method::POST, &product.project("/identity-secret/rotate"), None).await;
    assert_eq!(status, StatusCode::OK);
    assert_ne!(answer["secret"], json!(secret));
    assert_eq!(auth(&product, &signed(&secret, &marina(600))).await.close_code().await, 4401);
    auth(&product, &signed(answer["secret"].as_str().unwrap(), &marina(600))).await.expect("hello").await;
}

/// What a socket that says it is this visitor is told of its conversation.
async fn back(product: &Product, visitor: Option<&str>, token: &str) -> Socket {
    let mut socket = Socket::open(product, "/w/v1/live").await;
    let auth = json!({ "type": "auth", "site_key": product.account.site_key, "visitor_token": visitor, "identity_token": token });
    socket.send(auth).await;
    socket.hello = socket.expect("hello").await;
    socket
}

#[tokio::test]
async fn two_people_of_one_browser_are_two_visitors_and_the_second_reads_nothing_of_the_first() {
    let product = Product::start().await;
    let secret = secret(&product).await;
    let of = |sub: &str, email: &str| signed(&secret, &json!({ "sub": sub, "exp": now() + 600, "email": email }));
    // A guest writes, and is then proven to be A: the same dialog.
    let mut guest = product.visitor().await;
    let said = guest.say("1", "тайна А").await;
    let browser = guest.token();
    drop(guest);
    let a = back(&product, Some(&browser), &of("A", "a@a.example")).await;
    assert_eq!((a.token(), &a.hello["conversation"]["id"]), (browser.clone(), &said["conversation_id"]));
    drop(a);
    let again = back(&product, Some(&browser), &of("A", "a@a.example")).await;
    assert_eq!(again.token(), browser, "the same person stays");
    drop(again);
    // B signs in with the same browser.
    let mut b = back(&product, Some(&browser), &of("B", "b@a.example")).await;
    assert_ne!(b.token(), browser);
    assert_eq!(b.hello["conversation"], Value::Null);
    b.send(json!({ "type": "subscribe", "from": 0 })).await;
    b.say("2", "от Б").await;
    let request = product.http.get(product.url("/w/v1/messages")).header("x-otklik-site", &product.account.site_key);
    let (_, history) = harness::answer(request.header("x-otklik-visitor", b.token())).await;
    assert!(!history.to_string().contains("тайна"), "{history}");
    // And in the middle of A's session a token of B's changes nothing of A.
    let mut a = back(&product, Some(&browser), &of("A", "a@a.example")).await;
    a.send(json!({ "type": "fields", "client_id": "f", "identity_token": of("B", "b@a.example") })).await;
    let refused = a.until(|frame| frame["client_id"] == "f").await;
    assert_eq!((&refused["type"], &refused["code"]), (&json!("error"), &json!("another_person")));
    let contacts = product.get(&product.project("/contacts")).await;
    let contacts = contacts["items"].as_array().unwrap();
    assert_eq!(contacts.len(), 2);
    for contact in contacts {
        assert_eq!(
            contact["fields"]["email"].as_array().unwrap().len(),
            1,
            "nobody has two people's e-mails: {contact}"
        );
    }
}

#[tokio::test]
async fn people_who_sign_in_one_after_the_other_with_one_browser_count_as_new_clients() {
    let product = Product::start_limited().await;
    let secret = secret(&product).await;
    let of = |n: usize| signed(&secret, &json!({ "sub": format!("person-{n}"), "exp": now() + 600 }));
    // Each browser has fewer than what one visitor may give in a minute.
    let mut taken = 0;
    for browser in 0..3 {
        let first = back(&product, None, &of(browser * 15)).await.token();
        taken += 1;
        for n in 1..15 {
            let mut socket = Socket::open(&product, "/w/v1/live").await;
            let auth = json!({ "type": "auth", "site_key": product.account.site_key, "visitor_token": first, "identity_token": of(browser * 15 + n) });
            socket.send(auth).await;
            if socket.close_or_hello().await.is_some() {
                break;
            }
            taken += 1;
        }
        if taken >= 20 {
            break;
        }
    }
    assert!((10..=20).contains(&taken), "an address has 20 new clients at once: {taken}");
    let contacts = product.get(&product.project("/contacts?limit=200")).await;
    assert_eq!(contacts["items"].as_array().unwrap().len(), taken);
}
