//! Where answers are kept: what must and must not share a name, in rolo's cache and in the AWS CLI's.

use std::collections::HashSet;

use rolo_core::chain::{
    plan::{BasePlan, CliCacheUse, Options, Plan},
    request::{Request, SessionLength},
};

use crate::world::World;

const MFA: &str = "mfa_serial = arn:aws:iam::111122223333:mfa/ada\n";

fn config(role_lines: &str) -> String {
    format!(
        "[profile keys]\naws_access_key_id = AKIDKEYS\naws_secret_access_key = s\n\
         [profile p]\nrole_arn = arn:aws:iam::222233334444:role/R\nsource_profile = keys\n{role_lines}"
    )
}

fn key(plan: &Plan) -> String {
    plan.key().unwrap().to_hex()
}

#[test]
fn every_setting_of_a_role_is_in_its_key() {
    let lines = [
        "",
        "external_id = e1\n",
        "role_session_name = e1\n",
        "duration_seconds = 1800\n",
        MFA,
        "region = eu-west-1\n",
        "region = eu-west-2\n",
        "endpoint_url = http://e\nregion = eu-west-1\n",
        "use_fips_endpoint = true\n",
        "use_dualstack_endpoint = true\n",
        "sts_regional_endpoints = legacy\n",
        "session_tags = a=b\n",
        "session_tags = a=c\n",
        "session_tags = a=b\ntransitive_session_tags = a\n",
        "source_identity = ada\n",
    ];
    let mut keys: Vec<String> =
        lines.iter().map(|lines| key(&World::new(&config(lines)).plan_of("p"))).collect();
    for request in [
        Request { policy: Some("{}".into()), ..Request::for_profile("p") },
        Request {
            policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()],
            ..Request::for_profile("p")
        },
        Request { duration: SessionLength::parse("15m"), ..Request::for_profile("p") },
        Request { role_arn: Some("arn:aws:iam::222233334444:role/S".into()), ..Request::for_profile("p") },
    ] {
        keys.push(key(&World::new(&config("")).plan(&request).unwrap()));
    }
    keys.push(key(&World::new(&config("").replace("AKIDKEYS", "AKIDNEW")).plan_of("p")));
    assert_eq!(keys.iter().collect::<HashSet<_>>().len(), keys.len());
}

#[test]
fn names_and_settings_of_programs_are_not() {
    let plain = key(&World::new(&config("")).plan_of("p"));
    assert_eq!(plain, key(&World::new(&config("output = text\n")).plan_of("p")));
    assert_eq!(plain, key(&World::new(&config("").replace("profile p]", "profile q]")).plan_of("q")));
}

#[test]
fn one_mfa_session_serves_every_role_of_key_and_device() {
    let session = |world: &World, profile: &str| match world.plan_of(profile).base {
        BasePlan::MfaSession(session) => Some(session.key),
        _ => None,
    };
    let config = format!(
        "{}region = eu-west-1\n[profile q]\nrole_arn = arn:aws:iam::333344445555:role/Q\nsource_profile = keys\nregion = us-east-1\n{MFA}",
        config(MFA)
    );
    let world = World::new(&config);
    assert!(session(&world, "p").is_some());
    assert_eq!(session(&world, "p"), session(&world, "q"));
    let other_device = World::new(&config.replace("mfa/ada", "mfa/bob"));
    assert_ne!(session(&world, "p"), session(&other_device, "p"));
}

#[test]
fn where_a_session_cannot_serve_the_code_goes_with_the_role() {
    let sends_code = |plan: &Plan| {
        let session = matches!(plan.base, BasePlan::MfaSession(_));
        (session, plan.hops.iter().map(|hop| hop.sends_code).collect::<Vec<_>>())
    };
    let long = World::new(&config(&format!("{MFA}duration_seconds = 7200\n")));
    assert_eq!(sends_code(&long.plan_of("p")), (false, vec![true]));
    let short = World::new(&config(MFA));
    assert_eq!(sends_code(&short.plan_of("p")), (true, vec![false]));
    let switched_off = Request { no_mfa_session: true, ..Request::for_profile("p") };
    assert_eq!(sends_code(&short.plan(&switched_off).unwrap()), (false, vec![true]));
    let mut by_option = World::new(&config(MFA));
    by_option.options = Options { mfa_session: false, ..Options::default() };
    assert_eq!(sends_code(&by_option.plan_of("p")), (false, vec![true]));
    let second_hop = format!(
        "{}[profile q]\nrole_arn = arn:aws:iam::333344445555:role/Q\nsource_profile = p\n{MFA}",
        config("")
    );
    assert_eq!(sends_code(&World::new(&second_hop).plan_of("q")), (false, vec![false, true]));
    let token = config(MFA).replace("aws_secret", "aws_session_token = t\naws_secret");
    assert_eq!(sends_code(&World::new(&token).plan_of("p")), (false, vec![true]));
}

#[test]
fn keys_with_a_device_hand_over_their_session() {
    let config = format!("[profile keys]\naws_access_key_id = AKIDKEYS\naws_secret_access_key = s\n{MFA}");
    assert!(matches!(World::new(&config).plan_of("keys").base, BasePlan::MfaSession(_)));
    let off = Request { no_mfa_session: true, ..Request::for_profile("keys") };
    assert!(World::new(&config).plan(&off).unwrap().key().is_none());
}

fn cli_file(world: &World, request: &Request) -> Option<String> {
    world.plan(request).unwrap().hops.last().unwrap().cli_file.clone()
}

#[test]
fn the_clis_name_has_the_serial_however_the_role_is_had() {
    let p = Request::for_profile("p");
    let by_session = cli_file(&World::new(&config(MFA)), &p);
    assert!(by_session.is_some());
    assert_eq!(
        by_session,
        cli_file(&World::new(&config(MFA)), &Request { no_mfa_session: true, ..p.clone() })
    );
    assert_ne!(by_session, cli_file(&World::new(&config("")), &p));
}

#[test]
fn what_the_clis_name_cannot_hold_is_not_shared() {
    let p = Request::for_profile("p");
    for lines in ["session_tags = a=b\n", "source_identity = ada\n"] {
        assert_eq!(cli_file(&World::new(&config(lines)), &p), None, "{lines}");
        let outer = format!(
            "{}[profile q]\nrole_arn = arn:aws:iam::333344445555:role/Q\nsource_profile = p\n",
            config(lines)
        );
        assert_eq!(cli_file(&World::new(&outer), &Request::for_profile("q")), None, "inner {lines}");
    }
    let read_only =
        Request { policy_arns: vec!["arn:aws:iam::aws:policy/ReadOnlyAccess".into()], ..p.clone() };
    assert_eq!(cli_file(&World::new(&config("")), &read_only), None);
    let mut off = World::new(&config(""));
    off.options.cli_cache = CliCacheUse::Off;
    assert_eq!(cli_file(&off, &p), None);
}

#[test]
fn a_name_that_two_sources_share_is_not_used() {
    let p = Request::for_profile("p");
    let twin = |source: &str| {
        format!(
            "{}[profile twin]\nrole_arn = arn:aws:iam::222233334444:role/R\n{source}\n\
             [profile other]\naws_access_key_id = AKIDOTHER\naws_secret_access_key = s\n",
            config("")
        )
    };
    assert!(cli_file(&World::new(&twin("source_profile = keys")), &p).is_some(), "same source");
    assert_eq!(cli_file(&World::new(&twin("source_profile = other")), &p), None);
    assert_eq!(cli_file(&World::new(&twin("web_identity_token_file = /t")), &p), None);
    assert!(
        cli_file(&World::new(&twin("source_profile = other\nexternal_id = xx")), &p).is_some(),
        "another name"
    );
    assert!(cli_file(&World::new(&twin("source_profile = nobody")), &p).is_some(), "leads nowhere");
}
