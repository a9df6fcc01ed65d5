//! Ten thousand silent visitors on the pages of one site: what they weigh, what they cost at rest, and how long their list takes while they
//! go from page to page.

use crate::http::Http;
use crate::load::{self, Numbers};
use crate::process::{Running, open_files};
use crate::row;
use std::path::Path;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// How long they rest.
const REST: Duration = Duration::from_secs(15);

/// Measures on one node, without operators first.
pub async fn run(otklik: &Path, scratch: &Path, wanted: usize) -> Fallible<()> {
    // Both ends of every socket and what else is open.
    let wanted = wanted.min(open_files().saturating_sub(200));
    let server = Running::otklik(otklik, &scratch.join("visitors"), None)?;
    tokio::time::sleep(Duration::from_secs(1)).await;
    let empty = server.rss();
    let mut held = load::on_pages(&server.address, &server.site_key, wanted).await?;
    server.rests().await;
    let mib = |bytes: u64| format!("{:.1}", bytes as f64 / 1_048_576.0);
    row(&format!("{wanted} silent visitors, MiB"), &mib(server.rss()), "under 300");
    row("  bytes of each", &format!("{:.0}", server.rss().saturating_sub(empty) as f64 / wanted as f64), "");
    let (before, since) = (server.cpu(), Instant::now());
    tokio::time::sleep(REST).await;
    let share = (server.cpu() - before) / since.elapsed().as_secs_f64() * 100.0;
    row("  processor at rest, %", &format!("{share:.2}"), "under 5");

    let http = Http::of(&server)?;
    for (path, what) in
        [("/visitors?limit=100", "list, first hundred, ms"), ("/visitors?limit=100&q=page%207", "list by words, ms")]
    {
        let mut took = Numbers::default();
        for _ in 0..20 {
            let started = Instant::now();
            http.get(path).await?;
            took.add(started.elapsed().as_secs_f64() * 1000.0);
        }
        row(&format!("  {what}"), &took.show(1), "");
    }
    let started = Instant::now();
    for (n, socket) in held.iter_mut().enumerate() {
        load::turn_page(socket, n).await?;
    }
    let took = started.elapsed().as_secs_f64();
    row("  pages turned a second, all visitors once", &format!("{:.0}", wanted as f64 / took), "printed");
    row("  MiB after it", &mib(server.rss()), "under 300");
    Ok(())
}
