//! `otklik announce`: what the installation's administrator tells every account.

use crate::config::DataOptions;
use crate::storage::Folder;
use crate::{keys, storage};
use accounts::announcements::{AnnouncementKind, NewAnnouncement, installation};
use model::{AnnouncementId, ChannelKind, Env, Refusal, Timestamp};

/// Options of `otklik announce`: something new, or one of `--list`, `--end` and `--delete`.
#[derive(Debug, clap::Args)]
#[command(group = clap::ArgGroup::new("deed").required(true).args(["kind", "list", "end", "delete"]))]
pub struct AnnounceOptions {
    #[command(flatten)]
    data: DataOptions,
    #[command(flatten)]
    new: NewOptions,
    /// Prints what was announced to all accounts, the newest first.
    #[arg(long)]
    list: bool,
    /// The incident or maintenance of this id is over: its banner goes.
    #[arg(long, value_name = "ID")]
    end: Option<String>,
    /// Takes the announcement of this id away.
    #[arg(long, value_name = "ID")]
    delete: Option<String>,
}

#[derive(Debug, clap::Args)]
struct NewOptions {
    /// news, maintenance or incident.
    #[arg(long)]
    kind: Option<String>,
    /// Title in Russian; one of both titles is needed.
    #[arg(long, default_value = "")]
    title_ru: String,
    /// Title in English.
    #[arg(long, default_value = "")]
    title_en: String,
    /// Text in Russian, Markdown.
    #[arg(long, default_value = "")]
    text_ru: String,
    /// Text in English, Markdown.
    #[arg(long, default_value = "")]
    text_en: String,
    /// An https address where more is to be read.
    #[arg(long)]
    link: Option<String>,
    /// When it begins, with the offset of its zone: 2026-12-16T00:01+03:00.
    #[arg(long)]
    from: Option<String>,
    /// When it ends, with the offset of its zone: 2026-12-16T03:00+03:00.
    #[arg(long)]
    to: Option<String>,
    /// The kind of channel that it is about: telegram, email, site, youla, own.
    #[arg(long)]
    channel: Option<String>,
    /// When to tell it, with the offset of its zone; at once when missing.
    #[arg(long)]
    at: Option<String>,
}

impl NewOptions {
    fn announcement(self) -> Result<NewAnnouncement, String> {
        let kind = self.kind.unwrap_or_default();
        let kind = AnnouncementKind::from_stored(&kind)
            .map_err(|_| format!("--kind `{kind}` is unknown: news, maintenance or incident"))?;
        let channel = self.channel.as_deref().map(|word| {
            ChannelKind::from_stored(word).map_err(|_| {
                format!(
                    "--channel `{word}` is unknown: {}",
                    ChannelKind::ALL.iter().map(|kind| kind.as_str()).collect::<Vec<_>>().join(", ")
                )
            })
        });
        Ok(NewAnnouncement {
            kind,
            title_ru: self.title_ru,
            title_en: self.title_en,
            text_ru: self.text_ru,
            text_en: self.text_en,
            link: self.link,
            window_from: moment("--from", self.from.as_deref())?,
            window_to: moment("--to", self.to.as_deref())?,
            connection_id: None,
            channel: channel.transpose()?,
            roles: None,
            project_ids: None,
            draft: false,
            publish_at: moment("--at", self.at.as_deref())?,
            for_all_accounts: true,
        })
    }
}

/// A moment that says its zone: without one it would be another moment for each reader.
fn moment(option: &str, text: Option<&str>) -> Result<Option<Timestamp>, String> {
    let Some(text) = text else { return Ok(None) };
    let read: Result<jiff::Timestamp, _> = text.trim().parse();
    match read {
        Ok(moment) => Ok(Some(Timestamp(moment.as_millisecond()))),
        Err(_) => Err(format!(
            "{option} `{text}` is no moment: write the day, the time and the offset of the zone, as in 2026-12-16T00:01+03:00 or 2026-12-15T21:01Z"
        )),
    }
}

/// `otklik announce`.
///
/// # Errors
/// In words.
pub async fn announce(options: AnnounceOptions) -> Result<(), String> {
    let words = |refusal: Refusal| match refusal.words() {
        Some((_, words)) => words,
        None => refusal.to_string(),
    };
    let AnnounceOptions { data, new, list, end, delete } = options;
    if list {
        let (db, _) = open(&data).await?;
        let all = installation::all(&db).await.map_err(words)?;
        storage::close(&db).await;
        return print_json(&all);
    }
    if let Some(id) = end {
        let id = id_of(&id)?;
        let (db, env) = open(&data).await?;
        let ended = installation::end(&db, &env, id).await.map_err(|refusal| missing(refusal, &id, words))?;
        storage::close(&db).await;
        return print_json(&ended);
    }
    if let Some(id) = delete {
        let id = id_of(&id)?;
        let (db, env) = open(&data).await?;
        installation::delete(&db, &env, id).await.map_err(|refusal| missing(refusal, &id, words))?;
        storage::close(&db).await;
        return print_json(&serde_json::json!({ "deleted": id }));
    }
    let new = new.announcement()?;
    let (db, env) = open(&data).await?;
    let made = installation::create(&db, &env, new).await.map_err(words)?;
    storage::close(&db).await;
    print_json(&made)
}

async fn open(data: &DataOptions) -> Result<(db::Db, Env), String> {
    let db = storage::open(data, Folder::Shared).await?;
    let env = Env::system(keys::open(data, &db).await?);
    Ok((db, env))
}

fn id_of(text: &str) -> Result<AnnouncementId, String> {
    text.parse().map_err(|_| format!("`{text}` is no id of an announcement: `otklik announce --list` shows them"))
}

fn missing(refusal: Refusal, id: &AnnouncementId, words: impl Fn(Refusal) -> String) -> String {
    match refusal {
        Refusal::NotFound => {
            format!("there is no announcement {id} for all accounts: `otklik announce --list` shows them")
        }
        other => words(other),
    }
}

fn print_json(value: &impl serde::Serialize) -> Result<(), String> {
    println!("{}", serde_json::to_string(value).map_err(|e| e.to_string())?);
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::moment;

    #[test]
    fn a_moment_says_its_zone() {
        let at = |text| moment("--from", Some(text)).map(|moment| moment.unwrap().to_string());
        assert_eq!(at("2021-12-16T00:01+03:00").unwrap(), "2021-12-15T21:01:00.000Z");
        assert_eq!(at("2021-12-15T21:01Z").unwrap(), "2021-12-15T21:01:00.000Z");
        for vague in ["2021-12-16T00:01", "2021-12-16", "tomorrow", ""] {
            assert!(at(vague).unwrap_err().contains("offset of the zone"), "{vague}");
        }
    }
}
