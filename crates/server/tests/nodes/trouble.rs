//! Messages flow over both nodes while one and the other is killed, and NATS is cut: nothing is lost, doubled or out of order (D3, D4, D12).

use super::cluster::Cluster;
use super::socket::Socket;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, HashMap, HashSet};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use tokio::time::sleep;

const VISITORS: usize = 6;
/// For the slowest machine to catch up.
const PATIENCE: Duration = Duration::from_secs(20);

/// What was acknowledged: the sender's id to ours.
type Acknowledged = Arc<Mutex<BTreeMap<String, String>>>;

/// What a reader was told, in order.
type Heard = Arc<Mutex<Vec<Value>>>;

/// What writers and readers need of the cluster, which others kill meanwhile.
#[derive(Clone)]
struct Place {
    addresses: [String; 2],
    site_key: String,
    api_key: String,
    project: String,
    is_over: Arc<AtomicBool>,
    acknowledged: Acknowledged,
    /// Conversations that operators answer in.
    conversations: Arc<Mutex<Vec<String>>>,
}

impl Place {
    fn of(cluster: &Cluster) -> Self {
        Self {
            addresses: [cluster.a.address(), cluster.b.address()],
            site_key: cluster.site_key.clone(),
            api_key: cluster.api_key.clone(),
            project: cluster.project.clone(),
            is_over: Arc::default(),
            acknowledged: Arc::default(),
            conversations: Arc::default(),
        }
    }

    fn goes_on(&self) -> bool {
        !self.is_over.load(Ordering::Relaxed)
    }

    fn acknowledge(&self, client_id: &str, id: &Value) {
        let id = id.as_str().expect("an id").to_owned();
        self.acknowledged.lock().unwrap().insert(client_id.to_owned(), id);
    }
}

/// A visitor whose page connects anew to whichever node answers, and repeats what was not acknowledged.
async fn write(place: Place, visitor: usize) {
    let token = format!("{visitor:032x}");
    let mut turn = visitor;
    let mut number = 0;
    while place.goes_on() {
        let address = &place.addresses[turn % 2];
        turn += 1;
        let Some(mut socket) = Socket::visitor(address, &place.site_key, Some(&token)).await else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        while place.goes_on() {
            let id = format!("{visitor}-{number}");
            let Some(ack) = socket.say(&id, &id).await else { break };
            place.acknowledge(&id, &ack["id"]);
            if number == 0 {
                place.conversations.lock().unwrap().push(ack["conversation_id"].as_str().unwrap().to_owned());
            }
            number += 1;
            // A page is opened on the other node now and then even without any trouble.
            if number % 50 == 0 {
                break;
            }
        }
    }
}

/// An operator's program that answers in every conversation through one node, and repeats what was not acknowledged.
async fn answer(place: Place, operator: usize) {
    let http = reqwest::Client::builder().no_proxy().timeout(Duration::from_secs(5)).build().unwrap();
    let mut number = 0;
    while place.goes_on() {
        sleep(Duration::from_millis(5)).await;
        let conversations = place.conversations.lock().unwrap().clone();
        if conversations.is_empty() {
            continue;
        }
        let conversation = &conversations[number % conversations.len()];
        let id = format!("operator-{operator}-{number}");
        let path = format!("/api/v1/projects/{}/conversations/{conversation}/messages", place.project);
        let url = format!("http://{}{path}", place.addresses[operator % 2]);
        let request = http.request(Method::POST, url).bearer_auth(&place.api_key);
        let request = request.json(&json!({ "client_id": id, "content": { "text": id } }));
        let Ok(response) = request.send().await else { continue };
        if response.status().is_success() {
            let Ok(sent) = response.json::<Value>().await else { continue };
            place.acknowledge(&id, &sent["id"]);
            number += 1;
        }
    }
}

/// A reader of one node that connects anew, after what it has.
async fn read(place: Place, address: String, heard: Heard) {
    let mut position = 0;
    loop {
        let opened = Socket::operator(&address, &place.api_key, &place.project, position).await;
        let Some(mut socket) = opened else {
            sleep(Duration::from_millis(50)).await;
            continue;
        };
        while let Some(frame) = socket.next().await {
            assert_ne!(frame["type"], "gap", "nothing was forgotten");
            if frame["type"] != "event" {
                continue;
            }
            position = frame["position"].as_i64().unwrap();
            heard.lock().unwrap().push(frame);
        }
    }
}

fn messages(heard: &[Value]) -> Vec<&Value> {
    heard.iter().filter(|frame| frame["kind"] == "message.created").map(|frame| &frame["data"]).collect()
}

fn has_all(heard: &Heard, acknowledged: &BTreeMap<String, String>) -> bool {
    let heard = heard.lock().unwrap();
    let ids: HashSet<&str> = messages(&heard).into_iter().filter_map(|message| message["id"].as_str()).collect();
    acknowledged.values().all(|id| ids.contains(id.as_str()))
}

/// Every acknowledged message once, positions rising, numbers 1 to n in every conversation.
fn check(name: &str, heard: &[Value], acknowledged: &BTreeMap<String, String>) {
    let positions: Vec<i64> = heard.iter().map(|frame| frame["position"].as_i64().unwrap()).collect();
    assert!(positions.is_sorted_by(|a, b| a < b), "{name}: positions rise");
    let mut times: HashMap<&str, usize> = HashMap::new();
    let mut last: HashMap<&str, i64> = HashMap::new();
    for message in messages(heard) {
        *times.entry(message["id"].as_str().unwrap()).or_default() += 1;
        let seq = message["seq"].as_i64().unwrap();
        let before = last.insert(message["conversation_id"].as_str().unwrap(), seq).unwrap_or(0);
        assert_eq!(seq, before + 1, "{name}: numbers have no gap");
    }
    for (client_id, id) in acknowledged {
        assert_eq!(times.get(id.as_str()), Some(&1), "{name}: {client_id} is there once");
    }
    let mut texts: Vec<&str> = messages(heard).iter().filter_map(|m| m["content"]["text"].as_str()).collect();
    texts.sort_unstable();
    assert!(texts.windows(2).all(|pair| pair[0] != pair[1]), "{name}: nothing was said twice");
}

/// A second or so each: NATS is cut, a node is killed, the other, one stands still, and all of it at once.
async fn make_trouble(cluster: &mut Cluster) {
    let moment = || sleep(Duration::from_millis(1200));
    moment().await;
    cluster.nats.stop();
    moment().await;
    cluster.nats.start_again();
    moment().await;
    cluster.a.kill();
    moment().await;
    cluster.a.start();
    moment().await;
    cluster.b.kill();
    cluster.b.start();
    moment().await;
    cluster.a.freeze();
    moment().await;
    cluster.a.thaw();
    cluster.nats.freeze();
    cluster.b.kill();
    moment().await;
    cluster.b.start();
    cluster.nats.stop();
    moment().await;
    cluster.nats.start_again();
    moment().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn nothing_is_lost_doubled_or_out_of_order_while_nodes_are_killed_and_nats_is_cut() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let place = Place::of(&cluster);
    let readers: Vec<(String, Heard)> = place
        .addresses
        .iter()
        .flat_map(|address| [address.clone(), address.clone()])
        .map(|a| (a, Heard::default()))
        .collect();
    let mut reading = Vec::new();
    for (address, heard) in &readers {
        reading.push(tokio::spawn(read(place.clone(), address.clone(), heard.clone())));
    }
    let mut writing: Vec<_> = (0..VISITORS).map(|visitor| tokio::spawn(write(place.clone(), visitor))).collect();
    writing.extend((0..2).map(|operator| tokio::spawn(answer(place.clone(), operator))));
    make_trouble(&mut cluster).await;
    place.is_over.store(true, Ordering::Relaxed);
    for writer in writing {
        writer.await.unwrap();
    }
    let acknowledged = place.acknowledged.lock().unwrap().clone();
    let until = Instant::now() + PATIENCE;
    while !readers.iter().all(|(_, heard)| has_all(heard, &acknowledged)) && Instant::now() < until {
        sleep(Duration::from_millis(50)).await;
    }
    for task in &reading {
        assert!(!task.is_finished(), "a reader failed");
        task.abort();
    }
    let lists: Vec<Vec<Value>> = readers.iter().map(|(_, heard)| heard.lock().unwrap().clone()).collect();
    for ((address, _), list) in readers.iter().zip(&lists) {
        check(address, list, &acknowledged);
    }
    assert!(acknowledged.len() > 100, "there was something to lose: {}", acknowledged.len());
    eprintln!("{} messages were acknowledged", acknowledged.len());
    let ids = |list: &[Value]| -> Vec<(i64, String)> {
        let known = acknowledged.values().collect::<HashSet<_>>();
        let row = |frame: &Value| {
            (frame["position"].as_i64().unwrap(), frame["data"]["id"].as_str().unwrap_or("").to_owned())
        };
        list.iter().map(row).filter(|(_, id)| known.contains(id)).collect()
    };
    assert!(lists.iter().all(|list| ids(list) == ids(&lists[0])), "every reader has the same list");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn without_nats_the_other_node_sees_a_message_within_a_second_or_so() {
    let Some(mut cluster) = Cluster::start().await else { return };
    let mut operator = Socket::operator(&cluster.b.address(), &cluster.api_key, &cluster.project, 0).await.unwrap();
    let mut visitor = Socket::visitor(&cluster.a.address(), &cluster.site_key, None).await.unwrap();
    let mut heard_after = async |client_id: &str| {
        visitor.say(client_id, client_id).await.expect("an ack");
        let acked = Instant::now();
        operator
            .until(|frame| frame["kind"] == "message.created" && frame["data"]["content"]["text"] == client_id)
            .await;
        acked.elapsed()
    };
    heard_after("the first").await;
    let mut quickest = Duration::MAX;
    for n in 0..10 {
        quickest = quickest.min(heard_after(&format!("rung {n}")).await);
    }
    assert!(quickest < Duration::from_millis(300), "a bell is heard at once: {quickest:?}");
    cluster.nats.stop();
    for n in 0..3 {
        let took = heard_after(&format!("looked for {n}")).await;
        assert!(took < Duration::from_millis(2500), "the log is looked at every second: {took:?}");
    }
    let log = cluster.b.log();
    assert_eq!(log.matches("NATS is not there").count(), 1, "said once: {log}");
    cluster.nats.start_again();
    super::cluster::eventually("NATS is missed no more", async || {
        cluster.b.log().matches("NATS is there").count() == 2
    })
    .await;
}
