//! What stands in an `assume-role.yaml`, each setting with its line.
//!
//! Pure: must not know where the file is, nor whether it counts.

use std::{path::PathBuf, sync::Arc};

use jiff::SignedDuration;
use rolo_core::origin::{Location, Origin, Sourced};
use serde::Deserialize;
use serde_saphyr::{
    Error, MessageFormatter, Options, Spanned, UserMessageFormatter, budget,
    options::{DuplicateKeyPolicy, MergeKeyPolicy},
};

use super::{
    BadSetting, LONGEST_REFRESH, go_duration::parse_go_duration, is_profile_name_prefix, is_role_prefix,
};

/// The file as it is written; every key may be left out or empty.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Document {
    role_prefix: Option<Spanned<String>>,
    refresh_before_expiry: Option<Spanned<String>>,
    profile_name_prefix: Option<Spanned<String>>,
}

/// The file's settings.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RoleFile {
    /// What a role's name is put behind, to become an ARN.
    pub role_prefix: Option<Sourced<String>>,
    /// What the names of saved profiles begin with.
    pub profile_name_prefix: Option<Sourced<String>>,
    /// Cached credentials with less than this left are renewed.
    pub refresh_before_expiry: Option<Sourced<SignedDuration>>,
}

impl RoleFile {
    /// Reads `text`, which stands at `path`; on failure says on which line.
    pub fn parse(text: &str, path: &Arc<PathBuf>) -> Result<Self, (BadSetting, Location)> {
        let place = |line: u64| Location {
            path: Arc::clone(path),
            line: u32::try_from(line).unwrap_or(u32::MAX).max(1),
        };
        let document: Option<Document> = serde_saphyr::from_str_with_options(text, options())
            .map_err(|error| (malformed(&error), place(error.location().map_or(1, |at| at.line()))))?;
        let document = document.unwrap_or_default();
        let checked = |key, said: Option<Spanned<String>>, is_fit: fn(&str) -> bool, wanted| {
            // Empty is as good as absent, as it is for assume-role.
            let Some(said) = said.filter(|said| !said.value.is_empty()) else { return Ok(None) };
            let at = place(said.referenced.line());
            if is_fit(&said.value) {
                Ok(Some(Sourced::new(said.value, Origin::File(at))))
            } else {
                Err((BadSetting::Unfit { key, value: said.value, wanted }, at))
            }
        };
        let refresh = checked(
            "refresh_before_expiry",
            document.refresh_before_expiry,
            |text| refresh_of(text).is_some(),
            "a length from `0` to `12h`, such as `15m` or `1h30m`",
        )?;
        Ok(Self {
            role_prefix: checked(
                "role_prefix",
                document.role_prefix,
                is_role_prefix,
                "of the form `arn:aws:iam::123456789012:role/`",
            )?,
            profile_name_prefix: checked(
                "profile_name_prefix",
                document.profile_name_prefix,
                is_profile_name_prefix,
                "the beginning of a profile's name",
            )?,
            refresh_before_expiry: refresh
                .and_then(|said| Some(Sourced::new(refresh_of(&said.value)?, said.origin))),
        })
    }
}

fn refresh_of(text: &str) -> Option<SignedDuration> {
    parse_go_duration(text).filter(|length| (SignedDuration::ZERO..=LONGEST_REFRESH).contains(length))
}

/// Three keys need little; what asks for more is no settings file. Merge keys would hide where a setting stands.
fn options() -> Options {
    serde_saphyr::options! {
        budget: budget! {
            max_events: 1_000,
            max_nodes: 500,
            max_depth: 8,
            max_documents: 2,
            max_aliases: 8,
            max_anchors: 8,
            max_recorded_anchor_events: 1_000,
            flow_nesting_limit: 8,
        },
        duplicate_keys: DuplicateKeyPolicy::Error,
        merge_keys: MergeKeyPolicy::Error,
        with_snippet: false,
    }
}

fn malformed(error: &Error) -> BadSetting {
    BadSetting::Malformed { message: UserMessageFormatter.format_message(error).into_owned() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(text: &str) -> Result<RoleFile, (String, u32)> {
        RoleFile::parse(text, &Arc::new(PathBuf::from("/p/assume-role.yaml")))
            .map_err(|(error, at)| (error.to_string(), at.line))
    }

    const PREFIX: &str = "arn:aws:iam::123456789012:role/";

    #[test]
    fn every_key_is_read_with_its_line() {
        let file = parse(&format!(
            "# of the team\n\nrole_prefix: {PREFIX}\r\nrefresh_before_expiry: 1h30m\nprofile_name_prefix: \"team\"\n"
        ))
        .unwrap();
        let said = |value: &str, line| {
            let path = Arc::new(PathBuf::from("/p/assume-role.yaml"));
            Some(Sourced::new(value.to_owned(), Origin::File(Location { path, line })))
        };
        assert_eq!(file.role_prefix, said(PREFIX, 3));
        assert_eq!(file.refresh_before_expiry.unwrap().value, SignedDuration::from_mins(90));
        assert_eq!(file.profile_name_prefix, said("team", 5));
    }

    #[test]
    fn what_is_left_out_is_unset() {
        for text in
            ["", "# nothing\n", "---\n", "{}", "role_prefix:\n", "role_prefix: ~\nprofile_name_prefix: ''"]
        {
            assert_eq!(parse(text), Ok(RoleFile::default()), "{text:?}");
        }
    }

    #[test]
    fn yaml_reads_numbers_and_words_as_the_text_they_are() {
        let refresh = |text: &str| parse(text).unwrap().refresh_before_expiry.map(|said| said.value);
        assert_eq!(refresh("refresh_before_expiry: 0"), Some(SignedDuration::ZERO));
        assert_eq!(refresh("refresh_before_expiry: 12h"), Some(LONGEST_REFRESH));
        let name = |text: &str| parse(text).unwrap().profile_name_prefix.map(|said| said.value).unwrap();
        for (text, value) in [("yes", "yes"), ("012", "012"), ("1.50", "1.50"), ("true", "true")] {
            assert_eq!(name(&format!("profile_name_prefix: {text}")), value);
        }
    }

    #[test]
    fn what_is_wrong_is_told_with_its_line() {
        for (text, line) in [
            ("\n\nrole_prefx: x\n", 3),
            (&*format!("role_prefix: {PREFIX}\nrole_prefix: {PREFIX}\n"), 2),
            (&*format!("role_prefix: {PREFIX}\n---\nprofile_name_prefix: x\n"), 3),
            ("- role_prefix\n", 1),
            ("profile_name_prefix: x\nrole_prefix: [x]\n", 2),
            ("\nrole_prefix: \"x\n", 3),
            ("<<: {profile_name_prefix: x}\n", 1),
            ("profile_name_prefix: \"\\e[2J\"\n", 1),
            ("\nprofile_name_prefix: 'a]b'\n", 2),
        ] {
            let (error, at) = parse(text).unwrap_err();
            assert_eq!(at, line, "{text}: {error}");
        }
        for length in ["15", "1d", "-5m", "12h0m1s", "soon"] {
            let (error, line) = parse(&format!("\nrefresh_before_expiry: {length}\n")).unwrap_err();
            assert!(line == 2 && error.contains(&format!("`{length}`")), "{error}");
        }
    }

    #[test]
    fn a_prefix_leads_to_a_role_and_nowhere_else() {
        for good in
            [PREFIX, "arn:aws-us-gov:iam::123456789012:role/team/a/", "arn:aws:iam::123456789012:role/dev-"]
        {
            let file = parse(&format!("role_prefix: {good}\n")).unwrap();
            assert_eq!(file.role_prefix.unwrap().value, good);
        }
        for bad in [
            "123456789012:",
            "arn:aws:iam::1234567890:role/",
            "arn:aws:iam::123456789012:user/",
            "arn:aws:iam::123456789012:role",
            "arn:aws:sts::123456789012:role/",
            "arn:aws:iam:us-east-1:123456789012:role/",
            "arn::iam::123456789012:role/",
            "arn:x:iam::123456789012:role/",
            "'arn:aws:iam::123456789012:role/a b/'",
            "'arn:aws:iam::123456789012:role/ü/'",
            "|\n  arn:aws:iam::123456789012:role/\n",
        ] {
            assert!(parse(&format!("role_prefix: {bad}\n")).is_err(), "{bad}");
        }
    }

    #[test]
    fn a_file_that_asks_for_much_work_is_refused() {
        let laughs: Vec<String> =
            (1..9).map(|i| format!("a{i}: &a{i} [*a{0},*a{0},*a{0}]\n", i - 1)).collect();
        let alias = format!("role_prefix: &a0 [x]\n{}", laughs.concat());
        let keys: Vec<String> = (0..2000).map(|i| format!("k{i}: x\n")).collect();
        for text in
            [&*"[".repeat(60_000), &"{a: ".repeat(10_000), &alias, &keys.concat(), &"- ".repeat(30_000)]
        {
            assert!(parse(text).is_err(), "{}", &text[..20]);
        }
    }
}
