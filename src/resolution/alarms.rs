//! What fails without a word: no webhook comes, none is believed, or they are about the other mode. Each is
//! an alarm of its own, with what is likely behind it. That hand-offs are not heard of is read from the
//! ledger, so that no restart forgets it and every instance knows it; what became of webhooks is counted in
//! memory, since the processor sends one again that was refused.

use super::Resolution;
use crate::ledger::{Entry, LedgerError, Page};
use crate::payment::{Mode, Reference, Source, State};
use crate::processor::Forged;
use jiff::{SignedDuration, Timestamp};
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};
use std::sync::{Mutex, PoisonError};

/// How long a supporter may take on the processor's page, and its webhook to come.
const WEBHOOK_DUE: SignedDuration = SignedDuration::from_mins(30);

/// When an alarm is raised.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AlarmTerms {
    /// Of how many hosted hand-offs in a row no webhook told anything.
    pub silent_hand_offs: usize,
    /// How old the oldest of them may be.
    pub silent_within: SignedDuration,
    /// How many webhooks in a row were refused for their signature, or for their time.
    pub webhooks_refused: u32,
    /// What webhooks must be about.
    pub mode: Mode,
}

/// The alarms, and what they are raised by.
#[derive(Debug)]
pub struct Alarms {
    terms: AlarmTerms,
    not_verified: AtomicU32,
    mistimed: AtomicU32,
    wrong_mode: AtomicBool,
    told: Mutex<Raised>,
}

/// Which are raised, and since when: the first look of this process that found it so.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Raised {
    /// Nobody tells what became of hand-offs.
    pub webhooks_silent: Option<Timestamp>,
    /// The processor signs with another secret.
    pub webhooks_not_verified: Option<Timestamp>,
    /// The processor's clock is another.
    pub webhooks_mistimed: Option<Timestamp>,
    /// The processor tells of test payments here, or of real ones there.
    pub wrong_environment: Option<Timestamp>,
}

/// An alarm, what is likely behind it, and what to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Alarm {
    /// As the log and the metrics call it.
    pub name: &'static str,
    /// As people call it.
    pub told: &'static str,
    /// What is likely behind it.
    pub cause: &'static str,
    /// What to do.
    pub remedy: &'static str,
}

impl Raised {
    /// The alarms, in the order of [`Raised::by_name`].
    const WORDS: [Alarm; 4] = [
        Alarm {
            name: "webhooks_silent",
            told: "Hand-offs are made and no webhook comes",
            cause: "the processor's webhooks do not reach us, or it was told another address",
            remedy: "look at the webhook address and the delivery log at the processor, and at processor.networks",
        },
        Alarm {
            name: "webhooks_not_verified",
            told: "Webhooks have a wrong signature",
            cause: "the processor signs with another secret than ours, or a stranger knocks",
            remedy: "compare the secret of webhooks with the processor's; set both while it is changed",
        },
        Alarm {
            name: "webhooks_mistimed",
            told: "Webhooks are rightly signed and of another time",
            cause: "rightly signed, but of another time: a clock is wrong, or old ones are sent again",
            remedy: "set this machine's clock, by NTP; if it is right, tell the processor",
        },
        Alarm {
            name: "wrong_environment",
            told: "Test and real payments are mixed",
            cause: "the processor tells of test payments to a live service, or the other way round",
            remedy: "compare processor.mode with the account whose webhooks lead here",
        },
    ];

    /// Those that are raised, and since when.
    pub fn each(self) -> impl Iterator<Item = (Alarm, Timestamp)> {
        let raised = self.by_name().into_iter().zip(Self::WORDS);
        raised.filter_map(|((_, since), alarm)| Some((alarm, since?)))
    }

    /// Each by the name that the log and the metrics give it.
    #[must_use]
    pub const fn by_name(self) -> [(&'static str, Option<Timestamp>); 4] {
        let [silent, not_verified, mistimed, wrong_environment] = Self::WORDS;
        [
            (silent.name, self.webhooks_silent),
            (not_verified.name, self.webhooks_not_verified),
            (mistimed.name, self.webhooks_mistimed),
            (wrong_environment.name, self.wrong_environment),
        ]
    }
}

impl Alarms {
    /// None is raised.
    #[must_use]
    pub fn new(terms: AlarmTerms) -> Self {
        Self {
            terms,
            not_verified: AtomicU32::default(),
            mistimed: AtomicU32::default(),
            wrong_mode: AtomicBool::default(),
            told: Mutex::default(),
        }
    }

    /// A webhook was not believed.
    pub(super) fn refused(&self, why: Forged) {
        let count = match why {
            Forged::BadSignature => &self.not_verified,
            Forged::Stale | Forged::Future => &self.mistimed,
            // Not what a processor sends.
            Forged::Unsigned
            | Forged::TooMany
            | Forged::BadTimestamp
            | Forged::Grammar
            | Forged::Duplicated => return,
        };
        count.fetch_add(1, Ordering::Relaxed);
    }

    /// One was: the secret is right and so is the clock, whoever else knocked before.
    pub(super) fn believed(&self, mode: Option<Mode>) {
        self.not_verified.store(0, Ordering::Relaxed);
        self.mistimed.store(0, Ordering::Relaxed);
        if let Some(mode) = mode {
            self.wrong_mode.store(mode != self.terms.mode, Ordering::Relaxed);
        }
    }

    /// What was found at this time, in the order of [`Raised::by_name`], and since when it has been so.
    fn note(&self, found: [bool; 4], at: Timestamp) -> Raised {
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        let before = *told;
        let since = |found: bool, before: Option<Timestamp>| found.then(|| before.unwrap_or(at));
        let [silent, not_verified, mistimed, wrong_environment] = found;
        *told = Raised {
            webhooks_silent: since(silent, before.webhooks_silent),
            webhooks_not_verified: since(not_verified, before.webhooks_not_verified),
            webhooks_mistimed: since(mistimed, before.webhooks_mistimed),
            wrong_environment: since(wrong_environment, before.wrong_environment),
        };
        self.tell(before, *told);
        *told
    }

    /// Says so when one is raised, and when all are over.
    fn tell(&self, before: Raised, now: Raised) {
        let begins =
            |now: Option<Timestamp>, before: Option<Timestamp>| now.is_some() && before.is_none();
        let [silent, not_verified, mistimed, wrong_environment] = Raised::WORDS;
        if begins(now.webhooks_silent, before.webhooks_silent) {
            let hand_offs = self.terms.silent_hand_offs;
            let (reason, advice) = (silent.cause, silent.remedy);
            tracing::error!(event = "webhooks_silent", hand_offs, reason, advice);
        }
        if begins(now.webhooks_not_verified, before.webhooks_not_verified) {
            let (reason, advice) = (not_verified.cause, not_verified.remedy);
            tracing::error!(event = "webhooks_not_verified", reason, advice);
        }
        if begins(now.webhooks_mistimed, before.webhooks_mistimed) {
            let (reason, advice) = (mistimed.cause, mistimed.remedy);
            tracing::error!(event = "webhooks_mistimed", reason, advice);
        }
        if begins(now.wrong_environment, before.wrong_environment) {
            let (reason, advice) = (wrong_environment.cause, wrong_environment.remedy);
            tracing::error!(event = "wrong_environment", reason, advice);
        }
        if now == Raised::default() && before != now {
            tracing::info!(event = "alarms_over");
        }
    }
}

impl Resolution {
    /// Which alarms are raised now, and since when; says in the log what changed.
    pub async fn alarms(&self) -> Result<Raised, LedgerError> {
        let alarms = &self.alarms;
        let many =
            |count: &AtomicU32| count.load(Ordering::Relaxed) >= alarms.terms.webhooks_refused;
        let found = [
            self.is_silent().await?,
            many(&alarms.not_verified),
            many(&alarms.mistimed),
            alarms.wrong_mode.load(Ordering::Relaxed),
        ];
        Ok(alarms.note(found, self.clock.now()))
    }

    /// Whether no webhook told anything of the newest hosted hand-offs of which one is due, nor of any
    /// that came after them.
    async fn is_silent(&self) -> Result<bool, LedgerError> {
        let AlarmTerms { silent_hand_offs, silent_within, .. } = self.alarms.terms;
        let now = self.clock.now();
        let ago = |span| now.checked_sub(span).unwrap_or(Timestamp::UNIX_EPOCH);
        let (due, oldest) = (ago(WEBHOOK_DUE), ago(silent_within));
        let of_a_page = |entry: &Entry| {
            entry.hand_off.opened_as == State::HandedOff && entry.hand_off.opened_at >= oldest
        };
        // Calls stand between them, which are answered at once.
        let limit = silent_hand_offs.saturating_mul(4);
        let page = Page { before: Some(Reference::at(due)), limit, ..Page::default() };
        let mut entries = self.ledger.list(page).await?;
        entries.retain(|entry| of_a_page(entry) && entry.hand_off.opened_at <= due);
        entries.truncate(silent_hand_offs);
        if entries.len() < silent_hand_offs {
            return Ok(false);
        }
        let page = Page { limit: silent_hand_offs, ..Page::default() };
        entries.extend(self.ledger.list(page).await?);
        for entry in entries {
            let events = self.ledger.history(entry.hand_off.reference).await?;
            let told = |source| source == Source::Notice;
            if events.iter().filter_map(|event| event.evidence.as_ref()).any(|it| told(it.source)) {
                return Ok(false);
            }
        }
        Ok(true)
    }
}

#[cfg(test)]
mod tests;
