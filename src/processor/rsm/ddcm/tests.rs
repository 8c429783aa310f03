use super::*;
use crate::processor::client::Reach;
use sha2::Sha256;
use std::time::Duration;

pub(super) const PASSWORD: &[u8] = b"1234567890";

pub(super) fn at(second: i64) -> Timestamp {
    Timestamp::from_second(second).unwrap()
}

/// The client of the protocol's own vectors.
pub(super) fn ddcm(answers: Answers) -> Ddcm {
    let reach = Reach {
        roots: None,
        identity: None,
        connect_timeout: Duration::from_secs(1),
        total_timeout: Duration::from_secs(1),
        answer_bytes: 65_536,
        at_once: 1,
    };
    Ddcm {
        endpoint: "https://ddcm.example/ddcm/ddcmApi.php".parse().unwrap(),
        username: "testuser".into(),
        password: Phrase::new(PASSWORD).unwrap(),
        client: Arc::new(Client::new(&reach).unwrap()),
        answers,
        report_bytes: 1_000_000,
    }
}

pub(super) const PROLOG: &str = "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\
    <!DOCTYPE ddcm SYSTEM \"https://rsm5.rsmsecure.com/ddcm/apiDtd/setMandatesResponse.dtd\">";

pub(super) fn seal(signed: &[u8]) -> String {
    hex::encode(Phrase::new(PASSWORD).unwrap().digest::<Sha256>(&[signed]))
}

/// An answer as RSM writes it, of this content.
pub(super) fn answer(content: &str) -> Vec<u8> {
    let response = format!("<response>{content}</response>");
    let signature = seal(response.as_bytes());
    format!("{PROLOG}<ddcm>{response}<signature>{signature}</signature></ddcm>").into_bytes()
}

/// The request element of a prepared request, as it stands in its body.
pub(super) fn request<A>(prepared: &Prepared<A>) -> String {
    let form: Vec<_> = url::form_urlencoded::parse(&prepared.body).into_owned().collect();
    assert!(form.len() == 1 && form[0].0 == "xml");
    let (_, from) = form[0].1.split_once("<ddcm>").unwrap();
    let (request, _) = from.split_once("<signature>").unwrap();
    request.to_owned()
}

fn pounds(minor: i64) -> crate::payment::Amount {
    crate::payment::Amount::new(minor, iso_currency::Currency::GBP).unwrap()
}

#[test]
fn a_new_mandate_is_the_vector_s() {
    let record = MandateRecord {
        client_ref: "DON-000123",
        dd_ref_no: None,
        holder: Holder { contact_name: "Pat Example", ..Holder::default() },
        bank: Bank { account_name: "P EXAMPLE", account_number: "66374958", sort_code: "089999" },
        repeat: Some(Repeat {
            amount: pounds(1000),
            frequency: crate::payment::Frequency::Monthly,
            start: jiff::civil::date(2026, 3, 2),
            end: None,
        }),
        mandate_type: None,
        short_id: None,
        payment_ref: Some("APPEAL7"),
    };
    let orders = [MandateOrder::New(record)];
    let prepared = ddcm(Answers::Strict).set_mandates(&orders, at(1_767_225_600)).unwrap();
    assert_eq!(
        prepared.signature().to_string(),
        "386b1810d5c26eea7b6ca0a3e87a58fa430a81caefc23d96daf1c58eb3159756"
    );
    assert_eq!(format!("{prepared:?}"), format!("setMandates {}", prepared.signature()));
}

#[test]
fn a_cancellation_is_the_vector_s_byte_for_byte() {
    let orders = [MandateOrder::Cancel { client_ref: "DON-000123" }];
    let prepared = ddcm(Answers::Strict).set_mandates(&orders, at(1_767_225_601)).unwrap();
    let body = "xml=%3C%3Fxml+version%3D%221.0%22+encoding%3D%22ISO-8859-1%22%3F%3E%3C%21DOCTYPE+ddcm+SYSTEM+%22apiDtd%2FsetMandatesRequest.dtd%22%3E%3Cddcm%3E%3Crequest%3E%3Ccommand%3EsetMandates%3C%2Fcommand%3E%3Cusername%3Etestuser%3C%2Fusername%3E%3Cmandates%3E%3Cmandate%3E%3CclientRef%3EDON-000123%3C%2FclientRef%3E%3Caction%3ED%3C%2Faction%3E%3C%2Fmandate%3E%3C%2Fmandates%3E%3Ctimestamp%3E1767225601%3C%2Ftimestamp%3E%3C%2Frequest%3E%3Csignature%3Ead9f777234ba3be26126faa99ea3f2dccae19b6127938d9b6014f982b8d030f4%3C%2Fsignature%3E%3C%2Fddcm%3E";
    assert_eq!(std::str::from_utf8(&prepared.body).unwrap(), body);
    assert_eq!(prepared.body.len(), 535);
}

#[test]
fn a_report_s_question_is_the_vector_s() {
    let filter = MandateFilter {
        period: Some(Period {
            first: jiff::civil::date(2026, 1, 1),
            last: jiff::civil::date(2026, 1, 31),
        }),
        page: Page { rows: Some(100), sort: None },
        ..MandateFilter::default()
    };
    let prepared = ddcm(Answers::Strict).mandate_report(&filter, at(1_767_225_602)).unwrap();
    assert_eq!(
        prepared.signature().to_string(),
        "5ad3cdb242b8eb1b435bd652572fcbcb8e12da354ad4ec892a2a8bb66721da62"
    );
}

#[test]
fn asking_what_became_of_a_request_is_the_vector_s() {
    let earlier = "386b1810d5c26eea7b6ca0a3e87a58fa430a81caefc23d96daf1c58eb3159756";
    let earlier = Signature::parse(earlier).unwrap();
    let ddcm = ddcm(Answers::Strict);
    let prepared = ddcm.what_became_of_mandates(earlier, &["DON-000123"], at(1_767_225_605));
    assert_eq!(
        prepared.unwrap().signature().to_string(),
        "a72cb85d75720e8bbbf5885bb2cd210cfddf0ad5a90b4fbd92aa7caeaaed89af"
    );
}

#[test]
fn every_other_question_in_the_order_of_the_manual() {
    let ddcm = ddcm(Answers::Strict);
    let day = jiff::civil::date(2026, 1, 2);
    let period = Some(Period { first: day, last: day });
    let sort = Some(Sort { by: "created", direction: Direction::Descending });
    let page = Page { sort, rows: Some(5) };
    let dates = "<startDate>02/01/2026</startDate><endDate>02/01/2026</endDate>";
    let paged = "<sortType>created</sortType><sortOrder>DESC</sortOrder><noOfRows>5</noOfRows>";
    let expect = |asked: String, command: &str, filters: &str| {
        let filters = if filters.is_empty() {
            "<filters/>".to_owned()
        } else {
            format!("<filters>{filters}</filters>")
        };
        let head = format!("<command>{command}</command><username>testuser</username>");
        assert_eq!(asked, format!("<request>{head}{filters}<timestamp>7</timestamp></request>"));
    };
    let everything = MandateFilter {
        status: Some(MandateState::Live),
        period,
        dd_ref_no: Some("000123"),
        client_ref: Some("DON-1"),
        postcode: Some("TE1 2ST"),
        name: Some("Zo\u{eb}"),
        reason: Some("1:"),
        mandate_type: Some("E"),
        short_id: Some("S1"),
        payment_ref: Some("P1"),
        page,
    };
    let asked = request(&ddcm.mandate_report(&everything, at(7)).unwrap());
    let middle = "<ddRefNo>000123</ddRefNo><clientRef>DON-1</clientRef><postcode>TE1 2ST</postcode>\
        <name>Zoe</name><reason>1:</reason><mandateType>E</mandateType><shortId>S1</shortId>\
        <paymentRef>P1</paymentRef>";
    expect(asked, "mandateReport", &format!("<status>LIVE</status>{dates}{middle}{paged}"));
    let filter = CollectionFilter {
        status: Some(CollectionsOf::First),
        period,
        client_ref: Some("DON-1"),
        page,
        ..CollectionFilter::default()
    };
    let asked = request(&ddcm.collection_report(&filter, at(7)).unwrap());
    let filters =
        format!("<status>First collection</status>{dates}<clientRef>DON-1</clientRef>{paged}");
    expect(asked, "collectionReport", &filters);
    let batches = BatchFilter { period, page };
    let asked = request(&ddcm.mandate_batch_report(&batches, at(7)).unwrap());
    expect(asked, "mandateBatchReport", &format!("{dates}{paged}"));
    let asked = request(&ddcm.collection_batch_report(&BatchFilter::default(), at(7)).unwrap());
    expect(asked, "collectionBatchReport", "");
    let asked = request(&ddcm.letter_batch_report(&batches, at(7)).unwrap());
    expect(asked, "letterBatchReport", paged);
    let of = StatementOf::Collections(day);
    let asked = request(&ddcm.collection_statement(of, at(7)).unwrap());
    expect(asked, "collectionStatement", "<collectionDate>02/01/2026</collectionDate>");
    let of = StatementOf::Made(day);
    let asked = request(&ddcm.collection_statement(of, at(7)).unwrap());
    expect(asked, "collectionStatement", "<statementDate>02/01/2026</statementDate>");
    let asked = request(&ddcm.monthly_statement(2026, 3, at(7)).unwrap());
    expect(asked, "monthlyStatement", "<monthYear>03/2026</monthYear>");
}

#[test]
fn a_question_that_cannot_be_asked_names_its_field() {
    let ddcm = ddcm(Answers::Strict);
    let day = jiff::civil::date(2026, 1, 2);
    let backwards = Some(Period { first: day, last: day.yesterday().unwrap() });
    let filter = MandateFilter {
        period: backwards,
        client_ref: Some("a<b"),
        page: Page { rows: Some(7), sort: None },
        ..MandateFilter::default()
    };
    let Err(Unfit::Fields { fields, .. }) = ddcm.mandate_report(&filter, at(7)) else {
        panic!("was made");
    };
    let named: Vec<&str> = fields.iter().map(|error| error.field).collect();
    assert_eq!(named, ["period", "reference", "rows"]);
    for (year, month) in [(2026, 0), (2026, 13), (26, 1), (i16::MIN, 1)] {
        assert!(ddcm.monthly_statement(year, month, at(7)).is_err());
    }
}

#[test]
fn the_heartbeat_is_answered_or_refused() {
    let ddcm = ddcm(Answers::Strict);
    let well = answer("<status>SUCCESS</status><errors/>");
    assert_eq!(ddcm.hear(ddcm.heartbeat(at(7)), &well), Ok(None));
    let failed = |code| {
        let error = format!("<error><code>{code}</code><detail>no</detail></error>");
        let content = format!("<status>FAIL</status><errors>{error}</errors>");
        ddcm.hear(ddcm.heartbeat(at(7)), &answer(&content)).unwrap_err()
    };
    assert!(matches!(failed("2013"), Failure::Refused(codes) if codes.has(2013)));
    assert!(matches!(failed("1005"), Failure::InDoubt(Doubt::Codes(codes)) if codes.has(1005)));
    for contradictory in ["<status>FAIL</status><errors/>", "<status>FAIL</status>"] {
        let heard = ddcm.hear(ddcm.heartbeat(at(7)), &answer(contradictory));
        assert_eq!(heard, Err(Doubt::Contradictory.into()));
    }
}

#[tokio::test]
async fn where_nobody_listens_nothing_was_sent() {
    let mut ddcm = ddcm(Answers::Strict);
    ddcm.endpoint = "https://127.0.0.1:1/ddcm/ddcmApi.php".parse().unwrap();
    assert_eq!(ddcm.send(ddcm.heartbeat(at(7))).await, Err(Failure::NotSent));
}

#[test]
fn e_10_an_answer_has_the_room_its_request_needs_and_no_more() {
    let ddcm = ddcm(Answers::Strict);
    let answered = |bytes: usize, records: usize| {
        let references: Vec<String> = (0..records).map(|n| format!("R{n}")).collect();
        let orders: Vec<_> =
            references.iter().map(|client_ref| MandateOrder::Cancel { client_ref }).collect();
        ddcm.hear(ddcm.set_mandates(&orders, at(7)).unwrap(), &vec![b'<'; bytes]).unwrap_err()
    };
    assert_eq!(answered(65_536, 1), Doubt::Malformed.into());
    assert_eq!(answered(65_537, 1), Doubt::TooLarge.into());
    assert_eq!(answered(65_536 + 149 * 2048, BATCH), Doubt::Malformed.into());
    assert_eq!(answered(65_537 + 149 * 2048, BATCH), Doubt::TooLarge.into());
    let report = ddcm.mandate_report(&MandateFilter::default(), at(7)).unwrap();
    let long = ddcm.hear(report, &vec![b'<'; 1_000_001]);
    assert_eq!(long, Err(Doubt::TooLarge.into()));
}
