//! The pure engine beside XState on the five-block scenario: greet, ask a name, ask a number with a check, branch, say goodbye. One core, in
//! memory, and with the state stored and loaded around every event of the client.

use crate::load::Numbers;
use crate::row;
use scenario::step::{Answer, Effect, What};
use scenario::{Document, Event, Facts, Graph, Run, step};
use serde_json::json;
use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// The check is a pattern, as XState's guard is: reading phones is left out on both sides.
fn five_blocks() -> Fallible<Graph> {
    let document: Document = serde_json::from_value(json!({
        "schema": 1, "id": "five", "version": 1, "launch": [{ "kind": "api", "to": "greet" }],
        "blocks": [
            { "id": "greet", "type": "message", "settings": { "text": "Hello" } },
            { "id": "name", "type": "message", "settings": { "text": "Name?", "wait": { "expect": "text", "save_to": "var.name" } } },
            { "id": "phone", "type": "message", "settings": { "text": "Phone?",
                "wait": { "expect": "pattern", "pattern": "\\+?[0-9]{10,15}", "save_to": "var.phone" } } },
            { "id": "branch", "type": "condition", "settings": {
                "branches": [{ "id": "ours", "all": [{ "field": "var.phone", "op": "contains", "value": "+7" }] }] } },
            { "id": "bye", "type": "message", "settings": { "text": "Thanks, {{var.name}}" } }
        ],
        "edges": [
            { "from": ["greet", "next"], "to": "name" }, { "from": ["name", "correct"], "to": "phone" },
            { "from": ["phone", "correct"], "to": "branch" }, { "from": ["branch", "ours"], "to": "bye" },
            { "from": ["branch", "else"], "to": "name" }
        ]
    }))?;
    Graph::compile(&document).map_err(|faults| format!("{faults:?}").into())
}

/// Dialogues between two looks at the clock.
const BATCH: usize = 1000;
/// Blocks a dialogue enters.
const STEPS: usize = 5;

/// Prints our rows and XState's; `peer` is its folder, when it is here.
pub fn run(peer: Option<&Path>, patience: Duration, rounds: usize) -> Fallible<()> {
    let graph = five_blocks()?;
    let [mut memory, mut stored, mut their_memory, mut their_stored] = <[Numbers; 4]>::default();
    for _ in 0..rounds {
        memory.add(rate(&graph, patience, false)?);
        stored.add(rate(&graph, patience, true)?);
        if let Some(peer) = peer {
            let [in_memory, with_snapshots] = xstate(peer, patience)?;
            their_memory.add(in_memory);
            their_stored.add(with_snapshots);
        }
    }
    row("engine, five blocks, in memory, steps/s on one core", &memory.show(0), "at least 1000000");
    beside(peer, "XState in memory, steps/s", &memory, &their_memory);
    row("engine, state as JSON around every event, steps/s", &stored.show(0), "");
    beside(peer, "XState with its snapshots, steps/s", &stored, &their_stored);
    Ok(())
}

fn beside(peer: Option<&Path>, name: &str, ours: &Numbers, theirs: &Numbers) {
    if peer.is_none() {
        return row(name, "-", "peer not here");
    }
    row(name, &theirs.show(0), "");
    row("  ratio to XState", &format!("{:.1}", ours.median() / theirs.median()), "at least 20");
}

fn rate(graph: &Graph, patience: Duration, is_stored: bool) -> Fallible<f64> {
    let (started, mut dialogues) = (Instant::now(), 0_usize);
    let mut facts = Facts::default();
    let mut told = Vec::new();
    while started.elapsed() < patience {
        for _ in 0..BATCH {
            let entry = graph.block("greet").ok_or("no first block")?;
            let events = [What::Started(entry), said("Anna"), said("+79161234567")];
            let mut run = Run::default();
            let mut text = String::new();
            let mut sent = 0;
            for (at, what) in events.into_iter().enumerate() {
                if is_stored && at > 0 {
                    run = serde_json::from_str(&text)?;
                }
                told.clear();
                step(graph, &(), &mut run, &mut facts, Event { at: at as i64, what }, &mut told);
                sent += told.iter().filter(|effect| matches!(effect, Effect::Send { .. })).count();
                if is_stored {
                    text = serde_json::to_string(&run)?;
                }
            }
            if run.ended().is_none() || sent != 4 {
                return Err("the dialogue did not end".into());
            }
        }
        dialogues += BATCH;
    }
    Ok((dialogues * STEPS) as f64 / started.elapsed().as_secs_f64())
}

fn said(text: &str) -> What<'_> {
    What::Message(Answer { text, ..Answer::default() })
}

fn xstate(peer: &Path, patience: Duration) -> Fallible<[f64; 2]> {
    let seconds = patience.as_secs_f64().to_string();
    let output = Command::new("node").arg(peer.join("xstate.mjs")).arg(seconds).output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into_owned().into());
    }
    let text = String::from_utf8(output.stdout)?;
    let numbers: Vec<f64> = text.split_whitespace().map(str::parse).collect::<Result<_, _>>()?;
    numbers.try_into().map_err(|_| "XState printed other numbers".into())
}
