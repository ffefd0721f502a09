//! Values of conditions: policy variables, wildcards, numbers, dates, networks.
//!
//! Must not know operators and keys.

use std::net::IpAddr;

use jiff::{Timestamp, civil::Date, tz::TimeZone};

use super::context::Context;

/// A character of a value, or a wildcard in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Symbol {
    Literal(char),
    /// `*`
    Any,
    /// `?`
    One,
}

/// The value with its policy variables filled in, in which nothing is a wildcard; `None` where a variable has no value.
/// Policies of version 2008-10-17 know no variables.
pub(super) fn expand(value: &str, variables: bool, context: &Context) -> Option<Vec<Symbol>> {
    let mut symbols = Vec::new();
    let mut rest = value;
    while let Some(first) = rest.chars().next() {
        let variable = rest.strip_prefix("${").filter(|_| variables).and_then(|inner| inner.split_once('}'));
        if let Some((name, after)) = variable {
            symbols.extend(value_of(name, context)?.chars().map(Symbol::Literal));
            rest = after;
            continue;
        }
        symbols.push(match first {
            '*' => Symbol::Any,
            '?' => Symbol::One,
            other => Symbol::Literal(other),
        });
        rest = &rest[first.len_utf8()..];
    }
    Some(symbols)
}

/// The names of the variables in a value, without their defaults; `*`, `?` and `$` stand for themselves and are none.
pub(super) fn variables(value: &str) -> impl Iterator<Item = &str> {
    let names = value.split("${").skip(1).filter_map(|rest| rest.split_once('}'));
    names.map(|(inner, _)| split_default(inner).0).filter(|name| !matches!(*name, "*" | "?" | "$"))
}

fn value_of<'a>(inner: &'a str, context: &'a Context) -> Option<&'a str> {
    if matches!(inner, "*" | "?" | "$") {
        return Some(inner);
    }
    let (name, default) = split_default(inner);
    context.get(name).and_then(|values| values.first()).map(String::as_str).or(default)
}

/// `key, 'default'`
fn split_default(inner: &str) -> (&str, Option<&str>) {
    let Some((name, default)) = inner.split_once(',') else { return (inner.trim(), None) };
    let default = default.trim();
    (name.trim(), default.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')))
}

/// The text, wildcards taken to the letter.
pub(super) fn render_literal(symbols: &[Symbol]) -> String {
    symbols
        .iter()
        .map(|symbol| match symbol {
            Symbol::Literal(character) => *character,
            Symbol::Any => '*',
            Symbol::One => '?',
        })
        .collect()
}

/// Whether `text` as a whole fits the pattern.
pub(super) fn fits(pattern: &[Symbol], text: &str) -> bool {
    let text: Vec<char> = text.chars().collect();
    let (mut at, mut read) = (0, 0);
    // Where to go on when a `*` has to swallow one more character.
    let mut retry = None;
    while read < text.len() {
        match pattern.get(at) {
            Some(Symbol::Any) => {
                retry = Some((at + 1, read));
                at += 1;
            }
            Some(&Symbol::Literal(character)) if character == text[read] => {
                at += 1;
                read += 1;
            }
            Some(Symbol::One) => {
                at += 1;
                read += 1;
            }
            _ => {
                let Some((after_star, from)) = retry else { return false };
                retry = Some((after_star, from + 1));
                (at, read) = (after_star, from + 1);
            }
        }
    }
    pattern[at..].iter().all(|symbol| *symbol == Symbol::Any)
}

/// Whether the ARN fits: each of its six parts for itself.
pub(super) fn arn_fits(pattern: &[Symbol], arn: &str) -> bool {
    let patterns: Vec<&[Symbol]> = pattern.splitn(6, |symbol| *symbol == Symbol::Literal(':')).collect();
    let parts: Vec<&str> = arn.splitn(6, ':').collect();
    parts.len() == 6
        && patterns.len() == 6
        && patterns.into_iter().zip(parts).all(|(pattern, part)| fits(pattern, part))
}

/// Whether an action such as `sts:AssumeRole` fits `sts:Assume*`; upper and lower case are the same.
pub(crate) fn action_fits(pattern: &str, action: &str) -> bool {
    let pattern = expand(&pattern.to_ascii_lowercase(), false, &Context::default());
    pattern.is_some_and(|pattern| fits(&pattern, &action.to_ascii_lowercase()))
}

pub(super) fn parse_number(text: &str) -> Option<f64> {
    text.trim().parse().ok().filter(|number: &f64| number.is_finite())
}

/// A date as W3C writes it, or seconds since 1970.
pub(super) fn parse_date(text: &str) -> Option<Timestamp> {
    if let Ok(seconds) = text.parse() {
        return Timestamp::from_second(seconds).ok();
    }
    let day = || text.parse::<Date>().ok()?.to_zoned(TimeZone::UTC).ok().map(|day| day.timestamp());
    text.parse().ok().or_else(day)
}

/// `203.0.113.0/24`, `2001:db8::/32`, or one address.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Network {
    address: IpAddr,
    bits: u32,
}

impl Network {
    pub(super) fn parse(text: &str) -> Option<Self> {
        let (address, bits) =
            text.split_once('/').map_or((text, None), |(address, bits)| (address, Some(bits)));
        let address: IpAddr = address.parse().ok()?;
        let most = if address.is_ipv4() { 32 } else { 128 };
        let bits = bits.map_or(Some(most), |bits| bits.parse().ok())?;
        (bits <= most).then_some(Self { address, bits })
    }

    pub(super) fn contains(self, address: &str) -> bool {
        match (self.address, address.parse()) {
            (IpAddr::V4(network), Ok(IpAddr::V4(address))) => {
                let apart = network.to_bits() ^ address.to_bits();
                apart.checked_shr(32 - self.bits).unwrap_or(0) == 0
            }
            (IpAddr::V6(network), Ok(IpAddr::V6(address))) => {
                let apart = network.to_bits() ^ address.to_bits();
                apart.checked_shr(128 - self.bits).unwrap_or(0) == 0
            }
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn symbols(pattern: &str) -> Vec<Symbol> {
        expand(pattern, true, &Context::default()).unwrap()
    }

    #[test]
    fn wildcards() {
        for (pattern, text) in [
            ("", ""),
            ("*", ""),
            ("*", "a"),
            ("a*c", "abbc"),
            ("a?c", "abc"),
            ("*b*b", "abab"),
            ("a**", "a"),
            ("ä?", "äö"),
        ] {
            assert!(fits(&symbols(pattern), text), "{pattern} {text}");
        }
        for (pattern, text) in
            [("", "a"), ("a?", "a"), ("a*c", "abb"), ("A*", "abc"), ("*b", "abc"), ("a", "ab")]
        {
            assert!(!fits(&symbols(pattern), text), "{pattern} {text}");
        }
        assert!(fits(&symbols("a${*}"), "a*") && !fits(&symbols("a${*}"), "ab"), "a wildcard that is meant");
    }

    #[test]
    fn variables_are_filled_in() {
        let mut context = Context::default();
        context.set("aws:username", Some("ada*"));
        let text = |value: &str| expand(value, true, &context).map(|symbols| render_literal(&symbols));
        assert_eq!(text("x-${aws:UserName}-y").as_deref(), Some("x-ada*-y"));
        assert_eq!(text("${aws:PrincipalTag/Team}"), None);
        assert_eq!(text("${aws:PrincipalTag/Team, 'none'}!").as_deref(), Some("none!"));
        assert!(
            !fits(&expand("${aws:username}", true, &context).unwrap(), "adam"),
            "what is filled in is no pattern"
        );
        let old = expand("${aws:username}", false, &context).unwrap();
        assert_eq!(render_literal(&old), "${aws:username}");
        assert_eq!(variables("${a}-${b, 'c'}-${*}").collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn arns_are_compared_part_by_part() {
        let fits = |pattern: &str, arn: &str| arn_fits(&symbols(pattern), arn);
        assert!(fits("arn:aws:iam::*:role/Deploy*", "arn:aws:iam::111122223333:role/Deployer"));
        assert!(fits("arn:*:iam::111122223333:*", "arn:aws:iam::111122223333:user/a:b"));
        assert!(
            !fits("arn:aws:*:role/x", "arn:aws:iam::111122223333:role/x"),
            "a `*` does not reach over colons"
        );
        assert!(!fits("*", "arn:aws:iam::111122223333:role/x"));
    }

    #[test]
    fn dates_numbers_and_networks() {
        assert_eq!(parse_date("2026-11-21"), parse_date("2026-11-21T00:00:00Z"));
        assert_eq!(parse_date("2026-11-21T01:00:00+01:00"), parse_date("2026-11-21T00:00:00Z"));
        assert_eq!(parse_date("1795219200"), parse_date("2026-11-21"));
        assert_eq!(parse_date("tomorrow"), None);
        assert_eq!(
            (parse_number("3600"), parse_number("-1.5"), parse_number("NaN")),
            (Some(3600.0), Some(-1.5), None)
        );
        let within = |network: &str, address: &str| Network::parse(network).unwrap().contains(address);
        assert!(within("203.0.113.0/24", "203.0.113.7") && !within("203.0.113.0/24", "203.0.114.7"));
        assert!(within("0.0.0.0/0", "127.0.0.1") && !within("::/0", "127.0.0.1"));
        assert!(within("2001:db8::/32", "2001:db8:1::7") && within("127.0.0.1", "127.0.0.1"));
        assert_eq!((Network::parse("10.0.0.0/33"), Network::parse("10.0.0")), (None, None));
    }
}
