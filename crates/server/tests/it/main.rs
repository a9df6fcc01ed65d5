//! The product through its own front door: real router, real sockets, a database of its own for every test, on either engine.

mod audit;
mod bad_input;
mod demo;
mod disk;
mod edges;
mod files;
mod grave;
mod isolation;
mod keys;
mod limits;
mod mailing_kills;
mod nodes;
mod openapi;
mod outage;
mod path;
mod plain_http;
mod repeats;
mod restore;
mod restore_postgres;
mod retention;
mod roles;
mod scenario_kills;
mod secrets;
mod statements;
mod surroundings;
mod upgrade;
