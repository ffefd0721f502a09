//! Where the cached path is measured: a home with so many profiles, a fake STS that fills the cache once and counts, and a
//! history, so that what is measured of `export` has its line added to it.

use std::fmt::Write as _;
use std::fs::{self, File, Permissions};
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, SystemTime};

use crate::program::{self, Failure};
use crate::repo;

/// The profile that is asked for: a role from static keys, in the middle of the config.
pub(crate) const PROFILE: &str = "wanted";

/// A file must be this old before rolo trusts its stamp.
const SETTLED: Duration = Duration::from_millis(2_300);

/// A home, its config, and the STS behind it.
pub(crate) struct World {
    /// How many profiles the config holds.
    pub(crate) profiles: usize,
    home: PathBuf,
    url: String,
    stub: Child,
}

impl World {
    /// A fresh home under `target/bench` and a running STS.
    pub(crate) fn new(profiles: usize) -> Result<Self, Failure> {
        let home = repo::target().join("bench").join(format!("home-{profiles}"));
        let aws = home.join(".aws");
        if home.exists() {
            fs::remove_dir_all(&home).map_err(Failure::at(home.display()))?;
        }
        fs::create_dir_all(&aws).map_err(Failure::at(aws.display()))?;
        let (stub, url) = start_stub(&home)?;
        let world = Self { profiles, home, url, stub };
        world.write("config", &render_config(profiles))?;
        world.write("credentials", "[base]\naws_access_key_id = AKIABASE000000000000\naws_secret_access_key = secret-AKIABASE000000000000\n")?;
        sleep(SETTLED);
        Ok(world)
    }

    fn write(&self, name: &str, text: &str) -> Result<(), Failure> {
        let path = self.home.join(".aws").join(name);
        fs::write(&path, text).map_err(Failure::at(path.display()))?;
        // As it should be, so that `doctor` has nothing to warn of.
        fs::set_permissions(&path, Permissions::from_mode(0o600)).map_err(Failure::at(path.display()))
    }

    /// The program in this world and nothing else of the machine's environment.
    pub(crate) fn command(&self, program: &Path, args: &[&str]) -> Command {
        let mut command = Command::new(program);
        command.args(args).env_clear();
        command.env("HOME", &self.home).env("PATH", "/usr/bin:/bin").env("AWS_ENDPOINT_URL_STS", &self.url);
        command.env("AWS_REGION", "eu-central-1").env("AWS_EC2_METADATA_DISABLED", "true");
        command
    }

    /// The command after runs that filled the cache and the memo; fails if what it prints is not what STS gave.
    pub(crate) fn warm(&self, program: &Path, args: &[&str]) -> Result<Command, Failure> {
        let run = || program::output_of(&mut self.command(program, args)).map(|(out, _)| out);
        let first = run()?;
        let (calls, noted) = (self.calls()?, self.noted());
        let again = [run()?, run()?];
        let uses = if args.first() == Some(&"export") { again.len() } else { 0 };
        if self.noted() != noted + uses {
            return Err(Failure::new(format!("`rolo {}` is not noted as it should be", args.join(" "))));
        }
        if !first.contains("ASIAWANTEDROLE")
            || again.iter().any(|out| *out != first)
            || self.calls()? != calls
        {
            return Err(Failure::new(format!("`rolo {}` is not served from the cache", args.join(" "))));
        }
        Ok(self.command(program, args))
    }

    /// The warm command with a config that was written this moment, so that no memo holds.
    pub(crate) fn edited(&self, program: &Path, args: &[&str]) -> Result<Command, Failure> {
        let config = self.home.join(".aws/config");
        // In the future: it is to stay too young for a memo for as long as this is measured.
        let soon = SystemTime::now() + Duration::from_mins(10);
        let file = File::options().append(true).open(&config).map_err(Failure::at(config.display()))?;
        file.set_modified(soon).map_err(Failure::at(config.display()))?;
        Ok(self.command(program, args))
    }

    /// Fails unless all but the first run were served without a call.
    pub(crate) fn assert_no_calls(&self) -> Result<(), Failure> {
        match self.calls()? {
            1 => Ok(()),
            calls => Err(Failure::new(format!("{calls} calls to STS, where one fills the cache"))),
        }
    }

    /// The uses in the history.
    fn noted(&self) -> usize {
        let text = fs::read_to_string(self.home.join(".local/state/rolo/history"));
        text.map_or(0, |text| text.lines().count())
    }

    fn calls(&self) -> Result<usize, Failure> {
        let log = self.home.join("calls.log");
        fs::read_to_string(&log).map(|text| text.lines().count()).map_err(Failure::at(log.display()))
    }
}

impl Drop for World {
    fn drop(&mut self) {
        // Nothing to be done about a stub that is gone already.
        let _ = self.stub.kill();
        let _ = self.stub.wait();
    }
}

fn start_stub(home: &Path) -> Result<(Child, String), Failure> {
    let port_file = home.join("port");
    let mut python = Command::new("python3");
    python.arg(repo::root().join("tests/conformance/stub_aws.py"));
    python.arg("--port-file").arg(&port_file).arg("--log").arg(home.join("calls.log"));
    let stub =
        python.stdin(Stdio::null()).stdout(Stdio::null()).spawn().map_err(Failure::at("stub_aws.py"))?;
    for _ in 0..200 {
        match fs::read_to_string(&port_file) {
            Ok(port) if !port.trim().is_empty() => {
                return Ok((stub, format!("http://127.0.0.1:{}", port.trim())));
            }
            _ => sleep(Duration::from_millis(50)),
        }
    }
    Err(Failure::new("stub_aws.py named no port"))
}

/// `profiles` role profiles; the asked one stands in the middle.
fn render_config(profiles: usize) -> String {
    let mut text = String::from("[default]\nregion = eu-central-1\n");
    for index in 0..profiles {
        let (name, role) = if index == profiles / 2 {
            (PROFILE.to_owned(), "WantedRole".to_owned())
        } else {
            (format!("team-{index}"), format!("Role{index}"))
        };
        // Writing to a String cannot fail.
        let _ = write!(
            text,
            "\n# account {index}\n[profile {name}]\nrole_arn = arn:aws:iam::{:012}:role/{role}\nsource_profile = base\nregion = eu-west-1\noutput = json\n",
            100_000_000_000_u64 + index as u64
        );
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_config_holds_as_many_profiles_as_asked_and_one_is_wanted() {
        let text = render_config(10);
        assert_eq!(text.matches("[profile ").count(), 10);
        assert_eq!(text.matches("[profile wanted]").count(), 1);
    }
}
