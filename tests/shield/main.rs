//! Ten thousand cards tried out, from one address and from ten thousand, with supporters among them, on a clock
//! that is simulated (security.md, G-C1): when it bites, and how supporters fare. The figures are those of
//! docs/shield.md: `cargo test --locked --test shield -- --nocapture`.

#![expect(
    clippy::unwrap_used,
    clippy::arithmetic_side_effects,
    reason = "a test says what is wrong by failing"
)]

mod town;

use std::fmt::Write as _;
use town::{Attack, Came, End, Town};

const CARDS: u32 = 10_000;

/// What each attack is called, from how many networks of which kind, and how fast.
const ATTACKS: [(&str, u32, Came, u32); 5] = [
    ("1 address, 10 a second", 1, Came::Ipv4, 10),
    ("10,000 networks of one /48, 10 a second", 10_000, Came::OneSite, 10),
    ("10,000 addresses, 10 a second", 10_000, Came::Ipv4, 10),
    ("10,000 addresses of IPv6, 10 a second", 10_000, Came::ManySites, 10),
    ("10,000 addresses, 1 a second", 10_000, Came::Ipv4, 1),
];

/// How many seconds pass between two supporters of a small charity and of a large one, and how many cards at
/// the most are handed over before the first pause.
const CHARITIES: [(u32, u32); 2] = [(60, 80), (5, 350)];

#[test]
fn g_c1_g_5_g_6_ten_thousand_cards_are_tried_out_and_supporters_pass() {
    let mut table = String::from(HEAD);
    for (supporter_every, most) in CHARITIES {
        for (name, networks, of, each_second) in ATTACKS {
            let attack = Attack { networks, each_second, of, supporter_every };
            let end = Town::new(attack, CARDS).live();
            row(&mut table, name, supporter_every, &end);
            assert!(end.before_pause <= most, "{name}: {}", end.before_pause);
            assert_eq!(end.turned_away_before, 0, "{name}: supporters before the first pause");
            assert_eq!(end.never_paid, 0, "{name}: everybody pays in the end");
        }
    }
    println!("\n{table}");
}

const HEAD: &str = "| cards from | a supporter every | handed over | before the first pause | good ones found | turned away by network from | waited | at most |\n| --- | --- | --- | --- | --- | --- | --- | --- |\n";

fn row(table: &mut String, name: &str, every: u32, end: &End) {
    let from = end.first_by_network.map_or("-".to_owned(), |card| format!("card {card}"));
    let End { handed_over, before_pause, found, waited, supporters, longest, .. } = end;
    let minutes = longest.as_secs() / 60;
    let line = format!(
        "| {name} | {every} s | {handed_over} | {before_pause} | {found} | {from} | {waited} of {supporters} | {minutes} min |"
    );
    writeln!(table, "{line}").unwrap();
}

/// Without anybody who tries cards out, nobody is ever asked to wait: a day of everyday life, one in ten cards
/// declined, and one on which half of them are.
#[test]
fn g_c1_supporters_alone_never_wait() {
    let quiet = Attack { networks: 1, each_second: 1, of: Came::Ipv4, supporter_every: 5 };
    for declined_in_ten in [1, 5] {
        let mut town = Town::new(quiet, 0);
        town.declined_in_ten = declined_in_ten;
        let end = town.live();
        assert_eq!((end.waited, end.never_paid), (0, 0), "{declined_in_ten}");
    }
}
