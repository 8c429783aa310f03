//! One hand-off: what was asked, and each event of it, when, what, and by which evidence.

use super::session::Who;
use super::{Console, HOME, advice, page, words};
use crate::handoff::Entry;
use crate::http::Shared;
use crate::payment::{
    Amount, Code, Kind, MerchantReference, Method, Mode, ProcessorText, Reference, Source,
};
use crate::resolution::Event;
use axum::http::StatusCode;
use axum::response::Response;
use maud::{Markup, html};

/// What the ledger has of a reference.
pub(super) struct Found {
    pub(super) reference: Reference,
    pub(super) entry: Option<Entry>,
    pub(super) events: Vec<Event>,
}

/// What was typed cannot be one. It is not repeated.
pub(super) fn not_a_reference(site: &Shared, console: &Console, who: Who) -> Response {
    let frame = page::Frame { site, console, who, title: "Not a reference" };
    let text = "A reference has 26 capital letters and figures, such as 01KBZ3M8V4X6Q2R9T5W7Y1A0CD: it stands on the page that a supporter saw last, and the processor knows it.";
    answer(&frame, StatusCode::NOT_FOUND, &html! { h1 { (frame.title) } (page::message(text)) })
}

/// The page.
pub(super) fn page(site: &Shared, console: &Console, who: Who, found: &Found) -> Response {
    let frame = page::Frame { site, console, who, title: "Hand-off" };
    if found.entry.is_none() && found.events.is_empty() {
        let text = "No hand-off of this reference is in the ledger: it was never made here, or its time was over and it was removed.";
        let content = html! { h1 { "Nothing of " span.reference { (found.reference) } } (page::message(text)) };
        return answer(&frame, StatusCode::NOT_FOUND, &content);
    }
    let content = html! {
        p.back { a href=(HOME) { "How things stand" } }
        h1 { "Hand-off " span.reference { (found.reference) } }
        @match &found.entry {
            Some(entry) => (asked(entry, &found.events)),
            None => p.card.look { "Parked: evidence came of a hand-off that is not known here. It counts as soon as the hand-off appears." },
        }
        section aria-labelledby="timeline" {
            h2 #timeline { "What happened" }
            ol.timeline { @for event in &found.events { (told(event, found.entry.as_ref())) } }
        }
    };
    answer(&frame, StatusCode::OK, &content)
}

fn answer(frame: &page::Frame<'_>, status: StatusCode, content: &Markup) -> Response {
    let mut response = page::send(&page::inside(frame, content));
    *response.status_mut() = status;
    response
}

fn asked(entry: &Entry, events: &[Event]) -> Markup {
    let (asked, standing) = (&entry.hand_off.asked, &entry.standing);
    let kind = match asked.kind {
        Kind::Donate => "Donation",
        Kind::Join => "Membership",
    };
    let method = match asked.method {
        Method::Card => "card",
        Method::DirectDebit => "Direct Debit",
    };
    let rows = [
        (
            "Asked for",
            Some(format!(
                "{kind} of {} {}, by {method}",
                asked.amount.display(),
                asked.frequency.word()
            )),
        ),
        ("Begun", Some(words::moment(entry.hand_off.opened_at))),
        ("Last heard", Some(last_heard(events))),
        ("Processor's reference", text(standing.processor_reference.as_ref())),
        ("Processor's code", text(standing.code.as_ref())),
        ("Plan", asked.plan.as_ref().map(Code::as_str).map(str::to_owned)),
        ("Appeal", asked.appeal.as_ref().map(Code::as_str).map(str::to_owned)),
        ("Gift Aid", asked.gift_aid.then(|| "declared".to_owned())),
        (
            "Your own reference",
            asked.merchant_reference.as_ref().map(MerchantReference::as_str).map(str::to_owned),
        ),
        ("Dialect", Some(asked.dialect.word().to_owned())),
        (
            "Mode",
            Some(
                match asked.mode {
                    Mode::Test => "test: no real money",
                    Mode::Live => "live",
                }
                .to_owned(),
            ),
        ),
    ];
    html! {
        section aria-labelledby="stands" {
            h2 #stands { span class={ "dot " (words::class(standing.state)) } {} (words::state(standing.state)) }
            @for flag in &standing.attention { (advice::of(*flag, entry, events)) }
            dl.facts {
                @for (name, value) in rows {
                    @if let Some(value) = value { div { dt { (name) } dd { (value) } } }
                }
            }
        }
    }
}

/// Our own clock's marks tell nothing of the payment.
fn last_heard(events: &[Event]) -> String {
    let clock = |event: &Event| event.evidence.as_ref().is_none_or(|it| it.source == Source::Clock);
    let heard = events.iter().rfind(|event| !clock(event));
    heard.map_or_else(|| "never".to_owned(), |event| words::moment(event.recorded_at))
}

fn text(text: Option<&ProcessorText>) -> Option<String> {
    text.map(|text| text.as_str().to_owned())
}

fn told(event: &Event, entry: Option<&Entry>) -> Markup {
    let Some(evidence) = &event.evidence else {
        let (state, class) =
            event.after.map(|state| (words::state(state), words::class(state))).unwrap_or_default();
        return html! {
            li {
                p.when { (words::moment(event.recorded_at)) }
                p.what { span class={ "dot " (class) } {} strong { "Written down" } ": " (state) }
                p.quiet { "Evidence: our own record, written before anything was sent" }
            }
        };
    };
    let refused = entry.and_then(|entry| advice::disbelief(evidence, &entry.hand_off.asked));
    let moved = event.before.zip(event.after).filter(|(before, after)| before != after);
    html! {
        li {
            p.when { (words::moment(event.recorded_at)) }
            p.what {
                span class={ "dot " (event.after.map(words::class).unwrap_or_default()) } {}
                @if let Some(why) = &refused { strong { (why) } ". It said: " (words::fact(evidence.fact)) }
                @else { strong { (words::fact(evidence.fact)) } }
                @if let Some((before, after)) = moved { ": " (words::state(before)) " became " (words::state(after)) }
                @if event.after.is_none() { ": parked, of a hand-off that was not known yet" }
            }
            p.quiet {
                "Evidence: " (words::source(evidence.source))
                @if let Some(amount) = evidence.amount.map(Amount::display) { ", " (amount) }
                @if let Some(code) = &evidence.code { ", code " (code.as_str()) }
                @if let Some(theirs) = &evidence.processor_reference { ", their reference " (theirs.as_str()) }
                ". It happened " (words::moment(evidence.occurred_at))
            }
        }
    }
}
