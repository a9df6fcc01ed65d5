//! One talk with a mail server over IMAP. The mailbox is only looked at: nothing in it is marked or moved.

use super::raw::Came;
use super::settings::{Mailbox, Protection};
use super::smtp::unreached;
use crate::adapter::refused;
use async_imap::error::Error;
use async_imap::extensions::idle::IdleResponse;
use async_imap::imap_proto::{AttributeValue, MailboxDatum, Response, Status};
use async_imap::types::UnsolicitedResponse;
use async_imap::{Client, Session};
use egress::{Egress, Wire};
use mail_parser::DateTime;
use model::{SendError, Timestamp};
use std::future::Future;
use std::time::Duration;
use tokio::time::timeout;

/// For what is answered at once.
const PATIENCE: Duration = Duration::from_secs(30);
/// For letters.
const PATIENCE_FOR_LETTERS: Duration = Duration::from_secs(300);
/// IDLE is begun anew long before the 29 minutes after which a server may forget us: a dead line is noticed by it.
const IDLE: Duration = Duration::from_secs(4 * 60);
/// A server without IDLE is asked this often.
const PAUSE: Duration = Duration::from_secs(10);
/// Dates asked for at once.
const DATES: usize = 500;
/// Longer letters are not fetched: their beginning is.
pub const LONGEST_LETTER: usize = 64 * 1024 * 1024;
const BEGINNING: usize = 128 * 1024;

/// A mailbox that is open.
pub struct Talk {
    session: Session<Wire>,
    /// Within what its numbers mean something.
    pub validity: u32,
    next: u32,
    can_idle: bool,
    /// The server told of a letter after it was asked which there are.
    has_more: bool,
}

/// What was said of a letter.
struct Fetched {
    uid: u32,
    size: Option<usize>,
    at: i64,
    bytes: Option<Vec<u8>>,
}

impl Fetched {
    fn of(parts: &[AttributeValue<'_>]) -> Option<Self> {
        let mut fetched = Self { uid: 0, size: None, at: 0, bytes: None };
        for part in parts {
            match part {
                AttributeValue::Uid(uid) => fetched.uid = *uid,
                AttributeValue::Rfc822Size(size) => fetched.size = usize::try_from(*size).ok(),
                AttributeValue::InternalDate(date) => fetched.at = came_at(date),
                AttributeValue::BodySection { section: None, data: Some(bytes), .. } => {
                    fetched.bytes = Some(bytes.to_vec());
                }
                _ => {}
            }
        }
        (fetched.uid != 0).then_some(fetched)
    }
}

/// Where a letter lies and how long it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lies {
    pub uid: u32,
    pub size: usize,
}

impl Talk {
    /// Logs in and opens the inbox.
    ///
    /// # Errors
    /// When nobody is there, or the password is not taken.
    pub async fn open(egress: &Egress, mailbox: &Mailbox) -> Result<Self, SendError> {
        let server = &mailbox.imap;
        let wire = egress.connect(&server.host, server.port, server.security.at_first()).await.map_err(unreached)?;
        within(PATIENCE, enter(mailbox, wire)).await
    }

    /// Says good-bye.
    pub async fn close(mut self) {
        let _ = timeout(Duration::from_secs(2), self.session.logout()).await;
    }

    /// Numbers of letters above `last`, in order.
    pub async fn above(&mut self, last: u32) -> Result<Vec<u32>, SendError> {
        self.has_more = false;
        // `n:*` names the last letter even when it lies below n.
        let mut found = self.search(&format!("UID {}:*", last.saturating_add(1))).await?;
        found.retain(|uid| *uid > last);
        Ok(found)
    }

    /// The number below which everything came before a moment.
    pub async fn last_before(&mut self, since: Timestamp) -> Result<u32, SendError> {
        // Servers search by the day, each in its own time zone.
        let day = imap_day(since.plus_ms(-24 * 60 * 60 * 1000));
        let found = self.search(&format!("SINCE {day}")).await?;
        for uids in found.chunks(DATES) {
            let fetched = self.fetch(&set_of(uids), "(UID INTERNALDATE)", PATIENCE).await?;
            let came = fetched.iter().filter(|letter| letter.at >= since.0).map(|letter| letter.uid);
            if let Some(first) = came.min() {
                return Ok(first.saturating_sub(1));
            }
        }
        Ok(self.next.saturating_sub(1).max(found.last().copied().unwrap_or(0)))
    }

    /// How long letters are. One that was taken away meanwhile is left out.
    pub async fn sizes(&mut self, uids: &[u32]) -> Result<Vec<Lies>, SendError> {
        let fetched = self.fetch(&set_of(uids), "(UID RFC822.SIZE)", PATIENCE).await?;
        let lies = fetched.iter().filter_map(|letter| Some(Lies { uid: letter.uid, size: letter.size? }));
        let mut lies: Vec<Lies> = lies.filter(|lies| uids.contains(&lies.uid)).collect();
        lies.sort_unstable_by_key(|lies| lies.uid);
        lies.dedup_by_key(|lies| lies.uid);
        Ok(lies)
    }

    /// Letters as they came.
    pub async fn letters(&mut self, lies: &[Lies]) -> Result<Vec<Came>, SendError> {
        let mut came = Vec::with_capacity(lies.len());
        let (long, short): (Vec<Lies>, Vec<Lies>) = lies.iter().partition(|lies| lies.size > LONGEST_LETTER);
        if !short.is_empty() {
            let uids: Vec<u32> = short.iter().map(|lies| lies.uid).collect();
            let fetched = self.fetch(&set_of(&uids), "(UID INTERNALDATE BODY.PEEK[])", PATIENCE_FOR_LETTERS).await?;
            came.extend(fetched.into_iter().filter_map(|letter| self.came(letter, None)));
        }
        for Lies { uid, size } in long {
            let query = format!("(UID INTERNALDATE BODY.PEEK[]<0.{BEGINNING}>)");
            let fetched = self.fetch(&uid.to_string(), &query, PATIENCE_FOR_LETTERS).await?;
            came.extend(fetched.into_iter().filter_map(|letter| self.came(letter, Some(size))));
        }
        came.retain(|came| lies.iter().any(|lies| lies.uid == came.uid));
        came.sort_by_key(|came| came.uid);
        came.dedup_by_key(|came| came.uid);
        Ok(came)
    }

    fn came(&self, letter: Fetched, size: Option<usize>) -> Option<Came> {
        // Flags of other letters come in between.
        let bytes = letter.bytes?;
        let size = size.unwrap_or(bytes.len());
        Some(Came { validity: self.validity, uid: letter.uid, at: letter.at, size, bytes })
    }

    async fn search(&mut self, query: &str) -> Result<Vec<u32>, SendError> {
        let mut found = Vec::new();
        let take = |response: &Response<'_>| {
            if let Response::MailboxData(MailboxDatum::Search(uids)) = response {
                found.extend_from_slice(uids);
            }
        };
        self.ask(&format!("UID SEARCH {query}"), PATIENCE, take).await?;
        found.sort_unstable();
        found.dedup();
        Ok(found)
    }

    async fn fetch(&mut self, uids: &str, query: &str, patience: Duration) -> Result<Vec<Fetched>, SendError> {
        let mut fetched = Vec::new();
        let take = |response: &Response<'_>| {
            if let Response::Fetch(_, parts) = response {
                fetched.extend(Fetched::of(parts));
            }
        };
        self.ask(&format!("UID FETCH {uids} {query}"), patience, take).await?;
        Ok(fetched)
    }

    /// Asks, and takes nothing for the whole answer that does not end with the server's word that it is: the library's own streams end the
    /// same when the line is cut.
    async fn ask(
        &mut self,
        command: &str,
        patience: Duration,
        mut take: impl FnMut(&Response<'_>),
    ) -> Result<(), SendError> {
        let answered = async {
            let id = self.session.run_command(command).await.map_err(failed)?;
            loop {
                let response = self.session.read_response().await.map_err(|e| not_reached(&e.to_string()))?;
                let Some(response) = response else { return Err(lost()) };
                match response.parsed() {
                    Response::Done { tag, status: Status::Ok, .. } if *tag == id => return Ok(()),
                    Response::Done { tag, outcome, .. } if *tag == id => {
                        let words = outcome.information.as_deref().unwrap_or("no reason");
                        return Err(not_reached(&format!("the mail server refused: {words}")));
                    }
                    Response::MailboxData(MailboxDatum::Exists(_)) => self.has_more = true,
                    other => take(other),
                }
            }
        };
        within(patience, answered).await
    }

    /// Waits until something comes, or a while.
    pub async fn wait(mut self) -> Result<Self, SendError> {
        if !self.can_idle {
            tokio::time::sleep(PAUSE).await;
            return Ok(self);
        }
        let Self { session, .. } = self;
        let news = session.unsolicited_responses.clone();
        while news.try_recv().is_ok() {}
        let mut idle = session.idle();
        within(PATIENCE, async { idle.init().await.map_err(failed) }).await?;
        // What came while we asked is told once.
        let mut is_here = self.has_more;
        while let Ok(said) = news.try_recv() {
            is_here |= matches!(said, UnsolicitedResponse::Exists(_));
        }
        if !is_here {
            let (waited, _stop) = idle.wait_with_timeout(IDLE);
            match timeout(IDLE, waited).await {
                Ok(Err(error)) => return Err(failed(error)),
                Ok(Ok(IdleResponse::ManualInterrupt)) => return Err(lost()),
                Ok(Ok(_)) | Err(_) => {}
            }
        }
        self.session = within(PATIENCE, async { idle.done().await.map_err(failed) }).await?;
        Ok(self)
    }
}

async fn enter(mailbox: &Mailbox, wire: Wire) -> Result<Talk, SendError> {
    let mut client = Client::new(wire);
    let greeting = client.read_response().await.map_err(|e| not_reached(&e.to_string()))?;
    if greeting.is_none() {
        return Err(lost());
    }
    if mailbox.imap.security == Protection::Starttls {
        // What was said in the open before TLS is forgotten with the client.
        client.run_command_and_check_ok("STARTTLS", None).await.map_err(|e| not_reached(&e.to_string()))?;
        client = Client::new(client.into_inner().secured(&mailbox.imap.host).await.map_err(unreached)?);
    }
    let logged_in = client.login(mailbox.login(), mailbox.password()).await;
    let mut session = logged_in.map_err(|(error, _)| match error {
        Error::No(words) if is_passing(&words) => SendError::Later { after_seconds: 60, detail: words },
        Error::No(words) | Error::Bad(words) => refused("bad_token", &words),
        other => failed(other),
    })?;
    let can_idle = session.capabilities().await.is_ok_and(|can| can.has_str("IDLE"));
    let inbox = session.examine("INBOX").await.map_err(failed)?;
    let validity = inbox.uid_validity.unwrap_or(1).max(1);
    Ok(Talk { session, validity, next: inbox.uid_next.unwrap_or(0), can_idle, has_more: false })
}

/// A refusal that says nothing of the password (RFC 5530).
fn is_passing(words: &str) -> bool {
    let words = words.to_ascii_uppercase();
    ["[UNAVAILABLE]", "[INUSE]", "[LIMIT]", "TOO MANY"].iter().any(|code| words.contains(code))
}

async fn within<T>(patience: Duration, done: impl Future<Output = Result<T, SendError>>) -> Result<T, SendError> {
    timeout(patience, done).await.unwrap_or_else(|_| Err(not_reached("the mail server does not answer")))
}

fn failed(error: Error) -> SendError {
    not_reached(&error.to_string())
}

fn lost() -> SendError {
    not_reached("the mail server closed the connection")
}

fn not_reached(detail: &str) -> SendError {
    SendError::NotReached { detail: detail.chars().take(500).collect() }
}

/// `05-Oct-2026 12:00:00 +0300` in milliseconds.
fn came_at(date: &str) -> i64 {
    let date = date.trim().replacen('-', " ", 2);
    DateTime::parse_rfc822(&date).map_or(0, |date| date.to_timestamp().saturating_mul(1000))
}

/// Numbers as IMAP has sets of them, with runs in one.
fn set_of(uids: &[u32]) -> String {
    let mut runs: Vec<(u32, u32)> = Vec::new();
    for uid in uids {
        match runs.last_mut() {
            Some((_, end)) if *end + 1 == *uid => *end = *uid,
            _ => runs.push((*uid, *uid)),
        }
    }
    let text = |(begin, end): &(u32, u32)| if begin == end { begin.to_string() } else { format!("{begin}:{end}") };
    runs.iter().map(text).collect::<Vec<_>>().join(",")
}

/// A day as SEARCH has it: `5-Oct-2026`.
fn imap_day(at: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = DateTime::from_timestamp(at.0.max(0) / 1000);
    format!("{}-{}-{}", date.day, MONTHS[usize::from(date.month.clamp(1, 12)) - 1], date.year)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sets_and_days_are_written_as_imap_has_them() {
        assert_eq!(set_of(&[1, 2, 3, 7, 9, 10]), "1:3,7,9:10");
        assert_eq!(imap_day(Timestamp(1_790_000_000_000)), "21-Sep-2026");
        assert_eq!(came_at(" 5-Oct-2026 12:00:00 +0300"), 1_791_190_800_000);
        assert_eq!(came_at("no date"), 0);
    }
}
