//! Where one HTTP/2 frame ends and the next begins, in a stream of bytes cut anywhere.

/// Length of a frame's header (RFC 9113, section 4.1).
const HEADER: usize = 9;

/// SETTINGS and `WINDOW_UPDATE` (RFC 9113, sections 6.5 and 6.9): the frames whose payload is looked at.
const SETTINGS: u8 = 4;
const WINDOW_UPDATE: u8 = 8;
/// `SETTINGS_INITIAL_WINDOW_SIZE` (RFC 9113, section 6.5.2).
const FIRST_WINDOW: [u8; 2] = [0, 4];

/// Follows the frames in one direction of a connection; looks at headers, and at what is said of windows.
#[derive(Debug, Default)]
pub(super) struct Frames {
    header: [u8; HEADER],
    /// Bytes of `header` that have been seen.
    seen: usize,
    /// Bytes of the payload still to come.
    payload: usize,
    /// One setting, or one window's update, and how much of it has been seen.
    entry: [u8; 6],
    entered: usize,
}

/// What a stream of frames tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Told {
    /// A frame's header.
    Frame(Header),
    /// So many bytes more may be sent on a stream; on stream 0, on all together.
    Window(u32, u32),
    /// So many bytes may be sent on every stream to begin with.
    FirstWindow(u32),
}

/// The header of a frame, as far as it matters here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Header {
    pub(super) kind: Kind,
    /// 0 is the connection itself.
    pub(super) stream: u32,
    /// Bytes of the payload.
    pub(super) length: u32,
    /// Whether it ends its side of the stream.
    pub(super) last: bool,
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
    /// The end of a stream before its time.
    Reset,
    /// All else that asks for nothing and brings nothing: settings, pings, empty data ...
    Other,
}

impl Frames {
    /// Takes the next bytes and tells of each frame whose header ends in them, and of windows.
    pub(super) fn pass(&mut self, mut bytes: &[u8], mut tell: impl FnMut(Told)) {
        while let Some((first, rest)) = bytes.split_first() {
            if self.payload > 0 {
                let step = self.payload.min(bytes.len());
                self.payload = self.payload.saturating_sub(step);
                let (now, later) = bytes.split_at_checked(step).unwrap_or_default();
                self.look_into(now, &mut tell);
                bytes = later;
                continue;
            }
            if let Some(place) = self.header.get_mut(self.seen) {
                *place = *first;
            }
            self.seen = self.seen.saturating_add(1);
            bytes = rest;
            if self.seen == HEADER {
                let [high, middle, low, kind, flags, ..] = self.header;
                let length = u32::from_be_bytes([0, high, middle, low]);
                self.payload = usize::try_from(length).unwrap_or(usize::MAX);
                (self.seen, self.entered) = (0, 0);
                let last = matches!(kind, 0 | 1) && flags & 1 != 0;
                let kind = match (kind, length) {
                    (0, 1..) => Kind::Data,
                    (1, _) => Kind::Headers,
                    (3, _) => Kind::Reset,
                    (9, _) => Kind::Continuation,
                    _ => Kind::Other,
                };
                tell(Told::Frame(Header { kind, stream: self.stream(), length, last }));
            }
        }
    }

    /// The stream of the frame that `header` holds.
    fn stream(&self) -> u32 {
        let [.., a, b, c, d] = self.header;
        u32::from_be_bytes([a & 0x7f, b, c, d])
    }

    /// Tells what a part of a payload says of windows.
    fn look_into(&mut self, part: &[u8], tell: &mut impl FnMut(Told)) {
        let [.., kind, _, _, _, _, _] = self.header;
        let whole = match kind {
            SETTINGS => 6,
            WINDOW_UPDATE => 4,
            _ => return,
        };
        for byte in part {
            if let Some(place) = self.entry.get_mut(self.entered) {
                *place = *byte;
            }
            self.entered = self.entered.saturating_add(1);
            if self.entered < whole {
                continue;
            }
            self.entered = 0;
            if kind == WINDOW_UPDATE {
                let [more @ .., _, _] = self.entry;
                tell(Told::Window(self.stream(), u32::from_be_bytes(more) & 0x7fff_ffff));
                continue;
            }
            let [high, low, value @ ..] = self.entry;
            if [high, low] == FIRST_WINDOW {
                tell(Told::FirstWindow(u32::from_be_bytes(value)));
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

    /// The kinds of the frames told of.
    fn kinds(told: &[Told]) -> Vec<Kind> {
        let kind = |told: &Told| match told {
            Told::Frame(frame) => Some(frame.kind),
            Told::Window(..) | Told::FirstWindow(_) => None,
        };
        told.iter().filter_map(kind).collect()
    }

    #[test]
    fn tells_what_is_said_of_windows_streams_and_ends() {
        let (mut frames, mut told) = (Frames::default(), Vec::new());
        let settings = [[0, 3, 0, 0, 0, 9], [0, 4, 0, 1, 0, 0]].concat();
        let mut ended = frame(0, b"");
        ended[4] = 1;
        let stream = [frame(4, &settings), frame(8, &[0x80, 0, 1, 2]), ended].concat();
        frames.pass(&stream, |one| told.push(one));
        let [Told::Frame(_), first, Told::Frame(_), more, end] = told[..] else {
            panic!("{told:?}")
        };
        assert_eq!(first, Told::FirstWindow(65_536));
        assert_eq!(more, Told::Window(1, 258));
        let header = Header { kind: Kind::Other, stream: 1, length: 0, last: true };
        assert_eq!(end, Told::Frame(header));
    }

    #[test]
    fn tells_frames_apart() {
        let mut frames = Frames::default();
        let mut told = Vec::new();
        let stream =
            [frame(4, b""), frame(1, b"head"), frame(9, b"more"), frame(0, b""), frame(0, b"body")]
                .concat();
        frames.pass(&stream, |one| told.push(one));
        assert_eq!(
            kinds(&told),
            [Kind::Other, Kind::Headers, Kind::Continuation, Kind::Other, Kind::Data]
        );
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
            whole.pass(&stream, |told| one.push(told));
            for piece in stream.chunks(cut) {
                pieces.pass(piece, |told| other.push(told));
            }
            prop_assert_eq!(kinds(&one).len(), payloads.len());
            prop_assert_eq!(one, other);
            prop_assert!(pieces.between());
        }
    }
}
