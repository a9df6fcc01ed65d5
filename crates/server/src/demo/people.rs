//! Invented people. Numbers are of the ranges kept for films, addresses of the domain kept for examples.

/// A person who writes in one or two channels.
pub(crate) struct Person {
    pub name: String,
    pub latin: String,
    pub phone: String,
    pub email: String,
    pub city: &'static str,
    pub contract: String,
}

const FIRST: &[(&str, &str)] = &[
    ("Марина", "marina"),
    ("Илья", "ilya"),
    ("Ольга", "olga"),
    ("Тимур", "timur"),
    ("Полина", "polina"),
    ("Сергей", "sergey"),
    ("Лев", "lev"),
    ("Дарья", "darya"),
    ("Рустам", "rustam"),
    ("Вера", "vera"),
    ("Никита", "nikita"),
    ("Зоя", "zoya"),
    ("Глеб", "gleb"),
    ("Алина", "alina"),
    ("Фёдор", "fedor"),
    ("Ксения", "ksenia"),
    ("Арсен", "arsen"),
    ("Юлия", "yulia"),
    ("Павел", "pavel"),
    ("Нина", "nina"),
];

const LAST: &[(&str, &str)] = &[
    ("Ковал", "koval"),
    ("Сорокин", "sorokin"),
    ("Вершинин", "vershinin"),
    ("Галеев", "galeev"),
    ("Реутов", "reutov"),
    ("Мельников", "melnikov"),
    ("Аристов", "aristov"),
    ("Дымов", "dymov"),
    ("Журавлёв", "zhuravlev"),
    ("Лапин", "lapin"),
    ("Орешкин", "oreshkin"),
    ("Пахомов", "pakhomov"),
    ("Сизов", "sizov"),
    ("Тихонов", "tikhonov"),
    ("Уваров", "uvarov"),
    ("Чернов", "chernov"),
    ("Шубин", "shubin"),
    ("Яковлев", "yakovlev"),
];

const CITIES: &[&str] = &["Екатеринбург", "Пермь", "Челябинск", "Тюмень", "Москва", "Казань", "Уфа", "Нижний Тагил"];

/// Whether a first name of the list is a woman's: decides the ending of the last name.
fn is_woman(name: &str) -> bool {
    name.ends_with(['а', 'я']) && !matches!(name, "Илья" | "Никита")
}

/// The person with this number, always the same one.
pub(crate) fn person(number: usize) -> Person {
    let (first, first_latin) = FIRST[number % FIRST.len()];
    let (last, last_latin) = LAST[(number / FIRST.len() + number * 7) % LAST.len()];
    let ending = if is_woman(first) && last != "Ковал" { "а" } else { "" };
    let last = if last == "Ковал" { "Коваль".to_owned() } else { format!("{last}{ending}") };
    Person {
        name: format!("{first} {last}"),
        latin: format!("{first_latin}_{last_latin}{}", number % 90 + 10),
        phone: format!("+7 900 555-{:02}-{:02}", number / 100 % 100, number % 100),
        email: format!("{first_latin}.{last_latin}{number}@pochta.example"),
        city: CITIES[number % CITIES.len()],
        contract: format!("ОПТ-{:04}", number % 9000 + 17),
    }
}
