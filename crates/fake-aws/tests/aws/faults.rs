//! Injected faults, as a client meets them.

use std::time::{Duration, Instant};

use fake_aws::Fault;

use crate::client::{Refused, assume, keys_of, raw, small_world, sts_with_attempts, wait, whoami};

#[test]
fn errors_come_as_often_as_was_said_and_only_where() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    fake.fault(Fault::throttling().on("AssumeRole").times(2));
    assert!(whoami(&fake, &ada).is_ok());
    let throttled = Refused::new("Throttling", "Rate exceeded");
    for _ in 0..2 {
        assert_eq!(wait(assume(&fake, &ada, "Open").send()).unwrap_err(), throttled);
    }
    assert!(wait(assume(&fake, &ada, "Open").send()).is_ok());
    let faults: Vec<_> = fake.calls().iter().map(|call| (call.fault, call.status)).collect();
    let throttling = (Some("throttling"), Some(400));
    assert_eq!(faults, [(None, Some(200)), throttling, throttling, (None, Some(200))]);
}

#[test]
fn servers_fail() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    for (fault, code, status) in [
        (Fault::internal(), "InternalFailure", 500),
        (Fault::unavailable(), "ServiceUnavailable", 503),
        (Fault::error(418, "Teapot", "<short & stout>"), "Teapot", 418),
    ] {
        fake.fault(fault);
        let refused = whoami(&fake, &ada).unwrap_err();
        assert_eq!(refused.code, code);
        assert_eq!(fake.calls().last().unwrap().status, Some(status));
    }
    fake.fault(Fault::error(400, "Odd", "<short & stout>"));
    assert_eq!(whoami(&fake, &ada), Err(Refused::new("Odd", "<short & stout>")));
}

#[test]
fn a_retrying_client_gets_over_it() {
    let fake = small_world().start();
    fake.fault(Fault::unavailable());
    fake.fault(Fault::cut());
    let client = sts_with_attempts(&fake, &keys_of(&fake, "ada"), 3);
    assert!(wait(client.get_caller_identity().send()).is_ok());
    let faults: Vec<_> = fake.calls().iter().map(|call| call.fault).collect();
    assert_eq!(faults, [Some("unavailable"), Some("cut"), None]);
}

#[test]
fn connections_are_cut_before_or_within_the_answer() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    fake.fault(Fault::cut());
    assert_eq!(whoami(&fake, &ada).unwrap_err().code, "");
    assert_eq!(fake.calls()[0].status, None);
    fake.fault(Fault::cut_midway());
    assert_eq!(wait(assume(&fake, &ada, "Open").send()).unwrap_err().code, "");
    let call = &fake.calls()[1];
    assert!(call.is_ok() && call.issued.is_some(), "AWS did it, and the client does not know");

    fake.fault(Fault::cut_midway());
    let answer = raw(&fake, "POST /", &[], "Action=GetCallerIdentity&Version=2011-06-15");
    let (head, body) = answer.split_once("\r\n\r\n").unwrap();
    let announced: usize =
        head.lines().find_map(|line| line.strip_prefix("content-length: ")).unwrap().parse().unwrap();
    assert!(!body.is_empty() && body.len() < announced, "half of {announced}: {body}");
}

#[test]
fn answers_may_be_late_or_no_answers() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    fake.fault(Fault::slow(Duration::from_millis(300)));
    let start = Instant::now();
    assert!(whoami(&fake, &ada).is_ok());
    assert!(start.elapsed() >= Duration::from_millis(300));
    fake.fault(Fault::garbage());
    assert!(wait(assume(&fake, &ada, "Open").send()).is_err());
    assert_eq!(fake.calls().last().unwrap().issued, None);
}

#[test]
fn credentials_may_be_short_or_expired_on_arrival() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    for (seconds, usable) in [(60, true), (-60, false)] {
        fake.fault(Fault::lifetime(seconds));
        let answer = wait(assume(&fake, &ada, "Open").send()).unwrap();
        let left = answer.credentials().unwrap().expiration().secs() - fake.now().as_second();
        assert!((i64::from(seconds) - left).abs() <= 5, "{left}");
        assert_eq!(whoami(&fake, &crate::client::issued(answer.credentials())).is_ok(), usable);
    }
}

#[test]
fn reset_goes_back_to_the_beginning() {
    let fake = small_world().start();
    let ada = keys_of(&fake, "ada");
    let role = crate::client::assumed(&fake, &ada, "Open");
    fake.fault(Fault::internal().always());
    fake.reset();
    assert!(fake.calls().is_empty());
    assert_eq!(whoami(&fake, &role).unwrap_err().code, "InvalidClientTokenId", "sessions are gone");
    assert!(whoami(&fake, &ada).is_ok());
}

#[test]
fn it_stops_when_dropped() {
    let fake = small_world().start();
    let port = fake.port();
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_ok());
    drop(fake);
    assert!(std::net::TcpStream::connect(("127.0.0.1", port)).is_err());
}
