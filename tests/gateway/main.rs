//! The real application over real TLS, with a mock processor on the wire. Tests that answer to a
//! row of the security requirements carry its id in their name; `docs/rows.md` explains.

#![expect(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by failing"
)]

mod access;
mod amounts;
mod answer;
mod answers;
mod attack;
mod breaker;
mod browser;
mod callbacks;
mod cards;
mod cards_by_api;
mod care;
mod care_command;
mod carried;
mod clocks;
mod console;
mod console_figures;
mod content;
mod debits;
mod deliveries;
mod description;
mod doors;
mod doubts_by_api;
mod doubts_command;
mod earlier;
mod events;
mod evidence;
mod fitting;
mod flood;
mod forgery;
mod forms;
mod framing;
mod given;
mod headers;
mod house;
#[path = "../postgres/house.rs"]
mod house_on_postgres;
mod idempotency;
mod journeys;
mod known_there;
mod languages;
mod limits;
mod listener;
mod members;
mod message;
mod monitoring;
mod names;
mod operations;
mod operator;
mod outcomes;
mod overdue;
mod paused;
mod paying;
mod problems;
mod raw;
mod reconcile;
mod relay;
mod restart;
mod restored;
mod rotation;
mod rsm;
mod rsm_journeys;
mod samples;
mod schema;
mod second_life;
#[path = "../postgres/server.rs"]
mod server;
mod shared;
mod standin;
mod storm;
mod strangers;
mod streams;
mod supporter;
mod texts;
mod times;
mod upstream;
mod visitor;
mod webhook_shapes;
mod webhooks;
mod wire_by_api;
