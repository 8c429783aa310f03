//! Whether the charity's systems that are to be told could be told: each is called as a courier would call it, and
//! told nothing.

use super::{Arguments, Failure, Finding, doubtful, runtime, well, wrong};
use crate::announcement::Door;
use crate::config::{Document, Settings};

const SUBJECT: &str = "subscribers";

/// A finding for each; nothing where there are none.
pub(super) fn look(
    settings: &Settings,
    document: &Document,
    arguments: &Arguments,
) -> Result<Vec<Finding>, Failure> {
    let subscribers = match settings.subscribers(document) {
        Ok(subscribers) if subscribers.is_empty() => return Ok(Vec::new()),
        Ok(subscribers) if arguments.offline => {
            let text = format!("{}, which were not called", subscribers.len());
            return Ok(vec![well(SUBJECT, &text)]);
        }
        Ok(subscribers) => subscribers,
        // What is wrong with a secret was said above.
        Err(error) if error.key.ends_with(".secret") || error.key.ends_with(".signing_key") => {
            return Ok(Vec::new());
        }
        Err(error) => return Ok(vec![wrong(SUBJECT, &error.to_string())]),
    };
    runtime()?.block_on(async {
        let mut findings = Vec::new();
        for subscriber in &subscribers {
            let name = &subscriber.name;
            findings.push(match subscriber.knock().await {
                Ok(door) => found(name, door),
                Err(why) => wrong(SUBJECT, &format!("{name}: ca_file: {why}")),
            });
        }
        Ok(findings)
    })
}

fn found(name: &str, door: Door) -> Finding {
    let what = match door {
        Door::Open => {
            let text = format!("{name}: it answers, with a certificate that is trusted");
            return well(SUBJECT, &text);
        }
        Door::Failing => {
            let text = format!(
                "{name}: it answers, with a certificate that is trusted, but with an error of its own (5xx): does the program behind its web server run?"
            );
            return doubtful(SUBJECT, &text);
        }
        Door::Forbidden => "it is at a private address: set allow_private = true if that is meant",
        Door::Untrusted => {
            "its certificate is over, of another name, or of no authority that is trusted: mend it, or name the authority in ca_file"
        }
        Door::Unreachable => {
            "nobody answers there: check url, DNS, the firewall, and whether it runs"
        }
    };
    wrong(SUBJECT, &format!("{name}: {what}"))
}
