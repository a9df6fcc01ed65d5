//! The statements of the path, as SQLite gets them from the product: a test below asks the product which it runs.

pub const LOCK: &str = "SELECT position FROM account_positions WHERE account_id = ?1";

pub const STANDING: &str =
    "SELECT project_id, id, contact_id, connection_id, channel, status, assignee_id, run_id, seq, client_count FROM conversations v
     WHERE account_id = ?1 AND contact_id IN rarray(?2) AND status <> 'closed'
       AND NOT EXISTS (SELECT 1 FROM connections n WHERE n.account_id = ?1 AND n.id = v.connection_id AND n.status = 'off')";

pub const LAUNCHES: &str = "SELECT project_id, scenario_id, number, launch FROM scenario_launches WHERE account_id = ?1 ORDER BY scenario_id, number";

pub const TAKE_POSITIONS: &str =
    "UPDATE account_positions SET position = position + ?2 WHERE account_id = ?1 RETURNING position";

pub const INSERT_MESSAGE: &str =
    "INSERT INTO messages (account_id, id, conversation_id, seq, position, author_kind, author_id, author_name, kind, content,
       client_id, external_id, client_count, delivery_status, delivery_at, reply_to, created_at)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17)
     ON CONFLICT (client_id, author_id) WHERE client_id IS NOT NULL DO NOTHING";

pub const ADVANCE: &str = "UPDATE conversations SET seq = ?3, last_seq = ?3, client_count = ?4, position = ?5,
       waiting_since = CASE WHEN ?7 THEN NULL ELSE COALESCE(waiting_since, ?6) END
     WHERE account_id = ?1 AND id = ?2";

pub const INSERT_EVENT: &str =
    "INSERT INTO events (account_id, created_at, position, project_id, kind, conversation_id, contact_id, seq, for_client, data)
     VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)";

#[cfg(test)]
mod tests {
    use super::*;
    use accounts::{Created, NewAccount, create_account};
    use db::Db;
    use egress::{Allowed, Egress};
    use messaging::connections;
    use messaging::contacts::{self, NewContact};
    use messaging::conversations::{self, Party};
    use messaging::files::FileStore;
    use messaging::intake::{FromClient, Said};
    use messaging::{Messaging, Settings};
    use model::{ChannelKind, Content, Env, Refusal};
    use std::collections::{BTreeMap, BTreeSet};
    use std::sync::Arc;
    use vault::Vault;

    const TEXTS: [&str; 7] = [LOCK, STANDING, LAUNCHES, TAKE_POSITIONS, INSERT_MESSAGE, ADVANCE, INSERT_EVENT];

    #[tokio::test]
    async fn the_bare_loop_runs_the_statements_that_a_group_of_visitors_messages_runs() {
        let folder = std::env::temp_dir().join(format!("otklik-bare-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (service, account) = product(&folder).await;
        let party = client_with_a_conversation(&service, &account).await;

        let before = uses();
        let texts = ["раз", "два", "три"].map(|text| {
            let said = Said::once(Content::text(text), text.to_owned());
            let from = FromClient { party: party.clone(), display: "Гость".into(), said };
            service.take_from_client(account.account_id, from.into())
        });
        for stored in texts {
            stored.await.unwrap();
        }

        let ran: BTreeSet<String> =
            uses().into_iter().filter(|used| before[&used.0] < used.1).map(|used| used.0).collect();
        assert_eq!(ran, TEXTS.into_iter().map(one_line).collect());
        std::fs::remove_dir_all(&folder).unwrap();
    }

    /// How often each statement of the product was used so far.
    fn uses() -> BTreeMap<String, u64> {
        let mut uses = BTreeMap::new();
        for statement in db::registered() {
            *uses.entry(one_line(statement.sqlite_text())).or_default() += statement.uses();
        }
        uses
    }

    fn one_line(text: &str) -> String {
        text.split_whitespace().collect::<Vec<_>>().join(" ")
    }

    async fn product(folder: &std::path::Path) -> (Arc<Messaging>, Created) {
        let db = Db::open_sqlite(&folder.join("otklik.db")).unwrap();
        schema::migrate(&db).await.unwrap();
        let files = FileStore::folder(&folder.join("files")).unwrap();
        let egress = Egress::new(Allowed::networks(&[])).unwrap();
        let service = Messaging::new(db, Env::system(Vault::throwaway()), files, egress, Settings::default());
        let new = NewAccount {
            name: "A".into(),
            owner_name: "Owner".into(),
            email: "owner@a.example".into(),
            password: "correct horse battery".into(),
            project: "Shop".into(),
            demo: false,
        };
        let account = create_account(&service.db, &service.env, new).await.map_err(|e| e.detail().to_owned()).unwrap();
        (service, account)
    }

    async fn client_with_a_conversation(service: &Messaging, account: &Created) -> Party {
        let project = account.project_id;
        let made = service.write(&account.account_id, move |cx| {
            Box::pin(async move {
                let site = connections::of_kind(cx.tx, cx.account, &project, ChannelKind::Site).await?;
                let new = NewContact {
                    project_id: project,
                    connection_id: site.id,
                    channel: site.kind,
                    external_id: "visitor".into(),
                    address: None,
                    name: None,
                    handle: None,
                    demo: false,
                };
                let known = contacts::upsert(cx, &new).await?;
                conversations::open_or_continue(cx, &known.party).await?;
                Ok::<_, Refusal>(known.party)
            })
        });
        made.await.unwrap()
    }
}
