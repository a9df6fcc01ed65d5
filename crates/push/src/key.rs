//! The key by which push services know an account (RFC 8292): made when somebody first asks for it, sealed as every secret.

use crate::store;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use messaging::push_keys::key_place;
use model::{Cx, Env, Refusal, Result, Timestamp};
use serde_json::json;
use vault::{Sealed, Secret};
use web_push_native::p256::ecdsa::signature::Signer;
use web_push_native::p256::ecdsa::{Signature, SigningKey};
use web_push_native::p256::elliptic_curve::rand_core::OsRng;

/// A proof is good so long (RFC 8292 allows a day).
const PROOF_LIVES_S: i64 = 12 * 60 * 60;

/// A key pair on P-256.
#[derive(Clone)]
pub(crate) struct Key(SigningKey);

impl Key {
    fn new() -> Self {
        Self(SigningKey::random(&mut OsRng))
    }

    fn read(secret: &Secret) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(secret.expose()).ok()?;
        SigningKey::from_slice(&bytes).ok().map(Self)
    }

    fn secret(&self) -> Secret {
        Secret::new(&URL_SAFE_NO_PAD.encode(self.0.to_bytes()))
    }

    /// What browsers subscribe with: an uncompressed point in URL-safe Base64.
    pub fn public(&self) -> String {
        URL_SAFE_NO_PAD.encode(self.0.verifying_key().to_encoded_point(false).as_bytes())
    }

    /// The `Authorization` of a call to a push service of this origin; `contact` is whom its keepers may write to.
    pub fn proof(&self, origin: &str, contact: &str, now: Timestamp) -> String {
        let part = |value: serde_json::Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let header = part(json!({ "typ": "JWT", "alg": "ES256" }));
        let expires = now.0.div_euclid(1000) + PROOF_LIVES_S;
        let claims = part(json!({ "aud": origin, "exp": expires, "sub": contact }));
        let signed = format!("{header}.{claims}");
        let signature: Signature = self.0.sign(signed.as_bytes());
        let signature = URL_SAFE_NO_PAD.encode(signature.to_bytes());
        format!("vapid t={signed}.{signature}, k={}", self.public())
    }
}

/// The account's key, made if there is none. One whose seal was given up is made anew: the browsers that know the old one are let go, for
/// nothing sent with another reaches them.
///
/// # Errors
/// When the storage fails.
pub(crate) async fn of_account(cx: &mut Cx<'_>) -> Result<Key> {
    if let Some(sealed) = store::key(cx.tx, cx.account).await? {
        if let Some(key) = open(cx.env, cx.account, &sealed)? {
            return Ok(key);
        }
        store::delete_all(cx.tx, cx.account).await?;
    }
    let key = Key::new();
    let account = cx.account.to_string();
    let sealed = cx.env.vault().seal(key_place(&account, &account), &key.secret())?;
    let (newest, _) = events::bounds(cx.tx, cx.account).await?;
    store::insert_key(cx.tx, cx.account, &sealed, newest).await?;
    // Of two who ask at once, one made it.
    let stored = store::key(cx.tx, cx.account).await?.ok_or(Refusal::NotFound)?;
    Ok(open(cx.env, cx.account, &stored)?.unwrap_or(key))
}

/// None when it holds no key.
///
/// # Errors
/// When it does not open.
pub(crate) fn open(env: &Env, account: &model::AccountId, sealed: &Sealed) -> Result<Option<Key>> {
    let account = account.to_string();
    Ok(Key::read(&env.vault().open(key_place(&account, &account), sealed)?))
}

#[cfg(test)]
mod tests {
    use super::*;
    use web_push_native::p256::ecdsa::VerifyingKey;
    use web_push_native::p256::ecdsa::signature::Verifier;

    #[test]
    fn a_proof_is_signed_by_the_key_it_names_for_one_origin_and_half_a_day() {
        let key = Key::new();
        let proof = key.proof("https://push.example", "mailto:a@a.example", Timestamp(1_790_000_000_000));
        let (token, public) = proof.strip_prefix("vapid t=").unwrap().split_once(", k=").unwrap();
        assert_eq!(public, key.public());
        assert_eq!(URL_SAFE_NO_PAD.decode(public).unwrap().len(), 65);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let point = URL_SAFE_NO_PAD.decode(public).unwrap();
        let signature = Signature::from_slice(&URL_SAFE_NO_PAD.decode(signature).unwrap()).unwrap();
        VerifyingKey::from_sec1_bytes(&point).unwrap().verify(signed.as_bytes(), &signature).unwrap();
        let claims = URL_SAFE_NO_PAD.decode(signed.split('.').nth(1).unwrap()).unwrap();
        let claims: serde_json::Value = serde_json::from_slice(&claims).unwrap();
        assert_eq!(
            claims,
            json!({ "aud": "https://push.example", "exp": 1_790_000_000 + PROOF_LIVES_S, "sub": "mailto:a@a.example" })
        );
    }

    #[test]
    fn a_key_is_read_back_and_nothing_else_is_one() {
        let key = Key::new();
        assert_eq!(Key::read(&key.secret()).unwrap().public(), key.public());
        for odd in ["", "AAAA", "not base64!"] {
            assert!(Key::read(&Secret::new(odd)).is_none());
        }
    }
}
