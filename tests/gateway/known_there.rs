//! What the processor said once is kept, and nothing false is said where nothing can be read.

use super::house::House;
use super::paying::{ASKING_CARD, GOOD_CARD};
use super::samples::fresh;
use almoner::mock_rsm::{CallFault, EnquiryFault, Fault};
use almoner::payment::{Fact, Reference, Source};
use std::time::Duration;

/// The processor knew it: that it says afterwards it never heard of it proves nothing, however often.
#[tokio::test]
async fn fm_46_what_it_said_of_a_challenge_or_a_used_reference_is_kept() {
    for (fault, card, word) in [
        (None, ASKING_CARD, "challenged"),
        (Some(CallFault::ReferenceUsed), GOOD_CARD, "reference_used"),
    ] {
        let house = House::by_api().await;
        if let Some(fault) = fault {
            house.mock.faults().script(Fault::Call(fault), 1);
        }
        house.mock.faults().script(Fault::Enquiry(EnquiryFault::Unknown), 100_000);
        let answer = house.charge(card, &fresh()).await.json();
        let reference = Reference::parse(answer["reference"].as_str().unwrap()).unwrap();
        let evidence = house.history(reference).await.into_iter().find_map(|event| event.evidence);
        let evidence = evidence.unwrap();
        assert_eq!((evidence.source, evidence.fact), (Source::Reply, Fact::Pending));
        assert_eq!(evidence.code.unwrap().as_str(), word);
        for _ in 0..6 {
            house.later(15 * 60);
            tokio::time::sleep(Duration::from_millis(1300)).await;
        }
        assert_eq!(house.outcome(reference).await["state"], "in_doubt", "{word}");
        let history = house.history(reference).await;
        let facts = history.iter().filter_map(|event| event.evidence.as_ref());
        assert!(facts.clone().any(|it| it.fact == Fact::Overdue), "it was asked about");
        assert!(!facts.clone().any(|it| it.fact == Fact::NotFound), "and that counts for nothing");
    }
}

/// The ledger cannot be read: nobody is told that nothing was taken.
#[tokio::test]
async fn fm_22_nobody_is_told_that_nothing_was_taken_where_it_cannot_be_looked_up() {
    let house = House::by_api().await;
    let (reference, answer) = house.paid_with(GOOD_CARD).await;
    let back = answer.header("location").to_owned();
    std::fs::rename(house.ledger_file(), house.ledger_file().with_extension("away")).unwrap();
    for program in [false, true] {
        let mut said = None;
        for _ in 0..1200 {
            let answer = if program {
                house.read(&reference.to_string(), super::visitor::API_KEY).await
            } else {
                house.get(&back).await
            };
            if answer.status == 503 {
                said = Some(answer);
                break;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        let said = said.expect("a ledger that is away cannot be read");
        assert_eq!(said.header("retry-after"), "60");
        assert!(said.body.contains("Do not pay again"), "{}", said.body);
        let lower = said.body.to_lowercase();
        assert!(
            !lower.contains("nothing was taken") && !lower.contains("nothing was sent"),
            "{lower}"
        );
    }
}
