//! What a postcode looks like: anything where the country is another, the published form in the United Kingdom.

/// The country whose postcodes have one form.
const UK: &str = "GB";

/// Whether this may be a postcode of that country, or what to do.
pub(super) fn check(text: &str, country: &str) -> Result<(), &'static str> {
    if !is_postcode(text) {
        return Err("Enter a postcode, like SW1A 1AA");
    }
    if country == UK && !is_of_uk(text) {
        return Err(
            "This is not a UK postcode: enter all of it, like SW1A 1AA, or choose another country",
        );
    }
    Ok(())
}

fn is_postcode(text: &str) -> bool {
    text.len() >= 2 && text.bytes().all(|b| b.is_ascii_alphanumeric() || b == b' ' || b == b'-')
}

/// Whether it has the form of a UK postcode as the Government publishes it (Bulk Data Transfer, appendix C): an outward and an
/// inward part, with or without spaces, in either case. GIR 0AA is the one exception; the Forces' (BF1 ..) are none. Whether
/// anybody lives there is not asked.
fn is_of_uk(text: &str) -> bool {
    let bytes = || text.bytes().filter(|byte| *byte != b' ').map(|byte| byte.to_ascii_uppercase());
    let shape = bytes().map(|byte| match byte {
        b'0'..=b'9' => '9',
        b'A'..=b'Z' => 'A',
        _ => '-',
    });
    let shapes = ["A99AA", "A999AA", "AA99AA", "AA999AA", "A9A9AA", "AA9A9AA"];
    let has_shape = shapes.contains(&shape.collect::<String>().as_str());
    let second = bytes().nth(1);
    (has_shape && !second.is_some_and(|byte| byte == b'I' || byte == b'Z'))
        || bytes().eq(*b"GIR0AA")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_of_the_uk_has_the_form_of_one() {
        for good in [
            "M1 1AA",
            "M60 1NW",
            "CR2 6XH",
            "DN55 1PT",
            "W1A 1HQ",
            "EC1A 1BB",
            "ec1a1bb",
            "E C1A 1B b",
            "GIR 0AA",
            "gir0aa",
            "BF1 2AU",
            "BT1 5GS",
            "CF10 1AA",
        ] {
            assert_eq!(check(good, "GB"), Ok(()), "{good}");
        }
        for bad in [
            "ZZ",
            "ZZ9 9ZZ",
            "AI1 1AA",
            "SW1A",
            "SW1A 1A",
            "SW1A 1AAA",
            "SW1AA 1AA",
            "1AA SW1A",
            "M1-1AA",
            "12345",
            "GIR 0AB",
            "AA111 1AA",
            "MK40 AAA",
            "M 1AA",
        ] {
            let advice = check(bad, "GB").unwrap_err();
            assert!(
                advice.contains("UK postcode") && advice.contains("another country"),
                "{bad}: {advice}"
            );
            for elsewhere in ["FR", "IE", "US", "JE", ""] {
                assert_eq!(check(bad, elsewhere), Ok(()), "{bad} in {elsewhere}");
            }
        }
        assert_eq!(check("!", "GB"), Err("Enter a postcode, like SW1A 1AA"), "none of any country");
    }
}
