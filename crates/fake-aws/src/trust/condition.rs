//! A condition: a key, an operator and values, and what a missing key or a list of values means to it.
//!
//! Must not know statements, nor how single values are compared.

use super::{
    context::{self, Context},
    operator::{Each, Operator, Test},
};

/// The request's value of `key` must satisfy `test` with one of `values`; where the operator is negated, with all of
/// them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Condition {
    /// How it is compared.
    pub(crate) test: Test,
    /// Such as `sts:ExternalId`; upper and lower case are the same.
    pub(crate) key: String,
    /// The policy's values.
    pub(crate) values: Vec<String>,
}

impl Condition {
    /// Why this condition cannot be judged; IAM refuses most of these as well.
    pub(super) fn check(&self) -> Result<(), String> {
        let Self { test, key, values } = self;
        let operator = test.operator;
        if !context::is_known(key) {
            return Err(format!("condition key `{key}` cannot be judged"));
        }
        if context::is_list(key) && test.each.is_none() && operator != Operator::Null {
            return Err(format!(
                "`{key}` is a list: `ForAnyValue:{operator:?}` or `ForAllValues:{operator:?}` is meant"
            ));
        }
        if values.is_empty() {
            return Err(format!("the condition for `{key}` has no values"));
        }
        if let Some(value) = values.iter().find(|value| !operator.takes(value)) {
            return Err(format!("`{value}` is no value for `{operator:?}`"));
        }
        let mut variables = values.iter().flat_map(|value| operator.variables(value));
        match variables.find(|name| !context::is_known(name)) {
            Some(name) => Err(format!("policy variable `{name}` cannot be judged")),
            None => Ok(()),
        }
    }

    /// Whether it holds for this request.
    pub(super) fn holds(&self, with_variables: bool, context: &Context) -> bool {
        let actual = context.get(&self.key);
        let operator = self.test.operator;
        if operator == Operator::Null {
            let missing = actual.is_none().to_string();
            return self.values.iter().any(|value| value.eq_ignore_ascii_case(&missing));
        }
        let Some(actual) = actual else {
            return self.test.if_exists || self.holds_without_value();
        };
        let satisfies = |actual: &String| {
            let is_one =
                self.values.iter().any(|wanted| operator.compares(wanted, actual, with_variables, context));
            is_one != operator.is_negated()
        };
        match self.test.each {
            Some(Each::Any) => actual.iter().any(satisfies),
            Some(Each::All) | None => actual.iter().all(satisfies),
        }
    }

    /// What is not there is not equal to anything; of no values all satisfy, and none does.
    fn holds_without_value(&self) -> bool {
        match self.test.each {
            Some(Each::All) => true,
            Some(Each::Any) => false,
            None => self.test.operator.is_negated(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEY: &str = "sts:ExternalId";

    fn condition(test: impl Into<Test>, key: &str, values: &[&str]) -> Condition {
        let values = values.iter().map(|&value| value.to_owned()).collect();
        Condition { test: test.into(), key: key.to_owned(), values }
    }

    fn holds(condition: &Condition, values: &[&str]) -> bool {
        assert_eq!(condition.check(), Ok(()));
        let mut context = Context::default();
        context.set_list(&condition.key, values.iter().map(|&value| value.to_owned()).collect());
        condition.holds(true, &context)
    }

    #[test]
    fn a_missing_key() {
        for (operator, value) in [
            (Operator::StringEquals, "x"),
            (Operator::StringLike, "*"),
            (Operator::ArnLike, "arn:*:*:*:*:*"),
            (Operator::NumericLessThan, "1"),
            (Operator::DateGreaterThan, "2026-11-21"),
            (Operator::Bool, "false"),
            (Operator::IpAddress, "0.0.0.0/0"),
        ] {
            assert!(!holds(&condition(operator, KEY, &[value]), &[]), "{operator:?}");
            assert!(holds(&condition(operator.if_exists(), KEY, &[value]), &[]), "{operator:?}IfExists");
        }
        for (operator, value) in [
            (Operator::StringNotEquals, "x"),
            (Operator::StringNotEqualsIgnoreCase, "x"),
            (Operator::StringNotLike, "*"),
            (Operator::ArnNotEquals, "arn:*:*:*:*:*"),
            (Operator::ArnNotLike, "arn:*:*:*:*:*"),
            (Operator::NumericNotEquals, "1"),
            (Operator::DateNotEquals, "2026-11-21"),
            (Operator::NotIpAddress, "0.0.0.0/0"),
        ] {
            assert!(holds(&condition(operator, KEY, &[value]), &[]), "{operator:?}");
        }
        assert!(holds(&condition(Operator::Null, KEY, &["true"]), &[]));
        assert!(!holds(&condition(Operator::Null, KEY, &["false"]), &[]));
        assert!(holds(&condition(Operator::Null, KEY, &["false"]), &["x"]));
        assert!(!holds(&condition(Operator::Bool.if_exists(), KEY, &["true"]), &["false"]), "it exists");
    }

    #[test]
    fn one_of_several_values_or_none_of_them() {
        let equal = condition(Operator::StringEquals, KEY, &["a", "b"]);
        assert!(holds(&equal, &["b"]) && !holds(&equal, &["c"]));
        let unequal = condition(Operator::StringNotEquals, KEY, &["a", "b"]);
        assert!(holds(&unequal, &["c"]) && !holds(&unequal, &["b"]));
    }

    #[test]
    fn lists() {
        let any = condition(Operator::StringEquals.for_any_value(), "aws:TagKeys", &["Team", "Cost"]);
        assert!(holds(&any, &["Team", "Other"]) && !holds(&any, &["Other"]) && !holds(&any, &[]));
        let all = condition(Operator::StringEquals.for_all_values(), "aws:TagKeys", &["Team", "Cost"]);
        assert!(holds(&all, &["Team"]) && !holds(&all, &["Team", "Other"]) && holds(&all, &[]));
        let none = condition(Operator::StringNotEquals.for_all_values(), "aws:TagKeys", &["Team"]);
        assert!(holds(&none, &["Cost"]) && !holds(&none, &["Cost", "Team"]) && holds(&none, &[]));
        let other = condition(Operator::StringNotEquals.for_any_value(), "aws:TagKeys", &["Team"]);
        assert!(holds(&other, &["Team", "Cost"]) && !holds(&other, &["Team"]) && !holds(&other, &[]));
        let lenient = condition(Operator::StringEquals.for_any_value().if_exists(), "aws:TagKeys", &["Team"]);
        assert!(holds(&lenient, &[]) && !holds(&lenient, &["Cost"]));
    }

    #[test]
    fn what_cannot_be_judged() {
        for (test, key, values, words) in [
            (
                Operator::StringEquals.into(),
                "s3:prefix",
                vec!["x"],
                "condition key `s3:prefix` cannot be judged",
            ),
            (
                Test::from(Operator::StringLike),
                "aws:TagKeys",
                vec!["x"],
                "`aws:TagKeys` is a list: `ForAnyValue:StringLike` or `ForAllValues:StringLike` is meant",
            ),
            (Operator::Bool.into(), KEY, vec!["maybe"], "`maybe` is no value for `Bool`"),
            (Operator::Bool.into(), KEY, vec![], "the condition for `sts:ExternalId` has no values"),
            (
                Operator::StringLike.into(),
                KEY,
                vec!["${aws:Nobody}"],
                "policy variable `aws:Nobody` cannot be judged",
            ),
        ] {
            assert_eq!(condition(test, key, &values).check(), Err(words.to_owned()));
        }
        assert_eq!(condition(Operator::Null, "aws:TagKeys", &["true"]).check(), Ok(()));
    }
}
