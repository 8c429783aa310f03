//! Straight to the processor: the same signed bytes by the same client, and nothing written down.
//!
//! A connection that carried a card is closed after its answer, so each payment has one of its own, here
//! as in Almoner. TLS sessions are resumed on both sides alike.

use super::reference;
use super::sample::{CARD, CONTACT, asked, text};
use almoner::clock::{Clock, london};
use almoner::config::{Document, Settings};
use almoner::handoff::HandOff;
use almoner::payment::{Card, Contact, State};
use almoner::processor::{Instruction, Processor, Reply, Wanted};
use std::time::{Duration, Instant};

pub(crate) struct Direct(Processor);

impl Direct {
    pub(crate) fn new(settings: &Settings, document: &Document) -> Self {
        Self(settings.processor(document).unwrap())
    }

    /// Pays once; how long it took from the first byte of the connection to the answer that is believed.
    pub(crate) async fn pay(&self) -> Duration {
        let now = Clock::system().now();
        let opened_as = State::InDoubt;
        let hand_off =
            HandOff { reference: reference(), opened_at: now, opened_as, asked: asked() };
        let contact = Contact::check(|field| text(&CONTACT, field)).unwrap();
        let card = Card::check(|field| text(&CARD, field), london::date(now)).unwrap();
        let wanted = Wanted {
            hand_off: &hand_off,
            contact: &contact,
            instruction: &Instruction::Card(card),
            return_url: "https://www.charity.test/",
        };
        let order = self.0.order(&wanted, now).unwrap();
        let began = Instant::now();
        let reply = self.0.place(order, now).await;
        let took = began.elapsed();
        assert!(matches!(reply, Reply::Decided(_, _)), "{reply:?}");
        took
    }
}
