//! The product through its own front door: real router, real sockets, a database of its own for every test, on either engine.

mod accounts;
mod apply_rules;
mod archived_fields;
mod bad_input;
mod conflicts;
mod deliveries;
mod erase;
mod fields;
mod identity;
mod isolation;
mod keys;
mod limits;
mod live;
mod multi_contacts;
mod openapi;
mod path;
mod plain_http;
mod recorded;
mod retention;
mod rules_log;
mod secrets;
mod statements;
mod support;
mod tables;
