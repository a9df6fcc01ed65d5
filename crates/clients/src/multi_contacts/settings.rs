//! Settings of multi-contacts, changed.

use super::{norms, values};
use db::Tx;
use identity::normalise::NormSettings;
use messaging::multi_contacts::ProjectSettings;
use model::{AccountId, ProjectId, Refusal, Result};

/// Stores changed settings and what every value is compared by under them; the groups are made anew by the caller.
///
/// # Errors
/// For a limit below 2 or an unknown region.
pub async fn save(tx: &mut Tx, account: &AccountId, project: &ProjectId, new: &ProjectSettings) -> Result<()> {
    store(tx, account, project, new).await?;
    norms::make_anew(tx, account, project, new).await?;
    values::compare_anew(tx, account, project).await.map(drop)
}

/// Stores changed settings alone.
pub(super) async fn store(tx: &mut Tx, account: &AccountId, project: &ProjectId, new: &ProjectSettings) -> Result<()> {
    if [new.hub_limit, new.max_group].into_iter().flatten().any(|limit| limit < 2) {
        return Err(Refusal::invalid("settings", "limit_too_small", "a limit is at least 2, or null for none"));
    }
    if !NormSettings::knows_region(&new.default_region) {
        return Err(Refusal::invalid(
            "settings.default_region",
            "unknown_region",
            "two letters of a country, such as RU",
        ));
    }
    super::store::set_settings(tx, account, project, new).await
}
