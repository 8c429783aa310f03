//! `/manage`: a member is led to the processor's page by a signed link, and nowhere else.

use super::answer::Answer;
use super::house::House;
use almoner::config::{Checked, LinkUrl, SelfServiceSettings, Settings};

/// The section as the guide has it: the address alone.
fn section(url: &str) -> SelfServiceSettings {
    toml::from_str(&format!("url = \"{url}\"")).unwrap()
}

fn leading(settings: &mut Settings) {
    let mock = settings.processor.signed.as_ref().unwrap().origin.0.as_str().to_owned();
    settings.processor.self_service = Some(section(&format!("{mock}/members")));
}

impl House {
    async fn follow_link(&self, link: &str) -> Answer {
        Answer::of(self.client.get(link).send().await.unwrap()).await
    }
}

#[tokio::test]
async fn a_member_is_led_to_the_processor_by_a_link_that_it_believes() {
    let house = House::with(leading).await;
    let answer = house.get("/manage").await;
    assert_eq!((answer.status, answer.header("set-cookie")), (303, ""));
    assert_eq!(answer.header("referrer-policy"), "no-referrer");
    let link = answer.header("location");
    assert!(link.starts_with(&format!(
        "{}/members?merchant=test-charity&key_id=k1&expires=",
        house.mock.origin()
    )));
    let page = house.follow_link(link).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("signed link led here, and it is good"));
    for (from, to) in [
        ("merchant=test", "merchant=other"),
        ("expires=1", "expires=2"),
        ("signature=", "signature=0"),
        ("&signature", "&vendor=1&signature"),
    ] {
        let bent = house.follow_link(&link.replacen(from, to, 1)).await;
        assert!(matches!(bent.status, 400 | 403), "{to}: {}", bent.status);
    }
    house.later(299);
    assert_eq!(house.follow_link(link).await.status, 200, "five minutes long");
    house.later(2);
    assert_eq!(house.follow_link(link).await.status, 410);
    let fresh = house.get("/manage").await.header("location").to_owned();
    assert_eq!(house.follow_link(&fresh).await.status, 200);
    assert!(
        house
            .get("/join")
            .await
            .body
            .contains("<a href=\"/manage\">See or change your membership</a>")
    );
    assert_eq!(house.recorded().await, (0, 0));
}

#[tokio::test]
async fn f_3_whatever_a_browser_brings_leads_to_the_same_page() {
    let house = House::with(leading).await;
    let plain = house.get("/manage").await.header("location").to_owned();
    for query in [
        "url=https://evil.example/",
        "merchant=x&signature=0",
        "return_url=//evil.example",
        "email=pat@example.org",
        "lang=cy",
    ] {
        let answer = house.get(&format!("/manage?{query}")).await;
        assert_eq!((answer.status, answer.header("location")), (303, plain.as_str()), "{query}");
    }
    for path in ["/manage/", "/manage//evil.example", "/manage/https://evil.example"] {
        assert_eq!(house.get(path).await.status, 404, "{path}");
    }
    let posted = house.post("/manage", &[], "").await;
    assert_eq!(posted.status, 405);
}

#[tokio::test]
async fn where_there_is_no_such_page_there_is_none_here() {
    let house = House::new().await;
    assert_eq!(house.get("/manage").await.refusal(), (404, "not_found".into()));
    assert!(!house.get("/join").await.body.contains("/manage"));
}

/// RSM has published no way to sign: what is written down is the address, and that is where it leads.
#[tokio::test]
async fn rsm_s_page_is_led_to_as_its_address_stands() {
    let address = "https://rsm.example/members?vendor=149";
    let house = House::rsm_with(
        |settings| {
            let page = SelfServiceSettings { signed: false, ..section(address) };
            settings.processor.self_service = Some(page);
        },
        |_| {},
    )
    .await;
    let answer = house.get("/manage").await;
    assert_eq!((answer.status, answer.header("location")), (303, address));
}

#[tokio::test]
async fn what_cannot_be_signed_or_read_is_told_before_it_is_served() {
    let house = House::with(leading).await;
    let page = || house.settings.processor.self_service.clone().unwrap();
    let told = |page: SelfServiceSettings| {
        let mut settings = house.settings.clone();
        settings.processor.self_service = Some(page);
        settings.self_service(&house.document).err().map(|error| error.to_string())
    };
    assert_eq!(told(page()), None);
    let span = |text: &str| {
        toml::from_str::<SelfServiceSettings>(&format!(
            "url = \"https://a.test/\"\nvalid_for = \"{text}\""
        ))
        .unwrap()
        .valid_for
    };
    let url = Checked(LinkUrl("https://pay.test/members?expires=1".parse().unwrap()));
    for (wrong, key) in [
        (SelfServiceSettings { valid_for: span("29s"), ..page() }, "valid_for"),
        (SelfServiceSettings { valid_for: span("1h 1s"), ..page() }, "valid_for"),
        (SelfServiceSettings { key_id_parameter: "a b".into(), ..page() }, "key_id_parameter"),
        (SelfServiceSettings { key_id_parameter: String::new(), ..page() }, "key_id_parameter"),
        (
            SelfServiceSettings { signature_parameter: "key_id".into(), ..page() },
            "signature_parameter",
        ),
        (SelfServiceSettings { url, ..page() }, "expires_parameter"),
    ] {
        let said = told(wrong).unwrap_or_else(|| panic!("{key}"));
        assert!(said.contains(&format!("processor.self_service.{key}")), "{said}");
    }
    assert_eq!(told(SelfServiceSettings { valid_for: span("1h"), ..page() }), None);
    let rsm = House::rsm().await;
    let mut settings = rsm.settings.clone();
    settings.processor.self_service = Some(section("https://rsm.test/members"));
    let said = settings.self_service(&rsm.document).unwrap_err().to_string();
    assert!(
        said.contains("processor.self_service.signed") && said.contains("docs/rsm.md"),
        "{said}"
    );
}
