//! The page of exit codes, with the numbers that the program returns.

use std::fmt::Write as _;

use rolo::error::exit_code;

const CODES: [(u8, &str); 8] = [
    (exit_code::DONE, "done"),
    (exit_code::OTHER, "a failure of no other kind"),
    (exit_code::USAGE, "the command line is wrong"),
    (
        exit_code::CONFIGURATION,
        "the configuration is wrong: a file, or a variable that stands for one; or the input of `rolo convert`",
    ),
    (exit_code::PERSON_NEEDED, "a person is needed (an MFA code, a sign-in) and none can be asked"),
    (exit_code::REFUSED, "AWS refused"),
    (exit_code::UNREACHABLE, "AWS could not be reached"),
    (exit_code::NOT_CHOSEN, "the picker of `rolo use` was left without a choice"),
];

const CODES_OF_EXEC: [(u8, &str); 3] = [
    (exit_code::EXEC_FAILED, "rolo failed, whatever the kind"),
    (exit_code::NOT_EXECUTABLE, "the program was found and cannot be executed"),
    (exit_code::NOT_FOUND, "the program was not found"),
];

/// `docs/reference/exit-codes.md`.
pub(crate) fn page() -> String {
    let mut text = String::from(super::HEADER);
    text.push_str("# Exit codes\n\n| code | meaning |\n|---|---|\n");
    for (code, meaning) in CODES {
        let _ = writeln!(text, "| {code} | {meaning} |");
    }
    text.push_str(
        "\n`rolo exec` returns the program's own code. For rolo's own failures it has others, as `env`, `nice` and `timeout` do, \
         since the codes above may be the program's:\n\n| code | meaning |\n|---|---|\n",
    );
    for (code, meaning) in CODES_OF_EXEC {
        let _ = writeln!(text, "| {code} | {meaning} |");
    }
    text
}
