//! Demo data that the owner switches on and off on a page: made once, gone without a trace, nobody's way in.

use harness::{PASSWORD, Product, join, new_account, sign_in, until};
use model::Cx;
use reqwest::{Method, StatusCode};
use rusqlite::{Connection, OpenFlags};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::time::Duration;

const DEMO: &str = "/api/v1/demo";
const TABLES: &str = include_str!("../../../schema/tables.txt");
/// What remembers that something was, without a word of it: the log with its followers, who did what, kept answers.
const REMEMBER: [&str; 9] = [
    "account_positions",
    "audit_log",
    "events",
    "idempotency_keys",
    "jobs",
    "mailing_follows",
    "node_leases",
    "report_follows",
    "search_follows",
];

/// Rows of every table.
async fn rows(product: &Product) -> BTreeMap<String, i64> {
    let tables = TABLES.lines().filter(|line| !line.starts_with('#')).filter_map(|line| line.split(' ').next());
    let tables = tables.filter(|table| !REMEMBER.contains(table)).map(str::to_owned);
    let mut counted = BTreeMap::new();
    match &product.test_db.url {
        None => {
            let file = product.test_db.folder.join("otklik.db");
            let database = Connection::open_with_flags(file, OpenFlags::SQLITE_OPEN_READ_ONLY).unwrap();
            for table in tables {
                let query = format!("SELECT COUNT(*) FROM {table}");
                let rows = database.query_row(&query, [], |row| row.get(0)).unwrap();
                counted.insert(table, rows);
            }
        }
        Some(url) => {
            let (client, connection) = tokio_postgres::connect(url, tokio_postgres::NoTls).await.unwrap();
            tokio::spawn(connection);
            client.batch_execute("SELECT set_config('otklik.account', '*', false)").await.unwrap();
            for table in tables {
                let row = client.query_one(&format!("SELECT COUNT(*) FROM {table}"), &[]).await.unwrap();
                counted.insert(table, row.get(0));
            }
        }
    }
    counted
}

/// The same once those who follow the log have come to its end.
async fn settled(product: &Product) -> BTreeMap<String, i64> {
    let mut before = rows(product).await;
    for _ in 0..20 {
        tokio::time::sleep(Duration::from_millis(1_500)).await;
        let now = rows(product).await;
        if now == before {
            return now;
        }
        before = now;
    }
    panic!("it does not come to rest");
}

async fn made(product: &Product) -> Value {
    for _ in 0..400 {
        let demo = product.get(DEMO).await;
        assert_ne!(demo["job"]["state"], "failed", "{demo}");
        if demo["job"]["state"] == "done" {
            return demo;
        }
        tokio::time::sleep(Duration::from_millis(300)).await;
    }
    panic!("the demo is not made");
}

fn off(demo: &Value) -> (String, String) {
    let project = &demo["projects"][0];
    let name = project["name"].as_str().unwrap().replace(' ', "%20");
    (format!("{DEMO}/{}", project["id"].as_str().unwrap()), name)
}

#[tokio::test]
async fn demo_data_are_made_once_and_go_without_a_trace() {
    let product = Product::start().await;
    product.visitor().await.say("1", "настоящий вопрос").await;
    // Looking at the steps notes them.
    product.get(&product.project("/first-steps")).await;
    let before = settled(&product).await;
    let (one, two) = tokio::join!(product.post(DEMO, json!({})), product.post(DEMO, json!({})));
    assert_eq!(one["projects"], two["projects"], "asked twice at once");
    let demo = made(&product).await;
    assert_eq!(demo["projects"].as_array().unwrap().len(), 1);
    assert_eq!(product.post(DEMO, json!({})).await["projects"], demo["projects"], "and once more");
    let project = format!("/api/v1/projects/{}", demo["projects"][0]["id"].as_str().unwrap());
    let folders = product.get(&format!("{project}/conversations/counts")).await;
    assert!(folders["closed"].as_i64() > Some(100) && folders["new"].as_i64() > Some(1), "{folders}");
    assert!(product.get(&format!("{project}/scenarios")).await["items"].as_array().unwrap().len() > 2);

    // The people of it are nobody's way in, take no seat and no step.
    let users = product.get("/api/v1/users").await;
    let people: Vec<&Value> = users["items"].as_array().unwrap().iter().filter(|user| user["demo"] == true).collect();
    assert_eq!(people.len(), 2, "{users}");
    for person in people {
        assert_eq!(person["invited"], false);
        let invitation = format!("/api/v1/users/{}/invitation", person["id"].as_str().unwrap());
        for method in [Method::GET, Method::POST, Method::DELETE] {
            let (status, said) = product.call(method, &invitation, None).await;
            assert_eq!((status, &said["code"]), (StatusCode::CONFLICT, &json!("demo_person")));
        }
        for password in ["", "тихий-свет-2026", PASSWORD] {
            let (status, _) = sign_in(&product, person["email"].as_str().unwrap(), password).await.err().unwrap();
            assert_ne!(status, StatusCode::OK);
        }
    }
    assert_eq!(product.get("/api/v1/licence").await["seats_used"], 1);
    assert_eq!(product.get(&product.project("/first-steps")).await["invited"], false);

    let (path, name) = off(&demo);
    for wrong in ["", "Shop", "Демо"] {
        let (status, said) = product.call(Method::DELETE, &format!("{path}?name={wrong}"), None).await;
        assert_eq!((status, &said["errors"][0]["code"]), (StatusCode::UNPROCESSABLE_ENTITY, &json!("wrong_name")));
    }
    let own = format!("{DEMO}/{}?name=Shop", product.account.project_id);
    assert_eq!(product.call(Method::DELETE, &own, None).await.0, StatusCode::NOT_FOUND, "a site of one's own");
    let stranger = new_account(&product.app, "owner@b.example", "B").await;
    let full = format!("{path}?name={name}");
    let (status, _) = product.call_as(&stranger.api_key, Method::DELETE, &full, None).await;
    assert_eq!(status, StatusCode::NOT_FOUND, "another account's");
    let after_stranger = rows(&product).await;
    assert_eq!(product.call(Method::DELETE, &full, None).await.0, StatusCode::NO_CONTENT);
    assert_eq!(product.call(Method::DELETE, &full, None).await.0, StatusCode::NOT_FOUND, "twice");
    assert_eq!(product.get(DEMO).await, json!({ "projects": [], "job": null }));
    let after = settled(&product).await;
    for (table, rows) in &before {
        // The stranger's own company came meanwhile.
        let of_stranger = match table.as_str() {
            "accounts" | "audit_heads" | "users" | "projects" | "api_keys" => 1,
            "connections" => 2,
            "fields" | "push_keys" | "search_projects" => after[table] - rows,
            _ => 0,
        };
        assert_eq!(after[table] - of_stranger, *rows, "{table} (while it was there: {})", after_stranger[table]);
    }
    let log = product.get("/api/v1/audit-log").await;
    let deeds: Vec<&str> = log["items"].as_array().unwrap().iter().filter_map(|row| row["action"].as_str()).collect();
    assert!(deeds.contains(&"POST /api/v1/demo"), "{deeds:?}");
    assert!(deeds.contains(&"DELETE /api/v1/demo/{demo_project_id}"), "{deeds:?}");
}

#[tokio::test]
async fn only_the_owner_switches_it_and_a_making_that_is_cancelled_is_taken_back() {
    let product = Product::start().await;
    let project = product.account.project_id.to_string();
    let admin = join(&product, "admin@a.example", "admin", &[&project]).await;
    for method in [Method::GET, Method::POST] {
        assert_eq!(admin.call(&product, method, DEMO, json!({})).await.0, StatusCode::FORBIDDEN);
    }
    let before = settled(&product).await;
    let demo = product.post(DEMO, json!({})).await;
    let (path, name) = off(&demo);
    let job = &demo["job"];
    let job = format!("/api/v1/projects/{}/jobs/{}", job["project_id"].as_str().unwrap(), job["id"].as_str().unwrap());
    until("some of it", async || product.get(&job).await["progress"]["done"].as_i64() > Some(3)).await;
    let (status, said) = product.call(Method::DELETE, &format!("{path}?name={name}"), None).await;
    assert_eq!((status, &said["code"]), (StatusCode::CONFLICT, &json!("demo_is_being_made")));
    product.post(&format!("{job}/cancel"), json!({})).await;
    until("it to be taken back", async || product.get(DEMO).await["projects"] == json!([])).await;
    assert_eq!(settled(&product).await, before);
}

#[tokio::test]
async fn a_making_that_died_is_taken_back_and_begun_anew() {
    let product = Product::start().await;
    let user = product.account.user_id;
    // As a process leaves it that was killed after its first step, with a colleague made.
    let died = product.app.messaging.write(&product.account.account_id, move |cx| {
        Box::pin(async move {
            let demo = accounts::demo::make_demo(cx, &user, &user.to_string()).await?;
            let project = demo.projects[0].id;
            accounts::demo::people_for_demo(cx, &project, &user, &[("igor", "Игорь Сафин")]).await?;
            half_done(cx).await?;
            Ok::<_, model::Refusal>(project)
        })
    });
    let dead = died.await.unwrap();
    let demo = made(&product).await;
    assert_eq!(demo["projects"].as_array().unwrap().len(), 1);
    assert_ne!(demo["projects"][0]["id"], json!(dead));
    let users = product.get("/api/v1/users").await;
    let people = users["items"].as_array().unwrap().iter().filter(|user| user["demo"] == true).count();
    assert_eq!(people, 2, "not one more than the story has: {users}");
    assert_eq!(product.call(Method::GET, &format!("/api/v1/projects/{dead}"), None).await.0, StatusCode::NOT_FOUND);
}

async fn half_done(cx: &mut Cx<'_>) -> model::Result<()> {
    let query = db::sql!("UPDATE project_jobs SET state = 'running', result = '{}' WHERE account_id = $1");
    query.bind(cx.account).execute(cx.tx).await?;
    Ok(())
}
