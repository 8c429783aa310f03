//! Which language a page is in: the one that the address names by `lang`, or one that the browser asks for,
//! or the first. Nothing remembers it but the address.

use super::Site;
use super::page::Look;
use crate::payment::{Code, Reference};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use fluent_bundle::{FluentArgs, FluentValue};
use fluent_langneg::NegotiationStrategy;
use fluent_langneg::negotiate::filter_matches;
use std::ops::Deref;
use std::sync::Arc;
use unic_langid::LanguageIdentifier;

mod placeables;
mod texts;
mod wanted;

pub use texts::{Texts, TextsError};

/// The query's name for a language.
const NAME: &str = "lang";

/// What a page says, and how it leads to itself in other words.
#[derive(Clone, Debug, Default)]
pub struct Words {
    texts: Arc<Texts>,
    /// The other languages.
    pub(super) others: Vec<Other>,
    /// Whether the address named it: then the addresses that the page leads to name it too.
    named: bool,
    /// Whether the configuration's texts are in another one.
    elsewhere: Option<String>,
}

/// A language by its code, its tag and its own name.
#[derive(Clone, Debug)]
pub(super) struct Other {
    pub(super) code: String,
    pub(super) tag: String,
    pub(super) name: String,
}

/// A look for each language, the first for whoever asks for none of them.
#[derive(Debug)]
pub struct Looks {
    first: Arc<Look>,
    all: Vec<Spoken>,
    languages: Vec<LanguageIdentifier>,
}

/// One language's look, where the browser's wish chose it and where the address named it.
#[derive(Debug)]
struct Spoken {
    wished: Arc<Look>,
    named: Arc<Look>,
}

/// The site, in the language of one request.
#[derive(Clone)]
pub(super) struct Here {
    site: Arc<Site>,
    look: Arc<Look>,
}

impl Looks {
    /// The charity's look in each of these languages, the first that of the configuration's own texts.
    #[must_use]
    pub fn of(base: &Look, texts: Vec<Texts>) -> Self {
        let texts: Vec<Arc<Texts>> = texts.into_iter().map(Arc::new).collect();
        let known: Vec<Other> = texts.iter().map(|texts| Other::of(texts)).collect();
        let looks = texts.iter().enumerate().map(|(place, texts)| {
            let others = known.iter().filter(|other| other.code != texts.code()).cloned().collect();
            let first = known.first().filter(|_| place > 0);
            let elsewhere = first.map(|first| first.tag.clone());
            let words = Words { texts: Arc::clone(texts), others, named: false, elsewhere };
            base.clone().saying(words)
        });
        let all: Vec<Spoken> = looks.map(Spoken::of).collect();
        Self {
            first: all.first().map_or_else(|| Arc::new(base.clone()), |it| Arc::clone(&it.wished)),
            languages: texts.iter().map(|texts| texts.language().clone()).collect(),
            all,
        }
    }

    /// The first.
    #[must_use]
    pub fn first(&self) -> &Look {
        &self.first
    }

    /// The one for a request.
    fn asked(&self, query: Option<&str>, headers: &HeaderMap) -> Arc<Look> {
        let named = url::form_urlencoded::parse(query.unwrap_or_default().as_bytes())
            .find(|(name, _)| name == NAME)
            .and_then(|(_, code)| self.fitting(&[code.parse().ok()?]));
        if let Some(spoken) = named {
            return Arc::clone(&spoken.named);
        }
        let wished = self.fitting(&wanted::wanted(headers));
        wished.map_or_else(|| Arc::clone(&self.first), |spoken| Arc::clone(&spoken.wished))
    }

    fn fitting(&self, wanted: &[LanguageIdentifier]) -> Option<&Spoken> {
        let found = filter_matches(wanted, &self.languages, NegotiationStrategy::Lookup);
        let found = found.first()?;
        let place = self.languages.iter().position(|language| language == *found)?;
        self.all.get(place)
    }
}

impl Spoken {
    fn of(look: Look) -> Self {
        let words = Words { named: true, ..look.words.clone() };
        let named = Look { words, ..look.clone() };
        Self { wished: Arc::new(look), named: Arc::new(named) }
    }
}

impl Other {
    fn of(texts: &Texts) -> Self {
        let [code, tag] = [texts.code(), texts.tag()].map(str::to_owned);
        Self { code, tag, name: texts.name() }
    }
}

impl Here {
    /// For a request.
    pub(super) fn of(site: &Arc<Site>, query: Option<&str>, headers: &HeaderMap) -> Self {
        Self { site: Arc::clone(site), look: site.looks.asked(query, headers) }
    }

    pub(super) fn look(&self) -> &Look {
        &self.look
    }

    /// Says of a page which language it is in, and whether the browser's wish decided on it.
    pub(super) fn mark(&self, response: &mut Response) {
        let headers = response.headers_mut();
        let kind = headers.get(header::CONTENT_TYPE).map(HeaderValue::as_bytes);
        // What operators see is in English alone, and says so itself.
        let is_page = kind.is_some_and(|kind| kind.starts_with(b"text/html"));
        if !is_page || headers.contains_key(header::CONTENT_LANGUAGE) {
            return;
        }
        headers.extend(
            HeaderValue::from_str(self.look.tag()).map(|tag| (header::CONTENT_LANGUAGE, tag)),
        );
        if !self.look.words.named {
            headers.append(header::VARY, HeaderValue::from_static("accept-language"));
        }
    }

    /// The path of the page that tells what became of it.
    pub(super) fn return_path(&self, reference: Reference) -> String {
        self.look.address(&self.hand_offs.return_path(reference))
    }

    /// Where the processor sends the supporter back to, and under which reference: our own page in the
    /// language that was named, where the charity does not want them elsewhere.
    pub(super) fn back(
        &self,
        reference: Option<Reference>,
        return_url: Option<String>,
    ) -> (Option<Reference>, Option<String>) {
        if return_url.is_some() || !self.look.words.named {
            return (reference, return_url);
        }
        let reference = reference.unwrap_or_else(|| Reference::at(self.clock.now()));
        let origin = &self.hand_offs.origin;
        (Some(reference), Some(format!("{origin}{}", self.return_path(reference))))
    }
}

impl Deref for Here {
    type Target = Site;

    fn deref(&self) -> &Site {
        &self.site
    }
}

impl Look {
    /// Our text of this id.
    pub(super) fn say(&self, id: &str) -> String {
        self.say_of(id, [])
    }

    /// The same, with what it is about.
    pub(super) fn say_of<const N: usize>(
        &self,
        id: &str,
        about: [(&'static str, FluentValue<'_>); N],
    ) -> String {
        let mut args = self.args();
        for (name, value) in about {
            args.set(name, value);
        }
        self.words.texts.say(id, &args)
    }

    /// What is given in English, in the language of this look.
    pub(super) fn translated(&self, english: &str) -> String {
        self.words.texts.translated(english, &self.args())
    }

    /// The name of a plan, or its description.
    pub(super) fn of_plan(&self, code: &Code, what: &str, configured: &str) -> String {
        let own = self.words.texts.own(&format!("our-plan-{}-{what}", code.as_str()));
        own.unwrap_or_else(|| configured.to_owned())
    }

    /// The Guarantee in this language, where the operator's bank gave it.
    pub(super) fn guarantee(&self) -> Option<String> {
        self.words.texts.own(texts::GUARANTEE)
    }

    /// The language of the configuration's texts, where it is not this one.
    pub(super) fn elsewhere(&self) -> Option<&str> {
        self.words.elsewhere.as_deref()
    }

    pub(super) fn countries(&self) -> &[(String, String)] {
        &self.words.texts.countries
    }

    /// An address of ours as a page leads to it: in the language that the page's own address names.
    pub(super) fn address(&self, path: &str) -> String {
        let joint = if path.contains('?') { '&' } else { '?' };
        let code = Some(self.words.texts.code()).filter(|_| self.words.named);
        code.map_or_else(|| path.to_owned(), |code| format!("{path}{joint}{NAME}={code}"))
    }

    /// `rtl` where the language is read from right to left.
    pub(super) fn direction(&self) -> Option<&'static str> {
        self.words.texts.direction()
    }

    /// The tag of the language.
    pub(super) fn tag(&self) -> &str {
        self.words.texts.tag()
    }

    fn args(&self) -> FluentArgs<'_> {
        let mut args = FluentArgs::new();
        args.set("charity", self.name.as_str());
        args.set("processor", self.processor.as_str());
        args
    }

    /// The charity's own texts in the language of these words, where they are given in it.
    fn saying(self, words: Words) -> Self {
        let own = |id: &str, configured: String| words.texts.own(id).unwrap_or(configured);
        // A heading that was left at its default is ours to say.
        let title = |id: &str, configured: String| {
            own(id, words.texts.translated(&configured, &FluentArgs::new()))
        };
        let Self { mut donate, mut join, .. } = self;
        donate.title = title("our-donate-title", donate.title);
        donate.introduction = own("our-donate-introduction", donate.introduction);
        donate.gift_aid = offered(donate.gift_aid, |text| own("our-donate-gift-aid", text));
        join.title = offered(join.title, |text| title("our-join-title", text));
        join.introduction = own("our-join-introduction", join.introduction);
        join.gift_aid = offered(join.gift_aid, |text| own("our-join-gift-aid", text));
        Self {
            name: own("our-name", self.name),
            registration: own("our-registration", self.registration),
            contact: own("our-contact", self.contact),
            privacy_url: own("our-privacy-url", self.privacy_url),
            processor: own("our-processor", self.processor),
            donate,
            join,
            words,
            website: self.website,
            debits_here: self.debits_here,
            cards_here: self.cards_here,
            self_service: self.self_service,
            logo: self.logo,
            amounts: self.amounts,
            style: self.style,
        }
    }
}

/// What is not offered is not offered in another language either.
fn offered(text: String, own: impl FnOnce(String) -> String) -> String {
    if text.is_empty() { text } else { own(text) }
}

#[cfg(test)]
mod tests;
