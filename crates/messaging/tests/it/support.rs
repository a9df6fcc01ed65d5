//! A path with one account, and clients on its channels.

use accounts::{Created, NewAccount, create_account};
use egress::{Allowed, Egress};
use messaging::connections::{self, Connection, NewConnection};
use messaging::contacts::{self, NewContact};
use messaging::conversations::{self, Party, Place};
use messaging::files::FileStore;
use messaging::outgoing::{self, Saying};
use messaging::{Messaging, Settings};
use model::{
    ActorId, Author, ChannelKind, Content, DeliveryStatus, Env, Inbound, InboundEvent, MessageKind, Sender, Timestamp,
    UserId,
};
use schema::TestDb;
use serde_json::json;
use std::sync::Arc;
use vault::Vault;

/// The path of one account.
pub struct Path {
    pub service: Arc<Messaging>,
    pub account: Created,
    /// Dropped last: its folder goes with it.
    _test_db: TestDb,
}

impl Path {
    pub async fn open() -> Self {
        let test_db = TestDb::new().await;
        let files = FileStore::folder(&test_db.folder.join("files")).unwrap();
        let egress = Egress::new(Allowed::networks(&["127.0.0.0/8".parse().unwrap()])).unwrap();
        let env = Env::system(Vault::throwaway());
        let service = Messaging::new(test_db.db.clone(), env, files, egress, Settings::default());
        let new = NewAccount {
            name: "A".into(),
            owner_name: "Owner".into(),
            email: "owner@a.example".into(),
            password: "correct horse battery".into(),
            project: "Shop".into(),
            demo: false,
        };
        let account = create_account(&service.db, &service.env, new).await.map_err(|e| e.detail().to_owned()).unwrap();
        Self { service, account, _test_db: test_db }
    }

    /// Connects an own channel whose other side listens at this address.
    pub async fn own_channel(&self, url: &str) -> Connection {
        let new = NewConnection {
            project_id: self.account.project_id,
            kind: ChannelKind::Own,
            title: "Свой".into(),
            settings: json!({ "url": url }),
        };
        connections::connect(&self.service, &self.account.account_id, new).await.unwrap().0
    }

    /// A client of a connection, with a conversation.
    pub async fn client(&self, connection: &Connection, external_id: &str) -> Place {
        let new = NewContact {
            project_id: connection.project_id,
            connection_id: connection.id,
            channel: connection.kind,
            external_id: external_id.to_owned(),
            address: None,
            name: None,
            handle: None,
            demo: false,
        };
        let made = self.service.write(&self.account.account_id, move |cx| {
            Box::pin(async move {
                let known = contacts::upsert(cx, &new).await?;
                conversations::open_or_continue(cx, &known.party).await
            })
        });
        made.await.unwrap()
    }

    /// Whom a conversation is with.
    pub fn party(place: &Place) -> Party {
        Party {
            project_id: place.project_id,
            contact_id: place.contact_id,
            connection_id: place.connection_id,
            channel: place.channel,
            demo: false,
        }
    }

    /// Takes something that a channel brought.
    pub async fn take(&self, connection: &Connection, external_id: &str, event: InboundEvent) {
        self.try_to_take(connection, external_id, event).await.unwrap();
    }

    /// The same, of what may be too early.
    pub async fn try_to_take(
        &self,
        connection: &Connection,
        external_id: &str,
        event: InboundEvent,
    ) -> model::Result<()> {
        let sender = Sender { external_id: external_id.to_owned(), ..Sender::default() };
        let inbound = Inbound { sender, at: Timestamp(0), event };
        let own = connection.clone();
        let taken = self.service.write(&self.account.account_id, move |cx| {
            Box::pin(async move { messaging::intake::process(cx, &own, inbound, Vec::new()).await })
        });
        taken.await
    }

    /// An operator's answer.
    pub async fn answer(&self, place: &Place, text: &str) -> model::Message {
        let (to, text) = (place.clone(), text.to_owned());
        let said = self.service.write(&self.account.account_id, move |cx| {
            Box::pin(async move {
                let author = olya();
                outgoing::say(cx, &to, Saying::new(author, Content::text(text))).await
            })
        });
        said.await.unwrap()
    }

    /// The way out of the first message of a conversation.
    pub async fn status(&self, place: &Place) -> DeliveryStatus {
        let all = self.said(place).await;
        let ours = all.iter().find(|message| message.kind == MessageKind::Message).unwrap();
        ours.delivery.as_ref().unwrap().status
    }

    /// What was said in a conversation, oldest first.
    pub async fn said(&self, place: &Place) -> Vec<model::Message> {
        let id = place.conversation_id;
        let read = self.service.read(&self.account.account_id, move |cx| {
            Box::pin(async move { messaging::messages::page(cx.tx, cx.account, &id, i64::MAX, false, 200).await })
        });
        let mut messages = read.await.unwrap();
        messages.reverse();
        messages
    }
}

/// An operator who answers.
pub fn olya() -> Author {
    outgoing::operator(ActorId::User(UserId::from_bits(1)), "Оля")
}
