//! What somebody asks for: read from `q` once, then asked of either engine's index in its own words, and of a text by [`Expr::marks`]. Nothing of
//! `q` reaches an engine but terms made here, each between quotes.

use crate::terms::{self, Spelled, base36, quoted};
use crate::words::{self, Range};
use identity::normalise::NormSettings;
use messaging::contacts::search::number_asked;

/// Things asked of an engine at most; a text is held to all.
const MOST_ASKED: usize = 32;
/// Digits of a whole number with the country's code of Russia and Kazakhstan, or their trunk prefix.
const WHOLE_NUMBER: usize = 11;

/// What must be found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Expr {
    /// A term.
    Term(String),
    /// A term that begins so.
    Start(String),
    /// Forms one after another.
    Sequence(Vec<String>),
    /// All of them.
    All(Vec<Expr>),
    /// One of them.
    Any(Vec<Expr>),
    /// The first, and not the other.
    But(Box<Expr>, String),
}

/// A search as it was asked for.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    /// What must be found, each for itself; none when nothing in it can be found.
    pub parts: Vec<Expr>,
    /// The whole of it as a name or a value.
    pub whole: Option<String>,
}

impl Query {
    /// Reads it: words by their stems, the last one also as a beginning; what stands in quotes as a sequence of forms.
    pub fn read(q: &str, norms: &NormSettings) -> Self {
        let mut parts = Vec::new();
        let pieces: Vec<&str> = q.split('"').collect();
        let is_open = |at: usize| at.is_multiple_of(2);
        let is_empty = |piece: &&str| words::read(piece).forms.is_empty();
        let last = pieces.iter().rposition(|piece| !is_empty(piece));
        for (at, piece) in pieces.iter().enumerate() {
            match is_open(at) {
                true => parts.extend(loose(piece, last == Some(at), norms)),
                false => {
                    let forms: Vec<String> = dotted(&words::read(piece).forms);
                    parts.extend((!forms.is_empty()).then_some(Expr::Sequence(forms)));
                }
            }
        }
        let mut once: Vec<Expr> = Vec::with_capacity(parts.len());
        for part in parts {
            if !once.contains(&part) {
                once.push(part);
            }
        }
        Self { whole: terms::whole(q, norms), parts: once }
    }

    /// Everything together, for an engine.
    pub fn expr(&self) -> Expr {
        Expr::All(self.parts.iter().take(MOST_ASKED).cloned().collect())
    }

    /// Where a text has what was asked for, in its order; none when it has not all of it.
    pub fn marks(&self, text: &Spelled) -> Option<Vec<Range>> {
        let mut marks = Vec::new();
        for part in &self.parts {
            marks.extend(part.marks(text)?);
        }
        marks.sort_unstable();
        let mut merged: Vec<Range> = Vec::with_capacity(marks.len());
        for (start, end) in marks.into_iter().filter(|(start, end)| start < end) {
            match merged.last_mut() {
                Some(last) if start < last.1 => last.1 = last.1.max(end),
                _ => merged.push((start, end)),
            }
        }
        Some(merged)
    }
}

fn dotted(forms: &[(String, Range)]) -> Vec<String> {
    forms.iter().map(|(form, _)| format!(".{form}")).collect()
}

/// What stands outside quotes.
fn loose(text: &str, has_last: bool, norms: &NormSettings) -> Vec<Expr> {
    let read = words::read(text);
    let last = read.forms.len().saturating_sub(1);
    let word = |at: usize, form: &str| word(form, has_last && at == last);
    let within = |(start, end): Range, at: Range| start <= at.0 && at.1 <= end;
    let mut parts = Vec::new();
    let covers: Vec<Range> = read.addresses.iter().chain(&read.numbers).map(|(_, at)| *at).collect();
    for (address, _) in &read.addresses {
        parts.push(address_expr(address));
    }
    for (number, range) in &read.numbers {
        let inside = read.forms.iter().enumerate().filter(|(_, (_, at))| within(*range, *at));
        let words: Vec<Expr> = inside.map(|(at, (form, _))| word(at, form)).collect();
        let numbers = number_forms(number, norms).into_iter().map(|digits| Expr::Start(format!("+{digits}")));
        parts.push(Expr::Any(std::iter::once(Expr::All(words)).chain(numbers).collect()));
    }
    for (at, (form, range)) in read.forms.iter().enumerate() {
        if !covers.iter().any(|cover| within(*cover, *range)) && form != words::PART {
            parts.push(word(at, form));
        }
    }
    parts
}

/// An address and a name are searched whole; what is still being typed of an address, by its beginning.
fn address_expr(address: &str) -> Expr {
    let term = format!("@{address}");
    let is_whole = address.split_once('@').is_none_or(|(local, host)| local.is_empty() || host.contains('.'));
    if is_whole { Expr::Term(term) } else { Expr::Start(term) }
}

fn word(form: &str, is_last: bool) -> Expr {
    let whole = Expr::Term(words::stem(form).map_or_else(|| format!(".{form}"), |stem| format!("~{stem}")));
    if is_last { Expr::Any(vec![whole, Expr::Start(format!(".{form}"))]) } else { whole }
}

/// Digits by which a number is looked for: with the country's code, and without it, for it may stand behind other digits.
fn number_forms(number: &str, norms: &NormSettings) -> Vec<String> {
    let asked = number_asked(number, norms);
    let national = (asked.len() == WHOLE_NUMBER && asked.starts_with('7')).then(|| asked[1..].to_owned());
    std::iter::once(asked).chain(national).collect()
}

impl Expr {
    /// Whether it needs terms that are not whole.
    pub fn has_start(&self) -> bool {
        match self {
            Self::Start(_) => true,
            Self::Term(_) | Self::Sequence(_) => false,
            Self::All(all) | Self::Any(all) => all.iter().any(Self::has_start),
            Self::But(expr, _) => expr.has_start(),
        }
    }

    /// Whether it needs words side by side.
    pub fn has_sequence(&self) -> bool {
        match self {
            Self::Sequence(forms) => forms.len() > 1,
            Self::Term(_) | Self::Start(_) => false,
            Self::All(all) | Self::Any(all) => all.iter().any(Self::has_sequence),
            Self::But(expr, _) => expr.has_sequence(),
        }
    }

    /// What of it needs whole terms alone: all it finds is among what that finds. None when there is nothing of that kind.
    pub fn firm(&self) -> Option<Self> {
        match self {
            Self::All(all) => {
                let firm: Vec<Self> = all.iter().filter_map(Self::firm).collect();
                (!firm.is_empty()).then_some(Self::All(firm))
            }
            Self::But(expr, not) => expr.firm().map(|firm| Self::But(Box::new(firm), not.clone())),
            other => (!other.has_start()).then(|| other.clone()),
        }
    }

    /// For FTS5.
    pub fn match_of(&self, project: i64) -> String {
        self.rendered(&Fts(base36(project)))
    }

    /// For `tsquery`.
    pub fn tsquery(&self, project: i64) -> String {
        self.rendered(&Ts(base36(project)))
    }

    fn rendered(&self, words: &dyn Words) -> String {
        let joined = |all: &[Self], by: &str| {
            let all: Vec<String> = all.iter().map(|one| one.rendered(words)).collect();
            format!("({})", all.join(by))
        };
        match self {
            Self::Term(term) => words.term(term),
            Self::Start(term) => words.start(term),
            Self::Sequence(forms) => words.sequence(forms),
            Self::All(all) => joined(all, words.and()),
            Self::Any(any) => joined(any, words.or()),
            Self::But(expr, not) => words.but(&expr.rendered(words), &words.term(not)),
        }
    }

    /// Whether a row of an index has it: its terms as [`Stored::text`](crate::terms::Stored::text) wrote them, with a blank on either side.
    pub fn holds(&self, terms: &str, project: &str) -> bool {
        match self {
            Self::Term(term) => terms.contains(&format!(" {project}{term} ")),
            Self::Start(term) => terms.contains(&format!(" {project}{term}")),
            Self::Sequence(forms) => {
                let forms: Vec<String> = forms.iter().map(|form| format!("{project}{form}")).collect();
                terms.contains(&format!(" {} ", forms.join(" ")))
            }
            Self::All(all) => all.iter().all(|one| one.holds(terms, project)),
            Self::Any(any) => any.iter().any(|one| one.holds(terms, project)),
            Self::But(expr, not) => expr.holds(terms, project) && !terms.contains(&format!(" {project}{not} ")),
        }
    }

    /// Where a text has it; none when it has not.
    fn marks(&self, text: &Spelled) -> Option<Vec<Range>> {
        let some = |marks: Vec<Range>| (!marks.is_empty()).then_some(marks);
        let all = || text.forms.iter().chain(&text.others);
        match self {
            Self::Term(term) => some(all().filter(|(found, _)| found == term).map(|(_, at)| *at).collect()),
            Self::Start(start) => {
                some(all().filter(|(found, _)| found.starts_with(start)).map(|(_, at)| *at).collect())
            }
            Self::Sequence(forms) => {
                let is_here = |found: &&[(String, Range)]| found.iter().map(|(form, _)| form).eq(forms);
                let whole = |found: &[(String, Range)]| (found[0].1.0, found[found.len() - 1].1.1);
                some(text.forms.windows(forms.len()).filter(is_here).map(whole).collect())
            }
            Self::All(all) => {
                let found: Option<Vec<Vec<Range>>> = all.iter().map(|one| one.marks(text)).collect();
                found.map(|found| found.concat())
            }
            Self::Any(any) => some(any.iter().filter_map(|one| one.marks(text)).flatten().collect()),
            Self::But(expr, _) => expr.marks(text),
        }
    }
}

/// How an engine writes a query.
trait Words {
    fn term(&self, term: &str) -> String;
    fn start(&self, term: &str) -> String;
    fn sequence(&self, forms: &[String]) -> String;
    fn and(&self) -> &'static str;
    fn or(&self) -> &'static str;
    fn but(&self, expr: &str, not: &str) -> String;
}

struct Fts(String);

impl Words for Fts {
    fn term(&self, term: &str) -> String {
        format!("\"{}{}\"", self.0, term.replace('"', "\"\""))
    }

    fn start(&self, term: &str) -> String {
        format!("{} *", self.term(term))
    }

    fn sequence(&self, forms: &[String]) -> String {
        let forms: Vec<String> = forms.iter().map(|form| self.term(form)).collect();
        forms.join(" + ")
    }

    fn and(&self) -> &'static str {
        " AND "
    }

    fn or(&self) -> &'static str {
        " OR "
    }

    fn but(&self, expr: &str, not: &str) -> String {
        format!("({expr} NOT {not})")
    }
}

struct Ts(String);

impl Words for Ts {
    fn term(&self, term: &str) -> String {
        quoted(&format!("{}{term}", self.0))
    }

    fn start(&self, term: &str) -> String {
        format!("{}:*", self.term(term))
    }

    fn sequence(&self, forms: &[String]) -> String {
        let forms: Vec<String> = forms.iter().map(|form| self.term(form)).collect();
        format!("({})", forms.join(" <-> "))
    }

    fn and(&self) -> &'static str {
        " & "
    }

    fn or(&self) -> &'static str {
        " | "
    }

    fn but(&self, expr: &str, not: &str) -> String {
        format!("({expr} & !{not})")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(q: &str) -> Query {
        Query::read(q, &NormSettings::default())
    }

    fn marks(q: &str, text: &str) -> Option<Vec<Range>> {
        read(q).marks(&Spelled::of(text, &NormSettings::default()))
    }

    #[test]
    fn an_engine_is_given_our_terms_alone() {
        let query = read("NOT договора* OR \"a AND b\" NEAR(x");
        let asked = query.expr();
        let fts =
            r#"("1~not" AND "1~договор" AND "1~or" AND "1.a" + "1.and" + "1.b" AND "1~near" AND ("1~x" OR "1.x" *))"#;
        assert_eq!(asked.match_of(1), fts);
        let ts = "('1~not' & '1~договор' & '1~or' & ('1.a' <-> '1.and' <-> '1.b') & '1~near' & ('1~x' | '1.x':*))";
        assert_eq!(asked.tsquery(1), ts);
    }

    #[test]
    fn the_last_word_is_a_beginning_and_the_others_are_whole() {
        assert_eq!(marks("счёт опла", "Счета на оплату"), Some(vec![(0, 5), (9, 15)]));
        assert_eq!(marks("опл счет", "Счета на оплату"), None);
        assert_eq!(marks("почта", "почтовый"), None, "it does not begin so, and has another stem");
        assert_eq!(marks("почта", "почтой"), Some(vec![(0, 6)]));
    }

    #[test]
    fn quotes_mean_the_exact_sequence() {
        assert_eq!(marks("\"на оплату\"", "Счета на оплату"), Some(vec![(6, 15)]));
        assert_eq!(marks("\"на оплат\"", "Счета на оплату"), None);
        assert_eq!(marks("\"счета оплату\"", "Счета на оплату"), None);
        let has_sequence = |q: &str| read(q).expr().has_sequence();
        assert_eq!(["\"на оплату\" счёт", "\"оплату\"", "на оплату"].map(has_sequence), [true, false, false]);
    }

    #[test]
    fn numbers_are_found_in_any_spelling_and_part() {
        let text = "Звоните: 8 (912) 555-01-42!";
        for q in ["+7 912 555 01 42", "9125550142", "55501", "555-01-42", "89125550142"] {
            assert_eq!(marks(q, text), Some(vec![(9, 26)]), "{q}");
        }
        assert_eq!(marks("9125550143", text), None);
        assert!(marks("заказ 100500", "Ваш заказ № 100500 готов").is_some());
    }

    #[test]
    fn addresses_are_searched_whole() {
        assert_eq!(marks("anna@mail.ru", "на Anna@mail.ru."), Some(vec![(3, 15)]));
        assert_eq!(marks("nna@mail.ru", "на Anna@mail.ru."), None);
        assert_eq!(marks("@anna", "это @anna_k"), None);
        assert_eq!(marks("anna@ma", "на Anna@mail.ru."), Some(vec![(3, 15)]));
    }

    #[test]
    fn a_row_of_the_index_says_the_same_as_the_text() {
        let norms = NormSettings::default();
        let text = Spelled::of("Счета на оплату, anna@mail.ru, 8 912 555-01-42", &norms);
        let row = format!(" {} ", text.stored(7).text());
        for q in
            ["счет", "опл", "на опл", "\"счета на\"", "\"на счета\"", "нет", "anna@mail.ru", "55501", "anna@mail.r"]
        {
            let query = read(q);
            assert_eq!(query.expr().holds(&row, "7"), query.marks(&text).is_some(), "{q}");
        }
    }
}
