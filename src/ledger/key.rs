//! What tells that a request is the same as one before.

/// An API caller's idempotency key and the keyed fingerprint of its request. Neither can be turned
/// back into what the caller sent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct IdempotencyKey {
    /// HMAC of the caller and its key.
    pub key: [u8; 32],
    /// HMAC of the request's kept fields.
    pub fingerprint: [u8; 32],
    /// Both under the other install key, while one follows the other. What is written under either is
    /// found by an instance that has one of them only.
    pub other: Option<([u8; 32], [u8; 32])>,
}

impl IdempotencyKey {
    /// Under each install key, apart.
    pub fn each(self) -> impl Iterator<Item = Self> {
        let other = self.other.map(|(key, fingerprint)| Self { key, fingerprint, other: None });
        [Some(Self { other: None, ..self }), other].into_iter().flatten()
    }
}
