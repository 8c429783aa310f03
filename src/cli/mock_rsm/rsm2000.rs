//! The options of the mock's `rsm2000` side.

use super::secret;
use crate::cli::Failure;
use crate::mock_rsm::{Feature, Rsm2000Settings};
use anyhow::Context as _;
use std::path::PathBuf;
use url::Url;

/// RSM as it really speaks: its hosted pages, call-backs and the DDCM API.
#[derive(clap::Args)]
#[command(next_help_heading = "RSM's own formats")]
#[group(skip)]
pub(super) struct Arguments {
    /// Speak RSM's own formats too, on RSM's own paths.
    #[arg(long, requires_all = ["rsm2000_password_file", "rsm2000_callback_secret_file"])]
    rsm2000: bool,
    /// Origin of the service that call-backs and supporters go to [default: that of --webhook-url].
    #[arg(long, value_name = "ORIGIN", requires = "rsm2000")]
    rsm2000_service: Option<String>,
    /// User name of the API.
    #[arg(long, value_name = "NAME", requires = "rsm2000")]
    rsm2000_username: Option<String>,
    /// File with the API password.
    #[arg(long, value_name = "FILE", requires = "rsm2000")]
    rsm2000_password_file: Option<PathBuf>,
    /// File with the secret of call-backs. Repeat for a rotation; the first one signs.
    #[arg(long, value_name = "FILE", requires = "rsm2000")]
    rsm2000_callback_secret_file: Vec<PathBuf>,
    /// Vendor number of the widget.
    #[arg(long, value_name = "DIGITS", requires = "rsm2000")]
    rsm2000_vendor_id: Option<String>,
    /// Campaign of the full page and of the Direct Debit page.
    #[arg(long, value_name = "N.N", requires = "rsm2000")]
    rsm2000_campaign: Option<String>,
    /// Service user number.
    #[arg(long, value_name = "DIGITS", requires = "rsm2000")]
    rsm2000_sun: Option<String>,
    /// One of the addresses that RSM holds, where it is not at its usual path.
    #[arg(long, value_name = "NAME=URL", requires = "rsm2000", value_parser = pair)]
    rsm2000_address: Vec<(String, String)>,
    /// Switch a feature on.
    #[arg(long, value_name = "FEATURE", requires = "rsm2000", value_parser = feature)]
    rsm2000_with: Vec<Feature>,
    /// Switch a feature off.
    #[arg(long, value_name = "FEATURE", requires = "rsm2000", value_parser = feature)]
    rsm2000_without: Vec<Feature>,
    /// A mandate type; where there are any, every mandate needs one.
    #[arg(long, value_name = "TYPE", requires = "rsm2000")]
    rsm2000_mandate_type: Vec<String>,
    /// A sub vendor's short id; where there are any, every mandate needs one.
    #[arg(long, value_name = "ID", requires = "rsm2000")]
    rsm2000_short_id: Vec<String>,
    /// A command that the user may not give.
    #[arg(long, value_name = "COMMAND", requires = "rsm2000")]
    rsm2000_forbid: Vec<String>,
    /// Elements of a mandate in reports, in their order.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "rsm2000")]
    rsm2000_mandate_columns: Option<Vec<String>>,
    /// Elements of a collection in reports, in their order.
    #[arg(long, value_name = "NAMES", value_delimiter = ',', requires = "rsm2000")]
    rsm2000_collection_columns: Option<Vec<String>>,
    /// The largest single collection, in pence.
    #[arg(long, value_name = "PENCE", requires = "rsm2000")]
    rsm2000_most: Option<i64>,
    /// The most collected on one day, in pence.
    #[arg(long, value_name = "PENCE", requires = "rsm2000")]
    rsm2000_most_a_day: Option<i64>,
}

impl Arguments {
    /// The settings, where this side is wanted.
    pub(super) fn settings(&self, webhook_url: &str) -> Result<Option<Rsm2000Settings>, Failure> {
        let (true, Some(password)) = (self.rsm2000, &self.rsm2000_password_file) else {
            return Ok(None);
        };
        let service = match &self.rsm2000_service {
            Some(origin) => origin.trim_end_matches('/').to_owned(),
            None => {
                Url::parse(webhook_url).context("--webhook-url")?.origin().ascii_serialization()
            }
        };
        let mut secrets = self
            .rsm2000_callback_secret_file
            .iter()
            .map(|file| secret("--rsm2000-callback-secret-file", file));
        let first = secrets.next().context("--rsm2000-callback-secret-file")??;
        let mut settings =
            Rsm2000Settings::new(&service, secret("--rsm2000-password-file", password)?, first);
        for next in secrets {
            settings.call_back_secrets.push(next?);
        }
        for (given, held) in [
            (&self.rsm2000_username, &mut settings.username),
            (&self.rsm2000_vendor_id, &mut settings.vendor_id),
            (&self.rsm2000_campaign, &mut settings.campaign),
            (&self.rsm2000_sun, &mut settings.sun),
        ] {
            if let Some(given) = given {
                given.clone_into(held);
            }
        }
        self.addresses(&mut settings)?;
        settings.features.extend(&self.rsm2000_with);
        settings.features.retain(|feature| !self.rsm2000_without.contains(feature));
        settings.mandate_types.clone_from(&self.rsm2000_mandate_type);
        settings.short_ids.clone_from(&self.rsm2000_short_id);
        settings.forbidden_commands.clone_from(&self.rsm2000_forbid);
        settings.mandate_columns.clone_from(&self.rsm2000_mandate_columns);
        settings.collection_columns.clone_from(&self.rsm2000_collection_columns);
        settings.most_pence = self.rsm2000_most;
        settings.most_pence_a_day = self.rsm2000_most_a_day;
        Ok(Some(settings))
    }

    fn addresses(&self, settings: &mut Rsm2000Settings) -> Result<(), Failure> {
        let held = &mut settings.addresses;
        for (name, url) in &self.rsm2000_address {
            let place = match name.as_str() {
                "callback-success" => &mut held.call_back_success,
                "callback-failure" => &mut held.call_back_failure,
                "return-success" => &mut held.return_success,
                "return-failure" => &mut held.return_failure,
                "return-debit" => &mut held.return_debit,
                _unknown => anyhow::bail!(
                    "--rsm2000-address: name callback-success, callback-failure, return-success, return-failure or return-debit"
                ),
            };
            url.clone_into(place);
        }
        Ok(())
    }
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (name, url) = text.split_once('=').ok_or("write it as NAME=URL")?;
    Ok((name.to_owned(), url.to_owned()))
}

fn feature(text: &str) -> Result<Feature, String> {
    Feature::from_word(text).ok_or_else(|| {
        let words: Vec<&str> = Feature::ALL.iter().map(|(word, _)| *word).collect();
        format!("choose from {}", words.join(", "))
    })
}
