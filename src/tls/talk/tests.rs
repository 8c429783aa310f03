use super::super::frames::{Frames, Kind, Told};
use super::*;
use proptest::prelude::*;
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};

/// Bytes of a GOAWAY frame without debug data.
const GOODBYE: usize = 17;

/// What is left after the opening, however it is cut.
fn opened(bytes: &[u8], cut: usize, agreed: Protocol) -> io::Result<Vec<u8>> {
    let mut opening = Opening::new(agreed);
    let mut rest = Vec::new();
    for piece in bytes.chunks(cut) {
        rest.extend(opening.check(piece)?);
    }
    Ok(rest)
}

#[test]
fn d_24_each_protocol_is_spoken_only_where_it_was_agreed_on() {
    let http2 = [PREFACE, b"\0\0\0\x04"].concat();
    for cut in 1..30 {
        assert_eq!(opened(&http2, cut, Protocol::Http2).unwrap(), b"\0\0\0\x04");
        assert!(opened(&http2, cut, Protocol::Http1).is_err());
        for request in ["GET / HTTP/1.1\r\n", "POST / HTTP/1.1\r\n", "PRO / HTTP/1.1\r\n"] {
            assert!(opened(request.as_bytes(), cut, Protocol::Http1).is_ok());
            assert!(opened(request.as_bytes(), cut, Protocol::Http2).is_err());
        }
    }
}

/// A connection whose goodbye is due as soon as there is nothing to read, over a pipe that takes
/// so many bytes at a time.
fn due(pipe: usize) -> (Talk<DuplexStream>, DuplexStream) {
    let limits = Arc::new(Limits { requests_per_connection: 0, ..Limits::default() });
    let connection = Connection::new(0, ([127, 0, 0, 1], 1).into(), None);
    let (ours, theirs) = duplex(pipe);
    (Talk::new(ours, Some(b"h2"), &connection, &limits), theirs)
}

fn frame(kind: u8) -> Vec<u8> {
    [&[0, 0, 10, kind, 0, 0, 0, 0, 1], [kind; 10].as_slice()].concat()
}

/// Reads so many bytes, and then once more, where there is nothing.
async fn read(talk: &mut Talk<DuplexStream>, length: usize) {
    let mut some = vec![0; length];
    talk.read_exact(&mut some).await.unwrap();
    std::future::poll_fn(|context| {
        let mut one = [0; GOODBYE - 1];
        assert!(Pin::new(&mut *talk).poll_read(context, &mut ReadBuf::new(&mut one)).is_pending());
        Poll::Ready(())
    })
    .await;
}

async fn write(talk: &mut Talk<DuplexStream>, mut bytes: &[u8], slices: usize) {
    while !bytes.is_empty() {
        let (one, rest) = bytes.split_at(1);
        let written = if slices == 2 {
            talk.write_vectored(&[IoSlice::new(one), IoSlice::new(rest)]).await
        } else {
            talk.write(bytes).await
        };
        bytes = &bytes[written.unwrap()..];
    }
}

fn block_on<T>(future: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().build();
    runtime.unwrap().block_on(future)
}

/// The kinds of frames in `bytes`, which must end with one.
fn kinds(bytes: &[u8]) -> Vec<Kind> {
    let (mut frames, mut kinds) = (Frames::default(), Vec::new());
    frames.pass(bytes, |told| {
        if let Told::Frame(frame) = told {
            kinds.push(frame.kind);
        }
    });
    assert!(frames.between());
    kinds
}

proptest! {
    #[test]
    fn d_19_the_peer_hears_goodbye_between_frames(
        pipe in 1_usize..40,
        half in 0_usize..50,
        slices in 1_usize..=2,
    ) {
        let all = [frame(4), frame(1), frame(0)].concat();
        let (mut heard, length) = (vec![0; all.len().saturating_add(GOODBYE)], PREFACE.len());
        block_on(async {
            let (mut talk, mut peer) = due(pipe);
            let hear = async {
                let (mut from, mut to) = tokio::io::split(&mut peer);
                tokio::join!(to.write_all(PREFACE), from.read_exact(&mut heard))
            };
            let speak = async {
                write(&mut talk, &all[..half], slices).await;
                read(&mut talk, length).await;
                write(&mut talk, &all[half..], slices).await;
                // There is nothing more to read, only goodbye to be said.
                drop(talk.read(&mut [0; GOODBYE - 1]).await);
            };
            tokio::select! {
                sent = hear => prop_assert!(sent.0.is_ok() && sent.1.is_ok()),
                () = speak => prop_assert!(false, "the peer sends no more"),
            }
            Ok(())
        })?;
        let told = kinds(&heard);
        prop_assert_eq!(told.iter().filter(|kind| **kind == Kind::Other).count(), 2);
        prop_assert_eq!(told.len(), 4);
    }

    #[test]
    fn d_19_the_server_hears_goodbye_between_frames(half in 1_usize..19) {
        let whole = frame(1);
        let heard = block_on(async {
            let (mut talk, mut peer) = due(1024);
            peer.write_all(&[PREFACE, &whole[..half]].concat()).await.unwrap();
            read(&mut talk, PREFACE.len().saturating_add(half)).await;
            let mut heard = [0; GOODBYE];
            let early = talk.read(&mut heard);
            prop_assert!(tokio::time::timeout(std::time::Duration::ZERO, early).await.is_err());
            peer.write_all(&whole[half..]).await.unwrap();
            let mut heard = vec![0; whole.len().saturating_sub(half).saturating_add(GOODBYE)];
            talk.read_exact(&mut heard).await.unwrap();
            Ok(heard)
        })?;
        let (rest, goodbye) = heard.split_at(whole.len().saturating_sub(half));
        prop_assert_eq!(rest, &whole[half..]);
        prop_assert_eq!(kinds(goodbye), [Kind::Other]);
    }
}
