//! What stands on the site of the demo company around its chat: two menu buttons, two suggests, and the auto-action that shows them.

use super::Stage;
use model::{Cx, Refusal, Result, ScenarioId};
use serde_json::{Value, json};
use site::{appearance, auto_actions, menu_buttons, suggests};

/// Makes them. `phone` asks for a number, `faq` answers questions.
pub(super) async fn dress(stage: &Stage, phone: ScenarioId, faq: ScenarioId) -> Result<()> {
    let (env, account, project) = (stage.env.clone(), stage.account, stage.project);
    let dressing = stage.db.write(stage.account, move |tx| {
        Box::pin(async move {
            let cx = &mut Cx::new(tx, &env, &account);
            for button in buttons(&phone) {
                menu_buttons::create(cx, &project, read(button)?).await?;
            }
            appearance::publish(cx, &project, None, "Анна Лебедева").await?;
            let mut shown = Vec::new();
            for suggest in offers(&faq) {
                shown.push(suggests::create(cx, &project, read(suggest)?).await?.id);
            }
            let help = json!({
                "title": "Помочь с выбором", "enabled": true, "starts": "time",
                "conditions": { "all": [{ "fact": "seconds_on_page", "op": "at_least", "value": 15 }] },
                "actions": [{ "type": "show_suggests", "suggest_ids": shown }],
                "limits": { "per": "visit", "times": 1, "pause_seconds": 60, "over_open_dialog": false },
            });
            auto_actions::create(cx, &project, &help).await.map(drop)
        })
    });
    dressing.await
}

fn read<T: serde::de::DeserializeOwned>(value: Value) -> Result<T> {
    serde_json::from_value(value).map_err(|error| Refusal::stored(&error))
}

fn buttons(phone: &ScenarioId) -> [Value; 2] {
    [
        json!({ "label": { "ru": "Перезвоните мне", "en": "Call me back" }, "colour": "#2f5d4a", "image": { "set": "phone" },
            "target": { "kind": "scenario", "scenario_id": phone } }),
        json!({ "label": { "ru": "Написать письмо", "en": "Write an e-mail" }, "colour": "#7a4a1e", "image": { "set": "mail" },
            "target": { "kind": "link", "url": "mailto:lamp@demo.otklik.example" } }),
    ]
}

fn offers(faq: &ScenarioId) -> [Value; 2] {
    [
        json!({ "label": { "ru": "Подобрать светильник", "en": "Choose a lamp" },
            "target": { "kind": "text", "text": { "ru": "Помогите подобрать светильник", "en": "Please help me choose a lamp" } } }),
        json!({ "label": { "ru": "Доставка и оплата", "en": "Delivery and payment" },
            "target": { "kind": "scenario", "scenario_id": faq } }),
    ]
}
