//! Reads a mailbox for as long as its connection lasts, over one open talk.

use super::imap::{Lies, Talk};
use super::raw::{self, Came};
use super::settings::Mailbox;
use crate::adapter::{Answer, Polled, Reader, refused};
use egress::Egress;
use model::{SendError, Timestamp};
use std::collections::VecDeque;

/// Letters brought at once, by number and by length.
const MOST: usize = 100;
const MOST_BYTES: usize = 4 * 1024 * 1024;
/// Tries, over a quarter of a minute, after which the letters behind one are worth more than it.
const PATIENT_TRIES: usize = 4;

/// The place up to which a mailbox was read: both numbers of IMAP in one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub validity: u32,
    pub uid: u32,
}

impl Place {
    /// None for a mailbox that was never read.
    #[allow(clippy::cast_sign_loss, clippy::cast_possible_truncation)] // The bits are what counts.
    pub fn of(offset: i64) -> Option<Self> {
        let bits = offset as u64;
        (bits != 0).then_some(Self { validity: (bits >> 32) as u32, uid: bits as u32 })
    }

    #[allow(clippy::cast_possible_wrap)]
    pub fn offset(self) -> i64 {
        ((u64::from(self.validity) << 32) | u64::from(self.uid)) as i64
    }
}

/// The reader of a mailbox.
pub struct MailReader {
    egress: Egress,
    mailbox: Result<Mailbox, String>,
    talk: Option<Talk>,
    /// Letters that are there and were not brought yet.
    waiting: VecDeque<u32>,
    /// From where `waiting` goes on.
    at: Option<Place>,
    /// How often in a row letters could not be had from a server that was there.
    failures: usize,
}

impl MailReader {
    pub fn new(egress: Egress, mailbox: Result<Mailbox, String>) -> Self {
        Self { egress, mailbox, talk: None, waiting: VecDeque::new(), at: None, failures: 0 }
    }

    async fn read(&mut self, offset: i64) -> Result<Polled, SendError> {
        let mailbox = self.mailbox.as_ref().map_err(|words| refused("wrong_settings", words))?;
        let is_new = self.talk.is_none();
        // Whatever goes wrong below, the talk ends with it: a new one knows where it stands.
        let mut talk = match self.talk.take() {
            Some(talk) => talk,
            None => Talk::open(&self.egress, mailbox).await?,
        };
        let place = match Place::of(offset).filter(|place| place.validity == talk.validity) {
            Some(place) => place,
            // A mailbox that was never read, or numbers its letters anew: what is known already is known by its key.
            None => Place { validity: talk.validity, uid: talk.last_before(Timestamp(mailbox.since)).await? },
        };
        if self.at != Some(place) || self.waiting.is_empty() {
            self.waiting = talk.above(place.uid).await?.into();
            self.at = Some(place);
        }
        if self.waiting.is_empty() {
            // One that was just opened says so, before it waits: the connection is well again.
            self.talk = Some(if is_new { talk } else { talk.wait().await? });
            return Ok(Polled { updates: Vec::new(), next: place.offset() });
        }
        // Where a whole lot fails, one letter of it may be to blame.
        let most = if self.failures == 0 { MOST } else { 1 };
        let first: Vec<u32> = self.waiting.iter().copied().take(most).collect();
        self.failures += 1;
        let lies = talk.sizes(&first).await?;
        let taken = some_of(&lies);
        let came = match taken {
            [one] if self.failures > PATIENT_TRIES => vec![stand_in(talk.validity, *one)],
            _ => all_of(&mut talk, taken).await?,
        };
        self.failures = 0;
        // Those that were taken away meanwhile are passed over.
        let is_whole = taken.len() == lies.len();
        let last = if is_whole { first.last().copied() } else { taken.last().map(|lies| lies.uid) };
        let last = last.unwrap_or(place.uid);
        self.talk = Some(talk);
        self.waiting.retain(|uid| *uid > last);
        let next = Place { uid: last, ..place };
        self.at = Some(next);
        let updates = came.into_iter().filter_map(|came| raw::raw(came, mailbox)).collect();
        Ok(Polled { updates, next: next.offset() })
    }
}

/// Letters, all of them but those that were taken out of the mailbox meanwhile.
async fn all_of(talk: &mut Talk, lies: &[Lies]) -> Result<Vec<Came>, SendError> {
    let came = talk.letters(lies).await?;
    let missing = lies.iter().map(|lies| lies.uid).filter(|uid| came.iter().all(|came| came.uid != *uid));
    let missing: Vec<u32> = missing.collect();
    if missing.is_empty() || talk.sizes(&missing).await?.is_empty() {
        return Ok(came);
    }
    Err(SendError::NotReached { detail: "the mail server did not hand over every letter".to_owned() })
}

/// In place of a letter that the server cannot hand over in a form that can be read: it holds up nobody, and somebody can look at it there.
fn stand_in(validity: u32, lies: Lies) -> Came {
    let words = "Это письмо не удалось прочитать: откройте его в почтовом ящике. / This letter could not be read: open it in the mailbox.";
    let text = format!(
        "Message-ID: <{validity}.{}@unreadable.invalid>\r\nContent-Type: text/plain; charset=utf-8\r\n\r\n{words}\r\n",
        lies.uid
    );
    let bytes = text.into_bytes();
    Came { validity, uid: lies.uid, at: 0, size: bytes.len(), bytes }
}

/// As many as may be brought at once, but one.
fn some_of(lies: &[Lies]) -> &[Lies] {
    let mut bytes = 0;
    let fits = |lies: &Lies| {
        bytes += lies.size;
        bytes <= MOST_BYTES
    };
    let count = lies.iter().map(fits).take_while(|fits| *fits).count();
    &lies[..count.max(1).min(lies.len())]
}

impl Reader for MailReader {
    fn poll(&mut self, offset: i64) -> Answer<'_, Result<Polled, SendError>> {
        Box::pin(self.read(offset))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_numbers_of_a_place_are_kept() {
        for place in [
            Place { validity: 1, uid: 0 },
            Place { validity: u32::MAX, uid: u32::MAX },
            Place { validity: 1_790_000_000, uid: 7 },
        ] {
            assert_eq!(Place::of(place.offset()), Some(place));
        }
        assert_eq!(Place::of(0), None);
    }

    #[test]
    fn what_is_brought_at_once_is_bounded_and_never_nothing() {
        let lies = |sizes: &[usize]| {
            let lies = sizes.iter().enumerate().map(|(at, size)| Lies { uid: at as u32, size: *size });
            some_of(&lies.collect::<Vec<_>>()).len()
        };
        assert_eq!(lies(&[1, 2, 3]), 3);
        assert_eq!(lies(&[MOST_BYTES, 1]), 1);
        assert_eq!(lies(&[MOST_BYTES * 10, 1]), 1);
        assert_eq!(lies(&[]), 0);
    }
}
