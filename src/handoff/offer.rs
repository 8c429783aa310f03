//! What the charity offers, and whether a wish fits it.

use crate::payment::{
    Amount, Asked, Code, Dialect, FieldError, Frequency, Kind, MerchantReference, Method, Mode,
    Reference,
};
use iso_currency::Currency;

/// A currency taken, and between which sums of one payment.
#[derive(Clone, Debug)]
pub struct Taken {
    /// The least sum.
    pub minimum: Amount,
    /// The greatest sum.
    pub maximum: Amount,
}

/// A way to be a member.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Its code.
    pub code: Code,
    /// What supporters read.
    pub name: String,
    /// What it brings, in a sentence.
    pub description: String,
    /// The price of one payment.
    pub amount: Amount,
    /// How often it is paid.
    pub frequency: Frequency,
    /// Whether Gift Aid may be claimed on it.
    pub gift_aid: bool,
}

/// One of the two forms.
#[derive(Clone, Debug)]
pub struct Choices {
    /// How it can be paid, the first preselected.
    pub methods: Vec<Method>,
    /// How often (donate only), the first preselected.
    pub frequencies: Vec<Frequency>,
}

/// All that the charity offers.
#[derive(Clone, Debug)]
pub struct Offer {
    /// How the processor speaks.
    pub dialect: Dialect,
    /// Test system or real money.
    pub mode: Mode,
    /// Currencies, the first that of the forms.
    pub currencies: Vec<Taken>,
    /// The donate form.
    pub donate: Choices,
    /// The join form.
    pub join: Choices,
    /// The plans of the join form.
    pub plans: Vec<Plan>,
}

/// What someone asks for, as it came in.
#[derive(Debug)]
pub struct Wish<'a> {
    /// Donate or join.
    pub kind: Kind,
    /// A sum; `None` where none was given. For `join` the plan's price wins over it.
    pub amount: Option<Amount>,
    /// The word given, empty for none.
    pub method: &'a str,
    /// The word given, empty for none. For `join` the plan's term wins over it.
    pub frequency: &'a str,
    /// The code given, empty for none.
    pub plan: &'a str,
    /// The code given, empty for none.
    pub appeal: &'a str,
    /// The charity's own reference, empty for none.
    pub merchant_reference: &'a str,
    /// Whether Gift Aid is to be claimed.
    pub gift_aid: bool,
}

impl Offer {
    /// The currency of the forms, with its limits.
    #[must_use]
    pub fn form_currency(&self) -> Option<&Taken> {
        self.currencies.first()
    }

    /// The choices of one form.
    #[must_use]
    pub const fn choices(&self, kind: Kind) -> &Choices {
        match kind {
            Kind::Donate => &self.donate,
            Kind::Join => &self.join,
        }
    }

    /// The terms a form's token vouches for: kind, currency and limits, or plans and prices.
    #[must_use]
    pub fn terms(&self, kind: Kind) -> String {
        match kind {
            Kind::Donate => self.form_currency().map_or_else(String::new, |taken| {
                format!(
                    "{} {}-{}",
                    taken.minimum.currency().code(),
                    taken.minimum.minor(),
                    taken.maximum.minor()
                )
            }),
            Kind::Join => {
                let plan = |plan: &Plan| {
                    format!(
                        "{}={}/{}",
                        plan.code.as_str(),
                        plan.amount.minor(),
                        plan.frequency.word()
                    )
                };
                self.plans.iter().map(plan).collect::<Vec<_>>().join(",")
            }
        }
    }

    /// The wish as it will be recorded, or all that is wrong with it.
    pub fn check(&self, wish: &Wish<'_>) -> Result<Asked, Vec<FieldError>> {
        let mut errors = Vec::new();
        let plan = self.plan(wish, &mut errors);
        let amount = match (wish.kind, plan) {
            (Kind::Join, plan) => plan.map(|plan| plan.amount),
            (Kind::Donate, _) => self.amount(wish.amount, &mut errors),
        };
        let method = self.method(wish, &mut errors);
        let frequency = match (wish.kind, plan) {
            (Kind::Join, plan) => plan.map(|plan| plan.frequency),
            (Kind::Donate, _) => self.frequency(wish, &mut errors),
        };
        let combined = method.zip(frequency);
        errors.extend(combined.and_then(|(method, often)| self.combine(method, often).err()));
        let sterling = amount.is_none_or(|amount| amount.currency() == Currency::GBP);
        if wish.gift_aid && !(sterling && plan.is_none_or(|plan| plan.gift_aid)) {
            errors.push(wrong(
                "gift_aid",
                "crossfield",
                "Gift Aid cannot be claimed on this: clear the Gift Aid box",
            ));
        }
        let appeal = optional(
            wish.appeal,
            // What the processor's reports say of a mandate by its appeal must be told from a reference.
            |text| Code::parse(text).filter(|_| Reference::parse(text).is_none()),
            wrong(
                "appeal",
                "malformed",
                "Use 1 to 40 letters, figures, _ or -, and nothing like a card number",
            ),
            &mut errors,
        );
        let merchant_reference = optional(
            wish.merchant_reference,
            MerchantReference::parse,
            wrong(
                "merchant_reference",
                "malformed",
                "Use 1 to 64 letters, figures or . _ : / # -, and nothing like a card number",
            ),
            &mut errors,
        );
        match (amount, method, frequency, errors.is_empty()) {
            (Some(amount), Some(method), Some(frequency), true) => Ok(Asked {
                kind: wish.kind,
                method,
                dialect: self.dialect,
                mode: self.mode,
                amount,
                frequency,
                plan: plan.map(|plan| plan.code.clone()),
                appeal,
                gift_aid: wish.gift_aid,
                merchant_reference,
            }),
            _ => Err(errors),
        }
    }

    /// Whether it can be paid so often in this way.
    const fn combine(&self, method: Method, frequency: Frequency) -> Result<(), FieldError> {
        match (self.dialect, method, frequency) {
            (_, Method::DirectDebit, Frequency::Once) => Err(wrong(
                "method",
                "crossfield",
                "A Direct Debit is for regular gifts: choose how often, or pay by card",
            )),
            // Its card pages know single payments alone (rsm-protocol.md, 2.1).
            (
                Dialect::Rsm2000,
                Method::Card,
                Frequency::Monthly
                | Frequency::Quarterly
                | Frequency::HalfYearly
                | Frequency::Yearly,
            ) => Err(wrong(
                "method",
                "crossfield",
                "A card is for single gifts: pay regularly by Direct Debit, or give once",
            )),
            (Dialect::Signed | Dialect::Rsm2000, Method::Card | Method::DirectDebit, _) => Ok(()),
        }
    }

    fn plan(&self, wish: &Wish<'_>, errors: &mut Vec<FieldError>) -> Option<&Plan> {
        let plan = self.plans.iter().find(|plan| plan.code.as_str() == wish.plan);
        match wish.kind {
            Kind::Join if wish.plan.is_empty() => {
                errors.push(wrong("plan", "required", "Choose a membership"));
            }
            Kind::Join if plan.is_none() => {
                errors.push(wrong("plan", "unknown", "Choose a membership from the list"));
            }
            Kind::Donate if !wish.plan.is_empty() => errors.push(wrong(
                "plan",
                "crossfield",
                "A plan is for joining: leave it out, or join",
            )),
            Kind::Join | Kind::Donate => {}
        }
        plan.filter(|_| wish.kind == Kind::Join)
    }

    fn amount(&self, amount: Option<Amount>, errors: &mut Vec<FieldError>) -> Option<Amount> {
        let Some(amount) = amount else {
            errors.push(wrong("amount", "required", "Choose an amount"));
            return None;
        };
        let taken =
            self.currencies.iter().find(|taken| taken.minimum.currency() == amount.currency());
        match taken {
            None => {
                errors.push(wrong("currency", "currency", "Use a currency that is offered here"));
            }
            Some(taken) if amount.minor() < taken.minimum.minor() => {
                errors.push(wrong(
                    "amount",
                    "limit",
                    "Choose a larger amount: this is less than can be taken",
                ));
            }
            Some(taken) if amount.minor() > taken.maximum.minor() => {
                errors.push(wrong(
                    "amount",
                    "limit",
                    "Choose a smaller amount, or contact us about a gift this large",
                ));
            }
            Some(_) => {}
        }
        Some(amount)
    }

    fn method(&self, wish: &Wish<'_>, errors: &mut Vec<FieldError>) -> Option<Method> {
        let method = Method::from_word(wish.method)
            .filter(|method| self.choices(wish.kind).methods.contains(method));
        if method.is_none() {
            errors.push(wrong("method", "required", "Choose how to pay"));
        }
        method
    }

    fn frequency(&self, wish: &Wish<'_>, errors: &mut Vec<FieldError>) -> Option<Frequency> {
        let frequency = Frequency::from_word(wish.frequency)
            .filter(|frequency| self.donate.frequencies.contains(frequency));
        if frequency.is_none() {
            errors.push(wrong("frequency", "required", "Choose how often to give"));
        }
        frequency
    }
}

const fn wrong(field: &'static str, reason: &'static str, advice: &'static str) -> FieldError {
    FieldError { field, reason, advice }
}

fn optional<T>(
    text: &str,
    parse: impl Fn(&str) -> Option<T>,
    error: FieldError,
    errors: &mut Vec<FieldError>,
) -> Option<T> {
    if text.is_empty() {
        return None;
    }
    let value = parse(text);
    if value.is_none() {
        errors.push(error);
    }
    value
}

#[cfg(test)]
mod tests;
