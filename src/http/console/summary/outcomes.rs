//! Hand-offs by outcome and amounts by currency, day by day, from the ledger.

use super::super::chart::{self, Bar, Chart};
use super::super::glance::{DAYS, Day, Glance, count, total};
use super::super::words;
use super::figures::{Taken, taken};
use super::{below, day};
use crate::payment::State;
use iso_currency::Currency;
use maud::{Markup, html};

/// By the day on which they were begun, and where they stand now.
pub(super) fn chart(glance: &Glance) -> Markup {
    let each = |it: &Day| words::SHOWN.map(|state| (state, count(std::slice::from_ref(it), state)));
    let bars: Vec<_> = glance
        .days
        .iter()
        .map(|it| {
            let said = each(it).into_iter().filter(|(_, number)| *number > 0);
            let said: Vec<_> =
                said.map(|(state, number)| format!("{} {number}", words::state(state))).collect();
            Bar {
                told: format!(
                    "{}: {}",
                    day(it.date),
                    if said.is_empty() { "none".to_owned() } else { said.join(", ") }
                ),
                parts: each(it).map(|(state, number)| (words::class(state), number)).to_vec(),
            }
        })
        .collect();
    let told = format!(
        "{} in {DAYS} days, of which {} are accepted",
        words::many(total(&glance.days), "hand-off", "hand-offs"),
        words::count(count(&glance.days, State::Accepted))
    );
    let mut rows: Vec<Vec<String>> = glance
        .days
        .iter()
        .rev()
        .map(|it| {
            let numbers = each(it).map(|(_, number)| words::count(number));
            let all = words::count(total(std::slice::from_ref(it)));
            [day(it.date), all].into_iter().chain(numbers).collect()
        })
        .collect();
    let sums = words::SHOWN.map(|state| words::count(count(&glance.days, state)));
    rows.push(
        ["All days".to_owned(), words::count(total(&glance.days))]
            .into_iter()
            .chain(sums)
            .collect(),
    );
    let head: Vec<_> =
        ["Begun on", "All"].into_iter().chain(words::SHOWN.map(words::state)).collect();
    let unit = |number| words::count(number);
    let unfinished: u64 = glance.days.iter().map(|it| it.survey.unfinished).sum();
    html! {
        section aria-labelledby="outcomes" {
            h2 #outcomes { "Hand-offs by outcome" }
            @if total(&glance.days) == 0 {
                p.empty { "No hand-off was begun in these " (DAYS) " days. The first appears here within ten seconds of being made." }
            } @else {
                ul.legend {
                    @for state in words::SHOWN {
                        li { span class={ "dot " (words::class(state)) } {} (words::state(state)) " " b { (words::count(count(&glance.days, state))) } }
                    }
                }
                (Chart { told: &told, bars: &bars, unit: &unit, below: below(glance) }.draw())
                p.quiet {
                    "By the day on which they were begun, as they stand now. Waiting: on the processor's page, and nothing that is believed was heard yet."
                    @if unfinished > 0 { " Overdue, for the page was never finished: " (words::count(unfinished)) "." }
                }
                (chart::table("Hand-offs by day and outcome", &head, &rows))
            }
        }
    }
}

/// A chart for each currency.
pub(super) fn amounts(glance: &Glance) -> Markup {
    let currencies = taken(&glance.days);
    html! {
        section aria-labelledby="amounts" {
            h2 #amounts { "Amounts accepted" }
            @if currencies.is_empty() {
                p.empty { "Nothing that was begun in these " (DAYS) " days has been accepted, so there is no sum to show." }
            }
            @for (currency, _) in &currencies { (of(glance, *currency)) }
            @if !currencies.is_empty() {
                p.quiet { "What was asked for and accepted. Of a regular gift or a membership it is one payment; what follows is the processor's to collect and is not added up here." }
            }
        }
    }
}

fn of(glance: &Glance, currency: Currency) -> Markup {
    let of_day = |it: &Day| {
        let days = std::slice::from_ref(it);
        let found = taken(days).into_iter().find(|(it, _)| *it == currency);
        found.map(|(_, taken)| taken).unwrap_or_default()
    };
    let all = glance.days.iter().map(of_day).fold((0_u64, 0_u64), |(once, regular), it| {
        (once.saturating_add(it.once.1), regular.saturating_add(it.regular.1))
    });
    let money = |minor| words::money(minor, currency);
    let bars: Vec<_> = glance
        .days
        .iter()
        .map(|it| {
            let Taken { once, regular } = of_day(it);
            let told =
                format!("{}: once {}, regular {}", day(it.date), money(once.1), money(regular.1));
            Bar { told, parts: vec![("accepted", once.1), ("regular", regular.1)] }
        })
        .collect();
    let rows: Vec<Vec<String>> = glance
        .days
        .iter()
        .rev()
        .map(|it| {
            let Taken { once, regular } = of_day(it);
            vec![
                day(it.date),
                words::count(once.0),
                money(once.1),
                words::count(regular.0),
                money(regular.1),
            ]
        })
        .collect();
    let told = format!("{}: once {}, regular {}", currency.code(), money(all.0), money(all.1));
    let head = ["Begun on", "Once", "Sum", "Regular", "Sum of one payment each"];
    html! {
        h3 { (currency.code()) }
        ul.legend {
            li { span.dot.accepted {} "Once " b { (money(all.0)) } }
            li { span.dot.regular {} "Regular, one payment of each " b { (money(all.1)) } }
        }
        (Chart { told: &told, bars: &bars, unit: &money, below: below(glance) }.draw())
        (chart::table(&format!("Accepted by day, {}", currency.code()), &head, &rows))
    }
}
