//! Who is connected to one node is known on the other, and marks pass between them.

use super::cluster::{Cluster, EMAIL, PASSWORD, eventually};
use super::socket::Socket;
use serde_json::{Value, json};

fn is_presence(frame: &Value, contact: &str, online: bool) -> bool {
    frame["type"] == "presence" && frame["contact_id"] == contact && frame["online"] == online
}

#[tokio::test]
async fn an_operator_sees_a_visitor_of_the_other_node_come_write_and_go() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let mut operator = Socket::operator(&cluster.a.address(), &cluster.api_key, &cluster.project, 0).await.unwrap();
    let mut colleague = Socket::operator(&cluster.b.address(), &cluster.api_key, &cluster.project, 0).await.unwrap();
    let mut visitor = Socket::visitor(&cluster.b.address(), &cluster.site_key, None).await.unwrap();
    let ack = visitor.say("1", "здравствуйте").await.unwrap();
    let conversation = ack["conversation_id"].as_str().unwrap().to_owned();
    let said = operator.until(|frame| frame["kind"] == "message.created").await;
    let contact = said["data"]["author"]["id"].as_str().unwrap().to_owned();
    let path = format!("/contacts/{contact}");
    eventually("the visitor is online on both nodes", async || {
        cluster.get(&cluster.a, &path).await["online"] == true && cluster.get(&cluster.b, &path).await["online"] == true
    })
    .await;

    visitor.send(json!({ "type": "typing" })).await.unwrap();
    let typing = operator.until(|frame| frame["type"] == "typing").await;
    assert_eq!((&typing["conversation_id"], &typing["contact_id"]), (&json!(conversation), &json!(contact)));
    operator.send(json!({ "type": "typing", "conversation_id": conversation })).await.unwrap();
    visitor.until(|frame| frame["type"] == "typing").await;
    operator.send(json!({ "type": "viewing", "conversation_id": conversation })).await.unwrap();
    colleague.until(|frame| frame["type"] == "viewing" && frame["conversation_id"] == conversation.as_str()).await;

    // A second page on the other node keeps the visitor here when the first is closed.
    let token = visitor.token();
    let second = Socket::visitor(&cluster.a.address(), &cluster.site_key, Some(&token)).await.unwrap();
    drop(visitor);
    let gone = operator.within(std::time::Duration::from_secs(2), |frame| is_presence(frame, &contact, false)).await;
    assert_eq!(gone, None, "one page is still open");
    drop(second);
    operator.until(|frame| is_presence(frame, &contact, false)).await;
    colleague.until(|frame| is_presence(frame, &contact, false)).await;

    // A node that dies takes its visitors with it; one that stops says so.
    let back = Socket::visitor(&cluster.b.address(), &cluster.site_key, Some(&token)).await.unwrap();
    operator.until(|frame| is_presence(frame, &contact, true)).await;
    let fresh = Socket::operator(&cluster.a.address(), &cluster.api_key, &cluster.project, 0).await.unwrap();
    assert_eq!(fresh.hello["online_contacts"], json!([contact]), "who comes later is told, too");
    cluster.b.kill();
    drop(back);
    operator.until(|frame| is_presence(frame, &contact, false)).await;
    assert_eq!(cluster.get(&cluster.a, &path).await["online"], false);
    cluster.b.start();
    let again = Socket::visitor(&cluster.b.address(), &cluster.site_key, Some(&token)).await.unwrap();
    operator.until(|frame| is_presence(frame, &contact, true)).await;
    cluster.b.stop();
    drop(again);
    operator.until(|frame| is_presence(frame, &contact, false)).await;
}

#[tokio::test]
async fn a_visitor_of_one_node_is_told_that_somebody_is_there_on_the_other() {
    let Some(cluster) = Cluster::start().await else { return };
    let request = cluster.http.post(format!("http://{}/api/v1/session", cluster.a.address()));
    let signed = request.json(&json!({ "email": EMAIL, "password": PASSWORD })).send().await.unwrap();
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let body: Value = signed.json().await.unwrap();
    let url = format!("http://{}/w/v1/config?p={}", cluster.b.address(), cluster.site_key);
    let is_online = async || {
        let config: Value = cluster.http.get(&url).send().await.unwrap().json().await.unwrap();
        config["operators_online"].as_bool().unwrap()
    };
    assert!(!is_online().await);
    let operator = Socket::signed_in(&cluster.a.address(), &cookie, &body["csrf"], &cluster.project).await;
    eventually("the team is there", &is_online).await;
    drop(operator);
    eventually("the team is gone", async || !is_online().await).await;
}

#[tokio::test]
async fn whoever_says_to_be_away_on_one_node_is_nobody_to_count_on_on_the_other() {
    let Some(cluster) = Cluster::start().await else { return };
    let request = cluster.http.post(format!("http://{}/api/v1/session", cluster.a.address()));
    let signed = request.json(&json!({ "email": EMAIL, "password": PASSWORD })).send().await.unwrap();
    let cookie = signed.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned();
    let body: Value = signed.json().await.unwrap();
    let url = format!("http://{}/w/v1/config?p={}", cluster.b.address(), cluster.site_key);
    let is_online = async || {
        let config: Value = cluster.http.get(&url).send().await.unwrap().json().await.unwrap();
        config["operators_online"].as_bool().unwrap()
    };
    let _operator = Socket::signed_in(&cluster.a.address(), &cookie, &body["csrf"], &cluster.project).await;
    eventually("the team is there", &is_online).await;
    // Said on either node: both judge by it.
    for (node, availability, is_there) in [
        (&cluster.a, "away", false),
        (&cluster.b, "busy", true),
        (&cluster.b, "away", false),
        (&cluster.a, "available", true),
    ] {
        let url = format!("http://{}/api/v1/me/availability", node.address());
        let put =
            cluster.http.put(url).header("cookie", &cookie).header("x-otklik-csrf", body["csrf"].as_str().unwrap());
        let status = put.json(&json!({ "availability": availability })).send().await.unwrap().status();
        assert!(status.is_success(), "{availability}: {status}");
        eventually(availability, async || is_online().await == is_there).await;
    }
}

/// Who is on the site, as the first node has it; nobody while a connection of before its restart is still tried.
async fn listed(cluster: &Cluster) -> Vec<Value> {
    let url = format!("http://{}/api/v1/projects/{}/visitors", cluster.a.address(), cluster.project);
    let Ok(answer) = cluster.http.get(url).bearer_auth(&cluster.api_key).send().await else { return Vec::new() };
    answer.json::<Value>().await.ok().and_then(|list| list["items"].as_array().cloned()).unwrap_or_default()
}

#[tokio::test]
async fn a_silent_visitor_of_one_node_is_listed_and_written_to_on_the_other() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let auth = json!({ "type": "auth", "site_key": cluster.site_key,
        "page": { "url": "https://shop.example/?utm_source=vk", "title": "Чай" } });
    let mut operator = Socket::operator(&cluster.a.address(), &cluster.api_key, &cluster.project, 0).await.unwrap();
    let mut visitor = Socket::open(&cluster.b.address(), "/w/v1/live", auth.clone()).await.unwrap();
    operator.until(|frame| frame["type"] == "visitors").await;
    let seen = listed(&cluster).await;
    assert_eq!((seen.len(), &seen[0]["page"]["title"], &seen[0]["utm"]["source"]), (1, &json!("Чай"), &json!("vk")));
    let path = format!("/visitors/{}/conversation", seen[0]["id"].as_str().unwrap());
    let begun = cluster.post(&cluster.a, &path, json!({ "client_id": "1", "text": "Помочь?" })).await;
    let called = visitor.until(|frame| frame["type"] == "called").await;
    assert_eq!(called["contact_id"], begun["contact_id"]);
    eventually("the other node knows the contact", async || {
        listed(&cluster).await.iter().any(|one| one["contact_id"] == begun["contact_id"])
    })
    .await;

    // A node that comes later is told everything; one that dies takes its visitors along.
    cluster.a.stop();
    cluster.a.start();
    eventually("who was here before is listed", async || listed(&cluster).await.len() == 1).await;
    cluster.b.kill();
    eventually("a dead node's visitors are gone", async || listed(&cluster).await.is_empty()).await;
}
