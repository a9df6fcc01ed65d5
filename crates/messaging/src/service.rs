//! What the path needs of its surroundings, in one place, handed to every feature crate.

use crate::arrivals::Arrivals;
use crate::files::FileStore;
use bus::Bus;
use db::{BoxFuture, Db};
use egress::Egress;
use events::hub::Hub;
use model::{AccountId, ContactId, Cx, Env, Topic};
use std::sync::{Arc, OnceLock};
use tokio::sync::Notify;

/// Settings of the installation that the path needs.
#[derive(Debug, Clone, Default)]
pub struct Settings {
    /// Our address as the world sees it, without a slash at the end; empty when none was given.
    pub public_url: String,
}

/// The path's surroundings.
pub struct Messaging {
    /// Database.
    pub db: Db,
    /// Time and ids.
    pub env: Env,
    /// Texts of visitors on their way in.
    pub(crate) arrivals: Arrivals,
    /// Live sockets.
    pub hub: Arc<Hub>,
    /// Attachments.
    pub files: FileStore,
    /// Outgoing HTTP.
    pub egress: Egress,
    /// Settings.
    pub settings: Settings,
    /// Rung when a delivery is due.
    pub deliveries_due: Notify,
    /// Rung when a job is due.
    pub jobs_due: Arc<Notify>,
    /// Rung when connections were changed, for the pollers.
    pub connections_changed: Notify,
    /// Rung when somebody may have room for a conversation.
    pub routing_due: Notify,
    /// The way to the other nodes, once there are some.
    pub(crate) bus: OnceLock<Bus>,
}

impl Messaging {
    /// Runs a use case of an account in a transaction of its own and commits it (see [`Db::write`]).
    ///
    /// # Errors
    /// What the use case returns, or a [`db::DbError`] when the commit itself failed.
    pub fn write<T, E, F>(
        &self,
        account: &AccountId,
        use_case: F,
    ) -> impl Future<Output = std::result::Result<T, E>> + Send
    where
        F: for<'t> FnOnce(&'t mut Cx<'t>) -> BoxFuture<'t, std::result::Result<T, E>> + Clone + Send + 'static,
        T: Send + 'static,
        E: From<db::DbError> + Send + 'static,
    {
        let (env, own) = (self.env.clone(), *account);
        self.db.write(own, move |tx| Box::pin(async move { use_case(&mut Cx::new(tx, &env, &own)).await }))
    }

    /// As [`write`](Self::write), for a use case that only reads (see [`Db::read`]).
    ///
    /// # Errors
    /// What the use case returns, or a [`db::DbError`].
    pub fn read<T, E, F>(
        &self,
        account: &AccountId,
        use_case: F,
    ) -> impl Future<Output = std::result::Result<T, E>> + Send
    where
        F: for<'t> FnOnce(&'t mut Cx<'t>) -> BoxFuture<'t, std::result::Result<T, E>> + Send + 'static,
        T: Send + 'static,
        E: From<db::DbError> + Send + 'static,
    {
        let (env, own) = (self.env.clone(), *account);
        self.db.read(own, move |tx| Box::pin(async move { use_case(&mut Cx::new(tx, &env, &own)).await }))
    }

    /// Where a contact takes no more mailings, for a letter; none while the installation does not know its own address.
    pub fn unsubscribe_link(&self, account: &AccountId, contact: &ContactId) -> Option<String> {
        let link = self.env.unsubscribe_link(account, contact);
        (!self.settings.public_url.is_empty()).then(|| format!("{}{link}", self.settings.public_url))
    }

    /// Puts the parts together and listens to commits.
    pub fn new(db: Db, env: Env, files: FileStore, egress: Egress, settings: Settings) -> Arc<Self> {
        let hub = Hub::new(db.clone(), env.clone());
        let env = env.with_presence(hub.clone());
        let service = Arc::new(Self {
            arrivals: Arrivals::new(db.dialect()),
            hub,
            db,
            env,
            files,
            egress,
            settings,
            deliveries_due: Notify::new(),
            jobs_due: Arc::default(),
            connections_changed: Notify::new(),
            routing_due: Notify::new(),
            bus: OnceLock::new(),
        });
        let listener = Arc::downgrade(&service);
        service.db.on_commit(Box::new(move |announced| {
            let Some(service) = listener.upgrade() else { return };
            service.ring_others(&announced);
            service.hub.take_recorded(announced.facts.into_iter().filter_map(|fact| fact.downcast().ok()));
            for topic in announced.topics {
                match topic.downcast::<Topic>() {
                    Ok(topic) => service.heard(&topic),
                    Err(_) => tracing::error!("something was announced that is no topic of ours"),
                }
            }
        }));
        service
    }

    fn heard(&self, topic: &Topic) {
        match topic {
            Topic::Events(account) => self.hub.wake(account),
            Topic::Deliveries => self.deliveries_due.notify_one(),
            Topic::Jobs => self.jobs_due.notify_one(),
            Topic::Connections => self.connections_changed.notify_one(),
        }
    }
}
