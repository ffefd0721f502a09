//! What makes rolo a part of a shell: the function over the program, so that `use` and `off` change this shell.
//!
//! Templates in which a name is replaced, and nothing else: every new shell waits for them. Must not know what the
//! statements are that the function evaluates.

use std::{fmt::Write, str::FromStr};

use crate::{completions, format::Format};

/// Stands in the templates for the function's name.
const NAME: &str = "@NAME@";

/// Text that a shell reads as it starts, by its purpose.
struct Template {
    /// The function.
    function: &'static str,
    /// What renews the credentials before a prompt and a command.
    auto: &'static str,
}

macro_rules! shells {
    ($($variant:ident [$name:literal $(, $alias:literal)*] $format:ident, $template:literal, $file:literal, $line:expr;)+) => {
        /// A shell that rolo can be a part of.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Shell {
            $(#[doc = $name] $variant,)+
        }

        impl Shell {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),+];

            /// Its name, as `ROLO_SHELL` has it.
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)+ }
            }

            /// Other names that `rolo init` takes.
            pub fn aliases(self) -> &'static [&'static str] {
                match self { $(Self::$variant => &[$($alias),*],)+ }
            }

            /// What its function evaluates.
            pub fn format(self) -> Format {
                match self { $(Self::$variant => Format::$format,)+ }
            }

            /// The file it reads as it starts, and what is to stand there.
            pub fn rc_line(self) -> (&'static str, &'static str) {
                match self { $(Self::$variant => ($file, $line),)+ }
            }

            fn template(self) -> Template {
                match self {
                    $(Self::$variant => Template {
                        function: include_str!(concat!("init/templates/", $template)),
                        auto: include_str!(concat!("init/templates/auto/", $template)),
                    },)+
                }
            }
        }
    };
}

shells! {
    Bash ["bash"] Sh, "bash.sh", "~/.bashrc", r#"eval "$(rolo init bash)""#;
    Zsh ["zsh"] Sh, "zsh.zsh", "~/.zshrc", r#"eval "$(rolo init zsh)""#;
    Fish ["fish"] Fish, "fish.fish", "~/.config/fish/config.fish", "rolo init fish | source";
    Nushell ["nushell", "nu"] Json, "nushell.nu", "once, and after each update",
        "mkdir $nu.user-autoload-dirs.0; rolo init nushell | save -f ($nu.user-autoload-dirs.0 | path join rolo.nu)";
    Elvish ["elvish"] Elvish, "elvish.elv", "~/.config/elvish/rc.elv", "eval (rolo init elvish | slurp)";
    Tcsh ["tcsh", "csh"] Tcsh, "tcsh.tcsh", "~/.tcshrc", r#"eval "`rolo init tcsh`""#;
    PowerShell ["powershell", "pwsh"] PowerShell, "powershell.ps1", "$PROFILE",
        "Invoke-Expression ((& rolo init powershell) -join \"`n\")";
}

impl Shell {
    /// What the shell is to evaluate as it starts; `name` is the function's, checked by [`is_function_name`]. `commands`
    /// are all that rolo has, for tcsh, where an alias can choose no other way what it stands for.
    pub fn script<'a>(self, name: &str, auto: bool, commands: impl IntoIterator<Item = &'a str>) -> String {
        let template = self.template();
        let mut script = template.function.replace(NAME, name);
        if self == Self::Tcsh {
            let plain = commands.into_iter().filter(|command| !["use", "off"].contains(command));
            for command in plain.chain(["help", "-h", "--help", "-V", "--version"]) {
                // Writing into a `String` cannot fail.
                let _ = writeln!(script, r"alias __rolo_{command} '\rolo {command}';");
            }
        }
        script.extend(completions::script_for_init(self, name));
        if auto {
            script.push_str(&template.auto.replace(NAME, name));
        }
        script
    }

    /// What the shell is to evaluate where rolo failed with `code`, for those that would not see it themselves.
    pub fn failure(self, code: u8) -> Option<String> {
        (self == Self::Tcsh).then(|| format!("set status={code};\n"))
    }
}

impl FromStr for Shell {
    type Err = ();

    fn from_str(name: &str) -> Result<Self, ()> {
        Self::ALL.iter().copied().find(|shell| shell.name() == name).ok_or(())
    }
}

/// Whether every shell takes `name` for a function without quotes.
pub fn is_function_name(name: &str) -> bool {
    name.starts_with(|first: char| first.is_ascii_alphabetic())
        && name.bytes().all(|byte| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_name_is_left_open() {
        for shell in Shell::ALL {
            let script = shell.script("assume", true, ["exec"]);
            assert!(script.contains("assume") && !script.contains(NAME), "{}", shell.name());
            assert_eq!(shell.name().parse(), Ok(*shell));
        }
    }

    #[test]
    fn a_function_name_says_nothing_else() {
        for name in ["rolo", "r", "assume-role", "a_1"] {
            assert!(is_function_name(name), "{name}");
        }
        for name in ["", "-r", "1a", "a b", "a;b", "a$(id)", "a'", "é", "a\n"] {
            assert!(!is_function_name(name), "{name}");
        }
    }
}
