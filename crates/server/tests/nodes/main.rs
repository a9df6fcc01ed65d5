//! Two nodes of one PostgreSQL database with NATS between them: the real program, twice. On SQLite there is one node and nothing to be
//! seen here.

mod bot;
mod cluster;
mod once;
mod presence;
mod search;
mod socket;
mod trouble;
