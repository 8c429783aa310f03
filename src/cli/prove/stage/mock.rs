//! The mock processor, set up as the configuration has the processor.

use super::{MOCK_KEY, Stage};
use crate::mock_rsm::{MockSettings, Pace, Rsm2000Settings};
use crate::payment::Dialect;
use secrecy::SecretString;

impl Stage {
    /// The mock that takes all this.
    pub(in crate::cli::prove) fn mock_settings(&self) -> MockSettings {
        let gateway = self.settings.public.origin.0.as_str();
        let secret = |text: &String| SecretString::from(text.as_str());
        let processor = &self.settings.processor;
        let merchant = processor.signed.as_ref().map_or("prove", |signed| &signed.merchant);
        let rsm = processor.rsm2000.as_ref().filter(|_| processor.dialect.0 == Dialect::Rsm2000);
        MockSettings {
            merchant: merchant.to_owned(),
            signing_keys: vec![(MOCK_KEY.to_owned(), secret(&self.signing))],
            webhook_url: format!("{gateway}/webhooks/signed"),
            webhook_keys: vec![secret(&self.webhook)],
            webhook_roots: self.trusted.clone(),
            origin: format!("https://localhost:{}", self.mock),
            control_token: None,
            return_origins: None,
            rsm2000: rsm.map(|rsm| {
                let mut office =
                    Rsm2000Settings::new(gateway, secret(&self.password), secret(&self.callback));
                office.vendor_id.clone_from(&rsm.vendor_id);
                office.campaign.clone_from(&rsm.campaign);
                if let Some(api) = &rsm.api {
                    office.username.clone_from(&api.username);
                }
                if let Some(debit) = &rsm.debit {
                    office.sun.clone_from(&debit.service_user_number);
                    office.mandate_types.extend(debit.mandate_type.clone());
                    office.short_ids.extend(debit.short_id.clone());
                }
                office
            }),
            pace: Pace::default(),
        }
    }
}
