//! What is looked at, one function a subject.

use super::{Arguments, Finding, doubtful, next, well, wrong};
use crate::app::{Fittings, Record, StartError};
use crate::config::{ConfigError, Document, Keeping, Settings};
use crate::ledger::LedgerError;
use crate::ledger::sqlite::SqliteLedger;
use crate::payment::Mode;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;

pub(super) fn offer(settings: &Settings, document: &Document) -> Vec<Finding> {
    let mut findings = Vec::new();
    match settings.offer(document) {
        Ok(offer) => {
            let text = format!(
                "{} amounts, {} plans, {} currencies",
                settings.donate.amounts.len(),
                offer.plans.len(),
                offer.currencies.len()
            );
            findings.push(well("offer", &text));
            match Fittings::looks(settings, &offer, document) {
                // What is wrong with a language is said by its own subject.
                Err(error) if !error.key.starts_with("texts.") => {
                    findings.push(wrong("theme", &error.to_string()));
                }
                Ok(_) | Err(_) => {}
            }
        }
        Err(error) => findings.push(wrong("offer", &error.to_string())),
    }
    if let Err(error) = settings.check_limits(document) {
        findings.push(wrong("limits", &error.to_string()));
    }
    match settings.api_keys(document) {
        Ok(keys) if keys.is_empty() => findings.push(doubtful(
            "api",
            "no key: /v1 refuses everybody; make one with almoner keygen api if you need it",
        )),
        Ok(keys) if keys.iter().any(|(_, hash)| *hash == [0; 32]) => {
            findings.push(wrong(
                "api",
                "a key's hash is still the example's noughts: make one with almoner keygen api",
            ));
        }
        Ok(keys) => findings.push(well("api", &format!("{} keys", keys.len()))),
        Err(error) => findings.push(wrong("api", &error.to_string())),
    }
    findings
}

pub(super) fn secrets(settings: &Settings, document: &Document) -> Vec<Finding> {
    let errors = settings.secrets(document);
    if errors.is_empty() {
        return vec![well("secrets", "all are there and readable by us alone")];
    }
    let finding = |error: &ConfigError| {
        wrong("secrets", &error.to_string()).then(next::secret(settings, &error.key))
    };
    errors.iter().map(finding).collect()
}

/// The file is looked at, the database asked.
pub(super) async fn ledger(
    settings: &Settings,
    document: &Document,
    arguments: &Arguments,
) -> Vec<Finding> {
    match settings.keeping(document) {
        Ok(Keeping::File(file)) => in_a_file(&file),
        Ok(Keeping::Database(_)) if arguments.offline => {
            vec![well("ledger", "in a database, which was not asked")]
        }
        Ok(Keeping::Database(_)) => vec![in_a_database(settings, document).await],
        // What is wrong with a secret was said above.
        Err(error) if error.key == "secrets.install" => Vec::new(),
        Err(error) => {
            let named = settings.ledger.file.as_deref().filter(|_| settings.ledger.url.is_some());
            let mut findings = vec![wrong("ledger", &error.to_string())];
            findings.extend(named.into_iter().flat_map(in_a_file));
            findings
        }
    }
}

async fn in_a_database(settings: &Settings, document: &Document) -> Finding {
    let there = "there, over TLS, of a schema that is known; almoner ledger verify proves it whole";
    match Record::read(settings, document).await {
        Ok(_) if settings.ledger.asynchronous_commit => doubtful(
            "ledger",
            "ledger.asynchronous_commit is set: what the database acknowledged may be lost in a crash",
        ),
        Ok(_) => well("ledger", there),
        Err(StartError::Ledger(error @ LedgerError::Unavailable(_)))
            if error.to_string().contains("it has schema 0,") =>
        {
            well(
                "ledger",
                "the database is there, and empty: its tables are made at the first start",
            )
        }
        Err(StartError::Ledger(error)) => wrong("ledger", &error.to_string()),
        Err(error) => wrong("ledger", &error.to_string()),
    }
}

fn in_a_file(file: &Path) -> Vec<Finding> {
    let Some(folder) = file.parent().filter(|folder| folder.is_dir()) else {
        return vec![
            wrong(
                "ledger",
                &format!(
                    "the folder of {} is missing: make it, mode 0700, for Almoner's user",
                    file.display()
                ),
            )
            .then(file.parent().map(next::folder_for)),
        ];
    };
    let mut findings = Vec::new();
    if std::fs::metadata(folder).is_ok_and(|folder| folder.mode() & 0o077 != 0) {
        findings.push(doubtful(
            "ledger",
            &format!("{} can be entered by others: chmod 0700 it", folder.display()),
        ));
    }
    findings.push(if file.exists() {
        existing(file)
    } else {
        well("ledger", "not there yet: it is made at the first start")
    });
    findings
}

fn existing(file: &Path) -> Finding {
    match SqliteLedger::open_to_read(file) {
        Ok(_) => match SqliteLedger::stays(file) {
            Ok(()) => well(
                "ledger",
                "there, of a schema that is known; almoner ledger verify proves it whole",
            ),
            Err(error) => wrong("ledger", &error.to_string()),
        },
        Err(error @ LedgerError::Newer { .. }) => wrong("ledger", &error.to_string()),
        Err(error) => {
            wrong("ledger", &format!("{error}: restore it from a backup, never delete it"))
        }
    }
}

/// Names of the example that nobody's own configuration has.
pub(super) fn placeholders(settings: &Settings, document: &Document) -> Vec<Finding> {
    let addresses = settings.processor.addresses();
    let values = [
        ("public.origin", settings.public.origin.0.as_str()),
        ("charity.website", settings.charity.website.0.as_str()),
        ("charity.contact", &settings.charity.contact),
        ("charity.privacy_url", &settings.charity.privacy_url),
    ];
    let reserved = |value: &str| {
        value.trim_end_matches('/').ends_with(".example") || value.contains(".example/")
    };
    let theirs = addresses.iter().map(|(key, url)| (key.as_str(), url.as_str()));
    values
        .into_iter()
        .chain(theirs)
        .filter(|(_, value)| reserved(value))
        .map(|(key, _)| {
            let place = document.wrong(key, "").line;
            let text = format!("{key} is still the example's: put your own");
            // With the test system one can go on, and try it out.
            let is_live = settings.processor.mode.0 == Mode::Live;
            doubtful("example", &text).then(is_live.then(|| next::edit(document.file(), place)))
        })
        .collect()
}

/// Real money and the test system must never be mixed. What is `told` of already, by its key, is not told again.
pub(super) fn mix_ups(settings: &Settings, told: Option<&str>) -> Vec<Finding> {
    let test_words =
        ["test", "demo", "sandbox", "staging", "localhost", "127.0.0.1", "[::1]", "mock"];
    let mut findings = Vec::new();
    let addresses = settings.processor.addresses();
    let is_told = addresses.iter().any(|(key, _)| Some(key.as_str()) == told);
    for (key, url) in addresses.iter().filter(|(key, _)| Some(key.as_str()) != told) {
        let address = url.to_ascii_lowercase();
        let sounds_like_test = test_words.iter().any(|word| address.contains(word));
        match (settings.processor.mode.0, sounds_like_test) {
            (Mode::Live, true) => findings.push(wrong(
                "mode",
                &format!("mode is live but {key} is a test system's: change one of them"),
            )),
            (Mode::Test, false) => findings.push(doubtful(
                "mode",
                &format!("mode is test but {key} does not sound like a test system: is it?"),
            )),
            (Mode::Live, false) | (Mode::Test, true) => {}
        }
    }
    if findings.is_empty() && !is_told {
        findings.push(match settings.processor.mode.0 {
            Mode::Live => well("mode", "live: real money"),
            Mode::Test => well(
                "mode",
                "test: no real money; for that say live, with the live addresses, and check again (docs/zero-to-live.md)",
            ),
        });
    }
    findings
}
