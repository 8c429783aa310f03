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

/// What keeps card testers out is never silently off.
#[tokio::test]
async fn g_c2_a_shield_that_is_off_is_said_at_each_start_and_found_by_check() {
    let (log, found) = started(&Place::new()).await;
    assert!(!log.contains("shield_off") && !found.contains("shield.enabled"), "{log}{found}");
    let place = Place::new();
    place.change("\n[charity]", "\n[shield]\nenabled = false\n\n[charity]");
    for _ in 0..2 {
        let (log, found) = started(&place).await;
        assert!(found.contains("shield.enabled is false"), "{found}");
        let line = log.lines().rfind(|line| line.contains("shield_off")).unwrap();
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        assert_eq!(
            (line["level"].as_str(), line["setting"].as_str()),
            (Some("WARN"), Some("shield.enabled"))
        );
    }
    place.change("enabled = false", "enabled = true\ndeclines_percent = 100");
    let refused = run(&["serve", "--config", &place.config()]);
    assert!(said(&refused).contains("shield.declines_percent"), "{}", said(&refused));
    assert_eq!(refused.status.code(), Some(1));
}
