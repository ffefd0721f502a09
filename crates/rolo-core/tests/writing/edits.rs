//! What single edits come to, byte for byte.

use rolo_core::{
    ini::{Change, EditError, headers},
    profile::{SourceFile, edit_profile, remove_profile},
};

fn set<'a>(key: &'a str, value: &'a str) -> Change<'a> {
    Change::Set { key, value }
}

fn remove(key: &str) -> Change<'_> {
    Change::Remove { key }
}

#[track_caller]
fn edit(text: &str, name: &str, changes: &[Change<'_>]) -> String {
    edit_profile(text, SourceFile::Config, name, Some("made by a test"), changes).unwrap().expose().to_owned()
}

fn refused(text: &str, name: &str, changes: &[Change<'_>]) -> EditError {
    edit_profile(text, SourceFile::Credentials, name, None, changes).unwrap_err()
}

#[test]
fn a_value_is_replaced_in_its_place() {
    for (text, edited) in [
        ("[profile p]\nregion = old\n", "[profile p]\nregion = new\n"),
        ("# a\n[profile p] # b\n\t ReGion:old \t\r\n", "# a\n[profile p] # b\n\t ReGion:new \t\r\n"),
        ("[profile p]\rregion=old\rx=1", "[profile p]\rregion=new\rx=1"),
        ("[profile p]\nregion =", "[profile p]\nregion = new"),
        ("[profile p]\nregion=\n", "[profile p]\nregion=new\n"),
        ("[profile p]\nregion =  \n", "[profile p]\nregion =  new\n"),
        (
            "[profile p]\nregion = old\n  more\n  # c\n\n  more\nx = 1\n",
            "[profile p]\nregion = new\n  # c\n\nx = 1\n",
        ),
        ("[profile p]\nregion =\n  a = 1\n  # c\n  b = 2\n[x]\n", "[profile p]\nregion = new\n  # c\n[x]\n"),
        ("[profile p]\nregion = a\nREGION = b\n", "[profile p]\nregion = a\nREGION = new\n"),
        (
            "[profile p]\nregion = a\n[x]\n[profile p]\nregion = b\n[y]\n",
            "[profile p]\nregion = a\n[x]\n[profile p]\nregion = new\n[y]\n",
        ),
        // The later spelling of a name replaces the earlier section for every reader.
        (
            "[profile 'p']\nregion = a\n[profile p]\nregion = b\n",
            "[profile 'p']\nregion = a\n[profile p]\nregion = new\n",
        ),
    ] {
        assert_eq!(edit(text, "p", &[set("region", "new")]), edited);
        assert_eq!(edit(edited, "p", &[set("region", "new")]), edited, "twice");
    }
}

#[test]
fn a_new_setting_stands_behind_the_last_and_looks_like_it() {
    for (text, edited) in [
        ("[profile p]\nx = 1\n\n# of y\n[y]\n", "[profile p]\nx = 1\nregion = new\n\n# of y\n[y]\n"),
        ("[profile p]\r\n  x=1\r\n[y]\r\n", "[profile p]\r\n  x=1\r\n  region=new\r\n[y]\r\n"),
        ("[profile p]\nx:1", "[profile p]\nx:1\nregion=new\n"),
        ("[profile p]\rs3 =\r  a = 1\r", "[profile p]\rs3 =\r  a = 1\rregion = new\r"),
        ("[y]\nx=1\n[profile p]\n", "[y]\nx=1\n[profile p]\nregion=new\n"),
        ("[profile p]", "[profile p]\nregion = new\n"),
        ("[profile p]\n# mine\n\n[y]\n", "[profile p]\n# mine\nregion = new\n\n[y]\n"),
        ("[profile p]\n# of y\n[y]\n", "[profile p]\nregion = new\n# of y\n[y]\n"),
        ("[profile p]\n  [y]\nx = 1\n", "[profile p]\n  region = new\n  [y]\nx = 1\n"),
        ("[profile p]\nx = 1\n[y]\n[profile p]\n", "[profile p]\nx = 1\nregion = new\n[y]\n[profile p]\n"),
        ("[DEFAULT]\nregion = d\n[profile p]\n", "[DEFAULT]\nregion = d\n[profile p]\nregion = new\n"),
    ] {
        assert_eq!(edit(text, "p", &[set("region", "new")]), edited);
    }
}

#[test]
fn a_new_section_stands_at_the_end_a_blank_line_apart() {
    let head = "# made by a test\n";
    for (text, edited) in [
        ("", format!("[profile p]\n{head}region = new\n")),
        ("[y]\nx=1", format!("[y]\nx=1\n\n[profile p]\n{head}region=new\n")),
        ("[y]\nx = 1\n\n\n", format!("[y]\nx = 1\n\n\n[profile p]\n{head}region = new\n")),
        (
            "# only this\r\n",
            "# only this\r\n\r\n[profile p]\r\n# made by a test\r\nregion = new\r\n".to_owned(),
        ),
    ] {
        assert_eq!(edit(text, "p", &[set("region", "new")]), edited);
    }
    assert_eq!(edit("", "a b", &[set("x", "1")]), format!("[profile 'a b']\n{head}x = 1\n"));
    assert_eq!(edit("", "default", &[set("x", "")]), format!("[default]\n{head}x = \n"));
    assert_eq!(edit("[y]\n", "p", &[remove("x")]), "[y]\n", "nothing to make it for");
}

#[test]
fn what_is_removed_takes_its_value_along_and_no_comment() {
    let text = "[profile p]\n# a\nx = 1\n  2\n  # b\n\n  3\ny = 1\nX = 4\n[profile x]\nx = 1";
    assert_eq!(edit(text, "p", &[remove("x")]), "[profile p]\n# a\n  # b\n\ny = 1\n[profile x]\nx = 1");
    assert_eq!(edit(text, "x", &[remove("x")]), &text[..text.len() - 5]);
    assert_eq!(edit("[profile p]\nx = 1", "p", &[remove("x"), set("y", "2")]), "[profile p]\ny = 2\n");
}

#[test]
fn a_section_goes_with_its_header_and_one_blank_line() {
    for (text, edited) in [
        ("[a]\nx = 1\n\n[p]\n# m\ny = 1\n\n# of b\n[b]\n", "[a]\nx = 1\n\n# of b\n[b]\n"),
        ("[a]\n\n[p]\n# m\ny = 1\n", "[a]\n\n"),
        ("[p]\ny = 1\n\n[b]\n", "[b]\n"),
        ("[p]\ny = 1\n[b]\n[p]\nz = 1\n  2\n[c]", "[b]\n[c]"),
        ("[p]", ""),
        ("[a]\n", "[a]\n"),
    ] {
        assert_eq!(remove_profile(text, SourceFile::Credentials, "p").unwrap().expose(), edited);
    }
}

#[test]
fn what_no_file_can_hold_is_refused() {
    for value in ["a\nb", "a\rb", " a", "a\t", "\u{3000}a", "a\0", "#a", "a ;b"] {
        let error = refused("", "p", &[set("x", value)]);
        assert!(matches!(error, EditError::Value { .. }), "{value:?}: {error}");
    }
    for key in ["", " ", "A", "a b", "a=b", "a:b", "[a]", "#a", "a\nb"] {
        assert!(matches!(refused("", "p", &[set(key, "v")]), EditError::Key { .. }), "{key:?}");
    }
    assert!(matches!(refused("", "p", &[set("x", "1"), remove("x")]), EditError::Key { .. }));
    for name in ["", "DEFAULT", "a\nb", "a\0"] {
        assert!(matches!(refused("", name, &[set("x", "v")]), EditError::Header { .. }), "{name:?}");
    }
    let EditError::Parse(error) = refused("[a]\n\nnonsense\n", "a", &[set("x", "v")]) else { panic!() };
    assert_eq!(error.line, 3);
}

#[test]
fn an_edit_that_would_change_more_is_refused() {
    let text = "[r]\nx = 1\n[p]\n    a = 1\n  [t]\ny = 1\n";
    assert_eq!(remove_profile(text, SourceFile::Credentials, "p").unwrap_err(), EditError::Damage);
}

#[test]
fn no_value_is_shown() {
    assert_eq!(format!("{:?} {:?}", set("x", "hunter2"), remove("y")), "set x remove y");
}

#[test]
fn a_comment_right_below_a_header_is_found() {
    let text = "[a] # no\n  # yes \r\nx = 1\n[a]\n\n# no\n[DEFAULT]\r; too";
    let headers = headers(text).unwrap();
    let seen: Vec<_> = headers.iter().map(|header| (header.name, header.line, header.comment)).collect();
    assert_eq!(seen, [("a", 1, Some("# yes")), ("a", 4, None), ("DEFAULT", 7, Some("; too"))]);
}
