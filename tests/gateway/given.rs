//! "You gave 2 minutes ago, again?": the one cookie there is, what is in it, and what is asked by it.

use super::answer::{Answer, hidden, hidden_fields, typed};
use super::house::House;
use super::rsm::{GOOD_ACCOUNT, REFUSED_ACCOUNT};
use super::samples::{Fields, encoded, gift, membership, request, with_changes};
use super::visitor::{FORM, OWN_PAGE, handed};

const ATTRIBUTES: &str = "HttpOnly; SameSite=None; Secure; Path=/; Max-Age=600";
const QUESTION: &str = "Do you want to give again?";

/// The cookie that an answer sets, as the browser sends it back.
fn cookie(answer: &Answer) -> String {
    let line = answer.header("set-cookie");
    let (pair, attributes) = line.split_once("; ").unwrap_or_else(|| panic!("no cookie: {line}"));
    assert_eq!(attributes, ATTRIBUTES);
    assert_eq!(answer.headers.get_all("set-cookie").iter().count(), 1);
    pair.to_owned()
}

impl House {
    async fn get_with(&self, path: &str, cookie: &str) -> Answer {
        let request = self.client.get(self.url(path)).header("cookie", cookie);
        Answer::of(request.send().await.unwrap()).await
    }

    async fn post_with(&self, path: &str, fields: &Fields, cookie: &str) -> Answer {
        self.post(path, &[FORM, OWN_PAGE, ("cookie", cookie)], encoded(fields)).await
    }

    async fn gave(&self) -> String {
        cookie(&self.donate(&[]).await)
    }
}

fn is_asked(page: &Answer, words: &str) {
    assert_eq!(page.status, 409, "{}", page.body);
    assert!(page.body.contains(words), "{words}: {}", page.body);
    assert_eq!(hidden(&page.body, "again"), "true");
    assert_eq!(page.header("set-cookie"), "");
}

#[tokio::test]
async fn fm_68_a_second_gift_within_minutes_is_asked_about_first() {
    let house = House::new().await;
    let given = house.gave().await;
    let token = house.token("/donate").await;
    house.later(120);
    let page = house.post_with("/donate", &gift(&token), &given).await;
    is_asked(&page, &format!("You gave 2 minutes ago. {QUESTION}"));
    assert_eq!(page.body.matches(">Give again</button>").count(), 2, "above and below the form");
    assert!(!page.body.contains("There is a problem") && page.body.contains("<title>Again? "));
    for (name, value) in [("first_name", "Canaryfirst"), ("postcode", "CN1 9RY")] {
        assert_eq!(typed(&page.body, name).as_deref(), Some(value), "what was typed is kept");
    }
    assert_eq!(house.recorded().await.0, 1, "nothing is written down for a question");
    let mut again = gift(&hidden(&page.body, "client_token"));
    again.push(("again".into(), hidden(&page.body, "again")));
    let (second, fields) = handed(&house.post_with("/donate", &again, &given).await);
    assert!(!fields.iter().any(|(name, _)| name == "again"), "the processor is told nothing of it");
    assert_eq!(house.recorded().await.0, 2);
    house.arrive(&fields).await.pay("4242424242424242").await;
    assert_eq!(house.mock.books().charges(&second), 1);
}

/// FM-67: the same form again is a repeat. The one who pressed twice is not asked.
#[tokio::test]
async fn fm_67_a_double_click_is_a_repeat_and_no_question() {
    let house = House::new().await;
    let fields = gift(&house.token("/donate").await);
    let first = house.post_form("/donate", &fields).await;
    let again = house.post_with("/donate", &fields, &cookie(&first)).await;
    assert_eq!(handed(&first).0, handed(&again).0);
    let other = with_changes(&fields, &[("amount", "10.00")]);
    let refused = house.post_with("/donate", &other, &cookie(&first)).await;
    assert_eq!(refused.status, 403, "with other choices it is told that it was used");
    house.later(5);
    let mut fresh = with_changes(&other, &[("client_token", "")]);
    fresh.extend(["client_token", "again"].map(|name| (name.into(), hidden(&refused.body, name))));
    let second = house.post_with("/donate", &fresh, &cookie(&first)).await;
    assert_ne!(handed(&second).0, handed(&first).0, "and who sends it after that was asked");
}

#[tokio::test]
async fn how_long_ago_is_said_in_plain_words() {
    let house = House::new().await;
    let given = house.gave().await;
    let mut passed = 0;
    for (seconds, words) in [
        (0, Some("You gave less than a minute ago.")),
        (59, Some("You gave less than a minute ago.")),
        (60, Some("You gave 1 minute ago.")),
        (119, Some("You gave 1 minute ago.")),
        (120, Some("You gave 2 minutes ago.")),
        (599, Some("You gave 9 minutes ago.")),
        (600, None),
    ] {
        house.later(seconds - passed);
        passed = seconds;
        let page = house.get_with("/donate", &given).await;
        assert_eq!(page.status, 200);
        let said = page.body.split("<h2 id=\"question\">").nth(1);
        assert_eq!(said.and_then(|said| said.split_inclusive('.').next()), words, "{seconds}");
    }
}

/// Who opens the form is told at once, and not asked a second time when it is filled in.
#[tokio::test]
async fn an_empty_form_tells_it_before_it_is_filled_in() {
    let house = House::new().await;
    let given = house.gave().await;
    let page = house.get_with("/donate", &given).await;
    assert!(page.body.contains(QUESTION));
    assert_eq!(
        page.body.matches(">Give again</button>").count(),
        1,
        "there is nothing to send yet"
    );
    assert!(!page.body.contains("role=\"alert\""));
    house.later(5);
    let mut fields = gift(&hidden(&page.body, "client_token"));
    fields.push(("again".into(), hidden(&page.body, "again")));
    let mend = house.post_with("/donate", &with_changes(&fields, &[("email", "")]), &given).await;
    assert_eq!((mend.status, hidden(&mend.body, "again").as_str()), (422, "true"));
    handed(&house.post_with("/donate", &fields, &given).await);
}

#[tokio::test]
async fn a_membership_is_called_one() {
    let house = House::new().await;
    let fields = membership(&house.token("/join").await);
    let joined = cookie(&house.post_form("/join", &fields).await);
    let given = house.gave().await;
    for (path, before, words, button) in [
        (
            "/join",
            &joined,
            "You joined less than a minute ago. Do you want to join again?",
            "Join again",
        ),
        (
            "/join",
            &given,
            "You gave less than a minute ago. Do you want to join as well?",
            "Join as well",
        ),
        (
            "/donate",
            &joined,
            "You joined less than a minute ago. Do you want to give as well?",
            "Give as well",
        ),
    ] {
        let token = house.token(path).await;
        let fields = if path == "/join" { membership(&token) } else { gift(&token) };
        let page = house.post_with(path, &fields, before).await;
        is_asked(&page, words);
        assert_eq!(page.body.matches(&format!(">{button}</button>")).count(), 2, "{button}");
    }
}

/// Nothing but a time and a keyed hash of it: two supporters with different gifts, handed over in one
/// second, have the same cookie.
#[tokio::test]
async fn the_cookie_holds_a_time_and_nothing_else() {
    let house = House::new().await;
    let tokens = [house.token("/donate").await, house.token("/donate").await];
    let one = cookie(&house.donate_with(&tokens[0], &[]).await);
    let other = [("amount", "10.00"), ("appeal", ""), ("gift_aid", ""), ("last_name", "Other")];
    let two = cookie(&house.donate_with(&tokens[1], &other).await);
    assert_eq!(one, two);
    let value = one.strip_prefix("__Host-given=").unwrap();
    let (time, tag) = value.split_once('.').unwrap();
    assert_eq!(time, house.clock.now().as_second().to_string());
    assert_eq!(tag.len(), 43, "HMAC-SHA256");
}

/// What we did not write is as if it were not there, and stops nobody.
#[tokio::test]
async fn a_forged_a_stale_and_no_cookie_hinder_nobody() {
    let house = House::new().await;
    let given = house.gave().await;
    let (_, value) = given.split_once('=').unwrap();
    let (time, tag) = value.split_once('.').unwrap();
    let other = if tag.starts_with('A') { "B" } else { "A" };
    for forged in [
        String::new(),
        "__Host-given".into(),
        "__Host-given=".into(),
        format!("__Host-given={time}"),
        format!("__Host-given={time}.{other}{}", &tag[1..]),
        format!("__Host-given={}.{tag}", time.parse::<i64>().unwrap() + 1),
        format!("given={value}"),
        format!("__host-given={value}"),
        "__Host-given=\"\u{e9}; ;;=; =x".into(),
        format!("__Host-given={}", "9".repeat(4000)),
    ] {
        let token = house.token("/donate").await;
        let page = house.post_with("/donate", &gift(&token), &forged).await;
        assert_eq!(page.status, 200, "{forged}");
        assert!(!house.get_with("/donate", &forged).await.body.contains(QUESTION), "{forged}");
    }
    // Beside others it is found.
    let beside = format!("a=b; {given}; c");
    is_asked(
        &house.post_with("/donate", &gift(&house.token("/donate").await), &beside).await,
        QUESTION,
    );
    house.later(600);
    let token = house.token("/donate").await;
    assert_eq!(house.post_with("/donate", &gift(&token), &given).await.status, 200);
}

/// The post of the charity's own page brings the cookie, and is asked on our page, even from another site:
/// it has no token by which the same form again would be known. It cannot answer for the supporter.
#[tokio::test]
async fn fm_68_the_charitys_own_page_gets_the_question_on_ours() {
    let house = House::new().await;
    let given = house.gave().await;
    let fields = with_changes(&gift(""), &[("client_token", ""), ("again", "true")]);
    let headers = [FORM, ("origin", "https://www.charity.test"), ("sec-fetch-site", "cross-site")];
    let cookie = ("cookie", given.as_str());
    let unhindered = house.post("/donate", &headers, encoded(&fields)).await;
    handed(&unhindered);
    let headers: Vec<_> = headers.into_iter().chain([cookie]).collect();
    let page = house.post("/donate", &headers, encoded(&fields)).await;
    is_asked(&page, QUESTION);
    house.later(5);
    let token = hidden(&page.body, "client_token");
    let fields = with_changes(&fields, &[("client_token", &token)]);
    handed(&house.post_with("/donate", &fields, &given).await);
}

/// Whoever was not charged may try again without a question.
#[tokio::test]
async fn what_was_not_taken_is_forgotten() {
    let house = House::new().await;
    let page = house.donate(&[]).await;
    let (_, fields) = handed(&page);
    let back = house.arrive(&fields).await.cancel().await;
    let path = back.strip_prefix(&house.origin).unwrap();
    house.becomes(handed(&page).0, "cancelled").await;
    let told = house.get_with(path, &cookie(&page)).await;
    assert!(told.body.contains("Your payment was not taken"), "{}", told.body);
    let forgotten = "__Host-given=; HttpOnly; SameSite=None; Secure; Path=/; Max-Age=0";
    assert_eq!(told.header("set-cookie"), forgotten);
    assert_eq!(house.get(path).await.header("set-cookie"), "", "where there is none, none is set");
}

/// Where Direct Debits are set up here, what RSM took is remembered and what it refused is not.
#[tokio::test]
async fn a_direct_debit_by_api_is_remembered_once_it_stands() {
    let house = House::rsm().await;
    assert_eq!(house.instruct(REFUSED_ACCOUNT).await.header("set-cookie"), "");
    let joined = cookie(&house.instruct(GOOD_ACCOUNT).await);
    let token = house.token("/join").await;
    let page = house.post_with("/join", &membership(&token), &joined).await;
    is_asked(&page, "You joined less than a minute ago. Do you want to join again?");
    let mut fields = membership(&token);
    fields.push(("again".into(), "true".into()));
    let confirm = house.post_with("/join", &fields, &joined).await;
    assert_eq!((confirm.status, hidden(&confirm.body, "again").as_str()), (200, "true"));
    let bank = [
        ("account_name", "C HOLDER"),
        ("sort_code", "12-34-56"),
        ("account_number", GOOD_ACCOUNT),
        ("account_holder", "true"),
        ("step", "confirm"),
    ];
    // From a page that was opened before anything was remembered: asked now, and no account comes back.
    let unasked = with_changes(&membership(&token), &bank);
    let page = house.post_with("/join", &unasked, &joined).await;
    is_asked(&page, "You joined");
    assert!(!page.body.contains(GOOD_ACCOUNT) && !page.body.contains("HOLDER"));
    let confirmed = with_changes(&hidden_fields(&confirm.body), &bank);
    let done = house.post_with("/join", &confirmed, &joined).await;
    assert_eq!(done.status, 303, "{}", done.body);
    let again = house.post_with("/join", &confirmed, &cookie(&done)).await;
    assert_eq!(again.header("location"), done.header("location"), "a double click is a repeat");
}

/// The API and everything else know no cookie.
#[tokio::test]
async fn asvs_3_3_1_no_other_answer_sets_a_cookie() {
    let house = House::new().await;
    let created = house.try_create(&request()).await;
    assert_eq!((created.status, created.header("set-cookie")), (201, ""));
    let given = house.gave().await;
    let token = house.token("/donate").await;
    let invalid = with_changes(&gift(&token), &[("email", "")]);
    for answer in [
        house.get_with("/donate", &given).await,
        house.get_with("/join", &given).await,
        house.get_with("/assets/style.css", &given).await,
        house.post_with("/donate", &invalid, &given).await,
        house.post_with("/donate", &gift("x"), &given).await,
    ] {
        assert_eq!(answer.header("set-cookie"), "", "{}", answer.status);
    }
}
