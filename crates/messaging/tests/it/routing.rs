//! Several nodes that give out at once, as after a lease that ran out: nobody gets more than the limit, and nothing is given twice.

use crate::support::Path;
use messaging::routing::runner::{self, Memory};
use messaging::routing::{self, Mode, Settings};
use messaging::{connections, conversations};
use model::{ChannelKind, ConversationId, UserId};
use std::collections::{BTreeMap, HashSet};

const LIMIT: i64 = 2;

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn limits_hold_when_several_give_out_at_once() {
    let path = Path::open().await;
    let (account, project) = (path.account.account_id, path.account.project_id);
    let (db, env) = (&path.service.db, &path.service.env);
    for name in ["anna", "boris"] {
        let email = format!("{name}@a.example");
        accounts::add_operator(db, env, &account, &email, name, "correct horse battery").await.ok().unwrap();
    }
    let team: Vec<UserId> =
        accounts::team(db, &account).await.ok().unwrap().into_iter().map(|person| person.id).collect();
    let hub = path.service.hub.account(&account).await.unwrap();
    for (socket, user) in (1..).zip(&team) {
        hub.add_operator(socket, user, HashSet::from([project]), false);
    }
    let people = team.clone();
    let set = path.service.write(&account, move |cx| {
        let people = people.clone();
        Box::pin(async move {
            for user in &people {
                routing::set_limit(cx, &project, user, Some(LIMIT)).await?;
            }
            let settings = Settings { mode: Mode::LeastBusy, ..Settings::default() };
            routing::set(cx, &project, settings).await
        })
    });
    set.await.unwrap();
    let read = path.service.read(&account, move |cx| {
        Box::pin(async move { connections::of_kind(cx.tx, cx.account, &project, ChannelKind::Site).await })
    });
    let site = read.await.unwrap();
    let mut ids: Vec<ConversationId> = Vec::new();
    for n in 0..10 {
        ids.push(path.client(&site, &format!("client-{n}")).await.conversation_id);
    }

    let rounds = (0..6).map(|_| {
        let service = path.service.clone();
        tokio::spawn(async move { runner::tick(&service, &mut Memory::default()).await })
    });
    for round in rounds.collect::<Vec<_>>() {
        assert!(round.await.unwrap().unwrap(), "a project gives something out");
    }

    let mut held: BTreeMap<Option<UserId>, i64> = BTreeMap::new();
    for id in ids {
        let read = path
            .service
            .read(&account, move |cx| Box::pin(async move { conversations::get(cx.tx, cx.account, &id, None).await }));
        let conversation = read.await.unwrap();
        *held.entry(conversation.assignee_id).or_default() += 1;
        let read = path.service.read(&account, move |cx| {
            Box::pin(async move { messaging::messages::page(cx.tx, cx.account, &id, i64::MAX, false, 50).await })
        });
        let lines = read.await.unwrap().len();
        assert_eq!(lines, usize::from(conversation.assignee_id.is_some()), "given once, if at all");
    }
    let mut wanted: BTreeMap<Option<UserId>, i64> = team.into_iter().map(|user| (Some(user), LIMIT)).collect();
    wanted.insert(None, 10 - 3 * LIMIT);
    assert_eq!(held, wanted);
}
