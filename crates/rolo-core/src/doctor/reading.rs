//! Both files as far as they can be read: what AWS's tools refuse a whole file for is a finding, and the rest of the file
//! is examined all the same.
//!
//! Must not know what a setting means.

use std::path::PathBuf;

use super::{Finding, files};
use crate::{
    host::Host,
    ini::{Problem, mend},
    profile::{ConfigFile, ConfigFiles, SourceFile, files::read_bytes},
};

/// What was read.
#[derive(Debug)]
pub struct Reading {
    /// Both files, damaged lines left out; each line stands where it stood.
    pub files: ConfigFiles,
    /// The damage.
    pub findings: Vec<Finding>,
}

impl Reading {
    /// Finds and reads both files, whatever their state.
    pub fn load(host: Host<'_>) -> Self {
        let mut findings = Vec::new();
        let mut file = |file| load(host, ConfigFiles::path(&host, file), file, &mut findings);
        let (config, credentials) = (file(SourceFile::Config), file(SourceFile::Credentials));
        Self { files: ConfigFiles { config, credentials }, findings }
    }
}

fn load(host: Host<'_>, path: PathBuf, which: SourceFile, findings: &mut Vec<Finding>) -> ConfigFile {
    let bytes = match read_bytes(&host, &path) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => {
            if host.files.stamp(&path).is_some() {
                findings.push(files::no_file(&path, which));
            }
            return ConfigFile::absent(path);
        }
        Err(error) => {
            findings.push(files::unreadable(&path, &error));
            return ConfigFile::absent(path);
        }
    };
    let decoded = decode(bytes);
    let (mended, problems) = mend(&decoded.text);
    let file = ConfigFile::new(path, mended);
    if decoded.is_utf_16 {
        findings.push(files::utf_16(&file));
    }
    let not_utf_8 = decoded.not_utf_8.into_iter().map(|line| files::not_utf_8(&file, line));
    findings.extend(not_utf_8);
    for error in problems {
        // The mark of UTF-16 is told already.
        if !(decoded.is_utf_16 && error.problem == Problem::ByteOrderMark) {
            findings.push(files::damaged(&file, which, error));
        }
    }
    file
}

/// A file's bytes as a text.
struct Decoded {
    text: String,
    is_utf_16: bool,
    /// Lines that are no UTF-8; of these only headers are in the text.
    not_utf_8: Vec<u32>,
}

fn decode(bytes: Vec<u8>) -> Decoded {
    let in_utf_16 = |unit: fn([u8; 2]) -> u16| {
        let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
        Decoded { text: String::from_utf16_lossy(&units), is_utf_16: true, not_utf_8: Vec::new() }
    };
    match bytes.get(..2) {
        Some([0xff, 0xfe]) => return in_utf_16(u16::from_le_bytes),
        Some([0xfe, 0xff]) => return in_utf_16(u16::from_be_bytes),
        _ => {}
    }
    let bytes = match String::from_utf8(bytes) {
        Ok(text) => return Decoded { text, is_utf_16: false, not_utf_8: Vec::new() },
        Err(error) => error.into_bytes(),
    };
    let (mut text, mut not_utf_8) = (String::with_capacity(bytes.len()), Vec::new());
    for (number, line) in (1..).zip(split_lines(&bytes)) {
        let lossy = String::from_utf8_lossy(line);
        if lossy.contains('\u{fffd}') && std::str::from_utf8(line).is_err() {
            not_utf_8.push(number);
            if lossy.trim_start().starts_with('[') {
                text.push_str(&lossy);
            } else {
                // As long as a blank one, with its end.
                text.push(' ');
                text.push_str(&lossy[lossy.trim_end_matches(['\r', '\n']).len()..]);
            }
        } else {
            text.push_str(&lossy);
        }
    }
    Decoded { text, is_utf_16: false, not_utf_8 }
}

/// The lines with their ends: LF, CR LF or CR alone.
fn split_lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = bytes;
    std::iter::from_fn(move || {
        let end = match memchr::memchr2(b'\n', b'\r', rest) {
            Some(at) if rest[at..].starts_with(b"\r\n") => at + 2,
            Some(at) => at + 1,
            None => rest.len(),
        };
        let (line, after) = rest.split_at(end);
        rest = after;
        (!line.is_empty()).then_some(line)
    })
}
