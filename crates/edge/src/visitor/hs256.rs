//! HMAC-SHA256 for identity tokens and nothing else: the library's own sets of algorithms bring RSA and elliptic curves along, which no
//! token here may be signed with.

use hmac::{Hmac, KeyInit, Mac};
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{ErrorKind, Result};
use jsonwebtoken::{Algorithm, AlgorithmFamily, DecodingKey, EncodingKey};
use sha2::Sha256;
use signature::{Error, Verifier};

/// Chooses it for the whole process: to be called before a token is looked at.
pub(super) fn choose() {
    static ONLY: CryptoProvider = CryptoProvider {
        signer_factory: nobody_signs,
        verifier_factory: verifier,
        key_utils: KeyUtils::new_unimplemented(),
    };
    // An error says that it was chosen before.
    let _ = ONLY.install_default();
}

fn nobody_signs(_: &Algorithm, _: &EncodingKey) -> Result<Box<dyn JwtSigner>> {
    Err(ErrorKind::InvalidAlgorithm.into())
}

fn verifier(algorithm: &Algorithm, key: &DecodingKey) -> Result<Box<dyn JwtVerifier>> {
    if *algorithm != Algorithm::HS256 || key.family() != AlgorithmFamily::Hmac {
        return Err(ErrorKind::InvalidAlgorithm.into());
    }
    let keyed = Hmac::new_from_slice(key.try_get_as_bytes()?).map_err(|_| ErrorKind::InvalidKeyFormat)?;
    Ok(Box::new(Hs256(keyed)))
}

/// HMAC with the secret already in it.
struct Hs256(Hmac<Sha256>);

impl Verifier<Vec<u8>> for Hs256 {
    fn verify(&self, message: &[u8], signature: &Vec<u8>) -> std::result::Result<(), Error> {
        let mac = self.0.clone().chain_update(message);
        // Compared in constant time.
        mac.verify_slice(signature).map_err(Error::from_source)
    }
}

impl JwtVerifier for Hs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::HS256
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// RFC 7515, appendix A.1.
    const MESSAGE: &str = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.\
        eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
    const SIGNATURE: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const KEY: &str = "AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow==";

    #[test]
    fn the_example_of_the_standard_holds_and_nothing_near_it() {
        choose();
        let standard = key(KEY);
        let holds = |message: &str, signature: &str, key: &DecodingKey| {
            jsonwebtoken::crypto::verify(signature, message.as_bytes(), key, Algorithm::HS256).unwrap_or(false)
        };
        assert!(holds(MESSAGE, SIGNATURE, &standard));
        assert!(!holds(&MESSAGE[1..], SIGNATURE, &standard));
        assert!(!holds(MESSAGE, &SIGNATURE[..42], &standard));
        assert!(!holds(MESSAGE, "", &standard));
        assert!(!holds(MESSAGE, SIGNATURE, &key("c2VjcmV0")));
    }

    #[test]
    fn every_other_algorithm_is_refused() {
        for other in [Algorithm::HS384, Algorithm::HS512, Algorithm::RS256, Algorithm::ES256, Algorithm::EdDSA] {
            assert!(verifier(&other, &key(KEY)).is_err(), "{other:?}");
        }
        assert!(verifier(&Algorithm::HS256, &DecodingKey::from_rsa_der(&[1])).is_err());
    }

    fn key(base64: &str) -> DecodingKey {
        DecodingKey::from_base64_secret(&base64.replace('-', "+").replace('_', "/")).expect("base64")
    }
}
