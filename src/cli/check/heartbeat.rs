//! Whether the processor answers, and knows our signature.

use super::{Finding, doubtful, next, well, wrong};
use crate::clock::Clock;
use crate::config::Settings;
use crate::processor::{Heartbeat, Processor};

/// How far our clock may be from the processor's, in seconds (security.md, P-13).
const CLOCK_SECONDS: i64 = 60;

pub(super) async fn processor(
    settings: &Settings,
    processor: &Processor,
    clock: &Clock,
) -> Finding {
    match processor.heartbeat(clock.now()).await {
        Heartbeat::Well { date } => {
            let off = date.map_or(0, |date| clock.now().duration_since(date).as_secs());
            if off.abs() > CLOCK_SECONDS {
                return wrong(
                    "clock",
                    &format!(
                        "{off} seconds ahead of the processor's: set it, with NTP; webhooks are refused at 300"
                    ),
                );
            }
            well("processor", "it answers and knows our signature; its clock agrees with ours")
        }
        Heartbeat::Unasked => doubtful(
            "processor",
            "not asked: without its Direct Debit API there is nothing that could be",
        ),
        Heartbeat::Refused => wrong(
            "processor",
            "it answers but does not know our signature: compare processor.signed.merchant, processor.signed.key_id and secrets.processor_signing with it",
        ),
        Heartbeat::Strange => wrong(
            "processor",
            "it answers, but not as agreed: are the addresses of [processor] the processor's?",
        ),
        Heartbeat::Unreachable(_) => wrong(
            "processor",
            "it does not answer over TLS: check its address, processor.ca_file, the client certificate, DNS and the firewall",
        )
        .then(next::mock(settings)),
    }
}
