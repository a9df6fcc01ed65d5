//! Links by which the reader of a letter takes no more mailings: signed, and good for as long as letters are kept (RFC 8058).

use crate::{AccountId, ContactId, Env};

const PURPOSE: &str = "unsubscribe";

impl Env {
    /// The link of a contact, below our address.
    pub fn unsubscribe_link(&self, account: &AccountId, contact: &ContactId) -> String {
        let mark = self.vault().mark(PURPOSE, &marked(account, contact));
        format!("/unsubscribe/{account}/{contact}?mark={mark}")
    }

    /// Whether we made a link with these parts.
    pub fn is_unsubscribe_link(&self, account: &AccountId, contact: &ContactId, mark: &str) -> bool {
        self.vault().is_marked(PURPOSE, &marked(account, contact), mark)
    }
}

fn marked(account: &AccountId, contact: &ContactId) -> String {
    format!("{account} {contact}")
}
