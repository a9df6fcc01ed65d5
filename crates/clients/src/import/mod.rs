//! Clients from a table (CSV): checked as it comes, stored in chunks by a job. A chunk and the job's progress are one transaction,
//! so a job that was killed goes on after its last chunk, and nothing is counted twice.

mod ahead;
mod row;
mod table;

pub use row::{Columns, ReadRow, Reason, needs_quote};
pub use table::{Encoding, Inspector};

use ahead::{Chunk, Ground, Maker, ReadyRow, ahead};
use db::Tx;
use jobs::Job;
use jobs::project::{self as project_jobs, Failure, GoOn, Growth, JobState, Progress, ProjectJob};
use messaging::contacts::draft::{self, Draft};
use messaging::contacts::values::Giver;
use messaging::contacts::{store, values};
use messaging::multi_contacts::Grouping;
use messaging::{Messaging, fields};
use model::{AccountId, ContactId, Cx, Env, FileId, JobId, ProjectId, ValueSource};
use model::{Refusal, Result};
use serde::{Deserialize, Serialize};
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};
use table::{Numbered, Rows, Unreadable};
use tokio::sync::mpsc;

/// Kind of the job.
pub const KIND: &str = "import";
/// Rows in one transaction: enough to share its cost, few enough that nobody waits for it.
const CHUNK: usize = 500;
/// Bytes of cells that a chunk may have before it ends early: rows may be large.
const CHUNK_BYTES: usize = 4 * 1024 * 1024;
/// Reasons kept; all refused rows are counted.
const MAX_REASONS: usize = 1000;

/// What is to be imported.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Request {
    /// The uploaded table.
    pub file: FileId,
    /// Column to field key, `external_id` or `id`.
    pub mapping: Option<BTreeMap<String, String>>,
    /// Encoding.
    pub encoding: Encoding,
    /// Only say what would happen.
    pub dry_run: bool,
}

/// Honest counts.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
pub struct Counts {
    /// Rows read.
    pub rows: u64,
    /// New contacts.
    pub created: u64,
    /// Contacts that got values.
    pub changed: u64,
    /// Contacts that had all of it already.
    pub unchanged: u64,
    /// Contacts whose own values stand: nothing was taken, and what the row claims is in the history of its fields (rulings 35).
    #[serde(default)]
    pub kept: u64,
    /// Rows not taken.
    pub refused: u64,
    /// Why, for the first thousand.
    pub reasons: Vec<Reason>,
    /// Values of rows that were taken, kept as they stand in the table though nothing can be compared with them: they join nobody and part
    /// nobody.
    #[serde(default)]
    pub unusable: u64,
    /// Which and why, for the first thousand.
    #[serde(default)]
    pub unusable_values: Vec<Reason>,
    /// Columns that were not taken: no field is called so, and the mapping does not name them.
    #[serde(default)]
    pub ignored_columns: Vec<String>,
}

/// Fits the mapping to the uploaded table and queues the job.
///
/// # Errors
/// When the table has no header or the mapping does not fit it; then the upload is forgotten.
pub async fn start(
    service: &Arc<Messaging>,
    account: &AccountId,
    project: &ProjectId,
    request: Request,
    by: &str,
) -> Result<ProjectJob> {
    let mut table = open(service, account, &request, 0).await?;
    let header = table.recv().await.unwrap_or_else(|| Ok(Vec::new()))?;
    drop(table);
    let (project, by) = (*project, by.to_owned());
    let started = service.write(account, move |cx| {
        Box::pin(async move {
            let known = fields::all(cx.tx, cx.account, &project).await?;
            let (_, header) = header.first().ok_or_else(|| Refusal::invalid("file", "empty", "there is no header"))?;
            Columns::fit(header, request.mapping.as_ref(), &known)?;
            let input = serde_json::to_value(&request).map_err(|e| Refusal::stored(&e))?;
            project_jobs::start(cx, &project, KIND, &input, Some(&by)).await
        })
    });
    started.await
}

/// Some rows as they stand in a table, or why it cannot be read on.
type Piece = std::result::Result<Vec<Numbered>, Unreadable>;

/// Chunks of rows from a row on, the header as a chunk of its own first. Read on a thread of its own, as far as it is asked for.
async fn open(
    service: &Arc<Messaging>,
    account: &AccountId,
    request: &Request,
    skip: u64,
) -> Result<mpsc::Receiver<Piece>> {
    let head = service.files.open_upload(account, &request.file).await?;
    let bytes = service.files.open_upload(account, &request.file).await?;
    let encoding = request.encoding;
    let (chunks, received) = mpsc::channel(1);
    tokio::task::spawn_blocking(move || {
        let mut first = [0u8; 64 * 1024];
        let length = read_up_to(head, &mut first);
        let rows = Rows::open(bytes, encoding, table::delimiter_of(&first[..length], encoding));
        // A reader who goes away has seen enough.
        let _ = send_pieces(rows, skip, |piece| chunks.blocking_send(piece));
    });
    Ok(received)
}

/// Hands out the header, and then the rows after the first `skip` in chunks.
fn send_pieces<E>(
    mut rows: Rows<impl std::io::Read>,
    skip: u64,
    mut send: impl FnMut(Piece) -> std::result::Result<(), E>,
) -> std::result::Result<(), E> {
    if let Some(header) = rows.next() {
        send(header.map(|header| vec![header]))?;
    }
    let (mut chunk, mut bytes, mut passed) = (Vec::new(), 0, 0);
    for row in rows {
        let row = match row {
            // An error among the rows passed over counts all the same.
            Ok(_) if passed < skip => {
                passed += 1;
                continue;
            }
            Ok(row) => row,
            Err(unreadable) => {
                if !chunk.is_empty() {
                    send(Ok(chunk))?;
                }
                return send(Err(unreadable));
            }
        };
        bytes += row.1.iter().map(String::len).sum::<usize>();
        chunk.push(row);
        if chunk.len() == CHUNK || bytes >= CHUNK_BYTES {
            send(Ok(std::mem::take(&mut chunk)))?;
            bytes = 0;
        }
    }
    if chunk.is_empty() { Ok(()) } else { send(Ok(chunk)) }
}

fn read_up_to(mut bytes: impl std::io::Read, into: &mut [u8]) -> usize {
    let mut length = 0;
    while length < into.len() {
        match bytes.read(&mut into[length..]) {
            Ok(0) | Err(_) => break,
            Ok(read) => length += read,
        }
    }
    length
}

/// What the worker carries from chunk to chunk.
#[derive(Clone)]
struct Run {
    env: Env,
    account: AccountId,
    project: ProjectId,
    id: JobId,
    is_dry: bool,
    total: i64,
    counts: Counts,
    /// Names a dry run would have created by now.
    imagined: BTreeSet<String>,
}

/// The worker.
///
/// # Errors
/// When the storage fails; then the job is tried again from its last chunk.
pub async fn run(service: Arc<Messaging>, job: Job) -> Result<()> {
    let (service, job) = (&service, &job);
    let (_account, id) = (job.account_id, job.id);
    let asked = service.read(&job.account_id, move |cx| {
        Box::pin(async move {
            let asked = project_jobs::by_id(cx.tx, cx.account, &id).await?;
            let ground = Ground::load(cx.tx, cx.account, &asked.project_id).await?;
            Ok::<_, Refusal>((asked, ground))
        })
    });
    let (asked, ground) = asked.await?;
    let request: Request = serde_json::from_value(asked.input).map_err(|e| Refusal::stored(&e))?;
    let counts: Counts = match asked.result {
        Some(partial) if !request.dry_run => serde_json::from_value(partial).map_err(|e| Refusal::stored(&e))?,
        _ => Counts::default(),
    };
    let mut run = Run {
        env: service.env.clone(),
        account: job.account_id,
        project: asked.project_id,
        id: job.id,
        is_dry: request.dry_run,
        total: count(service, &job.account_id, &request).await?,
        counts,
        imagined: BTreeSet::new(),
    };
    let mut table = open(service, &run.account, &request, run.counts.rows).await?;
    let header = table.recv().await.unwrap_or_else(|| Ok(Vec::new()))?;
    let header = header.first().map(|(_, cells)| cells.as_slice()).unwrap_or_default();
    let maker = Arc::new(Maker {
        env: service.env.clone(),
        project: run.project,
        columns: Columns::fit(header, request.mapping.as_ref(), &ground.known().fields)?,
        giver: Giver { source: ValueSource::Import, set_by: asked.created_by, is_verified: false },
        ground: Mutex::new(Arc::new(ground)),
    });
    run.counts.ignored_columns = maker.columns.not_taken();
    let mut chunks = ahead(table, maker.clone());
    let mut growth = Growth::of(messaging::contacts::GROWING_TABLES);
    while let Some(piece) = chunks.recv().await {
        let rows = match piece {
            Ok(rows) => rows,
            Err(unreadable) => return end(service, run, &request.file, Ending::Unreadable(unreadable)).await,
        };
        let go_on;
        (run, go_on) = chunk(service, run, maker.clone(), rows).await?;
        if go_on == GoOn::Cancelled {
            return end(service, run, &request.file, Ending::Cancelled).await;
        }
        growth.follow(&service.db, run.counts.rows).await?;
    }
    end(service, run, &request.file, Ending::Done).await
}

/// How many rows there are, as far as they can be read.
async fn count(service: &Arc<Messaging>, account: &AccountId, request: &Request) -> Result<i64> {
    let mut table = open(service, account, request, 0).await?;
    table.recv().await;
    let mut total = 0;
    while let Some(Ok(rows)) = table.recv().await {
        total += rows.len();
    }
    Ok(i64::try_from(total).unwrap_or(i64::MAX))
}

/// What a chunk's transaction ends with: kept, or undone because it was only tried.
enum Outcome {
    Tried(Box<Run>),
    Failed(Refusal),
}

impl From<db::DbError> for Outcome {
    fn from(error: db::DbError) -> Self {
        Self::Failed(error.into())
    }
}

impl From<Refusal> for Outcome {
    fn from(error: Refusal) -> Self {
        Self::Failed(error)
    }
}

async fn chunk(service: &Arc<Messaging>, run: Run, maker: Arc<Maker>, rows: Chunk) -> Result<(Run, GoOn)> {
    let account = run.account;
    let done = service.db.write_alone(account, move |tx| {
        Box::pin(async move {
            let mut run = run;
            store_rows(tx, &mut run, &maker, rows).await?;
            if run.is_dry {
                return Err(Outcome::Tried(Box::new(run)));
            }
            let go_on = report(tx, &run).await?;
            Ok((run, go_on))
        })
    });
    match done.await {
        Ok(kept) => Ok(kept),
        Err(Outcome::Failed(error)) => Err(error),
        Err(Outcome::Tried(run)) => {
            let told = service.db.write(account, move |tx| {
                Box::pin(async move {
                    let go_on = report(tx, &run).await?;
                    Ok::<_, Refusal>((*run, go_on))
                })
            });
            told.await
        }
    }
}

async fn report(tx: &mut Tx, run: &Run) -> Result<GoOn> {
    let progress = Progress { done: i64::try_from(run.counts.rows).unwrap_or(i64::MAX), total: Some(run.total) };
    let partial = json!(run.counts);
    project_jobs::report_with(&mut Cx::new(tx, &run.env, &run.account), &run.id, progress, &partial).await
}

async fn store_rows(tx: &mut Tx, run: &mut Run, maker: &Maker, chunk: Chunk) -> Result<()> {
    let (env, account, project) = (run.env.clone(), run.account, run.project);
    let mut grouping = Grouping::begin(tx, &env, &account, &project).await?;
    let ground = Ground::load(tx, &account, &project).await?;
    run.counts.rows += chunk.len();
    let mut made = chunk.ready_by(maker, &ground)?;
    let ids: Vec<ContactId> = made.rows.iter().filter_map(|row| row.contact).collect();
    let ours = store::of_project(tx, &account, &project, &ids).await?;
    let names = made.rows.iter().map(|row| row.external_id.as_str());
    let mut here = store::by_external_ids(tx, &account, ground.api(), names).await?;
    let mut newcomers = Newcomers::default();
    for ReadyRow { number, external_id, contact, given, draft, unusable } in made.rows {
        let by_id = contact.as_ref().and_then(|id| ours.get(id));
        if let (Some(_), None, Some(reason)) = (&contact, by_id, maker.columns.unknown_contact(number)) {
            made.refused.push(reason);
            continue;
        }
        count_unusable(&mut run.counts, unusable);
        // A row may speak of a client whom a row before it makes.
        if by_id.is_none() && newcomers.names.contains(&external_id) {
            newcomers.create(tx, &mut grouping).await?;
            here.extend(
                store::by_external_ids(tx, &account, ground.api(), std::iter::once(external_id.as_str())).await?,
            );
        }
        if let Some(found) = by_id.or_else(|| here.get(&external_id)) {
            let done = values::set_in(tx, &mut grouping, ground.known(), found, &given, &maker.giver).await?;
            let counts = &mut run.counts;
            let count = match (done.changed.is_empty(), done.kept.is_empty()) {
                (false, _) => &mut counts.changed,
                (true, false) => &mut counts.kept,
                (true, true) => &mut counts.unchanged,
            };
            *count += 1;
        } else if run.is_dry && !run.imagined.insert(external_id.clone()) {
            run.counts.changed += 1;
        } else {
            newcomers.names.insert(external_id);
            newcomers.drafts.push(draft);
            run.counts.created += 1;
        }
    }
    newcomers.create(tx, &mut grouping).await?;
    made.refused.sort_by_key(|reason| reason.row);
    count_refused(&mut run.counts, made.refused);
    grouping.finish(tx).await.map(drop)
}

/// All rows that cannot be taken are counted, the first with their reasons.
fn count_refused(counts: &mut Counts, reasons: Vec<Reason>) {
    counts.refused += reasons.len() as u64;
    let room = MAX_REASONS.saturating_sub(counts.reasons.len());
    counts.reasons.extend(reasons.into_iter().take(room));
}

/// As [`count_refused`], for values of rows that are taken.
fn count_unusable(counts: &mut Counts, reasons: Vec<Reason>) {
    counts.unusable += reasons.len() as u64;
    let room = MAX_REASONS.saturating_sub(counts.unusable_values.len());
    counts.unusable_values.extend(reasons.into_iter().take(room));
}

/// Clients to be made together.
#[derive(Default)]
struct Newcomers {
    names: BTreeSet<String>,
    drafts: Vec<Draft>,
}

impl Newcomers {
    async fn create(&mut self, tx: &mut Tx, grouping: &mut Grouping<'_>) -> Result<()> {
        if self.drafts.is_empty() {
            return Ok(());
        }
        self.names.clear();
        draft::create_all(tx, grouping, std::mem::take(&mut self.drafts)).await
    }
}

/// How an import ends; its counts are what it did in any case.
enum Ending {
    Done,
    Cancelled,
    Unreadable(Unreadable),
}

async fn end(service: &Arc<Messaging>, run: Run, file: &FileId, ending: Ending) -> Result<()> {
    let account = run.account;
    let (state, error) = match ending {
        Ending::Done => (JobState::Done, None),
        Ending::Cancelled => (JobState::Cancelled, None),
        Ending::Unreadable(unreadable) => (JobState::Failed, Some(Failure::new("unreadable", unreadable.to_string()))),
    };
    let ended = service.db.write(account, move |tx| {
        Box::pin(async move {
            let result = json!(run.counts);
            project_jobs::end(&mut Cx::new(tx, &run.env, &run.account), &run.id, state, Some(&result), error.as_ref())
                .await
                .map(drop)
        })
    });
    ended.await?;
    // A file left behind by a crash right here is only disk space.
    service.files.forget_upload(&account, file).await;
    Ok(())
}
