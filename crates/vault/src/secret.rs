//! Texts that must not be printed, and the sealed form that may.

use crate::{FORM, KeyId, VaultError};
use std::fmt;
use subtle::ConstantTimeEq;
use zeroize::Zeroizing;

/// A secret in the open: it does not print, and its memory is wiped when it goes.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl Secret {
    /// A secret of this text.
    pub fn new(text: &str) -> Self {
        Self(Zeroizing::new(text.to_owned()))
    }

    /// The text, for the one place that needs it.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The last four characters: all that an API answer shows.
    pub fn ending(&self) -> &str {
        let start = self.0.char_indices().rev().nth(3).map_or(0, |(at, _)| at);
        &self.0[start..]
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl PartialEq for Secret {
    /// In constant time.
    fn eq(&self, other: &Self) -> bool {
        self.0.as_bytes().ct_eq(other.0.as_bytes()).into()
    }
}

impl Eq for Secret {}

/// A sealed value as the database holds it: `v1.<key id>.<nonce and ciphertext>`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed(String);

impl Sealed {
    /// A value read back from our own storage.
    pub fn from_stored(text: String) -> Self {
        Self(text)
    }

    /// The text to store.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The key that sealed it.
    ///
    /// # Errors
    /// When this is no sealed value.
    pub fn key_id(&self) -> Result<KeyId, VaultError> {
        let rest = self.0.strip_prefix(FORM).and_then(|rest| rest.strip_prefix('.'));
        let id = rest.and_then(|rest| rest.split_once('.')).map(|(id, _)| id);
        id.and_then(KeyId::parse).ok_or(VaultError::Malformed)
    }

    pub(crate) fn body(&self) -> Option<&str> {
        self.0.rsplit_once('.').map(|(_, body)| body)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_secret_does_not_print() {
        assert!(!format!("{:?}", Secret::new("hunter2")).contains("hunter2"));
    }

    #[test]
    fn the_ending_is_four_characters_of_any_script() {
        assert_eq!(Secret::new("токен-Привет").ending(), "ивет");
        assert_eq!(Secret::new("ab").ending(), "ab");
    }
}
