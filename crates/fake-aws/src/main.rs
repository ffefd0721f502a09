//! `fake-aws`: the fake for other processes, and TOTP codes for a shell.
//!
//! Must not know more than arguments and files.

use std::{
    fs::OpenOptions,
    io::{self, Write},
    path::{Path, PathBuf},
    process::ExitCode,
};

use fake_aws::{FakeAws, StartError, State, current_totp_code};

const HELP: &str = "\
fake-aws: a small AWS on 127.0.0.1 (STS, IAM, IAM Identity Center) for tests and demonstrations

usage:
  fake-aws --state FILE | --demo [--port N] [--port-file FILE]
  fake-aws code --secret BASE32

options:
  --state FILE      what there is: users, roles, tokens, as JSON (see the crate's README.md)
  --demo            a ready world: user `ada` with MFA, accounts for staging and production
  --port N          listen there; without it any free port
  --port-file FILE  write the port there once it is open
  --secret BASE32   print the code that a TOTP device with this secret shows now
  --help            this text

It prints its URL, for AWS_ENDPOINT_URL, and runs until it is stopped. GET /_fake/calls shows what was called.
";

#[derive(Debug, thiserror::Error)]
enum MainError {
    #[error("{0} (see `fake-aws --help`)")]
    Usage(String),
    #[error("`{}` could not be read", .0.display())]
    Read(PathBuf, #[source] io::Error),
    #[error("`{}` is no state", .0.display())]
    Parse(PathBuf, #[source] serde_json::Error),
    #[error("the fake could not be started")]
    Start(#[from] StartError),
    #[error("the port could not be told")]
    Tell(#[source] io::Error),
}

#[derive(Debug, Default)]
struct Options {
    state: Option<PathBuf>,
    demo: bool,
    port: u16,
    port_file: Option<PathBuf>,
    secret: Option<String>,
}

fn main() -> ExitCode {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let Err(error) = run(&args) else { return ExitCode::SUCCESS };
    let mut lines = vec![format!("error: {error}")];
    let causes = std::iter::successors(std::error::Error::source(&error), |error| error.source());
    lines.extend(causes.map(|cause| format!("caused by: {cause}")));
    // Where even stderr is closed, the exit code has to do.
    drop(writeln!(io::stderr(), "{}", lines.join("\n")));
    ExitCode::FAILURE
}

fn run(args: &[String]) -> Result<(), MainError> {
    if args.iter().any(|arg| arg == "--help" || arg == "-h") {
        return say(HELP);
    }
    match args.split_first() {
        Some((first, rest)) if first == "code" => print_code(&Options::parse(rest)?),
        _ => serve(&Options::parse(args)?),
    }
}

impl Options {
    fn parse(args: &[String]) -> Result<Self, MainError> {
        let mut options = Self::default();
        let mut args = args.iter();
        while let Some(name) = args.next() {
            let mut value = || args.next().ok_or_else(|| MainError::Usage(format!("`{name}` needs a value")));
            match name.as_str() {
                "--demo" => options.demo = true,
                "--state" => options.state = Some(value()?.into()),
                "--port-file" => options.port_file = Some(value()?.into()),
                "--secret" => options.secret = Some(value()?.clone()),
                "--port" => options.port = parse_port(value()?)?,
                _ => return Err(MainError::Usage(format!("`{name}` is not known"))),
            }
        }
        Ok(options)
    }
}

fn parse_port(text: &str) -> Result<u16, MainError> {
    text.parse().map_err(|_| MainError::Usage(format!("`{text}` is no port")))
}

fn print_code(options: &Options) -> Result<(), MainError> {
    let secret = options.secret.as_deref();
    let secret = secret.ok_or_else(|| MainError::Usage("`--secret` is missing".to_owned()))?;
    let code = current_totp_code(secret);
    let code =
        code.ok_or_else(|| MainError::Usage("`--secret` is no Base32 of at least 16 bytes".to_owned()))?;
    say(&format!("{code}\n"))
}

fn serve(options: &Options) -> Result<(), MainError> {
    let state = match (&options.state, options.demo) {
        (Some(path), false) => load_state(path)?,
        (None, true) => State::demo(),
        _ => return Err(MainError::Usage("one of `--state` and `--demo` is needed".to_owned())),
    };
    let fake = FakeAws::start(state, options.port)?;
    if let Some(path) = &options.port_file {
        store_port(path, fake.port()).map_err(MainError::Tell)?;
    }
    say(&format!("{}\n", fake.url()))?;
    fake.wait();
    Ok(())
}

fn load_state(path: &Path) -> Result<State, MainError> {
    let bytes = std::fs::read(path).map_err(|error| MainError::Read(path.to_owned(), error))?;
    serde_json::from_slice(&bytes).map_err(|error| MainError::Parse(path.to_owned(), error))
}

/// In one step, so that whoever waits for the file never reads half a number.
fn store_port(path: &Path, port: u16) -> io::Result<()> {
    let mut name = path.to_owned().into_os_string();
    name.push(".part");
    let mut file = OpenOptions::new().create(true).write(true).truncate(true).open(&name)?;
    writeln!(file, "{port}")?;
    std::fs::rename(name, path)
}

fn say(text: &str) -> Result<(), MainError> {
    let mut out = io::stdout().lock();
    out.write_all(text.as_bytes()).and_then(|()| out.flush()).map_err(MainError::Tell)
}
