//! What is typed beside the password: a code of the phone (RFC 6238: SHA-1, six digits, thirty seconds) or one of the codes kept on paper.

use http_kit::sha256_hex;
use model::Env;
use totp_rs::{Algorithm, Builder, Secret as Key, Totp};
use vault::Secret;

/// Who the phone says it is for.
const ISSUER: &str = "Otklik";
/// Bytes of a key (RFC 4226, section 4).
const KEY_BYTES: usize = 20;
/// Codes on paper.
pub(crate) const RECOVERY_CODES: usize = 10;
/// Letters of one, in groups of four: without those that look like others, so that it can be read from paper.
const RECOVERY_LETTERS: usize = 16;
const ALPHABET: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// A new key as phones take it, in Base32.
pub(crate) fn new_secret(env: &Env) -> Secret {
    let random = [env.ids().next_random().to_be_bytes(), env.ids().next_random().to_be_bytes()].concat();
    Secret::new(&Key::from(random[..KEY_BYTES].to_vec()).to_base32())
}

/// What the phone is shown as a picture.
pub(crate) fn address(secret: &Secret, email: &str) -> String {
    totp(secret, email).and_then(|totp| totp.to_url().ok()).unwrap_or_default()
}

/// The step whose code this is: of now, of the one before or the one after it, and later than `last_step`, so that a code is good once
/// (security statement 12).
pub(crate) fn step_of(secret: &Secret, code: &str, now_s: u64, last_step: u64) -> Option<u64> {
    let step = totp(secret, "")?.check(&plain(code), now_s)?;
    (step > last_step).then_some(step)
}

fn totp(secret: &Secret, email: &str) -> Option<Totp> {
    let key = Key::try_from_base32(secret.expose()).ok()?;
    let totp = Builder::new().with_algorithm(Algorithm::SHA1).with_digits(6).with_skew(1).with_step_duration(30);
    totp.with_secret(key).with_issuer(Some(ISSUER)).with_account_name(email.replace(':', " ")).build().ok()
}

/// New codes for paper.
pub(crate) fn new_recovery_codes(env: &Env) -> Vec<String> {
    (0..RECOVERY_CODES).map(|_| recovery_code(env.ids().next_random())).collect()
}

fn recovery_code(random: u128) -> String {
    // The low 80 bits: a UUID's fixed ones are above them, but for two.
    let letter = |at: usize| char::from(ALPHABET[(random >> (at * 5)) as usize & 31]);
    let letters: Vec<char> = (0..RECOVERY_LETTERS).map(letter).collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join("-")
}

/// What is kept of a code on paper.
pub(crate) fn recovery_hash(code: &str) -> String {
    sha256_hex(&format!("recovery:{}", plain(code)))
}

/// As people type: with spaces and dashes, in capitals, with an `o` for a zero.
fn plain(code: &str) -> String {
    let typed = code.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase);
    let read = typed.map(|c| match c {
        'o' => '0',
        'i' | 'l' => '1',
        other => other,
    });
    read.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The key of RFC 6238's appendix B.
    fn key() -> Secret {
        Secret::new(&Key::from(b"12345678901234567890".to_vec()).to_base32())
    }

    #[test]
    fn codes_are_those_of_the_standard() {
        // Appendix B gives eight digits; phones show the last six.
        for (at, code) in
            [(59, "287082"), (1_111_111_109, "081804"), (1_234_567_890, "005924"), (2_000_000_000, "279037")]
        {
            assert_eq!(step_of(&key(), code, at, 0), Some(at / 30), "{at}");
        }
    }

    #[test]
    fn a_code_is_good_once_and_for_a_step_around_its_own() {
        let (at, code) = (1_234_567_890, "005924");
        let step = at / 30;
        assert_eq!(step_of(&key(), code, at + 30, 0), Some(step));
        assert_eq!(step_of(&key(), code, at - 30, 0), Some(step));
        assert_eq!(step_of(&key(), code, at + 60, 0), None, "two steps old");
        assert_eq!(step_of(&key(), code, at, step), None, "used");
        assert_eq!(step_of(&key(), code, at, step - 1), Some(step));
    }

    #[test]
    fn codes_are_read_as_people_type_them_and_nothing_else_is_one() {
        let at = 1_234_567_890;
        assert!(step_of(&key(), " 005 924 ", at, 0).is_some());
        assert!(step_of(&key(), "oo5-924", at, 0).is_some());
        for odd in ["", "005925", "+05924", "0059240", "a", "\0", "٠٠٥٩٢٤"] {
            assert_eq!(step_of(&key(), odd, at, 0), None, "{odd:?}");
        }
    }

    #[test]
    fn a_code_on_paper_is_found_however_it_is_typed() {
        let code = recovery_code(0x1234_5678_9abc_def0_1234_5678_9abc_def0);
        assert_eq!(code.len(), 19);
        assert_eq!(recovery_hash(&code), recovery_hash(&format!(" {} ", code.to_uppercase().replace('-', " "))));
        assert_ne!(recovery_hash(&code), recovery_hash(&code[1..]));
    }

    #[test]
    fn the_picture_names_us_and_the_mailbox() {
        let address = address(&key(), "anna@a.example");
        assert!(address.starts_with("otpauth://totp/"), "{address}");
        assert!(address.contains("anna%40a%2Eexample") || address.contains("anna%40a.example"), "{address}");
        assert!(
            address.contains("issuer=Otklik") && address.contains("secret=GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
            "{address}"
        );
    }
}
