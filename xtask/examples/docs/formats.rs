//! The page of output formats, from the enum that `--format` takes.

use std::fmt::Write as _;

use rolo::format::Format;

/// `docs/reference/formats.md`.
pub(crate) fn page() -> String {
    let mut text = String::from(super::HEADER);
    text.push_str(
        "# Formats\n\nWhat `rolo export` and `rolo unset` print, by `--format`. A format that cannot unset says so on standard \
         error where a stale variable is present.\n\n| format | other names | for | can unset |\n|---|---|---|---|\n",
    );
    for format in Format::ALL {
        let aliases: Vec<String> = format.aliases().iter().map(|alias| format!("`{alias}`")).collect();
        let can_unset = if format.can_unset() { "yes" } else { "no" };
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {can_unset} |",
            format.name(),
            aliases.join(", "),
            format.description()
        );
    }
    text
}
