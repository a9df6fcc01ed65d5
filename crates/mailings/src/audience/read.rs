//! What cannot be a condition, by its path.

use super::{Audience, Item, Leaf, Op, Wanted};
use model::Invalid;

/// Conditions at most, with nested ones.
const MOST_LEAVES: usize = 50;
/// Contacts that are named one by one at most.
const MOST_CONTACTS: usize = 10_000;
/// Days back at most.
const MOST_DAYS: u32 = 3_660;

impl Audience {
    /// Everything that is wrong with its form; fields and scenarios that must exist are looked for elsewhere.
    pub(crate) fn problems(&self) -> Vec<Invalid> {
        let mut found = Vec::new();
        let (Self::All(items) | Self::Any(items)) = self;
        for (at, item) in items.iter().enumerate() {
            if let Item::Group(Self::All(inner) | Self::Any(inner)) = item
                && inner.iter().any(|item| matches!(item, Item::Group(_)))
            {
                found.push(Invalid::new(&format!("audience[{at}]"), "too_deep", "groups nest one level deep"));
            }
        }
        let leaves = self.leaves();
        if leaves.len() > MOST_LEAVES {
            found.push(Invalid::new("audience", "too_many", format!("at most {MOST_LEAVES} conditions")));
        }
        for (path, leaf) in leaves {
            if let Err((code, words)) = leaf.check() {
                found.push(Invalid::new(&path, code, words));
            }
        }
        found
    }
}

impl Leaf {
    /// Whether its form is wrong.
    pub(crate) fn is_wrong(&self) -> bool {
        self.check().is_err()
    }

    fn check(&self) -> Result<(), (&'static str, String)> {
        let kinds = [
            self.field.is_some(),
            self.tag.is_some(),
            self.channel.is_some(),
            self.connection_id.is_some(),
            self.last_seen.is_some(),
            self.wrote.is_some(),
            self.report.is_some(),
            self.mailing.is_some(),
            self.contacts.is_some(),
            self.segment_id.is_some(),
        ];
        let bad = |words: &str| Err(("bad_condition", words.to_owned()));
        if kinds.iter().filter(|is_there| **is_there).count() != 1 {
            return bad(
                "a condition asks for exactly one thing: field, tag, channel, connection_id, last_seen, wrote, report, mailing, contacts or segment_id",
            );
        }
        if self.field.is_some() {
            return self.check_field();
        }
        if self.op.is_some() || self.value.is_some() {
            return bad("`op` and `value` go with `field`");
        }
        let is_dated = self.last_seen.is_some() || self.wrote.is_some();
        if is_dated != self.within_days.is_some() {
            return bad("`within_days` goes with `last_seen` and `wrote`");
        }
        if self.last_seen == Some(false) || self.wrote == Some(false) {
            return bad("write `\"not\": true` to turn a condition round");
        }
        if self.within_days.is_some_and(|days| !(1..=MOST_DAYS).contains(&days)) {
            return bad("1 to 3660 days");
        }
        if self.tag.as_ref().is_some_and(|tag| tag.trim().is_empty()) {
            return bad("name the tag");
        }
        let days = self.report.iter().flat_map(|of| [&of.from, &of.to]).flatten();
        if days.into_iter().any(|day| day.parse::<jiff::civil::Date>().is_err()) {
            return bad("a day, as 2026-11-01");
        }
        if self.contacts.as_ref().is_some_and(|ids| ids.len() > MOST_CONTACTS) {
            return Err(("too_many", format!("at most {MOST_CONTACTS} contacts one by one")));
        }
        Ok(())
    }

    fn check_field(&self) -> Result<(), (&'static str, String)> {
        let bad = |words: &str| Err(("bad_condition", words.to_owned()));
        let Some(op) = self.op else { return bad("say how the field is compared: `op`") };
        match (op, &self.value) {
            (Op::IsFilled | Op::IsEmpty, None) => Ok(()),
            (Op::IsFilled | Op::IsEmpty, Some(_)) => bad("this comparison takes no value"),
            (Op::In | Op::NotIn, Some(Wanted::Texts(texts))) if !texts.is_empty() => Ok(()),
            (Op::In | Op::NotIn, _) => bad("name one value at least: `[\"...\"]`"),
            (_, Some(Wanted::Texts(_)) | None) => bad("name one value"),
            (_, Some(Wanted::Text(text))) if text.trim().is_empty() => bad("name the value"),
            (_, Some(_)) => Ok(()),
        }
    }
}
