//! Damage, repetitions, and sections that nobody reads.

use crate::world::World;

#[test]
fn every_damaged_line_is_told_and_the_rest_is_examined() {
    let world = World::new(
        "region = eu-central-1\n[profile a\nregion = eu-central-1\nnonsense\n= x\n\
         [profile b]\ns3 =\n  max_queue_size = 1\n  junk\n[prod]\nregion = eu-central-1\n",
    )
    .credentials("[a]\naws_access_key_id AKIAEXAMPLE\n");
    assert_eq!(
        world.codes(),
        [
            "R004 config:1",
            "R005 config:2",
            "R006 config:4",
            "R007 config:5",
            "R008 config:9",
            "R012 config:10",
            "R006 credentials:2"
        ]
    );
    for finding in world.findings(&[]) {
        assert!(!format!("{finding:?}").contains("AKIAEXAMPLE"), "{finding:?}");
    }
}

#[test]
fn other_encodings_are_told_by_their_lines() {
    let latin =
        b"[profile a]\nregion = eu-central-1\n# M\xfcnchen\n[profile b]\noutput = json\nregion = x\xff\n"
            .to_vec();
    assert_eq!(World::new(latin).codes(), ["R002 config:3", "R002 config:6"]);
    let marked = "\u{feff}[profile a]\nregion = eu-central-1\n";
    assert_eq!(World::new(marked).codes(), ["R003 config:1"]);
    let utf_16: Vec<u8> = marked.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let found = World::new(utf_16).one("R003");
    assert_eq!(found.text, "the file is UTF-16, so no tool reads anything of it");
}

#[test]
fn sections_and_keys_that_stand_twice() {
    let world = World::new(
        "[profile a]\nregion = eu-central-1\nRegion = us-east-1\n[profile b]\noutput = json\n\
         [profile a]\noutput = json\nregion = eu-west-1\n",
    )
    .credentials("[x]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n[x]\n");
    assert_eq!(world.codes(), ["R010 config:3", "R009 config:6", "R009 credentials:4"]);
    let lines = |code: &str| {
        let found = world.findings(&[]).into_iter().find(|finding| finding.check.code == code).unwrap();
        found.locations.iter().map(|at| at.line).collect::<Vec<_>>()
    };
    assert_eq!((lines("R009"), lines("R010")), (vec![6, 1], vec![3, 2]));
}

#[test]
fn one_name_in_two_spellings() {
    let world = World::new(
        "[default]\nregion = eu-central-1\n[profile default]\nregion = eu-west-1\n\
         [profile a]\nregion = eu-central-1\n[profile \"a\"]\nregion = eu-west-1\n",
    );
    assert_eq!(world.codes(), ["R011 config:3", "R011 config:7"]);
}

#[test]
fn headers_that_nobody_reads_say_what_was_probably_meant() {
    let world = World::new(
        "[prod]\nregion = eu-central-1\n[ default ]\nregion = eu-central-1\n[plugins]\ncli_legacy_plugin_path = /x\n\
         [profile team prod]\nregion = eu-central-1\n[profile]\nregion = eu-central-1\n",
    )
    .credentials(
        "[profile prod]\naws_access_key_id = AKIAIOSFODNN7EXAMPLE\naws_secret_access_key = s\n\
         [sso-session x]\nsso_region = eu-central-1\n",
    );
    let remedies: Vec<_> = world
        .findings(&[])
        .into_iter()
        .map(|finding| (finding.locations[0].line, finding.check.code, finding.remedy))
        .filter(|(_, code, _)| ("R012"..="R014").contains(code))
        .collect();
    let said = |line, code, remedy: &str| (line, code, remedy.to_owned());
    assert_eq!(
        remedies,
        [
            said(7, "R014", "put quotes around a name with blanks: `[profile 'team prod']`"),
            said(9, "R014", "write `[profile NAME]`"),
            said(1, "R013", "write `[prod]`: only the config file has the word `profile`"),
            said(4, "R013", "move the section to the config file"),
            said(
                1,
                "R012",
                "did you mean `[profile prod]`? in the config file a profile's header has the word `profile`"
            ),
            said(3, "R012", "did you mean `[default]`? blanks behind the bracket count"),
        ]
    );
}

#[test]
fn a_profile_without_settings_is_a_note() {
    let world = World::new("[profile a]\n[profile b]\nregion = eu-central-1\n").credentials("[c]\n");
    let empty: Vec<_> = world.codes().into_iter().filter(|code| code.starts_with("R015")).collect();
    assert_eq!(empty, ["R015 config:1", "R015 credentials:1"]);
}

#[test]
fn a_profile_alone_is_examined_with_its_chain() {
    let world = World::new(
        "[profile a]\n[profile b]\nsource_profile = c\n[profile c]\n[prod]\nregion = eu-central-1\n",
    );
    let of = |asked: &[&str]| -> Vec<String> {
        let found = world.findings(asked).into_iter().filter(|finding| finding.check.code == "R015");
        found.filter_map(|finding| finding.profile).collect()
    };
    assert_eq!(
        (of(&[]), of(&["a"]), of(&["b"])),
        (vec!["a".into(), "c".into()], vec!["a".into()], vec!["c".into()])
    );
    // What belongs to no profile concerns them all.
    assert!(world.findings(&["a"]).iter().any(|finding| finding.check.code == "R012"));
}
