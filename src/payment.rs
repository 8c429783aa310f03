//! What a payment is: what was asked for, what may become of it, and the one rule by which
//! evidence turns into a standing. Nothing here reads a clock, a socket or a file.

pub mod amount;
pub mod bank;
pub mod calendar;
#[cfg(feature = "card-api")]
pub mod card;
pub mod donor;
pub mod evidence;
pub mod field;
pub mod modulus;
mod postcode;
pub mod reference;
pub mod request;
pub mod standing;

pub use amount::{Amount, AmountError};
pub use bank::Bank;
pub use calendar::{BadCalendar, Calendar, NoStart, Unlisted};
#[cfg(feature = "card-api")]
pub use card::Card;
pub use donor::{Contact, Private};
pub use evidence::{EventId, Evidence, Fact, ProcessorText, Source};
pub use field::FieldError;
pub use reference::Reference;
pub use request::{Asked, Code, Dialect, Frequency, Kind, MerchantReference, Method, Mode, Parts};
pub use standing::{Attention, Development, Flag, Happening, Outcome, Standing, State, judge};
