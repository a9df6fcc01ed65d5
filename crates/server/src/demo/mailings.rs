//! A mailing that was sent some days ago, and one that waits for its day.

use super::Stage;
use super::story::MINUTE;
use ::mailings::{Became, Document};
use jiff::ToSpan;
use messaging::contacts;
use messaging::conversations;
use messaging::intake::{self, Said};
use model::{Content, Cx, DeliveryStatus, Refusal, Result};
use serde_json::{Value, json};

/// What some answer.
const ANSWERS: &[&str] =
    &["А для спальни какая лучше?", "Беру две, тёплые", "Доставка в субботу возможна?", "Спасибо, пока не нужно"];

/// Plays the one that was sent, at the moment of the story.
pub(super) async fn play(stage: &Stage) -> Result<()> {
    let (env, account, project, clock) = (stage.env.clone(), stage.account, stage.project, stage.clock.clone());
    let text = "{{name|Здравствуйте}}, осенняя коллекция приехала: торшеры и бра с тёплым светом 2700 К. До конца недели лампочка к любому из них в подарок.";
    let document = read(json!({ "title": "Осенний свет", "audience": { "all": [{ "channel": "telegram" }] },
        "channels": ["telegram"], "body": { "text": text }, "frequency": { "times": 2, "days": 30 } }))?;
    let by = stage.team[0].name.clone();
    let play = stage.db.write(stage.account, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            let became = |number: usize| match number % 9 {
                4 => Became::Gone(DeliveryStatus::Delivered),
                7 if number % 2 == 1 => Became::Blocked,
                1 | 2 | 5 => Became::Gone(DeliveryStatus::Read),
                _ => Became::Gone(DeliveryStatus::Sent),
            };
            let reached = ::mailings::played(cx, &project, document, &by, became).await?;
            for (number, conversation) in reached.iter().enumerate().filter(|(number, _)| number % 8 == 1) {
                clock.advance(7 * MINUTE);
                let place = conversations::place(cx.tx, cx.account, &project, conversation).await?;
                let party = contacts::party(cx.tx, cx.account, &project, &place.contact_id).await?;
                let name = contacts::get(cx.tx, cx.account, &place.contact_id).await?.name.unwrap_or_default();
                let answer = Content::text(ANSWERS[number / 8 % ANSWERS.len()]);
                intake::from_client(cx, &party, &name, Said::now(answer)).await?;
                if let Some(open) = conversations::open_place(cx.tx, cx.account, &place.contact_id).await? {
                    conversations::close(cx, &open, &by).await?;
                }
            }
            Ok::<_, Refusal>(())
        })
    });
    play.await
}

/// The one that waits: in some days, in the morning of each client.
pub(super) async fn schedule(stage: &Stage) -> Result<()> {
    let (env, account, project) = (stage.env.clone(), stage.account, stage.project);
    let now = jiff::Timestamp::from_millisecond(env.now().0).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
    let day = now.to_zoned(jiff::tz::TimeZone::UTC).date().saturating_add(6.days());
    let body = json!({ "text": "{{name|Здравствуйте}}, лампы к любому торшеру в подарок до конца месяца.",
        "per_channel": { "email": { "subject": "Зимний свет" } } });
    let document = read(json!({ "title": "Зимний свет",
        "audience": { "any": [{ "channel": "telegram" }, { "field": "email", "op": "is_filled" }] },
        "channels": ["telegram", "email"], "body": body,
        "schedule": { "at": format!("{day}T10:00"), "zone": "client", "quiet": { "from": "21:00", "to": "09:00" } } }))?;
    let by = stage.team[0].name.clone();
    let made = stage.db.write(stage.account, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            let row = ::mailings::create(cx, &project, document, Some(&by)).await?;
            ::mailings::start(cx, &project, &row.id, false).await.map(drop)
        })
    });
    made.await
}

fn read(document: Value) -> Result<Document> {
    serde_json::from_value(document).map_err(|error| Refusal::stored(&error))
}
