//! Every setting knows its file and its line, and which of several counts.

use std::path::Path;

use rolo_core::{
    origin::Origin,
    profile::{ConfigFile, ConfigFiles, Profile, ProfileSet, Section, Setting, SourceFile},
};

fn files(config: &str, credentials: &str) -> ConfigFiles {
    ConfigFiles {
        config: ConfigFile::new("config", config),
        credentials: ConfigFile::new("credentials", credentials),
    }
}

/// Value, file and line.
#[track_caller]
fn assert_at(setting: Option<Setting<'_>>, value: &str, place: &str) {
    let setting = setting.expect("a setting");
    assert_eq!((setting.value, setting.origin().to_string().as_str()), (value, place));
}

#[test]
fn settings_headers_and_nested_settings_know_their_lines() {
    let files = files(
        "# first\n[profile p]\nregion = r\n\nrole_arn = a\n  # c\n  b\ns3 =\n  # c\n\n  x = 1\n  Y = 2\noutput = json\n\
         [sso-session s]\nsso_region = e\n[services v]\nsts =\n  endpoint_url = u\n[plugins]\ncli = c\n",
        "",
    );
    let set = ProfileSet::parse(&files).unwrap();
    let profile = set.profile("p").unwrap();
    assert_eq!(profile.header_origin().to_string(), "config:2");
    assert_at(profile.get("region"), "r", "config:3");
    assert_at(profile.get("role_arn"), "a\nb", "config:5");
    assert_at(profile.get_nested("s3", "x"), "1", "config:11");
    assert_at(profile.get_nested("s3", "Y"), "2", "config:12");
    assert!(profile.get_nested("s3", "y").is_none(), "nested keys keep their case");
    assert!(profile.get_nested("region", "r").is_none());
    assert_at(profile.get("output"), "json", "config:13");
    assert_eq!(profile.keys(), ["region", "role_arn", "s3", "output"]);
    let s3 = profile.get("s3").unwrap();
    assert!(s3.is_nested);
    assert_eq!(s3.value, "\n  # c\n\n  x = 1\n  Y = 2");
    assert_at(set.sso_session("s").unwrap().get("sso_region"), "e", "config:15");
    assert_at(set.services("v").unwrap().get_nested("sts", "endpoint_url"), "u", "config:18");
    let others: Vec<_> = set.other_sections().map(Section::header).collect();
    assert_eq!(others, ["plugins"]);
}

#[test]
fn two_files_are_merged_by_key_and_each_can_be_asked_alone() {
    let files = files(
        "[profile p]\nregion = a\noutput = json\ns3 =\n  x = 1\n  y = 1\n[default]\n",
        "[k]\n[p]\nregion = b\nk = v\ns3 =\n  x = 2\n",
    );
    let set = ProfileSet::parse(&files).unwrap();
    let profile = set.profile("p").unwrap();
    assert_at(profile.get("region"), "b", "credentials:3");
    assert_at(profile.get("output"), "json", "config:3");
    assert_at(profile.get_in(SourceFile::Config, "region"), "a", "config:2");
    assert_at(profile.get_in(SourceFile::Credentials, "region"), "b", "credentials:3");
    assert!(profile.get_in(SourceFile::Credentials, "output").is_none());
    assert_at(profile.get_nested("s3", "x"), "2", "credentials:6");
    assert!(profile.get_nested("s3", "y").is_none(), "nested values are not merged");
    assert_eq!(profile.keys(), ["region", "output", "s3", "k"]);
    assert_eq!(profile.header_origin().to_string(), "config:1");
    let names: Vec<_> = set.profiles().map(Profile::name).collect();
    assert_eq!(names, ["p", "default", "k"]);
    assert_eq!(set.profile("k").unwrap().header_origin().to_string(), "credentials:1");
}

#[test]
fn duplicates_merge_and_the_last_key_wins() {
    let files = files(
        "[profile p]\nregion = 1\nrole_arn = 2\n[profile q]\nregion = 3\n[profile p]\nRegion = 4\nREGION = 5\n\
         s3 =\n  a = 1\n  a = 2\n",
        "",
    );
    let set = ProfileSet::parse(&files).unwrap();
    let profile = set.profile("p").unwrap();
    assert_at(profile.get("region"), "5", "config:8");
    assert_at(profile.get("role_arn"), "2", "config:3");
    assert_at(profile.get_nested("s3", "a"), "2", "config:11");
    assert_eq!(profile.keys(), ["role_arn", "region", "s3"]);
    assert_eq!(profile.header_origin().to_string(), "config:1");
    assert_at(set.profile("q").unwrap().get("region"), "3", "config:5");
}

#[test]
fn another_spelling_of_the_same_name_replaces_the_profile() {
    let files = files(
        "[profile p]\nregion = 1\nrole_arn = 1\n[profile 'p']\nregion = 2\n[profile p]\noutput = 3\n\
         [default]\nregion = 1\n[profile default]\noutput = 2\n",
        "",
    );
    let set = ProfileSet::parse(&files).unwrap();
    // The third header is the first one's twin, so it does not come after the second.
    let profile = set.profile("p").unwrap();
    assert_at(profile.get("region"), "2", "config:5");
    assert_eq!(profile.keys(), ["region"]);
    assert_eq!(profile.header_origin().to_string(), "config:4");
    assert_eq!(set.profile("default").unwrap().keys(), ["output"]);
    assert_eq!(set.profiles().len(), 2);
}

#[test]
fn every_section_of_a_file_has_its_default_settings() {
    let files = files(
        "[profile p]\nregion = own\n[DEFAULT]\nregion = all\nOutput = json\n[services s]\n[DEFAULT]\noutput = text\n",
        "[p]\n[DEFAULT]\ncli_pager = less\n",
    );
    let set = ProfileSet::parse(&files).unwrap();
    let profile = set.profile("p").unwrap();
    assert_at(profile.get("region"), "own", "config:2");
    assert_at(profile.get("output"), "text", "config:8");
    assert_at(profile.get("cli_pager"), "less", "credentials:3");
    assert_at(set.services("s").unwrap().get("region"), "all", "config:4");
    assert_eq!(profile.keys(), ["region", "output", "cli_pager"]);
    assert_eq!(set.profiles().len(), 1);
}

#[test]
fn an_origin_names_the_file_as_it_was_asked_for() {
    let files = files("[default]\nregion = r\n", "");
    let set = ProfileSet::parse(&files).unwrap();
    let region = set.profile("default").unwrap().get("region").unwrap().sourced();
    assert_eq!(region.value, "r");
    let Origin::File(location) = region.origin else { panic!("{:?}", region.origin) };
    assert_eq!((location.path.as_path(), location.line), (Path::new("config"), 2));
}

#[test]
fn a_mistyped_name_finds_its_profile() {
    let files = files("[profile prod-admin]\n[profile dev]\n", "[prod]\n");
    let set = ProfileSet::parse(&files).unwrap();
    assert_eq!(set.suggest("prod-admn"), Some("prod-admin"));
    assert_eq!(set.suggest("pord"), Some("prod"));
    assert_eq!(set.suggest("staging"), None);
}

#[test]
fn nothing_that_can_be_printed_for_debugging_shows_a_value() {
    let files = files(
        "[profile p]\nx = hunter2\ny = hunter2\n  hunter2\nz =\n  a = hunter2\n[sso-session s]\nt = hunter2\n",
        "[p]\naws_secret_access_key = hunter2\n",
    );
    let set = ProfileSet::parse(&files).unwrap();
    let profile = set.profile("p").unwrap();
    let secret = profile.get("aws_secret_access_key");
    let text = format!("{files:?} {set:?} {profile:?} {:?} {secret:?}", set.sso_session("s"));
    assert!(text.contains("aws_secret_access_key") && !text.contains("hunter2"), "{text}");
}

#[test]
fn no_error_shows_the_line_it_is_about() {
    for text in ["hunter2 = x\n", "[hunter2\n", "[p]\nhunter2\n", "[p]\n= hunter2\n", "[p]\nk =\n  hunter2\n"]
    {
        for files in [files(text, ""), files("", text)] {
            let error = ProfileSet::parse(&files).unwrap_err();
            let source = std::error::Error::source(&error).unwrap().to_string();
            let shown = format!("{error} {error:?} {source}");
            assert!(!shown.contains("hunter2"), "{shown}");
        }
    }
}
