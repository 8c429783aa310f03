//! What each of RSM's error codes means (rsm-protocol.md, 7.9): for the hand-off, for the field it
//! is about, and in a sentence for whoever looks after the supporters.

/// What an error code says about what RSM did.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Meaning {
    /// Nothing was done, and the supporter's data are not to blame: our settings, our software or
    /// the account with the processor are. As good as never sent.
    NotSent,
    /// Nothing was done, because of what the record says.
    Refused,
    /// Something may have been done, now or by an earlier request: enquire, never send again.
    InDoubt,
}

/// One error code. The detail that comes with it may repeat what we sent, so it is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Code(u16);

/// The codes of one answer.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Codes(Vec<Code>);

/// The most codes of one record that are kept; a record has 22 elements.
const MOST: usize = 32;

impl Code {
    /// From its digits; anything else is a code that we do not know.
    #[must_use]
    pub fn parse(text: &str) -> Self {
        let plain = text.len() <= 4 && text.bytes().all(|byte| byte.is_ascii_digit());
        Self(text.parse().ok().filter(|_| plain).unwrap_or(0))
    }

    /// The number; 0 where there was none.
    #[must_use]
    pub const fn number(self) -> u16 {
        self.0
    }

    /// What it says about what RSM did. A code that we do not know proves nothing.
    #[must_use]
    pub fn meaning(self) -> Meaning {
        self.row().map_or(Meaning::InDoubt, |row| row.meaning)
    }

    /// The field of the hand-off or of the settings that it is about, by our name for it.
    #[must_use]
    pub fn field(self) -> Option<&'static str> {
        self.row().map(|row| row.field).filter(|field| !field.is_empty())
    }

    /// A sentence for whoever looks after the supporters, in plain words.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        self.row().map_or("The processor gave a code that we do not know.", |row| row.sentence)
    }

    fn row(self) -> Option<&'static Row> {
        TABLE.iter().find(|row| row.code == self.0)
    }
}

impl Codes {
    /// Keeps the first codes; more than there can be end in one that we do not know.
    pub(super) fn new(codes: impl Iterator<Item = Code>) -> Self {
        let mut kept: Vec<Code> = codes.take(MOST.saturating_add(1)).collect();
        if let Some(last) = kept.get_mut(MOST) {
            *last = Code(0);
        }
        Self(kept)
    }

    /// Whether there is none.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The codes, in the order given.
    pub fn iter(&self) -> impl Iterator<Item = Code> {
        self.0.iter().copied()
    }

    /// Whether one of them is this number.
    #[must_use]
    pub fn has(&self, number: u16) -> bool {
        self.0.contains(&Code(number))
    }

    /// What they say together: one doubt makes it a doubt, and no code at all is one.
    #[must_use]
    pub fn meaning(&self) -> Meaning {
        self.iter().map(Code::meaning).max().unwrap_or(Meaning::InDoubt)
    }
}

impl std::fmt::Display for Codes {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        for (place, code) in self.iter().enumerate() {
            write!(f, "{}{:04}", if place == 0 { "" } else { "," }, code.0)?;
        }
        Ok(())
    }
}

struct Row {
    code: u16,
    meaning: Meaning,
    field: &'static str,
    sentence: &'static str,
}

const fn ours(code: u16, sentence: &'static str) -> Row {
    Row { code, meaning: Meaning::NotSent, field: "", sentence }
}

const fn setting(code: u16, field: &'static str, sentence: &'static str) -> Row {
    Row { code, meaning: Meaning::NotSent, field, sentence }
}

const fn refused(code: u16, field: &'static str, sentence: &'static str) -> Row {
    Row { code, meaning: Meaning::Refused, field, sentence }
}

const fn doubt(code: u16, sentence: &'static str) -> Row {
    Row { code, meaning: Meaning::InDoubt, field: "", sentence }
}

/// A mandate that exists under our own reference (2112, 2114, 2168, 2169) may be the fruit of an
/// earlier request, so those are doubts and not refusals.
const TABLE: &[Row] = &[
    ours(1001, "The request was not of the form the processor asks for."),
    doubt(1002, "The processor could not make an answer."),
    doubt(1003, "The processor failed while it worked on the request."),
    ours(1004, "The processor does not know our signature: check the API password."),
    doubt(1005, "The processor has had this very request before: ask what became of it."),
    setting(2001, "username", "The API user name is missing."),
    setting(2002, "username", "The API user is unknown or may not use the API."),
    ours(2011, "The request names no command."),
    ours(2012, "The processor does not know the command."),
    ours(2013, "The API user may not use this command: ask the processor to allow it."),
    ours(2014, "The request holds no mandates."),
    ours(2015, "The request holds no collections."),
    doubt(2016, "The processor could not fetch its data: tell the processor."),
    doubt(2017, "The processor's report has no headings: tell the processor."),
    setting(2018, "username", "The processor finds no charity for the API user."),
    refused(2021, "trading_name", "The trading name is not in the right form."),
    refused(2031, "last_name", "The name is not in the right form."),
    refused(2041, "line1", "The first line of the address is not in the right form."),
    refused(2042, "line1", "The first line of the address is missing."),
    refused(2051, "line2", "The second line of the address is not in the right form."),
    refused(2061, "line3", "The third line of the address is not in the right form."),
    refused(2071, "town", "The town is not in the right form."),
    refused(2072, "town", "The town is missing."),
    refused(2081, "postcode", "The postcode is not in the right form."),
    refused(2082, "postcode", "The postcode is missing."),
    refused(2091, "phone", "The telephone number is not in the right form."),
    refused(2101, "email", "The email address is not in the right form."),
    refused(2102, "email", "The email address is missing or not valid."),
    refused(2111, "reference", "The reference is not in the right form."),
    doubt(2112, "A mandate under this reference exists already: find out which."),
    refused(2113, "reference", "The reference is missing."),
    doubt(2114, "The reference came twice in one request: find out what became of each."),
    refused(2115, "reference", "The reference is not that of the mandate."),
    refused(2121, "account_name", "The name on the account is not in the right form."),
    refused(2122, "account_name", "The name on the account is missing."),
    refused(2131, "account_number", "The account number is not in the right form."),
    refused(2132, "account_number", "The account number is missing."),
    refused(2133, "account_number", "The account number does not have 8 digits."),
    refused(2134, "account_number", "The account number holds something other than digits."),
    refused(2141, "sort_code", "The sort code is not in the right form."),
    refused(2142, "sort_code", "The sort code is missing."),
    refused(2143, "sort_code", "The sort code does not have 6 digits."),
    refused(2144, "sort_code", "The sort code holds something other than digits."),
    ours(2151, "The processor does not know the action."),
    ours(2152, "Cancelling by API is not enabled: ask the processor to allow it."),
    refused(2153, "", "The collection can no longer be deleted: it is on its way."),
    refused(2154, "", "The collection can no longer be changed: it is on its way."),
    refused(2155, "", "There is no such collection."),
    setting(2161, "mandate_reference", "The mandate's reference is not in the right form."),
    setting(2162, "mandate_reference", "The processor itself chooses the mandates' references."),
    setting(2163, "mandate_reference", "The mandate's reference holds wrong characters."),
    setting(2164, "mandate_reference", "The mandate's reference has too few letters and digits."),
    setting(2165, "mandate_reference", "The mandate's reference has the wrong length."),
    refused(
        2166,
        "mandate_reference",
        "The mandate is not live, failed or cancelled: a new one is live after six working days.",
    ),
    setting(2167, "mandate_reference", "The mandate's reference is missing."),
    doubt(2168, "The mandate's reference came twice in one request: find out what became of each."),
    doubt(2169, "A mandate of this reference is active already: find out which."),
    refused(2171, "amount", "The amount is not in the right form."),
    refused(2172, "amount", "The amount is not valid."),
    refused(2173, "amount", "The amount is missing."),
    refused(2174, "amount", "The amount is above what the account with the processor allows."),
    refused(2175, "amount", "The day's limit of the account with the processor is exceeded."),
    refused(2181, "frequency", "The frequency is not in the right form."),
    setting(2182, "frequency", "The account with the processor has no repeating mandates."),
    setting(2183, "frequency", "The account with the processor has repeating mandates only."),
    setting(2184, "frequency", "A mandate that does not repeat came with a frequency."),
    setting(2185, "frequency", "A frequency must not be given."),
    refused(2186, "frequency", "The frequency is not one the processor offers."),
    refused(2187, "frequency", "The frequency is missing."),
    refused(2191, "start_date", "The first date is not in the right form."),
    refused(2192, "start_date", "The first date is not valid."),
    refused(2193, "start_date", "The first date is fewer than 5 working days ahead."),
    refused(2194, "start_date", "The first date is more than 13 months ahead."),
    refused(2195, "date", "The collection's date is not valid."),
    refused(2196, "date", "The collection's date is fewer than 3 working days ahead."),
    refused(2197, "date", "The collection is fewer than 5 working days after its mandate."),
    refused(2198, "start_date", "The first date is fewer than 3 working days ahead."),
    setting(2201, "mandate_type", "The mandate's type is missing."),
    setting(2202, "mandate_type", "The processor does not know the mandate's type."),
    setting(2211, "short_id", "The charity's short id is missing."),
    setting(2212, "short_id", "The processor does not know the charity's short id."),
    refused(2221, "end_date", "The last date is not in the right form."),
    refused(2222, "end_date", "The last date is not after the first."),
    refused(2223, "end_date", "The last date is not valid."),
    refused(2231, "account_number", "The bank details do not belong together."),
    refused(2241, "postcode", "The address is not one the processor knows."),
    setting(2251, "service_user_number", "The service user number is not in the right form."),
    setting(2252, "service_user_number", "The service user number is not the charity's."),
    ours(2261, "The report cannot be asked for by this status."),
    ours(2262, "The report cannot be sorted by this column."),
    ours(2263, "The report cannot be sorted in this order."),
    refused(2271, "existing_amount", "The amount of the collection to change is not valid."),
    refused(2272, "existing_amount", "The amount of the collection to change is malformed."),
    refused(2281, "existing_date", "The date of the collection to change is not valid."),
    refused(2282, "existing_date", "The date of the collection to change is malformed."),
    ours(2291, "The statement was asked for without a date."),
    refused(2292, "collection_date", "The statement's collection date is not valid."),
    refused(2293, "statement_date", "The statement's date is not valid."),
    refused(2294, "", "There is no statement of that date."),
    ours(2295, "The statement was asked for without a month."),
    ours(2296, "Monthly statements are not enabled: ask the processor to allow them."),
    doubt(2297, "The processor could not fetch the monthly statement."),
    doubt(2301, "The processor knows no request with this signature."),
    doubt(2302, "The earlier request's signature is not in the right form."),
    doubt(2303, "The earlier request belongs to another charity."),
    doubt(2304, "The earlier request was itself a question about a request."),
    refused(2311, "payment_reference", "The payment reference is not in the right form."),
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The list of rsm-protocol.md, 7.9, apart from the texts.
    const ALL: [&[u16]; 6] = [
        &[1001, 1002, 1003, 1004, 1005, 2001, 2002, 2011, 2012, 2013, 2014, 2015, 2016, 2017, 2018],
        &[2021, 2031, 2041, 2042, 2051, 2061, 2071, 2072, 2081, 2082, 2091, 2101, 2102],
        &[2111, 2112, 2113, 2114, 2115, 2121, 2122, 2131, 2132, 2133, 2134, 2141, 2142, 2143, 2144],
        &[2151, 2152, 2153, 2154, 2155, 2161, 2162, 2163, 2164, 2165, 2166, 2167, 2168, 2169],
        &[
            2171, 2172, 2173, 2174, 2175, 2181, 2182, 2183, 2184, 2185, 2186, 2187, 2191, 2192,
            2193, 2194, 2195, 2196, 2197, 2198, 2201, 2202, 2211, 2212, 2221, 2222, 2223, 2231,
            2241,
        ],
        &[
            2251, 2252, 2261, 2262, 2263, 2271, 2272, 2281, 2282, 2291, 2292, 2293, 2294, 2295,
            2296, 2297, 2301, 2302, 2303, 2304, 2311,
        ],
    ];

    #[test]
    fn every_code_of_the_manual_has_one_row_in_order() {
        let ours: Vec<u16> = TABLE.iter().map(|row| row.code).collect();
        assert_eq!(ours, ALL.concat());
    }

    #[test]
    fn the_sentences_are_plain() {
        for row in TABLE {
            let plain = row.sentence.ends_with('.') && row.sentence.len() < 90;
            assert!(plain && row.sentence.chars().next().unwrap().is_uppercase(), "{}", row.code);
            for word in ["clientRef", "ddRefNo", "RSM", "DTD", "SUN"] {
                assert!(!row.sentence.contains(word), "{}", row.code);
            }
        }
    }

    #[test]
    fn one_doubt_makes_a_doubt() {
        let meaning = |texts: &[&str]| Codes::new(texts.iter().map(|t| Code::parse(t))).meaning();
        assert_eq!(meaning(&["2131", "2231"]), Meaning::Refused);
        assert_eq!(meaning(&["2131", "2211"]), Meaning::Refused);
        assert_eq!(meaning(&["1004"]), Meaning::NotSent);
        for doubt in ["1002", "1003", "1005", "2112", "9999", "2231 ", "+2231", "", "02231"] {
            assert_eq!(meaning(&["2131", doubt]), Meaning::InDoubt, "{doubt}");
        }
        assert_eq!(meaning(&[]), Meaning::InDoubt);
        assert_eq!(meaning(&["2131"; 32]), Meaning::Refused);
        assert_eq!(meaning(&["2131"; 33]), Meaning::InDoubt);
        assert_eq!(Code::parse("2231").field(), Some("account_number"));
    }
}
