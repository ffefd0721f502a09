//! What is asked for: a profile or role, and what the command line changes about it.
//!
//! Must not know how it was typed.

use super::target::parse_direct_role;

/// Whose credentials are asked for.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Target {
    /// Nobody was named: `AWS_PROFILE` or the default chain.
    #[default]
    Default,
    /// PROFILE or `--profile`: a profile's name, a role's ARN or `ACCOUNT:ROLE`, decided when the files are known,
    /// since an exact profile name always wins.
    Named(String),
    /// `--role`: an ARN or `ACCOUNT:ROLE`, never a profile. Nothing else is known of the role, so the name of its session
    /// and whether it wants MFA are found out.
    Role(String),
}

/// How long a session shall last: as typed, for a request's words, and in seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SessionLength {
    text: String,
    /// What STS is asked for.
    pub seconds: u32,
}

impl SessionLength {
    /// Reads `3600`, `90m`, `1h`, `1h30m`; `None` for anything else.
    pub fn parse(text: &str) -> Option<Self> {
        Some(Self { text: text.to_owned(), seconds: parse_seconds(text)? })
    }

    /// As typed.
    pub fn text(&self) -> &str {
        &self.text
    }
}

/// Reads a length of time in whole seconds, or in `h`, `m` and `s` together.
pub fn parse_seconds(text: &str) -> Option<u32> {
    if let Ok(seconds) = text.parse() {
        return Some(seconds);
    }
    let mut rest = text;
    let mut total: u32 = 0;
    while !rest.is_empty() {
        let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
        let number: u32 = rest.get(..digits)?.parse().ok()?;
        let scale = match rest.as_bytes().get(digits)? {
            b'h' => 3600,
            b'm' => 60,
            b's' => 1,
            _ => return None,
        };
        total = total.checked_add(number.checked_mul(scale)?)?;
        rest = &rest[digits + 1..];
    }
    (!text.is_empty()).then_some(total)
}

/// A question to the resolver. Everything in it came from the command line.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Request {
    /// Whose credentials.
    pub target: Target,
    /// `--source-profile`.
    pub source_profile: Option<String>,
    /// `--role-arn`.
    pub role_arn: Option<String>,
    /// `--external-id`.
    pub external_id: Option<String>,
    /// `--role-session-name`.
    pub role_session_name: Option<String>,
    /// `--duration`.
    pub duration: Option<SessionLength>,
    /// `--mfa-serial`.
    pub mfa_serial: Option<String>,
    /// `--region`.
    pub region: Option<String>,
    /// `--policy`, the JSON itself.
    pub policy: Option<String>,
    /// `--policy-arn`.
    pub policy_arns: Vec<String>,
    /// `--read-only`: AWS's ReadOnlyAccess as one more of them.
    pub read_only: bool,
    /// `--tag KEY=VALUE`.
    pub tags: Vec<(String, String)>,
    /// `--transitive-tag KEY`.
    pub transitive_tag_keys: Vec<String>,
    /// `--source-identity`.
    pub source_identity: Option<String>,
    /// `--no-mfa-session`.
    pub no_mfa_session: bool,
    /// `rolo session`: not the role, but a session of the IAM user's own key that its chain starts from.
    pub session: bool,
}

impl Request {
    /// A request for one profile, nothing changed.
    pub fn for_profile(name: impl Into<String>) -> Self {
        Self { target: Target::Named(name.into()), ..Self::default() }
    }

    /// Whether a profile is named by the command line; a role named directly starts from wherever the shell is.
    pub fn names_profile(&self, is_profile: impl Fn(&str) -> bool) -> bool {
        match &self.target {
            _ if self.source_profile.is_some() => true,
            Target::Named(name) => is_profile(name) || parse_direct_role(name).is_none(),
            Target::Role(_) | Target::Default => false,
        }
    }

    /// The words that decide the answer, for its memo: equal for equal requests only.
    pub fn words(&self) -> Vec<&str> {
        fn one<'a>(name: &'static str, value: Option<&'a String>) -> impl Iterator<Item = &'a str> {
            value.into_iter().flat_map(move |value| [name, value.as_str()])
        }
        fn each<'a>(name: &'static str, values: &'a [String]) -> impl Iterator<Item = &'a str> {
            values.iter().flat_map(move |value| [name, value.as_str()])
        }
        let (target, role) = match &self.target {
            Target::Default => (None, None),
            Target::Named(name) => (Some(name), None),
            Target::Role(role) => (None, Some(role)),
        };
        one("target", target)
            .chain(one("role", role))
            .chain(one("source_profile", self.source_profile.as_ref()))
            .chain(one("role_arn", self.role_arn.as_ref()))
            .chain(one("external_id", self.external_id.as_ref()))
            .chain(one("role_session_name", self.role_session_name.as_ref()))
            .chain(one("mfa_serial", self.mfa_serial.as_ref()))
            .chain(one("region", self.region.as_ref()))
            .chain(one("policy", self.policy.as_ref()))
            .chain(one("source_identity", self.source_identity.as_ref()))
            .chain(one("duration", self.duration.as_ref().map(|length| &length.text)))
            .chain(each("policy_arn", &self.policy_arns))
            .chain(self.read_only.then_some("read_only"))
            .chain(self.tags.iter().flat_map(|(key, value)| ["tag", key.as_str(), value.as_str()]))
            .chain(each("transitive_tag_key", &self.transitive_tag_keys))
            .chain(self.no_mfa_session.then_some("no_mfa_session"))
            .chain(self.session.then_some("session"))
            .collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lengths_of_time() {
        for (text, seconds) in [("3600", 3600), ("1h", 3600), ("90m", 5400), ("1h30m", 5400), ("15m30s", 930)]
        {
            assert_eq!(parse_seconds(text), Some(seconds), "{text}");
        }
        for text in ["", "h", "1d", "1h30", "-5m", "99999999h"] {
            assert_eq!(parse_seconds(text), None, "{text}");
        }
    }

    #[test]
    fn other_requests_have_other_words() {
        let tagged =
            |key: &str, value: &str| Request { tags: vec![(key.into(), value.into())], ..Request::default() };
        assert_ne!(tagged("a", "b").words(), tagged("b", "a").words());
        let region = Request { region: Some("x".into()), ..Request::default() };
        let policy = Request { policy: Some("x".into()), ..Request::default() };
        assert_ne!(region.words(), policy.words());
        assert_ne!(Request::for_profile("x").words(), Request::default().words());
    }
}
