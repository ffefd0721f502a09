//! The program, and the address for other processes.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpStream,
    process::{Child, Command, Stdio},
};

use aws_credential_types::Credentials;
use fake_aws::{FakeAws, current_totp_code};
use serde_json::{Value, json};

use crate::client::{TOTP, keys_of, raw, small_world, whoami};

#[expect(clippy::disallowed_methods, reason = "a test of the program runs it")]
fn program(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_fake-aws"));
    command.args(args).env_clear().stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    command
}

/// Killed when dropped.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        drop(self.0.kill());
        drop(self.0.wait());
    }
}

fn control(fake: &FakeAws, method_and_path: &str, body: &Value) -> (String, Value) {
    let body = if body.is_null() { String::new() } else { body.to_string() };
    let answer = raw(fake, method_and_path, &[], &body);
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    (head.lines().next().unwrap().to_owned(), serde_json::from_str(body).unwrap())
}

fn get(port: u16, path: &str) -> Value {
    let mut stream = TcpStream::connect(("127.0.0.1", port)).unwrap();
    write!(stream, "GET {path} HTTP/1.1\r\nHost: fake\r\nConnection: close\r\n\r\n").unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    serde_json::from_str(answer.split_once("\r\n\r\n").unwrap().1).unwrap()
}

#[test]
fn calls_faults_and_the_clock_over_http() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    let fault = json!({ "kind": "throttling", "action": "GetCallerIdentity" });
    assert_eq!(control(&fake, "POST /_fake/fault", &fault).0, "HTTP/1.1 200 OK");
    assert!(whoami(&fake, &ada).is_err());
    assert!(whoami(&fake, &ada).is_ok());
    let (_, calls) = control(&fake, "GET /_fake/calls", &Value::Null);
    assert_eq!(calls[0]["error"], "Throttling");
    assert_eq!(calls[1]["principal"], "arn:aws:iam::111122223333:user/ada");
    assert_eq!(calls.as_array().unwrap().len(), 2, "the fake's own address is not logged");

    control(&fake, "POST /_fake/skew", &json!({ "seconds": 3600 }));
    assert!(whoami(&fake, &ada).is_err());
    control(&fake, "POST /_fake/reset", &Value::Null);
    assert!(whoami(&fake, &ada).is_ok());
    assert_eq!(fake.calls().len(), 1);
    let before = fake.now();
    control(&fake, "POST /_fake/advance", &json!({ "seconds": 3600 }));
    assert!(fake.now().duration_since(before).as_secs() >= 3600);
    let (_, code) = control(&fake, "GET /_fake/code?user=ada", &Value::Null);
    assert!(
        [0, -1]
            .map(|steps| fake.mfa_code_in_steps("ada", steps))
            .contains(&code["code"].as_str().unwrap().to_owned())
    );
    let (_, keys) = control(&fake, "GET /_fake/keys?user=ada", &Value::Null);
    assert_eq!(keys[0]["id"], ada.access_key_id());

    let (status, error) = control(&fake, "POST /_fake/fault", &json!({ "kind": "nonsense" }));
    assert_eq!(status, "HTTP/1.1 400 Bad Request");
    assert!(error["error"].as_str().unwrap().contains("nonsense"));
}

#[test]
fn the_program_serves_a_state_from_a_file() {
    let folder = tempfile::tempdir().unwrap();
    let (state, port_file) = (folder.path().join("state.json"), folder.path().join("port"));
    let mut file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
    let description = json!({
        "users": [{ "account": "111122223333", "name": "ada", "keys": [{ "id": "AKIAADA", "secret": "s" }] }],
        "roles": [{
            "account": "444455556666",
            "name": "Open",
            "trust": { "Statement": { "Effect": "Allow", "Principal": { "AWS": "111122223333" }, "Action": "sts:AssumeRole" } },
        }],
    });
    file.write_all(description.to_string().as_bytes()).unwrap();
    file.persist(&state).unwrap();
    let args = ["--state", state.to_str().unwrap(), "--port-file", port_file.to_str().unwrap()];
    let mut running = Running(program(&args).spawn().unwrap());
    let mut url = String::new();
    BufReader::new(running.0.stdout.as_mut().unwrap()).read_line(&mut url).unwrap();
    let port: u16 = url.trim().rsplit(':').next().unwrap().parse().unwrap();
    assert_eq!(std::fs::read_to_string(&port_file).unwrap(), format!("{port}\n"));

    let config = aws_sdk_sts::Config::builder()
        .behavior_version_latest()
        .region(aws_sdk_sts::config::Region::new("us-east-1"))
        .endpoint_url(url.trim())
        .http_client(aws_smithy_http_client::Builder::new().build_http())
        .credentials_provider(Credentials::new("AKIAADA", "s", None, None, "test"))
        .build();
    let call = aws_sdk_sts::Client::from_conf(config).assume_role();
    let call = call.role_arn("arn:aws:iam::444455556666:role/Open").role_session_name("test");
    assert!(crate::client::wait(call.send()).is_ok());
    assert_eq!(get(port, "/_fake/calls")[0]["params"]["RoleSessionName"], "test");
}

#[test]
fn a_state_with_a_mistake_is_refused_with_the_reason() {
    let folder = tempfile::tempdir().unwrap();
    for (state, reason) in [
        (json!({ "user": [] }), "unknown field `user`"),
        (json!({ "users": [{ "account": "1", "name": "ada" }] }), "`1` is no account id"),
        (
            json!({ "users": [{ "account": "111122223333", "name": "ada", "mfa": [{ "secret": "short" }] }] }),
            "`ada`",
        ),
    ] {
        let mut file = tempfile::NamedTempFile::new_in(folder.path()).unwrap();
        file.write_all(state.to_string().as_bytes()).unwrap();
        let output = program(&["--state", file.path().to_str().unwrap()]).output().unwrap();
        let error = String::from_utf8(output.stderr).unwrap();
        assert!(!output.status.success() && error.contains(reason), "{error}");
    }
}

#[test]
fn the_program_prints_codes() {
    // The step may change in between.
    let before = current_totp_code(TOTP).unwrap();
    let output = program(&["code", "--secret", TOTP]).output().unwrap();
    let after = current_totp_code(TOTP).unwrap();
    let printed = String::from_utf8(output.stdout).unwrap();
    assert!([before, after].contains(&printed.trim().to_owned()), "{printed}");
    assert!(!program(&["code"]).output().unwrap().status.success());
    let help = program(&["--help"]).output().unwrap();
    assert!(String::from_utf8(help.stdout).unwrap().contains("--state FILE"));
}

#[test]
fn the_demo_world_is_whole() {
    use aws_sdk_sts::types::Credentials as Given;
    let fake = FakeAws::demo_world();
    let ada = keys_of(&fake, "ada");
    let assume = |who: &Credentials, role: &str, code: Option<String>| {
        let serial = code.as_ref().map(|_| fake.mfa_serial("ada"));
        let call = crate::client::sts(&fake, who).assume_role().role_arn(role).role_session_name("demo");
        let answer = crate::client::wait(call.set_serial_number(serial).set_token_code(code).send());
        answer.map(|answer| crate::client::issued(answer.credentials.as_ref().map(|given: &Given| given)))
    };
    assert!(assume(&ada, "arn:aws:iam::222233334444:role/Developer", None).is_ok());
    let admin = "arn:aws:iam::333344445555:role/Admin";
    assert!(assume(&ada, admin, None).is_err());
    assert!(assume(&ada, admin, Some(fake.mfa_code("ada"))).is_ok());
    let audit = "arn:aws:iam::333344445555:role/Audit";
    assert!(assume(&ada, audit, None).is_err());
    let hop = assume(&ada, "arn:aws:iam::222233334444:role/Hop", None).unwrap();
    assert!(assume(&hop, audit, None).is_ok());
}
