//! The form for a card or an account.

use super::{Page, numbers};
use crate::mock_rsm::Mock;
use crate::mock_rsm::instrument::{TEST_ACCOUNTS, TEST_CARDS};
use crate::mock_rsm::sessions::Session;
use crate::payment::{Asked, FieldError, Frequency, Kind, Method};
use maud::{Markup, html};

/// A field of the form. Nothing typed is ever shown again.
pub(in crate::mock_rsm) struct Field {
    name: &'static str,
    label: &'static str,
    hint: &'static str,
    class: &'static str,
    most: &'static str,
    numeric: bool,
}

pub(in crate::mock_rsm) const CARD: [Field; 4] = [
    Field {
        name: "number",
        label: "Card number",
        hint: "The long number on the card",
        class: "long",
        most: "23",
        numeric: true,
    },
    Field {
        name: "expiry",
        label: "Expiry date",
        hint: "Month and year, like 04/29",
        class: "half",
        most: "7",
        numeric: true,
    },
    Field {
        name: "cvc",
        label: "Security code",
        hint: "3 or 4 digits on the card",
        class: "half",
        most: "4",
        numeric: true,
    },
    Field {
        name: "holder",
        label: "Name on card",
        hint: "",
        class: "long",
        most: "100",
        numeric: false,
    },
];
pub(in crate::mock_rsm) const ACCOUNT: [Field; 3] = [
    Field {
        name: "account_name",
        label: "Name on the account",
        hint: "",
        class: "long",
        most: "100",
        numeric: false,
    },
    Field {
        name: "sort_code",
        label: "Sort code",
        hint: "6 digits, like 12-34-56",
        class: "half",
        most: "8",
        numeric: true,
    },
    Field {
        name: "account_number",
        label: "Account number",
        hint: "8 digits",
        class: "half",
        most: "10",
        numeric: true,
    },
];

/// The hosted page: what is paid, the form, the way back, the test numbers.
pub(in crate::mock_rsm) fn form(
    mock: &Mock,
    token: &str,
    session: &Session,
    errors: &[FieldError],
) -> Page {
    let asked = &session.asked;
    let heading = match asked.method {
        Method::Card => "Pay by card",
        Method::DirectDebit => "Set up a Direct Debit",
    };
    let title = if errors.is_empty() { String::from(heading) } else { format!("Error: {heading}") };
    let main = html! {
        div.columns {
            (summary(mock, session))
            section.panel.pay {
                h1 { (heading) }
                (decline(session, errors))
                (problems(errors))
                (fields(token, asked, errors))
                form.cancel method="post" action={ "/pay/" (token) "/cancel" } {
                    button.link { @if session.declined.is_some() { "Go back without paying" } @else { "Cancel and go back" } }
                }
            }
            (list(asked.method))
        }
    };
    Page::new(title, main).leading_back(session)
}

fn summary(mock: &Mock, session: &Session) -> Markup {
    let asked = &session.asked;
    html! {
        section.panel.summary aria-label="What you pay" {
            p.kicker { @match asked.kind { Kind::Donate => "Donation to", Kind::Join => "Membership of" } }
            p.merchant { (mock.merchant) }
            p.amount { (asked.amount.display()) @if let Some(every) = every(asked.frequency) { " " span { (every) } } }
            dl.facts {
                @if let Some(plan) = &asked.plan { div { dt { "Plan" } dd { (plan.as_str()) } } }
                @if let Some(appeal) = &asked.appeal { div { dt { "Appeal" } dd { (appeal.as_str()) } } }
                div { dt { "Gift Aid" } dd { @if asked.gift_aid { "Yes" } @else { "No" } } }
                div { dt { "Reference" } dd.reference { (session.reference.to_string()) } }
            }
        }
    }
}

const fn every(frequency: Frequency) -> Option<&'static str> {
    match frequency {
        Frequency::Once => None,
        Frequency::Monthly => Some("every month"),
        Frequency::Quarterly => Some("every three months"),
        Frequency::HalfYearly => Some("every six months"),
        Frequency::Yearly => Some("every year"),
    }
}

fn decline(session: &Session, errors: &[FieldError]) -> Markup {
    let advice = session.declined.map(|code| match code {
        "insufficient_funds" => "There was not enough money for it.",
        "not_authenticated" => "The bank did not confirm that it was you.",
        "account_refused" => "This account takes no Direct Debit.",
        _other => "The bank did not say why.",
    });
    html! {
        @if let Some(advice) = advice.filter(|_| errors.is_empty()) {
            div.alert role="alert" tabindex="-1" autofocus {
                h2 { "That was declined" }
                p { (advice) " Nothing was taken. You can try again, or go back." }
            }
        }
    }
}

pub(in crate::mock_rsm) fn problems(errors: &[FieldError]) -> Markup {
    html! {
        @if !errors.is_empty() {
            div.alert role="alert" tabindex="-1" autofocus {
                h2 { "There is a problem" }
                ul { @for error in errors { li { a href={ "#" (error.field) } { (error.advice) } } } }
            }
        }
    }
}

/// `autocomplete` is off everywhere: a browser must never offer a real card to a mock.
fn fields(token: &str, asked: &Asked, errors: &[FieldError]) -> Markup {
    let fields: &[Field] = match asked.method {
        Method::Card => &CARD,
        Method::DirectDebit => &ACCOUNT,
    };
    html! {
        form method="post" action={ "/pay/" (token) } autocomplete="off" novalidate {
            div.fields { @for each in fields { (field(each, errors)) } }
            button.button.wide {
                @match asked.method {
                    Method::Card => { "Pay " (asked.amount.display()) }
                    Method::DirectDebit => "Set up the Direct Debit"
                }
            }
        }
    }
}

pub(in crate::mock_rsm) fn field(field: &Field, errors: &[FieldError]) -> Markup {
    let error = errors.iter().find(|error| error.field == field.name);
    let hint_id = format!("{}-hint", field.name);
    let error_id = format!("{}-error", field.name);
    let has_hint = !field.hint.is_empty();
    let described: Vec<&str> = has_hint
        .then_some(hint_id.as_str())
        .into_iter()
        .chain(error.is_some().then_some(error_id.as_str()))
        .collect();
    let described = (!described.is_empty()).then(|| described.join(" "));
    html! {
        div class={ "field " (field.class) @if error.is_some() { " wrong" } } {
            label for=(field.name) { (field.label) }
            @if has_hint { p.hint id=(hint_id) { (field.hint) } }
            @if let Some(error) = error { p.error id=(error_id) { span.spoken { "Error: " } (error.advice) } }
            input type="text" id=(field.name) name=(field.name) maxlength=(field.most) autocomplete="off"
                spellcheck="false" required inputmode=[field.numeric.then_some("numeric")]
                aria-describedby=[described] aria-invalid=[error.map(|_| "true")];
        }
    }
}

fn list(method: Method) -> Markup {
    html! {
        details.panel.list {
            @match method {
                Method::Card => {
                    summary { "Test cards" }
                    (numbers(TEST_CARDS.iter().map(|card| (card.number, card.does))))
                    p.hint { "With any expiry date from this month on, any security code and any name." }
                }
                Method::DirectDebit => {
                    summary { "Test accounts" }
                    (numbers(TEST_ACCOUNTS.iter().map(|account| (account.number, account.does))))
                    p.hint { "With any sort code and any name." }
                }
            }
        }
    }
}
