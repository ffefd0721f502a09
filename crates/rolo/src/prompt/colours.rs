//! Rules that give a profile's name a colour: the first pattern that fits decides.
//!
//! Must not know where the rules stand.

use anstyle::AnsiColor;

/// The colours of a terminal by their names, as in `config.toml`.
pub const COLOURS: [(&str, AnsiColor); 16] = [
    ("black", AnsiColor::Black),
    ("red", AnsiColor::Red),
    ("green", AnsiColor::Green),
    ("yellow", AnsiColor::Yellow),
    ("blue", AnsiColor::Blue),
    ("magenta", AnsiColor::Magenta),
    ("cyan", AnsiColor::Cyan),
    ("white", AnsiColor::White),
    ("bright-black", AnsiColor::BrightBlack),
    ("bright-red", AnsiColor::BrightRed),
    ("bright-green", AnsiColor::BrightGreen),
    ("bright-yellow", AnsiColor::BrightYellow),
    ("bright-blue", AnsiColor::BrightBlue),
    ("bright-magenta", AnsiColor::BrightMagenta),
    ("bright-cyan", AnsiColor::BrightCyan),
    ("bright-white", AnsiColor::BrightWhite),
];

/// A pattern for names, and the colour of those that fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rule {
    /// `*` stands for any characters, `?` for one.
    pub pattern: String,
    /// The colour.
    pub colour: AnsiColor,
}

/// The colour of the first rule that fits `name`.
pub fn find_colour(rules: &[Rule], name: &str) -> Option<AnsiColor> {
    rules.iter().find(|rule| fits(&rule.pattern, name)).map(|rule| rule.colour)
}

/// Whether `name` fits `pattern`, in which `*` stands for any characters and `?` for one.
///
/// Goes back to the last `*` alone: an earlier one could take nothing that the last one cannot.
pub(crate) fn fits(pattern: &str, name: &str) -> bool {
    let (mut pattern, mut name) = (pattern.chars(), name.chars());
    let mut star = None;
    loop {
        let before = name.clone();
        match (pattern.next(), name.next()) {
            (None, None) => return true,
            (Some('*'), _) => {
                star = Some((pattern.clone(), before.clone()));
                name = before;
            }
            (Some(wanted), Some(c)) if wanted == '?' || wanted == c => {}
            _ => {
                let Some((after_star, from)) = &mut star else { return false };
                if from.next().is_none() {
                    return false;
                }
                (pattern, name) = (after_star.clone(), from.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_are_those_of_a_shell() {
        for (pattern, name, is_fit) in [
            ("prod", "prod", true),
            ("prod", "prod-eu", false),
            ("prod*", "prod", true),
            ("prod*", "prod-eu", true),
            ("*prod*", "my-prod-eu", true),
            ("*-admin", "a-admin-b-admin", true),
            ("*-admin", "a-admin-b", false),
            ("a?c", "aüc", true),
            ("a?c", "ac", false),
            ("*a*b*c", "xaxbxbxc", true),
            ("*", "", true),
            ("", "x", false),
        ] {
            assert_eq!(fits(pattern, name), is_fit, "{pattern} {name}");
        }
    }

    #[test]
    fn the_first_rule_decides() {
        let rule = |pattern: &str, colour| Rule { pattern: pattern.to_owned(), colour };
        let rules = [rule("prod-test*", AnsiColor::Green), rule("prod*", AnsiColor::Red)];
        assert_eq!(find_colour(&rules, "prod-test-1"), Some(AnsiColor::Green));
        assert_eq!(find_colour(&rules, "prod"), Some(AnsiColor::Red));
        assert_eq!(find_colour(&rules, "dev"), None);
    }
}
