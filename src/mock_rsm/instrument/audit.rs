//! Numbers of which there are many, for whoever must be able to tell each payment's from all others:
//! `almoner prove` sends no card twice. The figure after the prefix says what happens.

use super::{Script, TAKEN};
use crate::payment::request::looks_like_card_number;

/// What such cards begin with: a test range, 16 figures with a right check figure.
const CARDS: &str = "4000009";
/// What such accounts begin with: eight figures.
const ACCOUNTS: &str = "98";

/// 0 is taken, 1 declined, 2 asked about by the bank.
pub(super) fn card(number: &str) -> Option<Script> {
    let sound = number.len() == 16 && looks_like_card_number(number);
    match number.strip_prefix(CARDS).filter(|_| sound)?.as_bytes() {
        [b'0', ..] => Some(TAKEN),
        [b'1', ..] => Some(Script::Decline("do_not_honour")),
        [b'2', ..] => Some(Script::Challenge),
        _ => None,
    }
}

/// 0 is lodged, 1 refused.
pub(super) fn account(number: &str) -> Option<Script> {
    match number.strip_prefix(ACCOUNTS).filter(|_| number.len() == 8)?.as_bytes() {
        [b'0', ..] => Some(TAKEN),
        [b'1', ..] => Some(Script::Decline("account_refused")),
        _ => None,
    }
}

/// The same of an account, by RSM's own check.
pub(super) fn is_refused(number: &str) -> bool {
    account(number).is_some_and(|script| script != TAKEN)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_figure_after_the_prefix_says_what_happens() {
        assert_eq!(card("4000009012345677"), Some(TAKEN));
        assert_eq!(card("4000009012345678"), None, "its check figure is wrong");
        assert_eq!(card("4000009112345676"), Some(Script::Decline("do_not_honour")));
        assert_eq!(card("4000009212345675"), Some(Script::Challenge));
        assert_eq!(card("4929420573595709"), None);
        assert_eq!(account("98012345"), Some(TAKEN));
        assert!(is_refused("98112345") && !is_refused("98012345") && !is_refused("12345678"));
    }
}
