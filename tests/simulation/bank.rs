//! The processor's stand-in, with a ledger of its own: what it charged is the truth. It speaks the
//! `signed` dialect's API as docs/signed.md has it.

use super::World;
use super::post::{self, Notice};
use almoner::payment::Reference;
use almoner::processor::client::{Answer, Outgoing, Verb};
use serde_json::{Value, json};
use std::collections::{BTreeMap, VecDeque};
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

/// What the processor makes of an order.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    Decided(Verdict),
    /// The supporter's bank wants to meet them first.
    Challenged,
    /// Documented as "not processed": nothing was done.
    NotProcessed,
    /// A field is wrong.
    Invalid,
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
    /// What an order was answered with.
    answered: Option<u16>,
}

#[derive(Default)]
pub(crate) struct Bank {
    pub(crate) accounts: BTreeMap<Reference, Account>,
    /// What becomes of the next orders; what comes after them is accepted, or up to chance.
    pub(crate) fates: VecDeque<Fate>,
    /// Whether webhooks wait to be delivered by hand, and those that do.
    pub(crate) holds: bool,
    pub(crate) held: Vec<Notice>,
    /// What was refused before anything was done, and how: the same again is refused again.
    pub(crate) refusals: BTreeMap<Reference, (u16, Value)>,
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
            answered: None,
            statement: json!({
                "reference": reference.to_string(), "state": "pending", "amount": amount,
                "currency": currency, "occurred_at": at, "mode": "test",
            }),
        });
    }

    /// Decides, and says what it will tell; nothing where that is over already.
    pub(crate) fn decide(
        &mut self,
        reference: Reference,
        verdict: Verdict,
        at: &str,
    ) -> Option<Notice> {
        let number = self.number();
        let account = self.accounts.get_mut(&reference)?;
        // A page lets the supporter try another card; an order is decided once.
        let over = account.answered.is_some() && !account.verdicts.is_empty();
        if account.charges > 0 || over {
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
    /// The sum, of an order.
    order: Option<(i64, String)>,
}

impl std::fmt::Display for Question {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let verb = if self.order.is_some() { "order" } else { "question" };
        write!(f, "{verb} {}", self.reference)
    }
}

impl Question {
    pub(crate) fn read(request: &Outgoing) -> Self {
        if request.verb == Verb::Get {
            let last = request.url.path_segments().and_then(|mut parts| parts.next_back());
            return Self { reference: last.and_then(Reference::parse).unwrap(), order: None };
        }
        let body: Value = serde_json::from_slice(&request.body).unwrap();
        let text = |field: &str| body[field].as_str().unwrap().to_owned();
        let reference = Reference::parse(&text("reference")).unwrap();
        let key = request.headers.iter().find(|(name, _)| *name == "idempotency-key").unwrap();
        assert!(key.1 == reference.to_string(), "an order goes by its reference");
        assert!(body["card"]["number"].is_string(), "an order has a card");
        Self { reference, order: Some((body["amount"].as_i64().unwrap(), text("currency"))) }
    }
}

/// What the processor does with a request, and its answer.
pub(crate) fn answers(world: &Arc<World>, question: &Question) -> Answer {
    let (status, body) = match &question.order {
        Some((amount, currency)) => order(world, question.reference, *amount, currency),
        None => match world.bank().accounts.get(&question.reference) {
            Some(account) => (200, account.statement.clone()),
            None => (404, json!({"code": "unknown_reference"})),
        },
    };
    world.note(&format!("processor answers {status}: {question}"));
    world.check();
    answer(world, status, body.to_string())
}

/// An order is done once for a reference, and answered as before when it comes again; unless the
/// processor is one that forgets.
fn order(world: &Arc<World>, reference: Reference, amount: i64, currency: &str) -> (u16, Value) {
    let at = world.now().to_string();
    let known = world.bank().accounts.get(&reference).map(|it| (it.answered, it.statement.clone()));
    if let Some((answered, statement)) = known {
        if world.chance.odds.forgetful {
            world.bank().accounts.get_mut(&reference).unwrap().charges += 1;
        }
        return (answered.unwrap_or(409), statement);
    }
    if let Some(refusal) = world.bank().refusals.get(&reference) {
        return refusal.clone();
    }
    let fate = world.bank().fates.pop_front().unwrap_or_else(|| fate(world));
    world.note(&format!("processor: {fate:?} {reference}"));
    let refusal = |status: u16, code: &str| {
        let body = json!({"reference": reference.to_string(), "code": code, "errors": []});
        world.bank().refusals.insert(reference, (status, body.clone()));
        (status, body)
    };
    match fate {
        Fate::NotProcessed => return refusal(503, "not_processed"),
        Fate::Invalid => return refusal(422, "invalid"),
        Fate::Decided(_) | Fate::Challenged => {}
    }
    world.bank().page(reference, amount, currency, &at);
    let status = if fate == Fate::Decided(Verdict::Declined) { 402 } else { 201 };
    world.bank().accounts.get_mut(&reference).unwrap().answered = Some(status);
    let notice = match fate {
        Fate::Decided(verdict) => world.bank().decide(reference, verdict, &at),
        Fate::Challenged | Fate::NotProcessed | Fate::Invalid => None,
    };
    if let Some(notice) = notice {
        post::begin(world, notice);
    }
    let mut statement = world.bank().accounts[&reference].statement.clone();
    if fate == Fate::Challenged {
        statement["redirect_url"] = json!(format!("https://processor.example/3ds/{reference}"));
    }
    (status, statement)
}

fn fate(world: &World) -> Fate {
    if !world.by_chance {
        return Fate::Decided(Verdict::Accepted);
    }
    match world.chance.below(16) {
        0 => Fate::NotProcessed,
        1 => Fate::Invalid,
        2..=4 => Fate::Decided(Verdict::Declined),
        5..=7 => Fate::Challenged,
        _ => Fate::Decided(Verdict::Accepted),
    }
}

fn answer(world: &World, status: u16, body: String) -> Answer {
    Answer { status, date: Some(world.now()), retry_after: None, body: body.into_bytes().into() }
}

/// An answer that is not what was agreed, made from one that was.
pub(crate) fn strange(world: &World, truth: Answer) -> Answer {
    let Answer { date, retry_after, mut body, .. } = truth;
    let which = world.chance.below(6);
    world.note(&format!("answer strange: {which}"));
    match which {
        0 => answer(world, 200, "<html>We are being maintained: accepted".to_owned()),
        1 => answer(world, 502, String::new()),
        2 => answer(world, 302, String::new()),
        3 => {
            let length = body.len() * 3 / 4;
            body.truncate(length);
            Answer { status: 200, date, retry_after, body }
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
        _ => Answer { status: 500, date, retry_after, body: [&body[..], b"\0"].concat().into() },
    }
}
