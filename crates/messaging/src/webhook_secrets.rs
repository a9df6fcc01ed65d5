//! Where the secrets of webhooks stand: here, and not with webhooks, because whoever seals everything anew must know it, too.

use vault::Place;

/// What a webhook signs with: it opens nowhere else.
pub fn secret_place<'a>(account: &'a str, webhook: &'a str) -> Place<'a> {
    Place { account, table: "webhooks", row: webhook, column: "secret" }
}

/// What it signed with before, for a while beside the new one.
pub fn old_secret_place<'a>(account: &'a str, webhook: &'a str) -> Place<'a> {
    Place { account, table: "webhooks", row: webhook, column: "old_secret" }
}
