//! The bound: the statements of a group of visitors' messages, over and over, in one connection, with nothing around them.

mod tables;

use crate::load::{Numbers, TEXT};
use crate::order::{client_id, mixed};
use rusqlite::types::Value;
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tables::{ACCOUNT, PROJECT};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;
type Id = [u8; 16];

/// Messages a second in groups of `group`, written to so many conversations.
pub async fn run(scratch: &Path, conversations: usize, group: usize, patience: Duration) -> Fallible<f64> {
    let mut bare = Bare { connection: tables::prepare(scratch, conversations).await?, conversations, written: 0 };
    let started = Instant::now();
    while started.elapsed() < patience {
        bare.write(group)?;
    }
    Ok(bare.written as f64 / started.elapsed().as_secs_f64())
}

/// Milliseconds of one message committed alone, at the pace of `rate` a second or as near as one by one can: a disk and a processor that rest
/// between two commits are slower than busy ones, for the server as for this loop.
pub async fn commits_ms(scratch: &Path, rate: f64, patience: Duration) -> Fallible<Numbers> {
    let mut bare = Bare { connection: tables::prepare(scratch, 64).await?, conversations: 64, written: 0 };
    let pause = Duration::from_secs_f64(1.0 / rate);
    let started = Instant::now();
    let mut times = Vec::new();
    while started.elapsed() < patience {
        let before = Instant::now();
        bare.write(1)?;
        times.push(before.elapsed().as_secs_f64() * 1000.0);
        std::thread::sleep(pause.saturating_sub(before.elapsed()));
    }
    Ok(times.into())
}

struct Bare {
    connection: Connection,
    conversations: usize,
    written: usize,
}

/// An open conversation, as the group finds it and leaves it.
struct Standing {
    conversation: Id,
    seq: i64,
    client_count: i64,
    position: i64,
}

impl Bare {
    /// What the product does for a group in one transaction, statement by statement.
    fn write(&mut self, group: usize) -> Fallible<()> {
        let contacts: Vec<Id> = (0..group).map(|n| tables::contact(self.conversation_of(self.written + n))).collect();
        self.connection.prepare_cached("BEGIN IMMEDIATE")?.execute([])?;
        let mut standing = self.standing(&contacts)?;
        let last: i64 = self
            .connection
            .prepare_cached(
                "UPDATE account_positions SET position = position + ?2 WHERE account_id = ?1 RETURNING position",
            )?
            .query_row(params![ACCOUNT, i64::try_from(group)?], |row| row.get(0))?;
        let first = last - i64::try_from(group)? + 1;
        let mut messages = Vec::with_capacity(group);
        for (contact, position) in contacts.iter().zip(first..) {
            let here = standing.get_mut(contact).ok_or("a conversation is missing")?;
            here.seq += 1;
            here.client_count += 1;
            here.position = position;
            messages.push((*contact, here.conversation, here.seq, here.client_count, position));
        }
        self.advance(standing.values())?;
        self.insert_messages(&messages)?;
        self.insert_events(&messages)?;
        self.connection.prepare_cached("COMMIT")?.execute([])?;
        self.written += group;
        Ok(())
    }

    /// A few conversations take turns, as visitors do who write without a pause; many are met at random.
    fn conversation_of(&self, number: usize) -> usize {
        if self.conversations <= 64 {
            number % self.conversations
        } else {
            (mixed(number as u64) % self.conversations as u64) as usize
        }
    }

    fn standing(&self, contacts: &[Id]) -> Fallible<BTreeMap<Id, Standing>> {
        self.connection
            .prepare_cached("SELECT position FROM account_positions WHERE account_id = ?1")?
            .query_row([ACCOUNT], |row| row.get::<_, i64>(0))?;
        let mut distinct = contacts.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let list: Vec<Value> = distinct.iter().map(|id| Value::Blob(id.to_vec())).collect();
        let mut query = self.connection.prepare_cached(
            "SELECT project_id, id, contact_id, connection_id, channel, status, seq, client_count FROM conversations
             WHERE account_id = ?1 AND contact_id IN rarray(?2) AND status <> 'closed'",
        )?;
        let rows = query.query_map(params![ACCOUNT, Rc::new(list)], |row| {
            let (seq, client_count) = (row.get(6)?, row.get(7)?);
            Ok((row.get(2)?, Standing { conversation: row.get(1)?, seq, client_count, position: 0 }))
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    fn advance<'s>(&self, standing: impl Iterator<Item = &'s Standing>) -> Fallible<()> {
        let mut update = self.connection.prepare_cached(
            "UPDATE conversations SET seq = ?3, last_seq = ?3, client_count = ?4, position = ?5,
               waiting_since = COALESCE(waiting_since, ?6)
             WHERE account_id = ?1 AND id = ?2",
        )?;
        for here in standing {
            update.execute(params![ACCOUNT, here.conversation, here.seq, here.client_count, here.position, 1])?;
        }
        Ok(())
    }

    fn insert_messages(&self, messages: &[(Id, Id, i64, i64, i64)]) -> Fallible<()> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO messages (account_id, id, conversation_id, seq, position, author_kind, author_id, author_name, kind, content,
               client_id, external_id, client_count, delivery_status, delivery_at, reply_to, created_at)
             VALUES (?1, ?2, ?3, ?4, ?5, 'client', ?6, ?7, 'message', ?8, ?9, NULL, ?10, NULL, NULL, NULL, 1)
             ON CONFLICT (client_id, author_id) WHERE client_id IS NOT NULL DO NOTHING",
        )?;
        let content = format!("{{\"text\":\"{TEXT}\",\"attachments\":[],\"buttons\":[]}}");
        for (contact, conversation, seq, client_count, position) in messages {
            let id = tables::message(*position);
            let client_id = client_id(*position as u64);
            insert.execute(params![
                ACCOUNT,
                id,
                conversation,
                seq,
                position,
                contact,
                tables::HANDLE,
                content,
                client_id,
                client_count
            ])?;
        }
        Ok(())
    }

    fn insert_events(&self, messages: &[(Id, Id, i64, i64, i64)]) -> Fallible<()> {
        let mut insert = self.connection.prepare_cached(
            "INSERT INTO events (account_id, created_at, position, project_id, kind, conversation_id, contact_id, seq, for_client, data)
             VALUES (?1, 1, ?2, ?3, 'message.created', ?4, NULL, ?5, TRUE, NULL)",
        )?;
        for (_, conversation, seq, _, position) in messages {
            insert.execute(params![ACCOUNT, position, PROJECT, conversation, seq])?;
        }
        Ok(())
    }
}
