//! The supporter's details, as fields.

use super::field::{Line, List, Need};
use super::giving::Filled;
use maud::{Markup, html};

/// Offered in the list of titles.
const TITLES: [&str; 12] =
    ["Mr", "Mrs", "Miss", "Ms", "Mx", "Dr", "Prof", "Rev", "Sir", "Dame", "Lady", "Lord"];

pub(super) fn details(filled: &Filled<'_>) -> Markup {
    let line = |name, label, autocomplete, width| Line {
        name,
        label,
        autocomplete,
        width,
        ..Line::default()
    };
    let optional = |line: Line<'static>| Line { need: Need::Never, ..line };
    let list = |name, label, autocomplete, options: &[(String, String)]| {
        filled.list(List { name, label, autocomplete, options })
    };
    html! {
        section aria-labelledby="details" {
            h2 #details { "Your details" }
            (list("title", "Title", "honorific-prefix", &titles((filled.value)("title"))))
            div.pair {
                (filled.line(line("first_name", "First name", "given-name", "")))
                (filled.line(line("last_name", "Last name", "family-name", "")))
            }
            (filled.line(Line { kind: "email", inputmode: "email", hint: "For messages about your payment", ..line("email", "Email address", "email", "") }))
            (filled.line(optional(Line { kind: "tel", inputmode: "tel", ..line("phone", "Telephone number", "tel", "medium") })))
        }
        section aria-labelledby="address" {
            h2 #address { "Your address" }
            (filled.line(line("line1", "Address line 1", "address-line1", "")))
            (filled.line(optional(line("line2", "Address line 2", "address-line2", ""))))
            (filled.line(optional(line("line3", "Address line 3", "address-line3", ""))))
            div.pair {
                (filled.line(line("town", "Town or city", "address-level2", "")))
                (filled.line(optional(line("county", "County", "address-level1", ""))))
            }
            (filled.line(line("postcode", "Postcode", "postal-code", "narrow")))
            (list("country", "Country", "country", &countries()))
        }
    }
}

/// The titles, and whatever else was given before.
fn titles(given: &str) -> Vec<(String, String)> {
    let known =
        TITLES.into_iter().chain((!given.is_empty() && !TITLES.contains(&given)).then_some(given));
    let mut titles = vec![(String::new(), "Choose".to_owned())];
    titles.extend(known.map(|title| (title.to_owned(), title.to_owned())));
    titles
}

/// ISO 3166-1, the United Kingdom first, the rest by name.
fn countries() -> Vec<(String, String)> {
    let mut others: Vec<(String, String)> = rust_iso3166::ALL
        .iter()
        .filter(|country| country.alpha2 != "GB")
        .map(|country| (country.alpha2.to_owned(), country.name.to_owned()))
        .collect();
    others.sort_by(|(_, one), (_, other)| one.cmp(other));
    let mut countries = vec![("GB".to_owned(), "United Kingdom".to_owned())];
    countries.append(&mut others);
    countries
}
