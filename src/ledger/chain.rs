//! Event hashes.
