//! Cards typed here are an operator's own decision: said at the start, and found by `almoner check`.

use super::place::{Place, run, said, signal};

const QUESTIONNAIRE: &str = "PCI DSS SAQ D";

/// What the log says of a start, and what `almoner check` finds.
async fn started(place: &Place) -> (String, String) {
    let found = said(&run(&["check", "--config", &place.config(), "--offline"]));
    let mut service = place.serve();
    place.answers().await;
    signal(&service, "TERM");
    assert_eq!(service.wait().unwrap().code(), Some(0));
    (std::fs::read_to_string(place.file("log")).unwrap(), found)
}

#[tokio::test]
async fn p_1_cards_that_pass_here_are_spoken_of_by_the_questionnaire_s_name() {
    let (log, found) = started(&Place::new()).await;
    assert!(!log.contains(QUESTIONNAIRE) && !found.contains(QUESTIONNAIRE), "{log}{found}");
    let place = Place::new();
    place.change("[processor.signed]", "[processor.signed]\ncard_api = true");
    let (log, found) = started(&place).await;
    assert!(found.contains(QUESTIONNAIRE), "{found}");
    let line = log.lines().find(|line| line.contains(QUESTIONNAIRE)).unwrap();
    let line: serde_json::Value = serde_json::from_str(line).unwrap();
    assert_eq!(
        (line["level"].as_str(), line["event"].as_str()),
        (Some("WARN"), Some("cards_pass_here"))
    );
}
