//! Where the secrets of webhooks stand: here, and not with webhooks, because whoever seals everything anew must know it, too.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use model::Env;
use vault::{Place, Secret};

/// A secret of the standard: `whsec_` and the base64 of 32 random bytes.
pub fn new_secret(env: &Env) -> Secret {
    let random = [env.ids().next_random().to_be_bytes(), env.ids().next_random().to_be_bytes()].concat();
    Secret::new(&format!("whsec_{}", STANDARD.encode(random)))
}

/// What a webhook signs with: it opens nowhere else.
pub fn secret_place<'a>(account: &'a str, webhook: &'a str) -> Place<'a> {
    Place { account, table: "webhooks", row: webhook, column: "secret" }
}

/// What it signed with before, for a while beside the new one.
pub fn old_secret_place<'a>(account: &'a str, webhook: &'a str) -> Place<'a> {
    Place { account, table: "webhooks", row: webhook, column: "old_secret" }
}
