//! Answers in the forms AWS gives them: XML of STS and IAM, JSON of SSO and SSO-OIDC.
//!
//! Must not know how an answer was found.

use serde_json::{Value, json};

use crate::{error::AwsError, request::Service};

/// A complete answer.
#[derive(Debug, Clone)]
pub(crate) struct Reply {
    pub(crate) status: u16,
    pub(crate) headers: Vec<(&'static str, String)>,
    pub(crate) body: String,
}

/// What an action gives back.
#[derive(Debug, Clone)]
pub(crate) enum Answer {
    /// The children of `<ACTIONResult>`.
    Xml(Vec<Element>),
    /// The whole body.
    Json(Value),
}

/// An XML element.
#[derive(Debug, Clone)]
pub(crate) enum Element {
    /// With a text in it.
    Text(&'static str, String),
    /// With elements in it.
    Group(&'static str, Vec<Element>),
}

impl Element {
    pub(crate) fn text(name: &'static str, text: impl Into<String>) -> Self {
        Self::Text(name, text.into())
    }

    fn render(&self) -> String {
        match self {
            Self::Text(name, text) => format!("<{name}>{}</{name}>", escape(text)),
            Self::Group(name, children) => format!("<{name}>{}</{name}>", render_all(children)),
        }
    }
}

fn render_all(elements: &[Element]) -> String {
    elements.iter().map(Element::render).collect()
}

/// The outcome of `action` as `service` writes it.
pub(crate) fn render_reply(
    service: Service,
    action: &str,
    outcome: Result<&Answer, &AwsError>,
    request_id: &str,
) -> Reply {
    match outcome {
        Ok(Answer::Xml(elements)) => render_xml(service, action, elements, request_id),
        Ok(Answer::Json(value)) => json_reply(200, value, request_id),
        Err(error) => render_error(service, error, request_id),
    }
}

fn namespace(service: Service) -> &'static str {
    match service {
        Service::Iam => "https://iam.amazonaws.com/doc/2010-05-08/",
        _ => "https://sts.amazonaws.com/doc/2011-06-15/",
    }
}

fn render_xml(service: Service, action: &str, elements: &[Element], request_id: &str) -> Reply {
    let (namespace, result) = (namespace(service), render_all(elements));
    let body = format!(
        "<{action}Response xmlns=\"{namespace}\"><{action}Result>{result}</{action}Result><ResponseMetadata>\
         <RequestId>{request_id}</RequestId></ResponseMetadata></{action}Response>"
    );
    xml_reply(200, body, request_id)
}

fn render_error(service: Service, error: &AwsError, request_id: &str) -> Reply {
    match service {
        Service::Sts | Service::Iam | Service::Unknown => {
            let fault = if error.status >= 500 { "Receiver" } else { "Sender" };
            let body = format!(
                "<ErrorResponse xmlns=\"{}\"><Error><Type>{fault}</Type><Code>{}</Code><Message>{}</Message></Error>\
                 <RequestId>{request_id}</RequestId></ErrorResponse>",
                namespace(service),
                escape(&error.code),
                escape(&error.message)
            );
            xml_reply(error.status, body, request_id)
        }
        Service::Sso => {
            let body = json!({ "message": error.message, "__type": error.code });
            with_error_type(json_reply(error.status, &body, request_id), error)
        }
        Service::SsoOidc => {
            let name = snake_case(error.code.trim_end_matches("Exception"));
            let body = json!({ "error": name, "error_description": error.message });
            with_error_type(json_reply(error.status, &body, request_id), error)
        }
    }
}

fn xml_reply(status: u16, body: String, request_id: &str) -> Reply {
    let headers = vec![("content-type", "text/xml".to_owned()), ("x-amzn-requestid", request_id.to_owned())];
    Reply { status, headers, body }
}

/// A JSON answer with AWS's request id.
pub(crate) fn json_reply(status: u16, body: &Value, request_id: &str) -> Reply {
    let headers =
        vec![("content-type", "application/json".to_owned()), ("x-amzn-requestid", request_id.to_owned())];
    Reply { status, headers, body: body.to_string() }
}

fn with_error_type(mut reply: Reply, error: &AwsError) -> Reply {
    reply.headers.push(("x-amzn-errortype", error.code.to_string()));
    reply
}

/// `InvalidGrant` as OAuth writes it: `invalid_grant`.
fn snake_case(text: &str) -> String {
    let mut out = String::new();
    for character in text.chars() {
        if character.is_ascii_uppercase() && !out.is_empty() {
            out.push('_');
        }
        out.push(character.to_ascii_lowercase());
    }
    out
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
