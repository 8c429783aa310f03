//! What is looked at where the processor speaks as RSM does.

use super::{Finding, doubtful, well};
use crate::config::{Document, Settings};
use crate::payment::Dialect;

pub(super) fn look(settings: &Settings, document: &Document) -> Vec<Finding> {
    let Some(rsm) = &settings.processor.rsm2000 else { return Vec::new() };
    if settings.processor.dialect.0 != Dialect::Rsm2000 {
        return Vec::new();
    }
    let origin = settings.public.origin.0.as_str();
    let mut findings = vec![well(
        "rsm",
        &format!(
            "RSM must know these addresses: call-backs {origin}/webhooks/rsm2000/success and .../failure, returns {origin}/return/rsm2000/success and .../failure"
        ),
    )];
    findings.extend(settings.short_secrets(document).into_iter().map(|key| {
        doubtful("secrets", &format!("{key} has fewer than 16 bytes: ask RSM for a longer one"))
    }));
    if rsm.api.is_none() {
        findings.push(doubtful(
            "rsm",
            "without [processor.rsm2000.api] nothing is learnt of mandates and collections",
        ));
    }
    findings
}
