//! The throw-away home in which the demo takes place: `~/.aws` and an environment without anything of the machine's.

use std::io;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use fake_aws::FakeAws;
use tempfile::TempDir;

/// The IAM user of the demo's world.
pub(crate) const USER: &str = "ada";

/// Dropping it removes all of it.
pub(crate) struct Home {
    folder: TempDir,
    rolo_folder: PathBuf,
    url: String,
    config: String,
}

impl Home {
    /// Writes the user's keys and the config.
    pub(crate) fn new(fake: &FakeAws, rolo: &Path) -> io::Result<Self> {
        let folder = tempfile::Builder::new().prefix("rolo-demo-").tempdir()?;
        let aws = folder.path().join(".aws");
        let keys = fake.user_keys(USER);
        let config = render_config(&fake.mfa_serial(USER));
        fs::create_dir(&aws)?;
        fs::write(aws.join("config"), &config)?;
        let credentials =
            format!("[identity]\naws_access_key_id = {}\naws_secret_access_key = {}\n", keys.id, keys.secret);
        fs::write(aws.join("credentials"), credentials)?;
        let rolo_folder = rolo.parent().unwrap_or(Path::new(".")).to_path_buf();
        Ok(Self { folder, rolo_folder, url: fake.url(), config })
    }

    /// The config file's text.
    pub(crate) fn config(&self) -> &str {
        &self.config
    }

    /// A shell in this home that runs the line.
    pub(crate) fn shell(&self, line: &str) -> Command {
        let path = env::var_os("PATH").unwrap_or_default();
        let folders = std::iter::once(self.rolo_folder.clone()).chain(env::split_paths(&path));
        let mut shell = Command::new("sh");
        shell.args(["-c", line]).current_dir(self.folder.path()).env_clear();
        shell
            .env("HOME", self.folder.path())
            .env("USER", USER)
            .env("LANG", "C.UTF-8")
            .env("TERM", "xterm-256color");
        shell.env("PATH", env::join_paths(folders).unwrap_or(path));
        shell.env("AWS_ENDPOINT_URL", &self.url).env("AWS_EC2_METADATA_DISABLED", "true");
        shell
    }
}

fn render_config(mfa_serial: &str) -> String {
    format!(
        "\
[profile identity]
region = eu-central-1

[profile staging]
role_arn = arn:aws:iam::222233334444:role/Developer
source_profile = identity
mfa_serial = {mfa_serial}
region = eu-west-1

[profile production]
role_arn = arn:aws:iam::333344445555:role/Admin
source_profile = identity
mfa_serial = {mfa_serial}
region = eu-central-1

[profile hop]
role_arn = arn:aws:iam::222233334444:role/Hop
source_profile = identity
mfa_serial = {mfa_serial}
region = eu-west-1

[profile audit]
role_arn = arn:aws:iam::333344445555:role/Audit
source_profile = hop
region = eu-central-1
"
    )
}
