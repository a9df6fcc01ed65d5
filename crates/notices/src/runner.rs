//! Looks for people who are to be written to, on one node at a time.

use crate::{store, unread};
use db::Scope;
use messaging::Messaging;
use model::Result;
use std::sync::Arc;
use std::time::Duration;

/// So often it looks.
const REST: Duration = Duration::from_secs(2);

/// Works until the process ends.
pub async fn run(service: Arc<Messaging>) {
    loop {
        if let Err(error) = tick(&service).await {
            tracing::error!(error = %error, "letters about clients who wait could not go on, trying again");
        }
        tokio::time::sleep(REST).await;
    }
}

async fn tick(service: &Messaging) -> Result<()> {
    let found = service.db.read(Scope::System, |tx| Box::pin(async move { store::projects_with_mail(tx).await }));
    for (account, project) in found.await? {
        // One that cannot go on holds up no other.
        if let Err(error) = unread::look(service, &account, &project).await {
            tracing::error!(account.id = %account, project.id = %project, error = %error, "a project's letters could not go on, trying again");
        }
    }
    Ok(())
}
