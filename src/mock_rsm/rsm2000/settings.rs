//! How the `rsm2000` side is set up: what RSM agrees with a vendor, and how long its people take.

use jiff::civil::Date;
use secrecy::SecretString;
use std::collections::BTreeSet;

/// One vendor of RSM's, as agreed outside the wire (rsm-protocol.md, 2 to 7).
#[derive(Debug)]
pub struct Rsm2000Settings {
    /// `vendorid` of the widget, digits.
    pub vendor_id: String,
    /// `campaign` of the full page and of the hosted Direct Debit page.
    pub campaign: String,
    /// Secrets of `IdentityCheck`: the first one signs until [`super::Rsm2000::rotate`].
    pub call_back_secrets: Vec<SecretString>,
    /// Where the servers and the browsers are sent.
    pub addresses: Addresses,
    /// `username` of DDCM, 4 to 40 letters and digits.
    pub username: String,
    /// DDCM's API password, which signs both ways.
    pub password: SecretString,
    /// Service user number, six digits.
    pub sun: String,
    /// The vendor as reports and batches name it.
    pub vendor_name: String,
    /// What RSM switched on for the vendor.
    pub features: BTreeSet<Feature>,
    /// `ddRefNo` must have exactly this many characters.
    pub reference_length: Option<usize>,
    /// Two-letter types; where there are any, every mandate needs one.
    pub mandate_types: Vec<String>,
    /// Short ids of sub vendors; where there are any, every mandate needs one.
    pub short_ids: Vec<String>,
    /// Commands this user may not give (2013).
    pub forbidden_commands: Vec<String>,
    /// Elements of a mandate in reports, in this order; RSM's defaults without it.
    pub mandate_columns: Option<Vec<String>>,
    /// Elements of a collection in reports, in this order; RSM's defaults without it.
    pub collection_columns: Option<Vec<String>>,
    /// The largest single collection, in pence (2174).
    pub most_pence: Option<i64>,
    /// The most that may be collected on one day, in pence (2175).
    pub most_pence_a_day: Option<i64>,
    /// Days besides Saturdays and Sundays on which nothing moves.
    pub bank_holidays: BTreeSet<Date>,
}

/// The addresses that RSM holds for a vendor: none of them is ever sent with a hand-off.
#[derive(Clone, Debug)]
pub struct Addresses {
    /// Told by RSM's server of a payment.
    pub call_back_success: String,
    /// Told by RSM's server of a failure.
    pub call_back_failure: String,
    /// The browser, after a payment.
    pub return_success: String,
    /// The browser, after a failure.
    pub return_failure: String,
    /// The browser, after a Direct Debit was set up on RSM's page.
    pub return_debit: String,
}

/// What RSM can switch on or off for a vendor, and what the manuals leave open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Feature {
    /// RSM chooses `ddRefNo`; supplying one is an error (2162).
    AutoReference,
    /// Address, town and postcode are needed and checked (2042, 2072, 2082, 2241).
    AddressChecking,
    /// An e-mail address is needed for the confirmation (2102).
    EmailMandatory,
    /// `amount`, `frequency` and `startDate` may be given (else 2184).
    Repeating,
    /// They must be given (2183).
    RepeatingCompulsory,
    /// Mandates can be cancelled through the API (else 2152).
    Cancels,
    /// Monthly statements are made (else 2296).
    MonthlyStatements,
    /// A change of bank details leaves the earlier row in reports, as RSM's do.
    HistoryRows,
    /// A request of which some records failed is `FAIL` as a whole; which it is, is not known.
    PartialIsFail,
    /// Replies have line ends and tabs between their elements, which the signature leaves out.
    IndentedReplies,
    /// Non-ASCII text is signed as ISO-8859-1; as UTF-8 without it. Which it is, is not known.
    SignedAsLatin1,
}

impl Rsm2000Settings {
    /// A vendor with RSM's demo numbers and the usual features, whose service is at
    /// `service_origin`.
    #[must_use]
    pub fn new(service_origin: &str, password: SecretString, call_back: SecretString) -> Self {
        let at = |path: &str| format!("{service_origin}{path}");
        Self {
            vendor_id: String::from("8953"),
            campaign: String::from("3835.8965"),
            call_back_secrets: vec![call_back],
            addresses: Addresses {
                call_back_success: at("/webhooks/rsm2000/success"),
                call_back_failure: at("/webhooks/rsm2000/failure"),
                return_success: at("/return/rsm2000/success"),
                return_failure: at("/return/rsm2000/failure"),
                return_debit: at("/return/rsm2000/success"),
            },
            username: String::from("testuser"),
            password,
            sun: String::from("123456"),
            vendor_name: String::from("Mock Charity"),
            features: BTreeSet::from([
                Feature::AutoReference,
                Feature::Repeating,
                Feature::Cancels,
                Feature::MonthlyStatements,
                Feature::HistoryRows,
            ]),
            reference_length: None,
            mandate_types: Vec::new(),
            short_ids: Vec::new(),
            forbidden_commands: Vec::new(),
            mandate_columns: None,
            collection_columns: None,
            most_pence: None,
            most_pence_a_day: None,
            bank_holidays: super::calendar::bank_holidays(),
        }
    }

    pub(super) fn has(&self, feature: Feature) -> bool {
        self.features.contains(&feature)
    }
}

impl Feature {
    /// Every feature and its word for command lines.
    pub const ALL: [(&'static str, Self); 11] = [
        ("auto-reference", Self::AutoReference),
        ("address-checking", Self::AddressChecking),
        ("email-mandatory", Self::EmailMandatory),
        ("repeating", Self::Repeating),
        ("repeating-compulsory", Self::RepeatingCompulsory),
        ("cancels", Self::Cancels),
        ("monthly-statements", Self::MonthlyStatements),
        ("history-rows", Self::HistoryRows),
        ("partial-is-fail", Self::PartialIsFail),
        ("indented-replies", Self::IndentedReplies),
        ("signed-as-latin1", Self::SignedAsLatin1),
    ];

    /// The feature of a word.
    #[must_use]
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == word).map(|(_, feature)| *feature)
    }
}
