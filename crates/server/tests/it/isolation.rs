//! Two accounts on one installation: what one has, the other cannot find (T1, security statements 1-3).

use harness::{PASSWORD, Product, Socket, answer, new_account, sign_in};
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};

#[tokio::test]
async fn every_operation_without_credentials_is_401_unless_it_is_public() {
    let product = Product::start().await;
    for ((method, path), rule) in server::rules() {
        let path = path.replace("{project_id}", &product.account.project_id.to_string()).replace(['{', '}'], "");
        let request = product.http.request(method.parse().unwrap(), product.url(&path));
        let status = request.json(&json!({})).send().await.unwrap().status();
        if rule.role.is_some() {
            assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
        } else {
            assert_ne!(status, StatusCode::INTERNAL_SERVER_ERROR, "{method} {path}");
        }
    }
    for (method, path) in [(Method::PUT, "/api/v1/me"), (Method::DELETE, "/api/v1/projects")] {
        let status = product.http.request(method.clone(), product.url(path)).send().await.unwrap().status();
        assert_eq!(status, StatusCode::UNAUTHORIZED, "{method} {path}");
    }
}

#[tokio::test]
async fn ids_of_another_account_do_not_exist() {
    let product = Product::start().await;
    let stranger = new_account(&product.app, "owner@b.example", "B").await;
    let page = json!({ "url": "https://shop.example/", "title": "Тайная" });
    let mut visitor = Socket::on_page(&product, None, &page, &Value::Null).await;
    let ack = visitor.say("1", "тайна").await;
    let here = product.get(&product.project("/visitors")).await;
    let contacts = product.get(&product.project("/contacts")).await;
    let rule = product.post(&product.project("/multi-contact-rules"), json!({ "fields": ["phone"] })).await;
    let scenario = product.post(&product.project("/scenarios"), json!({ "name": "Тайный" })).await;
    let button = json!({ "label": { "ru": "Тайная" }, "target": { "kind": "chat" } });
    let button = product.post(&product.project("/menu-buttons"), button).await;
    let suggest = json!({ "label": { "ru": "Тайный" }, "target": { "kind": "link", "url": "https://a.example/" } });
    let suggest = product.post(&product.project("/suggests"), suggest).await;
    let department = product.post(&product.project("/departments"), json!({ "name": "Тайный" })).await;
    let tag = product.post(&product.project("/tags"), json!({ "name": "Тайный" })).await;
    let reply = json!({ "title": "Тайный", "text": "Тайна", "shared": true });
    let reply = product.post(&product.project("/canned-replies"), reply).await;
    let view = json!({ "name": "Тайный", "query": {}, "shared": true });
    let view = product.post(&product.project("/saved-views"), view).await;
    let mailing = product.post(&product.project("/mailings"), json!({ "title": "Тайная" })).await;
    let auto_action = product.post(&product.project("/auto-actions"), auto_action()).await;
    let announcement = product.post("/api/v1/announcements", json!({ "kind": "incident", "title_ru": "Тайна" })).await;
    let webhook = json!({ "title": "x", "url": "https://shop.example/", "kinds": ["message.created"] });
    let webhook = product.post(&product.project("/webhooks"), webhook).await;
    let own = sign_in(&product, "owner@a.example", PASSWORD).await.ok().unwrap();
    let sessions = own.get(&product, "/api/v1/sessions").await;
    let ids = [
        ("{demo_project_id}", product.account.project_id.to_string()),
        ("{webhook_id}", webhook["id"].as_str().unwrap().to_owned()),
        ("{webhook_message_id}", "whm_00000000000000000000000000000000".to_owned()),
        ("{push_subscription_id}", "psh_00000000000000000000000000000000".to_owned()),
        ("{session_id}", sessions["items"][0]["id"].as_str().unwrap().to_owned()),
        ("{announcement_id}", announcement["id"].as_str().unwrap().to_owned()),
        ("{conversation_id}", ack["conversation_id"].as_str().unwrap().to_owned()),
        ("{message_id}", ack["id"].as_str().unwrap().to_owned()),
        ("{contact_id}", contacts["items"][0]["id"].as_str().unwrap().to_owned()),
        ("{other_id}", contacts["items"][0]["id"].as_str().unwrap().to_owned()),
        ("{rule_id}", rule["id"].as_str().unwrap().to_owned()),
        ("{key}", "phone".to_owned()),
        ("{user_id}", product.account.user_id.to_string()),
        ("{key_id}", "key_00000000000000000000000000000000".to_owned()),
        ("{connection_id}", contacts["items"][0]["connection_id"].as_str().unwrap().to_owned()),
        ("{override_id}", "ovr_00000000000000000000000000000000".to_owned()),
        ("{scenario_id}", scenario["id"].as_str().unwrap().to_owned()),
        ("{run_id}", "run_00000000000000000000000000000000".to_owned()),
        ("{version}", "1".to_owned()),
        ("{block}", "b1".to_owned()),
        ("{name}", "crm".to_owned()),
        ("{mailing_id}", mailing["id"].as_str().unwrap().to_owned()),
        ("{department_id}", department["id"].as_str().unwrap().to_owned()),
        ("{tag_id}", tag["id"].as_str().unwrap().to_owned()),
        ("{suggest_id}", suggest["id"].as_str().unwrap().to_owned()),
        ("{auto_action_id}", auto_action["id"].as_str().unwrap().to_owned()),
        ("{visitor_id}", here["items"][0]["id"].as_str().unwrap().to_owned()),
        ("{view_id}", view["id"].as_str().unwrap().to_owned()),
        ("{reply_id}", reply["id"].as_str().unwrap().to_owned()),
        ("{button_id}", button["id"].as_str().unwrap().to_owned()),
    ];
    // What keys have no business with is tried by the stranger in person.
    let person = sign_in(&product, "owner@b.example", PASSWORD).await.ok().unwrap();
    let mut tried = 0;
    for ((method, path), rule) in server::rules() {
        if rule.role.is_none() || !path.contains('{') {
            continue;
        }
        for project in [product.account.project_id, stranger.project_id] {
            let mut path = path.replace("{project_id}", &project.to_string());
            let has_other_id = path.contains('{');
            for (name, id) in &ids {
                path = path.replace(name, id);
            }
            // In the stranger's own project only the foreign ids are foreign; fields and secrets are named, not numbered.
            let is_named = path.contains("/fields/") || path.contains("/scenario-secrets/");
            let is_own = project == stranger.project_id && (!has_other_id || is_named);
            if is_own {
                continue;
            }
            let body = body_for(&path, method);
            let method: Method = method.parse().unwrap();
            let (status, answer) = match rule.scope {
                Some(_) => product.call_as(&stranger.api_key, method.clone(), &path, body).await,
                None => person.call(&product, method.clone(), &path, body.unwrap_or_default()).await,
            };
            assert_eq!(status, StatusCode::NOT_FOUND, "{method} {path}: {answer}");
            tried += 1;
        }
    }
    assert!(tried > 60, "{tried}");
    let after = product.get(&product.project("/conversations")).await;
    assert_eq!(after["items"][0]["status"], "new", "nothing was changed");
}

fn auto_action() -> Value {
    json!({ "title": "x", "enabled": true, "starts": "page", "conditions": { "all": [] }, "actions": [{ "type": "open_widget" }],
        "limits": { "per": "visit", "times": 1, "pause_seconds": 0, "over_open_dialog": false } })
}

/// A body that the operation would take, so that only the id decides.
fn body_for(path: &str, method: &str) -> Option<Value> {
    let ending = path.rsplit('/').next().unwrap_or_default();
    let body = match (method, ending) {
        ("GET" | "DELETE", _) if !path.ends_with("/multi-contact-values") => return None,
        ("POST", "replay") if !path.contains("/messages/") => json!({ "since": "2026-01-01T00:00:00Z" }),
        ("PATCH", _) if path.contains("/push-subscriptions/") => json!({ "quiet_until": null }),
        ("POST", "webhooks") => json!({ "title": "x", "url": "https://shop.example/", "kinds": ["message.created"] }),
        (_, "draft") if path.contains("/scenarios/") => json!({ "document": {}, "revision": 1 }),
        (_, "draft") if path.contains("/appearance/") => json!({ "draft": {}, "version": 0 }),
        (_, "publish") if path.contains("/appearance/") => json!({}),
        (_, "preview") if path.contains("/appearance/") => json!({ "draft": {} }),
        (_, "draft") => json!({ "text": "x" }),
        (_, "check") if path.contains("/installation/") => json!({ "url": "https://a.example/" }),
        (_, "move") => json!({ "version": 1 }),
        (_, "check") if path.contains("/scenarios/") => json!({ "document": {} }),
        (_, "scenarios") => json!({ "name": "x" }),
        ("PATCH", _) if path.contains("/scenarios/") => json!({ "name": "x" }),
        (_, "publish") => json!({ "revision": 1 }),
        (_, "simulate") => json!({ "document": {}, "steps": [] }),
        (_, "finish") => json!({ "visit": 1, "code": "x" }),
        (_, "run") => json!({ "scenario_id": "scn_00000000000000000000000000000000" }),
        ("PUT", _) if path.contains("/scenario-secrets/") => json!({ "value": "x", "hosts": ["a.example"] }),
        (_, "menu-buttons") => json!({ "label": { "ru": "x" }, "target": { "kind": "chat" } }),
        (_, "departments" | "tags") => json!({ "name": "x" }),
        ("PATCH", _) if path.contains("/messages/") => json!({ "text": "x" }),
        (_, "merge") => json!({ "into": "tag_00000000000000000000000000000000" }),
        ("PATCH", _) if path.contains("/tags/") => json!({ "name": "x" }),
        ("PATCH", _) if path.contains("/departments/") => json!({ "name": "x" }),
        (_, "routing") => json!({ "mode": "least_busy" }),
        ("PUT", "settings") if path.contains("/reports/") => json!({ "missed_minutes": 5 }),
        ("PUT", "second-factor") => json!({ "required": false }),
        ("PUT", "first-steps") => json!({ "hidden": true }),
        (_, "limit") => json!({ "max_open": 1 }),
        (_, "transfer") => json!({ "user_id": "usr_00000000000000000000000000000000" }),
        (_, "canned-replies") => json!({ "title": "x", "text": "x", "shared": true }),
        ("PATCH", _) if path.contains("/canned-replies/") => json!({ "title": "x" }),
        (_, "saved-views") => json!({ "name": "x", "query": {}, "shared": true }),
        ("PUT", _) if path.contains("/saved-views/") => {
            json!({ "name": "x", "query": {}, "shared": true, "revision": 1 })
        }
        (_, "bulk") => json!({ "changes": [
            { "conversation_id": "cnv_00000000000000000000000000000000", "action": { "kind": "close" } },
        ] }),
        (_, "snooze") => json!({ "until_reply": true }),
        (_, "suggests") => json!({ "label": { "ru": "x" }, "target": { "kind": "link", "url": "https://a.example/" } }),
        ("PATCH", _) if path.contains("/suggests/") => json!({ "label": { "ru": "x" } }),
        (_, "order") if path.contains("/suggests/") || path.contains("/auto-actions/") => json!({ "ids": [] }),
        (_, "inspect") if path.contains("/auto-actions/") => json!({ "url": "https://a.example/" }),
        (_, "explain") if path.contains("/auto-actions/") => json!({}),
        ("PATCH", _) if path.contains("/auto-actions/") => json!({ "enabled": true }),
        ("PUT" | "POST", _) if path.contains("/auto-actions") => auto_action(),
        ("PATCH", _) if path.contains("/menu-buttons/") => json!({ "enabled": false }),
        (_, "order") if path.contains("/menu-buttons/") => json!({ "ids": [] }),
        (_, "chats") => {
            json!({ "connection_id": "con_00000000000000000000000000000000", "to": "a@a.example", "client_id": "x", "content": { "text": "x" } })
        }
        (_, "preview") if path.ends_with("/chats/preview") => json!({ "to": "a@a.example" }),
        (_, "mailings") => json!({ "title": "x" }),
        (_, "match") => json!({ "values": ["x"] }),
        ("PUT", "mailing-settings") => json!({ "stop_words": ["x"], "scope": "person", "version": 0 }),
        ("PUT", _) if path.contains("/mailings/") => json!({ "document": { "title": "x" }, "revision": 1 }),
        (_, "sample") => json!({ "contact_id": "cnt_00000000000000000000000000000000" }),
        (_, "test") => json!({ "contact_ids": ["cnt_00000000000000000000000000000000"] }),
        (_, "test-users") => json!({ "contact_ids": [] }),
        (_, "conversation") if path.contains("/visitors/") => json!({ "client_id": "x", "text": "x" }),
        (_, "messages") => json!({ "client_id": "x", "content": { "text": "x" } }),
        (_, "notes") => json!({ "client_id": "x", "text": "x" }),
        (_, "assign") => json!({ "user_id": null }),
        (_, "read") if path.contains("/announcements/") => json!({}),
        (_, "read") => json!({ "seq": 1 }),
        (_, "connections") => json!({ "kind": "telegram", "title": "x", "settings": {} }),
        (_, "contacts") => json!({ "channel": "api", "external_id": "x" }),
        (_, "fields") => json!({ "key": "x", "title": "x", "kind": "text" }),
        (_, "order") => json!({ "keys": [] }),
        (_, "multi-contact-rules") => json!({ "fields": ["phone"] }),
        (_, "preview") => json!({ "rules": [] }),
        (_, "multi-contact-overrides") => json!({ "kind": "link" }),
        (_, "multi-contact-values") => json!({ "field": "phone", "value": "1", "state": "blocked" }),
        (_, "changes") => json!({ "changes": [] }),
        ("PATCH", _) if path.contains("/contacts/") => json!({ "fields": {} }),
        _ => json!({}),
    };
    Some(body)
}

#[tokio::test]
async fn a_visitors_token_of_one_site_reads_nothing_on_another() {
    let product = Product::start().await;
    let stranger = new_account(&product.app, "owner@b.example", "B").await;
    let mut visitor = product.visitor().await;
    visitor.say("1", "тайна").await;
    let request = product.http.get(product.url("/w/v1/messages")).header("x-otklik-site", &stranger.site_key);
    let (status, body) = harness::answer(request.header("x-otklik-visitor", visitor.token())).await;
    assert_eq!((status, body["items"].as_array().unwrap().len()), (StatusCode::OK, 0));
}

/// Every operation whose body names something by id: foreign ids do not exist there either, and look like ids that nobody has.
#[tokio::test]
async fn ids_of_another_account_do_not_exist_in_bodies_either() {
    let product = Product::start().await;
    let stranger = new_account(&product.app, "owner@b.example", "B").await;
    let own = Things::of(&product, &product.account).await;
    let foreign = Things::of(&product, &stranger).await;
    let nobody = Things::that_nobody_has();
    let invite = product
        .post(
            "/api/v1/users",
            json!({ "email": "x@a.example", "name": "X", "role": "operator", "project_ids": [own.project] }),
        )
        .await;
    let colleague = invite["user"]["id"].as_str().unwrap();
    let messages = product.project(&format!("/conversations/{}/messages", own.conversation));
    let message = |more: Value| {
        let mut body = json!({ "client_id": "new", "content": { "text": "x" } });
        body.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        body
    };
    let mailing = product.post(&product.project("/mailings"), json!({ "title": "x" })).await;
    let mailing = product.project(&format!("/mailings/{}", mailing["id"].as_str().unwrap()));
    let rules = |id: &str| json!({ "rules": [{ "id": id, "fields": ["email"] }] });
    let bodies = |of: &Things| {
        [
            (
                Method::POST,
                "/api/v1/users".to_owned(),
                json!({ "email": "y@a.example", "name": "Y", "role": "operator", "project_ids": [of.project] }),
            ),
            (Method::PATCH, format!("/api/v1/users/{colleague}"), json!({ "project_ids": [own.project, of.project] })),
            (
                Method::POST,
                product.project(&format!("/conversations/{}/assign", own.conversation)),
                json!({ "user_id": of.user }),
            ),
            (Method::POST, messages.clone(), message(json!({ "contact_id": of.contact }))),
            (Method::POST, messages.clone(), message(json!({ "connection_id": of.connection }))),
            (Method::POST, messages.clone(), message(json!({ "content": { "attachments": [of.file] } }))),
            (
                Method::POST,
                product.project("/multi-contact-overrides"),
                json!({ "kind": "link", "contacts": [own.contact, of.contact] }),
            ),
            (
                Method::POST,
                product.project("/multi-contact-overrides"),
                json!({ "kind": "unlink", "contact": of.contact }),
            ),
            (
                Method::POST,
                product.project(&format!("/conversations/{}/run", own.conversation)),
                json!({ "scenario_id": of.scenario }),
            ),
            (Method::POST, product.project("/chats/preview"), json!({ "contact_id": of.contact })),
            (
                Method::POST,
                product.project("/chats"),
                json!({ "connection_id": of.connection, "to": "a@a.example", "client_id": "new", "content": { "text": "x" } }),
            ),
            (
                Method::POST,
                "/api/v1/announcements".to_owned(),
                json!({ "kind": "news", "title_ru": "x", "project_ids": [of.project] }),
            ),
            (
                Method::POST,
                "/api/v1/announcements".to_owned(),
                json!({ "kind": "incident", "title_ru": "x", "connection_id": of.connection }),
            ),
            (Method::POST, format!("{mailing}/sample"), json!({ "contact_id": of.contact })),
            (Method::POST, format!("{mailing}/test"), json!({ "contact_ids": [of.contact] })),
            (Method::PUT, product.project("/test-users"), json!({ "contact_ids": [of.contact] })),
            (Method::POST, product.project("/multi-contact-rules/preview"), rules(&of.rule)),
            (Method::POST, product.project("/multi-contact-rules/apply"), rules(&of.rule)),
            (
                Method::POST,
                product.project("/changes"),
                json!({ "changes": [
                { "op": "set", "external_id": "given", "connection_id": of.connection, "fields": { "name": "Z" } }] }),
            ),
            (
                Method::POST,
                product.project("/changes"),
                json!({ "changes": [
                { "op": "delete", "external_id": "given", "connection_id": of.connection }] }),
            ),
        ]
    };
    let mut wrong = Vec::new();
    for ((method, path, body), (_, _, unknown)) in bodies(&foreign).into_iter().zip(bodies(&nobody)) {
        let (status, mut answer) = product.call(method.clone(), &path, Some(body.clone())).await;
        if status != StatusCode::NOT_FOUND {
            wrong.push(format!("{method} {path} {body}: {status} {answer}"));
        }
        let (_, mut other) = product.call(method.clone(), &path, Some(unknown)).await;
        for answer in [&mut answer, &mut other] {
            answer["request_id"].take();
        }
        if answer != other {
            wrong.push(format!(
                "{method} {path}: a foreign id is answered with {answer}, one that nobody has with {other}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    let after = product.get(&product.project("/contacts")).await;
    assert_eq!(after["items"].as_array().unwrap().len(), 2, "nothing was changed: {after}");
}

/// Ids of an account.
struct Things {
    project: String,
    user: String,
    conversation: String,
    contact: String,
    connection: String,
    file: String,
    rule: String,
    scenario: String,
}

impl Things {
    async fn of(product: &Product, account: &accounts::Created) -> Self {
        let project = format!("/api/v1/projects/{}", account.project_id);
        let call = async |method, path: &str, body| {
            let (status, answer) = product.call_as(&account.api_key, method, &format!("{project}{path}"), body).await;
            assert!(status.is_success(), "{path}: {answer}");
            answer
        };
        let id = |of: &Value| of["id"].as_str().unwrap().to_owned();
        let mut visitor = Socket::open(product, "/w/v1/live").await;
        visitor.send(json!({ "type": "auth", "site_key": account.site_key })).await;
        visitor.expect("hello").await;
        let said = visitor.say("1", "тайна").await;
        let contacts = call(Method::GET, "/contacts", None).await;
        let given = json!({ "channel": "api", "external_id": "given" });
        call(Method::POST, "/contacts", Some(given)).await;
        let rule = call(Method::POST, "/multi-contact-rules", Some(json!({ "fields": ["phone"] }))).await;
        let scenario = call(Method::POST, "/scenarios", Some(json!({ "name": "Тайный" }))).await;
        let part = reqwest::multipart::Part::bytes(b"x".to_vec()).file_name("x.txt");
        let upload = product.http.post(product.url(&format!("{project}/files"))).bearer_auth(&account.api_key);
        let (status, file) = answer(upload.multipart(reqwest::multipart::Form::new().part("file", part))).await;
        assert!(status.is_success(), "{file}");
        Self {
            project: account.project_id.to_string(),
            user: account.user_id.to_string(),
            conversation: said["conversation_id"].as_str().unwrap().to_owned(),
            contact: id(&contacts["items"][0]),
            connection: contacts["items"][0]["connection_id"].as_str().unwrap().to_owned(),
            file: id(&file),
            rule: id(&rule),
            scenario: id(&scenario),
        }
    }

    fn that_nobody_has() -> Self {
        let id = |prefix: &str| format!("{prefix}_{:032x}", 0);
        Self {
            project: id("prj"),
            user: id("usr"),
            conversation: id("cnv"),
            contact: id("cnt"),
            connection: id("con"),
            file: id("fil"),
            rule: id("rul"),
            scenario: id("scn"),
        }
    }
}
