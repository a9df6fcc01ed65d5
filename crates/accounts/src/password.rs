//! Passwords: argon2id, two at a time (L14), never more than 1,024 bytes (security statement 13).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use db::DbError;
use http_kit::ApiError;
use tokio::sync::Semaphore;

/// A hash of no password: checking against it costs what checking a real one costs, so that an unknown e-mail takes as long (T35).
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$b3RrbGlrLW5vYm9keQ$3Nw5jv0Yl0uF0y0tq8C1E9yEGRAbE4PzbYkGSwZlrJk";

/// A password that falls to fewer is refused: what zxcvbn calls somewhat guessable begins here.
const FEWEST_GUESSES: u64 = 1_000_000;

/// Hashes passwords, two at a time: each takes 19 MiB.
pub(crate) struct Hasher(Semaphore);

impl Default for Hasher {
    fn default() -> Self {
        Self(Semaphore::new(2))
    }
}

impl Hasher {
    pub(crate) async fn hash(&self, password: &str) -> Result<String, ApiError> {
        let _permit = self.0.acquire().await.map_err(|e| DbError::other(e.to_string()))?;
        let password = password.to_owned();
        let work = tokio::task::spawn_blocking(move || hash(&password));
        work.await.map_err(|e| ApiError::from(DbError::other(e.to_string())))?
    }

    /// Whether the password is right; takes as long without a stored hash.
    pub(crate) async fn is_right(&self, password: &str, stored: Option<String>) -> Result<bool, ApiError> {
        if password.len() > 1024 {
            return Ok(false);
        }
        let _permit = self.0.acquire().await.map_err(|e| DbError::other(e.to_string()))?;
        let password = password.to_owned();
        let work = tokio::task::spawn_blocking(move || {
            let is_known = stored.is_some();
            let stored = stored.unwrap_or_else(|| NOBODY.to_owned());
            let Ok(parsed) = PasswordHash::new(&stored) else { return false };
            Argon2::default().verify_password(password.as_bytes(), &parsed).is_ok() && is_known
        });
        work.await.map_err(|e| DbError::other(e.to_string()).into())
    }
}

/// About how many guesses it takes. What is typed on the keys of a Russian keyboard is what those keys say in Latin.
fn guesses(password: &str, of: &[&str]) -> u64 {
    // Each whole, up to the @, and word by word.
    let parts = of.iter().flat_map(|text| text.split(['@', '.', ' ', '-', '_']));
    let before_at = of.iter().filter_map(|text| text.split('@').next());
    let known: Vec<&str> =
        parts.chain(before_at).chain(of.iter().copied()).chain(["otklik", "отклик", "пароль"]).collect();
    let read = |text: &str| zxcvbn::zxcvbn(text, &known).guesses();
    let lower = password.to_lowercase();
    read(&lower).min(read(&lower.chars().map(on_latin_keys).collect::<String>()))
}

fn on_latin_keys(letter: char) -> char {
    const RUSSIAN: &str = "йцукенгшщзхъфывапролджэячсмитьбю";
    const LATIN: &[u8] = b"qwertyuiop[]asdfghjkl;'zxcvbnm,.";
    RUSSIAN.chars().position(|known| known == letter).map_or(letter, |at| char::from(LATIN[at]))
}

/// Hashes now, on this thread: for commands.
pub(crate) fn hash(password: &str) -> Result<String, ApiError> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|h| h.to_string()).map_err(|e| DbError::other(e.to_string()).into())
}

/// Refuses a password that is too short, too long, or among the first anybody would try: whoever knows the owner's e-mail and name
/// (`of`) has a million guesses (zxcvbn, security statement 13).
pub(crate) fn check(password: &str, of: &[&str]) -> Result<(), ApiError> {
    if password.chars().count() < 8 {
        return Err(ApiError::invalid("password", "too_short", "at least 8 characters"));
    }
    if password.len() > 1024 {
        return Err(ApiError::invalid("password", "too_long", "at most 1,024 bytes"));
    }
    if guesses(password, of) < FEWEST_GUESSES {
        return Err(ApiError::invalid("password", "too_common", "this password is among the first anybody would try"));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_passes_and_nothing_else_does() {
        let hasher = Hasher::default();
        let stored = hasher.hash("верная лошадь батарея").await.unwrap();
        assert!(stored.starts_with("$argon2id$"));
        assert!(hasher.is_right("верная лошадь батарея", Some(stored.clone())).await.unwrap());
        assert!(!hasher.is_right("верная лошадь", Some(stored)).await.unwrap());
        assert!(!hasher.is_right("anything", None).await.unwrap());
    }

    #[test]
    fn the_hash_of_nobody_can_be_read() {
        assert!(PasswordHash::new(NOBODY).is_ok());
    }

    #[test]
    fn long_passphrases_are_welcome_and_common_words_are_not() {
        let of = ["irina.volkova@shop.ru", "Ирина Волкова"];
        for good in ["я люблю длинные пароли ".repeat(4), "correct horse battery".into(), "x7#kQ2!vLm".into()]
        {
            assert!(check(&good, &of).is_ok(), "{good}");
        }
        for bad in [
            "short",
            "Password",
            "P@ssw0rd",
            "password123",
            "qwertyuiop",
            "1q2w3e4r",
            "йцукенгш",
            "Йцукен123",
            "пароль123",
            "11111111",
            "irina.volkova",
            "volkova1",
            "aaaaaaaaaaaa",
            "abcdefgh",
            "otklik123",
            "19850412",
            &"x".repeat(1025),
        ] {
            assert!(check(bad, &of).is_err(), "{bad}");
        }
    }
}
