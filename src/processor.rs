//! Whom we ask: what the processor is handed and what it may answer, and the choice of dialect.

pub mod signed;
