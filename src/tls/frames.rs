//! Where one HTTP/2 frame ends and the next begins, in a stream of bytes cut anywhere.

/// Length of a frame's header (RFC 9113, section 4.1).
const HEADER: usize = 9;

/// Follows the frames in one direction of a connection; looks at headers only.
#[derive(Debug, Default)]
pub(super) struct Frames {
    header: [u8; HEADER],
    /// Bytes of `header` that have been seen.
    seen: usize,
    /// Bytes of the payload still to come.
    payload: usize,
}

/// The kind of a frame (RFC 9113, section 6), as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// Of a body, with content.
    Data,
    /// The head of a request or an answer, or trailers.
    Headers,
    /// More of a head.
    Continuation,
    /// All that asks for nothing and brings nothing: settings, pings, resets, empty data ...
    Other,
}

impl Frames {
    /// Takes the next bytes and tells of each frame whose header ends in them.
    pub(super) fn pass(&mut self, mut bytes: &[u8], mut tell: impl FnMut(Kind)) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let step = self.payload.min(bytes.len());
                self.payload = self.payload.saturating_sub(step);
                bytes = bytes.get(step..).unwrap_or_default();
                continue;
            }
            if let Some(place) = self.header.get_mut(self.seen) {
                *place = *first;
            }
            self.seen = self.seen.saturating_add(1);
            bytes = rest;
            if self.seen == HEADER {
                let [high, middle, low, kind, ..] = self.header;
                let length = u32::from_be_bytes([0, high, middle, low]);
                self.payload = usize::try_from(length).unwrap_or(usize::MAX);
                self.seen = 0;
                tell(match (kind, length) {
                    (0, 1..) => Kind::Data,
                    (1, _) => Kind::Headers,
                    (9, _) => Kind::Continuation,
                    _ => Kind::Other,
                });
            }
        }
    }

    /// Whether no frame is half way through.
    pub(super) fn between(&self) -> bool {
        self.seen == 0 && self.payload == 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn frame(kind: u8, payload: &[u8]) -> Vec<u8> {
        let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
        let mut frame = length[1..].to_vec();
        frame.extend([kind, 0, 0, 0, 0, 1]);
        frame.extend(payload);
        frame
    }

    #[test]
    fn tells_frames_apart() {
        let mut frames = Frames::default();
        let mut told = Vec::new();
        let stream =
            [frame(4, b""), frame(1, b"head"), frame(9, b"more"), frame(0, b""), frame(0, b"body")]
                .concat();
        frames.pass(&stream, |kind| told.push(kind));
        assert_eq!(told, [Kind::Other, Kind::Headers, Kind::Continuation, Kind::Other, Kind::Data]);
        assert!(frames.between());
        frames.pass(&[0, 0, 1], |_| {});
        assert!(!frames.between());
    }

    proptest! {
        #[test]
        fn it_does_not_matter_where_the_stream_is_cut(
            payloads in proptest::collection::vec((0_u8..12, 0_usize..40), 1..20),
            cut in 1_usize..30,
        ) {
            let stream: Vec<u8> =
                payloads.iter().flat_map(|(kind, length)| frame(*kind, &vec![7; *length])).collect();
            let (mut whole, mut pieces) = (Frames::default(), Frames::default());
            let (mut one, mut other) = (Vec::new(), Vec::new());
            whole.pass(&stream, |kind| one.push(kind));
            for piece in stream.chunks(cut) {
                pieces.pass(piece, |kind| other.push(kind));
            }
            prop_assert_eq!(one.len(), payloads.len());
            prop_assert_eq!(one, other);
            prop_assert!(pieces.between());
        }
    }
}
