//! The record against the mock's reports and statements: agreed, then with something changed on one
//! side.

use super::care_command::almoner;
use super::house::{API_PASSWORD, House};
use super::rsm::GOOD_ACCOUNT;
use almoner::payment::Mode;
use almoner::processor::Period;
use almoner::reconciliation::compare::{Column, Kind, Verdict};
use almoner::reconciliation::statement::Disagreement;
use almoner::reconciliation::totals::Total;
use almoner::reconciliation::{NotReconciled, Reconciled, Reconciliation};
use jiff::ToSpan as _;
use jiff::civil::Date;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

impl House {
    pub(crate) async fn reconciled(
        &self,
        period: Period,
        saved: Option<&[u8]>,
    ) -> Result<Reconciled, NotReconciled> {
        let reconciliation = Reconciliation {
            ledger: self.ledger(),
            processor: Arc::new(self.settings.processor(&self.document).unwrap()),
            clock: self.clock.clone(),
            mode: Mode::Test,
        };
        // A question twice in one second is refused.
        self.later(1);
        reconciliation.reconcile(period, saved).await
    }

    /// From the house's first day until today.
    pub(crate) fn so_far(&self) -> Period {
        let last = self.office().today();
        Period { first: last.checked_sub(3.months()).unwrap(), last }
    }

    /// Two members, of whom each has paid once; the day they paid on.
    async fn with_two_members(&self) -> Date {
        for _ in 0..2 {
            self.joined(GOOD_ACCOUNT).await;
        }
        // Ten working days of notice, three until the statement, and the money is certain.
        self.working_days(18);
        self.follow().await;
        let reference = self.members().await.remove(0);
        self.office().collections(&reference).pop().unwrap().due
    }

    /// The references of everybody who joined.
    async fn members(&self) -> Vec<String> {
        use almoner::ledger::{Ledger as _, Page};
        let all = self.ledger().list(Page { limit: 10, ..Page::default() }).await.unwrap();
        all.iter().map(|entry| entry.hand_off.reference.to_string()).collect()
    }
}

fn differing(found: &Reconciled) -> Vec<(Verdict, Kind, Vec<Column>)> {
    let items = found.items.iter().filter(|item| item.verdict() != Verdict::Matched);
    items.map(|item| (item.verdict(), item.kind(), item.columns.clone())).collect()
}

fn totals(found: &Reconciled) -> Vec<(u64, i64, u64, i64)> {
    let each = found.totals.0.iter();
    each.map(|it| (it.ours.count, it.ours.minor, it.theirs.count, it.theirs.minor)).collect()
}

#[tokio::test]
async fn a_period_that_agrees() {
    let house = House::rsm().await;
    let day = house.with_two_members().await;
    let (_, fields) = house.given().await;
    let page = house.open_rsm("/cpterminal/cpweb.php", &fields).await;
    house.pay_rsm(&page, "4242 4242 4242 4242").await;
    let found = house.reconciled(house.so_far(), None).await.unwrap();
    assert_eq!(differing(&found), []);
    assert_eq!(totals(&found), [(2, 800, 2, 800), (2, 800, 2, 800), (0, 0, 0, 0), (0, 0, 0, 0)]);
    let [stated] = &found.statements[..] else { panic!("{:?}", found.statements) };
    assert_eq!((stated.day, stated.collected, stated.paid), (day, Some(800), 800));
    assert_eq!(stated.disagreements, []);
    assert!(found.agrees());
    // RSM has no report of cards: they are counted and not compared.
    assert_eq!(found.cards, Total { count: 1, minor: 2500 });
    let nothing = Period { first: Date::constant(2020, 1, 1), last: Date::constant(2020, 3, 2) };
    let found = house.reconciled(nothing, None).await.unwrap();
    assert!(found.agrees() && found.items.is_empty() && found.cards == Total::default());
}

#[tokio::test]
async fn what_happened_at_the_processor_and_was_not_read_yet() {
    let house = House::rsm().await;
    house.with_two_members().await;
    let reference = house.members().await.remove(0);
    let theirs = house.office().mandates(&reference).pop().unwrap().reference;
    house.office().claim_back(&theirs, "5: No authority given");
    house.office().end_mandate(&theirs, "1: Instruction cancelled by payer");
    let found = house.reconciled(house.so_far(), None).await.unwrap();
    assert_eq!(
        differing(&found),
        [
            (Verdict::Different, Kind::Mandate, vec![Column::State]),
            (Verdict::OnlyTheirs, Kind::Reclaimed, vec![]),
        ]
    );
    house.follow().await;
    let found = house.reconciled(house.so_far(), None).await.unwrap();
    assert_eq!(differing(&found), [], "the next reading brings it");
}

#[tokio::test]
async fn an_amended_mandate_is_the_processor_s_to_know() {
    let house = House::rsm().await;
    let reference = house.live().await;
    let calendar = house.care().rule.unwrap().calendar;
    let start = calendar.add_working_days(house.office().today(), 30).unwrap();
    house.care().amend(reference, super::care::amendment(start)).await.unwrap();
    let found = house.reconciled(house.so_far(), None).await.unwrap();
    assert_eq!(differing(&found), []);
    assert_eq!(totals(&found)[0], (1, 400, 1, 700), "the sums still say that it changed");
}

/// A statement as RSM would have answered it, sealed with its password.
fn statement(password: &str, collected: &str) -> Vec<u8> {
    let line = "<collection><vendor/><name>Canary</name><amount>4.00</amount></collection>";
    let response = format!(
        "<response><status>SUCCESS</status><errors/><collectionStatement><header/><collections>{line}{line}</collections><collectionTotal><totalCollected>{collected}</totalCollected><totalItemsSent>2</totalItemsSent></collectionTotal><reclaims/><reclaimTotal><totalReclaimed>0.00</totalReclaimed></reclaimTotal></collectionStatement></response>"
    );
    let seal = hex::encode(Sha256::digest(format!("{response}{password}")));
    format!("<ddcm>{response}<signature>{seal}</signature></ddcm>").into_bytes()
}

#[tokio::test]
async fn a_saved_statement_must_be_rsm_s_and_add_up() {
    let house = House::rsm().await;
    let day = house.with_two_members().await;
    let that_day = Period { first: day, last: day };
    let right = statement(API_PASSWORD, "8.00");
    let found = house.reconciled(that_day, Some(&right)).await.unwrap();
    assert_eq!(found.statements[0].collected, Some(800));
    assert_eq!(found.statements[0].disagreements, []);
    let asked = house.office().requests("collectionStatement");
    let wrong = statement(API_PASSWORD, "12.00");
    let found = house.reconciled(that_day, Some(&wrong)).await.unwrap();
    assert_eq!(found.statements[0].disagreements, [Disagreement::Collected, Disagreement::Report]);
    assert!(!found.agrees());
    assert_eq!(house.office().requests("collectionStatement"), asked, "none was asked for");
    let forged = statement("another password", "8.00");
    let refused = house.reconciled(that_day, Some(&forged)).await.unwrap_err();
    assert!(refused.to_string().contains("signature is wrong"), "{refused}");
    let several = house.reconciled(house.so_far(), Some(&right)).await.unwrap_err();
    assert!(matches!(several, NotReconciled::NotOneDay));
}

#[tokio::test(flavor = "multi_thread")]
async fn the_command_says_all_in_lines_and_ends_with_what_it_found() {
    let house = House::rsm().await;
    let reference = house.live().await.to_string();
    let config = house.write_settings();
    let Period { first, last } = house.so_far();
    let (first, last) = (first.to_string(), last.to_string());
    let reconcile = ["reconcile", "--from", &first, "--to", &last, "--config", &config, "--json"];
    let (said, code) = almoner(&reconcile, "").await;
    assert_eq!(code, Some(0), "{said}");
    let lines: Vec<Value> = said.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        (&lines[0]["verdict"], &lines[0]["reference"]),
        (&"matched".into(), &reference.as_str().into())
    );
    let cards = lines.iter().find(|line| !line["cards"].is_null()).unwrap();
    assert_eq!(cards["compared"], false);
    assert!(lines.iter().any(|line| line["agrees"] == true), "{said}");
    let logged = lines.iter().find(|line| line["event"] == "reconciled").unwrap();
    assert_eq!((&logged["event"], &logged["matched"]), (&"reconciled".into(), &1.into()));
    let theirs = house.office().mandates(&reference).pop().unwrap().reference;
    house.office().end_mandate(&theirs, "2: Payer deceased");
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    let (said, code) = almoner(&reconcile[..7], "").await;
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("different\tmandate") && said.contains("state"), "{said}");
    assert!(said.contains("the processor has no report of cards"), "{said}");
    let backwards = ["reconcile", "--from", &last, "--to", &first, "--config", &config];
    let (said, code) = almoner(&backwards, "").await;
    assert!(code == Some(2) && said.contains("turn --from and --to round"), "{said}");
    let missing = [&reconcile[..7], &["--statement", "nowhere.xml"]].concat();
    let (said, code) = almoner(&missing, "").await;
    assert!(code == Some(2) && said.contains("nowhere.xml"), "{said}");
}
