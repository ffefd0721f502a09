//! Calls that fail for another reason than that they are not allowed: each made to happen, and what a person reads.

use std::{
    io::{BufRead, BufReader, Read, Write},
    net::TcpListener,
    thread,
};

use fake_aws::Fault;
use jiff::SignedDuration;

use crate::world::World;

/// Standard error of `rolo process ARGS…`, which must end with `code`; what differs from run to run is made the same.
#[track_caller]
fn said(world: &World, code: i32, args: &[&str]) -> String {
    let stderr = world.rolo(&[&["process"], args].concat()).failed(code);
    let stderr =
        stderr.replace(&world.fake.url(), "http://aws").replace(&world.fake.user_keys("ada").id, "AKIAADA");
    let lines: Vec<_> = stderr.lines().filter_map(|line| line.split(" (os error ").next()).collect();
    lines.join("\n")
}

/// A server that says `answer` to whatever comes, and the address it listens on.
fn answering(answer: &'static str) -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap().to_string();
    thread::spawn(move || {
        for stream in listener.incoming() {
            let mut stream = stream.unwrap();
            let mut reader = BufReader::new(stream.try_clone().unwrap());
            let mut length = 0;
            let mut line = String::new();
            while reader.read_line(&mut line).is_ok_and(|read| read > 2) {
                if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap();
                }
                line.clear();
            }
            let _ = reader.read_exact(&mut vec![0; length]);
            let _ = stream.write_all(answer.as_bytes());
        }
    });
    address
}

/// A world that would call AWS itself, if no proxy were in the way.
fn behind_proxy(proxy: &str) -> World {
    let mut world = World::new();
    world.unset("AWS_ENDPOINT_URL");
    world.set("HTTPS_PROXY", proxy);
    world.set("AWS_MAX_ATTEMPTS", "1");
    world
}

#[test]
fn a_proxy_in_the_way() {
    let answer = "HTTP/1.1 407 Proxy Authentication Required\r\ncontent-length: 0\r\n\r\n";
    let address = answering(answer);
    let world = behind_proxy(&format!("http://ada:hunter2@{address}"));
    let text = said(&world, 6, &["plain"]).replace(&address, "PROXY");
    assert!(!text.contains("hunter2"), "{text}");
    insta::assert_snapshot!(text, @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: `https://sts.eu-west-1.amazonaws.com` could not be reached
    caused by: the proxy `PROXY` asks for a user name and a password
    caused by: tunnel error: proxy authorization required
    hint: put user and password into `HTTPS_PROXY`: `http://USER:PASSWORD@PROXY`
    ");
    let address = answering("HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n");
    let mut world = behind_proxy("");
    world.set("https_proxy", address.clone());
    insta::assert_snapshot!(said(&world, 6, &["plain"]).replace(&address, "PROXY"), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: `https://sts.eu-west-1.amazonaws.com` could not be reached
    caused by: the proxy `PROXY` did not let the call through
    caused by: tunnel error: unsuccessful
    hint: ask whoever runs the proxy to let `CONNECT sts.eu-west-1.amazonaws.com:443` through, or add `sts.eu-west-1.amazonaws.com` to `NO_PROXY`; `https_proxy` names the proxy
    ");
    insta::assert_snapshot!(said(&behind_proxy("http://127.0.0.1:9"), 6, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: `https://sts.eu-west-1.amazonaws.com` could not be reached
    caused by: the proxy `127.0.0.1:9` could not be reached
    caused by: Connection refused
    hint: correct or unset `HTTPS_PROXY`, or let `sts.eu-west-1.amazonaws.com` be reached without it: add the name to `NO_PROXY`
    ");
    insta::assert_snapshot!(said(&behind_proxy("http://u:hunter2@["), 3, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: the proxy for https cannot be used: its URL is malformed
    hint: write `HTTPS_PROXY` as `http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`, or unset it
    ");
}

#[test]
fn a_region_that_there_is_not() {
    let mut world = World::new();
    world.unset("AWS_ENDPOINT_URL");
    world.set("AWS_MAX_ATTEMPTS", "1");
    world.edit_config(
        "source_profile = identity\nregion = eu-west-1",
        "source_profile = identity\nregion = eu-wset-9",
    );
    // On a machine without a network the name server is missing, which is told first.
    world.edit_config("[profile plain]", "[profile nowhere]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\nregion = eu-wset-1\n[profile plain]");
    let text = said(&world, 6, &["nowhere"]);
    assert!(
        text.contains("caused by: `https://sts.eu-wset-1.amazonaws.com` could not be reached\n"),
        "{text}"
    );
    assert!(text.contains("hint: did you mean `eu-west-1`? `eu-wset-1` at ~/.aws/config:"), "{text}");
    assert!(text.contains("\n  at ~/.aws/config:"), "{text}");
}

#[test]
fn an_endpoint_of_ones_own() {
    let world = World::new();
    let page = "HTTP/1.1 200 OK\r\ncontent-type: text/html\r\ncontent-length: 11\r\n\r\n<html>hello";
    for (url, code, words) in [
        (
            format!("http://{}", answering(page)),
            6,
            "answered AssumeRole with a web page (HTTP 200), and not as AWS does",
        ),
        (format!("https://{}", answering("HTTP/1.1 400 Bad Request\r\n\r\n")), 6, "it does not speak TLS"),
        ("http://127.0.0.1:9".to_owned(), 6, "nothing listens there"),
        ("127.0.0.1:9".to_owned(), 3, "it does not begin with `https://`"),
        ("https://sts.no-such-place.invalid".to_owned(), 6, "sts.no-such-place.invalid"),
    ] {
        world.config(&format!(
            "[profile a]\nrole_arn = arn:aws:iam::222233334444:role/Plain\nsource_profile = identity\n\
             region = eu-west-1\nservices = own\nmax_attempts = 1\n[services own]\nsts =\n  endpoint_url = {url}\n"
        ));
        let mut command = world.command(&["process", "a"]);
        command.env_remove("AWS_ENDPOINT_URL");
        let text = crate::world::run(command).failed(code);
        assert!(text.contains(words), "{url}: {text}");
        assert!(text.contains("\n  at ~/.aws/config:9\n"), "{url}: {text}");
        assert!(text.contains("hint: ") && text.contains("endpoint at ~/.aws/config:9"), "{url}: {text}");
    }
}

#[test]
fn a_bundle_that_is_none() {
    let mut world = behind_proxy("");
    world.unset("HTTPS_PROXY");
    world.edit_config("[profile plain]\n", "[profile plain]\nca_bundle = /nowhere/bundle.pem\n");
    insta::assert_snapshot!(said(&world, 3, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
      at ~/.aws/config:20
    caused by: the CA bundle `/nowhere/bundle.pem` cannot be used
    caused by: No such file or directory
    hint: name a file with certificates (PEM) by `ca_bundle` at ~/.aws/config:20, or remove the line: the machine's own are used then
    ");
    world.set("AWS_CA_BUNDLE", "/dev/null");
    insta::assert_snapshot!(said(&world, 3, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: the CA bundle `/dev/null` cannot be used
    caused by: it holds no certificate
    hint: name a file with certificates (PEM) by `AWS_CA_BUNDLE`, or unset it: the machine's own are used then
    ");
}

#[test]
fn a_key_that_is_none() {
    let world = World::new();
    let secret = world.fake.user_keys("ada").secret;
    world.credentials(&format!(
        "[identity]\naws_access_key_id = AKIANOBODY0000000000\naws_secret_access_key = {secret}\n"
    ));
    insta::assert_snapshot!(said(&world, 5, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
      at ~/.aws/credentials:2
    caused by: STS refused AssumeRole: InvalidClientTokenId: The security token included in the request is invalid.
    note: no token is at fault: the access key `AKIANOBODY0000000000` of profile `identity` at ~/.aws/credentials:2 is unknown, deactivated or of another partition
    hint: write a live key there: `rolo configure --profile identity`
    hint: whose it is: `aws iam get-access-key-last-used --access-key-id AKIANOBODY0000000000`; whether it is active: `aws iam list-access-keys --user-name NAME`; both with other keys of the account
    ");
    // As the credentials that were asked for, too.
    let text = world.rolo(&["whoami", "identity"]).failed(5);
    assert!(
        text.contains("no token is at fault") && text.contains("\n  at ~/.aws/credentials:2\n"),
        "{text}"
    );
}

#[test]
fn a_secret_that_is_not_the_keys() {
    let world = World::new();
    let keys = world.fake.user_keys("ada");
    let write = |secret: &str| {
        world.credentials(&format!(
            "[identity]\naws_access_key_id = {}\naws_secret_access_key = {secret}\n",
            keys.id
        ));
    };
    let wrong: String = keys.secret.chars().rev().collect();
    for (secret, note) in [
        (
            wrong,
            "the secret is not that of the access key `AKIAADA` of profile `identity` at ~/.aws/credentials:2",
        ),
        (format!("\"{}\"", keys.secret), "has quotes around it, which count as a part of it"),
        (keys.secret.replacen(|_| true, "a b", 1), "holds a blank, which counts as a part of it"),
        (keys.secret[..39].to_owned(), "is 39 characters long, and AWS's are 40"),
    ] {
        write(&secret);
        let text = said(&world, 5, &["plain"]);
        assert!(text.contains(note), "{note}: {text}");
        assert!(
            text.contains("SignatureDoesNotMatch") && text.contains("\n  at ~/.aws/credentials:2\n"),
            "{text}"
        );
        assert!(!text.contains(&secret) && !text.contains(&keys.secret[..39]), "{text}");
    }
}

#[test]
fn a_region_that_is_off_and_one_that_is_none() {
    let world = World::of(crate::world::aws().disable_region("ap-east-1"));
    let mut command = world.command(&["process", "plain"]);
    command.env("AWS_REGION", "ap-east-1");
    let text = crate::world::run(command).failed(5).replace(&world.fake.url(), "http://aws");
    insta::assert_snapshot!(text, @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: STS refused AssumeRole: RegionDisabledException: STS is not activated in this region for account:111122223333. Your account administrator can activate STS in this region using the IAM Console.
    note: the region is `ap-east-1` in `AWS_REGION`; the call went to `http://aws`
    hint: set another region, such as `us-east-1`, which is always on; for one run: `--region us-east-1`
    hint: or have an administrator enable it for the account: `aws account enable-region --region-name ap-east-1`, and `ap-east-1` for STS in IAM's account settings
    ");
    // AWS knows a key in its own partition only, and says no more than that.
    let world = World::new();
    world.fake.fault(Fault::error(403, "InvalidClientTokenId", "no").on("AssumeRole"));
    let text = said(&world, 5, &["plain", "--region", "us-gov-west-1"]);
    assert!(
        text.contains("note: region `us-gov-west-1` is of partition `aws-us-gov`, and role `arn:aws:"),
        "{text}"
    );
    assert!(text.contains("hint: set a `region` of partition `aws` given by `--region`"), "{text}");
    // A region that is misspelt, with an endpoint that does not mind.
    let text = said(&world, 5, &["plain", "--region", "euwest1"]);
    assert!(text.contains("hint: did you mean `eu-west-1`? correct `region` given by `--region`"), "{text}");
    let text = said(&world, 3, &["plain", "--region", "eu-west-1 # Ireland"]);
    assert!(
        text.contains("hint: write `eu-west-1`, and nothing else, as the `region` given by `--region`"),
        "{text}"
    );
}

#[test]
fn a_time_that_is_too_long() {
    let world = World::new();
    let words = "The requested DurationSeconds exceeds the MaxSessionDuration set for this role.";
    world.fake.fault(Fault::error(400, "ValidationError", words).on("AssumeRole"));
    insta::assert_snapshot!(said(&world, 5, &["plain", "--duration", "4h"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: STS refused AssumeRole: ValidationError: The requested DurationSeconds exceeds the MaxSessionDuration set for this role.
    note: 14400 s were asked for role `arn:aws:iam::222233334444:role/Plain` of profile `plain` given by `--duration`
    hint: give `--duration` what the role allows: 3600, unless its owner raised it
    hint: or have the role's owner raise it, to 43200 at the most: `aws iam update-role --role-name Plain --max-session-duration 14400`
    ");
    world.edit_config("[profile plain]\n", "[profile plain]\nduration_seconds = 50000\n");
    let words = "1 validation error detected: Value '50000' at 'durationSeconds' failed to satisfy constraint: \
                 Member must have value less than or equal to 43200";
    world.fake.fault(Fault::error(400, "ValidationError", words).on("AssumeRole"));
    let text = said(&world, 5, &["plain"]);
    assert!(text.contains("\n  at ~/.aws/config:20\n"), "{text}");
    assert!(text.contains("note: 50000 s were asked for role"), "{text}");
    assert!(text.contains("hint: set `duration_seconds` at ~/.aws/config:20 to 43200 or less"), "{text}");
}

#[test]
fn aws_that_is_busy_or_down() {
    let world = World::new();
    world.fake.fault(Fault::throttling().on("AssumeRole").times(3));
    insta::assert_snapshot!(said(&world, 5, &["plain"]), @r"
    error: AssumeRole of role `arn:aws:iam::222233334444:role/Plain` of profile `plain` failed
    caused by: STS refused AssumeRole: Throttling: Rate exceeded
    note: AWS was asked 3 times, and was busy
    hint: run it again in a minute; to have it tried more often, raise `max_attempts` in the profile, or `AWS_MAX_ATTEMPTS`
    ");
    world.edit_config("[profile plain]\n", "[profile plain]\nmax_attempts = 2\n");
    world.fake.fault(Fault::throttling().on("AssumeRole").times(2));
    let text = said(&world, 5, &["plain"]);
    assert!(
        text.contains("AWS was asked 2 times")
            && text.contains("raise `max_attempts` at ~/.aws/config:20, which is 2"),
        "{text}"
    );
    world.fake.fault(Fault::unavailable().on("AssumeRole").times(2));
    let text = said(&world, 5, &["plain"]);
    assert!(
        text.contains("note: AWS failed, not the request; it was asked 2 times\nhint: run it again"),
        "{text}"
    );
}

#[test]
fn a_policy_that_is_too_large() {
    let world = World::new();
    let words = "Packed policy consumes 112% of allotted space, please use smaller policy.";
    world.fake.fault(Fault::error(400, "PackedPolicyTooLarge", words).on("AssumeRole"));
    let policy = r#"{"Version":"2012-10-17"}"#;
    let text = said(&world, 5, &["plain", "--policy", policy, "--read-only", "--tag", "a=b", "--tag", "c=d"]);
    assert!(
        text.contains("112%")
            && text.contains("note: sent: a policy of 24 characters, 1 managed policy, 2 tags"),
        "{text}"
    );
}

#[test]
fn a_token_of_web_identity_that_is_over() {
    let world = World::new();
    let token = world.write("token", "a.b.c");
    world.config(&format!(
        "[profile web]\nrole_arn = arn:aws:iam::222233334444:role/CI\nweb_identity_token_file = {}\nregion = eu-west-1\n",
        token.display()
    ));
    for (code, hint) in [
        ("ExpiredTokenException", "let what writes the file put a new token there"),
        ("IDPRejectedClaim", "let what writes the file put a new token there"),
        ("InvalidIdentityToken", "`aws iam list-open-id-connect-providers`"),
        ("IDPCommunicationError", "run it again"),
    ] {
        world.fake.fault(Fault::error(400, code, "no").on("AssumeRoleWithWebIdentity").times(3));
        let text = said(&world, 5, &["web"]);
        assert!(
            text.contains(code) && text.contains("\n  at ~/.aws/config:3\n") && text.contains(hint),
            "{text}"
        );
        assert!(!text.contains("a.b.c"), "{text}");
        world.fake.reset();
    }
}

#[test]
fn a_clock_that_is_wrong_is_corrected_and_said() {
    for (hours, side) in [(1, "behind"), (-1, "ahead of")] {
        let world = World::new();
        world.fake.skew(SignedDuration::from_hours(hours));
        let ran = world.rolo(&["process", "audit"]);
        assert_eq!(
            (ran.code, ran.stderr.as_str()),
            (
                0,
                format!(
                    "warning: this machine's clock is 1 h {side} AWS's, and calls are signed by AWS's; set it right: \
                     `sudo timedatectl set-ntp true`\n"
                )
                .as_str()
            )
        );
        // Of two calls the first alone was refused.
        assert_eq!(world.calls(), ["AssumeRole", "AssumeRole", "AssumeRole"]);
        // By this machine's clock the credentials never look good for longer than they are.
        let keys: serde_json::Value = serde_json::from_str(&ran.stdout).unwrap();
        let expiration: jiff::Timestamp = keys["Expiration"].as_str().unwrap().parse().unwrap();
        let left = expiration.duration_since(jiff::Timestamp::now()).as_secs();
        let expected = if hours > 0 { 3600 } else { 0 };
        assert!((left - expected).abs() < 60, "{left}");
        if hours > 0 {
            // And from the cache there is nothing to say.
            world.keys(&["audit"]);
            assert_eq!(world.calls(), [""; 0]);
        }
    }
}
