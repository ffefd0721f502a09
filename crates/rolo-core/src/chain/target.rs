//! Roles named on the command line without a profile: an ARN, or `ACCOUNT:ROLE`.
//!
//! Pure. Must not know profiles beyond the partition they lie in.

use crate::arn::{RoleArn, is_account_id};

/// A role named directly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DirectRole<'a> {
    /// A whole ARN.
    Arn(&'a str),
    /// Twelve digits and a role's name, with its path where it has one.
    AccountAndName(&'a str, &'a str),
}

/// Whether `text` names a role by itself; a text that does not is a profile's name.
pub fn parse_direct_role(text: &str) -> Option<DirectRole<'_>> {
    if RoleArn::new(text).is_well_formed() {
        return Some(DirectRole::Arn(text));
    }
    let (account, name) = text.split_once(':')?;
    (is_account_id(account) && !name.is_empty() && !name.contains(':'))
        .then_some(DirectRole::AccountAndName(account, name))
}

impl DirectRole<'_> {
    /// The role's ARN; `partition` completes `ACCOUNT:ROLE`.
    pub fn arn(&self, partition: &str) -> RoleArn {
        match self {
            Self::Arn(text) => RoleArn::new(*text),
            Self::AccountAndName(account, name) => {
                RoleArn::new(format!("arn:{partition}:iam::{account}:role/{}", name.trim_start_matches('/')))
            }
        }
    }
}

/// The partition a region lies in, by AWS's prefixes.
pub fn partition_of_region(region: &str) -> &'static str {
    const PREFIXES: [(&str, &str); 7] = [
        ("cn-", "aws-cn"),
        ("us-gov-", "aws-us-gov"),
        ("us-iso-", "aws-iso"),
        ("us-isob-", "aws-iso-b"),
        ("eu-isoe-", "aws-iso-e"),
        ("us-isof-", "aws-iso-f"),
        ("eusc-", "aws-eusc"),
    ];
    PREFIXES.iter().find(|(prefix, _)| region.starts_with(prefix)).map_or("aws", |(_, partition)| partition)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_names_a_role() {
        let arn = "arn:aws-cn:iam::123456789012:role/a/b";
        assert_eq!(parse_direct_role(arn), Some(DirectRole::Arn(arn)));
        assert_eq!(
            parse_direct_role("123456789012:Admin"),
            Some(DirectRole::AccountAndName("123456789012", "Admin"))
        );
        for name in
            ["prod", "prod:admin", "12345678901:Admin", "123456789012:", "arn:aws:iam::123456789012:user/x"]
        {
            assert_eq!(parse_direct_role(name), None, "{name}");
        }
    }

    #[test]
    fn a_short_form_is_completed_with_the_partition() {
        let role = parse_direct_role("123456789012:team/Admin").unwrap();
        assert_eq!(role.arn("aws-us-gov").as_str(), "arn:aws-us-gov:iam::123456789012:role/team/Admin");
        assert_eq!(partition_of_region("us-isob-east-1"), "aws-iso-b");
        assert_eq!(partition_of_region("eu-west-1"), "aws");
    }
}
