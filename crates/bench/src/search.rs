//! Search over millions of messages: how long the index takes beside nothing else, how long searches take beside the same asked of the engine itself,
//! and what the path of a message costs with the index and without. On SQLite; on PostgreSQL the product's own figures, for its database is told in
//! `OTKLIK_DATABASE_URL` and is filled by whoever runs it.

use crate::http::Http;
use crate::load::Numbers;
use crate::process::Running;
use crate::{hot, row};
use rusqlite::{Connection, OpenFlags, params};
use std::path::Path;
use std::time::{Duration, Instant};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Different words that are said; the n-th is said as often as 1/n.
const WORDS: usize = 40_000;
/// Messages of one conversation.
pub(crate) const OF_ONE: u64 = 50;
/// Rounds of all searches.
const ROUNDS: usize = 20;
/// Hits of a page.
pub(crate) const PAGE: i64 = 30;
/// A place that no log reaches: nothing is followed meanwhile.
const NOWHERE: i64 = 1 << 60;
/// The first moment that somebody speaks in.
pub(crate) const SINCE: i64 = 1_700_000_000_000;

/// Measures on one node.
pub async fn run(otklik: &Path, scratch: &Path, messages: u64, seconds: f64) -> Fallible<()> {
    let data = scratch.join("search");
    let first = Running::otklik(otklik, &data, None)?;
    let (site_key, api_key, project) = first.keys();
    first.stop()?;
    let started = Instant::now();
    fill(&data, messages)?;
    row(&format!("{messages} messages written, s"), &since(started), "");
    let started = Instant::now();
    let server = Running::again(otklik, &data, site_key.clone(), api_key.clone(), project.clone())?;
    let db = Connection::open_with_flags(data.join("otklik.db"), OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    loop {
        let left: i64 =
            db.query_row("SELECT COUNT(*) FROM search_follows WHERE walked_to IS NULL", [], |row| row.get(0))?;
        if left > 0 {
            break;
        }
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    row("  in the index, in the background, s", &since(started), "printed");
    searches(&server, &db).await?;
    drop(db);
    server.stop()?;

    let patience = Duration::from_secs_f64(seconds);
    let (mut with, mut without) = (Numbers::default(), Numbers::default());
    for _ in 0..3 {
        for is_followed in [false, true] {
            let position = if is_followed {
                "(SELECT position FROM account_positions p WHERE p.account_id = search_follows.account_id)"
            } else {
                "?1"
            };
            let db = Connection::open(data.join("otklik.db"))?;
            db.execute(&format!("UPDATE search_follows SET position = {position} WHERE ?1 > 0"), [NOWHERE])?;
            drop(db);
            let server = Running::again(otklik, &data, site_key.clone(), api_key.clone(), project.clone())?;
            server.rests().await;
            let done = hot::fresh(&server.target(), patience).await?;
            let numbers = if is_followed { &mut with } else { &mut without };
            numbers.add(done.per_second());
            server.stop()?;
        }
    }
    row("path without the index, messages a second", &without.show(0), "");
    let share = 100.0 * (1.0 - with.median() / without.median());
    row("  with it", &with.show(0), "");
    row("  the index costs, %", &format!("{share:.1}"), "15 at most");
    Ok(())
}

pub(crate) fn since(started: Instant) -> String {
    format!("{:.1}", started.elapsed().as_secs_f64())
}

/// Searches through the product, and the same of SQLite's index with the messages read that it names.
async fn searches(server: &Running, db: &Connection) -> Fallible<()> {
    let number: i64 = db.query_row("SELECT number FROM search_projects LIMIT 1", [], |row| row.get(0))?;
    let mut statement = db.prepare(
        "SELECT m.content, m.created_at, v.contact_id FROM search_messages_terms t CROSS JOIN search_messages d ON d.doc = t.rowid
         CROSS JOIN messages m ON m.id = d.message_id CROSS JOIN conversations v ON v.id = m.conversation_id
         WHERE t.search_messages_terms MATCH ?1 ORDER BY t.rowid DESC LIMIT ?2",
    )?;
    compare(server, async |terms| {
        let found = statement.query_map(params![terms.of_sqlite(number), PAGE], |row| row.get::<_, String>(0))?;
        Ok(found.filter_map(Result::ok).count())
    })
    .await
}

/// Each search through the product, and as `engine` answers it by itself with the number of its hits.
pub(crate) async fn compare(server: &Running, mut engine: impl AsyncFnMut(&Terms) -> Fallible<usize>) -> Fallible<()> {
    let http = Http::of(server)?;
    let (mut all, mut all_raw) = (Numbers::default(), Numbers::default());
    for (name, q, terms) in &asked() {
        let (mut own, mut raw) = (Numbers::default(), Numbers::default());
        let query = [("q", q.as_str()), ("kinds", "message"), ("limit", "30")];
        let query = reqwest::Url::parse_with_params("http://x/", query)?;
        let path = format!("/search?{}", query.query().unwrap_or_default());
        for _ in 0..ROUNDS {
            let started = Instant::now();
            let found = engine(terms).await?;
            let raw_took = started.elapsed().as_secs_f64() * 1000.0;
            let started = Instant::now();
            let answer = http.get(&path).await?;
            let own_took = started.elapsed().as_secs_f64() * 1000.0;
            let hits = answer["items"].as_array().map_or(0, Vec::len);
            if (hits == 0) != (found == 0) {
                return Err(format!("{name}: {hits} hits, and {found} of the engine").into());
            }
            for (numbers, took) in
                [(&mut raw, raw_took), (&mut all_raw, raw_took), (&mut own, own_took), (&mut all, own_took)]
            {
                numbers.add(took);
            }
        }
        row(&format!("{name}, ms (the engine's own {:.1})", raw.median()), &own.show(1), "");
    }
    for (share, asked_for) in [(0.5, ""), (0.95, "under 300, 1.5 x at most"), (0.99, "")] {
        let (own, raw) = (all.percentile(share), all_raw.percentile(share));
        let shown = format!("{own:.1} / {raw:.1} ({:.2} x)", own / raw);
        row(&format!("searches p{:.0}, ms, beside the engine's own", share * 100.0), &shown, asked_for);
    }
    Ok(())
}

/// What of a search an engine is asked: words that stand together or in one text, the last of them maybe a beginning.
pub(crate) struct Terms {
    words: Vec<String>,
    is_beginning: bool,
    is_sequence: bool,
}

impl Terms {
    fn all(ranks: &[usize]) -> Self {
        let words = ranks.iter().map(|rank| word(*rank)).collect();
        Self { words, is_beginning: false, is_sequence: false }
    }

    fn beginning(text: &str) -> Self {
        Self { words: vec![text.to_owned()], is_beginning: true, is_sequence: false }
    }

    fn of_sqlite(&self, project: i64) -> String {
        let words: Vec<String> = self.words.iter().map(|word| format!("\"{project}.{word}\"")).collect();
        let end = if self.is_beginning { " *" } else { "" };
        words.join(if self.is_sequence { " + " } else { " AND " }) + end
    }

    /// As text of a `tsquery`.
    pub fn of_postgres(&self, project: i64) -> String {
        let end = if self.is_beginning { ":*" } else { "" };
        let words: Vec<String> = self.words.iter().map(|word| format!("'{project}.{word}'{end}")).collect();
        words.join(if self.is_sequence { " <-> " } else { " & " })
    }
}

/// Searches by name, with what a person types.
fn asked() -> Vec<(&'static str, String, Terms)> {
    let two = |one: usize, other: usize| format!("{} {}", word(one), word(other));
    let (letters, beginning) = (word(5)[..4].to_owned(), word(20_000)[..10].to_owned());
    let sequence = Terms { is_sequence: true, ..Terms::all(&[1, 2]) };
    let nothing = Terms { words: vec!["несуществующее".into()], is_beginning: false, is_sequence: false };
    vec![
        ("rare word", word(30_000), Terms::all(&[30_000])),
        ("common word", word(1), Terms::all(&[1])),
        ("two words", two(40, 900), Terms::all(&[40, 900])),
        ("two common words", two(2, 3), Terms::all(&[2, 3])),
        ("two letters", letters.clone(), Terms::beginning(&letters)),
        ("beginning of a rare word", beginning.clone(), Terms::beginning(&beginning)),
        ("sequence", format!("\"{}\"", two(1, 2)), sequence),
        ("nothing", "несуществующее слово".into(), nothing),
    ]
}

/// The word of a rank: Russian enough for its stem to be looked for.
fn word(rank: usize) -> String {
    const PARTS: [&str; 16] =
        ["ба", "ве", "го", "ду", "жи", "за", "ки", "ле", "мо", "ну", "пи", "ра", "се", "то", "фу", "ша"];
    let mut rest = rank.wrapping_mul(40_503) % 1_048_573;
    let mut text = String::new();
    for _ in 0..5 {
        text.push_str(PARTS[rest % 16]);
        rest /= 16;
    }
    text
}

/// Clients of the site who talk about what people talk about.
fn fill(data: &Path, messages: u64) -> Fallible<()> {
    let mut db = Connection::open(data.join("otklik.db"))?;
    db.execute_batch("PRAGMA synchronous=OFF; PRAGMA cache_size=-200000;")?;
    let mut talk = Talk::begin();
    let tx = db.transaction()?;
    {
        let mut contact = tx.prepare(
            "INSERT INTO contacts (account_id, id, project_id, connection_id, channel, external_id, name, handle, tags, search, group_id,
               created_seq, blocked, demo, created_at, last_seen_at)
             SELECT account_id, ?1, project_id, id, 'site', ?2, NULL, ?3, '[]', '', ?1, ?4, 0, 0, ?5, ?5 FROM connections WHERE kind = 'site'",
        )?;
        let mut conversation = tx.prepare(
            "INSERT INTO conversations (id, account_id, project_id, contact_id, connection_id, channel, status, seq, last_seq, client_count, position,
               client_read_seq, demo, created_at)
             SELECT ?1, account_id, project_id, ?1, id, 'site', 'closed', ?2, ?2, ?2, ?3, 0, 0, ?4 FROM connections WHERE kind = 'site'",
        )?;
        let mut message = tx.prepare(
            "INSERT INTO messages (id, account_id, conversation_id, seq, position, author_kind, author_id, kind, content, client_count, created_at)
             SELECT ?1, account_id, ?2, ?3, ?4, 'client', ?2, 'message', ?5, ?3, ?6 FROM accounts",
        )?;
        for n in 0..messages {
            let (of, seq) = (n / OF_ONE, n % OF_ONE + 1);
            let own = ((u128::from(of) + 1) << 80 | 0x7000_8000_0000_0000_0001).to_be_bytes();
            let at = SINCE + i64::try_from(n)? * 20;
            let place = i64::try_from(n)? + 1;
            if seq == 1 {
                contact.execute(params![own, format!("{of:032x}"), format!("Посетитель {of}"), place, at])?;
                conversation.execute(params![own, i64::try_from(OF_ONE.min(messages - of * OF_ONE))?, place, at])?;
            }
            let content = talk.next_content();
            let id = ((u128::from(n) + 1) << 80 | 0x7000_8000_0000_0000_0002).to_be_bytes();
            message.execute(params![id, own, i64::try_from(seq)?, place, content, at])?;
        }
    }
    // The server that made the account has walked through nobody: now there is somebody.
    tx.execute("DELETE FROM search_follows", [])?;
    tx.execute("UPDATE account_positions SET position = MAX(position, ?1)", [i64::try_from(messages)? + 1])?;
    tx.commit()?;
    Ok(())
}

/// What people say, one message after the other, the same in every run.
pub(crate) struct Talk {
    words: Vec<String>,
    random: Dice,
}

impl Talk {
    /// Before the first message.
    pub fn begin() -> Self {
        Self { words: (0..WORDS).map(word).collect(), random: Dice(0x9e37_79b9_7f4a_7c15) }
    }

    /// The next message's content, as it is stored.
    pub fn next_content(&mut self) -> String {
        let count = 4 + self.random.below(10) as usize;
        let said: Vec<&str> = (0..count).map(|_| self.words[zipf(&mut self.random)].as_str()).collect();
        format!("{{\"text\":\"{}\",\"attachments\":[],\"buttons\":[]}}", said.join(" "))
    }
}

/// A rank of which each is as seldom as it is high.
fn zipf(random: &mut Dice) -> usize {
    let share = random.below(1_000_000) as f64 / 1e6;
    ((WORDS as f64).powf(share) as usize).saturating_sub(1).min(WORDS - 1)
}

/// The same throws in every run.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % end
    }
}
