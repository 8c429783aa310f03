//! Requests that are not what they say, are too long, or end before their end.

use super::{Caller, Failure, Fate, Holds, Walk, encoded};

impl Walk<'_> {
    pub(super) async fn broken(&mut self, caller: &Caller) -> Result<(), Failure> {
        self.other_types(caller).await?;
        self.too_large(caller).await?;
        self.broken_off(caller).await
    }

    async fn other_types(&mut self, caller: &Caller) -> Result<(), Failure> {
        let road = "wrong content type";
        let Some(way) = self.ways.first().cloned() else { return Ok(()) };
        let person = self.somebody(road, Fate::Taken);
        let form = encoded(&way.confirmed(way.form(Vec::new(), &person), &person));
        let order = way.order(&person).to_string();
        for (path, kind, body) in [
            (way.path, "text/plain", &form),
            (way.path, "application/json", &order),
            (way.path, "multipart/form-data; boundary=x", &form),
            ("/v1/handoffs", "application/x-www-form-urlencoded", &form),
            ("/v1/handoffs", "application/xml", &order),
        ] {
            let request = caller
                .post(path)
                .bearer_auth(&self.stage.api_key)
                .header("idempotency-key", uuid::Uuid::new_v4().simple().to_string())
                .header("sec-fetch-site", "same-origin")
                .header("content-type", kind)
                .body(body.clone());
            let answer = caller.send(request, Holds::Nothing).await?;
            self.expect(road, caller, &answer, &[400, 415]);
        }
        Ok(())
    }

    async fn too_large(&mut self, caller: &Caller) -> Result<(), Failure> {
        let road = "too large";
        let Some(way) = self.ways.first().cloned() else { return Ok(()) };
        let person = self.somebody(road, Fate::Taken);
        let form = encoded(&way.confirmed(way.form(Vec::new(), &person), &person));
        let filler = "x".repeat(self.stage.settings.limits.body_bytes);
        for (path, kind, body) in [
            (way.path, "application/x-www-form-urlencoded", format!("{form}&county={filler}")),
            ("/v1/handoffs", "application/json", format!("{}{filler}", way.order(&person))),
        ] {
            let request = caller
                .post(path)
                .bearer_auth(&self.stage.api_key)
                .header("idempotency-key", uuid::Uuid::new_v4().simple().to_string())
                .header("sec-fetch-site", "same-origin")
                .header("content-type", kind)
                .body(body);
            // It may be answered, and the connection closed, before all of it is sent.
            if let Ok(answer) = caller.send(request, Holds::Nothing).await {
                self.expect(road, caller, &answer, &[413]);
            }
        }
        Ok(())
    }

    /// The browser goes away: with the last byte still to come, and with all of it.
    async fn broken_off(&mut self, caller: &Caller) -> Result<(), Failure> {
        let road = "broken off";
        for way in self.ways.clone() {
            let person = self.somebody(road, Fate::Taken);
            let fields = way.form(self.form(caller, way.path).await?, &person);
            let whole = encoded(&way.confirmed(fields.clone(), &person));
            drop(caller.hold(way.path, &whole, 1)?);
            drop(caller.hold(way.path, &encoded(&fields), 0)?);
            let chunked = format!(
                "POST {} HTTP/1.1\r\nhost: {}\r\nsec-fetch-site: same-origin\r\ncontent-type: \
                 application/x-www-form-urlencoded\r\ntransfer-encoding: chunked\r\n\r\n{:x}\r\n{whole}",
                way.path,
                self.stage.settings.public.origin.0.authority(),
                whole.len().saturating_add(1000)
            );
            drop(caller.open(chunked.as_bytes())?);
        }
        Ok(())
    }
}
