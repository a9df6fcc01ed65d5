//! What holds when a run is carried over to another version, for any document and any events.
#![allow(missing_docs)]

mod support;

use proptest::prelude::*;
use scenario::document::LaunchKind;
use scenario::moving::{Stays, moved, target};
use scenario::step::Answer;
use scenario::{Document, Event, Facts, Graph, Run, What, step};
use serde_json::{Value, json};
use support::document;

fn compiled(document: &Value) -> Graph {
    Graph::compile(&serde_json::from_value::<Document>(document.clone()).unwrap()).unwrap()
}

/// The same blocks in another order: every number is another one.
fn reversed(document: &Value) -> Value {
    let mut other = document.clone();
    other["blocks"].as_array_mut().unwrap().reverse();
    other
}

/// What happens to a run, by a number.
fn happen(graph: &Graph, run: &mut Run, facts: &mut Facts, at: i64, kind: u8) {
    let body = json!({ "n": 7 });
    let what = match kind % 8 {
        0 => What::Message(Answer { text: "да", ..Answer::default() }),
        1 => What::Message(Answer { text: "8 912 345-67-89", ..Answer::default() }),
        2 => What::Message(Answer { text: "Да", button: Some("x"), visit: run.visit(), ..Answer::default() }),
        3 => What::HttpResult { visit: run.visit(), request: None, status: 200, body: &body },
        4 => What::NoOperator,
        5 => What::Undelivered { visit: run.visit().unwrap_or(0) },
        6 => What::OperatorLeft,
        _ => What::Tick,
    };
    let mut told = Vec::new();
    step(graph, &(), run, facts, Event { at, what }, &mut told);
}

fn begun(graph: &Graph, facts: &mut Facts) -> Run {
    let mut run = Run::default();
    let entry = graph.entry(LaunchKind::MenuButton, None).unwrap();
    step(graph, &(), &mut run, facts, Event { at: 0, what: What::Started(entry) }, &mut Vec::new());
    run
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1000, ..ProptestConfig::default() })]

    /// A version in which only the order of the blocks is another does the same, from whatever moment on.
    #[test]
    fn moved_and_then_stepped_is_stepped_and_then_moved(main in document(), events in proptest::collection::vec((any::<u8>(), 0_i64..60_000), 1..20), moment in 0_usize..20) {
        let (from, to) = (compiled(&main), compiled(&reversed(&main)));
        let mut facts = Facts::default();
        let mut stayed = begun(&from, &mut facts);
        let (mut other, mut other_facts) = (None, Facts::default());
        let mut now = 0;
        for (at, (kind, later)) in events.iter().enumerate() {
            if at == moment.min(events.len() - 1) && stayed.ended().is_none() {
                other = Some(moved(&stayed, &from, &to, now).unwrap());
                other_facts = facts.clone();
            }
            now += later;
            happen(&from, &mut stayed, &mut facts, now, *kind);
            if let Some(other) = &mut other {
                happen(&to, other, &mut other_facts, now, *kind);
                prop_assert_eq!(stayed.ended(), other.ended());
                if stayed.ended().is_none() {
                    prop_assert_eq!(&moved(&stayed, &from, &to, now).unwrap(), other);
                }
            }
        }
    }

    /// Whatever the other version is: the run stays untouched for a reason, or waits at the block of the same id in the same visit, and goes on.
    #[test]
    fn any_other_version_takes_a_run_or_says_why_not(main in document(), other in document(), events in proptest::collection::vec(any::<u8>(), 0..6)) {
        let (from, to) = (compiled(&main), compiled(&other));
        let mut facts = Facts::default();
        let mut run = begun(&from, &mut facts);
        for (at, kind) in events.iter().enumerate() {
            happen(&from, &mut run, &mut facts, at as i64, *kind);
        }
        match (run.own_spot(), moved(&run, &from, &to, 50)) {
            (None, moved) => prop_assert!(moved.is_err()),
            (Some((block, _)), Err(why)) => {
                prop_assert_eq!(target(&from, &to, block), Err(why));
            }
            (Some((block, visit)), Ok(mut there)) => {
                let (number, same) = there.own_spot().unwrap();
                prop_assert_eq!((&to.blocks[number as usize].id, same), (&from.blocks[block as usize].id, visit));
                prop_assert_eq!(there.vars(), run.vars());
                happen(&to, &mut there, &mut facts, 1_000_000, 7);
                happen(&to, &mut there, &mut facts, 2_000_000, 1);
            }
        }
    }
}

fn one(settings: &Value) -> Graph {
    compiled(&json!({"schema": 1, "launch": [{"kind": "menu_button", "to": "b1"}], "edges": [],
        "blocks": [{"id": "b1", "type": "message", "settings": settings}]}))
}

#[test]
fn a_deadline_stays_goes_with_its_exit_or_begins_with_the_move() {
    let asks = |timeout: Option<&str>| one(&json!({"text": "?", "wait": {"expect": "any", "timeout": timeout}}));
    let waits = |graph: &Graph| begun(graph, &mut Facts::default()).next_due();
    let (plain, short, long) = (asks(None), asks(Some("PT30S")), asks(Some("PT1H")));
    assert_eq!(waits(&short), Some(30_000));
    let due =
        |from: &Graph, to: &Graph| moved(&begun(from, &mut Facts::default()), from, to, 10_000).unwrap().next_due();
    assert_eq!(due(&short, &long), Some(30_000), "it was promised when the question was asked");
    assert_eq!(due(&plain, &short), Some(40_000));
    assert_eq!(due(&short, &plain), waits(&plain), "only the run's own end is left");
}

#[test]
fn a_message_that_asks_nothing_any_more_and_another_type_keep_a_run_where_it_is() {
    let asks = one(&json!({"text": "?", "wait": {"expect": "any"}}));
    let says = one(&json!({"text": "!"}));
    let waits = compiled(
        &json!({"schema": 1, "launch": [], "edges": [], "blocks": [{"id": "b1", "type": "delay", "settings": {"for": "PT1M"}}]}),
    );
    let gone = compiled(
        &json!({"schema": 1, "launch": [], "edges": [], "blocks": [{"id": "b2", "type": "end", "settings": {}}]}),
    );
    let run = begun(&asks, &mut Facts::default());
    let stays = |to: &Graph| moved(&run, &asks, to, 0).unwrap_err();
    assert_eq!([stays(&says), stays(&waits), stays(&gone)], [Stays::AsksNothing, Stays::TypeChanged, Stays::BlockGone]);
    let over = begun(&says, &mut Facts::default());
    assert_eq!(moved(&over, &says, &asks, 0), Err(Stays::Ended));
}
