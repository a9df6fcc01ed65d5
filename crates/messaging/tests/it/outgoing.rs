//! Channels are held to what they can do where a message is sent.

use crate::support::Path;
use messaging::connections;
use messaging::outgoing::{self, Saying};
use model::{Attachment, Button, ButtonKind, ChannelKind, Content, FileId, MessageKind, RandomIds, Refusal};

fn file(size: i64) -> Attachment {
    let id = FileId::random(&RandomIds);
    Attachment {
        url: format!("/f/{id}"),
        id,
        name: "a.pdf".into(),
        mime: "application/pdf".into(),
        size,
        width: None,
        height: None,
    }
}

async fn refusal(path: &Path, kind: ChannelKind, saying: Saying) -> Option<String> {
    let account = path.account.account_id;
    let (project, of) = (path.account.project_id, kind);
    let found = path
        .service
        .read(&account, move |cx| Box::pin(async move { connections::of_kind(cx.tx, cx.account, &project, of).await }));
    let connection = match found.await {
        Ok(connection) => connection,
        Err(_) => path.own_channel("http://127.0.0.1:9/in").await,
    };
    let place = path.client(&connection, "u1").await;
    let said = path.service.write(&account, move |cx| Box::pin(async move { outgoing::say(cx, &place, saying).await }));
    match said.await {
        Ok(_) => None,
        Err(Refusal::Invalid(problems)) => Some(problems[0].code.clone()),
        Err(Refusal::ChannelClosed(reason)) => Some(reason.to_owned()),
        Err(other) => panic!("{other}"),
    }
}

#[tokio::test]
async fn what_a_channel_cannot_carry_is_refused_before_it_is_stored() {
    let path = Path::open().await;
    let say = |content: Content| Saying::new(crate::support::olya(), content);
    let button = Button { id: "a".into(), label: "Да".into(), kind: ButtonKind::Reply, url: None };
    let buttons = Content { text: "Ну?".into(), buttons: vec![vec![button]], ..Content::default() };
    let large = Content { text: "вот".into(), attachments: vec![file(21 * 1024 * 1024)], ..Content::default() };
    assert_eq!(refusal(&path, ChannelKind::Own, say(buttons)).await, None);
    assert_eq!(refusal(&path, ChannelKind::Own, say(large)).await.as_deref(), Some("too_large_for_channel"));
    assert_eq!(refusal(&path, ChannelKind::Api, say(Content::text("кто там"))).await.as_deref(), Some("no_way_out"));
    let note = Saying { kind: MessageKind::Note, ..say(Content::text("для своих")) };
    assert_eq!(refusal(&path, ChannelKind::Api, note).await, None, "a note goes to nobody");
    assert_eq!(refusal(&path, ChannelKind::Site, say(Content::text(" "))).await.as_deref(), Some("empty"));
}
