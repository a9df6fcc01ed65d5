//! Texts that come at once: stored together, and as if each had come alone.

use crate::support::{Path, olya};
use messaging::conversations::{self, Place};
use messaging::intake::{FromClient, Said};
use messaging::outgoing::{self, Saying};
use messaging::{connections, messages};
use model::{ChannelKind, Content, ConversationStatus, Message, Refusal, Result};
use std::sync::Arc;

const CLIENTS: usize = 8;
const TEXTS: usize = 30;

impl Path {
    async fn clients(&self) -> Vec<Place> {
        let site = self.service.read(&self.account.account_id, {
            let project = self.account.project_id;
            move |cx| {
                Box::pin(async move { connections::of_kind(cx.tx, cx.account, &project, ChannelKind::Site).await })
            }
        });
        let site = site.await.unwrap();
        let mut places = Vec::new();
        for n in 0..CLIENTS {
            places.push(self.client(&site, &format!("visitor-{n}")).await);
        }
        places
    }

    /// A client's text, in the queue when this returns.
    fn text(&self, place: &Place, client_id: &str, text: &str) -> impl Future<Output = Result<Arc<Message>>> + use<> {
        let said = Said::once(Content::text(text), client_id.to_owned());
        let from = FromClient { party: Self::party(place), display: "Гость".into(), said };
        self.service.take_from_client(self.account.account_id, from.into())
    }

    async fn stored(&self, place: &Place) -> Vec<Message> {
        let id = place.conversation_id;
        let read = self.service.read(&self.account.account_id, move |cx| {
            Box::pin(async move { messages::page(cx.tx, cx.account, &id, i64::MAX, false, 500).await })
        });
        let mut stored = read.await.unwrap();
        stored.reverse();
        stored
    }

    async fn stands(&self, place: &Place) -> ConversationStatus {
        let id = place.conversation_id;
        let read = self.service.read(&self.account.account_id, move |cx| {
            Box::pin(async move { conversations::get(cx.tx, cx.account, &id, None).await })
        });
        read.await.unwrap().status
    }
}

#[tokio::test]
async fn texts_that_come_at_once_keep_each_clients_order_and_have_no_gaps() {
    let path = Path::open().await;
    let places = path.clients().await;
    // One waits for its client, one is closed: those have more to do than to count.
    path.answer(&places[0], "Чем помочь?").await;
    assert_eq!(path.stands(&places[0]).await, ConversationStatus::Waiting);
    let closed = places[1].clone();
    let close = path.service.write(&path.account.account_id, move |cx| {
        Box::pin(async move { conversations::close(cx, &closed, "Оля").await })
    });
    close.await.unwrap();
    let mut answers = Vec::new();
    for n in 0..TEXTS {
        for (client, place) in places.iter().enumerate() {
            answers.push(path.text(place, &format!("{client}-{n}"), &format!("текст {n}")));
        }
    }
    let mut positions = Vec::new();
    for answer in answers {
        positions.push(answer.await.unwrap().position);
    }
    positions.sort_unstable();
    positions.dedup();
    assert_eq!(positions.len(), CLIENTS * TEXTS, "each has a position of its own");
    for (client, place) in places.iter().enumerate() {
        let stored = path.stored(place).await;
        let seqs: Vec<i64> = stored.iter().map(|message| message.seq).collect();
        assert_eq!(seqs, (1..=stored.len() as i64).collect::<Vec<_>>());
        let own: Vec<String> = stored.into_iter().filter_map(|message| message.client_id).collect();
        assert_eq!(own, (0..TEXTS).map(|n| format!("{client}-{n}")).collect::<Vec<_>>());
    }
    assert_eq!(path.stands(&places[0]).await, ConversationStatus::New, "the client's first text woke it");
    assert_ne!(path.stands(&places[1]).await, ConversationStatus::Closed, "the client's text reopened it");
}

#[tokio::test]
async fn what_was_sent_before_is_refused_alone_and_changes_no_number() {
    let path = Path::open().await;
    let places = path.clients().await;
    path.text(&places[0], "first", "раз").await.unwrap();
    let answers = [
        path.text(&places[0], "second", "два"),
        path.text(&places[0], "first", "раз"),
        path.text(&places[1], "second", "чужой такой же номер"),
        path.text(&places[0], "third", "три"),
        path.text(&places[0], "third", "три"),
    ];
    let mut outcomes = Vec::new();
    for answer in answers {
        outcomes.push(answer.await.map(|message| message.seq));
    }
    assert!(
        matches!(outcomes.as_slice(), [Ok(2), Err(Refusal::Repeated), Ok(1), Ok(3), Err(Refusal::Repeated)]),
        "{outcomes:?}"
    );
    assert_eq!(path.stored(&places[0]).await.len(), 3);
    // The positions that a group with a repeat had taken were given back: the log has no hole.
    let positions = path.service.read(&path.account.account_id, |cx| {
        Box::pin(async move {
            let (newest, oldest) = events::bounds(cx.tx, cx.account).await?;
            let rows = events::after(cx.tx, cx.account, oldest - 1, 1000).await?;
            Ok::<_, Refusal>((oldest, newest, rows.iter().map(|row| row.position).collect::<Vec<_>>()))
        })
    });
    let (oldest, newest, positions) = positions.await.unwrap();
    assert_eq!(positions, (oldest..=newest).collect::<Vec<_>>());
}

#[tokio::test]
async fn a_repeat_that_would_reopen_a_conversation_reopens_nothing() {
    let path = Path::open().await;
    let places = path.clients().await;
    path.text(&places[0], "first", "раз").await.unwrap();
    let closed = places[0].clone();
    let close = path.service.write(&path.account.account_id, move |cx| {
        Box::pin(async move { conversations::close(cx, &closed, "Оля").await })
    });
    close.await.unwrap();
    let answers = [path.text(&places[0], "first", "раз"), path.text(&places[1], "other", "рядом")];
    let mut outcomes = Vec::new();
    for answer in answers {
        outcomes.push(answer.await.map(|message| message.seq));
    }
    assert!(matches!(outcomes.as_slice(), [Err(Refusal::Repeated), Ok(1)]), "{outcomes:?}");
    assert_eq!(path.stands(&places[0]).await, ConversationStatus::Closed);
    let again = [path.text(&places[0], "second", "два"), path.text(&places[0], "second", "два")];
    let [first, second] = again;
    assert!(first.await.is_ok() && matches!(second.await, Err(Refusal::Repeated)));
}

/// A client who was erased meanwhile, among others who were not.
#[tokio::test]
async fn one_that_cannot_be_stored_fails_alone_and_the_others_keep_their_order() {
    let path = Path::open().await;
    let places = path.clients().await;
    let nobody = Place { contact_id: model::ContactId::new(path.service.env.ids()), ..places[0].clone() };
    let mut answers = Vec::new();
    for n in 0..TEXTS {
        for (client, place) in places.iter().enumerate() {
            answers.push(path.text(place, &format!("{client}-{n}"), "текст"));
        }
        let refused = path.text(&nobody, &format!("nobody-{n}"), "текст");
        answers.push(refused);
    }
    let mut refused = 0;
    for answer in answers {
        refused += usize::from(answer.await.is_err());
    }
    assert_eq!(refused, TEXTS);
    for (client, place) in places.iter().enumerate() {
        let own: Vec<String> = path.stored(place).await.into_iter().filter_map(|message| message.client_id).collect();
        assert_eq!(own, (0..TEXTS).map(|n| format!("{client}-{n}")).collect::<Vec<_>>());
    }
    path.text(&places[0], "after", "дальше как ни в чём не бывало").await.unwrap();
}

/// What fails before it has taken anything must not leave anybody waiting.
#[tokio::test]
async fn texts_of_an_account_that_is_gone_are_all_refused() {
    let path = Path::open().await;
    let places = path.clients().await;
    let gone = model::AccountId::new(path.service.env.ids());
    let texts = (0..TEXTS).map(|n| {
        let said = Said::once(Content::text("текст"), n.to_string());
        let from = FromClient { party: Path::party(&places[0]), display: "Гость".into(), said };
        path.service.take_from_client(gone, from.into())
    });
    let texts: Vec<_> = texts.collect();
    for text in texts {
        assert!(text.await.is_err());
    }
}

/// The log names a message; what is told of it is the message as its GET answers it, at every moment.
#[tokio::test]
async fn what_the_log_tells_of_a_message_is_what_its_get_answers() {
    let path = Path::open().await;
    let places = path.clients().await;
    path.text(&places[0], "one", "Здравствуйте \"кавычки\"").await.unwrap();
    let answer = path.answer(&places[0], "Добрый день").await;
    let to = places[0].clone();
    let noted = path.service.write(&path.account.account_id, move |cx| {
        Box::pin(async move {
            let saying =
                Saying { kind: model::MessageKind::Note, ..Saying::new(olya(), Content::text("заметка")) };
            outgoing::say(cx, &to, saying).await
        })
    });
    noted.await.unwrap();
    let told = path.service.read(&path.account.account_id, |cx| {
        Box::pin(async move {
            let rows = events::after(cx.tx, cx.account, 0, 1000).await?;
            let mut pairs = Vec::new();
            for row in rows.iter().filter(|row| row.kind == "message.created") {
                let frame: serde_json::Value =
                    serde_json::from_str(&events::operator_frame(cx.env, row, model::Links::Signed)).unwrap();
                let id = frame["data"]["id"].as_str().unwrap().parse().unwrap();
                let message = messages::get(cx.tx, cx.account, &id).await?;
                pairs.push((frame["data"].clone(), serde_json::to_value(message).unwrap(), row.for_client));
            }
            Ok::<_, Refusal>(pairs)
        })
    });
    let told = told.await.unwrap();
    assert_eq!(told.iter().map(|(.., for_client)| *for_client).collect::<Vec<_>>(), [true, true, false]);
    for (frame, get, _) in &told {
        assert_eq!(frame, get);
    }
    assert_eq!(told[1].0["id"], serde_json::json!(answer.id));
}
