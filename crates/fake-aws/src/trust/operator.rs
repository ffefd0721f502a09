//! The operators of conditions, and how each compares one value with another.
//!
//! Must not know keys, nor what a missing key means to a condition.

use std::cmp::Ordering;

use super::{
    context::Context,
    value::{Network, arn_fits, expand, fits, parse_date, parse_number, render_literal, variables},
};

/// How a condition compares; the names are IAM's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are IAM's, and say it all")]
pub enum Operator {
    StringEquals,
    StringNotEquals,
    StringEqualsIgnoreCase,
    StringNotEqualsIgnoreCase,
    StringLike,
    StringNotLike,
    ArnEquals,
    ArnNotEquals,
    ArnLike,
    ArnNotLike,
    NumericEquals,
    NumericNotEquals,
    NumericLessThan,
    NumericLessThanEquals,
    NumericGreaterThan,
    NumericGreaterThanEquals,
    DateEquals,
    DateNotEquals,
    DateLessThan,
    DateLessThanEquals,
    DateGreaterThan,
    DateGreaterThanEquals,
    Bool,
    IpAddress,
    NotIpAddress,
    /// Does not compare: asks whether the key is missing.
    Null,
}

/// An operator with what may stand before and behind it: `ForAnyValue:StringLikeIfExists`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Test {
    pub(super) operator: Operator,
    pub(super) each: Option<Each>,
    pub(super) if_exists: bool,
}

/// Which values of a list have to satisfy.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Each {
    Any,
    All,
}

/// What is compared, regardless of negation.
#[derive(Debug, Clone, Copy)]
enum Kind {
    Text,
    TextInAnyCase,
    Pattern,
    Arn,
    Number(fn(Ordering) -> bool),
    Date(fn(Ordering) -> bool),
    Truth,
    Address,
    Missing,
}

const OPERATORS: [(&str, Operator); 26] = [
    ("StringEquals", Operator::StringEquals),
    ("StringNotEquals", Operator::StringNotEquals),
    ("StringEqualsIgnoreCase", Operator::StringEqualsIgnoreCase),
    ("StringNotEqualsIgnoreCase", Operator::StringNotEqualsIgnoreCase),
    ("StringLike", Operator::StringLike),
    ("StringNotLike", Operator::StringNotLike),
    ("ArnEquals", Operator::ArnEquals),
    ("ArnNotEquals", Operator::ArnNotEquals),
    ("ArnLike", Operator::ArnLike),
    ("ArnNotLike", Operator::ArnNotLike),
    ("NumericEquals", Operator::NumericEquals),
    ("NumericNotEquals", Operator::NumericNotEquals),
    ("NumericLessThan", Operator::NumericLessThan),
    ("NumericLessThanEquals", Operator::NumericLessThanEquals),
    ("NumericGreaterThan", Operator::NumericGreaterThan),
    ("NumericGreaterThanEquals", Operator::NumericGreaterThanEquals),
    ("DateEquals", Operator::DateEquals),
    ("DateNotEquals", Operator::DateNotEquals),
    ("DateLessThan", Operator::DateLessThan),
    ("DateLessThanEquals", Operator::DateLessThanEquals),
    ("DateGreaterThan", Operator::DateGreaterThan),
    ("DateGreaterThanEquals", Operator::DateGreaterThanEquals),
    ("Bool", Operator::Bool),
    ("IpAddress", Operator::IpAddress),
    ("NotIpAddress", Operator::NotIpAddress),
    ("Null", Operator::Null),
];

impl Operator {
    /// Holds also where the key is missing.
    #[must_use = "a test is for `Trust::when`"]
    pub fn if_exists(self) -> Test {
        Test { if_exists: true, ..Test::from(self) }
    }

    /// Of a list's values at least one has to satisfy.
    #[must_use = "a test is for `Trust::when`"]
    pub fn for_any_value(self) -> Test {
        Test { each: Some(Each::Any), ..Test::from(self) }
    }

    /// Of a list's values all have to satisfy; where there is no value at all, it holds.
    #[must_use = "a test is for `Trust::when`"]
    pub fn for_all_values(self) -> Test {
        Test { each: Some(Each::All), ..Test::from(self) }
    }

    /// Whether it holds where [`Self::compares`] does not, and where the key is missing.
    pub(super) fn is_negated(self) -> bool {
        matches!(
            self,
            Self::StringNotEquals
                | Self::StringNotEqualsIgnoreCase
                | Self::StringNotLike
                | Self::ArnNotEquals
                | Self::ArnNotLike
                | Self::NumericNotEquals
                | Self::DateNotEquals
                | Self::NotIpAddress
        )
    }

    /// Whether the request's value is what the policy's value says, negation aside.
    pub(super) fn compares(
        self,
        wanted: &str,
        actual: &str,
        with_variables: bool,
        context: &Context,
    ) -> bool {
        let expanded = || expand(wanted, with_variables, context);
        let literal = || expanded().map(|symbols| render_literal(&symbols));
        match self.kind() {
            Kind::Text => literal().is_some_and(|wanted| wanted == actual),
            Kind::TextInAnyCase => {
                literal().is_some_and(|wanted| wanted.to_lowercase() == actual.to_lowercase())
            }
            Kind::Pattern => expanded().is_some_and(|wanted| fits(&wanted, actual)),
            Kind::Arn => expanded().is_some_and(|wanted| arn_fits(&wanted, actual)),
            Kind::Number(holds) => {
                let numbers = parse_number(actual).zip(parse_number(wanted));
                numbers.and_then(|(actual, wanted)| actual.partial_cmp(&wanted)).is_some_and(holds)
            }
            Kind::Date(holds) => {
                let dates = parse_date(actual).zip(parse_date(wanted));
                dates.is_some_and(|(actual, wanted)| holds(actual.cmp(&wanted)))
            }
            Kind::Truth => wanted.eq_ignore_ascii_case(actual),
            Kind::Address => Network::parse(wanted).is_some_and(|network| network.contains(actual)),
            Kind::Missing => false,
        }
    }

    /// Whether a policy may give this value.
    pub(super) fn takes(self, value: &str) -> bool {
        match self.kind() {
            Kind::Text | Kind::TextInAnyCase | Kind::Pattern | Kind::Arn => true,
            Kind::Number(_) => parse_number(value).is_some(),
            Kind::Date(_) => parse_date(value).is_some(),
            Kind::Truth | Kind::Missing => matches!(value.to_ascii_lowercase().as_str(), "true" | "false"),
            Kind::Address => Network::parse(value).is_some(),
        }
    }

    /// The policy variables in a value of this operator.
    pub(super) fn variables(self, value: &str) -> impl Iterator<Item = &str> {
        let texts = matches!(self.kind(), Kind::Text | Kind::TextInAnyCase | Kind::Pattern | Kind::Arn);
        variables(value).filter(move |_| texts)
    }

    fn kind(self) -> Kind {
        match self {
            Self::StringEquals | Self::StringNotEquals => Kind::Text,
            Self::StringEqualsIgnoreCase | Self::StringNotEqualsIgnoreCase => Kind::TextInAnyCase,
            Self::StringLike | Self::StringNotLike => Kind::Pattern,
            // AWS takes wildcards in both.
            Self::ArnEquals | Self::ArnNotEquals | Self::ArnLike | Self::ArnNotLike => Kind::Arn,
            Self::NumericEquals | Self::NumericNotEquals => Kind::Number(Ordering::is_eq),
            Self::NumericLessThan => Kind::Number(Ordering::is_lt),
            Self::NumericLessThanEquals => Kind::Number(Ordering::is_le),
            Self::NumericGreaterThan => Kind::Number(Ordering::is_gt),
            Self::NumericGreaterThanEquals => Kind::Number(Ordering::is_ge),
            Self::DateEquals | Self::DateNotEquals => Kind::Date(Ordering::is_eq),
            Self::DateLessThan => Kind::Date(Ordering::is_lt),
            Self::DateLessThanEquals => Kind::Date(Ordering::is_le),
            Self::DateGreaterThan => Kind::Date(Ordering::is_gt),
            Self::DateGreaterThanEquals => Kind::Date(Ordering::is_ge),
            Self::Bool => Kind::Truth,
            Self::IpAddress | Self::NotIpAddress => Kind::Address,
            Self::Null => Kind::Missing,
        }
    }
}

impl From<Operator> for Test {
    fn from(operator: Operator) -> Self {
        Self { operator, each: None, if_exists: false }
    }
}

impl Test {
    /// Holds also where the key is missing.
    #[must_use = "a test is for `Trust::when`"]
    pub fn if_exists(self) -> Self {
        Self { if_exists: true, ..self }
    }

    /// Reads `ForAnyValue:StringLikeIfExists`; `None` for what is no operator of IAM's, or none that can be judged.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (each, rest) = match text.split_once(':') {
            Some(("ForAnyValue", rest)) => (Some(Each::Any), rest),
            Some(("ForAllValues", rest)) => (Some(Each::All), rest),
            Some(_) => return None,
            None => (None, text),
        };
        let (name, if_exists) = rest.strip_suffix("IfExists").map_or((rest, false), |name| (name, true));
        let (_, operator) = OPERATORS.into_iter().find(|(known, _)| *known == name)?;
        let plain = each.is_none() && !if_exists;
        (operator != Operator::Null || plain).then_some(Self { operator, each, if_exists })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_with_what_stands_around_them() {
        for (name, operator) in OPERATORS {
            assert_eq!(Test::parse(name), Some(operator.into()), "{name}");
            assert_eq!(format!("{operator:?}"), name);
        }
        assert_eq!(
            Test::parse("ForAnyValue:StringLikeIfExists"),
            Some(Operator::StringLike.for_any_value().if_exists())
        );
        assert_eq!(Test::parse("ForAllValues:ArnEquals"), Some(Operator::ArnEquals.for_all_values()));
        assert_eq!(Test::parse("BoolIfExists"), Some(Operator::Bool.if_exists()));
        for text in [
            "BinaryEquals",
            "stringequals",
            "NullIfExists",
            "ForSomeValues:StringLike",
            "ForAnyValue:Null",
            "",
        ] {
            assert_eq!(Test::parse(text), None, "{text}");
        }
    }

    #[test]
    fn comparisons() {
        let compares = |operator: Operator, wanted: &str, actual: &str| {
            assert!(operator.takes(wanted), "{operator:?} {wanted}");
            operator.compares(wanted, actual, true, &Context::default())
        };
        for (operator, wanted, actual) in [
            (Operator::StringEquals, "a*", "a*"),
            (Operator::StringEqualsIgnoreCase, "Ähm", "äHM"),
            (Operator::StringLike, "repo:org/*", "repo:org/x:ref"),
            (Operator::ArnLike, "arn:aws:iam::*:user/a?a", "arn:aws:iam::111122223333:user/ada"),
            (Operator::NumericLessThan, "3600", "3599"),
            (Operator::NumericLessThanEquals, "3600", "3600"),
            (Operator::NumericGreaterThan, "1.5", "2"),
            (Operator::NumericEquals, "7", "7.0"),
            (Operator::DateGreaterThan, "2026-11-20", "2026-11-21T00:00:00Z"),
            (Operator::DateLessThan, "2026-11-22T00:00:00Z", "1795219200"),
            (Operator::DateGreaterThanEquals, "2026-11-21", "2026-11-21T00:00:00Z"),
            (Operator::Bool, "True", "true"),
            (Operator::IpAddress, "127.0.0.0/8", "127.0.0.1"),
        ] {
            assert!(compares(operator, wanted, actual), "{operator:?} {wanted} {actual}");
        }
        for (operator, wanted, actual) in [
            (Operator::StringEquals, "a*", "ab"),
            (Operator::StringEquals, "A", "a"),
            (Operator::StringLike, "A*", "ab"),
            (Operator::NumericLessThan, "3600", "3600"),
            (Operator::NumericEquals, "7", "seven"),
            (Operator::DateLessThanEquals, "2026-11-20", "2026-11-21T00:00:00Z"),
            (Operator::Bool, "true", "false"),
            (Operator::IpAddress, "10.0.0.0/8", "127.0.0.1"),
        ] {
            assert!(!compares(operator, wanted, actual), "{operator:?} {wanted} {actual}");
        }
        for (operator, wanted) in [
            (Operator::NumericEquals, "x"),
            (Operator::NumericEquals, "${aws:username}"),
            (Operator::DateEquals, "soon"),
            (Operator::Bool, "yes"),
            (Operator::Null, "1"),
            (Operator::IpAddress, "localhost"),
        ] {
            assert!(!operator.takes(wanted), "{operator:?} {wanted}");
        }
    }
}
