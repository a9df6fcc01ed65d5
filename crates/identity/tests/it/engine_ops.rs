//! Change sets: order, refusal, idempotence, identities (api.md section 6, rulings 22-24, 29, 33).

use identity::engine::{Applied, Change, ChangeProblem, Engine, Input, RuleSpec, SettingsChange};
use identity::keys::{HubLimit, Mode};
use identity::normalise::FieldKind;
use identity::partition::{Flag, Suspension};

pub fn engine() -> Engine {
    let mut engine = Engine::new(&[
        ("phone", FieldKind::Phone, true),
        ("email", FieldKind::Email, true),
        ("name", FieldKind::Text, false),
        ("code", FieldKind::Id, false),
        ("age", FieldKind::Number, false),
        ("notes", FieldKind::LongText, false),
    ]);
    engine.apply(&[rule("phone", &["phone"]), rule("email", &["email"])]).expect("good rules");
    engine
}

pub fn rule(key: &str, fields: &[&str]) -> Change {
    let fields = Some(fields.iter().map(|&f| f.to_owned()).collect());
    Change::RuleAdd { key: key.to_owned(), spec: RuleSpec { fields, ..RuleSpec::default() } }
}

fn values(fields: &[(&str, &str)]) -> Vec<(String, Vec<Input>)> {
    fields.iter().map(|&(field, raw)| (field.to_owned(), raw.split('|').map(Input::verified).collect())).collect()
}

pub fn create(name: &str, fields: &[(&str, &str)]) -> Change {
    Change::Create { external_id: name.to_owned(), fields: values(fields) }
}

pub fn set(name: &str, fields: &[(&str, &str)]) -> Change {
    Change::Set { external_id: name.to_owned(), fields: values(fields) }
}

pub fn unlink(name: &str) -> Change {
    Change::Unlink { contact: name.to_owned() }
}

pub fn link(a: &str, b: &str) -> Change {
    Change::Link { a: a.to_owned(), b: b.to_owned() }
}

fn delete(name: &str) -> Change {
    Change::Delete { external_id: name.to_owned() }
}

pub fn limits(hub_limit: Option<u32>, max_group: Option<u32>) -> Change {
    let settings =
        SettingsChange { hub_limit: Some(hub_limit), max_group: Some(max_group), ..SettingsChange::default() };
    Change::Settings { settings }
}

/// Groups of two or more, as "a b, c d".
pub fn shape(engine: &Engine) -> String {
    let groups = engine.groups().into_iter().map(|(_, members)| members).filter(|members| members.len() > 1);
    groups.map(|members| members.join(" ")).collect::<Vec<_>>().join(", ")
}

pub fn apply(engine: &mut Engine, changes: &[Change]) -> Applied {
    engine.apply(changes).expect("good changes")
}

fn refused(engine: &mut Engine, changes: &[Change]) -> (usize, ChangeProblem) {
    let before = (engine.groups(), format!("{:?}", engine.universe()));
    let error = engine.apply(changes).expect_err("a bad change");
    assert_eq!((engine.groups(), format!("{:?}", engine.universe())), before, "nothing of a refused set stays");
    (error.index, error.problem)
}

#[test]
fn rules_are_or_and_fields_are_and() {
    let mut engine = engine();
    apply(&mut engine, &[rule("who", &["name", "code"])]);
    apply(
        &mut engine,
        &[
            create("a", &[("phone", "8 912 345 67 89"), ("name", "Ann")]),
            create("b", &[("phone", "+79123456789"), ("email", "X@y.ru")]),
            create("c", &[("email", "x@Y.RU"), ("name", "ann"), ("code", "1")]),
            create("d", &[("name", "ANN"), ("code", "2")]),
            create("e", &[("name", "ann"), ("code", "1")]),
            create("f", &[("phone", "-"), ("email", "")]),
            create("g", &[("phone", "-")]),
        ],
    );
    assert_eq!(shape(&engine), "a b c e");
}

#[test]
fn a_set_is_answered_once_at_its_end() {
    let mut engine = engine();
    let done = apply(
        &mut engine,
        &[
            create("a", &[("phone", "+79123456789")]),
            create("b", &[("phone", "+79123456789")]),
            create("c", &[("email", "c@x.ru")]),
            set("b", &[("phone", "")]),
            set("b", &[("email", "c@x.ru")]),
        ],
    );
    assert_eq!(done.applied, 5);
    assert_eq!(done.groups.len(), 1);
    assert_eq!(done.groups[0].contacts, ["b", "c"]);
    assert!(done.dissolved.is_empty(), "an intermediate group was never visible");
}

#[test]
fn an_unlink_takes_the_group_of_its_moment() {
    let mut engine = engine();
    let phone = [("phone", "+79123456789")];
    apply(&mut engine, &[create("a", &phone), create("b", &phone), unlink("b"), create("c", &phone)]);
    assert_eq!(shape(&engine), "a c", "b may not meet a, and c is with a");
    apply(&mut engine, &[delete("a")]);
    assert_eq!(shape(&engine), "b c", "the ban named a only");
}

#[test]
fn bad_changes_are_refused_with_their_index() {
    let mut engine = engine();
    apply(&mut engine, &[create("a", &[]), create("b", &[])]);
    let text = |s: &str| s.to_owned();
    let block = |field: &str, value: &str| Change::BlockValue { field: text(field), value: text(value) };
    let spec = |hub_limit| RuleSpec { hub_limit: Some(hub_limit), ..RuleSpec::default() };
    let table = [
        (create("a", &[]), ChangeProblem::DuplicateContact(text("a"))),
        (set("x", &[]), ChangeProblem::UnknownContact(text("x"))),
        (delete("x"), ChangeProblem::UnknownContact(text("x"))),
        (set("a", &[("x", "1")]), ChangeProblem::UnknownField(text("x"))),
        (set("a", &[("name", "1"), ("name", "2")]), ChangeProblem::DuplicateField(text("name"))),
        (set("a", &[("age", "old")]), ChangeProblem::InvalidValue(text("age"))),
        (set("a", &[("name", "x|y")]), ChangeProblem::TooManyValues(text("name"))),
        (rule("phone", &["phone"]), ChangeProblem::DuplicateRule(text("phone"))),
        (rule("new", &[]), ChangeProblem::RuleWithoutFields),
        (rule("new", &["x"]), ChangeProblem::UnknownField(text("x"))),
        (rule("new", &["phone", "phone"]), ChangeProblem::DuplicateField(text("phone"))),
        (rule("new", &["notes"]), ChangeProblem::FieldNotForRules(text("notes"))),
        (Change::RuleRemove { key: text("x") }, ChangeProblem::UnknownRule(text("x"))),
        (Change::RuleEdit { key: text("phone"), spec: spec(HubLimit::At(1)) }, ChangeProblem::LimitTooSmall),
        (link("a", "a"), ChangeProblem::SelfLink),
        (link("a", "x"), ChangeProblem::UnknownContact(text("x"))),
        (unlink("a"), ChangeProblem::LoneContact(text("a"))),
        (block("phone", "12"), ChangeProblem::InvalidValue(text("phone"))),
        (limits(Some(1), None), ChangeProblem::LimitTooSmall),
        (limits(None, Some(1)), ChangeProblem::LimitTooSmall),
    ];
    for (change, problem) in table {
        let set = [set("b", &[("phone", "+79123456789")]), limits(Some(2), Some(2)), change, create("z", &[])];
        assert_eq!(refused(&mut engine, &set), (2, problem), "{:?}", set[2]);
    }
}

#[test]
fn unusable_text_values_are_kept_and_never_match() {
    let mut engine = engine();
    apply(
        &mut engine,
        &[create("a", &[("phone", "12"), ("email", "x")]), create("b", &[("phone", "12"), ("email", "x")])],
    );
    assert_eq!(shape(&engine), "");
    let region = SettingsChange { default_region: Some(Some("DE".into())), ..SettingsChange::default() };
    apply(&mut engine, &[set("a", &[("phone", "030 1234567")]), set("b", &[("phone", "+49 30 1234567")])]);
    assert_eq!(shape(&engine), "");
    apply(&mut engine, &[Change::Settings { settings: region }]);
    assert_eq!(shape(&engine), "a b", "a new region normalises the raw values again");
}

#[test]
fn ids_follow_the_larger_part_and_redirect() {
    let mut engine = engine();
    let one = [("phone", "+79123456789")];
    let two = [("email", "x@y.ru")];
    apply(
        &mut engine,
        &[create("a", &one), create("b", &one), create("c", &two), create("d", &two), create("e", &two)],
    );
    let (ab, cde) = (engine.group_of("a"), engine.group_of("c"));
    let done = apply(&mut engine, &[link("a", "c")]);
    assert_eq!(engine.group_of("a"), cde, "three beat two");
    assert_eq!(done.dissolved, [ab.expect("a group")]);
    assert_eq!(done.redirects, [(ab.expect("a group"), cde)]);
    let done = apply(&mut engine, &[Change::UndoLink { a: "c".into(), b: "a".into() }]);
    assert_eq!(engine.group_of("c"), cde);
    assert_ne!(engine.group_of("a"), ab, "retired ids do not return");
    assert_eq!(done.groups.len(), 2);
    assert!(done.dissolved.is_empty());
    let done = apply(&mut engine, &[delete("d"), delete("e")]);
    assert_eq!(engine.group_of("c"), cde, "the id stays with the lone rest");
    assert_eq!(done.dissolved, [cde.expect("a group")]);
}

#[test]
fn a_name_created_again_is_another_contact() {
    let mut engine = engine();
    apply(&mut engine, &[create("a", &[]), create("b", &[]), link("a", "b"), delete("b"), create("b", &[])]);
    assert_eq!(shape(&engine), "", "links of the deleted contact are inert");
}

#[test]
fn switched_off_rules_and_proposals_join_nobody() {
    let mut engine = engine();
    let phone = [("phone", "+79123456789")];
    apply(&mut engine, &[create("a", &phone), create("b", &phone)]);
    let mode = |mode| RuleSpec { mode: Some(mode), ..RuleSpec::default() };
    apply(&mut engine, &[Change::RuleEdit { key: "phone".into(), spec: mode(Mode::Suggest) }]);
    assert_eq!(shape(&engine), "");
    apply(&mut engine, &[Change::RuleEdit { key: "phone".into(), spec: mode(Mode::AtOnce) }]);
    assert_eq!(shape(&engine), "a b");
    apply(&mut engine, &[Change::RuleDisable { key: "phone".into() }]);
    assert_eq!(shape(&engine), "");
    apply(&mut engine, &[Change::RuleEnable { key: "phone".into() }]);
    assert_eq!(shape(&engine), "a b");
    apply(&mut engine, &[Change::RuleRemove { key: "phone".into() }]);
    assert_eq!(shape(&engine), "");
}

#[test]
fn a_hub_is_suspended_and_returns() {
    let mut engine = engine();
    let phone = [("phone", "+79123456789")];
    apply(&mut engine, &[limits(Some(2), None), create("a", &phone), create("b", &phone)]);
    assert_eq!(shape(&engine), "a b", "the limit itself still links");
    let done = apply(&mut engine, &[create("c", &phone)]);
    assert_eq!(shape(&engine), "");
    assert_eq!(done.suspended[0].values, ["+79123456789"]);
    assert_eq!((done.suspended[0].contacts, done.suspended[0].suspension), (3, Suspension::Hub { limit: 2 }));
    let allow = Change::AllowValue { field: "phone".into(), value: "8 (912) 345-67-89".into() };
    apply(&mut engine, &[allow]);
    assert_eq!(shape(&engine), "a b c");
    apply(&mut engine, &[Change::DisallowValue { field: "phone".into(), value: "89123456789".into() }, delete("c")]);
    assert_eq!(shape(&engine), "a b");
    apply(&mut engine, &[Change::BlockValue { field: "phone".into(), value: "89123456789".into() }]);
    assert_eq!(shape(&engine), "");
}

#[test]
fn the_size_guard_takes_the_most_shared_key_and_spares_links() {
    let mut engine = engine();
    apply(
        &mut engine,
        &[
            limits(None, Some(3)),
            create("a", &[("phone", "+79123456789")]),
            create("b", &[("phone", "+79123456789"), ("email", "x@y.ru")]),
            create("c", &[("phone", "+79123456789")]),
            create("d", &[("email", "x@y.ru")]),
        ],
    );
    assert_eq!(shape(&engine), "b d");
    let done = apply(&mut engine, &[link("a", "b"), link("b", "c")]);
    assert_eq!(shape(&engine), "a b c");
    assert!(done.flags.is_empty());
    let done = apply(&mut engine, &[link("c", "d")]);
    assert_eq!(shape(&engine), "a b c d");
    assert_eq!(done.flags, [Flag::TooLarge { oldest: "a".to_owned(), size: 4 }]);
}
