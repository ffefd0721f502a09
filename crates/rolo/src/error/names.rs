//! The names of rolo's own errors, beside those of the core.
//!
//! Every match here is over all variants, so that a new one cannot be without a name.

use rolo_core::error::{ErrorName, HaveName, names as of_core};

use crate::{
    exec::ExecError, format::FormatError, picker::PickError, settings::BadSetting,
    settings::trust::KeepError, ui::question::NoAnswer,
};

rolo_core::error_names! {
    USAGE = "usage": "the command line makes no sense";
    OUTPUT_CLOSED = "output-closed": "what was to be printed could not be";
    INPUT_UNREADABLE = "input-unreadable": "standard input cannot be read, or is not what is wanted";
    FORMAT_UNFIT = "format-unfit": "the format cannot hold a name or a value";
    NO_FOLDER = "no-folder": "the working directory cannot be told";
    // Programs.
    PROGRAM_NOT_FOUND = "program-not-found": "the program that `exec` is to run was not found";
    PROGRAM_NOT_EXECUTABLE = "program-not-executable": "the program that `exec` is to run is there and cannot be executed";
    PROGRAM_WORDS = "program-words": "the command cannot be split, or cannot be handed to a program";
    BROWSER_NOT_OPENED = "browser-not-opened": "no browser could be started";
    CACHE_NOT_USED = "cache-not-used": "the cache is there and cannot be read or changed";
    // Settings of rolo's own.
    SETTING_MALFORMED = "setting-malformed": "`config.toml` or `assume-role.yaml` says what rolo does not understand";
    ROLE_NAME_UNKNOWN = "role-name-unknown": "the name of a role leads to no account";
    // `rolo trust`.
    TRUST_FILE_NOT_FOUND = "trust-file-not-found": "there is no `assume-role.yaml` to trust";
    TRUST_FILE_REFUSED = "trust-file-refused": "others could change the `assume-role.yaml`, or it is no text";
    TRUST_NOT_GIVEN = "trust-not-given": "nobody approved the file, or nobody is there to ask";
    TRUST_NOT_KEPT = "trust-not-kept": "the approval could not be written down";
    // Shells, profiles and people.
    SHELL_NOT_SET_UP = "shell-not-set-up": "the shell lacks the function that `rolo init` makes";
    NOTHING_USED = "nothing-used": "`.` or `-` stands for a profile, and none was used";
    POLICY_NOT_KEPT = "policy-not-kept": "`-` stands for a use with a session policy, which is not kept";
    PICK_FAILED = "pick-failed": "no profile could be picked";
    NOT_ANSWERED = "not-answered": "a question has no answer";
    PROFILE_IS_SAVED = "profile-is-saved": "the profile is kept by `rolo save`";
    SAVE_NAME = "save-name": "the profile to save cannot have this name, or another hand's stands there";
    SAVE_LONG_TERM = "save-long-term": "long-term keys are never copied";
    OPTION_REFUSED = "option-refused": "the value of an option is of no use";
}

/// Every name of an error that a person can meet.
pub fn all() -> impl Iterator<Item = ErrorName> {
    of_core::ALL.iter().chain(ALL).copied()
}

impl HaveName for ExecError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NotFound { .. } => PROGRAM_NOT_FOUND,
            Self::NotExecutable { .. } | Self::NoInterpreter { .. } => PROGRAM_NOT_EXECUTABLE,
            Self::Line { .. } | Self::Words { .. } => PROGRAM_WORDS,
        }
    }
}

impl HaveName for FormatError {
    fn name(&self) -> ErrorName {
        match self {
            Self::Name { .. } | Self::Value { .. } | Self::Missing { .. } | Self::Section { .. } => {
                FORMAT_UNFIT
            }
        }
    }
}

impl HaveName for PickError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NoTerminal | Self::Terminal(_) | Self::Program(_) => PICK_FAILED,
        }
    }
}

impl HaveName for BadSetting {
    fn name(&self) -> ErrorName {
        match self {
            Self::Unreadable { .. }
            | Self::Malformed { .. }
            | Self::NotAllowed { .. }
            | Self::Unfit { .. } => SETTING_MALFORMED,
        }
    }
}

impl HaveName for KeepError {
    fn name(&self) -> ErrorName {
        match self {
            Self::NoFolder | Self::Folder(_) | Self::Io(_) | Self::PathIsNoText => TRUST_NOT_KEPT,
        }
    }
}

impl HaveName for NoAnswer {
    fn name(&self) -> ErrorName {
        match self {
            Self::NobodyToAsk | Self::Declined | Self::Terminal(_) => NOT_ANSWERED,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn names_are_in_kebab_case_and_each_is_there_once() {
        let mut seen = BTreeSet::new();
        for name in all() {
            assert!(seen.insert(name.as_str()), "`{name}` is there twice");
            let is_word = |word: &str| {
                !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit())
            };
            assert!(name.as_str().split('-').all(is_word), "`{name}` is not in kebab case");
            assert!(!name.meaning().ends_with('.'), "{}", name.meaning());
        }
    }
}
