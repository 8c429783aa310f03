//! What supporter care does to a mandate, beside the service that set it up.

use super::house::House;
use super::rsm::GOOD_ACCOUNT;
use almoner::care::{Amendment, Care, Ended, NotSent, StartRule, Verdict};
use almoner::ledger::sqlite::SqliteLedger;
use almoner::ledger::{Ledger as _, Page, Purpose};
use almoner::mock_rsm::{DdcmFault, Fault};
use almoner::payment::{Amount, Bank, Contact, Development, Frequency, Reference, Source, State};
use iso_currency::Currency;
use jiff::ToSpan as _;
use jiff::civil::Date;
use std::sync::Arc;
use std::time::Duration;

impl House {
    pub(crate) fn care(&self) -> Care {
        let terms = self.settings.debit(&self.document).unwrap().unwrap();
        Care {
            ledger: SqliteLedger::open_beside(&self.ledger_file()).unwrap(),
            processor: Arc::new(self.settings.processor(&self.document).unwrap()),
            clock: self.clock.clone(),
            rule: Some(StartRule {
                calendar: terms.calendar,
                notice_days: 10,
                collection_days: Vec::new(),
                tables: None,
            }),
            waits: vec![Duration::from_millis(1)],
        }
    }

    /// A membership whose mandate is live.
    pub(crate) async fn live(&self) -> Reference {
        let reference = self.joined(GOOD_ACCOUNT).await;
        self.working_days(6);
        self.follow().await;
        reference
    }

    /// What is known of the mandate, in order.
    async fn mandate_of(&self, reference: Reference) -> Vec<(Development, Source)> {
        let events = self.history(reference).await.into_iter();
        let each = events.filter_map(|event| {
            let evidence = event.evidence?;
            let what = Development::from_word(evidence.fact.word())?;
            Some((what, evidence.source))
        });
        each.filter(|(what, _)| what.is_of_mandate()).collect()
    }

    fn changes(&self) -> usize {
        self.office().requests("setMandates")
    }

    fn script(&self, fault: DdcmFault, times: usize) {
        self.mock.faults().script(Fault::Ddcm(fault), times);
    }
}

const LIVE: (Development, Source) = (Development::MandateLive, Source::Enquiry);
const CANCELLED: (Development, Source) = (Development::MandateCancelled, Source::Reply);

/// The first day that collections of this house can begin `months` later.
fn start(house: &House, months: i32) -> Date {
    let care = house.care();
    let calendar = &care.rule.as_ref().unwrap().calendar;
    let day = house.office().today().checked_add(months.months()).unwrap();
    calendar.add_working_days(day, 1).unwrap()
}

pub(crate) fn amendment(start: Date) -> Amendment {
    Amendment {
        contact: Contact::check(|field| match field {
            "title" => "Ms",
            "first_name" => "Canaryfirst",
            "last_name" => "Canarylast",
            "email" => "canary.mail@example.org",
            "line1" => "1 Canary Street",
            "town" => "Canarytown",
            "postcode" => "CA1 1NA",
            "country" => "GB",
            _ => "",
        })
        .unwrap(),
        bank: Bank::check(|field| match field {
            "account_name" => "C HOLDER",
            "sort_code" => "12-34-56",
            _ => GOOD_ACCOUNT,
        })
        .unwrap(),
        amount: Amount::new(700, Currency::GBP).unwrap(),
        frequency: Frequency::Quarterly,
        start,
        end: None,
    }
}

#[tokio::test]
async fn a_cancellation_is_recorded_once_however_often_it_is_heard_of() {
    let house = House::rsm().await;
    let reference = house.live().await;
    let (care, before) = (house.care(), house.changes());
    assert_eq!(care.cancel(reference).await.unwrap(), Ended::Sent(Verdict::Made));
    assert_eq!(house.mandate_of(reference).await, [LIVE, CANCELLED]);
    house.follow().await;
    house.working_days(6);
    house.follow().await;
    assert_eq!(house.mandate_of(reference).await, [LIVE, CANCELLED], "the reports say no news");
    assert!(matches!(care.cancel(reference).await.unwrap(), Ended::MadeBefore(_)));
    assert_eq!(house.changes(), before + 1);
    assert_eq!(care.status(reference).await.unwrap().len(), 1);
    house.recorded().await;
}

#[tokio::test]
async fn a_lost_reply_is_asked_about_and_never_sent_again() {
    for fault in [
        DdcmFault::LostReply,
        DdcmFault::Truncated,
        DdcmFault::WrongSignature,
        DdcmFault::OtherReference,
        DdcmFault::Slow(Duration::from_secs(4)),
    ] {
        let house = House::rsm().await;
        let reference = house.live().await;
        let before = house.changes();
        house.script(fault, 1);
        let ended = house.care().cancel(reference).await.unwrap();
        assert_eq!(ended, Ended::Sent(Verdict::Made), "{fault:?}");
        assert_eq!(house.changes(), before + 1);
        assert_eq!(house.mandate_of(reference).await, [LIVE, CANCELLED]);
    }
}

#[tokio::test]
async fn while_one_is_in_doubt_no_other_is_sent() {
    let house = House::rsm().await;
    let reference = house.live().await;
    let (care, before) = (house.care(), house.changes());
    house.script(DdcmFault::LostReply, 2);
    let ended = care.cancel(reference).await.unwrap();
    assert!(matches!(ended, Ended::Sent(Verdict::Undecided(_))), "{ended:?}");
    assert_eq!(house.mandate_of(reference).await, [LIVE]);
    house.script(DdcmFault::Html, 2);
    house.later(2);
    let again = care.cancel(reference).await.unwrap();
    assert!(matches!(again, Ended::EarlierInDoubt(..)), "{again:?}");
    assert_eq!(house.changes(), before + 1);
    house.later(2);
    let [(trace, verdict)] = &care.status(reference).await.unwrap()[..] else { panic!("one") };
    assert_eq!((trace.purpose, verdict), (Purpose::Cancel, &Verdict::Made));
    assert_eq!(house.mandate_of(reference).await, [LIVE, CANCELLED]);
}

#[tokio::test]
async fn what_never_arrived_may_be_sent_anew_once_it_cannot_arrive_any_more() {
    let house = House::rsm().await;
    let reference = house.live().await;
    let (care, before) = (house.care(), house.changes());
    house.script(DdcmFault::LostRequest, 1);
    let ended = care.cancel(reference).await.unwrap();
    assert!(matches!(ended, Ended::Sent(Verdict::Undecided(_))), "{ended:?}");
    house.later(60);
    assert!(matches!(care.cancel(reference).await.unwrap(), Ended::EarlierInDoubt(..)));
    assert_eq!(house.changes(), before);
    house.later(16 * 60);
    assert_eq!(care.cancel(reference).await.unwrap(), Ended::Sent(Verdict::Made));
    assert_eq!(house.changes(), before + 1);
}

#[tokio::test]
async fn the_reports_may_know_before_the_answer_does() {
    let house = House::rsm().await;
    let reference = house.live().await;
    let care = house.care();
    house.script(DdcmFault::LostReply, 2);
    care.cancel(reference).await.unwrap();
    house.working_days(2);
    house.follow().await;
    let known = [LIVE, (Development::MandateCancelled, Source::Enquiry)];
    assert_eq!(house.mandate_of(reference).await, known);
    assert_eq!(care.status(reference).await.unwrap()[0].1, Verdict::Made);
    assert_eq!(house.mandate_of(reference).await, known, "not recorded twice");
}

#[tokio::test]
async fn an_amendment_replaces_the_whole_record() {
    let house = House::rsm().await;
    let reference = house.live().await;
    let (care, later) = (house.care(), start(&house, 4));
    house.script(DdcmFault::LostReply, 1);
    let ended = care.amend(reference, amendment(later)).await.unwrap();
    assert_eq!(ended, Ended::Sent(Verdict::Made));
    let row = house.office().mandates(&reference.to_string()).pop().unwrap();
    assert_eq!((row.pence, row.months, row.start), (Some(700), Some(3), Some(later)));
    // Another is a wish of its own: the one before is asked about, then it is sent.
    house.later(2);
    let holiday = start(&house, 6);
    assert_eq!(
        care.amend(reference, amendment(holiday)).await.unwrap(),
        Ended::Sent(Verdict::Made)
    );
    let row = house.office().mandates(&reference.to_string()).pop().unwrap();
    assert_eq!(row.start, Some(holiday));
    house.later(2);
    let found = care.status(reference).await.unwrap();
    for (trace, verdict) in &found {
        assert_eq!((trace.purpose, verdict), (Purpose::Amend, &Verdict::Made));
    }
    assert_eq!((found.len(), house.mandate_of(reference).await), (2, vec![LIVE]));
}

#[tokio::test]
async fn what_cannot_be_changed_is_not_sent() {
    let house = House::rsm().await;
    let (care, live) = (house.care(), house.live().await);
    let before = house.changes();
    let unknown = Reference::at(house.clock.now());
    assert!(matches!(care.cancel(unknown).await, Err(NotSent::Unknown)));
    let (plastic, _) = house.given().await;
    assert!(matches!(care.cancel(plastic).await, Err(NotSent::NoMandate)));
    house.instruct("00012346").await;
    let declined = Page { state: Some(State::Declined), limit: 1, ..Page::default() };
    let refused = house.ledger().list(declined).await.unwrap()[0].hand_off.reference;
    let Err(NotSent::NotAccepted(state)) = care.cancel(refused).await else { panic!("refused") };
    assert_eq!((state, house.changes()), (State::Declined, before + 1));
    for soon in [house.office().today(), start(&house, 14)] {
        let Err(NotSent::Unfit(errors)) = care.amend(live, amendment(soon)).await else {
            panic!("refused")
        };
        assert_eq!(errors.iter().map(|error| error.field).collect::<Vec<_>>(), ["start_date"]);
    }
    assert_eq!(house.changes(), before + 1);
    // The processor's own reasons come back in sentences.
    let pending = house.joined(GOOD_ACCOUNT).await;
    let Ended::Sent(Verdict::Refused(objections)) = care.cancel(pending).await.unwrap() else {
        panic!("refused")
    };
    assert_eq!((objections[0].code, objections[0].field), (2166, Some("mandate_reference")));
    assert!(house.mandate_of(pending).await.is_empty());
}

/// New bank details leave the mandate's old row in RSM's reports, cancelled: that is history, no news.
#[tokio::test]
async fn of_a_history_only_the_live_row_is_news() {
    let house = House::rsm().await;
    let live = house.live().await;
    let bank = Bank::check(|field| match field {
        "account_name" => "C HOLDER",
        "sort_code" => "12-34-56",
        _ => "00012347",
    });
    let anew = Amendment { bank: bank.unwrap(), ..amendment(start(&house, 3)) };
    house.care().amend(live, anew).await.unwrap();
    for _ in 0..3 {
        house.working_days(4);
        house.follow().await;
    }
    assert!(house.office().mandates(&live.to_string()).len() == 1);
    let developments = house.developments(live).await;
    let words: Vec<_> = developments.iter().map(|(word, _)| word.as_str()).collect();
    assert!(words.contains(&"mandate_live"), "{developments:?}");
    assert!(!words.contains(&"mandate_cancelled"), "{developments:?}");
    // RSM cannot collect for five working days after new details, and says so.
    assert!(developments.contains(&("collection_unpaid".into(), "not_sent".into())));
}
