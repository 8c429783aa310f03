//! The house whose cards and Direct Debits go by the processor's own API, and what its supporters do.

use super::answer::{Answer, hidden_fields};
use super::house::House;
use super::samples::{Fields, encoded, membership, owned, request, with_changes};
use almoner::config::{DebitSettings, Settings};
use almoner::payment::Reference;
use serde_json::{Value, json};

/// A card that is taken.
pub(crate) const GOOD_CARD: &str = "4242424242424242";
/// A card whose bank asks first.
pub(crate) const ASKING_CARD: &str = "4000000000000044";
/// A card that is declined.
pub(crate) const DECLINED_CARD: &str = "4000000000000010";

impl House {
    pub(crate) async fn by_api() -> Self {
        Self::by_api_with(|_| {}).await
    }

    /// With some settings changed.
    pub(crate) async fn by_api_with(change: impl FnOnce(&mut Settings)) -> Self {
        Self::with(|settings| {
            take_cards_here(settings);
            change(settings);
        })
        .await
    }

    /// The page that a gift of 25 pounds is paid on.
    pub(crate) async fn paying(&self, changes: &[(&str, &str)]) -> Answer {
        let page = self.donate(changes).await;
        assert_eq!(page.status, 200, "{}", page.body);
        page
    }

    /// Pays with this card; the answer.
    pub(crate) async fn pay_with(&self, number: &str) -> Answer {
        let page = self.paying(&[]).await;
        self.post_form("/donate", &confirmed(&page, number)).await
    }

    /// A gift by card that the processor answers to at once.
    pub(crate) async fn paid_with(&self, number: &str) -> (Reference, Answer) {
        let answer = self.pay_with(number).await;
        (self.reference_of(&answer).await, answer)
    }

    /// The same by the API; its answer.
    pub(crate) async fn charge(&self, number: &str, key: &str) -> Answer {
        self.create(&charge(number), key).await
    }

    /// A membership by Direct Debit, confirmed with this account; its answer.
    pub(crate) async fn lodge(&self, account: &str) -> Answer {
        let token = self.token("/join").await;
        let page = self.post_form("/join", &membership(&token)).await;
        assert_eq!(page.status, 200, "{}", page.body);
        let bank = [
            ("account_name", "Canaryholder"),
            ("sort_code", "12-34-56"),
            ("account_number", account),
            ("account_holder", "true"),
            ("step", "confirm"),
        ];
        self.post_form("/join", &with_changes(&hidden_fields(&page.body), &bank)).await
    }

    /// How often the mock took money for it.
    pub(crate) fn charges(&self, reference: Reference) -> usize {
        self.mock.books().charges(&reference)
    }

    /// Goes to where the supporter's bank asks, says yes or no, and comes back; the page in the end.
    pub(crate) async fn challenged(&self, answer: &Answer, says: &str) -> Answer {
        assert_eq!(answer.status, 303, "{}", answer.body);
        let bank = answer.header("location");
        assert!(bank.starts_with(self.mock.origin()), "{bank}");
        let asks = Answer::of(self.client.get(bank).send().await.unwrap()).await;
        assert!(asks.body.contains("Is it you?"), "{}", asks.body);
        let path = bank.strip_prefix(self.mock.origin()).unwrap();
        let said = self.post_to_mock(path, encoded(&owned(&[("answer", says)]))).await;
        assert_eq!(said.status, 303, "{}", said.body);
        let mut location = said.header("location").to_owned();
        if location.starts_with('/') {
            // A mock that shows a page before it leads back.
            let url = format!("{}{location}", self.mock.origin());
            let page = Answer::of(self.client.get(url).send().await.unwrap()).await;
            page.header("location").clone_into(&mut location);
        }
        self.back(&location).await
    }
}

/// Cards and Direct Debits on pages of ours.
pub(crate) fn take_cards_here(settings: &mut Settings) {
    let signed = settings.processor.signed.as_mut().unwrap();
    (signed.card_api, signed.mandate_api) = (true, true);
    signed.debit = Some(DebitSettings {
        service_user_number: "123456".into(),
        collecting_name: "TEST CHARITY".into(),
        advance_notice_days: 10,
        collection_days: Vec::new(),
        guarantee: "The Guarantee is offered by all banks.".into(),
        bank_holidays_file: concat!(env!("CARGO_MANIFEST_DIR"), "/config/bank-holidays.json")
            .into(),
        modulus_weights_file: None,
        modulus_substitutions_file: None,
        mandate_type: None,
        short_id: None,
    });
}

/// What the card page posts.
pub(crate) fn confirmed(page: &Answer, number: &str) -> Fields {
    let card = [
        ("card_number", number),
        ("card_expiry", "12/45"),
        ("card_cvc", "123"),
        ("card_holder", "Canaryholder"),
        ("step", "confirm"),
    ];
    with_changes(&hidden_fields(&page.body), &card)
}

/// The gift for the API, with a card.
pub(crate) fn charge(number: &str) -> Value {
    let mut body = request();
    body["card"] =
        json!({ "number": number, "expiry": "12/45", "cvc": "123", "holder": "Canaryholder" });
    body
}
