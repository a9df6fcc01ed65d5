//! What no mailing can be, and what forbids the start of one, by its path.

use super::Plan;
use crate::document::{Document, Zone};
use crate::goal::Goal;
use crate::zone::{self, QuietHours};
use model::{Invalid, Timestamp};

/// Characters of a text, a subject and a title at most.
const LONGEST_TEXT: usize = 4_000;
const LONGEST_SUBJECT: usize = 200;
const LONGEST_TITLE: usize = 120;

impl Document {
    /// What no mailing can be, by its path: refused when it is saved.
    pub fn refused(&self) -> Vec<Invalid> {
        let mut found = self.audience.problems();
        let mut say = |path: &str, code: &str, words: &str| found.push(Invalid::new(path, code, words));
        let title = self.title.trim();
        if title.is_empty() || title.chars().count() > LONGEST_TITLE || title.contains('\0') {
            say("title", "wrong_form", "1 to 120 characters");
        }
        let own = self.body.per_channel.values().flat_map(|words| words.text.iter());
        for text in self.body.text.iter().chain(own) {
            if text.chars().count() > LONGEST_TEXT || text.contains('\0') {
                say("body.text", "too_long", "at most 4000 characters");
            }
        }
        for subject in self.body.per_channel.values().filter_map(|words| words.subject.as_ref()) {
            if subject.chars().count() > LONGEST_SUBJECT || subject.chars().any(char::is_control) {
                say("body.per_channel", "wrong_form", "a subject is one line of at most 200 characters");
            }
        }
        if self.body.scenario_id.is_some() && self.body.text.as_ref().is_some_and(|text| !text.trim().is_empty()) {
            say("body", "two_bodies", "a mailing is a scenario or a text");
        }
        let mut kinds = self.channels.clone();
        kinds.sort_unstable();
        kinds.dedup();
        if kinds.len() != self.channels.len() {
            say("channels", "repeated", "name each kind once");
        }
        if self.schedule.quiet.as_ref().is_some_and(|quiet| QuietHours::read(quiet).is_none()) {
            say("schedule.quiet", "wrong_form", "two different times, as 21:00 and 09:00");
        }
        for (path, time) in [("schedule.at", &self.schedule.at), ("schedule.last", &self.schedule.last)] {
            if time.as_deref().is_some_and(|text| zone::local(text).is_none()) {
                say(path, "wrong_form", "a local time without a zone, as 2026-12-03T10:00");
            }
        }
        if self.pace_per_minute.is_some_and(|pace| !(1..=6_000).contains(&pace)) {
            say("pace_per_minute", "out_of_range", "1 to 6000 a minute");
        }
        if self.frequency.is_some_and(|cap| !(1..=100).contains(&cap.times) || !(1..=365).contains(&cap.days)) {
            say("frequency", "out_of_range", "1 to 100 mailings in 1 to 365 days");
        }
        if let Some(words) = self.goal.as_ref().and_then(Goal::wrong) {
            say("goal", "bad_goal", words);
        }
        if self.required.as_ref().is_some_and(|why| why.reason.trim().is_empty() || why.reason.chars().count() > 500) {
            say("required.reason", "wrong_form", "say in 1 to 500 characters why it must reach everybody");
        }
        found
    }
}

impl Plan {
    /// What forbids the start, by its path: a draft may have it.
    pub fn problems(&self, now: Timestamp) -> Vec<Invalid> {
        let mut found = Vec::new();
        let mut say = |path: &str, code: &str, words: &str| found.push(Invalid::new(path, code, words));
        let Document { body, channels, schedule, .. } = &self.document;
        if channels.is_empty() {
            say("channels", "no_channels", "choose one channel at least");
        }
        if body.scenario_id.is_none() {
            for channel in channels {
                if self.document.text_for(*channel).is_none_or(|text| text.trim().is_empty()) {
                    say("body", "no_body", "write the text, or choose a scenario");
                    break;
                }
            }
        }
        for channel in channels {
            let can = channels::adapter(*channel).capabilities();
            let length = self.document.text_for(*channel).map_or(0, |text| text.chars().count());
            if !can.splits_text && length > can.max_text {
                let words = format!("{} takes at most {} characters", channel.as_str(), can.max_text);
                say("body.text", "too_long_for_channel", &words);
            }
        }
        if schedule.zone == Zone::Client && schedule.at.is_none() {
            say("schedule.at", "no_time", "name the time in the client's zone");
        }
        let project_zone = self.at.filter(|_| schedule.zone == Zone::Project);
        if project_zone.and_then(|at| zone::moment(at, &self.about.zone)).is_some_and(|at| at.plus_ms(60_000) < now) {
            say("schedule.at", "in_the_past", "this time is over: choose another, or start at once");
        }
        if self.last.is_some_and(|last| last <= self.starts_at(now)) {
            say("schedule.last", "before_start", "the last moment comes before the start");
        }
        found
    }
}
