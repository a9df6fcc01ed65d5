//! A believable company to look at: «Тихий свет» makes lamps in Yekaterinburg. Everything here is invented, marked as demo and
//! removed at once with `DELETE /api/v1/demo`.

mod announced;
mod bots;
mod clock;
mod mailings;
mod on;
mod people;
mod site;
mod story;

use accounts::{NewAccount, Team};
use clients::multi_contacts::{self, NewRule};
use clock::DemoClock;
use db::Db;
use messaging::connections::{self, BotName, Connection, ConnectionStatus, Health};
use messaging::fields;
use messaging::multi_contacts::RuleMode;
use model::{
    AccountId, ChannelKind, Clock, ConnectionId, Cx, Env, FieldKind, ProjectId, RandomIds, Refusal, SystemClock,
};
pub(crate) use on::run;
use serde::Serialize;
use serde_json::json;
use std::sync::Arc;
use vault::Vault;

/// The password of every demo user: printed by `cargo xtask demo`, and worth nothing outside it.
const PASSWORD: &str = "тихий-свет-2026";

/// What was made.
#[derive(Debug, Clone, Serialize)]
pub struct DemoLogins {
    account_id: AccountId,
    api_key: String,
    /// Owner first.
    logins: Vec<Login>,
    projects: Vec<ProjectId>,
    site_key: String,
    contacts: usize,
}

/// A way to sign in.
#[derive(Debug, Clone, Serialize)]
pub struct Login {
    email: String,
    password: String,
    name: String,
}

/// A demo project while it is being filled.
pub(crate) struct Stage {
    pub db: Db,
    pub env: Env,
    pub clock: Arc<DemoClock>,
    pub account: AccountId,
    pub project: ProjectId,
    pub site: Connection,
    pub telegram: Connection,
    pub team: Vec<Team>,
    /// The job whose progress is told, where a page asked for the story.
    pub work: Option<on::Work>,
}

/// Fills an installation that has no account of this name yet.
///
/// # Errors
/// In words.
pub async fn seed(db: &Db, vault: Vault) -> Result<DemoLogins, String> {
    let clock = Arc::new(DemoClock::now());
    let env = Env::new(clock.clone(), Arc::new(RandomIds), vault);
    let made = make_account(db, &env).await?;
    let second = {
        let (env, account) = (env.clone(), made.account_id);
        let new = db.write(made.account_id, move |tx| {
            Box::pin(async move {
                accounts::create_project(&mut Cx::new(tx, &env, &account), "Тихий свет: опт", true).await
            })
        });
        new.await.map_err(|e| e.to_string())?.id
    };
    // Into every project there is by now: only who sees a project is given its conversations.
    let team = make_team(db, &env, &made.account_id).await?;
    let mut contacts = 0;
    let sizes = [(made.project_id, "tihiy_svet_bot", 260), (second, "tihiy_opt_bot", 60)];
    for (project, bot, people) in sizes {
        let company = Company { db, env: &env, clock: &clock, account: &made.account_id, team: &team };
        let stage = set_stage(&company, &project, bot).await.map_err(|e| e.to_string())?;
        let now = stage.env.now();
        let bots = match project == made.project_id {
            true => Some(bots::Bots::begin(&stage).await.map_err(|e| e.to_string())?),
            false => None,
        };
        stage.clock.set(now);
        contacts += story::play(&stage, people, bots).await.map_err(|e| e.to_string())?.unwrap_or_default();
    }
    // The story ended some time ago; this is told today.
    clock.set(SystemClock.now());
    announced::tell(db, &env, &made.account_id, vec![made.project_id, second]).await.map_err(|e| e.to_string())?;
    let logins = team.iter().map(|member| Login {
        email: member.email.clone(),
        password: PASSWORD.to_owned(),
        name: member.name.clone(),
    });
    Ok(DemoLogins {
        account_id: made.account_id,
        api_key: made.api_key,
        logins: logins.collect(),
        projects: vec![made.project_id, second],
        site_key: made.site_key,
        contacts,
    })
}

async fn make_account(db: &Db, env: &Env) -> Result<accounts::Created, String> {
    let new = NewAccount {
        name: "Тихий свет".into(),
        email: "anna@demo.otklik.example".into(),
        owner_name: "Анна Лебедева".into(),
        password: PASSWORD.into(),
        project: "Тихий свет".into(),
        demo: true,
    };
    accounts::create_account(db, env, new).await.map_err(|e| e.detail().to_owned())
}

async fn make_team(db: &Db, env: &Env, account: &AccountId) -> Result<Vec<Team>, String> {
    let colleagues = [("igor@demo.otklik.example", "Игорь Сафин"), ("svetlana@demo.otklik.example", "Светлана Юдина")];
    for (email, name) in colleagues {
        accounts::add_operator(db, env, account, email, name, PASSWORD).await.map_err(|e| e.detail().to_owned())?;
    }
    accounts::team(db, account).await.map_err(|e| e.detail().to_owned())
}

/// The demo's company, which plays on several stages.
struct Company<'a> {
    db: &'a Db,
    env: &'a Env,
    clock: &'a Arc<DemoClock>,
    account: &'a AccountId,
    team: &'a [Team],
}

async fn set_stage(company: &Company<'_>, project: &ProjectId, bot: &str) -> Result<Stage, Refusal> {
    let Company { db, env, clock, account, team } = *company;
    let (own_env, own_account, own_project, bot) = (env.clone(), *account, *project, bot.to_owned());
    let ready = db.write(account, move |tx| {
        Box::pin(async move {
            let telegram = demo_bot(&own_env, &own_account, &own_project, &bot);
            connections::save(&mut Cx::new(tx, &own_env, &telegram.account_id), &telegram).await?;
            accounts::dress_demo(tx, &own_account, &own_project).await?;
            let known = fields::all(tx, &own_account, &own_project).await?;
            let city = fields::Field {
                key: "city".into(),
                title: "Город доставки".into(),
                kind: FieldKind::Text,
                position: known.len() as i64,
                show_when_empty: true,
                built_in: false,
                multi: false,
                exclusive: false,
                ..known[0].clone()
            };
            fields::save(tx, &own_account, &own_project, &city).await?;
            for names in [vec!["phone"], vec!["email"], vec!["contract", "city"]] {
                let rule = NewRule {
                    id: None,
                    key: Some(names.join("+")),
                    fields: names.iter().map(|&n| n.to_owned()).collect(),
                    mode: RuleMode::AtOnce,
                    enabled: true,
                    verified_only: false,
                    hub_limit: None,
                    position: None,
                };
                multi_contacts::save_rule(&mut Cx::new(tx, &own_env, &own_account), &own_project, None, &rule).await?;
            }
            let site = connections::of_kind(tx, &own_account, &own_project, ChannelKind::Site).await?;
            Ok::<_, Refusal>((site, telegram))
        })
    });
    let (site, telegram) = ready.await?;
    Ok(Stage {
        db: db.clone(),
        env: env.clone(),
        clock: clock.clone(),
        account: *account,
        project: *project,
        site,
        telegram,
        team: team.to_vec(),
        work: None,
    })
}

/// A connection that looks like Telegram and calls nobody: `deliveries` and the pollers leave demo connections alone.
fn demo_bot(env: &Env, account: &AccountId, project: &ProjectId, bot: &str) -> Connection {
    Connection {
        account_id: *account,
        id: ConnectionId::new(env.ids()),
        project_id: *project,
        kind: ChannelKind::Telegram,
        title: "Telegram (демо)".into(),
        status: ConnectionStatus::Active,
        settings: json!({ "demo": true }),
        secrets: None,
        hook_path: None,
        health: Health {
            checked_at: Some(env.now()),
            last_in_at: Some(env.now()),
            last_out_at: Some(env.now()),
            error: None,
            bot: Some(BotName { username: bot.into(), name: "Тихий свет".into() }),
        },
        poll_offset: 0,
    }
}
