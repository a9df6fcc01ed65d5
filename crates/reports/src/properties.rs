//! What holds of any thread: it may be read in pieces and twice, and the sums are those of the sessions.

use crate::rules::Rules;
use crate::session::{Line, Reading, Session, Side, What};
use crate::sums::{Deltas, Place, Sum, Sums, places};
use model::{ConnectionId, ConversationId, DepartmentId, ProjectId, RandomIds, ReportSessionId, UserId};
use proptest::prelude::*;
use std::collections::{BTreeMap, HashMap};

fn what() -> impl Strategy<Value = What> {
    let user = prop::option::of((1_u128..4).prop_map(UserId::from_bits));
    prop_oneof![
        4 => Just(What::Said(Side::Client)),
        3 => user.clone().prop_map(|user| What::Said(Side::Person(user))),
        2 => Just(What::Said(Side::Bot)),
        1 => Just(What::BotBegan),
        1 => Just(What::BotEnded),
        1 => user.prop_map(What::Held),
        1 => prop::option::of((1_u128..3).prop_map(DepartmentId::from_bits)).prop_map(What::Queued),
        2 => Just(What::Closed),
        1 => Just(What::Reopened),
        1 => (1_i64..6).prop_map(What::Rated),
        1 => Just(What::Other),
    ]
}

fn thread() -> impl Strategy<Value = Vec<Line>> {
    prop::collection::vec((what(), 1_i64..900), 0..60).prop_map(|lines| {
        let mut at = 1_790_000_000_000;
        let line = |(seq, (what, seconds)): (usize, (What, i64))| {
            at += seconds * 1000;
            Line { seq: seq as i64 + 1, at, what }
        };
        lines.into_iter().enumerate().map(line).collect()
    })
}

fn rules() -> Rules {
    Rules { zone: "Europe/Moscow".into(), hours: Vec::new(), departments: HashMap::new(), missed_minutes: 10 }
}

fn blank() -> Session {
    Session {
        id: ReportSessionId::from_bits(1),
        project: ProjectId::from_bits(1),
        conversation: Some(ConversationId::from_bits(1)),
        first_seq: 1,
        seen_seq: 0,
        began_at: 0,
        day: 0,
        hour: 0,
        channel: "site".into(),
        connection: ConnectionId::from_bits(1),
        operator: None,
        department: None,
        scenario: None,
        page: String::new(),
        with_bot: false,
        asked_at: None,
        due_at: None,
        answered_at: None,
        answered_by: None,
        client_messages: 0,
        people_messages: 0,
        bot_messages: 0,
        closed_at: None,
        score: None,
        missed: None,
    }
}

/// Sessions of a thread that is read in pieces, as the follower reads it: what is kept of a piece is all that the next one knows.
fn read(lines: &[Line], cuts: &[usize], mut changed: impl FnMut(Option<&Session>, &Session)) -> Vec<Session> {
    let mut kept: Vec<Session> = Vec::new();
    let ends = cuts.iter().map(|cut| cut % (lines.len() + 1)).chain([lines.len()]);
    let mut ends: Vec<usize> = ends.collect();
    ends.sort_unstable();
    for end in ends {
        let known = kept.last().cloned();
        let first = known.clone().unwrap_or_else(blank);
        let seen = first.seen_seq;
        let mut reading = Reading::from(first);
        for line in lines[..end].iter().filter(|line| line.seq > seen) {
            reading.read(line, &rules(), &RandomIds);
        }
        let now = lines[..end].last().map_or(0, |line| line.at);
        for mut new in reading.sessions {
            new.judge(now);
            if !new.is_begun() {
                continue;
            }
            let old = known.clone().filter(|old| old.first_seq == new.first_seq);
            changed(old.as_ref(), &new);
            match kept.last_mut().filter(|last| last.first_seq == new.first_seq) {
                Some(last) => *last = new,
                None => kept.push(new),
            }
        }
    }
    kept
}

/// But for their ids, which are drawn.
fn alike(sessions: Vec<Session>) -> Vec<Session> {
    sessions.into_iter().map(|session| Session { id: ReportSessionId::from_bits(1), missed: None, ..session }).collect()
}

fn summed(sessions: &[Session]) -> BTreeMap<Place, Sums> {
    let mut all = BTreeMap::<Place, Sums>::new();
    for session in sessions {
        for place in places(session) {
            all.entry(place).or_default().add(&Sums::of(session), 1);
        }
    }
    all
}

proptest! {
    #[test]
    fn a_thread_may_be_read_in_pieces(lines in thread(), cuts in prop::collection::vec(0_usize..60, 0..6)) {
        let whole = alike(read(&lines, &[], |_, _| {}));
        // A piece that ends between the end of a scenario and a close right after it is never read: they are of one transaction.
        let apart = |cut: &usize| {
            let cut = cut % (lines.len() + 1);
            !(cut > 0 && cut < lines.len() && lines[cut - 1].what == What::BotEnded && lines[cut].what == What::Closed)
        };
        let cuts: Vec<usize> = cuts.into_iter().filter(apart).collect();
        prop_assert_eq!(alike(read(&lines, &cuts, |_, _| {})), whole);
    }

    #[test]
    fn sums_are_those_of_the_sessions_after_any_changes(lines in thread(), cuts in prop::collection::vec(0_usize..60, 0..12)) {
        let mut sums = BTreeMap::<Place, Sums>::new();
        let kept = read(&lines, &cuts, |old, new| {
            let mut deltas = Deltas::default();
            deltas.change(old, new);
            for (place, change) in deltas.rows() {
                sums.entry(place.clone()).or_default().add(change, 1);
            }
        });
        sums.retain(|_, sums| *sums != Sums::default());
        prop_assert_eq!(sums, summed(&kept));
    }

    #[test]
    fn every_split_adds_up_to_all(lines in thread()) {
        let all = summed(&read(&lines, &[], |_, _| {}));
        for sum in [Sum::Sessions, Sum::Missed, Sum::Answered, Sum::ClientMessages, Sum::Score] {
            let of = |split: &str| all.iter().filter(|(place, _)| place.split == split).map(|(_, sums)| sums.get(sum)).sum::<i64>();
            for split in ["operator", "department", "channel", "page", "scenario"] {
                prop_assert_eq!(of(split), of("all"));
            }
        }
    }
}

fn one(lines: &[(i64, What)]) -> Session {
    let lines: Vec<Line> = lines
        .iter()
        .zip(1..)
        .map(|((minute, what), seq)| Line { seq, at: 1_790_000_000_000 + minute * 60_000, what: what.clone() })
        .collect();
    read(&lines, &[], |_, _| {}).pop().unwrap()
}

const CLIENT: What = What::Said(Side::Client);
const PERSON: What = What::Said(Side::Person(None));
const BOT: What = What::Said(Side::Bot);

#[test]
fn what_is_missed() {
    use crate::session::Missed::{Closed, Late};
    let missed = |lines: &[(i64, What)]| one(lines).missed;
    assert_eq!(missed(&[(0, CLIENT), (10, PERSON)]), None, "in time");
    assert_eq!(missed(&[(0, CLIENT), (11, PERSON)]), Some(Late));
    assert_eq!(missed(&[(0, CLIENT), (1, What::Closed)]), Some(Closed));
    assert_eq!(missed(&[(0, PERSON), (1, CLIENT), (2, What::Closed)]), None, "a person began it");
    assert_eq!(missed(&[(0, CLIENT), (0, What::BotBegan), (1, BOT), (2, What::Closed)]), None, "the bot had it");
    let given = [(0, CLIENT), (0, What::BotBegan), (1, BOT), (20, What::BotEnded), (29, PERSON)];
    assert_eq!(missed(&given), None, "people were asked after twenty minutes");
    assert_eq!(one(&given).answer_seconds(), Some(9 * 60));
    let ended = [(0, CLIENT), (0, What::BotBegan), (1, BOT), (2, What::BotEnded), (2, What::Closed)];
    assert_eq!(missed(&ended), None, "its end closed it");
    let mut waits = one(&[(0, CLIENT)]);
    waits.judge(1_790_000_000_000 + 600_000);
    assert_eq!(waits.missed, Some(crate::session::Missed::Unanswered), "the limit has passed");
}

#[test]
fn what_is_written_after_the_close_is_another_session() {
    let lines = [CLIENT, PERSON, What::Closed, What::Rated(4), CLIENT];
    let lines: Vec<Line> = lines.into_iter().zip(1..).map(|(what, seq)| Line { seq, at: seq * 1000, what }).collect();
    let sessions = read(&lines, &[], |_, _| {});
    let told: Vec<_> =
        sessions.iter().map(|one| (one.first_seq, one.score, one.closed_at, one.client_messages)).collect();
    assert_eq!(told, [(1, Some(4), Some(3000), 1), (5, None, None, 1)]);
}
