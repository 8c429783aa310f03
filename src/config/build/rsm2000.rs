//! RSM, as its section sets it up.

use super::processor::missing;
use crate::config::{ConfigError, Document, Rsm2000, Settings};
use crate::payment::{Dialect, Frequency, Method, Mode};
use crate::processor::rsm::ddcm::{Answers, Ddcm};
use crate::processor::rsm::{Callbacks, CardPage, Debit, DebitPage, MandateTerms, Merchant, Rsm};
use crate::resolution::Following;
use iso_currency::Currency;
use jiff::SignedDuration;
use percent_encoding::percent_decode_str;
use std::sync::Arc;
use url::Url;

/// A request waits so long for its turn at the most, and as long again for its answer: together far
/// less than what is taken for the longest that one can be under way.
const MOST_PATIENCE: SignedDuration = SignedDuration::from_mins(5);

impl Settings {
    /// How long a call to the processor can take.
    #[must_use]
    pub fn call_timeout(&self) -> SignedDuration {
        let rsm = self.processor.rsm2000.as_ref();
        let rsm = rsm.filter(|_| self.processor.dialect.0 == Dialect::Rsm2000);
        let api = rsm.and_then(|rsm| rsm.api.as_ref());
        api.map_or(self.limits.upstream_timeout, |api| api.timeout).signed()
    }

    /// How the processor's reports are read, where it has any.
    #[must_use]
    pub fn following(&self) -> Option<Following> {
        let rsm = self
            .processor
            .rsm2000
            .as_ref()
            .filter(|_| self.processor.dialect.0 == Dialect::Rsm2000);
        let api = rsm?.api.as_ref()?;
        Some(Following { every: api.report_interval.signed(), look_back_days: api.look_back_days })
    }

    pub(super) fn rsm2000(&self, document: &Document) -> Result<Rsm, ConfigError> {
        let Some(settings) = &self.processor.rsm2000 else {
            return Err(missing(document, "processor.rsm2000"));
        };
        self.check_hosts(settings, document)?;
        self.check_methods(settings, document)?;
        let card = settings
            .card_page
            .as_ref()
            .map(|page| CardPage { url: page.url.0.0.clone(), kind: page.kind.0 });
        let debit = match (&settings.debit_page, &settings.debit) {
            (None, None) => None,
            (Some(page), None) => Some(Debit::Page(DebitPage {
                url: page.url.0.0.clone(),
                appeal_code: page.appeal_code.0,
                repeat: page.repeat.0,
            })),
            (None, Some(debit)) if settings.api.is_some() => Some(Debit::Api(MandateTerms {
                mandate_type: debit.mandate_type.clone(),
                short_id: debit.short_id.clone(),
            })),
            (None, Some(_)) => {
                return Err(document.wrong(
                    "processor.rsm2000.debit",
                    "Direct Debits on a page of ours need [processor.rsm2000.api] too: add it",
                ));
            }
            (Some(_), Some(_)) => {
                return Err(document.wrong(
                    "processor.rsm2000.debit",
                    "debit and debit_page are two ways to do one thing: remove one of them",
                ));
            }
        };
        Ok(Rsm {
            merchant: merchant(settings, document)?,
            currency: Currency::GBP,
            charset: settings.charset.0,
            card,
            debit,
            ddcm: self.ddcm(settings, document)?,
            callbacks: Callbacks {
                canonical: settings.canonical.0,
                secrets: self.phrases(document, "rsm2000_callback")?,
            },
        })
    }

    fn ddcm(&self, settings: &Rsm2000, document: &Document) -> Result<Option<Ddcm>, ConfigError> {
        let Some(api) = &settings.api else { return Ok(None) };
        let plain = (4..=40).contains(&api.username.len())
            && api.username.bytes().all(|b| b.is_ascii_alphanumeric());
        if !plain {
            return Err(document.wrong(
                "processor.rsm2000.api.username",
                "4 to 40 letters and figures are needed here, as RSM gave them to you",
            ));
        }
        if api.timeout.signed() > MOST_PATIENCE {
            return Err(document.wrong(
                "processor.rsm2000.api.timeout",
                "longer than a request can be under way: write \"300s\" at the most",
            ));
        }
        Ok(Some(Ddcm {
            endpoint: api.url.0.0.clone(),
            username: api.username.clone(),
            password: self.phrases(document, "rsm2000_api")?.current,
            client: Arc::new(self.client(document, api.timeout.timer())?),
            answers: Answers::default(),
            report_bytes: self.limits.upstream_report_bytes,
        }))
    }

    /// What is offered must have a page or an API behind it, and be of the account's currency.
    fn check_methods(&self, settings: &Rsm2000, document: &Document) -> Result<(), ConfigError> {
        let debit = settings.debit_page.is_some() || settings.debit.is_some();
        for (key, methods) in [("donate", &self.donate.methods), ("join", &self.join.methods)] {
            if key == "join" && self.join.plans.is_empty() {
                continue;
            }
            let offers = |method| methods.iter().any(|offered| offered.0 == method);
            let what = if offers(Method::Card) && settings.card_page.is_none() {
                "cards are offered: add [processor.rsm2000.card_page], or take \"card\" out"
            } else if offers(Method::DirectDebit) && !debit {
                "Direct Debit is offered: add [processor.rsm2000.debit] or [processor.rsm2000.debit_page], or take \"direct_debit\" out"
            } else {
                continue;
            };
            return Err(document.wrong(&format!("{key}.methods"), what));
        }
        let regular = self.join.plans.iter().any(|plan| plan.frequency.0 != Frequency::Once);
        if regular && self.join.methods.iter().any(|offered| offered.0 == Method::Card) {
            return Err(document.wrong(
                "join.methods",
                "RSM's card page takes single payments, and there are regular plans: take \"card\" out",
            ));
        }
        let pounds = self.currencies.iter().all(|currency| currency.code == "GBP");
        if pounds {
            Ok(())
        } else {
            Err(document.wrong(
                "currencies",
                "RSM's pages and Direct Debits are in GBP alone: take the others out",
            ))
        }
    }

    /// RSM's own hosts hold its test system under /demo/: real money and play money are never mixed.
    fn check_hosts(&self, settings: &Rsm2000, document: &Document) -> Result<(), ConfigError> {
        let mode = self.processor.mode.0;
        for (key, url) in urls(settings) {
            let what = match (is_rsms(url), is_demo(url), mode) {
                (true, true, Mode::Live) => {
                    "processor.mode is live, but this is RSM's test system: change one of them"
                }
                (true, false, Mode::Test) => {
                    "processor.mode is test, but this is RSM's live system: change one of them"
                }
                (true | false, _, _) => continue,
            };
            return Err(document.wrong(&format!("processor.rsm2000.{key}"), what));
        }
        Ok(())
    }
}

/// With or without the full stop that ends a whole name.
fn is_rsms(url: &Url) -> bool {
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    host == "rsmsecure.com" || host.ends_with(".rsmsecure.com")
}

/// Whether its first folder is that of the test system, however it is spelt.
fn is_demo(url: &Url) -> bool {
    let path = percent_decode_str(url.path()).decode_utf8_lossy();
    let first = path.split('/').find(|folder| !folder.is_empty());
    first.is_some_and(|folder| folder.eq_ignore_ascii_case("demo"))
}

/// Every address of RSM's that is set, by its key.
pub(super) fn urls(settings: &Rsm2000) -> Vec<(&'static str, &Url)> {
    let card = settings.card_page.as_ref().map(|page| ("card_page.url", &page.url.0.0));
    let debit = settings.debit_page.as_ref().map(|page| ("debit_page.url", &page.url.0.0));
    let api = settings.api.as_ref().map(|api| ("api.url", &api.url.0.0));
    [card, debit, api].into_iter().flatten().collect()
}

fn merchant(settings: &Rsm2000, document: &Document) -> Result<Merchant, ConfigError> {
    let digits = |text: &str| {
        !text.is_empty() && text.len() <= 16 && text.bytes().all(|b| b.is_ascii_digit())
    };
    if !digits(&settings.vendor_id) {
        return Err(
            document.wrong("processor.rsm2000.vendor_id", "RSM's number of you is figures only")
        );
    }
    let two = settings.campaign.split_once('.').is_some_and(|(a, b)| digits(a) && digits(b));
    if !two {
        return Err(document.wrong(
            "processor.rsm2000.campaign",
            "two numbers joined by a full stop are needed here, like \"3835.8965\"",
        ));
    }
    Ok(Merchant { vendor_id: settings.vendor_id.clone(), campaign: settings.campaign.clone() })
}
