//! `almoner outcomes doubts` and `resolve` as a person types them, beside a service that runs.

use super::care_command::almoner;
use super::house::House;
use super::message::stating;
use almoner::ledger::sqlite::SqliteLedger;
use almoner::ledger::{HandOff, Ledger as _, Purpose, Trace};
use almoner::payment::{EventId, Evidence, Fact, ProcessorText, Reference, Source, State};
use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};

impl House {
    /// A call of ten minutes ago of which nothing was heard, as the service writes it down.
    async fn doubt(&self, due_at: Option<Timestamp>) -> Reference {
        self.doubt_of(10, due_at).await
    }

    /// The same of so many minutes ago.
    async fn doubt_of(&self, minutes: i64, due_at: Option<Timestamp>) -> Reference {
        let (hosted, _) = self.handed_off().await;
        let asked = self.ledger().find(hosted).await.unwrap().unwrap().hand_off.asked;
        let opened_at = self.clock.now().checked_sub(SignedDuration::from_mins(minutes)).unwrap();
        let reference = Reference::at(opened_at);
        let hand_off = HandOff { reference, opened_at, opened_as: State::InDoubt, asked };
        let far = opened_at.checked_add(SignedDuration::from_hours(1)).unwrap();
        let beside = SqliteLedger::open_beside(&self.ledger_file()).unwrap();
        beside.open(hand_off, None, far).await.unwrap();
        let trace = Trace { mark: [1; 32], purpose: Purpose::Lodge, at: opened_at };
        beside.send(reference, trace).await.unwrap();
        beside.reschedule(reference, due_at).await.unwrap();
        reference
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn fm_62_a_doubt_is_listed_and_settled_by_a_person() {
    let house = House::new().await;
    let (reference, config) = (house.doubt(None).await, house.write_settings());
    let text = reference.to_string();
    let (said, code) = almoner(&["outcomes", "doubts", "--config", &config], "").await;
    assert_eq!(code, Some(0), "{said}");
    for words in [&text, "given up", "no_answer", "GBP"] {
        assert!(said.contains(words), "{said}");
    }
    let (said, _) = almoner(&["outcomes", "doubts", "--json", "--config", &config], "").await;
    let row: Value = serde_json::from_str(said.lines().next().unwrap()).unwrap();
    assert_eq!((&row["reference"], &row["given_up"]), (&json!(text), &json!(true)));
    assert_eq!((&row["next_question_at"], &row["why"]), (&Value::Null, &json!("no_answer")));

    let resolve = ["outcomes", "resolve", &text, "--as", "accepted", "--config", &config];
    let with = |rest: &[&'static str]| [resolve.as_slice(), rest].concat();
    let (said, code) = almoner(&with(&["--evidence", "RSM:T-1"]), "").await;
    assert!(code == Some(1) && said.contains("say --yes if you mean it"), "{said}");
    for wrong in ["Pat Example", "4242424242424242", ""] {
        let (said, code) = almoner(&with(&["--yes", "--evidence", wrong]), "").await;
        assert_eq!(code, Some(2), "{said}");
    }
    assert_eq!(house.outcome(reference).await["state"], "in_doubt");

    let found = with(&["--yes", "--evidence", "RSM:T-1"]);
    let (said, code) = almoner(&found, "").await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("{text}: in_doubt before, accepted now.")), "{said}");
    assert!(said.contains("\"event\":\"resolved\""), "the log keeps it: {said}");
    // The service that runs sees it at once.
    let outcome = house.outcome(reference).await;
    assert_eq!((&outcome["state"], &outcome["attention"]), (&json!("accepted"), &json!([])));
    let (said, code) = almoner(&found, "").await;
    assert!(code == Some(0) && said.contains("accepted already: nothing was written"), "{said}");
    let history = house.history(reference).await;
    assert_eq!(history.len(), 2);
    let evidence = history[1].evidence.as_ref().unwrap();
    assert_eq!(evidence.source, Source::Person);
    assert_eq!(evidence.code.as_ref().unwrap().as_str(), "RSM:T-1");
    let (said, _) = almoner(&["outcomes", "doubts", "--config", &config], "").await;
    assert!(!said.contains(&text), "{said}");

    // The processor says otherwise: the stronger counts, and someone must look again.
    let declined = stating(house.statement(reference, "declined"), "code", "05");
    house.tell(&declined).await;
    let outcome = house.outcome(reference).await;
    let flagged = (&json!("accepted"), &json!(["contradiction"]));
    assert_eq!((&outcome["state"], &outcome["attention"]), flagged);
    house.ledger().verify().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn nobody_can_declare_away_what_the_processor_has_proved() {
    let house = House::new().await;
    let (reference, config) = (house.doubt(None).await, house.write_settings());
    house.tell(&house.statement(reference, "accepted")).await;
    let before = house.history(reference).await;
    for weaker in ["lapsed", "cancelled", "declined"] {
        let (said, code) = almoner(
            &[
                "outcomes",
                "resolve",
                &reference.to_string(),
                "--as",
                weaker,
                "--evidence",
                "T",
                "--yes",
                "--config",
                &config,
            ],
            "",
        )
        .await;
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains("nothing was written") && said.contains("accepted"), "{said}");
    }
    assert_eq!(house.history(reference).await, before);
    let unknown = Reference::at(house.clock.now()).to_string();
    let nobody = ["outcomes", "resolve", &unknown, "--as", "lapsed", "--evidence", "T", "--yes"];
    let (said, code) = almoner(&[nobody.as_slice(), &["--config", &config]].concat(), "").await;
    assert!(code == Some(1) && said.contains("no hand-off of reference"), "{said}");
}

async fn resolve(
    config: &str,
    reference: Reference,
    outcome: &str,
    more: &[&str],
) -> (String, Option<i32>) {
    let text = reference.to_string();
    let plain = ["outcomes", "resolve", &text, "--as", outcome, "--evidence", "T-1", "--yes"];
    almoner(&[plain.as_slice(), &["--config", config], more].concat(), "").await
}

/// While its call may be on its way, nobody can have found out what became of it.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_still_under_way_is_not_settled_by_a_person() {
    let house = House::new().await;
    let (reference, config) = (house.doubt_of(0, None).await, house.write_settings());
    for outcome in ["accepted", "lapsed"] {
        let (said, code) = resolve(&config, reference, outcome, &["--although-known"]).await;
        assert!(code == Some(1) && said.contains("may still be under way"), "{said}");
        assert!(said.contains("nothing was written"), "{said}");
    }
    assert_eq!(house.history(reference).await.len(), 1);
}

/// What the processor knows may be taken yet: that it was not is said twice, and kept as said so.
#[tokio::test(flavor = "multi_thread")]
async fn what_the_processor_knows_is_not_declared_away_by_the_way() {
    let house = House::new().await;
    let config = house.write_settings();
    let known = || Evidence {
        id: EventId([7; 16]),
        source: Source::Reply,
        fact: Fact::Pending,
        amount: None,
        mode: None,
        processor_reference: None,
        code: ProcessorText::parse("challenged"),
        occurred_at: house.clock.now(),
    };
    let [first, second] = [house.doubt(None).await, house.doubt(None).await];
    for reference in [first, second] {
        let beside = SqliteLedger::open_beside(&house.ledger_file()).unwrap();
        let id = EventId::of(Source::Reply, &[reference.as_bytes()]);
        beside.conclude(reference, Evidence { id, ..known() }, house.clock.now()).await.unwrap();
    }
    for weaker in ["lapsed", "cancelled", "declined"] {
        let (said, code) = resolve(&config, first, weaker, &[]).await;
        assert!(code == Some(1) && said.contains("--although-known"), "{said}");
    }
    assert_eq!(house.history(first).await.len(), 2, "nothing was written");
    let (said, code) = resolve(&config, first, "lapsed", &["--although-known"]).await;
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("\"although_known\":true"), "the log keeps it: {said}");
    let history = house.history(first).await;
    let code = history.last().unwrap().evidence.as_ref().unwrap().code.as_ref().unwrap();
    assert_eq!(code.as_str(), "although_known:T-1", "so does the record");
    let (said, code) = resolve(&config, second, "accepted", &[]).await;
    assert_eq!(code, Some(0), "that is what it may become: {said}");
    house.ledger().verify().await.unwrap();
}
