//! The processor's stand-in, with a ledger of its own: what it charged is the truth.

use super::World;
use super::post::Notice;
use almoner::payment::Reference;
use almoner::processor::client::{Answer, Outgoing, Verb};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Arc;

/// What happened to a reference at the processor.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Verdict {
    Cancelled,
    Declined,
    Accepted,
}

impl Verdict {
    pub(crate) const fn word(self) -> &'static str {
        match self {
            Self::Cancelled => "cancelled",
            Self::Declined => "declined",
            Self::Accepted => "accepted",
        }
    }
}

/// All that the processor knows of a reference.
#[derive(Clone, Debug)]
pub(crate) struct Account {
    pub(crate) amount: i64,
    pub(crate) currency: String,
    pub(crate) charges: u32,
    pub(crate) verdicts: Vec<Verdict>,
    /// Its newest word.
    statement: Value,
}

#[derive(Default)]
pub(crate) struct Bank {
    pub(crate) accounts: BTreeMap<Reference, Account>,
    numbers: u32,
}

impl Bank {
    /// Opens a page for a supporter, or finds the one that was opened.
    pub(crate) fn page(&mut self, reference: Reference, amount: i64, currency: &str, at: &str) {
        self.accounts.entry(reference).or_insert_with(|| Account {
            amount,
            currency: currency.to_owned(),
            charges: 0,
            verdicts: Vec::new(),
            statement: json!({
                "reference": reference.to_string(), "state": "pending", "amount": amount,
                "currency": currency, "occurred_at": at, "mode": "test",
            }),
        });
    }

    /// Decides, and says what it will tell; nothing where the reference was paid already.
    pub(crate) fn decide(
        &mut self,
        reference: Reference,
        verdict: Verdict,
        at: &str,
    ) -> Option<Notice> {
        let number = self.number();
        let account = self.accounts.get_mut(&reference)?;
        if account.charges > 0 {
            return None;
        }
        account.charges += u32::from(verdict == Verdict::Accepted);
        account.verdicts.push(verdict);
        account.statement = json!({
            "reference": reference.to_string(), "state": verdict.word(), "amount": account.amount,
            "currency": account.currency, "processor_reference": format!("P-{reference}"),
            "code": "00", "occurred_at": at, "mode": "test",
        });
        Some(Notice { id: format!("msg_{number}"), reference, data: account.statement.clone() })
    }

    /// Another message about a reference: its second life, or one that is wrong.
    pub(crate) fn message(&mut self, reference: Reference, change: &[(&str, Value)]) -> Notice {
        let number = self.number();
        let mut data = self.accounts[&reference].statement.clone();
        for (field, value) in change {
            data[*field] = value.clone();
        }
        Notice { id: format!("msg_{number}"), reference, data }
    }

    fn number(&mut self) -> u32 {
        self.numbers += 1;
        self.numbers
    }

    pub(crate) fn charges(&self, reference: Reference) -> u32 {
        self.accounts.get(&reference).map_or(0, |account| account.charges)
    }
}

/// A request as the processor reads it.
#[derive(Clone, Debug)]
pub(crate) struct Question {
    pub(crate) reference: Reference,
    verb: Verb,
}

impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = if self.verb == Verb::Post { "order" } else { "question" };
        write!(f, "{verb} {}", self.reference)
    }
}

impl Question {
    pub(crate) fn read(request: &Outgoing) -> Self {
        let last = request.url.path_segments().and_then(|mut parts| parts.next_back());
        let reference = last.and_then(Reference::parse).unwrap();
        Self { reference, verb: request.verb }
    }
}

/// What the processor does with a request, and its answer.
pub(crate) fn answers(world: &Arc<World>, question: &Question) -> Answer {
    let bank = world.bank();
    let (status, body) = match bank.accounts.get(&question.reference) {
        Some(account) => (200, account.statement.to_string()),
        None => (404, json!({"code": "unknown_reference"}).to_string()),
    };
    drop(bank);
    world.note(&format!("processor answers {status}: {question}"));
    answer(world, status, body)
}

fn answer(world: &World, status: u16, body: String) -> Answer {
    Answer { status, date: Some(world.now()), body: body.into_bytes() }
}

/// An answer that is not what was agreed, made from one that was.
pub(crate) fn strange(world: &World, truth: Answer) -> Answer {
    let Answer { date, mut body, .. } = truth;
    let which = world.chance.below(6);
    world.note(&format!("answer strange: {which}"));
    match which {
        0 => answer(world, 200, "<html>We are being maintained: accepted".to_owned()),
        1 => answer(world, 502, String::new()),
        2 => answer(world, 302, String::new()),
        3 => {
            body.truncate(body.len() * 3 / 4);
            Answer { status: 200, date, body }
        }
        4 => {
            // About another payment than was asked about.
            let other = world.reference().to_string();
            let data = json!({
                "reference": other, "state": "accepted", "amount": 1, "currency": "GBP",
                "occurred_at": date.unwrap().to_string(),
            });
            answer(world, 200, data.to_string())
        }
        _ => Answer { status: 500, date, body: [&body[..], b"\0"].concat() },
    }
}
