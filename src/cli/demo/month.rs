//! A month of made-up hand-offs, so that the console has something to show: written through the ledger itself,
//! by its rules and into its chain, dated back. The same every time but for the day on which it ends.

use crate::cli::Failure;
use crate::clock::london;
use crate::ledger::{HandOff, Ledger};
use crate::payment::{
    Amount, Asked, Code, Dialect, EventId, Evidence, Fact, Frequency, Kind, Method, Mode, Outcome,
    ProcessorText, Reference, Source, State,
};
use crate::resolution::asked_about;
use anyhow::Context as _;
use course::{Course, Told};
use fastrand::Rng;
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use iso_currency::Currency;
use jiff::civil::Weekday;
use jiff::{SignedDuration, Span, Timestamp};
use std::sync::Arc;

mod course;

/// Whose chance it is.
const SEED: u64 = 1807;
const DAYS: i64 = 30;
/// An appeal went out on this day, so many days ago.
const APPEAL_DAYS_AGO: i64 = 12;
/// How a day's hand-offs fall to its hours: people give in the evening.
const HOURS: [u32; 24] =
    [2, 1, 0, 0, 0, 1, 2, 4, 6, 7, 7, 7, 9, 7, 6, 6, 7, 9, 12, 15, 16, 13, 8, 4];
/// How many writes wait for the disk together.
const AT_ONCE: usize = 256;
/// How old a doubt is when it is flagged, and how old those are that are made up (docs/doubts.md).
const DOUBT_OVERDUE_AFTER: SignedDuration = SignedDuration::from_mins(5);
const DOUBTS: [i64; 3] = [52, 7, 1];
/// The stand-in has never heard of what is made up, and would say so: whoever looks at the doubts finds them in doubt.
const LEFT_ALONE: SignedDuration = SignedDuration::from_mins(20);

/// One write, and when it was made.
struct Deed {
    at: Timestamp,
    what: What,
}

enum What {
    Open(Box<HandOff>),
    Hear(Reference, Box<Evidence>),
    /// Nothing is awaited any more of a page that was left.
    Rest(Reference),
}

/// Writes it; how many hand-offs it has.
pub(super) async fn write(ledger: &Arc<dyn Ledger>, now: Timestamp) -> Result<usize, Failure> {
    let (mut deeds, doubts) = imagine(now)?;
    deeds.sort_by_key(|deed| deed.at);
    number(&mut deeds, now.saturating_sub(SignedDuration::from_hours(DAYS.saturating_mul(24)))?);
    let hand_offs = deeds.iter().filter(|deed| matches!(deed.what, What::Open(_))).count();
    let done = stream::iter(deeds).map(|deed| perform(ledger, deed)).buffered(AT_ONCE);
    done.try_collect::<Vec<()>>().await?;
    for (reference, opened_at) in doubts {
        let (tries, next) = asked_about(reference, opened_at, DOUBT_OVERDUE_AFTER, now);
        let next = next.max(now.saturating_add(LEFT_ALONE)?);
        for _ in 0..tries {
            // The first of all that is due: nothing else is asked about.
            ledger.reschedule(reference, Some(Timestamp::UNIX_EPOCH)).await?;
            ledger.claim(now, next, 1).await?;
        }
    }
    Ok(hand_offs)
}

/// The processor's own references, as its stand-in gives them: when it was started, and which attempt it was.
fn number(deeds: &mut [Deed], started: Timestamp) {
    let mut given = 0_u32;
    for deed in deeds {
        if let What::Hear(_, evidence) = &mut deed.what
            && let Fact::Outcome(Outcome::Accepted | Outcome::Declined) = evidence.fact
        {
            given = given.saturating_add(1);
            let theirs = format!("T{}:{given}", started.as_second());
            evidence.processor_reference = ProcessorText::parse(&theirs);
        }
    }
}

async fn perform(ledger: &Arc<dyn Ledger>, deed: Deed) -> Result<(), Failure> {
    match deed.what {
        What::Open(hand_off) => {
            let due_at = deed.at.saturating_add(SignedDuration::from_mins(90))?;
            ledger.open(*hand_off, None, due_at).await.map(|_| ())?;
        }
        What::Hear(reference, evidence) => {
            ledger.conclude(reference, *evidence, deed.at).await.map(|_| ())?;
        }
        What::Rest(reference) => ledger.reschedule(reference, None).await?,
    }
    Ok(())
}

/// What is in doubt, and since when.
type Doubts = Vec<(Reference, Timestamp)>;

/// All that happened, and which of it is in doubt.
fn imagine(now: Timestamp) -> Result<(Vec<Deed>, Doubts), Failure> {
    let mut rng = Rng::with_seed(SEED);
    let (mut deeds, mut doubts) = (Vec::new(), Vec::new());
    for (number, at) in (0_usize..).zip(moments(&mut rng, now)) {
        let hand_off = hand_off(&mut rng, at)?;
        let course = Course::of(&mut rng, number, &hand_off.asked);
        let (reference, asked) = (hand_off.reference, hand_off.asked.clone());
        let opened_as = if course.by_api() { State::InDoubt } else { State::HandedOff };
        let hand_off = HandOff { opened_as, ..hand_off };
        deeds.push(Deed { at, what: What::Open(Box::new(hand_off)) });
        let told = course.told(&mut rng, &asked).into_iter();
        for (after, told) in told {
            let when = at.saturating_add(after)?;
            if when < now {
                let evidence = Box::new(evidence(&mut rng, &asked, told, when)?);
                deeds.push(Deed { at: when, what: What::Hear(reference, evidence) });
            }
        }
        if let Some(after) = course.rests_after() {
            let when = at.saturating_add(after)?;
            if when < now {
                deeds.push(Deed { at: when, what: What::Rest(reference) });
            }
        }
    }
    for hours in DOUBTS {
        let at = now.saturating_sub(SignedDuration::from_hours(hours))?;
        let hand_off = HandOff { opened_as: State::InDoubt, ..hand_off(&mut rng, at)? };
        let (reference, asked) = (hand_off.reference, hand_off.asked.clone());
        deeds.push(Deed { at, what: What::Open(Box::new(hand_off)) });
        let when = at.saturating_add(DOUBT_OVERDUE_AFTER)?;
        let evidence = Box::new(evidence(&mut rng, &asked, Told::clock(Fact::Overdue), when)?);
        deeds.push(Deed { at: when, what: What::Hear(reference, evidence) });
        doubts.push((reference, at));
    }
    Ok((deeds, doubts))
}

/// When hand-offs were made, of 30 days until now.
fn moments(rng: &mut Rng, now: Timestamp) -> Vec<Timestamp> {
    let today = london::date(now);
    let weights: u32 = HOURS.iter().sum();
    let mut moments = Vec::new();
    for back in (0..DAYS).rev() {
        let date = today.saturating_sub(Span::new().days(back));
        let usual: u32 = match date.weekday() {
            Weekday::Sunday => 58,
            Weekday::Saturday => 46,
            Weekday::Friday => 34,
            Weekday::Monday | Weekday::Tuesday | Weekday::Wednesday | Weekday::Thursday => 40,
        };
        let more = match APPEAL_DAYS_AGO.saturating_sub(back) {
            0 => 64,
            1 => 38,
            2 => 17,
            _ => 0,
        };
        for _ in 0..rng.u32(usual..usual.saturating_add(12)).saturating_add(more) {
            let mut drawn = rng.u32(0..weights);
            let hour = HOURS.iter().position(|weight| {
                let is_it = drawn < *weight;
                drawn = drawn.saturating_sub(*weight);
                is_it
            });
            let hour = i8::try_from(hour.unwrap_or(0)).unwrap_or(0);
            moments.push(london::time(date.at(hour, rng.i8(0..60), rng.i8(0..60), 0)));
        }
    }
    moments.retain(|at| *at < now);
    moments
}

fn hand_off(rng: &mut Rng, at: Timestamp) -> Result<HandOff, Failure> {
    let millis = u64::try_from(at.as_millisecond())?;
    let mut chance = [0; 10];
    rng.fill(&mut chance);
    let id = uuid::Builder::from_unix_timestamp_millis(millis, &chance).into_uuid();
    let reference = Reference::from_bytes(id.as_bytes()).context("a version 7")?;
    Ok(HandOff { reference, opened_at: at, opened_as: State::HandedOff, asked: asked(rng)? })
}

fn asked(rng: &mut Rng) -> Result<Asked, Failure> {
    let one_in = |rng: &mut Rng, times: u32| rng.u32(0..times) == 0;
    let joins = one_in(rng, 6);
    let (frequency, minor, plan) = if joins && one_in(rng, 3) {
        (Frequency::Yearly, 6000, Some("family"))
    } else if joins {
        (Frequency::Monthly, 400, Some("friend"))
    } else {
        let frequency = match rng.u32(0..100) {
            0..62 => Frequency::Once,
            62..94 => Frequency::Monthly,
            _ => Frequency::Yearly,
        };
        let sums = match frequency {
            Frequency::Monthly => [500, 1000, 1000, 1500, 2000, 2500],
            Frequency::Once | Frequency::Quarterly | Frequency::HalfYearly | Frequency::Yearly => {
                [1000, 2500, 2500, 5000, 10_000, 7500]
            }
        };
        (frequency, rng.choice(sums).unwrap_or(2500), None)
    };
    let by_debit = match (joins, frequency) {
        (_, Frequency::Once) => false,
        (true, _) => rng.u32(0..10) < 7,
        (false, _) => rng.bool(),
    };
    let abroad = plan.is_none() && !by_debit && one_in(rng, 20);
    let appeal = match rng.u32(0..10) {
        0..5 => None,
        5..8 => Some("WINTER-LIGHTS"),
        _ => Some("LIFEBOAT"),
    };
    let currency = if abroad { Currency::EUR } else { Currency::GBP };
    Ok(Asked {
        kind: if joins { Kind::Join } else { Kind::Donate },
        method: if by_debit { Method::DirectDebit } else { Method::Card },
        dialect: Dialect::Signed,
        mode: Mode::Test,
        amount: Amount::new(minor, currency)?,
        frequency,
        plan: plan.and_then(Code::parse),
        appeal: appeal.and_then(Code::parse),
        gift_aid: !abroad && rng.u32(0..10) < 6,
        merchant_reference: None,
    })
}

fn evidence(rng: &mut Rng, asked: &Asked, told: Told, at: Timestamp) -> Result<Evidence, Failure> {
    let Told { source, fact, code, other_sum } = told;
    let mut id = [0; 16];
    rng.fill(&mut id);
    let of_money = match fact {
        Fact::Outcome(_) => true,
        Fact::Development(it) => !it.is_of_mandate(),
        Fact::Unrecognised | Fact::Overdue | Fact::NotFound | Fact::Pending => false,
    };
    let minor =
        if other_sum { asked.amount.minor().saturating_add(500) } else { asked.amount.minor() };
    Ok(Evidence {
        id: EventId(id),
        source,
        fact,
        amount: of_money.then(|| Amount::new(minor, asked.amount.currency())).transpose()?,
        mode: (source == Source::Notice).then_some(asked.mode),
        processor_reference: None,
        code: code.and_then(ProcessorText::parse),
        occurred_at: at,
    })
}
