//! Changes of profiles in the text of either file.
//!
//! Must not know where the text lies.

use super::{
    SourceFile,
    header::{Header, parse_header, render_header},
};
use crate::{
    Secret,
    ini::{Change, EditError, SectionEdit, edit_section, remove_sections},
};

/// The text of `file` with these changes in the section of the profile `name`. A new section gets `comment`, lines
/// without `#`, under its header.
pub fn edit_profile(
    text: &str,
    file: SourceFile,
    name: &str,
    comment: Option<&str>,
    changes: &[Change<'_>],
) -> Result<Secret, EditError> {
    let header = match file {
        SourceFile::Config => render_header(name),
        SourceFile::Credentials => name.into(),
    };
    let is_section = |header: &str| is_profile(file, header, name);
    edit_section(text, &SectionEdit { header: &header, is_section: &is_section, comment, changes })
}

/// The text of `file` without the section of the profile `name`.
pub fn remove_profile(text: &str, file: SourceFile, name: &str) -> Result<Secret, EditError> {
    remove_sections(text, &|header| is_profile(file, header, name))
}

/// Whether what stands between the brackets of a section of `file` means the profile `name`.
pub fn is_profile(file: SourceFile, header: &str, name: &str) -> bool {
    match file {
        SourceFile::Config => matches!(parse_header(header), Header::Profile(found) if found == name),
        SourceFile::Credentials => header == name,
    }
}
