//! Scenarios: the engine beside XState, a bot on the path, and very many of them.

mod bot;
mod engine;
mod many;

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
}

/// Prints all rows; `peer` is XState's folder, when it is here.
pub async fn run(options: &Options, peer: Option<&Path>) -> Result<(), Box<dyn std::error::Error>> {
    let Options { otklik, scratch, patience, rounds } = options;
    engine::run(peer, *patience, *rounds)?;
    bot::run(otklik, scratch, *patience, *rounds).await?;
    many::run(otklik, scratch).await
}
