//! Other nodes of the installation: whose bells this one rings, and who rings its own. A bell says "look"; what there is to see is in the
//! database, which is looked at once a second even when no bell rings.

use crate::Messaging;
use bus::{Bus, Inbox, Ring, Signal};
use db::Announced;
use events::Recorded;
use model::Topic;
use std::sync::Arc;

impl Messaging {
    /// Joins the other nodes: from now on they hear of commits here, and this node of theirs.
    pub fn join(self: &Arc<Self>, bus: Bus, mut inbox: Inbox) {
        self.hub.join(bus.clone());
        let _ = self.bus.set(bus);
        let service = self.clone();
        tokio::spawn(async move {
            while let Some((from, signal)) = inbox.next().await {
                match signal {
                    Signal::Ring(ring) => service.hear(ring),
                    other => service.hub.hear(from, other),
                }
            }
        });
    }

    /// Rings the others' bells for what was just committed here.
    pub(crate) fn ring_others(&self, announced: &Announced) {
        let Some(bus) = self.bus.get() else { return };
        bus.ring(|ring| {
            for fact in &announced.facts {
                if let Some(Recorded { account_id, .. }) = fact.downcast_ref() {
                    ring.events.insert(*account_id);
                }
            }
            for topic in &announced.topics {
                match topic.downcast_ref() {
                    Some(Topic::Events(account)) => drop(ring.events.insert(*account)),
                    Some(Topic::Deliveries) => ring.deliveries = true,
                    Some(Topic::Jobs) => ring.jobs = true,
                    Some(Topic::Connections) => ring.connections = true,
                    None => {}
                }
            }
        });
    }

    fn hear(&self, ring: Ring) {
        let Ring { events, deliveries, jobs, connections } = ring;
        for account in &events {
            self.hub.wake(account);
        }
        if deliveries {
            self.deliveries_due.notify_one();
        }
        if jobs {
            self.jobs_due.notify_one();
        }
        if connections {
            self.connections_changed.notify_one();
        }
    }
}
