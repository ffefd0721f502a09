//! Who called, from the ARN that AWS gives.
//!
//! Must not know what was called.

/// A caller's ARN, taken apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Caller<'a> {
    /// The whole.
    pub arn: &'a str,
    /// `aws`, `aws-cn` …
    pub partition: &'a str,
    /// Twelve digits.
    pub account: &'a str,
    /// What it is.
    pub kind: CallerKind<'a>,
}

/// The kinds of caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CallerKind<'a> {
    /// An IAM user, by its name without the path.
    User(&'a str),
    /// A session of a role.
    Role {
        /// The role's name without its path, which the ARN does not have.
        name: &'a str,
        /// The session's name.
        session: &'a str,
    },
    /// The account's root user.
    Root,
    /// A federated user, or what AWS may think of next.
    Other,
}

impl<'a> Caller<'a> {
    /// `None` where the text is no such ARN.
    pub fn parse(arn: &'a str) -> Option<Self> {
        let mut parts = arn.splitn(6, ':');
        let (scheme, partition, _service, _region) =
            (parts.next()?, parts.next()?, parts.next()?, parts.next()?);
        let (account, resource) = (parts.next()?, parts.next()?);
        if scheme != "arn" || partition.is_empty() || account.is_empty() {
            return None;
        }
        let kind = match resource.split_once('/') {
            Some(("user", path)) => CallerKind::User(path.rsplit('/').next().unwrap_or(path)),
            Some(("assumed-role", rest)) => match rest.split_once('/') {
                Some((name, session)) => CallerKind::Role { name, session },
                None => CallerKind::Other,
            },
            None if resource == "root" => CallerKind::Root,
            _ => CallerKind::Other,
        };
        Some(Self { arn, partition, account, kind })
    }

    /// The IAM user's name.
    pub fn user(&self) -> Option<&'a str> {
        match self.kind {
            CallerKind::User(name) => Some(name),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_kinds_are_told_apart() {
        let kind = |arn| Caller::parse(arn).map(|caller| caller.kind);
        assert_eq!(kind("arn:aws:iam::111122223333:user/team/ada"), Some(CallerKind::User("ada")));
        assert_eq!(
            kind("arn:aws:sts::111122223333:assumed-role/Hop/me"),
            Some(CallerKind::Role { name: "Hop", session: "me" })
        );
        assert_eq!(kind("arn:aws:iam::111122223333:root"), Some(CallerKind::Root));
        assert_eq!(kind("arn:aws:sts::111122223333:federated-user/ada"), Some(CallerKind::Other));
        for text in ["", "arn:aws", "ada", "arn::iam::1:user/ada", "x:aws:iam::1:user/ada"] {
            assert_eq!(kind(text), None, "{text}");
        }
    }
}
