//! Leftovers of other tools and of rolo, files and switches that variables name, the container's address. Must not know
//! credentials.

use super::{
    super::{Finding, Severity::Warning},
    Check, Seen, check, unset,
};
use crate::{
    env_vars::{
        self, ASSUMED_ROLE, AWS_ACCESS_KEY_ID, AWS_CONFIG_FILE, AWS_CONTAINER_CREDENTIALS_FULL_URI,
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI, AWS_SDK_LOAD_CONFIG, AWS_SHARED_CREDENTIALS_FILE, HOME,
        ROLO_MFA_CODE, ROLO_PROFILE,
    },
    profile::SourceFile,
    provider::container,
};

pub(in crate::doctor) static LEFTOVER: Check = check(
    "R092",
    Warning,
    "a variable is left over from another tool",
    "Prompts and scripts take it for the name of credentials that are no longer there.",
);
pub(in crate::doctor) static MFA_CODE: Check = check(
    "R093",
    Warning,
    "`ROLO_MFA_CODE` is left in the environment",
    "A code is good once and for half a minute; the next run that wants one is refused with the old one.",
);
pub(in crate::doctor) static NO_SUCH_FILE: Check = check(
    "R097",
    Warning,
    "a variable names a file or folder that is not there",
    "AWS's tools take a file that is absent for an empty one, and miss all that stands in the real one.",
);
pub(in crate::doctor) static NO_SWITCH: Check = check(
    "R098",
    Warning,
    "a variable that is a switch is neither `true` nor `false`",
    "AWS CLI, boto3 and rolo take any other word for `false`, and some SDKs stop with an error.",
);
pub(in crate::doctor) static CONTAINER: Check = check(
    "R099",
    Warning,
    "the address of container credentials cannot be used",
    "Plain HTTP is allowed to this machine and to AWS's own addresses alone; a variable that is set counts even if it is \
     empty.",
);

/// What other tools set beside the credentials, so that it tells of them once they are gone.
const MARKS: [(&str, &str); 11] = [
    (env_vars::AWS_VAULT, "aws-vault"),
    (env_vars::AWSUME_PROFILE, "awsume"),
    (env_vars::AWSUME_EXPIRATION, "awsume"),
    (env_vars::AWSUME_COMMAND, "awsume"),
    (env_vars::GRANTED_SSO, "granted"),
    (env_vars::AWS_SESSION_EXPIRATION, "granted"),
    (env_vars::AWS_SSO_ROLE_ARN, "aws-sso-cli"),
    (env_vars::AWS_SSO_PROFILE, "aws-sso-cli"),
    (env_vars::AWS_SSO_SESSION_EXPIRATION, "aws-sso-cli"),
    (env_vars::SAML2AWS_PROFILE, "saml2aws"),
    (ASSUMED_ROLE, "assume-role"),
];

/// As botocore reads them: `true` in any case of letters, and all else is false.
const SWITCHES: [&str; 6] = [
    env_vars::AWS_EC2_METADATA_DISABLED,
    env_vars::AWS_EC2_METADATA_V1_DISABLED,
    env_vars::AWS_IMDS_USE_IPV6,
    env_vars::AWS_USE_FIPS_ENDPOINT,
    env_vars::AWS_USE_DUALSTACK_ENDPOINT,
    env_vars::AWS_IGNORE_CONFIGURED_ENDPOINT_URLS,
];

pub(super) fn examine(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    leftovers(seen, findings);
    if seen.has(ROLO_MFA_CODE) {
        let text = format!("`{ROLO_MFA_CODE}` is still set, and a code is good once");
        let remedy = format!(
            "{}; give a code to one command alone: `{ROLO_MFA_CODE}=… rolo …`",
            unset(&[ROLO_MFA_CODE])
        );
        findings.push(Finding::new(&MFA_CODE, text, remedy));
    }
    files(seen, findings);
    switches(seen, findings);
    container(seen, findings);
}

/// Another tool's mark is no leftover while its credentials, or the profile that it chose, are there.
fn leftovers(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let handed = seen.handed();
    // `aws-vault exec --ecs-server` and the like hand over an address in place of keys.
    let sources = [
        AWS_ACCESS_KEY_ID,
        env_vars::AWS_PROFILE,
        AWS_CONTAINER_CREDENTIALS_FULL_URI,
        AWS_CONTAINER_CREDENTIALS_RELATIVE_URI,
    ];
    if handed.is_none() && sources.into_iter().any(|name| seen.has(name)) {
        return;
    }
    // rolo sets one of awsume's, for prompts.
    let is_ours =
        |name: &str, value: &str| name == env_vars::AWSUME_PROFILE && handed.as_deref() == Some(value);
    let left: Vec<(&str, &str, String)> = MARKS
        .into_iter()
        .filter_map(|(name, tool)| Some((name, tool, seen.var(name).filter(|value| !is_ours(name, value))?)))
        .collect();
    let Some((name, tool, value)) = left.first() else { return };
    let text = match handed {
        Some(label) => format!(
            "`{name}` (`{value}`) is {tool}'s and `{ROLO_PROFILE}` (`{label}`) rolo's: the credentials are of one of the two, and prompts show either"
        ),
        None => format!("`{name}` (`{value}`) is left over from {tool}: there are no credentials beside it"),
    };
    let names: Vec<&str> = left.iter().map(|(name, ..)| *name).collect();
    findings.push(Finding::new(&LEFTOVER, text, unset(&names)));
}

fn files(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    let files = seen.subject.files;
    for (variable, file, usual) in [
        (AWS_CONFIG_FILE, SourceFile::Config, "~/.aws/config"),
        (AWS_SHARED_CREDENTIALS_FILE, SourceFile::Credentials, "~/.aws/credentials"),
    ] {
        let file = match file {
            SourceFile::Config => &files.config,
            SourceFile::Credentials => &files.credentials,
        };
        if seen.env.var(variable).is_some() && !file.is_present() {
            findings.push(Finding::new(
                &NO_SUCH_FILE,
                format!("`{variable}` names `{}`, and there is no such file", file.path().display()),
                format!("run `unset {variable}` to use `{usual}`, or make the file"),
            ));
        }
    }
    match seen.var(HOME) {
        None => findings.push(Finding::new(
            &NO_SUCH_FILE,
            format!("`{HOME}` is not set, so there is no place for a cache"),
            format!("run `export {HOME}=` with your home folder, as in `getent passwd \"$(id -u)\"`"),
        )),
        Some(home) if !home.starts_with('/') => findings.push(Finding::new(
            &NO_SUCH_FILE,
            format!(
                "`{HOME}` (`{home}`) is no absolute path, so it is another folder in each working directory"
            ),
            format!("run `export {HOME}=` with the whole path"),
        )),
        Some(_) => {}
    }
}

fn switches(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    for name in SWITCHES {
        let Some(value) = seen.var(name) else { continue };
        if !["true", "false"].iter().any(|word| value.eq_ignore_ascii_case(word)) {
            findings.push(Finding::new(
                &NO_SWITCH,
                format!("`{name}` is `{value}`, which is neither `true` nor `false` and counts as `false`"),
                format!("run `export {name}=true`, or `unset {name}`"),
            ));
        }
    }
    if let Some(value) = seen.env.var(AWS_SDK_LOAD_CONFIG)
        && ["", "0", "false"].iter().any(|word| value.eq_ignore_ascii_case(word))
        && seen.subject.files.config.is_present()
    {
        findings.push(Finding::new(
            &NO_SWITCH,
            format!("`{AWS_SDK_LOAD_CONFIG}` is `{value}`: programs with AWS's older SDK for Go do not read `~/.aws/config`"),
            format!("run `export {AWS_SDK_LOAD_CONFIG}=1`, or `unset {AWS_SDK_LOAD_CONFIG}` where no program needs it"),
        ));
    }
}

fn container(seen: &Seen<'_>, findings: &mut Vec<Finding>) {
    if seen.env.var(AWS_CONTAINER_CREDENTIALS_RELATIVE_URI).is_some() {
        return;
    }
    let Some(url) = seen.env.var(AWS_CONTAINER_CREDENTIALS_FULL_URI) else { return };
    if !container::is_allowed(&url) {
        let name = AWS_CONTAINER_CREDENTIALS_FULL_URI;
        let text = if url.is_empty() {
            format!("`{name}` is set and empty, which is an error where no other credentials are found")
        } else {
            format!("`{name}` leads to no address that credentials may be asked of")
        };
        findings.push(Finding::new(&CONTAINER, text, unset(&[name])));
    }
}
