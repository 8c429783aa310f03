//! `[processor.self_service]`: the processor's own page for members, to which `GET /manage` leads.

use super::{Checked, Setting, Span};
use serde::{Deserialize, Serialize};
use url::Url;

/// `[processor.self_service]`.
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
pub struct SelfServiceSettings {
    /// Its address.
    pub url: Checked<LinkUrl>,
    /// Whether the way there is signed with `secrets.processor_signing`.
    #[serde(default = "signed")]
    pub signed: bool,
    /// How long a signed link is good.
    #[serde(default = "valid_for")]
    pub valid_for: Checked<Span>,
    /// What its parameter with our name is called.
    #[serde(default = "merchant")]
    pub merchant_parameter: String,
    /// What that with the name of the key is called.
    #[serde(default = "key_id")]
    pub key_id_parameter: String,
    /// What that with its end is called.
    #[serde(default = "expires")]
    pub expires_parameter: String,
    /// What that with the signature is called.
    #[serde(default = "signature")]
    pub signature_parameter: String,
}

const fn signed() -> bool {
    true
}

const fn valid_for() -> Checked<Span> {
    Span::seconds(300)
}

fn merchant() -> String {
    "merchant".to_owned()
}

fn key_id() -> String {
    "key_id".to_owned()
}

fn expires() -> String {
    "expires".to_owned()
}

fn signature() -> String {
    "signature".to_owned()
}

/// An https address without user or fragment, as it is written anew.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LinkUrl(pub Url);

impl Setting for LinkUrl {
    const ADVICE: &'static str = "not an https address: write it like \"https://pay.example.org/members\" or \"https://pay.example.org/members?vendor=149\"";
    fn read(text: &str) -> Option<Self> {
        let url = Url::parse(text).ok()?;
        let bare = url.scheme() == "https"
            && url.username().is_empty()
            && url.password().is_none()
            && url.fragment().is_none();
        (bare && url.as_str() == text).then_some(Self(url))
    }
    fn write(&self) -> String {
        self.0.as_str().to_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn f_3_members_are_led_to_an_https_address_and_nothing_like_one() {
        for good in ["https://pay.example/members", "https://pay.example/m?vendor=149&x="] {
            assert_eq!(LinkUrl::read(good).map(|url| url.write()).as_deref(), Some(good));
        }
        for bad in [
            "http://pay.example/members",
            "https://pat@pay.example/members",
            "https://pay.example/members#here",
            "https://PAY.example/members",
            "https:pay.example/members",
            "javascript:alert(1)",
            "/members",
            "",
        ] {
            assert_eq!(LinkUrl::read(bad), None, "{bad}");
        }
    }
}
