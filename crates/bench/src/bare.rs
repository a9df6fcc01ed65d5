//! The bound: the statements of a group of visitors' messages, over and over, in one connection, with nothing around them.

mod statements;
mod tables;

use crate::load::{Numbers, TEXT};
use crate::order::{client_id, mixed};
use rusqlite::types::{Null, Value};
use rusqlite::{Connection, params};
use std::collections::BTreeMap;
use std::path::Path;
use std::rc::Rc;
use std::time::{Duration, Instant};
use tables::{ACCOUNT, PROJECT};

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;
type Id = [u8; 16];

const NOW: i64 = 1;

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

/// A message on its way, with the numbers it got.
struct New {
    contact: Id,
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
            .prepare_cached(statements::TAKE_POSITIONS)?
            .query_row(params![ACCOUNT, i64::try_from(group)?], |row| row.get(0))?;
        let first = last - i64::try_from(group)? + 1;
        let mut messages = Vec::with_capacity(group);
        for (contact, position) in contacts.into_iter().zip(first..) {
            let here = standing.get_mut(&contact).ok_or("a conversation is missing")?;
            here.seq += 1;
            here.client_count += 1;
            here.position = position;
            let Standing { conversation, seq, client_count, .. } = *here;
            messages.push(New { contact, conversation, seq, client_count, position });
        }
        self.insert_messages(&messages)?;
        self.advance(standing.values())?;
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
        self.connection.prepare_cached(statements::LOCK)?.query_row([ACCOUNT], |row| row.get::<_, i64>(0))?;
        let mut distinct = contacts.to_vec();
        distinct.sort_unstable();
        distinct.dedup();
        let list: Vec<Value> = distinct.iter().map(|id| Value::Blob(id.to_vec())).collect();
        let mut query = self.connection.prepare_cached(statements::STANDING)?;
        let rows = query.query_map(params![ACCOUNT, Rc::new(list)], |row| {
            let (seq, client_count) = (row.get(8)?, row.get(9)?);
            Ok((row.get(2)?, Standing { conversation: row.get(1)?, seq, client_count, position: 0 }))
        })?;
        let standing = rows.collect::<Result<_, _>>()?;
        let mut launches = self.connection.prepare_cached(statements::LAUNCHES)?;
        if launches.query([ACCOUNT])?.next()?.is_some() {
            return Err("nothing was published here".into());
        }
        Ok(standing)
    }

    fn insert_messages(&self, messages: &[New]) -> Fallible<()> {
        let mut insert = self.connection.prepare_cached(statements::INSERT_MESSAGE)?;
        let content = format!("{{\"text\":\"{TEXT}\",\"attachments\":[],\"buttons\":[]}}");
        for New { contact, conversation, seq, client_count, position } in messages {
            let (id, client_id) = (tables::message(*position), client_id(*position as u64));
            insert.execute(params![
                ACCOUNT,
                id,
                conversation,
                seq,
                position,
                "client",
                contact,
                tables::HANDLE,
                "message",
                content,
                client_id,
                Null,
                client_count,
                Null,
                Null,
                Null,
                NOW
            ])?;
        }
        Ok(())
    }

    fn advance<'s>(&self, standing: impl Iterator<Item = &'s Standing>) -> Fallible<()> {
        let mut update = self.connection.prepare_cached(statements::ADVANCE)?;
        for Standing { conversation, seq, client_count, position } in standing {
            update.execute(params![ACCOUNT, conversation, seq, client_count, position, NOW, false])?;
        }
        Ok(())
    }

    fn insert_events(&self, messages: &[New]) -> Fallible<()> {
        let mut insert = self.connection.prepare_cached(statements::INSERT_EVENT)?;
        for New { conversation, seq, position, .. } in messages {
            let told = params![ACCOUNT, NOW, position, PROJECT, "message.created", conversation, Null, seq, true, Null];
            insert.execute(told)?;
        }
        Ok(())
    }
}
