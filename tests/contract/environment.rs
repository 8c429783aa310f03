//! The operator's test account, as the environment names it. Nothing is read unless
//! `ALMONER_CONTRACT_URL` or `ALMONER_CONTRACT_CARD_URL` is set.

use almoner::keys::Phrase;
use url::Url;

/// An account with RSM's demo.
pub(crate) struct Demo {
    pub(crate) url: Url,
    pub(crate) username: String,
    pub(crate) password: Phrase,
    pub(crate) sun: Option<String>,
    /// A sort code and account number that RSM takes.
    pub(crate) bank: (String, String),
    pub(crate) mandate_type: Option<String>,
    pub(crate) short_id: Option<String>,
    /// A day whose collections have a statement.
    pub(crate) stated: Option<jiff::civil::Date>,
    /// PEM of the only authorities that are trusted; the platform's where it is not given.
    pub(crate) roots: Option<Vec<u8>>,
    may: String,
}

/// The demo's card page, and how it knows the charity.
pub(crate) struct DemoCards {
    pub(crate) url: Url,
    pub(crate) campaign: String,
    pub(crate) vendor_id: String,
    pub(crate) roots: Option<Vec<u8>>,
}

/// What the account may, beyond asking.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Need {
    /// To set mandates up and cancel them at once, before they are live.
    Mandates,
    /// The same for 150 at a time.
    Batch,
    /// To plan collections under its service user number.
    Collections,
    /// RSM's own check of bank accounts, which must refuse one of the published wrong ones.
    BankCheck,
    /// Monthly statements.
    Monthly,
    /// A day whose collections have a statement.
    Stated,
    /// Working days that pass when they are told to, which no processor but the mock has.
    Calendar,
}

impl Demo {
    /// The account, where one is named.
    pub(crate) fn named() -> Option<Self> {
        let url = demo_url("ALMONER_CONTRACT_URL")?;
        let needed = |name| given(name).unwrap_or_else(|| panic!("set {name} too"));
        let password = std::fs::read(needed("ALMONER_CONTRACT_PASSWORD_FILE"));
        let password = password.expect("ALMONER_CONTRACT_PASSWORD_FILE: a file that can be read");
        let sort_code = given("ALMONER_CONTRACT_SORT_CODE");
        let account_number = given("ALMONER_CONTRACT_ACCOUNT_NUMBER");
        Some(Self {
            url,
            username: needed("ALMONER_CONTRACT_USERNAME"),
            password: Phrase::new(password.trim_ascii()).expect("a password in its file"),
            sun: given("ALMONER_CONTRACT_SUN"),
            // The first of the numbers that are published for tests (rsm-protocol.md, 9.3).
            bank: sort_code
                .zip(account_number)
                .unwrap_or_else(|| ("089999".into(), "66374958".into())),
            mandate_type: given("ALMONER_CONTRACT_MANDATE_TYPE"),
            short_id: given("ALMONER_CONTRACT_SHORT_ID"),
            stated: given("ALMONER_CONTRACT_STATEMENT_DATE")
                .map(|day| day.parse().expect("ALMONER_CONTRACT_STATEMENT_DATE like 2026-03-02")),
            roots: roots(),
            may: given("ALMONER_CONTRACT_MAY").unwrap_or_default(),
        })
    }

    /// Why a case cannot be run here.
    pub(crate) fn lacks(&self, need: Need) -> Option<&'static str> {
        let may = |word: &str| self.may.split(',').any(|given| given.trim() == word);
        let (there, wanted) = match need {
            Need::Mandates => (may("mandates"), "\"mandates\" in ALMONER_CONTRACT_MAY"),
            Need::Batch => (may("batch"), "\"batch\" in ALMONER_CONTRACT_MAY"),
            Need::Collections => (self.sun.is_some(), "ALMONER_CONTRACT_SUN"),
            Need::BankCheck => (may("bank-check"), "\"bank-check\" in ALMONER_CONTRACT_MAY"),
            Need::Monthly => (may("monthly"), "\"monthly\" in ALMONER_CONTRACT_MAY"),
            Need::Stated => (self.stated.is_some(), "ALMONER_CONTRACT_STATEMENT_DATE"),
            Need::Calendar => (false, "a calendar that can be moved, which only the mock has"),
        };
        (!there).then_some(wanted)
    }
}

impl DemoCards {
    /// The page, where one is named.
    pub(crate) fn named() -> Option<Self> {
        let url = demo_url("ALMONER_CONTRACT_CARD_URL")?;
        let needed = |name| given(name).unwrap_or_else(|| panic!("set {name} too"));
        Some(Self {
            url,
            campaign: needed("ALMONER_CONTRACT_CAMPAIGN"),
            vendor_id: needed("ALMONER_CONTRACT_VENDOR_ID"),
            roots: roots(),
        })
    }
}

/// These cases set mandates up: never with a real account.
fn demo_url(name: &str) -> Option<Url> {
    let url: Url = given(name)?.parse().unwrap_or_else(|_| panic!("{name}: not an address"));
    assert!(url.scheme() == "https", "{name}: https only");
    assert!(url.path().starts_with("/demo/"), "{name}: only a path that begins with /demo/");
    Some(url)
}

/// For a mock that is run by hand.
fn roots() -> Option<Vec<u8>> {
    let file = given("ALMONER_CONTRACT_CA_FILE")?;
    Some(std::fs::read(file).expect("ALMONER_CONTRACT_CA_FILE: a file that can be read"))
}

fn given(name: &str) -> Option<String> {
    #[expect(
        clippy::disallowed_methods,
        reason = "a test account is named by the environment, so that it stands in no file of ours"
    )]
    let value = std::env::var(name);
    value.ok().filter(|value| !value.is_empty())
}
