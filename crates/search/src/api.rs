//! HTTP of search.

use crate::find::{self, Ask};
use crate::hits::{By, Hit, Kind};
use crate::progress::{self, Indexed};
use axum::Json;
use axum::extract::State;
use db::Cursor;
use http_kit::{ApiError, ApiQuery, ApiRouter, PageQuery, Principal, Project};
use messaging::Messaging;
use model::{ActorId, AuthorKind, ChannelKind, Refusal, Timestamp};
use serde::{Deserialize, Serialize};
use std::sync::Arc;
use utoipa_axum::routes;

/// Characters of a search at most.
const LONGEST: usize = 1_000;

/// Every route of this crate. Who may call them is said in the server's policy file.
pub fn routes() -> ApiRouter<Arc<Messaging>> {
    ApiRouter::new().routes(routes!(search))
}

#[derive(Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
struct SearchQuery {
    /// What to find: all words in any order, each by its stem, the last also as the beginning of a word; `"in quotes"` an exact sequence; five
    /// digits and more also phones in any spelling; an e-mail or `@name` whole. Nothing in it is an operator.
    q: String,
    /// What to find it in, parted by commas: `contact`, `group`, `conversation`, `message`; all when missing.
    kinds: Option<String>,
    /// Kind of the channel.
    channel: Option<String>,
    /// From this moment on.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Timestamp>,
    /// Before this moment.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Timestamp>,
    /// Who wrote a message: `client`, `operator`, `bot`, or the id of a user. Nothing else has an author.
    author: Option<String>,
    /// Tag of the client.
    tag: Option<String>,
    /// Rows at most.
    #[param(minimum = 1, maximum = 200)]
    limit: Option<u32>,
    /// Where the page before ended.
    cursor: Option<String>,
}

/// Hits of a page, and how far the index is that they were found in.
#[derive(Serialize, utoipa::ToSchema)]
struct SearchHits {
    items: Vec<Hit>,
    /// Where the next page goes on; null for the last.
    next_cursor: Option<String>,
    index: Indexed,
}

/// Clients, groups, conversations and messages by words: best first, newer first among equals. Marks in `snippet` are counted in Unicode characters
/// (code points). A page may be shorter than its limit and have a next one.
#[utoipa::path(get, operation_id = "list_search_hits", path = "/api/v1/projects/{project_id}/search", tag = "search",
    params(("project_id" = String, Path), SearchQuery), responses((status = 200, body = SearchHits)))]
async fn search(
    State(service): State<Arc<Messaging>>,
    principal: Principal,
    Project(project): Project,
    ApiQuery(query): ApiQuery<SearchQuery>,
) -> Result<Json<SearchHits>, ApiError> {
    let ask = asked(query)?;
    let found = service.read(&principal.account_id, move |cx| {
        Box::pin(async move {
            // Asked first: what comes into it meanwhile is found and not said to be.
            let index = progress::of(cx).await?;
            Ok::<_, Refusal>((find::page(cx, &project, &ask).await?, index))
        })
    });
    let (mut page, index) = found.await?;
    let lookalikes = service.hub.account(&principal.account_id).await?.lookalikes(&service.db).await;
    for hit in page.hits.iter_mut().filter(|hit| !hit.is_demo) {
        hit.looks_like = lookalikes.judge(&hit.title);
    }
    let next_cursor = page.next.map(|(tier, doc)| Cursor(vec![tier.to_string(), doc.to_string()]).to_string());
    Ok(Json(SearchHits { items: page.hits, next_cursor, index }))
}

fn asked(query: SearchQuery) -> Result<Ask, ApiError> {
    let SearchQuery { q, kinds, channel, from, to, author, tag, limit, cursor } = query;
    if q.chars().all(|c| c.is_whitespace() || c.is_control()) {
        return Err(ApiError::invalid("q", "empty", "write a word to find"));
    }
    if q.chars().count() > LONGEST {
        return Err(ApiError::invalid("q", "too_long", format!("at most {LONGEST} characters")));
    }
    let page = PageQuery { limit, cursor };
    let given = |text: Option<String>| text.filter(|text| !text.is_empty());
    let kinds = match given(kinds) {
        None => Kind::ALL.iter().copied().collect(),
        Some(kinds) => kinds.split(',').map(kind).collect::<Result<_, _>>()?,
    };
    let channel = given(channel).map(|word| {
        ChannelKind::from_stored(&word).map_err(|_| ApiError::invalid("channel", "wrong_form", "no channel of ours"))
    });
    Ok(Ask {
        q,
        kinds,
        channel: channel.transpose()?,
        from,
        to,
        author: given(author).as_deref().map(by).transpose()?,
        tag: given(tag),
        after: page.before_moment()?,
        limit: usize::try_from(page.limit()?).unwrap_or(0),
    })
}

fn kind(word: &str) -> Result<Kind, ApiError> {
    let words = "contact, group, conversation, message, parted by commas";
    Kind::from_stored(word.trim()).map_err(|_| ApiError::invalid("kinds", "wrong_form", words))
}

fn by(word: &str) -> Result<By, ApiError> {
    let side = match word {
        "client" => Some(AuthorKind::Client),
        "operator" => Some(AuthorKind::Operator),
        "bot" => Some(AuthorKind::Bot),
        _ => None,
    };
    let refused = || ApiError::invalid("author", "wrong_form", "client, operator, bot, or the id of a user");
    side.map_or_else(|| word.parse::<ActorId>().map(By::Actor).map_err(|_| refused()), |side| Ok(By::Side(side)))
}
