//! Supporters who were made up, each unlike any other: what is theirs must be found nowhere.

use crate::cli::Failure;
use crate::keys;
use std::collections::BTreeMap;

/// What a datum is. Reports say this of a hit, never the datum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Datum {
    Name,
    Email,
    Street,
    Phone,
    Card,
    SecurityCode,
    Holder,
    SortCode,
    Account,
}

impl Datum {
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Name => "name",
            Self::Email => "e-mail",
            Self::Street => "street",
            Self::Phone => "telephone",
            Self::Card => "card number",
            Self::SecurityCode => "security code",
            Self::Holder => "name on card or account",
            Self::SortCode => "sort code",
            Self::Account => "account number",
        }
    }

    /// Whether it is of a card or an account: never shown back, not even on a form.
    pub(super) const fn is_financial(self) -> bool {
        match self {
            Self::Card | Self::SecurityCode | Self::Holder | Self::SortCode | Self::Account => true,
            Self::Name | Self::Email | Self::Street | Self::Phone => false,
        }
    }
}

/// What the mock does with a card or an account of ours: its seventh or third figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Fate {
    Taken,
    Declined,
    /// The bank asks first (3-D Secure).
    Asked,
}

/// One of them, for one request.
#[derive(Clone)]
pub(super) struct Person {
    pub(super) fate: Fate,
    pub(super) first: String,
    pub(super) last: String,
    pub(super) email: String,
    pub(super) street: String,
    pub(super) phone: String,
    pub(super) card: String,
    /// No real one can be told from other figures; where a refusal is meant this stands in its place.
    pub(super) code: String,
    pub(super) holder: String,
    pub(super) sort_code: String,
    pub(super) account: String,
}

impl Person {
    fn data(&self) -> [(Datum, &str); 10] {
        [
            (Datum::Name, &self.first),
            (Datum::Name, &self.last),
            (Datum::Email, &self.email),
            (Datum::Street, &self.street),
            (Datum::Phone, &self.phone),
            (Datum::Card, &self.card),
            (Datum::SecurityCode, &self.code),
            (Datum::Holder, &self.holder),
            (Datum::SortCode, &self.sort_code),
            (Datum::Account, &self.account),
        ]
    }
}

/// Whose a datum is: the road that it went down.
pub(super) type Whose = (Datum, &'static str);

/// Makes people, and knows all that were made.
pub(super) struct People {
    /// Letters of this run alone, so that nothing older is found.
    run: String,
    /// Where numbers of this run begin.
    start: u32,
    made: Vec<(&'static str, Person)>,
}

impl People {
    pub(super) fn new() -> Result<Self, Failure> {
        let [a, b, c, d, rest @ ..] = keys::random::<9>()?;
        Ok(Self {
            run: rest.iter().map(|byte| letter(*byte)).collect(),
            start: u32::from_le_bytes([a, b, c, d]),
            made: Vec::new(),
        })
    }

    /// Somebody new, who goes down this road.
    pub(super) fn somebody(&mut self, road: &'static str, fate: Fate) -> Person {
        let number = u32::try_from(self.made.len()).unwrap_or(u32::MAX);
        let (run, own) = (&self.run, letters(number));
        let told = match fate {
            Fate::Taken => 0,
            Fate::Declined => 1,
            Fate::Asked => 2,
        };
        let figures = |many: u32| {
            let most = 10_u32.saturating_pow(many);
            self.start.wrapping_add(number.wrapping_mul(7919)).checked_rem(most).unwrap_or(0)
        };
        let person = Person {
            fate,
            first: format!("Q{run}{own}"),
            last: format!("O'X{own}{run}"),
            email: format!("q{run}.{own}@example.org"),
            street: format!("7 Z{run} {own} Row"),
            phone: format!("+44 7700 9{:05}", figures(5)),
            card: with_check_figure(&format!("4000009{told}{:07}", figures(7))),
            code: format!("QXZCVC{own}{run}"),
            holder: format!("{run} & {own}"),
            sort_code: format!("99-{:02}-{:02}", figures(4).wrapping_div(100), figures(2)),
            account: format!("98{told}{:05}", figures(5)),
        };
        self.made.push((road, person.clone()));
        person
    }

    /// Everything that must not be found, and whose it is.
    pub(super) fn data(&self) -> impl Iterator<Item = (Whose, &str)> {
        self.made
            .iter()
            .flat_map(|(road, person)| person.data().map(|(datum, text)| ((datum, *road), text)))
    }

    /// How many went down each road.
    pub(super) fn by_road(&self) -> BTreeMap<&'static str, u64> {
        let mut roads = BTreeMap::new();
        for (road, _) in &self.made {
            let count: &mut u64 = roads.entry(*road).or_default();
            *count = count.saturating_add(1);
        }
        roads
    }
}

/// A number as letters.
fn letters(mut number: u32) -> String {
    let mut text = String::new();
    for _ in 0..4 {
        text.push(letter(u8::try_from(number % 20).unwrap_or(0)));
        number = number.wrapping_div(20);
    }
    text
}

/// A consonant, so that no word comes about by chance.
fn letter(byte: u8) -> char {
    let all = b"bcdfghjklmnpqrstvwxz";
    let place = usize::from(byte).checked_rem(all.len()).unwrap_or(0);
    char::from(all.get(place).copied().unwrap_or(b'q'))
}

/// The number with the figure that the Luhn check asks for.
fn with_check_figure(figures: &str) -> String {
    let sum: u32 = figures
        .bytes()
        .rev()
        .enumerate()
        .map(|(place, byte)| {
            let figure = u32::from(byte & 0xF);
            let twice = figure.wrapping_mul(2);
            if place % 2 == 1 { figure } else { twice.wrapping_div(10).wrapping_add(twice % 10) }
        })
        .sum();
    let check = 10_u32.saturating_sub(sum % 10) % 10;
    format!("{figures}{check}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::request::looks_like_card_number;
    use std::collections::BTreeSet;

    #[test]
    fn no_two_people_share_anything_and_all_can_be_told_from_chance() {
        let mut people = People::new().unwrap();
        for _ in 0..400 {
            let person = people.somebody("here", Fate::Declined);
            assert!(looks_like_card_number(&person.card), "{}", person.card.len());
            assert!(person.card.starts_with("40000091"));
            assert!(person.account.starts_with("981"));
        }
        let texts: Vec<_> =
            people.data().filter(|((datum, _), _)| *datum != Datum::SortCode).collect();
        let unlike: BTreeSet<_> = texts.iter().map(|(_, text)| *text).collect();
        assert_eq!(unlike.len(), texts.len());
        assert!(texts.iter().all(|(_, text)| text.len() >= 8));
        assert_eq!(people.by_road().get("here"), Some(&400));
    }

    #[test]
    fn the_check_figure_is_luhn_s() {
        assert_eq!(with_check_figure("424242424242424"), "4242424242424242");
        assert_eq!(with_check_figure("400000000000001"), "4000000000000010");
    }
}
