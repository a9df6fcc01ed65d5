//! Telegram bots (Bot API 10.1; facts in `channels.md` section 1, marks S and D there).

mod client;
mod parse;
mod render;

pub use client::{Bot, Telegram, WebhookInfo};
pub use parse::{dedupe_key, parse, sender_of};
pub use render::{Call, render};

use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;

/// Where the real Bot API lives.
pub const PUBLIC_BASE_URL: &str = "https://api.telegram.org";

/// How updates come to us.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// Telegram calls our public https address.
    Webhook,
    /// We ask again and again: works behind any router.
    #[default]
    Polling,
}

/// Whether the secret header is the one we set with `setWebhook`, in constant time (security statement 30).
pub fn verify(header: Option<&str>, secret: &str) -> bool {
    header.is_some_and(|header| bool::from(header.as_bytes().ct_eq(secret.as_bytes())))
}

/// Whether a text looks like a bot token: digits, a colon, 35 characters.
pub fn is_token(text: &str) -> bool {
    let Some((digits, rest)) = text.split_once(':') else { return false };
    let is_number = !digits.is_empty() && digits.len() <= 16 && digits.bytes().all(|b| b.is_ascii_digit());
    let is_rest =
        (30..=64).contains(&rest.len()) && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_' || b == b'-');
    is_number && is_rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_missing_or_wrong_secret_is_refused() {
        assert!(verify(Some("s3cret"), "s3cret"));
        for wrong in [None, Some(""), Some("s3cre"), Some("s3cret ")] {
            assert!(!verify(wrong, "s3cret"));
        }
    }

    #[test]
    fn tokens_have_digits_and_a_long_secret() {
        assert!(is_token("110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw"));
        for bad in [
            "",
            "abc",
            "12:short",
            "110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PAL/../",
            "x110201543:AAHdqTcvCH1vGWJxfSeofSAs0K5PALDsaw",
        ] {
            assert!(!is_token(bad), "{bad}");
        }
    }
}
