//! What each kind of channel can do: the table behind `/channel-kinds` and the reply-in picker, held to where a message is sent.

use model::ChannelKind;

/// Abilities and limits of a kind of channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Capabilities {
    /// The kind.
    pub kind: ChannelKind,
    /// Every project has one from the start, and it cannot be disconnected.
    pub is_built_in: bool,
    /// Messages to it wait in our own log for whoever reads them: there is nothing to send.
    pub is_own_log: bool,
    /// The other side is set up by hand, with an address of ours and a secret that both share.
    pub is_bridge: bool,
    /// Whether it can be written to at all.
    pub can_send: bool,
    /// Whether an operator can write before the client has.
    pub can_start: bool,
    /// Hours after the client's last message in which free text is taken; none for no limit.
    pub window_hours: Option<u32>,
    /// Messages a minute that a mailing sends through one connection at most: what its provider bears, with room for people's answers.
    pub per_minute: u32,
    /// Characters of a text at most.
    pub max_text: usize,
    /// A longer text goes out in several parts.
    pub splits_text: bool,
    /// Bytes of a file at most.
    pub max_file: usize,
    /// Whether buttons are shown.
    pub has_buttons: bool,
    /// Whether the channel says that a message arrived.
    pub tells_delivered: bool,
    /// Whether its messages name what they follow (`Outbound::thread`).
    pub names_thread: bool,
    /// Whether the channel says that a message was read.
    pub tells_read: bool,
    /// Whether what was said can be changed or taken back where the client reads it.
    pub revises: Revises,
}

/// For how long what was said can be changed or taken back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Revises {
    /// It is out for good.
    Never,
    /// For so many hours.
    Hours(u32),
    /// As long as it is kept.
    Always,
}

/// A message that a channel cannot carry: where it stands in the message, a stable word, what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unfit {
    /// Dotted path.
    pub path: &'static str,
    /// Stable word.
    pub code: &'static str,
    /// For the writer.
    pub words: String,
}

impl Capabilities {
    /// Refuses what the channel cannot carry.
    ///
    /// # Errors
    /// With the first thing that does not fit.
    pub fn check(&self, text: &str, largest_file: i64, has_buttons: bool) -> Result<(), Unfit> {
        let unfit = |path, code, words| Err(Unfit { path, code, words });
        if !self.splits_text && text.chars().count() > self.max_text {
            let words = format!("this channel takes at most {} characters", self.max_text);
            return unfit("content.text", "too_long_for_channel", words);
        }
        if usize::try_from(largest_file).unwrap_or(0) > self.max_file {
            let words = format!("this channel takes files of at most {} MB", self.max_file / (1024 * 1024));
            return unfit("content.attachments", "too_large_for_channel", words);
        }
        if has_buttons && !self.has_buttons {
            return unfit("content.buttons", "no_buttons", "this channel shows no buttons".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use crate::adapter;
    use model::ChannelKind;

    #[test]
    fn what_does_not_fit_is_named() {
        let own = adapter(ChannelKind::Own).capabilities();
        assert!(own.check("да", 0, true).is_ok());
        assert_eq!(own.check(&"я".repeat(own.max_text + 1), 0, false).unwrap_err().code, "too_long_for_channel");
        assert_eq!(own.check("", 30 * 1024 * 1024, false).unwrap_err().code, "too_large_for_channel");
        let api = adapter(ChannelKind::Api).capabilities();
        assert_eq!(api.check("", 0, true).unwrap_err().path, "content.buttons");
        // Telegram's texts go out in parts.
        assert!(adapter(ChannelKind::Telegram).capabilities().check(&"я".repeat(9_000), 0, false).is_ok());
    }

    #[test]
    fn every_kind_has_the_adapter_of_its_name() {
        for kind in ChannelKind::ALL {
            assert_eq!(adapter(*kind).kind(), *kind);
        }
    }
}
