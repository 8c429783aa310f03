//! `GET /v1/outcomes`: what the charity's programs follow.

use super::answer::Answer;
use super::house::House;
use super::message::stating;
use super::visitor::{API_KEY, READ_KEY};
use serde_json::{Value, json};

impl House {
    /// A page of the feed.
    pub(crate) async fn feed(&self, query: &str) -> Answer {
        let request = self.client.get(self.url(&format!("/v1/outcomes{query}")));
        Answer::of(request.bearer_auth(READ_KEY).send().await.unwrap()).await
    }

    pub(crate) async fn items(&self, query: &str) -> Vec<Value> {
        let answer = self.feed(query).await;
        assert_eq!(answer.status, 200, "{}", answer.body);
        answer.json()["outcomes"].as_array().unwrap().clone()
    }
}

#[tokio::test]
async fn an_outcome_is_told_in_full_and_nothing_personal_is() {
    let house = House::new().await;
    assert_eq!(house.feed("").await.json(), json!({"outcomes": [], "next": null, "more": false}));
    let (reference, _) = house.handed_off().await;
    house.later(30);
    house.tell(&house.statement(reference, "accepted")).await;
    let items = house.items("").await;
    let [opened, accepted] = items.as_slice() else { panic!("{items:?}") };
    let known = house.outcome(reference).await;
    for item in [opened, accepted] {
        for field in [
            "reference",
            "kind",
            "method",
            "dialect",
            "mode",
            "amount",
            "frequency",
            "plan",
            "appeal",
            "gift_aid",
            "merchant_reference",
            "opened_at",
        ] {
            assert_eq!(item[field], known[field], "{field}");
        }
        assert_eq!(item["development"], Value::Null);
    }
    let of = |item: &Value| {
        ["type", "before", "state", "source", "processor_reference"]
            .map(|field| item[field].clone())
    };
    let nothing = Value::Null;
    assert_eq!(
        of(opened),
        ["handoff.opened".into(), nothing.clone(), "handed_off".into(), "opened".into(), nothing]
    );
    let expected = ["handoff.accepted", "handed_off", "accepted", "notice", "T1:1"];
    assert_eq!(of(accepted), expected.map(Value::from));
    assert_eq!(accepted["recorded_at"], known["changed_at"]);
    assert_eq!(accepted["occurred_at"], known["changed_at"]);
    // What a person must look at is told too.
    house.tell(&stating(house.statement(reference, "refunded"), "mode", "live")).await;
    let news = house.items(&format!("?after={}", accepted["id"].as_str().unwrap())).await;
    assert_eq!(news.len(), 1);
    assert_eq!(
        (&news[0]["type"], &news[0]["state"]),
        (&"handoff.noted".into(), &"accepted".into())
    );
    assert_eq!(news[0]["attention"], json!(["mismatch"]));
    house.later(1);
    house.tell(&house.statement(reference, "refunded")).await;
    let refunded = house.items(&format!("?after={}", news[0]["id"].as_str().unwrap())).await;
    assert_eq!(refunded[0]["type"], "handoff.developed");
    let amount = json!({"value": 2500, "currency": "GBP"});
    assert_eq!(
        refunded[0]["development"],
        json!({"development": "refunded", "amount": amount, "code": "00"})
    );
    house.stop().await;
}

#[tokio::test]
async fn fm_86_pages_go_on_where_the_last_one_ended() {
    let house = House::new().await;
    let mut references = Vec::new();
    for _ in 0..5 {
        references.push(house.handed_off().await.0.to_string());
    }
    let first = house.feed("?limit=2").await.json();
    assert_eq!(first["more"], true);
    let next = first["next"].as_str().unwrap();
    assert_eq!(first["outcomes"][1]["id"], next);
    let rest = house.feed(&format!("?after={next}&limit=3")).await.json();
    assert_eq!(rest["more"], false);
    let pages = [&first, &rest].map(|page| page["outcomes"].as_array().unwrap().clone()).concat();
    let seen: Vec<_> = pages.iter().map(|item| item["reference"].as_str().unwrap()).collect();
    assert_eq!(seen, references);
    let end = rest["next"].as_str().unwrap();
    let empty = house.feed(&format!("?after={end}")).await.json();
    assert_eq!(empty, json!({"outcomes": [], "next": end, "more": false}));
    house.stop().await;
}

#[tokio::test]
async fn what_cannot_be_read_is_named_and_never_repeated() {
    let house = House::new().await;
    house.handed_off().await;
    for (query, parameter) in [
        ("?after=4929420573595709", "after"),
        ("?after=1", "after"),
        ("?after=0-0000000000000000", "after"),
        ("?limit=0", "limit"),
        ("?limit=251", "limit"),
        ("?limit=-1", "limit"),
        ("?limit=all", "limit"),
    ] {
        let refused = house.feed(query).await;
        assert_eq!(refused.refusal(), (400, "bad_parameter".into()), "{query}");
        assert_eq!(refused.json()["errors"][0]["parameter"], parameter);
        // Four figures alone may stand in the id of the log's line.
        assert!(!refused.body.contains("4929420573595709"));
    }
    for (query, reason) in
        [("?since=1", "unknown_key"), ("?limit=1&limit=2", "dup_param"), ("?after=%FF", "bad_utf8")]
    {
        assert_eq!(house.feed(query).await.refusal(), (400, reason.into()), "{query}");
    }
    let refused = Answer::of(house.ask_for_a_stream("", Some("nonsense")).await).await;
    assert_eq!(refused.refusal(), (400, "bad_parameter".into()));
    assert_eq!(refused.json()["errors"][0]["parameter"], "Last-Event-ID");
    // A place that this record never had.
    let elsewhere = "1-0000000000000000";
    assert_eq!(
        house.feed(&format!("?after={elsewhere}")).await.refusal(),
        (410, "elsewhere".into())
    );
    let refused = Answer::of(house.ask_for_a_stream("", Some(elsewhere)).await).await;
    assert_eq!(refused.refusal(), (410, "elsewhere".into()));
    house.stop().await;
}

#[tokio::test]
async fn g_1_the_feed_is_for_keys_that_may_read() {
    let house = House::with(|settings| settings.api.keys[0].scopes = vec!["create".into()]).await;
    for path in ["/v1/outcomes", "/v1/outcomes/stream"] {
        for (key, refusal) in [
            (Some(API_KEY), (403, "scope")),
            (Some("alm_nobody"), (401, "unauthenticated")),
            (None, (401, "unauthenticated")),
        ] {
            let mut request = house.client.get(house.url(path));
            if let Some(key) = key {
                request = request.bearer_auth(key);
            }
            let answer = Answer::of(request.send().await.unwrap()).await;
            assert_eq!(answer.refusal(), (refusal.0, refusal.1.into()), "{path}");
        }
    }
    house.stop().await;
}
