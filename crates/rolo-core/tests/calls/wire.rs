//! A real HTTP server on a loopback port that answers by script and keeps what it was asked.
//!
//! Each test file uses a part of it.
#![allow(
    dead_code,
    unreachable_pub,
    reason = "shared by several test programs, none of which uses all of it"
)]

use std::{
    collections::HashMap,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    sync::{Arc, Mutex},
    thread,
    time::Duration,
};

use jiff::Timestamp;
use rolo_core::host::{Clock, Env, Host, real::RealHost};
use rustls::{
    ServerConfig, ServerConnection, StreamOwned,
    pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject},
};

/// What the server does with one request.
#[derive(Clone)]
pub(crate) enum Reply {
    /// Status and body.
    Answer(u16, String),
    /// Status, further headers with their line ends, and body.
    With(u16, String, String),
    /// Status 302 to this place.
    Redirect(String),
    /// Closes the connection without a word.
    Cut,
    /// Promises more than it sends, then closes.
    CutInBody,
    /// Says nothing for so long.
    Silent(Duration),
}

impl Reply {
    pub(crate) fn ok(body: impl Into<String>) -> Self {
        Self::Answer(200, body.into())
    }
}

/// One request as it came.
#[derive(Debug, Clone)]
pub(crate) struct Asked {
    pub(crate) method: String,
    pub(crate) target: String,
    pub(crate) headers: HashMap<String, String>,
    pub(crate) body: String,
}

impl Asked {
    /// The form's fields in order, percent-decoded.
    pub(crate) fn form(&self) -> Vec<(String, String)> {
        self.body
            .split('&')
            .filter_map(|pair| pair.split_once('='))
            .map(|(name, value)| (decode(name), decode(value)))
            .collect()
    }

    pub(crate) fn line(&self) -> String {
        format!("{} {}", self.method, self.target)
    }
}

fn decode(text: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        match byte {
            b'+' => bytes.push(b' '),
            b'%' => {
                let hex: Vec<u8> = rest.by_ref().take(2).collect();
                bytes.push(u8::from_str_radix(std::str::from_utf8(&hex).unwrap(), 16).unwrap());
            }
            other => bytes.push(other),
        }
    }
    String::from_utf8(bytes).unwrap()
}

/// The server; its thread ends with the test program.
pub(crate) struct Server {
    pub(crate) url: String,
    asked: Arc<Mutex<Vec<Asked>>>,
}

impl Server {
    /// Answers request after request by `script`; the last reply is repeated for ever.
    pub(crate) fn start(script: Vec<Reply>) -> Self {
        Self::start_speaking("http", script, |stream, turn| turn.serve(stream))
    }

    /// The same over TLS, with a certificate of the authority in `tests/data/tls`.
    pub(crate) fn start_tls(script: Vec<Reply>) -> Self {
        Self::start_tls_as(
            include_bytes!("../data/tls/server.pem"),
            include_bytes!("../data/tls/server.key"),
            script,
        )
    }

    /// The same with another certificate and its key.
    pub(crate) fn start_tls_as(certificate: &[u8], key: &[u8], script: Vec<Reply>) -> Self {
        let config = tls_config(certificate, key);
        Self::start_speaking("https", script, move |stream, turn| turn.serve(tls(&config, stream)))
    }

    /// A proxy that says yes to CONNECT and then is the wanted server itself.
    pub(crate) fn start_proxy_to_tls(script: Vec<Reply>) -> Self {
        let config =
            tls_config(include_bytes!("../data/tls/server.pem"), include_bytes!("../data/tls/server.key"));
        Self::start_speaking("http", script, move |mut stream, turn| {
            let connect = read_request(&mut BufReader::new(&stream)).unwrap();
            turn.asked.lock().unwrap().push(connect);
            stream.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
            turn.serve(tls(&config, stream));
        })
    }

    fn start_speaking(
        scheme: &str,
        script: Vec<Reply>,
        speak: impl Fn(TcpStream, &Turn) + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let url = format!("{scheme}://{}", listener.local_addr().unwrap());
        let asked = Arc::new(Mutex::new(Vec::new()));
        let turn = Arc::new(Turn { asked: asked.clone(), script });
        let speak = Arc::new(speak);
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (turn, speak) = (turn.clone(), speak.clone());
                thread::spawn(move || speak(stream.unwrap(), &turn));
            }
        });
        Self { url, asked }
    }

    pub(crate) fn asked(&self) -> Vec<Asked> {
        self.asked.lock().unwrap().clone()
    }

    pub(crate) fn lines(&self) -> Vec<String> {
        self.asked().iter().map(Asked::line).collect()
    }
}

fn tls_config(certificate: &[u8], key: &[u8]) -> Arc<ServerConfig> {
    let chain = vec![CertificateDer::from_pem_slice(certificate).unwrap()];
    let key = PrivateKeyDer::from_pem_slice(key).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder =
        ServerConfig::builder_with_provider(provider).with_safe_default_protocol_versions().unwrap();
    Arc::new(builder.with_no_client_auth().with_single_cert(chain, key).unwrap())
}

fn tls(config: &Arc<ServerConfig>, stream: TcpStream) -> StreamOwned<ServerConnection, TcpStream> {
    StreamOwned::new(ServerConnection::new(config.clone()).unwrap(), stream)
}

/// What is answered next, and what was asked.
struct Turn {
    asked: Arc<Mutex<Vec<Asked>>>,
    script: Vec<Reply>,
}

impl Turn {
    fn serve(&self, stream: impl Read + Write) {
        let mut stream = BufReader::new(stream);
        while let Some(request) = read_request(&mut stream) {
            let turn = {
                let mut asked = self.asked.lock().unwrap();
                asked.push(request);
                asked.len() - 1
            };
            let reply = &self.script[turn.min(self.script.len() - 1)];
            let answer = match reply {
                Reply::Answer(status, body) => {
                    let length = body.len();
                    format!(
                        "HTTP/1.1 {status} Said\r\nx-amzn-requestid: req-1\r\ncontent-length: {length}\r\n\r\n{body}"
                    )
                }
                Reply::With(status, headers, body) => {
                    let length = body.len();
                    format!("HTTP/1.1 {status} Said\r\n{headers}content-length: {length}\r\n\r\n{body}")
                }
                Reply::Redirect(to) => {
                    format!("HTTP/1.1 302 Found\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n")
                }
                Reply::CutInBody => "HTTP/1.1 200 OK\r\ncontent-length: 1000\r\n\r\n<half".to_owned(),
                Reply::Cut => return,
                Reply::Silent(time) => {
                    thread::sleep(*time);
                    return;
                }
            };
            let sent = stream.get_mut().write_all(answer.as_bytes());
            if sent.is_err() || matches!(reply, Reply::CutInBody) {
                return;
            }
        }
    }
}

fn read_request(reader: &mut impl BufRead) -> Option<Asked> {
    let mut line = String::new();
    reader.read_line(&mut line).ok().filter(|read| *read > 0)?;
    let mut words = line.split_whitespace();
    let (method, target) = (words.next()?.to_owned(), words.next()?.to_owned());
    let mut headers = HashMap::new();
    loop {
        let mut line = String::new();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim_end_matches(['\r', '\n']).split_once(':') else { break };
        headers.insert(name.to_ascii_lowercase(), value.strip_prefix(' ').unwrap_or(value).to_owned());
    }
    let length = headers.get("content-length").and_then(|text| text.parse().ok()).unwrap_or(0);
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some(Asked { method, target, headers, body: String::from_utf8(body).unwrap() })
}

/// A port where nobody listens.
pub(crate) fn closed_port() -> String {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    format!("http://{}", listener.local_addr().unwrap())
}

/// The real machine with these variables and none else. Sleeping is noted and not done.
pub(crate) struct World {
    real: RealHost,
    vars: HashMap<String, String>,
    pub(crate) slept: Mutex<Vec<Duration>>,
}

impl World {
    pub(crate) fn new(vars: &[(&str, &str)]) -> Self {
        let vars = vars.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
        Self { real: RealHost, vars, slept: Mutex::default() }
    }

    pub(crate) fn host(&self) -> Host<'_> {
        Host { env: self, files: &self.real, clock: self, spawn: &self.real }
    }
}

impl Env for World {
    fn var(&self, name: &str) -> Option<String> {
        self.vars.get(name).cloned()
    }
}

impl Clock for World {
    fn now(&self) -> Timestamp {
        self.real.now()
    }

    fn sleep(&self, duration: Duration) {
        self.slept.lock().unwrap().push(duration);
    }
}

/// Seconds from now, as AWS writes times.
pub(crate) fn in_secs(seconds: i64) -> String {
    let at = RealHost.now() + jiff::SignedDuration::from_secs(seconds);
    rolo_core::credentials::render_expiration(at)
}
