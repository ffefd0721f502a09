//! Variables that only some tools read, or read otherwise. Must not know what stands in the files but for regions.

use super::{
    super::{
        Finding,
        Severity::{Note, Warning},
        Subject,
    },
    Check, check,
};
use crate::{
    env_vars::{
        AWS_CONFIG_FILE, AWS_DEFAULT_PROFILE, AWS_DEFAULT_REGION, AWS_PROFILE, AWS_REGION,
        AWS_SHARED_CREDENTIALS_FILE,
    },
    handed::UserEnv,
    host::Env,
};

pub(super) static DEFAULT_PROFILE: Check = check(
    "R169",
    Warning,
    "`AWS_DEFAULT_PROFILE` is set without `AWS_PROFILE`",
    "The AWS CLI, boto3 and rolo read it, other SDKs read `AWS_PROFILE` alone and use the profile `default`.",
);
pub(super) static REGION: Check = check(
    "R170",
    Note,
    "`AWS_REGION` is set without `AWS_DEFAULT_REGION`",
    "AWS CLI v1 and boto3 read `AWS_DEFAULT_REGION` alone, all others `AWS_REGION` first.",
);
pub(super) static FILE_PATH: Check = check(
    "R171",
    Warning,
    "the path in `AWS_CONFIG_FILE` or `AWS_SHARED_CREDENTIALS_FILE` has to be expanded",
    "The AWS CLI, boto3 and rolo expand `$VAR` and `~user` in it. Other SDKs expand `~/` at most, and so find no file.",
);

pub(super) fn examine(subject: &Subject<'_>, findings: &mut Vec<Finding>) {
    let env = UserEnv::new(subject.host.env);
    let var = |name: &str| env.var(name).filter(|value| !value.is_empty());
    if let (None, Some(name)) = (var(AWS_PROFILE), var(AWS_DEFAULT_PROFILE)) {
        findings.push(Finding::new(
            &DEFAULT_PROFILE,
            format!(
                "only `{AWS_DEFAULT_PROFILE}` is set (`{name}`), which SDKs other than boto3 do not read: they use `default`"
            ),
            format!("run `export {AWS_PROFILE}=\"${AWS_DEFAULT_PROFILE}\"; unset {AWS_DEFAULT_PROFILE}`"),
        ));
    }
    if let (Some(region), None) = (var(AWS_REGION), var(AWS_DEFAULT_REGION)) {
        findings.push(Finding::new(
            &REGION,
            format!(
                "only `{AWS_REGION}` is set (`{region}`), which AWS CLI v1 and boto3 do not read: to them the profile's region counts"
            ),
            format!("run `export {AWS_DEFAULT_REGION}=\"${AWS_REGION}\"`"),
        ));
    }
    for (name, file) in
        [(AWS_CONFIG_FILE, &subject.files.config), (AWS_SHARED_CREDENTIALS_FILE, &subject.files.credentials)]
    {
        let Some(path) = var(name) else { continue };
        let of_another = path.starts_with('~') && !path.starts_with("~/");
        if (path.contains('$') || of_another) && file.path().as_os_str() != path.as_str() {
            let expanded = file.path().display();
            findings.push(Finding::new(
                &FILE_PATH,
                format!(
                    "`{name}` is `{path}`, which SDKs other than boto3 do not expand: they find no such file"
                ),
                format!("run `export {name}='{expanded}'`"),
            ));
        }
    }
}
