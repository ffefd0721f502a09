//! `rolo configure`: writes a profile's keys and settings, given as options or asked at the terminal.
//!
//! Nothing is written before all is known and checked.

mod forms;
mod given;
mod offers;
mod questions;
mod subject;

use std::path::{Path, PathBuf};

use rolo_core::{
    env_vars,
    handed::UserEnv,
    host::Host,
    profile::{ConfigFiles, ProfileSet},
};

use self::subject::Subject;
use crate::{
    cli::ConfigureArgs,
    error::{CliError, ErrorKind, exit_code, names, shorten_home},
    hints::{explain, explain_write, nobody_to_configure},
    saved,
    ui::{escape::escape, talker::Talker, terminal::Terminal},
};

/// Finds out what the profile is to say, checks it, and writes it.
pub fn run(args: &ConfigureArgs, host: Host<'_>) -> Result<u8, CliError> {
    // Keys are checked where the profile leads, not where an earlier hand-over led.
    let user_env = UserEnv::new(host.env);
    let host = Host { env: &user_env, ..host };
    let name = resolve_name(args.name(), host)?;
    let files = ConfigFiles::load(&host).map_err(|error| explain(error.into()))?;
    let set = ProfileSet::parse(&files).map_err(|error| explain(error.into()))?;
    if let Some(at) = saved::find(&files, &name) {
        let problem = format!("profile `{name}` is kept by `rolo save`, which replaces what stands in it");
        return Err(CliError::named(ErrorKind::Configuration, names::PROFILE_IS_SAVED, problem)
            .at([at])
            .hint("configure another name, or remove the section first"));
    }
    let subject = Subject {
        name: &name,
        profile: set.profile(&name),
        files: &files,
        set: &set,
        host,
        talker: Talker::new(args.talk.verbosity()),
        is_checked: !args.no_verify,
    };
    let wishes = if args.gives_settings() {
        given::take(args, &subject)?
    } else {
        let terminal = Terminal::open().ok_or_else(|| nobody_to_configure(&name))?;
        questions::ask(&subject, &terminal)?
    };
    subject.check_role(&wishes)?;
    subject.warn_of_unused_keys(&wishes)?;
    let draft = wishes.place(&name, subject.profile);
    let changed = draft.write(host, &subject.talker).map_err(explain_write)?;
    subject.talker.tell(&render_changed(&subject, &changed));
    Ok(exit_code::DONE)
}

fn render_changed(subject: &Subject<'_>, changed: &[PathBuf]) -> String {
    let name = escape(subject.name);
    if changed.is_empty() {
        return format!("profile `{name}` stays as it is");
    }
    let home = subject.host.home();
    let home = home.as_deref().and_then(Path::to_str);
    let paths: Vec<_> = changed
        .iter()
        .map(|path| format!("`{}`", shorten_home(&escape(&path.to_string_lossy()), home)))
        .collect();
    format!("profile `{name}` is written to {}", paths.join(" and "))
}

/// The profile that is meant: the one named, else the one that the AWS CLI would take.
fn resolve_name(named: Option<&str>, host: Host<'_>) -> Result<String, CliError> {
    let of_env = || {
        [env_vars::AWS_PROFILE, env_vars::AWS_DEFAULT_PROFILE].into_iter().find_map(|name| host.var_set(name))
    };
    let name = named.map(str::to_owned).or_else(of_env).unwrap_or_else(|| "default".to_owned());
    if name.is_empty() {
        return Err(
            CliError::usage("the profile's name is empty").hint("name it: `rolo configure --profile NAME`")
        );
    }
    Ok(name)
}
