//! Show 2 of issue 14: the program is killed between any two steps of a hundred scenarios, and in the middle of some. What clients were told is
//! what the undisturbed core says, and timers go off once. The real program on real files.

use super::restore::{Running, installed, otklik};
use futures_util::future::join_all;
use reqwest::{Method, StatusCode};
use scenario::script::Script;
use schema::EmptyDb;
use serde_json::{Value, json};
use std::time::Duration;

/// Clients, each with a scenario of its own.
const SCRIPTS: usize = 100;

/// A scenario of three to five blocks, and what its client says after the word that launches it.
struct Play {
    document: Value,
    says: Vec<&'static str>,
}

impl Play {
    /// The parts are chosen by the digits of `number`, so that every pair of neighbours occurs.
    fn of(number: usize) -> Self {
        let word = word(number);
        let mut says = Vec::new();
        let (mut blocks, mut edges) = (Vec::new(), Vec::new());
        for (at, kind) in [number % 5, number / 5 % 5, number / 25].into_iter().enumerate() {
            let id = format!("b{at}");
            let (settings, exit, said): (Value, &str, &[&'static str]) = match kind {
                0 => (
                    json!({"text": format!("Телефон? {at}"), "wait": {"expect": "phone", "save_to": "phone", "error_text": "Это не номер"}}),
                    "correct",
                    &["нет", "8 912 345-67-89"],
                ),
                1 => (json!({"text": "Имя?", "wait": {"expect": "text", "save_to": "var.name"}}), "correct", &["Анна"]),
                2 => (json!({"text": format!("Вы {{{{var.name}}}}, {{{{phone}}}} ({at})")}), "next", &[]),
                3 => (
                    json!({"text": "Доставка?", "buttons": [{"id": "y", "label": "Да"}, {"id": "n", "label": "Нет"}]}),
                    "correct",
                    &["ДА"],
                ),
                _ => (
                    json!({"text": "Почта?", "wait": {"expect": "email", "on_incorrect": "exit"}}),
                    "incorrect",
                    &["не скажу"],
                ),
            };
            blocks.push(json!({"id": id, "type": "message", "settings": settings}));
            edges.push(json!({"from": [id, exit], "to": format!("b{}", at + 1)}));
            says.extend(said);
        }
        blocks.push(json!({"id": "b3", "type": "message", "settings": {"text": "Ещё вопросы?", "wait": {"expect": "any", "timeout": "PT3S"}}}));
        blocks.push(json!({"id": "b4", "type": "message", "settings": {"text": format!("До свидания, {{{{phone}}}} {number}")}}));
        edges.push(json!({"from": ["b3", "timeout"], "to": "b4"}));
        let launch = json!([{"kind": "keyword", "words": [word], "to": "b0"}]);
        Self { document: json!({"schema": 1, "launch": launch, "blocks": blocks, "edges": edges}), says }
    }

    /// What the client is told when nothing goes wrong.
    fn undisturbed(&self) -> Vec<String> {
        let said = self.says.iter().map(|text| json!({"event": {"type": "message", "text": text}}));
        let start = json!({"event": {"type": "start", "scenario": "main", "trigger": "keyword"}});
        let steps: Vec<Value> =
            [start].into_iter().chain(said).chain([json!({"event": {"type": "tick", "to": 60}})]).collect();
        let script = json!({"scenarios": {"main": self.document}, "steps": steps}).to_string();
        let transcript = Script::parse(&script).unwrap().run().unwrap();
        transcript.steps.into_iter().flat_map(|step| step.sent).map(|sent| sent.text).collect()
    }
}

/// A word that launches one scenario alone.
fn word(number: usize) -> String {
    format!("слово{number}")
}

fn start(place: &EmptyDb) -> Running {
    // All clients come from one address here. What a killed node of several was at is taken over when its lease is over.
    Running::wait_for(
        otklik(place, &["serve", "--listen", "127.0.0.1:0", "--lease-seconds", "5"])
            .env("OTKLIK_VISITOR_LIMITS", "off"),
    )
}

async fn call(running: &Running, account: &Value, method: Method, path: &str, body: Option<Value>) -> Value {
    let project = account["project_id"].as_str().unwrap();
    let url = format!("http://{}/api/v1/projects/{project}{path}", running.address);
    let mut request = harness::client().request(method, url).bearer_auth(account["api_key"].as_str().unwrap());
    if let Some(body) = body {
        request = request.json(&body);
    }
    let answer = request.send().await.unwrap();
    assert!(answer.status().is_success(), "{path}: {}", answer.text().await.unwrap());
    answer.json().await.unwrap_or_default()
}

/// A client says its `step`-th words, again when the server asks for it, as the widget does; answers the conversation, or nothing when the
/// program died meanwhile.
async fn say(
    http: &reqwest::Client,
    address: &str,
    account: &Value,
    number: usize,
    step: usize,
    text: &str,
) -> Option<String> {
    loop {
        let request = http
            .post(format!("http://{address}/w/v1/messages"))
            .header("x-otklik-site", account["site_key"].as_str().unwrap())
            .header("x-otklik-visitor", format!("{number:032x}"))
            .json(&json!({ "client_id": format!("{number}-{step}"), "content": { "text": text } }));
        let answer = request.send().await.ok()?;
        let status = answer.status();
        let said: Value = answer.json().await.ok()?;
        match status {
            StatusCode::SERVICE_UNAVAILABLE => tokio::time::sleep(Duration::from_millis(300)).await,
            status => {
                assert!(status.is_success(), "{status} {said}");
                return said["conversation_id"].as_str().map(str::to_owned);
            }
        }
    }
}

/// Everybody's `step`-th words at once; those who have said all say nothing.
async fn all_say(address: &str, account: &Value, plays: &[Play], step: usize) -> Vec<Option<String>> {
    let http = harness::client();
    let says = plays.iter().enumerate().map(|(number, play)| {
        let http = &http;
        async move {
            let text = match step {
                0 => word(number),
                step => (*play.says.get(step - 1)?).to_owned(),
            };
            say(http, address, account, number, step, &text).await
        }
    });
    join_all(says).await
}

async fn told(running: &Running, account: &Value, conversation: &str) -> Vec<String> {
    let page =
        call(running, account, Method::GET, &format!("/conversations/{conversation}/messages?limit=200"), None).await;
    let mut items = page["items"].as_array().unwrap().clone();
    items.sort_by_key(|message| message["seq"].as_i64());
    let of_bot = items.iter().filter(|message| message["author"]["kind"] == "bot");
    of_bot.map(|message| message["content"]["text"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_hundred_scenarios_are_what_they_are_undisturbed_although_the_program_is_killed_between_any_two_steps() {
    let plays: Vec<Play> = (0..SCRIPTS).map(Play::of).collect();
    let (place, account) = installed().await;
    let mut running = start(&place);
    for (number, play) in plays.iter().enumerate() {
        let body = json!({ "name": format!("Сценарий {number}"), "document": play.document });
        let made = call(&running, &account, Method::POST, "/scenarios", Some(body)).await;
        let path = format!("/scenarios/{}/publish", made["id"].as_str().unwrap());
        call(&running, &account, Method::POST, &path, Some(json!({ "revision": 1 }))).await;
    }
    let longest = plays.iter().map(|play| play.says.len()).max().unwrap();
    let mut conversations: Vec<Option<String>> = vec![None; SCRIPTS];
    for step in 0..=longest {
        if step % 2 == 1 {
            // In the middle: some were stored and some were not, and nobody knows which.
            let address = running.address.clone();
            let saying = all_say(&address, &account, &plays, step);
            let killed = async {
                tokio::time::sleep(Duration::from_millis(40)).await;
                running.kill();
            };
            tokio::join!(saying, killed);
            running = start(&place);
        }
        let answered = all_say(&running.address, &account, &plays, step).await;
        for (known, conversation) in conversations.iter_mut().zip(answered) {
            *known = known.take().or(conversation);
        }
        running.kill();
        running = start(&place);
    }
    let conversations: Vec<String> =
        conversations.into_iter().map(|known| known.expect("everybody was heard")).collect();
    // Whatever timer went off before a kill does not go off again, and the others do.
    for _ in 0..150 {
        let mut open = false;
        for (play, conversation) in plays.iter().zip(&conversations) {
            if told(&running, &account, conversation).await.len() < play.undisturbed().len() {
                open = true;
                break;
            }
        }
        if !open {
            break;
        }
        tokio::time::sleep(Duration::from_millis(200)).await;
    }
    running.kill();
    running = start(&place);
    tokio::time::sleep(Duration::from_secs(2)).await;
    for (number, (play, conversation)) in plays.iter().zip(&conversations).enumerate() {
        assert_eq!(told(&running, &account, conversation).await, play.undisturbed(), "script {number}");
    }
}
