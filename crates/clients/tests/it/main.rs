//! Clients and their fields, what joins them, clients in and out: through the front door of the whole product.

mod apply_rules;
mod archived_fields;
mod conflicts;
mod decisions;
mod erase;
mod fields;
mod jobs;
mod lists;
mod multi_contacts;
mod outdated;
mod rules_log;
mod tables;
mod tags;
mod unusable;
