//! What the demo company was told: work on the network that lies ahead, as in the letter that the product began with.

use accounts::announcements::{AnnouncementKind, NewAnnouncement, create_for_demo};
use db::Db;
use model::{AccountId, Clock, Cx, Env, ProjectId, Refusal, SystemClock, Timestamp};

const HOUR_MS: i64 = 60 * 60 * 1000;
const DAY_MS: i64 = 24 * HOUR_MS;
/// The company sits in Yekaterinburg, five hours before UTC.
const ZONE_MS: i64 = 5 * HOUR_MS;

/// Announces the work of the next night but one to the people of these projects: it goes with them.
pub(crate) async fn tell(db: &Db, env: &Env, account: &AccountId, projects: Vec<ProjectId>) -> Result<(), Refusal> {
    let (env, account_id) = (env.clone(), *account);
    let told = db.write(account, move |tx| {
        let (env, projects) = (env.clone(), projects.clone());
        Box::pin(async move { create_for_demo(&mut Cx::new(tx, &env, &account_id), work(projects)).await })
    });
    told.await.map(drop)
}

fn work(projects: Vec<ProjectId>) -> NewAnnouncement {
    let now = SystemClock.now();
    // One minute past midnight where the company is, at least a day ahead.
    let midnight = (now.0 + ZONE_MS).div_euclid(DAY_MS) * DAY_MS - ZONE_MS + 2 * DAY_MS;
    NewAnnouncement {
        kind: AnnouncementKind::Maintenance,
        title_ru: "Плановые работы на сети".into(),
        title_en: "Planned network maintenance".into(),
        text_ru: "Провайдер обновляет оборудование. Возможны **перерывы связи до 10 минут**.\n\nСообщения не потеряются: исходящие подождут в очереди, входящие придут, когда связь вернётся. Приносим извинения за неудобства.".into(),
        text_en: "The provider replaces equipment. There may be **interruptions of up to 10 minutes**.\n\nNo message is lost: yours wait in the queue, and clients' arrive when the connection is back. We are sorry for the inconvenience.".into(),
        link: None,
        window_from: Some(Timestamp(midnight + 60 * 1000)),
        window_to: Some(Timestamp(midnight + 3 * HOUR_MS)),
        connection_id: None,
        channel: None,
        roles: None,
        project_ids: Some(projects),
        draft: false,
        publish_at: None,
        for_all_accounts: false,
    }
}
