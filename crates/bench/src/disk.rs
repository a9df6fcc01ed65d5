//! What the figures depend on, in words before the table.

use crate::{Options, bare, process, random};
use std::time::Duration;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// A disk whose 99th percentile of a commit is under this is fast: there a peer that waits for each commit waits little.
const FAST_MS: f64 = 2.0;

/// Describes disk and limits; how many times the peer is asked for here.
pub async fn describe(options: &Options) -> Fallible<f64> {
    let patience = Duration::from_secs_f64(options.seconds);
    let commits = bare::commits_ms(&options.scratch, f64::INFINITY, patience).await?;
    let (p50, p99) = (commits.percentile(0.50), commits.percentile(0.99));
    let (kind, times) = if p99 < FAST_MS { ("a fast disk", 5.0) } else { ("a slow disk", 10.0) };
    println!(
        "A FULL commit of one message, one after the other, takes {p50:.2} ms here (p50), {p99:.2} ms (p99): {kind}.\n\
         Asked for: at least 5 x socket.io where the p99 of a FULL commit is under {FAST_MS:.0} ms, 10 x on a slower disk, so {times:.0} x here;\n\
         latency at 5,000/s p99 at most 3 x the bare commit's p99 + 5 ms."
    );
    let (wanted, used) = (random::WANTED, random::conversations());
    if used < wanted {
        let limit = process::open_files();
        println!(
            "A process may have {limit} open files here, too few for {wanted} visitors: the load at random has {used}."
        );
    }
    Ok(times)
}
