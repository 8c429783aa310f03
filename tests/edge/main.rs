//! What happens at our edge, over real sockets: each test is named by its row in security.md,
//! section 5, table D. Time limits are shortened by settings and never measured: a test only asks
//! whether something happened, within a generous guard.
#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test stops at what it does not expect"
)]

mod anybody;
mod certificates;
mod client;
mod crowd;
mod development;
mod floods;
mod framing;
mod handshakes;
mod heads;
mod house;
mod http2;
mod lifetime;
mod proofs;
mod reload;
mod slow;
mod streams;
