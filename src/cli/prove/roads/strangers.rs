//! What nobody vouches for: links, headers, forged webhooks (security.md, F-14).

use super::{Caller, Failure, Fate, Holds, Walk, encoded, owned};

/// Where webhooks come in, and what they are written in.
const DOORS: [(&str, &str); 3] = [
    ("/webhooks/signed", "application/json"),
    ("/webhooks/rsm2000/success", "application/x-www-form-urlencoded"),
    ("/webhooks/rsm2000/failure", "application/x-www-form-urlencoded"),
];

impl Walk<'_> {
    pub(super) async fn strangers(&mut self, caller: &Caller) -> Result<(), Failure> {
        self.in_addresses(caller).await?;
        self.in_headers(caller).await?;
        self.forged(caller).await
    }

    async fn in_addresses(&mut self, caller: &Caller) -> Result<(), Failure> {
        let road = "address and query";
        let person = self.somebody(road, Fate::Taken);
        let query = encoded(&owned(&[
            ("first_name", &person.first),
            ("email", &person.email),
            ("pan", &person.card),
            ("appeal", &person.card),
            ("plan", &person.email),
            ("amount", &person.card),
        ]));
        for (path, statuses) in [
            (format!("/donate?{query}"), [200, 400].as_slice()),
            (format!("/return/{}?{query}", person.card), &[404]),
            (format!("/return/rsm2000/success?{query}"), &[200, 303, 404]),
            (format!("/{}", person.card), &[404]),
            (format!("/v1/handoffs/{}", person.card), &[401, 404, 429]),
        ] {
            let answer = caller.send(caller.get(&path), Holds::Nothing).await?;
            self.expect(road, caller, &answer, statuses);
        }
        let posted =
            caller.post(&format!("/donate?{query}")).header("sec-fetch-site", "same-origin");
        let form = ("content-type", "application/x-www-form-urlencoded");
        let posted = posted.header(form.0, form.1).body(query.clone());
        let answer = caller.send(posted, Holds::Nothing).await?;
        self.expect(road, caller, &answer, &[400, 422]);
        // A method is a word: so it may be a card number.
        let line = format!("{} /{} HTTP/1.1\r\n", person.card, person.email);
        let head = format!("{line}host: {}\r\nconnection: close\r\n\r\n", self.host());
        caller.open(head.as_bytes())?.finish(b"", Holds::Nothing);
        Ok(())
    }

    async fn in_headers(&mut self, caller: &Caller) -> Result<(), Failure> {
        let road = "headers";
        let person = self.somebody(road, Fate::Taken);
        for (name, value) in [
            ("user-agent", person.card.clone()),
            ("referer", format!("https://www.example.org/{}?pan={}", person.email, person.card)),
            ("cookie", format!("__Host-given={}; pan={}", person.card, person.first)),
            ("origin", format!("https://{}.example.org", person.first.to_lowercase())),
            ("x-forwarded-for", person.phone.clone()),
            ("accept-language", person.last.clone()),
        ] {
            let answer =
                caller.send(caller.get("/donate").header(name, &value), Holds::Nothing).await?;
            self.expect(road, caller, &answer, &[200]);
        }
        let wrong =
            caller.get("/v1/handoffs/x").header("authorization", format!("Basic {}", person.card));
        let answer = caller.send(wrong, Holds::Nothing).await?;
        self.expect(road, caller, &answer, &[401, 429]);
        let head = format!("GET / HTTP/1.1\r\nhost: {}\r\nconnection: close\r\n\r\n", person.email);
        caller.open(head.as_bytes())?.finish(b"", Holds::Nothing);
        Ok(())
    }

    /// Webhooks that no key has signed, or that are none at all.
    async fn forged(&mut self, caller: &Caller) -> Result<(), Failure> {
        let road = "forged webhook";
        let person = self.somebody(road, Fate::Taken);
        let told = owned(&[
            ("order", &person.first),
            ("forename", &person.first),
            ("surname", &person.last),
            ("email", &person.email),
            ("address1", &person.street),
            ("cardNumber", &person.card),
            ("transId", &person.card),
            ("IdentityCheck", &person.code),
        ]);
        let json = serde_json::json!({
            "type": "handoff.accepted",
            "data": { "reference": person.card, "state": person.first, "email": person.email }
        });
        for (door, kind) in DOORS {
            let body = if kind == "application/json" { json.to_string() } else { encoded(&told) };
            for signature in ["v1,AAAA", person.card.as_str(), ""] {
                let request = caller
                    .post(door)
                    .header("content-type", kind)
                    .header("webhook-id", person.email.as_str())
                    .header(
                        "webhook-timestamp",
                        crate::clock::Clock::system().now().as_second().to_string(),
                    )
                    .header("webhook-signature", signature)
                    .body(body.clone());
                let answer = caller.send(request, Holds::Nothing).await?;
                self.expect(road, caller, &answer, &[400, 401, 404, 429]);
            }
        }
        Ok(())
    }

    fn host(&self) -> &str {
        self.stage.settings.public.origin.0.authority()
    }
}
