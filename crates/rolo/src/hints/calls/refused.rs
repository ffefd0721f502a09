//! AWS refused for another reason than that the caller may not: its own messages blame a token for a key, name no region,
//! and neither role nor profile.

use rolo_core::{
    aws::{Refusal, render_skew, shown_url},
    chain::{
        attempt::HopName,
        source::{BaseSource, Keys},
        target::partition_of_region,
    },
    origin::Origin,
    profile::nearest,
    regions::REGIONS,
    words::shell_word,
};

use super::{Around, Told, place};

pub(super) fn tell(told: Told, refusal: &Refusal, around: Around<'_>) -> Told {
    let refused = Refused { refusal, around, message: refusal.message.as_deref().unwrap_or_default() };
    match refusal.code.strip_suffix("Exception").unwrap_or(&refusal.code) {
        "InvalidClientTokenId" | "UnrecognizedClient" | "InvalidAccessKeyId" => refused.unknown_key(told),
        "SignatureDoesNotMatch" | "InvalidSignature" | "AuthFailure" if refused.is_clock() => {
            refused.clock(told)
        }
        "RequestExpired" | "RequestTimeTooSkewed" | "RequestInTheFuture" => refused.clock(told),
        "SignatureDoesNotMatch" | "InvalidSignature" if refused.message.contains("Credential should be scoped") => {
            refused.odd_region(told)
        }
        "SignatureDoesNotMatch" | "InvalidSignature" => refused.wrong_secret(told),
        "IncompleteSignature" | "AuthFailure" => refused.odd_key(told),
        "ExpiredToken" | "IDPRejectedClaim" | "InvalidIdentityToken" | "IDPCommunicationError"
            if matches!(around.hop, Some(HopName::Base)) =>
        {
            refused.web_identity(told)
        }
        "ExpiredToken" => refused.expired(told),
        "AccessDenied" => told.hint(
            "check that the role's trust policy allows this caller, and whether it asks for MFA (`mfa_serial`) or an `external_id`",
        ),
        "RegionDisabled" | "OptInRequired" => refused.region(told),
        "ValidationError" => refused.validation(told),
        "PackedPolicyTooLarge" | "MalformedPolicyDocument" => refused.policy(told),
        _ if refusal.is_throttling() => refused.throttled(told),
        _ if refusal.status >= 500 => refused.failed(told),
        _ => told
            .hint("run it with `-vv` to see what was sent and the request id, which AWS's support asks for"),
    }
}

#[derive(Clone, Copy)]
struct Refused<'a> {
    refusal: &'a Refusal,
    around: Around<'a>,
    message: &'a str,
}

impl Refused<'_> {
    fn key_id(&self) -> &str {
        self.refusal.signer.as_ref().map_or("", |signer| signer.access_key_id.as_str())
    }

    /// «the access key `AKIA…` of profile `base` at FILE:LINE», and where to look. `None` where rolo made it, or a
    /// program.
    fn keys_in_words(&self) -> Option<(String, &Keys)> {
        let (keys, profile) = self.around.keys_of(self.refusal)?;
        let whose = profile.map(|name| format!(" of profile `{name}`")).unwrap_or_default();
        let kind = if keys.is_long_term() { "access key" } else { "temporary access key" };
        Some((format!("the {kind} `{}`{whose}{}", keys.access_key_id, place(Some(&keys.origin))), keys))
    }

    fn unknown_key(&self, told: Told) -> Told {
        if let Some((of_region, of_role)) = self.partitions() {
            return self.other_partition(told, of_region, of_role);
        }
        let Some((words, keys)) = self.keys_in_words() else {
            return told
                .note(format!(
                    "it is the access key `{}` that is at fault: over, or of another partition than the endpoint",
                    self.key_id()
                ))
                .hint(self.get_anew());
        };
        let told = told.at(Some(&keys.origin));
        if keys.is_long_term() {
            told.note(format!("no token is at fault: {words} is unknown, deactivated or of another partition"))
                .hint(self.write_new_keys(keys))
                .hint(format!(
                    "whose it is: `aws iam get-access-key-last-used --access-key-id {}`; whether it is active: `aws iam list-access-keys --user-name NAME`; both with other keys of the account",
                    keys.access_key_id
                ))
        } else {
            told.note(format!("{words} is over, of another partition, or not the one its token belongs to"))
                .hint(renew(keys))
        }
    }

    /// The partitions of region and role where they differ, which AWS tells as an unknown key.
    fn partitions(&self) -> Option<(&'static str, &str)> {
        let of_role = self.around.step()?.role_arn.value.partition()?;
        let of_region = partition_of_region(&self.around.region()?.value);
        (of_role != of_region).then_some((of_region, of_role))
    }

    fn other_partition(&self, told: Told, of_region: &str, of_role: &str) -> Told {
        let (Some(region), Some(step)) = (self.around.region(), self.around.step()) else { return told };
        told.at(Some(&region.origin))
            .at(Some(&step.role_arn.origin))
            .note(format!(
                "region `{}` is of partition `{of_region}`, and role `{}` of `{of_role}`: keys of the one are unknown in the other",
                region.value, step.role_arn.value
            ))
            .hint(format!("set a `region` of partition `{of_role}`{}", place(Some(&region.origin))))
    }

    fn write_new_keys(&self, keys: &Keys) -> String {
        match (&keys.origin, self.around.chain.and_then(|chain| chain.base.profile.as_deref())) {
            (Origin::Env(_), _) => {
                "set `AWS_ACCESS_KEY_ID` and `AWS_SECRET_ACCESS_KEY` to a live key, or unset both".to_owned()
            }
            (_, Some(profile)) => {
                format!("write a live key there: `rolo configure --profile {}`", shell_word(profile))
            }
            (_, None) => "write a live key there: `rolo configure`".to_owned(),
        }
    }

    /// Of credentials that stand nowhere in the files.
    fn get_anew(&self) -> String {
        match self.around.chain.map(|chain| &chain.base.source) {
            Some(BaseSource::Process { origin, .. }) => {
                format!("let the `credential_process`{} give live ones", place(Some(origin)))
            }
            _ => "have all anew: `rolo cache clear`, then run this again".to_owned(),
        }
    }

    fn is_clock(&self) -> bool {
        !self.refusal.clock_behind.is_zero() || self.message.starts_with("Signature ")
    }

    fn clock(&self, told: Told) -> Told {
        let behind = self.refusal.clock_behind;
        let told = if behind.is_zero() {
            told
        } else {
            let side = if behind.is_negative() { "ahead of" } else { "behind" };
            told.note(format!("this machine's clock is {} {side} AWS's", render_skew(behind)))
        };
        told.hint("set this machine's clock: `sudo timedatectl set-ntp true`; `date -u` shows what it says")
    }

    fn wrong_secret(&self, told: Told) -> Told {
        let Some((words, keys)) = self.keys_in_words() else {
            return told.note(format!("the secret is not that of `{}`", self.key_id())).hint(self.get_anew());
        };
        let told = told.at(Some(&keys.origin));
        match oddity(keys.secret_access_key.expose()) {
            Some(odd) => told
                .note(format!("the secret beside {words} {odd}"))
                .hint("write the secret as AWS gave it, without quotes and blanks: 40 characters"),
            None => told.note(format!("the secret is not that of {words}")).hint(self.write_new_keys(keys)),
        }
    }

    /// The signature is right and for a region that there is not.
    fn odd_region(&self, told: Told) -> Told {
        let signed = self.refusal.signer.as_ref().map_or("", |signer| signer.region.as_str());
        let near = nearest(signed, REGIONS.into_iter()).map(|near| format!("did you mean `{near}`? "));
        let region = self.around.region();
        let origin = region.map(|region| &region.origin);
        told.at(origin).note(format!("the call was signed for `{signed}`, which is no region to AWS")).hint(
            format!(
                "{}correct `region`{}: it is written `us-east-1`",
                near.unwrap_or_default(),
                place(origin)
            ),
        )
    }

    /// A key that AWS cannot even read.
    fn odd_key(&self, told: Told) -> Told {
        match self.keys_in_words() {
            Some((words, keys)) => told
                .at(Some(&keys.origin))
                .note(format!("{words} is no key id as AWS makes them: 16 to 128 letters and digits"))
                .hint(self.write_new_keys(keys)),
            None => told.note("AWS could not read the signature").hint(
                "look for blanks or other odd characters in the access key id, the region and the endpoint",
            ),
        }
    }

    fn expired(&self, told: Told) -> Told {
        match self.keys_in_words() {
            Some((words, keys)) => {
                told.at(Some(&keys.origin)).note(format!("{words} is over")).hint(renew(keys))
            }
            None => told.note(format!("`{}`, which signed, is over", self.key_id())).hint(self.get_anew()),
        }
    }

    fn web_identity(&self, told: Told) -> Told {
        let Some(BaseSource::WebIdentity(web)) = self.around.chain.map(|chain| &chain.base.source) else {
            return self.expired(told);
        };
        let file = format!("`{}`{}", web.token_file.value.display(), place(Some(&web.token_file.origin)));
        let told = told.at(Some(&web.token_file.origin));
        match self.refusal.code.as_str() {
            "InvalidIdentityToken" => told.hint(format!(
                "look whether the account of `{}` has an identity provider for the token's issuer: `aws iam list-open-id-connect-providers`; the token is that in {file}",
                web.role_arn.value
            )),
            "IDPCommunicationError" => told
                .note(format!("AWS could not reach the token's issuer; it was asked {}", self.tries()))
                .hint("run it again; if it stays so, look whether the issuer's keys can be read from the internet"),
            _ => told
                .note(format!("the token in {file} is over, or its issuer does not vouch for it"))
                .hint("let what writes the file put a new token there, then run this again"),
        }
    }

    fn region(&self, told: Told) -> Told {
        let signed = self.refusal.signer.as_ref().map(|signer| signer.region.as_str());
        match self.around.region() {
            Some(region) => told
                .at(Some(&region.origin))
                .note(format!(
                    "the region is `{}`{}; the call went to `{}`",
                    region.value,
                    place(Some(&region.origin)),
                    self.refusal.endpoint
                ))
                .hint("set another region, such as `us-east-1`, which is always on; for one run: `--region us-east-1`")
                .hint(format!(
                    "or have an administrator enable it for the account: `aws account enable-region --region-name {0}`, and `{0}` for STS in IAM's account settings",
                    region.value
                )),
            None => told
                .note(format!("the region is `{}`", signed.unwrap_or("us-east-1")))
                .hint("set a `region` that is enabled in the account, or give `--region`"),
        }
    }

    fn validation(&self, told: Told) -> Told {
        if self.message.contains("DurationSeconds") || self.message.contains("durationSeconds") {
            return self.duration(told);
        }
        let parameter = parameter_in(self.message);
        let Some(origin) = parameter.and_then(|name| self.around.origin_of(name)) else {
            return told.hint("correct the value that the message names; `-vv` shows what was sent");
        };
        let setting = parameter.map(setting_of).unwrap_or_default();
        let form = parameter.map(form_of).unwrap_or_default();
        told.at(Some(origin)).hint(format!("correct `{setting}`{}: {form}", place(Some(origin))))
    }

    fn duration(&self, told: Told) -> Told {
        let Some(step) = self.around.step() else {
            return match self.around.hop {
                Some(HopName::MfaSession) => told.hint(
                    "ask for a shorter session: `mfa_session_duration` in `config.toml`, or `--duration`; a root user's lasts 1 h at the most",
                ),
                _ => told.hint("ask for less: `--duration 1h`"),
            };
        };
        let profile = step.profile.as_ref().map(|name| format!(" of profile `{name}`")).unwrap_or_default();
        let said = step.duration_seconds.as_ref();
        let origin = said.map(|said| &said.origin);
        let role = &step.role_arn.value;
        let told = match said {
            Some(said) => told.at(origin).note(format!(
                "{} s were asked for role `{role}`{profile}{}",
                said.value,
                match origin {
                    Some(Origin::File(location)) => format!(", by `duration_seconds` at {location}"),
                    origin => place(origin),
                }
            )),
            None => told.note(format!("no time was asked for role `{role}`{profile}")),
        };
        let shorter = |most: &str| match origin {
            Some(Origin::File(_)) => format!("set `duration_seconds`{} to {most}", place(origin)),
            _ => format!("give `--duration` {most}"),
        };
        if self.message.contains("role chaining") {
            return told.hint(shorter(
                "3600 or less: a role taken on from temporary credentials lasts 1 h at the most",
            ));
        }
        match (most_in(self.message), step.role_arn.value.role_name()) {
            (Some(most), _) => told.hint(shorter(&format!("{most} or less"))),
            (None, role) => told
                .hint(shorter("what the role allows: 3600, unless its owner raised it"))
                .hint(format!(
                    "or have the role's owner raise it, to 43200 at the most: `aws iam update-role --role-name {} --max-session-duration {}`",
                    role.unwrap_or("NAME"),
                    said.map_or(43_200, |said| said.value)
                )),
        }
    }

    fn policy(&self, told: Told) -> Told {
        let narrowing = self.around.step().map(|step| &step.narrowing);
        let sent = narrowing.map(|narrowing| {
            let policy =
                narrowing.policy.as_ref().map(|text| format!("a policy of {} characters", text.len()));
            let count = |count: usize, one: &str, many: &str| match count {
                0 => None,
                1 => Some(format!("1 {one}")),
                count => Some(format!("{count} {many}")),
            };
            let arns = count(narrowing.policy_arns.len(), "managed policy", "managed policies");
            let tags = count(narrowing.tags.len(), "tag", "tags");
            [policy, arns, tags].into_iter().flatten().collect::<Vec<_>>().join(", ")
        });
        let told = match sent.filter(|sent| !sent.is_empty()) {
            Some(sent) => told.note(format!("sent: {sent}")),
            None => told,
        };
        if self.refusal.code.starts_with("Malformed") {
            told.hint("correct the JSON of `--policy`: it is written as a policy of IAM, without `Principal`")
        } else {
            told.hint("shorten `--policy`, or send fewer of `--policy-arn` and `--tag`: policies and tags share the room")
        }
    }

    fn tries(&self) -> String {
        match self.refusal.tries {
            0 | 1 => "once".to_owned(),
            tries => format!("{tries} times"),
        }
    }

    /// How to have it tried more often.
    fn more_tries(&self) -> String {
        match self.around.settings().and_then(|settings| settings.max_attempts.as_ref()) {
            Some(said) => {
                format!("raise `max_attempts`{}, which is {}", place(Some(&said.origin)), said.value)
            }
            None => "raise `max_attempts` in the profile, or `AWS_MAX_ATTEMPTS`".to_owned(),
        }
    }

    fn throttled(&self, told: Told) -> Told {
        told.note(format!("AWS was asked {}, and was busy", self.tries()))
            .hint(format!("run it again in a minute; to have it tried more often, {}", self.more_tries()))
    }

    fn failed(&self, told: Told) -> Told {
        let told = told.note(format!("AWS failed, not the request; it was asked {}", self.tries()));
        match self.around.endpoint(&self.refusal.endpoint) {
            Some(set) => told.at(Some(&set.origin)).hint(format!(
                "run it again, or look at what answers at `{}`, the endpoint{}",
                shown_url(&set.value),
                place(Some(&set.origin))
            )),
            None => told.hint(format!(
                "run it again in a minute; to have it tried more often, {}",
                self.more_tries()
            )),
        }
    }
}

/// The next step for temporary credentials that somebody put where they stand.
fn renew(keys: &Keys) -> String {
    match &keys.origin {
        Origin::Env(_) => "run `eval \"$(rolo unset --all)\"`, then ask for a profile by name".to_owned(),
        origin => format!(
            "get new ones from where these came, and put key, secret and token{}",
            place(Some(origin))
        ),
    }
}

/// What is seen to be wrong with a secret, without the secret.
fn oddity(secret: &str) -> Option<String> {
    let is_quote = |c: char| matches!(c, '"' | '\'' | '“' | '”');
    let length = secret.chars().count();
    if secret.starts_with(is_quote) || secret.ends_with(is_quote) {
        Some("has quotes around it, which count as a part of it".to_owned())
    } else if secret.contains(char::is_whitespace) {
        Some("holds a blank, which counts as a part of it".to_owned())
    } else if length != 40 {
        let unit = if length == 1 { "character" } else { "characters" };
        Some(format!("is {length} {unit} long, and AWS's are 40"))
    } else {
        None
    }
}

/// AWS's name of the parameter that a message blames: `… Value 'x' at 'roleSessionName' failed to satisfy …`.
fn parameter_in(message: &str) -> Option<&'static str> {
    let known = ["RoleSessionName", "ExternalId", "SerialNumber", "RoleArn", "WebIdentityToken"];
    let lower = message.to_ascii_lowercase();
    let named = known.into_iter().find(|name| lower.contains(&name.to_ascii_lowercase()));
    // `Request ARN is invalid`, `arn:… is invalid`.
    named.or_else(|| lower.contains("arn").then_some("RoleArn"))
}

fn setting_of(parameter: &str) -> &str {
    match parameter {
        "RoleSessionName" => "role_session_name",
        "ExternalId" => "external_id",
        "SerialNumber" => "mfa_serial",
        "RoleArn" => "role_arn",
        "WebIdentityToken" => "web_identity_token_file",
        other => other,
    }
}

/// How a parameter is written, by STS's reference.
fn form_of(parameter: &str) -> &'static str {
    match parameter {
        "RoleSessionName" => "2 to 64 letters, digits and `_=,.@-`",
        "ExternalId" => "2 to 1224 letters, digits and `_=,.@:/+-`, and nothing behind it",
        "SerialNumber" => "`arn:aws:iam::ACCOUNT:mfa/NAME`, or the number on the device",
        "RoleArn" => "a role is written `arn:aws:iam::ACCOUNT:role/NAME`, with 12 digits and without quotes",
        _ => "the file must hold the token and nothing else",
    }
}

/// The greatest value that a message names: `… Member must have value less than or equal to 43200`.
fn most_in(message: &str) -> Option<&str> {
    let rest = message.split_once("less than or equal to ")?.1;
    let end = rest.find(|c: char| !c.is_ascii_digit()).unwrap_or(rest.len());
    Some(&rest[..end]).filter(|digits| !digits.is_empty())
}
