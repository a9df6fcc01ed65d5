//! Enums as the words that stand in storage.

/// Gives an enum the words it is stored by: `as_str` writes them, `from_stored` reads them back. A word that is none of them is an
/// error, never a panic or another value: a newer program may have written it.
#[macro_export]
macro_rules! words {
    ($type:ident { $($variant:ident = $word:literal),+ $(,)? }) => {
        impl $type {
            /// Every one, in the order written.
            pub const ALL: &[Self] = &[$(Self::$variant),+];

            /// The word stored and sent.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$variant => $word),+ }
            }

            /// The word read back from our own storage.
            ///
            /// # Errors
            /// When it is none of ours.
            pub fn from_stored(word: &str) -> std::result::Result<Self, db::DbError> {
                match word {
                    $($word => Ok(Self::$variant),)+
                    other => Err(db::DbError::other(format!(concat!("unknown ", stringify!($type), " in storage: {}"), other))),
                }
            }
        }
    };
}

#[cfg(test)]
mod tests {
    use crate::DeliveryStatus;

    #[test]
    fn an_unknown_stored_word_is_an_error_that_names_it() {
        assert_eq!(DeliveryStatus::from_stored("queued").ok(), Some(DeliveryStatus::Queued));
        let error = DeliveryStatus::from_stored("vanished").unwrap_err();
        assert_eq!(error.to_string(), "unknown DeliveryStatus in storage: vanished");
    }
}
