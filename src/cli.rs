//! The command line: one file a subcommand.

#[cfg(feature = "mock-rsm")]
pub mod mock_rsm;
