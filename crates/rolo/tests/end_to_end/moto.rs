//! moto with enforcement on: a server that is not ours checks rolo's signatures.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Stdio},
};

use serde_json::Value;

use crate::{
    programs::beside,
    tools,
    world::{Ran, World, run},
};

/// Ends with its standard input, which closes when this is dropped.
struct Moto {
    server: Child,
    facts: Value,
}

impl Moto {
    fn start() -> Option<Self> {
        let mut python = tools::find("python")?;
        python.arg(beside("python/moto_server.py")).stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut server = python.stderr(Stdio::null()).spawn().unwrap();
        let mut line = String::new();
        BufReader::new(server.stdout.take().unwrap()).read_line(&mut line).unwrap();
        let facts = serde_json::from_str(&line).unwrap_or_else(|error| panic!("{error}: {line}"));
        Some(Self { server, facts })
    }

    fn fact(&self, name: &str) -> &str {
        self.facts[name].as_str().unwrap()
    }
}

impl Drop for Moto {
    fn drop(&mut self) {
        drop(self.server.stdin.take());
        drop(self.server.wait());
    }
}

#[test]
fn a_server_that_checks_signatures_takes_ours() {
    let Some(moto) = Moto::start() else { return };
    let world = World::new();
    let ask = |secret: &str, words: &[&str]| -> Ran {
        let id = moto.fact("id");
        world.write(
            ".aws/credentials",
            &format!("[identity]\naws_access_key_id = {id}\naws_secret_access_key = {secret}\n"),
        );
        run(world.command(words).env("AWS_ENDPOINT_URL", moto.fact("url")))
    };
    let (role, closed) = (moto.fact("role"), moto.fact("closed"));

    let user = ask(moto.fact("secret"), &["whoami", "identity", "--json"]).ok().json();
    assert!(user["Arn"].as_str().unwrap().ends_with(":user/ada"), "{user}");
    let words = ["whoami", "--json", "--source-profile", "identity", "--role-session-name", "test-run", role];
    let identity = ask(moto.fact("secret"), &words).ok().json();
    // Signed by the role's own credentials, its token included.
    assert!(identity["Arn"].as_str().unwrap().ends_with(":assumed-role/Deploy/test-run"), "{identity}");

    // moto wraps its errors once more than AWS does, so that their codes are not seen.
    let is_refused = |ran: &Ran| ran.code == 5 && ran.stdout.is_empty() && ran.stderr.contains("HTTP 403");
    let refused = ask(moto.fact("secret"), &["process", "--source-profile", "identity", closed]);
    assert!(is_refused(&refused), "{refused:?}");
    let mut wrong = moto.fact("secret").to_owned();
    wrong.replace_range(..1, if wrong.starts_with('x') { "y" } else { "x" });
    let refused = ask(&wrong, &["process", "--source-profile", "identity", "--refresh", role]);
    assert!(is_refused(&refused), "{refused:?}");
    assert!(world.calls().is_empty(), "the fake had no part in it");
}
