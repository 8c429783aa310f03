//! What the supporter sees on RSM's pages.

use super::Office;
use super::order::{CardError, Entrance};
use super::pounds;
use super::visits::Visit;
use crate::mock_rsm::instrument::{TEST_ACCOUNTS, TEST_CARDS};
use crate::mock_rsm::page::{ACCOUNT, CARD, Page, field, numbers, problems};
use crate::payment::FieldError;
use maud::{Markup, html};
use url::Url;

/// Sends the form on by itself; the button is for browsers that run nothing.
const ONWARD: &str = "document.forms[0].submit()";

/// The form for a card or an account.
pub(super) fn form(office: &Office, token: &str, visit: &Visit, errors: &[FieldError]) -> Page {
    let debit = visit.order.entrance == Entrance::Debit;
    let heading = if debit { "Set up a Direct Debit" } else { "Pay by card" };
    let title = if errors.is_empty() { String::from(heading) } else { format!("Error: {heading}") };
    let fields = if debit { ACCOUNT.as_slice() } else { CARD.as_slice() };
    let at = address(visit.order.entrance, token);
    let main = html! {
        div.columns {
            (summary(office, visit))
            section.panel.pay {
                h1 { (heading) }
                @if visit.declined.is_some() && errors.is_empty() {
                    div.alert role="alert" tabindex="-1" autofocus {
                        h2 { "That was declined" }
                        p { "Nothing was taken. You can try again, or go back." }
                    }
                }
                (problems(errors))
                form method="post" action=(at) autocomplete="off" novalidate {
                    div.fields { @for each in fields { (field(each, errors)) } }
                    button.button.wide { (heading) }
                }
                form.cancel method="post" action={ (at) "/cancel" } {
                    button.link { "Cancel and go back" }
                }
            }
            details.panel.list {
                @if debit {
                    summary { "Test accounts" }
                    (numbers(TEST_ACCOUNTS.iter().map(|account| (account.number, account.does))))
                } @else {
                    summary { "Test cards" }
                    (numbers(TEST_CARDS.iter().map(|card| (card.number, card.does))))
                }
            }
        }
    };
    seen_in(visit, Page::new(title, main))
}

/// The page of the supporter's bank.
pub(super) fn challenge(office: &Office, token: &str, visit: &Visit) -> Page {
    let main = html! {
        div.panel {
            p.kicker { "Mock bank · 3-D Secure" }
            h1 { "Is it you?" }
            p { strong { (office.merchant) } " asks for " strong { "£" (pounds::write(visit.order.total())) } "." }
            form method="post" action={ (address(visit.order.entrance, token)) "/challenge" } {
                div.choice {
                    button.button name="answer" value="approve" { "Yes, approve" }
                    button.button.quiet name="answer" value="refuse" { "No, refuse" }
                }
            }
        }
    };
    seen_in(visit, Page::new("Your bank asks: is it you?", main))
}

/// The way back: RSM's fields, posted by the browser.
pub(super) fn back(to: &Url, fields: &[(String, String)], entrance: Entrance) -> Page {
    let main = html! {
        div.panel {
            h1 { "Back to the charity" }
            p { "One more step takes you back to the charity." }
            form method="post" action=(to.as_str()) {
                @for (name, value) in fields { input type="hidden" name=(name) value=(value); }
                button.button { "Continue" }
            }
        }
    };
    let page = Page::new("Back to the charity", main).leading_to(to).running(ONWARD);
    if entrance == Entrance::Widget { page.framed() } else { page }
}

/// A hand-off whose charity is not known, so that there is no way back.
pub(super) fn refused(errors: &[CardError]) -> Page {
    let main = html! {
        div.panel {
            h1 { "This hand-off was refused" }
            p { "Nothing was taken. Send the vendor id or campaign that was agreed." }
            dl.facts {
                @for error in errors { div { dt { code { (error.code) } } dd { (error.message) } } }
            }
        }
    };
    Page::new("This hand-off was refused", main)
}

/// Where the pages of a visit are.
pub(super) fn address(entrance: Entrance, token: &str) -> String {
    match entrance {
        Entrance::Widget | Entrance::Full => format!("/cpterminal/pay/{token}"),
        Entrance::Debit => format!("/directdebit/pay/{token}"),
    }
}

fn seen_in(visit: &Visit, page: Page) -> Page {
    if visit.order.entrance == Entrance::Widget { page.framed() } else { page }
}

fn summary(office: &Office, visit: &Visit) -> Markup {
    let order = &visit.order;
    html! {
        section.panel.summary aria-label="What you pay" {
            p.kicker { "Payment to" }
            p.merchant { (office.merchant) }
            p.amount { "£" (pounds::write(order.total())) }
            dl.facts {
                @if let Some(pence) = order.purchase { div { dt { "Purchase" } dd { "£" (pounds::write(pence)) } } }
                @if let Some(pence) = order.donation { div { dt { "Donation" } dd { "£" (pounds::write(pence)) } } }
                div { dt { "Reference" } dd.reference { (visit.uniqueid) } }
            }
        }
    }
}
