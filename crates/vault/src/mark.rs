//! Marks of our own on what we hand out: who shows one shows that we made it.

use crate::{MasterKey, Vault};
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

/// Half of what SHA-256 gives: 128 bits are enough for a mark, and addresses stay short.
const MARK_BYTES: usize = 16;

impl Vault {
    /// Our mark on a text, in letters that an address may hold. A mark for one purpose is none for another.
    pub fn mark(&self, purpose: &'static str, text: &str) -> String {
        URL_SAFE_NO_PAD.encode(&mac(&self.0[0], purpose, text).finalize().into_bytes()[..MARK_BYTES])
    }

    /// Whether it is a mark of ours on this text, by any of the keys.
    pub fn is_marked(&self, purpose: &'static str, text: &str, mark: &str) -> bool {
        let Ok(mark) = URL_SAFE_NO_PAD.decode(mark) else { return false };
        let is_by = |key| mac(key, purpose, text).verify_truncated_left(&mark).is_ok();
        mark.len() == MARK_BYTES && self.0.iter().any(is_by)
    }
}

fn mac(key: &MasterKey, purpose: &'static str, text: &str) -> Hmac<Sha256> {
    // A key of its own for each purpose.
    let keyed = |bytes: &[u8]| Hmac::<Sha256>::new_from_slice(bytes).expect("HMAC takes keys of every length");
    let own = keyed(key.bytes()).chain_update(b"otklik mark ").chain_update(purpose).finalize().into_bytes();
    keyed(&own).chain_update(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mark_is_good_for_its_text_and_purpose_alone_also_after_a_new_key_came() {
        let vault = Vault::throwaway();
        let mark = vault.mark("a", "text");
        assert!(vault.is_marked("a", "text", &mark));
        assert!(!vault.is_marked("b", "text", &mark) && !vault.is_marked("a", "texts", &mark));
        assert!(vault.before(vec![MasterKey::random().unwrap()]).is_marked("a", "text", &mark));
        assert!(!Vault::throwaway().is_marked("a", "text", &mark));
        for bad in ["", "!", &mark[..21], &format!("{mark}A")] {
            assert!(!vault.is_marked("a", "text", bad), "{bad}");
        }
    }
}
