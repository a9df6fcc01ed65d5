//! Rows made ready on a thread of their own, while the transaction with the rows before them is written.

use super::Piece;
use super::row::{Columns, ReadRow, Reason};
use super::table::{Numbered, Unreadable};
use db::Tx;
use messaging::connections;
use messaging::contacts::draft::Draft;
use messaging::contacts::values::{Giver, Known};
use messaging::contacts::{NewContact, values};
use model::Result;
use model::{AccountId, ChannelKind, ConnectionId, ContactId, Env, ProjectId};
use std::sync::{Arc, Mutex, PoisonError};
use tokio::sync::mpsc;

/// What rows are made ready by: as long as it stays as it is, so do they.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Ground {
    known: Known,
    api: ConnectionId,
}

impl Ground {
    pub async fn load(tx: &mut Tx, account: &AccountId, project: &ProjectId) -> Result<Self> {
        let known = Known::load(tx, account, project).await?;
        let api = connections::of_kind(tx, account, project, ChannelKind::Api).await?.id;
        Ok(Self { known, api })
    }

    pub fn known(&self) -> &Known {
        &self.known
    }

    pub fn api(&self) -> &ConnectionId {
        &self.api
    }
}

/// Makes rows ready.
pub(super) struct Maker {
    pub env: Env,
    pub project: ProjectId,
    pub columns: Columns,
    pub giver: Giver,
    /// What is known now, as far as anybody told.
    pub ground: Mutex<Arc<Ground>>,
}

/// A row with the contact it makes when nobody has its name.
pub(super) struct ReadyRow {
    pub number: u64,
    pub external_id: String,
    pub contact: Option<ContactId>,
    pub given: values::Given,
    pub draft: Draft,
    /// Values that nothing can be compared with, and why.
    pub unusable: Vec<Reason>,
}

/// Rows that can be stored, and why the others cannot.
pub(super) struct ReadyRows {
    pub rows: Vec<ReadyRow>,
    pub refused: Vec<Reason>,
}

impl Maker {
    fn ground(&self) -> Arc<Ground> {
        self.ground.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// What rows to come are made ready by.
    fn renew(&self, ground: &Ground) {
        *self.ground.lock().unwrap_or_else(PoisonError::into_inner) = Arc::new(ground.clone());
    }

    /// Makes rows ready.
    pub fn make(&self, ground: &Ground, rows: &[Numbered]) -> Result<ReadyRows> {
        let mut made = ReadyRows { rows: Vec::with_capacity(rows.len()), refused: Vec::new() };
        for (number, cells) in rows {
            match self.columns.read(*number, cells, &ground.known.fields) {
                Ok(row) => made.rows.push(self.ready(ground, *number, row)?),
                Err(reason) => made.refused.push(reason),
            }
        }
        Ok(made)
    }

    fn ready(&self, ground: &Ground, number: u64, row: ReadRow) -> Result<ReadyRow> {
        let ReadRow { external_id, contact, given } = row;
        let new = NewContact {
            project_id: self.project,
            connection_id: ground.api,
            channel: ChannelKind::Api,
            handle: Some(external_id.clone()),
            external_id: external_id.clone(),
            address: None,
            name: None,
            demo: false,
        };
        let draft = Draft::with_values(&self.env, &new, external_id.clone(), &ground.known, &given, &self.giver)?;
        let unusable = draft.unusable().map(|(field, why)| self.columns.unusable(number, field, why)).collect();
        Ok(ReadyRow { number, external_id, contact, given, draft, unusable })
    }
}

/// Some rows, as they stand in the table and made ready.
#[derive(Clone)]
pub(super) struct Chunk {
    rows: Arc<Vec<Numbered>>,
    ground: Arc<Ground>,
    /// Taken by who stores them; whoever has to store them again makes them again.
    ready: Arc<Mutex<Option<Result<ReadyRows>>>>,
}

impl Chunk {
    pub fn len(&self) -> u64 {
        self.rows.len() as u64
    }

    /// The rows made ready by what is known now.
    pub fn ready_by(self, maker: &Maker, ground: &Ground) -> Result<ReadyRows> {
        let ready = self.ready.lock().unwrap_or_else(PoisonError::into_inner).take();
        if *self.ground != *ground {
            maker.renew(ground);
            return maker.make(ground, &self.rows);
        }
        ready.unwrap_or_else(|| maker.make(ground, &self.rows))
    }
}

/// Makes rows ready as they come, a chunk or two ahead.
pub(super) fn ahead(
    mut table: mpsc::Receiver<Piece>,
    maker: Arc<Maker>,
) -> mpsc::Receiver<std::result::Result<Chunk, Unreadable>> {
    let (chunks, received) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        while let Some(piece) = table.blocking_recv() {
            let rows = match piece {
                Ok(rows) => rows,
                Err(unreadable) => {
                    // Nobody left to tell is as good as told.
                    let _ = chunks.blocking_send(Err(unreadable));
                    return;
                }
            };
            let ground = maker.ground();
            let ready = Arc::new(Mutex::new(Some(maker.make(&ground, &rows))));
            let chunk = Chunk { rows: Arc::new(rows), ground, ready };
            if chunks.blocking_send(Ok(chunk)).is_err() {
                return;
            }
        }
    });
    received
}
