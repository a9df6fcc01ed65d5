use super::super::raw::{self, Came};
use super::*;
use encoding_rs::{KOI8_R, WINDOWS_1251};

fn inbound(bytes: &[u8]) -> Inbound {
    let size = bytes.len();
    let raw = raw::raw(
        Came { validity: 1, uid: 5, at: 1_790_000_000_000, size, bytes: bytes.to_vec() },
        &super::super::settings::tests::mailbox("sales@shop.example", "imap.shop.example"),
    );
    parse(&raw.unwrap().body).unwrap().unwrap()
}

struct Said {
    text: String,
    files: Vec<InboundFile>,
    extra: Extra,
}

fn said(bytes: &[u8]) -> Said {
    let InboundEvent::Message { text, files, extra, .. } = inbound(bytes).event else { panic!("a message") };
    Said { text, files, extra: *extra.unwrap_or_default() }
}

fn letter(text: &str) -> Vec<u8> {
    text.replace('\n', "\r\n").into_bytes()
}

#[test]
fn a_letter_of_words_and_files() {
    let bytes = letter(
        "From: =?utf-8?B?0JDQvdC90LA=?= <Anna@Client.example>\nTo: sales@shop.example\nSubject: =?utf-8?Q?=D0=9B=D0=B0=D0=BC=D0=BF=D0=B0?=\n\
         Message-ID: <1@client.example>\nIn-Reply-To: <otklik.msg_00000000000000000000000007@shop.example>\n\
         Date: Mon, 21 Sep 2026 12:00:00 +0300\nMIME-Version: 1.0\nContent-Type: multipart/mixed; boundary=x\n\n\
         --x\nContent-Type: text/plain; charset=utf-8\n\nДобрый день!\n\nOn Mon, Olya <sales@shop.example> wrote:\n> Вам подходит?\n\
         --x\nContent-Type: application/pdf\nContent-Transfer-Encoding: base64\n\
         Content-Disposition: attachment; filename*=UTF-8''%D1%81%D1%87%D1%91%D1%82.pdf\n\nAJ//\n--x--\n",
    );
    let inbound = inbound(&bytes);
    assert_eq!(
        (inbound.sender.external_id.as_str(), inbound.sender.name.as_deref()),
        ("anna@client.example", Some("Анна"))
    );
    assert_eq!(inbound.sender.email.as_deref(), Some("anna@client.example"));
    assert_eq!(inbound.at, Timestamp(1_789_981_200_000));
    let Said { text, files, extra } = said(&bytes);
    assert_eq!(text, "Добрый день!");
    assert_eq!(extra.subject.as_deref(), Some("Лампа"));
    assert_eq!(extra.folded.as_deref(), Some("On Mon, Olya <sales@shop.example> wrote:\n> Вам подходит?"));
    assert!(!extra.automatic);
    assert_eq!((files[0].name.as_str(), files[0].bytes.as_deref()), ("счёт.pdf", Some([0, 0x9F, 0xFF].as_slice())));
}

#[test]
fn only_an_answer_to_us_names_what_it_answers() {
    let of = |id: &str| {
        let bytes = letter(&format!("From: a@b.example\nIn-Reply-To: <{id}>\n\nда\n"));
        let InboundEvent::Message { reply_to, .. } = inbound(&bytes).event else { panic!() };
        reply_to
    };
    let ours = compose::id_of(&model::MessageId::from_bits(7), "sales@shop.example");
    assert_eq!(of(&ours), Some(ours.clone()));
    assert_eq!(of("someone@else.example"), None);
}

#[test]
fn letters_of_every_alphabet_are_read() {
    let words = "Здравствуйте, подскажите, пожалуйста, когда будет доставка заказа?";
    let (cp1251, _, _) = WINDOWS_1251.encode(words);
    let (koi8, _, _) = KOI8_R.encode(words);
    let with =
        |head: &str, body: &[u8]| said(&[letter(&format!("From: a@b.ru\n{head}\n\n")).as_slice(), body].concat()).text;
    assert_eq!(with("Content-Type: text/plain; charset=windows-1251", &cp1251), words);
    assert_eq!(with("Content-Type: text/plain; charset=koi8-r", &koi8), words);
    assert_eq!(with("Content-Type: text/plain; charset=utf-8", &cp1251), words, "the charset is wrong");
    assert_eq!(with("Content-Type: text/plain; charset=us-ascii", &koi8), words, "the charset is wrong");
    assert_eq!(with("Content-Type: text/plain; charset=x-unknown-8bit", &cp1251), words, "nobody knows the charset");
    assert_eq!(with("Subject: x", &cp1251), words, "there is no charset");
    assert_eq!(
        with("Content-Type: text/plain; charset=windows-1251", words.as_bytes()),
        words,
        "it is utf-8 all the same"
    );
    let utf16: Vec<u8> = words.encode_utf16().flat_map(u16::to_le_bytes).collect();
    assert_eq!(with("Content-Type: text/plain; charset=utf-16le", &utf16), words);
    let jis = b"\x1b$B$3$s$K$A$O\x1b(B";
    assert_eq!(with("Content-Type: text/plain; charset=iso-2022-jp", jis), "こんにちは");
}

#[test]
fn headers_of_eight_bits_are_read() {
    let (subject, _, _) = WINDOWS_1251.encode("Вопрос по заказу ламп и доставке");
    let bytes = [b"From: a@b.ru\r\nSubject: ".as_slice(), &subject, b"\r\n\r\n\xd0\xb4\xd0\xb0\r\n"].concat();
    assert_eq!(said(&bytes).extra.subject.as_deref(), Some("Вопрос по заказу ламп и доставке"));
    let name = [b"From: \xcc\xe0\xf0\xe8\xed\xe0 <a@b.ru>\r\n\r\nx".as_slice()].concat();
    let name = inbound(&name).sender.name.unwrap();
    assert!(!name.contains('\u{FFFD}'), "{name}");
}

#[test]
fn html_alone_is_text_and_links() {
    let Said { text, extra, .. } = said(&letter(
        "From: a@b.example\nContent-Type: text/html; charset=utf-8\n\n<p>Привет, <b>Оля</b>!</p>\
         <script>alert(1)</script><p><a href=\"https://shop.example/x\">Заказ</a></p>\n",
    ));
    assert_eq!(text, "Привет, Оля!\n\nЗаказ");
    assert_eq!(extra.links, [NamedLink { text: "Заказ".into(), url: "https://shop.example/x".into() }]);
}

#[test]
fn an_empty_text_gives_way_to_the_html_beside_it() {
    let Said { text, files, .. } = said(&letter(
        "From: a@b.example\nContent-Type: multipart/alternative; boundary=x\n\n--x\nContent-Type: text/plain\n\n \n--x\n\
         Content-Type: text/html\n\n<p>Hello</p>\n--x--\n",
    ));
    assert_eq!((text.as_str(), files.len()), ("Hello", 0));
}

#[test]
fn a_name_that_passes_for_another_address_is_not_shown() {
    let sender = inbound(b"From: \"ceo@shop.example\" <mallory@evil.example>\r\n\r\nx").sender;
    assert_eq!(sender.name.as_deref(), Some("mallory@evil.example"));
}

#[test]
fn answers_that_go_to_somebody_else_are_theirs_and_say_who_wrote() {
    let bytes = b"From: Form <noreply@forms.example>\r\nReply-To: Anna <anna@client.example>\r\n\r\nx";
    let sender = inbound(bytes).sender;
    assert_eq!((sender.external_id.as_str(), sender.name.as_deref()), ("anna@client.example", Some("Anna")));
    assert_eq!(said(bytes).extra.forwarded_from.as_deref(), Some("Form <noreply@forms.example>"));
}

#[test]
fn programs_are_marked() {
    let Said { extra, text, .. } = said(b"From: anna@client.example\r\nAuto-Submitted: auto-replied\r\n\r\nI am away.");
    assert!(extra.automatic);
    assert_eq!(text, "I am away.");
}

#[test]
fn a_bounce_is_a_receipt_and_one_of_others_a_message() {
    let ours = compose::id_of(&model::MessageId::from_bits(7), "sales@shop.example");
    let of = |id: &str| {
        inbound(&letter(&format!(
            "From: MAILER-DAEMON@mx.example\nReturn-Path: <>\nContent-Type: multipart/report; report-type=delivery-status; boundary=b\n\n\
             --b\n\nsorry\n--b\nContent-Type: message/delivery-status\n\nReporting-MTA: dns; mx\n\nFinal-Recipient: rfc822; anna@client.example\n\
             Action: failed\nStatus: 5.1.1\n--b\nContent-Type: text/rfc822-headers\n\nMessage-ID: <{id}>\n\n--b--\n"
        )))
    };
    let receipt = of(&ours);
    assert_eq!(receipt.sender.external_id, "anna@client.example", "so that erasure finds it");
    assert!(matches!(receipt.event, InboundEvent::Receipt(Receipt { about: ReceiptOf::Ours(_), .. })));
    let message = of("1@else.example");
    assert!(matches!(message.event, InboundEvent::Message { extra: Some(extra), .. } if extra.automatic));
}

#[test]
fn what_is_forwarded_as_a_file_is_a_file() {
    let Said { text, files, .. } = said(&letter(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\n\nсм. ниже\n--x\nContent-Type: message/rfc822\n\n\
         From: c@d.example\nSubject: inner\n\ninside\n--x--\n",
    ));
    assert_eq!((text.as_str(), files.len(), files[0].name.as_str()), ("см. ниже", 1, "inner.eml"));
    assert!(String::from_utf8_lossy(files[0].bytes.as_deref().unwrap()).contains("inside"));
}

#[test]
fn a_very_long_text_comes_whole_as_a_file() {
    let Said { text, files, .. } = said(&letter(&format!("From: a@b.example\n\n{}конец\n", "слово ".repeat(5_000))));
    assert!(text.chars().count() <= 10_000 && text.ends_with('…'));
    assert!(String::from_utf8_lossy(files[0].bytes.as_deref().unwrap()).ends_with("конец"));
}

#[test]
fn a_letter_of_a_subject_alone_says_it() {
    let Said { text, extra, .. } = said(b"From: a@b.example\r\nSubject: Call me\r\n\r\n");
    assert_eq!((text.as_str(), extra.subject.as_deref()), ("Call me", Some("Call me")));
}

#[test]
fn names_of_files_lead_nowhere() {
    let Said { files, .. } = said(&letter(
        "From: a@b.example\nContent-Type: multipart/mixed; boundary=x\n\n--x\nContent-Type: application/pdf; name=\"../../etc/passwd\"\n\n\
         x\n--x--\n",
    ));
    assert_eq!(files[0].name, ".._.._etc_passwd");
}

/// Whatever comes is a message or a receipt, in bounded time, and never a fault.
#[test]
fn broken_letters_are_messages_all_the_same() {
    let deep =
        (0..200).map(|n| format!("Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n")).collect::<String>();
    let many =
        "--x\r\nContent-Type: text/plain; name=a.txt\r\nContent-Disposition: attachment\r\n\r\nA\r\n".repeat(300);
    let nasty: Vec<Vec<u8>> = vec![
        vec![],
        b"\r\n".to_vec(),
        b"no headers at all".to_vec(),
        b"From".to_vec(),
        b"From: \r\nSubject: \r\n\r\n".to_vec(),
        vec![0; 1_000],
        (0..=255).cycle().take(70_000).collect(),
        b"From: a@b.example\r\nContent-Type: multipart/mixed\r\n\r\nno boundary".to_vec(),
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n--x\r\n\r\nnever closed".to_vec(),
        b"From: a@b.example\r\nContent-Type: multipart/mixed; boundary=\"\"\r\n\r\n--\r\n\r\nx\r\n----".to_vec(),
        b"From: a@b.example\r\nContent-Transfer-Encoding: base64\r\n\r\n!!!! not base64 ====".to_vec(),
        b"From: a@b.example\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n=ZZ=4=\xff".to_vec(),
        b"From: a@b.example\r\nContent-Type: text/html\r\n\r\n<table><tr><td><div><p>unclosed".to_vec(),
        b"From: a@b.example\r\nDate: yesterday\r\nSubject: =?utf-8?B?!!!?=\r\n\r\nx".to_vec(),
        b"From: =?x?Q?=?= <a@b.example>, , <>\r\n\r\nx".to_vec(),
        b"From: a@b.example\r\nContent-Type: multipart/report; boundary=b\r\n\r\n--b\r\nContent-Type: message/delivery-status\r\n\r\nAction\r\n--b--".to_vec(),
        format!("From: a@b.example\r\n{deep}deep").into_bytes(),
        format!("From: a@b.example\r\nContent-Type: multipart/mixed; boundary=x\r\n\r\n{many}--x--").into_bytes(),
        format!("From: a@b.example\r\nSubject: {}\r\n\r\nx", "x".repeat(100_000)).into_bytes(),
        format!("From: {}\r\n\r\nx", "a@b.example, ".repeat(10_000)).into_bytes(),
        format!("From: a@b.example\r\nContent-Type: text/html\r\n\r\n{}", "<div>".repeat(60_000)).into_bytes(),
        b"From: a@b.example\nSubject: bare newlines\n\ntext\n".to_vec(),
        b"From: a@b.example\rSubject: bare returns\r\rtext\r".to_vec(),
    ];
    for bytes in nasty {
        let began = std::time::Instant::now();
        let inbound = inbound(&bytes);
        let InboundEvent::Message { text, files, extra, external_id, .. } = inbound.event else { continue };
        let extra = extra.unwrap_or_default();
        let is_shown = !text.is_empty() || !files.is_empty() || extra.form.is_some();
        let head = String::from_utf8_lossy(&bytes[..bytes.len().min(80)]).into_owned();
        assert!(is_shown, "{head}");
        assert!(!inbound.sender.external_id.is_empty() && external_id.contains('#'), "{head}");
        assert!(text.chars().count() <= 10_000 && files.len() <= MOST_FILES + 1, "{head}");
        assert!(began.elapsed() < std::time::Duration::from_secs(5), "{head}: {:?}", began.elapsed());
    }
}
