//! The kinds of jobs that the path owns.

use crate::{Messaging, contacts, fields, inbound, multi_contacts};
use jobs::{Handler, Job, Workers, project};
use std::sync::Arc;

/// Registers them.
pub fn register(workers: Workers, service: &Arc<Messaging>) -> Workers {
    workers
        .on(inbound::KIND, Handler::new(service.working(inbound::process)).sets_aside(inbound::is_unreadable))
        .on(multi_contacts::APPLY_RULES, project::handler(service.working(multi_contacts::run_apply)))
        .on(multi_contacts::UNDO_RULES, project::handler(service.working(multi_contacts::run_apply)))
        .on(multi_contacts::RENORMALISE, project::handler(service.working(multi_contacts::run_renormalise)))
        .on(contacts::import::KIND, project::handler(service.working(contacts::import::run)))
        .on(contacts::erase::KIND, project::handler(service.working(contacts::erase::run)))
        .on(fields::REFRESH_SEARCH, project::handler(service.working(fields::run_refresh_search)))
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
