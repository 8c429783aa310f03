//! `[processor.rsm2000]`: RSM's own formats. What RSM does not publish is a setting.

use super::{Checked, Setting, Span};
use crate::processor::rsm::{AppealCode, Canonical, CardPageKind, Charset, Repeat};
use serde::{Deserialize, Serialize};
use std::path::PathBuf;
use url::Url;

/// `[processor.rsm2000]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct Rsm2000 {
    /// The vendor number.
    pub vendor_id: String,
    /// Two numbers joined by a full stop.
    pub campaign: String,
    /// The character set that the hosted pages read.
    #[serde(default = "default::charset")]
    pub charset: Checked<Charset>,
    /// What the proof of a call-back is made over.
    #[serde(default = "default::canonical")]
    pub canonical: Checked<Canonical>,
    /// `[processor.rsm2000.card_page]`: without it no cards are taken.
    pub card_page: Option<CardPageSettings>,
    /// `[processor.rsm2000.debit_page]`: Direct Debits on RSM's own page.
    pub debit_page: Option<DebitPageSettings>,
    /// `[processor.rsm2000.api]`: its Direct Debit API.
    pub api: Option<DebitApiSettings>,
    /// `[processor.rsm2000.debit]`: Direct Debits set up through that API.
    pub debit: Option<DebitSettings>,
}

/// `[processor.rsm2000.card_page]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct CardPageSettings {
    /// Which of the two pages it is.
    pub kind: Checked<CardPageKind>,
    /// Its address.
    pub url: Checked<HttpsUrl>,
}

/// `[processor.rsm2000.debit_page]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DebitPageSettings {
    /// Its address.
    pub url: Checked<HttpsUrl>,
    /// What its `appealcode` carries.
    #[serde(default = "default::appeal_code")]
    pub appeal_code: Checked<AppealCode>,
    /// What its `repeat` means.
    #[serde(default = "default::repeat")]
    pub repeat: Checked<Repeat>,
}

/// `[processor.rsm2000.api]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DebitApiSettings {
    /// Its address.
    pub url: Checked<HttpsUrl>,
    /// Our user name with it.
    pub username: String,
    /// How long it may take over one request.
    #[serde(default = "default::timeout")]
    pub timeout: Checked<Span>,
    /// How often its reports are read.
    #[serde(default = "default::report_interval")]
    pub report_interval: Checked<Span>,
    /// How many days before the last reading a report begins.
    #[serde(default = "default::look_back_days")]
    pub look_back_days: u16,
}

/// `[processor.rsm2000.debit]` and `[processor.signed.debit]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct DebitSettings {
    /// The service user number.
    pub service_user_number: String,
    /// The name on bank statements.
    pub collecting_name: String,
    /// Working days between the notice and the first collection.
    #[serde(default = "default::advance_notice_days")]
    pub advance_notice_days: u8,
    /// Days of the month on which is collected; any working day where none are named.
    #[serde(default)]
    pub collection_days: Vec<i8>,
    /// The Direct Debit Guarantee.
    pub guarantee: String,
    /// England and Wales bank holidays.
    pub bank_holidays_file: PathBuf,
    /// Vocalink's weight table.
    pub modulus_weights_file: Option<PathBuf>,
    /// Vocalink's substitution table.
    pub modulus_substitutions_file: Option<PathBuf>,
    /// RSM alone: the mandate type, where the vendor has types.
    pub mandate_type: Option<String>,
    /// RSM alone: the short id, where several vendors share an account.
    pub short_id: Option<String>,
}

impl DebitSettings {
    /// Every path that is set.
    pub(super) fn paths(&mut self) -> Vec<&mut PathBuf> {
        let tables = [&mut self.modulus_weights_file, &mut self.modulus_substitutions_file];
        std::iter::once(&mut self.bank_holidays_file).chain(tables.into_iter().flatten()).collect()
    }
}

/// An https address without user, query or fragment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HttpsUrl(pub Url);

impl Setting for HttpsUrl {
    const ADVICE: &'static str = "not an https address: write it like \"https://pay.example.org/page.php\", nothing after the path";
    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && url.query().is_none()
            && url.fragment().is_none();
        (bare && url.as_str() == text).then_some(Self(url))
    }
    fn write(&self) -> String {
        self.0.as_str().to_owned()
    }
}

/// Defaults that are not nothing.
mod default {
    use super::{AppealCode, Canonical, Charset, Checked, Repeat, Span};

    pub(super) const fn charset() -> Checked<Charset> {
        Checked(Charset::Ascii)
    }
    pub(super) const fn canonical() -> Checked<Canonical> {
        Checked(Canonical::RawOrderDecodedOnce)
    }
    pub(super) const fn appeal_code() -> Checked<AppealCode> {
        Checked(AppealCode::Reference)
    }
    pub(super) const fn timeout() -> Checked<Span> {
        Span::seconds(120)
    }
    pub(super) const fn report_interval() -> Checked<Span> {
        Span::seconds(6 * 3600)
    }
    pub(super) const fn look_back_days() -> u16 {
        40
    }
    pub(super) const fn advance_notice_days() -> u8 {
        10
    }
    pub(super) const fn repeat() -> Checked<Repeat> {
        Checked(Repeat::Flag)
    }
}
