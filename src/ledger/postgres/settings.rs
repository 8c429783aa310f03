//! Where the database is, and its limits.

use crate::clock::Clock;
use crate::keys::Keys;
use std::time::Duration;
use zeroize::Zeroizing;

/// Where the database is, and the limits of a [`super::PostgresLedger`]. It holds a password and cannot be
/// printed.
pub struct PostgresSettings {
    /// `postgresql://user@host:port/database`, without a password. Several hosts may be named.
    pub url: String,
    /// The user's password: proved by SCRAM bound to the TLS channel, never sent.
    pub password: Zeroizing<Vec<u8>>,
    /// The only certificate authorities trusted for the server, PEM.
    pub roots: Vec<u8>,
    /// Serve although the database forgets what it acknowledged when it crashes (FM-29).
    pub asynchronous_commit: bool,
    /// Seals links of the chain; nothing is sealed without.
    pub keys: Option<Keys>,
    /// The time.
    pub clock: Clock,
    /// How long a request may wait before it is taken up (security.md, section 5 H: 5 s).
    pub write_wait: Duration,
    /// How many requests may wait to write.
    pub queue: usize,
    /// How many connections at the most, the writer's among them.
    pub connections: usize,
    /// How many writes share one transaction at the most.
    pub batch: usize,
}
