//! Rows of our own in the published format, for the published numbers (rsm-protocol.md, 9.3) and for
//! others. Beside each case stands its arithmetic, done by hand.

use super::Verdict::{Possible, Unknown, Wrong};
use super::*;

const SUBSTITUTES: &str = "938005 938611\r\n938006 938611\r\n";

/// One, two or no rows, and what they say of a sort code and an account number.
fn checks(rows: &[&str], cases: &[(&str, &str, Verdict)]) {
    let tables = Tables::parse(&rows.join("\r\n"), SUBSTITUTES).unwrap();
    for (sort_code, account, verdict) in cases {
        assert_eq!(tables.check(sort_code, account), *verdict, "{sort_code} {account}");
    }
}

#[test]
fn modulus_10_and_11() {
    // 3*6+6+3+7+4+9+5+8 = 60; one more is 61.
    checks(
        &[
            "089990 089999 MOD10    0    0    0    0    0    0    3    1    1    1    1    1    1    1",
        ],
        &[("089999", "66374958", Possible), ("089999", "66374959", Wrong)],
    );
    // 8+8+8+3+2*7+4+9+1 = 55; two more is 57.
    checks(
        &[
            "107998 107999 MOD11    0    0    0    0    0    0    1    1    1    1    2    1    1    1",
        ],
        &[
            ("107999", "88837491", Possible),
            ("107999", "88837493", Wrong),
            ("107998", "88837493", Wrong),
            ("107997", "88837493", Unknown),
            ("108000", "88837493", Unknown),
        ],
    );
}

#[test]
fn two_rows_must_both_pass() {
    checks(
        &[
            "202900 203100 MOD11    0    0    0    0    0    0    1    1    1    1    1   10    1    1",
            "202900 203100 DBLAL    2    1    2    1    2    1    2    1    2    1    2    1    2    1",
        ],
        &[
            // 6+3+7+4+8+10*4+7+2 = 77; 4+0+4+9+1+9 + 3+3+5+4+7+4+5+2 = 60.
            ("202959", "63748472", Possible),
            // 6+6+8+3+1+0+3+6 = 33; 4+0+6+0+9+9 + 3+6+7+3+2+0+6+6 = 61.
            ("203099", "66831036", Wrong),
            // 32; 60.
            ("203099", "66831035", Wrong),
        ],
    );
}

#[test]
fn exception_1_adds_27() {
    // 7 + 6+8+3+5+1+6+8+9 = 53, and 27 is 80; with an 8 at the end, 16 and so 7, it is 78.
    checks(
        &[
            "118765 118765 DBLAL    0    0    0    1    0    0    1    2    1    2    1    2    1    2   1",
        ],
        &[("118765", "64371389", Possible), ("118765", "64371388", Wrong)],
    );
}

#[test]
fn exceptions_2_and_9_sterling_or_euro() {
    checks(
        &[
            "309070 309070 MOD11    1    1    1    1    1    1    1    1    1    1    1    1    1    1   2",
            "309070 309070 MOD11    1    1    1    1    1    1    1    1    1    1    1    2    1    1   9",
        ],
        &[
            // Euro: 9+0+35+0 + 6+8+24+28+50+54+18+8 = 240; as 309634: 25 + 1+2+3+4+5+2*6+6+8 = 66.
            ("309070", "12345668", Possible),
            // 240-18+21-8+7 = 242.
            ("309070", "12345677", Possible),
            // 241; 67.
            ("309070", "12345669", Wrong),
            // Sterling, a is 0: 19+3 = 22; as 309634: 28.
            ("309070", "00000003", Possible),
            // 3*9+6 = 33; as 309634: 25+1+9+6 = 41. With the sort code it were 44+6+27+6 = 83.
            ("309070", "10000096", Possible),
            // 34; 42.
            ("309070", "10000097", Wrong),
        ],
    );
}

#[test]
fn exception_3_passes_over_the_second_row() {
    checks(
        &[
            "820000 820000 MOD11    0    0    0    0    0    0    2    1    1    1    1    1    1    1",
            "820000 820000 DBLAL    2    1    2    1    2    1    2    1    2    1    2    1    2    1   3",
        ],
        &[
            // 14+3+6+8+8+6+3+7 = 55; the second were 9 + 5+3+3+8+7+6+6+7 = 54, but c is 6.
            ("820000", "73688637", Possible),
            // 56.
            ("820000", "73688638", Wrong),
            // c is 9: 9+2 = 11; the second were 9 + 9+4 = 22.
            ("820000", "00900020", Possible),
            // c is 0: 9+2 = 11; 9 + 9+2 = 20.
            ("820000", "00000092", Possible),
            // c is 1: 1+9+1 = 11; 9 + 2+9+1 = 21.
            ("820000", "00100091", Wrong),
        ],
    );
}

#[test]
fn exception_4_makes_the_last_two_figures() {
    checks(
        &[
            "134020 134020 MOD11    0    0    0    0    0    0    1    1    1    2    1    1    0    0   4",
        ],
        &[
            // 6+3+8+2*4+9+2 = 36, and 3 is left of it, which is 03.
            ("134020", "63849203", Possible),
            ("134020", "63849202", Wrong),
            ("134020", "63849230", Wrong),
            // 6+4 = 10, and 10 is left.
            ("134020", "64000010", Possible),
            ("134020", "64000001", Wrong),
            ("134020", "64000091", Wrong),
        ],
    );
}

#[test]
fn exception_5_makes_check_figures_of_a_substitute() {
    let rows = [
        "938000 938999 MOD11    0    0    0    0    0    1    0    2    1    2    3    2    0    0   5",
        "938000 938999 DBLAL    2    1    2    1    2    1    2    1    2    1    2    1    2    0   5",
    ];
    checks(
        &rows,
        &[
            // 1 + 2*7+8+2*0+3*6+2*0 = 41 leaves 8, and 11-8 is g, 3; 51 leaves 1, and 10-1 is h, 9.
            ("938611", "07806039", Possible),
            // As 938611; of itself 5+40 = 45 would leave 1.
            ("938005", "07806039", Possible),
            ("938006", "07806039", Possible),
            ("938007", "07806039", Wrong),
            // 3 + 10+0+12+15+4 = 44 leaves 0, which is g; 40 leaves 0, which is h.
            ("938063", "55065200", Possible),
            ("938063", "55065201", Wrong),
            // 3 + 10+7+12+12+4 = 48 leaves 4, and 11-4 is g, 7; 58 leaves 8, and 10-8 is not 3.
            ("938063", "15764273", Wrong),
            // 3 + 10+7+12+9+4 = 45 leaves 1, and 10 is no figure.
            ("938063", "15763217", Wrong),
        ],
    );
}

#[test]
fn exception_6_cannot_check_foreign_currencies() {
    checks(
        &[
            "200915 200915 MOD11    0    0    0    0    0    0    1    1    1    1    1    1    1    1   6",
            "200915 200915 DBLAL    2    1    2    1    2    1    2    1    2    1    2    1    2    1   6",
        ],
        &[
            // 4+1+1+1+1+6+6 = 20, but a is 4 and g is h.
            ("200915", "41011166", Possible),
            ("200915", "81011166", Possible),
            // 19, 19 and 25.
            ("200915", "41011165", Wrong),
            ("200915", "31011166", Wrong),
            ("200915", "91011166", Wrong),
        ],
    );
}

#[test]
fn exception_7_is_short_where_g_is_9() {
    checks(
        &[
            "772798 772798 MOD11    1    1    1    1    1    1    1    1    1    1    1    1    2    2   7",
        ],
        &[
            // 3+4+5+6+18+8 = 44; with the sort code, 40, a and b it were 102, and 3 over.
            ("772798", "99345694", Possible),
            ("772798", "99345695", Wrong),
            // g is 8: 40+18 + 3+4+5+6+16+8 = 100.
            ("772798", "99345684", Wrong),
            // g is 0: 40+4 = 44.
            ("772798", "40000000", Possible),
        ],
    );
}

#[test]
fn exception_8_has_a_sort_code_of_its_own() {
    checks(
        &[
            "086090 086090 MOD10    1    1    1    4    1    1    1    1    1    1    1    1    1    1   8",
        ],
        &[
            // As 090126: 0+9+0+4+2+6 = 21, and 39 is 60; of itself 0+8+6+0+9+0 = 23.
            ("086090", "06774744", Possible),
            ("086090", "06774741", Wrong),
        ],
    );
}

#[test]
fn exceptions_10_and_11_either_row() {
    checks(
        &[
            "871427 871427 MOD11    1    1    1    1    1    1    1    1    1    1    2    1    1    1  10",
            "871427 871427 MOD11    0    0    0    0    0    0    1    1    1    1    1    1    1    1  11",
        ],
        &[
            // 29 + 4+6+2+3+2*8+5+1 = 66; 29.
            ("871427", "46238510", Possible),
            // 40; 11.
            ("871427", "56000000", Possible),
            // ab is 09 or 99 and g is 9: 9+2 = 11. With all figures 49 and 58; the second row 20 and 29.
            ("871427", "09000092", Possible),
            ("871427", "99000092", Possible),
            // ab is 19: 50; 21. g is 8: 58; 29.
            ("871427", "19000092", Wrong),
            ("871427", "99000083", Wrong),
        ],
    );
}

#[test]
fn exceptions_12_and_13_either_row() {
    checks(
        &[
            "074456 074456 MOD11    0    0    0    0    0    0    1    1    2    2    1    1    1   -1  12",
            "074456 074456 MOD10    0    0    0    0    0    0    1    1    1    1    1    1    1   -1  13",
        ],
        &[
            // 1+2+6+8+5+1+1-2 = 22; 15.
            ("074456", "12345112", Possible),
            // 4-2 = 2; 0.
            ("074456", "00200002", Possible),
            // -1, which is 10 of eleven and 9 of ten.
            ("074456", "00000001", Wrong),
        ],
    );
}

#[test]
fn exception_14_may_drop_the_last_figure() {
    checks(
        &[
            "180002 180002 MOD11    0    0    0    0    0    0    1    1    1    1    1    3    2    1  14",
        ],
        &[
            // 3+18 = 21; as 00000019 it is 2+9 = 11.
            ("180002", "00000190", Possible),
            // 3+18+1 = 22.
            ("180002", "00000191", Possible),
            // 3+18+5 = 26, and a 5 is not dropped.
            ("180002", "00000195", Wrong),
            // 6+18 = 24; as 00000029 it is 13.
            ("180002", "00000290", Wrong),
            // 4+1+1+3+2+9 = 20; as 04100111 it is 4+1+3+2+1 = 11.
            ("180002", "41001119", Possible),
            // 4+1+1+3+9 = 18; as 04100110 it is 4+1+3+2 = 10.
            ("180002", "41001109", Wrong),
        ],
    );
}

#[test]
fn short_numbers_have_zeros_in_front_and_others_are_wrong() {
    let row =
        "107999 107999 MOD11    0    0    0    0    0    0    1    1    1    1    1    1    1    1";
    checks(
        &[row],
        &[
            ("107999", "000092", Possible),
            ("107999", "0000092", Possible),
            ("107999", "00092", Wrong),
            ("107999", "000000092", Wrong),
            ("107999", "0000009\u{0662}", Wrong),
            ("107999", "0000+092", Wrong),
            ("10799", "00000092", Wrong),
            ("10-799", "00000092", Wrong),
            ("", "", Wrong),
        ],
    );
}
