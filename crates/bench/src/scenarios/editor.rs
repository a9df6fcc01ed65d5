//! The editor in a real browser with many blocks: how long it takes to open one, and how late its frames are while a block is dragged.

use crate::browser::Browser;
use crate::http::Http;
use crate::load::Numbers;
use crate::process::Running;
use crate::row;
use serde_json::json;
use std::path::Path;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Blocks in a line of the scheme.
const LINE: usize = 20;

/// Prints the figures for 300 blocks, and for 1,000.
pub async fn run(otklik: &Path, scratch: &Path, browser: &Browser<'_>, rounds: usize) -> Fallible<()> {
    let server = Running::otklik(otklik, &scratch.join("editor"), Some(0))?;
    let http = Http::of(&server)?;
    for (blocks, open, drag) in [(300, "at most 1500", "under 100"), (1000, "usable", "usable")] {
        let (mut opened, mut frames) = (Numbers::default(), Numbers::default());
        let path = scenario(&http, &server, blocks).await?;
        for _ in 0..rounds {
            let [open, frame] = browser.measure(&server, &[&path])?;
            opened.add(open);
            frames.add(frame);
        }
        row(&format!("editor with {blocks} blocks: opened in, ms"), &opened.show(0), open);
        row("  a frame while a block is dragged, p95, ms", &frames.show(0), drag);
    }
    Ok(())
}

/// A draft of so many messages, one after the other; answers the path of its editor.
async fn scenario(http: &Http, server: &Running, blocks: usize) -> Fallible<String> {
    let block = |at: usize| {
        let pos = [at % LINE * 320, at / LINE * 200];
        json!({ "id": format!("b{}", at + 1), "type": "message", "pos": pos, "settings": { "text": format!("Message {at}") } })
    };
    let edge = |at: usize| json!({ "from": [format!("b{at}"), "next"], "to": format!("b{}", at + 1) });
    let document = json!({
        "schema": 1, "launch": [{ "kind": "keyword", "words": ["go"], "to": "b1" }],
        "blocks": (0..blocks).map(block).collect::<Vec<_>>(), "edges": (1..blocks).map(edge).collect::<Vec<_>>(),
    });
    let made = http.post("/scenarios", &json!({ "name": format!("{blocks} blocks"), "document": document })).await?;
    let id = made["id"].as_str().ok_or("no scenario")?;
    Ok(format!("/projects/{}/scenarios/{id}", server.project_id))
}
