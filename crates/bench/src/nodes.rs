//! Two nodes of one PostgreSQL database beside one: what the bell between them costs, and what the second one brings. Where the database
//! and NATS are is in the product's own variables.

use crate::load::{self, Numbers, Target};
use crate::process::Running;
use crate::{crowd, hot};
use crate::{heading, row};
use std::path::Path;
use std::time::Duration;

/// Messages a second, at which latency is looked at.
const RATE: f64 = 200.0;
const VISITORS: usize = 32;

pub async fn run(otklik: &Path, scratch: &Path, seconds: f64, rounds: usize) -> Result<(), Box<dyn std::error::Error>> {
    let patience = Duration::from_secs_f64(seconds);
    heading();
    let first = Running::otklik(otklik, &scratch.join("a"), None)?;
    let mut one = Numbers::default();
    for _ in 0..rounds {
        one.add(rate(&first.target(), VISITORS, patience).await?);
    }
    let second = first.beside(otklik, &scratch.join("b"))?;
    // The nodes find each other.
    tokio::time::sleep(Duration::from_secs(2)).await;
    let across = Target { reader: &second.address, ..first.target() };
    let (mut same, mut other, mut same_late, mut other_late) =
        (Numbers::default(), Numbers::default(), Numbers::default(), Numbers::default());
    let mut two = Numbers::default();
    for _ in 0..rounds {
        let done = load::open(&first.target(), VISITORS, RATE, patience).await?;
        same.add(done.percentile(0.50));
        same_late.add(done.percentile(0.99));
        let done = load::open(&across, VISITORS, RATE, patience).await?;
        other.add(done.percentile(0.50));
        other_late.add(done.percentile(0.99));
        // Each reader hears the messages of both nodes.
        let (at_first, at_second) = (first.target(), second.target());
        let (at_first, at_second) =
            tokio::join!(rate(&at_first, VISITORS / 2, patience), rate(&at_second, VISITORS / 2, patience));
        two.add((at_first? + at_second?) / 2.0);
    }
    row(&format!("visitor and operator on one node at {RATE:.0}/s, p50, ms"), &same.show(2), "");
    let allowed = format!("at most {:.2}: 1 ms more", same.median() + 1.0);
    row(&format!("visitor on one node, operator on the other at {RATE:.0}/s, p50, ms"), &other.show(2), &allowed);
    row("  the same on one node, p99, ms", &same_late.show(2), "");
    row("  the same over two nodes, p99, ms", &other_late.show(2), "printed");
    row(&format!("visitor messages a second, one node, {VISITORS} x {}", hot::DEPTH), &one.show(0), "");
    row("visitor messages a second, two nodes, as many visitors", &two.show(0), "");
    row(
        "  ratio to one node (one account, one machine for all)",
        &format!("{:.2}", two.median() / one.median()),
        "printed",
    );
    Ok(())
}

/// Messages a second of so many visitors, as the operator reads them.
async fn rate(target: &Target<'_>, visitors: usize, patience: Duration) -> Result<f64, Box<dyn std::error::Error>> {
    let visitors = crowd::gather(target, visitors).await?;
    Ok(hot::run(target, visitors, patience).await?.per_second())
}
