//! What is looked at of the listeners' certificates, whoever renews them.

use super::{Finding, doubtful, next, well, wrong};
use crate::app::Fittings;
use crate::clock::Clock;
use crate::config::{Document, Settings, Shown};
use crate::tls::{Certificates, Facts, Files};

/// The days before its end at which a certificate is spoken of.
const SOON_DAYS: i64 = 30;

pub(super) fn certificates(
    settings: &Settings,
    document: &Document,
    clock: &Clock,
) -> Vec<Finding> {
    match settings.shown(document) {
        Ok(shown) => of(settings, &shown, clock),
        Err(error) => {
            let mut findings = vec![wrong("certificate", &error.to_string())];
            // Files that are named beside an authority are looked at all the same.
            let mut by_files = settings.clone();
            if by_files.public.acme.take().is_some() {
                let shown = by_files.shown(document).ok();
                findings.extend(shown.iter().flat_map(|shown| of(settings, shown, clock)));
            }
            findings
        }
    }
}

fn of(settings: &Settings, shown: &Shown, clock: &Clock) -> Vec<Finding> {
    let host = settings.public.origin.0.authority().split(':').next().unwrap_or_default();
    let look = |subject, files: Files, host: Option<&str>| {
        let missing = host.and_then(|host| next::certificate(settings, &files.chain, host));
        match Certificates::load(files, settings.public.tls_profile.0, clock.clone()) {
            Ok(certificates) => {
                let facts = certificates.facts();
                facts.iter().flat_map(|facts| judge(subject, facts, host, clock)).collect()
            }
            Err(error) => vec![wrong(subject, &error.to_string()).then(missing)],
        }
    };
    let files = shown.files();
    let mut findings = if matches!(shown, Shown::Acme(_)) && !files.chain.exists() {
        let none = "none yet: the authority is asked at the start, and must then reach this service at port 443 of each name";
        vec![well("certificate", none)]
    } else {
        look("certificate", files, Some(host))
    };
    if settings.operations.certificate_file.is_some()
        || settings.operations.client_ca_file.is_some()
    {
        findings.extend(look("operations", Fittings::operations_files(settings, shown), None));
    }
    findings
}

fn judge(subject: &'static str, facts: &Facts, host: Option<&str>, clock: &Clock) -> Vec<Finding> {
    let days = facts.days_left(clock.now());
    let mut findings = Vec::new();
    if let Some(host) = host.filter(|host| !covers(&facts.names, host)) {
        findings.push(wrong(
            subject,
            &format!("it does not name {host}: get one for the host of public.origin"),
        ));
    }
    if !facts.in_order {
        findings.push(wrong(subject, "the chain is out of order: your own certificate first, then each that signed the one before"));
    }
    if facts.self_issued {
        findings.push(doubtful(
            subject,
            "it vouches for itself: browsers will warn; get one from an authority",
        ));
    }
    if days < SOON_DAYS {
        findings.push(doubtful(subject, &format!("it ends in {days} days: renew it")));
    }
    if findings.is_empty() {
        findings
            .push(well(subject, &format!("good for {days} days, {} in the chain", facts.chain)));
    }
    findings
}

/// Whether a certificate's names cover a host, with at most one star for the first label.
fn covers(names: &[String], host: &str) -> bool {
    names.iter().any(|name| {
        let starred = name
            .strip_prefix("*.")
            .zip(host.split_once('.'))
            .is_some_and(|(rest, (_, parent))| rest.eq_ignore_ascii_case(parent));
        starred || name.eq_ignore_ascii_case(host)
    })
}
