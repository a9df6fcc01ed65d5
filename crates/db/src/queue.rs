//! A queue before a database thread. Unlike a general channel it never spins: on a small machine the processor belongs to others.

use std::collections::VecDeque;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};

/// The end that is written to; the queue closes with the last of them.
pub(crate) struct Sender<T>(Arc<Open<T>>);

/// The end of the database threads: each item goes to one of them.
pub(crate) struct Receiver<T>(Arc<Shared<T>>);

struct Open<T>(Arc<Shared<T>>);

struct Shared<T> {
    state: Mutex<State<T>>,
    filled: Condvar,
    limit: usize,
}

struct State<T> {
    items: VecDeque<T>,
    /// Threads that sleep: nobody else needs to be woken, and waking costs a system call.
    sleepers: usize,
    is_closed: bool,
}

/// A queue that refuses more than `limit` items.
pub(crate) fn queue<T>(limit: usize) -> (Sender<T>, Receiver<T>) {
    let state = State { items: VecDeque::new(), sleepers: 0, is_closed: false };
    let shared = Arc::new(Shared { state: Mutex::new(state), filled: Condvar::new(), limit });
    (Sender(Arc::new(Open(shared.clone()))), Receiver(shared))
}

impl<T> Sender<T> {
    /// Puts an item in; false when the queue is full.
    pub(crate) fn try_send(&self, item: T) -> bool {
        let shared = &self.0.0;
        let mut state = shared.lock();
        if state.items.len() >= shared.limit {
            return false;
        }
        state.items.push_back(item);
        let has_sleepers = state.sleepers > 0;
        drop(state);
        if has_sleepers {
            shared.filled.notify_one();
        }
        true
    }
}

impl<T> Receiver<T> {
    /// The next item, waited for; `None` when the queue is closed and empty.
    pub(crate) fn recv(&self) -> Option<T> {
        let mut state = self.0.lock();
        loop {
            if let Some(item) = state.items.pop_front() {
                return Some(item);
            }
            if state.is_closed {
                return None;
            }
            state.sleepers += 1;
            state = self.0.filled.wait(state).unwrap_or_else(PoisonError::into_inner);
            state.sleepers -= 1;
        }
    }

    /// The next item, if one is here already.
    pub(crate) fn try_recv(&self) -> Option<T> {
        self.0.lock().items.pop_front()
    }
}

impl<T> Shared<T> {
    /// A panic elsewhere leaves the state whole: every change of it is one step.
    fn lock(&self) -> MutexGuard<'_, State<T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<T> Drop for Open<T> {
    fn drop(&mut self) {
        self.0.lock().is_closed = true;
        self.0.filled.notify_all();
    }
}

impl<T> Clone for Sender<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

impl<T> Clone for Receiver<T> {
    fn clone(&self) -> Self {
        Self(self.0.clone())
    }
}

#[cfg(test)]
mod tests {
    use super::queue;

    #[test]
    fn items_come_out_in_order_and_a_full_queue_refuses() {
        let (sender, receiver) = queue(2);
        assert!(sender.try_send(1) && sender.try_send(2));
        assert!(!sender.try_send(3));
        assert_eq!((receiver.recv(), receiver.try_recv(), receiver.try_recv()), (Some(1), Some(2), None));
    }

    #[test]
    fn sleeping_threads_share_the_items_and_end_with_the_last_sender() {
        let (sender, receiver) = queue(1000);
        let threads: Vec<_> = (0..3)
            .map(|_| {
                let receiver = receiver.clone();
                std::thread::spawn(move || std::iter::from_fn(|| receiver.recv()).sum::<u64>())
            })
            .collect();
        let other = sender.clone();
        for item in 1..=100 {
            assert!(if item % 2 == 0 { sender.try_send(item) } else { other.try_send(item) });
            if item % 10 == 0 {
                std::thread::yield_now();
            }
        }
        drop((sender, other));
        assert_eq!(threads.into_iter().map(|thread| thread.join().unwrap()).sum::<u64>(), 5050);
    }
}
