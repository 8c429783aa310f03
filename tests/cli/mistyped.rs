//! What is said of arguments that cannot be read: which one and what to write, never what was typed.

use super::place::{Place, run, said};

const REFERENCE: &str = "01M84J9X89EXR96ABP88GNY1SG";

#[test]
fn what_was_typed_is_never_repeated() {
    let resolve = ["outcomes", "resolve", REFERENCE, "--config", "x.toml"];
    let with = |more: &[&'static str]| [&resolve[..], more].concat();
    for (arguments, typed, told) in [
        (
            with(&["--as", "lapsed", "--evidence", "4242424242424242"]),
            "4242",
            "--evidence <TEXTCODE>: this looks like a card number",
        ),
        (
            with(&["--as", "lapsed", "--evidence", "Pat Example"]),
            "Pat",
            "--evidence <TEXTCODE>: 1 to 64 of",
        ),
        (with(&["--as", "lapsed", "Pat Example"]), "Pat", "an argument is not known here"),
        (with(&["--as", "Pat"]), "Pat", "--as <OUTCOME>: use one of accepted"),
        (with(&["--Pat-Example"]), "Pat", "an argument is not known here"),
        (vec!["outcomes", "show", "4242424242424242"], "4242", "a reference is 26 capital letters"),
        (vec!["outcomes", "list", "--limit", "Pat"], "Pat", "--limit <LIMIT>: invalid digit"),
        (vec!["Pat"], "Pat", "there is no such command here"),
        (vec!["keygen", "Pat"], "Pat", "use one of install, signing, webhook, events, api"),
        (vec!["demo", "--port", "4242424242"], "42424", "this value cannot be read"),
        (
            vec!["reconcile", "--from", "26/11/2026"],
            "26/11",
            "write the day as YYYY-MM-DD, like 2026-11-01",
        ),
    ] {
        let output = run(&arguments);
        assert_eq!(output.status.code(), Some(2), "{arguments:?}");
        let said = said(&output);
        assert!(!said.contains(typed), "{arguments:?} {said}");
        assert!(said.contains(told), "{arguments:?} {said}");
    }
    assert!(
        said(&run(&["outcomes", "list", "--jsn"])).contains("--jsn is not known here: --json is")
    );
    let resend = ["events", "resend", "--config", "x.toml", "--subscriber", "crm"];
    let both = said(&run(&resend));
    assert!(both.contains("--reference") && both.contains("--given-up"), "{both}");
    let help = run(&["--help"]);
    assert_eq!(help.status.code(), Some(0));
    assert!(said(&help).contains("Usage: almoner"));
}

#[test]
fn a_file_that_is_missing_is_named_and_how_to_make_it() {
    for (file, made) in [
        ("dev/install.key", "secrets.install: "),
        ("dev/install.key", "almoner keygen install --out FILE"),
        ("dev/signing.key", "almoner keygen signing --out FILE"),
        ("dev/webhook.key", "almoner keygen webhook --out FILE"),
        ("dev/tls/server.pem", "(there is no such file); name a file that is there"),
    ] {
        let place = Place::new();
        std::fs::remove_file(place.file(file)).unwrap();
        let output = run(&["serve", "--config", &place.config()]);
        assert_eq!(output.status.code(), Some(1), "{file}");
        let said = said(&output);
        assert!(said.contains(file) && said.contains(made), "{said}");
    }
}
