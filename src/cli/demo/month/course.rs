//! What became of a made-up hand-off, from its first word to its last.

use crate::payment::{Asked, Development, Fact, Method, Outcome, Source};
use fastrand::Rng;
use jiff::SignedDuration;

/// What somebody said of it.
#[derive(Clone, Copy)]
pub(super) struct Told {
    pub(super) source: Source,
    pub(super) fact: Fact,
    pub(super) code: Option<&'static str>,
    /// Whether it names another sum than was asked for.
    pub(super) other_sum: bool,
}

impl Told {
    const fn of(source: Source, outcome: Outcome, code: Option<&'static str>) -> Self {
        Self { source, fact: Fact::Outcome(outcome), code, other_sum: false }
    }

    const fn later(what: Development, code: Option<&'static str>) -> Self {
        let fact = Fact::Development(what);
        Self { source: Source::Notice, fact, code, other_sum: false }
    }

    /// Our own clock.
    pub(super) const fn clock(fact: Fact) -> Self {
        Self { source: Source::Clock, fact, code: None, other_sum: false }
    }
}

/// How it went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Course {
    Accepted,
    /// By a call of a program's, which is answered at once.
    Called,
    Declined,
    /// Another card, and that was taken.
    SecondCard,
    Cancelled,
    /// Left on the processor's page, which says nothing of it.
    Left,
    /// Left, and the processor was asked.
    Lapsed,
    /// The processor names another sum.
    Mismatched,
    /// Taken twice, by its own references.
    Doubled,
}

impl Course {
    /// Most go well.
    pub(super) fn of(rng: &mut Rng, number: usize, asked: &Asked) -> Self {
        match (number, rng.u32(0..1000)) {
            (311 | 1204, _) => Self::Mismatched,
            (877, _) => Self::Doubled,
            (_, 0..64) if asked.method == Method::Card => Self::Declined,
            (_, 64..92) if asked.method == Method::Card => Self::SecondCard,
            (_, 92..180) if asked.method == Method::Card => Self::Called,
            (_, 180..232) => Self::Cancelled,
            (_, 232..252) => Self::Left,
            (_, 252..280) => Self::Lapsed,
            _ => Self::Accepted,
        }
    }

    pub(super) fn by_api(self) -> bool {
        self == Self::Called
    }

    /// When it is not asked about any more.
    pub(super) fn rests_after(self) -> Option<SignedDuration> {
        match self {
            Self::Left => Some(SignedDuration::from_mins(91)),
            Self::Declined | Self::Cancelled | Self::Lapsed => Some(SignedDuration::from_hours(3)),
            Self::Mismatched => Some(SignedDuration::from_mins(30)),
            Self::Accepted | Self::Called | Self::SecondCard | Self::Doubled => None,
        }
    }

    /// Everything that was said, and how long after the beginning.
    pub(super) fn told(self, rng: &mut Rng, asked: &Asked) -> Vec<(SignedDuration, Told)> {
        use Outcome as O;
        let soon = SignedDuration::from_secs(rng.i64(35..260));
        let notice = |outcome, code| Told::of(Source::Notice, outcome, code);
        let accepted = notice(O::Accepted, Some("approved"));
        // The words of the stand-in's own cards.
        let refusal = rng.choice(["do_not_honour", "do_not_honour", "insufficient_funds"]);
        let declined = notice(O::Declined, refusal);
        let minutes = SignedDuration::from_mins;
        let mut told = match self {
            Self::Accepted => vec![(soon, accepted)],
            Self::Called => {
                let answer = Told::of(Source::Reply, O::Accepted, Some("approved"));
                vec![(SignedDuration::from_millis(rng.i64(400..2900)), answer)]
            }
            Self::Declined => vec![(soon, declined)],
            Self::SecondCard => vec![(soon, declined), (soon.saturating_mul(2), accepted)],
            Self::Cancelled => vec![(soon, notice(O::Cancelled, None))],
            Self::Left => vec![(minutes(90), Told::clock(Fact::Overdue))],
            Self::Lapsed => vec![
                (minutes(90), Told::clock(Fact::Overdue)),
                (minutes(121), Told::of(Source::Enquiry, O::Lapsed, None)),
            ],
            Self::Mismatched => vec![(soon, Told { other_sum: true, ..accepted })],
            Self::Doubled => vec![(soon, accepted), (soon.saturating_mul(3), accepted)],
        };
        if matches!(self, Self::Accepted | Self::Called | Self::SecondCard) {
            told.extend(second_life(rng, asked.method));
        }
        told
    }
}

/// What follows an acceptance: a mandate goes live and is collected from; money is given back at times.
fn second_life(rng: &mut Rng, method: Method) -> Vec<(SignedDuration, Told)> {
    let days = |days: i64| SignedDuration::from_hours(days.saturating_mul(24));
    let later = Told::later;
    match (method, rng.u32(0..100)) {
        (Method::Card, 0) => vec![(days(rng.i64(1..9)), later(Development::Refunded, None))],
        (Method::Card, _) => Vec::new(),
        // Bacs: no account, refer to payer.
        (Method::DirectDebit, 0..4) => {
            vec![(days(4), later(Development::MandateFailed, Some("5")))]
        }
        (Method::DirectDebit, 4..6) => vec![
            (days(3), later(Development::MandateLive, None)),
            (days(rng.i64(5..12)), later(Development::MandateCancelled, Some("1"))),
        ],
        (Method::DirectDebit, 6..12) => vec![
            (days(3), later(Development::MandateLive, None)),
            (days(13), later(Development::CollectionUnpaid, Some("0"))),
        ],
        (Method::DirectDebit, _) => vec![
            (days(3), later(Development::MandateLive, None)),
            (days(13), later(Development::CollectionPaid, None)),
        ],
    }
}
