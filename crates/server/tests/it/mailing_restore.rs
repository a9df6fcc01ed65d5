//! Mailings of a restored copy.

use super::restore::{Running, answer, installed, otklik};
use super::upgrade::is_sqlite;
use serde_json::{Value, json};

/// The installation of before may have sent what the copy still has before it (section 4 of `mailings.md`).
#[tokio::test]
async fn no_mailing_of_a_restored_copy_begins_by_itself() {
    if !is_sqlite() {
        return;
    }
    let (place, account) = installed().await;
    let running = Running::start(&place);
    let project = account["project_id"].as_str().unwrap();
    let http = harness::client();
    let ask = async |running: &Running, path: &str, body: Option<Value>| {
        let url = format!("http://{}/api/v1/projects/{project}{path}", running.address);
        let request = match body {
            Some(body) => http.post(url).json(&body),
            None => http.get(url),
        };
        let answer = request.bearer_auth(account["api_key"].as_str().unwrap()).send().await.unwrap();
        answer.json::<Value>().await.unwrap()
    };
    let document = json!({ "title": "Зимний свет", "channels": ["site"], "body": { "text": "x" },
        "schedule": { "at": "2099-01-01T10:00", "quiet": null } });
    let made = ask(&running, "/mailings", Some(document)).await;
    let path = format!("/mailings/{}", made["id"].as_str().unwrap());
    assert_eq!(ask(&running, &format!("{path}/start"), Some(json!({}))).await["state"], "scheduled");
    let copy = place.folder.join("copy.db");
    answer(&otklik(&place, &["backup", &copy.to_string_lossy()]).output().unwrap());
    running.terminate();
    answer(&otklik(&place, &["restore", &copy.to_string_lossy()]).output().unwrap());
    let running = Running::start(&place);
    let held = ask(&running, &path, None).await;
    assert_eq!((&held["state"], &held["held"]), (&json!("scheduled"), &json!("restored")), "{held}");
    let started = ask(&running, &format!("{path}/start"), Some(json!({ "now": true }))).await;
    assert_eq!(
        (&started["state"], &started["held"]),
        (&json!("preparing"), &Value::Null),
        "somebody's word lets it begin"
    );
    // It is said once: the next start holds nothing.
    running.terminate();
    let running = Running::start(&place);
    assert_ne!(ask(&running, &path, None).await["held"], "restored");
}
