use super::*;
use crate::handoff::{Account, Means, Tokens, opened};
use crate::keys::{Key, Keys};
use crate::ledger::sqlite::{SqliteLedger, SqliteSettings};
use crate::payment::{
    Amount, Bank, Calendar, Contact, Dialect, EventId, Fact, Frequency, Kind, Method, Mode,
    Outcome, Source,
};
use crate::processor::client::{Answer, Client, NoAnswer, Outgoing, Reach, Wire};
use crate::processor::signed::Signed;
use crate::shield::DeclineTerms;
use async_trait::async_trait;
use std::time::Duration;

/// A wire that panics over what it is to send, one that is sound, and one whose answer is overtaken by
/// the webhook of a payment.
enum Line {
    Panics,
    Refuses,
    Overtaken(Arc<std::sync::OnceLock<Arc<dyn Ledger>>>),
}

impl std::fmt::Debug for Line {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Line")
    }
}

#[async_trait]
impl Wire for Line {
    async fn exchange(&self, request: Outgoing, _: usize) -> Result<Answer, NoAnswer> {
        match self {
            Self::Panics => panic!("{} bytes", request.body.len()),
            Self::Refuses => Err(NoAnswer::NotSent),
            Self::Overtaken(ledger) => {
                let order: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
                let reference = order["reference"].as_str().unwrap();
                let now = Clock::system().now();
                let accepted = Evidence {
                    id: EventId::of(Source::Notice, &[b"msg_1"]),
                    source: Source::Notice,
                    fact: Fact::Outcome(Outcome::Accepted),
                    amount: Some(membership(None).asked.amount),
                    mode: Some(Mode::Test),
                    processor_reference: None,
                    code: None,
                    occurred_at: now,
                };
                let to = Reference::parse(reference).unwrap();
                ledger.get().unwrap().conclude(to, accepted, now).await.unwrap();
                let body = serde_json::json!({
                    "reference": reference, "code": "invalid", "errors": [{ "field": "/bank/account_number" }],
                });
                let body = body.to_string().into_bytes().into();
                Ok(Answer { status: 422, date: None, retry_after: None, body })
            }
        }
    }
}

fn keys(byte: u8) -> Keys {
    Keys {
        current: Key::new(&(byte..=byte.saturating_add(31)).collect::<Vec<_>>()).unwrap(),
        next: None,
    }
}

fn house(folder: &std::path::Path, line: Line) -> HandOffs {
    let reach = Reach {
        roots: None,
        identity: None,
        connect_timeout: Duration::from_secs(1),
        total_timeout: Duration::from_secs(1),
        answer_bytes: 1000,
        at_once: 4,
    };
    let ledger = SqliteLedger::open(&folder.join("ledger.db"), SqliteSettings::default()).unwrap();
    HandOffs {
        ledger,
        processor: Arc::new(Processor::Signed(Box::new(Signed {
            base: "https://processor.example".parse().unwrap(),
            merchant: "charity".into(),
            key_id: "k1".into(),
            signing: keys(1),
            webhook: keys(40),
            client: Client::over(Box::new(line), &reach),
            card_api: true,
            mandate_api: true,
        }))),
        clock: Clock::system(),
        tokens: Arc::new(Tokens::new(
            keys(80),
            SignedDuration::ZERO,
            SignedDuration::from_mins(30),
        )),
        origin: "https://give.example".into(),
        overdue_after: SignedDuration::from_mins(90),
        breaker: crate::handoff::Breaker::new(crate::handoff::BreakerTerms::default()),
        debit: Some(crate::handoff::DebitTerms {
            service_user_number: "123456".into(),
            collecting_name: "TEST".into(),
            advance_notice_days: 10,
            collection_days: Vec::new(),
            guarantee: String::new(),
            calendar: Calendar::parse(include_str!("../../../config/bank-holidays.json")).unwrap(),
            tables: None,
        }),
        call_timeout: SignedDuration::from_secs(30),
        patience: Duration::from_secs(9),
        tasks: TaskTracker::new(),
        unwritten: Unwritten::default(),
        told: crate::handoff::Told::default(),
        declines: Declines::new(None),
    }
}

fn membership(reference: Option<Reference>) -> Request {
    let bank = Bank::check(|field| match field {
        "account_name" => "Canary",
        "sort_code" => "089999",
        _ => "66374958",
    });
    let contact = Contact::check(|field| match field {
        "title" => "Ms",
        "email" => "pat@example.org",
        "postcode" => "TE1 2ST",
        "country" => "GB",
        "phone" | "line2" | "line3" | "county" => "",
        _ => "Canary",
    });
    Request {
        reference,
        asked: Asked {
            kind: Kind::Donate,
            method: Method::DirectDebit,
            dialect: Dialect::Signed,
            mode: Mode::Test,
            amount: Amount::new(400, iso_currency::Currency::GBP).unwrap(),
            frequency: Frequency::Monthly,
            plan: None,
            appeal: None,
            gift_aid: false,
            merchant_reference: None,
        },
        contact: contact.unwrap(),
        means: Some(Means::Account(Account { bank: bank.unwrap(), start: String::new() })),
        return_url: None,
        key: None,
        gate: crate::handoff::Gate::Form(Kind::Donate),
    }
}

/// Marked, and then nobody can say whether anything was sent: a doubt, and everybody else is served.
#[tokio::test]
async fn fm_75_a_panic_after_the_mark_is_a_doubt_and_harms_nobody_else() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path(), Line::Panics);
    for _ in 0..3 {
        let handed = house.hand_over(membership(None)).await.unwrap();
        let reference = handed.entry.hand_off.reference;
        assert_eq!(handed.entry.standing.state, State::InDoubt);
        assert_eq!(house.ledger.traces(reference).await.unwrap().len(), 1);
        let known = house.find(reference).await.unwrap().unwrap();
        assert_eq!(known.standing.state, State::InDoubt);
    }
}

/// What was not sent is told so at once, by its own mark or before it.
#[tokio::test]
async fn what_was_surely_not_sent_is_over() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path(), Line::Refuses);
    let handed = house.hand_over(membership(None)).await.unwrap();
    assert_eq!(handed.entry.standing.state, State::Lapsed);
    let reference = handed.entry.hand_off.reference;
    // A repeat is told what came of the first.
    let again = house.hand_over(membership(Some(reference))).await.unwrap();
    assert!(again.repeated);
    assert_eq!(again.entry.standing.state, State::Lapsed);
}

/// Held up between the opening and the sending for so long that the hand-off passes for one that was
/// never sent: then it is not sent.
#[tokio::test]
async fn fm_78_who_was_held_up_too_long_does_not_send() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path(), Line::Panics);
    let clock = Clock::set_to(Clock::system().now());
    let house = HandOffs { clock: clock.clone(), ..house };
    let hand_off = HandOff {
        reference: Reference::at(clock.now()),
        opened_at: clock.now(),
        opened_as: State::InDoubt,
        asked: membership(None).asked,
    };
    let request = membership(None);
    let instruction = house.instruction(Method::DirectDebit, request.means).unwrap();
    let wanted = Wanted {
        hand_off: &hand_off,
        contact: &request.contact,
        instruction: &instruction,
        return_url: "https://give.example/return/x",
    };
    let order = house.processor.order(&wanted, clock.now()).unwrap();
    let opening = house.ledger.open(hand_off, None, clock.now()).await.unwrap();
    let (entry, _) = opened(opening).unwrap();
    let trace = Trace { mark: order.mark(), purpose: Purpose::Lodge, at: clock.now() };
    clock.advance(UNMARKED);
    let caller = Caller {
        ledger: Arc::clone(&house.ledger),
        processor: Arc::clone(&house.processor),
        clock,
        tasks: house.tasks.clone(),
        unwritten: house.unwritten.clone(),
        declines: house.declines.clone(),
    };
    let pass = house.breaker.admit(caller.clock.now()).unwrap();
    // The wire would panic.
    let answered = caller.send(entry, order, Some(trace), pass).await;
    assert_eq!(answered.entry.standing.state, State::Lapsed);
    assert_eq!(answered.entry.standing.code.unwrap().as_str(), "held_up");
}

/// A webhook was there before its hand-off, as after a restored backup: what it settled is not sent again.
#[tokio::test]
async fn fm_61_what_parked_evidence_has_settled_is_not_sent() {
    let folder = tempfile::tempdir().unwrap();
    // The wire would panic, and leave a doubt.
    let house = house(folder.path(), Line::Panics);
    let now = house.clock.now();
    let reference = Reference::at(now);
    let request = membership(Some(reference));
    let evidence = Evidence {
        id: EventId([5; 16]),
        source: Source::Notice,
        fact: Fact::Outcome(Outcome::Accepted),
        amount: Some(request.asked.amount),
        mode: Some(Mode::Test),
        processor_reference: None,
        code: None,
        occurred_at: now,
    };
    let parked = house.ledger.conclude(reference, evidence, now).await.unwrap();
    assert_eq!(parked, Conclusion::Parked);
    let handed = house.hand_over(request).await.unwrap();
    assert!(handed.repeated, "told, and not sent");
    assert_eq!(handed.entry.standing.state, State::Accepted);
    assert!(handed.entry.standing.attention.is_empty());
}

/// The ledger takes the answer in late: a card that was declined counts for the pause all the same.
#[tokio::test]
async fn g_6_a_decline_that_is_written_late_counts() {
    let folder = tempfile::tempdir().unwrap();
    let house = house(folder.path(), Line::Refuses);
    let now = house.clock.now();
    let Request { asked, gate, .. } = membership(None);
    let reference = Reference::at(now);
    let hand_off = HandOff { reference, opened_at: now, opened_as: State::InDoubt, asked };
    house.ledger.open(hand_off.clone(), None, now).await.unwrap();
    let terms = DeclineTerms { declines: 0, ..DeclineTerms::default() };
    let declines = Declines::new(Some(terms));
    declines.admit(&gate, reference, now).unwrap();
    let evidence = Evidence {
        id: EventId([6; 16]),
        source: Source::Reply,
        fact: Fact::Outcome(Outcome::Declined),
        amount: Some(hand_off.asked.amount),
        mode: Some(Mode::Test),
        processor_reference: None,
        code: None,
        occurred_at: now,
    };
    let page = Page {
        ledger: Arc::clone(&house.ledger),
        clock: house.clock.clone(),
        tasks: house.tasks.clone(),
        declines: declines.clone(),
    };
    house.unwritten.keep(page, reference, evidence);
    house.tasks.close();
    house.tasks.wait().await;
    assert!(declines.look(&gate, house.clock.now()).is_err());
}

/// The same order was delivered twice: of what was taken nobody is told to mend a field and try again.
#[tokio::test]
async fn inv_10_a_refusal_after_the_webhook_of_a_payment_is_no_refusal() {
    let folder = tempfile::tempdir().unwrap();
    let ledger = Arc::new(std::sync::OnceLock::new());
    let house = house(folder.path(), Line::Overtaken(Arc::clone(&ledger)));
    ledger.set(Arc::clone(&house.ledger)).ok();
    let handed = house.hand_over(membership(None)).await.unwrap();
    assert_eq!(handed.entry.standing.state, State::Accepted);
    assert!(handed.refused.is_empty(), "{:?}", handed.refused);
}
