//! Supporters and the charity's programs: they ask, give up, ask again, pay, or do not.

use super::bank::Verdict;
use super::house::House;
use super::post;
use super::{World, spawn};
use almoner::handoff::{Gate, HandedOver, IdempotencyKey, Means, NotHandedOver, Redirect, Request};
use almoner::payment::{
    Amount, Asked, Card, Contact, Dialect, Frequency, Kind, Method, Mode, Reference, State,
};
use iso_currency::Currency;
use serde_json::json;
use std::sync::Arc;
use std::time::Duration;

/// What somebody wants, however often they say so.
#[derive(Clone, Debug)]
pub(crate) struct Wish {
    pub(crate) number: u32,
    pub(crate) minor: i64,
    /// A form's token is a reference of its own; an API's caller has a key.
    pub(crate) by: By,
}

#[derive(Clone, Copy, Debug)]
pub(crate) enum By {
    Token(Reference),
    Key([u8; 32]),
}

impl Wish {
    pub(crate) fn of(world: &World, number: u32) -> Self {
        let by = if world.chance.coin() {
            By::Token(world.reference())
        } else {
            By::Key(world.chance.bytes())
        };
        Self { number, minor: 200 + i64::from(number), by }
    }

    pub(crate) fn asked(&self) -> Asked {
        Asked {
            kind: Kind::Donate,
            method: Method::Card,
            dialect: Dialect::Signed,
            mode: Mode::Test,
            amount: Amount::new(self.minor, Currency::GBP).unwrap(),
            frequency: Frequency::Once,
            plan: None,
            appeal: None,
            gift_aid: false,
            merchant_reference: None,
        }
    }

    fn request(&self, world: &World) -> (Reference, Request) {
        let (reference, key) = match self.by {
            By::Token(reference) => (reference, None),
            By::Key(key) => {
                (world.reference(), Some(IdempotencyKey { key, fingerprint: [7; 32], other: None }))
            }
        };
        let request = Request {
            reference: Some(reference),
            asked: self.asked(),
            contact: contact(),
            means: world.card_api.then(|| Means::Card(card())),
            return_url: None,
            key,
            gate: Gate::Form(Kind::Donate),
        };
        (reference, request)
    }
}

/// How an attempt ended, as the supporter sees it.
#[derive(Debug)]
pub(crate) enum Attempt {
    /// The connection broke, nobody answered, or the supporter did not wait.
    Broken,
    /// "Nothing was sent": it is safe to try again.
    NotSent,
    /// The first of the same is still under way.
    UnderWay,
    /// The fields to post to the processor's page, or the way to the supporter's bank.
    Page(Page),
    /// What became of it, as far as is known.
    Answered(Reference, State),
}

#[derive(Clone, Debug)]
pub(crate) struct Page {
    pub(crate) reference: Reference,
    amount: i64,
    currency: String,
}

/// Asks one instance once.
pub(crate) async fn attempt(world: &Arc<World>, house: &House, wish: &Wish) -> Attempt {
    let (reference, request) = wish.request(world);
    world.witness().begins(wish.number);
    let handing = async {
        world.step(&house.life, "accept").await;
        let handed = house.hand_offs.hand_over(request).await;
        world.step(&house.life, "answer").await;
        handed
    };
    let patience = if world.chance.strikes(world.chance.odds.impatient) {
        world.chance.millis(1..3000)
    } else {
        Duration::from_mins(1)
    };
    let served = tokio::time::timeout(patience, house.serve(handing)).await;
    let attempt = match served {
        Err(_) | Ok(None) => Attempt::Broken,
        Ok(Some(handed)) => told(world, wish, reference, handed),
    };
    world.note(&format!("supporter {}: {attempt:?}", wish.number));
    attempt
}

/// What the supporter is told is what the witness holds us to.
fn told(
    world: &World,
    wish: &Wish,
    reference: Reference,
    handed: Result<HandedOver, NotHandedOver>,
) -> Attempt {
    match handed {
        Ok(HandedOver { entry, redirect, challenge, .. }) => {
            let (reference, standing) = (entry.hand_off.reference, entry.standing);
            let code = standing.code.as_ref().map_or("", |code| code.as_str());
            world.note(&format!("told {reference} {} {code}", standing.state.word()));
            world.witness().told(wish.number, reference);
            if standing.state == State::Lapsed && NOTHING_DONE.contains(&code) {
                world.witness().told_nothing_done.push(reference);
            }
            world.check();
            let own = Page { reference, amount: wish.minor, currency: "GBP".to_owned() };
            match (redirect, challenge) {
                (Some(redirect), _) => Attempt::Page(read(reference, &redirect)),
                (None, Some(_)) => Attempt::Page(own),
                (None, None) => Attempt::Answered(reference, standing.state),
            }
        }
        Err(NotHandedOver::Ledger(_)) => {
            world.witness().told_not_sent(wish.number, reference);
            world.check();
            Attempt::NotSent
        }
        Err(NotHandedOver::UnderWay(first)) => {
            world.witness().told(wish.number, first);
            Attempt::UnderWay
        }
        Err(why) => {
            world.violated(&format!("the same request again is refused: {why}"));
            Attempt::NotSent
        }
    }
}

/// The words by which we say for certain that nothing was done.
const NOTHING_DONE: [&str; 5] =
    ["not_sent", "unreachable", "not_marked", "held_up", "not_processed"];

fn read(reference: Reference, redirect: &Redirect) -> Page {
    let field = |name: &str| {
        let (_, value) = redirect.fields.iter().find(|(known, _)| *known == name).unwrap();
        value.to_string()
    };
    let page =
        Page { reference, amount: field("amount").parse().unwrap(), currency: field("currency") };
    assert!(field("reference") == reference.to_string(), "the form is of another hand-off");
    page
}

/// A supporter's whole visit.
pub(crate) async fn live(world: Arc<World>, number: u32) {
    let chance = &world.chance;
    tokio::time::sleep(chance.millis(1..600_000)).await;
    let wish = Wish::of(&world, number);
    if chance.strikes(chance.odds.double) {
        let (world, wish) = (Arc::clone(&world), wish.clone());
        spawn({
            let world = Arc::clone(&world);
            async move {
                tokio::time::sleep(world.chance.millis(0..2000)).await;
                visit(&world, &wish).await;
            }
        });
    }
    visit(&world, &wish).await;
}

async fn visit(world: &Arc<World>, wish: &Wish) {
    for _ in 0..6 {
        let Some(house) = world.any_house() else {
            tokio::time::sleep(world.chance.millis(1000..20_000)).await;
            continue;
        };
        match attempt(world, &house, wish).await {
            Attempt::Page(page) => return pay(world, &page).await,
            Attempt::Answered(..) => return,
            Attempt::Broken | Attempt::NotSent | Attempt::UnderWay => {
                tokio::time::sleep(world.chance.millis(500..60_000)).await;
            }
        }
    }
}

/// On the processor's page, or at the supporter's bank.
async fn pay(world: &Arc<World>, page: &Page) {
    arrive(world, page);
    let chance = &world.chance;
    tokio::time::sleep(chance.millis(1000..300_000)).await;
    match chance.below(8) {
        0 => world.note("a supporter leaves the page"),
        1 => decide(world, page, Verdict::Cancelled),
        2 => decide(world, page, Verdict::Declined),
        3 => {
            decide(world, page, Verdict::Declined);
            tokio::time::sleep(chance.millis(1000..90_000)).await;
            decide(world, page, Verdict::Accepted);
        }
        _ => {
            decide(world, page, Verdict::Accepted);
            if chance.below(4) == 0 {
                tokio::time::sleep(chance.millis(1..120_000)).await;
                let at = world.now().to_string();
                let life = [("state", json!("refunded")), ("occurred_at", json!(at))];
                let notice = world.bank().message(page.reference, &life);
                post::begin(world, notice);
            }
        }
    }
    if chance.strikes(chance.odds.notice_wrong) {
        let wrong = [("state", json!("accepted")), ("amount", json!(page.amount + 1))];
        let notice = world.bank().message(page.reference, &wrong);
        post::begin(world, notice);
    }
}

/// The browser posts the form.
pub(crate) fn arrive(world: &World, page: &Page) {
    let at = world.now().to_string();
    world.bank().page(page.reference, page.amount, &page.currency, &at);
    world.check();
}

/// The processor decides, and will say so.
pub(crate) fn decide(world: &Arc<World>, page: &Page, verdict: Verdict) {
    if let Some(notice) = verdict_of(world, page, verdict) {
        post::begin(world, notice);
    }
}

/// The processor decides, and leaves it to the caller to say so.
pub(crate) fn verdict_of(world: &World, page: &Page, verdict: Verdict) -> Option<post::Notice> {
    let at = world.now().to_string();
    let notice = world.bank().decide(page.reference, verdict, &at);
    world.note(&format!("{} is {} at the processor", page.reference, verdict.word()));
    world.check();
    notice
}

/// Somebody whose name must not be found anywhere.
fn contact() -> Contact {
    Contact::check(|field| match field {
        "title" => "Ms",
        "email" => "canary@example.org",
        "postcode" => "SW1A 1AA",
        "country" => "GB",
        "phone" | "line2" | "line3" | "county" => "",
        _ => "Canary",
    })
    .unwrap()
}

/// A card that must not be found anywhere either.
fn card() -> Card {
    let today = jiff::civil::date(2026, 11, 26);
    let field = |field: &str| match field {
        "card_number" => "4000000000000002",
        "card_expiry" => "12/29",
        "card_cvc" => "123",
        _ => "Canary",
    };
    Card::check(field, today).unwrap()
}
