//! A connection and its channel: what the adapter needs of it, its check and set-up.

use super::{BotName, Connection, ConnectionStatus, Health, HealthError};
use crate::{Messaging, Refusal, Result};
use channels::{Draft, Issued, Link, Name, Trouble};
use model::{AccountId, ChannelKind, ConnectionId, ProjectId};
use serde_json::{Value, json};

impl Messaging {
    /// A connection as its adapter takes it, with its tokens opened.
    ///
    /// # Errors
    /// When the tokens do not open.
    pub fn link(&self, connection: &Connection) -> Result<Link> {
        let public = &self.settings.public_url;
        let path = connection.hook_path.as_ref().filter(|_| !public.is_empty());
        Ok(Link {
            egress: self.egress.clone(),
            settings: connection.settings.clone(),
            secrets: connection.open(self.env.vault())?,
            hook_url: path.map(|path| format!("{public}/hooks/{}/{path}", connection.kind)),
            public_url: public.clone(),
            now: self.env.now(),
        })
    }
}

/// What is asked of a new connection.
#[derive(Debug)]
pub struct NewConnection {
    /// Project.
    pub project_id: ProjectId,
    /// Kind of channel.
    pub kind: ChannelKind,
    /// The company's name for it.
    pub title: String,
    /// In the adapter's own form.
    pub settings: Value,
}

/// What is to change about a connection; what is missing stays.
#[derive(Debug, Default)]
pub struct ConnectionChange {
    /// The company's name for it.
    pub title: Option<String>,
    /// Works, or is switched off.
    pub status: Option<ConnectionStatus>,
    /// In the adapter's own form.
    pub settings: Option<Value>,
}

/// Connects a channel: its settings are checked and tried first, then it starts to receive. Answers a secret that is shown once, too, when
/// one was made.
///
/// # Errors
/// When a setting is wrong, or the channel does not take it.
pub async fn connect(service: &Messaging, account: &AccountId, new: NewConnection) -> Result<(Connection, Issued)> {
    let adapter = channels::adapter(new.kind);
    if adapter.capabilities().is_built_in {
        return Err(Refusal::invalid("kind", "built_in", "every project has this channel from the start"));
    }
    let env = &service.env;
    let mut connection = Connection {
        account_id: *account,
        id: ConnectionId::new(env.ids()),
        project_id: new.project_id,
        kind: new.kind,
        title: new.title,
        status: ConnectionStatus::Active,
        settings: json!({}),
        secrets: None,
        hook_path: Some(env.secret()),
        health: Health::default(),
        poll_offset: 0,
    };
    let issued = configure(service, &mut connection, &new.settings, true)?;
    // Some channels call the hook while they are told of it: then it must be there, and what they bring is kept.
    let has_hook = service.link(&connection)?.hook_url.is_some();
    if has_hook {
        begin(service, &connection).await?;
    }
    match set_up(service, connection.clone()).await {
        Ok(connection) => Ok((store(service, connection).await?, issued)),
        Err(refusal) => {
            if has_hook {
                take_back(service, &connection).await?;
            }
            Err(refusal)
        }
    }
}

/// Keeps a connection that is being set up. Were the program to stop now, it would stand there with this trouble.
async fn begin(service: &Messaging, connection: &Connection) -> Result<()> {
    let detail = "connecting it was broken off: save its settings once more".to_owned();
    let error = Some(HealthError { code: "not_set_up".into(), detail });
    let health = Health { error, ..Health::default() };
    let begun = Connection { status: ConnectionStatus::Error, health, ..connection.clone() };
    let kept = service.write(&connection.account_id, move |cx| Box::pin(async move { super::save(cx, &begun).await }));
    kept.await
}

/// The channel did not take it: there is no such connection.
async fn take_back(service: &Messaging, connection: &Connection) -> Result<()> {
    let (project, id) = (connection.project_id, connection.id);
    let gone = service
        .write(&connection.account_id, move |cx| Box::pin(async move { super::delete_begun(cx, &project, &id).await }));
    gone.await
}

/// Changes a connection, or switches it on and off. Answers as [`connect`].
///
/// # Errors
/// As [`connect`].
pub async fn change(
    service: &Messaging,
    mut connection: Connection,
    change: ConnectionChange,
) -> Result<(Connection, Issued)> {
    if let Some(title) = change.title {
        connection.title = title;
    }
    if let Some(status) = change.status {
        connection.status = if status == ConnectionStatus::Off { status } else { ConnectionStatus::Active };
    }
    let issued = match change.settings {
        Some(settings) => {
            // What was found out with other settings says nothing of these.
            connection.health = Health { checked_at: None, error: None, ..connection.health };
            configure(service, &mut connection, &settings, false)?
        }
        None => None,
    };
    let is_built_in = channels::adapter(connection.kind).capabilities().is_built_in;
    let is_tried = !is_built_in && connection.status != ConnectionStatus::Off;
    let connection = if is_tried { set_up(service, connection).await? } else { connection };
    Ok((store(service, connection).await?, issued))
}

/// Asks the channel how a connection does, and keeps the answer.
///
/// # Errors
/// When the storage fails.
pub async fn check_now(service: &Messaging, connection: Connection) -> Result<Connection> {
    let is_built_in = channels::adapter(connection.kind).capabilities().is_built_in;
    let connection = match is_built_in {
        // There is no other side to be asked: what can be told is its traffic.
        true => {
            Connection { health: Health { checked_at: Some(service.env.now()), ..connection.health }, ..connection }
        }
        false => check(service, connection).await,
    };
    store(service, connection).await
}

fn configure(service: &Messaging, connection: &mut Connection, given: &Value, is_new: bool) -> Result<Issued> {
    let env = &service.env;
    // New tokens replace what does not open any more: this is the way out of a lost key.
    let mut secrets = connection.open(env.vault()).unwrap_or_default();
    let before = secrets.clone();
    let adapter = channels::adapter(connection.kind);
    let place = adapter.polled_at(&connection.settings);
    let new_secret = || env.secret();
    let (settings, now) = (&mut connection.settings, env.now());
    let draft = Draft { settings, secrets: &mut secrets, new_secret: &new_secret, is_new, now };
    let issued = adapter.configure(draft, given);
    let issued = issued.map_err(|problem| Refusal::Invalid(vec![problem]))?;
    if adapter.polled_at(&connection.settings) != place {
        connection.poll_offset = 0;
    }
    if secrets != before {
        connection.seal(env.vault(), &secrets)?;
    }
    Ok(issued)
}

async fn store(service: &Messaging, connection: Connection) -> Result<Connection> {
    let stored = connection.clone();
    let saved = service.write(&connection.account_id, move |cx| {
        Box::pin(async move {
            super::save(cx, &stored).await?;
            events::settings_changed(cx, &stored.project_id, "connections").await
        })
    });
    saved.await?;
    Ok(connection)
}

/// Checks a new or changed connection and makes its channel bring updates. The result carries the name the channel has for it.
///
/// # Errors
/// When the channel refuses a setting, or cannot be reached.
async fn set_up(service: &Messaging, mut connection: Connection) -> Result<Connection> {
    let link = service.link(&connection)?;
    let name =
        channels::adapter(connection.kind).set_up(&link).await.map_err(|problem| Refusal::Invalid(vec![problem]))?;
    // A channel that names itself has answered; a bridge learns its secret only from our page, so what is known of it stands.
    if let Some(Name { username, name }) = name {
        let bot = Some(BotName { username, name });
        connection.health = Health { checked_at: Some(service.env.now()), error: None, bot, ..connection.health };
    }
    connection.status = connection.health.status();
    Ok(connection)
}

/// The connection with its health as the channel tells it now.
async fn check(service: &Messaging, mut connection: Connection) -> Connection {
    let trouble = match service.link(&connection) {
        Ok(link) => channels::adapter(connection.kind).check(&link).await.map(HealthError::from),
        Err(error) => Some(HealthError::closed(&error)),
    };
    connection.health.checked_at = Some(service.env.now());
    connection.health.error = trouble;
    if connection.status != ConnectionStatus::Off {
        connection.status = connection.health.status();
    }
    connection
}

impl Health {
    /// How a connection that is switched on stands.
    fn status(&self) -> ConnectionStatus {
        if self.error.is_none() { ConnectionStatus::Active } else { ConnectionStatus::Error }
    }
}

impl HealthError {
    /// The tokens are there and do not open: the channel is not to blame.
    pub fn closed(error: &Refusal) -> Self {
        Self { code: "secret_closed".into(), detail: error.to_string() }
    }
}

impl From<Trouble> for HealthError {
    fn from(Trouble { code, detail }: Trouble) -> Self {
        Self { code, detail }
    }
}
