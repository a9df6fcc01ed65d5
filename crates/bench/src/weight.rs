//! What a site's visitor downloads, and what an owner installs.

use crate::Options;
use std::path::Path;

/// Prints the rows.
pub fn print(options: &Options, row: fn(&str, &str, &str)) -> Result<(), Box<dyn std::error::Error>> {
    let size = |path: &Path| std::fs::metadata(path).map(|m| m.len());
    let widget = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../web/apps/widget/dist");
    let first = size(&widget.join("w.js.br"))?;
    let chunks = std::fs::read_dir(widget.join("w"))?.flatten().map(|entry| entry.path());
    // Each of the others comes by itself, where a site has use for it.
    let is_opened = |path: &Path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.ends_with(".js.br") && (name.starts_with("core-") || name.starts_with("panel-"))
    };
    let lazy: Vec<u64> = chunks.filter(|path| is_opened(path)).filter_map(|path| size(&path).ok()).collect();
    row("widget before opening, bytes brotli, 1 request", &first.to_string(), "at most 4096");
    let all = first + lazy.iter().sum::<u64>();
    row(
        &format!("widget opened, bytes brotli, {} script requests", lazy.len() + 1),
        &all.to_string(),
        "at most 25600 in at most 3",
    );
    let binary = size(&options.otklik)? as f64 / 1e6;
    row("release binary with its pages, MB", &format!("{binary:.1}"), "under 60");
    Ok(())
}
