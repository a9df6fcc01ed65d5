//! Master keys and their names.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE};
use chacha20poly1305::XChaCha20Poly1305;
use chacha20poly1305::aead::{Generate, Key};
use sha2::{Digest, Sha256};
use std::fmt;
use zeroize::Zeroizing;

const KEY_BYTES: usize = 32;

/// Name of a key, made from the key itself: safe to store, to log and to show.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct KeyId(String);

impl KeyId {
    /// A name read back; eight hex digits.
    pub fn parse(text: &str) -> Option<Self> {
        let is_name = text.len() == 8 && text.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
        is_name.then(|| Self(text.to_owned()))
    }

    /// The name as text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for KeyId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Why a text is no key. It never repeats the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a master key is 32 random bytes in base64 (44 characters) or hex (64 digits)")]
pub struct BadKey;

/// 32 random bytes that seal everything. It does not print.
#[derive(Clone)]
pub struct MasterKey {
    id: KeyId,
    bytes: Zeroizing<[u8; KEY_BYTES]>,
}

impl MasterKey {
    /// A new key from the machine's random source; `None` when there is none.
    pub fn random() -> Option<Self> {
        let key = Key::<XChaCha20Poly1305>::try_generate().ok()?;
        Some(Self::of(Zeroizing::new(key.into())))
    }

    /// A key written as base64 or hex.
    ///
    /// # Errors
    /// When it is neither, or not 32 bytes.
    pub fn parse(text: &str) -> Result<Self, BadKey> {
        let text = text.trim();
        let bytes = Zeroizing::new(if text.len() == 2 * KEY_BYTES { from_hex(text) } else { from_base64(text) });
        let bytes = <[u8; KEY_BYTES]>::try_from(bytes.as_slice()).map_err(|_| BadKey)?;
        Ok(Self::of(Zeroizing::new(bytes)))
    }

    fn of(bytes: Zeroizing<[u8; KEY_BYTES]>) -> Self {
        let digest = Sha256::new().chain_update(b"otklik master key id").chain_update(*bytes).finalize();
        let id = digest.iter().take(4).map(|byte| format!("{byte:02x}")).collect();
        Self { id: KeyId(id), bytes }
    }

    /// Its name.
    pub fn id(&self) -> &KeyId {
        &self.id
    }

    pub(crate) fn bytes(&self) -> &[u8; KEY_BYTES] {
        &self.bytes
    }

    /// The key as the key file holds it.
    pub(crate) fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(STANDARD.encode(*self.bytes))
    }
}

impl fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "MasterKey({})", self.id)
    }
}

/// Keys parted by commas or lines, the sealing one first; `#` begins a remark.
///
/// # Errors
/// When one of them is no key.
pub fn parse_keys(text: &str) -> Result<Vec<MasterKey>, BadKey> {
    let lines = text.lines().filter(|line| !line.trim_start().starts_with('#'));
    let words = lines.flat_map(|line| line.split(',')).map(str::trim).filter(|word| !word.is_empty());
    words.map(MasterKey::parse).collect()
}

fn from_hex(text: &str) -> Vec<u8> {
    let pair = |at: usize| text.get(at..at + 2).and_then(|pair| u8::from_str_radix(pair, 16).ok());
    (0..text.len()).step_by(2).map_while(pair).collect()
}

fn from_base64(text: &str) -> Vec<u8> {
    let padded = format!("{}=", text.trim_end_matches('='));
    STANDARD.decode(&padded).or_else(|_| URL_SAFE.decode(&padded)).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_and_base64_of_one_key_are_the_same_key() {
        let hex = "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1eff";
        let base64 = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8=";
        let keys = [hex, base64, base64.trim_end_matches('='), "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHv8"];
        let ids: Vec<_> = keys.iter().map(|text| MasterKey::parse(text).unwrap().id().clone()).collect();
        assert!(ids.windows(2).all(|pair| pair[0] == pair[1]), "{ids:?}");
    }

    #[test]
    fn too_short_too_long_and_garbage_are_refused_without_being_repeated() {
        for bad in ["", "secret", "00", &"0".repeat(63), &"g".repeat(64), &"A".repeat(45), "пароль"] {
            let error = MasterKey::parse(bad).unwrap_err();
            assert!(bad.is_empty() || !error.to_string().contains(bad), "{bad}");
        }
    }

    #[test]
    fn a_list_is_read_in_order_without_remarks() {
        let (first, second) = (MasterKey::random().unwrap(), MasterKey::random().unwrap());
        for list in [
            format!("{},{}", *first.to_text(), *second.to_text()),
            format!("# remark, with a comma\n{}\n\n{}\n", *first.to_text(), *second.to_text()),
        ] {
            let ids: Vec<_> = parse_keys(&list).unwrap().iter().map(|key| key.id().clone()).collect();
            assert_eq!(ids, [first.id().clone(), second.id().clone()]);
        }
    }

    #[test]
    fn a_key_does_not_print() {
        let key = MasterKey::random().unwrap();
        assert!(!format!("{key:?}").contains(key.to_text().as_str()));
    }
}
