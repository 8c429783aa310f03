//! Certificates from a real authority: pebble, the test server of Let's Encrypt's makers, which looks at the
//! names over TLS as a real one does. `pebble` and `pebble-challtestsrv` must be installed (Debian: `pebble`).
//!
//! Nothing is measured in time: a test waits for what must happen, within a generous guard.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    reason = "a test stops at what it does not expect"
)]

#[path = "../edge/anybody.rs"]
mod anybody;
mod authority;
mod caches;
mod certificates;
#[expect(dead_code, reason = "the gateway's tests use the rest")]
#[path = "../gateway/evidence.rs"]
mod evidence;
mod house;
mod limits;
#[expect(dead_code, reason = "the command's tests use the rest")]
#[path = "../cli/place.rs"]
mod place;
mod refusals;
mod service;
