//! stub
use crate::shell::Outcome;
/// x
pub fn run(_seconds: f64, _rounds: usize, _sockets: usize) -> Outcome {
    Err("soon".into())
}
