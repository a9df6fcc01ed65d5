//! API keys.

use crate::reach::{Asker, Reach};
use crate::{Accounts, store};
use axum::Json;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use http_kit::{Actor, ApiError, ApiJson, ApiPath, ApiQuery, ItemList, Principal, Scope, ShortPageQuery, sha256_hex};
use model::{ApiKeyId, Refusal, Timestamp, UserId};
use serde::{Deserialize, Serialize};

#[derive(Serialize, utoipa::ToSchema)]
pub(super) struct KeyInfo {
    id: ApiKeyId,
    title: String,
    scopes: Vec<Scope>,
    created_at: Timestamp,
    /// Whose role and projects bound it; it ends with them.
    made_by: UserId,
    /// The key itself: only in the answer that made it.
    #[serde(skip_serializing_if = "Option::is_none")]
    key: Option<String>,
}

impl KeyInfo {
    fn of(key: store::Key, secret: Option<String>) -> Self {
        Self {
            id: key.id,
            title: key.title,
            scopes: key.scopes,
            created_at: key.created_at,
            made_by: key.made_by,
            key: secret,
        }
    }
}

/// Keys of the account: those whose maker one decides about.
#[utoipa::path(get, operation_id = "list_api_keys", path = "/api/v1/api-keys",
    tag = "api keys", params(ShortPageQuery), responses((status = 200, body = ItemList<KeyInfo>)))]
pub(super) async fn list(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiQuery(page): ApiQuery<ShortPageQuery>,
) -> Result<Json<ItemList<KeyInfo>>, ApiError> {
    let account = principal.account_id;
    let keys = accounts.messaging.read(&account, move |cx| {
        Box::pin(async move {
            let asker = Asker::read(cx.tx, &principal).await?;
            let mut reached = Vec::new();
            for key in store::keys(cx.tx, cx.account).await? {
                if is_reached(cx.tx, &asker, &key).await? {
                    reached.push(key);
                }
            }
            Ok::<_, Refusal>(reached)
        })
    });
    let infos = keys.await?.into_iter().map(|key| KeyInfo::of(key, None)).collect();
    Ok(Json(ItemList::cut(infos, &page, "api_keys", |info| info.id.to_string())?))
}

/// Whether the one who asks decides about the key's maker.
async fn is_reached(tx: &mut db::Tx, asker: &Asker, key: &store::Key) -> Result<bool, Refusal> {
    let maker = store::user(tx, &key.account_id, &key.made_by).await?;
    let projects = store::projects_of(tx, &key.account_id, &key.made_by).await?;
    Ok(asker.reach(&maker, &projects) == Reach::Whole)
}

#[derive(Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct NewKey {
    title: String,
    scopes: Vec<Scope>,
}

/// Makes a key; it is shown only once. A key made through a key has the same maker and no scope that the first lacks.
#[utoipa::path(post, operation_id = "create_api_key", path = "/api/v1/api-keys",
    tag = "api keys", request_body = NewKey, responses((status = 201, body = KeyInfo)))]
pub(super) async fn create(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiJson(body): ApiJson<NewKey>,
) -> Result<impl IntoResponse, ApiError> {
    let title = crate::projects::clean_name("title", &body.title)?;
    if body.scopes.is_empty() {
        return Err(ApiError::invalid("scopes", "empty", "a key needs at least one scope"));
    }
    if let Actor::Key { scopes, .. } = &principal.actor
        && body.scopes.iter().any(|scope| !scopes.contains(scope))
    {
        return Err(ApiError::forbidden("a key makes no key with more scopes than its own"));
    }
    let env = &accounts.messaging.env;
    let secret = format!("otk_{}{}", env.secret(), env.secret());
    let hash = sha256_hex(&secret);
    let key = store::Key {
        account_id: principal.account_id,
        id: ApiKeyId::new(env.ids()),
        title,
        scopes: body.scopes,
        created_at: env.now(),
        made_by: principal.user_id(),
    };
    let stored = key.clone();
    let made = accounts
        .messaging
        .db
        .write(principal.account_id, move |tx| Box::pin(async move { store::insert_key(tx, &stored, &hash).await }));
    made.await?;
    Ok((StatusCode::CREATED, Json(KeyInfo::of(key, Some(secret)))))
}

/// Deletes a key: it stops at once.
#[utoipa::path(delete, operation_id = "delete_api_key", path = "/api/v1/api-keys/{key_id}",
    tag = "api keys", params(("key_id" = String, Path)),
    responses((status = 204, description = "Gone")))]
pub(super) async fn delete(
    State(accounts): State<Accounts>,
    principal: Principal,
    ApiPath(id): ApiPath<ApiKeyId>,
) -> Result<StatusCode, ApiError> {
    let account = principal.account_id;
    let gone = accounts.messaging.write(&account, move |cx| {
        let principal = principal.clone();
        Box::pin(async move {
            let asker = Asker::read(cx.tx, &principal).await?;
            let key = store::key(cx.tx, cx.account, &id).await?;
            if !is_reached(cx.tx, &asker, &key).await? {
                return Err(Refusal::NotFound);
            }
            store::delete_key(cx.tx, cx.account, &id).await
        })
    });
    gone.await?;
    Ok(StatusCode::NO_CONTENT)
}
