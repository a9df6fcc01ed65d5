//! What travels through every use case.

use crate::{AccountId, Env};
use db::Tx;

/// What a use case works with, handed on from function to function: its open transaction, its surroundings, and the account it acts in.
pub struct Cx<'t> {
    /// The open transaction.
    pub tx: &'t mut Tx,
    /// Time, ids and keys.
    pub env: &'t Env,
    /// The tenant, from the authenticated principal or from our own storage, never from a body (security statement 2).
    pub account: &'t AccountId,
}

impl<'t> Cx<'t> {
    /// The three together.
    pub fn new(tx: &'t mut Tx, env: &'t Env, account: &'t AccountId) -> Self {
        Self { tx, env, account }
    }
}

impl From<AccountId> for db::Scope {
    fn from(account: AccountId) -> Self {
        Self::Account(account.bits())
    }
}

impl From<&AccountId> for db::Scope {
    fn from(account: &AccountId) -> Self {
        Self::from(*account)
    }
}
