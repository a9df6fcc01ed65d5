//! Work is done once, by one node at a time: jobs, deliveries, polling; also when the node that does it is killed or stands still.

use super::bot::{Bot, TOKEN};
use super::cluster::{Cluster, LEASE, eventually};
use super::socket::Socket;
use serde_json::{Value, json};
use std::collections::{BTreeSet, HashMap};
use std::sync::atomic::Ordering;
use std::time::Duration;
use tokio::time::sleep;

const CLIENTS: i64 = 20;

/// Two nodes and a bot that is polled.
async fn with_bot() -> Option<(Cluster, Bot)> {
    let cluster = Cluster::start().await?;
    let bot = Bot::default();
    let base = bot.start().await;
    let settings = json!({ "token": TOKEN, "mode": "polling", "base_url": base });
    let body = json!({ "kind": "telegram", "title": "Бот", "settings": settings });
    cluster.post(&cluster.a, "/connections", body).await;
    Some((cluster, bot))
}

/// The conversations there are, by their client's name.
async fn conversations(cluster: &Cluster) -> Vec<String> {
    let list = cluster.get(&cluster.b, "/conversations?limit=200").await;
    list["items"].as_array().unwrap().iter().map(|item| item["id"].as_str().unwrap().to_owned()).collect()
}

async fn statuses(cluster: &Cluster, conversation: &str) -> Vec<Value> {
    let list = cluster.get(&cluster.b, &format!("/conversations/{conversation}/messages?limit=100")).await;
    let items = list["items"].as_array().unwrap();
    items.iter().map(|item| item["delivery"]["status"].clone()).filter(|status| !status.is_null()).collect()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn jobs_and_deliveries_are_done_once_and_a_bot_is_polled_by_one_node() {
    let Some((cluster, bot)) = with_bot().await else { return };
    for client in 1..=CLIENTS {
        bot.text(client, "вопрос");
    }
    eventually("every client has a conversation", async || {
        conversations(&cluster).await.len() == usize::try_from(CLIENTS).unwrap()
    })
    .await;
    let mut operator = Socket::operator(&cluster.a.address(), &cluster.api_key, &cluster.project, 0).await.unwrap();
    let mut wanted = BTreeSet::new();
    for (n, conversation) in conversations(&cluster).await.iter().enumerate() {
        for (part, node) in [&cluster.a, &cluster.b, &cluster.a].into_iter().enumerate() {
            let text = format!("{n}/{part}");
            let path = format!("/conversations/{conversation}/messages");
            cluster.post(node, &path, json!({ "client_id": text, "content": { "text": text } })).await;
            wanted.insert(text);
        }
    }
    eventually("every answer is sent", async || bot.sent().len() >= wanted.len()).await;
    sleep(Duration::from_secs(1)).await;
    let sent = bot.sent();
    assert_eq!(sent.len(), wanted.len(), "none twice");
    assert_eq!(sent.iter().cloned().collect::<BTreeSet<_>>(), wanted);
    let mut last: HashMap<&str, &str> = HashMap::new();
    for (client, part) in sent.iter().filter_map(|text| text.split_once('/')) {
        assert!(last.insert(client, part).is_none_or(|before| before < part), "in order: {sent:?}");
    }
    let mut questions = 0;
    while let Some(frame) =
        operator.within(Duration::from_millis(500), |frame| frame["kind"] == "message.created").await
    {
        questions += i64::from(frame["data"]["author"]["kind"] == "client");
    }
    assert_eq!(questions, CLIENTS, "each update was processed once");
    assert_eq!(bot.most_asking(), 1, "one node polls");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_one_node_does_passes_to_the_other_when_it_is_killed_frozen_or_stopped() {
    let Some((mut cluster, bot)) = with_bot().await else { return };
    for name in ["pollers", "night check", "retention"] {
        eventually("somebody does it", async || cluster.holder(name).await.is_some()).await;
    }
    let log_has =
        |log: String, words: &str| log.lines().filter(|line| line.contains(words) && line.contains("pollers")).count();
    let first = cluster.holder("pollers").await.unwrap();
    let is_a = log_has(cluster.a.log(), "does it now") == 1;
    let (doer, other) = if is_a { (&mut cluster.a, &mut cluster.b) } else { (&mut cluster.b, &mut cluster.a) };
    doer.freeze();
    assert_eq!(log_has(other.log(), "does it now"), 0);
    sleep(LEASE * 2).await;
    assert_eq!(log_has(other.log(), "does it now"), 1, "the other one took over");
    bot.most_asking();
    doer.thaw();
    sleep(LEASE).await;
    assert_eq!(log_has(doer.log(), "stops doing it"), 1, "the frozen one noticed");
    bot.most_asking();
    sleep(Duration::from_secs(1)).await;
    assert_eq!(bot.most_asking(), 1, "and asks no more");
    other.stop();
    sleep(LEASE).await;
    assert_eq!(log_has(doer.log(), "does it now"), 2, "what is given back is free at once");
    other.start();
    doer.kill();
    sleep(LEASE * 2).await;
    assert_eq!(log_has(other.log(), "does it now"), 2, "what a dead node held is free after its lease");
    assert_ne!(cluster.holder("pollers").await.unwrap(), first);
    bot.text(1, "вопрос");
    eventually("updates are read", async || conversations_of_survivor(&cluster, is_a).await == 1).await;
}

async fn conversations_of_survivor(cluster: &Cluster, is_b: bool) -> usize {
    let node = if is_b { &cluster.b } else { &cluster.a };
    cluster.get(node, "/conversations?limit=200").await["items"].as_array().unwrap().len()
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_node_that_stood_still_while_it_sent_does_not_record_over_what_was_decided_without_it() {
    let Some((mut cluster, bot)) = with_bot().await else { return };
    bot.text(1, "вопрос");
    eventually("there is a conversation", async || conversations(&cluster).await.len() == 1).await;
    let conversation = conversations(&cluster).await.remove(0);
    // The node that will send is the only one there.
    cluster.b.stop();
    bot.holds_answers.store(true, Ordering::Relaxed);
    let path = format!("/conversations/{conversation}/messages");
    cluster.post(&cluster.a, &path, json!({ "client_id": "1", "content": { "text": "ответ" } })).await;
    eventually("it is being sent", async || bot.sent().len() == 1).await;
    cluster.a.freeze();
    cluster.b.start();
    eventually("nobody can know", async || statuses(&cluster, &conversation).await == ["unknown"]).await;
    bot.holds_answers.store(false, Ordering::Relaxed);
    cluster.a.thaw();
    eventually("the frozen one noticed", async || cluster.a.log().contains("no longer held by this node")).await;
    assert_eq!(statuses(&cluster, &conversation).await, ["unknown"], "a person decides");
    assert_eq!(bot.sent().len(), 1);
    cluster.a.kill();
}
