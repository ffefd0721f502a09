//! Keys out of the bytes that a terminal in raw mode sends. The keys are fzf's.
//!
//! Must not know what a key does.

/// What a key stroke asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Key {
    /// A letter to search for.
    Char(char),
    /// Enter.
    Accept,
    /// Esc, Ctrl-C, Ctrl-G, Ctrl-Q.
    Abort,
    Up,
    Down,
    PageUp,
    PageDown,
    /// Of what is typed.
    Home,
    End,
    Left,
    Right,
    Backspace,
    Delete,
    /// Ctrl-D: as Delete, and as Esc where nothing is typed.
    DeleteOrAbort,
    /// Ctrl-W: the word before the cursor.
    DeleteWord,
    /// Ctrl-U: all before the cursor.
    DeleteToStart,
    /// Ctrl-L.
    Redraw,
}

const ESC: u8 = 0x1b;
/// Longer than any sequence that a key sends.
const LONGEST_SEQUENCE: usize = 32;

/// Puts the bytes of a key together.
#[derive(Debug, Default)]
pub(super) struct Decoder {
    pending: Vec<u8>,
}

impl Decoder {
    /// Whether more bytes may belong to the key that has begun. If none come soon, it was Esc by itself.
    pub(super) fn is_waiting(&self) -> bool {
        self.pending.first() == Some(&ESC)
    }

    /// The key that has begun is all there is.
    pub(super) fn finish(&mut self) -> Option<Key> {
        let is_escape = self.pending == [ESC];
        self.pending.clear();
        is_escape.then_some(Key::Abort)
    }

    /// Takes the next byte; gives the key that it ends.
    pub(super) fn take(&mut self, byte: u8) -> Option<Key> {
        self.pending.push(byte);
        let key = match self.pending.as_slice() {
            [ESC] | [ESC, b'[' | b'O'] => return None,
            [ESC, b'[' | b'O', sequence @ .., last] => {
                let is_last = (0x40..=0x7e).contains(last);
                if !is_last && self.pending.len() < LONGEST_SEQUENCE {
                    return None;
                }
                sequence_key(sequence, *last)
            }
            // Esc twice is Esc, and Alt with another key is none of ours.
            [ESC, ESC] => Some(Key::Abort),
            [ESC, 0x7f | 0x08] => Some(Key::DeleteWord),
            [ESC, _] => None,
            bytes => match std::str::from_utf8(bytes) {
                Ok(text) => text.chars().next().and_then(key_of),
                Err(error) if error.error_len().is_none() => return None,
                Err(_) => None,
            },
        };
        self.pending.clear();
        key
    }
}

fn key_of(c: char) -> Option<Key> {
    Some(match c {
        '\r' => Key::Accept,
        '\u{3}' | '\u{7}' | '\u{11}' => Key::Abort,
        '\u{b}' | '\u{10}' => Key::Up,
        '\n' | '\u{e}' => Key::Down,
        '\u{1}' => Key::Home,
        '\u{5}' => Key::End,
        '\u{2}' => Key::Left,
        '\u{6}' => Key::Right,
        '\u{7f}' | '\u{8}' => Key::Backspace,
        '\u{4}' => Key::DeleteOrAbort,
        '\u{17}' => Key::DeleteWord,
        '\u{15}' => Key::DeleteToStart,
        '\u{c}' => Key::Redraw,
        c if c.is_control() => return None,
        c => Key::Char(c),
    })
}

/// The key of `ESC [ sequence last`; a modifier in it, as in `1;5A`, changes nothing.
fn sequence_key(sequence: &[u8], last: u8) -> Option<Key> {
    let number = sequence.split(|byte| *byte == b';').next().unwrap_or_default();
    Some(match (last, number) {
        (b'A', _) => Key::Up,
        (b'B', _) => Key::Down,
        (b'C', _) => Key::Right,
        (b'D', _) => Key::Left,
        (b'H', _) | (b'~', b"1" | b"7") => Key::Home,
        (b'F', _) | (b'~', b"4" | b"8") => Key::End,
        (b'~', b"3") => Key::Delete,
        (b'~', b"5") => Key::PageUp,
        (b'~', b"6") => Key::PageDown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn keys(bytes: &[u8]) -> Vec<Key> {
        let mut decoder = Decoder::default();
        let mut keys: Vec<_> = bytes.iter().filter_map(|byte| decoder.take(*byte)).collect();
        keys.extend(decoder.finish());
        keys
    }

    #[test]
    fn letters_of_all_lengths_come_whole() {
        assert_eq!(keys("aé本😀".as_bytes()), ['a', 'é', '本', '😀'].map(Key::Char));
        assert_eq!(keys(b"\xff\xc3a\x00"), [] as [Key; 0], "what is no text is no letter");
    }

    #[test]
    fn keys_are_those_of_fzf() {
        use Key::*;
        for (bytes, key) in [
            ("\r", Accept),
            ("\u{1b}", Abort),
            ("\u{1b}\u{1b}", Abort),
            ("\u{3}", Abort),
            ("\u{7}", Abort),
            ("\u{10}", Up),
            ("\u{b}", Up),
            ("\u{e}", Down),
            ("\n", Down),
            ("\u{1b}[A", Up),
            ("\u{1b}OA", Up),
            ("\u{1b}[B", Down),
            ("\u{1b}[1;5C", Right),
            ("\u{1b}[D", Left),
            ("\u{1b}[5~", PageUp),
            ("\u{1b}[6;2~", PageDown),
            ("\u{1b}[H", Home),
            ("\u{1b}[1~", Home),
            ("\u{1b}OF", End),
            ("\u{1b}[3~", Delete),
            ("\u{7f}", Backspace),
            ("\u{8}", Backspace),
            ("\u{1b}\u{7f}", DeleteWord),
            ("\u{17}", DeleteWord),
            ("\u{15}", DeleteToStart),
            ("\u{4}", DeleteOrAbort),
        ] {
            assert_eq!(keys(bytes.as_bytes()), [key], "{bytes:?}");
        }
    }

    #[test]
    fn what_is_no_key_is_passed_over_whole() {
        for bytes in ["\u{1b}[200~", "\u{1b}x", "\u{1b}[?1;2c", "\u{1a}", "\t", "\u{1b}[I"] {
            assert_eq!(keys(format!("{bytes}a").as_bytes()), [Key::Char('a')], "{bytes:?}");
        }
    }

    proptest! {
        #[test]
        fn no_bytes_are_kept_for_ever(bytes in prop::collection::vec(any::<u8>(), 0..80)) {
            let mut decoder = Decoder::default();
            for byte in bytes {
                if let Some(Key::Char(c)) = decoder.take(byte) {
                    prop_assert!(!c.is_control());
                }
                prop_assert!(decoder.pending.len() < LONGEST_SEQUENCE);
            }
        }
    }
}
