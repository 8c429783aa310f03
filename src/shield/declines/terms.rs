//! When a gate is paused, and when it is not.

use jiff::SignedDuration;

/// When a gate is paused, and for how long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct DeclineTerms {
    /// More cards than this are declined.
    pub declines: u32,
    /// More than this part of those that were accepted or declined, in hundredths.
    pub percent: u32,
    /// Within this time.
    pub within: SignedDuration,
    /// How long the pause is.
    pub pause: SignedDuration,
}

impl Default for DeclineTerms {
    fn default() -> Self {
        Self {
            declines: 30,
            percent: 70,
            within: SignedDuration::from_mins(10),
            pause: SignedDuration::from_mins(15),
        }
    }
}

impl DeclineTerms {
    /// Whether the declined are more than their part of these.
    pub(super) fn exceeds(&self, declined: u32, of: u32) -> bool {
        let hundredths = |count: u32, part: u32| u64::from(count).saturating_mul(part.into());
        hundredths(declined, 100) > hundredths(of, self.percent)
    }
}
