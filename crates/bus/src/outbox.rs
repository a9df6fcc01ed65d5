//! What waits to be said. Whoever says something never waits: there is room, or it is lost.

use crate::signal::{Ring, Signal};
use model::NodeId;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{Notify, mpsc, oneshot};
use tokio::time::{Instant, timeout};

/// Signals that wait at most, beside the folded rings.
const QUEUE: usize = 4096;
/// Accounts that one ring names at most; the others find out by looking.
const MAX_RUNG: usize = 4096;
/// What waited longer is not said any more: nobody types in the past.
const STALE: Duration = Duration::from_secs(2);
/// How long the last words may take.
const LAST_WORDS: Duration = Duration::from_millis(500);

/// A node's way to tell the others. Cheap to clone; without others it does nothing.
#[derive(Clone, Default)]
pub struct Bus(Option<Arc<Outbox>>);

pub(crate) struct Outbox {
    node: NodeId,
    ring: Mutex<Ring>,
    has_rung: Notify,
    queue: mpsc::Sender<Waiting>,
    pub(crate) ignored: AtomicU64,
}

/// A signal since when it waits, or the end.
pub(crate) enum Waiting {
    Signal(Instant, Signal),
    /// Everything before this has been said.
    End(oneshot::Sender<()>),
}

/// What is to be said next.
pub(crate) enum Next {
    Signal(Signal),
    End(oneshot::Sender<()>),
}

impl Bus {
    /// The only node.
    pub fn alone() -> Self {
        Self(None)
    }

    pub(crate) fn new(node: NodeId) -> (Self, Arc<Outbox>, mpsc::Receiver<Waiting>) {
        let (queue, waiting) = mpsc::channel(QUEUE);
        let outbox =
            Outbox { node, ring: Mutex::default(), has_rung: Notify::new(), queue, ignored: AtomicU64::default() };
        let outbox = Arc::new(outbox);
        (Self(Some(outbox.clone())), outbox, waiting)
    }

    /// Who this node is to the others; none when there are none.
    pub fn node(&self) -> Option<NodeId> {
        self.0.as_ref().map(|outbox| outbox.node)
    }

    /// Whether nobody else can hear.
    pub fn is_alone(&self) -> bool {
        self.0.is_none()
    }

    /// Rings the others' bells. What rings before the last ring went out goes with it.
    pub fn ring(&self, add: impl FnOnce(&mut Ring)) {
        let Some(outbox) = &self.0 else { return };
        let mut ring = locked(&outbox.ring);
        add(&mut ring);
        while ring.events.len() > MAX_RUNG {
            ring.events.pop_last();
        }
        if !ring.is_empty() {
            outbox.has_rung.notify_one();
        }
    }

    /// Says something; lost when too much waits already.
    pub fn tell(&self, signal: Signal) {
        let Some(outbox) = &self.0 else { return };
        if outbox.queue.try_send(Waiting::Signal(Instant::now(), signal)).is_err() {
            tracing::debug!("too much waits to be told to the other nodes: a signal is dropped");
        }
    }

    /// Says the last thing, and waits a moment for it to be gone.
    pub async fn close(&self, last: Signal) {
        let Some(outbox) = &self.0 else { return };
        self.tell(last);
        let (sender, said) = oneshot::channel();
        if outbox.queue.try_send(Waiting::End(sender)).is_ok() {
            let _ = timeout(LAST_WORDS, said).await;
        }
    }

    /// Messages on our subjects that were none of ours.
    pub fn ignored(&self) -> u64 {
        self.0.as_ref().map_or(0, |outbox| outbox.ignored.load(Ordering::Relaxed))
    }
}

impl Outbox {
    pub(crate) fn node(&self) -> NodeId {
        self.node
    }

    /// Waits for something to say.
    pub(crate) async fn next(&self, queue: &mut mpsc::Receiver<Waiting>) -> Option<Next> {
        loop {
            tokio::select! {
                biased;
                () = self.has_rung.notified() => {
                    let ring = std::mem::take(&mut *locked(&self.ring));
                    if !ring.is_empty() {
                        return Some(Next::Signal(Signal::Ring(ring)));
                    }
                }
                waiting = queue.recv() => match waiting? {
                    Waiting::Signal(since, _) if since.elapsed() > STALE => {}
                    Waiting::Signal(_, signal) => return Some(Next::Signal(signal)),
                    Waiting::End(said) => return Some(Next::End(said)),
                }
            }
        }
    }
}

/// A poisoned lock only means that another thread panicked while it folded two rings; the ring is whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Presence;
    use model::AccountId;

    #[tokio::test]
    async fn rings_are_folded_until_they_are_taken_away() {
        let (bus, outbox, mut waiting) = Bus::new(NodeId(1));
        for n in 0..100 {
            bus.ring(|ring| {
                ring.events.insert(AccountId::from_bits(n % 3));
            });
        }
        bus.ring(|ring| ring.jobs = true);
        let Some(Next::Signal(Signal::Ring(ring))) = outbox.next(&mut waiting).await else { panic!("a ring") };
        assert_eq!((ring.events.len(), ring.jobs, ring.deliveries), (3, true, false));
        let second = timeout(Duration::from_millis(20), outbox.next(&mut waiting));
        assert!(second.await.is_err(), "once is enough");
    }

    #[tokio::test]
    async fn a_full_queue_loses_signals_and_holds_up_nobody() {
        let (bus, _outbox, mut waiting) = Bus::new(NodeId(1));
        for _ in 0..QUEUE * 2 {
            bus.tell(Signal::Presence(Presence::Gone));
        }
        let mut kept = 0;
        while waiting.try_recv().is_ok() {
            kept += 1;
        }
        assert_eq!(kept, QUEUE);
    }

    #[tokio::test(start_paused = true)]
    async fn what_waited_too_long_is_not_said_any_more() {
        let (bus, outbox, mut waiting) = Bus::new(NodeId(1));
        bus.tell(Signal::Presence(Presence::Gone));
        tokio::time::advance(STALE * 2).await;
        bus.tell(Signal::Presence(Presence::Alive { version: 2 }));
        let next = outbox.next(&mut waiting).await;
        assert!(matches!(next, Some(Next::Signal(Signal::Presence(Presence::Alive { version: 2 })))));
    }

    #[test]
    fn the_only_node_has_nobody_to_tell() {
        let bus = Bus::alone();
        bus.ring(|_| panic!("nobody listens"));
        bus.tell(Signal::Presence(Presence::Gone));
        assert!(bus.is_alone());
    }
}
