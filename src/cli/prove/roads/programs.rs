//! The charity's own programs: JSON, right and wrong.

use super::ways::Way;
use super::{Answer, Caller, Failure, Fate, Holds, Walk};
use crate::payment::Method;
use serde_json::Value;

impl Walk<'_> {
    /// What becomes of hand-offs that a program asks for in this way.
    pub(super) async fn program(&mut self, caller: &Caller, way: &Way) -> Result<(), Failure> {
        let fates = [
            ("program, taken", Fate::Taken),
            ("program, declined", Fate::Declined),
            ("program, asked by the bank", Fate::Asked),
        ];
        for (road, fate) in fates {
            if fate != Fate::Taken
                && !(way.by_api && (way.method == Method::Card || fate == Fate::Declined))
            {
                // Without a card or an account the processor cannot tell one from the other.
                continue;
            }
            let person = self.somebody(road, fate);
            let answer =
                self.create(caller, &way.order(&person).to_string(), Holds::Contact).await?;
            self.expect(road, caller, &answer, &[201]);
        }
        self.wrong_orders(caller, way).await
    }

    async fn wrong_orders(&mut self, caller: &Caller, way: &Way) -> Result<(), Failure> {
        let road = "program, errors";
        let person = self.somebody(road, Fate::Taken);
        let order = way.order(&person);
        let (name, means) = way.means(&person);
        let mut orders = vec![
            changed(&order, "/contact/email", Value::from(format!("{} no address", person.email))),
            changed(&order, "/contact/phone", Value::from(person.card.clone())),
            changed(&order, "/contact/address/country", Value::from(person.street.clone())),
            changed(&order, "/kind", Value::from(person.first.clone())),
            changed(&order, "/method", Value::from(person.card.clone())),
            changed(&order, "/contact/last_name", Value::from(vec![person.last.clone()])),
        ];
        for (field, value) in [
            ("appeal", &person.email),
            ("merchant_reference", &person.card),
            (person.last.as_str(), &person.card),
        ] {
            orders.push(with(&order, field, Value::from(value.clone())));
        }
        if way.by_api {
            let field = if name == "card" { "cvc" } else { "sort_code" };
            let wrong = changed(&means, &format!("/{field}"), Value::from(person.code.clone()));
            orders.push(with(&order, name, wrong));
        } else {
            orders.push(with(&order, name, means));
        }
        for order in orders {
            let answer = self.create(caller, &order.to_string(), Holds::Nothing).await?;
            self.expect(road, caller, &answer, &[400, 422]);
        }
        let text = order.to_string();
        let half = text.get(..text.len().div_euclid(2)).unwrap_or_default();
        let twice =
            text.replacen('{', &format!("{{\"appeal\":\"{}\",\"appeal\":\"A\",", person.email), 1);
        for broken in [half, &format!("{text}{text}"), &twice] {
            let answer = self.create(caller, broken, Holds::Nothing).await?;
            self.expect(road, caller, &answer, &[400, 422]);
        }
        let keys = [person.card.as_str(), person.email.as_str()];
        for key in keys {
            // In the place of the idempotency key, and of the key itself.
            let request =
                caller.post("/v1/handoffs").bearer_auth(key).header("idempotency-key", key);
            let request = request.header("content-type", "application/json").body(text.clone());
            let answer = caller.send(request, Holds::Nothing).await?;
            self.expect(road, caller, &answer, &[400, 401, 422, 429]);
        }
        Ok(())
    }

    /// `POST /v1/handoffs`.
    pub(super) async fn create(
        &self,
        caller: &Caller,
        body: &str,
        holds: Holds,
    ) -> Result<Answer, Failure> {
        let request = caller
            .post("/v1/handoffs")
            .bearer_auth(&self.stage.api_key)
            .header("idempotency-key", uuid::Uuid::new_v4().simple().to_string())
            .header("content-type", "application/json")
            .body(body.to_owned());
        caller.send(request, holds).await
    }
}

/// With what stands there replaced.
fn changed(order: &Value, pointer: &str, value: Value) -> Value {
    let mut order = order.clone();
    if let Some(place) = order.pointer_mut(pointer) {
        *place = value;
    }
    order
}

fn with(order: &Value, name: &str, value: Value) -> Value {
    let mut order = order.clone();
    if let Some(members) = order.as_object_mut() {
        members.insert(name.to_owned(), value);
    }
    order
}
