//! The console from the command line: its password, what `almoner check` says of it, and the demo's month.

use super::demo::Demo;
use super::place::{Place, almoner, run, said};
use std::io::Write as _;
use std::os::unix::fs::MetadataExt as _;
use std::process::{Output, Stdio};

/// Makes a hash of what is said on standard input.
fn hash_of(typed: &str, more: &[&str]) -> Output {
    let mut keygen = almoner()
        .args([&["keygen", "console-password"], more].concat())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    keygen.stdin.take().unwrap().write_all(typed.as_bytes()).unwrap();
    keygen.wait_with_output().unwrap()
}

#[test]
fn p_10_a_password_is_read_and_never_shown() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("console.phc");
    let made =
        hash_of("a lamp for every boat\nnot this\n", &["--out", &file.display().to_string()]);
    assert!(made.status.success() && !said(&made).contains("lamp"), "{}", said(&made));
    assert_eq!(std::fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
    let hash = std::fs::read(&file).unwrap();
    let password = almoner::keys::Password::read(hash.trim_ascii()).unwrap();
    assert!(password.verify(b"a lamp for every boat"));
    let short = hash_of("too short\n", &[]);
    assert_eq!(short.status.code(), Some(1));
    assert!(said(&short).contains("12 characters"), "{}", said(&short));
    let argument = run(&["keygen", "console-password", "a lamp for every boat"]);
    assert_eq!(argument.status.code(), Some(2), "never as an argument");
}

#[test]
fn what_is_wrong_with_the_console_is_found_before_the_start() {
    let place = Place::new();
    let check = || {
        let output = run(&["check", "--offline", "--config", &place.config()]);
        let text = said(&output);
        let line = text.lines().find(|line| line.contains("  console ")).unwrap_or_default();
        (line.to_owned(), output.status.code())
    };
    assert!(check().0.contains("off: console.entry switches it on"), "{}", check().0);
    let text = std::fs::read_to_string(place.config()).unwrap();
    let with =
        |section: &str| std::fs::write(place.config(), format!("{text}\n{section}")).unwrap();
    with("[console]\nentry = \"password\"\n");
    let (line, code) = check();
    assert!(line.starts_with("WRONG") && line.contains("keygen console-password"), "{line}");
    assert_eq!(code, Some(1));
    with("[console]\nentry = \"certificate\"\n");
    let (line, code) = check();
    assert!(line.starts_with("WRONG") && line.contains("operations.client_ca_file"), "{line}");
    assert_eq!(code, Some(1));
    with("[console]\nidle = \"2h\"\n");
    let output = run(&["check", "--offline", "--config", &place.config()]);
    assert!(said(&output).contains("console.idle: out of bounds"), "{}", said(&output));
    let file = place.file("dev/console.phc").display().to_string();
    assert!(hash_of("a lamp for every boat\n", &["--out", &file]).status.success());
    with("[console]\nentry = \"password\"\n");
    place.change("[secrets]\n", "[secrets]\nconsole_password = { file = \"dev/console.phc\" }\n");
    let (line, code) = check();
    assert!(line.contains("by password") && !line.starts_with("WRONG"), "{line}");
    assert_eq!(code, Some(0));
    std::fs::write(&file, "a lamp for every boat").unwrap();
    let (line, code) = check();
    assert!(line.contains("not one of argon2id") && !line.contains("lamp"), "{line}");
    assert_eq!(code, Some(1));
}

#[test]
fn the_demo_begins_with_a_month_that_proves_whole() {
    let demo = Demo::start(&[]);
    let told = demo.told.join("\n");
    let made_up = told.split("filled with a month of ").nth(1).unwrap();
    let made_up: u64 = made_up.split(' ').next().unwrap().parse().unwrap();
    assert!((800..3000).contains(&made_up), "{made_up}");
    assert!(told.contains("/console  password "), "{told}");
    let ledger = told.split("--ledger ").nth(1).unwrap().lines().next().unwrap();
    let verified = said(&run(&["ledger", "verify", "--ledger", ledger]));
    assert!(verified.contains(&format!("{made_up} hand-offs")), "{verified}");
    let listed = run(&["outcomes", "list", "--ledger", ledger, "--json", "--limit", "10000"]);
    let listed = said(&listed);
    for state in ["accepted", "declined", "cancelled", "lapsed", "handed_off", "in_doubt"] {
        assert!(listed.contains(&format!("\"state\":\"{state}\"")), "{state}");
    }
    for word in
        ["mismatch", "contradiction", "refunded", "collection_unpaid", "direct_debit", "EUR"]
    {
        assert!(listed.contains(word), "{word}");
    }
    // As the stand-in for the processor says it, and by the rules of doubts.
    assert_eq!(listed.matches("doubt_overdue").count(), 3, "each is older than five minutes");
    for word in ["\"approved\"", "\"do_not_honour\"", ":1\""] {
        assert!(listed.contains(word), "{word}");
    }
    let doubts = said(&run(&["outcomes", "doubts", "--ledger", ledger, "--json"]));
    let tries = doubts.split("\"tries\":").skip(1).map(|rest| rest.split(',').next().unwrap());
    let tries: Vec<u32> = tries.map(|tries| tries.parse().unwrap()).collect();
    assert!(tries.len() == 3 && tries.is_sorted_by(|a, b| a > b), "oldest first: {doubts}");
    assert!(tries[2] >= 7, "so often within the first hour: {doubts}");
    let end = demo.end();
    assert!(end.contains("Recorded: 0 hand-offs; the ledger has"), "{end}");
}
