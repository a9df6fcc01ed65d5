//! What a connection keeps secret: sealed as one value, opened only where it is used (security statement 37).

use super::Connection;
use crate::{Refusal, Result};
use serde_json::{Value, json};
use vault::{Place, Secret, Vault};

/// Tokens of a connection, in the open.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Secrets {
    /// What we prove ourselves with to the channel.
    pub token: Option<Secret>,
    /// What the channel proves itself with to our webhook.
    pub hook: Option<Secret>,
}

impl Secrets {
    /// All of them as the one secret that is sealed.
    pub fn to_secret(&self) -> Secret {
        let text = |secret: &Option<Secret>| secret.as_ref().map(|secret| secret.expose().to_owned());
        Secret::new(&json!({ "token": text(&self.token), "hook": text(&self.hook) }).to_string())
    }

    fn from_secret(opened: &Secret) -> Result<Self> {
        let all: Value = serde_json::from_str(opened.expose()).map_err(|e| Refusal::stored(&e))?;
        let secret = |name: &str| all.get(name).and_then(Value::as_str).map(Secret::new);
        Ok(Self { token: secret("token"), hook: secret("hook") })
    }
}

impl Connection {
    /// Its tokens, opened; none when it has none.
    ///
    /// # Errors
    /// When the key that sealed them is not here, or the stored value was changed or moved.
    pub fn open(&self, vault: &Vault) -> Result<Secrets> {
        match &self.secrets {
            Some(sealed) => Secrets::from_secret(&vault.open(self.place(), sealed)?),
            None => Ok(Secrets::default()),
        }
    }

    /// Gives it these tokens, sealed.
    ///
    /// # Errors
    /// When the machine has no random source.
    pub fn seal(&mut self, vault: &Vault, secrets: &Secrets) -> Result<()> {
        self.secrets = Some(vault.seal(self.place(), &secrets.to_secret())?);
        Ok(())
    }

    fn place(&self) -> Place<'_> {
        secrets_place(self.account_id.as_str(), self.id.as_str())
    }
}

/// Where a connection's tokens stand: they open nowhere else.
pub fn secrets_place<'a>(account: &'a str, connection: &'a str) -> Place<'a> {
    Place { account, table: "connections", row: connection, column: "secrets" }
}
