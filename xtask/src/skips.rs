//! What may be left out: reads `ci/skips.txt` and judges what could not be had against it. Knows no tool.

use std::env;

use crate::program::Failure;
use crate::repo;

/// A tool that the tests want and that is not here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Missing {
    /// The tool, as `ci/skips.txt` names it.
    pub(crate) name: String,
    /// Why it is not here.
    pub(crate) why: String,
}

/// Says what is left out; where `CI=true`, fails for all that `ci/skips.txt` does not list.
pub(crate) fn judge(missing: &[Missing]) -> Result<(), Failure> {
    let file = repo::root().join("ci/skips.txt");
    let text = std::fs::read_to_string(&file).map_err(Failure::at(file.display()))?;
    let skips = parse_skips(&text)?;
    let strict = env::var("CI").is_ok_and(|value| value == "true");
    let mut unlisted = Vec::new();
    for tool in missing {
        let listed = skips.iter().find(|(name, _)| *name == tool.name);
        let reason = listed.map_or(tool.why.as_str(), |(_, reason)| reason);
        println!("skipped: {}: {reason}", tool.name);
        if listed.is_none() {
            unlisted.push(tool.name.as_str());
        }
    }
    if strict && !unlisted.is_empty() {
        return Err(Failure::new(format!(
            "not to be had and not listed in ci/skips.txt: {}",
            unlisted.join(", ")
        )));
    }
    Ok(())
}

/// `NAME: reason` lines; `#` opens a comment line.
fn parse_skips(text: &str) -> Result<Vec<(&str, &str)>, Failure> {
    let mut skips = Vec::new();
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        match line.split_once(':').map(|(name, reason)| (name.trim(), reason.trim())) {
            Some((name, reason)) if !name.is_empty() && !reason.is_empty() => skips.push((name, reason)),
            _ => return Err(Failure::new(format!("ci/skips.txt:{}: not `NAME: reason`", index + 1))),
        }
    }
    Ok(skips)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_come_with_reasons() {
        let skips = parse_skips("# why\n\nfish: no package: yet\n").unwrap();
        assert_eq!(skips, [("fish", "no package: yet")]);
    }

    #[test]
    fn a_name_without_a_reason_is_refused_with_its_line() {
        for text in ["# x\nfish\n", "# x\nfish:\n", "# x\n: because\n"] {
            assert!(parse_skips(text).unwrap_err().to_string().contains(":2:"), "{text}");
        }
    }

    #[test]
    fn the_list_itself_reads() {
        let text = std::fs::read_to_string(repo::root().join("ci/skips.txt")).unwrap();
        let names: Vec<&str> = parse_skips(&text).unwrap().into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, ["powershell", "cmd"]);
    }
}
