//! Everything that is held about one client, as a ZIP that is made while it is sent (D17, statement 39): documents of JSON, a part a table, the
//! messages of every conversation, and the files with their bytes. Nothing of it is kept on the server, and no copy of a person is left to be
//! erased; one that broke off has no end and opens nowhere.
//!
//! `crates/schema/personal.txt` says of every table what of it is in here, and why the rest is not ([ADR 47]).
//!
//! [ADR 47]: ../../../../docs/adr/0047-export-of-one-client.md

mod store;
mod zip;

use bytes::Bytes;
use futures_util::{Stream, stream};
use messaging::{Messaging, contacts, conversations, messages};
use model::{AccountId, Contact, ContactId, ConversationId, Cx, FileId, ProjectId, Refusal, Result};
use serde_json::{Map, Value, json};
use std::sync::Arc;
use store::{FileOf, Whose};
use tokio::sync::mpsc;
use zip::Zip;

/// Messages in one document.
const PAGE: i64 = 500;
/// Files that are listed together.
const FILES: i64 = 200;
/// Pieces that wait for a slow reader.
const AHEAD: usize = 2;

/// What an export does not have, in the words of its own list.
const NOT_HERE: &str = include_str!("../../../schema/personal.txt");

/// Whom an export is of, as it stood when it was asked for.
#[derive(Debug, Clone)]
pub struct Client {
    account: AccountId,
    project: ProjectId,
    contacts: Vec<Contact>,
    conversations: Vec<ConversationId>,
    whole: bool,
}

/// Finds the contact, or the whole multi-contact it belongs to.
///
/// # Errors
/// When there is none in this project.
pub async fn find(cx: &mut Cx<'_>, project: &ProjectId, id: &ContactId, whole: bool) -> Result<Client> {
    let own = contacts::get_in(cx.tx, cx.account, project, id).await?;
    let contacts = if whole { contacts::group_of(cx.tx, cx.account, id).await? } else { vec![own] };
    let ids: Vec<ContactId> = contacts.iter().map(|contact| contact.id).collect();
    let conversations = store::conversations_of(cx.tx, cx.account, &ids).await?;
    Ok(Client { account: *cx.account, project: *project, contacts, conversations, whole })
}

/// The export, piece by piece.
pub fn export(service: Arc<Messaging>, client: Client) -> impl Stream<Item = std::io::Result<Bytes>> + Send + 'static {
    let (pieces, received) = mpsc::channel(AHEAD);
    tokio::spawn(async move {
        let mut making = Making { service, client: Arc::new(client), zip: Zip::default(), pieces, about: Map::new() };
        let ended = making.all().await;
        // A reader who went away has seen enough.
        let last = match ended {
            Ok(()) => making.pieces.send(making.zip.end()).await,
            Err(error) => {
                tracing::warn!(error = %error, "an export of a client broke off");
                making.pieces.send(Err(std::io::Error::other(error.to_string()))).await
            }
        };
        drop(last);
    });
    stream::unfold(received, |mut received| async move { received.recv().await.map(|piece| (piece, received)) })
}

struct Making {
    service: Arc<Messaging>,
    client: Arc<Client>,
    zip: Zip,
    pieces: mpsc::Sender<std::io::Result<Bytes>>,
    /// How much of each part there is.
    about: Map<String, Value>,
}

/// A part that is read at once: its name, and how.
macro_rules! parts {
    ($making:expr, $($name:literal => $read:path),+ $(,)?) => {
        $({
            let client = $making.client.clone();
            let account = client.account;
            let read = $making.service.read(&account, move |cx| {
                Box::pin(async move {
                    let ids = client.ids();
                    let visitors = client.visitors();
                    $read(cx.tx, &client.whose(&ids, &visitors)).await
                })
            });
            let rows: Vec<Value> = read.await?;
            $making.part($name, rows).await?;
        })+
    };
}

impl Client {
    fn ids(&self) -> Vec<ContactId> {
        self.contacts.iter().map(|contact| contact.id).collect()
    }

    fn visitors(&self) -> Vec<String> {
        let of_site = self.contacts.iter().filter(|contact| contact.channel == model::ChannelKind::Site);
        of_site.map(|contact| contact.external_id.clone()).collect()
    }

    fn whose<'w>(&'w self, contacts: &'w [ContactId], visitors: &'w [String]) -> Whose<'w> {
        let Self { account, project, conversations, .. } = self;
        Whose { account, project, contacts, conversations, visitors }
    }
}

impl Making {
    async fn all(&mut self) -> Result<()> {
        let shown = self.client.contacts.iter().map(|contact| json!(contact)).collect();
        self.part("client", shown).await?;
        parts!(self,
            "contacts" => store::contacts,
            "field-values" => store::field_values,
            "field-history" => store::value_history,
            "archived-values" => store::archived_values,
            "page-tags" => store::page_tags,
            "blocked-values" => store::value_states,
            "overrides" => store::overrides,
            "decisions" => store::decisions,
            "refused-proposals" => store::refused_pairs,
            "deliveries" => store::deliveries,
            "ratings" => store::ratings,
            "opt-outs" => store::opt_outs,
            "mailings" => store::mailings,
            "mailing-answers" => store::mailing_answers,
            "mailing-clicks" => store::mailing_clicks,
            "mailing-tests" => store::mailing_tests,
            "scenario-runs" => store::scenario_runs,
            "scenario-answers" => store::scenario_visits,
            "test-user" => store::test_users,
            "shown-on-site" => store::showings,
            "sessions" => store::sessions,
        );
        for conversation in self.client.conversations.clone() {
            self.conversation(conversation).await?;
        }
        self.files().await?;
        self.tell_about().await
    }

    /// A document of rows.
    async fn part(&mut self, name: &str, rows: Vec<Value>) -> Result<()> {
        let is_cut = i64::try_from(rows.len()).is_ok_and(|rows| rows >= store::MOST);
        self.about.insert(name.to_owned(), json!({ "rows": rows.len(), "is_cut": is_cut }));
        self.document(&format!("{name}.json"), &Value::Array(rows)).await
    }

    async fn document(&mut self, name: &str, value: &Value) -> Result<()> {
        let text = serde_json::to_vec_pretty(value).map_err(|e| Refusal::stored(&e))?;
        self.entry(name, Bytes::from(text)).await
    }

    async fn entry(&mut self, name: &str, bytes: Bytes) -> Result<()> {
        if !self.zip.has_room(bytes.len() as u64) {
            return Err(db::DbError::other("there is too much of this client for one ZIP").into());
        }
        let (mut zip, name) = (std::mem::take(&mut self.zip), name.to_owned());
        // Pressing a large file takes longer than others may be made to wait.
        let pressed = tokio::task::spawn_blocking(move || zip.entry(&name, &bytes).map(|made| (zip, made)));
        let pressed = pressed.await.unwrap_or_else(|error| Err(std::io::Error::other(error)));
        let (zip, made) = pressed.map_err(|error| db::DbError::other(error.to_string()))?;
        self.zip = zip;
        let sent = self.pieces.send(Ok(made)).await;
        sent.map_err(|_| db::DbError::other("its reader went away").into())
    }

    /// What is known of a conversation, and its messages from the first on.
    async fn conversation(&mut self, id: ConversationId) -> Result<()> {
        let account = self.client.account;
        let found = self
            .service
            .read(&account, move |cx| Box::pin(async move { conversations::get(cx.tx, cx.account, &id, None).await }));
        let found = match found.await {
            // Erased meanwhile.
            Err(Refusal::NotFound) => return Ok(()),
            found => found?,
        };
        self.document(&format!("conversations/{id}/conversation.json"), &json!(found)).await?;
        let (mut before, mut number) = (i64::MAX, 0);
        loop {
            let page = self.service.read(&account, move |cx| {
                Box::pin(async move { messages::page(cx.tx, cx.account, &id, before, false, PAGE).await })
            });
            let page = page.await?;
            let Some(oldest) = page.last() else { return Ok(()) };
            before = oldest.seq;
            number += 1;
            // The newest page is the first document: a conversation that is written on meanwhile gets no hole.
            self.document(&format!("conversations/{id}/messages-{number:04}.json"), &json!(page)).await?;
        }
    }

    async fn files(&mut self) -> Result<()> {
        let (mut after, mut listed) = (FileId::from_bits(0), Vec::new());
        loop {
            let client = self.client.clone();
            let account = client.account;
            let page = self.service.read(&account, move |cx| {
                Box::pin(async move {
                    let (ids, visitors) = (client.ids(), client.visitors());
                    store::files(cx.tx, &client.whose(&ids, &visitors), after, FILES).await
                })
            });
            let page = page.await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            for file in page {
                listed.push(self.file(file).await?);
            }
        }
        self.part("files", listed).await
    }

    /// A file with its bytes, or why it is without them; its line of the list.
    async fn file(&mut self, file: FileOf) -> Result<Value> {
        let path = format!("files/{}/{}", file.id, zip::file_name(&file.name));
        let bytes_id = file.bytes_of.unwrap_or(file.id);
        let missing = if !self.zip.has_room(u64::try_from(file.size).unwrap_or(u64::MAX)) {
            Some("this ZIP is full")
        } else {
            match self.service.files.read(&self.client.account, &bytes_id).await {
                Ok(bytes) => {
                    self.entry(&path, bytes).await?;
                    None
                }
                Err(Refusal::NotFound) => Some("its bytes are gone"),
                Err(error) => return Err(error),
            }
        };
        Ok(json!({
            "id": file.id, "name": file.name, "type": file.mime, "size": file.size, "message_id": file.message,
            "created_at": model::Timestamp(file.created_at), "path": missing.is_none().then_some(path), "missing": missing,
        }))
    }

    /// Whom it is of, what there is, and what is not here and why. The last, so that it says what was.
    async fn tell_about(&mut self) -> Result<()> {
        let about = json!({
            "exported_at": self.service.env.now(), "project_id": self.client.project, "contact_ids": self.client.ids(),
            "whole_client": self.client.whole, "parts": self.about, "conversations": self.client.conversations.len(),
            "not_here": not_here(),
        });
        self.document("about.json", &about).await
    }
}

/// Tables that hold something about clients and are not in an export, each with its reason.
fn not_here() -> Map<String, Value> {
    let lines = NOT_HERE.lines().filter(|line| !line.starts_with('#'));
    let left_out = lines.filter_map(|line| {
        let (table, rest) = line.split_once(' ')?;
        let (class, why) = rest.split_once(' ')?;
        matches!(class, "copy" | "withheld").then(|| (table.to_owned(), json!(why)))
    });
    left_out.collect()
}
