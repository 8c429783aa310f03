//! The terms of Direct Debits that are set up on a page of ours.

use crate::config::{ConfigError, DebitSettings, Document, Settings};
use crate::handoff::DebitTerms;
use crate::payment::modulus::Tables;
use crate::payment::{Calendar, Dialect};
use std::path::Path;

const SECTION: &str = "processor.rsm2000.debit";

impl Settings {
    /// Whether Direct Debits are set up on a page of ours.
    #[must_use]
    pub fn sets_debits_up(&self) -> bool {
        let rsm = self.processor.rsm2000.as_ref();
        self.processor.dialect.0 == Dialect::Rsm2000 && rsm.is_some_and(|rsm| rsm.debit.is_some())
    }

    /// The terms, where Direct Debits are set up on a page of ours.
    pub fn debit(&self, document: &Document) -> Result<Option<DebitTerms>, ConfigError> {
        let debit = self.processor.rsm2000.as_ref().and_then(|rsm| rsm.debit.as_ref());
        match (self.processor.dialect.0, debit) {
            (Dialect::Rsm2000, Some(settings)) => terms(settings, document).map(Some),
            (Dialect::Rsm2000, None) | (Dialect::Signed, _) => Ok(None),
        }
    }
}

fn terms(settings: &DebitSettings, document: &Document) -> Result<DebitTerms, ConfigError> {
    let wrong = |key: &str, what: &str| document.wrong(&format!("{SECTION}.{key}"), what);
    let read = |key: &str, file: &Path| {
        std::fs::read_to_string(file).map_err(|error| {
            wrong(key, &format!("{} cannot be read ({})", file.display(), error.kind()))
        })
    };
    let number = &settings.service_user_number;
    if number.len() != 6 || !number.bytes().all(|b| b.is_ascii_digit()) {
        return Err(wrong("service_user_number", "six figures are needed here"));
    }
    for (key, text) in
        [("collecting_name", &settings.collecting_name), ("guarantee", &settings.guarantee)]
    {
        if text.trim().is_empty() {
            return Err(wrong(key, "empty: supporters must be told, ask your sponsoring bank"));
        }
    }
    if settings.collection_days.iter().any(|day| !(1..=31).contains(day)) {
        return Err(wrong("collection_days", "days of the month are numbers from 1 to 31"));
    }
    let calendar = read("bank_holidays_file", &settings.bank_holidays_file)?;
    let calendar =
        Calendar::parse(&calendar).map_err(|why| wrong("bank_holidays_file", &why.to_string()))?;
    let tables = match (&settings.modulus_weights_file, &settings.modulus_substitutions_file) {
        (None, None) => None,
        (Some(weights), substitutions) => {
            let weights = read("modulus_weights_file", weights)?;
            let substitutions = match substitutions {
                Some(file) => read("modulus_substitutions_file", file)?,
                None => String::new(),
            };
            let tables = Tables::parse(&weights, &substitutions)
                .map_err(|why| wrong("modulus_weights_file", &why.to_string()))?;
            Some(tables)
        }
        (None, Some(_)) => {
            return Err(wrong(
                "modulus_substitutions_file",
                "substitutions are used with weights: name modulus_weights_file too",
            ));
        }
    };
    Ok(DebitTerms {
        service_user_number: number.clone(),
        collecting_name: settings.collecting_name.clone(),
        advance_notice_days: settings.advance_notice_days,
        collection_days: settings.collection_days.clone(),
        guarantee: settings.guarantee.clone(),
        calendar,
        tables,
    })
}
