//! Says on standard error what the core has to say besides its answer.
//!
//! Must not know why it is said. Never holds a secret: notices have none.

use std::{
    fmt::Write as _,
    io::{self, IsTerminal, Write as _},
    time::Duration,
};

use rolo_core::talk::{Hear, Notice, RequestNotice, ResponseNotice};

use super::{
    HEADER_STYLE, Verbosity, WARNING_STYLE, escape::escape_to_one_line, paint, stderr_has_colour,
    terminal::Terminal,
};

/// Standard error as a listener of the core.
#[derive(Debug, Clone, Copy, Default)]
pub struct Talker {
    verbosity: Verbosity,
}

impl Talker {
    /// Says what `verbosity` asks for.
    pub fn new(verbosity: Verbosity) -> Self {
        Self { verbosity }
    }

    /// Says what came of it, in a line that the caller has escaped, unless `-q` asks for silence.
    pub fn tell(&self, line: &str) {
        if self.verbosity > Verbosity::Quiet {
            // Nobody to tell it to is no reason to fail.
            let _ = writeln!(anstream::stderr(), "{line}");
        }
    }
}

impl Hear for Talker {
    fn hear(&self, notice: &Notice) {
        if !is_said(notice, self.verbosity) {
            return;
        }
        // Nobody to tell it to is no reason to fail.
        let line = render_notice(notice, stderr_has_colour());
        let _ = writeln!(anstream::stderr(), "{line}");
        // Who has just typed a code sees the terminal, and the SDKs hide a credential process's standard error.
        if matches!(notice, Notice::NextCode(_))
            && !io::stderr().is_terminal()
            && let Some(terminal) = Terminal::open()
        {
            let _ = terminal.say(&format!("{}\n", render_notice(notice, false)));
        }
    }
}

fn is_said(notice: &Notice, verbosity: Verbosity) -> bool {
    let least = match notice {
        Notice::Step(_) => Verbosity::Verbose,
        Notice::Request(_) | Notice::Response(_) => Verbosity::Requests,
        _ => Verbosity::Normal,
    };
    verbosity >= least
}

/// The notice as one line without its line end.
fn render_notice(notice: &Notice, colour: bool) -> String {
    match notice {
        Notice::Warning(text) => {
            format!("{} {}", paint("warning:", WARNING_STYLE, colour), escape_to_one_line(text))
        }
        Notice::Step(text) => {
            format!("{} {}", paint("rolo:", HEADER_STYLE, colour), escape_to_one_line(text))
        }
        Notice::Request(request) => {
            format!("{} {}", paint("->", HEADER_STYLE, colour), escape_to_one_line(&render_request(request)))
        }
        Notice::Response(response) => {
            format!(
                "{} {}",
                paint("<-", HEADER_STYLE, colour),
                escape_to_one_line(&render_response(response))
            )
        }
        Notice::Waiting { holder, what } => {
            format!(
                "waiting for {}, which is getting {}",
                escape_to_one_line(holder),
                escape_to_one_line(what)
            )
        }
        Notice::NextCode(wait) => {
            format!("that code is spent; waiting {} s for the next one", whole_seconds(*wait))
        }
        // The core may learn new notices before this crate has words for them.
        other => escape_to_one_line(&format!("{other:?}")),
    }
}

fn render_request(request: &RequestNotice) -> String {
    let RequestNotice { operation, method, url, parameters, signer, attempt } = request;
    let mut text = format!("{operation}: {method} {url}");
    // Writing into a `String` cannot fail.
    for (name, value) in parameters {
        let _ = write!(text, " {name}={value}");
    }
    if let Some(signer) = signer {
        let _ = write!(text, ", signed by `{}` for `{}`", signer.access_key_id, signer.region);
    }
    if *attempt > 1 {
        let _ = write!(text, ", try {attempt}");
    }
    text
}

fn render_response(response: &ResponseNotice) -> String {
    let ResponseNotice { operation, status, request_id, took } = response;
    let came = status.map_or_else(|| "no answer".to_owned(), |status| format!("HTTP {status}"));
    let id = request_id.as_ref().map(|id| format!(", request id `{id}`")).unwrap_or_default();
    format!("{operation}: {came} after {} ms{id}", took.as_millis())
}

/// Rounded up: after the seconds said, it is over.
fn whole_seconds(wait: Duration) -> u64 {
    wait.as_secs() + u64::from(wait.subsec_nanos() > 0)
}

#[cfg(test)]
mod tests {
    use rolo_core::aws::Signer;

    use super::*;

    fn notices() -> [Notice; 7] {
        let request = RequestNotice {
            operation: "AssumeRole",
            method: "POST".to_owned(),
            url: "https://sts.eu-west-1.amazonaws.com/".to_owned(),
            parameters: vec![
                ("RoleSessionName".to_owned(), "ada\u{1b}".to_owned()),
                ("TokenCode".to_owned(), "***".to_owned()),
            ],
            signer: Some(Signer { access_key_id: "AKIAADA".to_owned(), region: "eu-west-1".to_owned() }),
            attempt: 2,
        };
        let response = ResponseNotice {
            operation: "AssumeRole",
            status: Some(200),
            request_id: Some("req-1".to_owned()),
            took: Duration::from_millis(123),
        };
        let silence = ResponseNotice { status: None, request_id: None, ..response.clone() };
        [
            Notice::Warning("`duration_seconds`\nof \u{1b}[2Jdev is ignored".to_owned()),
            Notice::Step("role `Admin` comes from the cache".to_owned()),
            Notice::Waiting {
                holder: "process 1234 on pts/3".to_owned(),
                what: "credentials of `arn:aws:iam::111122223333:role/Admin`".to_owned(),
            },
            Notice::NextCode(Duration::from_millis(11_200)),
            Notice::Request(request),
            Notice::Response(response),
            Notice::Response(silence),
        ]
    }

    fn said(verbosity: Verbosity, colour: bool) -> String {
        let lines: Vec<_> = notices()
            .iter()
            .filter(|notice| is_said(notice, verbosity))
            .map(|notice| render_notice(notice, colour))
            .collect();
        lines.join("\n")
    }

    #[test]
    fn each_level_says_more() {
        assert_eq!(said(Verbosity::Quiet, false), "");
        insta::assert_snapshot!(said(Verbosity::Normal, false), @r"
        warning: `duration_seconds` of \u{1b}[2Jdev is ignored
        waiting for process 1234 on pts/3, which is getting credentials of `arn:aws:iam::111122223333:role/Admin`
        that code is spent; waiting 12 s for the next one
        ");
        insta::assert_snapshot!(said(Verbosity::Verbose, false), @r"
        warning: `duration_seconds` of \u{1b}[2Jdev is ignored
        rolo: role `Admin` comes from the cache
        waiting for process 1234 on pts/3, which is getting credentials of `arn:aws:iam::111122223333:role/Admin`
        that code is spent; waiting 12 s for the next one
        ");
        let all = said(Verbosity::Requests, false);
        let requests = all.strip_prefix(&said(Verbosity::Verbose, false)).unwrap().trim_start();
        insta::assert_snapshot!(requests, @r"
        -> AssumeRole: POST https://sts.eu-west-1.amazonaws.com/ RoleSessionName=ada\u{1b} TokenCode=***, signed by `AKIAADA` for `eu-west-1`, try 2
        <- AssumeRole: HTTP 200 after 123 ms, request id `req-1`
        <- AssumeRole: no answer after 123 ms
        ");
    }

    #[test]
    fn colours_add_nothing_but_colour() {
        let coloured = said(Verbosity::Requests, true);
        assert!(coloured.contains("\u{1b}["));
        assert_eq!(anstream::adapter::strip_str(&coloured).to_string(), said(Verbosity::Requests, false));
    }
}
