//! Scenarios: the engine beside XState, a bot on the path, very many of them, and the editor in a browser.

mod bot;
mod editor;
mod engine;
mod many;

use crate::browser::Browser;
use crate::row;
use std::path::{Path, PathBuf};
use std::time::Duration;

/// What is measured with what.
pub struct Options {
    /// The product.
    pub otklik: PathBuf,
    /// Where its data may be.
    pub scratch: PathBuf,
    /// How long each round.
    pub patience: Duration,
    /// Rounds.
    pub rounds: usize,
    /// Folder of the web, Chromium, and the script that drives it.
    pub browser: Option<[PathBuf; 3]>,
}

/// Prints all rows; `peer` is XState's folder, when it is here.
pub async fn run(options: &Options, peer: Option<&Path>) -> Result<(), Box<dyn std::error::Error>> {
    let Options { otklik, scratch, patience, rounds, browser } = options;
    engine::run(peer, *patience, *rounds)?;
    bot::run(otklik, scratch, *patience, *rounds).await?;
    many::run(otklik, scratch).await?;
    let Some([web, chromium, script]) = browser else {
        row("editor in a browser", "-", "no browser given");
        return Ok(());
    };
    editor::run(otklik, scratch, &Browser { web, chromium, script }, *rounds).await
}
