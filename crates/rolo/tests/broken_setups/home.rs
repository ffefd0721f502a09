//! The throw-away home in which a setup is tried, with an AWS of its own.
//!
//! Must not know what is expected.

use std::{
    collections::BTreeMap,
    fs,
    os::unix::{
        fs::{PermissionsExt, symlink},
        process::CommandExt,
    },
    path::{Path, PathBuf},
    process::{Command, Stdio},
    time::Duration,
};

use fake_aws::{FakeAws, State};
use jiff::SignedDuration;
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    said::Said,
    steps::{Step, parse_steps},
};

/// A home made of a setup's folder.
#[derive(Debug)]
pub(crate) struct Home {
    fake: FakeAws,
    /// What the fake was started with.
    state: Value,
    root: TempDir,
    /// The folder, of the home, in which rolo runs.
    inside: PathBuf,
    vars: BTreeMap<String, String>,
    command: String,
}

impl Home {
    /// Makes what the folder describes.
    pub(crate) fn of(folder: &Path) -> Self {
        let read = |name: &str| fs::read_to_string(folder.join(name)).ok();
        let state = read("aws.json").unwrap_or_else(|| {
            fs::read_to_string(folder.with_file_name("aws.json")).expect("the AWS that most setups share")
        });
        let state: Value = serde_json::from_str(&state).expect("the state of AWS");
        let root = tempfile::Builder::new().prefix("rolo-broken-").tempdir().unwrap();
        let fake = start(&state, 0);
        let inside = root.path().to_owned();
        let command = read("command").expect("a file `command`").trim().to_owned();
        let mut home = Self { fake, state, root, inside, vars: BTreeMap::new(), command };
        home.set_base();
        for line in read("env").unwrap_or_default().lines().filter(|line| !line.is_empty()) {
            match line.split_once('=') {
                Some((name, value)) => drop(home.vars.insert(name.to_owned(), home.fill(value))),
                None => drop(home.vars.remove(line)),
            }
        }
        for name in ["config", "credentials"] {
            if let Ok(bytes) = fs::read(folder.join(name)) {
                home.write(&home.root.path().join(".aws").join(name), &bytes);
            }
        }
        home.copy(&folder.join("home"), home.root.path());
        for step in parse_steps(&read("setup").unwrap_or_default()).unwrap() {
            let nothing = Said::new("", 0, [String::new(), String::new()], &[]);
            home.take(&step, &nothing).unwrap();
        }
        home
    }

    fn set_base(&mut self) {
        let bin = Path::new(env!("CARGO_BIN_EXE_rolo")).parent().unwrap();
        let path = format!("{}:{}:/usr/bin:/bin", self.root.path().join("bin").display(), bin.display());
        let base = [
            ("HOME", self.root.path().display().to_string()),
            ("PATH", path),
            ("USER", "ada".to_owned()),
            ("AWS_ENDPOINT_URL", self.fake.url()),
            ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ];
        self.vars.extend(base.map(|(name, value)| (name.to_owned(), value)));
    }

    /// The command that fails, or works.
    pub(crate) fn command(&self) -> String {
        self.command.clone()
    }

    /// Runs rolo with these words; in no terminal's foreground, so that nobody can be asked.
    pub(crate) fn run(&self, words: &str) -> Said {
        let mut command = Command::new(env!("CARGO_BIN_EXE_rolo"));
        command.args(split(&self.fill(words))).stdin(Stdio::null()).process_group(0);
        command.env_clear().envs(&self.vars).current_dir(&self.inside);
        let output = command.output().unwrap();
        let outputs = [output.stdout, output.stderr].map(|bytes| String::from_utf8(bytes).unwrap());
        let same = [
            (self.fake.url(), "http://aws".to_owned()),
            (self.fake.url().replace("http:", "https:"), "https://aws".to_owned()),
            (format!("127.0.0.1:{}", self.fake.port()), "aws".to_owned()),
            (self.root.path().display().to_string(), "~".to_owned()),
            (format!("ada@{}", rustix::system::uname().nodename().to_string_lossy()), "ada@HOST".to_owned()),
        ];
        Said::new(words, output.status.code().unwrap_or(-1), outputs, &same)
    }

    /// The name of the error with which the command ends, as scripts are told it.
    pub(crate) fn name_of_error(&mut self) -> Option<String> {
        self.vars.insert("ROLO_ERROR_FORMAT".to_owned(), "json".to_owned());
        let said = self.run(&self.command);
        let json = said.stderr.lines().rev().find(|line| line.starts_with('{'))?;
        let error: Value = serde_json::from_str(json).ok()?;
        assert_eq!(error["exit_code"], said.code, "{json}");
        error["name"].as_str().map(str::to_owned)
    }

    /// Secrets of this AWS that are told where none may be; what a hand-over prints is for the program that asked.
    pub(crate) fn secrets_in<'a>(&'a self, said: &'a Said) -> impl Iterator<Item = &'a str> {
        let keys = self.state["users"].as_array().into_iter().flatten().flat_map(|user| {
            user["keys"].as_array().into_iter().flatten().filter_map(|key| key["secret"].as_str())
        });
        let devices = self.state["users"].as_array().into_iter().flatten().flat_map(|user| {
            user["mfa"].as_array().into_iter().flatten().filter_map(|device| device["secret"].as_str())
        });
        let tokens = ["sso_tokens", "web_identities"].into_iter().flat_map(|kind| {
            let named = self.state[kind].as_array().into_iter().flatten();
            named.filter_map(|token| token["access_token"].as_str().or_else(|| token["token"].as_str()))
        });
        keys.chain(devices).chain(tokens).filter(|secret| said.text.contains(secret))
    }

    /// Takes one step; `run` is what the failed run said.
    pub(crate) fn take(&mut self, step: &Step, run: &Said) -> Result<(), String> {
        match step {
            Step::Set(name, value) => drop(self.vars.insert(name.clone(), self.fill(value))),
            Step::Unset(name) => drop(self.vars.remove(name)),
            Step::Replace(file, line, text) => {
                self.edit(file, *line, |lines, index| text.clone_into(&mut lines[index]))?;
            }
            Step::Insert(file, line, text) => {
                self.edit(file, *line, |lines, index| lines.insert(index, text.clone()))?;
            }
            Step::Remove(file, line) => self.edit(file, *line, |lines, index| drop(lines.remove(index)))?,
            Step::Append(file, text) => {
                let path = self.path(file);
                let before = fs::read_to_string(&path).unwrap_or_default();
                self.write(&path, format!("{before}{}\n", self.fill(text)).as_bytes());
            }
            Step::Delete(file) => {
                let path = self.path(file);
                let gone = if path.is_dir() { fs::remove_dir_all(&path) } else { fs::remove_file(&path) };
                gone.map_err(|error| format!("`{file}`: {error}"))?;
            }
            Step::Link(file, target) => symlink(self.path(target), self.path(file)).unwrap(),
            Step::Mode(mode, file) => {
                fs::set_permissions(self.path(file), fs::Permissions::from_mode(*mode)).unwrap();
            }
            Step::Enter(folder) => self.inside = self.path(folder),
            Step::Rolo(words) => {
                let said = self.run(words);
                if said.code != 0 {
                    return Err(said.text);
                }
            }
            Step::Command(words) => words.clone_into(&mut self.command),
            Step::Fault(json) => {
                self.fake.fault(serde_json::from_str(json).map_err(|error| error.to_string())?);
            }
            Step::Skew(seconds) => self.fake.skew(SignedDuration::from_secs(*seconds)),
            Step::Advance(seconds) => self.fake.advance(Duration::from_secs(*seconds)),
            Step::Right => self.fake.reset(),
            Step::State(pointer, json) => {
                let value = serde_json::from_str(json).map_err(|error| error.to_string())?;
                self.change_aws(pointer, value)?;
            }
            Step::Trust(role) => {
                let statement = shown_statement(&run.stderr).ok_or("no statement is shown")?;
                let roles = self.state["roles"].as_array().into_iter().flatten();
                let index = roles.into_iter().position(|there| there["name"] == role.as_str());
                let index = index.ok_or_else(|| format!("there is no role `{role}`"))?;
                let trust = serde_json::json!({ "Statement": [statement] });
                self.change_aws(&format!("/roles/{index}/trust"), trust)?;
            }
        }
        Ok(())
    }

    /// AWS with another state, at the same address.
    fn change_aws(&mut self, pointer: &str, value: Value) -> Result<(), String> {
        let (parent, key) = pointer.rsplit_once('/').ok_or("a pointer begins with `/`")?;
        let parent = self.state.pointer_mut(parent).ok_or_else(|| format!("there is no `{parent}`"))?;
        match (parent, key.parse::<usize>()) {
            (Value::Array(items), Ok(index)) if index < items.len() => items[index] = value,
            (Value::Array(items), _) => items.push(value),
            (parent, _) => parent[key] = value,
        }
        let url = self.fake.url();
        self.fake = start(&self.state, 0);
        let new = self.fake.url();
        self.vars.values_mut().filter(|value| **value == url).for_each(|value| value.clone_from(&new));
        Ok(())
    }

    fn edit(
        &self,
        file: &str,
        line: usize,
        change: impl FnOnce(&mut Vec<String>, usize),
    ) -> Result<(), String> {
        let path = self.path(file);
        let bytes = fs::read(&path).map_err(|error| format!("`{file}`: {error}"))?;
        let mut lines: Vec<String> = String::from_utf8_lossy(&bytes).lines().map(str::to_owned).collect();
        let index = line.checked_sub(1).filter(|index| *index < lines.len());
        change(&mut lines, index.ok_or_else(|| format!("`{file}` has no line {line}"))?);
        self.write(&path, format!("{}\n", lines.join("\n")).as_bytes());
        Ok(())
    }

    fn path(&self, path: &str) -> PathBuf {
        self.root
            .path()
            .join(path.strip_prefix("~/").unwrap_or_else(|| panic!("`{path}` begins with no `~/`")))
    }

    fn copy(&self, from: &Path, to: &Path) {
        for entry in fs::read_dir(from).into_iter().flatten() {
            let (path, to) = (entry.as_ref().unwrap().path(), to.join(entry.as_ref().unwrap().file_name()));
            if path.is_dir() {
                self.copy(&path, &to);
            } else {
                self.write(&to, &fs::read(path).unwrap());
            }
        }
    }

    /// Writes a file, as private as these files should be; what begins as a script can be run. Text is filled in.
    fn write(&self, path: &Path, bytes: &[u8]) {
        let filled = std::str::from_utf8(bytes).map(|text| self.fill(text).into_bytes());
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, filled.unwrap_or_else(|_| bytes.to_owned())).unwrap();
        let mode = if bytes.starts_with(b"#!") { 0o700 } else { 0o600 };
        fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
    }

    /// Puts what is known only now in the place of `{{home}}`, `{{endpoint}}`, `{{USER.id}}`, `{{USER.secret}}`,
    /// `{{USER.code}}`, `{{USER.next_code}}`, `{{in SECONDS}}`.
    fn fill(&self, text: &str) -> String {
        let mut filled = String::with_capacity(text.len());
        let mut rest = text;
        while let Some((before, (name, after))) =
            rest.split_once("{{").and_then(|(before, from)| Some((before, from.split_once("}}")?)))
        {
            filled.push_str(before);
            filled.push_str(&self.value_of(name));
            rest = after;
        }
        filled + rest
    }

    fn value_of(&self, name: &str) -> String {
        if let Some(seconds) = name.strip_prefix("in ") {
            let at = jiff::Timestamp::now() + SignedDuration::from_secs(seconds.parse().unwrap());
            return at.strftime("%Y-%m-%dT%H:%M:%SZ").to_string();
        }
        match name.split_once('.') {
            Some((user, "id")) => self.fake.user_keys(user).id,
            Some((user, "secret")) => self.fake.user_keys(user).secret,
            Some((user, "code")) => self.fake.mfa_code(user),
            Some((user, "next_code")) => self.fake.next_mfa_code(user),
            None if name == "home" => self.root.path().display().to_string(),
            None if name == "endpoint" => self.fake.url(),
            None if name == "tls_endpoint" => self.fake.url().replace("http:", "https:"),
            _ => panic!("there is no `{{{{{name}}}}}`"),
        }
    }
}

fn start(state: &Value, port: u16) -> FakeAws {
    let state: State = serde_json::from_value(state.clone()).expect("the state of AWS");
    FakeAws::start(state, port).unwrap()
}

/// The first statement of a trust policy in what was said: it has a principal, as one of a user's policies has not.
fn shown_statement(said: &str) -> Option<Value> {
    let starts = said.match_indices("{\n").map(|(start, _)| start);
    let mut shown = starts.filter_map(|start| {
        serde_json::Deserializer::from_str(&said[start..]).into_iter::<Value>().next()?.ok()
    });
    shown.find(|statement| statement.get("Principal").is_some())
}

/// Words as a shell splits them, where a word in single quotes may hold blanks.
fn split(text: &str) -> Vec<String> {
    let (mut words, mut word, mut quoted) = (Vec::new(), None::<String>, false);
    for character in text.chars() {
        match character {
            '\'' => {
                quoted = !quoted;
                word.get_or_insert_default();
            }
            ' ' if !quoted => words.extend(word.take()),
            other => word.get_or_insert_default().push(other),
        }
    }
    words.extend(word);
    words
}
