//! Which credentials, through which roles, and what is wrong with a config, by line.

use rolo_core::{
    arn::RoleArn,
    chain::{
        plan::BasePlan,
        request::{Request, SessionLength, Target},
        resolve::ResolveError,
        source::BaseSource,
    },
};

use crate::world::World;

const KEYS: &str = "[profile keys]\naws_access_key_id = AKIDKEYS\naws_secret_access_key = s\nmfa_serial = arn:aws-cn:iam::111122223333:mfa/ada\n";
const CHAIN: &str = "[profile keys]\naws_access_key_id = AKIDKEYS\naws_secret_access_key = s\n\
    [profile hop]\nrole_arn = arn:aws:iam::222233334444:role/Hop\nsource_profile = keys\n\
    [profile end]\nrole_arn = arn:aws:iam::333344445555:role/End\nsource_profile = hop\nduration_seconds = 7200\n";

fn lines(error: &ResolveError) -> Vec<u32> {
    error.locations().iter().map(|location| location.line).collect()
}

fn named(target: &str) -> Request {
    Request::for_profile(target)
}

#[test]
fn a_short_form_takes_partition_and_device_of_its_source() {
    let request = Request { source_profile: Some("keys".into()), ..named("444455556666:team/Admin") };
    let plan = World::new(KEYS).plan(&request).unwrap();
    let [step] = plan.chain.steps.as_slice() else { panic!("{:?}", plan.chain.steps) };
    assert_eq!(step.role_arn.value.as_str(), "arn:aws-cn:iam::444455556666:role/team/Admin");
    assert_eq!(step.mfa_serial.as_ref().unwrap().value.as_str(), "arn:aws-cn:iam::111122223333:mfa/ada");
    assert!(matches!(plan.base, BasePlan::MfaSession(_)));
}

#[test]
fn an_exact_profile_name_wins_over_an_arn() {
    let config = format!(
        "{KEYS}[profile arn:aws:iam::444455556666:role/X]\naws_access_key_id = AKIDX\naws_secret_access_key = s\n"
    );
    let plan = World::new(&config).plan_of("arn:aws:iam::444455556666:role/X");
    assert!(plan.chain.steps.is_empty());
    let BaseSource::Static(keys) = &plan.chain.base.source else { panic!("{:?}", plan.chain.base) };
    assert_eq!(keys.access_key_id, "AKIDX");
}

#[test]
fn a_device_says_nothing_about_a_session() {
    let request = Request { source_profile: Some("hop".into()), ..named("arn:aws:iam::444455556666:role/X") };
    let config = CHAIN.replace(
        "source_profile = keys\n",
        "source_profile = keys\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n",
    );
    let plan = World::new(&config).plan(&request).unwrap();
    let serials: Vec<bool> = plan.chain.steps.iter().map(|step| step.mfa_serial.is_some()).collect();
    assert_eq!(serials, [true, false]);
}

#[test]
fn a_role_option_replaces_the_profiles_role_or_stands_on_its_keys() {
    let arn = "arn:aws:iam::999988887777:role/Other";
    let with_role = |profile: &str| Request { role_arn: Some(arn.into()), ..named(profile) };
    let roles = |request: &Request| -> Vec<String> {
        let plan = World::new(CHAIN).plan(request).unwrap();
        plan.chain.steps.iter().map(|step| step.role_arn.value.to_string()).collect()
    };
    assert_eq!(roles(&with_role("hop")), [arn]);
    assert_eq!(roles(&with_role("keys")), [arn]);
}

#[test]
fn the_cap_of_role_chaining_is_told_before_any_call() {
    let long = Request { duration: SessionLength::parse("2h"), ..named("end") };
    let error = World::new(CHAIN).error_of(&long);
    assert!(matches!(error, ResolveError::ChainedTooLong { seconds: 7200, .. }), "{error:?}");
    assert_eq!(lines(&error), [8]);
    let warnings = World::new(CHAIN).plan_of("end").chain.warnings;
    assert_eq!(
        warnings.iter().map(|warning| warning.location.as_ref().unwrap().line).collect::<Vec<_>>(),
        [10]
    );
    let first_hop = Request { duration: SessionLength::parse("2h"), ..named("hop") };
    assert!(World::new(CHAIN).plan(&first_hop).is_ok());
}

#[test]
fn role_options_without_a_role_are_refused() {
    for (option, request) in [
        ("--external-id", Request { external_id: Some("xx".into()), ..named("keys") }),
        (
            "--policy-arn",
            Request { policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()], ..named("keys") },
        ),
        ("--tag", Request { tags: vec![("a".into(), "b".into())], ..named("keys") }),
        ("--duration", Request { duration: SessionLength::parse("1h"), ..named("keys") }),
    ] {
        let error = World::new(CHAIN).error_of(&request);
        assert!(matches!(error, ResolveError::NoRole { option: named, .. } if named == option), "{error:?}");
    }
}

#[test]
fn each_fault_names_its_lines() {
    let cases: [(&str, &str, &[u32]); 13] = [
        (
            "[profile a]\nregion =\n  name = eu-west-1\naws_access_key_id = A\naws_secret_access_key = s\n",
            "a",
            &[2],
        ),
        (
            "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/A\nsource_profile = b\n[profile b]\nrole_arn = arn:aws:iam::111122223333:role/B\nsource_profile = a\n",
            "a",
            &[3, 6],
        ),
        ("[profile a]\nrole_arn = arn:aws:iam::111122223333:role/A\nsource_profile = nobody\n", "a", &[3]),
        ("[profile a]\nrole_arn = arn:aws:iam::111122223333:role/A\n", "a", &[2]),
        (
            "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/A\nsource_profile = a\ncredential_source = Environment\n",
            "a",
            &[3, 4],
        ),
        ("[profile a]\naws_access_key_id = AKID\n", "a", &[2]),
        ("[profile a]\nsso_session = s\nsso_account_id = 1\nsso_role_name = r\n", "a", &[2]),
        ("[profile a]\naws_access_key_id = AKID\naws_secret_access_key =\n", "a", &[3]),
        ("[profile a]\naws_access_key_id =\naws_secret_access_key = s\n", "a", &[2]),
        // The AWS CLI looks for a sign-in's section before any call, whether or not the profile uses it.
        (
            "[profile a]\naws_access_key_id = AKID\naws_secret_access_key = s\nsso_session = s\nsso_region = x\n[sso-session s]\nsso_start_url = u\n",
            "a",
            &[4],
        ),
        (
            "[profile a]\naws_access_key_id = AKID\naws_secret_access_key = s\nservices = s\n[services s]\n",
            "a",
            &[4],
        ),
        ("[profile a]\nlogin_session = arn:aws:iam::1:user/x\n", "a", &[2]),
        (
            "[profile a]\nrole_arn = short\nsource_profile = b\n[profile b]\naws_access_key_id = A\naws_secret_access_key = s\n",
            "a",
            &[2],
        ),
    ];
    for (config, profile, expected) in cases {
        let error = World::new(config).error_of(&named(profile));
        assert_eq!(lines(&error), expected, "{error}\n{config}");
    }
}

#[test]
fn a_named_profile_switches_the_environments_keys_off() {
    let world = World::new(KEYS)
        .var("AWS_ACCESS_KEY_ID", "AKIDENV")
        .var("AWS_SECRET_ACCESS_KEY", "s")
        .var("AWS_PROFILE", "keys");
    let id = |request: &Request| match world.plan(request).unwrap().chain.base.source {
        BaseSource::Static(keys) | BaseSource::Environment(keys) => keys.access_key_id,
        other => panic!("{other:?}"),
    };
    assert_eq!(id(&named("keys")), "AKIDKEYS");
    assert_eq!(id(&Request::default()), "AKIDENV");
}

#[test]
fn a_role_named_directly_starts_from_the_environment() {
    let world = World::new("")
        .var("AWS_ACCESS_KEY_ID", "AKIDENV")
        .var("AWS_SECRET_ACCESS_KEY", "s")
        .var("AWS_REGION", "us-gov-west-1");
    let plan = world.plan(&named("444455556666:Admin")).unwrap();
    assert_eq!(
        plan.chain.steps[0].role_arn.value,
        RoleArn::new("arn:aws-us-gov:iam::444455556666:role/Admin")
    );
    assert!(matches!(plan.chain.base.source, BaseSource::Environment(_)));
    let flag = Request {
        target: Target::Default,
        role_arn: Some("444455556666:Admin".into()),
        ..Request::default()
    };
    assert_eq!(world.plan(&flag).unwrap().chain.steps.len(), 1);
}

#[test]
fn a_missing_services_section_matters_only_to_a_service_that_looks_there() {
    let world =
        || World::new("[profile a]\naws_access_key_id = AKID\naws_secret_access_key = s\nservices = s\n");
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS"] {
        assert!(world().var(variable, "http://localhost").plan(&named("a")).is_ok(), "{variable}");
    }
    assert!(world().var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true").plan(&named("a")).is_ok());
    let error = world().var("AWS_ENDPOINT_URL_SSO", "http://localhost").error_of(&named("a"));
    assert!(matches!(error, ResolveError::ServicesMissing { .. }), "{error:?}");
}

#[test]
fn only_a_signed_call_to_a_custom_endpoint_needs_a_region() {
    let config = "[profile web]\nrole_arn = arn:aws:iam::111122223333:role/Web\nweb_identity_token_file = t\n\
        [profile role]\nrole_arn = arn:aws:iam::111122223333:role/A\nsource_profile = web\n";
    let world = World::new(config).var("AWS_ENDPOINT_URL_STS", "http://localhost");
    assert!(world.plan(&named("web")).is_ok());
    let error = world.error_of(&named("role"));
    assert!(matches!(error, ResolveError::NoRegion { .. }), "{error:?}");
}
