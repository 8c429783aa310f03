//! The supporter at the processor's hosted page, whose connections break like everybody's.

use serde_json::Value;
use url::form_urlencoded::Serializer;

/// What a card does, and whether its webhook is wrong on purpose.
const CARDS: [(&str, bool); 9] = [
    ("4242424242424242", false),
    ("5555555555554444", false),
    ("4000000000000010", false), // declined
    ("4000000000000036", false), // declined, then accepted
    ("4000000000000044", false), // the bank asks
    ("4000000000000051", false), // given up
    ("4000000000000077", false), // no webhook
    ("4000000000000101", false), // a decline told after the acceptance
    ("4000000000000119", true),  // a webhook of another amount
];

/// The same where the gateway calls the processor with the card.
const SENT: [(&str, bool); 6] = [
    ("4242424242424242", false),
    ("4000000000000010", false), // declined
    ("4000000000000044", false), // the bank asks
    ("4000000000000077", false), // no webhook
    ("4000000000000101", false), // a decline told after the acceptance
    ("4000000000000119", true),  // a webhook of another amount
];

/// Accounts: lodged, refused, lodged without a webhook.
const ACCOUNTS: [&str; 4] = ["00012345", "00012345", "00012346", "00012348"];

/// A card for a call, and whether its webhook will be wrong on purpose.
pub(crate) fn card(chance: &mut fastrand::Rng) -> (&'static str, bool) {
    SENT.get(chance.usize(0..SENT.len() * 2)).copied().unwrap_or(SENT[0])
}

/// An account for a call.
pub(crate) fn account(chance: &mut fastrand::Rng) -> &'static str {
    ACCOUNTS[chance.usize(0..ACCOUNTS.len())]
}

/// Somebody at a browser.
pub(crate) struct Supporter {
    client: reqwest::Client,
    chance: fastrand::Rng,
}

impl Supporter {
    pub(crate) fn new(client: reqwest::Client, seed: u64) -> Self {
        Self { client, chance: fastrand::Rng::with_seed(seed) }
    }

    /// Posts what the hand-off page would post and pays, or not; whether the processor's webhook
    /// about it will be wrong on purpose.
    pub(crate) async fn goes(&mut self, hand_off: &Value) -> bool {
        let place = self.chance.usize(0..CARDS.len() * 2);
        let (number, spoilt) = CARDS.get(place).copied().unwrap_or(CARDS[0]);
        self.pays(hand_off, number).await;
        spoilt
    }

    /// Answers the bank that the gateway's answer sends the browser to, or goes away.
    pub(crate) async fn is_asked(&mut self, hand_off: &Value) {
        let Some(url) = hand_off["url"].as_str() else { return };
        if self.client.get(url).send().await.is_ok() && self.chance.u8(0..4) > 0 {
            let answer = if self.chance.bool() { "approve" } else { "refuse" };
            self.post(url, &[owned(("answer", answer))]).await;
        }
    }

    async fn pays(&mut self, hand_off: &Value, number: &str) -> Option<()> {
        let url = hand_off["url"].as_str()?;
        let fields: Vec<(String, String)> = hand_off["fields"]
            .as_object()?
            .iter()
            .map(|(name, value)| (name.clone(), value.as_str().unwrap_or_default().to_owned()))
            .collect();
        let page = self.post(url, &fields).await?;
        let page = reqwest::Url::parse(url).ok()?.join(&page).ok()?;
        // Who sees nothing come back presses the button once more.
        for _ in 0..2 {
            let card = [("number", number), ("expiry", "12/49"), ("cvc", "123"), ("holder", "P E")];
            let sent = self.post(page.as_str(), &card.map(owned)).await;
            if sent.is_some_and(|back| back.ends_with("/challenge")) {
                let answer = if self.chance.bool() { "approve" } else { "refuse" };
                let bank = format!("{page}/challenge");
                self.post(&bank, &[owned(("answer", answer))]).await?;
            }
        }
        Some(())
    }

    /// Where the browser is sent next.
    async fn post(&self, url: &str, fields: &[(String, String)]) -> Option<String> {
        let body = Serializer::new(String::new()).extend_pairs(fields).finish();
        let request = self.client.post(url).body(body);
        let request = request.header("content-type", "application/x-www-form-urlencoded");
        let answer = request.send().await.ok()?;
        Some(answer.headers().get("location")?.to_str().ok()?.to_owned())
    }
}

fn owned((name, value): (&str, &str)) -> (String, String) {
    (name.to_owned(), value.to_owned())
}
