//! Where the keys of web push stand: here for the same reason as those of [`crate::webhook_secrets`].

use vault::Place;

/// The key of an account: it opens nowhere else.
pub fn key_place<'a>(account: &'a str, row: &'a str) -> Place<'a> {
    Place { account, table: "push_keys", row, column: "secret" }
}
