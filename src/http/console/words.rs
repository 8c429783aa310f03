//! How figures, sums, times and states are written for operators.

use crate::clock::london;
use crate::payment::{Development, Fact, Flag, Outcome, Source, State};
use iso_currency::Currency;
use jiff::{SignedDuration, Timestamp};
use std::time::Duration;

/// The states in the order in which they are shown: what was taken first, what is not known last.
pub(super) const SHOWN: [State; 6] = [
    State::Accepted,
    State::Declined,
    State::Cancelled,
    State::Lapsed,
    State::HandedOff,
    State::InDoubt,
];

pub(super) const fn state(state: State) -> &'static str {
    match state {
        State::HandedOff => "Waiting",
        State::InDoubt => "In doubt",
        State::Lapsed => "Lapsed",
        State::Cancelled => "Cancelled",
        State::Declined => "Declined",
        State::Accepted => "Accepted",
    }
}

/// The state's word in the style sheet.
pub(super) const fn class(state: State) -> &'static str {
    match state {
        State::HandedOff => "waiting",
        State::InDoubt => "doubt",
        State::Lapsed => "lapsed",
        State::Cancelled => "cancelled",
        State::Declined => "declined",
        State::Accepted => "accepted",
    }
}

pub(super) const fn development(development: Development) -> &'static str {
    match development {
        Development::Refunded => "Refunded",
        Development::ChargedBack => "Charged back",
        Development::MandateLive => "Mandate live",
        Development::MandateFailed => "Mandate failed",
        Development::MandateCancelled => "Mandate cancelled",
        Development::CollectionPaid => "Collection paid",
        Development::CollectionUnpaid => "Collection unpaid",
    }
}

pub(super) const fn flag(flag: Flag) -> &'static str {
    match flag {
        Flag::Mismatch => "Mismatch: another amount, currency or mode was named",
        Flag::Contradiction => "Contradiction: what was heard does not agree",
        Flag::DoubtOverdue => "Doubt overdue",
        Flag::HandOffOverdue => "Never finished on the processor's page",
    }
}

/// What a person does about it, in a few words.
pub(super) const fn step(flag: Flag) -> &'static str {
    match flag {
        Flag::Mismatch => "ask the processor what it took",
        Flag::Contradiction => "perhaps charged twice: open it, then ask the processor",
        Flag::DoubtOverdue => "wait: the processor is asked by itself",
        Flag::HandOffOverdue => "nothing: the page was left",
    }
}

pub(super) const fn fact(fact: Fact) -> &'static str {
    match fact {
        Fact::Outcome(Outcome::Lapsed) => "Lapsed",
        Fact::Outcome(Outcome::Cancelled) => "Cancelled",
        Fact::Outcome(Outcome::Declined) => "Declined",
        Fact::Outcome(Outcome::Accepted) => "Accepted",
        Fact::Development(it) => development(it),
        Fact::Unrecognised => "A word that is not known",
        Fact::Overdue => "Overdue",
        Fact::NotFound => "The processor never heard of it",
        Fact::Pending => "The processor has not decided",
    }
}

/// By which evidence.
pub(super) const fn source(source: Source) -> &'static str {
    match source {
        Source::Reply => "the processor's answer to our call",
        Source::Notice => "the processor's webhook",
        Source::Enquiry => "the processor's answer to our question",
        Source::Clock => "our own clock",
        Source::Person => "a person of the charity's",
    }
}

/// A count, with a comma before each group of three.
pub(super) fn count(number: u64) -> String {
    let digits = number.to_string();
    let mut told = String::new();
    for (left, digit) in (0..digits.len()).rev().zip(digits.chars()) {
        told.push(digit);
        if left > 0 && left % 3 == 0 {
            told.push(',');
        }
    }
    told
}

/// `1 hand-off`, `2 hand-offs`.
pub(super) fn many(number: u64, one: &str, more: &str) -> String {
    format!("{} {}", count(number), if number == 1 { one } else { more })
}

/// A sum of minor units, which may be nought and larger than any one payment.
pub(super) fn money(minor: u64, currency: Currency) -> String {
    crate::payment::amount::display(minor, currency)
}

/// A part of a whole, to a tenth of a percent; a dash where there is no whole.
pub(super) fn percent(part: u64, whole: u64) -> String {
    let Some(permille) = part.saturating_mul(1000).checked_div(whole) else {
        return "–".to_owned();
    };
    format!("{}.{}%", permille.div_euclid(10), permille.rem_euclid(10))
}

/// How long ago, in the two largest units: `3 h 12 min`.
pub(super) fn age(since: Timestamp, now: Timestamp) -> String {
    age_of(now.duration_since(since).max(SignedDuration::ZERO).as_secs())
}

/// So many seconds, likewise.
pub(super) fn age_of(seconds: i64) -> String {
    let (days, hours) = (seconds.div_euclid(86_400), seconds.rem_euclid(86_400).div_euclid(3600));
    let minutes = seconds.rem_euclid(3600).div_euclid(60);
    match (days, hours, minutes) {
        (0, 0, 0) => format!("{seconds} s"),
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes} min"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// A moment in London, in winter or in summer time.
pub(super) fn moment(at: Timestamp) -> String {
    london::told(at)
}

/// From one short time to another; without an end: all that took longer.
pub(super) fn range(from: Duration, until: Option<Duration>) -> String {
    let Some(until) = until.map(short) else { return format!("over {}", short(from)) };
    let from = if from.is_zero() { "0".to_owned() } else { short(from) };
    // The unit once, where both have the same.
    let unit = until.find(' ').and_then(|at| until.get(at..)).unwrap_or_default();
    let from = from.strip_suffix(unit).unwrap_or(&from);
    format!("{from} to {until}")
}

/// A short time, in the unit that fits.
pub(super) fn short(time: Duration) -> String {
    let micros = time.as_micros();
    let tenths = |of: u128| {
        let tenths = micros.saturating_mul(10).checked_div(of).unwrap_or(0);
        let (whole, part) = (tenths.div_euclid(10), tenths.rem_euclid(10));
        if part == 0 { whole.to_string() } else { format!("{whole}.{part}") }
    };
    if micros < 1_000_000 {
        format!("{} ms", tenths(1000))
    } else {
        format!("{} s", tenths(1_000_000))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_written_as_people_read_them() {
        assert_eq!([0, 999, 1000, 1_234_567].map(count), ["0", "999", "1,000", "1,234,567"]);
        assert_eq!([many(1, "day", "days"), many(2, "day", "days")], ["1 day", "2 days"]);
        assert_eq!([percent(1, 3), percent(3, 3), percent(0, 0)], ["33.3%", "100.0%", "–"]);
        let sum = |minor| money(minor, Currency::GBP);
        assert_eq!([sum(0), sum(50), sum(123_450)], ["£0", "£0.50", "£1,234.50"]);
        assert_eq!(money(1234, Currency::JPY), "1,234 JPY");
        assert_eq!(money(u64::MAX, Currency::GBP), "£184,467,440,737,095,516.15");
    }

    #[test]
    fn times_are_in_the_units_that_fit() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap();
        let old = |since| age(at(since), at("2026-11-26T12:00:00Z"));
        for (since, told) in [
            ("2026-11-26T12:00:05Z", "0 s"),
            ("2026-11-26T11:59:30Z", "30 s"),
            ("2026-11-26T11:18:30Z", "41 min"),
            ("2026-11-26T02:48:30Z", "9 h 11 min"),
            ("2026-11-23T02:48:30Z", "3 d 9 h"),
        ] {
            assert_eq!(old(since), told);
        }
        assert_eq!(moment(at("2026-07-01T10:05:00Z")), "1 Jul 2026, 11:05 BST");
        assert_eq!(moment(at("2026-11-26T10:05:00Z")), "26 Nov 2026, 10:05 GMT");
        let told = [500, 2000, 1_500_000, 16_384_000].map(Duration::from_micros).map(short);
        assert_eq!(told, ["0.5 ms", "2 ms", "1.5 s", "16.3 s"]);
        let micros = Duration::from_micros;
        let told = [(0, 500), (500, 1000), (512_000, 1_024_000), (1_024_000, 2_048_000)]
            .map(|(from, until)| range(micros(from), Some(micros(until))));
        assert_eq!(told, ["0 to 0.5 ms", "0.5 to 1 ms", "512 ms to 1 s", "1 to 2 s"]);
        assert_eq!(range(micros(16_384_000), None), "over 16.3 s");
    }
}
