//! Search over millions of messages on PostgreSQL: the database is the one in `OTKLIK_DATABASE_URL`, filled as its superuser `postgres`, who sees
//! every account's rows.

use crate::process::Running;
use crate::row;
use crate::search::{OF_ONE, PAGE, SINCE, Talk, compare, since};
use bytes::Bytes;
use futures_util::SinkExt;
use std::fmt::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};
use tokio_postgres::{Client, NoTls};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// Rows sent at once.
const PART: u64 = 5_000;

/// Measures on one node. A database that was filled before, with the same scratch folder, is only asked: filling and indexing take long.
pub async fn run(otklik: &Path, scratch: &Path, messages: u64) -> Fallible<()> {
    let (data, known) = (scratch.join("search"), scratch.join("keys"));
    let client = superuser(&std::env::var("OTKLIK_DATABASE_URL")?).await?;
    if !known.exists() {
        let first = Running::otklik(otklik, &data, None)?;
        let (site_key, api_key, project) = first.keys();
        first.stop()?;
        let started = Instant::now();
        fill(&client, messages).await?;
        std::fs::write(&known, [site_key, api_key, project].join("\n"))?;
        row(&format!("{messages} messages written, s"), &since(started), "");
    }
    let keys = std::fs::read_to_string(&known)?;
    let mut keys = keys.lines().map(str::to_owned);
    let (Some(site_key), Some(api_key), Some(project)) = (keys.next(), keys.next(), keys.next()) else {
        return Err("the scratch folder has no keys of the database".into());
    };
    let started = Instant::now();
    let server = Running::again(otklik, &data, site_key, api_key, project)?;
    while !is_walked(&client).await? {
        tokio::time::sleep(Duration::from_millis(500)).await;
    }
    row("  in the index, in the background, s", &since(started), "printed");
    searches(&server, &client).await?;
    server.stop()
}

/// The database's superuser: the address with another name.
async fn superuser(address: &str) -> Fallible<Client> {
    let (scheme, rest) = address.split_once("://").ok_or("OTKLIK_DATABASE_URL is no address")?;
    let host = rest.split_once('@').map_or(rest, |(_, host)| host);
    let (client, connection) = tokio_postgres::connect(&format!("{scheme}://postgres@{host}"), NoTls).await?;
    tokio::spawn(connection);
    Ok(client)
}

async fn is_walked(client: &Client) -> Fallible<bool> {
    let found = client.query_one("SELECT COUNT(*) FILTER (WHERE walked_to IS NULL), COUNT(*) FROM search_follows", &[]);
    let found = found.await?;
    Ok(found.get::<_, i64>(0) == found.get::<_, i64>(1) && found.get::<_, i64>(1) > 0)
}

/// Clients of the site who talk about what people talk about.
async fn fill(client: &Client, messages: u64) -> Fallible<()> {
    let own = "SELECT account_id::text, project_id::text, id::text FROM connections WHERE kind = 'site'";
    let own = client.query_one(own, &[]).await?;
    let (account, project, connection): (String, String, String) = (own.get(0), own.get(1), own.get(2));
    let id = |of: u64, last: u8| uuid(u128::from(of) + 1, last);
    let conversations = messages.div_ceil(OF_ONE);
    let moment = |n: u64| SINCE + i64::try_from(n).unwrap_or(0) * 20;
    let contacts = "COPY contacts (account_id, id, project_id, connection_id, channel, external_id, handle, tags, search, group_id, created_seq,
         blocked, demo, created_at, last_seen_at) FROM STDIN";
    copy(client, contacts, conversations, |of, out| {
        let (id, at) = (id(of, 1), moment(of * OF_ONE));
        let seq = of * OF_ONE + 1;
        let _ = writeln!(
            out,
            "{account}\t{id}\t{project}\t{connection}\tsite\t{of:032x}\tПосетитель {of}\t[]\t\t{id}\t{seq}\tf\tf\t{at}\t{at}"
        );
    })
    .await?;
    let of_clients = "COPY conversations (account_id, id, project_id, contact_id, connection_id, channel, status, seq, last_seq, client_count,
         position, client_read_seq, demo, created_at) FROM STDIN";
    copy(client, of_clients, conversations, |of, out| {
        let (id, at, first) = (id(of, 1), moment(of * OF_ONE), of * OF_ONE + 1);
        let count = OF_ONE.min(messages - of * OF_ONE);
        let _ = writeln!(
            out,
            "{account}\t{id}\t{project}\t{id}\t{connection}\tsite\tclosed\t{count}\t{count}\t{count}\t{first}\t0\tf\t{at}"
        );
    })
    .await?;
    let said = "COPY messages (account_id, id, conversation_id, seq, position, author_kind, author_id, kind, content, client_count, created_at)
         FROM STDIN";
    let mut talk = Talk::begin();
    copy(client, said, messages, |n, out| {
        let (of, seq) = (id(n / OF_ONE, 1), n % OF_ONE + 1);
        let (own, place, at, content) = (id(n, 2), n + 1, moment(n), talk.next_content());
        let _ = writeln!(out, "{account}\t{own}\t{of}\t{seq}\t{place}\tclient\t{of}\tmessage\t{content}\t{seq}\t{at}");
    })
    .await?;
    // The server that made the account has walked through nobody: now there is somebody.
    let last = i64::try_from(messages)? + 1;
    client.execute("DELETE FROM search_follows", &[]).await?;
    client.execute("UPDATE account_positions SET position = GREATEST(position, $1)", &[&last]).await?;
    client.batch_execute("ANALYZE").await?;
    Ok(())
}

/// The same ids as on SQLite: ordered, of the form that the product's own have.
fn uuid(number: u128, last: u8) -> String {
    let bits = number << 80 | 0x7000_8000_0000_0000_0000 | u128::from(last);
    format!("{bits:032x}")
}

async fn copy(client: &Client, into: &str, rows: u64, mut line: impl FnMut(u64, &mut String)) -> Fallible<()> {
    let sink = client.copy_in(into).await?;
    let mut sink = Box::pin(sink);
    let mut text = String::new();
    for n in 0..rows {
        line(n, &mut text);
        if n % PART == PART - 1 || n + 1 == rows {
            sink.send(Bytes::from(std::mem::take(&mut text))).await?;
        }
    }
    sink.as_mut().finish().await?;
    Ok(())
}

/// Searches through the product, and the same of PostgreSQL's index with the messages read that it names.
async fn searches(server: &Running, client: &Client) -> Fallible<()> {
    let number: i64 = client.query_one("SELECT number FROM search_projects LIMIT 1", &[]).await?.get(0);
    let statement = client.prepare(
        "SELECT m.content, m.created_at, v.contact_id::text FROM search_messages d JOIN messages m ON m.id = d.message_id
         JOIN conversations v ON v.id = m.conversation_id
         WHERE d.terms @@ CAST(CAST($1 AS TEXT) AS tsquery) ORDER BY d.doc + 0 DESC LIMIT $2",
    );
    let statement = statement.await?;
    compare(server, async |terms| Ok(client.query(&statement, &[&terms.of_postgres(number), &PAGE]).await?.len())).await
}
