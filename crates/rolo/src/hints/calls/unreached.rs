//! No answer of AWS's came: which setting led where nobody answers, or what stands in between.

use rolo_core::{
    aws::{AwsError, Obstacle, ProxyFault, TlsFault, shown_url},
    origin::{Origin, Sourced},
    profile::nearest,
    regions::REGIONS,
};

use super::{Around, Told, host_and_port, place};

pub(super) fn tell(told: Told, error: &AwsError, around: Around<'_>) -> Told {
    match error {
        AwsError::Unreachable { endpoint, tries, source } => {
            let told = if *tries > 1 { told.note(format!("it was tried {tries} times")) } else { told };
            Unreached { endpoint, around }.tell(told, &source.obstacle)
        }
        AwsError::NotAws { endpoint, is_page, .. } => {
            let unreached = Unreached { endpoint, around };
            if unreached.set().is_none() && *is_page {
                told.hint("sign in to this network: open any page in a browser, then run this again")
            } else {
                unreached.tell_endpoint(told, "is not AWS's")
            }
        }
        AwsError::BadAnswer { endpoint, .. } => {
            let unreached = Unreached { endpoint, around };
            if unreached.set().is_some() {
                unreached.tell_endpoint(told, "does not answer as AWS does")
            } else {
                told.hint(
                    "run it again; `-vv` shows the request and the request id, which AWS's support asks for",
                )
            }
        }
        AwsError::CaBundle { .. } => {
            let origin = around.settings().and_then(|settings| settings.ca_bundle.as_ref());
            let origin = origin.map(|bundle| &bundle.origin);
            told.at(origin).hint(match origin {
                Some(Origin::Env(name)) => {
                    format!("name a file with certificates (PEM) by `{name}`, or unset it: the machine's own are used then")
                }
                origin => format!(
                    "name a file with certificates (PEM) by `ca_bundle`{}, or remove the line: the machine's own are used then",
                    place(origin)
                ),
            })
        }
        AwsError::Proxy { scheme } => {
            let origin =
                around.settings().and_then(|settings| settings.proxy.variable_for(&format!("{scheme}:")));
            let name = origin.map_or_else(|| format!("`{}_PROXY`", scheme.to_uppercase()), variable);
            told.hint(format!(
                "write {name} as `http://HOST:PORT` or `http://USER:PASSWORD@HOST:PORT`, or unset it"
            ))
        }
        AwsError::Endpoint { url, .. } => {
            let set = around.endpoint(url).map(|set| &set.origin);
            told.at(set)
                .hint(format!("write the endpoint{} as `https://HOST` or `http://HOST:PORT`", place(set)))
        }
        AwsError::Setup { .. } => tell_setup(told, around),
        _ => told,
    }
}

/// The SDK found no endpoint for the settings.
fn tell_setup(told: Told, around: Around<'_>) -> Told {
    let is_odd = |region: &str| region.contains(|c: char| !c.is_ascii_alphanumeric() && c != '-');
    match around.region() {
        Some(region) if is_odd(&region.value) => {
            let known = |word: &&str| REGIONS.contains(word);
            let within = region.value.split(|c: char| !c.is_ascii_alphanumeric() && c != '-').find(known);
            told.at(Some(&region.origin)).hint(format!(
                "write `{}`, and nothing else, as the `region`{}",
                within.unwrap_or("us-east-1"),
                place(Some(&region.origin))
            ))
        }
        region => told.at(region.map(|region| &region.origin)).hint(
            "remove one of `endpoint_url`, `use_fips_endpoint` and `use_dualstack_endpoint`, which do not go together",
        ),
    }
}

fn variable(origin: &Origin) -> String {
    match origin {
        Origin::Env(name) => format!("`{name}`"),
        other => other.to_string(),
    }
}

#[derive(Clone, Copy)]
struct Unreached<'a> {
    /// Without path.
    endpoint: &'a str,
    around: Around<'a>,
}

impl<'a> Unreached<'a> {
    /// The endpoint as somebody set it; `None` for AWS's own.
    fn set(self) -> Option<&'a Sourced<String>> {
        self.around.endpoint(self.endpoint)
    }

    fn host(self) -> &'a str {
        let authority = host_and_port(self.endpoint);
        authority.rsplit_once(':').map_or(authority, |(host, _)| host)
    }

    /// The variable of the proxy on the way, in backticks.
    fn proxy_variable(self) -> String {
        let origin = self.around.settings().and_then(|all| all.proxy.variable_for(self.endpoint));
        origin.map_or_else(|| "`HTTPS_PROXY`".to_owned(), variable)
    }

    fn tell(self, told: Told, obstacle: &Obstacle) -> Told {
        match obstacle {
            Obstacle::NameNotFound { .. } => {
                self.tell_name(told, "look whether this machine is online, and at its name servers")
            }
            Obstacle::NoNameServer { .. } => {
                self.tell_name(told, "look whether this machine is online: no name server answers")
            }
            Obstacle::Proxy { proxy, fault } => self.tell_proxy(told, proxy, *fault),
            Obstacle::Tls(fault) => self.tell_tls(told, *fault),
            Obstacle::ConnectionRefused => self.tell_endpoint(told, "has nobody who listens"),
            Obstacle::NoRoute | Obstacle::ConnectTimeout => {
                self.tell_endpoint(told, "cannot be reached from here")
            }
            _ => self.tell_endpoint(told, "does not answer"),
        }
    }

    fn tell_endpoint(self, told: Told, what: &str) -> Told {
        match self.set() {
            Some(set) => told.at(Some(&set.origin)).hint(match &set.origin {
                Origin::Env(name) => {
                    format!("correct the endpoint in `{name}`, or unset it to call AWS: `{}` {what}", shown_url(&set.value))
                }
                origin => format!(
                    "correct the endpoint{}, or remove it to call AWS: `{}` {what}",
                    place(Some(origin)),
                    shown_url(&set.value)
                ),
            }),
            None => told.hint(format!(
                "look whether a firewall or VPN stands in between: `curl -v {}`; where a proxy is needed, set `HTTPS_PROXY`",
                self.endpoint
            )),
        }
    }

    fn tell_name(self, told: Told, else_hint: &str) -> Told {
        if self.set().is_some() {
            return self.tell_endpoint(told, "is a name that leads nowhere");
        }
        let Some(region) = self.around.region().filter(|region| self.host().contains(region.value.as_str()))
        else {
            return told.hint(else_hint);
        };
        if REGIONS.contains(&region.value.as_str()) {
            return told.hint(else_hint);
        }
        let near = match nearest(&region.value, REGIONS.into_iter()) {
            Some(near) => format!("did you mean `{near}`? "),
            None => String::new(),
        };
        told.at(Some(&region.origin)).hint(format!(
            "{near}`{}`{} is no region that rolo knows; if it is new, {else_hint}",
            region.value,
            place(Some(&region.origin))
        ))
    }

    fn tell_proxy(self, told: Told, proxy: &str, fault: ProxyFault) -> Told {
        let (variable, host) = (self.proxy_variable(), self.host());
        told.hint(match fault {
            ProxyFault::WantsCredentials => {
                format!("put user and password into {variable}: `http://USER:PASSWORD@{proxy}`")
            }
            ProxyFault::Unreached => format!(
                "correct or unset {variable}, or let `{host}` be reached without it: add the name to `NO_PROXY`"
            ),
            _ => format!(
                "ask whoever runs the proxy to let `CONNECT {host}:443` through, or add `{host}` to `NO_PROXY`; {variable} names the proxy"
            ),
        })
    }

    fn tell_tls(self, told: Told, fault: TlsFault) -> Told {
        let bundle = self.around.settings().and_then(|settings| settings.ca_bundle.as_ref());
        match (fault, bundle) {
            (TlsFault::UnknownIssuer, Some(bundle)) => told.at(Some(&bundle.origin)).hint(format!(
                "add the certificate of whoever signed it to `{}`, which{} replaces the machine's own",
                bundle.value.display(),
                place(Some(&bundle.origin))
            )),
            (TlsFault::UnknownIssuer, None) => told.hint(
                "where a proxy or firewall opens TLS, get its certificate (PEM) and name the file: `ca_bundle` in the profile, or `AWS_CA_BUNDLE`",
            ),
            (TlsFault::Expired | TlsFault::NotValidYet, _) => told.hint(format!(
                "compare this machine's clock with the real time: `date -u`; if it is right, the certificate of `{}` is to be renewed",
                self.host()
            )),
            (TlsFault::NotTls, _) if self.set().is_some() => {
                let set = self.set().map(|set| &set.origin);
                told.at(set).hint(format!(
                    "write `http://` in place of `https://` in the endpoint{}, or its other port",
                    place(set)
                ))
            }
            (TlsFault::WrongName, _) if self.set().is_some() => {
                self.tell_endpoint(told, "shows the certificate of another host")
            }
            _ => told.hint(format!(
                "something stands in for `{}`, such as a network that wants a sign-in or a proxy: open any page in a browser",
                self.host()
            )),
        }
    }
}
