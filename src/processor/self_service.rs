//! The processor's own page for members: it alone can show what it holds of them, and change it
//! (docs/fitting-in.md).

use super::Processor;
use jiff::{SignedDuration, Timestamp};
use url::Url;

/// Where members are led.
#[derive(Debug)]
pub struct SelfService {
    /// The page, as the processor names it.
    pub url: Url,
    /// How the way there is signed; the address as it stands without.
    pub signed: Option<SignedLink>,
}

/// A link that says by whom and until when it is given.
#[derive(Debug)]
pub struct SignedLink {
    /// How long it is good.
    pub valid_for: SignedDuration,
    /// What the processor calls its parts.
    pub names: LinkNames,
}

/// The names of a signed link's parameters.
#[derive(Debug)]
pub struct LinkNames {
    /// Our name with the processor.
    pub merchant: String,
    /// The name of the key.
    pub key_id: String,
    /// When it ends, in seconds since 1970.
    pub expires: String,
    /// The signature.
    pub signature: String,
}

impl Processor {
    /// Where a member's browser goes now. Nothing that it brought goes along, and nothing of anybody
    /// stands in it: who they are, they tell the processor. `None` where the dialect cannot sign it.
    #[must_use]
    pub fn self_service(&self, page: &SelfService, now: Timestamp) -> Option<Url> {
        match (&page.signed, self) {
            (None, _) => Some(page.url.clone()),
            (Some(link), Self::Signed(signed)) => Some(signed.member_link(&page.url, link, now)),
            (Some(_), Self::Rsm2000(_)) => None,
        }
    }
}
