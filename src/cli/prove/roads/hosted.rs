//! At the processor's own pages and the bank's, and back: what the processor then says of it comes to
//! the service by its webhook.

use super::ways::Way;
use super::{
    Answer, Caller, Failure, Fields, Holds, Method, Person, Walk, encoded, hidden, owned, unescaped,
};

impl Walk<'_> {
    /// Goes on where the page that hands over leads, pays there and comes back.
    pub(super) async fn at_the_processor(
        &self,
        caller: &Caller,
        way: &Way,
        page: &Answer,
        person: &Person,
    ) -> Result<(), Failure> {
        let Some(action) = action(&page.body) else { return Ok(()) };
        let (_, location, _) = self.there(&action, &hidden(&page.body)).await?;
        let means = match way.method {
            Method::Card => owned(&[
                ("number", &person.card),
                ("expiry", "12/39"),
                ("cvc", "737"),
                ("holder", &person.holder),
            ]),
            Method::DirectDebit => owned(&[
                ("account_name", &person.holder),
                ("sort_code", &person.sort_code),
                ("account_number", &person.account),
            ]),
        };
        let (_, next, _) = self.there(&location, &means).await?;
        self.back(caller, &next).await
    }

    /// Says yes to the bank, and comes back.
    pub(super) async fn at_the_bank(&self, caller: &Caller, bank: &str) -> Result<(), Failure> {
        let (_, next, _) = self.there(bank, &owned(&[("answer", "approve")])).await?;
        self.back(caller, &next).await
    }

    /// Follows the processor until it leads to us, and comes back to what it names.
    async fn back(&self, caller: &Caller, next: &str) -> Result<(), Failure> {
        let mut next = next.to_owned();
        // A page of the bank's, one that says so, one that leads back: never more.
        for _ in 0..4 {
            let path = caller.path(&next);
            if next.starts_with("https://") && !path.is_empty() {
                caller.send(caller.get(path), Holds::Nothing).await?;
                return Ok(());
            }
            let response = self.elsewhere.get(self.absolute(&next)).send().await?;
            let location = location(&response);
            let page = response.text().await?;
            next = match (location, action(&page)) {
                (Some(location), _) => location,
                (None, Some(action))
                    if !caller.path(&action).is_empty() && action.starts_with("https") =>
                {
                    let back = self
                        .post(caller, caller.path(&action), &hidden(&page), Holds::Nothing)
                        .await?;
                    let page = caller.get(caller.path(&back.location));
                    return caller.send(page, Holds::Nothing).await.map(drop);
                }
                (None, Some(action)) => {
                    let mut fields = hidden(&page);
                    fields.extend(owned(&[("answer", "approve")]));
                    match self.there(&action, &fields).await? {
                        (303, location, _) => location,
                        _ => return Ok(()),
                    }
                }
                (None, None) => return Ok(()),
            };
        }
        Ok(())
    }

    /// Posts a form to the mock: the status, where it leads, the page.
    async fn there(&self, url: &str, fields: &Fields) -> Result<(u16, String, String), Failure> {
        let request = self
            .elsewhere
            .post(self.absolute(url))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(encoded(fields));
        let response = request.send().await?;
        let (status, location) = (response.status().as_u16(), location(&response));
        Ok((status, location.unwrap_or_default(), response.text().await?))
    }

    fn absolute(&self, url: &str) -> String {
        if url.starts_with("https://") {
            url.to_owned()
        } else {
            format!("{}{url}", self.mock.origin())
        }
    }
}

fn location(response: &reqwest::Response) -> Option<String> {
    let location = response.headers().get("location")?.to_str().ok()?;
    Some(location.to_owned())
}

/// Where a page's form leads.
fn action(page: &str) -> Option<String> {
    let (_, action) = page.split_once("method=\"post\" action=\"")?;
    Some(unescaped(action.split_once('"')?.0))
}
