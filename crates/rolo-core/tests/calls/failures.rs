//! Each way in which no answer of AWS's comes, made to happen, and what it is told apart as.

use std::{
    io::{Read, Write},
    net::TcpListener,
    path::{Path, PathBuf},
    thread,
};

use rolo_core::aws::{Aws, AwsError, CallSettings, Endpoints, Obstacle, ProxyFault, ProxySettings, TlsFault};

use crate::{
    aws::{plain_request, refusal, role_answer, settings, signer},
    put,
    wire::{Reply, Server, closed_port},
};

fn fail(settings: CallSettings) -> AwsError {
    Aws::new(CallSettings { max_attempts: Some(1), ..settings })
        .assume_role(&signer(), &plain_request())
        .unwrap_err()
}

fn obstacle(settings: CallSettings) -> Obstacle {
    match fail(settings) {
        AwsError::Unreachable { source, .. } => source.obstacle,
        other => panic!("{other:?}"),
    }
}

fn tls_data(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/data/tls").join(name)
}

fn through(proxy: &str, url: &str) -> CallSettings {
    let proxy = ProxySettings { http: Some(proxy.to_owned()), https: Some(proxy.to_owned()), no_proxy: None };
    CallSettings { proxy, ca_bundle: Some(tls_data("authority.pem")), ..settings(url) }
}

#[test]
fn a_name_that_is_none() {
    match obstacle(settings("https://sts.no-such-place.invalid")) {
        // A machine without a name server cannot tell.
        Obstacle::NameNotFound { host } | Obstacle::NoNameServer { host } => {
            assert_eq!(host, "sts.no-such-place.invalid");
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn nobody_listens() {
    let error = fail(settings(&closed_port()));
    let AwsError::Unreachable { source, tries, .. } = error else { panic!("{error:?}") };
    assert_eq!((&source.obstacle, tries), (&Obstacle::ConnectionRefused, 1));
    assert!(source.words.as_ref().unwrap().to_string().contains("refused"), "{source:?}");
}

#[test]
fn the_connection_is_cut() {
    let server = Server::start(vec![Reply::Cut]);
    assert_eq!(obstacle(settings(&server.url)), Obstacle::Cut);
    let error = Aws::new(settings(&server.url)).assume_role(&signer(), &plain_request()).unwrap_err();
    assert!(matches!(error, AwsError::Unreachable { tries: 3, .. }), "{error:?}");
}

/// Takes each connection and says nothing; `read` first reads what comes.
fn silence() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    thread::spawn(move || {
        for stream in listener.incoming() {
            thread::spawn(move || stream.unwrap().read_to_end(&mut Vec::new()));
        }
    });
    address.to_string()
}

#[test]
fn silence_before_and_after_the_connection_stands() {
    let address = silence();
    let other = address.clone();
    // The handshake of TLS is a part of the connection.
    let before = thread::spawn(move || obstacle(settings(&format!("https://{other}"))));
    assert_eq!(obstacle(settings(&format!("http://{address}"))), Obstacle::ReadTimeout);
    assert_eq!(before.join().unwrap(), Obstacle::ConnectTimeout);
}

#[test]
fn certificates_that_are_not_to_be_trusted() {
    let key = include_bytes!("../data/tls/faulty.key");
    for (certificate, bundle, fault) in [
        (&include_bytes!("../data/tls/expired.pem")[..], Some("faulty-authority.pem"), TlsFault::Expired),
        (include_bytes!("../data/tls/not-yet.pem"), Some("faulty-authority.pem"), TlsFault::NotValidYet),
        (include_bytes!("../data/tls/other-name.pem"), Some("faulty-authority.pem"), TlsFault::WrongName),
        (include_bytes!("../data/tls/other-name.pem"), Some("authority.pem"), TlsFault::UnknownIssuer),
        (include_bytes!("../data/tls/other-name.pem"), None, TlsFault::UnknownIssuer),
    ] {
        let server = Server::start_tls_as(certificate, key, vec![role_answer("AssumeRole")]);
        let settings = CallSettings { ca_bundle: bundle.map(tls_data), ..settings(&server.url) };
        assert_eq!(obstacle(settings), Obstacle::Tls(fault));
        assert_eq!(server.asked().len(), 0);
    }
}

#[test]
fn no_tls_at_all() {
    // What web servers say to a handshake that they do not understand, and what others do.
    for (answer, expected) in
        [(&b"HTTP/1.1 400 Bad Request\r\n\r\n"[..], Obstacle::Tls(TlsFault::NotTls)), (b"", Obstacle::Cut)]
    {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("https://{}", listener.local_addr().unwrap());
        thread::spawn(move || {
            let mut stream = listener.accept().unwrap().0;
            let _ = stream.read(&mut [0; 4096]).unwrap();
            stream.write_all(answer).unwrap();
        });
        assert_eq!(obstacle(settings(&url)), expected);
    }
}

#[test]
fn a_proxy_that_does_not_let_it_through() {
    let told = |settings: CallSettings| match obstacle(settings) {
        Obstacle::Proxy { proxy, fault } => (proxy, fault),
        other => panic!("{other:?}"),
    };
    for (reply, fault) in [
        (Reply::Answer(407, String::new()), ProxyFault::WantsCredentials),
        (Reply::Answer(403, "<html>no".to_owned()), ProxyFault::Refused),
        (Reply::Answer(502, String::new()), ProxyFault::Refused),
        (Reply::Cut, ProxyFault::Cut),
    ] {
        let proxy = Server::start(vec![reply]);
        let address = proxy.url.replacen("http://", "", 1);
        let with_password = format!("http://ada:hunter2@{address}");
        let error = told(through(&with_password, "https://sts.example.invalid"));
        assert_eq!(error, (address, fault));
    }
    let nobody = closed_port().replacen("http://", "", 1);
    for url in ["https://sts.example.invalid", "http://sts.example.invalid"] {
        assert_eq!(told(through(&nobody, url)), (nobody.clone(), ProxyFault::Unreached), "{url}");
    }
    // Plain HTTP is sent to the proxy as it is, and its 407 comes as an answer.
    let proxy = Server::start(vec![Reply::Answer(407, "<html>who?".to_owned())]);
    let address = proxy.url.replacen("http://", "", 1);
    assert_eq!(
        told(through(&address, "http://sts.example.invalid")),
        (address, ProxyFault::WantsCredentials)
    );
    // Behind a proxy that passes all on, the other end is to blame for itself.
    let proxy = Server::start_proxy_to_tls(vec![role_answer("AssumeRole")]);
    let wrong_bundle = CallSettings {
        ca_bundle: Some(tls_data("faulty-authority.pem")),
        ..through(&proxy.url, "https://sts.example.invalid")
    };
    assert_eq!(obstacle(wrong_bundle), Obstacle::Tls(TlsFault::UnknownIssuer));
}

#[test]
fn answers_of_others() {
    let page = || "<!DOCTYPE html><title>Sign in to the hotel's network</title>".to_owned();
    for (reply, expected) in [
        (Reply::Answer(200, page()), (200, true)),
        (
            Reply::With(200, "content-type: text/html; charset=utf-8\r\n".to_owned(), "hello".to_owned()),
            (200, true),
        ),
        (Reply::Redirect("http://portal.example".to_owned()), (302, false)),
        (Reply::Answer(511, page()), (511, true)),
        (Reply::Answer(403, page()), (403, true)),
    ] {
        let server = Server::start(vec![reply]);
        let error = fail(settings(&server.url));
        assert!(error.is_unreachable());
        let AwsError::NotAws { endpoint, status, is_page, .. } = error else { panic!("{error:?}") };
        assert_eq!((endpoint, (status, is_page)), (server.url.clone(), expected));
    }
}

#[test]
fn an_endpoint_that_is_no_url() {
    for url in [
        "sts.example.com",
        "ftp://sts.example.com",
        "https://",
        "https:///path",
        "https://sts.example.com:port",
        "https://[::1",
        "https://sts example.com",
        "http://u:hunter2@",
    ] {
        let error = fail(settings(url));
        let AwsError::Endpoint { service: "STS", url: shown, .. } = &error else {
            panic!("{url}: {error:?}")
        };
        assert!(!shown.contains("hunter2"), "{shown}");
        // And of the other services likewise.
        let endpoints = Endpoints { iam: Some(url.to_owned()), ..Endpoints::default() };
        let error = Aws::new(CallSettings { endpoints, ..CallSettings::default() }).get_user(&signer());
        assert!(matches!(error, Err(AwsError::Endpoint { service: "IAM", .. })), "{error:?}");
    }
    for url in ["https://[::1]:1", "https://127.0.0.1:1/path", "http://u:p@127.0.0.1:1?x"] {
        assert!(matches!(fail(settings(url)), AwsError::Unreachable { .. }), "{url}");
    }
}

#[test]
fn a_refusal_knows_who_signed_for_where_and_how_often() {
    let server = Server::start(vec![refusal(400, "Throttling", "Rate exceeded")]);
    let error = Aws::new(CallSettings { max_attempts: Some(2), ..settings(&server.url) })
        .assume_role(&signer(), &plain_request())
        .unwrap_err();
    assert!(error.is_throttling());
    let refusal = error.refusal().unwrap();
    let signer = refusal.signer.as_ref().unwrap();
    assert_eq!((signer.access_key_id.as_str(), signer.region.as_str()), ("AKIASIGNER", "eu-west-1"));
    assert_eq!((refusal.tries, &refusal.endpoint), (2, &server.url));
}

#[test]
fn a_bundle_says_what_is_wrong_with_it() {
    let folder = tempfile::tempdir().unwrap();
    for (bundle, words) in [
        (folder.path().join("nowhere.pem"), "No such file"),
        (folder.path().to_owned(), "Is a directory"),
        (put(&folder, "empty.pem", ""), "it holds no certificate"),
        (put(&folder, "key.pem", include_str!("../data/tls/faulty.key")), "it holds no certificate"),
    ] {
        let settings = CallSettings { ca_bundle: Some(bundle), ..settings("https://127.0.0.1:1") };
        let error = fail(settings);
        let AwsError::CaBundle { source, .. } = &error else { panic!("{error:?}") };
        assert!(source.to_string().contains(words), "{source}");
    }
}
