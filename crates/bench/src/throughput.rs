//! The whole path against a bare loop, a peer and the program before, in turn; the server on one core, the load on the other.

use crate::load::{Done, Numbers};
use crate::process::{Peer, Running};
use crate::{Options, bare, crowd, hot, kept, random, row};
use std::path::Path;
use std::time::Duration;

type Fallible<T> = Result<T, Box<dyn std::error::Error>>;

/// The kinds of load.
#[derive(Clone, Copy)]
enum Kind {
    Hot,
    Random(usize),
}

/// Figures of one program under one load, over the rounds.
#[derive(Default)]
struct Figures {
    rate: Numbers,
    cpu: Numbers,
    kept: Numbers,
    own: Numbers,
}

/// Figures of everything that is compared under one load.
#[derive(Default)]
struct Compared {
    ours: Figures,
    before: Figures,
    bare: Numbers,
    peer: Numbers,
}

/// Prints both loads; `times_peer` is how many times the peer is asked for.
pub async fn run(options: &Options, times_peer: f64) -> Fallible<()> {
    let patience = Duration::from_secs_f64(options.seconds);
    let (mut few, mut many, conversations) = (Compared::default(), Compared::default(), random::conversations());
    for _ in 0..options.rounds {
        few.round(options, Kind::Hot, patience).await?;
        let peer = Peer::start(&options.peer, &options.scratch.join("peer.db"), Some(0))?;
        few.peer.add(hot::fresh(&peer.target(), patience).await?.per_second());
        drop(peer);
        many.round(options, Kind::Random(conversations), patience).await?;
    }
    few.print("64 x 32", "hot", options.before.is_some());
    row("socket.io + SQLite FULL, 64 x 32", &few.peer.show(0), "");
    let ratio = few.ours.rate.median() / few.peer.median();
    row("  ratio to socket.io", &format!("{ratio:.1}"), &format!("at least {times_peer:.0}"));
    many.print(&format!("{conversations} at random"), "random", options.before.is_some());
    Ok(())
}

impl Compared {
    async fn round(&mut self, options: &Options, kind: Kind, patience: Duration) -> Fallible<()> {
        let data = options.scratch.join("load");
        self.bare.add(bare::run(&options.scratch, kind.conversations(), 1000, patience).await?);
        self.ours.add(measured(&options.otklik, &data, kind, patience).await?);
        if let Some(before) = &options.before {
            self.before.add(measured(before, &data, kind, patience).await?);
        }
        Ok(())
    }

    fn print(&self, load: &str, short: &str, has_before: bool) {
        let Self { ours, before, bare, .. } = self;
        row(&format!("visitor messages a second, whole path, FULL, {load}"), &ours.rate.show(0), "");
        if has_before {
            row("  before: messages a second", &before.rate.show(0), "");
            row("  ratio to before", &format!("{:.2}", ours.rate.median() / before.rate.median()), "printed");
        }
        let asked = if short == "hot" { "at least 0.50" } else { "printed" };
        row(&format!("bare loop, same statements, groups of 1000, {short}"), &bare.show(0), "");
        row("  ratio to the bare loop", &format!("{:.2}", ours.rate.median() / bare.median()), asked);
        row(&format!("server CPU microseconds a message, {short}"), &ours.cpu.show(1), "printed");
        if has_before {
            row("  before: microseconds", &before.cpu.show(1), "");
            row("  ratio to before", &format!("{:.2}", ours.cpu.median() / before.cpu.median()), "printed");
        }
        row(&format!("bytes of database a message kept, {short}"), &ours.kept.show(0), "at most 700");
        if has_before {
            row("  before: bytes", &before.kept.show(0), "");
            row("  ratio to before", &format!("{:.2}", ours.kept.median() / before.kept.median()), "printed");
        }
        row(&format!("the load's own core, % busy, {short}"), &ours.own.show(0), "near 100 the load is the limit");
    }
}

impl Kind {
    fn conversations(self) -> usize {
        match self {
            Self::Hot => hot::VISITORS,
            Self::Random(conversations) => conversations,
        }
    }
}

impl Figures {
    fn add(&mut self, (done, kept): (Done, f64)) {
        self.rate.add(done.per_second());
        self.cpu.add(done.cpu_micros());
        self.own.add(done.own_percent());
        self.kept.add(kept);
    }
}

/// One program with a fresh database under one load: what it did, and the bytes that each message left.
async fn measured(otklik: &Path, data: &Path, kind: Kind, patience: Duration) -> Fallible<(Done, f64)> {
    let server = Running::otklik(otklik, data, Some(0))?;
    let target = server.target();
    let visitors = crowd::gather(&target, kind.conversations()).await?;
    server.rests().await;
    let before = kept::stored(data)?;
    let done = match kind {
        Kind::Hot => hot::run(&target, visitors, patience).await?,
        Kind::Random(_) => random::run(&target, visitors, patience).await?,
    };
    server.stop()?;
    let kept = kept::stored(data)?.each_since(&before);
    std::fs::remove_dir_all(data)?;
    Ok((done, kept))
}
