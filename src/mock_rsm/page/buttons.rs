//! The page of buttons, and the mock's ledger on it.

use super::Page;
use crate::mock_rsm::books::Payment;
use crate::mock_rsm::buttons::{Press, Row};
use maud::{Markup, html};

/// `waiting` says what is still to happen.
pub(in crate::mock_rsm) fn buttons(token: &str, waiting: &[&str], rows: &[Row]) -> Page {
    Page::new(
        "Buttons",
        html! {
            div.panel {
                h1 { "What shall go wrong?" }
                p { "Press a button, then pay by card on the charity's page. What you see here is this mock's own ledger: what was really taken." }
                form method="post" action="/buttons" {
                    input type="hidden" name="token" value=(token);
                    ul.presses {
                        @for press in Press::ALL {
                            @let (label, does) = press.told();
                            li {
                                button.button.quiet name="press" value=(press.word()) { (label) }
                                span.hint { (does) }
                            }
                        }
                    }
                }
                p role="status" {
                    @if waiting.is_empty() { "Nothing is to go wrong." }
                    @else { strong { "Still to come: " } (waiting.join(", then ")) "." }
                }
                h2 { "The mock's own ledger" }
                @if rows.is_empty() { p { "Nobody has paid yet." } }
                @else { ol.ledger { @for row in rows { li { (shown(row)) } } } }
                p { a href="/buttons" { "Look again" } }
            }
        },
    )
}

fn shown(row: &Row) -> Markup {
    html! {
        p.reference { (row.reference) }
        dl.counts {
            @match &row.payment {
                Some(payment) => {
                    div { dt { "Amount" } dd { (payment.asked.amount.display()) } }
                    div { dt { "Calls" } dd { (row.calls) } }
                    div { dt { "Attempts" } dd { (payment.attempts.len()) } }
                    div { dt { "Charges" } dd { strong { (payment.charges()) } } }
                    div { dt { "Webhooks" } dd { (row.webhooks) } }
                    div { dt { "So" } dd { (so(payment)) } }
                }
                None => {
                    div { dt { "Calls" } dd { (row.calls) } }
                    div { dt { "Charges" } dd { strong { "0" } } }
                    div { dt { "So" } dd { "lost on its way, nothing was done" } }
                }
            }
        }
    }
}

fn so(payment: &Payment) -> &'static str {
    match (payment.charges(), payment.attempts.is_empty(), payment.cancelled_at) {
        (1.., _, _) => "taken",
        (0, false, _) => "declined",
        (0, true, Some(_)) => "cancelled",
        (0, true, None) => "undecided",
    }
}
