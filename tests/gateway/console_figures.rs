//! What the console shows is what the ledger holds and what this process counted, on both ledgers.

use super::answer::Answer;
use super::house::House;
use super::message::stating;
use super::operator::by_password;
use super::samples::{gift, with_changes};
use super::server::database;
use almoner::payment::Reference;
use regex::Regex;
use std::time::Instant;

/// The cells of the rows of a table, by its caption.
fn table(page: &Answer, caption: &str) -> Vec<Vec<String>> {
    let start = format!("<caption class=\"spoken\">{caption}</caption>");
    let body =
        page.body.split(&start).nth(1).unwrap_or_else(|| panic!("no {caption}: {}", page.body));
    let body = body.split("<tbody>").nth(1).unwrap().split("</tbody>").next().unwrap();
    let cell = Regex::new("<t[hd][^>]*>([^<]*)</t[hd]>").unwrap();
    let rows = body.split("<tr>").skip(1);
    rows.map(|row| cell.captures_iter(row).map(|found| found[1].to_owned()).collect()).collect()
}

fn row(page: &Answer, caption: &str, first: &str) -> Vec<String> {
    let rows = table(page, caption);
    let found = rows.iter().find(|row| row[0] == first);
    found.unwrap_or_else(|| panic!("no {first} in {rows:?}"))[1..].to_vec()
}

/// The first page, taken anew, and after how many seconds it is taken anew again: ten, and more where it took long, as
/// it does on a busy machine.
async fn taken_anew(house: &House, cookie: &str) -> (Answer, i64) {
    let began = Instant::now();
    let page = house.inside("/console", cookie).await;
    let kept = (began.elapsed() * 20).as_secs().max(10);
    (page, i64::try_from(kept).unwrap() + 1)
}

/// Three accepted, one declined, one that is of another sum, one waiting; a refund and an overdue page.
/// Tells the one of another sum, and after how many seconds the page is taken anew.
async fn figures_are_true(house: &House) -> (Reference, i64) {
    let mut made = Vec::new();
    for _ in 0..6 {
        made.push(house.handed_off().await.0);
    }
    for reference in &made[..3] {
        house.tell(&house.statement(*reference, "accepted")).await;
    }
    house.tell(&house.statement(made[0], "refunded")).await;
    house.tell(&house.statement(made[3], "declined")).await;
    let other = stating(house.statement(made[4], "accepted"), "amount", 9900);
    house.tell(&other).await;
    let cookie = house.enter().await;
    let (page, kept_for) = taken_anew(house, &cookie).await;
    assert_eq!(page.status, 200, "{}", page.body);
    let expected = ["6", "3", "1", "0", "0", "2", "0"];
    assert_eq!(row(&page, "Hand-offs by day and outcome", "All days"), expected);
    assert_eq!(table(&page, "Hand-offs by day and outcome").len(), 31);
    assert_eq!(row(&page, "Accepted, Today", "GBP"), ["£75 in 3", "none"]);
    let steps = table(&page, "Hand-offs by step, 30 days");
    let steps: Vec<_> = steps.iter().map(|row| row.join(" ")).collect();
    assert_eq!(steps, ["Handed off 6 100.0%", "Outcome known 4 66.6%", "Accepted 3 50.0%"]);
    assert_eq!(row(&page, "After acceptance, 30 days", "Refunded"), ["1"]);
    assert!(page.body.contains(&format!("href=\"/console/hand-offs/{}\"", made[4])), "to look at");
    assert!(page.body.contains("Mismatch: another amount, currency or mode was named"));
    assert!(page.body.contains("Next: ask the processor what it took"));
    assert!(!page.body.contains("page was never finished"), "none was: nothing is said");
    // A storm of reloads asks the ledger no more often than once in ten seconds.
    house.tell(&house.statement(made[5], "accepted")).await;
    let kept = house.inside("/console", &cookie).await;
    assert_eq!(row(&kept, "Hand-offs by day and outcome", "All days"), expected);
    house.later(kept_for);
    let (fresh, kept_for) = taken_anew(house, &cookie).await;
    let expected = ["6", "4", "1", "0", "0", "1", "0"];
    assert_eq!(row(&fresh, "Hand-offs by day and outcome", "All days"), expected);
    (made[4], kept_for)
}

#[tokio::test]
async fn figures_of_a_file_are_true() {
    let house = House::with_console().await;
    figures_are_true(&house).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn figures_of_a_database_are_those_of_all_instances() {
    let database = database().await;
    let (first, second) =
        (House::on(&database).await, House::on_with(&database, by_password).await);
    let (mismatched, kept_for) = figures_are_true(&second).await;
    first.handed_off().await;
    second.later(kept_for);
    let cookie = second.enter().await;
    let page = second.inside("/console", &cookie).await;
    assert_eq!(row(&page, "Hand-offs by day and outcome", "All days")[0], "7");
    let told = second.inside(&format!("/console/hand-offs/{mismatched}"), &cookie).await;
    for words in ["Mismatch", "Not believed: £99 was named, £25 was asked for", "It said: Accepted"]
    {
        assert!(told.body.contains(words), "{words}: {}", told.body);
    }
    assert!(told.body.contains(&format!("almoner outcomes show {mismatched}")), "the next step");
}

#[tokio::test]
async fn one_hand_off_is_told_event_by_event_with_its_evidence() {
    let house = House::with_console().await;
    let (reference, _) = house.handed_off().await;
    house.tell(&house.statement(reference, "declined")).await;
    house.tell(&house.statement(reference, "accepted")).await;
    let cookie = house.enter().await;
    let search = async |typed: &str| {
        house.inside(&format!("/console/hand-offs?reference={typed}"), &cookie).await
    };
    for typed in [reference.to_string(), format!("%20{}+", reference.to_string().to_lowercase())] {
        let found = search(&typed).await;
        let place = format!("/console/hand-offs/{reference}");
        assert_eq!((found.status, found.header("location")), (303, place.as_str()));
    }
    let page = house.inside(&format!("/console/hand-offs/{reference}"), &cookie).await;
    assert_eq!(page.status, 200);
    let timeline = page.body.split("class=\"timeline\"").nth(1).unwrap();
    let told: Vec<_> = timeline.split("<li>").skip(1).collect();
    assert_eq!(told.len(), 3);
    for (event, words) in told.iter().zip([
        ["Written down", "Waiting", "our own record"],
        ["Declined", "Waiting became Declined", "the processor&#39;s webhook"],
        ["Accepted", "Declined became Accepted", "code 00, their reference T1:1"],
    ]) {
        for word in words {
            assert!(
                event.contains(&word.replace("&#39;", "'")) || event.contains(word),
                "{word}: {event}"
            );
        }
        assert!(event.contains(" GMT") || event.contains(" BST"), "{event}");
    }
    let unknown = Reference::at(house.clock.now());
    let nothing = house.inside(&format!("/console/hand-offs/{unknown}"), &cookie).await;
    assert_eq!(nothing.status, 404);
    assert!(nothing.body.contains("No hand-off of this reference is in the ledger"));
    let wrong = search("%3Cscript%3E4929420573595709").await;
    assert_eq!(wrong.status, 404);
    assert!(!wrong.body.contains("492942") && !wrong.body.contains("<script"), "never repeated");
    assert_eq!(super::evidence::logged("console_read")["audit"], true);
}

#[tokio::test]
async fn two_acceptances_are_perhaps_two_charges() {
    let house = House::with_console().await;
    let (reference, _) = house.handed_off().await;
    house.tell(&house.statement(reference, "accepted")).await;
    let other = stating(house.statement(reference, "accepted"), "processor_reference", "T1:2");
    house.tell(&other).await;
    let cookie = house.enter().await;
    let page = house.inside(&format!("/console/hand-offs/{reference}"), &cookie).await;
    for words in [
        "Perhaps charged twice: it was accepted under T1:1 and under T1:2",
        "Next: ask the processor",
        "docs/incidents.md",
    ] {
        assert!(page.body.contains(words), "{words}: {}", page.body);
    }
    assert!(!page.body.contains("Not believed"));
    let page = house.inside("/console", &cookie).await;
    assert!(page.body.contains("Next: perhaps charged twice"), "{}", page.body);
}

#[tokio::test]
async fn our_own_clock_is_not_what_was_heard() {
    let house = House::with_console().await;
    let (reference, _) = house.handed_off().await;
    house.later(91 * 60);
    let cookie = house.enter().await;
    let mut body = String::new();
    // The chaser marks it in its next round.
    for _ in 0..1200 {
        body = house.inside(&format!("/console/hand-offs/{reference}"), &cookie).await.body;
        if body.contains("our own clock") {
            break;
        }
        tokio::time::sleep(std::time::Duration::from_millis(25)).await;
    }
    assert!(body.contains("our own clock"), "{body}");
    assert!(body.contains("<dt>Last heard</dt><dd>never</dd>"), "{body}");
}

#[tokio::test]
async fn what_this_instance_counts_is_a_form_once_by_each_step() {
    let house = House::with_console().await;
    let token = house.token("/donate").await;
    let fields = gift(&token);
    assert_eq!(
        house.post_form("/donate", &with_changes(&fields, &[("email", "x")])).await.status,
        422
    );
    assert_eq!(house.post_form("/donate", &fields).await.status, 200);
    // The same again is the same hand-off: it counts as sent, and as no other.
    assert_eq!(house.post_form("/donate", &fields).await.status, 200);
    house.get("/donate").await;
    let cookie = house.enter().await;
    let page = house.inside("/console", &cookie).await;
    let steps: Vec<_> = table(&page, "Forms by step, this instance")
        .into_iter()
        .map(|row| format!("{}: {}", row[0], row[1]))
        .collect();
    assert_eq!(steps, ["Form shown: 2", "Form sent: 3", "Handed off: 1"]);
    assert!(page.body.contains("Sent back with mistakes: 1 of 3 sent (33.3%)"));
    let metrics = house.operations("/metrics").await.body;
    for (result, count) in [("handed_off", 1), ("shown", 1), ("refused", 1)] {
        let line = format!("almoner_hand_offs_total{{result=\"{result}\"}} {count}\n");
        assert!(metrics.contains(&line), "{line}{metrics}");
    }
    assert!(page.body.contains("Nothing is in doubt"));
    let own = table(&page, "Our own time");
    assert!(own.iter().map(|row| row[1].parse::<u64>().unwrap()).sum::<u64>() > 4, "{own:?}");
}

#[tokio::test]
async fn an_alarm_is_told_with_its_cause_and_remedy() {
    let house = House::with(|settings| {
        by_password(settings);
        settings.alarms.silent_hand_offs = 3;
    })
    .await;
    let cookie = house.enter().await;
    let page = house.inside("/console", &cookie).await;
    assert!(page.body.contains("None is raised") && page.body.contains("No hand-off was begun"));
    assert!(page.body.contains("No request was answered since then."), "this console is none");
    for _ in 0..3 {
        house.handed_off().await;
    }
    house.later(31 * 60);
    let cookie = house.enter().await;
    let page = house.inside("/console", &cookie).await;
    for word in [
        "Hand-offs are made and no webhook comes",
        "webhooks_silent",
        "Likely cause: the processor",
        "Remedy: look at the webhook address",
    ] {
        assert!(page.body.contains(word), "{word}: {}", page.body);
    }
    assert!(!page.body.contains("None is raised"));
    let told = |page: &Answer| {
        let told = page.body.split("<p>Since ").nth(1).unwrap().split("</p>").next().unwrap();
        let (since, lasts) = told.split_once(", for ").unwrap();
        (since.to_owned(), lasts.to_owned())
    };
    let (since, _) = told(&page);
    assert!(since.ends_with(" GMT") || since.ends_with(" BST"), "{since}");
    house.later(2 * 60 * 60);
    let cookie = house.enter().await;
    let (still, lasts) = told(&house.inside("/console", &cookie).await);
    assert_eq!(still, since);
    assert!(lasts.starts_with("2 h "), "{lasts}");
}
