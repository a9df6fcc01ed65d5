//! A scripted mail server on loopback: SMTP and IMAP with IDLE, as much of both as a client of ours says.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use std::collections::VecDeque;
use std::fmt::Write;
use std::sync::{Arc, Mutex};
use std::time::Duration;
use tokio::io::{AsyncBufReadExt, AsyncWriteExt, BufReader};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};

/// The password of its one mailbox.
pub const MAIL_PASSWORD: &str = "s3cret";

/// How an SMTP server answers a step of a talk.
#[derive(Debug, Clone)]
pub enum SmtpSays {
    /// These words, to the step that begins with the first word (`MAIL`, `RCPT`, `DATA`), or to the whole letter (`.`).
    To(&'static str, &'static str),
    /// Nothing: it hangs up at that step.
    HangUp(&'static str),
}

/// A letter that went out.
#[derive(Debug, Clone)]
pub struct Posted {
    /// Whom it was for.
    pub to: Vec<String>,
    /// All of it.
    pub text: String,
}

struct Letter {
    uid: u32,
    bytes: Vec<u8>,
    at: String,
}

struct State {
    validity: u32,
    next: u32,
    letters: Vec<Letter>,
    posted: Vec<Posted>,
    says: VecDeque<SmtpSays>,
    password: String,
    has_idle: bool,
    /// Talks begun over IMAP.
    talks: usize,
    /// Every command that IMAP was given.
    commands: Vec<String>,
    /// IMAP hangs up at once.
    is_down: bool,
    /// IMAP breaks off when asked for this letter.
    poison: Option<u32>,
}

/// A mail server.
#[derive(Clone)]
pub struct MailServer {
    state: Arc<Mutex<State>>,
    /// Where mail goes out.
    pub smtp: u16,
    /// Where mail comes in.
    pub imap: u16,
}

impl MailServer {
    /// One with an empty mailbox.
    pub async fn start() -> Self {
        let state = State {
            validity: 7,
            next: 1,
            letters: Vec::new(),
            posted: Vec::new(),
            says: VecDeque::new(),
            password: MAIL_PASSWORD.to_owned(),
            has_idle: true,
            talks: 0,
            commands: Vec::new(),
            is_down: false,
            poison: None,
        };
        let state = Arc::new(Mutex::new(state));
        let smtp = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let imap = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let server = Self { state, smtp: smtp.local_addr().unwrap().port(), imap: imap.local_addr().unwrap().port() };
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = smtp.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.talk_smtp(stream).await });
            }
        });
        let own = server.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = imap.accept().await {
                let own = own.clone();
                tokio::spawn(async move { own.talk_imap(stream).await });
            }
        });
        server
    }

    /// What a connection to it is asked for.
    pub fn settings(&self) -> serde_json::Value {
        let server = |port: u16| serde_json::json!({ "host": "127.0.0.1", "port": port, "security": "plain" });
        serde_json::json!({ "address": "sales@shop.example", "name": "Тихий свет", "password": MAIL_PASSWORD,
            "smtp": server(self.smtp), "imap": server(self.imap) })
    }

    /// A letter comes in now; its number.
    pub fn receives(&self, letter: &str) -> u32 {
        self.receives_bytes(letter.replace('\n', "\r\n").into_bytes(), "05-Oct-2030 12:00:00 +0000")
    }

    /// A letter of these bytes came in at a time, which is written as IMAP does.
    pub fn receives_bytes(&self, bytes: Vec<u8>, at: &str) -> u32 {
        let mut state = self.state.lock().unwrap();
        let uid = state.next;
        state.next += 1;
        state.letters.push(Letter { uid, bytes, at: at.to_owned() });
        uid
    }

    /// The mailbox is made anew: the same letters under other numbers.
    pub fn renumber(&self) {
        let mut state = self.state.lock().unwrap();
        state.validity += 1;
        state.next = 1;
        let State { letters, next, .. } = &mut *state;
        for letter in letters.iter_mut() {
            letter.uid = *next;
            *next += 1;
        }
    }

    /// A letter is taken out of the mailbox.
    pub fn deletes(&self, uid: u32) {
        self.state.lock().unwrap().letters.retain(|letter| letter.uid != uid);
    }

    /// The next step of SMTP that this is for is answered so.
    pub fn says(&self, says: SmtpSays) {
        self.state.lock().unwrap().says.push_back(says);
    }

    /// Whether all of that was said.
    pub fn has_said_all(&self) -> bool {
        self.state.lock().unwrap().says.is_empty()
    }

    /// Another password from now on.
    pub fn set_password(&self, password: &str) {
        self.state.lock().unwrap().password = password.to_owned();
    }

    /// Whether it answers over IMAP at all.
    pub fn set_down(&self, is_down: bool) {
        self.state.lock().unwrap().is_down = is_down;
    }

    /// It breaks off whenever it is asked for the next letter, which then comes in.
    pub fn poison_next(&self) {
        let mut state = self.state.lock().unwrap();
        state.poison = Some(state.next);
    }

    /// Whether it knows IDLE.
    pub fn set_idle(&self, has_idle: bool) {
        self.state.lock().unwrap().has_idle = has_idle;
    }

    /// What went out.
    pub fn posted(&self) -> Vec<Posted> {
        self.state.lock().unwrap().posted.clone()
    }

    /// Talks begun over IMAP.
    pub fn talks(&self) -> usize {
        self.state.lock().unwrap().talks
    }

    /// What IMAP was asked.
    pub fn commands(&self) -> Vec<String> {
        self.state.lock().unwrap().commands.clone()
    }

    fn answer_to(&self, step: &str) -> Option<SmtpSays> {
        let mut state = self.state.lock().unwrap();
        let is_it = matches!(state.says.front(), Some(SmtpSays::To(at, _) | SmtpSays::HangUp(at)) if *at == step);
        if is_it { state.says.pop_front() } else { None }
    }

    async fn talk_smtp(&self, stream: TcpStream) {
        let (read, mut write) = stream.into_split();
        let mut lines = BufReader::new(read);
        let mut to = Vec::new();
        let _ = write.write_all(b"220 mail.test ESMTP\r\n").await;
        loop {
            let mut line = String::new();
            if lines.read_line(&mut line).await.unwrap_or(0) == 0 {
                return;
            }
            let step = line.split_whitespace().next().unwrap_or_default().to_ascii_uppercase();
            let said = match self.answer_to(&step) {
                Some(SmtpSays::HangUp(_)) => return,
                Some(SmtpSays::To(_, words)) => words.to_owned(),
                None => match step.as_str() {
                    "EHLO" => "250-mail.test\r\n250-8BITMIME\r\n250 AUTH PLAIN LOGIN".to_owned(),
                    "AUTH" => self.auth(&line),
                    "MAIL" => {
                        to.clear();
                        "250 ok".to_owned()
                    }
                    "RCPT" => {
                        to.push(line.trim().to_owned());
                        "250 ok".to_owned()
                    }
                    "DATA" => "354 go on".to_owned(),
                    "QUIT" => "221 bye".to_owned(),
                    _ => "500 what?".to_owned(),
                },
            };
            let is_data = said.starts_with("354");
            if write.write_all(format!("{said}\r\n").as_bytes()).await.is_err() || step == "QUIT" {
                return;
            }
            if is_data {
                let text = letter_of(&mut lines).await;
                let said = match self.answer_to(".") {
                    Some(SmtpSays::HangUp(_)) => return,
                    Some(SmtpSays::To(_, words)) => words,
                    None => "250 2.0.0 queued as 1",
                };
                if said.starts_with("250") {
                    self.state.lock().unwrap().posted.push(Posted { to: to.clone(), text });
                }
                let _ = write.write_all(format!("{said}\r\n").as_bytes()).await;
            }
        }
    }

    fn auth(&self, line: &str) -> String {
        let wanted = self.state.lock().unwrap().password.clone();
        let given = line.split_whitespace().nth(2).unwrap_or_default();
        let is_right = given == STANDARD.encode(format!("\0sales@shop.example\0{wanted}"));
        if is_right { "235 ok".to_owned() } else { "535 5.7.8 bad credentials".to_owned() }
    }

    async fn talk_imap(&self, stream: TcpStream) {
        let (read, write) = stream.into_split();
        let mut talk = ImapTalk { server: self.clone(), lines: BufReader::new(read), write, known: 0 };
        if !self.state.lock().unwrap().is_down {
            self.state.lock().unwrap().talks += 1;
            let _ = talk.run().await;
        }
    }
}

async fn letter_of(lines: &mut BufReader<OwnedReadHalf>) -> String {
    let mut text = String::new();
    loop {
        let mut line = String::new();
        if lines.read_line(&mut line).await.unwrap_or(0) == 0 || line == ".\r\n" {
            return text;
        }
        text.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}

struct ImapTalk {
    server: MailServer,
    lines: BufReader<OwnedReadHalf>,
    write: OwnedWriteHalf,
    /// Letters that the client was told of.
    known: usize,
}

impl ImapTalk {
    async fn run(&mut self) -> std::io::Result<()> {
        self.say("* OK mail.test ready").await?;
        loop {
            let mut line = String::new();
            if self.lines.read_line(&mut line).await? == 0 {
                return Ok(());
            }
            let line = line.trim_end().to_owned();
            let (tag, command) = line.split_once(' ').unwrap_or((&line, ""));
            self.server.state.lock().unwrap().commands.push(command.to_owned());
            let upper = command.to_ascii_uppercase();
            if upper == "IDLE" {
                self.idle(tag).await?;
            } else if upper.starts_with("UID FETCH") {
                let Some(answer) = self.fetched(&upper) else { return Ok(()) };
                self.write.write_all(&answer).await?;
                self.say(&format!("{tag} OK done")).await?;
            } else {
                let answer = self.answer(tag, command, &upper);
                self.say(&answer).await?;
                if upper.starts_with("LOGOUT") {
                    return Ok(());
                }
            }
        }
    }

    async fn say(&mut self, text: &str) -> std::io::Result<()> {
        self.write.write_all(format!("{text}\r\n").as_bytes()).await
    }

    fn answer(&mut self, tag: &str, command: &str, upper: &str) -> String {
        let state = self.server.state.lock().unwrap();
        if upper.starts_with("LOGIN") {
            let is_right = command.ends_with(&format!("\"{}\"", state.password));
            return if is_right {
                format!("{tag} OK in")
            } else {
                format!("{tag} NO [AUTHENTICATIONFAILED] wrong password")
            };
        }
        if upper.starts_with("CAPABILITY") {
            let idle = if state.has_idle { " IDLE" } else { "" };
            return format!("* CAPABILITY IMAP4rev1{idle}\r\n{tag} OK done");
        }
        if upper.starts_with("EXAMINE") {
            self.known = state.letters.len();
            return format!(
                "* {} EXISTS\r\n* 0 RECENT\r\n* FLAGS (\\Seen)\r\n* OK [UIDVALIDITY {}] ok\r\n* OK [UIDNEXT {}] ok\r\n\
                 {tag} OK [READ-ONLY] done",
                state.letters.len(),
                state.validity,
                state.next
            );
        }
        if let Some(query) = upper.strip_prefix("UID SEARCH ") {
            let uids = state.letters.iter().map(|letter| letter.uid);
            // As servers do: `n:*` always holds the last one.
            let found: Vec<String> = match query.strip_prefix("UID ").and_then(|set| set.split_once(':')) {
                Some((from, _)) => {
                    let from: u32 = from.parse().unwrap();
                    let last = uids.clone().max();
                    uids.filter(|uid| *uid >= from || Some(*uid) == last).map(|uid| uid.to_string()).collect()
                }
                None => uids.map(|uid| uid.to_string()).collect(),
            };
            return format!("* SEARCH {}\r\n{tag} OK done", found.join(" "));
        }
        format!("{tag} OK done")
    }

    fn fetched(&self, upper: &str) -> Option<Vec<u8>> {
        let state = self.server.state.lock().unwrap();
        let mut words = upper.splitn(4, ' ').skip(2);
        let wanted = set_of(words.next().unwrap());
        let query = words.next().unwrap();
        if query.contains("BODY") && state.poison.is_some_and(|uid| wanted.contains(&uid)) {
            return None;
        }
        let mut answer = Vec::new();
        for (at, letter) in state.letters.iter().enumerate().filter(|(_, letter)| wanted.contains(&letter.uid)) {
            let mut head = format!("* {} FETCH (UID {}", at + 1, letter.uid);
            if query.contains("RFC822.SIZE") {
                let _ = write!(head, " RFC822.SIZE {}", letter.bytes.len());
            }
            if query.contains("INTERNALDATE") {
                let _ = write!(head, " INTERNALDATE \"{}\"", letter.at);
            }
            if query.contains("BODY.PEEK[]") {
                let _ = write!(head, " BODY[] {{{}}}\r\n", letter.bytes.len());
                answer.extend_from_slice(head.as_bytes());
                answer.extend_from_slice(&letter.bytes);
            } else {
                answer.extend_from_slice(head.as_bytes());
            }
            answer.extend_from_slice(b")\r\n");
        }
        Some(answer)
    }

    /// Tells of letters until the client is done.
    async fn idle(&mut self, tag: &str) -> std::io::Result<()> {
        self.say("+ idling").await?;
        let Self { server, lines, write, known } = self;
        let mut line = String::new();
        let done = lines.read_line(&mut line);
        tokio::pin!(done);
        loop {
            let (count, is_down) = {
                let state = server.state.lock().unwrap();
                (state.letters.len(), state.is_down)
            };
            if is_down {
                return Err(std::io::ErrorKind::ConnectionReset.into());
            }
            if count > *known {
                *known = count;
                write.write_all(format!("* {count} EXISTS\r\n").as_bytes()).await?;
            }
            tokio::select! {
                read = &mut done => {
                    read?;
                    break;
                }
                () = tokio::time::sleep(Duration::from_millis(20)) => {}
            }
        }
        self.say(&format!("{tag} OK done")).await
    }
}

fn set_of(text: &str) -> Vec<u32> {
    let of_run = |run: &str| {
        let (begin, end) = run.split_once(':').unwrap_or((run, run));
        begin.parse::<u32>().unwrap()..=end.parse::<u32>().unwrap()
    };
    text.split(',').flat_map(of_run).collect()
}
