//! What the people write, and what the team answers. Each dialogue is played through the same use cases as a real one.

use super::Stage;
use super::bots::Bots;
use super::people::{Person, person};
use inbox::conversations::{Assignment, assign};
use jobs::project::GoOn;
use messaging::connections::Connection;
use messaging::contacts::values::{Given, Giver};
use messaging::contacts::{self, NewContact, values};
use messaging::conversations::{self, Place};
use messaging::intake::{self, Said};
use messaging::outgoing::{self, Saying};
use model::{AuthorKind, ChannelKind, Content, Cx, DeliveryStatus, MessageKind, Result, Timestamp, ValueSource};

pub(super) const MINUTE: i64 = 60_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// Contacts before the end of the story, the mailing of the demo is sent.
const MAILED_AT: i64 = 60;

/// A line of a dialogue: `К` client, `О` operator, `З` note of the team.
type Line = (char, &'static str);

/// How a dialogue stands at the end.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Ending {
    New,
    Open,
    Waiting,
    Closed,
}

const DIALOGUES: &[&[Line]] = &[
    &[
        ('К', "Здравствуйте. «Луна 40» есть матовая?"),
        ('О', "Здравствуйте. Да, на складе две матовые."),
        ('К', "Беру обе"),
        ('О', "Отложила до четверга. Доставка с 10 до 14 подойдёт?"),
        ('К', "А вечером привезёте?"),
    ],
    &[
        ('К', "Какая лампочка нужна для торшера «Сосна»?"),
        ('О', "E27, до 12 Вт. Тёплый свет 2700 К смотрится лучше всего."),
        ('К', "Спасибо, понял"),
    ],
    &[
        ('К', "Заказ 71 092, когда отправите?"),
        ('З', "Склад обещает собрать сегодня к 16:00"),
        ('О', "Соберём сегодня, трек-номер пришлю вечером."),
        ('К', "Хорошо, жду"),
    ],
    &[
        ('К', "Плафон приехал с трещиной, фото приложу позже"),
        ('О', "Простите за это. Заменим за наш счёт, курьер заберёт битый."),
        ('К', "Когда ждать замену?"),
        ('О', "В субботу до обеда."),
    ],
    &[
        ('К', "Подскажите, бра «Тетрадь» крепится к гипсокартону?"),
        ('О', "Да, в комплекте дюбели-бабочки. Вес 1,4 кг."),
        ('К', "Отлично, оформлю на сайте"),
    ],
    &[
        ('К', "Добрый день, нужен счёт на 24 бра для гостиницы"),
        ('О', "Добрый день. Пришлите, пожалуйста, реквизиты и город доставки."),
        ('К', "Отправил на почту"),
        ('З', "Скидка 7 % по договору, согласовано"),
    ],
    &[('К', "А если лампа не подойдёт по высоте, можно вернуть?")],
    &[
        ('К', "Скажите, у вас есть шоурум?"),
        ('О', "Есть: Екатеринбург, ежедневно с 11 до 20. Можно посмотреть все модели включёнными."),
        ('К', "Приедем в выходные"),
    ],
    &[
        ('К', "Не могу оплатить картой, страница не открывается"),
        ('О', "Проверили: платёж завис у банка. Попробуйте ещё раз через пять минут."),
        ('К', "Получилось, спасибо"),
    ],
    &[
        ('К', "Торшер мерцает на минимальной яркости"),
        ('О', "Какая лампа стоит? Диммеру нужна диммируемая."),
        ('К', "Обычная светодиодная"),
        ('О', "Дело в ней. Вложим подходящую в следующий заказ бесплатно."),
    ],
    &[
        ('К', "Сделаете подвес на заказ, длина провода 5 метров?"),
        ('О', "Да, срок пять рабочих дней, доплата 900 ₽."),
        ('К', "Подумаю до завтра"),
    ],
    &[('К', "Где моя посылка? Трек не обновляется третий день")],
];

/// Plays a story with so many people, and what bots do beside them; how many contacts there are in the end, none when it was cancelled.
pub(crate) async fn play(stage: &Stage, people: usize, mut bots: Option<Bots<'_>>) -> Result<Option<usize>> {
    let now = stage.env.now();
    let mut contacts = 0;
    // The small project has none yet.
    let has_mailings = bots.is_some();
    for number in 0..people {
        if let Some(work) = &stage.work
            && work.goes_on(number).await? == GoOn::Cancelled
        {
            return Ok(None);
        }
        // The newest last: activity falls off into the past as it does in life.
        let age = (people - number) as i64;
        let moment = now.plus_ms(-(age * age * 40 * MINUTE / 60 + age * 7 * MINUTE));
        let moment = Timestamp(moment.0.max(now.0 - 60 * DAY));
        if let Some(bots) = &mut bots {
            bots.play_until(moment).await?;
        }
        stage.clock.set(moment);
        contacts += play_one(stage, number, age).await?;
        if age == MAILED_AT && has_mailings {
            super::mailings::play(stage).await?;
        }
    }
    if let Some(mut bots) = bots {
        bots.play_until(now).await?;
    }
    stage.clock.set(now);
    if has_mailings {
        super::mailings::schedule(stage).await?;
    }
    Ok(Some(contacts))
}

async fn play_one(stage: &Stage, number: usize, age: i64) -> Result<usize> {
    let who = person(number + if stage.site.title == "Сайт" { 0 } else { 1 });
    let ending = match age {
        1..=12 => [Ending::New, Ending::Waiting, Ending::Open][number % 3],
        13..=40 => [Ending::Waiting, Ending::Open, Ending::Closed, Ending::Closed][number % 4],
        _ => Ending::Closed,
    };
    let first = if number.is_multiple_of(3) { &stage.telegram } else { &stage.site };
    dialogue(stage, &who, first, number, number, ending).await?;
    if number % 4 != 1 {
        return Ok(1);
    }
    // Every fourth person comes back in the other channel, and is recognised by phone or e-mail.
    let second = if first.id == stage.site.id { &stage.telegram } else { &stage.site };
    stage.clock.advance(3 * MINUTE);
    dialogue(stage, &who, second, number, number + 5, ending).await?;
    Ok(2)
}

async fn dialogue(
    stage: &Stage,
    who: &Person,
    connection: &Connection,
    number: usize,
    topic: usize,
    ending: Ending,
) -> Result<()> {
    let lines = DIALOGUES[topic % DIALOGUES.len()];
    let (env, account, project, clock) = (stage.env.clone(), stage.account, stage.project, stage.clock.clone());
    let operator = stage.team[topic % stage.team.len()].clone();
    let contact = new_contact(stage, who, connection, number);
    let (given, giver) = known_of(who, connection, number);
    let play = stage.db.write(stage.account, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            let known = contacts::upsert(cx, &contact).await?;
            values::set(cx, &project, &known.id, &given, &giver).await?;
            let mut place: Option<Place> = None;
            let lines = if ending == Ending::New { &lines[..1] } else { lines };
            for (who, text) in lines {
                clock.advance(MINUTE + i64::try_from(text.len()).unwrap_or(0) * 300);
                match (who, &place) {
                    ('К', _) | (_, None) => {
                        let content = Content::text(*text);
                        intake::from_client(cx, &known.party, &known.display, Said::now(content)).await?;
                        place = conversations::open_place(cx.tx, cx.account, &known.id).await?;
                    }
                    (side, Some(open)) => {
                        assign(cx, open, Assignment::to(operator.id), &operator.name).await?;
                        let kind = if *side == 'З' { MessageKind::Note } else { MessageKind::Message };
                        say(cx, open, &operator, kind, text).await?;
                        place = conversations::open_place(cx.tx, cx.account, &known.id).await?;
                    }
                }
            }
            finish(cx, place, &operator, ending).await
        })
    });
    play.await
}

pub(super) async fn say(
    cx: &mut Cx<'_>,
    place: &Place,
    by: &accounts::Team,
    kind: MessageKind,
    text: &str,
) -> Result<()> {
    // A past that is over: it was sent, and on the site it was read.
    let settled = if place.channel == ChannelKind::Site { DeliveryStatus::Read } else { DeliveryStatus::Sent };
    let author = outgoing::operator(model::ActorId::User(by.id), &by.name);
    let saying = Saying { kind, settled: Some(settled), ..Saying::new(author, Content::text(text)) };
    outgoing::say(cx, place, saying).await.map(drop)
}

async fn finish(cx: &mut Cx<'_>, place: Option<Place>, operator: &accounts::Team, ending: Ending) -> Result<()> {
    let Some(place) = place else { return Ok(()) };
    match ending {
        Ending::New => Ok(()),
        Ending::Open => {
            assign(cx, &place, Assignment::to(operator.id), &operator.name).await?;
            let open = conversations::get(cx.tx, cx.account, &place.conversation_id, None).await?;
            let is_answered = open.last_message.is_some_and(|last| last.author.kind != AuthorKind::Client);
            if is_answered { read_all(cx, &place, operator).await } else { Ok(()) }
        }
        Ending::Waiting => {
            assign(cx, &place, Assignment::to(operator.id), &operator.name).await?;
            let open = conversations::place(cx.tx, cx.account, &place.project_id, &place.conversation_id).await?;
            say(cx, &open, operator, MessageKind::Message, "Если появятся вопросы, пишите сюда в любое время.").await?;
            read_all(cx, &open, operator).await
        }
        Ending::Closed => {
            conversations::close(cx, &place, &operator.name).await?;
            read_all(cx, &place, operator).await
        }
    }
}

async fn read_all(cx: &mut Cx<'_>, place: &Place, operator: &accounts::Team) -> Result<()> {
    let now = conversations::get(cx.tx, cx.account, &place.conversation_id, None).await?;
    inbox::conversations::mark_read(
        cx,
        &place.project_id,
        &place.conversation_id,
        model::ActorId::User(operator.id),
        now.seq,
    )
    .await
}

fn new_contact(stage: &Stage, who: &Person, connection: &Connection, number: usize) -> NewContact {
    let is_telegram = connection.id == stage.telegram.id;
    NewContact {
        project_id: stage.project,
        connection_id: connection.id,
        channel: connection.kind,
        external_id: if is_telegram { format!("demo-{}", 500_000 + number) } else { format!("demo-site-{number}") },
        address: None,
        name: is_telegram.then(|| who.name.clone()),
        handle: is_telegram.then(|| format!("@{}", who.latin)),
        demo: true,
    }
}

/// What is known of a person in a channel: a messenger vouches for the phone, the site only repeats what was typed.
fn known_of(who: &Person, connection: &Connection, number: usize) -> (Given, Giver) {
    let mut given = Given::new();
    let mut set = |key: &str, value: &str| drop(given.insert(key.to_owned(), vec![value.to_owned()]));
    // Some give neither number nor address, but what stands in their contract: the company's third rule joins them.
    if number % 16 == 9 {
        set("contract", &who.contract);
        set("city", who.city);
        return (given, Giver { source: ValueSource::Bot, set_by: None, is_verified: false });
    }
    if connection.kind == ChannelKind::Telegram {
        set("phone", &who.phone);
        if number % 8 == 5 {
            set("email", &who.email);
        }
        return (
            given,
            Giver { source: ValueSource::Channel, set_by: Some(connection.id.to_string()), is_verified: true },
        );
    }
    // Some leave an address instead of a number: those are recognised by it.
    if number % 8 == 5 {
        set("name", &who.name);
        set("email", &who.email);
    } else if number % 5 != 2 {
        set("name", &who.name);
        set("phone", &who.phone);
    }
    if number % 3 == 1 {
        set("email", &who.email);
        set("city", who.city);
    }
    if number % 9 == 4 {
        set("contract", &who.contract);
    }
    (given, Giver { source: ValueSource::Javascript, set_by: None, is_verified: false })
}
