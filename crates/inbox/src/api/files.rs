//! Uploads of operators, and the files of a client.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use db::Cursor;
use http_kit::{ApiError, ApiPath, ApiQuery, ItemList, PageQuery, Principal, Project, one_file};
use messaging::files::Owner;
use messaging::{Messaging, contacts, files, messages};
use model::{Attachment, AuthorKind, ChannelKind, ContactId, ConversationId, Message, MessageId, Timestamp};
use serde::Serialize;
use std::sync::Arc;

/// The body of an upload.
#[derive(utoipa::ToSchema)]
#[allow(dead_code)] // Only its schema is used.
pub(super) struct Upload {
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// Uploads a file, to be attached to one message.
#[utoipa::path(post, operation_id = "upload_file", path = "/api/v1/projects/{project_id}/files",
    tag = "messages", params(("project_id" = String, Path)),
    request_body(content = Upload, content_type = "multipart/form-data"), responses((status = 201, body = Attachment)))]
pub(super) async fn upload(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    mut multipart: Result<Multipart, MultipartRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let (name, pieces) = one_file(&mut multipart).await?;
    let owner = Owner { account: &principal.account_id, project: &project, id: &principal.id().to_string() };
    let saved = service.files.receive(&service.env, owner, &name, pieces).await?;
    let attachment = saved.attachment().clone().shown(&service.env, principal.links());
    let stored =
        service.write(&principal.account_id, move |cx| Box::pin(async move { files::record(cx, &saved).await }));
    stored.await?;
    Ok((StatusCode::CREATED, Json(attachment)))
}

/// A file of a client: one they sent, or one that was sent to them or noted beside them.
#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct ContactFile {
    file: Attachment,
    message_id: MessageId,
    conversation_id: ConversationId,
    contact_id: ContactId,
    channel: ChannelKind,
    author_kind: AuthorKind,
    created_at: Timestamp,
    /// Where the list goes on after it.
    #[serde(skip)]
    place: Place,
}

/// A message and the number of a file in it.
#[derive(Clone, Copy)]
struct Place {
    position: i64,
    number: i64,
}

/// Files of every contact of a multi-contact, those of the newest message first.
#[utoipa::path(get, operation_id = "list_contact_files", path = "/api/v1/projects/{project_id}/contacts/{contact_id}/files", tag = "messages",
    params(("project_id" = String, Path), ("contact_id" = String, Path), PageQuery), responses((status = 200, body = ItemList<ContactFile>)))]
pub(super) async fn of_multi_contact(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiPath(ids): ApiPath<(String, ContactId)>,
    ApiQuery(page): ApiQuery<PageQuery>,
) -> Result<Json<ItemList<ContactFile>>, ApiError> {
    let (limit, after) = (page.limit()?, page.before_moment::<i64>()?);
    let id = ids.1;
    let up_to = after.map_or(i64::MAX, |(position, _)| position);
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            contacts::party(cx.tx, cx.account, &project, &id).await?;
            // One for the message that the page before ended within, one to know whether there is more.
            messages::with_files(cx.tx, cx.account, &id, up_to, limit + 2).await
        })
    });
    let shown = found.await?.into_iter().flat_map(|message| files_of(message.shown(&service.env, principal.links())));
    let is_next =
        |place: Place| after.is_none_or(|(position, number)| place.position < position || place.number > number);
    let rows = shown.filter(|file| is_next(file.place)).take(usize::try_from(limit).unwrap_or(0) + 1).collect();
    let end = |file: &ContactFile| Cursor(vec![file.place.position.to_string(), file.place.number.to_string()]);
    Ok(Json(ItemList::page(rows, limit, end)))
}

fn files_of(message: Message) -> impl Iterator<Item = ContactFile> {
    (0..).zip(message.content.attachments).map(move |(number, file)| ContactFile {
        file,
        message_id: message.id,
        conversation_id: message.conversation_id,
        contact_id: message.contact_id,
        channel: message.channel,
        author_kind: message.author.kind,
        created_at: message.created_at,
        place: Place { position: message.position, number },
    })
}
