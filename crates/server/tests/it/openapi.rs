//! The committed description is the program's own, every operation has a policy, and programs can be generated from it.

use harness::Product;
use reqwest::{Method, StatusCode};
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// What operation ids begin with.
const VERBS: &[&str] = &[
    "accept",
    "apply",
    "assign",
    "cancel",
    "check",
    "close",
    "count",
    "create",
    "decide",
    "delete",
    "end",
    "erase",
    "explain",
    "export",
    "finish",
    "forget",
    "get",
    "hide",
    "import",
    "invite",
    "list",
    "match",
    "merge",
    "move",
    "order",
    "pause",
    "preflight",
    "preview",
    "publish",
    "read",
    "refuse",
    "reopen",
    "restore",
    "resume",
    "retry",
    "rotate",
    "sample",
    "send",
    "set",
    "simulate",
    "snooze",
    "start",
    "stop",
    "test",
    "transfer",
    "undo",
    "update",
    "upload",
    "wake",
];

fn description() -> Value {
    serde_json::from_str(&server::openapi_json().unwrap()).unwrap()
}

/// Method, path and what is said of it.
fn operations(description: &Value) -> Vec<(String, &str, &Value)> {
    let mut all = Vec::new();
    for (path, item) in description["paths"].as_object().unwrap() {
        for (method, operation) in item.as_object().unwrap().iter().filter(|(key, _)| *key != "parameters") {
            all.push((method.to_uppercase(), path.as_str(), operation));
        }
    }
    all
}

/// What a reference leads to, or the thing itself.
fn followed<'a>(description: &'a Value, thing: &'a Value) -> &'a Value {
    match thing["$ref"].as_str() {
        Some(place) => description.pointer(&place[1..]).unwrap_or_else(|| panic!("{place} leads nowhere")),
        None => thing,
    }
}

/// What programs could not be generated from, in words.
fn faults(description: &Value) -> Vec<String> {
    let mut faults = Vec::new();
    let mut ids: BTreeMap<&str, String> = BTreeMap::new();
    for (method, path, operation) in operations(description) {
        let name = format!("{method} {path}");
        let mut fault = |words: String| faults.push(format!("{name}: {words}"));
        let id = operation["operationId"].as_str().unwrap_or_default();
        if !is_verb_resource(id) {
            fault(format!("its id {id:?} is not verb_resource"));
        }
        if let Some(other) = ids.insert(id, name.clone()) {
            fault(format!("has the id {id} of {other}"));
        }
        errors(description, &method, operation).into_iter().for_each(&mut fault);
        list(description, &method, id, operation).into_iter().for_each(&mut fault);
    }
    faults
}

fn is_verb_resource(id: &str) -> bool {
    let is_plain = id.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
    let (verb, resource) = id.split_once('_').unwrap_or_default();
    is_plain && VERBS.contains(&verb) && resource.split('_').all(|word| !word.is_empty())
}

fn errors(description: &Value, method: &str, operation: &Value) -> Vec<String> {
    let responses = operation["responses"].as_object().unwrap();
    let is_of_public = responses.contains_key("401") == responses.contains_key("403");
    let has_path = operation["parameters"].as_array().is_some_and(|all| all.iter().any(|one| one["in"] == "path"));
    let has_body = operation.get("requestBody").is_some();
    let wanted = [
        ("500", true),
        ("503", true),
        ("403", is_of_public && responses.contains_key("401")),
        ("404", has_path),
        ("415", has_body),
        ("422", has_body || has_path),
        ("507", method != "GET"),
    ];
    let mut faults: Vec<String> = wanted
        .into_iter()
        .filter(|(status, applies)| *applies && !responses.contains_key(*status))
        .map(|(status, _)| format!("does not say that it answers {status}"))
        .collect();
    for (status, response) in responses.iter().filter(|(status, _)| status.starts_with(['4', '5'])) {
        let form = &followed(description, response)["content"]["application/problem+json"]["schema"]["$ref"];
        if form != "#/components/schemas/Problem" {
            faults.push(format!("does not say that its {status} is a Problem"));
        }
    }
    faults
}

/// A list is what answers `{items, next_cursor}`: it is read page by page, and so is everything that is called one.
fn list(description: &Value, method: &str, id: &str, operation: &Value) -> Option<String> {
    let answer = followed(description, &operation["responses"]["200"]["content"]["application/json"]["schema"]);
    let properties = &answer["properties"];
    let is_list = !properties["items"].is_null() && !properties["next_cursor"].is_null();
    if method != "GET" {
        return None;
    }
    if is_list != id.starts_with("list_") {
        return Some("only lists answer items with next_cursor, and every list does".to_owned());
    }
    let parameters = operation["parameters"].as_array().cloned().unwrap_or_default();
    let parameter = |name: &str| parameters.iter().find(|one| one["in"] == "query" && one["name"] == name);
    let is_paged = parameter("cursor").is_some()
        && parameter("limit").is_some_and(|p| p["schema"]["minimum"] == 1 && p["schema"]["maximum"] == 200);
    (is_list && !is_paged).then(|| "is a list and does not take limit (1..200) and cursor".to_owned())
}

#[test]
fn the_committed_description_is_fresh() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../openapi.json");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(committed.trim() == server::openapi_json().unwrap().trim(), "run `cargo xtask gen`");
}

#[test]
fn the_committed_description_of_the_sockets_is_fresh_and_whole() {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../asyncapi.json");
    let committed = std::fs::read_to_string(file).unwrap();
    assert!(committed.trim() == server::asyncapi_json().trim(), "run `cargo xtask gen`");
    let described: serde_json::Value = serde_json::from_str(&committed).unwrap();
    let schemas = described["components"]["schemas"].as_object().unwrap();
    let mut wanted = BTreeSet::new();
    references(&described, &mut wanted);
    let missing: Vec<&String> = wanted.iter().filter(|name| !schemas.contains_key(*name)).collect();
    assert!(missing.is_empty(), "frames refer to schemas that are not there: {missing:?}");
    assert!(schemas.contains_key("Message") && schemas.contains_key("Conversation"), "events describe their data");
}

fn references(value: &serde_json::Value, names: &mut BTreeSet<String>) {
    match value {
        serde_json::Value::Object(map) => {
            let name = map.get("$ref").and_then(|of| of.as_str()?.strip_prefix("#/components/schemas/"));
            names.extend(name.map(str::to_owned));
            map.values().for_each(|inner| references(inner, names));
        }
        serde_json::Value::Array(list) => list.iter().for_each(|inner| references(inner, names)),
        _ => {}
    }
}

#[test]
fn every_operation_has_a_policy_and_every_policy_an_operation() {
    let description = description();
    let described: BTreeSet<_> =
        operations(&description).into_iter().map(|(m, path, _)| (m, path.to_owned())).collect();
    let ruled: BTreeSet<_> = server::rules().keys().cloned().collect();
    assert_eq!(described, ruled);
}

#[test]
fn who_needs_to_be_signed_in_is_told_of_401_and_403() {
    let description = description();
    for (method, path, operation) in operations(&description) {
        let is_public = server::rules()[&(method.clone(), path.to_owned())].role.is_none();
        let says = |status: &str| operation["responses"].get(status).is_some();
        assert!(is_public || (says("401") && says("403")), "{method} {path}");
    }
}

#[test]
fn programs_can_be_generated_from_the_description() {
    assert_eq!(faults(&description()), Vec::<String>::new());
}

#[test]
fn what_breaks_the_grammar_is_found() {
    let contacts = "/paths/~1api~1v1~1projects~1{project_id}~1contacts/get";
    let spoilt = |place: &str, value: Value| {
        let mut description = description();
        *description.pointer_mut(&format!("{contacts}{place}")).unwrap() = value;
        faults(&description)
    };
    for id in ["list", "contacts", "list_", "listContacts", "fetch_contacts", "get_contact"] {
        assert!(!spoilt("/operationId", id.into()).is_empty(), "{id}");
    }
    assert!(!spoilt("/parameters", Value::Array(Vec::new())).is_empty());
    let answered = json!({ "200": description().pointer(&format!("{contacts}/responses/200")) });
    assert!(!spoilt("/responses", answered).is_empty());
    assert!(!spoilt("/responses/404", json!({ "description": "Gone" })).is_empty());
}

#[test]
fn every_reference_leads_somewhere() {
    fn look(description: &Value, place: &Value) {
        followed(description, place);
        match place {
            Value::Object(map) => map.values().for_each(|value| look(description, value)),
            Value::Array(list) => list.iter().for_each(|value| look(description, value)),
            _ => {}
        }
    }
    let description = description();
    look(&description, &description);
}

#[tokio::test]
async fn every_list_is_read_page_by_page() {
    let product = Product::start().await;
    let contact = product.post(&product.project("/contacts"), json!({ "channel": "api", "external_id": "1" })).await;
    let id = contact["id"].as_str().unwrap();
    let scenario = product.post(&product.project("/scenarios"), json!({ "name": "Пустой" })).await;
    let scenario = scenario["id"].as_str().unwrap();
    let auto_action = json!({ "title": "x", "enabled": true, "starts": "page", "conditions": { "all": [] },
        "actions": [{ "type": "open_widget" }] });
    let auto_action = product.post(&product.project("/auto-actions"), auto_action).await;
    let auto_action = auto_action["id"].as_str().unwrap();
    let mailing = product.post(&product.project("/mailings"), json!({ "title": "x" })).await;
    let mailing = mailing["id"].as_str().unwrap();
    let webhook = json!({ "title": "x", "url": "https://shop.example/", "kinds": ["message.created"] });
    let webhook = product.post(&product.project("/webhooks"), webhook).await;
    let webhook = webhook["id"].as_str().unwrap();
    let owner = harness::sign_in(&product, "owner@a.example", harness::PASSWORD).await.ok().unwrap();
    let conversation = |path: &str| path.contains("{conversation_id}");
    let description = description();
    let lists = operations(&description).into_iter().filter(|(method, path, operation)| {
        let id = operation["operationId"].as_str().unwrap();
        method == "GET" && id.starts_with("list_") && !conversation(path)
    });
    let mut seen = 0;
    for (_, path, _) in lists {
        let path = path.replace("{project_id}", &product.account.project_id.to_string()).replace("{contact_id}", id);
        let path = path.replace("{key}", "name").replace("{scenario_id}", scenario).replace("{block}", "b1");
        let path = path.replace("{auto_action_id}", auto_action).replace("{mailing_id}", mailing);
        let path = path.replace("{webhook_id}", webhook);
        // What is a person's own, no key reads.
        let is_own = ["/api/v1/drafts", "/api/v1/sessions", "/api/v1/push-subscriptions"].contains(&path.as_str())
            || path.contains("/reports/own/");
        let get = async |query: &str| {
            // Search is a list of what is asked for.
            let asked = if path.ends_with("/search") { "q=x&" } else { "" };
            let path = format!("{path}?{asked}{query}");
            match is_own {
                true => harness::answer(owner.request(&product, Method::GET, &path)).await,
                false => product.call(Method::GET, &path, None).await,
            }
        };
        let (status, whole) = get("limit=200").await;
        assert_eq!((status, &whole["next_cursor"]), (StatusCode::OK, &Value::Null), "{path}: {whole}");
        let mut pages = Vec::new();
        let mut query = "limit=1".to_owned();
        loop {
            let (_, page) = get(&query).await;
            assert!(page["items"].as_array().unwrap().len() <= 1, "{path}");
            pages.extend(page["items"].as_array().unwrap().iter().cloned());
            let Some(cursor) = page["next_cursor"].as_str() else { break };
            query = format!("limit=1&cursor={cursor}");
        }
        assert_eq!(pages, *whole["items"].as_array().unwrap(), "{path}");
        for bad in ["limit=0", "limit=201", "limit=x", "cursor=zz", "cursor=00", "other=1"] {
            assert_eq!(get(bad).await.0, StatusCode::UNPROCESSABLE_ENTITY, "{path}?{bad}");
        }
        seen += 1;
    }
    assert!(seen >= 20, "{seen}");
}
