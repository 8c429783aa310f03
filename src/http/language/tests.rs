use super::texts::{ENGLISH, GIVEN_IN_ENGLISH};
use super::*;
use crate::payment::Code;
use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

mod coverage;

const WELSH: &str = include_str!("cy.ftl");

/// The looks of a charity in English and Welsh, with what a file of its own says in Welsh.
fn looks(file: Option<&str>) -> Looks {
    let texts = [Texts::new("en", None), Texts::new("cy", file)].map(Result::unwrap);
    Looks::of(&Look::example(), texts.into())
}

fn welsh(file: Option<&str>) -> Arc<Look> {
    looks(file).asked(Some("lang=cy"), &HeaderMap::new())
}

fn accepting(line: &str) -> HeaderMap {
    let mut headers = HeaderMap::new();
    headers.insert(header::ACCEPT_LANGUAGE, line.parse().unwrap());
    headers
}

#[test]
fn the_address_wins_then_the_browser_then_the_first() {
    let looks = looks(None);
    let tag = |query, line| looks.asked(query, &accepting(line)).tag().to_owned();
    for (query, line, expected) in [
        (None, "", "en-GB"),
        (None, "cy-GB,cy;q=0.9,en;q=0.8", "cy"),
        (None, "fr,en-US;q=0.8,cy;q=0.7", "en-GB"),
        (None, "fr,de", "en-GB"),
        (Some("lang=cy"), "en", "cy"),
        (Some("appeal=x&lang=cy-GB"), "", "cy"),
        (Some("lang=en"), "cy", "en-GB"),
        (Some("lang=en-US"), "cy", "en-GB"),
    ] {
        assert_eq!(tag(query, line), expected, "{query:?} {line}");
    }
    for nonsense in
        ["lang=", "lang", "lang=xx", "lang=../../etc", "lang=%FF", "lang=cy_", "LANG=cy"]
    {
        assert_eq!(tag(Some(nonsense), ""), "en-GB", "{nonsense}");
        assert_eq!(tag(Some(nonsense), "cy"), "cy", "{nonsense}");
    }
}

#[test]
fn only_a_language_that_was_named_is_carried_on() {
    let looks = looks(None);
    let named = looks.asked(Some("lang=cy"), &HeaderMap::new());
    assert_eq!(named.address("/donate"), "/donate?lang=cy");
    assert_eq!(named.address("/join?appeal=x"), "/join?appeal=x&lang=cy");
    let wished = looks.asked(None, &accepting("cy"));
    assert_eq!(wished.address("/donate"), "/donate");
    let others: Vec<&str> = wished.words.others.iter().map(|other| other.code.as_str()).collect();
    assert_eq!(others, ["en"]);
}

#[test]
fn plurals_are_those_of_the_language() {
    let ago = |look: &Look, minutes: i64| look.say_of("given-ago", [("minutes", minutes.into())]);
    let english = Look::example();
    assert_eq!(ago(&english, 0), "You gave less than a minute ago.");
    assert_eq!(ago(&english, 1), "You gave 1 minute ago.");
    assert_eq!(ago(&english, 2), "You gave 2 minutes ago.");
    let welsh = welsh(None);
    assert_eq!(ago(&welsh, 0), "Rhoesoch rodd lai na munud yn ôl.");
    assert_eq!(ago(&welsh, 1), "Rhoesoch rodd 1 munud yn ôl.");
    assert_eq!(ago(&welsh, 2), "Rhoesoch rodd 2 funud yn ôl.");
    for minutes in [3, 6, 10, 12] {
        assert_eq!(ago(&welsh, minutes), format!("Rhoesoch rodd {minutes} munud yn ôl."));
    }
    let notice = welsh.say_of("advance-notice", [("days", 2_u8.into())]);
    assert!(notice.contains("o leiaf 2 ddiwrnod gwaith"), "{notice}");
}

#[test]
fn dates_and_money_are_written_as_the_language_writes_them() {
    let date = |look: &Look, (weekday, day, month, year): (i8, i8, i8, i16)| {
        let parts = [
            ("weekday", weekday.into()),
            ("day", day.into()),
            ("month", month.into()),
            ("year", year.into()),
        ];
        look.say_of("date", parts)
    };
    let (english, welsh) = (Look::example(), welsh(None));
    assert_eq!(date(&english, (7, 1, 3, 2026)), "Sunday 1 March 2026");
    assert_eq!(date(&welsh, (7, 1, 3, 2026)), "Dydd Sul 1 Mawrth 2026");
    assert_eq!(date(&welsh, (1, 31, 8, 2026)), "Dydd Llun 31 Awst 2026");
    let limits = || [("least", "£2".into()), ("most", "£10,000".into())];
    assert_eq!(english.say_of("amount-limits", limits()), "From £2 to £10,000");
    assert_eq!(welsh.say_of("amount-limits", limits()), "O £2 hyd at £10,000");
    let pounds = || [("code", "GBP".into()), ("name", "Pound sterling".into())];
    assert_eq!(english.say_of("currency", pounds()), "Pound sterling");
    assert_eq!(welsh.say_of("currency", pounds()), "punnoedd sterling");
    assert_eq!(welsh.say("handing"), "Mynd â chi i dudalen RSM", "no marks around the name");
}

#[test]
fn what_is_given_in_english_is_said_in_the_language() {
    let welsh = welsh(None);
    assert_eq!(welsh.translated("Enter your first name"), "Rhowch eich enw cyntaf");
    assert_eq!(welsh.translated("Of no text of ours"), "Of no text of ours");
    assert_eq!(welsh.donate.title, "Rhoi rhodd", "a heading that was left at its default");
    assert_eq!(Look::example().translated("Shorten this"), "Shorten this");
}

#[test]
fn an_operator_s_file_words_its_own_texts_and_ours() {
    let file = "our-name = Ymddiriedolaeth Enghraifft\nour-donate-title = Rhowch heddiw\n\
                our-donate-gift-aid = Datganiad\nour-plan-friend_1-name = Cyfaill\n\
                skip = Neidio at { $charity }\ncountry-FR = Gwlad Ffrainc\n";
    let welsh = welsh(Some(file));
    assert_eq!(welsh.say("skip"), "Neidio at Ymddiriedolaeth Enghraifft");
    assert_eq!(welsh.donate.title, "Rhowch heddiw");
    assert_eq!(welsh.donate.gift_aid, "", "it is not offered");
    let code = Code::parse("friend_1").unwrap();
    assert_eq!(welsh.of_plan(&code, "name", "Friend"), "Cyfaill");
    assert_eq!(welsh.of_plan(&code, "description", "Ours"), "Ours");
    assert!(welsh.countries().contains(&("FR".to_owned(), "Gwlad Ffrainc".to_owned())));
    assert_eq!(looks(Some(file)).first().name, "The Example Trust");
}

#[test]
fn a_further_language_is_a_file() {
    let french = Texts::new("fr-CA", Some("language-name = Français\ngift = Votre don\n")).unwrap();
    assert!(french.missing() > 100, "the rest is said in English");
    let looks = Looks::of(&Look::example(), vec![Texts::default(), french]);
    let look = looks.asked(None, &accepting("fr"));
    assert_eq!((look.tag(), look.say("gift").as_str()), ("fr-CA", "Votre don"));
    assert_eq!(look.say("skip"), "Skip to the content");
    assert_eq!(look.countries()[1].1, "Afghanistan");
    assert_eq!(looks.first().words.others[0].name, "Français");
    assert_eq!((look.direction(), looks.first().direction()), (None, None));
    let urdu = Texts::new("ur", Some("language-name = اردو\n")).unwrap();
    assert_eq!(urdu.direction(), Some("rtl"));
}

#[test]
fn a_file_that_says_what_nobody_asks_for_is_refused() {
    let refused = |code, text| Texts::new(code, Some(text)).unwrap_err();
    assert_eq!(refused("cy", "skip = A\nnotext = B\n"), TextsError::Unknown("notext".into()));
    assert_eq!(refused("cy", "our-plan-name = B\n"), TextsError::Unknown("our-plan-name".into()));
    assert_eq!(refused("cy", "country-XX = B\n"), TextsError::Unknown("country-XX".into()));
    assert_eq!(refused("cy", "skip = A\ngift = { $email\n"), TextsError::Syntax(2));
    for wrong in ["gift = { $email }\n", "gift = { skip }\n", "gift = { NUMBER($charity) }\n"] {
        assert_eq!(refused("cy", wrong), TextsError::Placeable("gift".into()), "{wrong}");
    }
    assert_eq!(refused("de", "gift = Spende\n"), TextsError::NoName);
    for code in ["", "../cy", "cy.bak", "!"] {
        assert_eq!(refused(code, ""), TextsError::NoLanguage, "{code}");
    }
}

#[test]
fn every_country_has_a_welsh_name_in_welsh_order() {
    let (welsh, english) = (welsh(None), Look::example());
    let names: BTreeMap<_, _> = welsh.countries().iter().cloned().collect();
    assert_eq!(names.len(), rust_iso3166::ALL.len());
    assert_eq!(welsh.countries()[0], ("GB".to_owned(), "Y Deyrnas Unedig".to_owned()));
    assert_eq!(english.countries()[0], ("GB".to_owned(), "United Kingdom".to_owned()));
    let file = include_str!("countries.cy.ftl");
    for country in rust_iso3166::ALL {
        assert!(file.contains(&format!("\ncountry-{} = ", country.alpha2)), "{}", country.alpha2);
    }
    let place = |code| welsh.countries().iter().position(|(known, _)| known == code).unwrap();
    // C, Ch, D: a digraph is a letter of its own.
    assert!(place("CY") < place("CL") && place("CL") < place("ZA"));
}
