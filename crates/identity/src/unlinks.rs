//! Unlinks (ruling 27, ADR 19): whoever was parted by hand shares no group with whom they were parted from, as long as no newer decision
//! says otherwise. Each step takes edges away, so it ends; and each is a function of the universe, whatever the order of its contacts.

use crate::graph::{Graph, Marks, Walk};

/// Takes away what would join a subject with somebody it is banned from. Answers the bans (by override and subject) that are broken all the same:
/// none, as far as is known.
pub(crate) fn apply_unlinks(graph: &mut Graph) -> Vec<(usize, u32)> {
    if graph.bans.is_empty() {
        return Vec::new();
    }
    let mut marks = Marks::new(graph);
    loop {
        // In order of creation, and once more, for what one takes away another may have stood on.
        let broken = loop {
            let (mut has_changed, mut broken) = (false, Vec::new());
            for at in 0..graph.bans.len() {
                if broken_for(graph, at, &mut marks).is_empty() {
                    continue;
                }
                broken.push(at);
                let (subject, over) = (graph.bans[at].subject, graph.bans[at].over);
                if graph.ignored[subject as usize].is_none() {
                    graph.ignored[subject as usize] = Some(over);
                    has_changed = true;
                }
            }
            if !has_changed {
                break broken;
            }
        };
        if !broken.iter().any(|&at| enforce(graph, at, &mut marks)) {
            return broken.into_iter().map(|at| (graph.bans[at].over, graph.bans[at].subject)).collect();
        }
    }
}

/// For a subject without rule edges of its own: takes its links away that are older and lead to whom it is banned from by links alone; else the
/// rule edges of those whom links tie to it. False when there was nothing to take away.
fn enforce(graph: &mut Graph, at: usize, marks: &mut Marks) -> bool {
    let others = broken_for(graph, at, marks);
    cut_links(graph, at, &others, marks) || hold_back_tied(graph, at, &others, marks)
}

/// Cuts the subject's older links from whose other end links lead on to one of these.
fn cut_links(graph: &mut Graph, at: usize, others: &[u32], marks: &mut Marks) -> bool {
    let (subject, seq) = (graph.bans[at].subject, graph.bans[at].seq);
    let ends: Vec<u32> = graph.links_of(subject).iter().filter(|link| link.seq < seq).map(|link| link.to).collect();
    let leads = |&end: &u32| {
        graph.tied(end, Some(subject), marks);
        others.iter().any(|&other| marks.reached(other))
    };
    let cut: Vec<u32> = ends.into_iter().filter(leads).collect();
    for &end in &cut {
        graph.cut_link(subject, end, seq);
    }
    !cut.is_empty()
}

/// Holds back the rule edges of those who are tied to the subject by links and reach one of these by rules, each looked at without the
/// rule edges of the rest.
fn hold_back_tied(graph: &mut Graph, at: usize, others: &[u32], marks: &mut Marks) -> bool {
    let (subject, over) = (graph.bans[at].subject, graph.bans[at].over);
    let mut tied = graph.tied(subject, None, marks);
    tied.retain(|&contact| graph.ignored[contact as usize].is_none());
    for &contact in &tied {
        graph.ignored[contact as usize] = Some(over);
    }
    let mut free = Vec::new();
    for &contact in &tied {
        graph.ignored[contact as usize] = None;
        graph.component(contact, Walk::default(), marks);
        if !others.iter().any(|&other| marks.reached(other)) {
            free.push(contact);
        }
        graph.ignored[contact as usize] = Some(over);
    }
    for &contact in &free {
        graph.ignored[contact as usize] = None;
    }
    free.len() < tied.len()
}

/// Those a subject is banned from who share its component, newer links apart. A newer link lifts the ban for those it reunites with the
/// subject: who is reachable without the subject's rule edges now, but not without the newer links; and for those to whom newer links and
/// others lead by themselves.
fn broken_for(graph: &Graph, at: usize, marks: &mut Marks) -> Vec<u32> {
    let ban = &graph.bans[at];
    let component = graph.component(ban.subject, Walk::default(), marks);
    let mut shared: Vec<u32> = ban.others.iter().copied().filter(|&other| marks.reached(other)).collect();
    let has_newer = component.iter().any(|&c| graph.links_of(c).iter().any(|link| link.seq > ban.seq));
    if shared.is_empty() || !has_newer {
        return shared;
    }
    let by_hand = Walk { without_rules_of: Some(ban.subject), links_until: None };
    graph.component(ban.subject, by_hand, marks);
    let mut lifted: Vec<u32> = shared.iter().copied().filter(|&other| marks.reached(other)).collect();
    graph.component(ban.subject, Walk { links_until: Some(ban.seq), ..by_hand }, marks);
    lifted.retain(|&other| !marks.reached(other));
    shared.retain(|other| !lifted.contains(other));
    if shared.is_empty() {
        return shared;
    }
    graph.tied_until(ban.subject, ban.seq, marks);
    let by_older: Vec<u32> = shared.iter().copied().filter(|&other| marks.reached(other)).collect();
    graph.tied(ban.subject, None, marks);
    shared.retain(|other| !marks.reached(*other) || by_older.contains(other));
    shared
}
