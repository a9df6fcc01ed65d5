//! The kinds of jobs that the path owns.

use crate::files::gone;
use crate::messages::forget;
use crate::{Messaging, departments, inbound, scenario_runs};
use jobs::{Handler, Job, Workers};
use std::sync::Arc;

/// Registers them.
pub fn register(workers: Workers, service: &Arc<Messaging>) -> Workers {
    let workers = scenario_runs::jobs::register(workers, service);
    workers
        .on(inbound::KIND, Handler::new(service.working(inbound::process)).sets_aside(inbound::is_unreadable))
        .on(gone::KIND, Handler::new(service.working(gone::remove)))
        .on(forget::KIND, Handler::new(service.working(forget::run)))
        .on(departments::GONE, Handler::new(service.working(departments::free)))
}

impl Messaging {
    /// A worker's function with the path at hand, as handlers take it.
    pub fn working<F, Fut>(self: &Arc<Self>, work: F) -> impl Fn(Job) -> Fut + Send + Sync + 'static
    where
        F: Fn(Arc<Self>, Job) -> Fut + Send + Sync + 'static,
    {
        let service = self.clone();
        move |job| work(service.clone(), job)
    }
}
