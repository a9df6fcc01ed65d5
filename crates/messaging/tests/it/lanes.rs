//! People first: a mailing of any length never starves an operator (rulings 64).

use crate::support::Path;
use axum::extract::State;
use axum::routing::post;
use axum::{Json, Router};
use messaging::conversations::Place;
use messaging::deliveries::{self, Lane};
use messaging::outgoing::{self, Saying};
use model::{Author, AuthorKind, Content, Cx, Result};
use serde_json::{Value, json};
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::sync::Notify;

/// The other side of a channel: it takes its time over every message.
#[derive(Clone, Default)]
struct OtherSide {
    taken: Arc<Mutex<Vec<String>>>,
    heard: Arc<Notify>,
}

impl OtherSide {
    async fn listen(self) -> String {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
        let url = format!("http://{}/in", listener.local_addr().unwrap());
        let server = Router::new().route("/in", post(take)).with_state(self);
        tokio::spawn(async move { axum::serve(listener, server).await });
        url
    }

    fn taken(&self) -> Vec<String> {
        self.taken.lock().unwrap().clone()
    }

    async fn until(&self, is_there: impl Fn(&[String]) -> bool) {
        let waited = tokio::time::timeout(Duration::from_secs(60), async {
            while !is_there(&self.taken()) {
                self.heard.notified().await;
            }
        });
        waited.await.unwrap_or_else(|_| panic!("not within a minute: {:?}", self.taken()));
    }
}

async fn take(State(other): State<OtherSide>, Json(body): Json<Value>) -> Json<Value> {
    other.taken.lock().unwrap().push(body["data"]["text"].as_str().unwrap_or_default().to_owned());
    other.heard.notify_waiters();
    other.heard.notify_one();
    tokio::time::sleep(Duration::from_millis(100)).await;
    Json(json!({}))
}

async fn say(cx: &mut Cx<'_>, place: &Place, lane: Lane, text: String) -> Result<()> {
    let kind = if lane == Lane::Person { AuthorKind::Operator } else { AuthorKind::Bot };
    let author = Author { kind, id: None, name: None };
    let saying = Saying { lane, ..Saying::new(author, Content::text(text)) };
    outgoing::say(cx, place, saying).await.map(drop)
}

#[tokio::test]
async fn an_operator_is_heard_in_the_middle_of_a_mailing() {
    let path = Path::open().await;
    let other = OtherSide::default();
    let url = other.clone().listen().await;
    let (busy, quiet) = (path.own_channel(&url).await, path.own_channel(&url).await);
    let mut places = Vec::new();
    for n in 0..300 {
        places.push(path.client(&busy, &format!("u{n}")).await);
    }
    let (asked, elsewhere) = (places[299].clone(), path.client(&quiet, "v1").await);
    let account = path.account.account_id;
    let queued = path.service.write(&account, move |cx| {
        Box::pin(async move {
            for (n, place) in places.iter().enumerate() {
                say(cx, place, Lane::Mailing, format!("mailing {n}")).await?;
            }
            Ok::<_, model::Refusal>(())
        })
    });
    queued.await.unwrap();
    tokio::spawn(deliveries::run(path.service.clone()));
    other.until(|taken| taken.len() >= 20).await;

    // An answer to the client whose own mailing message is still far down the queue, and one on another channel.
    let before = other.taken().len();
    let answered = path.service.write(&account, move |cx| {
        Box::pin(async move {
            say(cx, &asked, Lane::Person, "answer".into()).await?;
            say(cx, &elsewhere, Lane::Mailing, "mailing elsewhere".into()).await?;
            say(cx, &elsewhere, Lane::Bot, "bot elsewhere".into()).await
        })
    });
    answered.await.unwrap();
    other.until(|taken| taken.iter().any(|text| text == "answer")).await;
    let at = other.taken().iter().position(|text| text == "answer").unwrap();
    // What was under way when it was said, and as much again while it was claimed: far less than the 280 that wait.
    assert!(at - before <= 64, "{} mailing messages went before the answer", at - before);
    other.until(|taken| taken.iter().any(|text| text == "mailing elsewhere")).await;
    let taken = other.taken();
    let place_of = |text: &str| taken.iter().position(|other| other == text).unwrap();
    assert!(taken.len() < 250, "the other connection did not wait for the end of the mailing: {}", taken.len());
    assert!(place_of("bot elsewhere") < place_of("mailing elsewhere"), "bots go before mailings");
    assert!(!taken.contains(&"mailing 299".to_owned()), "the answer overtook the same client's mailing");
}

#[tokio::test]
async fn what_is_due_later_waits() {
    let path = Path::open().await;
    let other = OtherSide::default();
    let connection = path.own_channel(&other.clone().listen().await).await;
    let place = path.client(&connection, "u1").await;
    let account = path.account.account_id;
    let queued = path.service.write(&account, move |cx| {
        Box::pin(async move {
            let due = Some(cx.env.now().plus_ms(3_600_000));
            let author = crate::support::olya();
            outgoing::say(cx, &place, Saying { due, ..Saying::new(author, Content::text("later")) }).await?;
            // Another client of the same channel does not wait for it.
            Ok::<_, model::Refusal>(())
        })
    });
    queued.await.unwrap();
    let second = path.client(&connection, "u2").await;
    let queued = path
        .service
        .write(&account, move |cx| Box::pin(async move { say(cx, &second, Lane::Person, "now".into()).await }));
    queued.await.unwrap();
    tokio::spawn(deliveries::run(path.service.clone()));
    other.until(|taken| taken.contains(&"now".to_owned())).await;
    assert_eq!(other.taken(), ["now"]);
}
