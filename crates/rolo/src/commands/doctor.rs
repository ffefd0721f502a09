//! `rolo doctor`: everything that is wrong with the setup, at once. No network unless by `--online`, and nothing is changed
//! unless by `--fix`.

mod fix;

use std::io::Write;

use rolo_core::{
    chain::{plan::Options, resolve::ResolveError},
    doctor::{
        Finding, Reading, Severity, Subject, examine, examine_online, left_out_settings, names_of_chains,
        unusable_settings,
    },
    host::Host,
    origin::Origin,
    profile::ProfileSet,
};
use serde_json::json;

use crate::{
    cli::DoctorArgs,
    error::{CliError, exit_code},
    findings::{self, Allowed},
    hints::explain,
    settings::{Config, load_config, roles::role_settings_over},
    ui::{
        Verbosity,
        escape::{escape_to_one_line, render_json},
        stdout_has_colour,
        talker::Talker,
    },
};

/// The version of the JSON.
const VERSION: u32 = 1;

/// Prints what was found, in words or as JSON; after `--fix` what is left.
pub fn run(args: &DoctorArgs, host: Host<'_>) -> Result<u8, CliError> {
    let talker = Talker::new(args.talk.verbosity());
    let mut told_online = None;
    let mut report = report(args, host, talker, &mut told_online)?;
    if args.fix && fix::mend(&report.findings, args.yes, host, talker)? {
        report = self::report(args, host, talker, &mut told_online)?;
    }
    let text = if args.json { report.to_json() } else { report.render(host, args.talk.verbosity()) };
    std::io::stdout().write_all(text.as_bytes()).map(|()| report.exit_code()).map_err(CliError::output)
}

/// Looks at everything. AWS is asked once: `told_online` is what it told.
fn report(
    args: &DoctorArgs,
    host: Host<'_>,
    talker: Talker,
    told_online: &mut Option<Vec<Finding>>,
) -> Result<Report, CliError> {
    let (config, mut found) = examine_settings(host);
    let reading = Reading::load(host);
    found.extend(reading.findings);
    let set = ProfileSet::parse(&reading.files).map_err(|error| explain(error.into()))?;
    let names = names(args, &set)?;
    let subject = Subject::new(&reading.files, &set, host, &config.options);
    let subject = match &names {
        Some(names) => subject.only(names),
        None => subject,
    };
    found.extend(examine(&subject));
    if args.online {
        let told = told_online.get_or_insert_with(|| {
            let online = examine_online(&subject);
            for asked in &online.asked {
                talker.tell(&format!("asked {}", escape_to_one_line(asked)));
            }
            online.findings
        });
        found.extend(told.iter().cloned());
    }
    let examined = names.as_ref().map_or(set.profiles().len(), Vec::len);
    Ok(Report::new(found, &config.allowed, examined))
}

/// The profiles that were named, with those that their chains go through; `None`: all.
fn names<'s>(args: &'s DoctorArgs, set: &'s ProfileSet<'_>) -> Result<Option<Vec<&'s str>>, CliError> {
    let asked: Vec<&str> = args.profiles.iter().chain(&args.named).map(String::as_str).collect();
    if let Some(absent) = asked.iter().find(|name| set.profile(name).is_none()) {
        let error = ResolveError::ProfileNotFound {
            name: (*absent).to_owned(),
            config: set.config_path().to_owned(),
            origin: Origin::Flag("PROFILE"),
            near: set.suggest(absent).map(str::to_owned),
            known: set.profiles().len(),
        };
        return Err(explain(error.into()));
    }
    Ok((!asked.is_empty()).then(|| names_of_chains(set, &asked)))
}

/// rolo's own settings; what is wrong with them is a finding as any other.
fn examine_settings(host: Host<'_>) -> (Config, Vec<Finding>) {
    let unusable = |error: &CliError| {
        let remedy = error.hint_lines().first().cloned().unwrap_or_else(|| "correct the file".to_owned());
        unusable_settings(error.words(), remedy).at(error.locations().iter().cloned())
    };
    let mut found = Vec::new();
    let config = load_config(host).unwrap_or_else(|error| {
        found.push(unusable(&error));
        Config { options: Options::default(), ..Config::default() }
    });
    // A folder that is gone has no project.
    if let Ok(folder) = std::env::current_dir() {
        match role_settings_over(config.clone(), host, &folder) {
            Ok(settings) => {
                let left_out = settings.left_out();
                found.extend(left_out.map(|(text, remedy)| left_out_settings(text, remedy)));
            }
            Err(error) => found.push(unusable(&error)),
        }
    }
    (config, found)
}

/// What is told.
struct Report {
    findings: Vec<Finding>,
    /// How many are not told.
    allowed: usize,
    /// How many profiles were examined.
    examined: usize,
}

impl Report {
    fn new(mut findings: Vec<Finding>, allowed: &[Allowed], examined: usize) -> Self {
        let found = findings.len();
        findings.retain(|finding| !allowed.iter().any(|rule| rule.covers(finding)));
        findings::sort(&mut findings);
        Self { allowed: found - findings.len(), findings, examined }
    }

    fn exit_code(&self) -> u8 {
        match self.findings.iter().map(|finding| finding.check.severity).min() {
            Some(Severity::Fault) => exit_code::CONFIGURATION,
            Some(Severity::Warning) => exit_code::OTHER,
            Some(Severity::Note) | None => exit_code::DONE,
        }
    }

    fn render(&self, host: Host<'_>, verbosity: Verbosity) -> String {
        let text = findings::render(&self.findings, host.home().as_deref(), stdout_has_colour());
        if verbosity <= Verbosity::Quiet {
            return text;
        }
        let gap = if text.is_empty() { "" } else { "\n" };
        let count = findings::render_count(&self.findings).unwrap_or_else(|| "nothing wrong".to_owned());
        let profiles = if self.examined == 1 { "profile" } else { "profiles" };
        let allowed = match self.allowed {
            allowed if allowed > 0 && verbosity == Verbosity::Verbose => {
                format!("; {allowed} not told, for `config.toml` allows it")
            }
            _ => String::new(),
        };
        format!("{text}{gap}{count} in {} {profiles}{allowed}\n", self.examined)
    }

    fn to_json(&self) -> String {
        let count = |severity| findings::count(&self.findings, severity);
        render_json(&json!({
            "version": VERSION,
            "profiles": self.examined,
            "faults": count(Severity::Fault),
            "warnings": count(Severity::Warning),
            "notes": count(Severity::Note),
            "allowed": self.allowed,
            "findings": self.findings.iter().map(findings::to_json).collect::<Vec<_>>(),
        }))
    }
}
