//! The page of errors: each name with its meaning, its exit code and an example.
//!
//! Examples are what rolo said in the broken setups of its tests; an error that no setup brings about is made here, and
//! rendered as it would be.

use std::{collections::BTreeMap, fmt::Write as _, fs, io, path::Path, sync::Arc};

use rolo::{
    error::{CliError, names, render},
    hints::{explain, explain_cache, explain_keep},
};
use rolo_core::{
    Error,
    aws::{AwsError, NoAnswer, Obstacle, Words},
    chain::{resolve::ResolveError, run::RunError},
    lock::LockError,
    origin::{Location, Origin},
    provider::ProviderError,
};

/// An example and the exit code that came with it.
struct Example {
    text: String,
    code: String,
}

/// `docs/reference/errors.md`.
pub(crate) fn page() -> String {
    let examples = examples();
    let mut text = String::from(super::HEADER);
    text.push_str(
        "# Errors\n\nEach error has a name that stays: `--error-format json` tells it, and scripts may rely on it. The sentences may \
         change. `rolo exec` ends with 125 in place of the exit codes below, since those may be the program's own.\n",
    );
    for name in names::all() {
        let example = examples.get(name.as_str());
        let code = example.map_or_else(|| "?".to_owned(), |example| example.code.clone());
        let meaning = sentence(name.meaning());
        let _ = writeln!(text, "\n## `{name}`\n\n{meaning}. Exit code {code}.");
        let shown = example.map_or("no example\n", |example| &example.text);
        let _ = writeln!(text, "\n```\n{shown}```");
    }
    text
}

fn sentence(meaning: &str) -> String {
    let mut letters = meaning.chars();
    letters.next().map(|first| first.to_uppercase().chain(letters).collect()).unwrap_or_default()
}

/// The shortest example of each name.
fn examples() -> BTreeMap<String, Example> {
    let mut examples: BTreeMap<String, Example> = BTreeMap::new();
    let mut add = |name: String, example: Example| match examples.get(&name) {
        Some(there) if there.text.len() <= example.text.len() => {}
        _ => drop(examples.insert(name, example)),
    };
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).with_file_name("crates").join("rolo/tests/broken");
    let mut folders: Vec<_> =
        fs::read_dir(root).into_iter().flatten().filter_map(|entry| Some(entry.ok()?.path())).collect();
    folders.sort();
    for folder in folders {
        let said = fs::read_to_string(folder.join("run.txt")).unwrap_or_default();
        add_said(&said, &mut add);
    }
    for (error, code) in made() {
        let text = render(&error, None, false);
        add(error.name().as_str().to_owned(), Example { text, code: code.to_string() });
    }
    examples
}

/// What a setup recorded: the command, what was said, `[exit code N, NAME]`.
fn add_said(said: &str, add: &mut impl FnMut(String, Example)) {
    let Some((text, end)) = said.trim_end().trim_end_matches(']').rsplit_once("[exit code ") else { return };
    let Some((code, name)) = end.split_once(", ") else { return };
    add(name.to_owned(), Example { text: text.to_owned(), code: code.to_owned() });
}

/// What no setup brings about: a disk that is full, a machine that is an EC2 instance, a system without resources.
fn made() -> Vec<(CliError, u8)> {
    let full = || io::Error::from(io::ErrorKind::StorageFull);
    let run = |error| explain(Error::Run(error));
    let call = |error| run(RunError::Provider(ProviderError::Aws(error)));
    [
        CliError::output(full()),
        CliError::no_folder(io::Error::from(io::ErrorKind::NotFound)),
        run(RunError::Lock(LockError::TimedOut {
            holder: "process 4711 on pts/3".to_owned(),
            what: "credentials of profile `prod`".to_owned(),
        })),
        run(RunError::Provider(ProviderError::ImdsV1Disabled)),
        call(AwsError::Runtime(io::Error::from(io::ErrorKind::OutOfMemory))),
        call(AwsError::Unsendable {
            operation: "AssumeRole",
            parameter: "RoleArn",
            reason: "has fewer than 20 characters".to_owned(),
        }),
        call(AwsError::Unreachable {
            endpoint: "https://sts.eu-central-1.amazonaws.com".to_owned(),
            tries: 3,
            source: Box::new(NoAnswer { obstacle: Obstacle::ConnectTimeout, words: None }),
        }),
        call(AwsError::BadAnswer {
            endpoint: "https://sts.eu-central-1.amazonaws.com".to_owned(),
            operation: "AssumeRole",
            source: Words::new("it holds no `Credentials`"),
        }),
        explain(Error::Resolve(ResolveError::ProcessLoop {
            path: ["prod", "base", "prod"].map(str::to_owned).to_vec(),
            origin: Origin::File(Location { path: Arc::new("~/.aws/config".into()), line: 2 }),
        })),
        explain_cache(io::Error::from(io::ErrorKind::PermissionDenied)),
        explain_keep(full()),
    ]
    .into_iter()
    .map(|error| {
        let code = error.kind().exit_code();
        (error, code)
    })
    .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_has_an_example() {
        let examples = examples();
        let without: Vec<_> = names::all()
            .map(rolo_core::error::ErrorName::as_str)
            .filter(|name| !examples.contains_key(*name))
            .collect();
        assert!(without.is_empty(), "no example of {without:?}: a broken setup is missing");
        let strangers: Vec<_> =
            examples.keys().filter(|name| names::all().all(|known| known.as_str() != **name)).collect();
        assert!(strangers.is_empty(), "no such names: {strangers:?}");
    }
}
