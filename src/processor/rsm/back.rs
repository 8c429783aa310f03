//! What the supporter's browser brings back from RSM's pages (rsm-protocol.md, 3 and 6). Nobody
//! signed it: it only tells which page to show, and what helpful word to say on it.

use super::{Rsm, card};
use crate::payment::Reference;
use crate::processor::Returned;

/// Where our reference may stand, the likeliest first: RSM's own spelling of the last but one is
/// seen (rsm-protocol.md, 3), and the Direct Debit page returns the last.
const REFERENCES: [&str; 4] = ["uniqueid", "acccountno", "appealcode", "donorref"];
/// Errors are numbered from nought; one is enough to say something helpful.
const ERRORS: [&str; 2] = ["errors[0][code]", "errors[1][code]"];

impl Rsm {
    /// Reads a form or a query; names are taken in any spelling of their letters.
    pub(crate) fn returned(fields: &[u8]) -> Option<Returned> {
        let value = |name: &str| {
            url::form_urlencoded::parse(fields)
                .find(|(given, _)| given.eq_ignore_ascii_case(name))
                .map(|(_, value)| value)
        };
        let reference =
            REFERENCES.into_iter().filter_map(value).find_map(|text| Reference::parse(&text))?;
        let remark = ERRORS.into_iter().filter_map(value).find_map(|code| card::remark(&code));
        Some(Returned { reference, remark })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::processor::Remark;
    use jiff::Timestamp;
    use proptest::prelude::*;

    #[test]
    fn every_spelling_is_understood_and_nothing_else_is() {
        let reference = Reference::at(Timestamp::UNIX_EPOCH);
        for (fields, remark) in [
            (format!("status=SUCCESS&uniqueid={reference}&transid=1"), None),
            (format!("UniqueID={reference}"), None),
            (format!("acccountno={reference}&status=FAIL"), None),
            (format!("uniqueid=&appealcode={reference}&amount=5.00"), None),
            (format!("uniqueid={reference}&errors%5B0%5D%5Bcode%5D=3001"), Some(Remark::GivenUp)),
            (
                format!(
                    "uniqueid={reference}&errors[0][code]=1014&errors[0][message]=%3Cscript%3E"
                ),
                Some(Remark::UsedBefore),
            ),
            (format!("uniqueid={reference}&errors[0][code]=2041"), Some(Remark::Contact)),
            (
                format!("uniqueid={reference}&errors[0][code]=9999&errors[1][code]=2001"),
                Some(Remark::Contact),
            ),
            (format!("uniqueid={reference}&errors[0][code]=30010"), None),
        ] {
            assert_eq!(
                Rsm::returned(fields.as_bytes()),
                Some(Returned { reference, remark }),
                "{fields}"
            );
        }
        for fields in ["", "uniqueid=100017", "uniqueid=../../etc/passwd", "x=y"] {
            assert_eq!(Rsm::returned(fields.as_bytes()), None, "{fields}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_panic(fields in proptest::collection::vec(any::<u8>(), 0..200)) {
            prop_assert!(Rsm::returned(&fields).is_none());
        }
    }
}
