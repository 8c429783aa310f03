//! English and Welsh: which a page is in, how a supporter changes it, and that it follows them to the
//! end by the address alone.

use super::answer::{Answer, hidden, hidden_fields, typed};
use super::house::House;
use super::samples::{Fields, encoded, fresh, gift, membership, with_changes};
use super::visitor::{API_KEY, FORM, JSON, OWN_PAGE, handed};
use almoner::config::Settings;
use std::path::PathBuf;

const WELSH: (&str, &str) = ("accept-language", "cy-GB,cy;q=0.9,en;q=0.5");
const GOOD_CARD: &str = "4242424242424242";

impl House {
    async fn get_in(&self, path: &str, language: (&str, &str)) -> Answer {
        let request = self.client.get(self.url(path)).header(language.0, language.1);
        Answer::of(request.send().await.unwrap()).await
    }
}

fn is_welsh(page: &Answer) {
    assert!(page.body.contains("<html lang=\"cy\">"), "{}", page.body);
    assert_eq!(page.header("content-language"), "cy");
    for english in ["Your ", " the ", "Skip to", "Privacy notice", "Error:"] {
        // The charity's own texts are its own.
        let own = [
            "Keep the lights burning",
            "Your gift pays for the people and boats that bring others safely home.",
        ];
        let ours = own.iter().fold(page.body.clone(), |ours, text| ours.replace(text, ""));
        let ours = ours.split("<small>I want to Gift Aid").next().unwrap();
        assert!(!ours.contains(english), "{english}: {ours}");
    }
}

/// Everything that the form's own fields hold, as a browser would send it.
fn sent(page: &str, visible: &[(&str, &str)]) -> Fields {
    with_changes(&hidden_fields(page), visible)
}

#[tokio::test]
async fn the_browser_or_the_address_says_which_and_nonsense_is_passed_over() {
    let house = House::new().await;
    let page = house.get_in("/donate", WELSH).await;
    is_welsh(&page);
    assert!(page.body.contains("Faint hoffech chi ei roi?"));
    assert_eq!(page.header("vary"), "accept-language");
    assert!(
        page.body.contains("<a lang=\"en-GB\" hreflang=\"en-GB\" href=\"?lang=en\">English</a>")
    );
    let page = house.get_in("/donate?lang=en", WELSH).await;
    assert!(page.body.contains("<html lang=\"en-GB\">") && page.header("vary").is_empty());
    for nonsense in ["/donate?lang=tlh", "/donate?lang=%00", "/donate?lang=cy%0d%0ax"] {
        let page = house.get(nonsense).await;
        assert_eq!((page.status, page.header("content-language")), (200, "en-GB"), "{nonsense}");
        assert!(!page.body.contains("tlh"), "nothing of it is repeated");
    }
    for (path, form) in [("/", "/donate"), ("/?lang=cy", "/donate?lang=cy")] {
        assert_eq!(house.get(path).await.header("location"), form);
    }
}

#[tokio::test]
async fn the_link_keeps_what_a_link_had_filled_in() {
    let house = House::new().await;
    let page = house.get("/donate?appeal=XMAS26&amount=2500&debug=1&lang=en").await;
    let link = "href=\"?appeal=XMAS26&amp;amount=2500&amp;lang=cy\"";
    assert!(page.body.contains(link), "{}", page.body);
    let page = house.get("/donate?appeal=XMAS26&amount=2500&lang=cy").await;
    is_welsh(&page);
    assert_eq!(hidden(&page.body, "appeal"), "XMAS26");
    assert!(page.body.contains("value=\"25.00\" checked"), "{}", page.body);
}

#[tokio::test]
async fn the_button_keeps_what_was_typed_and_sends_nothing() {
    let house = House::new().await;
    let token = hidden(&house.get("/donate").await.body, "client_token");
    // At once, and half filled in: nothing is asked of it yet.
    let half = [("step", "language"), ("last_name", ""), ("email", "pat@"), ("gift_aid", "")];
    let fields = with_changes(&gift(&token), &half);
    let page = house.post_form("/donate?lang=cy", &fields).await;
    assert_eq!(page.status, 200);
    is_welsh(&page);
    assert!(!page.body.contains("class=\"error\""), "{}", page.body);
    assert_eq!(hidden(&page.body, "client_token"), token);
    assert_eq!(hidden(&page.body, "appeal"), "XMAS26");
    assert_eq!(typed(&page.body, "first_name").as_deref(), Some("Canaryfirst"));
    assert_eq!(typed(&page.body, "email").as_deref(), Some("pat@"));
    assert!(page.body.contains("<option value=\"Ms\" selected>Ms</option>"));
    assert!(page.body.contains("<option value=\"GB\" selected>Y Deyrnas Unedig</option>"));
    assert!(page.body.contains("formaction=\"/donate?lang=en\""), "and back");
    assert_eq!(house.recorded().await, (0, 0));
}

#[tokio::test]
async fn a_hand_off_stays_in_welsh_from_the_form_to_the_page_it_returns_to() {
    let house = House::new().await;
    let form = house.get("/donate?lang=cy").await;
    assert!(form.body.contains("action=\"/donate?lang=cy\""), "{}", form.body);
    house.later(5);
    let token = hidden(&form.body, "client_token");
    let wrong = [("first_name", ""), ("email", "pat@"), ("method", "direct_debit")];
    let page = house.post_form("/donate?lang=cy", &with_changes(&gift(&token), &wrong)).await;
    assert_eq!(page.status, 422);
    is_welsh(&page);
    assert!(page.body.contains("<title>Gwall: Keep the lights burning"), "{}", page.body);
    for advice in [
        "Rhowch eich enw cyntaf",
        "Rhowch gyfeiriad e-bost yn y fformat cywir",
        "Ar gyfer rhoddion rheolaidd y mae Debyd Uniongyrchol",
    ] {
        assert_eq!(page.body.matches(advice).count(), 2, "{advice}: above and by the field");
    }
    let handing = house.post_form("/donate?lang=cy", &gift(&token)).await;
    is_welsh(&handing);
    assert!(handing.body.contains("Mynd â chi i dudalen"), "{}", handing.body);
    let (_, fields) = handed(&handing);
    let back = &fields.iter().find(|(name, _)| name == "return_url").unwrap().1;
    assert!(back.ends_with("?lang=cy"), "{back}");
    let back = house.arrive(&fields).await.pay(GOOD_CARD).await;
    let page = house.back(&back).await;
    is_welsh(&page);
    assert!(page.body.contains("Mae eich rhodd wedi dod i law."), "{}", page.body);
    assert!(page.body.contains("Yn ôl i wefan Test Charity"), "{}", page.body);
    assert!(page.body.contains("href=\"?lang=en\""), "it leads to itself in English");
    // Whoever sends the form again is told of the first in its language.
    let again = house.post_form("/donate?lang=cy", &gift(&token)).await;
    assert!(again.header("location").ends_with("?lang=cy"), "{}", again.header("location"));
    let posted = house.post(back.strip_prefix(&house.origin).unwrap(), &[FORM], "x=y").await;
    assert!(posted.header("location").ends_with("?lang=cy"), "{}", posted.header("location"));
}

#[tokio::test]
async fn the_charity_s_own_page_comes_back_in_the_language_it_named() {
    let house = House::new().await;
    let own = ("origin", "https://www.charity.test");
    let fields = with_changes(&gift(""), &[("client_token", "")]);
    let headers = [FORM, own, ("sec-fetch-site", "cross-site")];
    let page = house.post("/donate?lang=cy", &headers, encoded(&fields)).await;
    let (_, fields) = handed(&page);
    let back = house.arrive(&fields).await.cancel().await;
    let page = house.back(&back).await;
    is_welsh(&page);
    assert!(page.body.contains("Ni chymerwyd eich taliad"), "{}", page.body);
    assert!(page.body.contains("href=\"/donate?appeal=XMAS26&amp;lang=cy\""), "{}", page.body);
}

#[tokio::test]
async fn troubles_are_welsh_for_people_and_english_for_programs() {
    let house = House::new().await;
    let page = house.get_in("/nothing", WELSH).await;
    assert_eq!(page.status, 404);
    is_welsh(&page);
    assert!(page.body.contains("<h1>Nid oes dim yma</h1>"), "{}", page.body);
    let page = house.post("/donate?lang=cy", &[FORM, OWN_PAGE], "debug=1").await;
    assert!(page.body.contains("Nid yw maes yn hysbys yma"), "{}", page.body);
    assert!(page.body.contains("href=\"/donate?lang=cy\""), "{}", page.body);
    let bearer = format!("Bearer {API_KEY}");
    let key = fresh();
    let headers = [WELSH, ("authorization", bearer.as_str()), ("idempotency-key", &key), JSON];
    let problem = house.post("/v1/handoffs", &headers, "{").await;
    assert_eq!(problem.json()["title"], "The request cannot be read");
    assert_eq!((problem.header("content-language"), problem.header("vary")), ("", ""));
}

#[cfg(feature = "card-api")]
#[tokio::test]
async fn a_direct_debit_is_set_up_in_welsh_and_its_guarantee_stays_as_it_was_given() {
    let house = House::by_api().await;
    let token = house.token("/join?lang=cy").await;
    let page = house.post_form("/join?lang=cy", &membership(&token)).await;
    assert_eq!(page.status, 200, "{}", page.body);
    assert!(page.body.contains("Y Warant Debyd Uniongyrchol"), "{}", page.body);
    assert!(
        page.body.contains("nid yw&#39;r geiriad swyddogol Cymraeg gennym")
            || page.body.contains("nid yw'r geiriad swyddogol Cymraeg gennym"),
        "{}",
        page.body
    );
    assert!(
        page.body.contains("<div lang=\"en-GB\"><p>The Guarantee is offered by all banks.</p>")
    );
    assert!(page.body.contains("o leiaf 10 diwrnod gwaith"), "{}", page.body);
    assert!(page.body.contains("£4 bob mis") && page.body.contains("<dd>Dydd "), "{}", page.body);
    // Into English and back without a word lost, the account apart.
    let shown = sent(&page.body, &[("step", "show"), ("account_name", "Canaryholder")]);
    let english = house.post_form("/join?lang=en", &shown).await;
    assert!(english.body.contains("The Direct Debit Guarantee"), "{}", english.body);
    assert!(
        !english.body.contains("Here it is as it was given to us"),
        "it is the language it was given in"
    );
    assert!(
        !english.body.contains("value=\"Canaryholder\""),
        "what is paid with is never shown back"
    );
    let account = [("account_name", "P EXAMPLE"), ("sort_code", "12-34-5x"), ("step", "confirm")];
    let page = house.post_form("/join?lang=cy", &sent(&english.body, &account)).await;
    assert_eq!(page.status, 422);
    assert!(page.body.contains("Rhowch god didoli o 6 digid, fel 30-94-30"), "{}", page.body);
    let account = [
        ("account_name", "P EXAMPLE"),
        ("sort_code", "12-34-56"),
        ("account_number", "00012345"),
        ("account_holder", "true"),
        ("step", "confirm"),
    ];
    let answer = house.post_form("/join?lang=cy", &sent(&page.body, &account)).await;
    assert_eq!(answer.status, 303, "{}", answer.body);
    let page = house.get(answer.header("location")).await;
    is_welsh(&page);
    assert!(page.body.contains("Croeso!"), "{}", page.body);
}

fn folder(files: &[(&str, &str)]) -> PathBuf {
    let folder = super::evidence::evidence().join(uuid::Uuid::new_v4().to_string());
    std::fs::create_dir_all(&folder).unwrap();
    for (name, text) in files {
        std::fs::write(folder.join(name), text).unwrap();
    }
    folder
}

#[tokio::test]
async fn a_file_adds_a_language_and_the_charity_s_own_words() {
    let own = "our-name = Elusen Brawf\nour-donate-title = Cadwch y goleuni\n\
               our-plan-friend-name = Cyfaill\nour-guarantee =\n    Gwarant un.\n    Gwarant dau.\n";
    let french = "language-name = Français\nhow-much = Combien voulez-vous donner ?\n";
    let texts = folder(&[("cy.ftl", own), ("fr.ftl", french), ("notes.txt", "not a language")]);
    let house = House::with(|settings| settings.texts.folder = Some(texts)).await;
    let page = house.get("/donate?lang=cy").await;
    assert!(page.body.contains("<h1>Cadwch y goleuni</h1>"), "{}", page.body);
    assert!(page.body.contains("<strong>Elusen Brawf</strong>"), "{}", page.body);
    assert!(page.body.contains(">Français</a>"), "{}", page.body);
    assert!(house.get("/join?lang=cy").await.body.contains("Cyfaill"));
    let page = house.get_in("/donate", ("accept-language", "fr-CA")).await;
    assert!(page.body.contains("Combien voulez-vous donner ?"), "{}", page.body);
    assert!(page.body.contains("Your details"), "what is left out is said in English");
    assert!(house.get("/donate").await.body.contains("<h1>Keep the lights burning</h1>"));
}

#[tokio::test]
async fn a_language_that_cannot_be_offered_is_told_before_the_start() {
    let house = House::new().await;
    let told = |change: &dyn Fn(&mut Settings)| {
        let mut settings = house.settings.clone();
        change(&mut settings);
        settings.texts(&house.document).unwrap_err().to_string()
    };
    let named = |languages: &[&str]| -> Vec<String> {
        languages.iter().map(|code| (*code).to_owned()).collect()
    };
    for languages in [&["en", "fr"][..], &["cy", "en", "cy"]] {
        let error = told(&|settings| settings.texts.languages = named(languages));
        assert!(error.contains("texts.languages["), "{error}");
    }
    for (name, text, what) in [
        ("cy.ftl", "skip = A\ngift = { $card_number }\n", "gift has something in braces"),
        ("cy.ftl", "skip = A\nhello = B\n", "hello is the id of no text"),
        ("de.ftl", "language-name = Deutsch\nskip\n", "line 2 cannot be read"),
        ("de.ftl", "skip = Zum Inhalt\n", "language-name is missing"),
        ("!.ftl", "language-name = A\n", "its name is no language"),
    ] {
        let texts = folder(&[(name, text)]);
        let error = told(&|settings| settings.texts.folder = Some(texts.clone()));
        assert!(error.contains("texts.folder") && error.contains(what), "{error}");
    }
    let error = told(&|settings| settings.texts.folder = Some("/nonexistent".into()));
    assert!(error.contains("cannot be read"), "{error}");
    let house = House::with(|settings| settings.texts.languages = vec!["cy".to_owned()]).await;
    let page = house.get_in("/donate", ("accept-language", "en")).await;
    is_welsh(&page);
    assert!(!page.body.contains("<nav"), "there is no other language to go to");
}
