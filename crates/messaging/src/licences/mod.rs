//! What an account has paid for, and what of the product asks for it (R58-R64, rulings 56 and 76): one table. Nothing about security or data is
//! in it. What is not paid for stays visible and can be edited; only its execution is gated, and never for test users.

mod store;

pub use store::{Licence, load, save};

use crate::Result;
use model::{Cx, Timestamp};

/// What can be switched in a licence.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LicensedOption {
    /// Премиум опции.
    Premium,
}

/// What asks for an option when it is executed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Feature {
    /// A scenario answers clients (R58).
    ScenarioRuns,
    /// A mailing goes on through a scenario (R34).
    MailingScenarios,
}

/// Every feature that asks for an option.
pub const ASKED: &[(Feature, LicensedOption)] =
    &[(Feature::ScenarioRuns, LicensedOption::Premium), (Feature::MailingScenarios, LicensedOption::Premium)];

/// How an option stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// The switch.
    pub is_switched_on: bool,
    /// Until then it works without the switch (R62).
    pub grace_until: Option<Timestamp>,
}

impl Standing {
    /// Whether what asks for the option is executed at this moment.
    pub fn works_at(&self, now: Timestamp) -> bool {
        self.is_switched_on || self.grace_until.is_some_and(|until| now < until)
    }

    /// When it stops by itself: switched off while its grace date lies ahead (ruling 76).
    pub fn stops_at(&self, now: Timestamp) -> Option<Timestamp> {
        self.grace_until.filter(|until| !self.is_switched_on && now < *until)
    }
}

impl Licence {
    /// How an option stands in it.
    pub fn standing(&self, option: LicensedOption) -> Standing {
        match option {
            LicensedOption::Premium => Standing { is_switched_on: self.premium, grace_until: self.grace_until },
        }
    }

    /// Whether a feature is executed at this moment.
    pub fn allows(&self, feature: Feature, now: Timestamp) -> bool {
        let asked = ASKED.iter().filter(|(asking, _)| *asking == feature);
        asked.into_iter().all(|(_, option)| self.standing(*option).works_at(now))
    }
}

/// Whether a feature is executed in this account now.
///
/// # Errors
/// When the storage fails.
pub async fn allows(cx: &mut Cx<'_>, feature: Feature) -> Result<bool> {
    let licence = load(cx.tx, cx.account).await?;
    Ok(licence.allows(feature, cx.env.now()))
}

#[cfg(test)]
mod tests {
    use super::{ASKED, Feature, Licence, LicensedOption, Standing};
    use model::Timestamp;

    fn licence(premium: bool, grace_until: Option<i64>) -> Licence {
        Licence { premium, grace_until: grace_until.map(Timestamp), ..Licence::default() }
    }

    #[test]
    fn an_installation_of_ones_own_has_everything_on() {
        for (feature, _) in ASKED {
            assert!(Licence::default().allows(*feature, Timestamp(0)));
        }
    }

    /// Switch, grace date, whether it works at 100, when it stops by itself.
    const TABLE: &[(bool, Option<i64>, bool, Option<i64>)] = &[
        (true, None, true, None),
        (true, Some(50), true, None),
        (true, Some(200), true, None),
        (false, None, false, None),
        (false, Some(50), false, None),
        (false, Some(100), false, None),
        (false, Some(101), true, Some(101)),
    ];

    #[test]
    fn an_option_works_while_it_is_switched_on_or_its_grace_date_lies_ahead() {
        for (premium, grace, works, stops) in TABLE {
            let licence = licence(*premium, *grace);
            assert_eq!(licence.allows(Feature::ScenarioRuns, Timestamp(100)), *works, "{premium} {grace:?}");
            let standing: Standing = licence.standing(LicensedOption::Premium);
            assert_eq!(standing.stops_at(Timestamp(100)).map(|at| at.0), *stops, "{premium} {grace:?}");
        }
    }
}
