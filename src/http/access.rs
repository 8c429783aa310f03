//! Who may use the API: keys are kept as SHA-256 alone, compared in constant time, each with scopes.

use super::Shared;
use super::problem::Trouble;
use crate::keys::Uses;
use axum::http::{HeaderMap, header};
use sha2::{Digest as _, Sha256};
use std::net::SocketAddr;
use std::sync::Arc;
use subtle::ConstantTimeEq as _;

/// One program of the charity's.
#[derive(Clone, Debug)]
pub struct Caller {
    /// Its name, for the log.
    pub name: String,
    /// SHA-256 of its key.
    pub hash: [u8; 32],
    /// Whether it may create hand-offs.
    pub creates: bool,
    /// Whether it may read outcomes.
    pub reads: bool,
    /// How often its key was used.
    pub uses: Arc<Uses>,
}

/// All of them.
#[derive(Clone, Debug, Default)]
pub struct Access(pub Vec<Caller>);

impl Access {
    /// The caller whose key the request bears. Every key is compared, whichever fits.
    pub(super) fn caller(&self, headers: &HeaderMap) -> Result<&Caller, Trouble> {
        let mut given = headers.get_all(header::AUTHORIZATION).iter();
        let value = given.next().filter(|_| given.next().is_none());
        let key =
            value.and_then(|value| bearer(value.as_bytes())).ok_or(Trouble::Unauthenticated)?;
        let hash: [u8; 32] = Sha256::digest(key).into();
        let mut found = None;
        for caller in &self.0 {
            if bool::from(caller.hash.ct_eq(&hash)) {
                found = Some(caller);
            }
        }
        found.inspect(|caller| caller.uses.count()).ok_or(Trouble::Unauthenticated)
    }
}

/// Whose key the request bears. Who guesses is soon told to wait; who knows is not.
pub(super) fn caller<'a>(
    site: &'a Shared,
    peer: SocketAddr,
    headers: &HeaderMap,
) -> Result<&'a Caller, Trouble> {
    site.access.caller(headers).map_err(|unknown| {
        if site.networks.forgives_key(peer.ip()) { unknown } else { Trouble::TooOften }
    })
}

/// The same for whoever asks what became of hand-offs.
pub(super) fn reader(site: &Shared, peer: SocketAddr, headers: &HeaderMap) -> Result<(), Trouble> {
    let caller = caller(site, peer, headers)?;
    if caller.reads { Ok(()) } else { Err(out_of_scope(caller, "read")) }
}

/// Whose key it was: the refusal's own line cannot say.
pub(super) fn out_of_scope(caller: &Caller, scope: &'static str) -> Trouble {
    tracing::warn!(event = "key_out_of_scope", audit = true, key = caller.name, scope);
    Trouble::OutOfScope
}

/// What follows the scheme, whose case does not matter (RFC 9110, section 11.1).
fn bearer(value: &[u8]) -> Option<&[u8]> {
    let (scheme, key) = value.split_at_checked(7)?;
    scheme.eq_ignore_ascii_case(b"Bearer ").then_some(key)
}
