//! What this process has counted since it began, read from what `/metrics` says: one instance, and no other truth
//! beside that which is scraped.

use jiff::Timestamp;
use std::time::Duration;

/// All of it.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Measured {
    pub(super) steps: Steps,
    /// The time that was ours, of every request of the public listener.
    pub(super) own: Latency,
    /// Of each exchange with the processor; none where it is never asked.
    pub(super) processor: Option<Latency>,
    /// Each certificate by its name in the configuration, and when it ends.
    pub(super) certificates: Vec<(String, Timestamp)>,
    /// Each key by its name, and when it was last used.
    pub(super) keys: Vec<(String, Timestamp)>,
}

/// How far forms came.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Steps {
    pub(super) shown: u64,
    pub(super) sent: u64,
    pub(super) sent_back: u64,
    pub(super) handed_off: u64,
}

/// How long something took, in buckets.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Latency {
    pub(super) buckets: Vec<Bucket>,
    pub(super) count: u64,
}

/// How many took longer than one time and no longer than another, which the last bucket has not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Bucket {
    pub(super) from: Duration,
    pub(super) until: Option<Duration>,
    pub(super) count: u64,
}

impl Measured {
    pub(super) fn read(metrics: &str) -> Self {
        let step =
            |step: &str| number(metrics, &format!("almoner_form_steps_total{{step=\"{step}\"}} "));
        let ends = labelled(metrics, "almoner_certificate_ends_timestamp_seconds{file=\"");
        let public = metrics
            .lines()
            .find_map(|line| line.strip_prefix("almoner_certificate_expiry_timestamp_seconds "));
        // 0 says that there is none yet, as /readyz does.
        let public = public.and_then(seconds).filter(|at| *at > Timestamp::UNIX_EPOCH);
        let public = public.map(|at| ("public listener".to_owned(), at));
        Self {
            steps: Steps {
                shown: step("shown"),
                sent: step("sent"),
                sent_back: step("sent_back"),
                handed_off: step("handed_off"),
            },
            own: Latency::read(metrics, "almoner_own_seconds").unwrap_or_default(),
            processor: Latency::read(metrics, "almoner_processor_call_seconds"),
            certificates: public.into_iter().chain(ends).collect(),
            keys: labelled(metrics, "almoner_key_last_used_timestamp_seconds{key=\""),
        }
    }
}

impl Latency {
    fn read(metrics: &str, name: &str) -> Option<Self> {
        let (bucket, total) = (format!("{name}_bucket{{le=\""), format!("{name}_count "));
        metrics.lines().find(|line| line.starts_with(&total))?;
        let (mut before, mut from) = (0_u64, Duration::ZERO);
        let mut buckets = Vec::new();
        for line in metrics.lines().filter_map(|line| line.strip_prefix(&bucket)) {
            let (end, reached) = line.split_once("\"} ")?;
            let reached: u64 = reached.split(' ').next()?.parse().ok()?;
            let (until, count) = (decimal(end), reached.saturating_sub(before));
            buckets.push(Bucket { from, until, count });
            (before, from) = (reached, until.unwrap_or(from));
        }
        Some(Self { buckets, count: number(metrics, &total) })
    }

    /// The bucket by whose end so many of a hundred were done; none where nothing was.
    pub(super) fn within(&self, percent: u64) -> Option<&Bucket> {
        let wanted = self.count.saturating_mul(percent).div_ceil(100);
        let mut reached = 0_u64;
        let mut buckets = self.buckets.iter().filter(|_| self.count > 0);
        buckets.find(|bucket| {
            reached = reached.saturating_add(bucket.count);
            reached >= wanted
        })
    }

    /// From the first bucket that holds anything to the last.
    pub(super) fn filled(&self) -> &[Bucket] {
        let holds = |bucket: &Bucket| bucket.count > 0;
        let first = self.buckets.iter().position(holds);
        let last = self.buckets.iter().rposition(holds);
        first.zip(last).and_then(|(first, last)| self.buckets.get(first..=last)).unwrap_or_default()
    }
}

fn number(metrics: &str, start: &str) -> u64 {
    let found = metrics.lines().find_map(|line| line.strip_prefix(start));
    found.and_then(|text| text.trim().parse().ok()).unwrap_or(0)
}

fn labelled(metrics: &str, start: &str) -> Vec<(String, Timestamp)> {
    let mut found: Vec<_> = metrics
        .lines()
        .filter_map(|line| line.strip_prefix(start)?.split_once("\"} "))
        .filter_map(|(name, at)| Some((name.to_owned(), seconds(at)?)))
        .collect();
    found.sort();
    found
}

fn seconds(text: &str) -> Option<Timestamp> {
    let seconds = text.trim().parse().ok().filter(|seconds| *seconds > 0)?;
    Timestamp::from_second(seconds).ok()
}

/// `0.0005` seconds, to the microsecond; none for `+Inf`.
fn decimal(text: &str) -> Option<Duration> {
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let micros: u64 = format!("{part:0<6}").get(..6)?.parse().ok()?;
    let whole: u64 = whole.parse().ok()?;
    Some(Duration::from_micros(whole.saturating_mul(1_000_000).saturating_add(micros)))
}

#[cfg(test)]
mod tests {
    use super::*;

    const METRICS: &str = "almoner_form_steps_total{step=\"shown\"} 7\nalmoner_form_steps_total{step=\"sent\"} 5\n\
        almoner_own_seconds_sum 1e-3\nalmoner_own_seconds_count 10\n\
        almoner_own_seconds_bucket{le=\"0.0005\"} 4\nalmoner_own_seconds_bucket{le=\"0.001\"} 9\n\
        almoner_own_seconds_bucket{le=\"16.384\"} 9\nalmoner_own_seconds_bucket{le=\"+Inf\"} 10\n\
        almoner_certificate_expiry_timestamp_seconds 1795689820\n\
        almoner_key_last_used_timestamp_seconds{key=\"secrets.install\"} 1795689820\n";

    #[test]
    fn what_is_scraped_is_what_is_shown() {
        let Measured { steps, own, processor, certificates, keys } = Measured::read(METRICS);
        assert_eq!(steps, Steps { shown: 7, sent: 5, ..Steps::default() });
        assert_eq!(processor, None);
        let micros = |micros| Some(Duration::from_micros(micros));
        let ends = [(micros(500), 4), (micros(1000), 5), (micros(16_384_000), 0), (None, 1)];
        let mut from = Duration::ZERO;
        let buckets = ends.map(|(until, count)| {
            let bucket = Bucket { from, until, count };
            from = until.unwrap_or(from);
            bucket
        });
        assert_eq!((own.count, own.buckets.as_slice()), (10, buckets.as_slice()));
        let within = |percent| own.within(percent).map(|bucket| bucket.until);
        assert_eq!([within(40), within(90)], [Some(micros(500)), Some(micros(1000))]);
        assert_eq!(within(99), Some(None), "longer than the longest bucket");
        assert_eq!(own.filled().len(), 4);
        assert_eq!(Latency::default().within(50), None);
        assert_eq!((certificates.len(), keys.len()), (1, 1));
        assert_eq!(certificates, [("public listener".to_owned(), keys[0].1)]);
    }
}
