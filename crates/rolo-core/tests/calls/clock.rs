//! A clock that is wrong: corrected by AWS's time, for the call that was refused and for all that follow, and said.

use std::sync::{Arc, Mutex};

use jiff::{SignedDuration, Timestamp};
use rolo_core::{
    aws::{Aws, AwsClock, CallSettings},
    host::{Clock, real::RealHost},
    talk::{Hear, Notice},
};

use crate::{
    aws::{plain_request, refusal, role_answer, settings, signer},
    wire::{Reply, Server},
};

#[derive(Default)]
struct Heard(Mutex<Vec<Notice>>);

impl Hear for Heard {
    fn hear(&self, notice: &Notice) {
        self.0.lock().unwrap().push(notice.clone());
    }
}

impl Heard {
    fn warnings(&self) -> Vec<String> {
        let heard = self.0.lock().unwrap();
        let text = |notice: &Notice| match notice {
            Notice::Warning(text) => Some(text.clone()),
            _ => None,
        };
        heard.iter().filter_map(text).collect()
    }
}

fn at(seconds: i64) -> Timestamp {
    RealHost.now() + SignedDuration::from_secs(seconds)
}

fn date(seconds: i64) -> String {
    format!("date: {}\r\n", at(seconds).strftime("%a, %d %b %Y %H:%M:%S GMT"))
}

/// The same reply by a server whose clock is so far ahead of this machine's.
fn dated(reply: Reply, seconds: i64) -> Reply {
    match reply {
        Reply::Answer(status, body) => Reply::With(status, date(seconds), body),
        other => other,
    }
}

fn mismatch() -> Reply {
    refusal(403, "SignatureDoesNotMatch", "The request signature we calculated does not match")
}

fn expired() -> String {
    let now = at(843).strftime("%Y%m%dT%H%M%SZ");
    format!("Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z ({now} - 15 min.)")
}

/// How far the n-th request was signed ahead of this machine's time.
fn signed_ahead(server: &Server, index: usize) -> i64 {
    let asked = &server.asked()[index];
    let civil = jiff::civil::DateTime::strptime("%Y%m%dT%H%M%SZ", &asked.headers["x-amz-date"]).unwrap();
    let signed = civil.to_zoned(jiff::tz::TimeZone::UTC).unwrap().timestamp();
    signed.duration_since(RealHost.now()).as_secs()
}

#[test]
fn the_call_is_signed_again_by_awss_time_and_so_are_all_that_follow() {
    let hour = SignedDuration::from_hours(1).as_secs();
    for (refused, behind, words) in [
        (dated(mismatch(), 843), 843, "14 min 3 s behind"),
        (dated(mismatch(), -hour), -hour, "1 h ahead of"),
        (refusal(403, "SignatureDoesNotMatch", &expired()), 843, "14 min 3 s behind"),
        (dated(refusal(400, "RequestExpired", "Request has expired"), 843), 843, "14 min 3 s behind"),
    ] {
        let answer = dated(role_answer("AssumeRole"), behind);
        let server = Server::start(vec![refused, answer]);
        let (heard, clock) = (Arc::new(Heard::default()), AwsClock::default());
        // The one more try is none of those that a person has counted.
        let once = CallSettings { max_attempts: Some(1), ..settings(&server.url) };
        let aws = Aws::new(once.clone()).heard_by(heard.clone(), clock.clone());
        aws.assume_role(&signer(), &plain_request()).unwrap();
        assert_eq!(server.asked().len(), 2);
        let near = |index| (signed_ahead(&server, index) - behind).abs() < 30;
        assert!(!near(0) && near(1));
        assert!((clock.behind().as_secs() - behind).abs() < 30, "{:?}", clock.behind());
        // Another client on the same clock begins where this one ended, and says nothing more.
        Aws::new(once).heard_by(heard.clone(), clock).assume_role(&signer(), &plain_request()).unwrap();
        assert_eq!(server.asked().len(), 3);
        assert!(near(2));
        let warnings = heard.warnings();
        let [warning] = warnings.as_slice() else { panic!("{warnings:?}") };
        // The test itself may take a second.
        let close =
            warning.contains(words) || warning.contains("14 min 2 s") || warning.contains("59 min 59 s");
        assert!(close && warning.contains("timedatectl"), "{warning}");
    }
}

#[test]
fn a_clock_that_is_right_is_not_the_reason() {
    for reply in [mismatch(), dated(mismatch(), 20), dated(refusal(403, "AccessDenied", "no"), 0)] {
        let server = Server::start(vec![reply]);
        let heard = Arc::new(Heard::default());
        let aws = Aws::new(settings(&server.url)).heard_by(heard.clone(), AwsClock::default());
        let error = aws.assume_role(&signer(), &plain_request()).unwrap_err();
        assert_eq!(server.asked().len(), 1);
        assert!(error.refusal().unwrap().clock_behind.is_zero());
        assert_eq!(heard.warnings(), [""; 0]);
    }
}

#[test]
fn another_refusal_is_not_tried_again_and_knows_of_the_clock() {
    let server = Server::start(vec![dated(refusal(403, "AccessDenied", "no"), 843)]);
    let heard = Arc::new(Heard::default());
    let aws = Aws::new(settings(&server.url)).heard_by(heard.clone(), AwsClock::default());
    let error = aws.assume_role(&signer(), &plain_request()).unwrap_err();
    assert_eq!(server.asked().len(), 1);
    assert!(error.refusal().unwrap().clock_behind.as_secs() > 800);
    assert_eq!(heard.warnings().len(), 1);
}

#[test]
fn the_clock_of_what_is_not_aws_is_of_no_interest() {
    for reply in [
        Reply::With(200, date(9000) + "content-type: text/html\r\n", "<html>".to_owned()),
        // As old as the cache that it comes from.
        Reply::With(
            200,
            date(-9000) + "age: 9000\r\n",
            match role_answer("AssumeRole") {
                Reply::Answer(_, body) => body,
                _ => String::new(),
            },
        ),
    ] {
        let server = Server::start(vec![reply]);
        let clock = AwsClock::default();
        let heard = Arc::new(Heard::default());
        let _ = Aws::new(settings(&server.url))
            .heard_by(heard.clone(), clock.clone())
            .assume_role(&signer(), &plain_request());
        assert!(clock.behind().is_zero());
        assert_eq!(heard.warnings(), [""; 0]);
    }
}

#[test]
fn each_request_and_answer_is_told_without_secrets() {
    use rolo_core::{Secret, arn::MfaSerial};
    let server = Server::start(vec![Reply::Cut, refusal(403, "AccessDenied", "no")]);
    let heard = Arc::new(Heard::default());
    let aws = Aws::new(settings(&server.url)).heard_by(heard.clone(), AwsClock::default());
    let mut request = plain_request();
    request.mfa = Some((MfaSerial::new("GAHT12345678"), Secret::new("918273")));
    aws.assume_role(&signer(), &request).unwrap_err();
    let notices = heard.0.lock().unwrap();
    let [Notice::Request(first), Notice::Response(cut), Notice::Request(second), Notice::Response(answer)] =
        notices.as_slice()
    else {
        panic!("{notices:?}")
    };
    assert_eq!((first.operation, first.method.as_str(), first.attempt), ("AssumeRole", "POST", 1));
    assert_eq!(first.url, format!("{}/", server.url));
    let value = |name: &str| {
        first.parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    };
    assert_eq!((value("SerialNumber"), value("TokenCode")), (Some("GAHT12345678"), Some("***")));
    assert_eq!(first.signer.as_ref().unwrap().access_key_id, "AKIASIGNER");
    assert_eq!((cut.status, second.attempt, answer.status), (None, 2, Some(403)));
    assert_eq!(answer.request_id.as_deref(), Some("req-1"));
    let all = format!("{notices:?}");
    for secret in ["918273", "secret-signer", "token-signer"] {
        assert!(!all.contains(secret), "{all}");
    }
}
