//! What each op of a change set means (api.md section 6, rulings 22-24, 33).

use super::change::{Change, ChangeProblem, RuleSpec, SettingsChange};
use super::regroup::{Groups, group_of_now};
use super::session::Session;
use super::state::List;
use crate::keys::{HubLimit, Rule};
use crate::normalise::{NormSettings, Normalised, normalise};
use crate::universe::Decision;
use std::collections::BTreeSet;

type Done = Result<(), ChangeProblem>;

impl Session<'_> {
    /// Apply one change. An error may leave part of it behind: the caller rolls the whole set back.
    pub(super) fn change(&mut self, change: &Change, groups: &Groups) -> Done {
        match change {
            Change::Create { external_id, fields } => match self.state.contact(external_id) {
                Some(_) => Err(ChangeProblem::DuplicateContact(external_id.clone())),
                None => self.create(external_id, fields),
            },
            Change::Set { external_id, fields } => {
                let contact = self.known(external_id)?;
                self.set(contact, fields)
            }
            Change::Delete { external_id } => {
                let contact = self.known(external_id)?;
                self.delete(contact);
                Ok(())
            }
            Change::RuleAdd { key, spec } => self.add_rule(key, spec),
            Change::RuleEdit { key, spec } => self.edit_rule(key, spec),
            Change::RuleRemove { key } => {
                let slot = self.known_rule(key)?;
                self.write_rule(slot, None);
                Ok(())
            }
            Change::RuleEnable { key } => self.switch_rule(key, true),
            Change::RuleDisable { key } => self.switch_rule(key, false),
            Change::Link { a, b } => self.link(a, b),
            Change::UndoLink { a, b } => self.undo_link(a, b),
            Change::Unlink { contact } => self.unlink(contact),
            Change::UndoUnlink { contact } => self.undo_unlink(contact),
            Change::BlockValue { field, value } => self.list_value(List::Blocked, field, value, true),
            Change::UnblockValue { field, value } => self.list_value(List::Blocked, field, value, false),
            Change::AllowValue { field, value } => self.list_value(List::Allowed, field, value, true),
            Change::DisallowValue { field, value } => self.list_value(List::Allowed, field, value, false),
            Change::Settings { settings } => self.change_settings(settings, groups),
        }
    }

    fn known(&self, external: &str) -> Result<u32, ChangeProblem> {
        self.state.contact(external).ok_or_else(|| ChangeProblem::UnknownContact(external.to_owned()))
    }

    fn known_rule(&self, key: &str) -> Result<u32, ChangeProblem> {
        self.state.rule_slot(key).ok_or_else(|| ChangeProblem::UnknownRule(key.to_owned()))
    }

    fn add_rule(&mut self, key: &str, spec: &RuleSpec) -> Done {
        if self.state.rule_slot(key).is_some() {
            return Err(ChangeProblem::DuplicateRule(key.to_owned()));
        }
        let last = self.state.rules.iter().flatten().map(|rule| rule.position).max();
        let blank = Rule::new(key, &[], last.map_or(0, |last| last + 1));
        let rule = self.with_spec(blank, spec)?;
        let slot = u32::try_from(self.state.rules.len()).expect("few rules");
        self.write_rule(slot, Some(rule));
        Ok(())
    }

    fn edit_rule(&mut self, key: &str, spec: &RuleSpec) -> Done {
        let slot = self.known_rule(key)?;
        let rule = self.state.rules[slot as usize].clone().expect("a known rule has a slot");
        let rule = self.with_spec(rule, spec)?;
        self.write_rule(slot, Some(rule));
        Ok(())
    }

    fn switch_rule(&mut self, key: &str, enabled: bool) -> Done {
        self.edit_rule(key, &RuleSpec { enabled: Some(enabled), ..RuleSpec::default() })
    }

    fn with_spec(&self, mut rule: Rule, spec: &RuleSpec) -> Result<Rule, ChangeProblem> {
        if let Some(fields) = &spec.fields {
            rule.fields.clone_from(fields);
        }
        rule.position = spec.position.unwrap_or(rule.position);
        rule.enabled = spec.enabled.unwrap_or(rule.enabled);
        rule.verified_only = spec.verified_only.unwrap_or(rule.verified_only);
        rule.mode = spec.mode.unwrap_or(rule.mode);
        rule.hub_limit = spec.hub_limit.unwrap_or(rule.hub_limit);
        if rule.fields.is_empty() {
            return Err(ChangeProblem::RuleWithoutFields);
        }
        if matches!(rule.hub_limit, HubLimit::At(0 | 1)) {
            return Err(ChangeProblem::LimitTooSmall);
        }
        let mut seen = BTreeSet::new();
        for field in &rule.fields {
            let Some(&at) = self.state.field_ids.get(field) else {
                return Err(ChangeProblem::UnknownField(field.clone()));
            };
            if !seen.insert(at) {
                return Err(ChangeProblem::DuplicateField(field.clone()));
            }
            if !self.state.fields[at as usize].kind.fits_rule() {
                return Err(ChangeProblem::FieldNotForRules(field.clone()));
            }
        }
        Ok(rule)
    }

    fn link(&mut self, a: &str, b: &str) -> Done {
        let (a, b) = (self.known(a)?, self.known(b)?);
        if a == b {
            return Err(ChangeProblem::SelfLink);
        }
        let links = self.links_between(a, b);
        if let Some(&newest) = links.last() {
            // asking for the state that already is, unless an unlink came since: of the pair, or of one that the link would lead to
            let is_barred = self.unlinks_of(a).iter().any(|(seq, others)| *seq > newest && others.contains(&b))
                || self.unlinks_of(b).iter().any(|(seq, others)| *seq > newest && others.contains(&a));
            if !is_barred && group_of_now(self.state, a).contains(&b) {
                return Ok(());
            }
        }
        for seq in links {
            self.write_override(seq, None);
        }
        let seq = self.state.take_seq();
        self.write_override(seq, Some(Decision::Link { a, b }));
        Ok(())
    }

    fn undo_link(&mut self, a: &str, b: &str) -> Done {
        let (a, b) = (self.known(a)?, self.known(b)?);
        for seq in self.links_between(a, b) {
            self.write_override(seq, None);
        }
        Ok(())
    }

    fn unlink(&mut self, contact: &str) -> Done {
        let subject = self.known(contact)?;
        let mut others = group_of_now(self.state, subject);
        others.retain(|&other| other != subject);
        if others.is_empty() {
            // alone because of an earlier unlink: the state that already is
            let is_parted = !self.unlinks_of(subject).is_empty();
            return if is_parted { Ok(()) } else { Err(ChangeProblem::LoneContact(contact.to_owned())) };
        }
        let seq = self.state.take_seq();
        self.write_override(seq, Some(Decision::Unlink { subject, others }));
        Ok(())
    }

    fn undo_unlink(&mut self, contact: &str) -> Done {
        let subject = self.known(contact)?;
        for (seq, _) in self.unlinks_of(subject) {
            self.write_override(seq, None);
        }
        Ok(())
    }

    fn links_between(&self, a: u32, b: u32) -> Vec<u64> {
        let all = self.state.overrides_of.get(&a).into_iter().flatten().copied();
        let is_it = |seq: &u64| match &self.state.overrides[seq] {
            Decision::Link { a: x, b: y } => (*x, *y) == (a, b) || (*x, *y) == (b, a),
            Decision::Unlink { .. } => false,
        };
        all.filter(is_it).collect()
    }

    fn unlinks_of(&self, contact: u32) -> Vec<(u64, Vec<u32>)> {
        let all = self.state.overrides_of.get(&contact).into_iter().flatten();
        let unlink = |&seq: &u64| match &self.state.overrides[&seq] {
            Decision::Link { .. } => None,
            Decision::Unlink { others, .. } => Some((seq, others.clone())),
        };
        all.filter_map(unlink).collect()
    }

    fn list_value(&mut self, list: List, field: &str, value: &str, is_in: bool) -> Done {
        let Some(&at) = self.state.field_ids.get(field) else {
            return Err(ChangeProblem::UnknownField(field.to_owned()));
        };
        match normalise(self.state.fields[at as usize].kind, value, &self.state.norm) {
            Normalised::Unusable(_) => Err(ChangeProblem::InvalidValue(field.to_owned())),
            Normalised::Usable(norm) => {
                let norm = self.state.texts.intern(&norm);
                self.write_list(list, at, norm, is_in);
                Ok(())
            }
        }
    }

    fn change_settings(&mut self, change: &SettingsChange, groups: &Groups) -> Done {
        let too_small = |limit: &Option<Option<u32>>| limit.flatten().is_some_and(|limit| limit < 2);
        if too_small(&change.hub_limit) || too_small(&change.max_group) {
            return Err(ChangeProblem::LimitTooSmall);
        }
        let mut limits = self.state.limits;
        limits.hub_limit = change.hub_limit.unwrap_or(limits.hub_limit);
        limits.max_group = change.max_group.unwrap_or(limits.max_group);
        let smaller = [self.state.limits.max_group, limits.max_group].into_iter().flatten().min();
        if self.state.limits.max_group != limits.max_group {
            let touched = groups.touched_by_size(smaller);
            self.mark(touched);
            let cut: Vec<u32> =
                groups.cut.iter().flat_map(|&key| self.state.keys[key as usize].holders.clone()).collect();
            self.mark(cut);
        }
        self.write_limits(limits);
        let mut norm = self.state.norm.clone();
        if let Some(region) = &change.default_region {
            if let Some(unknown) = region.as_ref().filter(|region| !NormSettings::knows_region(region)) {
                return Err(ChangeProblem::UnknownRegion(unknown.clone()));
            }
            let list: Vec<&str> = norm.placeholders().collect();
            norm = NormSettings::new(region.as_deref(), list);
        }
        if let Some(list) = &change.placeholders {
            let list = list.iter().flatten().map(String::as_str);
            norm = NormSettings::new(norm.default_region(), list);
        }
        self.write_norm(norm);
        Ok(())
    }
}
