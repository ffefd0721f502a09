//! `rolo convert`: credentials that another program printed as JSON, in any format. No file, cache or call.
//!
//! Must not know the forms of the JSON.

use std::io::{self, IsTerminal, Read};

use rolo_core::{
    Credentials, Secret,
    credentials::render_expiration,
    host::Host,
    provider::json::parse_credentials,
    talk::{Hear, Notice},
};

use super::hand_over::{print, render, warn_of_leftovers};
use crate::{
    cli::ConvertArgs,
    error::{CliError, ErrorKind, names},
    handover::HandOver,
    ui::talker::Talker,
};

/// Bytes of input that are read at most: a hundred times what the longest answer of AWS has.
const MOST: usize = 1 << 20;

/// Reads standard input to its end and prints the credentials that are in it.
pub fn run(args: &ConvertArgs, host: Host<'_>) -> Result<u8, CliError> {
    let verbosity = args.talk.verbosity();
    let talker = Talker::new(verbosity);
    let stdin = io::stdin().lock();
    if stdin.is_terminal() {
        let text = "waiting for JSON on standard input, which is the terminal; Ctrl-D ends it";
        talker.hear(&Notice::Warning(text.to_owned()));
    }
    let credentials = read_credentials(stdin)?;
    warn_of_expiry(&credentials, talker, host);
    let over = HandOver::of_foreign(&credentials);
    let text = render(args.format, &over, &args.section)?;
    warn_of_leftovers(args.format, &over, verbosity, host);
    print(&text)
}

fn read_credentials(input: impl Read) -> Result<Credentials, CliError> {
    let hint = "give it the JSON of `aws sts assume-role` or the like (`--output json`); if that command failed, it has said why";
    let refused = |error: Box<dyn std::error::Error + Send + Sync>| {
        CliError::named(ErrorKind::Configuration, names::INPUT_UNREADABLE, error).hint(hint)
    };
    let input = read_text(input).map_err(|error| match error.kind() {
        io::ErrorKind::InvalidData => refused("standard input is no UTF-8 text".into()),
        _ => CliError::named(ErrorKind::Other, names::INPUT_UNREADABLE, Unreadable(error)).hint(hint),
    })?;
    if input.expose().len() > MOST {
        return Err(refused(format!("standard input has more than {MOST} bytes").into()));
    }
    parse_credentials("standard input", input.expose()).map_err(|error| refused(error.into()))
}

/// Reads up to one byte more than [`MOST`], into room that is there from the start: growing would leave copies of the
/// secret behind.
fn read_text(input: impl Read) -> io::Result<Secret> {
    let mut text = String::with_capacity(MOST + 1);
    let read = input.take(MOST as u64 + 1).read_to_string(&mut text);
    // Before the question mark, so that what a failure leaves behind is wiped too.
    let text = Secret::new(text);
    read.map(|_| text)
}

#[derive(Debug, thiserror::Error)]
#[error("standard input could not be read")]
struct Unreadable(#[source] io::Error);

/// Whoever converts expired credentials may want to look at them; no program will take them.
fn warn_of_expiry(credentials: &Credentials, talker: Talker, host: Host<'_>) {
    if let Some(at) = credentials.expiration.filter(|at| *at <= host.clock.now()) {
        let text = format!("these credentials expired at {}", render_expiration(at));
        talker.hear(&Notice::Warning(text));
    }
}
