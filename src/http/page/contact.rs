//! The supporter's details, as fields.

use super::Look;
use super::field::{Line, List, Need};
use super::giving::Filled;
use maud::{Markup, html};

/// Offered in the list of titles: what the processor is sent, and the text.
const TITLES: [(&str, &str); 12] = [
    ("Mr", "title-mr"),
    ("Mrs", "title-mrs"),
    ("Miss", "title-miss"),
    ("Ms", "title-ms"),
    ("Mx", "title-mx"),
    ("Dr", "title-dr"),
    ("Prof", "title-prof"),
    ("Rev", "title-rev"),
    ("Sir", "title-sir"),
    ("Dame", "title-dame"),
    ("Lady", "title-lady"),
    ("Lord", "title-lord"),
];

pub(super) fn details(filled: &Filled<'_>) -> Markup {
    let look = filled.look;
    let say = |id: &str| look.say(id);
    let optional = |name, id: &str, autocomplete| {
        let label = say(id);
        filled.line(Line { need: Need::Never, ..line(name, &label, autocomplete, "") })
    };
    let needed = |name, id: &str, autocomplete| filled.line(line(name, &say(id), autocomplete, ""));
    let list = |name, id: &str, autocomplete, options: &[(String, String)]| {
        filled.list(List { name, label: &say(id), autocomplete, options })
    };
    html! {
        section aria-labelledby="details" {
            h2 #details { (say("details")) }
            (list("title", "title", "honorific-prefix", &titles(look, (filled.value)("title"))))
            div.pair {
                (needed("first_name", "first-name", "given-name"))
                (needed("last_name", "last-name", "family-name"))
            }
            (filled.line(Line { kind: "email", inputmode: "email", hint: &say("email-hint"), ..line("email", &say("email"), "email", "") }))
            (filled.line(Line { kind: "tel", inputmode: "tel", need: Need::Never, ..line("phone", &say("phone"), "tel", "medium") }))
        }
        section aria-labelledby="address" {
            h2 #address { (say("address")) }
            (needed("line1", "line1", "address-line1"))
            (optional("line2", "line2", "address-line2"))
            (optional("line3", "line3", "address-line3"))
            div.pair {
                (needed("town", "town", "address-level2"))
                (optional("county", "county", "address-level1"))
            }
            (filled.line(line("postcode", &say("postcode"), "postal-code", "narrow")))
            (list("country", "country", "country", look.countries()))
        }
    }
}

fn line<'a>(
    name: &'static str,
    label: &'a str,
    autocomplete: &'static str,
    width: &'static str,
) -> Line<'a> {
    Line { name, label, autocomplete, width, ..Line::default() }
}

/// The titles, and whatever else was given before.
fn titles(look: &Look, given: &str) -> Vec<(String, String)> {
    let mut titles = vec![(String::new(), look.say("choose"))];
    titles.extend(TITLES.map(|(title, id)| (title.to_owned(), look.say(id))));
    if TITLES.iter().all(|(title, _)| *title != given) && !given.is_empty() {
        titles.push((given.to_owned(), given.to_owned()));
    }
    titles
}

/// A title as it is read.
pub(super) fn title(look: &Look, given: &str) -> String {
    let known = TITLES.iter().find(|(title, _)| *title == given);
    known.map_or_else(|| given.to_owned(), |(_, id)| look.say(id))
}
