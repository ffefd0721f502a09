//! What a web identity token claims: issuer, audience, subject. Not verified, and none of it is the proof that the token is.
//!
//! Must not know where the token is from.

use serde_json::Value;

use crate::Secret;

/// The claims that a role's trust policy looks at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claims {
    /// The issuer without `https://`, as it stands in the provider's ARN.
    pub issuer: String,
    /// The audience; of several the first.
    pub audience: Option<String>,
    /// Whom the token is about.
    pub subject: Option<String>,
}

/// Reads the middle part of a JWT; `None` where the token is none.
pub fn parse_claims(token: &Secret) -> Option<Claims> {
    let mut parts = token.expose().trim().split('.');
    let (_header, payload, _signature) = (parts.next()?, parts.next()?, parts.next()?);
    let claims: Value = serde_json::from_slice(&decode_base64(payload)?).ok()?;
    let text = |value: &Value| value.as_str().map(ToOwned::to_owned);
    let audience = claims.get("aud").and_then(|aud| text(aud).or_else(|| text(aud.get(0)?)));
    let issuer = claims.get("iss")?.as_str()?;
    Some(Claims {
        issuer: issuer.trim_start_matches("https://").to_owned(),
        audience,
        subject: claims.get("sub").and_then(text),
    })
}

/// Base64 in the alphabet for URLs, without padding.
fn decode_base64(text: &str) -> Option<Vec<u8>> {
    let mut bytes = Vec::with_capacity(text.len() * 3 / 4);
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.trim_end_matches('=').bytes() {
        let value = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'-' | b'+' => 62,
            b'_' | b'/' => 63,
            _ => return None,
        };
        bits = bits << 6 | u32::from(value);
        count += 6;
        if count >= 8 {
            count -= 8;
            bytes.push(u8::try_from(bits >> count & 0xff).ok()?);
        }
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn claims_of_a_token() {
        // {"iss":"https://oidc.example.com/id/A","sub":"system:serviceaccount:ci:build","aud":["sts.amazonaws.com"]}
        let payload = "eyJpc3MiOiJodHRwczovL29pZGMuZXhhbXBsZS5jb20vaWQvQSIsInN1YiI6InN5c3RlbTpzZXJ2aWNlYWNjb3VudDpjaTpidWlsZCIsImF1ZCI6WyJzdHMuYW1hem9uYXdzLmNvbSJdfQ";
        let claims = parse_claims(&Secret::new(format!("eyJ9.{payload}.c2ln\n"))).unwrap();
        assert_eq!(claims.issuer, "oidc.example.com/id/A");
        assert_eq!(claims.audience.as_deref(), Some("sts.amazonaws.com"));
        assert_eq!(claims.subject.as_deref(), Some("system:serviceaccount:ci:build"));
        for text in ["", "a.b", "a.b.c", "a.e30.c", "a.!.c"] {
            assert_eq!(parse_claims(&Secret::new(text)), None, "{text}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "\\PC*|[A-Za-z0-9._-]*") {
            let _ = parse_claims(&Secret::new(text));
        }
    }
}
