//! Documents, signatures and the questions every command is asked.

use super::client::{
    API, PASSWORD, Reply, document, mandate, next_time, request, sign, stage, stage_with, wire,
};
use almoner::clock::Clock;
use almoner::mock_rsm::Feature;

/// The manual's own heartbeat, line ends and tabs included.
#[tokio::test]
async fn the_vendor_s_vectors() {
    let stage = stage_with(|own| own.username = "admin".to_owned());
    for (between, timestamp, signature) in [
        ("", "1508513754", "3274f2273abf50e8b31a9fe4aca6874546fe9f5d57d37bcc79165c11e6a24da0"),
        (
            "\r\n\t",
            "1508516449",
            "f58a713a860b1abfec921cbb6122e37025a8d7881937c60b1493f4a26b8cac3e",
        ),
    ] {
        let parts = [
            "<ddcm>",
            "<request>",
            "<command>heartbeat</command>",
            "<username>admin</username>",
            &format!("<timestamp>{timestamp}</timestamp>"),
            "</request>",
            &format!("<signature>{signature}</signature>"),
            "</ddcm>",
        ];
        let text = format!(
            "<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\r\n<!DOCTYPE ddcm SYSTEM \"apiDtd/heartbeatRequest.dtd\">\r\n{}",
            parts.join(between)
        );
        let reply = stage.ddcm_raw(&text).await;
        assert_eq!((reply.one("status").as_str(), reply.codes()), ("SUCCESS", vec![]));
        assert!(reply.is_signed());
        assert!(reply.text.contains("<errors/>"));
    }
    assert_eq!(stage.rsm().requests("heartbeat"), 2);
}

/// The whole journey of the four vectors of our own, the second as its very bytes.
#[tokio::test]
async fn a_client_s_vectors() {
    let stage = stage();
    let first =
        request("setMandates", &format!("<mandates>{}</mandates>", mandate(&[])), 1_767_225_600);
    assert_eq!(sign(&first), "386b1810d5c26eea7b6ca0a3e87a58fa430a81caefc23d96daf1c58eb3159756");
    let lodged = stage.ddcm_raw(&document("setMandates", &first)).await;
    assert_eq!(lodged.codes(), [0_u16; 0]);
    stage.rsm().advance_working_days(5);
    let body = "xml=%3C%3Fxml+version%3D%221.0%22+encoding%3D%22ISO-8859-1%22%3F%3E%3C%21DOCTYPE+ddcm+SYSTEM+%22apiDtd%2FsetMandatesRequest.dtd%22%3E%3Cddcm%3E%3Crequest%3E%3Ccommand%3EsetMandates%3C%2Fcommand%3E%3Cusername%3Etestuser%3C%2Fusername%3E%3Cmandates%3E%3Cmandate%3E%3CclientRef%3EDON-000123%3C%2FclientRef%3E%3Caction%3ED%3C%2Faction%3E%3C%2Fmandate%3E%3C%2Fmandates%3E%3Ctimestamp%3E1767225601%3C%2Ftimestamp%3E%3C%2Frequest%3E%3Csignature%3Ead9f777234ba3be26126faa99ea3f2dccae19b6127938d9b6014f982b8d030f4%3C%2Fsignature%3E%3C%2Fddcm%3E";
    assert_eq!(body.len(), 535);
    let answer = stage.post_raw("/demo/ddcm/ddcmApi.php", body.to_owned()).await;
    let text = answer.text().await.unwrap();
    assert!(
        text.contains("<status>SUCCESS</status><summary><totalSubmitted>1</totalSubmitted>"),
        "{text}"
    );
    let report = request(
        "mandateReport",
        "<filters><startDate>01/01/2026</startDate><endDate>31/01/2026</endDate><noOfRows>100</noOfRows></filters>",
        1_767_225_602,
    );
    assert_eq!(sign(&report), "5ad3cdb242b8eb1b435bd652572fcbcb8e12da354ad4ec892a2a8bb66721da62");
    let reply = stage.ddcm_raw(&document("mandateReport", &report)).await;
    assert_eq!(reply.one("noOfRecords"), "1");
    let check = request(
        "responseStatusCheck",
        "<previousSignature>386b1810d5c26eea7b6ca0a3e87a58fa430a81caefc23d96daf1c58eb3159756</previousSignature>",
        1_767_225_605,
    );
    assert_eq!(sign(&check), "a72cb85d75720e8bbbf5885bb2cd210cfddf0ad5a90b4fbd92aa7caeaaed89af");
    let again = stage.ddcm_raw(&document("responseStatusCheck", &check)).await;
    assert_eq!(again.text, lodged.text, "the first answer to the letter");
}

#[tokio::test]
async fn what_is_refused_as_a_whole() {
    let stage = stage();
    let good = document("heartbeat", &request("heartbeat", "", 1));
    let cut = |from: &str, to: &str| good.replacen(from, to, 1);
    let signed = |command: &str, user: &str| {
        let inner = request(command, "", 2).replace("testuser", user);
        document("heartbeat", &inner)
    };
    for (text, code) in [
        (cut("<!DOCTYPE ddcm SYSTEM \"apiDtd/heartbeatRequest.dtd\">", ""), 1001),
        (cut("apiDtd/heartbeatRequest", "apiDtd/setMandatesRequest"), 1001),
        (cut("apiDtd/", "https://rsm5.rsmsecure.com/ddcm/apiDtd/"), 1001),
        (cut(".dtd\">", ".dtd\" [<!ENTITY a \"b\">]>"), 1001),
        (cut("<timestamp>1<", "<timestamp>now<"), 1001),
        (cut("<request>", "<request id=\"1\">"), 1001),
        (cut("</ddcm>", ""), 1001),
        ("no XML".to_owned(), 1001),
        (signed("", "testuser"), 2011),
        (signed("rain", "testuser"), 2012),
        (signed("heartbeat", ""), 2001),
        (signed("heartbeat", "somebody"), 2002),
        (cut("<timestamp>1<", "<timestamp>2<"), 1004),
        (
            good.replace(
                &sign(&request("heartbeat", "", 1)),
                &sign(&request("heartbeat", "", 1)).to_uppercase(),
            ),
            1004,
        ),
    ] {
        let reply = stage.ddcm_raw(&text).await;
        assert_eq!(reply.codes(), [code], "{text}");
        assert_eq!(reply.one("status"), "FAIL");
        assert!(reply.is_signed() && reply.all("summary").is_empty());
    }
    let reply = stage.ddcm_raw(&good).await;
    assert_eq!(reply.codes(), [0_u16; 0], "none of those used it up");
    assert_eq!(stage.ddcm_raw(&good).await.codes(), [1005]);
    for body in ["", "other=1", &format!("{}&more=1", wire(&good))] {
        let answer = stage.post_raw(API, body.to_owned()).await;
        assert!(answer.text().await.unwrap().contains("<code>1001</code>"), "{body}");
    }
}

#[tokio::test]
async fn permissions_and_empty_lists() {
    let stage = stage_with(|own| own.forbidden_commands = vec!["letterBatchReport".to_owned()]);
    assert_eq!(stage.ddcm("letterBatchReport", "<filters/>").await.codes(), [2013]);
    assert_eq!(stage.ddcm("setMandates", "<mandates/>").await.codes(), [2014]);
    assert_eq!(stage.ddcm("setCollections", "<collections/>").await.codes(), [2015]);
}

#[tokio::test]
async fn what_became_of_a_request() {
    let stage = stage();
    let ask = async |signature: &str| -> Reply {
        let body = format!("<previousSignature>{signature}</previousSignature>");
        stage.ddcm("responseStatusCheck", &body).await
    };
    let unknown = "0".repeat(64);
    assert_eq!(ask(&unknown).await.codes(), [2301]);
    assert_eq!(ask("short").await.codes(), [2302]);
    stage.rsm().foreign_signature(&"1".repeat(64));
    assert_eq!(ask(&"1".repeat(64)).await.codes(), [2303]);
    let body = format!("<previousSignature>{unknown}</previousSignature>");
    let check = request("responseStatusCheck", &body, next_time());
    stage.ddcm_raw(&document("responseStatusCheck", &check)).await;
    assert_eq!(ask(&sign(&check)).await.codes(), [2304]);
    let beat = request("heartbeat", "", next_time());
    stage.ddcm_raw(&document("heartbeat", &beat)).await;
    assert_eq!(ask(&sign(&beat)).await.codes(), [2302]);
}

#[tokio::test]
async fn replies_in_lines_have_the_same_signature() {
    let stage = stage_with(|own| {
        own.features.insert(Feature::IndentedReplies);
    });
    let reply = stage.mandate(&[]).await;
    assert!(reply.text.contains("\r\n\t\t<status>SUCCESS</status>"), "{}", reply.text);
    assert!(reply.is_signed());
    assert!(!PASSWORD.is_empty() && !reply.text.contains(PASSWORD));
}

#[tokio::test]
async fn none_of_it_is_there_without_its_settings() {
    let stage = crate::stage::Stage::with(Clock::system(), |_| {});
    for path in [API, "/cpterminal/Widget.php", "/directdebit/dd.php", "/control/rsm2000/advance"] {
        let answer = stage.post(path, &[]).await;
        assert_eq!(answer.status(), 404, "{path}");
    }
    assert!(stage.mock.rsm2000().is_none());
}
