use super::*;
use crate::processor::rsm::samples;

fn written(
    changed: &str,
    value: &'static str,
) -> Result<Vec<(&'static str, String)>, Vec<FieldError>> {
    let details = samples::contact(changed, value).unwrap();
    let fields = contact(Page::Card, &details, Charset::Ascii)?;
    Ok(fields.into_iter().map(|(name, value)| (name, value.to_string())).collect())
}

fn value(changed: &str, given: &'static str, name: &str) -> String {
    let fields = written(changed, given).unwrap();
    fields.into_iter().find(|(field, _)| *field == name).unwrap().1
}

#[test]
fn a_contact_as_the_card_page_takes_it() {
    assert_eq!(
        written("", "").unwrap(),
        [
            ("title", "Ms".to_owned()),
            ("firstname", "Pat".to_owned()),
            ("surname", "O'Brien".to_owned()),
            ("address1", "1 High Street".to_owned()),
            ("address2", "Elm Court, Westfield".to_owned()),
            ("town", "Bedford".to_owned()),
            ("county", "Beds".to_owned()),
            ("postcode", "TE1 2ST".to_owned()),
            ("email", "pat@example.org".to_owned()),
            ("country", "GBR".to_owned()),
        ]
    );
}

#[test]
fn the_debit_page_has_three_lines_and_no_country() {
    let details = samples::contact("", "").unwrap();
    let fields = contact(Page::Debit, &details, Charset::Ascii).unwrap();
    let names: Vec<_> = fields.iter().map(|(name, _)| *name).collect();
    assert!(names.contains(&"address3") && !names.contains(&"country"), "{names:?}");
}

#[test]
fn names_are_written_in_the_letters_nearest_to_theirs() {
    assert_eq!(value("last_name", "Łukasiewicz", "surname"), "Lukasiewicz");
    assert_eq!(value("line1", "12 Café Row", "address1"), "12 Cafe Row");
    assert_eq!(value("title", "Dr.", "title"), "Dr");
}

#[test]
fn the_channel_islands_are_sent_as_the_mainland() {
    for (ours, theirs) in [("JE", "GBR"), ("GG", "GBR"), ("IM", "GBR"), ("FR", "FRA")] {
        assert_eq!(value("country", ours, "country"), theirs);
    }
}

#[test]
fn what_would_not_be_taken_is_said_by_our_own_field() {
    for (field, given) in [
        ("title", "Excellencies"),
        ("first_name", "Mary Ann"),
        ("first_name", "J."),
        ("last_name", "A-very-long-name-of-more-than-forty-letters"),
        ("line1", "1/2 Main Street"),
        ("line1", "1"),
        ("line2", "Flat #3"),
        ("town", "B"),
        ("postcode", "E1 1"),
        ("email", "pat+gift@example.org"),
        ("email", "pat..x@example.org"),
        ("email", "p@example.photography"),
        ("email", "a-very-long-address-indeed@a-very-long-domain.example"),
    ] {
        let result = samples::contact(field, given).map(|contact| {
            super::contact(Page::Card, &contact, Charset::Ascii).map(drop).unwrap_err()
        });
        match result {
            Ok(errors) => {
                let fields: Vec<_> = errors.iter().map(|error| error.field).collect();
                assert_eq!(fields, [field], "{given}");
            }
            // Our own rules are stricter at times.
            Err(errors) => assert_eq!(errors.first().map(|error| error.field), Some(field)),
        }
    }
}

#[test]
fn each_line_of_the_debit_page_has_its_own_name_and_may_be_short_where_it_may_be_missing() {
    let debit = |field: &str, given| {
        let details = samples::contact(field, given).unwrap();
        contact(Page::Debit, &details, Charset::Ascii).map(drop)
    };
    for (field, wrong, right) in
        [("line2", "Flat #3", "B"), ("line3", "Flat #3", "B"), ("county", "B#ds", "B")]
    {
        let errors = debit(field, wrong).unwrap_err();
        assert_eq!(errors.iter().map(|error| error.field).collect::<Vec<_>>(), [field], "{wrong}");
        assert_eq!(debit(field, right), Ok(()), "{field}");
    }
    // Abroad.
    assert!(write(&POSTCODE, "1011-AB", Charset::Ascii).is_ok());
    assert!(write(&POSTCODE, "1011_AB", Charset::Ascii).is_err());
    assert!(write(&POSTCODE, "1011", Charset::Ascii).is_err());
}

#[test]
fn each_rule_has_its_own_letters() {
    for (rule, right, wrong) in [(&TITLE, "Dr", "D2"), (&TOWN, "St. Ives", "St# Ives")] {
        assert!(write(rule, right, Charset::Ascii).is_ok());
        assert!(write(rule, wrong, Charset::Ascii).is_err(), "{wrong}");
    }
    for wrong in
        ["p..x@example.org", "p@exa..mple.org", "p@example.o", "p@example.c0m", "p@exa_m.org"]
    {
        assert!(!is_email(wrong), "{wrong}");
    }
    assert!(is_email("p.x_y-z@ex-ample.org"));
}
