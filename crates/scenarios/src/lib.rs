//! Scenarios of a project (R17-R44): drafts that the editor saves, versions, tries, the people they run with, the summary report. What runs is
//! `messaging::scenario_runs`; what a scenario means is the pure `scenario` crate.

mod api;
mod drafts;
mod moving;
mod report;
mod runs;
mod simulation;
mod store;
mod test_users;

pub use api::routes;
pub use drafts::{Draft, NewScenario, create, publish, read, save};

use jobs::{Workers, project};
use messaging::Messaging;
use std::sync::Arc;

/// Registers the kinds of jobs that scenarios own.
pub fn register_jobs(workers: Workers, service: &Arc<Messaging>) -> Workers {
    workers.on(moving::KIND, project::handler(service.working(moving::run)))
}
