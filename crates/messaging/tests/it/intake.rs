//! What scenarios need of the way in.

use crate::support::Path;
use messaging::conversations;
use model::{Button, ButtonKind, Content, ConversationStatus, InboundEvent, Message, Receipt, ReceiptOf};

async fn conversation_of(path: &Path, contact: &model::ContactId) -> Option<conversations::Place> {
    let id = *contact;
    let read = path.service.read(&path.account.account_id, move |cx| {
        Box::pin(async move { conversations::open_place(cx.tx, cx.account, &id).await })
    });
    read.await.unwrap()
}

#[tokio::test]
async fn opening_the_bot_without_a_link_opens_a_conversation_once() {
    let path = Path::open().await;
    let connection = path.own_channel("http://127.0.0.1:9/in").await;
    path.take(&connection, "u1", InboundEvent::Started { payload: None }).await;
    path.take(&connection, "u1", InboundEvent::Started { payload: None }).await;
    let (account, of) = (path.account.account_id, connection.id);
    let found = path.service.read(&account, move |cx| {
        Box::pin(async move { messaging::contacts::find(cx.tx, cx.account, &of, "u1").await })
    });
    let contact = found.await.unwrap().unwrap();
    let place = conversation_of(&path, &contact).await.unwrap();
    assert_eq!(place.status, ConversationStatus::New);
    let lines: Vec<Message> = path.said(&place).await;
    let codes: Vec<&str> = lines.iter().filter_map(|m| m.content.event.as_ref()).map(|e| e.code.as_str()).collect();
    assert_eq!(codes, ["contact.started"], "one line, however often it is opened");
}

#[tokio::test]
async fn a_pressed_button_keeps_its_id_and_reads_as_its_label() {
    let path = Path::open().await;
    let connection = path.own_channel("http://127.0.0.1:9/in").await;
    let place = path.client(&connection, "u1").await;
    let button = Button { id: "size:xl".into(), label: "Большой".into(), kind: ButtonKind::Reply, url: None };
    let content = Content { text: "Какой?".into(), buttons: vec![vec![button]], ..Content::default() };
    let to = place.clone();
    let asked = path.service.write(&path.account.account_id, move |cx| {
        Box::pin(async move {
            let saying = messaging::outgoing::Saying::new(crate::support::olya(), content);
            messaging::outgoing::say(cx, &to, saying).await
        })
    });
    asked.await.unwrap();
    let pressed = |id: &str| InboundEvent::Pressed { button_id: id.into(), callback_id: String::new() };
    path.take(&connection, "u1", pressed("size:xl")).await;
    path.take(&connection, "u1", pressed("unknown")).await;
    let answers: Vec<Content> = path.said(&place).await.into_iter().skip(1).map(|m| m.content).collect();
    assert_eq!((answers[0].text.as_str(), answers[0].pressed.as_deref()), ("Большой", Some("size:xl")));
    assert_eq!((answers[1].text.as_str(), answers[1].pressed.as_deref()), ("unknown", Some("unknown")));
}

#[tokio::test]
async fn a_conversation_can_be_born_bot_and_stays_so_while_the_client_writes() {
    let path = Path::open().await;
    let connection = path.own_channel("http://127.0.0.1:9/in").await;
    let place = path.client(&connection, "u1").await;
    let (account, party) = (path.account.account_id, Path::party(&place));
    let closed = place.clone();
    let born = path.service.write(&account, move |cx| {
        Box::pin(async move {
            conversations::close(cx, &closed, "Оля").await?;
            // Closed just now, so it is reopened: as the bot's.
            conversations::open_or_continue_as(cx, &party, ConversationStatus::Bot).await
        })
    });
    assert_eq!(born.await.unwrap().status, ConversationStatus::Bot);
    let text = InboundEvent::message("m1".into(), "да".into(), vec![]);
    path.take(&connection, "u1", text).await;
    assert_eq!(conversation_of(&path, &place.contact_id).await.unwrap().status, ConversationStatus::Bot);
}

#[tokio::test]
async fn a_receipt_moves_a_message_forward_only_and_never_that_of_another_connection() {
    use model::DeliveryStatus::{Delivered, Failed, Queued, Read};
    let path = Path::open().await;
    let (connection, other) =
        (path.own_channel("http://127.0.0.1:9/in").await, path.own_channel("http://127.0.0.1:9/other").await);
    let place = path.client(&connection, "u1").await;
    let message = path.answer(&place, "да").await;
    let receipt = |status| InboundEvent::Receipt(Receipt { about: ReceiptOf::Ours(message.id), status, reason: None });
    path.take(&other, "", receipt(Read)).await;
    assert_eq!(path.status(&place).await, Queued, "another connection has no say");
    path.take(&connection, "", receipt(Failed)).await;
    assert_eq!(path.status(&place).await, Failed);
    path.take(&connection, "", receipt(Delivered)).await;
    assert_eq!(path.status(&place).await, Delivered, "the provider's later proof wins (rulings 71)");
    path.take(&connection, "", receipt(Failed)).await;
    assert_eq!(path.status(&place).await, Delivered, "failed after delivered changes nothing");
    path.take(&connection, "", receipt(Read)).await;
    path.take(&connection, "", receipt(Delivered)).await;
    assert_eq!(path.status(&place).await, Read);
}

#[tokio::test]
async fn a_receipt_by_the_channels_own_id_finds_the_message_it_said_to_this_person() {
    use model::DeliveryStatus::{Delivered, Queued, Read};
    let path = Path::open().await;
    let (connection, other) =
        (path.own_channel("http://127.0.0.1:9/in").await, path.own_channel("http://127.0.0.1:9/other").await);
    let place = path.client(&connection, "u1").await;
    path.client(&connection, "u2").await;
    path.client(&other, "u1").await;
    let message = path.answer(&place, "да").await;
    let account = path.account.account_id;
    let id = message.id;
    let sent = path.service.write(&path.account.account_id, move |cx| {
        Box::pin(async move {
            let set = db::sql!("UPDATE messages SET external_id = '7001' WHERE account_id = $1 AND id = $2");
            set.bind(account).bind(id).execute(cx.tx).await.map_err(model::Refusal::from)
        })
    });
    sent.await.unwrap();
    let receipt =
        |status| InboundEvent::Receipt(Receipt { about: ReceiptOf::Theirs("7001".into()), status, reason: None });
    path.take(&connection, "u2", receipt(Read)).await;
    path.take(&other, "u1", receipt(Read)).await;
    assert_eq!(path.status(&place).await, Queued, "somebody else's message of the same number");
    path.take(&connection, "u1", receipt(Delivered)).await;
    assert_eq!(path.status(&place).await, Delivered);
}

#[tokio::test]
async fn a_receipt_that_overtakes_the_answer_of_its_message_waits_for_it() {
    use model::DeliveryStatus::Delivered;
    let path = Path::open().await;
    let connection = path.own_channel("http://127.0.0.1:9/in").await;
    let place = path.client(&connection, "u1").await;
    let message = path.answer(&place, "да").await;
    let set = async |status: &'static str, external: Option<&'static str>| {
        let id = message.id;
        let done = path.service.write(&path.account.account_id, move |cx| {
            Box::pin(async move {
                let set = db::sql!("UPDATE deliveries SET status = $3 WHERE account_id = $1 AND message_id = $2");
                set.bind(cx.account).bind(id).bind(status).execute(cx.tx).await?;
                let set = db::sql!("UPDATE messages SET external_id = $3 WHERE account_id = $1 AND id = $2");
                set.bind(cx.account).bind(id).bind(external).execute(cx.tx).await?;
                Ok::<_, model::Refusal>(())
            })
        });
        done.await.unwrap();
    };
    let receipt = |id: &str| {
        InboundEvent::Receipt(Receipt { about: ReceiptOf::Theirs(id.to_owned()), status: Delivered, reason: None })
    };
    set("sending", None).await;
    assert!(path.try_to_take(&connection, "u1", receipt("7001")).await.is_err(), "its job tries again");
    path.take(&connection, "u2", receipt("7001")).await;
    set("done", Some("7001")).await;
    path.take(&connection, "u1", receipt("7001")).await;
    assert_eq!(path.status(&place).await, Delivered);
    // About what nobody here said, there is nothing to wait for.
    path.take(&connection, "u1", receipt("9")).await;
}
