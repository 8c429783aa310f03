//! The Direct Debit bureau: mandates, collections, batches, and the days that move them.

mod collection;
mod day;
mod mandate;

pub use collection::{CollectionKind, CollectionRow, Money, Sending};
pub use mandate::{MandateRow, MandateState};

pub(super) use collection::Collection;
pub(super) use mandate::{Mandate, Plan};

use super::calendar::Calendar;
use super::settings::Rsm2000Settings;
use crate::payment::Private;
use jiff::civil::Date;

/// Everything the bureau knows.
#[derive(Debug)]
pub(super) struct Bureau {
    pub(super) calendar: Calendar,
    pub(super) mandates: Vec<Mandate>,
    pub(super) collections: Vec<Collection>,
    pub(super) batches: Vec<Batch>,
    sun: String,
    given: u32,
}

/// What was sent to Bacs, or to the printer of letters, at the end of a day.
#[derive(Clone, Debug)]
pub(super) struct Batch {
    pub(super) kind: BatchKind,
    pub(super) created: Date,
    pub(super) name: String,
    /// When its collections are due.
    pub(super) due: Option<Date>,
    pub(super) total: u32,
    pub(super) failed: u32,
    pub(super) pence: i64,
    pub(super) failed_pence: i64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum BatchKind {
    Mandates,
    Collections,
    Letters,
}

/// What is needed to lodge a mandate.
pub(super) struct Application {
    pub(super) reference: Option<String>,
    pub(super) client_ref: String,
    pub(super) person: Vec<(&'static str, Private)>,
    pub(super) plan: Option<Plan>,
    pub(super) kind: String,
    pub(super) short_id: String,
    pub(super) payment_ref: String,
}

impl Bureau {
    pub(super) fn new(settings: &Rsm2000Settings, today: Date) -> Self {
        Self {
            calendar: Calendar::new(today, settings.bank_holidays.clone()),
            mandates: Vec::new(),
            collections: Vec::new(),
            batches: Vec::new(),
            sun: settings.sun.clone(),
            given: 0,
        }
    }

    /// Lodges a mandate that was checked; its `ddRefNo`.
    pub(super) fn lodge(&mut self, application: Application) -> String {
        self.given = self.given.saturating_add(1);
        let today = self.calendar.today();
        let reference = application.reference.unwrap_or_else(|| format!("DD{:08}", self.given));
        let number = application.person.iter().find(|(name, _)| *name == "accountNumber");
        let fate =
            crate::mock_rsm::instrument::fate_of(number.map_or("", |(_, number)| number.reveal()));
        self.mandates.push(Mandate {
            reference: reference.clone(),
            client_ref: application.client_ref,
            person: application.person,
            next_due: application.plan.map(|plan| plan.start),
            plan: application.plan,
            kind: application.kind,
            short_id: application.short_id,
            payment_ref: application.payment_ref,
            state: MandateState::New,
            fail_reason: String::new(),
            created: today,
            updated: today,
            batched: None,
            live_since: None,
            collected: 0,
            fate,
            past: false,
        });
        reference
    }

    /// The mandate of today with this `ddRefNo`.
    pub(super) fn mandate(&self, reference: &str) -> Option<&Mandate> {
        self.mandates.iter().find(|mandate| !mandate.past && mandate.reference == reference)
    }

    pub(super) fn mandate_mut(&mut self, reference: &str) -> Option<&mut Mandate> {
        self.mandates.iter_mut().find(|mandate| !mandate.past && mandate.reference == reference)
    }

    pub(super) fn rows_of(&self, client_ref: &str) -> Vec<MandateRow> {
        let own = self.mandates.iter().filter(|mandate| mandate.client_ref == client_ref);
        own.filter(|mandate| !mandate.past).map(Mandate::row).collect()
    }

    pub(super) fn collections_of(&self, client_ref: &str) -> Vec<CollectionRow> {
        let of_client = |collection: &&Collection| {
            self.mandate(&collection.reference).is_some_and(|held| held.client_ref == client_ref)
        };
        self.collections.iter().filter(of_client).map(Collection::row).collect()
    }
}
