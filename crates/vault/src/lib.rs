//! Secrets sealed at rest: XChaCha20-Poly1305 under a master key that is never in the database. A sealed value names its key and
//! opens only in its own place (account, table, row, column), so a copied row or a stolen dump is worth nothing (ADR 8).

mod key;
mod key_file;
mod mark;
mod secret;

pub use key::{BadKey, KeyId, MasterKey, parse_keys};
pub use key_file::{KeyFileError, create, read, write};
pub use secret::{Sealed, Secret};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use chacha20poly1305::aead::{Aead, Generate, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use std::sync::Arc;
use zeroize::Zeroizing;

/// What every sealed value starts with: the form, so that a later one can be told from it.
const FORM: &str = "v1";
const NONCE_BYTES: usize = 24;

/// Where a sealed value stands. It opens nowhere else.
#[derive(Debug, Clone, Copy)]
pub struct Place<'a> {
    /// Account of the row.
    pub account: &'a str,
    /// Table.
    pub table: &'static str,
    /// Id of the row.
    pub row: &'a str,
    /// Column.
    pub column: &'static str,
}

impl Place<'_> {
    /// Each part with its length before it, so that no two places give the same bytes.
    fn as_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::new();
        for part in [FORM, self.account, self.table, self.row, self.column] {
            bytes.extend_from_slice(&(part.len() as u64).to_be_bytes());
            bytes.extend_from_slice(part.as_bytes());
        }
        bytes
    }
}

/// Why a value was not sealed or opened.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultError {
    /// The key that sealed it is not here.
    #[error("a stored secret is sealed with master key {0}, which this server does not have")]
    UnknownKey(KeyId),
    /// The key is here, but the value was changed or moved from another row.
    #[error("a stored secret was changed or belongs to another row: it does not open")]
    Altered,
    /// Not a sealed value at all.
    #[error("a stored secret has no form this program knows")]
    Malformed,
    /// The machine has no random source.
    #[error("the machine gives no random bytes")]
    NoRandomness,
    /// A vault without keys cannot be.
    #[error("there is no master key")]
    NoKeys,
}

/// The keys of this installation. The first seals; every one opens.
#[derive(Clone)]
pub struct Vault(Arc<[MasterKey]>);

impl Vault {
    /// A vault of these keys, the sealing one first.
    ///
    /// # Errors
    /// When there is none.
    pub fn new(keys: Vec<MasterKey>) -> Result<Self, VaultError> {
        if keys.is_empty() { Err(VaultError::NoKeys) } else { Ok(Self(keys.into())) }
    }

    /// A vault whose only key nobody keeps: for tests.
    ///
    /// # Panics
    /// When the machine has no random source.
    pub fn throwaway() -> Self {
        Self(Arc::new([MasterKey::random().expect("a test machine has a random source")]))
    }

    /// The same with these keys before its own: the first of them seals.
    #[must_use]
    pub fn before(&self, first: Vec<MasterKey>) -> Self {
        Self(first.into_iter().chain(self.0.iter().cloned()).collect())
    }

    /// The key that seals.
    pub fn sealing_key(&self) -> &KeyId {
        self.0[0].id()
    }

    /// Whether a value under this key can be opened.
    pub fn has(&self, id: &KeyId) -> bool {
        self.key(id).is_some()
    }

    fn key(&self, id: &KeyId) -> Option<&MasterKey> {
        self.0.iter().find(|key| key.id() == id)
    }

    /// Seals a secret for its place. Sealing twice gives two different texts.
    ///
    /// # Errors
    /// When the machine has no random source.
    pub fn seal(&self, place: Place<'_>, secret: &Secret) -> Result<Sealed, VaultError> {
        let key = &self.0[0];
        let nonce = XNonce::try_generate().map_err(|_| VaultError::NoRandomness)?;
        let payload = Payload { msg: secret.expose().as_bytes(), aad: &place.as_bytes() };
        let sealed = cipher(key).encrypt(&nonce, payload).map_err(|_| VaultError::Malformed)?;
        let mut bytes = nonce.to_vec();
        bytes.extend_from_slice(&sealed);
        Ok(Sealed::from_stored(format!("{FORM}.{}.{}", key.id(), URL_SAFE_NO_PAD.encode(bytes))))
    }

    /// Opens a value in its place.
    ///
    /// # Errors
    /// When the key is not here, or the value was changed or moved.
    pub fn open(&self, place: Place<'_>, sealed: &Sealed) -> Result<Secret, VaultError> {
        let id = sealed.key_id()?;
        let key = self.key(&id).ok_or(VaultError::UnknownKey(id))?;
        let bytes = sealed.body().and_then(|body| URL_SAFE_NO_PAD.decode(body).ok()).ok_or(VaultError::Malformed)?;
        let (nonce, body) = bytes.split_at_checked(NONCE_BYTES).ok_or(VaultError::Malformed)?;
        let nonce = XNonce::try_from(nonce).map_err(|_| VaultError::Malformed)?;
        let payload = Payload { msg: body, aad: &place.as_bytes() };
        let opened = cipher(key).decrypt(&nonce, payload).map_err(|_| VaultError::Altered)?;
        let opened = Zeroizing::new(opened);
        std::str::from_utf8(&opened).map(Secret::new).map_err(|_| VaultError::Malformed)
    }
}

fn cipher(key: &MasterKey) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(key.bytes().into())
}

#[cfg(test)]
mod tests {
    use super::*;

    const TOKEN: &str = "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw";
    const PLACE: Place<'static> = Place { account: "acc_a", table: "connections", row: "con_1", column: "secrets" };

    #[test]
    fn what_was_sealed_opens_in_its_place() {
        let vault = Vault::throwaway();
        let sealed = vault.seal(PLACE, &Secret::new(TOKEN)).unwrap();
        assert!(!sealed.as_str().contains("AAHdq"), "{}", sealed.as_str());
        assert_eq!(vault.open(PLACE, &sealed).unwrap().expose(), TOKEN);
    }

    #[test]
    fn moved_to_another_account_table_row_or_column_it_does_not_open() {
        let vault = Vault::throwaway();
        let sealed = vault.seal(PLACE, &Secret::new(TOKEN)).unwrap();
        let others = [
            Place { account: "acc_b", ..PLACE },
            Place { table: "projects", ..PLACE },
            Place { row: "con_2", ..PLACE },
            Place { column: "settings", ..PLACE },
            Place { account: "acc_aconnections", table: "", ..PLACE },
        ];
        for place in others {
            assert_eq!(vault.open(place, &sealed).err(), Some(VaultError::Altered), "{place:?}");
        }
    }

    #[test]
    fn another_key_is_named_and_nothing_opens() {
        let (ours, theirs) = (Vault::throwaway(), Vault::throwaway());
        let sealed = ours.seal(PLACE, &Secret::new(TOKEN)).unwrap();
        assert_eq!(theirs.open(PLACE, &sealed).err(), Some(VaultError::UnknownKey(ours.sealing_key().clone())));
    }

    #[test]
    fn an_old_key_beside_the_new_one_still_opens() {
        let old = MasterKey::random().unwrap();
        let sealed = Vault::new(vec![old.clone()]).unwrap().seal(PLACE, &Secret::new(TOKEN)).unwrap();
        let both = Vault::new(vec![MasterKey::random().unwrap(), old]).unwrap();
        assert_eq!(both.open(PLACE, &sealed).unwrap().expose(), TOKEN);
        assert_ne!(both.seal(PLACE, &Secret::new(TOKEN)).unwrap().key_id(), sealed.key_id());
    }

    #[test]
    fn a_changed_or_foreign_text_is_refused() {
        let vault = Vault::throwaway();
        let text = vault.seal(PLACE, &Secret::new(TOKEN)).unwrap().as_str().to_owned();
        let changed = format!("{}A{}", &text[..30], &text[31..]);
        let changed = if changed == text { format!("{}B{}", &text[..30], &text[31..]) } else { changed };
        assert_eq!(vault.open(PLACE, &Sealed::from_stored(changed)).err(), Some(VaultError::Altered));
        for bad in ["", "{}", TOKEN, "v1.00000000", "v2.00000000.AAAA", "v1.zzzzzzzz.AAAA", &text[..40]] {
            let refused = vault.open(PLACE, &Sealed::from_stored(bad.to_owned()));
            assert_eq!(refused.err(), Some(VaultError::Malformed), "{bad}");
        }
    }

    #[test]
    fn the_same_secret_twice_gives_two_texts() {
        let vault = Vault::throwaway();
        let seal = || vault.seal(PLACE, &Secret::new(TOKEN)).unwrap();
        assert_ne!(seal(), seal());
    }
}
