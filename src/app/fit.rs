//! Small fittings: from settings to what each room takes.

use crate::config::{ApiKey, ConfigError, Document, Limits, Settings, Shown};
use crate::handoff::{BreakerTerms, Offer};
use crate::http::page::{FormText, Look, STYLE};
use crate::http::{Access, Bounds, Caller, Looks, Sources, Targets, Words, standing_headers};
use crate::keys::why_unread;
use crate::ledger::sqlite::SqliteSettings;
use crate::payment::Amount;
use crate::shield::DeclineTerms;
use crate::tls;
use bytes::Bytes;
use std::path::Path;
use std::sync::Arc;

/// The most bytes of a logo.
const LARGEST_LOGO: usize = 512 * 1024;

/// From settings to what the rooms take: used by the service and by `almoner check`.
pub struct Fittings;

impl Fittings {
    /// The operators' certificate files; those of the public listener where they have none of their own.
    #[must_use]
    pub fn operations_files(settings: &Settings, public: &Shown) -> tls::Files {
        let (own, public) = (&settings.operations, public.files());
        tls::Files {
            chain: own.certificate_file.clone().unwrap_or(public.chain),
            key: own.private_key_file.clone().unwrap_or(public.key),
            client_authorities: own.client_ca_file.clone(),
        }
    }

    /// The limits of every listener.
    #[must_use]
    pub fn tls_limits(settings: &Settings) -> tls::Limits {
        let limits = &settings.limits;
        tls::Limits {
            connections: limits.connections,
            connections_per_address: limits.connections_per_address,
            reserved_connections: limits.reserved_connections,
            reserved_addresses: settings
                .processor
                .networks
                .iter()
                .map(|network| network.0)
                .collect(),
            handshakes_at_once: limits.handshakes_at_once,
            handshake_timeout: limits.handshake_timeout.timer(),
            first_request_timeout: limits.header_timeout.timer(),
            header_read_timeout: limits.header_timeout.timer(),
            connection_age: limits.connection_age.timer(),
            requests_per_connection: limits.requests_per_connection,
            write_stall: limits.write_timeout.timer(),
            header_bytes: limits.header_bytes,
            header_count: limits.header_count,
            h2_streams: limits.http2_streams,
            h2_header_list_bytes: u32::try_from(limits.header_bytes).unwrap_or(u32::MAX),
            h2_frames_without_progress: limits.http2_idle_frames,
            refusal_headers: standing_headers(),
            ..tls::Limits::default()
        }
    }

    /// When calls to the processor are refused before anything is written.
    #[must_use]
    pub fn breaker(limits: &Limits) -> BreakerTerms {
        BreakerTerms {
            failures: limits.breaker_failures,
            wait: limits.breaker_wait.signed(),
            at_once: limits.calls_at_once,
        }
    }

    /// How many forms a network may post in a minute and in a day; as many as it likes without the shield.
    #[must_use]
    pub fn forms(settings: &Settings) -> Option<(u32, u32)> {
        let limits = &settings.limits;
        settings.shield.enabled.then_some((limits.forms_per_minute, limits.forms_per_day))
    }

    /// When cards are paused; never without the shield.
    #[must_use]
    pub fn declines(settings: &Settings) -> Option<DeclineTerms> {
        let shield = &settings.shield;
        shield.enabled.then_some(DeclineTerms {
            declines: shield.declines,
            percent: shield.declines_percent,
            within: shield.declines_within.signed(),
            pause: shield.pause.signed(),
        })
    }

    /// The ledger's limits.
    #[must_use]
    pub fn ledger(settings: &Settings) -> SqliteSettings {
        SqliteSettings {
            write_wait: settings.limits.ledger_wait.timer(),
            queue: settings.limits.ledger_queue,
            ..SqliteSettings::default()
        }
    }

    /// What bounds a request.
    #[must_use]
    pub const fn bounds(limits: &Limits) -> Bounds {
        Bounds {
            uri_bytes: limits.uri_bytes,
            body_bytes: limits.body_bytes,
            webhook_bytes: limits.webhook_bytes,
            body_timeout: limits.body_timeout.timer(),
            body_bytes_per_second: limits.body_bytes_per_second,
            form_fields: limits.form_fields,
            json_depth: limits.json_depth,
            request_timeout: limits.request_timeout.timer(),
        }
    }

    /// Who may use the API.
    #[must_use]
    pub fn access(keys: Vec<(ApiKey, [u8; 32])>) -> Access {
        let caller = |(key, hash): (ApiKey, [u8; 32])| Caller {
            creates: key.scopes.iter().any(|scope| scope == "create"),
            reads: key.scopes.iter().any(|scope| scope == "read"),
            name: key.name,
            hash,
            uses: Arc::default(),
        };
        Access(keys.into_iter().map(caller).collect())
    }

    /// Where a browser may be sent and come from.
    #[must_use]
    pub fn targets(settings: &Settings) -> Targets {
        let public = &settings.public;
        let own = public.origin.0.authority().to_owned();
        let hosts =
            public.extra_hosts.iter().map(|host| host.0.as_str().to_owned()).chain([own]).collect();
        let texts = |origins: &[crate::config::Checked<crate::config::Origin>]| {
            origins.iter().map(|origin| origin.0.as_str().to_owned()).collect()
        };
        Targets::new(hosts, texts(&public.form_origins), texts(&public.return_origins))
    }

    /// Where webhooks are taken from.
    #[must_use]
    pub fn sources(settings: &Settings) -> Sources {
        let anywhere = !settings.processor.networks_only;
        let networks: Vec<_> =
            settings.processor.networks.iter().map(|network| network.0).collect();
        Box::new(move |address| {
            anywhere || networks.iter().any(|network| network.contains(address))
        })
    }

    /// The charity's words and looks, in each language.
    pub fn looks(
        settings: &Settings,
        offer: &Offer,
        document: &Document,
    ) -> Result<Looks, ConfigError> {
        let base = Self::look(settings, offer, document)?;
        Ok(Looks::of(&base, settings.texts(document)?))
    }

    /// The same as the configuration words it.
    fn look(settings: &Settings, offer: &Offer, document: &Document) -> Result<Look, ConfigError> {
        let (charity, theme) = (&settings.charity, &settings.theme);
        let colours = [
            ("accent", &theme.accent),
            ("on-accent", &theme.on_accent),
            ("ground", &theme.ground),
            ("surface", &theme.surface),
            ("ink", &theme.ink),
        ];
        let colours =
            colours.map(|(name, colour)| format!("--{name}:{};", colour.0.as_str())).concat();
        let currency = offer.form_currency().map(|taken| taken.minimum.currency());
        let amount =
            |text: &String| currency.and_then(|currency| Amount::parse(text, currency).ok());
        let logo = match &theme.logo_file {
            None => None,
            Some(file) => {
                Some(read_logo(file).map_err(|what| document.wrong("theme.logo_file", &what))?)
            }
        };
        let form = |title: &str, introduction: &str, gift_aid: &str| FormText {
            title: title.to_owned(),
            introduction: introduction.to_owned(),
            gift_aid: gift_aid.to_owned(),
        };
        let (donate, join) = (&settings.donate, &settings.join);
        Ok(Look {
            name: charity.name.clone(),
            registration: charity.registration.clone(),
            website: charity.website.0.as_str().to_owned(),
            contact: charity.contact.clone(),
            privacy_url: charity.privacy_url.clone(),
            processor: charity.processor_name.clone(),
            debits_here: settings.sets_debits_up(),
            cards_here: settings.takes_cards(document)?,
            self_service: settings.processor.self_service.is_some(),
            logo,
            donate: form(&donate.title, &donate.introduction, &donate.gift_aid_declaration),
            join: if join.plans.is_empty() {
                form("", "", "")
            } else {
                form(&join.title, &join.introduction, &join.gift_aid_declaration)
            },
            amounts: donate.amounts.iter().filter_map(amount).collect(),
            style: Bytes::from(format!(":root{{{colours}}}\n{STYLE}")),
            words: Words::default(),
        })
    }
}

fn read_logo(file: &Path) -> Result<(&'static str, Bytes), String> {
    let kind = match file.extension().and_then(std::ffi::OsStr::to_str) {
        Some("svg") => "image/svg+xml",
        Some("png") => "image/png",
        Some("jpg" | "jpeg") => "image/jpeg",
        Some("webp") => "image/webp",
        _ => {
            return Err("not a logo: give a file that ends in .svg, .png, .jpg or .webp".to_owned());
        }
    };
    let bytes = std::fs::read(file).map_err(|error| {
        format!("{} cannot be read ({})", file.display(), why_unread(error.kind()))
    })?;
    if bytes.len() > LARGEST_LOGO {
        return Err("larger than 512 KiB: use a smaller file".to_owned());
    }
    Ok((kind, Bytes::from(bytes)))
}
