//! The hub among the nodes of an installation: what other nodes tell its sockets, and who is connected to them.

use crate::hub::{Hub, Mark, NO_SOCKET, VisitorFrame};
use crate::peers::{BEAT, Turned};
use bus::{Bus, Presence, Signal};
use bytes::Bytes;
use model::NodeId;
use model::live::{self, OperatorFrame};
use serde::Deserialize;
use std::collections::BTreeSet;
use std::sync::Arc;
use tokio::time::{MissedTickBehavior, interval};

/// Bytes of a mark from another node at most.
const LARGEST_MARK: usize = 8 * 1024;
/// Frames that other nodes may send to operators and to visitors: nothing that looks like the record.
const OPERATOR_MARKS: [&str; 5] = ["typing", "viewing", "draft", "announcements_read", "availability"];
const VISITOR_MARKS: [&str; 2] = ["typing", "read"];

impl Hub {
    /// Tells the other nodes from now on who is connected here, and forgets those that are silent.
    pub fn join(self: &Arc<Self>, bus: Bus) {
        self.peers.join(bus);
        let hub = self.clone();
        tokio::spawn(async move {
            let mut beats = interval(BEAT);
            beats.set_missed_tick_behavior(MissedTickBehavior::Delay);
            loop {
                beats.tick().await;
                hub.tell_turned(hub.peers.beat());
            }
        });
    }

    /// Takes a mark, or word of who came or went, from another node.
    pub fn hear(&self, from: NodeId, signal: Signal) {
        match signal {
            Signal::Presence(said) => self.tell_turned(self.peers.hear(from, said)),
            Signal::Mark { account, project, user, frame } => {
                let Some(hub) = self.followed(&account).filter(|_| is_mark(&frame, &OPERATOR_MARKS)) else { return };
                let Some(project) = project else { return };
                hub.mark_here(Mark { user, ..Mark::of_project(project, NO_SOCKET, frame) });
            }
            Signal::ToVisitor { account, contact, frame } => {
                let Some(hub) = self.followed(&account).filter(|_| is_mark(&frame, &VISITOR_MARKS)) else { return };
                hub.to_visitor_here(&contact, &VisitorFrame::Text(Bytes::from(frame)));
            }
            Signal::Call { account, project, visitor } => {
                if let Some(hub) = self.followed(&account) {
                    hub.call_visitor_here(&project, &visitor);
                }
            }
            // For whoever has the path's bells.
            Signal::Ring(_) => {}
        }
    }

    /// Says goodbye to the other nodes.
    pub async fn leave(&self) {
        if let Some(bus) = self.peers.bus() {
            bus.close(Signal::Presence(Presence::Gone)).await;
        }
    }

    /// Tells the sockets here who came or went elsewhere, unless they are here, too.
    fn tell_turned(&self, turned: Vec<Turned>) {
        for turned in turned {
            let (sockets, projects, frame, is_here) = match turned {
                Turned::Visitor { account, contact, project, online } => {
                    let Some(hub) = self.followed(&account) else { continue };
                    let presence = live::Presence::Contact { contact_id: &contact, online };
                    let frame = OperatorFrame::Presence(presence).text();
                    (hub.clone(), BTreeSet::from([project]), frame, hub.is_visitor_here(&contact))
                }
                Turned::Operator { account, user, projects, online } => {
                    let Some(hub) = self.followed(&account) else { continue };
                    let presence = live::Presence::User { user_id: model::ActorId::User(user), online };
                    (hub.clone(), projects, OperatorFrame::Presence(presence).text(), hub.is_user_here(&user))
                }
                Turned::Visitors { account, project } => {
                    if let Some(hub) = self.followed(&account) {
                        hub.touch_visitors(project);
                    }
                    continue;
                }
            };
            if !is_here {
                sockets.mark_here(Mark {
                    projects: Some(projects),
                    user: None,
                    from: NO_SOCKET,
                    frame: Bytes::from(frame),
                });
            }
        }
    }
}

/// Whether a frame is of a kind that another node may send.
fn is_mark(frame: &str, kinds: &[&str]) -> bool {
    #[derive(Deserialize)]
    struct Kind<'a> {
        #[serde(borrow)]
        r#type: &'a str,
    }
    let kind = || serde_json::from_str::<Kind<'_>>(frame).ok();
    frame.len() <= LARGEST_MARK && kind().is_some_and(|kind| kinds.contains(&kind.r#type))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_marks_pass_from_node_to_node() {
        assert!(is_mark(r#"{"type":"typing","author":{"name":"Анна"}}"#, &OPERATOR_MARKS));
        assert!(is_mark(r#"{"type":"read","seq":7}"#, &VISITOR_MARKS));
        let long = format!(r#"{{"type":"typing","name":"{}"}}"#, "x".repeat(LARGEST_MARK));
        for frame in ["", "{}", "[]", "typing", r#"{"type":"event"}"#, r#"{"type":"presence"}"#, &long] {
            assert!(!is_mark(frame, &OPERATOR_MARKS) && !is_mark(frame, &VISITOR_MARKS), "{frame}");
        }
    }
}
