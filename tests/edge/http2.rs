//! A client that sends exactly the HTTP/2 frames it is told to.

use crate::client::{Client, config, waited};
use crate::house::House;
use std::io::Read;

pub(crate) const DATA: u8 = 0;
pub(crate) const HEADERS: u8 = 1;
pub(crate) const RST_STREAM: u8 = 3;
pub(crate) const SETTINGS: u8 = 4;
pub(crate) const PING: u8 = 6;
pub(crate) const GOAWAY: u8 = 7;
pub(crate) const WINDOW_UPDATE: u8 = 8;
pub(crate) const CONTINUATION: u8 = 9;
const ACK: u8 = 1;
pub(crate) const END_STREAM: u8 = 1;
pub(crate) const END_HEADERS: u8 = 4;

#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Frame {
    pub(crate) kind: u8,
    pub(crate) flags: u8,
    pub(crate) stream: u32,
    pub(crate) payload: Vec<u8>,
}

pub(crate) struct Http2 {
    client: Client,
    next: u32,
}

impl Http2 {
    pub(crate) fn new(house: &House) -> Self {
        let mut client = Client::with(house, config(house, &[b"h2"])).unwrap();
        client.send("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n");
        client.send(frame(SETTINGS, 0, 0, &[]));
        Self { client, next: 1 }
    }

    pub(crate) fn send(&mut self, bytes: &[u8]) {
        self.client.send(bytes);
    }

    /// Asks for `path` and answers the stream's number.
    pub(crate) fn ask(&mut self, path: &str) -> u32 {
        let stream = self.next;
        self.next += 2;
        self.send(&request(stream, path, 0));
        stream
    }

    /// The next frame, or none once the server has closed.
    pub(crate) fn hear(&mut self) -> Option<Frame> {
        let mut header = [0; 9];
        if let Err(error) = self.client.stream.read_exact(&mut header) {
            assert!(!waited(&error), "nothing heard");
            return None;
        }
        let [a, b, c, kind, flags, stream @ ..] = header;
        let mut payload = vec![0; usize::try_from(u32::from_be_bytes([0, a, b, c])).unwrap()];
        self.client.stream.read_exact(&mut payload).ok()?;
        if kind == PING && flags & ACK == 0 {
            self.send(&frame(PING, ACK, 0, &payload));
        }
        Some(Frame { kind, flags, stream: u32::from_be_bytes(stream), payload })
    }

    /// The whole body of the answer on `stream`; other frames are dropped.
    pub(crate) fn body(&mut self, stream: u32) -> String {
        let mut body = Vec::new();
        loop {
            let frame = self.hear().expect("an answer");
            if frame.stream == stream && frame.kind == DATA {
                body.extend(&frame.payload);
            }
            if frame.stream == stream && frame.flags & END_STREAM != 0 {
                return String::from_utf8(body).unwrap();
            }
        }
    }

    /// What the next GOAWAY says.
    pub(crate) fn until_goodbye(&mut self) -> (u32, u32) {
        loop {
            let frame = self.hear().expect("a goodbye");
            if frame.kind == GOAWAY {
                return goodbye(&frame);
            }
        }
    }

    /// The stream of the next answer to begin; none when the server says goodbye instead.
    pub(crate) fn next(&mut self) -> Option<u32> {
        loop {
            let frame = self.hear().expect("an answer");
            match frame.kind {
                HEADERS => return Some(frame.stream),
                GOAWAY => return None,
                _ => {}
            }
        }
    }

    /// All frames until the server closes, which it must.
    pub(crate) fn rest(&mut self) -> Vec<Frame> {
        std::iter::from_fn(|| self.hear()).collect()
    }
}

pub(crate) fn frame(kind: u8, flags: u8, stream: u32, payload: &[u8]) -> Vec<u8> {
    let length = u32::try_from(payload.len()).unwrap().to_be_bytes();
    [&length[1..], &[kind, flags], &stream.to_be_bytes(), payload].concat()
}

/// A GET of `path`, with so many small fields more.
pub(crate) fn request(stream: u32, path: &str, more: usize) -> Vec<u8> {
    frame(HEADERS, END_STREAM | END_HEADERS, stream, &block(path, more))
}

/// Its head alone, as HPACK writes it.
pub(crate) fn block(path: &str, more: usize) -> Vec<u8> {
    let mut block = vec![0x82, 0x87];
    literal(&mut block, 4, path);
    literal(&mut block, 1, "localhost");
    for number in 0..more {
        block.extend([0, 4]);
        block.extend(format!("x{number:03}").bytes());
        block.extend([1, b'a']);
    }
    block
}

/// A field with a name out of HPACK's static table, not indexed.
fn literal(block: &mut Vec<u8>, name: u8, value: &str) {
    block.extend([name, u8::try_from(value.len()).unwrap()]);
    block.extend(value.bytes());
}

/// The last stream that a GOAWAY names, and its reason.
pub(crate) fn goodbye(frame: &Frame) -> (u32, u32) {
    assert_eq!(frame.kind, GOAWAY, "{frame:?}");
    let number = |at: usize| u32::from_be_bytes(frame.payload[at..at + 4].try_into().unwrap());
    (number(0), number(4))
}

pub(crate) fn is_pong(frame: &Frame) -> bool {
    frame.kind == PING && frame.flags & ACK != 0
}

pub(crate) fn is_settings_ack(frame: &Frame) -> bool {
    frame.kind == SETTINGS && frame.flags & ACK != 0
}
