//! What holds for every text and every row.

#![expect(clippy::arithmetic_side_effects, reason = "figures are small")]

use super::Verdict::{Possible, Unknown, Wrong};
use super::*;
use proptest::prelude::*;

const SUBSTITUTES: &str = "938005 938611";

proptest! {
    #[test]
    fn no_text_panics(weights in ".*", substitutes in ".*", sort_code in ".*", account in ".*") {
        drop(Tables::parse(&weights, &substitutes));
        let row = "000000 999999 DBLAL -999  999    1    1    1    1    1    1    1    1    1    1    1  999   1";
        let tables = Tables::parse(row, SUBSTITUTES).unwrap();
        prop_assume!(sort_code.len() != 6);
        prop_assert_eq!(tables.check(&sort_code, &account), Wrong);
    }

    #[test]
    fn any_row_checks_any_figures(
        method in "MOD10|MOD11|DBLAL", weights in proptest::collection::vec(-999_i16..=999, 14), exception in 1..=14,
        sort_code in "[0-9]{6}", account in "[0-9]{6,8}",
    ) {
        let weights: Vec<String> = weights.iter().map(i16::to_string).collect();
        let row = format!("000000 999999 {method} {} {exception}", weights.join(" "));
        let tables = Tables::parse(&row, SUBSTITUTES).unwrap();
        prop_assert_ne!(tables.check(&sort_code, &account), Unknown);
    }

    #[test]
    fn one_mistyped_figure_is_always_noticed_by_modulus_11(
        mut figures in proptest::collection::vec(0_u8..10, 8), place in 0_usize..7, other in 1_u8..10,
    ) {
        let row = "107999 107999 MOD11    0    0    0    0    0    0    8    7    6    5    4    3    2    1";
        let tables = Tables::parse(row, SUBSTITUTES).unwrap();
        let text = |figures: &[u8]| figures.iter().map(u8::to_string).collect::<String>();
        let Some(last) = (0..10).find(|last| {
            figures[7] = *last;
            tables.check("107999", &text(&figures)) == Possible
        }) else { return Ok(()) };
        figures[7] = last;
        figures[place] = (figures[place] + other) % 10;
        prop_assert_eq!(tables.check("107999", &text(&figures)), Wrong);
    }
}
