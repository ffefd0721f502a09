//! rolo's main job against a simulated AWS, as a person would do it in a terminal.
//!
//! `demo ROLO [--interactive]`, started by `cargo xtask demo`. Needs no AWS account and no network; writes to a throw-away
//! home only. Fails if a step does not come out as it should.
#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a developer's tool: it starts programs and shows what they do"
)]

mod home;
mod terminal;

use std::error::Error;
use std::path::Path;
use std::process::ExitCode;

use fake_aws::FakeAws;

use home::{Home, USER};

/// One line that is typed, and what must come of it.
struct Step {
    /// Said before.
    about: &'static str,
    /// Typed at the shell's prompt.
    line: &'static str,
    /// What must stand in the output.
    shows: &'static [&'static str],
    /// The calls that AWS must have got, in this order.
    calls: &'static [&'static str],
}

/// Where this is shown, a code was asked for.
const ASKED: &str = "MFA code for";

const STEPS: [Step; 7] = [
    Step {
        about: "Which profiles are there?",
        line: "rolo list",
        shows: &["staging", "production", "audit"],
        calls: &[],
    },
    Step {
        about: "A program in production. AWS wants an MFA code for that role.",
        line: "rolo exec production -- rolo whoami",
        shows: &[ASKED, "assumed-role/Admin/"],
        calls: &["GetSessionToken", "AssumeRole", "GetCallerIdentity"],
    },
    Step {
        about: "The next program there: the credentials come from the cache.",
        line: r#"rolo exec production -- sh -c 'echo "$ROLO_PROFILE, $AWS_REGION, until $AWS_CREDENTIAL_EXPIRATION"'"#,
        shows: &["production, eu-central-1, until 20"],
        calls: &[],
    },
    Step {
        about: "Another account, in the shell itself. The code from before opens it too.",
        line: r#"eval "$(rolo export staging)" && echo "$ROLO_PROFILE, $AWS_REGION" && rolo whoami"#,
        shows: &["staging, eu-west-1", "assumed-role/Developer/"],
        calls: &["AssumeRole", "GetCallerIdentity"],
    },
    Step {
        about: "A chain: `audit` is reached from the role of `hop` only.",
        line: "rolo whoami audit",
        shows: &["assumed-role/Audit/"],
        calls: &["AssumeRole", "AssumeRole", "GetCallerIdentity"],
    },
    Step {
        about: "What any SDK gets through `credential_process = rolo process production`.",
        line: "rolo process production | grep -E 'Version|AccessKeyId|Expiration'",
        shows: &["Version", "ASIA"],
        calls: &[],
    },
    Step {
        about: "What is cached now?",
        line: "rolo list",
        shows: &["staging", "production", "audit"],
        calls: &[],
    },
];

fn main() -> ExitCode {
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), Box<dyn Error>> {
    let args: Vec<String> = std::env::args().skip(1).collect();
    let (flags, paths): (Vec<&String>, Vec<&String>) = args.iter().partition(|arg| arg.starts_with("--"));
    let interactive = flags.iter().any(|flag| *flag == "--interactive");
    let [rolo] = paths.as_slice() else { return Err("usage: demo ROLO [--interactive]".into()) };

    let fake = FakeAws::demo_world();
    let home = Home::new(&fake, Path::new(rolo))?;
    println!(
        "A simulated AWS runs on {}. Nothing leaves this machine, and nothing of yours is read.",
        fake.url()
    );
    println!("  111122223333  identity    user `ada`: long-term keys and an MFA device");
    println!("  222233334444  staging     roles `Developer` and `Hop`");
    println!(
        "  333344445555  production  roles `Admin`, which wants MFA, and `Audit`, which trusts `Hop` alone"
    );
    println!("\n$ cat ~/.aws/config\n{}", home.config().trim_end());
    for step in &STEPS {
        show(step, &fake, &home, interactive)?;
    }
    println!("\nAll as it should be: one MFA code, three accounts, {} calls.", fake.calls().len());
    Ok(())
}

/// Types the step's line and checks what came of it.
fn show(step: &Step, fake: &FakeAws, home: &Home, interactive: bool) -> Result<(), Box<dyn Error>> {
    let before = fake.calls().len();
    println!("\n# {}\n$ {}", step.about, step.line);
    let code = fake.mfa_code(USER);
    if step.shows.contains(&ASKED) {
        println!("[{USER}'s phone shows {code}{}]", if interactive { "" } else { ", which the demo types" });
    }
    if interactive {
        terminal::run_with_person(home.shell(step.line))?;
    } else {
        let output = terminal::run_with_script(home.shell(step.line), &code)?;
        if let Some(lacking) = step.shows.iter().find(|text| !output.contains(**text)) {
            return Err(format!("the output of `{}` does not hold `{lacking}`", step.line).into());
        }
    }
    let calls: Vec<String> = fake.calls().into_iter().skip(before).map(|call| call.action).collect();
    println!("[calls to AWS: {}]", if calls.is_empty() { "none".to_owned() } else { calls.join(", ") });
    // A person may mistype the code, which costs a call more.
    if !interactive && calls != step.calls {
        return Err(format!("`{}` should have made these calls: {:?}", step.line, step.calls).into());
    }
    Ok(())
}
