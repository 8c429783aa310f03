//! Whether webhooks come, what follows an acceptance, and what ends when.

use super::super::chart::{lying, open_table, table};
use super::super::glance::{DAYS, Glance};
use super::super::words;
use crate::payment::Development;
use jiff::Timestamp;
use maud::{Markup, html};

/// Below so many days an end is told of in colour.
const SOON_DAYS: i64 = 30;

/// How long it has been silent.
pub(super) fn webhooks(glance: &Glance) -> Markup {
    let newest = glance.days.iter().filter_map(|day| day.survey.webhook_at).max();
    html! {
        section aria-labelledby="webhooks" {
            h2 #webhooks { "Webhooks" }
            @match newest {
                Some(at) => {
                    dl.tiles { div { dt { "Last recorded" } dd { (words::age(at, glance.now)) " ago" } } }
                    p.quiet { (words::moment(at)) ", about a hand-off of the last " (DAYS) " days." }
                }
                None => p.empty { "No webhook about a hand-off of these " (DAYS) " days is recorded." },
            }
            @if glance.raised.webhooks_silent.is_some() {
                p.look { "Silent: hand-offs are made and no webhook tells of them. The alarm above names cause and remedy." }
            } @else {
                p.quiet { "Silence is alarmed of when hand-offs are made and none of them is told of." }
            }
        }
    }
}

/// Which of the charity's systems take what they are told.
pub(super) fn subscribers(glance: &Glance) -> Markup {
    let rows: Vec<_> = glance
        .behind
        .iter()
        .map(|of| {
            let taken = glance.taken.get(&of.subscriber);
            let taken = taken.map_or_else(
                || "–".to_owned(),
                |at| format!("{} ago", words::age(*at, glance.now)),
            );
            let waits =
                if of.seconds == 0 { "nothing".to_owned() } else { words::age_of(of.seconds) };
            let stands = match (of.gone, of.late) {
                (true, _) => "disabled: it wants to hear no more",
                (false, true) => "late",
                (false, false) => "in order",
            };
            vec![of.subscriber.clone(), taken, waits, stands.to_owned()]
        })
        .collect();
    let head = ["Subscriber", "Last taken", "Oldest waiting for", "Stands"];
    html! {
        section aria-labelledby="subscribers" {
            h2 #subscribers { "Subscribers" }
            @if rows.is_empty() {
                p.empty { "No system of the charity's is told: none is set up (docs/events.md)." }
            } @else {
                p.quiet { "The charity's systems that are told of outcomes. almoner events list says how each answered (docs/events.md)." }
                (open_table("Subscribers and what they have taken", &head, &rows))
            }
        }
    }
}

/// The second life.
pub(super) fn developments(glance: &Glance) -> Markup {
    let of = |wanted: Development| -> u64 {
        let all = glance.days.iter().flat_map(|day| &day.survey.developments);
        all.filter(|(it, _)| *it == wanted).map(|(_, count)| *count).sum()
    };
    let counts: Vec<_> = Development::ALL.iter().map(|it| (*it, of(*it))).collect();
    let most = counts.iter().map(|(_, count)| *count).max().unwrap_or(0);
    let rows: Vec<_> = counts
        .iter()
        .map(|(it, count)| vec![words::development(*it).to_owned(), words::count(*count)])
        .collect();
    html! {
        section aria-labelledby="developments" {
            h2 #developments { "After acceptance" }
            @if most == 0 {
                p.empty { "Nothing has befallen the hand-offs of these " (DAYS) " days since they were accepted: no refund, no charge-back, no mandate that went live, no collection." }
            } @else {
                p.quiet { "What was recorded of hand-offs begun in the last " (DAYS) " days; older ones are not counted here." }
                ul.bars {
                    @for (it, count) in counts.iter().filter(|(_, count)| *count > 0) {
                        li { span.label { (words::development(*it)) } (lying(*count, most, "accent")) span.value { (words::count(*count)) } }
                    }
                }
                (table("After acceptance, 30 days", &["What", "How often"], &rows))
            }
        }
    }
}

/// Keys do not end by themselves; that one was not used for long says that it may go.
pub(super) fn ends(glance: &Glance) -> Markup {
    let left = |at: Timestamp| at.duration_since(glance.now).as_hours().div_euclid(24);
    let certificates = &glance.measured.certificates;
    let soon: Vec<_> = certificates.iter().filter(|(_, at)| left(*at) < SOON_DAYS).collect();
    let ends: Vec<_> = certificates
        .iter()
        .map(|(name, at)| {
            vec![
                name.clone(),
                words::moment(*at),
                words::many(u64::try_from(left(*at)).unwrap_or(0), "day", "days"),
            ]
        })
        .collect();
    let used: Vec<_> = glance
        .measured
        .keys
        .iter()
        .map(|(name, at)| {
            vec![name.clone(), words::moment(*at), format!("{} ago", words::age(*at, glance.now))]
        })
        .collect();
    html! {
        section aria-labelledby="ends" {
            h2 #ends { "Certificates and keys" }
            @for (name, at) in soon {
                p.look { (name) " ends in " (words::many(u64::try_from(left(*at)).unwrap_or(0), "day", "days")) ": renew it (docs/keys.md)." }
            }
            h3 { "Certificates end" }
            @if ends.is_empty() { p.empty { "No certificate has been looked at yet." } }
            @else { (open_table("Certificates and when they end", &["Setting", "Ends", "Left"], &ends)) }
            h3 { "Keys were last used" }
            @if used.is_empty() {
                p.empty { "This instance has used no key since it started, or not for ten seconds yet. Keys have no end of their own; almoner check --keys lists them with their age." }
            } @else {
                p.quiet { "By this instance since it started. Keys have no end of their own; almoner check --keys lists them with their age." }
                (open_table("Keys and when they were last used", &["Key", "Last used", "Age"], &used))
            }
        }
    }
}
