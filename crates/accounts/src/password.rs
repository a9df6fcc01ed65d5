//! Passwords: argon2id, two at a time (L14), never more than 1,024 bytes (security statement 13).

use argon2::Argon2;
use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use db::DbError;
use http_kit::ApiError;
use tokio::sync::Semaphore;

/// A hash of no password: checking against it costs what checking a real one costs, so that an unknown e-mail takes as long (T35).
const NOBODY: &str = "$argon2id$v=19$m=19456,t=2,p=1$b3RrbGlrLW5vYm9keQ$3Nw5jv0Yl0uF0y0tq8C1E9yEGRAbE4PzbYkGSwZlrJk";

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

/// Hashes now, on this thread: for commands.
pub(crate) fn hash(password: &str) -> Result<String, ApiError> {
    let hashed = Argon2::default().hash_password(password.as_bytes());
    hashed.map(|h| h.to_string()).map_err(|e| DbError::other(e.to_string()).into())
}

/// Refuses a password that is too short, too long, or among the first anybody would try.
pub(crate) fn check(password: &str) -> Result<(), ApiError> {
    const COMMON: &[&str] = &[
        "password",
        "12345678",
        "123456789",
        "1234567890",
        "qwertyui",
        "qwerty123",
        "qwertyuiop",
        "11111111",
        "iloveyou",
        "password1",
        "йцукенгш",
        "пароль123",
        "00000000",
        "1q2w3e4r",
        "asdfghjk",
        "administrator",
    ];
    if password.chars().count() < 8 {
        return Err(ApiError::invalid("password", "too_short", "at least 8 characters"));
    }
    if password.len() > 1024 {
        return Err(ApiError::invalid("password", "too_long", "at most 1,024 bytes"));
    }
    if COMMON.contains(&password.to_lowercase().as_str()) {
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
        assert!(check(&"я люблю длинные пароли ".repeat(4)).is_ok());
        for bad in ["short", "Password", &"x".repeat(1025)] {
            assert!(check(bad).is_err(), "{bad}");
        }
    }
}
