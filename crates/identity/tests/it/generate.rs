//! Random change sets over small alphabets, so that collisions are common.

use identity::engine::{Change, Engine, Fields, Input, RuleSpec, SettingsChange};
use identity::keys::{HubLimit, Mode};
use identity::normalise::FieldKind;
use proptest::prelude::*;

pub const CONTACTS: u32 = 10;
const RULES: &[(&str, &[&str])] = &[
    ("phone", &["phone"]),
    ("email", &["email"]),
    ("both", &["phone", "email"]),
    ("who", &["name", "code"]),
    ("code", &["code"]),
];
const PHONES: &[&str] = &[
    "+79120000001",
    "8 912 000 00 01",
    "89120000002",
    "9120000003",
    "+7 912 000 00 04",
    "+79120000005",
    "+79120000006",
    "-",
    "123",
    "9999999999",
];
const EMAILS: &[&str] = &["a@x.ru", "A@X.ru", "b@x.ru", "c@x.ru", "d@x.ru", "e@x.ru", "broken", "нет"];
const NAMES: &[&str] = &["Анна", "АННА ", "Ivan", "none"];
const CODES: &[&str] = &["1", "2", "3", " 2"];

/// Numbers that [`change`] turns into a change.
#[derive(Clone, Copy, Debug)]
pub struct Seed {
    pub op: u8,
    pub a: u16,
    pub b: u16,
    pub c: u32,
}

pub fn seed() -> impl Strategy<Value = Seed> {
    (any::<u8>(), any::<u16>(), any::<u16>(), any::<u32>()).prop_map(|(op, a, b, c)| Seed { op, a, b, c })
}

/// Change sets of one to three changes.
pub fn sets(length: std::ops::Range<usize>) -> impl Strategy<Value = Vec<Vec<Seed>>> {
    prop::collection::vec(prop::collection::vec(seed(), 1..4), length)
}

pub fn engine() -> Engine {
    Engine::new(&[
        ("phone", FieldKind::Phone, true),
        ("email", FieldKind::Email, true),
        ("name", FieldKind::Text, false),
        ("code", FieldKind::Id, false),
    ])
}

/// A project with contacts and two rules to start from.
pub fn furnished() -> Engine {
    let mut engine = engine();
    let rule = |(key, fields): &(&str, &[&str])| Change::RuleAdd { key: (*key).to_owned(), spec: spec(fields, 0) };
    engine.apply(&RULES[..2].iter().map(rule).collect::<Vec<_>>()).expect("two good rules");
    let create =
        |n: u32| Change::Create { external_id: format!("c{n}"), fields: fields(n.wrapping_mul(2_654_435_761)) };
    engine.apply(&(0..CONTACTS).map(create).collect::<Vec<_>>()).expect("good contacts");
    engine
}

fn contact(n: u16) -> String {
    format!("c{}", u32::from(n) % CONTACTS)
}

fn pick<T: Copy>(list: &[T], n: u32) -> T {
    list[n as usize % list.len()]
}

fn input(list: &[&str], n: u32) -> Input {
    Input { raw: pick(list, n).to_owned(), verified: !(n / 16).is_multiple_of(3) }
}

/// Up to four fields; now and then with more combinations than a rule uses (ruling 30).
pub fn fields(n: u32) -> Fields {
    let mut fields: Fields = Vec::new();
    let several = |list: &[&str], n: u32| match n % 8 {
        0 => Vec::new(),
        1..5 => vec![input(list, n / 8)],
        5 | 6 => vec![input(list, n / 8), input(list, n / 64)],
        _ => vec![input(list, n / 8), input(list, n / 64), input(list, n / 512)],
    };
    if n % 16 == 9 {
        let all = |list: &[&str]| (0..list.len() as u32).map(|k| input(list, k + n / 64 * 16)).collect();
        return vec![("phone".into(), all(PHONES)), ("email".into(), all(EMAILS))];
    }
    if n.is_multiple_of(2) {
        fields.push(("phone".into(), several(PHONES, n / 2)));
    }
    if (n / 2).is_multiple_of(2) {
        fields.push(("email".into(), several(EMAILS, n / 5)));
    }
    if (n / 4).is_multiple_of(2) {
        fields.push(("name".into(), vec![input(NAMES, n / 3)]));
    }
    if (n / 8).is_multiple_of(2) {
        fields.push(("code".into(), vec![input(CODES, n / 7)]));
    }
    fields
}

fn spec(fields: &[&str], n: u32) -> RuleSpec {
    RuleSpec {
        fields: Some(fields.iter().map(|&f| f.to_owned()).collect()),
        position: Some(i64::from(n % 3)),
        enabled: Some(n / 3 % 5 != 1),
        verified_only: Some(n / 16 % 4 == 1),
        mode: Some(if n / 64 % 8 == 1 { Mode::Suggest } else { Mode::AtOnce }),
        hub_limit: Some(match n / 512 % 6 {
            1 => HubLimit::Off,
            2 => HubLimit::At(2),
            3 => HubLimit::At(4),
            _ => HubLimit::Project,
        }),
    }
}

fn value(a: u16, b: u16) -> (String, String) {
    let n = u32::from(b);
    let (field, value) = match a % 3 {
        0 => ("phone", pick(&PHONES[..5], n)),
        1 => ("email", pick(&EMAILS[..5], n)),
        _ => ("code", pick(CODES, n)),
    };
    (field.to_owned(), value.to_owned())
}

pub fn limits(seed: Seed) -> Change {
    let hub_limit = pick(&[None, Some(2), Some(3), Some(4), Some(5), Some(20)], u32::from(seed.a));
    let max_group = pick(&[None, Some(2), Some(3), Some(4), Some(6), Some(100)], u32::from(seed.b));
    let settings = match seed.c % 3 {
        0 => SettingsChange { hub_limit: Some(hub_limit), ..SettingsChange::default() },
        1 => SettingsChange { max_group: Some(max_group), ..SettingsChange::default() },
        _ => SettingsChange { hub_limit: Some(hub_limit), max_group: Some(max_group), ..SettingsChange::default() },
    };
    Change::Settings { settings }
}

fn norm_settings(seed: Seed) -> Change {
    let region = pick(&[Some("RU"), None, Some("DE")], u32::from(seed.a)).map(str::to_owned);
    let placeholders = pick(&[&["-", "нет"][..], &["a@x.ru"], &["2", "anna"], &[]], u32::from(seed.b));
    let settings = SettingsChange {
        default_region: seed.c.is_multiple_of(2).then_some(region),
        placeholders: (seed.c / 2)
            .is_multiple_of(2)
            .then(|| Some(placeholders.iter().map(|&p| p.to_owned()).collect())),
        ..SettingsChange::default()
    };
    Change::Settings { settings }
}

pub fn rule(seed: Seed, is_known: impl Fn(&str) -> bool) -> Change {
    let (key, fields) = pick(RULES, u32::from(seed.a));
    let key = key.to_owned();
    let fields = if seed.b.is_multiple_of(5) { pick(RULES, u32::from(seed.b / 5)).1 } else { fields };
    let spec = spec(fields, seed.c);
    if is_known(&key) { Change::RuleEdit { key, spec } } else { Change::RuleAdd { key, spec } }
}

/// A change that mostly makes sense in the engine's state; now and then one that is refused.
pub fn change(engine: &Engine, seed: Seed) -> Change {
    let Seed { op, a, b, c } = seed;
    let external_id = contact(a);
    let is_alive = engine.group_of(&external_id).is_some();
    let rules = engine.rules();
    let is_rule = |key: &str| rules.iter().any(|rule| rule.key == key);
    match op {
        0..80 if is_alive => Change::Set { external_id, fields: fields(c) },
        0..80 => Change::Create { external_id, fields: fields(c) },
        80..100 => Change::Delete { external_id },
        100..130 => rule(seed, is_rule),
        130..138 => Change::RuleRemove { key: pick(RULES, u32::from(a)).0.to_owned() },
        138..146 => Change::RuleDisable { key: pick(RULES, u32::from(a)).0.to_owned() },
        146..156 => Change::RuleEnable { key: pick(RULES, u32::from(a)).0.to_owned() },
        156..172 => Change::Link { a: contact(a), b: contact(b) },
        172..178 => Change::UndoLink { a: contact(a), b: contact(b) },
        178..200 => Change::Unlink { contact: external_id },
        200..206 => Change::UndoUnlink { contact: external_id },
        206..214 => {
            let (field, value) = value(a, b);
            Change::BlockValue { field, value }
        }
        214..221 => {
            let (field, value) = value(a, b);
            Change::UnblockValue { field, value }
        }
        221..229 => {
            let (field, value) = value(a, b);
            Change::AllowValue { field, value }
        }
        229..235 => {
            let (field, value) = value(a, b);
            Change::DisallowValue { field, value }
        }
        235..251 => limits(seed),
        251..=255 => norm_settings(seed),
    }
}
