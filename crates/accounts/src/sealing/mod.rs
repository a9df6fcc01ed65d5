//! Every sealed value of the installation: which keys it needs, whether they open it, and sealing all of it with another key.

mod store;

use crate::audit::head_place;
use crate::projects::identity_place;
use crate::second_factor::{new_secret, secret_place as second_factor_place};
use channels::Secrets;
use db::{Db, Scope};
use messaging::connections::{secrets_place, to_secret};
use messaging::scenario_secrets::value_place;
use messaging::{push_keys, webhook_secrets};
use model::{AccountId, ConnectionId, Env, ProjectId, Refusal, Result, ScenarioSecretId, UserId, WebhookId};
use std::collections::BTreeSet;
use store::SealedRow;
use vault::{KeyId, Place, Sealed, Secret, Vault, VaultError};

/// Rows read, and sealed anew, in one transaction.
const PAGE: i64 = 200;

/// The columns that hold sealed values. A new one belongs here, and nowhere else.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    ConnectionSecrets,
    IdentitySecret,
    ScenarioSecret,
    SecondFactor,
    WebhookSecret,
    OldWebhookSecret,
    PushKey,
    AuditHead,
}

impl Column {
    const ALL: [Self; 8] = [
        Self::ConnectionSecrets,
        Self::IdentitySecret,
        Self::ScenarioSecret,
        Self::SecondFactor,
        Self::WebhookSecret,
        Self::OldWebhookSecret,
        Self::PushKey,
        Self::AuditHead,
    ];

    /// Account and id of a row as the seal knows them.
    fn names(self, row: &SealedRow) -> Names {
        let id = match self {
            Self::ConnectionSecrets => ConnectionId::from_bits(row.id).to_string(),
            Self::IdentitySecret => ProjectId::from_bits(row.id).to_string(),
            Self::ScenarioSecret => ScenarioSecretId::from_bits(row.id).to_string(),
            Self::SecondFactor => UserId::from_bits(row.id).to_string(),
            Self::WebhookSecret | Self::OldWebhookSecret => WebhookId::from_bits(row.id).to_string(),
            Self::PushKey | Self::AuditHead => AccountId::from_bits(row.id).to_string(),
        };
        Names { account: row.account.to_string(), id }
    }

    fn place(self, names: &Names) -> Place<'_> {
        match self {
            Self::ConnectionSecrets => secrets_place(&names.account, &names.id),
            Self::IdentitySecret => identity_place(&names.account, &names.id),
            Self::ScenarioSecret => value_place(&names.account, &names.id),
            Self::SecondFactor => second_factor_place(&names.account, &names.id),
            Self::PushKey => push_keys::key_place(&names.account, &names.id),
            Self::AuditHead => head_place(&names.account),
            Self::WebhookSecret => webhook_secrets::secret_place(&names.account, &names.id),
            Self::OldWebhookSecret => webhook_secrets::old_secret_place(&names.account, &names.id),
        }
    }

    /// What stands in for a value that will never open again: none, or a new secret.
    fn stand_in(self, env: &Env) -> Secret {
        match self {
            Self::ConnectionSecrets => to_secret(&Secrets::default()),
            // Of an empty key of web push another is made, and its browsers are let go; a log without its end is sealed anew as it stands.
            Self::ScenarioSecret | Self::PushKey | Self::AuditHead => Secret::new(""),
            // Nothing that it signed before can be proven; a new secret is given by hand.
            Self::WebhookSecret | Self::OldWebhookSecret => webhook_secrets::new_secret(env),
            // The codes on paper, and the command for a lost phone, still work.
            Self::SecondFactor => new_secret(env),
            Self::IdentitySecret => Secret::new(&format!("{}{}", env.secret(), env.secret())),
        }
    }
}

/// What a sealed value is bound to, in text.
struct Names {
    account: String,
    id: String,
}

/// What to do with a value that does not open.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Closed {
    /// Stop: its key may still be found.
    Keep,
    /// Put an empty one in its place: its key is lost for good.
    GiveUp,
}

/// A value that does not open.
#[derive(Debug, Clone)]
pub struct ClosedValue {
    /// Table and id of the row.
    pub row: String,
    /// Why.
    pub why: VaultError,
}

/// What [`check`] found.
#[derive(Debug, Clone, Default)]
pub struct Checked {
    /// Sealed values there are.
    pub sealed: usize,
    /// Those that do not open.
    pub closed: Vec<ClosedValue>,
}

/// The keys that the stored values were sealed with.
///
/// # Errors
/// When the storage fails.
pub async fn keys_needed(db: &Db) -> Result<BTreeSet<KeyId>> {
    let names = db.read(Scope::System, |tx| Box::pin(async move { store::key_names(tx).await })).await?;
    Ok(names.iter().filter_map(|name| KeyId::parse(name)).collect())
}

/// Tries to open every stored value.
///
/// # Errors
/// When the storage fails.
pub async fn check(db: &Db, vault: &Vault) -> Result<Checked> {
    let mut checked = Checked::default();
    for column in Column::ALL {
        let mut after = 0;
        loop {
            let page = page(db, column, after).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            checked.sealed += page.len();
            checked.closed.extend(page.iter().filter_map(|row| closed(vault, column, row)));
        }
    }
    Ok(checked)
}

fn closed(vault: &Vault, column: Column, row: &SealedRow) -> Option<ClosedValue> {
    let names = column.names(row);
    let why = vault.open(column.place(&names), &row.sealed).err()?;
    Some(ClosedValue { row: format!("{} {}", column.place(&names).table, names.id), why })
}

/// Seals everything with the vault's sealing key, a page at a time; how many values it changed. It may be stopped and called again: what
/// carries the sealing key already is passed over.
///
/// # Errors
/// When a value does not open and is to be kept, or the storage fails.
pub async fn reseal(db: &Db, env: &Env, closed: Closed) -> Result<usize> {
    let mut changed = 0;
    for column in Column::ALL {
        let mut after = 0;
        loop {
            let page = page(db, column, after).await?;
            let Some(last) = page.last() else { break };
            after = last.id;
            changed += reseal_page(db, env, column, page, closed).await?;
        }
    }
    Ok(changed)
}

async fn page(db: &Db, column: Column, after: u128) -> Result<Vec<SealedRow>> {
    db.read(Scope::System, move |tx| Box::pin(async move { store::page(tx, column, after, PAGE).await })).await
}

async fn reseal_page(db: &Db, env: &Env, column: Column, page: Vec<SealedRow>, closed: Closed) -> Result<usize> {
    let mut renewed = Vec::new();
    for row in page {
        if row.sealed.key_id().as_ref() != Ok(env.vault().sealing_key()) {
            let sealed = sealed_anew(env, column, &row, closed)?;
            renewed.push((row, sealed));
        }
    }
    let written = db.write(Scope::System, move |tx| {
        Box::pin(async move {
            let mut changed = 0;
            for (row, sealed) in renewed {
                // Somebody may have stored a newer value meanwhile: theirs stays.
                changed += usize::from(store::replace(tx, column, &row, &sealed).await?);
            }
            Ok::<_, Refusal>(changed)
        })
    });
    written.await
}

fn sealed_anew(env: &Env, column: Column, row: &SealedRow, closed: Closed) -> Result<Sealed> {
    let names = column.names(row);
    let place = column.place(&names);
    let secret = match (env.vault().open(place, &row.sealed), closed) {
        (Ok(secret), _) => secret,
        (Err(_), Closed::GiveUp) => column.stand_in(env),
        (Err(error), Closed::Keep) => return Err(error.into()),
    };
    Ok(env.vault().seal(place, &secret)?)
}
