//! The profiles on whose behalf programs are running, as the environment hands them down, so that a
//! `credential_process` that leads back to where it began is noticed instead of started for ever. Pure.
//!
//! Must not know what the programs are: any of them may call rolo or the AWS CLI again.

use super::{
    error::ResolveError,
    source::{Base, BaseSource},
};
use crate::{env_vars, host::Env};

/// Refuses a program that is already running for the same profile, by rolo's record or by the AWS CLI's.
///
/// The AWS CLI records what it was asked for, rolo whose program it runs; `asked` is what is asked for now.
pub(super) fn refuse_circle(env: &dyn Env, base: &Base, asked: Option<&str>) -> Result<(), ResolveError> {
    let (BaseSource::Process { origin, .. }, Some(profile)) = (&base.source, base.profile.as_deref()) else {
        return Ok(());
    };
    for (variable, repeated) in [
        (env_vars::ROLO_PROFILE_CHAIN, Some(profile)),
        (env_vars::AWS_CLI_PROFILE_CHAIN, Some(profile)),
        (env_vars::AWS_CLI_PROFILE_CHAIN, asked),
    ] {
        let Some(repeated) = repeated else { continue };
        let mut path = env.var(variable).map(|text| parse_names(&text)).unwrap_or_default();
        if path.iter().any(|name| name == repeated) {
            path.push(repeated.to_owned());
            return Err(ResolveError::ProcessLoop { path, origin: origin.clone() });
        }
    }
    Ok(())
}

/// What is handed down to the program of `profile`.
pub(super) fn extend(env: &dyn Env, profile: &str) -> (String, String) {
    let name = env_vars::ROLO_PROFILE_CHAIN;
    let mut names = env.var(name).map(|text| parse_names(&text)).unwrap_or_default();
    names.push(profile.to_owned());
    (name.to_owned(), render_names(&names))
}

/// Reads one line of CSV, the form of the AWS CLI's variable: a name with a comma stands in double quotes.
fn parse_names(text: &str) -> Vec<String> {
    let mut names = Vec::new();
    let mut name = String::new();
    let mut quoted = false;
    let mut rest = text.chars().peekable();
    while let Some(next) = rest.next() {
        match next {
            '"' if quoted && rest.peek() == Some(&'"') => name.extend(rest.next()),
            '"' => quoted = !quoted,
            ',' if !quoted => names.push(std::mem::take(&mut name)),
            other => name.push(other),
        }
    }
    names.push(name);
    names.retain(|name| !name.is_empty());
    names
}

fn render_names(names: &[String]) -> String {
    let quote = |name: &String| {
        let needs_quotes = name.contains([',', '"', '\n', '\r']);
        if needs_quotes { format!("\"{}\"", name.replace('"', "\"\"")) } else { name.clone() }
    };
    names.iter().map(quote).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn names_are_read_as_python_reads_csv() {
        assert_eq!(parse_names(""), Vec::<String>::new());
        assert_eq!(parse_names("a,b c,d"), ["a", "b c", "d"]);
        assert_eq!(parse_names(r#"a,"b,c","say ""x""""#), ["a", "b,c", r#"say "x""#]);
    }

    proptest! {
        #[test]
        fn every_list_comes_back(names in prop::collection::vec(".+", 0..4)) {
            prop_assert_eq!(parse_names(&render_names(&names)), names);
        }
    }
}
