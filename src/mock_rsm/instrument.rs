//! The test cards and test accounts, and what each does. Nothing typed here is kept: a number is
//! compared with the list and forgotten.

mod audit;
mod fate;
mod read;

pub(super) use fate::{Fate, fate_of};
pub(super) use read::{read_account, read_card};

/// A card number that decides what happens.
#[derive(Clone, Copy, Debug)]
pub struct TestCard {
    /// Sixteen digits in groups of four.
    pub number: &'static str,
    /// What happens, in words.
    pub does: &'static str,
    script: Script,
}

/// An account number that decides what happens; any sort code goes with it.
#[derive(Clone, Copy, Debug)]
pub struct TestAccount {
    /// Eight digits.
    pub number: &'static str,
    /// What happens, in words.
    pub does: &'static str,
    script: Script,
    fate: Fate,
}

/// What becomes of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Script {
    /// Taken, told in this way, and the supporter sent back in that.
    Accept(Telling, Return),
    /// Declined; another card may be tried.
    Decline(&'static str),
    /// Declined, then taken when tried again.
    DeclineFirst,
    /// The supporter's bank asks first.
    Challenge,
    /// As if the supporter had given up.
    Cancel,
    /// Taken, but only after a while.
    Slow,
}

/// How the merchant's webhook goes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Telling {
    /// Before the supporter goes back, if the merchant answers soon.
    AtOnce,
    /// Some seconds after the supporter went back.
    Late,
    Never,
    /// The same message twice.
    Doubled,
    /// An earlier decline told after the acceptance.
    OutOfOrder,
    WrongAmount,
    BadSignature,
}

/// How the supporter goes back.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Return {
    Redirect,
    /// By a form with a button.
    Post,
}

const TAKEN: Script = told(Telling::AtOnce);

const fn told(telling: Telling) -> Script {
    Script::Accept(telling, Return::Redirect)
}

const fn card(number: &'static str, does: &'static str, script: Script) -> TestCard {
    TestCard { number, does, script }
}

const fn account(number: &'static str, does: &'static str, script: Script) -> TestAccount {
    TestAccount { number, does, script, fate: Fate::Good }
}

/// An account that is told apart by RSM's calendar alone; the `signed` dialect lodges it.
const fn fated(number: &'static str, does: &'static str, fate: Fate) -> TestAccount {
    TestAccount { number, does, script: TAKEN, fate }
}

/// Every card the mock takes. Any expiry from this month on, any security code and any name go with it.
pub const TEST_CARDS: &[TestCard] = &[
    card(
        "4242 4242 4242 4242",
        "Accepted; the webhook arrives before the supporter is sent back",
        TAKEN,
    ),
    card(
        "4000 0000 0000 0010",
        "Declined; another card can be tried",
        Script::Decline("do_not_honour"),
    ),
    card(
        "4000 0000 0000 0028",
        "Declined for lack of funds",
        Script::Decline("insufficient_funds"),
    ),
    card(
        "4000 0000 0000 0036",
        "Declined the first time, accepted the second",
        Script::DeclineFirst,
    ),
    card(
        "4000 0000 0000 0044",
        "The bank asks first (3-D Secure): approve or refuse",
        Script::Challenge,
    ),
    card("4000 0000 0000 0051", "Cancelled, as if the supporter had given up", Script::Cancel),
    card("4000 0000 0000 0069", "Accepted, but answers late", Script::Slow),
    card("4000 0000 0000 0077", "Accepted, but no webhook is sent", told(Telling::Never)),
    card(
        "4000 0000 0000 0085",
        "Accepted; the webhook comes some seconds after the return",
        told(Telling::Late),
    ),
    card("4000 0000 0000 0093", "Accepted; the webhook is sent twice", told(Telling::Doubled)),
    card(
        "4000 0000 0000 0101",
        "Accepted; then a webhook of an earlier decline",
        told(Telling::OutOfOrder),
    ),
    card(
        "4000 0000 0000 0119",
        "Accepted, but the webhook names a wrong amount",
        told(Telling::WrongAmount),
    ),
    card(
        "4000 0000 0000 0127",
        "Accepted, but the webhook is badly signed",
        told(Telling::BadSignature),
    ),
    card(
        "4000 0000 0000 0135",
        "Accepted; the return is a form sent by POST",
        Script::Accept(Telling::AtOnce, Return::Post),
    ),
    card("5555 5555 5555 4444", "Accepted; a Mastercard", TAKEN),
];

/// Every account the mock takes.
pub const TEST_ACCOUNTS: &[TestAccount] = &[
    account(
        "00012345",
        "Mandate lodged; the webhook arrives before the supporter is sent back",
        TAKEN,
    ),
    TestAccount {
        fate: Fate::Refused,
        ..account(
            "00012346",
            "Refused: this account takes no Direct Debit",
            Script::Decline("account_refused"),
        )
    },
    account("00012347", "Mandate lodged, but answers late", Script::Slow),
    account("00012348", "Mandate lodged, but no webhook is sent", told(Telling::Never)),
    account(
        "00012349",
        "Mandate lodged; the webhook comes some seconds after the return",
        told(Telling::Late),
    ),
    account("00012350", "Cancelled, as if the supporter had given up", Script::Cancel),
    fated(
        "00012351",
        "Mandate lodged; with rsm2000 the bank rejects it when it would go live",
        Fate::Rejected("5: No account"),
    ),
    fated(
        "00012352",
        "Mandate lodged; with rsm2000 collections come back unpaid a working day later",
        Fate::Unpaid("0: Refer to Payer", 1),
    ),
    fated(
        "00012353",
        "Mandate lodged; with rsm2000 the account is closed at the first collection",
        Fate::Closed("B: Account closed"),
    ),
    fated(
        "00012354",
        "Mandate lodged; with rsm2000 collections are claimed back ten working days later",
        Fate::Claimed("5: No authority given", 10),
    ),
    fated(
        "00012355",
        "Mandate lodged; with rsm2000 the payer cancels at the bank three working days after it went live",
        Fate::Cancelled("1: Instruction cancelled by payer", 3),
    ),
    fated(
        "00012356",
        "Mandate lodged; with rsm2000 it has to be sent to the bank twice",
        Fate::Resubmitted,
    ),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::payment::request::looks_like_card_number;
    use std::collections::BTreeSet;

    #[test]
    fn the_numbers_are_card_numbers_and_each_does_one_thing() {
        for card in TEST_CARDS {
            assert!(looks_like_card_number(card.number), "{}", card.number);
            assert_eq!(card.number.len(), 19);
        }
        let numbers: BTreeSet<_> = TEST_CARDS.iter().map(|card| card.number).collect();
        let words: BTreeSet<_> = TEST_CARDS.iter().map(|card| card.does).collect();
        assert_eq!((numbers.len(), words.len()), (TEST_CARDS.len(), TEST_CARDS.len()));
        let accounts: BTreeSet<_> = TEST_ACCOUNTS.iter().map(|account| account.number).collect();
        assert_eq!(accounts.len(), TEST_ACCOUNTS.len());
    }
}
