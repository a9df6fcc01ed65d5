//! Nodes over a real NATS server: what they hear, and what they bear.

use bus::{Bus, Inbox, Presence, Ring, Signal, TestNats, join};
use futures_util::StreamExt;
use model::{AccountId, NodeId};
use std::time::{Duration, Instant};
use tokio::time::{sleep, timeout};

const SECRET: &str = "a secret of the database";

async fn node(nats: &TestNats, id: u64) -> (Bus, Inbox) {
    join(&nats.url(), SECRET, NodeId(id)).await.unwrap()
}

fn account(n: u128) -> AccountId {
    AccountId::from_bits(n)
}

/// Rings until the other hears it: the connections are made in the background.
async fn ring_until_heard(bus: &Bus, inbox: &mut Inbox) -> Signal {
    let until = Instant::now() + Duration::from_secs(15);
    while Instant::now() < until {
        bus.ring(|ring| ring.jobs = true);
        if let Ok(heard) = timeout(Duration::from_millis(100), inbox.next()).await {
            return heard.expect("the inbox is open").1;
        }
    }
    panic!("nothing is heard");
}

/// Everything there is to be heard at once.
async fn drain(inbox: &mut Inbox) -> usize {
    let mut heard = 0;
    while timeout(Duration::from_millis(200), inbox.next()).await.is_ok() {
        heard += 1;
    }
    heard
}

#[tokio::test]
async fn nodes_hear_each_other_and_not_themselves() {
    let nats = TestNats::start();
    let ((one, mut by_one), (two, mut by_two)) = (node(&nats, 1).await, node(&nats, 2).await);
    let heard = ring_until_heard(&one, &mut by_two).await;
    assert_eq!(heard, Signal::Ring(Ring { jobs: true, ..Ring::default() }));
    ring_until_heard(&two, &mut by_one).await;
    drain(&mut by_two).await;
    drain(&mut by_one).await;
    one.ring(|ring| {
        ring.events.insert(account(1));
    });
    let (from, signal) = by_two.next().await.unwrap();
    assert_eq!((from, signal), (NodeId(1), Signal::Ring(Ring { events: [account(1)].into(), ..Ring::default() })));
    assert_eq!(drain(&mut by_one).await, 0, "its own echo is not for it");
}

#[tokio::test]
async fn what_one_node_says_is_heard_in_order() {
    let nats = TestNats::start();
    let ((one, _by_one), (_two, mut by_two)) = (node(&nats, 1).await, node(&nats, 2).await);
    ring_until_heard(&one, &mut by_two).await;
    drain(&mut by_two).await;
    for version in 0..1000 {
        one.tell(Signal::Presence(Presence::Alive { version }));
    }
    for version in 0..1000 {
        assert_eq!(by_two.next().await.unwrap().1, Signal::Presence(Presence::Alive { version }));
    }
}

#[tokio::test]
async fn two_installations_on_one_server_do_not_hear_each_other() {
    let nats = TestNats::start();
    let ((ours, _), (_second, mut by_second)) = (node(&nats, 1).await, node(&nats, 2).await);
    let (theirs, mut by_theirs) = join(&nats.url(), "another secret", NodeId(3)).await.unwrap();
    ring_until_heard(&ours, &mut by_second).await;
    assert_eq!(drain(&mut by_theirs).await, 0);
    assert_eq!(theirs.ignored(), 0, "not even in passing: their subjects are others");
}

#[tokio::test]
async fn foreign_malformed_and_oversized_messages_are_ignored() {
    let nats = TestNats::start();
    let ((one, _by_one), (two, mut by_two)) = (node(&nats, 1).await, node(&nats, 2).await);
    // Somebody else on this server sees everything that passes.
    let stranger = async_nats::connect(nats.url()).await.unwrap();
    let mut seen = stranger.subscribe("otklik.>").await.unwrap();
    stranger.flush().await.unwrap();
    ring_until_heard(&one, &mut by_two).await;
    drain(&mut by_two).await;
    let sample = seen.next().await.unwrap();
    let mut changed = sample.payload.to_vec();
    *changed.last_mut().unwrap() ^= 1;
    let foreign = [
        Vec::new(),
        b"{}".to_vec(),
        b"{\"form\":1,\"from\":9,\"signal\":{\"Ring\":{}}}".to_vec(),
        vec![0; 24],
        vec![0xff; 900_000],
        sample.payload[..sample.payload.len() / 2].to_vec(),
        changed,
    ];
    let count = u64::try_from(foreign.len()).unwrap();
    for payload in foreign {
        stranger.publish(sample.subject.clone(), payload.into()).await.unwrap();
    }
    stranger.flush().await.unwrap();
    assert_eq!(drain(&mut by_two).await, 0, "none of them is heard");
    assert_eq!(two.ignored(), count, "each of them is counted");
    ring_until_heard(&one, &mut by_two).await;
}

#[tokio::test]
async fn a_server_that_is_not_there_is_waited_for_in_the_background() {
    let mut nats = TestNats::absent();
    let started = Instant::now();
    let ((one, _by_one), (_two, mut by_two)) = (node(&nats, 1).await, node(&nats, 2).await);
    assert!(started.elapsed() < Duration::from_secs(1), "the start waits for nobody");
    one.ring(|ring| ring.jobs = true);
    sleep(Duration::from_millis(500)).await;
    nats.start_again();
    ring_until_heard(&one, &mut by_two).await;
}

#[tokio::test]
async fn a_server_that_was_restarted_is_found_again() {
    let mut nats = TestNats::start();
    let ((one, _by_one), (_two, mut by_two)) = (node(&nats, 1).await, node(&nats, 2).await);
    ring_until_heard(&one, &mut by_two).await;
    nats.stop();
    sleep(Duration::from_millis(300)).await;
    one.tell(Signal::Presence(Presence::Gone));
    drain(&mut by_two).await;
    nats.start_again();
    let heard = ring_until_heard(&one, &mut by_two).await;
    assert!(matches!(heard, Signal::Ring(_)), "what was said meanwhile is not said late: {heard:?}");
}

#[tokio::test]
async fn a_server_that_stands_still_holds_up_nobody_and_is_left() {
    let nats = TestNats::start();
    let ((one, _by_one), (_two, mut by_two)) = (node(&nats, 1).await, node(&nats, 2).await);
    ring_until_heard(&one, &mut by_two).await;
    nats.freeze();
    let started = Instant::now();
    let frame = "x".repeat(1000);
    for n in 0..20_000 {
        one.ring(|ring| {
            ring.events.insert(account(n));
        });
        one.tell(Signal::Mark { account: account(n), project: None, user: None, frame: frame.clone() });
    }
    assert!(started.elapsed() < Duration::from_secs(2), "took {:?}", started.elapsed());
    let closing = Instant::now();
    one.close(Signal::Presence(Presence::Gone)).await;
    assert!(closing.elapsed() < Duration::from_secs(1), "not even the last words wait for it");
    nats.thaw();
    ring_until_heard(&one, &mut by_two).await;
}
