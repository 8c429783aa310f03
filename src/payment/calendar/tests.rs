#![expect(clippy::arithmetic_side_effects, reason = "the days of a test are near")]

use super::*;
use jiff::civil::date;
use proptest::prelude::*;

const SHIPPED: &str = include_str!("../../../config/bank-holidays.json");

fn shipped() -> Calendar {
    Calendar::parse(SHIPPED).unwrap()
}

/// Easter Sunday by Gauss's rule of 1800, which holds from 1900 to 2099.
fn easter(year: i16) -> Date {
    let moon = (19 * (year % 19) + 24) % 30;
    let sunday = (2 * (year % 4) + 4 * (year % 7) + 6 * moon + 5) % 7;
    let late = sunday == 6 && (moon == 29 || (moon == 28 && year % 19 > 10));
    let days = if late { moon + sunday - 7 } else { moon + sunday };
    date(year, 3, 22) + i32::from(days).days()
}

fn mondays(year: i16, month: i8) -> Vec<Date> {
    let days = date(year, month, 1).days_in_month();
    let month = (1..=days).map(|day| date(year, month, day));
    month.filter(|day| day.weekday() == Weekday::Monday).collect()
}

/// A holiday of a fixed date, moved to the first day that is no weekend and not taken already.
fn moved(day: Date, taken: &[Date]) -> Date {
    let free = |day: &Date| {
        !matches!(day.weekday(), Weekday::Saturday | Weekday::Sunday) && !taken.contains(day)
    };
    (0..7).map(|later| day + later.days()).find(free).unwrap()
}

/// What the law says, without any list.
fn by_rule(year: i16) -> BTreeSet<Date> {
    let easter = easter(year);
    let christmas = date(year, 12, 25);
    let boxing = date(year, 12, 26);
    // Boxing Day keeps its place where it is a Monday; Christmas Day then has the Tuesday.
    let (christmas, boxing) = if christmas.weekday() == Weekday::Sunday {
        (moved(christmas, &[boxing]), boxing)
    } else {
        let christmas = moved(christmas, &[]);
        (christmas, moved(boxing, &[christmas]))
    };
    BTreeSet::from([
        moved(date(year, 1, 1), &[]),
        easter - 2.days(),
        easter + 1.days(),
        mondays(year, 5)[0],
        *mondays(year, 5).last().unwrap(),
        *mondays(year, 8).last().unwrap(),
        christmas,
        boxing,
    ])
}

#[test]
fn the_shipped_list_is_what_the_law_says() {
    assert_eq!(easter(2024), date(2024, 3, 31));
    assert_eq!(easter(2025), date(2025, 4, 20));
    assert_eq!(easter(2011), date(2011, 4, 24));
    let calendar = shipped();
    assert_eq!(calendar.years(), 2025..=2028);
    for year in 2025..=2028 {
        let listed: BTreeSet<Date> =
            calendar.holidays.iter().copied().filter(|day| day.year() == year).collect();
        assert_eq!(listed, by_rule(year));
    }
    // Known from almanacs: Christmas on a Saturday (2021) and on a Sunday (2022).
    assert!(
        by_rule(2021).contains(&date(2021, 12, 27)) && by_rule(2021).contains(&date(2021, 12, 28))
    );
    assert!(
        by_rule(2022).contains(&date(2022, 12, 26)) && by_rule(2022).contains(&date(2022, 12, 27))
    );
}

#[test]
fn a_year_that_is_not_listed_is_not_without_holidays() {
    let calendar = shipped();
    for day in [date(2024, 12, 31), date(2029, 1, 1), date(2029, 1, 2), date(2029, 1, 6)] {
        assert!(!calendar.covers(day));
        assert_eq!(calendar.is_working_day(day), Err(Unlisted { year: day.year() }));
    }
    let unlisted = Err(Unlisted { year: 2029 });
    assert_eq!(calendar.add_working_days(date(2028, 12, 28), 2), unlisted);
    assert_eq!(calendar.add_working_days(date(2028, 12, 28), 1), Ok(date(2028, 12, 29)));
    let between = calendar.working_days_between(date(2028, 12, 28), date(2029, 1, 2));
    assert_eq!(between, Err(Unlisted { year: 2029 }));
    let start = calendar.earliest_start(date(2028, 12, 18), 5, Some(&[1]));
    assert_eq!(start, Err(NoStart::Unlisted(Unlisted { year: 2029 })));
    let end = Date::MAX;
    assert_eq!(next(end), Err(Unlisted { year: end.year() }));
}

#[test]
fn working_days_over_easter_and_christmas() {
    let calendar = shipped();
    assert_eq!(calendar.add_working_days(date(2026, 4, 2), 1), Ok(date(2026, 4, 7)));
    assert_eq!(calendar.add_working_days(date(2026, 12, 23), 5), Ok(date(2027, 1, 4)));
    assert_eq!(calendar.add_working_days(date(2026, 12, 26), 0), Ok(date(2026, 12, 26)));
    let between = calendar.working_days_between(date(2026, 12, 23), date(2027, 1, 4));
    assert_eq!(between, Ok(5));
    assert_eq!(calendar.working_days_between(date(2026, 4, 2), date(2026, 4, 6)), Ok(0));
    assert_eq!(calendar.working_days_between(date(2026, 4, 6), date(2026, 4, 2)), Ok(0));
}

#[test]
fn the_first_collection() {
    let start =
        |today, at_least, days: &[i8]| shipped().earliest_start(today, at_least, Some(days));
    let today = date(2026, 11, 23);
    assert_eq!(shipped().earliest_start(today, 10, None), Ok(date(2026, 12, 7)));
    assert_eq!(start(today, 10, &[1, 15]), Ok(date(2026, 12, 15)));
    assert_eq!(start(today, 5, &[15, 1]), Ok(date(2026, 12, 1)));
    assert_eq!(start(today, 5, &[30]), Ok(date(2026, 11, 30)));
    // The 1st of January is a holiday and the 2nd a Saturday.
    assert_eq!(start(date(2026, 12, 10), 10, &[1]), Ok(date(2027, 1, 4)));
    // Sunday the 31st moves on to the 1st, which is far enough where the 31st was not.
    assert_eq!(start(date(2027, 1, 25), 5, &[31]), Ok(date(2027, 2, 1)));
    assert_eq!(start(date(2027, 2, 1), 5, &[31]), Ok(date(2027, 3, 1)), "28 February is a Sunday");
    assert_eq!(start(date(2025, 1, 1), 1, &[31]), Ok(date(2025, 1, 31)));
    assert_eq!(shipped().earliest_start(date(2026, 11, 21), 0, None), Ok(date(2026, 11, 23)));
}

#[test]
fn no_first_collection() {
    let today = date(2026, 11, 23);
    assert_eq!(shipped().earliest_start(today, 300, None), Err(NoStart::TooFar));
    for days in [&[][..], &[0], &[32], &[1, -1]] {
        assert_eq!(shipped().earliest_start(today, 5, Some(days)), Err(NoStart::NoDay));
    }
    let year_out = shipped().earliest_start(today, 272, None).unwrap();
    assert!(year_out <= date(2027, 12, 23), "{year_out}");
}

#[test]
fn a_start_may_be_put_off_to_any_day_of_collection() {
    let (calendar, today) = (shipped(), date(2026, 11, 23));
    let may = |start, days: &[i8]| calendar.may_start(start, today, 10, days).unwrap();
    for start in [date(2026, 12, 7), date(2027, 3, 10), date(2027, 12, 23)] {
        assert!(may(start, &[]), "{start}");
    }
    for wrong in
        [today, date(2026, 12, 4), date(2026, 12, 12), date(2027, 12, 24), date(2026, 1, 1)]
    {
        assert!(!may(wrong, &[]), "{wrong}");
    }
    assert!(may(date(2027, 1, 4), &[1]), "the first is a holiday and then it is the weekend");
    assert!(may(date(2027, 2, 15), &[1, 15]) && !may(date(2027, 2, 16), &[1, 15]));
    assert!(matches!(
        calendar.may_start(date(2034, 1, 3), date(2033, 6, 1), 10, &[]),
        Err(NoStart::Unlisted(_))
    ));
}

#[test]
fn what_is_no_list_is_refused_with_advice() {
    let without_may = SHIPPED.replace("2027-05-31", "2027-05-03");
    let incomplete = Calendar::parse(&without_may).unwrap_err();
    assert_eq!(incomplete, BadCalendar::Incomplete { year: 2027, listed: 7 });
    let empty = r#"{"england-and-wales":{"division":"england-and-wales","events":[]}}"#;
    assert_eq!(Calendar::parse(empty), Err(BadCalendar::Empty));
    let gap = SHIPPED.replace("\"2026-", "\"2030-");
    assert_eq!(Calendar::parse(&gap), Err(BadCalendar::Incomplete { year: 2026, listed: 0 }));
    for text in ["", "[]", "{}", "<html>", r#"{"scotland":{"events":[]}}"#] {
        assert!(matches!(Calendar::parse(text), Err(BadCalendar::Format { .. })), "{text}");
    }
    let broken = SHIPPED.replace("2026-04-03", "2026-02-30");
    let error = Calendar::parse(&broken).unwrap_err();
    assert!(matches!(error, BadCalendar::Format { line: 14, .. }), "{error:?}");
    for error in [error, incomplete, BadCalendar::Empty] {
        let text = error.to_string();
        assert!(text.contains("anew") || text.contains("add those"), "{text}");
        assert!(!text.contains("2026-02-30"), "{text}");
    }
}

#[test]
fn other_divisions_and_unknown_fields_are_ignored() {
    let text = SHIPPED.replacen(
        '{',
        r#"{"scotland":{"division":"scotland","events":[{"date":"2026-11-30"}]},"#,
        1,
    );
    assert_eq!(Calendar::parse(&text), Ok(shipped()));
}

proptest! {
    #[test]
    fn counting_forth_and_back_agree(later in 0_i32..1000, count in 1_u16..60) {
        let calendar = shipped();
        let day = date(2025, 1, 1) + later.days();
        let end = calendar.add_working_days(day, count).unwrap();
        prop_assert!(calendar.is_working_day(end).unwrap());
        prop_assert_eq!(calendar.working_days_between(day, end), Ok(u32::from(count)));
    }

    #[test]
    fn a_start_is_far_enough_and_a_working_day(later in 0_i32..800, at_least in 0_u16..30, days in proptest::collection::vec(1_i8..=31, 1..4)) {
        let calendar = shipped();
        let today = date(2025, 1, 1) + later.days();
        let start = calendar.earliest_start(today, at_least, Some(&days)).unwrap();
        prop_assert!(calendar.is_working_day(start).unwrap());
        prop_assert!(calendar.working_days_between(today, start).unwrap() >= u32::from(at_least));
        prop_assert!(start <= today + 5.months());
        let nominal = (0..10).map(|back| start - back.days()).take_while(|day| *day == start || !calendar.is_working_day(*day).unwrap_or(false));
        let mut nominal = nominal.collect::<Vec<_>>().into_iter();
        prop_assert!(nominal.any(|day| days.iter().any(|preferred| day.day() == (*preferred).min(day.days_in_month()))));
    }

    #[test]
    fn no_text_panics(text in ".*") {
        drop(Calendar::parse(&text));
    }
}
