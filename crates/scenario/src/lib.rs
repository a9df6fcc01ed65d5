//! The pure scenario core: what the bot says, waits for, saves and where it goes next (R17-R28, R35-R44).
//!
//! > `step(run, event, graph, facts) -> effects`: the same run, event and facts always give the same effects.
//!
//! No I/O, no clock, no randomness: times come with events, what is known of the client comes as [`Facts`]. Normative: `scenarios.md` and
//! rulings 46-55.
//!
//! | step | module |
//! | --- | --- |
//! | what an editor saves | [`document`] |
//! | document -> problems, named by block | [`check`] |
//! | document -> what runs | [`graph`] |
//! | what is kept of a run between events | [`run`] |
//! | run + event -> run + effects | [`step`] |
//! | a run that waits -> the same in another version | [`moving`] |
//! | effects -> the numbers of the summary report | [`report`] |
//! | a user's own tests of a bot, in virtual time | [`script`] |
//!
//! A caller with a database compiles each published version once, loads [`Run`] and [`Facts`] for the event, calls [`step`], and stores the run,
//! the effects and the trace in the transaction of the event.

mod answer;
pub mod check;
mod condition;
pub mod document;
mod effect;
pub mod facts;
pub mod graph;
pub mod launch;
pub mod moving;
pub mod report;
mod request;
pub mod run;
pub mod script;
mod share;
mod span;
mod spread;
pub mod step;
mod template;
mod value;

pub use check::{Known, Level, Problem, check};
pub use document::Document;
pub use facts::Facts;
pub use graph::Graph;
pub use run::{End, Run};
pub use step::{Effect, Event, Graphs, What, step};
