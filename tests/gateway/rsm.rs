//! The house with a processor that speaks as RSM does, and what its supporters, its call-backs and
//! its clock do.

use super::answer::{Answer, hidden, hidden_fields};
use super::house::{API_PASSWORD, CALLBACK_SECRET, House, NEXT_CALLBACK_SECRET};
use super::samples::{Fields, encoded, membership, owned, with_changes};
use super::visitor::FORM;
use almoner::config::Settings;
use almoner::mock_rsm::{Rsm2000, Rsm2000Settings};
use almoner::payment::Reference;
use secrecy::SecretString;
use serde_json::Value;
use sha1::{Digest as _, Sha1};

/// An account that exists and has money.
pub(crate) const GOOD_ACCOUNT: &str = "00012345";
/// An account that takes no Direct Debit.
pub(crate) const REFUSED_ACCOUNT: &str = "00012346";

impl House {
    pub(crate) async fn rsm() -> Self {
        Self::rsm_with(|_| {}, |_| {}).await
    }

    pub(crate) async fn rsm_with(
        change: impl FnOnce(&mut Settings),
        adjust: impl FnOnce(&mut Rsm2000Settings),
    ) -> Self {
        let mut origin = String::new();
        Self::with_both(
            include_str!("house-rsm.toml"),
            |settings| {
                settings.public.origin.0.as_str().clone_into(&mut origin);
                let debit = settings.processor.rsm2000.as_mut().and_then(|rsm| rsm.debit.as_mut());
                let holidays = concat!(env!("CARGO_MANIFEST_DIR"), "/config/bank-holidays.json");
                debit.unwrap().bank_holidays_file = holidays.into();
                change(settings);
            },
            |mock| {
                let secret = SecretString::from(CALLBACK_SECRET);
                let gateway = mock.webhook_url.trim_end_matches("/webhooks/signed");
                let mut rsm = Rsm2000Settings::new(gateway, API_PASSWORD.into(), secret);
                rsm.call_back_secrets.push(NEXT_CALLBACK_SECRET.into());
                adjust(&mut rsm);
                mock.rsm2000 = Some(rsm);
            },
        )
        .await
    }

    pub(crate) fn office(&self) -> Rsm2000 {
        self.mock.rsm2000().unwrap()
    }

    /// Moves RSM's calendar, and the clock of everybody, to the same working day.
    pub(crate) fn working_days(&self, count: u32) {
        let before = self.office().today();
        self.office().advance_working_days(count);
        let days = self.office().today().since(before).unwrap().get_days();
        self.later(i64::from(days) * 86_400);
    }

    /// Has RSM's reports read.
    pub(crate) async fn follow(&self) {
        self.read_reports().await;
    }

    /// A gift of 25 pounds by card, from the form to RSM's page; its reference.
    pub(crate) async fn given(&self) -> (Reference, Fields) {
        handed_to_rsm(&self.donate(&[("phone", "")]).await)
    }

    /// RSM's page, opened with what the hand-off page posts; its address.
    pub(crate) async fn open_rsm(&self, path: &str, fields: &[(String, String)]) -> String {
        let page = self.post_to_mock(path, encoded(fields)).await;
        assert_eq!(page.status, 303, "{}", page.body);
        page.header("location").to_owned()
    }

    /// Pays with a test card on RSM's page; what RSM's last page posts to us, and to where.
    pub(crate) async fn pay_rsm(&self, page: &str, number: &str) -> (String, Fields) {
        let holder = "Canaryholder";
        let card = [("number", number), ("expiry", "12/49"), ("cvc", "123"), ("holder", holder)];
        self.end_rsm(page, &card).await
    }

    /// Posts to RSM's page what ends the visit; what its last page posts to us, and to where.
    pub(crate) async fn end_rsm(&self, page: &str, fields: &[(&str, &str)]) -> (String, Fields) {
        let ended = self.post_to_mock(page, encoded(&owned(fields))).await;
        assert_eq!(ended.status, 303, "{}", ended.body);
        let url = format!("{}{}", self.mock.origin(), ended.header("location"));
        leading_on(&Answer::of(self.client.get(url).send().await.unwrap()).await)
    }

    /// Comes back as RSM's last page would bring us; the page in the end.
    pub(crate) async fn come_back(&self, (url, fields): &(String, Fields)) -> Answer {
        let path = url.strip_prefix(&self.origin).unwrap();
        let there = self.post(path, &[FORM], encoded(fields)).await;
        assert_eq!(there.status, 303, "{}", there.body);
        self.get(there.header("location")).await
    }

    /// The page that a membership by Direct Debit is confirmed on.
    pub(crate) async fn instructing(&self, changes: &[(&str, &str)]) -> Answer {
        let token = self.token("/join").await;
        self.post_form("/join", &with_changes(&membership(&token), changes)).await
    }

    /// A membership by Direct Debit, confirmed with this account; the answer.
    pub(crate) async fn instruct(&self, account: &str) -> Answer {
        let page = self.instructing(&[]).await;
        self.confirm(&page, account).await
    }

    /// The same, from the page that it is confirmed on.
    pub(crate) async fn confirm(&self, page: &Answer, account: &str) -> Answer {
        assert_eq!(page.status, 200, "{}", page.body);
        let bank = [
            ("account_name", "C HOLDER"),
            ("sort_code", "12-34-56"),
            ("account_number", account),
            ("account_holder", "true"),
            ("step", "confirm"),
        ];
        self.post_form("/join", &with_changes(&hidden_fields(&page.body), &bank)).await
    }

    /// The reference of the hand-off that a page of ours shows.
    pub(crate) async fn reference_of(&self, answer: &Answer) -> Reference {
        assert_eq!(answer.status, 303, "{}", answer.body);
        let page = self.get(answer.header("location")).await;
        let (_, reference) = page.body.rsplit_once("<span class=\"reference\">").unwrap();
        Reference::parse(reference.split_once('<').unwrap().0).unwrap()
    }

    /// A membership that RSM took.
    pub(crate) async fn joined(&self, account: &str) -> Reference {
        let reference = self.reference_of(&self.instruct(account).await).await;
        assert_eq!(self.outcome(reference).await["state"], "accepted");
        reference
    }

    /// Posts these bytes where RSM posts its call-backs.
    pub(crate) async fn call_back(&self, door: &str, body: impl Into<Vec<u8>>) -> Answer {
        self.post(&format!("/webhooks/rsm2000/{door}"), &[FORM], body).await
    }

    /// A rightly signed call-back is heard.
    pub(crate) async fn tell_rsm(&self, door: &str, pairs: &[(&str, &str)]) {
        let answer = self.call_back(door, signed(pairs)).await;
        assert_eq!((answer.status, answer.body.as_str()), (200, "OK"), "{pairs:?}");
    }

    /// The developments of a hand-off, in order, with the bank's codes.
    pub(crate) async fn developments(&self, reference: Reference) -> Vec<(String, Value)> {
        let outcome = self.outcome(reference).await;
        let each = outcome["developments"].as_array().unwrap().iter();
        each.map(|it| (it["development"].as_str().unwrap().to_owned(), it["code"].clone()))
            .collect()
    }
}

/// The reference and the fields of a hand-off page that leads to RSM.
pub(crate) fn handed_to_rsm(page: &Answer) -> (Reference, Fields) {
    assert_eq!(page.status, 200, "{}", page.body);
    let fields = hidden_fields(&page.body);
    (Reference::parse(&hidden(&page.body, "uniqueid")).unwrap(), fields)
}

/// Where a page's only form leads, and with what.
pub(crate) fn leading_on(page: &Answer) -> (String, Fields) {
    assert_eq!(page.status, 200, "{}", page.body);
    let (_, action) = page.body.split_once("method=\"post\" action=\"").unwrap();
    (action.split_once('"').unwrap().0.to_owned(), hidden_fields(&page.body))
}

/// What an authorised card of 25 pounds makes RSM say, some of it changed; an empty value leaves
/// the parameter out.
pub(crate) fn authorised<'a>(
    reference: &'a str,
    changes: &[(&'a str, &'a str)],
) -> Vec<(&'a str, &'a str)> {
    let mut pairs = vec![
        ("uniqueid", reference),
        ("title", "Ms"),
        ("forename", "Canaryfirst"),
        ("surname", "Canarylast"),
        ("purchase", "0.00"),
        ("donation", "25.00"),
        ("authAmount", "25.00"),
        ("transId", "286433088"),
        ("transStatus", "Y"),
        ("transTime", "1795460458000"),
        ("rawAuthMessage", "cardbe.msg.authorised"),
        ("cardType", "Visa"),
        ("baseStatus", "OK"),
    ];
    for (name, value) in changes {
        match pairs.iter_mut().find(|(given, _)| given == name) {
            Some(pair) => pair.1 = value,
            None => pairs.push((name, value)),
        }
    }
    pairs.retain(|(_, value)| !value.is_empty());
    pairs
}

/// A body with the proof that RSM would put to it.
pub(crate) fn signed(pairs: &[(&str, &str)]) -> String {
    signed_with(pairs, CALLBACK_SECRET)
}

pub(crate) fn signed_with(pairs: &[(&str, &str)], secret: &str) -> String {
    let plain: Vec<String> = pairs.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let encoded: Vec<String> = pairs
        .iter()
        .map(|(name, value)| {
            let value =
                percent_encoding::utf8_percent_encode(value, percent_encoding::NON_ALPHANUMERIC);
            format!("{name}={value}")
        })
        .collect();
    format!("{}&IdentityCheck={}", encoded.join("&"), proof(plain.join("&").as_bytes(), secret))
}

/// SHA-1 over a text and the secret (rsm-protocol.md, 4.2), by this test's own hand.
pub(crate) fn proof(text: &[u8], secret: &str) -> String {
    hex::encode(Sha1::new_with_prefix(text).chain_update(secret).finalize())
}
