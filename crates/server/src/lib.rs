//! Wiring: configuration, routes and their policies, pages, workers, commands.

pub mod announce;
mod app;
mod audit_heads;
#[cfg(target_os = "linux")]
mod code_pages;
pub mod commands;
pub mod config;
mod demo;
mod idempotency;
mod keys;
mod limits;
pub mod listen;
mod live_description;
pub mod night_check;
pub mod nodes;
mod packed;
mod pages;
mod policy;
mod problems;
mod projects;
pub mod retention;
pub mod scenario_scripts;
mod storage;
mod store;
mod surroundings;

pub use app::{App, openapi_json, router};
pub use demo::seed as seed_demo;
pub use live_description::asyncapi_json;
pub use policy::{Rule, rules};

use config::ServeOptions;
use tokio::net::TcpListener;

/// Runs the server until it is told to stop.
///
/// # Errors
/// In words, when it cannot start.
pub async fn serve(options: ServeOptions) -> Result<(), String> {
    config::start_logging();
    surroundings::raise_file_limit();
    let _lock = storage::lock(&options.data)?;
    let app = App::open(&options).await?;
    let listener =
        TcpListener::bind(&options.listen).await.map_err(|e| format!("cannot listen on {}: {e}", options.listen))?;
    let address = listener.local_addr().map_err(|e| e.to_string())?;
    let stop = config::stop_signal().map_err(|e| format!("cannot listen for signals: {e}"))?;
    let erased_again = clients::erase::replay(&app.messaging).await;
    erased_again.map_err(|e| format!("the ledger of erasures cannot be held against the database: {e}"))?;
    app.start_workers();
    let around = surroundings::complaints(&options.data_options(), &app.messaging.db).await?;
    for words in pages::complaint().into_iter().chain(around) {
        // For people whose log goes elsewhere, or is set to errors only.
        eprintln!("otklik: {words}");
        tracing::warn!("{words}");
    }
    tracing::info!(listen = %address, "otklik is ready");
    println!("{}", serde_json::json!({ "ready": true, "listen": address.to_string() }));
    #[cfg(target_os = "linux")]
    tokio::spawn(give_back_code());
    serve_until_told(&app, listener, stop).await?;
    nodes::leave(&app.messaging).await;
    if let Err(error) = audit_heads::note(&options.data, &app.messaging.db, &app.messaging.env).await {
        tracing::warn!(error, "where the audit logs end is not remembered");
    }
    storage::close(&app.messaging.db).await;
    Ok(())
}

/// Once everything that works in the background has begun.
#[cfg(target_os = "linux")]
async fn give_back_code() {
    tokio::time::sleep(std::time::Duration::from_millis(500)).await;
    match code_pages::give_back() {
        Ok(bytes) => tracing::debug!(bytes, "code that starting needed is given back"),
        Err(error) => tracing::debug!(error = %error, "code that starting needed stays in memory"),
    }
}

/// Sockets that stay open are cut after a while, so that there is time left to close the database.
async fn serve_until_told(app: &App, listener: TcpListener, stop: impl Future<Output = ()>) -> Result<(), String> {
    let (told, is_told) = tokio::sync::oneshot::channel();
    let stop = async move {
        stop.await;
        let _ = told.send(());
    };
    let impatience = async move {
        match is_told.await {
            Ok(()) => tokio::time::sleep(config::PATIENCE_AT_STOP).await,
            Err(_) => std::future::pending().await,
        }
    };
    tokio::select! {
        () = listen::serve(listener, router(app)?, app.patience, stop) => {}
        () = impatience => tracing::info!("some connections are still open and are cut"),
    }
    Ok(())
}
