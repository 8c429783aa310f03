//! Every road that a datum can take through the service (security.md, section 3.4), walked by people of
//! whom each walks one.

use super::caller::{Answer, Caller, Holds};
use super::people::{Fate, People, Person};
use super::stage::Stage;
use crate::cli::Failure;
use crate::config::Settings;
use crate::mock_rsm::MockRsm;
use crate::payment::{Dialect, Frequency, Method};
use ways::Way;

mod broken;
mod hosted;
mod programs;
mod strangers;
mod supporters;
mod troubled;
pub(super) mod ways;

/// Fields of a form.
pub(super) type Fields = Vec<(String, String)>;

/// What every road needs.
pub(super) struct Walk<'a> {
    pub(super) stage: &'a Stage,
    pub(super) mock: &'a MockRsm,
    /// The browser as the processor sees it.
    pub(super) elsewhere: &'a reqwest::Client,
    pub(super) ways: Vec<Way>,
    pub(super) people: People,
    /// Where an answer was none of those that a road leads to.
    pub(super) astray: Vec<String>,
}

impl Walk<'_> {
    /// Every road, by one caller.
    pub(super) async fn all(&mut self, caller: &Caller) -> Result<(), Failure> {
        for way in self.ways.clone() {
            self.supporter(caller, &way).await?;
            self.program(caller, &way).await?;
        }
        self.refused(caller).await?;
        self.strangers(caller).await?;
        self.broken(caller).await
    }

    /// A way on which the service itself speaks to the processor with what a supporter typed.
    pub(super) fn by_api(&self) -> Option<Way> {
        self.ways.iter().find(|way| way.by_api).cloned()
    }

    fn somebody(&mut self, road: &'static str, fate: Fate) -> Person {
        self.people.somebody(road, fate)
    }

    /// An answer with one of these; any other is noted, for its road was not walked.
    fn expect(&mut self, road: &str, caller: &Caller, answer: &Answer, statuses: &[u16]) {
        if !statuses.contains(&answer.status) {
            let line = caller.line.name;
            self.astray.push(format!("{road} ({line}): answered {}", answer.status));
        }
    }

    /// The hidden fields of a fresh form.
    async fn form(&self, caller: &Caller, path: &str) -> Result<Fields, Failure> {
        let page = caller.send(caller.get(path), Holds::Nothing).await?;
        Ok(hidden(&page.body))
    }

    /// Posts a form as a browser does.
    async fn post(
        &self,
        caller: &Caller,
        path: &str,
        fields: &Fields,
        holds: Holds,
    ) -> Result<Answer, Failure> {
        let request = caller
            .post(path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(encoded(fields));
        caller.send(request, holds).await
    }
}

/// As a browser writes a form.
pub(super) fn encoded(fields: &Fields) -> String {
    url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish()
}

/// The fields that a page carries unseen.
fn hidden(page: &str) -> Fields {
    let fields = page.split("<input type=\"hidden\" name=\"").skip(1);
    fields
        .filter_map(|field| {
            let (name, rest) = field.split_once("\" value=\"")?;
            Some((name.to_owned(), unescaped(rest.split_once('"')?.0)))
        })
        .collect()
}

fn unescaped(text: &str) -> String {
    let text = text.replace("&quot;", "\"").replace("&lt;", "<").replace("&gt;", ">");
    text.replace("&#39;", "'").replace("&amp;", "&")
}

fn owned(fields: &[(&str, &str)]) -> Fields {
    fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
}
