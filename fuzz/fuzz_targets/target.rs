//! Whatever is given as a return address, and whatever follows a listed origin: where a browser is sent
//! is on a listed origin and reads one way only (security.md, F-3, F-4).
#![no_main]

use almoner::http::fuzzing;
use libfuzzer_sys::fuzz_target;

const LISTED: [&str; 2] = ["https://charity.org", "https://www.charity.org:8443"];
/// The longest that is read.
const LONGEST: usize = 512;

fuzz_target!(|text: &str| {
    check(text);
    for origin in LISTED {
        check(&format!("{origin}{text}"));
    }
});

fn check(text: &str) {
    let Some(url) = fuzzing::return_url(text, &LISTED) else { return };
    let on = |origin: &&str| url.strip_prefix(*origin).is_some_and(|rest| rest.starts_with('/'));
    assert!(LISTED.iter().any(on), "{text:?} leads to {url:?}");
    assert!(url.bytes().all(|b| b.is_ascii_graphic() && b != b'\\' && b != b'@'), "{url:?}");
    if url.len() <= LONGEST {
        assert_eq!(fuzzing::return_url(&url, &LISTED).as_deref(), Some(url.as_str()));
    }
}
