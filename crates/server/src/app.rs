//! The parts put together.

use crate::config::{Limits, ServeOptions};
use crate::listen::Patience;
use crate::night_check;
use crate::retention::{self, Keep};
use crate::{audit_heads, demo, idempotency, keys, limits, nodes, pages, policy, problems, storage, store};
use accounts::Accounts;
use axum::Router;
use axum::extract::{ConnectInfo, DefaultBodyLimit};
use axum::http::{HeaderName, HeaderValue, Request, StatusCode, header};
use axum::middleware::{self, Next};
use axum::response::{IntoResponse, Response};
use db::{Db, Scope};
use edge::{Countries, Edge, VisitorLimits};
use egress::{Allowed, Egress};
use http_kit::{ApiError, ApiRouter, REQUEST_ID, TrustedProxies};
use inbox::{Authenticate, LiveState, Proof};
use jobs::Workers;
use messaging::{Messaging, Settings, deliveries, pollers, routing};
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;
use tower_http::catch_panic::CatchPanicLayer;

/// Under this name the installation notes its limits.
pub(crate) const VISITOR_LIMITS: &str = "visitor_limits";

/// The running product.
#[derive(Clone)]
pub struct App {
    /// The path.
    pub messaging: Arc<Messaging>,
    /// Sign-in, users, projects.
    pub accounts: Accounts,
    /// How long things are kept.
    pub keep: Keep,
    /// How long peers may be silent.
    pub patience: Patience,
    /// Whose word on a client's address counts.
    pub proxies: TrustedProxies,
    /// How much a stranger may do.
    pub visitor_limits: VisitorLimits,
    /// Where addresses are.
    pub countries: Countries,
}

impl App {
    /// Opens the database and puts the parts together.
    ///
    /// # Errors
    /// In words, when something is missing.
    pub async fn open(options: &ServeOptions) -> Result<Self, String> {
        let data = options.data_options();
        nodes::refuse_on_sqlite(options)?;
        let db = storage::open(&data, storage::Folder::Held).await?;
        let vault = keys::open(&data, &db).await?;
        storage::take_over(&db).await?;
        if storage::is_restored(&data.data) {
            audit_heads::forget(&data.data)?;
        }
        storage::hold_mailings(&db, &data.data).await?;
        if !options.allow_egress.is_empty() {
            tracing::warn!(networks = ?options.allow_egress, "these networks may be called although they are not public");
        }
        let egress = Egress::new(Allowed::networks(&options.allow_egress)).map_err(|e| e.to_string())?;
        let settings = Settings { public_url: options.public_url.trim_end_matches('/').to_owned() };
        let (events_days, journal_days) = (options.keep_events_days, options.keep_journal_days);
        let keep = Keep { events_days, journal_days, ..Keep::default() };
        let env = nodes::env(&db, vault).await?.with_lease_ms(i64::from(options.lease_seconds) * 1000);
        audit_heads::begin(&data.data, &db, &env).await?;
        let messaging = Messaging::new(db, env, storage::files(&data)?, egress, settings);
        nodes::join(&messaging, options.nats_url.as_deref()).await?;
        storage::renew_values(&messaging).await?;
        let visitor_limits = options.visitor_limits.made();
        note_limits(&messaging.db, options.visitor_limits).await?;
        let countries = options.countries()?;
        Ok(Self { keep, proxies: options.proxies(), visitor_limits, countries, ..Self::new(messaging) })
    }

    /// The parts over a path that is already there, without limits.
    pub fn new(messaging: Arc<Messaging>) -> Self {
        Self {
            accounts: Accounts::new(messaging.clone()),
            messaging,
            keep: Keep::default(),
            patience: Patience::default(),
            proxies: TrustedProxies::default(),
            visitor_limits: VisitorLimits::off(),
            countries: Countries::default(),
        }
    }

    /// Starts what works in the background. A worker that ends has a fault of ours in it: it is started again.
    pub fn start_workers(&self) {
        let keep = self.keep;
        let limits = self.visitor_limits.clone();
        keep_running("visitor limits", self.messaging.clone(), move |_| forget_idle(limits.clone()));
        keep_running("deliveries", self.messaging.clone(), deliveries::run);
        let workers = Arc::new(workers(&self.messaging));
        keep_running("jobs", self.messaging.clone(), move |_| workers.clone().run());
        keep_running("pollers", self.messaging.clone(), |service| alone("pollers", service, pollers::run));
        keep_running("routing", self.messaging.clone(), |service| alone("routing", service, routing::runner::run));
        keep_running("mailings", self.messaging.clone(), |service| alone("mailings", service, mailings::runner::run));
        keep_running("search", self.messaging.clone(), |service| alone("search", service, search::runner::run));
        keep_running("web push", self.messaging.clone(), |service| alone("web push", service, push::runner::run));
        keep_running("letters", self.messaging.clone(), |service| alone("letters", service, notices::runner::run));
        keep_running("webhooks", self.messaging.clone(), |service| alone("webhooks", service, webhooks::runner::run));
        keep_running("reports", self.messaging.clone(), |service| alone("reports", service, reports::runner::run));
        keep_running("night check", self.messaging.clone(), |service| alone("night check", service, night_check::run));
        keep_running("retention", self.messaging.clone(), move |service| {
            alone("retention", service, move |service| retention::run(service, keep))
        });
    }
}

/// Says in the log, and to `doctor`, when strangers may do whatever they like.
async fn note_limits(db: &Db, limits: Limits) -> Result<(), String> {
    if limits == Limits::Off {
        tracing::warn!(
            "--visitor-limits off: strangers may fill this database; it is meant for load tests on this machine"
        );
    }
    let noted = db.write(Scope::System, move |tx| {
        Box::pin(async move { store::note(tx, VISITOR_LIMITS, &limits.to_string()).await })
    });
    noted.await.map_err(|e| e.to_string())
}

/// Whoever has all of a budget left again is forgotten.
async fn forget_idle(limits: VisitorLimits) {
    loop {
        tokio::time::sleep(Duration::from_secs(60)).await;
        limits.forget_idle();
    }
}

/// Work that one node of several does.
async fn alone<F, Fut>(name: &'static str, service: Arc<Messaging>, work: F)
where
    F: Fn(Arc<Messaging>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    jobs::lease::run_alone(&service.db, &service.env, name, || work(service.clone())).await;
}

/// Everybody's kinds of jobs.
fn workers(service: &Arc<Messaging>) -> Workers {
    let workers = Workers::new(service.db.clone(), service.env.clone(), service.jobs_due.clone());
    let workers = inbox::register_jobs(messaging::jobs::register(workers, service), service);
    let workers = notices::register_jobs(scenarios::register_jobs(workers, service), service);
    let workers = workers.on(accounts::demo::KIND, jobs::project::handler(service.working(demo::run)));
    clients::register_jobs(workers, service)
}

fn keep_running<F, Fut>(name: &'static str, messaging: Arc<Messaging>, worker: F)
where
    F: Fn(Arc<Messaging>) -> Fut + Send + 'static,
    Fut: Future<Output = ()> + Send + 'static,
{
    tokio::spawn(async move {
        loop {
            let ended = tokio::spawn(worker(messaging.clone())).await;
            tracing::error!(worker = name, outcome = ?ended, "a worker ended, starting it again");
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
    });
}

/// Routers without their state, which is enough to describe them.
fn described() -> (ApiRouter<Accounts>, ApiRouter<Arc<Messaging>>) {
    (
        accounts::routes(),
        inbox::routes()
            .merge(clients::routes())
            .merge(mailings::routes())
            .merge(scenarios::routes())
            .merge(search::routes())
            .merge(webhooks::routes())
            .merge(push::routes())
            .merge(reports::routes())
            .merge(site::routes()),
    )
}

/// Every route of the product. What it says of itself is served as committed, which tests compare with what it is: to make it anew at
/// every start would cost an idle installation its memory.
///
/// # Errors
/// When a route has no policy or a policy has no route (T3), or the description is ambiguous: such a program does not start.
pub fn router(app: &App) -> Result<Router, String> {
    let (accounts, rest) = described();
    policy::check(&[accounts.described()?, rest.described()?])?;
    let api = Router::new()
        .merge(accounts.with_state(app.accounts.clone()))
        .merge(rest.with_state(app.messaging.clone()))
        .method_not_allowed_fallback(wrong_method)
        .layer(middleware::from_fn_with_state(app.clone(), idempotency::layer))
        .layer(middleware::from_fn_with_state(app.clone(), policy::layer))
        .layer(DefaultBodyLimit::max(1024 * 1024));
    let live = LiveState { service: app.messaging.clone(), authenticate: authenticate(app.accounts.clone()) };
    let router = Router::new()
        .merge(api)
        .merge(inbox::live(live))
        .merge(edge::routes(Edge {
            messaging: app.messaging.clone(),
            accounts: app.accounts.clone(),
            limits: app.visitor_limits.clone(),
            countries: app.countries.clone(),
        }))
        .merge(mailings::click_routes(app.messaging.clone()))
        .merge(pages::routes(app.clone()))
        .route("/api/v1/openapi.json", axum::routing::get(async || json(include_str!("../../../openapi.json"))))
        .route("/api/v1/asyncapi.json", axum::routing::get(async || json(include_str!("../../../asyncapi.json"))))
        .route("/healthz", axum::routing::get(|| async { "ok" }))
        .route("/readyz", axum::routing::get(ready).with_state(app.messaging.clone()))
        .fallback_service(Router::new().fallback(pages::fallback).with_state(app.clone()))
        .method_not_allowed_fallback(wrong_method)
        .layer(CatchPanicLayer::custom(|_: Box<dyn std::any::Any + Send>| {
            ApiError::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "something went wrong on our side")
                .into_response()
        }))
        .layer(middleware::from_fn_with_state(app.clone(), limits::layer))
        .layer(middleware::from_fn_with_state(app.clone(), around));
    Ok(router)
}

/// For whoever balances load: whether requests can be answered now. Nothing is asked of the database for it.
async fn ready(axum::extract::State(service): axum::extract::State<Arc<Messaging>>) -> Response {
    let (is_ready, given_up) = service.db.health();
    let status = if is_ready { StatusCode::OK } else { StatusCode::SERVICE_UNAVAILABLE };
    let body = serde_json::json!({ "ready": is_ready, "connections_given_up": given_up });
    let mut response = (status, axum::Json(body)).into_response();
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

async fn wrong_method() -> ApiError {
    ApiError::new(StatusCode::METHOD_NOT_ALLOWED, "wrong_method", "this address takes other methods")
}

/// The API description as committed and served.
///
/// # Errors
/// When a name in it stands for two things.
pub fn openapi_json() -> Result<String, String> {
    let (accounts, rest) = described();
    let mut openapi = http_kit::merged(accounts.described()?, rest.described()?)?;
    policy::describe(&mut openapi);
    problems::describe(&mut openapi);
    serde_json::to_string_pretty(&openapi).map_err(|e| e.to_string())
}

fn json(text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, "application/json")], text)
}

/// Around every request: its id, the headers every answer has.
async fn around(
    axum::extract::State(app): axum::extract::State<App>,
    mut request: Request<axum::body::Body>,
    next: Next,
) -> Response {
    if let Some(ConnectInfo(peer)) = request.extensions().get::<ConnectInfo<SocketAddr>>().copied() {
        let client = app.proxies.client_of(peer.ip(), request.headers());
        request.extensions_mut().insert(client);
    }
    let id = app.messaging.env.secret();
    // What one person may see must not wait in a cache for the next: an address alone does not say whose answer it is.
    let is_personal = ["/api/", "/w/v1/"].iter().any(|start| request.uri().path().starts_with(start));
    let mut response = REQUEST_ID.scope(id.clone(), next.run(request)).await;
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(HeaderName::from_static("x-request-id"), value);
    }
    headers.entry(header::X_CONTENT_TYPE_OPTIONS).or_insert(HeaderValue::from_static("nosniff"));
    headers.entry(header::REFERRER_POLICY).or_insert(HeaderValue::from_static("strict-origin-when-cross-origin"));
    if app.messaging.settings.public_url.starts_with("https://") {
        headers.insert(header::STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000"));
    }
    if is_personal {
        headers.entry(header::CACHE_CONTROL).or_insert(HeaderValue::from_static("no-store"));
    }
    response
}

/// How the live socket proves its first frame, and proves it again while it lives.
fn authenticate(accounts: Accounts) -> Authenticate {
    Arc::new(move |proof: Proof| {
        let accounts = accounts.clone();
        Box::pin(async move {
            // Who owes a code sets it up before anything is told.
            let found = match proof {
                Proof::Key(key) => accounts::by_api_key(&accounts, &key).await?,
                Proof::Session { cookies, csrf } => {
                    let Some(token) = accounts::session_token(&cookies) else { return Ok(None) };
                    let principal = accounts::by_session(&accounts, token).await?;
                    principal.filter(|p| p.passes_csrf(&axum::http::Method::POST, Some(&csrf)))
                }
            };
            Ok(found.filter(|principal| !principal.owes_code))
        })
    })
}
