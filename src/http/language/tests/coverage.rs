//! Every text there is, in every language, is said, and all that is said is there.

use super::*;

fn messages(text: &str) -> BTreeMap<String, BTreeSet<String>> {
    let resource = fluent_bundle::FluentResource::try_new(text.to_owned()).map_err(|(_, why)| why);
    let resource = resource.unwrap();
    let mut found = BTreeMap::new();
    for entry in resource.entries() {
        if let fluent_syntax::ast::Entry::Message(message) = entry {
            let value = message.value.as_ref().unwrap();
            let used = placeables::placeables(value);
            assert!(
                found.insert(message.id.name.to_owned(), used).is_none(),
                "{}",
                message.id.name
            );
        }
    }
    found
}

/// Our own code without comments, tests and line breaks within a text.
fn sources(folder: &str) -> Vec<(String, String)> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let (mut found, mut folders) = (Vec::new(), vec![root.join(folder)]);
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.extension().is_some_and(|end| end == "rs") && !path.ends_with("tests.rs")
            {
                let text = std::fs::read_to_string(&path).unwrap();
                let own = text.split("#[cfg(test)]\nmod tests {").next().unwrap();
                let lines = own.lines().map(str::trim).filter(|line| !line.starts_with("//"));
                let joined = lines.collect::<Vec<_>>().join("\n").replace("\\\n", "");
                found.push((path.strip_prefix(&root).unwrap().display().to_string(), joined));
            }
        }
    }
    found
}

/// What stands between quotation marks.
fn quoted(text: &str) -> Vec<String> {
    let pattern = regex::Regex::new(r#""((?:[^"\\]|\\.)*)""#).unwrap();
    pattern.captures_iter(text).map(|found| found[1].to_owned()).collect()
}

#[test]
fn both_languages_have_the_same_texts_about_the_same_things() {
    assert_eq!(messages(ENGLISH), messages(WELSH));
}

#[test]
fn every_text_is_said_and_every_text_that_is_said_is_there() {
    let code = sources("http");
    let used: BTreeSet<String> = code
        .iter()
        .filter(|(path, _)| !path.starts_with("http/language"))
        .flat_map(|(_, text)| quoted(text))
        .collect();
    let english = messages(ENGLISH);
    // The name is said by the links to a language.
    let others = english.keys().filter(|id| {
        *id != "language-name"
            && (*id).as_str() != "default-donate-title"
            && !GIVEN_IN_ENGLISH.iter().any(|start| id.starts_with(start))
    });
    let unused: Vec<_> = others.filter(|id| !used.contains(*id)).collect();
    assert_eq!(unused, Vec::<&String>::new());
    let said = regex::Regex::new(r#"say(?:_of)?\("([^"]+)""#).unwrap();
    for (path, text) in &code {
        for found in said.captures_iter(text) {
            assert!(english.contains_key(&found[1]), "{path}: {}", &found[1]);
        }
    }
}

/// What a program alone is told.
const FOR_PROGRAMS: [&str; 24] = [
    "The JSON is nested too deeply",
    "Send the object that the documentation shows.",
    "The Idempotency-Key is missing or malformed",
    "Send 16 to 64 letters, figures, _ or -, new for each payment and the same for each repeat.",
    "The API key is missing or not known",
    "Send Authorization: Bearer and a key made with almoner keygen api.",
    "The API key may not do this",
    "Use a key with the scope that is needed.",
    "Some fields need a change",
    "Change the fields that are named and send it again. Nothing was sent on.",
    "The Idempotency-Key was used for another request",
    "Ask what became of the first. A new payment needs a new key.",
    "The first of these requests is not answered yet",
    "It is noted under this reference and may be with the processor: it is never done twice. Ask for the address in Location, or send it again with the same key after the time that Retry-After says.",
    "This cannot be taken just now",
    "Nothing was sent for this request. Send it again with the same key after the time that Retry-After says: it is done once, and answered as an earlier one was.",
    "A parameter cannot be read",
    "Change the parameter that is named.",
    "This cursor is of another record",
    "The record was restored from an older backup. Read it again from a cursor of before that, or from the beginning.",
    "Too many streams are open",
    "Try again after the time that Retry-After says, or ask for pages: /v1/outcomes.",
    // Of reports and of changes by supporter care.
    "Use at least 6 capital letters or digits, and - . /",
    "Choose a last date after the first",
];

/// Where what a supporter reads is given in English.
const GIVEN: [&str; 18] = [
    "payment/field.rs",
    "payment/donor.rs",
    "payment/postcode.rs",
    "payment/bank.rs",
    "payment/card.rs",
    "handoff.rs",
    "handoff/offer.rs",
    "handoff/debit.rs",
    "processor.rs",
    "processor/rsm/fields.rs",
    "processor/rsm/hosted.rs",
    "processor/rsm/lodge.rs",
    "processor/rsm/ddcm/field.rs",
    "processor/rsm/ddcm/mandates.rs",
    "processor/signed/answer.rs",
    "http/giving/check.rs",
    "http/giving/debit.rs",
    "http/problem/trouble.rs",
];

#[test]
fn all_that_is_given_in_english_is_a_text_and_every_such_text_is_given() {
    let sources: BTreeMap<String, String> = sources("").into_iter().collect();
    let sentence = |text: &String| {
        let mut words = text.split(' ');
        let begins = |word: &str| word.starts_with(|c: char| c.is_ascii_uppercase());
        words.next().is_some_and(begins) && words.next().is_some()
    };
    let given: BTreeSet<String> =
        GIVEN.iter().flat_map(|path| quoted(&sources[*path])).filter(sentence).collect();
    let programs: BTreeSet<String> = FOR_PROGRAMS.map(str::to_owned).into();
    assert_eq!(programs.difference(&given).collect::<Vec<_>>(), Vec::<&String>::new());
    let mut known = BTreeMap::new();
    for line in ENGLISH.lines() {
        let Some((id, text)) = line.split_once(" = ") else { continue };
        let prefixes = GIVEN_IN_ENGLISH.iter().filter(|start| **start != "default-");
        if prefixes.clone().any(|start| id.starts_with(start)) {
            let earlier = known.insert(text.to_owned(), id.to_owned());
            assert_eq!(earlier, None, "{text} has two ids");
        }
    }
    for text in &given {
        let there = known.contains_key(text) != programs.contains(text);
        assert!(there, "a supporter may be told {text:?}, or only a program: say which");
    }
    let idle: Vec<_> = known.keys().filter(|text| !given.contains(*text)).collect();
    assert_eq!(idle, Vec::<&String>::new());
}
