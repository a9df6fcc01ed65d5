//! The editor in a real browser with many blocks: how long it takes to open one, and how late its frames are while a block is dragged.

use crate::http::Http;
use crate::load::Numbers;
use crate::process::{EMAIL, PASSWORD, Running};
use crate::row;
use serde_json::json;
use std::path::Path;
use std::process::Command;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Blocks in a line of the scheme.
const LINE: usize = 20;

/// What the browser is driven by.
pub struct Browser<'b> {
    /// Folder of the web, with its modules.
    pub web: &'b Path,
    /// The program.
    pub chromium: &'b Path,
    /// The script.
    pub script: &'b Path,
}

/// Prints the figures for 300 blocks, and for 1,000.
pub async fn run(otklik: &Path, scratch: &Path, browser: &Browser<'_>, rounds: usize) -> Fallible<()> {
    let server = Running::otklik(otklik, &scratch.join("editor"), Some(0))?;
    let http = Http::of(&server)?;
    for (blocks, open, drag) in [(300, "at most 1500", "under 100"), (1000, "usable", "usable")] {
        let (mut opened, mut frames) = (Numbers::default(), Numbers::default());
        let path = scenario(&http, &server, blocks).await?;
        for _ in 0..rounds {
            let [open, frame] = measured(browser, &server, &path)?;
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

fn measured(browser: &Browser<'_>, server: &Running, path: &str) -> Fallible<[f64; 2]> {
    // The bench has a core of its own; a browser has all of them.
    let mut node = Command::new("sh");
    node.args(["-c", "exec taskset -c 0-$(($(nproc --all) - 1)) node \"$0\" \"$@\""]);
    node.arg(browser.script).arg(browser.web).arg(browser.chromium);
    let output = node.args([&format!("http://{}", server.address), EMAIL, PASSWORD, path]).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    numbers.try_into().map_err(|_| "the browser's script printed other numbers".into())
}
