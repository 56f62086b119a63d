//! Frames arrive whole however they are cut up, and bytes that are none do no harm.

use proptest::collection::vec;
use proptest::prelude::*;

use super::{Decoder, MAX_REPLY, encode, read, write};
use crate::error::FrameError;

const KEY: &[u8] = b"0123456789abcdef";

/// No beginning of one of these in JSON is JSON.
type Message = Vec<(String, Option<u64>)>;

fn messages() -> impl Strategy<Value = Vec<Message>> {
    vec(vec((any::<String>(), any::<Option<u64>>()), 0..4), 0..4)
}

fn portions(bytes: &[u8], sizes: &[usize]) -> Vec<Vec<u8>> {
    let mut rest = bytes;
    let mut portions = Vec::new();
    for size in sizes.iter().cycle() {
        if rest.is_empty() {
            break;
        }
        let (portion, after) = rest.split_at((*size).min(rest.len()));
        portions.push(portion.to_vec());
        rest = after;
    }
    portions
}

/// Everything that comes out until nothing does, or the error that ends it.
fn decoded(decoder: &mut Decoder, portions: &[Vec<u8>]) -> (Vec<Message>, Option<FrameError>) {
    let mut messages = Vec::new();
    for portion in portions {
        decoder.feed(portion);
        loop {
            match decoder.next() {
                Ok(Some(message)) => messages.push(message),
                Ok(None) => break,
                Err(error) => return (messages, Some(error)),
            }
        }
    }
    (messages, None)
}

/// Bytes that look like a frame for a while.
fn nearly() -> impl Strategy<Value = Vec<u8>> {
    let piece = prop_oneof![
        Just(KEY.to_vec()),
        (0..200_u32).prop_map(|length| length.to_ne_bytes().to_vec()),
        any::<u32>().prop_map(|length| length.to_ne_bytes().to_vec()),
        messages().prop_map(|messages| serde_json::to_vec(&messages).expect("it is plain data")),
        Just(vec![b'['; 300]),
        vec(any::<u8>(), 0..20),
    ];
    vec(piece, 0..8).prop_map(|pieces| pieces.concat())
}

proptest! {
    #[test]
    fn frames_come_out_as_they_went_in(sent in messages(), sizes in vec(1..40_usize, 1..8)) {
        let frames: Vec<Vec<u8>> = sent.iter().map(|message| encode(KEY, message).unwrap()).collect();
        let mut decoder = Decoder::new(KEY);
        let (seen, error) = decoded(&mut decoder, &portions(&frames.concat(), &sizes));
        prop_assert!(error.is_none(), "{:?}", error);
        prop_assert_eq!(&seen, &sent);
        prop_assert!(decoder.buffer.is_empty());

        let mut stream = Vec::new();
        sent.iter().try_for_each(|message| write(&mut stream, message)).unwrap();
        let mut source = stream.as_slice();
        for message in sent {
            prop_assert_eq!(read::<Message>(&mut source).unwrap(), message);
        }
        prop_assert!(matches!(read::<Message>(&mut source), Err(FrameError::Closed)));
    }

    #[test]
    fn a_frame_without_its_end_never_comes(sent in messages(), left in any::<prop::sample::Index>()) {
        for message in sent {
            let frame = encode(KEY, &message).unwrap();
            let cut = left.index(frame.len());
            let (seen, error) = decoded(&mut Decoder::new(KEY), &[frame[..cut].to_vec()]);
            prop_assert!(seen.is_empty() && error.is_none(), "{:?} {:?}", seen, error);
            let mut source = &frame[KEY.len()..cut.max(KEY.len())];
            prop_assert!(matches!(read::<Message>(&mut source), Err(FrameError::Closed)));
        }
    }

    #[test]
    fn a_spoilt_head_is_never_taken_for_the_frame(
        message in vec((any::<String>(), any::<Option<u64>>()), 0..4),
        at in 0..KEY.len() + 4,
        mask in 1..=u8::MAX,
    ) {
        let mut frame = encode(KEY, &message).unwrap();
        frame[at] ^= mask;
        let next = encode(KEY, &message).unwrap();
        let (seen, error) = decoded(&mut Decoder::new(KEY), &[frame, next]);
        prop_assert!(seen.is_empty(), "{:?}", seen);
        prop_assert!(at >= KEY.len() || matches!(error, Some(FrameError::Stray)), "{:?}", error);
    }

    #[test]
    fn any_bytes_are_taken(bytes in nearly(), sizes in vec(1..40_usize, 1..8)) {
        for key in [&b""[..], KEY] {
            let mut decoder = Decoder::new(key);
            let (_, error) = decoded(&mut decoder, &portions(&bytes, &sizes));
            prop_assert!(decoder.buffer.len() <= bytes.len());
            prop_assert!(decoder.buffer.capacity() <= 2 * bytes.len() + 64, "{}", decoder.buffer.capacity());
            if let Some(FrameError::TooLong { length }) = error {
                prop_assert!(length > MAX_REPLY);
            }
        }
        // A length that is allowed is taken on trust, and its memory is only promised until bytes come.
        if bytes.len() < 4 || bytes[3] != 0 {
            let error = read::<Message>(&mut bytes.as_slice()).unwrap_err();
            prop_assert!(!error.to_string().is_empty());
        }
    }
}
