//! The options of `rolo configure`.
//!
//! Must not know where a setting is written.

use clap::Args;

use super::TalkArgs;

const ABOUT: &str = "With an option for a setting nothing is asked. The value `-` removes a setting.\n\
    Without NAME: AWS_PROFILE, else `default`. A profile that does not exist is made.";

/// Write a profile's keys and settings into the AWS CLI's files
#[derive(Debug, Args)]
#[command(after_help = ABOUT)]
pub struct ConfigureArgs {
    /// The profile
    #[arg(value_name = "NAME", conflicts_with = "named")]
    pub profile: Option<String>,
    /// As NAME
    #[arg(id = "named", long = "profile", value_name = "NAME")]
    pub named: Option<String>,
    /// Access key; its secret is read from standard input or stays
    #[arg(long, value_name = "ID", help_heading = "Settings")]
    pub access_key_id: Option<String>,
    /// Read the secret access key from standard input
    #[arg(long, help_heading = "Settings")]
    pub secret_access_key_stdin: bool,
    /// Region
    #[arg(long, value_name = "REGION", help_heading = "Settings")]
    pub region: Option<String>,
    /// How the AWS CLI prints: json, yaml, yaml-stream, text, table or off
    #[arg(long, value_name = "FORMAT", help_heading = "Settings")]
    pub output: Option<String>,
    /// Role to assume: its ARN, or ACCOUNT:ROLE
    #[arg(long, value_name = "ARN", help_heading = "Settings")]
    pub role_arn: Option<String>,
    /// Profile that the role is assumed from
    #[arg(long, value_name = "PROFILE", help_heading = "Settings")]
    pub source_profile: Option<String>,
    /// MFA device whose code the role, or the key, wants
    #[arg(long, value_name = "SERIAL", help_heading = "Settings")]
    pub mfa_serial: Option<String>,
    /// Write what is given without checking it: no call to AWS is made
    #[arg(long)]
    pub no_verify: bool,
    /// How much is said.
    #[command(flatten)]
    pub talk: TalkArgs,
}

/// A word of `rolo configure` as an error may show it: a secret access key that was typed where none belongs stays unsaid.
pub fn hide_secret(word: String) -> String {
    let is_of_key = |byte: u8| byte.is_ascii_alphanumeric() || b"+/=".contains(&byte);
    match word.split_once('=') {
        Some((option, _)) if option.starts_with("--secret") => format!("{option}=…"),
        _ if word.len() >= 40 && word.bytes().all(is_of_key) => "…".to_owned(),
        _ => word,
    }
}

impl ConfigureArgs {
    /// The profile, where one was named.
    pub fn name(&self) -> Option<&str> {
        self.profile.as_deref().or(self.named.as_deref())
    }

    /// Whether a setting is given, so that none is asked.
    pub fn gives_settings(&self) -> bool {
        let given = [
            &self.access_key_id,
            &self.region,
            &self.output,
            &self.role_arn,
            &self.source_profile,
            &self.mfa_serial,
        ];
        self.secret_access_key_stdin || given.into_iter().any(Option::is_some)
    }
}
