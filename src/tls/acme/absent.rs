//! Instead of what asks for certificates, where it was not built in.

use super::Terms;
use crate::clock::Clock;
use crate::tls::{CertificateError, Certificates, Profile};
use std::sync::Arc;

/// There is none: this binary was built without it.
#[derive(Debug)]
pub enum Renewal {}

impl Renewal {
    /// Says how to build it in.
    pub fn open(_: Terms, _: Profile, _: Clock) -> Result<Arc<Self>, CertificateError> {
        Err(CertificateError::BuiltWithout)
    }

    /// Those that it would renew.
    #[must_use]
    pub fn certificates(&self) -> Certificates {
        match *self {}
    }

    /// Looks now.
    pub fn look(&self) {
        match *self {}
    }

    /// Renews them.
    #[expect(clippy::unused_async, reason = "as where it was built in")]
    pub async fn go(&self) {
        match *self {}
    }
}
