//! A clock that the story sets, so that messages lie in the past.

use model::{Clock, SystemClock, Timestamp};
use std::sync::atomic::{AtomicI64, Ordering};

pub(crate) struct DemoClock(AtomicI64);

impl DemoClock {
    pub fn now() -> Self {
        Self(AtomicI64::new(SystemClock.now().0))
    }

    pub fn set(&self, moment: Timestamp) {
        self.0.store(moment.0, Ordering::Relaxed);
    }

    pub fn advance(&self, ms: i64) {
        self.0.fetch_add(ms, Ordering::Relaxed);
    }
}

impl Clock for DemoClock {
    fn now(&self) -> Timestamp {
        Timestamp(self.0.load(Ordering::Relaxed))
    }
}
