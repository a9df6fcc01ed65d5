//! The product through its own front door: real router, real sockets, a database of its own for every test, on either engine.

mod audit;
mod bad_input;
mod demo;
mod disk;
mod edges;
mod isolation;
mod keys;
mod limits;
mod nodes;
mod openapi;
mod path;
mod plain_http;
mod retention;
mod roles;
mod secrets;
mod statements;
mod upgrade;
