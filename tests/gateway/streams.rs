//! `GET /v1/outcomes/stream`: what programs hear as it happens.

use super::answer::Answer;
use super::evidence::keep;
use super::house::House;
use super::server::database;
use super::visitor::READ_KEY;
use almoner::app::Ended;
use almoner::payment::Reference;
use serde_json::Value;
use std::time::Duration;

impl House {
    /// A stream, as it was answered.
    pub(crate) async fn ask_for_a_stream(
        &self,
        query: &str,
        last: Option<&str>,
    ) -> reqwest::Response {
        let mut request = self.client.get(self.url(&format!("/v1/outcomes/stream{query}")));
        if let Some(last) = last {
            request = request.header("last-event-id", last);
        }
        request.bearer_auth(READ_KEY).send().await.unwrap()
    }

    async fn stream(&self, query: &str, last: Option<&str>) -> Stream {
        let response = self.ask_for_a_stream(query, last).await;
        assert_eq!(response.status(), 200);
        assert_eq!(response.headers()["content-type"], "text/event-stream");
        assert_eq!(response.headers()["cache-control"], "no-store");
        Stream { response, text: String::new() }
    }
}

/// The reader of a stream.
struct Stream {
    response: reqwest::Response,
    text: String,
}

impl Stream {
    /// The next event: its id and its data. Nothing at the end.
    async fn next(&mut self) -> Option<(String, Value)> {
        loop {
            while let Some((block, rest)) = self.text.split_once("\n\n") {
                let field = |name: &str| {
                    block.lines().find_map(|line| line.strip_prefix(name)).map(str::to_owned)
                };
                let event = field("id: ").zip(field("data: "));
                let rest = rest.to_owned();
                self.text = rest;
                if let Some((id, data)) = event {
                    return Some((id, serde_json::from_str(&data).unwrap()));
                }
            }
            let chunk = self.response.chunk().await.unwrap()?;
            keep("answers.txt", &chunk);
            self.text.push_str(std::str::from_utf8(&chunk).unwrap());
        }
    }

    async fn states(&mut self, count: usize) -> Vec<(String, String)> {
        let mut states = Vec::new();
        for _ in 0..count {
            let (_, data) = self.next().await.expect("a stream that goes on");
            let word = |field: &str| data[field].as_str().unwrap().to_owned();
            states.push((word("reference"), word("state")));
        }
        states
    }
}

fn stated(reference: Reference, state: &str) -> (String, String) {
    (reference.to_string(), state.to_owned())
}

#[tokio::test]
async fn a_stream_tells_what_was_and_what_comes_and_goes_on_where_it_broke() {
    let house = House::new().await;
    let (first, _) = house.handed_off().await;
    let mut stream = house.stream("", None).await;
    let (seen, data) = stream.next().await.unwrap();
    assert_eq!(data, house.items("").await[0]);
    house.tell(&house.statement(first, "declined")).await;
    assert_eq!(stream.states(1).await, [stated(first, "declined")]);
    drop(stream);
    house.tell(&house.statement(first, "accepted")).await;
    let (second, _) = house.handed_off().await;
    // The header wins over the address, which stays the same when a browser's reader comes again.
    let mut again = house.stream("?after=", Some(&seen)).await;
    let mut expected = vec![stated(first, "declined"), stated(first, "accepted")];
    expected.push(stated(second, "handed_off"));
    assert_eq!(again.states(3).await, expected);
    let mut after = house.stream(&format!("?after={seen}"), None).await;
    assert_eq!(after.states(3).await, expected);
    house.tell(&house.statement(second, "cancelled")).await;
    for stream in [&mut again, &mut after] {
        assert_eq!(stream.states(1).await, [stated(second, "cancelled")]);
    }
    house.stop().await;
}

#[tokio::test]
async fn streams_end_with_the_service_and_their_number_is_bounded() {
    let house = House::with(|settings| settings.limits.outcome_streams = 2).await;
    let (reference, _) = house.handed_off().await;
    let mut one = house.stream("", None).await;
    let two = house.stream("", None).await;
    let refused = Answer::of(house.ask_for_a_stream("", None).await).await;
    assert_eq!(refused.refusal(), (503, "streams".into()));
    assert_eq!(refused.header("retry-after"), "60");
    assert!(house.operations("/metrics").await.body.contains("\nalmoner_outcome_streams 2\n"));
    drop(two);
    // Its place is free once the connection is seen to be gone; the guard is generous.
    let mut tries = 0;
    let mut three = loop {
        let response = house.ask_for_a_stream("", None).await;
        if response.status() == 200 {
            break Stream { response, text: String::new() };
        }
        tries += 1;
        assert!(tries < 600, "its place is never free");
        tokio::time::sleep(Duration::from_millis(50)).await;
    };
    for stream in [&mut one, &mut three] {
        assert_eq!(stream.states(1).await, [stated(reference, "handed_off")]);
    }
    let (ended, rest) = tokio::join!(house.stop(), one.next());
    assert_eq!((ended, rest), (Ended::Drained, None));
    assert_eq!(three.next().await, None);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_stream_of_one_gateway_tells_what_the_other_recorded() {
    let database = database().await;
    let (first, second) = (House::on(&database).await, House::on(&database).await);
    let mut stream = first.stream("", None).await;
    let (reference, _) = second.handed_off().await;
    second.tell(&second.statement(reference, "accepted")).await;
    let expected = [stated(reference, "handed_off"), stated(reference, "accepted")];
    assert_eq!(stream.states(2).await, expected);
    assert_eq!(first.items("").await, second.items("").await);
    let (here, _) = first.handed_off().await;
    let last = second.items("").await;
    assert_eq!(last[2]["reference"], here.to_string(), "what one answered the other tells at once");
    drop(stream);
    first.stop().await;
    // Its reader goes on at the other one.
    let seen = last[0]["id"].as_str().unwrap();
    let mut stream = second.stream("", Some(seen)).await;
    assert_eq!(stream.states(2).await, [stated(reference, "accepted"), stated(here, "handed_off")]);
    second.stop().await;
}
