//! One of the charity's systems that is told by itself: where it is, and what proves to it that we speak.

use crate::keys::{EventKey, Keys};
use url::Url;

/// Whom to tell.
pub struct Subscriber {
    /// Its name, for the log and the record.
    pub name: String,
    /// Where it listens.
    pub url: Url,
    /// The secret that it shares with us; during a rotation both sign.
    pub keys: Keys,
    /// Our own key, whose public half it may have instead.
    pub signing: Option<EventKey>,
    /// Whether it may be at an address of a private network.
    pub allow_private: bool,
    /// PEM of the only certificate authorities trusted for it; `None` trusts the platform's.
    pub roots: Option<Vec<u8>>,
}
