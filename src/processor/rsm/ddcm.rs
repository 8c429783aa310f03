//! DDCM, RSM's XML interface for Direct Debits (rsm-protocol.md, section 7).
