//! Scenarios of a project (R17-R44): drafts that the editor saves, versions, tries, the people they run with, the summary report. What runs is
//! `messaging::scenario_runs`; what a scenario means is the pure `scenario` crate.

mod api;
mod drafts;
mod report;
mod runs;
mod simulation;
mod store;
mod test_users;

pub use api::routes;
pub use drafts::{Draft, NewScenario, create, publish, read, save};
