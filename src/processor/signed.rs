//! The `signed` dialect (gateway.md, section 6): public standards wherever one exists.

use crate::keys::Keys;
use crate::processor::client::Client;
use url::Url;

mod enquiry;
mod notice;
mod redirect;
mod webhook;

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
    /// Asks it.
    pub client: Client,
}

impl Signed {
    /// One of its addresses.
    fn url(&self, path: &str) -> Url {
        let mut url = self.base.clone();
        url.set_path(path);
        url
    }
}
