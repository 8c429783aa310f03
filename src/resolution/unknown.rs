//! What an answer that settles nothing leaves behind. It is written into the record, so that neither a
//! restart nor another instance forgets what the processor said (security.md, 4.3).

use super::Resolution;
use crate::ledger::{HandOff, LedgerError};
use crate::payment::{
    EventId, Evidence, Fact, Outcome, ProcessorText, Reference, Source, Standing,
};
use jiff::{SignedDuration, Timestamp};

/// Over how long the processor must have said that it knows nothing.
const SPREAD: SignedDuration = SignedDuration::from_mins(30);
/// How far apart two of its answers are at the least, so that a supporter who reloads a page does not
/// make three of one.
const APART: SignedDuration = SignedDuration::from_mins(5);
/// How many answers before the last one.
const BEFORE: usize = 2;

/// What the processor said before of a reference, without settling it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Said {
    /// When it said that it never heard of it, oldest first, as far as that is known.
    unknown: Vec<Timestamp>,
    /// How often it said so before the clock jumped: how long ago that was, nobody can say.
    before: usize,
    /// Whether it ever said anything else of it.
    known: bool,
}

/// What to do with one more answer "never heard of it".
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Weight {
    /// It says no more than the ones before, or comes too soon to say anything.
    None,
    /// It is one more, the first from 0 on.
    OneMore(usize),
    /// It is the last of enough: there is no such payment.
    Enough,
    /// The processor has known it before: it cannot have lost it, and someone must look.
    Inconsistent,
}

impl Said {
    fn weigh(&self, sent_by: Timestamp, now: Timestamp) -> Weight {
        if self.known {
            return Weight::Inconsistent;
        }
        let since = |then: &Timestamp| now.duration_since(*then);
        match (self.unknown.first().map(since), self.unknown.last().map(since)) {
            _ if now < sent_by => Weight::None,
            (_, Some(last)) if last < APART => Weight::None,
            (Some(first), _) if self.unknown.len() >= BEFORE => {
                if first >= SPREAD {
                    Weight::Enough
                } else {
                    Weight::None
                }
            }
            _ => Weight::OneMore(self.before.saturating_add(self.unknown.len())),
        }
    }
}

impl Resolution {
    /// The processor never heard of it. Once is no proof: it may be behind, or our question was quicker
    /// than our request. Three times over half an hour, when nothing can be on its way any more, is.
    pub(super) async fn never_heard_of(
        &self,
        hand_off: &HandOff,
        now: Timestamp,
    ) -> Result<Option<Standing>, LedgerError> {
        let reference = hand_off.reference;
        // A call waits for its turn as long as for its answer, at the most.
        let longest = self.call_timeout.saturating_mul(2);
        let sent_by = hand_off.opened_at.saturating_add(longest).unwrap_or(now);
        let said = self.said(reference).await?;
        let evidence = match said.weigh(sent_by, now) {
            Weight::None => return Ok(None),
            Weight::Inconsistent => {
                tracing::warn!(event = "enquiry_inconsistent", %reference);
                return Ok(None);
            }
            Weight::OneMore(nth) => heard(reference, Fact::NotFound, nth, now),
            Weight::Enough => Evidence {
                amount: Some(hand_off.asked.amount),
                code: ProcessorText::parse("not_found"),
                ..heard(reference, Fact::Outcome(Outcome::Lapsed), BEFORE, now)
            },
        };
        self.record(reference, evidence, now).await
    }

    /// The processor knows it and has not decided.
    pub(super) async fn undecided(
        &self,
        reference: Reference,
        now: Timestamp,
    ) -> Result<Option<Standing>, LedgerError> {
        self.record(reference, heard(reference, Fact::Pending, 0, now), now).await
    }

    async fn said(&self, reference: Reference) -> Result<Said, LedgerError> {
        let mut said = Said::default();
        let jumped_to = self.clock.look().jumped_to;
        let history = self.ledger.history(reference).await?;
        for evidence in history.into_iter().filter_map(|event| event.evidence) {
            match (evidence.source, evidence.fact) {
                (Source::Clock | Source::Person, _) => {}
                (_, Fact::NotFound) if jumped_to.is_some_and(|to| evidence.occurred_at < to) => {
                    said.before = said.before.saturating_add(1);
                }
                (_, Fact::NotFound) => said.unknown.push(evidence.occurred_at),
                _ => said.known = true,
            }
        }
        Ok(said)
    }
}

/// The same for two chasers that hear it at once (security.md, FM-84).
fn heard(reference: Reference, fact: Fact, nth: usize, now: Timestamp) -> Evidence {
    let nth = nth.to_be_bytes();
    let parts: [&[u8]; 3] = [reference.as_bytes(), fact.word().as_bytes(), &nth];
    Evidence {
        id: EventId::of(Source::Enquiry, &parts),
        source: Source::Enquiry,
        fact,
        amount: None,
        mode: None,
        processor_reference: None,
        code: None,
        occurred_at: now,
    }
}

#[cfg(test)]
#[expect(clippy::arithmetic_side_effects, reason = "numbers of the tests' own")]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn at(minute: i64) -> Timestamp {
        Timestamp::from_second(1_767_225_600 + minute * 60).unwrap()
    }

    /// At which of these minutes it is found that there is no such payment.
    fn lapses(minutes: &[i64]) -> Option<i64> {
        let mut said = Said::default();
        for minute in minutes {
            match said.weigh(at(1), at(*minute)) {
                Weight::OneMore(nth) => {
                    assert_eq!(nth, said.unknown.len());
                    said.unknown.push(at(*minute));
                }
                Weight::Enough => return Some(*minute),
                Weight::None | Weight::Inconsistent => {}
            }
        }
        None
    }

    #[test]
    fn three_answers_over_half_an_hour_are_enough() {
        assert_eq!(lapses(&[1, 2, 5, 10, 30, 60]), Some(60));
        assert_eq!(lapses(&[1, 10, 31]), Some(31));
        assert_eq!(lapses(&[1, 10, 30]), None, "not yet half an hour");
        assert_eq!(lapses(&[1, 31]), None, "two are not enough");
        assert_eq!(lapses(&[0, 10, 31]), None, "the first came while it may have been on its way");
        assert_eq!(lapses(&[1, 2, 3, 4, 31]), None, "four in a row are one");
    }

    #[test]
    fn what_was_known_once_is_never_found_missing() {
        let said = Said { known: true, unknown: vec![at(1), at(10)], before: 0 };
        assert_eq!(said.weigh(at(1), at(60)), Weight::Inconsistent);
    }

    proptest! {
        #[test]
        fn fewer_than_three_or_less_than_half_an_hour_are_never_enough(
            mut minutes in proptest::collection::vec(0_i64..90, 0..12)
        ) {
            minutes.sort_unstable();
            if let Some(end) = lapses(&minutes) {
                let heard: Vec<_> = minutes.iter().filter(|it| (1..=end).contains(*it)).collect();
                prop_assert!(heard.len() >= 3);
                prop_assert!(end - **heard.first().unwrap() >= 30);
            }
        }
    }
}
