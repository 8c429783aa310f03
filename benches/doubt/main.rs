//! How long a doubt lasts: payments by API to the real mock, of whose answers some are lost, as are some
//! of the answers to the questions that follow. Everything is real but the clock, which is set: a second
//! goes by when all is done that falls due in it. `scripts/bench doubt` starts this.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a bench prints or fails")]
#![expect(clippy::arithmetic_side_effects, reason = "its sums are small")]

use almoner::clock::{Clock, london};
use almoner::config::Settings;
use almoner::handoff::{Gate, HandOffs, Means, Request, Told, Unwritten};
use almoner::ledger::Ledger;
use almoner::ledger::sqlite::{SqliteLedger, SqliteSettings};
use almoner::mock_rsm::{CallFault, EnquiryFault, Fault, MockRsm};
use almoner::payment::{Card, Contact, Kind, Reference, State};
use almoner::resolution::{Resolution, nudge::Nudges};
use almoner::shield::Declines;
use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use sample::{CARD, CONTACT, asked, text};
use std::sync::Arc;
use std::time::Duration;
use tokio_util::task::TaskTracker;

#[path = "../latency/sample.rs"]
mod sample;
mod stage;

/// For how long it is asked at the most.
const UNTIL: SignedDuration = SignedDuration::from_hours(2);

struct World {
    clock: Clock,
    ledger: Arc<dyn Ledger>,
    hand_offs: HandOffs,
    resolution: Resolution,
    mock: MockRsm,
}

/// A payment whose outcome is not known yet.
struct Doubt {
    reference: Reference,
    since: Timestamp,
}

#[tokio::main(flavor = "multi_thread", worker_threads = 2)]
async fn main() {
    let given: Vec<_> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let [settings, lost, seconds, each] = given.as_slice() else {
        println!("scripts/bench doubt starts this");
        return;
    };
    let world = World::new(settings);
    let lost: u8 = lost.parse().unwrap();
    world.mock.faults().come_about(Fault::Call(CallFault::LostReply), lost, 1);
    world.mock.faults().come_about(Fault::Enquiry(EnquiryFault::Error), lost, 2);
    let (seconds, each): (i64, usize) = (seconds.parse().unwrap(), each.parse().unwrap());
    let (mut paid, mut open, mut ages) = (Vec::new(), Vec::new(), Vec::new());
    let begun = world.clock.now();
    loop {
        let passed = world.clock.now().duration_since(begun);
        if passed.as_secs() < seconds {
            for (reference, state) in join_all((0..each).map(|_| world.pay())).await {
                paid.push(reference);
                if state == State::InDoubt {
                    open.push(Doubt { reference, since: world.clock.now() });
                }
            }
        } else if open.is_empty() || passed > UNTIL {
            break;
        }
        world.clock.advance(SignedDuration::from_secs(1));
        while world.resolution.chase().await.unwrap() > 0 {}
        open = world.settle(open, &mut ages).await;
    }
    let once = paid.iter().filter(|reference| world.mock.books().charges(reference) == 1).count();
    ages.sort_unstable();
    let at = |percent: usize| {
        let place = ages.len().saturating_sub(1) * percent / 100;
        ages.get(place).map_or_else(|| "-".to_owned(), i64::to_string)
    };
    println!(
        "{:<10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>10}{:>14}",
        format!("{lost} %"),
        paid.len(),
        ages.len() + open.len(),
        at(50),
        at(99),
        at(100),
        open.len(),
        paid.len() - once,
    );
    world.mock.shutdown().await;
}

impl World {
    fn new(file: &str) -> Self {
        let (settings, document) = Settings::load(file.as_ref()).unwrap();
        let clock = Clock::set_to(Clock::system().now());
        let mock = stage::mock(&settings, &clock);
        let folder = settings.ledger.file.as_ref().and_then(|file| file.parent()).unwrap();
        let file = folder.join(format!("doubt-{}.db", uuid::Uuid::new_v4()));
        let ledger: Arc<dyn Ledger> = SqliteLedger::open(&file, SqliteSettings::default()).unwrap();
        let processor = Arc::new(settings.processor(&document).unwrap());
        let overdue_after = settings.processor.overdue_after.signed();
        let call_timeout = settings.call_timeout();
        let hand_offs = HandOffs {
            ledger: Arc::clone(&ledger),
            processor: Arc::clone(&processor),
            clock: clock.clone(),
            tokens: Arc::new(settings.tokens(&document).unwrap()),
            origin: settings.public.origin.0.as_str().to_owned(),
            overdue_after,
            debit: None,
            call_timeout,
            breaker: almoner::handoff::Breaker::new(almoner::handoff::BreakerTerms {
                at_once: usize::MAX,
                failures: u32::MAX,
                ..almoner::handoff::BreakerTerms::default()
            }),
            patience: Duration::from_secs(30),
            tasks: TaskTracker::new(),
            unwritten: Unwritten::default(),
            told: Told::default(),
            declines: Declines::new(None),
        };
        let resolution = Resolution {
            ledger: Arc::clone(&ledger),
            processor,
            clock: clock.clone(),
            overdue_after,
            doubt_overdue_after: settings.processor.doubt_overdue_after.signed(),
            call_timeout,
            nudges: Nudges::default(),
            alarms: almoner::resolution::Alarms::new(settings.alarm_terms()),
            declines: Declines::new(None),
        };
        Self { clock, ledger, hand_offs, resolution, mock }
    }

    /// A payment by card, and what is known of it when its caller is answered.
    async fn pay(&self) -> (Reference, State) {
        let today = london::date(self.clock.now());
        let card = Card::check(|field| text(&CARD, field), today).unwrap();
        let request = Request {
            reference: None,
            asked: asked(),
            contact: Contact::check(|field| text(&CONTACT, field)).unwrap(),
            means: Some(Means::Card(card)),
            return_url: None,
            key: None,
            gate: Gate::Form(Kind::Donate),
        };
        let handed = self.hand_offs.hand_over(request).await.ok().unwrap();
        (handed.entry.hand_off.reference, handed.entry.standing.state)
    }

    /// Those that are still open; how many seconds the others were goes to `ages`.
    async fn settle(&self, open: Vec<Doubt>, ages: &mut Vec<i64>) -> Vec<Doubt> {
        let mut left = Vec::new();
        for doubt in open {
            let entry = self.ledger.find(doubt.reference).await.unwrap().unwrap();
            if entry.standing.state == State::InDoubt {
                left.push(doubt);
            } else {
                ages.push(self.clock.now().duration_since(doubt.since).as_secs());
            }
        }
        left
    }
}
