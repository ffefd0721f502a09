//! A refused AssumeRole: what is likely to be missing, the likeliest first, and the statement that would allow it.

use jiff::{SignedDuration, Timestamp};
use rolo_core::{
    chain::{
        attempt::{Attempt, HopName, MfaProof},
        denial::{Case, Cause, Condition, Denial, likely_causes},
        request::Request,
        source::Chain,
    },
    profile::{ConfigFile, ConfigFiles, ProfileSet},
};

use crate::world::World;

const ADA: &str = "arn:aws:iam::111122223333:user/ada";
const KEYS: &str = "[profile keys]\naws_access_key_id = AKIDKEYS\naws_secret_access_key = s\n";
const ADMIN: &str =
    "[profile admin]\nrole_arn = arn:aws:iam::333344445555:role/Admin\nsource_profile = keys\n";
const NOW: &str = "2026-11-21T12:00:00Z";

fn plain(caller: &str, tail: &str) -> String {
    format!(
        "User: {caller} is not authorized to perform: sts:AssumeRole on resource: arn:aws:iam::1:role/X{tail}"
    )
}

fn causes_of(config: &str, request: &Request, mfa: MfaProof, message: &str) -> Vec<Cause> {
    let chain: Chain = World::new(config).plan(request).unwrap().chain;
    let index = chain.steps.len() - 1;
    let session_name = Some("me".to_owned());
    let attempt = Attempt { hop: HopName::Role(index), signer: None, session_name, mfa };
    let files = ConfigFiles {
        config: ConfigFile::new("/home/ada/.aws/config", config.to_owned()),
        credentials: ConfigFile::new("/home/ada/.aws/credentials", ""),
    };
    let set = ProfileSet::parse(&files).unwrap();
    let denial = Denial::parse(message);
    let now = NOW.parse().unwrap();
    likely_causes(&Case { chain: &chain, index, attempt: &attempt, denial: &denial, set: &set, now })
}

/// The causes in short.
fn named(causes: &[Cause]) -> Vec<String> {
    let head = |debug: String| debug.split([' ', '(']).next().unwrap_or_default().to_owned();
    let name = |cause: &Cause| match cause {
        Cause::Condition(condition) => head(format!("{condition:?}")),
        cause => head(format!("{cause:?}")),
    };
    causes.iter().map(name).collect()
}

fn guess(config: &str, profile: &str, message: &str) -> Vec<String> {
    named(&causes_of(config, &Request::for_profile(profile), MfaProof::None, message))
}

#[test]
fn what_stands_elsewhere_is_likelier_than_what_might_be() {
    let config = format!("{KEYS}{ADMIN}");
    let nothing_known = ["MaybeMfa", "MaybeExternalId", "SessionName", "TrustPolicy"];
    assert_eq!(guess(&config, "admin", &plain(ADA, "")), nothing_known);
    let external = "[profile other]\nrole_arn = arn:aws:iam::333344445555:role/Other\nsource_profile = keys\nexternal_id = xyz\n";
    assert_eq!(
        guess(&format!("{config}{external}"), "admin", &plain(ADA, "")),
        ["ExternalIdElsewhere", "MaybeMfa", "SessionName", "TrustPolicy"]
    );
    let same_source = format!("{external}mfa_serial = GAHT12345678\n");
    assert_eq!(
        guess(&format!("{config}{same_source}"), "admin", &plain(ADA, "")),
        ["NoMfa", "ExternalIdElsewhere", "SessionName", "TrustPolicy"]
    );
}

#[test]
fn a_device_is_known_beside_the_keys_or_by_the_users_name() {
    let device = |config: String| {
        let causes = causes_of(&config, &Request::for_profile("admin"), MfaProof::None, &plain(ADA, ""));
        causes.into_iter().find_map(|cause| match cause {
            Cause::Condition(Condition::NoMfa { device }) => Some(device.value.as_str().to_owned()),
            _ => None,
        })
    };
    let elsewhere = |serial: &str| format!("[profile x]\nmfa_serial = {serial}\n");
    let of_ada = "arn:aws:iam::111122223333:mfa/ada";
    assert_eq!(device(format!("{KEYS}mfa_serial = GAHT1\n{ADMIN}")).as_deref(), Some("GAHT1"));
    assert_eq!(device(format!("{KEYS}{ADMIN}{}", elsewhere(of_ada))).as_deref(), Some(of_ada));
    for stranger in ["arn:aws:iam::111122223333:mfa/bob", "arn:aws:iam::999922223333:mfa/ada", "GAHT1"] {
        assert_eq!(device(format!("{KEYS}{ADMIN}{}", elsewhere(stranger))), None, "{stranger}");
    }
}

#[test]
fn an_old_mfa_session_is_told_and_a_young_one_is_not() {
    let config = format!("{KEYS}{ADMIN}mfa_serial = GAHT12345678\n");
    let causes = |minutes: i64| {
        let made_at = NOW.parse::<Timestamp>().unwrap() - SignedDuration::from_mins(minutes);
        let mfa = MfaProof::Session { made_at: Some(made_at) };
        causes_of(&config, &Request::for_profile("admin"), mfa, &plain(ADA, ""))
    };
    let age = SignedDuration::from_mins(180);
    assert_eq!(causes(180)[0], Cause::Condition(Condition::OldSession { age }));
    assert_eq!(named(&causes(1)), ["MaybeExternalId", "SessionName", "TrustPolicy"]);
    let Some(Cause::TrustPolicy { statement }) = causes(1).pop() else { panic!("a statement is last") };
    assert!(statement.contains("aws:MultiFactorAuthPresent"), "{statement}");
}

#[test]
fn an_arn_that_was_meant_otherwise_comes_first() {
    let other = "[profile other]\nrole_arn = arn:aws:iam::333344445566:role/Admin\nsource_profile = keys\n";
    let cause = |arn: &str| {
        let config = format!("{KEYS}{other}[profile admin]\nrole_arn = {arn}\nsource_profile = keys\n");
        guess(&config, "admin", &plain(ADA, "")).remove(0)
    };
    assert_eq!(cause("arn:aws:iam::333344445565:role/Admin"), "UnknownAccount");
    assert_eq!(cause("arn:aws:iam::333344445566:role/admin"), "SimilarRole");
    assert_eq!(cause("arn:aws:iam::333344445566:role/Amdin"), "SimilarRole");
    assert_eq!(cause("arn:aws:iam::333344445566:role/Admin"), "MaybeMfa");
    assert_eq!(cause("arn:aws:iam::777788889999:role/Admin"), "MaybeMfa", "as good as any other");
    let china =
        format!("{KEYS}[profile admin]\nrole_arn = arn:aws-cn:iam::1:role/Admin\nsource_profile = keys\n");
    assert_eq!(guess(&china, "admin", &plain(ADA, "")), ["OtherPartition"]);
}

#[test]
fn what_aws_says_is_not_guessed_at() {
    let config = format!("{KEYS}{ADMIN}");
    for (tail, expected) in [
        (" because no identity-based policy allows the sts:AssumeRole action", vec!["IdentityPolicy"]),
        (" because no session policy allows the sts:AssumeRole action", vec!["SessionPolicy"]),
        (" because no permissions boundary allows the sts:AssumeRole action", vec!["Policy"]),
        (" with an explicit deny in a service control policy", vec!["Policy", "MaybeMfa"]),
    ] {
        assert_eq!(guess(&config, "admin", &plain(ADA, tail)), expected, "{tail}");
    }
    // No other statement helps against a Deny in the trust policy.
    let denied = guess(&config, "admin", &plain(ADA, " with an explicit deny in a resource-based policy"));
    assert!(!denied.contains(&"TrustPolicy".to_owned()) && denied[0] == "Policy", "{denied:?}");
    assert_eq!(guess(&config, "admin", "Roles may not be assumed by root accounts."), ["Root"]);
    let device = "MultiFactorAuthentication failed, unable to validate MFA code.  Please verify your MFA serial number is valid and associated with this user.";
    assert_eq!(guess(&config, "admin", device), ["ForeignDevice"]);
}

#[test]
fn tags_and_source_identities_want_actions_of_their_own() {
    let config = format!("{KEYS}{ADMIN}");
    let message = |action: &str| plain(ADA, "").replace("sts:AssumeRole", action);
    assert_eq!(guess(&config, "admin", &message("sts:TagSession")), ["TagSession", "TrustPolicy"]);
    assert_eq!(
        guess(&config, "admin", &message("sts:SetSourceIdentity")),
        ["SetSourceIdentity", "TrustPolicy"]
    );
    let tagged = Request {
        tags: vec![("team".to_owned(), "a".to_owned())],
        source_identity: Some("ada".to_owned()),
        ..Request::for_profile("admin")
    };
    let causes = causes_of(&config, &tagged, MfaProof::None, &message("sts:TagSession"));
    let Some(Cause::TrustPolicy { statement }) = causes.last() else { panic!("{causes:?}") };
    assert!(
        statement.contains(r#"["sts:AssumeRole", "sts:TagSession", "sts:SetSourceIdentity"]"#),
        "{statement}"
    );
}

#[test]
fn a_role_that_calls_is_named_with_its_path() {
    let config = format!(
        "{KEYS}[profile hop]\nrole_arn = arn:aws:iam::222233334444:role/team/Hop\nsource_profile = keys\n\
         [profile end]\nrole_arn = arn:aws:iam::333344445555:role/End\nsource_profile = hop\n"
    );
    let hop = "arn:aws:sts::222233334444:assumed-role/Hop/me";
    let causes = causes_of(&config, &Request::for_profile("end"), MfaProof::None, &plain(hop, ""));
    assert_eq!(named(&causes), ["RoleBetween", "MaybeExternalId", "TrustPolicy"]);
    let Some(Cause::TrustPolicy { statement }) = causes.last() else { panic!("{causes:?}") };
    assert!(statement.contains("arn:aws:iam::222233334444:role/team/Hop"), "{statement}");
}
