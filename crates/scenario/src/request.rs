//! Requests that runs wait for the answers of: told by the step, and made again from the run when they are sent.

use crate::effect::Request;
use crate::facts::Facts;
use crate::graph::{Block, Graph, Http, Op};
use crate::run::Run;
use crate::step::Graphs;
use crate::value::value_of;

/// What stands before and after the name of a secret in a request; it is taken out of every value, so that no client can name one. Whoever
/// sends the request puts the secret in its place, or does not send it.
pub const SECRET_MARK: char = '\0';

/// The name of a secret of the project (`{{secret.name}}`), when the key of a template is one.
pub(crate) fn secret_of(key: &str) -> Option<&str> {
    key.strip_prefix("secret.")
}

/// The request that a run waits for the answer of, in this visit; `None` when it waits for none. Nothing of the run changes while it waits, so
/// the request is the one it told.
pub fn pending_request<'g>(
    own: &'g Graph,
    graphs: &'g impl Graphs,
    run: &Run,
    facts: &Facts,
    visit: u32,
    now: i64,
) -> Option<Request<'g>> {
    let block = waiting_block(own, graphs, run, visit)?;
    match &block.op {
        Op::Http(http) => Some(request(http, run, facts, now)),
        _ => None,
    }
}

/// The webhook of the external bot that a run waits for, in this visit.
pub fn pending_external<'g>(own: &'g Graph, graphs: &'g impl Graphs, run: &Run, visit: u32) -> Option<&'g str> {
    match &waiting_block(own, graphs, run, visit)?.op {
        Op::External { url, .. } => Some(url),
        _ => None,
    }
}

fn waiting_block<'g>(own: &'g Graph, graphs: &'g impl Graphs, run: &Run, visit: u32) -> Option<&'g Block> {
    let spot = run.at.filter(|spot| spot.visit == visit)?;
    let graph = match run.callers.last() {
        None => own,
        Some(caller) => graphs.version(&caller.scenario, caller.version)?,
    };
    graph.blocks.get(spot.block as usize)
}

pub(crate) fn request<'g>(http: &'g Http, run: &Run, facts: &Facts, now: i64) -> Request<'g> {
    let values = |key: &str| value_of(&run.vars, facts, now, key);
    // The core knows no secrets: it marks where they belong. In an address they would stand in the logs of others.
    let marked = |key: &str| match secret_of(key) {
        Some(name) => Some(format!("{SECRET_MARK}{name}{SECRET_MARK}")),
        None => values(key).map(|value| value.replace(SECRET_MARK, "")),
    };
    let headers = http.headers.iter().map(|(name, value)| (name.clone(), value.expand(&marked).into_owned()));
    Request {
        name: &http.request,
        method: &http.method,
        url: http.url.expand_with(&values, |value| in_address(&value)).into_owned(),
        headers: headers.collect(),
        body: http.body.as_ref().map(|body| body.expand(&marked)),
        timeout: http.timeout,
        retries: http.retries,
    }
}

/// A value inside an address: only letters, digits and `-._~` stand for themselves, so that it can be neither a host nor a path.
fn in_address(value: &str) -> String {
    let mut safe = String::with_capacity(value.len());
    for byte in value.bytes() {
        match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => safe.push(char::from(byte)),
            other => safe.push_str(&format!("%{other:02X}")),
        }
    }
    safe
}
