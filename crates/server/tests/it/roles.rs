//! Who may do what, and through what: every operation by every role, by session and through keys (T9, issue 13 A1).

use harness::{Browser, PASSWORD, Product, Socket, answer, join, sign_in};
use http_kit::Role;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use server::Rule;

const SCOPES: [&str; 4] = ["read", "write", "settings", "admin"];

/// An account with two projects and people of every kind.
struct House {
    product: Product,
    shop: String,
    other: String,
    owner: Browser,
}

impl House {
    async fn new() -> Self {
        let product = Product::start().await;
        let other = product.post("/api/v1/projects", json!({ "name": "Other" })).await;
        let owner = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
        let shop = product.account.project_id.to_string();
        Self { other: other["id"].as_str().unwrap().to_owned(), shop, product, owner }
    }

    async fn join(&self, email: &str, role: &str, projects: &[&str]) -> Browser {
        join(&self.product, email, role, projects).await
    }

    async fn by_key(&self, key: &str, method: Method, path: &str, body: Value) -> (StatusCode, Value) {
        self.product.call_as(key, method, path, Some(body)).await
    }

    async fn id_of(&self, person: &Browser) -> String {
        person.get(&self.product, "/api/v1/me").await["user"]["id"].as_str().unwrap().to_owned()
    }
}

#[tokio::test]
async fn every_operation_asks_for_its_role_by_session_and_through_a_key_of_its_maker() {
    let house = House::new().await;
    let product = &house.product;
    let mut admin = house.join("admin@a.example", "admin", &[&house.shop]).await;
    let admin_id = house.id_of(&admin).await;
    let operator = house.join("operator@a.example", "operator", &[&house.shop]).await;
    let mut rules: Vec<_> = server::rules().iter().filter(|(_, rule)| rule.role.is_some()).collect();
    // Signing out comes last.
    rules.sort_by_key(|((method, path), _)| (path.contains("/session"), path.clone(), method.clone()));
    let (mut tried, mut refused) = (0, 0);
    for role in [Role::Operator, Role::Admin, Role::Owner] {
        let mut keys = Vec::new();
        for scope in SCOPES {
            // An operator makes no key himself; he may have been more when he made it.
            let maker = if role == Role::Owner { &house.owner } else { &admin };
            keys.push((scope, maker.key(product, &[scope]).await));
        }
        if role == Role::Operator {
            set_role(&house, &admin_id, "operator").await;
        }
        let person = match role {
            Role::Operator => &operator,
            Role::Admin => &admin,
            Role::Owner => &house.owner,
        };
        for ((method, path), rule) in &rules {
            let path = path.replace("{project_id}", &house.shop).replace(['{', '}'], "");
            let method: Method = method.parse().unwrap();
            for (scope, key) in &keys {
                let (status, answer) = house.by_key(key, method.clone(), &path, json!({})).await;
                let may = may(rule, role, scope);
                assert_eq!(status != StatusCode::FORBIDDEN, may, "{role:?}'s {scope} key: {method} {path}: {answer}");
                assert_ne!(status, StatusCode::UNAUTHORIZED, "{role:?}'s {scope} key: {method} {path}");
                (tried, refused) = (tried + 1, refused + usize::from(!may));
            }
            let (status, answer) = person.call(product, method.clone(), &path, json!({})).await;
            let may = rule.role.is_some_and(|least| role >= least);
            if status != StatusCode::UNAUTHORIZED || !path.contains("/session") {
                assert_eq!(status != StatusCode::FORBIDDEN, may, "{role:?}: {method} {path}: {answer}");
            }
        }
        if role == Role::Operator {
            set_role(&house, &admin_id, "admin").await;
            // A lost role ends sessions.
            admin = sign_in(product, "admin@a.example", PASSWORD).await.ok().unwrap();
        }
    }
    assert!(tried > 800 && refused > 400, "{tried} {refused}");
}

fn may(rule: &Rule, role: Role, scope: &str) -> bool {
    let is_in_scope = rule.scope.is_some_and(|needed| json!(needed) == json!(scope));
    is_in_scope && rule.role.is_some_and(|least| role >= least)
}

async fn set_role(house: &House, id: &str, role: &str) {
    let path = format!("/api/v1/users/{id}");
    let (status, answer) = house.product.call(Method::PATCH, &path, Some(json!({ "role": role }))).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
}

#[tokio::test]
async fn a_key_has_its_makers_projects_and_role_and_ends_with_him() {
    let house = House::new().await;
    let product = &house.product;
    let admin = house.join("admin@a.example", "admin", &[&house.shop]).await;
    let id = house.id_of(&admin).await;
    let key = admin.key(product, &SCOPES).await;
    let inside = product.project("/identity-secret");
    let outside = format!("/api/v1/projects/{}/identity-secret", house.other);
    let status = async |path: &str| house.by_key(&key, Method::GET, path, json!({})).await.0;
    assert_eq!((status(&inside).await, status(&outside).await), (StatusCode::OK, StatusCode::NOT_FOUND));
    let (_, projects) = house.by_key(&key, Method::GET, "/api/v1/projects", json!({})).await;
    assert_eq!(projects["items"].as_array().unwrap().len(), 1);
    let made = json!({ "email": "x@a.example", "name": "X", "role": "owner", "project_ids": [] });
    assert_eq!(house.by_key(&key, Method::POST, "/api/v1/users", made).await.0, StatusCode::FORBIDDEN);

    let person = format!("/api/v1/users/{id}");
    let change = async |body: Value| {
        let (status, answer) = product.call(Method::PATCH, &person, Some(body)).await;
        assert_eq!(status, StatusCode::OK, "{answer}");
    };
    change(json!({ "role": "operator" })).await;
    assert_eq!(status(&inside).await, StatusCode::FORBIDDEN, "the role went");
    change(json!({ "role": "admin", "project_ids": [house.other] })).await;
    assert_eq!((status(&inside).await, status(&outside).await), (StatusCode::NOT_FOUND, StatusCode::OK));
    let mut socket = Socket::operator(product, &key, &[&house.other]).await;
    change(json!({ "active": false })).await;
    assert_eq!(status(&outside).await, StatusCode::UNAUTHORIZED, "the maker went");
    assert_eq!(socket.close_code().await, 4401);
}

#[tokio::test]
async fn a_key_makes_no_key_with_more_scopes() {
    let house = House::new().await;
    let weak = house.owner.key(&house.product, &["admin"]).await;
    let make = async |scopes: &[&str]| {
        let new = json!({ "title": "x", "scopes": scopes });
        house.by_key(&weak, Method::POST, "/api/v1/api-keys", new).await
    };
    assert_eq!(make(&SCOPES).await.0, StatusCode::FORBIDDEN);
    let (status, made) = make(&["admin"]).await;
    assert_eq!(status, StatusCode::CREATED);
    assert_eq!(made["made_by"], json!(house.product.account.user_id), "the maker stays the same");
}

#[tokio::test]
async fn a_socket_takes_from_a_key_what_its_scopes_say() {
    let house = House::new().await;
    let product = &house.product;
    let said = product.visitor().await.say("1", "здравствуйте").await;
    let reader = house.owner.key(product, &["read"]).await;
    let mut socket = Socket::operator(product, &reader, &[&house.shop]).await;
    let answer = json!({ "type": "message", "client_id": "2", "conversation_id": said["conversation_id"], "content": { "text": "x" } });
    socket.send(answer).await;
    assert_eq!(socket.expect("error").await["code"], "forbidden");
    let settings = house.owner.key(product, &["settings"]).await;
    let mut socket = Socket::open(product, "/api/v1/live").await;
    socket.send(json!({ "type": "auth", "api_key": settings })).await;
    assert_eq!(socket.close_code().await, 4401, "a key that may not read hears nothing");
}

#[tokio::test]
async fn an_admin_decides_about_people_and_keys_of_his_own_projects_only() {
    let house = House::new().await;
    let product = &house.product;
    let admin = house.join("admin@a.example", "admin", &[&house.shop]).await;
    let mine = house.join("mine@a.example", "operator", &[&house.shop]).await;
    let shared = house.join("shared@a.example", "operator", &[&house.shop, &house.other]).await;
    let stranger = house.join("stranger@a.example", "admin", &[&house.other]).await;
    let key = admin.key(product, &SCOPES).await;
    let foreign_key = stranger.key(product, &SCOPES).await;
    let (mine, shared, hidden) = (house.id_of(&mine).await, house.id_of(&shared).await, house.id_of(&stranger).await);
    let owner = product.account.user_id.to_string();

    let listed = admin.get(product, "/api/v1/users").await;
    let emails: Vec<&str> =
        listed["items"].as_array().unwrap().iter().filter_map(|user| user["email"].as_str()).collect();
    assert_eq!(emails, ["owner@a.example", "admin@a.example", "mine@a.example", "shared@a.example"]);
    assert_eq!(listed["items"][3]["project_ids"], json!([house.shop]), "other projects are not named");

    let off = json!({ "active": false });
    for (id, expected, code) in [
        (&hidden, StatusCode::NOT_FOUND, "not_found"),
        (&shared, StatusCode::CONFLICT, "shared_user"),
        (&owner, StatusCode::CONFLICT, "not_this_user"),
        (&mine, StatusCode::OK, ""),
    ] {
        let path = format!("/api/v1/users/{id}");
        for (through, (status, answer)) in [
            ("session", admin.call(product, Method::PATCH, &path, off.clone()).await),
            ("key", house.by_key(&key, Method::PATCH, &path, off.clone()).await),
        ] {
            assert_eq!(status, expected, "{through} {id}: {answer}");
            assert_eq!(answer["code"].as_str().unwrap_or_default(), code, "{through} {id}");
        }
    }
    // Leaving his own project to others does not touch theirs.
    let path = format!("/api/v1/users/{shared}");
    let (status, answer) = admin.call(product, Method::PATCH, &path, json!({ "project_ids": [] })).await;
    assert_eq!(status, StatusCode::OK, "{answer}");
    let users = product.get("/api/v1/users").await;
    let left = users["items"].as_array().unwrap().iter().find(|user| user["id"] == json!(shared)).unwrap();
    assert_eq!(left["project_ids"], json!([house.other]));
    let invite = json!({ "email": "new@a.example", "name": "N", "role": "operator", "project_ids": [] });
    let (status, _) = admin.call(product, Method::POST, "/api/v1/users", invite).await;
    assert_eq!(status, StatusCode::UNPROCESSABLE_ENTITY, "whom an admin invites works in one of his projects");

    let keys = admin.get(product, "/api/v1/api-keys").await;
    assert_eq!(keys["items"].as_array().unwrap().len(), 1, "his own: {keys}");
    let all = product.get("/api/v1/api-keys").await;
    for key in all["items"].as_array().unwrap().iter().filter(|key| key["id"] != keys["items"][0]["id"]) {
        let path = format!("/api/v1/api-keys/{}", key["id"].as_str().unwrap());
        assert_eq!(admin.call(product, Method::DELETE, &path, json!({})).await.0, StatusCode::NOT_FOUND);
    }
    assert_eq!(house.by_key(&foreign_key, Method::GET, "/api/v1/projects", json!({})).await.0, StatusCode::OK);
}

#[tokio::test]
async fn the_last_owner_stays_even_when_two_switch_each_other_off_at_once() {
    let house = House::new().await;
    let product = &house.product;
    let second = house.join("second@a.example", "owner", &[]).await;
    let (first_id, second_id) = (product.account.user_id.to_string(), house.id_of(&second).await);
    let off = json!({ "active": false });
    let call = |by: &Browser, id: &str| {
        let request = by.request(product, Method::PATCH, &format!("/api/v1/users/{id}"));
        answer(request.header("x-otklik-csrf", &by.csrf).json(&off))
    };
    let (one, two) = tokio::join!(call(&house.owner, &second_id), call(&second, &first_id));
    let won = [&one, &two].iter().filter(|(status, _)| *status == StatusCode::OK).count();
    assert_eq!(won, 1, "{one:?} {two:?}");
    // Nobody takes his own rights, so the last one stays.
    let survivor = if one.0 == StatusCode::OK { &house.owner } else { &second };
    let id = house.id_of(survivor).await;
    let (status, answer) =
        survivor.call(product, Method::PATCH, &format!("/api/v1/users/{id}"), json!({ "role": "admin" })).await;
    assert_eq!((status, &answer["code"]), (StatusCode::CONFLICT, &json!("not_this_user")));
}
