//! The texts of one language: those that are built in, and what an operator's file adds or words anew.

use super::placeables::placeables;
use fluent_bundle::concurrent::FluentBundle;
use fluent_bundle::{FluentArgs, FluentResource};
use fluent_syntax::ast::{Entry, Message, Pattern, PatternElement};
use std::collections::{BTreeMap, BTreeSet};
use unic_langid::{CharacterDirection, LanguageIdentifier};

/// English: what another language leaves out is said in it.
pub(super) const ENGLISH: &str = include_str!("en.ftl");

/// The languages that are built in, each by the name of its file.
const BUILT_IN: [(&str, &[&str]); 2] =
    [("en", &[]), ("cy", &[include_str!("cy.ftl"), include_str!("countries.cy.ftl")])];

/// What a program is told in English too, and is looked up by that.
pub(super) const GIVEN_IN_ENGLISH: [&str; 3] = ["advice-", "trouble-", "default-"];

/// What may stand in any text.
const ANYWHERE: [&str; 2] = ["charity", "processor"];

/// The operator's own texts, which a file may give in its language (docs/languages.md).
const OURS: [&str; 11] = [
    "our-name",
    "our-registration",
    "our-contact",
    "our-privacy-url",
    "our-processor",
    "our-donate-title",
    "our-donate-introduction",
    "our-donate-gift-aid",
    "our-join-title",
    "our-join-introduction",
    "our-join-gift-aid",
];

/// A language's own name.
const NAME: &str = "language-name";

/// The Guarantee, from the operator's bank.
pub(super) const GUARANTEE: &str = "our-guarantee";

/// All that is said in one language.
pub struct Texts {
    code: String,
    language: LanguageIdentifier,
    bundle: FluentBundle<FluentResource>,
    /// Ids of texts that are given in English, by that English.
    given: BTreeMap<String, String>,
    /// ISO 3166-1 codes and names, the United Kingdom first.
    pub(super) countries: Vec<(String, String)>,
    missing: usize,
}

/// Why a file of texts cannot be used.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
pub enum TextsError {
    /// Its name.
    #[error("its name is no language: call it cy.ftl, pt-BR.ftl or the like")]
    NoLanguage,
    /// What it is written in.
    #[error("line {0} cannot be read: see how the built-in texts are written")]
    Syntax(usize),
    /// A text that nobody says.
    #[error("{0} is the id of no text: correct it or take it out")]
    Unknown(String),
    /// A new language that nobody could choose.
    #[error("language-name is missing: the link to this language shows it")]
    NoName,
    /// A placeable that nobody fills.
    #[error("{0} has something in braces that is not there to be said: see the English")]
    Placeable(String),
}

impl Default for Texts {
    /// English.
    fn default() -> Self {
        Self::build("en", "en".parse().unwrap_or_default(), None)
    }
}

impl std::fmt::Debug for Texts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_tuple("Texts").field(&self.code).finish()
    }
}

impl Texts {
    /// The languages that are built in.
    pub fn built_in() -> impl Iterator<Item = &'static str> {
        BUILT_IN.into_iter().map(|(code, _)| code)
    }

    /// A language, by the name of its file without the ending: what is built in, then what `file` holds.
    pub fn new(code: &str, file: Option<&str>) -> Result<Self, TextsError> {
        let plain = code.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'-');
        let language = code.parse().ok().filter(|_| plain).ok_or(TextsError::NoLanguage)?;
        let file = match file {
            None => None,
            Some(text) => Some(checked(text)?),
        };
        let is_named = |file| messages(file).any(|message| message.id.name == NAME);
        if Self::built_in().all(|known| known != code) && !file.as_ref().is_some_and(is_named) {
            return Err(TextsError::NoName);
        }
        Ok(Self::build(code, language, file))
    }

    fn build(code: &str, language: LanguageIdentifier, file: Option<FluentResource>) -> Self {
        let english = resource(ENGLISH);
        let given = messages(&english).filter_map(|message| given_in_english(message)).collect();
        let ids: BTreeSet<String> = messages(&english).map(|message| id(message)).collect();
        let parts = BUILT_IN.into_iter().find(|(known, _)| *known == code).map(|(_, parts)| parts);
        let own: Vec<_> =
            parts.unwrap_or_default().iter().map(|text| resource(text)).chain(file).collect();
        let said: BTreeSet<String> = own.iter().flat_map(messages).map(id).collect();
        let is_english = parts.is_some_and(<[_]>::is_empty);
        let missing = if is_english { 0 } else { ids.difference(&said).count() };
        let countries = own.iter().flat_map(messages).map(id);
        let countries: Vec<String> =
            countries.filter_map(|id| Some(id.strip_prefix("country-")?.to_owned())).collect();
        let mut bundle = FluentBundle::new_concurrent(vec![language.clone()]);
        // Marks that isolate a name from what is around it would be copied along with it.
        bundle.set_use_isolating(false);
        for part in std::iter::once(english).chain(own) {
            bundle.add_resource_overriding(part);
        }
        let mut texts =
            Self { code: code.to_owned(), language, bundle, given, countries: Vec::new(), missing };
        texts.countries = texts.all_countries(&countries);
        texts
    }

    /// The name of its file, which an address gives as `lang`.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// The tag that a page of it bears.
    pub(super) fn tag(&self) -> &str {
        if self.code == "en" { "en-GB" } else { &self.code }
    }

    /// `rtl` where it is read from right to left.
    pub(super) fn direction(&self) -> Option<&'static str> {
        let rightmost = self.language.character_direction() == CharacterDirection::RTL;
        rightmost.then_some("rtl")
    }

    /// Its own name.
    pub(super) fn name(&self) -> String {
        self.own(NAME).unwrap_or_default()
    }

    /// How many texts it leaves out, which are said in English.
    #[must_use]
    pub const fn missing(&self) -> usize {
        self.missing
    }

    pub(super) const fn language(&self) -> &LanguageIdentifier {
        &self.language
    }

    /// One of our texts.
    pub(super) fn say(&self, id: &str, args: &FluentArgs<'_>) -> String {
        let said = self.find(id, Some(args));
        debug_assert!(said.is_some(), "there is no text {id}");
        said.unwrap_or_default()
    }

    /// One of the operator's texts, where the language's file gives it.
    pub(super) fn own(&self, id: &str) -> Option<String> {
        self.find(id, None)
    }

    /// What is given in English, in this language; as it is where it is none of our texts.
    pub(super) fn translated(&self, english: &str, args: &FluentArgs<'_>) -> String {
        self.given.get(english).map_or_else(|| english.to_owned(), |id| self.say(id, args))
    }

    fn find(&self, id: &str, args: Option<&FluentArgs<'_>>) -> Option<String> {
        let pattern = self.bundle.get_message(id)?.value()?;
        let mut errors = Vec::new();
        let said = self.bundle.format_pattern(pattern, args, &mut errors).into_owned();
        debug_assert!(errors.is_empty(), "{id}: {errors:?}");
        Some(said)
    }

    /// Every country in the order of the language's file, or by its English name.
    fn all_countries(&self, order: &[String]) -> Vec<(String, String)> {
        let place = |code: &str| order.iter().position(|known| known == code);
        let mut all: Vec<(String, String)> = rust_iso3166::ALL
            .iter()
            .map(|country| {
                let own = self.own(&format!("country-{}", country.alpha2));
                (country.alpha2.to_owned(), own.unwrap_or_else(|| country.name.to_owned()))
            })
            .collect();
        all.sort_by_cached_key(|(code, name)| {
            let last = place(code).unwrap_or(usize::MAX);
            (code != "GB", last, name.clone())
        });
        for (code, name) in &mut all {
            if code == "GB" && place(code).is_none() {
                "United Kingdom".clone_into(name);
            }
        }
        all
    }
}

/// A file of an operator's, which says nothing that nobody asks for.
fn checked(text: &str) -> Result<FluentResource, TextsError> {
    let file = FluentResource::try_new(text.to_owned()).map_err(|(_, errors)| {
        let until = errors
            .first()
            .map_or(0, |error| error.slice.as_ref().map_or(error.pos.start, |entry| entry.start));
        let before = text.get(..until).unwrap_or_default();
        TextsError::Syntax(before.matches('\n').count().saturating_add(1))
    })?;
    let english = resource(ENGLISH);
    let known: BTreeMap<String, BTreeSet<String>> = messages(&english)
        .map(|message| (id(message), message.value.as_ref().map(placeables).unwrap_or_default()))
        .collect();
    for message in messages(&file) {
        let id = id(message);
        let allowed = match known.get(&id) {
            Some(allowed) => allowed.clone(),
            None if is_own(&id) => BTreeSet::new(),
            None => return Err(TextsError::Unknown(id)),
        };
        let anywhere = |name: &String| !is_own(&id) && ANYWHERE.contains(&name.as_str());
        let used = message.value.as_ref().map(placeables).unwrap_or_default();
        if !used.iter().all(|name| allowed.contains(name) || anywhere(name)) {
            return Err(TextsError::Placeable(id));
        }
    }
    Ok(file)
}

/// Whether it is a text of the operator's, or the name of a country.
fn is_own(id: &str) -> bool {
    let plan = id.strip_prefix("our-plan-").is_some_and(|rest| {
        ["-name", "-description"].iter().any(|end| rest.len() > end.len() && rest.ends_with(end))
    });
    let country = id
        .strip_prefix("country-")
        .is_some_and(|code| rust_iso3166::ALL.iter().any(|country| country.alpha2 == code));
    plan || country || id == GUARANTEE || OURS.contains(&id)
}

/// What is built in was parsed by a test.
fn resource(text: &str) -> FluentResource {
    FluentResource::try_new(text.to_owned()).unwrap_or_else(|(readable, _)| readable)
}

fn messages(resource: &FluentResource) -> impl Iterator<Item = &Message<&str>> {
    resource.entries().filter_map(|entry| match entry {
        Entry::Message(message) => Some(message),
        Entry::Term(_)
        | Entry::Comment(_)
        | Entry::GroupComment(_)
        | Entry::ResourceComment(_)
        | Entry::Junk { .. } => None,
    })
}

fn id(message: &Message<&str>) -> String {
    message.id.name.to_owned()
}

/// The English and the id of a text that is given in English.
fn given_in_english(message: &Message<&str>) -> Option<(String, String)> {
    let id = id(message);
    let given = GIVEN_IN_ENGLISH.iter().any(|start| id.starts_with(start));
    Some((plain(message.value.as_ref()?)?, id)).filter(|_| given)
}

/// A text with nothing in braces.
fn plain(pattern: &Pattern<&str>) -> Option<String> {
    pattern
        .elements
        .iter()
        .map(|element| match element {
            PatternElement::TextElement { value } => Some(*value),
            PatternElement::Placeable { .. } => None,
        })
        .collect()
}
