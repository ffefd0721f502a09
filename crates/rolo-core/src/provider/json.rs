//! Credentials as JSON, in each of the forms that AWS's tools and endpoints print.
//!
//! Must not know where the text was read. No part of it is ever in an error: it may be a secret.

use jiff::Timestamp;
use serde_json::{Map, Value, error::Category};

use super::{Fields, ProviderError};
use crate::{Credentials, Secret};

/// Above this, a number is milliseconds: as seconds it would be past the year 5000.
const MOST_SECONDS: f64 = 1e11;

/// How a form spells its fields.
struct Spelling {
    id: &'static str,
    secret: &'static str,
    token: &'static str,
    expiration: &'static str,
}

const USUAL: Spelling = Spelling {
    id: "AccessKeyId",
    secret: "SecretAccessKey",
    token: "SessionToken",
    expiration: "Expiration",
};
/// Containers and EC2's metadata service.
const ENDPOINT: Spelling = Spelling { token: "Token", ..USUAL };
/// `aws sso get-role-credentials`.
const SSO: Spelling = Spelling {
    id: "accessKeyId",
    secret: "secretAccessKey",
    token: "sessionToken",
    expiration: "expiration",
};

/// Reads `text`, which `source_name` printed, as one of:
///
/// - an answer of STS: AssumeRole and its like, GetSessionToken, GetFederationToken; also a file of the AWS CLI's cache;
/// - its `Credentials` alone;
/// - the output of a `credential_process` or of `aws configure export-credentials`, whose `Version` must be the number 1;
/// - an answer of a container's endpoint or of EC2's metadata service;
/// - an answer of IAM Identity Center's GetRoleCredentials.
pub fn parse_credentials(source_name: &str, text: &str) -> Result<Credentials, ProviderError> {
    let bad = |reason: String| ProviderError::BadCredentials { source_name: source_name.to_owned(), reason };
    let text = text.trim_start_matches('\u{feff}');
    if text.trim().is_empty() {
        return Err(bad("it is empty".to_owned()));
    }
    let answer: Value = serde_json::from_str(text).map_err(|error| {
        bad(match error.classify() {
            Category::Eof => "the JSON breaks off before its end".to_owned(),
            _ => format!("it is no JSON, from line {} column {} on", error.line(), error.column()),
        })
    })?;
    if !answer.is_object() {
        return Err(bad("it is no JSON object".to_owned()));
    }
    let form = Form::of(&answer).map_err(|reason| bad(reason.to_owned()))?;
    let fields = Fields { map: form.map, source_name: source_name.to_owned() };
    let access_key_id = fields.required(form.spelling.id)?;
    let secret_access_key = Secret::new(fields.required(form.spelling.secret)?);
    let session_token = if form.is_temporary || access_key_id.starts_with("ASIA") {
        Some(fields.required(form.spelling.token)?)
    } else {
        fields.optional(form.spelling.token)?
    };
    Ok(Credentials {
        access_key_id: access_key_id.to_owned(),
        secret_access_key,
        session_token: session_token.map(Secret::new),
        expiration: form.expiration(&fields)?,
        account_id: None,
    })
}

/// Where the fields are, and how they are spelled.
struct Form<'a> {
    map: &'a Map<String, Value>,
    spelling: &'static Spelling,
    /// These are never long-term keys, so a token belongs to them.
    is_temporary: bool,
}

impl<'a> Form<'a> {
    fn of(answer: &'a Value) -> Result<Self, &'static str> {
        const NONE: &str = "there are no credentials in it";
        let has = |key: &str| answer.get(key).is_some();
        let (held, spelling, is_temporary) = if let Some(held) = answer.get("Credentials") {
            (held, &USUAL, true)
        } else if let Some(held) = answer.get("roleCredentials") {
            (held, &SSO, true)
        } else if !has(USUAL.id) && !has(USUAL.secret) {
            return Err(NONE);
        } else if has("Version") && answer["Version"].as_f64() != Some(1.0) {
            return Err("`Version` is not the number 1");
        } else if has(ENDPOINT.token) && !has(USUAL.token) {
            (answer, &ENDPOINT, true)
        } else {
            (answer, &USUAL, false)
        };
        Ok(Self { map: held.as_object().ok_or(NONE)?, spelling, is_temporary })
    }

    /// A time as text, or in seconds or milliseconds since 1970, as AWS's JSON protocols have it.
    fn expiration(&self, fields: &Fields<'_>) -> Result<Option<Timestamp>, ProviderError> {
        let key = self.spelling.expiration;
        let Some(number) = self.map.get(key).and_then(Value::as_f64) else { return fields.expiration(key) };
        let seconds = if number.abs() > MOST_SECONDS { number / 1000.0 } else { number };
        // Floor, so that no moment is claimed that is not there; a cast keeps to the range of the type.
        #[expect(clippy::cast_possible_truncation, reason = "out of range is refused below")]
        let seconds = seconds.floor() as i64;
        let at = Timestamp::from_second(seconds)
            .map_err(|_| fields.bad(format!("`{key}` is no time that can be read")))?;
        Ok(Some(at))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const AT: &str = "2026-11-21T04:14:05Z";

    fn read(text: &str) -> Credentials {
        parse_credentials("the test", text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    fn reason(text: &str) -> String {
        match parse_credentials("the test", text) {
            Err(ProviderError::BadCredentials { reason, .. }) => reason,
            other => panic!("{other:?}: {text}"),
        }
    }

    /// Fields of temporary credentials.
    fn fields(token: &str) -> String {
        format!(
            r#""AccessKeyId": "ASIAX", "SecretAccessKey": "s3cret", "{token}": "t0ken", "Expiration": "{AT}""#
        )
    }

    #[test]
    fn every_form_is_read() {
        let (usual, endpoint) = (fields("SessionToken"), fields("Token"));
        for text in [
            format!(r#"{{"Credentials": {{{usual}}}, "AssumedRoleUser": {{"AssumedRoleId": "AROAX:s", "Arn": "arn:aws:sts::1:assumed-role/a/s"}}, "PackedPolicySize": 6}}"#),
            format!(r#"{{"Credentials": {{{usual}}}, "Subject": "s", "Issuer": "i", "NameQualifier": "n", "SubjectType": "persistent", "Audience": "a"}}"#),
            format!(r#"{{"SubjectFromWebIdentityToken": "s", "Credentials": {{{usual}}}, "Provider": "p"}}"#),
            format!(r#"{{"FederatedUser": {{"FederatedUserId": "1:a"}}, "Credentials": {{{usual}}}}}"#),
            format!(r#"{{"ProviderType": "sso", "Credentials": {{{usual}, "AccountId": "1"}}}}"#),
            format!(r#"{{"Version": 1, {usual}}}"#),
            format!(r#"{{"Version": 1, {usual}, "AccountId": "111122223333"}}"#),
            format!("{{{usual}}}"),
            format!("\u{feff}\n {{{usual}}} \r\n"),
            format!(r#"{{"RoleArn": "arn:aws:iam::1:role/a", {endpoint}}}"#),
            format!(r#"{{"Code": "Success", "LastUpdated": "{AT}", "Type": "AWS-HMAC", {endpoint}}}"#),
            r#"{"roleCredentials": {"accessKeyId": "ASIAX", "secretAccessKey": "s3cret", "sessionToken": "t0ken", "expiration": 1795234445000}}"#.to_owned(),
        ] {
            let read = read(&text);
            assert_eq!(read.access_key_id, "ASIAX");
            assert_eq!(read.secret_access_key.expose(), "s3cret");
            assert_eq!(read.session_token.unwrap().expose(), "t0ken");
            assert_eq!(read.expiration, Some(AT.parse().unwrap()), "{text}");
        }
        let long_term = read(r#"{"Version": 1, "AccessKeyId": "AKIAX", "SecretAccessKey": "s3cret"}"#);
        assert_eq!((long_term.session_token, long_term.expiration), (None, None));
    }

    #[test]
    fn times_are_read_as_the_tools_write_them() {
        for said in [
            r#""2026-11-21T04:14:05Z""#,
            r#""2026-11-21T04:14:05+00:00""#,
            r#""2026-11-21T05:14:05+01:00""#,
            r#""2026-11-21T04:14:05.678901+00:00""#,
            r#""2026-11-21 04:14:05+00:00""#,
            r#""2026-11-21T04:14:05UTC""#,
            "1795234445",
            "1.795234445E9",
            "1795234445.9",
            "1795234445678",
        ] {
            let text = format!("{{{}}}", fields("SessionToken")).replace(&format!("\"{AT}\""), said);
            assert_eq!(read(&text).expiration.unwrap().as_second(), 1_795_234_445, "{said}");
        }
        for said in [r#""soon""#, r#""2026-11-21T04:14:05""#, r#""""#, "1e300", "-1e18"] {
            let text = format!("{{{}}}", fields("SessionToken")).replace(&format!("\"{AT}\""), said);
            assert_eq!(reason(&text), "`Expiration` is no time that can be read", "{said}");
        }
        for said in ["true", "[]", "{}"] {
            let text = format!("{{{}}}", fields("SessionToken")).replace(&format!("\"{AT}\""), said);
            assert_eq!(reason(&text), "`Expiration` is no text", "{said}");
        }
    }

    #[test]
    fn what_is_wrong_is_told_without_the_text() {
        for (text, expected) in [
            ("", "it is empty"),
            (" \n", "it is empty"),
            ("\u{feff}", "it is empty"),
            ("hunter2", "it is no JSON, from line 1 column 1 on"),
            ("{\"a\": 1,\n hunter2}", "it is no JSON, from line 2 column 2 on"),
            (r#"{"a": 1} {"hunter2": 1}"#, "it is no JSON, from line 1 column 10 on"),
            ("export AWS_SECRET_ACCESS_KEY=hunter2", "it is no JSON, from line 1 column 1 on"),
            ("[1]", "it is no JSON object"),
            (r#""hunter2""#, "it is no JSON object"),
            (r#"{"hunter2": 1}"#, "there are no credentials in it"),
            (r#"{"Credentials": "hunter2"}"#, "there are no credentials in it"),
            (r#"{"Credentials": null}"#, "there are no credentials in it"),
            (r#"{"Code": "hunter2", "Message": "no role"}"#, "there are no credentials in it"),
            (r#"{"Credentials": {"SecretAccessKey": "hunter2"}}"#, "`AccessKeyId` is missing"),
            (r#"{"SecretAccessKey": "hunter2"}"#, "`AccessKeyId` is missing"),
            (r#"{"AccessKeyId": "AKIAX"}"#, "`SecretAccessKey` is missing"),
            (r#"{"AccessKeyId": "AKIAX", "SecretAccessKey": ""}"#, "`SecretAccessKey` is no text, or empty"),
            (r#"{"AccessKeyId": 7, "SecretAccessKey": "hunter2"}"#, "`AccessKeyId` is no text, or empty"),
            (
                r#"{"AccessKeyId": "AKIAX", "SecretAccessKey": "hunter2", "SessionToken": 7}"#,
                "`SessionToken` is no text",
            ),
            (r#"{"AccessKeyId": "ASIAX", "SecretAccessKey": "hunter2"}"#, "`SessionToken` is missing"),
            (
                r#"{"Credentials": {"AccessKeyId": "AKIAX", "SecretAccessKey": "hunter2"}}"#,
                "`SessionToken` is missing",
            ),
            (
                r#"{"AccessKeyId": "AKIAX", "SecretAccessKey": "hunter2", "Token": null}"#,
                "`Token` is no text, or empty",
            ),
            (
                r#"{"Version": "1", "AccessKeyId": "AKIAX", "SecretAccessKey": "hunter2"}"#,
                "`Version` is not the number 1",
            ),
            (
                r#"{"Version": 2, "AccessKeyId": "AKIAX", "SecretAccessKey": "hunter2"}"#,
                "`Version` is not the number 1",
            ),
            (
                r#"{"roleCredentials": {"accessKeyId": "ASIAX", "secretAccessKey": "hunter2"}}"#,
                "`sessionToken` is missing",
            ),
        ] {
            assert_eq!(reason(text), expected, "{text}");
        }
        let deep = format!("{}hunter2", "[".repeat(100_000));
        assert!(!reason(&deep).contains("hunter2"));
    }

    #[test]
    fn what_breaks_off_is_told_as_such() {
        let whole = format!(r#"{{"Credentials": {{{}}}, "PackedPolicySize": 6}}"#, fields("SessionToken"));
        for end in 1..whole.len() {
            assert_eq!(reason(&whole[..end]), "the JSON breaks off before its end", "{}", &whole[..end]);
        }
    }
}
