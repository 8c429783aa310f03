//! Today and 30 days, in a few figures.

use super::super::chart::open_table;
use super::super::glance::{DAYS, Day, Glance, count, groups, total};
use super::super::words;
use crate::payment::{Frequency, State};
use iso_currency::Currency;
use maud::{Markup, html};
use std::cmp::Reverse;
use std::collections::BTreeMap;

/// What was accepted in a currency, in minor units and by number: at once, and as one payment of regular ones.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Taken {
    pub(super) once: (u64, u64),
    pub(super) regular: (u64, u64),
}

/// By currency, that of most payments first.
pub(super) fn taken(days: &[Day]) -> Vec<(Currency, Taken)> {
    let mut taken: BTreeMap<&'static str, (Currency, Taken)> = BTreeMap::new();
    for group in groups(days).filter(|group| group.state == State::Accepted) {
        let (_, sums) =
            taken.entry(group.currency.code()).or_insert((group.currency, Taken::default()));
        let sum = match group.frequency {
            Frequency::Once => &mut sums.once,
            Frequency::Monthly
            | Frequency::Quarterly
            | Frequency::HalfYearly
            | Frequency::Yearly => &mut sums.regular,
        };
        *sum = (sum.0.saturating_add(group.count), sum.1.saturating_add(group.minor));
    }
    let mut taken: Vec<_> = taken.into_values().collect();
    taken.sort_by_key(|(_, it)| Reverse(it.once.0.saturating_add(it.regular.0)));
    taken
}

/// Both, side by side.
pub(super) fn both(glance: &Glance) -> Markup {
    html! {
        div.pair {
            (card("today", "Today", glance.today()))
            (card("month", &format!("The last {DAYS} days"), &glance.days))
        }
    }
}

fn card(id: &str, title: &str, days: &[Day]) -> Markup {
    let (all, accepted) = (total(days), count(days, State::Accepted));
    let open: u64 = [State::HandedOff, State::InDoubt].map(|state| count(days, state)).iter().sum();
    let known = all.saturating_sub(open);
    let taken = taken(days);
    let row = |(currency, it): &(Currency, Taken)| {
        vec![currency.code().to_owned(), sum(it.once, *currency), sum(it.regular, *currency)]
    };
    let rows: Vec<_> = taken.iter().map(row).collect();
    html! {
        section aria-labelledby=(id) {
            h2 #(id) { (title) }
            dl.tiles {
                div { dt { "Hand-offs" } dd { (words::count(all)) } }
                div { dt { "Accepted" } dd { (words::count(accepted)) } }
                div {
                    dt { "Accepted, of known outcomes" }
                    dd { (words::percent(accepted, known)) }
                }
            }
            @if taken.is_empty() {
                p.quiet { "Nothing was accepted yet, so there is no sum." }
            } @else {
                (open_table(&format!("Accepted, {title}"), &["Accepted", "Once", "Regular"], &rows))
                p.quiet { "Regular: one payment of each." }
            }
        }
    }
}

fn sum((count, minor): (u64, u64), currency: Currency) -> String {
    if count == 0 {
        return "none".to_owned();
    }
    format!("{} in {}", words::money(minor, currency), words::count(count))
}
