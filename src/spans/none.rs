//! Without the feature: nobody is told, and nothing is kept to tell.

use super::{Collector, NoTraces, Part, Said};

/// Nothing that goes on.
pub enum Exporting {}

impl Exporting {
    /// Never begins.
    pub fn start(_: &Collector) -> Result<Self, NoTraces> {
        Err(NoTraces::NotBuilt)
    }
}

/// The work alone.
pub fn around<F: Future>(
    _: Part,
    work: F,
    _: impl FnOnce(&F::Output, &mut Said),
) -> impl Future<Output = F::Output> {
    work
}

/// The same.
pub fn carried<F: Future>(task: F) -> impl Future<Output = F::Output> {
    task
}
