//! AWS's words for «not allowed», taken apart. They come in several forms; what is in none of them is left unsaid.
//!
//! Must not know the call that was refused.

use std::fmt;

use serde_json::Value;

/// What an AccessDenied says of itself.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Denial {
    /// The caller's ARN.
    pub caller: Option<String>,
    /// The action that was not allowed: of one call several may be needed.
    pub action: Option<String>,
    /// On what.
    pub resource: Option<String>,
    /// Which kind of policy is the reason.
    pub verdict: Option<Verdict>,
    /// Sentences of AWS that name another reason than a policy.
    pub said: Option<Said>,
    /// What only `sts:DecodeAuthorizationMessage` reads.
    pub encoded: Option<String>,
    /// Names of the statements that decided, where the message was decoded.
    pub statements: Vec<String>,
}

/// A kind of policy, and what it did.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    /// Whether it denies; otherwise it does not allow.
    pub is_explicit: bool,
    /// Which kind.
    pub policy: PolicyKind,
    /// Which one, where AWS names it.
    pub arn: Option<String>,
}

/// The kinds of policy that AWS names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PolicyKind {
    /// Of the user or role that calls.
    Identity,
    /// Of the resource: for a role its trust policy.
    Resource,
    /// The role's trust policy, by that name.
    Trust,
    /// The permissions boundary of the user or role that calls.
    Boundary,
    /// What was given when the caller's session was made.
    Session,
    /// Of the organisation, for the caller's account.
    ServiceControl,
    /// Of the organisation, for the role's account.
    ResourceControl,
    /// Of the VPC endpoint that the call went through.
    VpcEndpoint,
    /// One that is in none of AWS's lists yet, in its words.
    Other(String),
}

/// Reasons that are no policy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Said {
    /// The serial is no device of the caller's.
    UnknownDevice,
    /// A root user called.
    Root,
    /// GetSessionToken was signed by temporary credentials.
    SessionCredentials,
}

impl PolicyKind {
    fn parse(text: &str) -> Self {
        let text = text.trim();
        match text {
            "identity-based policy" => Self::Identity,
            "resource-based policy" => Self::Resource,
            "role trust policy" | "trust policy" => Self::Trust,
            "permissions boundary" | "permissions boundary policy" => Self::Boundary,
            "session policy" => Self::Session,
            "service control policy" => Self::ServiceControl,
            "resource control policy" => Self::ResourceControl,
            "VPC endpoint policy" | "endpoint policy" => Self::VpcEndpoint,
            other => Self::Other(other.to_owned()),
        }
    }

    /// Whether it is the role's own trust policy.
    pub fn is_of_role(&self) -> bool {
        matches!(self, Self::Resource | Self::Trust)
    }
}

impl fmt::Display for PolicyKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Identity => "identity-based policy",
            Self::Resource => "resource-based policy",
            Self::Trust => "role trust policy",
            Self::Boundary => "permissions boundary",
            Self::Session => "session policy",
            Self::ServiceControl => "service control policy",
            Self::ResourceControl => "resource control policy",
            Self::VpcEndpoint => "VPC endpoint policy",
            Self::Other(words) => words,
        })
    }
}

impl Denial {
    /// Takes AWS's message apart.
    pub fn parse(message: &str) -> Self {
        let after = |words: &str| message.split_once(words).map(|(_, rest)| rest);
        let word = |rest: &str| {
            let word = rest.split_whitespace().next().unwrap_or_default();
            Some(word.trim_end_matches(['.', ',']).to_owned()).filter(|word| !word.is_empty())
        };
        let said = [
            ("verify your MFA serial number is valid", Said::UnknownDevice),
            ("may not be assumed by root", Said::Root),
            ("with session credentials", Said::SessionCredentials),
        ];
        Self {
            caller: after("User: ").and_then(word).filter(|caller| caller.starts_with("arn:")),
            action: after(" to perform: ").or_else(|| after("Not authorized to perform ")).and_then(word),
            resource: after(" on resource: ").and_then(word),
            verdict: Verdict::parse(message),
            said: said.into_iter().find(|(words, _)| message.contains(words)).map(|(_, said)| said),
            encoded: after("Encoded authorization failure message: ").and_then(word),
            statements: Vec::new(),
        }
    }

    /// Adds what the decoded message says: JSON that AWS documents as for people, so whatever is missing is left out.
    pub fn add_decoded(&mut self, json: &str) {
        let Ok(decoded) = serde_json::from_str::<Value>(json) else { return };
        let text = |pointer: &str| decoded.pointer(pointer).and_then(Value::as_str).map(ToOwned::to_owned);
        self.encoded = None;
        self.caller =
            self.caller.take().or(text("/context/principal/arn")).filter(|arn| arn.starts_with("arn:"));
        self.action = self.action.take().or(text("/context/action"));
        self.resource = self.resource.take().or(text("/context/resource"));
        let names = |pointer: &str| {
            let items = decoded.pointer(pointer).and_then(Value::as_array).into_iter().flatten();
            items.filter_map(|item| item.get("statementId")?.as_str()).map(ToOwned::to_owned)
        };
        self.statements.extend(names("/matchedStatements/items").filter(|name| !name.is_empty()));
        // The decoded form tells whether there is a Deny, but not in which kind of policy.
        if self.verdict.is_none() && decoded.get("explicitDeny").and_then(Value::as_bool) == Some(true) {
            let policy = PolicyKind::Other("policy".to_owned());
            self.verdict = Some(Verdict { is_explicit: true, policy, arn: None });
        }
    }

    /// Whether AWS says that the reason is no trust policy.
    pub fn is_callers_side(&self) -> bool {
        self.verdict.as_ref().is_some_and(|verdict| !verdict.policy.is_of_role())
    }
}

impl Verdict {
    fn parse(message: &str) -> Option<Self> {
        let (is_explicit, rest) = match message.split_once(" explicit deny in ") {
            Some((_, rest)) => (true, rest),
            None => (false, message.split_once("because no ")?.1.split_once(" allows")?.0),
        };
        let rest =
            ["a ", "an ", "the "].iter().find_map(|article| rest.strip_prefix(article)).unwrap_or(rest);
        let (policy, arn) = match rest.split_once(": ") {
            Some((policy, arn)) => (policy, arn.split_whitespace().next()),
            None => (rest, None),
        };
        let policy = policy.trim_end_matches('.');
        let arn = arn.map(|arn| arn.trim_end_matches('.').to_owned()).filter(|arn| arn.starts_with("arn:"));
        (!policy.is_empty()).then(|| Self { is_explicit, policy: PolicyKind::parse(policy), arn })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const ADA: &str = "arn:aws:iam::111122223333:user/ada";
    const ROLE: &str = "arn:aws:iam::333344445555:role/Admin";

    fn of_role(tail: &str) -> Denial {
        let message =
            format!("User: {ADA} is not authorized to perform: sts:AssumeRole on resource: {ROLE}{tail}");
        let denial = Denial::parse(&message);
        assert_eq!(denial.caller.as_deref(), Some(ADA), "{message}");
        assert_eq!(denial.action.as_deref(), Some("sts:AssumeRole"), "{message}");
        assert_eq!(denial.resource.as_deref(), Some(ROLE), "{message}");
        denial
    }

    #[test]
    fn a_plain_one_says_no_more_than_who_and_what() {
        for tail in ["", "."] {
            assert_eq!(of_role(tail).verdict, None);
        }
    }

    #[test]
    fn the_kind_of_policy_is_read() {
        use PolicyKind::*;
        for (words, kind) in [
            ("identity-based policy", Identity),
            ("resource-based policy", Resource),
            ("permissions boundary", Boundary),
            ("session policy", Session),
            ("service control policy", ServiceControl),
            ("resource control policy", ResourceControl),
            ("VPC endpoint policy", VpcEndpoint),
            ("role trust policy", Trust),
        ] {
            let verdict = |is_explicit| Some(Verdict { is_explicit, policy: kind.clone(), arn: None });
            let denial = of_role(&format!(" because no {words} allows the sts:AssumeRole action"));
            assert_eq!(denial.verdict, verdict(false), "{words}");
            assert_eq!(denial.is_callers_side(), !kind.is_of_role());
            for article in ["a", "an", "the"] {
                let denial = of_role(&format!(" with an explicit deny in {article} {words}"));
                assert_eq!(denial.verdict, verdict(true), "{words}");
            }
            assert_eq!(kind.to_string(), words);
        }
        let named = of_role(
            " with an explicit deny in a service control policy: arn:aws:organizations::1:policy/o-x/p-y",
        );
        assert_eq!(named.verdict.unwrap().arn.unwrap(), "arn:aws:organizations::1:policy/o-x/p-y");
        let new = of_role(" with an explicit deny in a moon phase policy").verdict.unwrap();
        assert_eq!(new.policy, Other("moon phase policy".to_owned()));
    }

    #[test]
    fn other_forms() {
        let web = Denial::parse("Not authorized to perform sts:AssumeRoleWithWebIdentity");
        assert_eq!(web.action.as_deref(), Some("sts:AssumeRoleWithWebIdentity"));
        let encoded = Denial::parse(
            "You are not authorized to perform this operation. Encoded authorization failure message: aGVsbG8_x-y=",
        );
        assert_eq!(encoded.encoded.as_deref(), Some("aGVsbG8_x-y="));
        assert_eq!(encoded.caller, None);
        let device = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";
        assert_eq!(Denial::parse(device).said, Some(Said::UnknownDevice));
        assert_eq!(Denial::parse("Roles may not be assumed by root accounts.").said, Some(Said::Root));
        let session = Denial::parse("Cannot call GetSessionToken with session credentials");
        assert_eq!(session.said, Some(Said::SessionCredentials));
        assert_eq!(Denial::parse(""), Denial::default());
        assert_eq!(Denial::parse("User: anonymous is not authorized").caller, None);
    }

    #[test]
    fn a_decoded_message_fills_what_was_missing() {
        let mut denial = Denial::parse("Encoded authorization failure message: abc");
        denial.add_decoded("{");
        assert!(denial.encoded.is_some(), "nothing was decoded");
        denial.add_decoded(
            r#"{"allowed": false, "explicitDeny": true,
                "matchedStatements": {"items": [{"statementId": "NoRoles", "effect": "DENY"}, {"statementId": ""}, 7]},
                "failures": {"items": []},
                "context": {"principal": {"id": "AIDAX", "name": "ada", "arn": "arn:aws:iam::111122223333:user/ada"},
                            "action": "sts:AssumeRole", "resource": "arn:aws:iam::333344445555:role/Admin"}}"#,
        );
        assert_eq!(denial.caller.as_deref(), Some(ADA));
        assert_eq!(denial.action.as_deref(), Some("sts:AssumeRole"));
        assert_eq!(denial.resource.as_deref(), Some(ROLE));
        assert_eq!(denial.statements, ["NoRoles"]);
        assert!(denial.verdict.unwrap().is_explicit);
        assert_eq!(denial.encoded, None);
    }

    proptest! {
        #[test]
        fn nothing_makes_it_panic(text in "\\PC*|(.|\n)*") {
            let mut denial = Denial::parse(&text);
            denial.add_decoded(&text);
        }

        #[test]
        fn not_even_its_own_words_in_any_order(
            pieces in prop::collection::vec(
                prop::sample::select(vec![
                    "User: ", " to perform: ", " on resource: ", "because no ", " allows", " explicit deny in ", "a ",
                    "session policy", ": ", "arn:", "\u{202e}", "Encoded authorization failure message: ", "é", ".", " ",
                ]),
                0..12,
            )
        ) {
            let denial = Denial::parse(&pieces.concat());
            prop_assert!(denial.caller.is_none_or(|caller| caller.starts_with("arn:")));
        }
    }
}
