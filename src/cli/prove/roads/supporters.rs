//! Supporters on the pages: taken, declined, asked by their bank, mistyped.

use super::ways::Way;
use super::{Caller, Failure, Fate, Fields, Holds, Method, Person, Walk, hidden, owned};

impl Walk<'_> {
    /// What becomes of supporters who pay in this way.
    pub(super) async fn supporter(&mut self, caller: &Caller, way: &Way) -> Result<(), Failure> {
        let fates = [
            ("form, taken", Fate::Taken),
            ("form, declined", Fate::Declined),
            ("form, asked by the bank", Fate::Asked),
        ];
        let fates = fates
            .into_iter()
            .filter(|(_, fate)| *fate != Fate::Asked || way.method == Method::Card);
        for (road, fate) in fates {
            let person = self.somebody(road, fate);
            self.pays(caller, way, road, &person).await?;
        }
        self.mistypes(caller, way).await
    }

    /// Fills the form in and pays, here or at the processor.
    pub(super) async fn pays(
        &mut self,
        caller: &Caller,
        way: &Way,
        road: &'static str,
        person: &Person,
    ) -> Result<(), Failure> {
        let fields = way.form(self.form(caller, way.path).await?, person);
        let page = self.post(caller, way.path, &fields, Holds::Contact).await?;
        self.expect(road, caller, &page, &[200]);
        if !way.by_api {
            return self.at_the_processor(caller, way, &page, person).await;
        }
        let fields = way.confirmed(hidden(&page.body), person);
        let answer = self.post(caller, way.path, &fields, Holds::Contact).await?;
        // What is refused at once is said on the form.
        let refused = person.fate == Fate::Declined && answer.status == 422;
        if refused {
            return Ok(());
        }
        self.expect(road, caller, &answer, &[303]);
        if caller.path(&answer.location).is_empty() {
            return self.at_the_bank(caller, &answer.location).await;
        }
        let back = caller.get(caller.path(&answer.location));
        caller.send(back, Holds::Nothing).await.map(drop)
    }

    /// What is typed wrongly, or into a field that is none.
    async fn mistypes(&mut self, caller: &Caller, way: &Way) -> Result<(), Failure> {
        let road = "form with errors";
        let person = self.somebody(road, Fate::Taken);
        let fields = way.form(self.form(caller, way.path).await?, &person);
        let wrong = [
            ("email", format!("{} no address", person.email)),
            ("phone", format!("{} ext. {}", person.phone, person.first)),
            ("postcode", person.street.clone()),
        ];
        for (name, value) in wrong {
            let fields = with(&fields, name, &value);
            let answer = self.post(caller, way.path, &fields, Holds::Contact).await?;
            self.expect(road, caller, &answer, &[422]);
        }
        let misplaced = [person.card.as_str(), person.email.as_str(), person.account.as_str()];
        for (name, value) in ["appeal", "merchant_reference", "first_name"].iter().zip(misplaced) {
            let fields = with(&fields, name, value);
            self.post(caller, way.path, &fields, Holds::Mistyped).await?;
        }
        if way.by_api {
            let page = self.post(caller, way.path, &fields, Holds::Contact).await?;
            let fields = way.confirmed(hidden(&page.body), &person);
            for (name, value) in wrong_means(way, &person) {
                let fields = with(&fields, name, value);
                let answer = self.post(caller, way.path, &fields, Holds::Contact).await?;
                self.expect(road, caller, &answer, &[422]);
            }
        }
        Ok(())
    }

    /// Cards and accounts where none are taken, and fields that are nobody's.
    pub(super) async fn refused(&mut self, caller: &Caller) -> Result<(), Failure> {
        let road = "form, fields that are refused";
        let Some(way) = self.ways.first().cloned() else { return Ok(()) };
        let person = self.somebody(road, Fate::Taken);
        let fields = way.form(self.form(caller, way.path).await?, &person);
        for (name, value) in [
            ("pan", &person.card),
            ("cvv", &person.code),
            ("holder", &person.holder),
            ("iban", &person.account),
            (person.last.as_str(), &person.first),
        ] {
            let fields = with(&fields, name, value);
            let answer = self.post(caller, way.path, &fields, Holds::Nothing).await?;
            self.expect(road, caller, &answer, &[400]);
        }
        // The same name twice, and bytes that are no text.
        let twice = [fields.clone(), owned(&[("email", &person.email)])].concat();
        let answer = self.post(caller, way.path, &twice, Holds::Nothing).await?;
        self.expect(road, caller, &answer, &[400]);
        let request = caller
            .post(way.path)
            .header("content-type", "application/x-www-form-urlencoded")
            .header("sec-fetch-site", "same-origin")
            .body(format!("{}&title=%FF", super::encoded(&with(&fields, "title", ""))));
        let answer = caller.send(request, Holds::Nothing).await?;
        self.expect(road, caller, &answer, &[400]);
        Ok(())
    }
}

/// A card or an account with one thing wrong.
fn wrong_means<'a>(way: &Way, person: &'a Person) -> [(&'static str, &'a str); 2] {
    match way.method {
        Method::Card => [("card_cvc", &person.code), ("card_expiry", &person.card)],
        Method::DirectDebit => [("sort_code", &person.code), ("account_number", &person.card)],
    }
}

/// With one field changed, or added; left out where it is empty.
fn with(fields: &Fields, name: &str, value: &str) -> Fields {
    let mut fields = fields.clone();
    fields.retain(|(given, _)| given != name);
    if !value.is_empty() {
        fields.push((name.to_owned(), value.to_owned()));
    }
    fields
}
