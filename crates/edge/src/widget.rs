//! The widget over HTTP.

use crate::Edge;
use crate::limits::{Doing, Who};
use crate::site::{host_of, is_allowed_origin, is_known_origin, is_own, project_of};
use crate::visitor::{self, SendContent, Visitor};
use accounts::ProjectInfo;
use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use db::Cursor;
use http_kit::{ApiError, ApiJson, ApiQuery, ClientAddress, ItemList, one_file};
use messaging::connections::{CONNECTION_OFF, ConnectionStatus};
use messaging::files::Owner;
use messaging::{connections, contacts, files, links, messages};
use model::{Attachment, ChannelKind, ConversationId, Cx, Links, Message, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use site::auto_actions::inspect::{Inspected, Looking};
use site::auto_actions::{self, Acted, Acting, OfVisitor, Seen, SiteRules, Viewer};
use site::config::SiteConfig;
use std::sync::Arc;

/// The widget's API answers the sites of this installation, each by its name; credentials are never involved.
pub(crate) async fn allow_sites(State(edge): State<Edge>, request: Request, next: Next) -> Response {
    let Some(origin) = request.headers().get(header::ORIGIN).cloned() else { return next.run(request).await };
    let named = origin.to_str().unwrap_or("null");
    let known = match is_own(named, host_of(request.headers())) {
        true => Ok(true),
        false => is_known_origin(&edge, named).await,
    };
    match known {
        Ok(true) => {}
        Ok(false) => return ApiError::forbidden("this site is not in the list of any project").into_response(),
        Err(error) => return error.into_response(),
    }
    let mut response = next.run(request).await;
    let headers = response.headers_mut();
    headers.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, origin);
    headers.insert(header::ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("retry-after"));
    headers.append(header::VARY, HeaderValue::from_static("origin"));
    response
}

pub(crate) async fn preflight() -> impl IntoResponse {
    let headers = [
        (header::ACCESS_CONTROL_ALLOW_METHODS, "GET, POST"),
        (header::ACCESS_CONTROL_ALLOW_HEADERS, "content-type, x-otklik-site, x-otklik-visitor"),
        (header::ACCESS_CONTROL_MAX_AGE, "86400"),
    ];
    (StatusCode::NO_CONTENT, headers)
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct ConfigQuery {
    p: String,
}

/// What the widget needs before it is opened.
pub(crate) async fn config(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<ConfigQuery>,
) -> Result<Response, ApiError> {
    edge.limits.take(Doing::Mark, Who { visitor: None, address, project: None }, 1)?;
    let project = project_of(&edge, &query.p).await?;
    refuse_foreign_page(&project, &headers)?;
    let account = project.account_id.ok_or_else(ApiError::not_found)?;
    let hub = edge.messaging.hub.account(&account).await?;
    let operators_online = hub.has_operators(&project.id);
    let read =
        edge.messaging.read(&account, move |cx| Box::pin(async move { site::config::of_site(cx, project).await }));
    let mut config: SiteConfig = read.await?;
    config.operators_online = operators_online;
    let cache = [(header::CACHE_CONTROL, "public, max-age=30")];
    Ok((cache, Json(config)).into_response())
}

#[derive(Serialize)]
pub(crate) struct Rules {
    #[serde(flatten)]
    site: SiteRules,
    operators_online: bool,
    /// Where the visitor is, as far as the installation knows.
    country: Option<String>,
    /// What is known of the visitor who asks.
    visitor: Option<OfVisitor>,
}

/// The auto-actions of a site; with a visitor's token also what they need to know of the visitor.
pub(crate) async fn rules(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<ConfigQuery>,
) -> Result<Response, ApiError> {
    edge.limits.take(Doing::Mark, Who { visitor: None, address, project: None }, 1)?;
    let project = project_of(&edge, &query.p).await?;
    refuse_foreign_page(&project, &headers)?;
    let account = project.account_id.ok_or_else(ApiError::not_found)?;
    let visitor = match headers.contains_key("x-otklik-visitor") {
        true => Some(visitor_of(&edge, &headers).await?),
        false => None,
    };
    // Nothing of one person may be kept for another.
    let cache = match visitor {
        Some(_) => "private, no-store",
        // Of one country, which whoever stands between would give to all.
        None if edge.countries.are_known() => "private, max-age=30",
        None => "public, max-age=30",
    };
    let hub = edge.messaging.hub.account(&account).await?;
    let id = project.id;
    let read = edge.messaging.read(&account, move |cx| {
        Box::pin(async move {
            let site = auto_actions::rules(cx, &id).await?;
            let visitor = match visitor {
                Some(visitor) => {
                    let contact = visitor.known.get().map(|known| &known.contact_id);
                    Some(auto_actions::of_visitor(cx, &id, &visitor.external_id, contact).await?)
                }
                None => None,
            };
            Ok::<_, Refusal>((site, visitor))
        })
    });
    let (site, visitor) = read.await?;
    let country = edge.countries.of(address);
    let rules = Rules { site, operators_online: hub.has_operators(&project.id), country, visitor };
    // One address, two answers: a cache keeps that of a stranger for strangers only.
    let headers = [(header::CACHE_CONTROL, cache), (header::VARY, "x-otklik-visitor")];
    Ok((headers, Json(rules)).into_response())
}

/// What a page has shown by itself, and what came of it.
pub(crate) async fn act(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiJson(acting): ApiJson<Acting>,
) -> Result<Json<Acted>, ApiError> {
    let visitor = visitor_of(&edge, &headers).await?;
    visitor::check_client_id(&acting.client_id)?;
    edge.limits.take(Doing::Fields, visitor.from(address), 1)?;
    refuse_off(&visitor)?;
    let account = visitor.account_id;
    let (project, id) = (visitor.project_id, acting.auto_action_id);
    let read = edge
        .messaging
        .read(&account, move |cx| Box::pin(async move { auto_actions::makes_contacts(cx, &project, &id).await }));
    // Whoever is only shown something is no contact yet.
    if acting.kind == Seen::Shown && read.await? {
        take_contact(&edge, &visitor, address)?;
    }
    let country = edge.countries.of(address);
    let acted = edge.messaging.write(&account, move |cx| {
        let (visitor, acting, country) = (visitor.clone(), acting.clone(), country.clone());
        Box::pin(async move {
            let contact = visitor.known.get().map(|known| known.contact_id);
            auto_actions::act(cx, &Viewer { new: &visitor.new_contact(), contact, country }, acting).await
        })
    });
    Ok(Json(acted.await?))
}

#[derive(Serialize)]
pub(crate) struct Inspection {
    items: Vec<Inspected>,
}

/// What each auto-action does on this page now, for whoever came with the pass of an administrator.
pub(crate) async fn inspect(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiJson(mut looking): ApiJson<Looking>,
) -> Result<Json<Inspection>, ApiError> {
    let visitor = visitor_of(&edge, &headers).await?;
    edge.limits.take(Doing::Mark, visitor.from(address), 1)?;
    // What the server knows better than a page.
    looking
        .facts
        .retain(|fact, _| !matches!(fact.as_str(), "tag" | "share" | "country") && !fact.starts_with("field."));
    looking.facts.extend(edge.countries.of(address).map(|country| ("country".to_owned(), country.into())));
    let (project, external_id) = (visitor.project_id, visitor.external_id.clone());
    let read = edge.messaging.read(&visitor.account_id, move |cx| {
        Box::pin(async move { auto_actions::inspect::look(cx, &project, Some(external_id), looking).await })
    });
    Ok(Json(Inspection { items: read.await? }))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct HistoryQuery {
    before: Option<i64>,
    limit: Option<u32>,
    cursor: Option<String>,
    /// One of the visitor's; the one that goes on when none is named.
    conversation_id: Option<ConversationId>,
}

/// The visitor's own messages, newest first.
pub(crate) async fn history(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiQuery(query): ApiQuery<HistoryQuery>,
) -> Result<Json<ItemList<Message>>, ApiError> {
    let visitor = visitor_of(&edge, &headers).await?;
    edge.limits.take(Doing::Mark, visitor.from(address), 1)?;
    let page = http_kit::PageQuery { limit: query.limit, cursor: query.cursor };
    let (limit, before) = (page.limit()?, page.before()?.min(query.before.unwrap_or(i64::MAX)));
    let account = visitor.account_id;
    let env = &edge.messaging.env;
    let rows = edge.messaging.db.read(account, move |tx| {
        Box::pin(async move {
            let conversation = match query.conversation_id {
                Some(id) => Some(visitor::conversation(tx, &visitor, &id).await?),
                None => visitor::current_conversation(tx, &visitor).await?.map(|(current, _)| current.id),
            };
            let Some(conversation) = conversation else { return Ok(Vec::new()) };
            messages::page(tx, &visitor.account_id, &conversation, before, true, limit + 1).await
        })
    });
    let shown = rows.await?.into_iter().map(|message| message.shown(env, Links::Signed)).collect();
    Ok(Json(ItemList::page(shown, limit, |message: &Message| Cursor::number(message.seq))))
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Send {
    client_id: String,
    content: SendContent,
    conversation_id: Option<ConversationId>,
    #[serde(default)]
    new_conversation: bool,
}

#[derive(Serialize)]
pub(crate) struct Ack {
    client_id: String,
    id: model::MessageId,
    conversation_id: model::ConversationId,
    seq: i64,
    created_at: Timestamp,
}

/// The same as a `message` frame, for when sockets are blocked.
pub(crate) async fn send(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    ApiJson(body): ApiJson<Send>,
) -> Result<impl IntoResponse, ApiError> {
    let visitor = visitor_of(&edge, &headers).await?;
    match body.new_conversation {
        true => edge.limits.take(Doing::Contact, visitor.from(address), 1)?,
        false => take_contact(&edge, &visitor, address)?,
    }
    edge.limits.take_sized(Doing::Message, visitor.from(address), body.content.text.len())?;
    let client_id = body.client_id.clone();
    let talk = visitor::meant(body.conversation_id, body.new_conversation);
    let message = visitor::send(edge.messaging.clone(), Arc::new(visitor), body.client_id, body.content, talk).await?;
    let ack = Ack {
        client_id,
        id: message.id,
        conversation_id: message.conversation_id,
        seq: message.seq,
        created_at: message.created_at,
    };
    Ok((StatusCode::CREATED, Json(ack)))
}

/// A visitor's upload, to be attached to one message of theirs.
pub(crate) async fn upload(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
    mut multipart: Result<Multipart, MultipartRejection>,
) -> Result<(StatusCode, Json<Attachment>), ApiError> {
    let visitor = visitor_of(&edge, &headers).await?;
    // By what it says of itself: it is refused before it is read.
    let said = headers.get(header::CONTENT_LENGTH).and_then(|length| length.to_str().ok()?.parse().ok());
    edge.limits.take_sized(Doing::Upload, visitor.from(address), said.unwrap_or(files::MAX_UPLOAD))?;
    refuse_off(&visitor)?;
    let (name, pieces) = one_file(&mut multipart).await?;
    let service = &edge.messaging;
    let owner = Owner { account: &visitor.account_id, project: &visitor.project_id, id: &visitor.external_id };
    let saved = service.files.receive(&service.env, owner, &name, pieces).await?;
    let attachment = saved.attachment().clone().shown(&service.env, Links::Signed);
    let stored = service.write(&visitor.account_id, move |cx| Box::pin(async move { files::record(cx, &saved).await }));
    stored.await?;
    Ok((StatusCode::CREATED, Json(attachment)))
}

#[derive(Serialize)]
pub(crate) struct StartLink {
    url: String,
}

/// A link into the project's Telegram bot that ties this visitor to whoever opens it.
pub(crate) async fn telegram_link(
    State(edge): State<Edge>,
    address: ClientAddress,
    headers: HeaderMap,
) -> Result<Json<StartLink>, ApiError> {
    let visitor = visitor_of(&edge, &headers).await?;
    take_contact(&edge, &visitor, address)?;
    edge.limits.take(Doing::Fields, visitor.from(address), 1)?;
    let (env, account) = (edge.messaging.env.clone(), visitor.account_id);
    let made = edge.messaging.db.write(account, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &visitor.account_id);
            connections::refuse_off(cx.tx, &visitor.account_id, &visitor.connection_id).await?;
            let all = connections::list(cx.tx, &visitor.account_id, &visitor.project_id).await?;
            let bot = all
                .into_iter()
                .find(|c| c.kind == ChannelKind::Telegram && c.status == ConnectionStatus::Active && !c.is_demo());
            let bot = bot.and_then(|c| c.health.bot).ok_or(Refusal::NotFound)?;
            let known = contacts::upsert(cx, &visitor.new_contact()).await?;
            let token = links::make(cx, &known.id).await?;
            Ok::<_, Refusal>(format!("https://t.me/{}?start={token}", bot.username))
        })
    });
    Ok(Json(StartLink { url: made.await? }))
}

fn refuse_foreign_page(project: &ProjectInfo, headers: &HeaderMap) -> Result<(), ApiError> {
    let origin = headers.get(header::ORIGIN).and_then(|v| v.to_str().ok());
    if is_allowed_origin(project, origin, host_of(headers)) {
        return Ok(());
    }
    Err(ApiError::forbidden("this site is not in the project's list of allowed origins"))
}

/// A file is refused before it is read.
fn refuse_off(visitor: &Visitor) -> Result<(), ApiError> {
    match visitor.is_off {
        true => Err(Refusal::ChannelClosed(CONNECTION_OFF).into()),
        false => Ok(()),
    }
}

/// Counts a visitor who becomes a contact by what he asks.
fn take_contact(edge: &Edge, visitor: &Visitor, address: ClientAddress) -> Result<(), ApiError> {
    match visitor.known.get() {
        Some(_) => Ok(()),
        None => edge.limits.take(Doing::Contact, visitor.from(address), 1),
    }
}

/// The visitor of a request: site key and token, both in headers, never in the address.
pub(crate) async fn visitor_of(edge: &Edge, headers: &HeaderMap) -> Result<Visitor, ApiError> {
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok()).map(str::to_owned);
    let (Some(site_key), Some(token)) = (text("x-otklik-site"), text("x-otklik-visitor")) else {
        return Err(ApiError::unauthorized());
    };
    if !visitor::is_token(&token) {
        return Err(ApiError::unauthorized());
    }
    let project = project_of(edge, &site_key).await?;
    refuse_foreign_page(&project, headers)?;
    let visitor = visitor::load(&edge.messaging, &project, token).await?;
    if visitor.has_ended { Err(ApiError::unauthorized()) } else { Ok(visitor) }
}
