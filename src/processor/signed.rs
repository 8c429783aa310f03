//! The `signed` dialect (gateway.md, section 6).
