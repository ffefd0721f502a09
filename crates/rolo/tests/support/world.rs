//! A throw-away home beside a small AWS of its own, in which the real program is run.
//!
//! The environment is empty but for what is set here: whatever the machine has stays out. Must not know what is
//! tested.

use std::{
    borrow::BorrowMut,
    collections::BTreeMap,
    fs,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
    time::Duration,
};

use fake_aws::{Builder, FakeAws, Role, SsoToken, Trust, User};
use serde_json::Value;
use tempfile::TempDir;

/// The account of the users.
pub(crate) const IDENTITY: &str = "111122223333";
/// The account of `Developer`, `Plain` and `Hop`.
pub(crate) const STAGING: &str = "222233334444";
/// The account of `Admin`, `Audit` and `Vendor`.
pub(crate) const PRODUCTION: &str = "333344445555";

/// Profiles over all roles. `identity` and `other` hold keys in the credentials file; `ada`'s device serves both MFA
/// roles.
const CONFIG: &str = "\
[profile identity]
region = eu-central-1

[profile other]
region = eu-central-1

[profile prod]
role_arn = arn:aws:iam::333344445555:role/Admin
source_profile = identity
mfa_serial = arn:aws:iam::111122223333:mfa/ada
region = eu-central-1

[profile dev]
role_arn = arn:aws:iam::222233334444:role/Developer
source_profile = identity
mfa_serial = arn:aws:iam::111122223333:mfa/ada
region = eu-west-1

[profile plain]
role_arn = arn:aws:iam::222233334444:role/Plain
source_profile = identity
region = eu-west-1

[profile hop]
role_arn = arn:aws:iam::222233334444:role/Hop
source_profile = identity
region = eu-west-1

[profile audit]
role_arn = arn:aws:iam::333344445555:role/Audit
source_profile = hop
region = eu-central-1

[profile vendor]
role_arn = arn:aws:iam::333344445555:role/Vendor
source_profile = identity
external_id = handshake
region = eu-central-1
";

/// The home, the AWS, and the variables that the program gets.
pub(crate) struct World {
    pub(crate) fake: FakeAws,
    home: TempDir,
    vars: BTreeMap<String, String>,
}

/// What a run came to.
#[derive(Debug)]
pub(crate) struct Ran {
    /// Exit code; -1 where a signal ended it.
    pub(crate) code: i32,
    pub(crate) stdout: String,
    pub(crate) stderr: String,
}

/// `credential_process` JSON, as an SDK reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Keys {
    pub(crate) id: String,
    pub(crate) secret: String,
    pub(crate) token: Option<String>,
    pub(crate) expiration: Option<String>,
}

/// What exists in AWS: two users in [`IDENTITY`] (`ada` with an MFA device, `bob` without), six roles, one sign-in.
pub(crate) fn aws() -> Builder {
    let ada = format!("arn:aws:iam::{IDENTITY}:user/ada");
    let hop = format!("arn:aws:iam::{STAGING}:role/Hop");
    let half_a_day = Duration::from_hours(12);
    let role = |account: &str, name: &str, trust: Trust| {
        Role::new(account, name).max_session(half_a_day).trusts(trust)
    };
    FakeAws::builder()
        .user(User::new(IDENTITY, "ada").mfa("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"))
        .user(User::new(IDENTITY, "bob"))
        .role(role(PRODUCTION, "Admin", Trust::of(&ada).with_mfa()))
        .role(role(STAGING, "Developer", Trust::of(&ada).with_mfa()))
        .role(role(STAGING, "Plain", Trust::of(IDENTITY)))
        .role(role(STAGING, "Hop", Trust::of(IDENTITY)))
        .role(role(PRODUCTION, "Audit", Trust::of(&hop)))
        .role(role(PRODUCTION, "Vendor", Trust::of(IDENTITY).with_external_id("handshake")))
        .sso_token(SsoToken::new("sso-access-token-1", "ada@example.com").role(STAGING, "Reader"))
}

impl World {
    /// [`aws`] and a home with [`CONFIG`].
    pub(crate) fn new() -> Self {
        Self::of(aws())
    }

    /// Another AWS, which must have the users of [`aws`].
    pub(crate) fn of(aws: Builder) -> Self {
        let fake = aws.start();
        let home = tempfile::Builder::new().prefix("rolo-test-").tempdir().unwrap();
        let mut world = Self { fake, home, vars: BTreeMap::new() };
        world.set("HOME", world.home.path().to_str().unwrap().to_owned());
        world.set("PATH", "/usr/local/bin:/usr/bin:/bin");
        world.set("USER", "ada");
        world.set("AWS_ENDPOINT_URL", world.fake.url());
        world.set("AWS_EC2_METADATA_DISABLED", "true");
        world.config(CONFIG);
        let [identity, other] = ["ada", "bob"].map(|user| world.fake.user_keys(user));
        world.credentials(&format!(
            "[identity]\naws_access_key_id = {}\naws_secret_access_key = {}\n\n\
             [other]\naws_access_key_id = {}\naws_secret_access_key = {}\n",
            identity.id, identity.secret, other.id, other.secret
        ));
        world
    }

    /// A path in the home.
    pub(crate) fn path(&self, path: &str) -> PathBuf {
        self.home.path().join(path)
    }

    /// Writes a file of the home, with its folders.
    pub(crate) fn write(&self, path: &str, text: &str) -> PathBuf {
        let path = self.path(path);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, text).unwrap();
        path
    }

    /// Replaces `~/.aws/config`.
    pub(crate) fn config(&self, text: &str) {
        self.write(".aws/config", text);
    }

    /// Puts `text` behind what is in `~/.aws/config`.
    pub(crate) fn add_config(&self, text: &str) {
        let config = fs::read_to_string(self.path(".aws/config")).unwrap();
        self.config(&format!("{config}\n{text}"));
    }

    /// Changes `~/.aws/config`; `from` must be in it.
    pub(crate) fn edit_config(&self, from: &str, to: &str) {
        let config = fs::read_to_string(self.path(".aws/config")).unwrap();
        assert!(config.contains(from), "{from}");
        self.config(&config.replacen(from, to, 1));
    }

    /// Replaces `~/.aws/credentials`.
    pub(crate) fn credentials(&self, text: &str) {
        self.write(".aws/credentials", text);
    }

    /// Replaces rolo's own `config.toml`.
    pub(crate) fn settings(&self, text: &str) {
        self.write(".config/rolo/config.toml", text);
    }

    /// A program of the home: a shell script.
    pub(crate) fn script(&self, path: &str, body: &str) -> PathBuf {
        use std::os::unix::fs::PermissionsExt;
        let path = self.write(path, &format!("#!/bin/sh\n{body}\n"));
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        path
    }

    /// Sets a variable for all runs to come.
    pub(crate) fn set(&mut self, name: &str, value: impl Into<String>) {
        self.vars.insert(name.to_owned(), value.into());
    }

    /// Unsets it.
    pub(crate) fn unset(&mut self, name: &str) {
        self.vars.remove(name);
    }

    /// The program, in this home and in no terminal's foreground: nobody can be asked.
    pub(crate) fn command(&self, args: &[&str]) -> Command {
        let mut command = self.bare_command(Path::new(env!("CARGO_BIN_EXE_rolo")));
        command.args(args).stdin(Stdio::null()).process_group(0);
        command
    }

    /// A shell in this home that runs `line`, with the program in its `PATH`.
    pub(crate) fn shell(&self, line: &str) -> Ran {
        let folder = Path::new(env!("CARGO_BIN_EXE_rolo")).parent().unwrap();
        let mut command = self.bare_command(Path::new("/bin/sh"));
        command.args(["-c", line]).env("PATH", format!("{}:{}", folder.display(), self.vars["PATH"]));
        command.stdin(Stdio::null()).process_group(0);
        run(command)
    }

    /// Any program in this home, with nothing but its variables.
    pub(crate) fn bare_command(&self, program: &Path) -> Command {
        let mut command = Command::new(program);
        command.env_clear().envs(&self.vars).current_dir(self.home.path());
        command
    }

    /// Runs the program.
    pub(crate) fn rolo(&self, args: &[&str]) -> Ran {
        run(self.command(args))
    }

    /// `rolo process ARGS…`, which must succeed.
    pub(crate) fn keys(&self, args: &[&str]) -> Keys {
        self.rolo(&[&["process"], args].concat()).keys()
    }

    /// What AWS was asked since the last look, in order.
    pub(crate) fn calls(&self) -> Vec<String> {
        let calls = self.fake.calls().into_iter().map(|call| call.action).collect();
        self.fake.clear_calls();
        calls
    }

    /// Every file below a folder of the home, sorted; none where there is no such folder.
    pub(crate) fn files(&self, path: &str) -> Vec<PathBuf> {
        let mut files = Vec::new();
        let mut folders = vec![self.path(path)];
        while let Some(folder) = folders.pop() {
            for entry in fs::read_dir(folder).into_iter().flatten() {
                let entry = entry.unwrap();
                if entry.file_type().unwrap().is_dir() {
                    folders.push(entry.path());
                } else {
                    files.push(entry.path());
                }
            }
        }
        files.sort();
        files
    }
}

/// Runs a command to its end.
pub(crate) fn run(mut command: impl BorrowMut<Command>) -> Ran {
    command.borrow_mut().output().unwrap().into()
}

impl From<Output> for Ran {
    fn from(output: Output) -> Self {
        Self {
            code: output.status.code().unwrap_or(-1),
            stdout: String::from_utf8(output.stdout).unwrap(),
            stderr: String::from_utf8(output.stderr).unwrap(),
        }
    }
}

impl Ran {
    /// Standard output of a run that went well and had nothing to say about it.
    #[track_caller]
    pub(crate) fn quiet(self) -> String {
        assert_eq!((self.code, self.stderr.as_str()), (0, ""), "{self:?}");
        self.stdout
    }

    /// Standard error of a run that went well.
    #[track_caller]
    pub(crate) fn warned(self) -> String {
        assert_eq!(self.code, 0, "{self:?}");
        assert!(self.stderr.starts_with("warning: "), "{self:?}");
        self.stderr
    }

    /// Standard error of a run that ended with `code` and handed nothing over.
    #[track_caller]
    pub(crate) fn failed(self, code: i32) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (code, ""), "{self:?}");
        self.stderr
    }

    /// The JSON of a quiet run.
    #[track_caller]
    pub(crate) fn json(self) -> Value {
        serde_json::from_str(&self.quiet()).unwrap()
    }

    /// The credentials that `rolo process` printed without a word.
    #[track_caller]
    pub(crate) fn keys(self) -> Keys {
        let json = self.json();
        let text = |name: &str| json.get(name).map(|value| value.as_str().unwrap().to_owned());
        assert_eq!(json["Version"], 1);
        Keys {
            id: text("AccessKeyId").unwrap(),
            secret: text("SecretAccessKey").unwrap(),
            token: text("SessionToken"),
            expiration: text("Expiration"),
        }
    }
}
