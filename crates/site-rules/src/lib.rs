//! The pure core of the site's rules: what an auto-action's condition means and which auto-action acts.
//!
//! > `choose(rules, facts, situation) -> items`: the same rules, facts and situation always give the same answer, here and in the browser.
//!
//! No I/O, no clock, no randomness: the moment and the facts come from the caller. Normative: `site.md`; decided here: ADR 25. The browser's
//! evaluator is `web/packages/site-rules`; one table of cases (`cases/`) judges both.
//!
//! | step | module |
//! | --- | --- |
//! | what an editor saves | [`document`] |
//! | JSON -> document, or every problem by its path | [`read`] |
//! | a condition's value -> what is compared | [`check`] |
//! | what is known of a visitor -> what is compared | [`facts`] |
//! | document + project -> a rule that can be asked | [`rule`] |
//! | rules + facts + history -> which one acts, and why the others do not | [`choose`](mod@choose) |
//! | rules -> what the browser loads | [`compile`](mod@compile) |

mod address;
pub mod check;
pub mod choose;
mod clock;
pub mod compile;
pub mod document;
mod fact;
pub mod facts;
mod known;
pub mod read;
pub mod rule;
mod share;
mod text;

pub use choose::{Item, Shown, Situation, Stop, choose};
pub use compile::{Compiled, compile};
pub use document::Document;
pub use facts::Facts;
pub use known::Known;
pub use read::{Problem, read};
pub use rule::{Line, Rule, Verdict, evaluate};
