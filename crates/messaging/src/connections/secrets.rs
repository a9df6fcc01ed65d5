//! What a connection keeps secret: sealed as one value, opened only where it is used (security statement 37).

use super::Connection;
use crate::{Refusal, Result};
use channels::Secrets;
use serde_json::{Value, json};
use vault::{Place, Secret, Vault};

/// All of a connection's tokens as the one secret that is sealed.
pub fn to_secret(secrets: &Secrets) -> Secret {
    let text = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
    Secret::new(&json!({ "token": text(&secrets.token), "hook": text(&secrets.hook) }).to_string())
}

fn from_secret(opened: &Secret) -> Result<Secrets> {
    let all: Value = serde_json::from_str(opened.expose()).map_err(|e| Refusal::stored(&e))?;
    let secret = |name: &str| all.get(name).and_then(Value::as_str).map(Secret::new);
    Ok(Secrets { token: secret("token"), hook: secret("hook") })
}

impl Connection {
    /// Its tokens, opened; none when it has none.
    ///
    /// # Errors
    /// When the key that sealed them is not here, or the stored value was changed or moved.
    pub fn open(&self, vault: &Vault) -> Result<Secrets> {
        match &self.secrets {
            Some(sealed) => {
                let (account, row) = self.names();
                from_secret(&vault.open(secrets_place(&account, &row), sealed)?)
            }
            None => Ok(Secrets::default()),
        }
    }

    /// Gives it these tokens, sealed.
    ///
    /// # Errors
    /// When the machine has no random source.
    pub fn seal(&mut self, vault: &Vault, secrets: &Secrets) -> Result<()> {
        let (account, row) = self.names();
        self.secrets = Some(vault.seal(secrets_place(&account, &row), &to_secret(secrets))?);
        Ok(())
    }

    fn names(&self) -> (String, String) {
        (self.account_id.to_string(), self.id.to_string())
    }
}

/// Where a connection's tokens stand: they open nowhere else.
pub fn secrets_place<'a>(account: &'a str, connection: &'a str) -> Place<'a> {
    Place { account, table: "connections", row: connection, column: "secrets" }
}
