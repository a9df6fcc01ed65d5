//! The kinds of jobs that clients own.

use crate::{erase, fields, import, multi_contacts, tags};
use ::jobs::{Workers, project};
use messaging::Messaging;
use std::sync::Arc;

/// Registers them.
pub fn register(workers: Workers, service: &Arc<Messaging>) -> Workers {
    workers
        .on(multi_contacts::APPLY_RULES, project::handler(service.working(multi_contacts::run_apply)))
        .on(multi_contacts::UNDO_RULES, project::handler(service.working(multi_contacts::run_apply)))
        .on(multi_contacts::RENORMALISE, project::handler(service.working(multi_contacts::run_renormalise)))
        .on(import::KIND, project::handler(service.working(import::run)))
        .on(erase::KIND, project::handler(service.working(erase::run)))
        .on(fields::REFRESH_SEARCH, project::handler(service.working(fields::run_refresh_search)))
        .on(tags::KIND, project::handler(service.working(tags::run)))
}
