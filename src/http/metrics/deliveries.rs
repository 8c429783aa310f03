//! What is told of deliveries to the charity's systems. A subscriber's name comes from the configuration.

use super::{Alarm, Metrics};
use crate::announcement::Behind;
use prometheus_client::encoding::EncodeLabelSet;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::gauge::Gauge;
use prometheus_client::registry::Registry;

/// One of the charity's systems.
#[derive(Clone, Debug, PartialEq, Eq, Hash, EncodeLabelSet)]
struct To {
    subscriber: String,
}

/// How far each is behind.
#[derive(Default)]
pub(super) struct Deliveries {
    oldest: Family<To, Gauge>,
    gone: Family<To, Gauge>,
}

impl Deliveries {
    pub(super) fn register(&self, registry: &mut Registry) {
        registry.register(
            "delivery_oldest_seconds",
            "Age of the oldest event that a subscriber has not taken",
            self.oldest.clone(),
        );
        registry.register(
            "subscriber_gone",
            "1 while a subscriber wants to hear no more",
            self.gone.clone(),
        );
    }
}

impl Metrics {
    pub(super) fn behind(&self, behind: &[Behind]) {
        for Behind { subscriber, seconds, gone, .. } in behind {
            let to = To { subscriber: subscriber.clone() };
            self.deliveries.oldest.get_or_create(&to).set(*seconds);
            self.deliveries.gone.get_or_create(&to).set(i64::from(*gone));
        }
        let late = behind.iter().any(|it| it.late);
        let alarm = Alarm { alarm: "events_not_taken" };
        self.alarms.get_or_create(&alarm).set(i64::from(late));
    }
}
