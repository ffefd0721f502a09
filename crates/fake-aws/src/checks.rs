//! Parameters against the constraints of AWS's service models, in AWS's words.
//!
//! AWS reports every broken constraint of a request in one ValidationError. Must not know the actions.

use crate::error::AwsError;

/// Collects broken constraints.
#[derive(Debug, Default)]
pub(crate) struct Checks {
    broken: Vec<String>,
}

impl Checks {
    /// The member must be there; gives it back, or an empty text.
    pub(crate) fn required<'a>(&mut self, member: &str, value: Option<&'a str>) -> &'a str {
        if value.is_none() {
            self.broken.push(format!(
                "Value null at '{member}' failed to satisfy constraint: Member must not be null"
            ));
        }
        value.unwrap_or_default()
    }

    /// Length in characters. Absent values pass.
    pub(crate) fn length(&mut self, member: &str, value: Option<&str>, least: usize, most: usize) {
        let Some(value) = value else { return };
        let length = value.chars().count();
        if length < least {
            self.say(member, value, &format!("have length greater than or equal to {least}"));
        }
        if length > most {
            self.say(member, value, &format!("have length less than or equal to {most}"));
        }
    }

    /// Every character is allowed by `pattern`. Absent values pass.
    pub(crate) fn pattern(&mut self, member: &str, value: Option<&str>, pattern: Pattern) {
        let Some(value) = value else { return };
        if !value.chars().all(|character| pattern.allows(character)) {
            self.say(member, value, &format!("satisfy regular expression pattern: {}", pattern.text()));
        }
    }

    /// A number of seconds within bounds; `None` where it is absent. Text that is no number is another error, at once,
    /// since it cannot even be read.
    pub(crate) fn seconds(
        &mut self,
        member: &str,
        value: Option<&str>,
        least: i64,
        most: i64,
    ) -> Result<Option<i64>, AwsError> {
        let Some(value) = value else { return Ok(None) };
        let seconds: i64 = value
            .parse::<i32>()
            .map_err(|_| AwsError::new(400, "MalformedInput", "Invalid integer in the request"))?
            .into();
        if seconds < least {
            self.say(member, value, &format!("have value greater than or equal to {least}"));
        }
        if seconds > most {
            self.say(member, value, &format!("have value less than or equal to {most}"));
        }
        Ok(Some(seconds))
    }

    /// At most `most` elements in a list.
    pub(crate) fn count(&mut self, member: &str, length: usize, most: usize) {
        if length > most {
            self.broken.push(format!(
                "Value at '{member}' failed to satisfy constraint: Member must have length less than or equal to {most}"
            ));
        }
    }

    /// The ValidationError, if anything was broken.
    pub(crate) fn finish(self) -> Result<(), AwsError> {
        let errors = match self.broken.len() {
            0 => return Ok(()),
            1 => "1 validation error".to_owned(),
            count => format!("{count} validation errors"),
        };
        Err(AwsError::validation(format!("{errors} detected: {}", self.broken.join("; "))))
    }

    fn say(&mut self, member: &str, value: &str, must: &str) {
        self.broken
            .push(format!("Value '{value}' at '{member}' failed to satisfy constraint: Member must {must}"));
    }
}

/// The patterns that STS's model uses; every one allows single characters only.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Pattern {
    /// Session names, source identities, federated names.
    Name,
    /// External ids.
    ExternalId,
    /// MFA serial numbers.
    Serial,
    /// MFA codes.
    Digits,
    /// Keys and values of tags.
    Tag,
}

impl Pattern {
    fn text(self) -> &'static str {
        match self {
            Self::Name => r"[\w+=,.@-]*",
            Self::ExternalId => r"[\w+=,.@:\/-]*",
            Self::Serial => r"[\w+=/:,.@-]*",
            Self::Digits => r"[\d]*",
            Self::Tag => r"[\p{L}\p{Z}\p{N}_.:/=+\-@]*",
        }
    }

    fn allows(self, character: char) -> bool {
        let word = character.is_ascii_alphanumeric() || character == '_';
        match self {
            Self::Name => word || "+=,.@-".contains(character),
            Self::ExternalId | Self::Serial => word || "+=,.@:/-".contains(character),
            Self::Digits => character.is_ascii_digit(),
            Self::Tag => character.is_alphanumeric() || character == ' ' || "_.:/=+-@".contains(character),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_broken_constraint_is_named() {
        let mut checks = Checks::default();
        checks.length("tokenCode", Some("12ab567"), 6, 6);
        checks.pattern("tokenCode", Some("12ab567"), Pattern::Digits);
        assert_eq!(
            checks.finish().unwrap_err().message,
            "2 validation errors detected: Value '12ab567' at 'tokenCode' failed to satisfy constraint: Member must have \
             length less than or equal to 6; Value '12ab567' at 'tokenCode' failed to satisfy constraint: Member must \
             satisfy regular expression pattern: [\\d]*"
        );
        assert!(Checks::default().finish().is_ok());
    }
}
