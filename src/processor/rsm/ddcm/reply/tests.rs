use super::super::tests::{PROLOG, answer, at, ddcm, seal};
use super::*;
use proptest::prelude::*;

fn heartbeat(answers: Answers, bytes: &[u8]) -> Result<(), Failure> {
    let ddcm = ddcm(answers);
    ddcm.hear(ddcm.heartbeat(at(7)), bytes).map(|_| ())
}

fn strict(document: &str) -> Result<(), Failure> {
    heartbeat(Answers::Strict, document.as_bytes())
}

fn signed(response: &str, signed: &[u8]) -> String {
    format!("{PROLOG}<ddcm>{response}<signature>{}</signature></ddcm>", seal(signed))
}

const WELL: &str = "<response><status>SUCCESS</status><errors/></response>";

#[test]
fn white_space_and_empty_elements_are_signed_in_either_way() {
    let spread = "<response>\r\n\t<status>SUCCESS</status>\n  <errors> </errors>\r\n</response>";
    for (sent, text) in [
        (WELL, WELL),
        (spread, spread),
        (spread, WELL),
        (spread, "<response><status>SUCCESS</status><errors></errors></response>"),
        ("<response><status>SUCCESS</status><errors></errors></response>", WELL),
        ("<response><status>SUCCESS</status><errors /></response>", WELL),
        (
            "<response><x>&quot;&#38;</x><status>SUCCESS</status></response>",
            "<response><x>\"&amp;</x><status>SUCCESS</status></response>",
        ),
    ] {
        assert_eq!(strict(&signed(sent, text.as_bytes())), Ok(()), "{sent}");
    }
    let inside = "<response><x> a </x><status>SUCCESS</status></response>";
    let trimmed = "<response><x>a</x><status>SUCCESS</status></response>";
    assert!(strict(&signed(inside, trimmed.as_bytes())).is_err(), "values are never trimmed");
}

#[test]
fn beyond_ascii_every_plausible_signature_is_known() {
    let with = |c: &[u8]| {
        [b"<response><x>".as_slice(), c, b"</x><status>SUCCESS</status></response>"].concat()
    };
    for text in [b"\xA3".as_slice(), "\u{a3}".as_bytes(), b"&#xA3;", b"&#163;"] {
        let signature = seal(&with(text));
        let tail = format!("<signature>{signature}</signature></ddcm>");
        let document = [PROLOG.as_bytes(), b"<ddcm>", &with(b"\xA3"), tail.as_bytes()].concat();
        assert_eq!(heartbeat(Answers::Strict, &document), Ok(()), "{text:?}");
    }
}

#[test]
fn what_is_tolerated_beyond_ascii_is_refused_by_default_and_in_ascii() {
    let document = |c: &[u8], tail: &str| {
        let head = b"<ddcm><response><status>SUCCESS</status><x>";
        [PROLOG.as_bytes(), head, c, b"</x></response>", tail.as_bytes(), b"</ddcm>"].concat()
    };
    let wrong = format!("<signature>{}</signature>", "0".repeat(64));
    for (tail, doubt) in
        [(wrong.as_str(), Doubt::WrongSignature(None)), ("", Doubt::Unsigned(None))]
    {
        let (pound, plain) = (document(b"\xA3", tail), document(b"L", tail));
        let doubt = Err(Failure::InDoubt(doubt));
        assert_eq!(heartbeat(Answers::NonAsciiUnverified, &pound), Ok(()));
        assert_eq!(heartbeat(Answers::Strict, &pound), doubt);
        assert_eq!(heartbeat(Answers::NonAsciiUnverified, &plain), doubt);
    }
}

#[test]
fn a_signature_in_any_other_spelling_is_wrong() {
    let good = seal(WELL.as_bytes());
    for wrong in [
        good.to_uppercase(),
        good.get(1..).unwrap().to_owned(),
        format!("{good}{good}"),
        format!(" {good}"),
        good.replace(|c: char| c.is_ascii_digit(), "0"),
        String::new(),
    ] {
        let document = format!("{PROLOG}<ddcm>{WELL}<signature>{wrong}</signature></ddcm>");
        assert_eq!(strict(&document), Err(Doubt::WrongSignature(None).into()), "{wrong}");
    }
    let twice = format!("<signature>{good}</signature>").repeat(2);
    let document = format!("{PROLOG}<ddcm>{WELL}{twice}</ddcm>");
    assert_eq!(strict(&document), Err(Doubt::Element("signature").into()));
    let other = format!("{PROLOG}<ddcm><signature>{good}</signature>{WELL}</ddcm>");
    assert_eq!(strict(&other), Ok(()), "in either order");
}

#[test]
fn an_answer_that_is_not_believed_gives_the_operator_its_code_as_a_hint() {
    let failed = "<response><status>FAIL</status><errors><error><code>1004</code>\
        <detail>secret</detail></error></errors></response>";
    let failure = strict(&signed(failed, b"another password")).unwrap_err();
    assert_eq!(failure, Doubt::WrongSignature(Some(Code::parse("1004"))).into());
    assert!(failure.to_string().contains("claims code 1004"), "{failure}");
    assert!(!failure.to_string().contains("secret"));
}

#[test]
fn what_is_not_a_whole_answer_is_refused_and_never_repeated() {
    let whole = String::from_utf8(answer("<status>SUCCESS</status><errors/>")).unwrap();
    for cut in PROLOG.len()..whole.len() {
        let failure = strict(whole.get(..cut).unwrap()).unwrap_err();
        assert_eq!(failure, Doubt::Malformed.into(), "{cut}");
    }
    for (document, doubt) in [
        ("<!DOCTYPE html><html><body>canary</body></html>".to_owned(), Doubt::Doctype),
        ("<html><body>canary</body></html>".to_owned(), Doubt::Malformed),
        ("canary".to_owned(), Doubt::Malformed),
        (format!("{whole}{whole}"), Doubt::Malformed),
        (format!("{whole}<ddcm/>"), Doubt::Malformed),
        (format!("{whole}canary"), Doubt::Malformed),
        (whole.replace("<ddcm>", "<ddcm><canary/>"), Doubt::Malformed),
        (whole.replace("SUCCESS", "SUCCESS&canary;"), Doubt::Malformed),
        (whole.replace("SUCCESS", "SUCCESS&#1;"), Doubt::Malformed),
        (format!("{PROLOG}<ddcm></ddcm>"), Doubt::Element("response")),
        (format!("{PROLOG}<ddcm>{WELL}{WELL}</ddcm>"), Doubt::Element("response")),
    ] {
        let failure = strict(&document).unwrap_err();
        assert_eq!(failure, doubt.into(), "{document}");
        assert!(!format!("{failure} {failure:?}").contains("canary"));
    }
}

#[test]
fn a_status_is_one_of_two_words() {
    for content in [
        "<errors/>",
        "<status/>",
        "<status>success</status>",
        "<status>SUCCESS </status>",
        "<status>SUCCESS</status><status>SUCCESS</status>",
        "<status>SUCCESS</status><status>FAIL</status>",
        "<status><b>SUCCESS</b></status>",
    ] {
        let heard = heartbeat(Answers::Strict, &answer(content));
        assert_eq!(heard, Err(Doubt::Element("status").into()), "{content}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic_or_are_believed(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        prop_assert!(heartbeat(Answers::NonAsciiUnverified, &bytes).is_err());
    }

    #[test]
    fn no_answer_that_was_changed_is_believed(place in 0_usize..41, byte in any::<u8>()) {
        let good = answer("<status>SUCCESS</status><x>some text</x>");
        let text = std::str::from_utf8(&good).unwrap();
        let start = text.find("<status>").unwrap();
        let mut changed = good.clone();
        *changed.iter_mut().skip(start).nth(place).unwrap() = byte;
        let same = changed == good;
        prop_assert!(same || heartbeat(Answers::Strict, &changed).is_err());
    }
}
