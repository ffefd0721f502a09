//! What makes rolo a part of a shell: the function over the program, so that `use` and `off` change this shell.
//!
//! Templates in which a name is replaced, and nothing else: every new shell waits for them. Must not know what the
//! statements are that the function evaluates.

use std::str::FromStr;

use crate::format::Format;

/// Stands in the templates for the function's name.
const NAME: &str = "@NAME@";

/// Text that a shell reads as it starts, by its purpose.
struct Template {
    /// The function.
    function: &'static str,
}

macro_rules! shells {
    ($($variant:ident [$name:literal $(, $alias:literal)*] $format:ident, $template:literal, $file:literal, $line:literal;)+) => {
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
                    },)+
                }
            }
        }
    };
}

shells! {
    Bash ["bash"] Sh, "bash.sh", "~/.bashrc", r#"eval "$(rolo init bash)""#;
    Zsh ["zsh"] Sh, "zsh.zsh", "~/.zshrc", r#"eval "$(rolo init zsh)""#;
}

impl Shell {
    /// What the shell is to evaluate as it starts; `name` is the function's, checked by [`is_function_name`].
    pub fn script(self, name: &str) -> String {
        self.template().function.replace(NAME, name)
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
            let script = shell.script("assume");
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
