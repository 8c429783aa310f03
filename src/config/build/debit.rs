//! The terms of Direct Debits that are set up on a page of ours.

use crate::config::{ConfigError, DebitSettings, Document, Settings};
use crate::handoff::DebitTerms;
use crate::keys::why_unread;
use crate::payment::modulus::Tables;
use crate::payment::{Calendar, Dialect};
use std::path::Path;

impl Settings {
    /// Whether Direct Debits are set up on a page of ours.
    #[must_use]
    pub fn sets_debits_up(&self) -> bool {
        let processor = &self.processor;
        match processor.dialect.0 {
            Dialect::Signed => processor.signed.as_ref().is_some_and(|signed| signed.mandate_api),
            Dialect::Rsm2000 => processor.rsm2000.as_ref().is_some_and(|rsm| rsm.debit.is_some()),
        }
    }

    /// The terms, where Direct Debits are set up on a page of ours.
    pub fn debit(&self, document: &Document) -> Result<Option<DebitTerms>, ConfigError> {
        let processor = &self.processor;
        let rsm = processor.rsm2000.as_ref().and_then(|rsm| rsm.debit.as_ref());
        match (processor.dialect.0, &processor.signed, rsm) {
            (Dialect::Rsm2000, _, Some(settings)) => {
                Terms { section: "processor.rsm2000.debit", settings, document }.read().map(Some)
            }
            (Dialect::Signed, Some(signed), _) if signed.mandate_api => {
                let section = "processor.signed.debit";
                let Some(settings) = &signed.debit else {
                    let what =
                        "mandate_api is true: add this section, supporters must be told the terms";
                    return Err(document.wrong(section, what));
                };
                if settings.mandate_type.is_some() || settings.short_id.is_some() {
                    let what = "mandate_type and short_id are RSM's own: take them out";
                    return Err(document.wrong(section, what));
                }
                Terms { section, settings, document }.read().map(Some)
            }
            (Dialect::Rsm2000 | Dialect::Signed, _, _) => Ok(None),
        }
    }
}

/// One section of terms, and where it stands.
struct Terms<'a> {
    section: &'static str,
    settings: &'a DebitSettings,
    document: &'a Document,
}

impl Terms<'_> {
    fn read(&self) -> Result<DebitTerms, ConfigError> {
        let Self { section, settings, document } = *self;
        let wrong = |key: &str, what: &str| document.wrong(&format!("{section}.{key}"), what);
        let read = |key: &str, file: &Path| {
            std::fs::read_to_string(file).map_err(|error| {
                wrong(
                    key,
                    &format!("{} cannot be read ({})", file.display(), why_unread(error.kind())),
                )
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
        let calendar = Calendar::parse(&calendar)
            .map_err(|why| wrong("bank_holidays_file", &why.to_string()))?;
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
}
