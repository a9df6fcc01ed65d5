//! Unlinks against links and rules (ruling 27).

use super::engine_ops::{apply, create, engine, limits, link, set, shape, unlink};
use identity::engine::{Change, Engine};

const ONE: (&str, &str) = ("phone", "+79120000001");
const TWO: (&str, &str) = ("phone", "+79120000002");
const MAIL: (&str, &str) = ("email", "x@y.ru");

fn pair() -> Engine {
    let mut engine = engine();
    apply(&mut engine, &[create("a", &[ONE]), create("b", &[ONE])]);
    engine
}

#[test]
fn an_unlink_sticks_while_values_change() {
    let mut engine = pair();
    apply(&mut engine, &[unlink("b")]);
    assert_eq!(shape(&engine), "");
    apply(&mut engine, &[set("a", &[MAIL]), set("b", &[MAIL])]);
    assert_eq!(shape(&engine), "", "a new common value does not reunite them");
    apply(&mut engine, &[Change::UndoUnlink { contact: "b".into() }]);
    assert_eq!(shape(&engine), "a b");
}

#[test]
fn all_rule_edges_are_ignored_while_a_banned_contact_is_near() {
    let mut engine = pair();
    apply(&mut engine, &[unlink("b"), create("c", &[MAIL]), set("b", &[MAIL])]);
    assert_eq!(shape(&engine), "", "b's e-mail is ignored too");
    apply(&mut engine, &[set("a", &[TWO])]);
    assert_eq!(shape(&engine), "b c", "they return when no ban applies");
}

#[test]
fn a_ban_works_through_third_contacts_and_old_links() {
    let mut engine = pair();
    apply(&mut engine, &[unlink("b"), set("b", &[TWO]), create("c", &[TWO]), create("d", &[])]);
    assert_eq!(shape(&engine), "b c");
    apply(&mut engine, &[set("c", &[("phone", "+79120000001|+79120000002")])]);
    assert_eq!(shape(&engine), "a c");
    apply(&mut engine, &[set("c", &[TWO]), link("c", "a")]);
    assert_eq!(shape(&engine), "a c", "the link is between others: b's ban on a holds");
}

#[test]
fn a_newer_link_lifts_the_ban_for_those_it_reunites() {
    let mut engine = engine();
    apply(&mut engine, &[create("a", &[ONE]), create("b", &[ONE]), create("c", &[ONE, MAIL]), create("d", &[MAIL])]);
    apply(&mut engine, &[unlink("c")]);
    assert_eq!(shape(&engine), "a b", "c loses its e-mail edge too: d was in its group");
    apply(&mut engine, &[link("c", "a")]);
    assert_eq!(shape(&engine), "a b c", "d was not reunited by the link, so the ban on d still holds");
    apply(&mut engine, &[link("c", "d")]);
    assert_eq!(shape(&engine), "a b c d");
    apply(&mut engine, &[Change::UndoLink { a: "c".into(), b: "d".into() }]);
    assert_eq!(shape(&engine), "a b c");
}

#[test]
fn the_newest_decision_on_a_pair_holds_and_its_undo_brings_the_older_one_back() {
    let mut engine = pair();
    apply(&mut engine, &[link("a", "b")]);
    let done = apply(&mut engine, &[unlink("b")]);
    assert_eq!(shape(&engine), "", "the link is older");
    assert_eq!(done.flags, []);
    apply(&mut engine, &[link("b", "a")]);
    assert_eq!(shape(&engine), "a b", "the unlink is older");
    apply(&mut engine, &[Change::UndoLink { a: "b".into(), b: "a".into() }]);
    assert_eq!(shape(&engine), "", "the unlink was waiting");

    let mut engine = pair();
    apply(&mut engine, &[set("b", &[TWO]), link("a", "b"), unlink("a")]);
    assert_eq!(shape(&engine), "");
    apply(&mut engine, &[Change::UndoUnlink { contact: "a".into() }]);
    assert_eq!(shape(&engine), "a b", "the link was waiting");
}

#[test]
fn an_unlink_parts_a_contact_that_a_chain_of_links_joined() {
    let mut engine = engine();
    let names = ["a", "b", "c", "d", "e"];
    apply(&mut engine, &names.map(|name| create(name, &[])));
    apply(&mut engine, &[link("a", "b"), link("b", "c"), link("c", "d"), link("d", "e")]);
    apply(&mut engine, &[unlink("e")]);
    assert_eq!(shape(&engine), "a b c d", "the end of the chain");
    apply(&mut engine, &[unlink("b")]);
    assert_eq!(shape(&engine), "c d", "one in its middle: nothing else joined a to the rest");
    apply(&mut engine, &[link("b", "d")]);
    assert_eq!(shape(&engine), "b c d", "by the new link only");
}

#[test]
fn an_undone_decision_between_two_others_overrules_none_of_them() {
    let mut engine = engine();
    apply(&mut engine, &[create("c", &[ONE]), create("x", &[]), create("y", &[TWO]), link("c", "x"), unlink("x")]);
    apply(&mut engine, &[set("y", &[ONE]), unlink("c"), set("y", &[TWO]), set("x", &[TWO])]);
    assert_eq!(shape(&engine), "x y");
    // Back is what nobody decided against later: c and x are one. c and y are not, so the rule that says that x and y are waits.
    let done = apply(&mut engine, &[Change::UndoUnlink { contact: "x".into() }]);
    assert_eq!((shape(&engine).as_str(), done.flags), ("c x", vec![]));
    apply(&mut engine, &[Change::UndoUnlink { contact: "c".into() }]);
    assert_eq!(shape(&engine), "c x y", "nobody parts them any more");
}

#[test]
fn of_older_links_that_lead_to_somebody_parted_later_the_subjects_own_gives_way() {
    let mut engine = engine();
    apply(&mut engine, &[create("c", &[ONE]), create("x", &[]), create("y", &[TWO]), link("x", "y"), link("c", "x")]);
    assert_eq!(shape(&engine), "c x y");
    apply(&mut engine, &[unlink("x"), set("y", &[ONE])]);
    assert_eq!(shape(&engine), "c y", "x was parted from both, and a rule joins them");
    apply(&mut engine, &[unlink("c")]);
    assert_eq!(shape(&engine), "");
    let done = apply(&mut engine, &[Change::UndoUnlink { contact: "x".into() }]);
    assert_eq!((shape(&engine).as_str(), done.flags), ("x y", vec![]), "the newest decision about c and y holds");
    apply(&mut engine, &[link("c", "y")]);
    assert_eq!(shape(&engine), "c x y", "a newer link lifts it");
}

#[test]
fn links_survive_values_and_undo() {
    let mut engine = pair();
    apply(&mut engine, &[link("b", "a"), set("a", &[TWO])]);
    assert_eq!(shape(&engine), "a b");
    apply(&mut engine, &[Change::UndoLink { a: "a".into(), b: "b".into() }]);
    assert_eq!(shape(&engine), "");
}

#[test]
fn unlinks_go_before_size() {
    let mut engine = engine();
    apply(&mut engine, &[limits(None, Some(3)), create("a", &[ONE]), create("b", &[ONE]), create("c", &[ONE])]);
    apply(&mut engine, &[unlink("c"), create("d", &[ONE])]);
    assert_eq!(shape(&engine), "a b d", "three without c: small enough");
}

#[test]
fn a_departure_brings_a_suppressed_key_back() {
    let mut engine = engine();
    apply(&mut engine, &[limits(None, Some(2)), create("a", &[ONE]), create("b", &[ONE]), create("c", &[ONE])]);
    assert_eq!(shape(&engine), "");
    apply(&mut engine, &[Change::Delete { external_id: "c".into() }]);
    assert_eq!(shape(&engine), "a b");
}
