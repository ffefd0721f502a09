//! The words of `rolo init`, `rolo use` and `rolo off`.
//!
//! Must not know how a shell is changed.

use clap::{Args, Parser, builder::PossibleValue};
use rolo_core::chain::request::{Request, SessionLength, Target};

use super::{AskArgs, Cli, CliCommand, TalkArgs};
use crate::{
    error::CliError,
    format::Format,
    init::{Shell, is_function_name},
    invocation::{Invocation, Output},
    ui::Verbosity,
};

const ABOUT_USE: &str = "PROFILE is a profile's name, a role's ARN or ACCOUNT:ROLE.\n\
    `.` renews what this shell uses; `-` is what it used before that, else the newest of the history.\n\
    Without PROFILE, it is picked at the terminal.";

/// Print what makes `use` and `off` work in a shell, for its rc file
#[derive(Debug, Args)]
pub struct InitArgs {
    /// The shell; without it, the line for each shell's rc file
    #[arg(value_name = "SHELL")]
    pub shell: Option<Shell>,
    /// Name of the function
    #[arg(long, value_name = "NAME", default_value = "rolo", value_parser = parse_function_name, requires = "shell")]
    pub cmd: String,
    /// Renew the credentials before a prompt or a command when they are near their end, asking for nothing
    #[arg(long, requires = "shell")]
    pub auto: bool,
}

/// Give this shell a profile's credentials
#[derive(Debug, Args)]
#[command(after_help = ABOUT_USE)]
pub struct UseArgs {
    /// A profile's name, a role's ARN or ACCOUNT:ROLE; `.`: the same again; `-`: the one before
    #[arg(value_name = "PROFILE", conflicts_with_all = ["named", "role"])]
    pub profile: Option<String>,
    /// Only where this shell's credentials are near their end, asking for nothing: for the hooks of `rolo init --auto`
    #[arg(long, hide = true)]
    pub auto: bool,
    /// Whose credentials.
    #[command(flatten)]
    pub ask: AskArgs,
}

/// Give this shell back what stood there before the first `use`
#[derive(Debug, Args)]
#[command(after_help = ABOUT_OFF)]
pub struct OffArgs {
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

const ABOUT_OFF: &str = "Without a `use` in this shell: what rolo set is unset, as with `rolo unset`.";

impl UseArgs {
    /// The arguments of an earlier use; `None` where they are none.
    pub fn parse(words: &[String]) -> Option<Self> {
        let words = ["rolo", "use"].into_iter().chain(words.iter().map(String::as_str));
        match Cli::try_parse_from(words).ok()?.command {
            CliCommand::Use(args) => Some(args),
            _ => None,
        }
    }

    /// Whether nothing says whose credentials are wanted.
    pub fn names_nothing(&self) -> bool {
        self.profile.is_none()
            && self.ask.named.is_none()
            && self.ask.role.is_none()
            && self.ask.role_arn.is_none()
            && self.ask.source_profile.is_none()
    }

    /// What is asked for.
    pub fn invocation(&self, format: Format) -> Result<Invocation, CliError> {
        let invocation = self.ask.invocation(self.profile.as_deref(), Output::Export(format))?;
        let verbosity = if self.auto { Verbosity::Quiet } else { invocation.verbosity };
        Ok(Invocation { asks_nothing: self.auto, verbosity, ..invocation })
    }
}

/// The arguments that ask for `request`, wherever the shell is by then: names are whole, a policy is the JSON itself.
pub fn words_of(request: &Request) -> Vec<String> {
    let Request {
        target,
        source_profile,
        role_arn,
        external_id,
        role_session_name,
        duration,
        mfa_serial,
        region,
        policy,
        policy_arns,
        read_only,
        tags,
        transitive_tag_keys,
        source_identity,
        no_mfa_session,
        session: _,
    } = request;
    let mut words = Vec::new();
    let mut say = |option: &str, value: Option<&str>| {
        words.extend(value.map(|value| format!("--{option}={value}")));
    };
    say("source-profile", source_profile.as_deref());
    say("role-arn", role_arn.as_deref());
    say("external-id", external_id.as_deref());
    say("role-session-name", role_session_name.as_deref());
    say("duration", duration.as_ref().map(SessionLength::text));
    say("mfa-serial", mfa_serial.as_deref());
    say("region", region.as_deref());
    say("policy", policy.as_deref());
    for arn in policy_arns {
        say("policy-arn", Some(arn));
    }
    for (key, value) in tags {
        say("tag", Some(&format!("{key}={value}")));
    }
    for key in transitive_tag_keys {
        say("transitive-tag", Some(key));
    }
    say("source-identity", source_identity.as_deref());
    match target {
        Target::Named(name) if name.starts_with(['-', '.']) => say("profile", Some(name)),
        Target::Role(role) => say("role", Some(role)),
        Target::Named(_) | Target::Default => {}
    }
    words.extend(read_only.then(|| "--read-only".to_owned()));
    words.extend(no_mfa_session.then(|| "--no-mfa-session".to_owned()));
    words.extend(match target {
        Target::Named(name) if !name.starts_with(['-', '.']) => Some(name.clone()),
        _ => None,
    });
    words
}

fn parse_function_name(text: &str) -> Result<String, String> {
    if is_function_name(text) {
        return Ok(text.to_owned());
    }
    Err("a name is made of letters, digits, `_` and `-`, a letter first".to_owned())
}

impl clap::ValueEnum for Shell {
    fn value_variants<'a>() -> &'a [Self] {
        Self::ALL
    }

    fn to_possible_value(&self) -> Option<PossibleValue> {
        Some(PossibleValue::new(self.name()).aliases(self.aliases()))
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_words_ask_for_the_same_again(
            target in prop_oneof![".*".prop_map(Target::Named), ".*".prop_map(Target::Role), Just(Target::Default)],
            texts in prop::collection::vec(prop::option::of(".*"), 7),
            lists in prop::collection::vec(prop::collection::vec(".*", 0..3), 2),
            tags in prop::collection::vec(("[^=]+", ".*"), 0..3),
            flags in any::<[bool; 2]>(),
        ) {
            // clap refuses the one beside the other.
            let is_role = matches!(target, Target::Role(_));
            let request = Request {
                target,
                source_profile: texts[0].clone(),
                role_arn: texts[1].clone().filter(|_| !is_role),
                external_id: texts[2].clone(),
                role_session_name: texts[3].clone(),
                duration: SessionLength::parse("90m"),
                mfa_serial: texts[4].clone(),
                region: texts[5].clone(),
                policy: texts[6].as_ref().map(|text| format!("{{{text}")),
                policy_arns: lists[0].clone(),
                read_only: flags[0],
                tags,
                transitive_tag_keys: lists[1].clone(),
                source_identity: None,
                no_mfa_session: flags[1],
                session: false,
            };
            let args = UseArgs::parse(&words_of(&request)).unwrap();
            prop_assert_eq!(args.invocation(Format::Sh).unwrap().request, request);
        }
    }
}
