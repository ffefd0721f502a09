//! Values as they stand in files: what surrounds them, and what AWS makes of them.

use crate::world::World;

const KEYS: &str = "[base]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = secret\n";

fn world(config: &str) -> World {
    World::new(config).credentials(KEYS)
}

#[test]
fn each_oddity_has_a_code_and_its_line() {
    for (line, expected) in [
        ("region = eu-central-1 # Frankfurt", "R060 config:2"),
        ("region = eu-central-1 ; Frankfurt", "R060 config:2"),
        ("credential_process = /usr/bin/true # mine", "R061 config:2"),
        ("region = eu-central-1\n  output = json", "R062 config:2"),
        ("output =\n  region = eu-central-1", "R063 config:2"),
        ("region = \"eu-central-1\"", "R064 config:2"),
        ("region =\noutput = json", "R065 config:2"),
        ("ca_bundle = ~/ca.pem", "R066 config:2"),
        ("region = eu-central-1a", "R069 config:2"),
        ("region = eu-centrla-1", "R070 config:2"),
        ("output = jsn", "R077 config:2"),
        ("use_fips_endpoint = yes", "R078 config:2"),
    ] {
        assert_eq!(world(&format!("[profile a]\n{line}\n")).codes(), [expected], "{line}");
    }
}

#[test]
fn whoever_is_not_aws_has_regions_of_its_own() {
    let config = "[profile a]\nregion = auto\nendpoint_url = https://a.example.com\n";
    assert_eq!(world(config).codes(), Vec::<String>::new());
    assert_eq!(world("[profile a]\nregion = auto\n").codes(), ["R069 config:2"]);
    let commented = config.replace("auto", "auto # all");
    assert_eq!(world(&commented).codes(), ["R060 config:2"]);
}

#[test]
fn each_parameter_of_a_role_has_a_code_and_its_line() {
    for (line, expected) in [
        ("role_arn = arn:aws:iam::11112222333:role/a", "R067 config:3"),
        ("role_arn = a", "R067 config:3"),
        ("mfa_serial = arn:aws:iam::111122223333:user/ada", "R068 config:3"),
        ("mfa_serial = ada", "R068 config:3"),
        ("duration_seconds = 60", "R071 config:3"),
        ("duration_seconds = 1h", "R072 config:3"),
        ("role_session_name = ada lovelace", "R073 config:3"),
        ("external_id = x", "R074 config:3"),
        ("source_profile = base # the user", "R060 config:3"),
    ] {
        let mut lines = vec!["role_arn = arn:aws:iam::111122223333:role/a", "source_profile = base"];
        let key = line.split(' ').next().unwrap();
        lines.retain(|other| !other.starts_with(key));
        let others = lines.pop().unwrap();
        // A line that replaces another of the two leaves one beside it.
        let config = match lines.pop() {
            Some(more) => format!("[profile a]\n{others}\n{line}\n{more}\n"),
            None => format!("[profile a]\n{others}\n{line}\n"),
        };
        assert_eq!(world(&config).codes(), [expected], "{line}");
    }
}

#[test]
fn sign_ins_and_metadata() {
    let config = "[profile a]\nsso_session = s\nsso_account_id = 12345678901\nsso_role_name = R\n\
                  [sso-session s]\nsso_start_url = x.awsapps.com/start\nsso_region = eu-central-1\n";
    assert_eq!(world(config).codes(), ["R075 config:3", "R076 config:6"]);
    let config = "[profile a]\nrole_arn = arn:aws:iam::111122223333:role/a\ncredential_source = Ec2InstanceMetadata\n\
                  ec2_metadata_service_endpoint_mode = ipv5\n";
    assert_eq!(world(config).codes(), ["R079 config:4"]);
}

#[test]
fn no_secret_is_told() {
    let credentials = "[a]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE # key\naws_secret_access_key = \"wJalrXUtnFEMI\"\n\
                       aws_session_token = tokentoken ; old\n[b]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\n\
                       aws_secret_acces_key = wJalrXUtnFEMI\n";
    let found = World::new("").credentials(credentials).findings(&[]);
    assert!(found.len() >= 4, "{found:#?}");
    for finding in found {
        let told = format!("{finding:?}");
        assert!(!told.contains("wJalr") && !told.contains("tokentoken"), "{told}");
    }
}

#[test]
fn a_rich_setup_in_order_has_no_findings() {
    let config = "# comments stand on their own lines\n\
        [default]\nregion = eu-central-1\noutput = json\ncli_pager =\n\n\
        [profile base]\nregion = eu-central-1\n\n\
        [profile hop]\nrole_arn = arn:aws:iam::111122223333:role/team/Hop\nsource_profile = base\nregion = eu-central-1\n\
        role_session_name = ada@example.com\nexternal_id = a:b/c-1\n\n\
        [profile 'two words']\nrole_arn = arn:aws:iam::222233334444:role/Audit\nsource_profile = hop\nregion = us-gov-west-1\n\n\
        [sso-session corp]\nsso_start_url = https://d-1234567890.awsapps.com/start#/\nsso_region = eu-central-1\n\
        sso_registration_scopes = sso:account:access\n\n\
        [profile sso]\nsso_session = corp\nsso_account_id = 012345678901\nsso_role_name = Reader\nregion = eu-west-1\n\n\
        [profile program]\ncredential_process = \"/opt/my tool\" --json\nregion = us-east-1\n\n\
        [profile here]\nrole_arn = arn:aws:iam::111122223333:role/Pod\nweb_identity_token_file = /var/run/token\nregion = us-east-1\n\n\
        [services local]\nsts =\n  endpoint_url = http://localhost:4566\n\n\
        [profile tuned]\nregion = us-east-1\nservices = local\ns3 =\n  max_concurrent_requests = 20\nmax_attempts = 5\n\
        retry_mode = standard\nuse_fips_endpoint = false\ngranted_sso_region = x\nmfa_process = /usr/bin/code\n\n\
        [plugins]\ncli_legacy_plugin_path = /x\n";
    assert_eq!(world(config).codes(), Vec::<String>::new());
}
