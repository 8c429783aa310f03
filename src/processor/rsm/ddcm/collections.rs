//! `setCollections`: money to be taken on a date, beside or instead of what repeats
//! (rsm-protocol.md, 7.5).

use super::decision::{self, Decision};
use super::failure::Unfit;
use super::field::{Alphabet, Rule, rule};
use super::mandates::{self, CLIENT_REF};
use super::paper::Paper;
use super::{Ddcm, Length, Prepared};
use crate::payment::Amount;
use jiff::Timestamp;
use jiff::civil::Date;

/// What is to become of one collection.
#[derive(Clone, Copy)]
pub enum CollectionOrder<'a> {
    /// A new one.
    New(Which<'a>),
    /// A change, of one that RSM has not yet batched.
    Amend {
        /// What it is to be.
        to: Which<'a>,
        /// The amount it has.
        amount: Amount,
        /// The date it has.
        date: Date,
    },
    /// A deletion, likewise: the one of this amount and date.
    Delete(Which<'a>),
}

/// A collection.
#[derive(Clone, Copy)]
pub struct Which<'a> {
    /// The service user number it is collected under, 6 digits.
    pub sun: &'a str,
    /// Our reference of its mandate.
    pub client_ref: &'a str,
    /// In pounds.
    pub amount: Amount,
    /// When; at least 3 working days ahead.
    pub date: Date,
    /// RSM's reference of its mandate.
    pub dd_ref_no: Option<&'a str>,
}

const SUN: Rule = rule("sun", "service_user_number", 6, Alphabet::Digits(6));

/// Room for one collection.
const ROOM: usize = 1000;

impl Ddcm {
    /// Up to [`super::BATCH`] collections in one request, one a mandate, answered one by one in the
    /// same order.
    ///
    /// # Errors
    /// As [`Ddcm::set_mandates`].
    pub fn set_collections(
        &self,
        orders: &[CollectionOrder<'_>],
        at: Timestamp,
    ) -> Result<Prepared<Vec<Decision>>, Unfit> {
        let references: Vec<&str> = orders.iter().map(|order| order.which().client_ref).collect();
        let references = decision::distinct(&references)?;
        let mut paper = self.paper("setCollections", orders.len().saturating_mul(ROOM));
        paper.open("collections");
        for (record, order) in orders.iter().enumerate() {
            order.write(&mut paper);
            paper.errors().map_err(|fields| Unfit::Fields { record, fields })?;
        }
        paper.close("collections");
        let length = Length::Records(orders.len());
        Ok(self.prepare(paper, at, length, move |reply| {
            decision::read(reply, decision::COLLECTIONS, &references)
        }))
    }
}

impl CollectionOrder<'_> {
    const fn which(&self) -> &Which<'_> {
        match self {
            Self::New(which) | Self::Amend { to: which, .. } | Self::Delete(which) => which,
        }
    }

    /// In the order that RSM's DTD enforces.
    fn write(&self, paper: &mut Paper) {
        let which = self.which();
        paper.open("collection");
        paper.need(&SUN, which.sun);
        paper.need(&CLIENT_REF, which.client_ref);
        paper.checked("amount", mandates::amount(which.amount, "amount"));
        paper.checked("date", mandates::date(which.date, "date"));
        paper.checked_if("ddRefNo", which.dd_ref_no.map(mandates::dd_ref_no));
        match self {
            Self::New(_) => paper.leaf("action", "N"),
            Self::Delete(_) => paper.leaf("action", "D"),
            Self::Amend { amount, date, .. } => {
                paper.leaf("action", "A");
                paper.checked("existingAmount", mandates::amount(*amount, "existing_amount"));
                paper.checked("existingDate", mandates::date(*date, "existing_date"));
            }
        }
        paper.close("collection");
    }
}
