//! RSM's own formats (rsm-protocol.md): its hosted pages, its call-backs and its Direct Debit API.

pub mod ddcm;
