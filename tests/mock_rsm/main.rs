//! The mock processor over real TLS and real sockets: what it lets in, what each test card does to
//! the books, the merchant and the supporter, and what it answers.
#![cfg(feature = "mock-rsm")]
#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::disallowed_methods,
    reason = "tests say what went wrong by failing"
)]

mod buttons;
mod calls;
mod cards;
mod command;
mod control;
mod counted;
mod enquiry;
mod handoff;
mod pages;
#[path = "../proxy/port.rs"]
mod port;
mod receiver;
mod rsm2000;
mod stage;
mod webhooks;
