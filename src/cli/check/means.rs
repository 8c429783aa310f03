//! What is looked at of the pages: where cards or accounts are typed on them, and their languages.

use super::{Finding, doubtful, well, wrong};
use crate::clock::{Clock, london};
use crate::config::{Document, Settings};
use crate::http::Texts;
use crate::http::console::Entry;
use crate::payment::Mode;

/// The months before the end of the list of bank holidays at which it is spoken of: a first
/// collection may be 13 months ahead.
const SOON_MONTHS: i32 = 13;

/// Whether card data comes into this process (security.md, P-1).
pub(super) fn cards(settings: &Settings, document: &Document) -> Option<Finding> {
    match settings.takes_cards(document) {
        Ok(false) => None,
        Ok(true) => Some(doubtful(
            "cards",
            "card_api is true: card numbers pass through this process, which is the shape of PCI DSS SAQ D; set it to false unless you and your acquirer have agreed on that",
        )),
        Err(error) => Some(wrong("cards", &error.to_string())),
    }
}

/// Where members are led, if anywhere.
pub(super) fn members(settings: &Settings, document: &Document) -> Option<Finding> {
    match settings.self_service(document) {
        Ok(None) => None,
        Ok(Some(page)) => {
            let how = if page.signed.is_some() { "by a signed link" } else { "by a plain link" };
            Some(well("members", &format!("/manage leads to {} {how}", page.url)))
        }
        Err(error) => Some(wrong("members", &error.to_string())),
    }
}

/// Whether what keeps card testers out is on (security.md, G-C2).
pub(super) fn shield(settings: &Settings) -> Finding {
    if settings.shield.enabled {
        return well(
            "shield",
            "forms are counted by network, and cards are paused where nearly all are declined",
        );
    }
    doubtful(
        "shield",
        "shield.enabled is false: forms are not counted by network and cards are never paused; set it to true unless something else before this service does both",
    )
}

/// Whether there is a console, and how operators enter it.
pub(super) fn console(settings: &Settings, document: &Document) -> Finding {
    let address = settings.operations.listen.0;
    match settings.console_entry(document) {
        Err(error) => wrong("console", &error.to_string()),
        Ok(None) => well("console", "off: console.entry switches it on (docs/console.md)"),
        Ok(Some(Entry::Certificate)) => {
            well("console", &format!("on {address}, by the certificate that is demanded there"))
        }
        Ok(Some(Entry::Password(_))) => {
            let open = !address.ip().is_loopback() && settings.operations.client_ca_file.is_none();
            let text = format!("on {address}, by password");
            if open {
                let more = "whoever reaches that address may try one; demand a certificate too with operations.client_ca_file, or let a firewall stand before it";
                return doubtful("console", &format!("{text}: {more}"));
            }
            well("console", &text)
        }
    }
}

/// In which languages the pages are, and what is left out in one of them.
pub(super) fn languages(settings: &Settings, document: &Document) -> Vec<Finding> {
    let texts = match settings.texts(document) {
        Ok(texts) => texts,
        Err(error) => return vec![wrong("texts", &error.to_string())],
    };
    let codes: Vec<&str> = texts.iter().map(Texts::code).collect();
    let mut findings = vec![well("texts", &format!("the pages are in {}", codes.join(", ")))];
    findings.extend(texts.iter().filter(|texts| texts.missing() > 0).map(|texts| {
        let (code, count) = (texts.code(), texts.missing());
        doubtful("texts", &format!("{code} leaves {count} texts out, which are said in English"))
    }));
    findings
}

pub(super) fn debits(settings: &Settings, document: &Document, clock: &Clock) -> Vec<Finding> {
    let terms = match settings.debit(document) {
        Ok(Some(terms)) => terms,
        Ok(None) => return Vec::new(),
        Err(error) => return vec![wrong("direct debit", &error.to_string())],
    };
    let today = london::date(clock.now());
    let mut findings = Vec::new();
    let placeholder = ["Put the official text", "The official text of the Guarantee"];
    if placeholder.iter().any(|text| terms.guarantee.contains(text)) {
        let text = "the Guarantee is still the example's: put the text in that your sponsoring bank gave you";
        findings.push(match settings.processor.mode.0 {
            Mode::Live => wrong("direct debit", text),
            Mode::Test => doubtful("direct debit", text),
        });
    }
    match terms.starts(today).map(|starts| starts.into_iter().next()) {
        Ok(Some(start)) => findings.push(well(
            "direct debit",
            &format!("the soonest first collection today would be {start}"),
        )),
        Ok(None) => findings.push(wrong("direct debit", "there is no day for a first collection")),
        Err(error) => findings.push(wrong("direct debit", &error.to_string())),
    }
    let ahead = jiff::Span::new().months(SOON_MONTHS);
    if !today.checked_add(ahead).is_ok_and(|day| terms.calendar.covers(day)) {
        findings.push(doubtful(
            "direct debit",
            "the list of bank holidays ends within 13 months: download https://www.gov.uk/bank-holidays.json anew",
        ));
    }
    if terms.tables.is_none() {
        findings.push(doubtful(
            "direct debit",
            "no modulus tables: mistyped accounts are found by RSM alone; download Vocalink's and set modulus_weights_file",
        ));
    }
    findings
}
