use super::*;
use model::{ConnectionId, ContactId, GroupId};
use proptest::prelude::*;
use serde_json::json;
use std::collections::HashSet;

fn plan(document: serde_json::Value) -> Plan {
    let mut whole = json!({ "title": "Зимний свет", "channels": ["telegram", "email"], "body": { "text": "Привет" } });
    whole.as_object_mut().unwrap().extend(document.as_object().unwrap().clone());
    let document: Document = serde_json::from_value(whole).unwrap();
    assert_eq!(document.refused(), []);
    let zone_name = "Europe/Moscow".to_owned();
    let zone = zone::named(&zone_name).unwrap();
    let about = Surroundings { zone, zone_name, reach: Reach::Person, has_licence: true };
    Plan::new(MailingId::from_bits(1), document, about)
}

fn contact(id: u128, channel: ChannelKind) -> Facts {
    Facts {
        now: Timestamp(0),
        contact_id: ContactId::from_bits(id),
        group_id: GroupId::from_bits(1),
        connection_id: ConnectionId::from_bits(id),
        channel,
        address: id.to_string(),
        name: String::new(),
        handle: String::new(),
        is_blocked: false,
        is_off: false,
        last_seen_at: Timestamp(0),
        last_wrote: None,
        is_opted_out: false,
        tags: vec![],
        fields: vec![],
        reports: HashSet::new(),
        mailings: HashSet::new(),
    }
}

const NOW: Timestamp = Timestamp(1_790_000_000_000);

fn chosen(plan: &Plan, person: &[Facts]) -> Outcome {
    plan.choose(person, 0, NOW, |_| false).unwrap()
}

#[test]
fn the_channel_that_the_client_wrote_from_last_goes_before_the_order_of_channels() {
    let plan = plan(json!({}));
    let mut person = [contact(1, ChannelKind::Email), contact(2, ChannelKind::Telegram)];
    assert_eq!(chosen(&plan, &person), Outcome::Chosen(1, vec![0]));
    person[0].last_wrote = Some(NOW);
    assert_eq!(chosen(&plan, &person), Outcome::Chosen(0, vec![1]));
    let alone = Plan { document: Document { fallback: false, ..plan.document.clone() }, ..plan };
    assert_eq!(chosen(&alone, &person), Outcome::Chosen(0, vec![]));
}

#[test]
fn the_reason_told_is_that_of_the_contact_that_came_furthest() {
    let plan = plan(json!({ "body": { "text": "{{city}}" }, "frequency": { "times": 1, "days": 7 } }));
    let mut person = [contact(1, ChannelKind::Site), contact(2, ChannelKind::Telegram)];
    assert_eq!(chosen(&plan, &person), Outcome::Skipped(Reason::MissingField, 1));
    person[1].is_blocked = true;
    assert_eq!(chosen(&plan, &person), Outcome::Skipped(Reason::NoChannel, 0));
    person[1].is_blocked = false;
    person[0].fields = vec![("city".into(), vec!["Пермь".into()])];
    assert_eq!(chosen(&plan, &person), Outcome::Chosen(1, vec![]), "a field of the person, whichever contact holds it");
    assert_eq!(plan.choose(&person, 1, NOW, |_| false), Some(Outcome::Skipped(Reason::FrequencyCap, 1)));
}

#[test]
fn an_opt_out_holds_for_the_whole_person_unless_the_project_says_otherwise_or_it_must_be_told() {
    let whole = plan(json!({}));
    let mut person = [contact(1, ChannelKind::Email), contact(2, ChannelKind::Telegram)];
    person[0].is_opted_out = true;
    assert_eq!(chosen(&whole, &person), Outcome::Skipped(Reason::OptedOut, 0));
    let by_channel = Plan { about: Surroundings { reach: Reach::Channel, ..whole.about.clone() }, ..whole };
    assert_eq!(chosen(&by_channel, &person), Outcome::Chosen(1, vec![]));
    let required = plan(json!({ "required": { "reason": "отзыв товара" } }));
    assert_eq!(chosen(&required, &person), Outcome::Chosen(1, vec![0]));
    person[1].is_blocked = true;
    assert_eq!(chosen(&required, &person), Outcome::Chosen(0, vec![]), "never past a block");
}

#[test]
fn whose_every_address_is_somebody_elses_is_nobody_of_their_own() {
    let plan = plan(json!({}));
    let person = [contact(1, ChannelKind::Email)];
    assert_eq!(plan.choose(&person, 0, NOW, |_| true), None);
    assert_eq!(plan.address_of(&contact(1, ChannelKind::Email)), plan.address_of(&person[0]));
    assert_ne!(plan.address_of(&contact(1, ChannelKind::Telegram)), plan.address_of(&person[0]));
}

#[test]
fn only_matching_contacts_are_written_to_where_it_is_asked() {
    let audience = json!({ "all": [{ "channel": "email" }] });
    let plan = plan(json!({ "matching_only": true, "audience": audience }));
    let person = [contact(1, ChannelKind::Email), contact(2, ChannelKind::Telegram)];
    assert_eq!(chosen(&plan, &person), Outcome::Chosen(0, vec![]));
}

#[test]
fn a_time_in_the_clients_zone_and_quiet_hours_are_the_clients() {
    let plan = plan(json!({ "schedule": { "at": "2026-12-03T10:00", "zone": "client", "quiet": null } }));
    let at = |text: &str| Timestamp(text.parse::<jiff::Timestamp>().unwrap().as_millisecond());
    let start = plan.starts_at(at("2026-12-01T00:00:00Z"));
    assert_eq!(start, at("2026-12-02T20:00:00Z"), "the first zone of the world");
    assert_eq!(plan.due_at(start, "Asia/Vladivostok"), at("2026-12-03T00:00:00Z"));
    assert_eq!(plan.due_at(start, "Europe/Moscow"), at("2026-12-03T07:00:00Z"));
    let quiet = super::tests::plan(
        json!({ "schedule": { "at": "2026-12-03T08:00", "zone": "project", "quiet": { "from": "21:00", "to": "09:00" } } }),
    );
    let start = quiet.starts_at(at("2026-12-01T00:00:00Z"));
    assert_eq!(start, at("2026-12-03T05:00:00Z"));
    assert_eq!(quiet.due_at(start, "Europe/Moscow"), at("2026-12-03T06:00:00Z"));
    assert_eq!(quiet.due_at(start, "Asia/Vladivostok"), start);
}

#[test]
fn a_draft_says_what_forbids_its_start() {
    let codes = |document: serde_json::Value| {
        plan(document).problems(NOW).into_iter().map(|problem| problem.code).collect::<Vec<_>>()
    };
    assert_eq!(codes(json!({})), [""; 0]);
    assert_eq!(codes(json!({ "channels": [] })), ["no_channels"]);
    assert_eq!(codes(json!({ "body": {} })), ["no_body"]);
    assert_eq!(codes(json!({ "schedule": { "zone": "client" } })), ["no_time"]);
    assert_eq!(codes(json!({ "schedule": { "at": "2020-01-01T00:00" } })), ["in_the_past"]);
    assert_eq!(codes(json!({ "schedule": { "last": "2020-01-01T00:00" } })), ["before_start"]);
}

#[test]
fn what_no_mailing_can_be_is_refused_by_its_place() {
    let paths = |more: serde_json::Value| {
        let mut whole = json!({ "title": "x" });
        whole.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        let document: Document = serde_json::from_value(whole).unwrap();
        document.refused().into_iter().map(|problem| problem.path).collect::<Vec<_>>()
    };
    assert_eq!(paths(json!({ "title": " " })), ["title"]);
    assert_eq!(paths(json!({ "channels": ["site", "site"] })), ["channels"]);
    assert_eq!(paths(json!({ "schedule": { "at": "завтра" } })), ["schedule.at"]);
    assert_eq!(paths(json!({ "schedule": { "quiet": { "from": "9", "to": "10" } } })), ["schedule.quiet"]);
    assert_eq!(paths(json!({ "pace_per_minute": 0 })), ["pace_per_minute"]);
    assert_eq!(paths(json!({ "frequency": { "times": 0, "days": 1 } })), ["frequency"]);
    assert_eq!(paths(json!({ "required": { "reason": "" } })), ["required.reason"]);
}

proptest! {
    /// Whoever is chosen may be written to, nobody is chosen twice, and who is not chosen has a reason that holds for one of the contacts.
    #[test]
    fn a_person_is_written_to_once_or_told_why_not(
        contacts in proptest::collection::vec((0..4_usize, any::<bool>(), any::<bool>(), any::<bool>(), proptest::option::of(0..3_i64)), 1..6),
        had in 0..3_i64,
    ) {
        let plan = plan(json!({ "frequency": { "times": 2, "days": 7 } }));
        let kinds = [ChannelKind::Email, ChannelKind::Telegram, ChannelKind::Site, ChannelKind::Api];
        let person: Vec<Facts> = (0..).zip(&contacts).map(|(id, (kind, is_blocked, is_off, is_opted_out, wrote))| Facts {
            is_blocked: *is_blocked,
            is_off: *is_off,
            is_opted_out: *is_opted_out,
            last_wrote: wrote.map(Timestamp),
            ..contact(id, kinds[*kind])
        }).collect();
        match plan.choose(&person, had, NOW, |_| false).unwrap() {
            Outcome::Chosen(first, others) => {
                let all: Vec<usize> = std::iter::once(first).chain(others).collect();
                let distinct: HashSet<usize> = all.iter().copied().collect();
                prop_assert_eq!(distinct.len(), all.len());
                for at in all {
                    prop_assert_eq!(plan.refuses(&person[at], &person, had, NOW), None);
                }
            }
            Outcome::Skipped(reason, at) => {
                prop_assert_eq!(plan.refuses(&person[at], &person, had, NOW), Some(reason));
                prop_assert!(person.iter().all(|facts| plan.refuses(facts, &person, had, NOW).is_some_and(|other| other <= reason)));
            }
        }
    }
}
