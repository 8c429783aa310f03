//! The house rules that a compiler does not know: which room may use which, how long files and
//! functions may be, and where the processor's own words may stand.

#![expect(clippy::unwrap_used, reason = "a test says what is wrong by failing")]

use std::path::{Path, PathBuf};

/// The most lines of a file.
const LONGEST_FILE: usize = 300;

/// Rooms by storey. A room may use rooms of lower storeys only; storey 5 is the whole and may use all.
const STOREYS: [(u8, &[&str]); 5] = [
    (1, &["payment", "clock", "keys", "spans", "way_out"]),
    (2, &["processor", "ledger", "shield"]),
    (3, &["announcement", "care", "export", "handoff", "receipt", "reconciliation", "resolution"]),
    (4, &["http", "sandbox", "tls"]),
    (5, &["app", "cli", "config"]),
];

/// What would break the rule and is meant: (room, used), and why.
const EXCEPTIONS: [(&str, &str, &str); 5] = [
    ("processor", "ledger", "a dialect signs the hand-off as it was written down"),
    (
        "spans",
        "payment",
        "a trace tells of a reference and a state by what they are, and of no text",
    ),
    ("spans", "way_out", "traces leave as everything does"),
    ("mock_rsm", "payment", "the mock shares the words of what a payment is"),
    ("mock_rsm", "clock", "the mock is told the time like everybody"),
];

fn files(folder: &str) -> Vec<(PathBuf, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let (mut found, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let text = std::fs::read_to_string(&path).unwrap();
                found.push((path.strip_prefix(root).unwrap().to_owned(), text));
            }
        }
    }
    assert!(!found.is_empty());
    found
}

fn room_of(path: &Path) -> String {
    let first = path.iter().nth(1).unwrap().to_string_lossy().into_owned();
    first.trim_end_matches(".rs").to_owned()
}

fn storey_of(room: &str) -> Option<u8> {
    STOREYS.iter().find(|(_, rooms)| rooms.contains(&room)).map(|(storey, _)| *storey)
}

#[test]
fn rooms_use_only_rooms_below_them() {
    let mut wrong = Vec::new();
    for (path, text) in files("src") {
        let room = room_of(&path);
        let storey = storey_of(&room);
        for used in
            text.lines().filter(|line| !line.trim_start().starts_with("//")).flat_map(used_rooms)
        {
            let excepted = EXCEPTIONS.iter().any(|(one, other, _)| *one == room && *other == used);
            let same = used == room;
            let below = matches!((storey, storey_of(&used)), (Some(5), _) | (None, None))
                || storey.zip(storey_of(&used)).is_some_and(|(here, there)| there < here);
            let entrance = room == "main" || room == "lib";
            if !(same || below || excepted || entrance) {
                wrong.push(format!("{} uses {used}", path.display()));
            }
        }
    }
    assert_eq!(wrong, Vec::<String>::new());
}

#[test]
fn the_service_never_imports_the_mock() {
    for (path, text) in files("src") {
        let allowed = ["mock_rsm", "cli", "lib"].contains(&room_of(&path).as_str());
        assert!(
            allowed || !text.lines().flat_map(used_rooms).any(|used| used == "mock_rsm"),
            "{}",
            path.display()
        );
    }
}

/// Proxies, redirects and retries are refused in one place, so that nobody forgets it in another.
#[test]
fn whoever_is_called_is_called_by_the_one_way_out() {
    let apart = ["src/way_out.rs", "src/cli/demo/walk.rs", "src/mock_rsm/courier.rs"];
    let begins = ["Client::builder(", "Client::new()", "ClientBuilder::new(", "reqwest::get("];
    for (path, text) in files("src") {
        let begun = begins.iter().any(|begins| text.contains(begins));
        assert_eq!(begun, apart.iter().any(|one| path == Path::new(one)), "{}", path.display());
    }
}

/// The rooms a line names as `crate::room`.
fn used_rooms(line: &str) -> Vec<String> {
    let after = line.split("crate::").skip(1);
    after
        .map(|rest| {
            rest.chars().take_while(|c| c.is_ascii_lowercase() || *c == '_').collect::<String>()
        })
        .filter(|room| !room.is_empty())
        .collect()
}

#[test]
fn no_file_is_too_long_to_read() {
    let long: Vec<String> = ["src", "tests"]
        .into_iter()
        .flat_map(files)
        .filter(|(_, text)| text.lines().count() > LONGEST_FILE)
        .map(|(path, text)| format!("{}: {} lines", path.display(), text.lines().count()))
        .collect();
    assert_eq!(long, Vec::<String>::new());
}

#[test]
fn every_room_stands_in_the_map() {
    let map =
        std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join("src/lib.rs")).unwrap();
    let map: String = map.lines().filter(|line| line.starts_with("//!")).collect();
    for room in files("src")
        .iter()
        .map(|(path, _)| room_of(path))
        .filter(|room| room != "main" && room != "lib")
    {
        assert!(map.contains(&format!("[`{room}`]")), "{room} is not in the map of src/lib.rs");
    }
}

#[test]
fn the_processor_s_own_words_stay_in_its_rooms() {
    for (path, text) in files("src") {
        let at_home = path.starts_with("src/processor/rsm") || path.starts_with("src/mock_rsm");
        for word in ["uniqueid", "clientRef", "ddRefNo", "transStatus"] {
            assert!(at_home || !text.contains(word), "{word} in {}", path.display());
        }
    }
}

#[test]
fn sql_is_never_put_together_from_values() {
    for (path, text) in files("src") {
        for line in text.lines().filter(|line| line.contains("format!(")) {
            let sql =
                ["SELECT ", "INSERT ", "UPDATE ", "DELETE "].iter().any(|verb| line.contains(verb));
            assert!(!sql, "b_23: {}: {}", path.display(), line.trim());
        }
    }
}

#[test]
fn nothing_is_left_unfinished() {
    for (path, text) in
        ["src", "tests"].into_iter().flat_map(files).filter(|(path, _)| !path.ends_with("tidy.rs"))
    {
        for word in ["todo!(", "unimplemented!(", "FIXME"] {
            assert!(!text.contains(word), "{word} in {}", path.display());
        }
    }
}

/// How long a comparison takes must tell nobody how far a guess was right (security.md, Q-12).
#[test]
fn macs_are_compared_in_constant_time() {
    for (path, text) in files("src").into_iter().filter(|(path, _)| !path.ends_with("tests.rs")) {
        let own = text.split("mod tests {").next().unwrap();
        let is_keys = path == Path::new("src/keys.rs");
        let mock = path.starts_with("src/mock_rsm");
        assert!(
            is_keys || mock || !own.contains("hmac::"),
            "{}: MACs are of keys.rs",
            path.display()
        );
        for line in own.lines() {
            let compares = line.contains(" == ") || line.contains(" != ");
            let made =
                [".sign(", ".digest::<", ".finalize("].iter().any(|made| line.contains(made));
            assert!(!(compares && made), "{}: {}", path.display(), line.trim());
        }
        if is_keys {
            for body in own.split("fn verify").skip(1) {
                let body = body.split("\n    }").next().unwrap();
                let constant = [".verify_slice(", ".ct_eq(", ".verify(", ".verify::<"];
                assert!(constant.iter().any(|call| body.contains(call)), "{body}");
            }
        }
    }
}
