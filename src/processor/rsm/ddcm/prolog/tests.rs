use super::*;
use proptest::prelude::*;

const LIMITS: Limits = Limits { bytes: 65_536, elements: 500 };
const DECLARED: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>";

fn opened(document: &[u8]) -> Result<String, Doubt> {
    open(document, LIMITS).map(|text| (*text).clone())
}

#[test]
fn latin_1_is_true_latin_1() {
    let bytes = [DECLARED.as_bytes(), b"<ddcm>\xA3\x80\x9F</ddcm>"].concat();
    assert_eq!(opened(&bytes).as_deref(), Ok("<ddcm>\u{a3}\u{80}\u{9f}</ddcm>"));
    let utf8 = "<?xml version='1.0' encoding='utf-8' standalone='yes'?>\r\n<ddcm>\u{a3}</ddcm>";
    assert_eq!(opened(utf8.as_bytes()).as_deref(), Ok("<ddcm>\u{a3}</ddcm>"));
    assert_eq!(opened("<ddcm>\u{a3}</ddcm>".as_bytes()).as_deref(), Ok("<ddcm>\u{a3}</ddcm>"));
}

#[test]
fn e_11_other_charsets_and_byte_order_marks_are_refused() {
    let declared = |charset: &str| format!("<?xml version=\"1.0\" encoding=\"{charset}\"?><ddcm/>");
    for charset in ["UTF-16", "UTF-7", "windows-1252", "latin1", "ISO-8859-15", "", "EBCDIC-CP-GB"]
    {
        assert_eq!(opened(declared(charset).as_bytes()), Err(Doubt::Charset), "{charset}");
    }
    let plain = declared("UTF-8");
    let wide =
        |order: fn(u16) -> [u8; 2]| plain.encode_utf16().flat_map(order).collect::<Vec<u8>>();
    for bytes in [
        wide(u16::to_be_bytes),
        wide(u16::to_le_bytes),
        [&[0xFE, 0xFF][..], &wide(u16::to_be_bytes)].concat(),
        [&[0xFF, 0xFE][..], &wide(u16::to_le_bytes)].concat(),
        [&[0xEF, 0xBB, 0xBF][..], plain.as_bytes()].concat(),
        [&[0xEF, 0xBB, 0xBF][..], declared("ISO-8859-1").as_bytes()].concat(),
        [plain.as_bytes(), b"\0"].concat(),
        [plain.as_bytes(), b"\xA3"].concat(),
        b"<ddcm>\xA3</ddcm>".to_vec(),
    ] {
        assert_eq!(opened(&bytes), Err(Doubt::Charset), "{bytes:?}");
    }
}

#[test]
fn a_declaration_is_of_one_shape() {
    for wrong in [
        "<?xml?><ddcm/>",
        "<?xml version=\"1.1\"?><ddcm/>",
        "<?xml encoding=\"UTF-8\" version=\"1.0\"?><ddcm/>",
        "<?xml version=\"1.0\" version=\"1.0\"?><ddcm/>",
        "<?xml version=\"1.0\" encoding=\"UTF-8\" encoding=\"ISO-8859-1\"?><ddcm/>",
        "<?xml version=\"1.0\"encoding=\"UTF-8\"?><ddcm/>",
        "<?xml version=\"1.0\" more=\"1\"?><ddcm/>",
        "<?xml version=\"1.0",
        " <?xml version=\"1.0\"?><ddcm/>",
        "",
    ] {
        assert_eq!(opened(wrong.as_bytes()), Err(Doubt::Malformed), "{wrong}");
    }
}

#[test]
fn a_doctype_that_only_names_a_dtd_is_passed_over() {
    for doctype in [
        "<!DOCTYPE ddcm SYSTEM \"https://rsm5.rsmsecure.com/ddcm/apiDtd/heartbeatResponse.dtd\">",
        "<!DOCTYPE ddcm SYSTEM 'apiDtd/heartbeatRequest.dtd' >",
        "<!DOCTYPE\n ddcm\n PUBLIC \"any\" \"https://example/x.dtd\">",
    ] {
        let document = format!("{DECLARED}\r\n{doctype}\r\n<ddcm/>");
        assert_eq!(opened(document.as_bytes()).as_deref(), Ok("<ddcm/>"), "{doctype}");
    }
}

#[test]
fn e_7_external_entities_are_refused() {
    for doctype in [
        "<!DOCTYPE ddcm [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>",
        "<!DOCTYPE ddcm SYSTEM \"apiDtd/x.dtd\" [<!ENTITY % x SYSTEM \"http://169.254.169.254/\">%x;]>",
        "<!DOCTYPE ddcm SYSTEM \"file:///etc/passwd\">",
        "<!DOCTYPE ddcm SYSTEM \"file:///etc/x.dtd\">",
        "<!DOCTYPE ddcm SYSTEM \"http://169.254.169.254/latest.dtd\">",
        "<!DOCTYPE ddcm SYSTEM \"https://user@example/x.dtd\">",
        "<!DOCTYPE ddcm PUBLIC \"x\" \"file:///etc/passwd\">",
        "<!DOCTYPE html>",
        "<!DOCTYPE ddcm>",
        "<!DOCTYPE ddcm SYSTEM \"x.dtd\"",
    ] {
        let document = format!("{DECLARED}{doctype}<ddcm>&x;</ddcm>");
        assert_eq!(opened(document.as_bytes()), Err(Doubt::Doctype), "{doctype}");
    }
}

#[test]
fn e_8_entity_bombs_are_refused() {
    let laugh = |n| format!("<!ENTITY l{n} \"{}\">", format!("&l{};", n - 1).repeat(10));
    let laughs = (1..10).map(laugh).collect::<Vec<_>>().concat();
    let quadratic = format!("<!ENTITY q \"{}\">", "q".repeat(20_000));
    for inside in [format!("<!ENTITY l0 \"lol\">{laughs}"), quadratic] {
        let document = format!("{DECLARED}<!DOCTYPE ddcm [{inside}]><ddcm>&l9;</ddcm>");
        assert_eq!(opened(document.as_bytes()), Err(Doubt::Doctype));
        let late = format!("{DECLARED}<ddcm/><!DOCTYPE ddcm [{inside}]>");
        assert_eq!(opened(late.as_bytes()), Err(Doubt::Malformed));
    }
}

#[test]
fn e_9_attributes_and_namespaces_are_refused() {
    let attribute = |n| format!(" a{n}=\"\"");
    let many = (0..100_000).map(attribute).collect::<Vec<_>>().concat();
    let wide = Limits { bytes: 10_000_000, ..LIMITS };
    for tag in [many.as_str(), " xmlns=\"urn:x\"", " xmlns:a=\"urn:x\"", " a=\"<b>\"", " a='>'"] {
        let document = format!("{DECLARED}<ddcm{tag}></ddcm>");
        assert_eq!(open(document.as_bytes(), wide).err(), Some(Doubt::Malformed));
    }
    let prefixed = format!("{DECLARED}<a:ddcm></a:ddcm>");
    assert_eq!(opened(prefixed.as_bytes()), Err(Doubt::Malformed));
}

#[test]
fn e_10_large_and_deep_answers_are_refused() {
    let wide = Limits { bytes: 200_000_000, elements: 1_000 };
    let document = |inside: String| format!("{DECLARED}<ddcm>{inside}</ddcm>").into_bytes();
    assert_eq!(opened(&document("x".repeat(100_000_000))), Err(Doubt::TooLarge));
    for (inside, verdict) in [
        ("<a/>".repeat(1_000_000), Some(Doubt::TooLarge)),
        ("<a/>".repeat(999), None),
        ("<a/>".repeat(1000), Some(Doubt::TooLarge)),
        ("<a>".repeat(10_000), Some(Doubt::TooLarge)),
        (format!("{}{}", "<a>".repeat(15), "</a>".repeat(15)), None),
        (format!("{}{}", "<a>".repeat(16), "</a>".repeat(16)), Some(Doubt::TooLarge)),
        ("</a>".repeat(3), Some(Doubt::Malformed)),
    ] {
        assert_eq!(open(&document(inside), wide).err(), verdict);
    }
    // Compressed, which was not asked for: not one byte of it is unpacked.
    assert_eq!(opened(b"\x1f\x8b\x08\0\0\0\0\0\0\x03\xed\xc1"), Err(Doubt::Charset));
}

#[test]
fn markup_that_splits_a_text_is_refused() {
    for inside in ["<!-- x -->", "<![CDATA[x]]>", "<?php x ?>", "<a", "<>", "< a>", "</>"] {
        let document = format!("{DECLARED}<ddcm>1{inside}0</ddcm>");
        assert_eq!(opened(document.as_bytes()), Err(Doubt::Malformed), "{inside}");
    }
}

proptest! {
    #[test]
    fn no_bytes_panic(bytes in prop::collection::vec(any::<u8>(), 0..200)) {
        drop(open(&bytes, LIMITS));
    }

    #[test]
    fn no_markup_panics(text in "(<\\?xml( version=\"1.0\"| encoding=\"[A-Z]{0,3}\"){0,3}\\?>)?[<>!/ ?ADCDOTYPEddcm\"'\\[\\]a&;=]{0,60}") {
        drop(open(text.as_bytes(), LIMITS));
    }
}
