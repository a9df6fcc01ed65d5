//! A mailbox as real ones are: threads, quotes, three charsets, files, letters without an id or a date, ids that are used again, and copies.

use crate::mail::chance::Chance;
use std::fmt::Write as _;

/// A letter as its bytes lie in the mailbox; `number` is the same for copies of one letter.
pub struct Letter {
    pub number: u32,
    pub bytes: Vec<u8>,
}

/// Own words of a letter carry its number so, in whatever charset.
pub fn number_in(text: &str) -> Option<u32> {
    text.split_once("[[")?.1.split_once("]]")?.0.parse().ok()
}

/// So many letters, of them one in a hundred a copy of one before; and how many different ones there are.
pub fn mailbox(count: u32) -> (Vec<Letter>, u32) {
    let mut chance = Chance::new(20_261_130);
    let mut letters = Vec::with_capacity(count as usize);
    let (mut different, mut ids): (u32, Vec<String>) = (0, Vec::new());
    while letters.len() < count as usize {
        if letters.len() % 100 == 99 {
            let again: &Letter = &letters[chance.below(letters.len())];
            letters.push(Letter { number: again.number, bytes: again.bytes.clone() });
            continue;
        }
        letters.push(Letter { number: different, bytes: letter(different, &mut ids, &mut chance) });
        different += 1;
    }
    (letters, different)
}

const WORDS: &[&str] = &[
    "Добрый день",
    "лампа",
    "торшер",
    "заказ",
    "ещё",
    "можно",
    "доставка",
    "в пятницу",
    "спасибо",
    "скидка",
    "адрес",
    "чек",
    "подъезд",
];

fn letter(number: u32, ids: &mut Vec<String>, chance: &mut Chance) -> Vec<u8> {
    let who = chance.below(5_000);
    let mut head = format!("From: Client {who} <client{who}@client{}.example>\r\nTo: sales@shop.example\r\n", who % 50);
    let _ = write!(head, "Subject: Order {}\r\nMIME-Version: 1.0\r\n", chance.below(900));
    if !number.is_multiple_of(9) {
        let _ = write!(
            head,
            "Date: Mon, 09 Nov 2026 {:02}:{:02}:{:02} +0300\r\n",
            chance.below(24),
            chance.below(60),
            chance.below(60)
        );
    }
    match number % 20 {
        // Without an id, and with one that was used before.
        3 => {}
        7 if !ids.is_empty() => {
            let _ = write!(head, "Message-ID: <{}>\r\n", ids[chance.below(ids.len())]);
        }
        _ => {
            let id = format!("{number}.{}@client.example", chance.below(1 << 30));
            let _ = write!(head, "Message-ID: <{id}>\r\n");
            ids.push(id);
        }
    }
    let mut text = format!("Письмо [[{number}]].");
    for _ in 0..3 + chance.below(60) {
        text.push(' ');
        text.push_str(WORDS[chance.below(WORDS.len())]);
    }
    if number.is_multiple_of(3) && !ids.is_empty() {
        let before = &ids[chance.below(ids.len())];
        let _ = write!(head, "In-Reply-To: <{before}>\r\nReferences: <{before}>\r\n");
        let _ = write!(
            text,
            "\r\n\r\nOn Mon, 9 Nov 2026 Otklik <sales@shop.example> wrote:\r\n> Письмо (({before})).\r\n> Спасибо за заказ!"
        );
    }
    let mut bytes = head.into_bytes();
    match number % 10 {
        0 | 1 => single("text/plain; charset=windows-1251", &windows_1251(&text), &mut bytes),
        2 => single("text/plain; charset=koi8-r", &koi8_r(&text), &mut bytes),
        3 => single("text/html; charset=utf-8", html(&text).as_bytes(), &mut bytes),
        4 | 5 => {
            bytes.extend_from_slice(b"Content-Type: multipart/alternative; boundary=alt\r\n\r\n");
            part("alt", "text/plain; charset=utf-8", text.as_bytes(), &mut bytes);
            part("alt", "text/html; charset=utf-8", html(&text).as_bytes(), &mut bytes);
            bytes.extend_from_slice(b"--alt--\r\n");
        }
        6 => {
            bytes.extend_from_slice(b"Content-Type: multipart/mixed; boundary=mix\r\n\r\n");
            part("mix", "text/plain; charset=utf-8", text.as_bytes(), &mut bytes);
            // One in a thousand has a file that stays in the mailbox until it is asked for.
            let lines = if number % 1_000 == 6 { 13_000 } else { 20 + chance.below(60) };
            let file = format!("{}\r\n", "QUJD".repeat(19)).repeat(lines);
            bytes.extend_from_slice(
                b"--mix\r\nContent-Type: application/pdf; name=bill.pdf\r\nContent-Transfer-Encoding: base64\r\n",
            );
            bytes.extend_from_slice(b"Content-Disposition: attachment; filename=bill.pdf\r\n\r\n");
            bytes.extend_from_slice(file.as_bytes());
            bytes.extend_from_slice(b"--mix--\r\n");
        }
        _ => single("text/plain; charset=utf-8", text.as_bytes(), &mut bytes),
    }
    bytes
}

fn single(kind: &str, text: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(format!("Content-Type: {kind}\r\nContent-Transfer-Encoding: 8bit\r\n\r\n").as_bytes());
    bytes.extend_from_slice(text);
    bytes.extend_from_slice(b"\r\n");
}

fn part(boundary: &str, kind: &str, text: &[u8], bytes: &mut Vec<u8>) {
    bytes.extend_from_slice(format!("--{boundary}\r\n").as_bytes());
    single(kind, text, bytes);
}

fn html(text: &str) -> String {
    let text = text.replace('>', "&gt;").replace('<', "&lt;").replace("\r\n", "<br>");
    format!(
        "<html><head><style>p{{color:#333}}</style></head><body><table><tr><td><p>{text}</p><a href='https://shop.example/'>сюда</a></td></tr></table></body></html>"
    )
}

fn windows_1251(text: &str) -> Vec<u8> {
    let byte = |c: char| match c {
        'А'..='я' => u8::try_from(u32::from(c) - u32::from('А') + 0xC0).unwrap_or(b'?'),
        'ё' => 0xB8,
        c => u8::try_from(u32::from(c)).ok().filter(u8::is_ascii).unwrap_or(b'?'),
    };
    text.chars().map(byte).collect()
}

fn koi8_r(text: &str) -> Vec<u8> {
    const LETTERS: &str = "юабцдефгхийклмнопярстужвьызшэщчъЮАБЦДЕФГХИЙКЛМНОПЯРСТУЖВЬЫЗШЭЩЧЪ";
    let byte = |c: char| match LETTERS.chars().position(|letter| letter == c) {
        Some(at) => u8::try_from(at + 0xC0).unwrap_or(b'?'),
        None if c == 'ё' => 0xA3,
        None => u8::try_from(u32::from(c)).ok().filter(u8::is_ascii).unwrap_or(b'?'),
    };
    text.chars().map(byte).collect()
}
