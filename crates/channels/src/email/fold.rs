//! Where the words of a letter end and the history it quotes begins.

/// Lines that a mail program may need to say who wrote what it quotes.
const MOST_OF_ATTRIBUTION: usize = 4;
const LONGEST_SIGNATURE: usize = 12;

/// The words, and what stands below them: quoted history, signature. What cannot be told apart stays with the words.
pub fn fold(text: &str) -> (String, Option<String>) {
    let lines: Vec<&str> = text.lines().collect();
    let Some(cut) = cut_of(&lines) else { return (text.trim().to_owned(), None) };
    let words = lines[..cut].join("\n").trim().to_owned();
    let below = lines[cut..].join("\n").trim().to_owned();
    // A letter that only passes something on says just that.
    if words.is_empty() || below.is_empty() { (text.trim().to_owned(), None) } else { (words, Some(below)) }
}

fn cut_of(lines: &[&str]) -> Option<usize> {
    let history = history_of(lines);
    let end = history.unwrap_or(lines.len());
    signature_of(&lines[..end]).or(history)
}

/// The first line of what is quoted up to the end of the letter. Answers between quoted lines keep them.
fn history_of(lines: &[&str]) -> Option<usize> {
    let marked = lines.iter().position(|line| is_separator(line));
    let headed = (0..lines.len()).find(|at| is_head(&lines[*at..]));
    let first = [marked, headed].into_iter().flatten().min();
    let before = &lines[..first.unwrap_or(lines.len())];
    let quoted = trailing_quote(before);
    match (quoted, first) {
        (Some(quoted), _) => Some(with_attribution(lines, quoted)),
        (None, Some(first)) => Some(with_attribution(lines, first)),
        (None, None) => None,
    }
}

fn is_quote(line: &str) -> bool {
    line.trim_start().starts_with('>')
}

/// Where the quoted lines begin that nothing follows.
fn trailing_quote(lines: &[&str]) -> Option<usize> {
    let is_said = |line: &&str| !line.trim().is_empty() && !is_quote(line);
    let after = lines.iter().rposition(is_said).map_or(0, |at| at + 1);
    let first = lines[after..].iter().position(|line| is_quote(line))? + after;
    Some(first)
}

/// `On ... wrote:` above a quote belongs to it.
fn with_attribution(lines: &[&str], quote: usize) -> usize {
    let above = lines[..quote].iter().rposition(|line| !line.trim().is_empty());
    let Some(last) = above.filter(|at| lines[*at].trim_end().ends_with(':')) else { return quote };
    let first = (last.saturating_sub(MOST_OF_ATTRIBUTION - 1)..=last)
        .rev()
        .take_while(|at| !lines[*at].trim().is_empty())
        .find(|at| begins_attribution(lines[*at]));
    first.unwrap_or(if is_attribution(lines[last]) { last } else { quote })
}

const WROTE: &[&str] = &[
    "wrote:",
    "writes:",
    "пишет:",
    "писал:",
    "писала:",
    "написал:",
    "написала:",
    "(а):",
    "schrieb:",
    "écrit :",
    "escribió:",
];

fn is_attribution(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    let has_date = line.bytes().filter(u8::is_ascii_digit).count() >= 4;
    WROTE.iter().any(|word| line.ends_with(word)) || (line.ends_with(':') && (has_date || line.contains('@')))
}

fn begins_attribution(line: &str) -> bool {
    let line = line.trim();
    let lower = line.to_lowercase();
    let begins = ["on ", "am ", "le ", "el ", "в ", "вт", "пн", "ср", "чт", "пт", "сб", "вс"];
    let is_dated = lower.bytes().filter(u8::is_ascii_digit).count() >= 2;
    is_dated && (begins.iter().any(|word| lower.starts_with(word)) || lower.starts_with(|c: char| c.is_ascii_digit()))
}

/// A line that mail programs draw above what was before.
fn is_separator(line: &str) -> bool {
    let line = line.trim();
    let bare = line.trim_matches(['-', '_', '=', ' ', '>', '*']).to_lowercase();
    let is_drawn = line.starts_with("--") || line.starts_with("__");
    let named = [
        "original message",
        "исходное сообщение",
        "пересылаемое сообщение",
        "пересланное сообщение",
        "forwarded message",
        "конец пересылаемого сообщения",
        "reply message",
        "ursprüngliche nachricht",
        "message d'origine",
        "begin forwarded message:",
    ];
    is_drawn && named.iter().any(|name| bare.starts_with(name))
}

/// `From: ... Sent: ... Subject: ...` of Outlook, perhaps under a line.
fn is_head(lines: &[&str]) -> bool {
    let first = lines[0].trim();
    let is_line = first.len() >= 10 && first.chars().all(|c| c == '_');
    if is_line {
        return lines.get(1).is_some()
            && lines[1..].iter().take(2).any(|line| is_sender(line))
            && is_head_of(&lines[1..]);
    }
    is_sender(first) && is_head_of(lines)
}

fn is_sender(line: &str) -> bool {
    let line = line.trim().trim_matches('*').to_lowercase();
    ["from:", "от:", "от кого:", "von:", "de :", "de:"].iter().any(|name| line.starts_with(name))
}

fn is_head_of(lines: &[&str]) -> bool {
    const NAMES: &[&str] = &[
        "from:",
        "sent:",
        "to:",
        "cc:",
        "subject:",
        "date:",
        "от:",
        "от кого:",
        "отправлено:",
        "кому:",
        "копия:",
        "тема:",
        "дата:",
        "von:",
        "gesendet:",
        "an:",
        "betreff:",
    ];
    let is_named = |line: &&&str| {
        let line = line.trim().trim_matches('*').to_lowercase();
        NAMES.iter().any(|name| line.starts_with(name))
    };
    lines.iter().take(7).filter(is_named).count() >= 3
}

/// The signature below the words.
fn signature_of(lines: &[&str]) -> Option<usize> {
    let delimiter = lines.iter().rposition(|line| *line == "-- " || *line == "--");
    let machine = lines.iter().rposition(|line| is_of_machine(line));
    let at = match (delimiter, machine) {
        (Some(at), _) => at,
        (None, Some(at)) => at,
        (None, None) => return None,
    };
    let below = lines[at..].iter().filter(|line| !line.trim().is_empty()).count();
    (below <= LONGEST_SIGNATURE).then_some(at)
}

fn is_of_machine(line: &str) -> bool {
    let line = line.trim().to_lowercase();
    let begins = [
        "sent from my ",
        "sent from mail for",
        "отправлено с iphone",
        "отправлено с ipad",
        "отправлено из ",
        "отправлено с моего",
        "get outlook for",
    ];
    line.chars().count() <= 80 && begins.iter().any(|words| line.starts_with(words))
}

/// Lines that a mail program broke are joined again (`format=flowed`, RFC 3676).
pub fn unflowed(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut is_open = false;
    let mut depth = 0;
    for line in text.lines() {
        let quotes = line.bytes().take_while(|b| *b == b'>').count();
        let said = line[quotes..].strip_prefix(' ').unwrap_or(&line[quotes..]);
        if is_open && quotes == depth && said != "-- " {
            out.push_str(said);
        } else {
            if !out.is_empty() || is_open {
                out.push('\n');
            }
            out.push_str(&line[..quotes]);
            if quotes > 0 {
                out.push(' ');
            }
            out.push_str(said);
        }
        is_open = said.ends_with(' ') && said != "-- ";
        depth = quotes;
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_words_stand_above_what_is_quoted() {
        for (text, words) in [
            (
                "Да, беру.\n\nOn Mon, May 12, 2025 at 10:00 AM Оля <sales@shop.example>\nwrote:\n\n> Вам подходит?\n> Оля\n",
                "Да, беру.",
            ),
            ("Да\n\n12.05.2025, 10:00, \"Оля\" <sales@shop.example>:\n> Вам подходит?", "Да"),
            ("Да\n\nпн, 12 мая 2025 г. в 10:00, Оля <sales@shop.example>:\n\n> Вам?\n", "Да"),
            ("Да\n\n-----Original Message-----\nFrom: Оля\nSent: Monday\nSubject: x\n\nВам подходит?", "Да"),
            (
                "Да\n________________________________\nОт: Оля\nОтправлено: 12 мая\nКому: Анна\nТема: x\n\nВам подходит?",
                "Да",
            ),
            ("Да\n\nFrom: Olya <a@b>\nSent: Monday\nTo: Anna\nSubject: x\n\nHello", "Да"),
            ("Да\n\n-- \nАнна\n+7 900", "Да"),
            ("Да\n\nОтправлено с iPhone\n\n> 12 мая 2025 г., в 10:00, Оля <a@b.c> написал(а):\n> \n> Вам?", "Да"),
        ] {
            let (said, below) = fold(text);
            assert_eq!(said, words, "{text}");
            assert!(
                below.is_some_and(|below| below.contains("Вам") || below.contains("Анна") || below.contains("Hello")),
                "{text}"
            );
        }
    }

    #[test]
    fn what_is_no_history_stays() {
        for text in [
            "> Вам подходит?\nДа, беру.\n> А доставка?\nНа завтра.",
            "---------- Forwarded message ---------\nFrom: a\nTo: b\nSubject: c\n\nтекст",
            "> только цитата",
            "Размеры:\n10 x 20",
            "Тема: лампы.\nОт: меня",
            "Список:\n-- раз\n-- два",
        ] {
            assert_eq!(fold(text), (text.to_owned(), None));
        }
    }

    #[test]
    fn flowed_lines_are_whole_again() {
        assert_eq!(
            unflowed("Раз \nдва.\nТри\n> цитата \n> дальше\n-- \nАнна"),
            "Раз два.\nТри\n> цитата дальше\n-- \nАнна"
        );
    }
}
