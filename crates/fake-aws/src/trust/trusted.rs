//! Whom a statement names: accounts, users, roles, sessions, services, providers.
//!
//! Must not know conditions.

use crate::principal::Principal;

/// One principal of a statement.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Trusted {
    Anyone,
    /// Everybody in it.
    Account(String),
    /// A user, a role (any session of it) or one session.
    Arn(String),
    /// `AROA…`: what IAM makes of a role's or user's ARN once it was deleted. One that is made anew has another.
    Id(String),
    Federated(String),
    /// Never calls here.
    Service(String),
    /// What IAM does not take.
    Unknown(String),
}

impl Trusted {
    /// Reads what stands under `AWS`.
    pub(super) fn parse(text: &str) -> Self {
        let owned = || text.to_owned();
        let is_id = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        if text == "*" {
            return Self::Anyone;
        }
        if text.len() == 12 && text.bytes().all(|byte| byte.is_ascii_digit()) {
            return Self::Account(owned());
        }
        if text.starts_with("arn:") && !text.contains(['*', '?']) {
            let account = text.strip_suffix(":root").and_then(|arn| arn.rsplit(':').next());
            return account.map_or_else(|| Self::Arn(owned()), |account| Self::Account(account.to_owned()));
        }
        if text.len() >= 16 && text.bytes().all(is_id) { Self::Id(owned()) } else { Self::Unknown(owned()) }
    }

    /// Whether the caller is meant.
    pub(super) fn is(&self, principal: &Principal) -> bool {
        match self {
            Self::Anyone => true,
            Self::Account(account) => *account == principal.account,
            Self::Arn(arn) => *arn == principal.arn() || Some(arn) == principal.role_arn().as_ref(),
            Self::Id(id) => principal.user_id().split(':').next() == Some(id),
            Self::Federated(_) | Self::Service(_) | Self::Unknown(_) => false,
        }
    }

    /// Whether a token of this provider is meant.
    pub(super) fn is_provider(&self, provider_arn: &str) -> bool {
        matches!(self, Self::Federated(arn) if arn == provider_arn) || *self == Self::Anyone
    }

    /// As it stands in the policy.
    pub(super) fn text(&self) -> &str {
        match self {
            Self::Anyone => "*",
            Self::Account(text)
            | Self::Arn(text)
            | Self::Id(text)
            | Self::Federated(text)
            | Self::Service(text)
            | Self::Unknown(text) => text,
        }
    }
}

/// Whether `NotPrincipal` leaves the caller out: not only it itself has to be named, but whatever it is part of, its
/// account and for a session its role as well.
pub(super) fn excepts(named: &[Trusted], principal: &Principal) -> bool {
    let has = |arn: &str| named.iter().any(|trusted| matches!(trusted, Trusted::Arn(named) if named == arn));
    let account = || named.iter().any(|trusted| *trusted == Trusted::Account(principal.account.clone()));
    let whole = || account() && has(&principal.arn()) && principal.role_arn().is_none_or(|role| has(&role));
    named.contains(&Trusted::Anyone) || whole()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::principal::PrincipalKind;

    fn user(account: &str, name: &str) -> Principal {
        let kind = PrincipalKind::User { path: "/".into(), name: name.into() };
        Principal { partition: "aws".into(), account: account.into(), kind }
    }

    fn session(role: &str) -> Principal {
        let kind = PrincipalKind::AssumedRole { path: "/a/".into(), role: role.into(), session: "s".into() };
        Principal { partition: "aws".into(), account: "111122223333".into(), kind }
    }

    fn is(text: &str, principal: &Principal) -> bool {
        Trusted::parse(text).is(principal)
    }

    #[test]
    fn principals() {
        let ada = user("111122223333", "ada");
        for text in
            ["*", "111122223333", "arn:aws:iam::111122223333:root", "arn:aws:iam::111122223333:user/ada"]
        {
            assert!(is(text, &ada), "{text}");
        }
        for text in ["444455556666", "arn:aws:iam::444455556666:root", "arn:aws:iam::111122223333:user/adam"]
        {
            assert!(!is(text, &ada), "{text}");
        }
        assert!(is("arn:aws:iam::111122223333:role/a/Hop", &session("Hop")), "role");
        assert!(is("arn:aws:sts::111122223333:assumed-role/Hop/s", &session("Hop")), "one session of it");
        assert!(!is("arn:aws:iam::111122223333:role/Hop", &session("Hop")), "another path is another role");
        assert!(!is("arn:aws:sts::111122223333:assumed-role/Hop/t", &session("Hop")));
        assert!(is(&ada.user_id(), &ada) && !is("AROADBQP57FF2AEXAMPLE", &session("Hop")), "ids");
    }

    #[test]
    fn what_iam_does_not_take() {
        for text in ["", "ada", "arn:aws:iam::111122223333:user/*", "1234", "ec2.amazonaws.com"] {
            assert_eq!(Trusted::parse(text), Trusted::Unknown(text.to_owned()));
        }
    }

    #[test]
    fn exceptions_name_all_that_the_caller_is() {
        let parse = |texts: &[&str]| texts.iter().map(|text| Trusted::parse(text)).collect::<Vec<_>>();
        let account = "111122223333";
        let ada = "arn:aws:iam::111122223333:user/ada";
        assert!(excepts(&parse(&[account, ada]), &user(account, "ada")));
        assert!(!excepts(&parse(&[ada]), &user(account, "ada")), "the account is missing");
        assert!(!excepts(&parse(&[account]), &user(account, "ada")), "the user is missing");
        let role = "arn:aws:iam::111122223333:role/a/Hop";
        assert!(!excepts(&parse(&[account, role]), &session("Hop")), "the session is missing");
        let session_arn = "arn:aws:sts::111122223333:assumed-role/Hop/s";
        assert!(excepts(&parse(&[account, role, session_arn]), &session("Hop")));
    }
}
