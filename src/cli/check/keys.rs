//! `almoner check --keys`: every key, secret and certificate in use, what it is for, where it comes from,
//! how old it is, when it ends and when it was last used; never what it is (security.md, P-6).

use super::uses::LastUses;
use super::{Arguments, Failure, Finding, acme, doubtful, print, wrong};
use crate::clock::Clock;
use crate::config::{Document, SecretSetting, Settings};
use crate::tls::Issued;
use jiff::Timestamp;
use serde_json::{Value, json};
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};

/// The days before its end at which a certificate is spoken of.
const SOON_DAYS: i64 = 30;
const OPERATIONS: &str = "operations.certificate_file";
const CLIENT: &str = "processor.client_certificate_file";

/// What is over, or soon will be, of what no listener shows.
pub(super) fn ends(settings: &Settings, clock: &Clock) -> Vec<Finding> {
    // Those of the listeners are looked at beside this.
    let listeners = ["public.certificate_file", acme::CERTIFICATE, OPERATIONS];
    let files = files(settings).into_iter();
    let files = files.filter(|(key, _, _)| !is_private(key) && !listeners.contains(&key.as_str()));
    let items = files.flat_map(|(key, purpose, file)| of_certificates(&key, purpose, &file));
    let now = clock.now();
    let finding = |item: Item| match item.days_left(now)? {
        _ if item.is_over(now) && !item.is_theirs() => {
            Some(wrong("certificate", &format!("{} is over: renew it", item.key)))
        }
        days if days < SOON_DAYS => {
            Some(doubtful("certificate", &format!("{} ends in {days} days: renew it", item.key)))
        }
        _ => None,
    };
    items.filter_map(finding).collect()
}

/// One of them.
#[derive(Default)]
struct Item {
    key: String,
    purpose: &'static str,
    /// A path, or the name of a credential or of an environment variable.
    source: String,
    kind: String,
    /// The file's mode, and when it was last written.
    mode: Option<u32>,
    written: Option<Timestamp>,
    ends: Option<Timestamp>,
    /// Of a certificate its SHA-256; of a secret that cannot be guessed the beginning of a keyed hash.
    id: Option<String>,
    used: Option<Timestamp>,
    problem: Option<String>,
}

/// Prints the inventory; whether all of it is there and nothing is over.
pub(super) fn print(
    settings: &Settings,
    document: &Document,
    uses: Option<&LastUses>,
    arguments: &Arguments,
) -> Result<bool, Failure> {
    let now = Clock::system().now();
    let items = items(settings, document, uses);
    for item in &items {
        if arguments.json {
            print::line(&described(item, now, uses).to_string())?;
        } else {
            tell(item, now, uses)?;
        }
    }
    // An old authority may be over that stands beside the new one.
    let is_well = |item: &Item| item.problem.is_none() && (!item.is_over(now) || item.is_theirs());
    Ok(items.iter().all(is_well))
}

fn items(settings: &Settings, document: &Document, uses: Option<&LastUses>) -> Vec<Item> {
    let mut items = Vec::new();
    for (name, secret) in settings.secrets.named() {
        let purpose = purpose(name);
        items.push(of_secret(format!("secrets.{name}"), purpose, secret));
        if let Some(next) = &secret.next {
            items.push(of_secret(format!("secrets.{name}.next"), purpose, next));
        }
    }
    for subscriber in &settings.subscribers {
        for (name, secret) in subscriber.secrets() {
            let key = format!("subscribers.{}.{name}", subscriber.name);
            let purpose = "signs the events that one of the charity's systems is told";
            if let Some(next) = &secret.next {
                items.push(of_secret(format!("{key}.next"), purpose, next));
            }
            items.push(of_secret(key, purpose, secret));
        }
    }
    for caller in &settings.api.keys {
        items.push(Item {
            key: format!(
                "api.keys.{} ({})",
                caller.name,
                caller.sha256.get(..8).unwrap_or_default()
            ),
            purpose: "one of the charity's programs: its key, of which the hash alone is here",
            source: document.place(),
            kind: "SHA-256 of a bearer key".to_owned(),
            id: caller.sha256.get(..8).map(str::to_owned),
            ..Item::default()
        });
    }
    if let Some(uses) = uses {
        for item in &mut items {
            item.used = uses.of_key(&item.key);
        }
    }
    items.extend(files(settings).into_iter().flat_map(|(key, purpose, file)| {
        if is_private(&key) {
            vec![of_private_key(&key, purpose, &file)]
        } else {
            of_certificates(&key, purpose, &file)
        }
    }));
    items
}

fn purpose(name: &str) -> &'static str {
    match name {
        "install" => "ours alone: form and return tokens, fingerprints, seals of a database",
        "processor_signing" => "signs what we send to the processor",
        "processor_webhook" => "verifies the processor's webhooks",
        "rsm2000_callback" => "verifies RSM's call-backs",
        "rsm2000_api" => "password of RSM's Direct Debit API: signs and verifies",
        "console_password" => "hash of the console's password: lets operators in",
        _ => "password of the user of the ledger's database",
    }
}

/// A file of certificates, or of a private key, by its name in the configuration.
pub(super) type Named = (String, &'static str, PathBuf);

/// Every one that is set.
fn files(settings: &Settings) -> Vec<Named> {
    let (public, operations) = (&settings.public, &settings.operations);
    let (processor, ledger) = (&settings.processor, &settings.ledger);
    let all = [
        ("public.certificate_file", "shown to everybody", public.certificate_file.as_ref()),
        ("public.private_key_file", "key of what is shown", public.private_key_file.as_ref()),
        (OPERATIONS, "shown to operators", operations.certificate_file.as_ref()),
        ("operations.private_key_file", "key of it", operations.private_key_file.as_ref()),
        ("operations.client_ca_file", "lets operators in", operations.client_ca_file.as_ref()),
        (CLIENT, "shows the processor who we are", processor.client_certificate_file.as_ref()),
        ("processor.client_key_file", "key of it", processor.client_key_file.as_ref()),
        ("processor.ca_file", "vouches for the processor", processor.ca_file.as_ref()),
        ("ledger.ca_file", "vouches for the database", ledger.ca_file.as_ref()),
        ("traces.ca_file", "vouches for the collector", settings.traces.ca_file.as_ref()),
    ];
    let all = all.into_iter().map(|(key, purpose, file)| (key.to_owned(), purpose, file));
    let theirs = settings.subscribers.iter().map(|subscriber| {
        let key = format!("subscribers.{}.ca_file", subscriber.name);
        (key, "vouches for one of the charity's systems", subscriber.ca_file.as_ref())
    });
    let named = all.chain(theirs);
    let named = named.filter_map(|(key, what, file)| Some((key, what, file?.clone())));
    named.chain(acme::files(settings)).collect()
}

fn is_private(key: &str) -> bool {
    key.ends_with("key_file")
}

fn of_secret(key: String, purpose: &'static str, secret: &SecretSetting) -> Item {
    let (source, of_kind) = (secret.place(), key.clone());
    let (mode, written) = secret.file.as_deref().map_or((None, None), looked_at);
    // What others chose may be short, and an id would help whoever guesses.
    let is_random =
        ["secrets.install", "secrets.processor"].iter().any(|ours| key.starts_with(ours));
    let id = is_random.then(|| secret.id().ok()).flatten();
    let item = Item { key, purpose, source, mode, written, id, ..Item::default() };
    match secret.length() {
        Ok(bytes) => Item { kind: format!("secret of {bytes} bytes"), ..item },
        Err(error) => {
            Item { kind: "secret".to_owned(), problem: Some(error.told(&of_kind)), ..item }
        }
    }
}

fn of_private_key(key: &str, purpose: &'static str, file: &Path) -> Item {
    let (mode, written) = looked_at(file);
    let problem = crate::config::read_private(file).err().map(|error| error.to_string());
    let source = file.display().to_string();
    let kind = "private key".to_owned();
    Item { key: key.to_owned(), purpose, source, kind, mode, written, problem, ..Item::default() }
}

fn of_certificates(key: &str, purpose: &'static str, file: &Path) -> Vec<Item> {
    let (mode, written) = looked_at(file);
    let source = file.display().to_string();
    let item = |key: String| Item {
        key,
        purpose,
        source: source.clone(),
        mode,
        written,
        ..Item::default()
    };
    let issued = std::fs::read(file).ok().and_then(|pem| Issued::all(&pem));
    let Some(issued) = issued else {
        let problem = Some("cannot be read as certificates in PEM".to_owned());
        return vec![Item { kind: "certificate".to_owned(), problem, ..item(key.to_owned()) }];
    };
    let one = |(nth, issued): (usize, Issued)| Item {
        kind: format!("certificate, {} key of {} bytes", issued.key, issued.key_bytes),
        ends: Some(issued.not_after),
        id: Some(hex::encode(issued.sha256)),
        ..item(format!("{key}[{nth}]"))
    };
    issued.into_iter().enumerate().map(one).collect()
}

fn looked_at(file: &Path) -> (Option<u32>, Option<Timestamp>) {
    let Ok(facts) = std::fs::metadata(file) else { return (None, None) };
    (Some(facts.mode() & 0o7777), Timestamp::from_second(facts.mtime()).ok())
}

impl Item {
    fn days_left(&self, now: Timestamp) -> Option<i64> {
        self.ends.map(|ends| ends.duration_since(now).as_hours().div_euclid(24))
    }

    fn is_over(&self, now: Timestamp) -> bool {
        self.ends.is_some_and(|ends| ends <= now)
    }

    /// Whether it is an authority of which others show certificates.
    fn is_theirs(&self) -> bool {
        self.key.contains("ca_file")
    }

    fn age_days(&self, now: Timestamp) -> Option<i64> {
        self.written.map(|written| now.duration_since(written).as_hours().div_euclid(24))
    }
}

fn described(item: &Item, now: Timestamp, uses: Option<&LastUses>) -> Value {
    json!({
        "key": item.key,
        "purpose": item.purpose,
        "source": item.source,
        "kind": item.kind,
        "mode": item.mode.map(|mode| format!("{mode:04o}")),
        "file_age_days": item.age_days(now),
        "ends": item.ends.map(|ends| ends.to_string()),
        "days_left": item.days_left(now),
        "id": item.id,
        "last_used": item.used.map(|used| used.to_string()),
        "last_used_asked": uses.is_some(),
        "problem": item.problem,
    })
}

fn tell(item: &Item, now: Timestamp, uses: Option<&LastUses>) -> Result<(), Failure> {
    print::line(&format!(
        "{}\n    {}\n    {}, {}",
        item.key, item.purpose, item.kind, item.source
    ))?;
    let mode = item.mode.map(|mode| format!("mode {mode:04o}"));
    let age = item.age_days(now).map(|days| format!("written {days} days ago"));
    let ends = item.days_left(now).map(|days| match days {
        _ if item.is_over(now) => "OVER: renew it".to_owned(),
        days if days < SOON_DAYS => format!("ENDS IN {days} DAYS: renew it"),
        days => format!("ends in {days} days"),
    });
    let id = item.id.as_ref().map(|id| format!("id {id}"));
    let facts: Vec<_> = [mode, age, ends, id].into_iter().flatten().collect();
    if !facts.is_empty() {
        print::line(&format!("    {}", facts.join(", ")))?;
    }
    if uses.is_some() && item.ends.is_none() && !item.kind.starts_with("private") {
        print::line(&match item.used {
            Some(at) => format!("    last used {}", at.strftime("%Y-%m-%d %H:%M:%S UTC")),
            None => "    not used since the service started".to_owned(),
        })?;
    }
    match &item.problem {
        Some(problem) => print::line(&format!("    WRONG: {problem}")),
        None => Ok(()),
    }
}

/// Secrets whose `next` does nothing: they verify nothing, or the other side knows one at a time.
pub(super) fn idle_next(settings: &Settings) -> Vec<Finding> {
    let overlaps = ["install", "processor_webhook", "rsm2000_callback"];
    let named = settings.secrets.named().into_iter();
    let idle = named.filter(|(name, secret)| secret.next.is_some() && !overlaps.contains(name));
    let what = "does nothing: docs/keys.md says how this one is changed";
    idle.map(|(name, _)| doubtful("secrets", &format!("secrets.{name}.next {what}"))).collect()
}
