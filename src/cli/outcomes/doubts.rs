//! `almoner outcomes doubts` and `resolve`: what is in doubt, and a person's word on it.

use super::money;
use crate::app::Record;
use crate::cli::mandate::log_level;
use crate::cli::{Failure, log, print};
use crate::clock::Clock;
use crate::config::Settings;
use crate::ledger::{Doubt, Entry, Ledger};
use crate::payment::request::looks_like_card_number;
use crate::payment::{Fact, Flag, Outcome, ProcessorText, Reference};
use crate::resolution::{Finding, Found, Moment};
use jiff::{SignedDuration, Timestamp};
use serde_json::json;
use std::io::{self, IsTerminal as _};
use std::path::PathBuf;
use std::process::ExitCode;

/// `almoner outcomes doubts`.
#[derive(clap::Args)]
pub(super) struct List {
    #[command(flatten)]
    place: super::Place,
    /// How many at the most.
    #[arg(long, default_value_t = 50)]
    limit: usize,
    /// One JSON object a line.
    #[arg(long)]
    json: bool,
}

/// `almoner outcomes resolve`.
#[derive(clap::Args)]
pub(super) struct Resolve {
    /// The hand-off's reference.
    #[arg(value_parser = super::reference)]
    pub(super) reference: Reference,
    /// What became of it: accepted, declined, cancelled or lapsed.
    #[arg(long = "as", value_name = "OUTCOME", value_parser = outcome)]
    outcome: Outcome,
    /// Where that can be looked up, such as the processor's transaction or a ticket's number: 1 to 64 of
    /// A-Z a-z 0-9 . _ : / - and never a name.
    #[arg(long, value_name = "TEXTCODE", value_parser = evidence)]
    evidence: ProcessorText,
    /// Settle it as something else than accepted although the processor said that it knows the payment:
    /// only where the processor itself has told you what became of it.
    #[arg(long)]
    although_known: bool,
    /// Do not ask on a terminal whether it is meant.
    #[arg(long)]
    yes: bool,
    /// The service's configuration.
    #[arg(long, value_name = "FILE")]
    config: PathBuf,
}

fn outcome(word: &str) -> Result<Outcome, &'static str> {
    Outcome::from_word(word).ok_or("use one of accepted, declined, cancelled, lapsed")
}

fn evidence(text: &str) -> Result<ProcessorText, &'static str> {
    if looks_like_card_number(text) {
        return Err("this looks like a card number, which is never kept");
    }
    ProcessorText::parse(text).ok_or("1 to 64 of A-Z a-z 0-9 . _ : / -")
}

/// The list, oldest first.
pub(super) async fn list(list: &List) -> Result<ExitCode, Failure> {
    let ledger = list.place.open().await?;
    if list.json {
        as_json(&*ledger, list.limit).await?;
    } else {
        as_table(&*ledger, list.limit).await?;
    }
    Ok(ExitCode::SUCCESS)
}

async fn as_json(ledger: &dyn Ledger, limit: usize) -> Result<(), Failure> {
    let now = Clock::system().now();
    for doubt in ledger.doubts(limit).await? {
        let why = why(ledger, &doubt).await?;
        print::line(&described(&doubt, why, now).to_string())?;
    }
    Ok(())
}

async fn as_table(ledger: &dyn Ledger, limit: usize) -> Result<(), Failure> {
    let now = Clock::system().now();
    let mut rows = Vec::new();
    for doubt in ledger.doubts(limit).await? {
        let Entry { hand_off, standing, .. } = &doubt.entry;
        let attention: Vec<_> = standing.attention.iter().map(|flag| flag.word()).collect();
        rows.push([
            hand_off.opened_at.strftime("%Y-%m-%d %H:%M:%S").to_string(),
            hand_off.reference.to_string(),
            hand_off.asked.method.word().to_owned(),
            money(hand_off.asked.amount),
            span(now.duration_since(hand_off.opened_at)),
            doubt.tries.to_string(),
            next_question(&doubt, now),
            why(ledger, &doubt).await?.to_owned(),
            attention.join(","),
        ]);
    }
    let head = [
        "opened (UTC)",
        "reference",
        "method",
        "amount",
        "age",
        "tries",
        "next question",
        "why",
        "attention",
    ];
    print::table(head, &rows)
}

/// `in 5m`; where a person must find out `given up`, and when it is asked about all the same.
fn next_question(doubt: &Doubt, now: Timestamp) -> String {
    let next = doubt.due_at.map(|due| format!("in {}", span(due.duration_since(now))));
    match (doubt.is_given_up(), next) {
        (false, Some(next)) => next,
        (true, Some(next)) => format!("given up, {next}"),
        (_, None) => "given up".to_owned(),
    }
}

fn described(doubt: &Doubt, why: &str, now: Timestamp) -> serde_json::Value {
    let hand_off = &doubt.entry.hand_off;
    json!({
        "reference": hand_off.reference.to_string(),
        "opened_at": hand_off.opened_at.to_string(),
        "age_seconds": now.duration_since(hand_off.opened_at).as_secs(),
        "method": hand_off.asked.method.word(),
        "amount": hand_off.asked.amount.minor(),
        "currency": hand_off.asked.amount.currency().code(),
        "tries": doubt.tries,
        "next_question_at": doubt.due_at.map(|due| due.to_string()),
        "given_up": doubt.is_given_up(),
        "why": why,
        "attention": doubt.entry.standing.attention.iter().map(|flag| flag.word()).collect::<Vec<_>>(),
    })
}

/// The most that is known of it, in a word.
async fn why(ledger: &dyn Ledger, doubt: &Doubt) -> Result<&'static str, Failure> {
    let entry = &doubt.entry;
    let reference = entry.hand_off.reference;
    if entry.standing.attention.contains(&Flag::Mismatch) {
        return Ok("another_sum");
    }
    let history = ledger.history(reference).await?;
    let said = |fact| {
        history.iter().any(|event| event.evidence.as_ref().is_some_and(|it| it.fact == fact))
    };
    if said(Fact::Pending) {
        return Ok("pending_there");
    }
    if said(Fact::NotFound) {
        return Ok("unknown_there");
    }
    if ledger.traces(reference).await?.is_empty() {
        return Ok("perhaps_not_sent");
    }
    // Before the first question it may simply be under way.
    Ok(if doubt.tries == 0 && doubt.due_at.is_some() { "not_asked_yet" } else { "no_answer" })
}

/// The largest two units: `3d 4h`, `12m 5s`.
fn span(duration: SignedDuration) -> String {
    let seconds = duration.as_secs().max(0);
    let parts = [(86_400, "d"), (3600, "h"), (60, "m"), (1, "s")];
    let mut left = seconds;
    let mut words = Vec::new();
    for (size, unit) in parts {
        let count = left.div_euclid(size);
        left = left.rem_euclid(size);
        if count > 0 || (unit == "s" && words.is_empty()) {
            words.push(format!("{count}{unit}"));
        }
    }
    words.truncate(2);
    words.join(" ")
}

/// Records what a person found.
pub(super) async fn resolve(resolve: &Resolve) -> Result<ExitCode, Failure> {
    let (settings, document) = Settings::load(&resolve.config)?;
    let _log = log::start(log_level(&settings))?;
    let ledger = Record::beside(&settings, &document).await?;
    let Resolve { reference, outcome, although_known, .. } = *resolve;
    let finding =
        Finding { reference, outcome, evidence: resolve.evidence.clone(), although_known };
    let moment = || Moment { now: Clock::system().now(), call_timeout: settings.call_timeout() };
    let refused = |why| Failure::new(why).context("nothing was written");
    let (entry, is_news) = finding.check(&*ledger, moment()).await.map_err(refused)?;
    if is_news && !resolve.yes && !meant(&entry, &finding)? {
        print::line("Nothing was written.")?;
        return Ok(ExitCode::from(1));
    }
    match finding.record(&*ledger, moment()).await.map_err(refused)? {
        Found::AlreadySo => {
            print::line(&format!(
                "{reference} is {} already: nothing was written.",
                outcome.word()
            ))?;
        }
        Found::Recorded { before, after } => {
            print::line(&format!(
                "{reference}: {} before, {} now.",
                before.word(),
                after.state.word()
            ))?;
            let attention: Vec<_> = after.attention.iter().map(|flag| flag.word()).collect();
            if !attention.is_empty() {
                print::line(&format!("A person must look at it still: {}.", attention.join(", ")))?;
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}

/// Whether whoever sits at the terminal means it; where nobody sits, only `--yes` says so.
fn meant(entry: &Entry, finding: &Finding) -> Result<bool, Failure> {
    if !io::stdin().is_terminal() {
        anyhow::bail!(
            "nothing was written: there is no terminal to ask at, say --yes if you mean it"
        );
    }
    let hand_off = &entry.hand_off;
    print::line(&format!(
        "{} of {} {}, opened {}, is {}. Settle it as {} on the evidence {}? This cannot be undone. Type yes to go on:",
        hand_off.reference,
        hand_off.asked.amount.display(),
        hand_off.asked.frequency.word(),
        hand_off.opened_at.strftime("%Y-%m-%d %H:%M UTC"),
        entry.standing.state.word(),
        finding.outcome.word(),
        finding.evidence.as_str(),
    ))?;
    let mut answer = String::new();
    io::stdin().read_line(&mut answer)?;
    Ok(answer.trim() == "yes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_span_has_two_units() {
        let span = |seconds| span(SignedDuration::from_secs(seconds));
        assert_eq!([span(-5), span(0), span(59), span(60)], ["0s", "0s", "59s", "1m"]);
        assert_eq!([span(3725), span(90_000), span(259_200)], ["1h 2m", "1d 1h", "3d"]);
    }

    #[test]
    fn a_card_number_is_no_evidence() {
        assert!(evidence("4242424242424242").is_err());
        assert!(evidence("Pat Example").is_err());
        assert_eq!(evidence("RSM:T-1/22").unwrap().as_str(), "RSM:T-1/22");
    }
}
