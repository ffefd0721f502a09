//! The fast path reads a command line as the whole program would, or leaves it alone.
#![expect(clippy::unwrap_used, reason = "a failed step is a failed test")]

use std::ffi::OsString;

use clap::Parser;
use proptest::{prelude::*, sample::select};
use rolo::{
    cli::{Cli, CliCommand, cut_exec_words},
    fast_path,
    invocation::Invocation,
};

/// What clap makes of the words; nothing for what is no such command, or a mistake.
fn read_by_clap(words: &[OsString]) -> Option<Invocation> {
    let mut args = vec![OsString::from("rolo")];
    args.extend_from_slice(words);
    let exec_words = cut_exec_words(&mut args).unwrap_or_default();
    let invocation = match Cli::try_parse_from(&args).ok()?.command {
        CliCommand::Exec(args) => args.invocation(exec_words),
        CliCommand::Export(args) => args.invocation(),
        CliCommand::Process(args) => args.invocation(),
        _ => return None,
    };
    Some(invocation.unwrap())
}

/// Words that mean something to either reader, in every mix of right and wrong.
const WORDS: [&str; 35] = [
    "-q",
    "--quiet",
    "-v",
    "-qv",
    "-qq",
    "--no-mfa-session",
    "--profile",
    "--profile=prod",
    "--profile=",
    "--format",
    "--format=fish",
    "sh",
    "bash",
    "json",
    "SH",
    "prod",
    "dev",
    "",
    "-",
    "--",
    "---",
    "ls",
    "a b",
    "-la",
    "--refresh",
    "--mfa-code",
    "123456",
    "--region",
    "eu-west-1",
    "--pro",
    "exec",
    "--help",
    "-h",
    "--version",
    "é",
];

fn words() -> impl Strategy<Value = Vec<OsString>> {
    let command = select(vec!["exec", "export", "process", "whoami", "list", "unset", "prod", "-q", "exe"]);
    let rest = prop::collection::vec(select(WORDS.to_vec()), 0..7);
    (command, rest)
        .prop_map(|(command, rest)| std::iter::once(command).chain(rest).map(OsString::from).collect())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 20_000, ..ProptestConfig::default() })]

    #[test]
    fn what_the_fast_path_reads_clap_reads_alike(words in words()) {
        if let Some(invocation) = fast_path::parse(&words) {
            prop_assert_eq!(Some(invocation), read_by_clap(&words));
        }
    }
}

#[test]
fn the_daily_command_lines_are_read() {
    for line in [
        "exec prod",
        "exec prod ls -la",
        "exec prod -- ls -la --profile x",
        "exec -- env",
        "exec --profile prod ls",
        "exec -q prod ls",
        "export prod",
        "export --format fish prod",
        "export prod --format json",
        "process prod",
        "process --profile prod",
        "process --no-mfa-session prod",
        "process",
    ] {
        let words: Vec<OsString> = line.split(' ').map(OsString::from).collect();
        assert!(fast_path::parse(&words).is_some(), "{line}");
        assert_eq!(fast_path::parse(&words), read_by_clap(&words), "{line}");
    }
    // Whether this is one program or two words is not to be told without a look at the disk.
    assert_eq!(fast_path::parse(&["exec", "prod", "a b"].map(OsString::from)), None);
}
