//! Signature Version 4: reads the `Authorization` header and computes, with AWS's own signer, what it should say.
//!
//! Must not know whose key it is.

use std::time::SystemTime;

use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4,
};
use jiff::{SignedDuration, Timestamp, civil::DateTime, tz::TimeZone};

use crate::{error::AwsError, request::Request};

const ALGORITHM: &str = "AWS4-HMAC-SHA256";
const TOLERANCE: SignedDuration = SignedDuration::from_mins(15);
const BASIC_FORMAT: &str = "%Y%m%dT%H%M%SZ";

/// What the header says.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Authorization<'a> {
    pub(crate) access_key_id: &'a str,
    /// `20261121`.
    date: &'a str,
    pub(crate) region: &'a str,
    service: &'a str,
    signed_headers: &'a str,
    signature: &'a str,
}

impl<'a> Authorization<'a> {
    /// Reads the header; a request without one is `MissingAuthenticationToken`, one that cannot be read
    /// `IncompleteSignature`.
    pub(crate) fn parse(request: &'a Request) -> Result<Self, AwsError> {
        let header = request.header("authorization").ok_or_else(|| {
            AwsError::new(403, "MissingAuthenticationToken", "Request is missing Authentication Token")
        })?;
        Self::parse_header(header).ok_or_else(|| {
            let message =
                "Authorization header requires 'Credential', 'SignedHeaders' and 'Signature' parameters.";
            AwsError::new(400, "IncompleteSignature", message)
        })
    }

    fn parse_header(header: &'a str) -> Option<Self> {
        let fields = header.strip_prefix(ALGORITHM)?;
        let field = |name: &str| {
            let mut fields = fields.split(',').map(str::trim);
            fields.find_map(|field| field.strip_prefix(name)?.strip_prefix('='))
        };
        let scope: Vec<&str> = field("Credential")?.split('/').collect();
        let [access_key_id, date, region, service, "aws4_request"] = scope[..] else { return None };
        let (signed_headers, signature) = (field("SignedHeaders")?, field("Signature")?);
        Some(Self { access_key_id, date, region, service, signed_headers, signature })
    }

    /// Checks scope, date and signature. The date may lie 15 minutes off either clock: the one of the wire, and the one
    /// that a test advanced, for a client may have been advanced with it.
    pub(crate) fn verify(
        &self,
        request: &Request,
        secret: &str,
        service: &str,
        clocks: [Timestamp; 2],
    ) -> Result<(), AwsError> {
        self.verify_scope(service)?;
        let at = self.verify_date(request, clocks)?;
        let expected = self.expected(request, secret, at);
        if expected.as_deref() == Some(self.signature) {
            return Ok(());
        }
        Err(AwsError::signature(
            "The request signature we calculated does not match the signature you provided. Check your AWS Secret \
             Access Key and signing method. Consult the service documentation for details.",
        ))
    }

    fn verify_scope(&self, service: &str) -> Result<(), AwsError> {
        if self.service != service {
            let message = format!("Credential should be scoped to correct service: '{service}'. ");
            return Err(AwsError::signature(message));
        }
        if !is_region(self.region) {
            return Err(AwsError::signature("Credential should be scoped to a valid region. "));
        }
        Ok(())
    }

    fn verify_date(&self, request: &Request, clocks: [Timestamp; 2]) -> Result<Timestamp, AwsError> {
        let text = request.header("x-amz-date").unwrap_or_default();
        let at = parse_basic(text).ok_or_else(|| {
            let message = format!(
                "Date must be in ISO-8601 'basic format'. Got '{text}'. See http://en.wikipedia.org/wiki/ISO_8601"
            );
            AwsError::new(400, "IncompleteSignature", message)
        })?;
        if !text.starts_with(self.date) {
            let message = format!(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date from HTTP: '{}' != \
                 '{}', from '{text}'.",
                self.date,
                text.get(..8).unwrap_or_default()
            );
            return Err(AwsError::signature(message));
        }
        let off = |clock: &Timestamp| at.duration_since(*clock).abs();
        if clocks.iter().any(|clock| off(clock) <= TOLERANCE) {
            return Ok(at);
        }
        Err(AwsError::signature(render_off(text, at, clocks[0])))
    }

    fn expected(&self, request: &Request, secret: &str, at: Timestamp) -> Option<String> {
        let identity = Credentials::new(self.access_key_id, secret, None, None, "fake-aws").into();
        let mut settings = SigningSettings::default();
        // Only what the client signed is handed to the signer, so nothing is to be left out of that.
        settings.excluded_headers = None;
        let params = v4::SigningParams::builder()
            .identity(&identity)
            .region(self.region)
            .name(self.service)
            .time(SystemTime::from(at))
            .settings(settings)
            .build()
            .ok()?;
        let headers = self
            .signed_headers
            .split(';')
            .map(|name| Some((name, request.header(name)?)))
            .collect::<Option<Vec<_>>>()?;
        let uri = format!("http://{}{}", request.header("host")?, request.uri);
        let signable = SignableRequest::new(
            request.method.as_str(),
            uri,
            headers.into_iter(),
            SignableBody::Bytes(&request.body),
        );
        let signed = sign(signable.ok()?, &params.into()).ok()?;
        Some(signed.signature().to_owned())
    }
}

/// A clock that is off, as AWS words it.
fn render_off(text: &str, at: Timestamp, clock: Timestamp) -> String {
    let now = clock.strftime(BASIC_FORMAT);
    if at < clock {
        let limit = (clock - TOLERANCE).strftime(BASIC_FORMAT);
        format!("Signature expired: {text} is now earlier than {limit} ({now} - 15 min.)")
    } else {
        let limit = (clock + TOLERANCE).strftime(BASIC_FORMAT);
        format!("Signature not yet current: {text} is still later than {limit} ({now} + 15 min.)")
    }
}

fn parse_basic(text: &str) -> Option<Timestamp> {
    let civil = DateTime::strptime(BASIC_FORMAT, text).ok()?;
    Some(civil.to_zoned(TimeZone::UTC).ok()?.timestamp())
}

/// `eu-central-1`, `us-gov-west-1`; which of them exist is not known here.
fn is_region(text: &str) -> bool {
    let mut parts = text.rsplit('-');
    let number = parts.next().unwrap_or_default();
    let words: Vec<&str> = parts.collect();
    !number.is_empty()
        && number.bytes().all(|byte| byte.is_ascii_digit())
        && words.len() >= 2
        && words.iter().all(|word| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn headers_are_read_with_and_without_blanks() {
        for comma in [",", ", "] {
            let header = format!(
                "AWS4-HMAC-SHA256 Credential=AKIA/20261121/eu-central-1/sts/aws4_request{comma}SignedHeaders=host;x-amz-date\
                 {comma}Signature=ab12"
            );
            let read = Authorization::parse_header(&header).unwrap();
            assert_eq!((read.access_key_id, read.region, read.service), ("AKIA", "eu-central-1", "sts"));
            assert_eq!((read.signed_headers, read.signature), ("host;x-amz-date", "ab12"));
        }
        assert!(Authorization::parse_header("Bearer x").is_none());
        assert!(Authorization::parse_header("AWS4-HMAC-SHA256 Credential=A/B").is_none());
    }

    #[test]
    fn regions_by_shape() {
        for region in ["us-east-1", "us-gov-west-1", "ap-southeast-12", "cn-north-1"] {
            assert!(is_region(region), "{region}");
        }
        for region in ["", "us-east", "us-1", "US-EAST-1", "us--1", "aws-global"] {
            assert!(!is_region(region), "{region}");
        }
    }

    #[test]
    fn a_wrong_clock_is_worded_as_by_aws() {
        let clock = parse_basic("20220127T015928Z").unwrap();
        let text = "20220127T001427Z";
        assert_eq!(
            render_off(text, parse_basic(text).unwrap(), clock),
            "Signature expired: 20220127T001427Z is now earlier than 20220127T014428Z (20220127T015928Z - 15 min.)"
        );
        let text = "20220127T031427Z";
        assert_eq!(
            render_off(text, parse_basic(text).unwrap(), clock),
            "Signature not yet current: 20220127T031427Z is still later than 20220127T021428Z (20220127T015928Z + 15 min.)"
        );
    }
}
