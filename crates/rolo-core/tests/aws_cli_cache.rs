//! The AWS CLI's cache: names as the CLI makes them, files that the CLI takes, files of the CLI and damaged ones.

#![expect(clippy::unwrap_used, reason = "a test that cannot be set up has failed")]

mod programs;

use std::{
    fs,
    os::unix::fs::{PermissionsExt, symlink},
    path::Path,
};

use jiff::{SignedDuration, Timestamp};
use rolo_core::{
    Credentials, Secret,
    arn::RoleArn,
    cache::aws_cli::{
        AssumedRoleUser, CliCache,
        name::{CliRoleKey, SsoClientKey, SsoName, login_file_stem, parse_python_int},
    },
    profile::{ConfigFile, ConfigFiles, Profile, ProfileSet},
};
use serde_json::Value;

const ROLE: &str = "arn:aws:iam::123456789012:role/team/RoleA";

/// The name that the CLI gives to the profile's entry, from the profile's settings alone.
fn role_stem(profile: &Profile<'_>, kind: &str) -> String {
    let get = |key| profile.get(key).map(|setting| setting.value);
    let with_mfa = kind == "assume-role";
    CliRoleKey {
        role_arn: get("role_arn").unwrap(),
        role_session_name: get("role_session_name"),
        external_id: get("external_id").filter(|_| with_mfa),
        serial_number: get("mfa_serial").filter(|_| with_mfa),
        duration_seconds: get("duration_seconds").filter(|_| with_mfa).and_then(parse_python_int),
    }
    .file_stem()
}

fn sso_stem(set: &ProfileSet<'_>, profile: &Profile<'_>) -> String {
    let get = |key| profile.get(key).unwrap().value;
    let name = match profile.get("sso_session") {
        Some(session) => {
            assert!(set.sso_session(session.value).is_some());
            SsoName::Session(session.value)
        }
        None => SsoName::StartUrl(get("sso_start_url")),
    };
    name.role_file_stem(get("sso_account_id"), get("sso_role_name"))
}

#[test]
fn every_vector_has_its_name() {
    let vectors: Value = serde_json::from_str(include_str!("data/cli_cache_vectors.json")).unwrap();
    for vector in vectors["vectors"].as_array().unwrap() {
        let text = |field: &str| vector[field].as_str().unwrap_or_default();
        let files = ConfigFiles {
            config: ConfigFile::new("config", text("config")),
            credentials: ConfigFile::new("credentials", ""),
        };
        let set = ProfileSet::parse(&files).unwrap();
        let hashed = text("hashed_text");
        let stem = match text("kind") {
            kind @ ("assume-role" | "assume-role-with-web-identity") => {
                // A chain writes a file for each of its roles; the vector names one of them.
                let arn = serde_json::from_str::<Value>(hashed).unwrap()["RoleArn"].clone();
                let is_meant =
                    |profile: &&Profile<'_>| profile.get("role_arn").is_some_and(|role| arn == role.value);
                role_stem(set.profiles().find(is_meant).unwrap(), kind)
            }
            "sso-role-credentials" => sso_stem(&set, set.profile("p").unwrap()),
            "sso-token" => {
                assert_eq!(SsoName::Session(hashed).token_file_stem(), text("key"));
                SsoName::StartUrl(hashed).token_file_stem()
            }
            "sso-client-registration" => SsoClientKey {
                region: "us-east-1",
                start_url: "https://my-sso.awsapps.com/start",
                scopes: Some(&["sso:account:access"]),
                session_name: Some("my-sso"),
            }
            .file_stem(),
            "login" => login_file_stem(hashed),
            kind => panic!("a kind without a test: {kind}"),
        };
        assert_eq!(stem, text("key"), "{}", text("name"));
    }
}

fn at(text: &str) -> Timestamp {
    text.parse().unwrap()
}

fn now() -> Timestamp {
    at("2026-11-21T04:00:00Z")
}

fn credentials() -> Credentials {
    Credentials {
        access_key_id: "ASIAEXAMPLEWXYZ".to_owned(),
        secret_access_key: Secret::new("secret/of+rolo="),
        session_token: Some(Secret::new("token")),
        expiration: Some(at("2026-11-21T05:00:00Z")),
        account_id: Some("123456789012".to_owned()),
    }
}

const USER: AssumedRoleUser<'_> = AssumedRoleUser {
    assumed_role_id: "AROAEXAMPLE:me",
    arn: "arn:aws:sts::123456789012:assumed-role/RoleA/me",
};

fn role() -> RoleArn {
    RoleArn::new(ROLE)
}

#[expect(clippy::disallowed_methods, reason = "what the CLI and accidents leave")]
fn plant(home: &Path, stem: &str, content: &str) {
    let folder = home.join(".aws/cli/cache");
    fs::create_dir_all(&folder).unwrap();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();
    fs::write(folder.join(format!("{stem}.json")), content).unwrap();
}

#[test]
fn what_is_stored_is_loaded_and_is_private() {
    let home = tempfile::tempdir().unwrap();
    let cache = CliCache::new(home.path());
    assert_eq!(cache.load_role("a", &role(), now()).unwrap(), None);
    assert!(!home.path().join(".aws").exists(), "reading makes nothing");
    assert!(cache.store_role("a", &credentials(), Some(USER)).unwrap());
    assert_eq!(cache.load_role("a", &role(), now()).unwrap(), Some(credentials()));
    let path = home.path().join(".aws/cli/cache/a.json");
    assert_eq!(fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
    let json: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    assert_eq!(json["Credentials"]["Expiration"], "2026-11-21T05:00:00Z");
    assert_eq!(json["Credentials"]["AccountId"], "123456789012");
    assert_eq!(json["AssumedRoleUser"]["Arn"], USER.arn);
    assert_eq!(json["ResponseMetadata"], serde_json::json!({}));
    assert_eq!(json.get("ProviderType"), None, "else `aws sso logout` would remove it");

    assert!(cache.store_sso_role("b", &credentials()).unwrap());
    let json: Value = serde_json::from_slice(&fs::read(path.with_file_name("b.json")).unwrap()).unwrap();
    assert_eq!(json["ProviderType"], "sso");
    assert_eq!(cache.load_sso_role("b", now()).unwrap(), Some(credentials()));

    for lacking in [
        Credentials { session_token: None, ..credentials() },
        Credentials { expiration: None, ..credentials() },
    ] {
        assert!(!cache.store_role("c", &lacking, Some(USER)).unwrap());
    }
    assert!(!path.with_file_name("c.json").exists());
}

#[test]
fn entries_are_forgotten_by_whose_key_they_hold() {
    let home = tempfile::tempdir().unwrap();
    let cache = CliCache::new(home.path());
    assert_eq!(cache.clear(|_| true).unwrap(), 0);
    let [ours, theirs, damaged] = ["a", "b", "c"].map(|digit| digit.repeat(40));
    assert!(cache.store_role(&ours, &credentials(), Some(USER)).unwrap());
    plant(home.path(), &theirs, &entry("2026-11-21T05:00:00Z", ""));
    plant(home.path(), &damaged, "{");
    plant(home.path(), "notes", &entry("2026-11-21T05:00:00Z", ""));
    let id = credentials().access_key_id;
    assert_eq!(cache.clear(|other| other == id).unwrap(), 1);
    assert_eq!(cache.clear(|other| other == id).unwrap(), 0);
    assert_eq!(cache.load_role(&ours, &role(), now()).unwrap(), None);
    assert!(cache.load_role(&theirs, &role(), now()).unwrap().is_some());
    assert_eq!(cache.clear(|_| true).unwrap(), 1, "only what is named and made as an entry");
}

fn entry(expiration: &str, rest: &str) -> String {
    let credentials = format!(
        r#""AccessKeyId": "A", "SecretAccessKey": "s", "SessionToken": "t", "Expiration": "{expiration}""#
    );
    format!(r#"{{"Credentials": {{{credentials}}}{rest}}}"#)
}

#[test]
fn entries_of_every_tool_are_read_while_the_cli_would_use_them() {
    let home = tempfile::tempdir().unwrap();
    let cache = CliCache::new(home.path());
    let hit = |content: &str, now: Timestamp| {
        plant(home.path(), "a", content);
        cache.load_role("a", &role(), now).unwrap()
    };
    for expiration in [
        "2026-11-21T05:00:00Z",
        "2026-11-21T05:00:00+00:00",
        "2026-11-21T05:00:00UTC",
        "2026-11-21T06:00:00+01:00",
    ] {
        let found = hit(&entry(expiration, ""), now()).unwrap();
        assert_eq!(found.expiration, Some(at("2026-11-21T05:00:00Z")), "{expiration}");
        assert_eq!(found.account_id, None);
    }
    let whole = entry("2026-11-21T05:00:00Z", "");
    assert!(hit(&whole, now() + SignedDuration::from_secs(45 * 60)).is_some(), "900 s left");
    assert!(hit(&whole, now() + SignedDuration::from_secs(45 * 60 + 1)).is_none(), "899 s left");
    assert!(hit(&entry("soon", ""), now()).is_none());

    let user =
        |user: &str| hit(&entry("2026-11-21T05:00:00Z", &format!(r#", "AssumedRoleUser": {user}"#)), now());
    let arn = |arn: &str| user(&format!(r#"{{"Arn": "{arn}", "AssumedRoleId": "AROA:x"}}"#));
    let found = arn("arn:aws:sts::123456789012:assumed-role/RoleA/someone").unwrap();
    assert_eq!(found.account_id.as_deref(), Some("123456789012"));
    assert!(user("{}").is_some() && user("null").is_some(), "none at all");
    for other in [
        "arn:aws:sts::123456789012:assumed-role/RoleB/me",
        "arn:aws:sts::123456789012:assumed-role/team/RoleA/me",
        "arn:aws:sts::210987654321:assumed-role/RoleA/me",
        "arn:aws:sts::123456789012:federated-user/RoleA",
        "",
    ] {
        assert!(arn(other).is_none(), "{other}");
    }
    assert!(user(r#""RoleA""#).is_none());
}

#[test]
fn damage_is_a_miss() {
    let home = tempfile::tempdir().unwrap();
    let cache = CliCache::new(home.path());
    let whole = entry("2026-11-21T05:00:00Z", "");
    let cut = (0..whole.len()).map(|length| whole[..length].to_owned());
    let odd =
        ["null", "[]", "{}", "\0\0\0", "{\"Credentials\": null}", "{\"Credentials\": []}"].map(str::to_owned);
    let list = format!("[{}]", r#"null, ["A", "s", "t", "2026-11-21T05:00:00Z", null], null"#);
    let lacking = ["AccessKeyId", "SecretAccessKey", "SessionToken", "Expiration"];
    let lacking = lacking.map(|field| whole.replace(field, "Other"));
    let empty = ["\"A\"", "\"s\"", "\"t\""].map(|value| whole.replace(value, "\"\""));
    for content in cut.chain(odd).chain([list]).chain(lacking).chain(empty) {
        plant(home.path(), "a", &content);
        assert_eq!(cache.load_role("a", &role(), now()).unwrap(), None, "{content}");
    }
    plant(home.path(), "a", &whole);
    assert!(cache.load_role("a", &role(), now()).unwrap().is_some());
}

#[test]
fn the_folder_must_be_the_users_own() {
    let home = tempfile::tempdir().unwrap();
    let cache = CliCache::new(home.path());
    let folder = home.path().join(".aws/cli/cache");
    plant(home.path(), "a", &entry("2026-11-21T05:00:00Z", ""));
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o777)).unwrap();
    cache.load_role("a", &role(), now()).unwrap_err();
    cache.store_role("b", &credentials(), None).unwrap_err();
    fs::set_permissions(&folder, fs::Permissions::from_mode(0o755)).unwrap();

    // `cli` may be a link, `cache` may not.
    let cli = home.path().join(".aws/cli");
    fs::rename(&cli, home.path().join("elsewhere")).unwrap();
    symlink(home.path().join("elsewhere"), &cli).unwrap();
    assert!(cache.load_role("a", &role(), now()).unwrap().is_some());
    assert!(cache.store_role("b", &credentials(), None).unwrap());
    fs::rename(&folder, home.path().join("cache")).unwrap();
    symlink(home.path().join("cache"), &folder).unwrap();
    cache.load_role("a", &role(), now()).unwrap_err();
    cache.store_role("c", &credentials(), None).unwrap_err();
    assert!(!home.path().join("cache/c.json").exists());
}

/// The CLI shows whose keys it would sign with, without a call: the last four letters of the key and where it is from.
#[test]
#[expect(clippy::disallowed_methods, reason = "tests start real processes")]
fn the_cli_takes_what_is_stored() {
    if !programs::can_run(&["aws", "--version"]) {
        return;
    }
    let config = format!(
        "[profile src]\naws_access_key_id = AKIASRC\naws_secret_access_key = x\n\
         [profile p]\nregion = eu-west-1\nrole_arn = {ROLE}\nsource_profile = src\nmfa_serial = GAHT12345678\n\
         duration_seconds = +3_600\nexternal_id = q\"é\n"
    );
    let files = ConfigFiles {
        config: ConfigFile::new("config", config.as_str()),
        credentials: ConfigFile::new("credentials", ""),
    };
    let set = ProfileSet::parse(&files).unwrap();
    let home = tempfile::tempdir().unwrap();
    let cache = CliCache::new(home.path());
    let later = at("2100-01-01T00:00:00Z");
    let fresh = Credentials { expiration: Some(later), ..credentials() };
    let stem = role_stem(set.profile("p").unwrap(), "assume-role");
    assert!(cache.store_role(&stem, &fresh, Some(USER)).unwrap());
    fs::write(home.path().join(".aws/config"), config).unwrap();
    let path = std::env::var_os("PATH").unwrap();
    let output = std::process::Command::new("aws")
        .args(["configure", "list", "--profile", "p"])
        .env_clear()
        .env("PATH", path)
        .env("HOME", home.path())
        .env("LC_ALL", "C.UTF-8")
        .stdin(std::process::Stdio::null())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    let access_key = said.lines().find(|line| line.contains("access_key")).unwrap_or_default();
    assert!(access_key.contains("WXYZ") && access_key.contains("assume-role"), "{output:?}");
}
