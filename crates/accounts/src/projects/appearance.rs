//! How the widget of a project looks and what it says (Внешний вид, R69; experience.md 6.2.19).

use messaging::{fields, files};
use model::{Cx, FileId, Invalid, ProjectId, Refusal, Result};
use serde::{Deserialize, Serialize};

const LONGEST_TITLE: usize = 60;
const LONGEST_TEXT: usize = 300;
const LONGEST_PATTERN: usize = 500;
const MOST_PATTERNS: usize = 50;
/// Fields of a form at most.
const MOST_FIELDS: usize = 6;
/// Pixels from an edge at most.
const FARTHEST: u16 = 200;

/// How the widget looks and what it says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Appearance {
    /// Title of the panel; the project's name when empty.
    pub title: String,
    /// The same in English; as `title` when empty.
    pub title_en: String,
    /// First line for a visitor.
    pub greeting: String,
    /// The same in English; as `greeting` when empty.
    pub greeting_en: String,
    /// `#rrggbb`.
    pub brand: String,
    /// `right` or `left`.
    pub side: String,
    /// `auto`, `ru` or `en`.
    pub locale: String,
    /// Menu buttons stand beside the chat while it is `opened`, or `always`.
    pub menu: String,
    /// Light, dark, or as the visitor's system has it.
    pub theme: Theme,
    /// What is drawn on the launcher.
    pub icon: Icon,
    /// How far from the edges it stands.
    pub offset: Offset,
    /// Who is shown until somebody answers.
    pub operator: Face,
    /// What is asked for before the chat.
    pub before: FormSettings,
    /// What is asked for while nobody is there.
    pub offline: FormSettings,
    /// What a visitor agrees to.
    pub consent: Consent,
    /// An answer is heard while the panel is not in view.
    pub sound: bool,
    /// Where the widget is not shown.
    pub hidden: Hidden,
    /// A closed conversation is asked to be rated.
    pub rating: bool,
}

/// Light, dark, or as the visitor's system has it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AppearanceTheme)]
#[allow(missing_docs)] // Each is what it is called.
pub enum Theme {
    #[default]
    Auto,
    Light,
    Dark,
}

/// What is drawn on the launcher.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AppearanceIcon)]
#[allow(missing_docs)] // Each is what it is called.
pub enum Icon {
    #[default]
    Mark,
    Chat,
    Question,
    Phone,
    Mail,
    Robot,
    Heart,
}

/// Pixels from the side and from the bottom.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = AppearanceOffset)]
pub struct Offset {
    /// From the side.
    pub x: u16,
    /// From the bottom.
    pub y: u16,
}

impl Default for Offset {
    fn default() -> Self {
        Self { x: 24, y: 24 }
    }
}

/// Who is shown until somebody answers.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = AppearanceOperator)]
pub struct Face {
    /// The name; nobody when empty.
    pub name: String,
    /// The same in English; as `name` when empty.
    pub name_en: String,
    /// An uploaded picture.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo: Option<FileId>,
    /// Where the picture is; only shown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub photo_url: Option<String>,
}

/// A form of the project's fields.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = AppearanceForm)]
pub struct FormSettings {
    /// Shown.
    pub enabled: bool,
    /// What stands above the fields.
    pub text: String,
    /// The same in English; as `text` when empty.
    pub text_en: String,
    /// What is asked for, in this order.
    pub fields: Vec<AskedField>,
}

/// A field of a form.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AppearanceFormField)]
pub struct AskedField {
    /// Key of the field.
    pub key: String,
    /// Nothing is sent without it.
    #[serde(default)]
    pub required: bool,
}

/// What a visitor agrees to by writing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = AppearanceConsent)]
pub struct Consent {
    /// The line; none when empty.
    pub text: String,
    /// The same in English; as `text` when empty.
    pub text_en: String,
    /// Where the whole text is.
    pub url: String,
    /// Nothing is sent before a box is ticked.
    pub required: bool,
}

/// Where the widget is not shown.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(default, deny_unknown_fields)]
#[schema(as = AppearanceHidden)]
pub struct Hidden {
    /// Addresses; `*` is any run of characters.
    pub pages: Vec<String>,
    /// `desktop`, `phone`, `tablet`.
    pub devices: Vec<HiddenOn>,
}

/// A kind of device.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, utoipa::ToSchema)]
#[serde(rename_all = "snake_case")]
#[schema(as = AppearanceDevice)]
#[allow(missing_docs)] // Each is what it is called.
pub enum HiddenOn {
    Desktop,
    Phone,
    Tablet,
}

impl Default for Appearance {
    fn default() -> Self {
        Self {
            title: String::new(),
            title_en: String::new(),
            greeting: String::new(),
            greeting_en: String::new(),
            brand: "#5b5bd6".into(),
            side: "right".into(),
            locale: "auto".into(),
            menu: "opened".into(),
            theme: Theme::default(),
            icon: Icon::default(),
            offset: Offset::default(),
            operator: Face::default(),
            before: FormSettings::default(),
            offline: FormSettings::default(),
            consent: Consent::default(),
            sound: true,
            hidden: Hidden::default(),
            rating: false,
        }
    }
}

impl Appearance {
    /// As it is kept: what it names is the project's own, and what is only shown is left out. What is wrong is named by its path under `root`.
    ///
    /// # Errors
    /// For whatever would break a site, a field that is not there, another project's picture.
    pub async fn checked(mut self, cx: &mut Cx<'_>, project: &ProjectId, root: &str) -> Result<Self> {
        self.check(root)?;
        self.operator.photo_url = None;
        if let Some(photo) = &self.operator.photo
            && !files::is_kept(cx, project, photo, files::Kept::Menu).await?
        {
            return Err(Refusal::NotFound);
        }
        if self.asked().next().is_some() {
            let known = fields::all(cx.tx, cx.account, project).await?;
            let unknown = self.asked().find(|(_, field)| known.iter().all(|known| known.key != field.key));
            if let Some((form, field)) = unknown {
                let words = format!("there is no field {}", field.key);
                return Err(Refusal::invalid(&format!("{root}.{form}.fields"), "unknown_field", words));
            }
        }
        Ok(self)
    }

    /// As the API shows it: with the address of the picture.
    pub fn shown(mut self) -> Self {
        self.operator.photo_url = self.operator.photo.as_ref().map(files::kept_url);
        self
    }

    /// Refuses what would break a site; every part that is wrong is named.
    fn check(&self, root: &str) -> Result<()> {
        let mut wrong = Wrong { root, found: Vec::new() };
        self.check_words(&mut wrong);
        self.check_texts(&mut wrong);
        wrong.unless(self.offset.x <= FARTHEST && self.offset.y <= FARTHEST, "offset", "0 to 200 pixels");
        check_form(&mut wrong, "before", &self.before);
        check_form(&mut wrong, "offline", &self.offline);
        if self.before.enabled && self.before.fields.is_empty() {
            wrong.unless(false, "before.fields", "a form before the chat asks for a field at least");
        }
        let is_page = |url: &str| url.starts_with("https://") || url.starts_with("http://");
        let url = self.consent.url.as_str();
        let is_address = url.is_empty() || (is_page(url) && url.len() <= 2_000 && !url.contains(char::is_whitespace));
        wrong.unless(is_address, "consent.url", "an address that begins with https://");
        let has_words = !self.consent.required || !self.consent.text.trim().is_empty();
        wrong.unless(has_words, "consent.text", "say what a visitor agrees to");
        wrong.unless(self.hidden.pages.len() <= MOST_PATTERNS, "hidden.pages", "50 addresses at most");
        for (place, page) in self.hidden.pages.iter().enumerate() {
            let is_fit = !page.trim().is_empty() && page.chars().count() <= LONGEST_PATTERN && is_plain(page);
            wrong.unless(is_fit, &format!("hidden.pages.{place}"), "an address of 1 to 500 characters");
        }
        if wrong.found.is_empty() { Ok(()) } else { Err(Refusal::Invalid(wrong.found)) }
    }

    fn check_words(&self, wrong: &mut Wrong<'_>) {
        let digits = self.brand.strip_prefix('#').unwrap_or_default();
        let is_colour = digits.len() == 6 && digits.bytes().all(|b| b.is_ascii_hexdigit());
        wrong.unless(is_colour, "brand", "a colour like #2f5d4a");
        wrong.unless(matches!(self.side.as_str(), "left" | "right"), "side", "left or right");
        wrong.unless(matches!(self.locale.as_str(), "auto" | "ru" | "en"), "locale", "auto, ru or en");
        wrong.unless(matches!(self.menu.as_str(), "opened" | "always"), "menu", "opened or always");
    }

    fn check_texts(&self, wrong: &mut Wrong<'_>) {
        let titles = [
            ("title", &self.title),
            ("title_en", &self.title_en),
            ("operator.name", &self.operator.name),
            ("operator.name_en", &self.operator.name_en),
        ];
        for (path, text) in titles {
            let is_fit = text.chars().count() <= LONGEST_TITLE && is_plain(text);
            wrong.unless(is_fit, path, "60 characters at most, in one line");
        }
        let texts = [
            ("greeting", &self.greeting),
            ("greeting_en", &self.greeting_en),
            ("before.text", &self.before.text),
            ("before.text_en", &self.before.text_en),
            ("offline.text", &self.offline.text),
            ("offline.text_en", &self.offline.text_en),
            ("consent.text", &self.consent.text),
            ("consent.text_en", &self.consent.text_en),
        ];
        for (path, text) in texts {
            let is_fit = text.chars().count() <= LONGEST_TEXT && is_plain(&text.replace(['\n', '\t'], " "));
            wrong.unless(is_fit, path, "300 characters at most");
        }
    }

    /// Fields that its forms ask for.
    fn asked(&self) -> impl Iterator<Item = (&'static str, &AskedField)> {
        let before = self.before.fields.iter().map(|field| ("before", field));
        before.chain(self.offline.fields.iter().map(|field| ("offline", field)))
    }
}

fn check_form(wrong: &mut Wrong<'_>, name: &str, form: &FormSettings) {
    wrong.unless(form.fields.len() <= MOST_FIELDS, &format!("{name}.fields"), "6 fields at most");
    for (place, field) in form.fields.iter().enumerate() {
        let is_first = form.fields[..place].iter().all(|other| other.key != field.key);
        wrong.unless(is_first, &format!("{name}.fields.{place}"), "this field is asked for already");
    }
}

/// No characters that nobody sees.
fn is_plain(text: &str) -> bool {
    !text.contains(char::is_control)
}

struct Wrong<'a> {
    root: &'a str,
    found: Vec<Invalid>,
}

impl Wrong<'_> {
    fn unless(&mut self, is_well: bool, path: &str, words: &str) {
        if !is_well {
            self.found.push(Invalid::new(&format!("{}.{path}", self.root), "wrong_form", words));
        }
    }
}
