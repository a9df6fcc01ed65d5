//! Letters go out. What is said of an outcome depends on how far the talk with the server came: until the letter's last byte nothing of it
//! is the server's, after that only its answer tells.

use super::compose::Letter;
use super::settings::{Mailbox, Protection};
use crate::adapter::refused;
use egress::{Egress, EgressError, Wire};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, AsyncTokioStream, TlsParameters};
use lettre::transport::smtp::commands::{Data, Mail, Rcpt};
use lettre::transport::smtp::extension::{ClientId, Extension, MailParameter};
use lettre::transport::smtp::response::Code;
use lettre::transport::smtp::{Error, extension::ServerInfo};
use model::{SendError, Sent};
use std::error::Error as _;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::time::timeout;

/// Greeting, TLS and password; and then whom it is for.
const PATIENCE: Duration = Duration::from_secs(20);
/// The letter itself: together with the rest less than a delivery is held.
const PATIENCE_FOR_LETTER: Duration = Duration::from_secs(70);
/// A server that is busy, or does not know us yet, is asked again after so many seconds.
const LATER: u32 = 300;
/// One whose quota is used up, after so many.
const MUCH_LATER: u32 = 3600;

/// Sends a letter.
///
/// # Errors
/// See [`SendError`]: how it ended depends on where.
pub async fn send(egress: &Egress, mailbox: &Mailbox, letter: &Letter) -> Result<Sent, SendError> {
    let mut server = log_in(egress, mailbox).await?;
    let offered = timeout(PATIENCE, offer(&mut server, letter)).await;
    // The server has nothing of the letter yet.
    offered.unwrap_or_else(|_| Err(not_reached("the mail server does not answer")))?;
    let given = timeout(PATIENCE_FOR_LETTER, server.message(&letter.bytes)).await;
    match given {
        Err(_) => Err(SendError::Unknown { detail: "the mail server did not answer to the letter".into() }),
        Ok(Err(error)) => Err(meaning(&error).unwrap_or_else(|| SendError::Unknown { detail: words(&error) })),
        Ok(Ok(_)) => {
            // It is out whatever becomes of the farewell.
            let _ = timeout(Duration::from_secs(2), server.quit()).await;
            Ok(Sent { external_id: letter.id.clone() })
        }
    }
}

/// Logs in and leaves: the check of a mailbox.
///
/// # Errors
/// When nobody is there, or the password is not taken.
pub async fn check(egress: &Egress, mailbox: &Mailbox) -> Result<(), SendError> {
    let mut server = log_in(egress, mailbox).await?;
    let _ = timeout(Duration::from_secs(2), server.quit()).await;
    Ok(())
}

async fn log_in(egress: &Egress, mailbox: &Mailbox) -> Result<AsyncSmtpConnection, SendError> {
    let server = &mailbox.smtp;
    let wire = egress.connect(&server.host, server.port, server.security.at_first()).await.map_err(unreached)?;
    let entered = timeout(PATIENCE, enter(mailbox, wire)).await;
    entered.unwrap_or_else(|_| Err(not_reached("the mail server does not answer")))
}

async fn enter(mailbox: &Mailbox, wire: Wire) -> Result<AsyncSmtpConnection, SendError> {
    let hello = ClientId::default();
    let before = |e: Error| early(&e);
    let mut server =
        AsyncSmtpConnection::connect_with_transport(Box::new(Stream(wire)), &hello).await.map_err(before)?;
    if mailbox.smtp.security == Protection::Starttls {
        let tls = TlsParameters::new_rustls(mailbox.smtp.host.clone()).map_err(before)?;
        // One that offers no TLS gets no password.
        server.starttls(tls, &hello).await.map_err(|e| not_reached(&words(&e)))?;
    }
    const KNOWN: &[Mechanism] = &[Mechanism::Plain, Mechanism::Login];
    if let Some(mechanism) = mechanism_of(server.server_info(), KNOWN) {
        let credentials = Credentials::new(mailbox.login().to_owned(), mailbox.password().to_owned());
        server.auth(&[mechanism], &credentials).await.map_err(|e| match meaning(&e) {
            Some(SendError::Refused { detail, .. }) => refused("bad_token", &detail),
            _ => early(&e),
        })?;
    }
    Ok(server)
}

/// A server on this machine may ask for no password.
fn mechanism_of(server: &ServerInfo, known: &[Mechanism]) -> Option<Mechanism> {
    server.get_auth_mechanism(known)
}

async fn offer(server: &mut AsyncSmtpConnection, letter: &Letter) -> Result<(), SendError> {
    let is_ascii = [&letter.from, &letter.to].into_iter().all(|address| address.to_string().is_ascii());
    let mut options = Vec::new();
    if !is_ascii {
        if !server.server_info().supports_feature(Extension::SmtpUtfEight) {
            let words = "your mail server takes no addresses with letters that are not Latin";
            return Err(refused("bad_address", words));
        }
        options.push(MailParameter::SmtpUtfEight);
    }
    let before = |e: Error| early(&e);
    server.command(Mail::new(Some(letter.from.clone()), options)).await.map_err(before)?;
    server.command(Rcpt::new(letter.to.clone(), Vec::new())).await.map_err(before)?;
    server.command(Data).await.map_err(before)?;
    Ok(())
}

/// What an error means before the letter was given: whatever is no answer can be tried again.
fn early(error: &Error) -> SendError {
    meaning(error).unwrap_or_else(|| not_reached(&words(error)))
}

/// What a server's own answer means; none when it is no answer.
fn meaning(error: &Error) -> Option<SendError> {
    let (code, words) = (error.status()?, words(error));
    let number = u16::from(code);
    let fine = finer(&words);
    let later = |after_seconds| SendError::Later { after_seconds, detail: words.clone() };
    Some(match (number, fine.as_deref().unwrap_or_default()) {
        (_, "4.2.1" | "5.4.5") => later(MUCH_LATER),
        (400..500, _) => later(LATER),
        (530 | 534 | 535 | 538, _) | (_, "5.7.8" | "5.7.9") => refused("bad_token", &words),
        (_, "5.2.2") => refused("mailbox_full", &words),
        (552, _) | (_, "5.3.4" | "5.2.3") => refused("too_large", &words),
        (_, fine) if fine.starts_with("5.1.") => refused("no_such_address", &words),
        (550, "") => refused("no_such_address", &words),
        _ => refused("refused", &words),
    })
}

/// The finer code that begins most answers (RFC 3463).
pub fn finer(words: &str) -> Option<String> {
    let is_code = |word: &&str| {
        let numbers: Vec<&str> = word.split('.').collect();
        let is_number = |part: &&str| (1..=3).contains(&part.len()) && part.bytes().all(|b| b.is_ascii_digit());
        numbers.len() == 3 && ["2", "4", "5"].contains(&numbers[0]) && numbers.iter().all(is_number)
    };
    let apart = |c: char| c.is_whitespace() || "-:()[],;".contains(c);
    words.split(apart).find(is_code).map(str::to_owned)
}

fn words(error: &Error) -> String {
    let mut cause = error.source();
    while let Some(deeper) = cause.and_then(std::error::Error::source) {
        cause = Some(deeper);
    }
    let cause = cause.map(ToString::to_string);
    let number = error.status().map(|code: Code| code.to_string());
    let said = match (number, cause) {
        (Some(number), Some(cause)) => format!("{number} {cause}"),
        (None, Some(cause)) => cause,
        _ => error.to_string(),
    };
    said.chars().map(|c| if c.is_control() { ' ' } else { c }).take(500).collect()
}

/// Why nobody was reached, in the words of a delivery.
pub fn unreached(error: EgressError) -> SendError {
    match error {
        EgressError::Blocked(detail) => refused("address_blocked", &detail),
        other => not_reached(&other.to_string()),
    }
}

fn not_reached(detail: &str) -> SendError {
    SendError::NotReached { detail: detail.to_owned() }
}

/// A connection as the library takes it.
#[derive(Debug)]
struct Stream(Wire);

impl AsyncTokioStream for Stream {
    fn peer_addr(&self) -> io::Result<SocketAddr> {
        self.0.peer_addr()
    }
}

impl AsyncRead for Stream {
    fn poll_read(self: Pin<&mut Self>, cx: &mut Context<'_>, buf: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_read(cx, buf)
    }
}

impl AsyncWrite for Stream {
    fn poll_write(self: Pin<&mut Self>, cx: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.get_mut().0).poll_write(cx, bytes)
    }

    fn poll_flush(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_flush(cx)
    }

    fn poll_shutdown(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.get_mut().0).poll_shutdown(cx)
    }
}
