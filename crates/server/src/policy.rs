//! Who may call what: one table as data, enforced in one place (T9). What is not in the table is refused.

use crate::App;
use accounts::audit::{Deed, Turn};
use axum::extract::{MatchedPath, RawPathParams, Request, State};
use axum::http::{HeaderMap, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use http_kit::{Actor, ApiError, AuditWords, ClientAddress, Principal, Project, Role, Scope};
use model::{AccountId, ProjectId};
use std::collections::{BTreeSet, HashMap};
use std::sync::LazyLock;
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::openapi::{ComponentsBuilder, InfoBuilder, OpenApi, SecurityRequirement};

const TABLE: &str = include_str!("policies.txt");

/// Who may call one operation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Least role; none for public operations.
    pub role: Option<Role>,
    /// What an API key needs; none when keys have no business there.
    pub scope: Option<Scope>,
    /// Leaves a row in the audit log.
    pub is_audited: bool,
    /// One of the gravest acts, with how often a day somebody may do it (security statement 39): the audit log counts.
    pub a_day: Option<i64>,
}

static RULES: LazyLock<HashMap<(String, String), Rule>> = LazyLock::new(|| {
    let lines = TABLE.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
    lines.map(parse).collect()
});

/// The table: method and path to rule.
pub fn rules() -> &'static HashMap<(String, String), Rule> {
    &RULES
}

fn parse(line: &str) -> ((String, String), Rule) {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (words, a_day) = match words.as_slice() {
        [words @ .., last] if last.starts_with("grave=") => (words, last["grave=".len()..].parse().ok()),
        words => (words, None),
    };
    let (words, is_audited) = match words {
        [words @ .., "audited"] => (words, true),
        words => (words, false),
    };
    assert!(a_day.is_none() || is_audited, "policies.txt: what is counted is audited: {line:?}");
    let [method, path, role, scope] = words else { panic!("policies.txt: four words a line, not {line:?}") };
    let role = match *role {
        "public" => None,
        "operator" => Some(Role::Operator),
        "admin" => Some(Role::Admin),
        "owner" => Some(Role::Owner),
        other => panic!("policies.txt: unknown role {other}"),
    };
    let scope = match *scope {
        "none" => None,
        "read" => Some(Scope::Read),
        "write" => Some(Scope::Write),
        "settings" => Some(Scope::Settings),
        "admin" => Some(Scope::Admin),
        other => panic!("policies.txt: unknown scope {other}"),
    };
    (((*method).to_owned(), (*path).to_owned()), Rule { role, scope, is_audited, a_day })
}

fn operations(openapi: &OpenApi) -> BTreeSet<(String, String)> {
    let mut all = BTreeSet::new();
    for (path, item) in &openapi.paths.paths {
        let methods = [
            ("GET", item.get.is_some()),
            ("POST", item.post.is_some()),
            ("PUT", item.put.is_some()),
            ("PATCH", item.patch.is_some()),
            ("DELETE", item.delete.is_some()),
        ];
        all.extend(
            methods.into_iter().filter(|(_, is_there)| *is_there).map(|(method, _)| (method.to_owned(), path.clone())),
        );
    }
    all
}

/// Refuses a program in which a route has no policy, or a policy no route.
pub(crate) fn check(descriptions: &[&OpenApi]) -> Result<(), String> {
    let routes: BTreeSet<_> = descriptions.iter().flat_map(|description| operations(description)).collect();
    let without = routes.iter().find(|route| !RULES.contains_key(*route));
    if let Some((method, path)) = without {
        return Err(format!("{method} {path} has no line in policies.txt"));
    }
    let stale = RULES.keys().find(|route| !routes.contains(*route));
    match stale {
        Some((method, path)) => Err(format!("policies.txt names {method} {path}, which is no route")),
        None => Ok(()),
    }
}

/// Title, and how callers prove themselves.
pub(crate) fn describe(openapi: &mut OpenApi) {
    openapi.info = InfoBuilder::new()
        .title("Otklik")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some("See docs/API.md."))
        .build();
    let mut components = openapi.components.take().unwrap_or_else(|| ComponentsBuilder::new().build());
    components.add_security_scheme("api_key", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    let cookie = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(accounts::COOKIE)));
    components.add_security_scheme("session", cookie);
    openapi.components = Some(components);
    let none: [String; 0] = [];
    openapi.security =
        Some(vec![SecurityRequirement::new("api_key", none.clone()), SecurityRequirement::new("session", none)]);
}

/// Proves the caller, checks the table, finds the project: everything behind it can rely on `Principal` and `Project`.
pub(crate) async fn layer(State(app): State<App>, params: RawPathParams, mut request: Request, next: Next) -> Response {
    let path = request.extensions().get::<MatchedPath>().map(|matched| matched.as_str().to_owned()).unwrap_or_default();
    // The router answers HEAD as GET without its body.
    let method = if request.method() == Method::HEAD { &Method::GET } else { request.method() };
    let operation = (method.as_str().to_owned(), path);
    let rule = RULES.get(&operation).copied();
    let project = params.iter().find(|(name, _)| *name == "project_id").map(|(_, value)| value.to_owned());
    if rule.is_some_and(|rule| rule.role.is_none()) {
        return next.run(request).await;
    }
    // A body is not shared between threads, so what is asked of the request is its head.
    let head = Head { method: request.method().clone(), headers: request.headers().clone() };
    let principal = match principal_of(&app, &head).await {
        Ok(principal) => principal,
        Err(error) => return error.into_response(),
    };
    // Without a rule the path takes other methods: the router says so, to those who may know.
    let Some(rule) = rule else { return next.run(request).await };
    let deed = Deed {
        actor: principal.id(),
        actor_name: principal.name().to_owned(),
        action: format!("{} {}", operation.0, operation.1),
        target: request.uri().path().to_owned(),
        address: request.extensions().get().copied().unwrap_or(ClientAddress::UNKNOWN),
        status: 0,
        turn: None,
    };
    let account = principal.account_id;
    let mut turn = None;
    let response = match admit(&app, &principal, rule, &head, project, &deed.action).await {
        Ok((project, taken)) => {
            turn = taken;
            if let Some(project) = project {
                request.extensions_mut().insert(Project(project));
            }
            request.extensions_mut().insert(principal);
            next.run(request).await
        }
        Err(error) => error.into_response(),
    };
    let words = response.extensions().get().map(|AuditWords(words)| format!(": {words}")).unwrap_or_default();
    let deed = Deed { target: deed.target + &words, status: response.status().as_u16(), turn, ..deed };
    if rule.is_audited || response.status() == StatusCode::FORBIDDEN {
        note(&app, &account, deed).await;
    }
    response
}

/// What was done is done: a row that could not be written is said in the server's own log.
async fn note(app: &App, account: &AccountId, deed: Deed) {
    let what = deed.clone();
    if let Err(error) = accounts::audit::record(&app.messaging, account, deed).await {
        tracing::error!(error = %error, actor = %what.actor, action = what.action, status = what.status, "not in the audit log");
    }
}

/// What whoever owes a code may do: see that it is so, set it up, leave.
const WITHOUT_CODE: &[&str] = &[
    "GET /api/v1/me",
    "GET /api/v1/me/second-factor",
    "POST /api/v1/me/second-factor",
    "POST /api/v1/me/second-factor/confirm",
    "POST /api/v1/session/proof",
    "DELETE /api/v1/session",
    "DELETE /api/v1/sessions",
];

/// Before anything else is judged: what somebody would be told is not for those who may be somebody else.
fn refuse_without_code(principal: &Principal, action: &str) -> Result<(), ApiError> {
    if !principal.owes_code || (principal.person().is_ok() && WITHOUT_CODE.contains(&action)) {
        return Ok(());
    }
    let detail = "this account asks a second factor of everybody: set it up first, POST /api/v1/me/second-factor";
    Err(ApiError::new(StatusCode::FORBIDDEN, "second_factor_owed", detail))
}

struct Head {
    method: Method,
    headers: HeaderMap,
}

async fn principal_of(app: &App, request: &Head) -> Result<Principal, ApiError> {
    let text = |name| request.headers.get(name).and_then(|v: &axum::http::HeaderValue| v.to_str().ok());
    let found = if let Some(authorization) = text(header::AUTHORIZATION) {
        let key = authorization.strip_prefix("Bearer ").unwrap_or_default();
        accounts::by_api_key(&app.accounts, key).await?
    } else {
        match text(header::COOKIE).and_then(accounts::session_token) {
            Some(token) => accounts::by_session(&app.accounts, token).await?,
            None => None,
        }
    };
    found.ok_or_else(ApiError::unauthorized)
}

async fn admit(
    app: &App,
    principal: &Principal,
    rule: Rule,
    request: &Head,
    project: Option<String>,
    action: &str,
) -> Result<(Option<ProjectId>, Option<Turn>), ApiError> {
    refuse_without_code(principal, action)?;
    refuse_foreign_mutation(principal, request)?;
    let project = match project {
        Some(text) => {
            let id: ProjectId = text.parse().map_err(|_| ApiError::not_found())?;
            if !principal.sees(&id) {
                return Err(ApiError::not_found());
            }
            let wanted = id;
            let there = app.messaging.read(&principal.account_id, move |cx| {
                Box::pin(async move { accounts::get_project(cx.tx, cx.account, &wanted).await })
            });
            there.await?;
            Some(id)
        }
        None => None,
    };
    if !rule.role.is_some_and(|role| principal.may(role, rule.scope)) {
        return Err(ApiError::forbidden("your role or key does not allow this; ask an administrator"));
    }
    let Some(a_day) = rule.a_day else { return Ok((project, None)) };
    refuse_unproven(app, principal)?;
    Ok((project, Some(take_turn(app, principal, action, a_day).await?)))
}

/// A session that somebody left open does not do the gravest acts.
fn refuse_unproven(app: &App, principal: &Principal) -> Result<(), ApiError> {
    if principal.is_fresh(app.messaging.env.now()) {
        return Ok(());
    }
    let detail = "give your password once more first: POST /api/v1/session/proof";
    Err(ApiError::new(StatusCode::FORBIDDEN, "prove_first", detail))
}

/// One of the turns of today: two at once take two.
async fn take_turn(app: &App, principal: &Principal, action: &str, a_day: i64) -> Result<Turn, ApiError> {
    let (who, action) = (principal.id(), action.to_owned());
    let taken = app.messaging.write(&principal.account_id, move |cx| {
        Box::pin(async move { accounts::audit::take_turn(cx, who, &action, a_day).await })
    });
    let wait = |seconds| ApiError::too_many("this was done too often today; wait and try again", seconds);
    taken.await?.map_err(wait)
}

/// A mutation by cookie must come from our own page (security statement 18).
fn refuse_foreign_mutation(principal: &Principal, request: &Head) -> Result<(), ApiError> {
    let text = |name: &str| request.headers.get(name).and_then(|v| v.to_str().ok());
    let is_mutation = !matches!(request.method, Method::GET | Method::HEAD);
    let is_user = matches!(principal.actor, Actor::User { .. });
    if is_user && is_mutation && text("sec-fetch-site") == Some("cross-site") {
        return Err(ApiError::forbidden("this must come from our own page"));
    }
    if !principal.passes_csrf(&request.method, text("x-otklik-csrf")) {
        return Err(ApiError::forbidden("the X-Otklik-CSRF header is missing or wrong"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        assert!(rules().len() > 50);
        let rule = rules()[&("DELETE".to_owned(), "/api/v1/demo".to_owned())];
        assert_eq!(rule, Rule { role: Some(Role::Owner), scope: Some(Scope::Admin), is_audited: true, a_day: None });
    }
}
