//! As much of OTLP's protobuf as tells what is in a trace, read by hand so that nothing is passed over.

use std::collections::BTreeMap;

/// A span as it came.
#[derive(Clone, Debug)]
pub(crate) struct Span {
    pub(crate) trace: Vec<u8>,
    pub(crate) id: Vec<u8>,
    pub(crate) parent: Vec<u8>,
    pub(crate) name: String,
    pub(crate) start: u64,
    pub(crate) end: u64,
    pub(crate) attributes: BTreeMap<String, Value>,
}

/// What an attribute says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Value {
    Text(String),
    Number(u64),
}

#[derive(Clone, Copy, Debug)]
enum Field<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Field<'a> {
    fn bytes(self) -> &'a [u8] {
        let Self::Bytes(bytes) = self else { panic!("{self:?}") };
        bytes
    }

    fn number(self) -> u64 {
        let Self::Number(number) = self else { panic!("{self:?}") };
        number
    }

    fn text(self) -> String {
        String::from_utf8(self.bytes().to_vec()).unwrap()
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let (mut value, mut shift) = (0, 0_u32);
    loop {
        let (byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(byte & 0x7F) << shift;
        shift = shift.saturating_add(7);
        if byte & 0x80 == 0 {
            return value;
        }
    }
}

fn taken<'a>(bytes: &mut &'a [u8], length: usize) -> &'a [u8] {
    let (taken, rest) = bytes.split_at(length);
    *bytes = rest;
    taken
}

/// A message's fields, by their numbers.
fn fields(mut bytes: &[u8]) -> Vec<(u64, Field<'_>)> {
    let mut found = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let field = match key & 7 {
            0 => Field::Number(varint(&mut bytes)),
            1 => Field::Number(u64::from_le_bytes(taken(&mut bytes, 8).try_into().unwrap())),
            2 => {
                let length = usize::try_from(varint(&mut bytes)).unwrap();
                Field::Bytes(taken(&mut bytes, length))
            }
            5 => {
                let number = u32::from_le_bytes(taken(&mut bytes, 4).try_into().unwrap());
                Field::Number(u64::from(number))
            }
            other => panic!("wire type {other}"),
        };
        found.push((key >> 3, field));
    }
    found
}

fn within(bytes: &[u8], number: u64) -> Vec<&[u8]> {
    let found = fields(bytes).into_iter().filter(|(of, _)| *of == number);
    found.map(|(_, field)| field.bytes()).collect()
}

/// `KeyValue`, of which nothing else is known here.
fn attribute(bytes: &[u8]) -> (String, Value) {
    let [(1, name), (2, value)] = fields(bytes)[..] else { panic!("{bytes:?}") };
    let value = match fields(value.bytes())[..] {
        [(1, text)] => Value::Text(text.text()),
        [(3, number)] => Value::Number(number.number()),
        ref other => panic!("{other:?}"),
    };
    (name.text(), value)
}

/// What is said of the service.
pub(crate) fn resource(body: &[u8]) -> Vec<(String, Value)> {
    let all = within(body, 1).into_iter().flat_map(|of| within(of, 1));
    all.flat_map(|resource| within(resource, 1)).map(attribute).collect()
}

/// Every span of a message.
pub(crate) fn spans(body: &[u8]) -> Vec<Span> {
    let scopes = within(body, 1).into_iter().flat_map(|of| within(of, 2));
    scopes.flat_map(|scope| within(scope, 2)).map(span).collect()
}

fn span(bytes: &[u8]) -> Span {
    let mut span = Span {
        trace: Vec::new(),
        id: Vec::new(),
        parent: Vec::new(),
        name: String::new(),
        start: 0,
        end: 0,
        attributes: BTreeMap::new(),
    };
    for (number, field) in fields(bytes) {
        match number {
            1 => span.trace = field.bytes().to_vec(),
            2 => span.id = field.bytes().to_vec(),
            4 => span.parent = field.bytes().to_vec(),
            5 => span.name = field.text(),
            7 => span.start = field.number(),
            8 => span.end = field.number(),
            9 => span.attributes.extend([attribute(field.bytes())]),
            // What kind it is, flags, and a status that says nothing.
            6 | 16 => drop(field.number()),
            15 => assert!(field.bytes().is_empty(), "a status: {field:?}"),
            // A state that others gave it, if it is empty.
            3 => assert!(field.bytes().is_empty(), "{field:?}"),
            // Events and links would be a way for texts.
            other => panic!("field {other} of a span: {field:?}"),
        }
    }
    span
}
