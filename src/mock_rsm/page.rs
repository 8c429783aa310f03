//! What the supporter sees. No script, nothing from elsewhere, and on every page the plain word
//! that this is a mock.

mod buttons;
mod form;

pub(super) use buttons::buttons;
pub(super) use form::{ACCOUNT, CARD, field, form, problems};

use super::Mock;
use super::handoff::Refusal;
use super::instrument::{TEST_ACCOUNTS, TEST_CARDS};
use super::sessions::Session;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use sha2::{Digest as _, Sha256};
use url::Url;

/// A page and where its forms may lead, apart from the mock itself.
pub(super) struct Page {
    title: String,
    main: Markup,
    form_origin: Option<String>,
    script: Option<&'static str>,
    framed: bool,
}

/// What a policy says of a page that may stand in a frame of the charity's.
pub(super) const FRAMED: &str = "frame-ancestors https:";

impl Page {
    pub(super) fn new(title: impl Into<String>, main: Markup) -> Self {
        Self { title: title.into(), main, form_origin: None, script: None, framed: false }
    }

    /// A page whose form leads, at once or by a redirect, back to the charity.
    fn leading_back(self, session: &Session) -> Self {
        self.leading_to(&session.return_url)
    }

    /// A page whose form leads to this address.
    pub(super) fn leading_to(self, address: &Url) -> Self {
        Self { form_origin: Some(address.origin().ascii_serialization()), ..self }
    }

    /// A page that runs this script, and no other.
    pub(super) fn running(self, script: &'static str) -> Self {
        Self { script: Some(script), ..self }
    }

    /// A page that may stand in a frame, as a widget does.
    pub(super) fn framed(self) -> Self {
        Self { framed: true, ..self }
    }

    /// `Content-Security-Policy`.
    pub(super) fn policy(&self) -> String {
        let (space, origin) = self.form_origin.as_deref().map_or(("", ""), |origin| (" ", origin));
        let script = self.script.map_or_else(String::new, |script| {
            format!(" script-src 'sha256-{}';", STANDARD.encode(Sha256::digest(script)))
        });
        let frames = if self.framed { FRAMED } else { "frame-ancestors 'none'" };
        format!(
            "default-src 'none'; style-src 'self';{script} form-action 'self'{space}{origin}; base-uri 'none'; {frames}"
        )
    }

    pub(super) fn into_html(self) -> String {
        html! {
            (DOCTYPE)
            html lang="en-GB" {
                head {
                    meta charset="utf-8";
                    meta name="viewport" content="width=device-width, initial-scale=1";
                    meta name="robots" content="noindex";
                    meta name="color-scheme" content="light";
                    title { (self.title) " – mock RSM" }
                    link rel="stylesheet" href="/mock-rsm.css";
                }
                body {
                    header {
                        p.notice {
                            strong { "Mock, for tests only." } " No money moves. Never enter a real card."
                        }
                        div.brand { span.mark aria-hidden="true" { "R" } span { "Mock RSM" } }
                    }
                    main { (self.main) }
                    @if let Some(script) = self.script { script { (PreEscaped(script)) } }
                    footer { "A stand-in for the payment processor, part of Almoner. It forgets everything when it stops." }
                }
            }
        }
        .into_string()
    }
}

/// The mock's own front page.
pub(super) fn front() -> Page {
    Page::new(
        "Test cards",
        html! {
            div.panel {
                h1 { "A payment page for tests" }
                p { "Supporters are brought here by a signed hand-off. These numbers decide what happens." }
                h2 { "Test cards" }
            (numbers(TEST_CARDS.iter().map(|card| (card.number, card.does))))
                p.hint { "With any expiry date from this month on, any security code and any name." }
                h2 { "Test accounts" }
            (numbers(TEST_ACCOUNTS.iter().map(|account| (account.number, account.does))))
                p.hint { "With any sort code and any name." }
            }
        },
    )
}

/// Where a member would see what is held of them.
pub(super) fn member() -> Page {
    Page::new(
        "For members",
        html! {
            div.panel {
                h1 { "Your membership" }
                p { "The charity's signed link led here, and it is good." }
                p { "A processor asks here who you are, and shows you what it holds: your address, your Direct Debit, your payments. This mock holds nobody." }
            }
        },
    )
}

/// A hand-off that was not let in.
pub(super) fn refused(refusal: Refusal) -> Page {
    let (code, _, advice) = refusal.told();
    Page::new(
        "This hand-off was refused",
        html! {
            div.panel {
                h1 { "This hand-off was refused" }
                p { "Nothing was taken." }
                p { (advice) }
                dl.facts {
                    div { dt { "Reason" } dd { code { (code) } } }
                    @if let Some(field) = refusal.field() {
                        div { dt { "Field" } dd { code { (field) } } }
                    }
                }
            }
        },
    )
}

/// An end with nowhere to go.
pub(super) fn gone(title: &str, advice: &str) -> Page {
    Page::new(title, html! { div.panel { h1 { (title) } p { (advice) } } })
}

/// An end from which the charity can be reached.
pub(super) fn over(title: &str, session: &Session) -> Page {
    Page::new(
        title,
        html! {
            div.panel {
                h1 { (title) }
                p { "Nothing more will be taken here." }
                p { a.button href=(session.return_url.as_str()) { "Go back to the charity" } }
            }
        },
    )
}

/// The page of the supporter's bank.
pub(super) fn challenge(mock: &Mock, token: &str, session: &Session) -> Page {
    Page::new("Your bank asks: is it you?", html! {
        div.panel {
            p.kicker { "Mock bank · 3-D Secure" }
            h1 { "Is it you?" }
            p { strong { (mock.merchant) } " asks for " strong { (session.asked.amount.display()) } "." }
            form method="post" action={ "/pay/" (token) "/challenge" } {
                div.choice {
                    button.button name="answer" value="approve" { "Yes, approve" }
                    button.button.quiet name="answer" value="refuse" { "No, refuse" }
                }
            }
            @if session.by_call {
                form method="post" action={ "/pay/" (token) "/cancel" } {
                    button.button.quiet { "Go back without answering" }
                }
            }
        }
    })
    .leading_back(session)
}

/// The way back by POST. What the form says decides nothing.
pub(super) fn by_post(session: &Session) -> Page {
    Page::new(
        "Payment accepted",
        html! {
            div.panel {
                h1 { "Payment accepted" }
                p { "One more step takes you back to the charity." }
                form method="post" action=(session.return_url.as_str()) {
                    input type="hidden" name="reference" value=(session.reference.to_string());
                    input type="hidden" name="result" value="accepted";
                    button.button { "Go back to the charity" }
                }
            }
        },
    )
    .leading_back(session)
}

/// Numbers and what each does.
pub(super) fn numbers<'a>(rows: impl Iterator<Item = (&'a str, &'a str)>) -> Markup {
    html! {
        dl.numbers { @for (number, does) in rows { div { dt { (number) } dd { (does) } } } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_leads_to_its_own_place_and_to_the_charity_alone() {
        let page = gone("Over", "Begin again.");
        assert!(page.policy().contains("form-action 'self'; base-uri"));
        let page = Page { form_origin: Some("https://give.example.org".to_owned()), ..page };
        assert!(page.policy().contains("form-action 'self' https://give.example.org; base-uri"));
        assert!(!page.policy().contains("script-src"));
        assert!(!page.into_html().contains("<script"));
        let page = gone("Back", "Wait.").running("go()").framed();
        assert!(page.policy().contains("script-src 'sha256-") && page.policy().ends_with(FRAMED));
    }
}
