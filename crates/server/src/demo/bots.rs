//! The bots of the demo company: two scenarios that have been at work for some weeks, so that the report is alive, and a draft that cannot be
//! published yet. Clients talk with them through the same use cases as real ones.

use super::Stage;
use super::people::person;
use super::story::{MINUTE, say};
use inbox::conversations::{Assignment, assign};
use messaging::contacts::{self, Known, NewContact};
use messaging::conversations::{self, Place};
use messaging::intake::{self, Said};
use messaging::{messages, scenario_runs};
use model::{Content, Cx, MessageKind, Refusal, Result, ScenarioId, Timestamp};
use scenarios::NewScenario;

const PHONE_BEFORE: &str = include_str!("scenarios/phone-before.json");
const PHONE: &str = include_str!("scenarios/phone.json");
const FAQ: &str = include_str!("scenarios/faq.json");
const QUALITY: &str = include_str!("scenarios/quality.json");

const DAY: i64 = 24 * 60 * MINUTE;
/// How long they have been at work.
const SINCE: i64 = 24 * DAY;
/// When the scenario of the phone got its second version.
const EDITED: i64 = 11 * DAY;
/// Talks all in all.
const TALKS: i64 = 132;
/// The newest: the bot still waits in them.
const STILL_WAITING: i64 = 4;

/// What clients say, and how it ends. `>` presses the button of that label, `#` is the phone of whoever talks.
const LINES: &[&[&str]] = &[
    &["Перезвоните", "#", ">После обеда"],
    &["Вопрос", ">Доставка", ">Да", ">Оплата", ">Нет"],
    &["перезвоните", "завтра", "#", ">Утром"],
    &["Вопрос", ">Возврат", ">Нет"],
    &["Перезвоните", "а зачем вам номер?"],
    &["помощь", ">Доставка", ">Нет"],
    &["Звонок", "#", ">В любое время"],
    &["Помощь", ">Позвать человека"],
    &["Перезвоните", "не хочу", "просто ответьте тут", "нет"],
    &["вопрос", ">Оплата"],
    &["звонок", "#"],
];

/// The bots of a project, and how far their talks have been played.
pub(crate) struct Bots<'s> {
    stage: &'s Stage,
    phone: ScenarioId,
    now: Timestamp,
    played: i64,
    is_edited: bool,
}

impl<'s> Bots<'s> {
    /// Makes and publishes them, as they were when they began.
    pub async fn begin(stage: &'s Stage) -> Result<Self> {
        let now = stage.env.now();
        stage.clock.set(now.plus_ms(-SINCE - DAY));
        let phone = made(stage, PHONE_BEFORE, true).await?;
        let faq = made(stage, FAQ, true).await?;
        super::site::dress(stage, phone, faq).await?;
        made(stage, QUALITY, false).await?;
        Ok(Self { stage, phone, now, played: 0, is_edited: false })
    }

    /// Plays what happened before this moment.
    pub async fn play_until(&mut self, moment: Timestamp) -> Result<()> {
        while self.played < TALKS {
            let next = self.now.plus_ms(match TALKS - self.played {
                // Just now, so that their bot still waits when somebody looks.
                left @ ..=STILL_WAITING => -left * 3 * MINUTE,
                _ => -SINCE + SINCE * self.played / TALKS,
            });
            if next.0 > moment.0 {
                return Ok(());
            }
            self.stage.clock.set(next);
            if !self.is_edited && next.0 > self.now.0 - EDITED {
                edit(self.stage, self.phone).await?;
                self.is_edited = true;
            }
            talk(self.stage, self.played).await?;
            self.played += 1;
        }
        Ok(())
    }
}

fn document(text: &str) -> Result<serde_json::Value> {
    serde_json::from_str(text).map_err(|error| Refusal::stored(&error))
}

async fn made(stage: &Stage, text: &'static str, is_published: bool) -> Result<ScenarioId> {
    let (env, account, project) = (stage.env.clone(), stage.account, stage.project);
    let owner = stage.team[0].id;
    let making = stage.db.write(stage.account, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            let document = document(text)?;
            let name = document["name"].as_str().unwrap_or_default().to_owned();
            let new = NewScenario { name, document: Some(document) };
            let made = scenarios::create(cx, &project, new, Some(owner)).await?;
            if is_published {
                scenarios::publish(cx, &project, &made.id, made.revision, Some(owner)).await?;
            }
            Ok::<_, Refusal>(made.id)
        })
    });
    making.await
}

/// The second version.
async fn edit(stage: &Stage, id: ScenarioId) -> Result<()> {
    let (env, account, project) = (stage.env.clone(), stage.account, stage.project);
    let editor = stage.team[1].id;
    let editing = stage.db.write(stage.account, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            let saved = scenarios::save(cx, &project, &id, scenarios::read(document(PHONE)?)?, 1, Some(editor)).await?;
            scenarios::publish(cx, &project, &id, saved.revision, Some(editor)).await.map(drop)
        })
    });
    editing.await
}

/// A client who has not written before talks with a bot.
async fn talk(stage: &Stage, number: i64) -> Result<()> {
    let turn = usize::try_from(number).unwrap_or(0);
    let (env, account, clock) = (stage.env.clone(), stage.account, stage.clock.clone());
    let operator = stage.team[turn % stage.team.len()].clone();
    let lines = LINES[turn % LINES.len()];
    let phone = person(turn * 2).phone;
    let contact = NewContact {
        project_id: stage.project,
        connection_id: stage.site.id,
        channel: stage.site.kind,
        external_id: format!("demo-bot-{number}"),
        address: None,
        name: None,
        handle: None,
        demo: true,
    };
    let talking = stage.db.write(stage.account, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            let known = contacts::upsert(cx, &contact).await?;
            for line in lines {
                clock.advance(MINUTE / 2 + i64::try_from(line.len()).unwrap_or(0) * 200);
                let content = said(cx, &known, line, &phone).await?;
                intake::from_client(cx, &known.party, &known.display, Said::now(content)).await?;
            }
            if number >= TALKS - STILL_WAITING {
                return Ok(());
            }
            // Who has said nothing for half an hour is not waited for.
            clock.advance(31 * MINUTE);
            if let Some(run) = place(cx, &known).await?.and_then(|place| place.run_id) {
                scenario_runs::go_off(cx, &run).await?;
            }
            let Some(left) = place(cx, &known).await? else { return Ok(()) };
            if lines.last() == Some(&">Позвать человека") {
                assign(cx, &left, Assignment::to(operator.id), &operator.name).await?;
                say(cx, &left, &operator, MessageKind::Message, "Здравствуйте! Расскажите, чем помочь.").await?;
            }
            let Some(left) = place(cx, &known).await? else { return Ok(()) };
            conversations::close(cx, &left, &operator.name).await
        })
    });
    talking.await
}

async fn place(cx: &mut Cx<'_>, known: &Known) -> Result<Option<Place>> {
    conversations::open_place(cx.tx, cx.account, &known.id).await
}

/// A line of [`LINES`] as the client's page sends it. A button that is not there any more (an earlier version has none) is written as words.
async fn said(cx: &mut Cx<'_>, known: &Known, line: &str, phone: &str) -> Result<Content> {
    let Some(label) = line.strip_prefix('>') else {
        return Ok(Content::text(if line == "#" { phone } else { line }));
    };
    let Some(place) = place(cx, known).await? else { return Ok(Content::text(label)) };
    let recent = messages::page(cx.tx, cx.account, &place.conversation_id, i64::MAX, true, 20).await?;
    // The newest first, so it is the button of the question that was asked last.
    let mut shown = recent.iter().flat_map(|message| message.content.buttons.iter().flatten());
    let button = shown.find(|button| button.label == label);
    Ok(button.map_or_else(|| Content::text(label), |button| Content::pressed(label.to_owned(), button.id.clone())))
}
