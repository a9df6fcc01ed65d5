//! What makes messages ours: subjects and a key from the installation's secret. NATS may be shared, and who else is on it is unknown.

use crate::Signal;
use chacha20poly1305::aead::{Aead, Generate, Payload};
use chacha20poly1305::{KeyInit, XChaCha20Poly1305, XNonce};
use model::NodeId;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

/// Bytes of a message at most, in and out; NATS itself takes a mebibyte.
pub(crate) const LARGEST: usize = 512 * 1024;
const NONCE_BYTES: usize = 24;
/// The form of a message; a node of another version is not understood, and its bells are missed for as long as the update takes.
const FORM: u8 = 1;

/// Seals and opens the messages of one installation.
pub(crate) struct Seal {
    subject: String,
    cipher: XChaCha20Poly1305,
}

#[derive(Serialize, Deserialize)]
struct Envelope {
    form: u8,
    from: NodeId,
    signal: Signal,
}

impl Seal {
    pub fn new(secret: &str) -> Self {
        let name = digest("otklik bus subject", secret);
        let name: String = name.iter().take(16).map(|byte| format!("{byte:02x}")).collect();
        let key = digest("otklik bus key", secret);
        Self { subject: format!("otklik.{name}"), cipher: XChaCha20Poly1305::new(&key.into()) }
    }

    /// The one subject, so that what one node says is heard in the order it was said.
    pub fn subject(&self) -> &str {
        &self.subject
    }

    /// `None` for what is too large, and on a machine without a random source.
    pub fn close(&self, from: NodeId, signal: Signal) -> Option<Vec<u8>> {
        let text = serde_json::to_vec(&Envelope { form: FORM, from, signal }).ok()?;
        let nonce = XNonce::try_generate().ok()?;
        let payload = Payload { msg: &text, aad: self.subject.as_bytes() };
        let mut sealed = nonce.to_vec();
        sealed.extend_from_slice(&self.cipher.encrypt(&nonce, payload).ok()?);
        (sealed.len() <= LARGEST).then_some(sealed)
    }

    /// `None` for what no node of ours said.
    pub fn open(&self, sealed: &[u8]) -> Option<(NodeId, Signal)> {
        if sealed.len() > LARGEST {
            return None;
        }
        let (nonce, body) = sealed.split_at_checked(NONCE_BYTES)?;
        let nonce = XNonce::try_from(nonce).ok()?;
        let payload = Payload { msg: body, aad: self.subject.as_bytes() };
        let text = self.cipher.decrypt(&nonce, payload).ok()?;
        let Envelope { form, from, signal } = serde_json::from_slice(&text).ok()?;
        (form == FORM).then_some((from, signal))
    }
}

fn digest(purpose: &str, secret: &str) -> [u8; 32] {
    let mut hash = Sha256::new();
    hash.update(purpose.as_bytes());
    hash.update([0]);
    hash.update(secret.as_bytes());
    hash.finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Presence, Ring};
    use model::AccountId;

    const NODE: NodeId = NodeId(7);

    fn ring() -> Signal {
        let account = AccountId::from_bits(1);
        Signal::Ring(Ring { events: [account].into(), jobs: true, ..Ring::default() })
    }

    #[test]
    fn what_one_node_seals_another_opens() {
        let sealed = Seal::new("secret").close(NODE, ring()).unwrap();
        assert_eq!(Seal::new("secret").open(&sealed), Some((NODE, ring())));
        assert!(!sealed.windows(4).any(|part| part == b"acc_"), "nobody else reads who is talked about");
    }

    #[test]
    fn another_installation_has_other_subjects_and_another_key() {
        let (ours, theirs) = (Seal::new("secret"), Seal::new("other"));
        assert_ne!(ours.subject(), theirs.subject());
        assert_eq!(theirs.open(&ours.close(NODE, ring()).unwrap()), None);
    }

    #[test]
    fn what_was_changed_cut_or_grown_opens_nowhere() {
        let seal = Seal::new("secret");
        let sealed = seal.close(NODE, Signal::Presence(Presence::Gone)).unwrap();
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert_eq!(seal.open(&changed), None, "byte {at}");
            assert_eq!(seal.open(&sealed[..at]), None, "cut at {at}");
        }
        assert_eq!(seal.open(&vec![0; LARGEST + 1]), None);
    }

    #[test]
    fn another_form_of_message_is_not_understood() {
        let seal = Seal::new("secret");
        let envelope = Envelope { form: FORM + 1, from: NODE, signal: ring() };
        let text = serde_json::to_vec(&envelope).unwrap();
        let nonce = XNonce::try_generate().unwrap();
        let payload = Payload { msg: &text, aad: seal.subject().as_bytes() };
        let sealed = [nonce.to_vec(), seal.cipher.encrypt(&nonce, payload).unwrap()].concat();
        assert_eq!(seal.open(&sealed), None);
    }

    #[test]
    fn what_is_too_large_is_not_said() {
        let frame = "x".repeat(LARGEST);
        let signal = Signal::Mark { account: AccountId::from_bits(1), project: None, user: None, frame };
        assert_eq!(Seal::new("secret").close(NODE, signal), None);
    }
}
