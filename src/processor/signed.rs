//! The `signed` dialect (gateway.md, section 6): public standards wherever one exists.

use crate::keys::Keys;
use crate::payment::Method;
use crate::processor::Way;
use crate::processor::client::Client;
use url::Url;

mod answer;
mod body;
mod call;
mod enquiry;
mod member;
mod notice;
mod redirect;
#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod samples;
mod sign;
mod webhook;

pub use call::Order;

/// A processor that speaks `signed`.
#[derive(Debug)]
pub struct Signed {
    /// Where it is: scheme, host and port.
    pub base: Url,
    /// Our name with it.
    pub merchant: String,
    /// The name of the key that signs what we send.
    pub key_id: String,
    /// Signs what we send.
    pub signing: Keys,
    /// Verifies what it sends us.
    pub webhook: Keys,
    /// Asks it, and sends it orders.
    pub client: Client,
    /// Whether cards are typed on a page of ours and sent to its API.
    pub card_api: bool,
    /// Whether Direct Debits are set up on a page of ours, by its API.
    pub mandate_api: bool,
}

impl Signed {
    /// How a method is handed over.
    pub(super) const fn way(&self, method: Method) -> Way {
        match method {
            Method::Card if self.card_api => Way::Api,
            Method::DirectDebit if self.mandate_api => Way::Api,
            Method::Card | Method::DirectDebit => Way::Hosted,
        }
    }

    /// One of its addresses.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }
}
