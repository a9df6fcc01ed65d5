//! Links of a mailing's texts that are counted: signed, so that nobody makes one; where each leads is written in the mailing and nowhere else.

use crate::{Env, GroupId, MailingId};

const PURPOSE: &str = "click";

/// Whose click on which link it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Click {
    /// Mailing.
    pub mailing: MailingId,
    /// Person of its ledger.
    pub person: GroupId,
    /// Number of the link in its texts.
    pub link: u8,
}

impl Env {
    /// The link, below our address.
    pub fn click_link(&self, click: &Click) -> String {
        let text = written(click);
        let mark = self.vault().mark(PURPOSE, &text);
        format!("/l/{text}{mark}")
    }

    /// What a token of ours stands for; none for one that nobody of ours made.
    pub fn click_of(&self, token: &str) -> Option<Click> {
        let (text, mark) = token.is_ascii().then(|| token.split_at_checked(LENGTH)).flatten()?;
        let click = read(text)?;
        self.vault().is_marked(PURPOSE, text, mark).then_some(click)
    }
}

/// Hex digits of two ids and a number.
const LENGTH: usize = 32 + 32 + 2;

fn written(click: &Click) -> String {
    format!("{:032x}{:032x}{:02x}", click.mailing.bits(), click.person.bits(), click.link)
}

fn read(text: &str) -> Option<Click> {
    let bits = |part: &str| u128::from_str_radix(part, 16).ok();
    let click = Click {
        mailing: MailingId::from_bits(bits(text.get(..32)?)?),
        person: GroupId::from_bits(bits(text.get(32..64)?)?),
        link: u8::from_str_radix(text.get(64..LENGTH)?, 16).ok()?,
    };
    // Only as we write it.
    (written(&click) == text).then_some(click)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{RandomIds, SystemClock};
    use std::sync::Arc;
    use vault::Vault;

    fn env() -> Env {
        Env::new(Arc::new(SystemClock), Arc::new(RandomIds), Vault::throwaway())
    }

    #[test]
    fn a_link_is_known_again_and_nobody_else_makes_one() {
        let env = env();
        let click = Click { mailing: MailingId::from_bits(7), person: GroupId::from_bits(u128::MAX), link: 3 };
        let link = env.click_link(&click);
        let token = link.strip_prefix("/l/").unwrap();
        assert_eq!(env.click_of(token), Some(click));
        let other = token.replacen("03", "04", 1);
        let odd = ["", "x", "я", &token[1..], &token[..LENGTH], &format!("{token}x"), &other, &token.to_uppercase()];
        for odd in odd {
            assert_eq!(env.click_of(odd), None, "{odd}");
        }
        assert_eq!(self::env().click_of(token), None, "another installation's");
    }
}
