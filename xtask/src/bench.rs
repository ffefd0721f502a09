//! `cargo xtask bench`: what the cached path and looks at a setup cost, against a program that does nothing, built in the
//! same run.
//!
//! Gates stand on instructions, which no load can change. Wall-clock ratios are reported only.

mod wall;
mod world;

use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::callgrind::count_instructions;
use crate::program::{self, Failure};
use crate::repo;
use world::World;

/// A cached `export` may take this many instructions more than the trivial program.
const MOST_OVER_TRIVIAL: u64 = 350_000;
/// A cached `export` beside 2,000 profiles may take this share of one beside 10, in per cent.
const MOST_GROWTH: u64 = 120;
/// A `doctor` of 2,000 profiles may take so many instructions; it is to end within 50 ms.
const MOST_OF_DOCTOR: u64 = 250_000_000;
const FEW: usize = 10;
const MANY: usize = 2_000;
const RUNS: usize = 301;

/// Builds, measures, prints a table. `--gate` fails above the limits, `--wall` adds wall-clock ratios, `--static` static builds.
pub(crate) fn run(args: &[OsString]) -> Result<(), Failure> {
    let has = |flag: &str| args.iter().any(|arg| arg == flag);
    if let Some(odd) =
        args.iter().find(|arg| !["--gate", "--wall", "--static"].iter().any(|known| known == arg))
    {
        return Err(Failure::new(format!("`bench` does not know `{}`", odd.display())));
    }
    let dynamic = Pair::build(&Target::default())?;
    println!("{}", machine_facts());
    let failed = measure(&dynamic, has("--wall"))?;
    if has("--static") {
        measure(&Pair::build(&Target::of_static_builds()?)?, true)?;
    }
    match failed.as_slice() {
        [] => Ok(()),
        failed if has("--gate") => Err(Failure::new(failed.join("; "))),
        failed => {
            println!("above the limits: {}", failed.join("; "));
            Ok(())
        }
    }
}

/// How to build: for which target, with which flags, into which folder.
#[derive(Default)]
struct Target {
    triple: Option<String>,
    rustflags: Option<&'static str>,
    folder: Option<&'static str>,
}

impl Target {
    /// musl's, if rustup has it here and there is a C compiler for it; else glibc linked statically.
    fn of_static_builds() -> Result<Self, Failure> {
        let (sysroot, _) = program::output_of(Command::new("rustc").args(["--print", "sysroot"]))?;
        let musl = format!("{}-unknown-linux-musl", std::env::consts::ARCH);
        let has_target = Path::new(sysroot.trim()).join("lib/rustlib").join(&musl).is_dir();
        // ring compiles C. Debian has it in `musl-tools`.
        let has_compiler = program::find(&format!("{}-linux-musl-gcc", std::env::consts::ARCH)).is_some();
        if has_target && has_compiler {
            return Ok(Self { triple: Some(musl), rustflags: None, folder: None });
        }
        let (version, _) = program::output_of(Command::new("rustc").arg("-vV"))?;
        let host = version.lines().find_map(|line| line.strip_prefix("host: "));
        // Named, though it is the host: flags are then kept off macros and build scripts, which cannot be static.
        Ok(Self {
            triple: host.map(str::to_owned),
            rustflags: Some("-C target-feature=+crt-static"),
            folder: Some("static"),
        })
    }

    fn name(&self) -> String {
        match (&self.triple, self.rustflags) {
            (Some(triple), Some(flags)) => format!("{triple}, {flags}"),
            (Some(triple), None) => triple.clone(),
            (None, _) => "this machine's, as `cargo install` builds it".to_owned(),
        }
    }
}

/// rolo and the trivial program, built alike.
struct Pair {
    name: String,
    rolo: PathBuf,
    trivial: PathBuf,
}

impl Pair {
    fn build(target: &Target) -> Result<Self, Failure> {
        let mut cargo = program::cargo();
        cargo.args([
            "build",
            "--release",
            "--package",
            "rolo",
            "--package",
            "xtask",
            "--bin",
            "rolo",
            "--bin",
            "trivial",
        ]);
        if let Some(triple) = &target.triple {
            cargo.args(["--target", triple]);
        }
        if let Some(flags) = target.rustflags {
            cargo.env("RUSTFLAGS", flags);
        }
        let folder = target.folder.map_or_else(repo::target, |folder| repo::target().join(folder));
        program::run(cargo.env("CARGO_TARGET_DIR", &folder).current_dir(repo::root()))?;
        let out = target
            .triple
            .as_ref()
            .map_or_else(|| folder.clone(), |triple| folder.join(triple))
            .join("release");
        Ok(Self { name: target.name(), rolo: out.join("rolo"), trivial: out.join("trivial") })
    }
}

/// One line of the table.
struct Row {
    what: String,
    instructions: u64,
    wall: Option<wall::Ratio>,
}

/// Prints the pair's table and gives back the limits it broke.
fn measure(pair: &Pair, with_wall: bool) -> Result<Vec<String>, Failure> {
    let few = World::new(FEW)?;
    let many = World::new(MANY)?;
    let trivial = few.command(&pair.trivial, &[]);
    let export = few.warm(&pair.rolo, &["export", world::PROFILE])?;
    let commands = [
        ("a program that does nothing".to_owned(), few.command(&pair.trivial, &[])),
        (format!("`export`, cached, {FEW} profiles"), export),
        (format!("`export`, cached, {MANY} profiles"), many.warm(&pair.rolo, &["export", world::PROFILE])?),
        (format!("`process`, cached, {FEW} profiles"), few.warm(&pair.rolo, &["process", world::PROFILE])?),
        (format!("`process`, cached, {MANY} profiles"), many.warm(&pair.rolo, &["process", world::PROFILE])?),
    ];
    let mut rows = Vec::new();
    for (what, command) in commands {
        let wall = if with_wall { Some(wall::compare(&command, &trivial, RUNS)?) } else { None };
        rows.push(Row { what, instructions: count_instructions(&command)?, wall });
    }
    let looks = looks_at_a_setup(&pair.rolo, &few, &many);
    for (what, command) in at_each_prompt(&pair.rolo, &few, &many).into_iter().chain(looks) {
        let wall = if with_wall { Some(wall::compare(&command, &trivial, RUNS)?) } else { None };
        rows.push(Row { what, instructions: count_instructions(&command)?, wall });
    }
    for world in [&few, &many] {
        // Last, since a config that was just written makes every memo stale: this is the price of a full parse.
        let command = world.edited(&pair.rolo, &["export", world::PROFILE])?;
        let wall = if with_wall { Some(wall::compare(&command, &trivial, RUNS)?) } else { None };
        let what = format!("`export`, cached, {} profiles, config just edited", world.profiles);
        rows.push(Row { what, instructions: count_instructions(&command)?, wall });
    }
    print_table(pair, &rows)?;
    let doctor = rows.iter().find(|row| row.what == doctor_of_many()).map_or(0, |row| row.instructions);
    few.assert_no_calls()?;
    many.assert_no_calls()?;
    let mut broken = broken_limits(rows[0].instructions, rows[1].instructions, rows[2].instructions);
    if doctor > MOST_OF_DOCTOR {
        broken.push(format!(
            "`doctor` of {MANY} profiles takes {doctor} instructions, at most {MOST_OF_DOCTOR} may be"
        ));
    }
    Ok(broken)
}

/// What a shell runs as it starts, before each prompt and at each Tab.
fn at_each_prompt(rolo: &Path, few: &World, many: &World) -> Vec<(String, Command)> {
    let mut prompt = few.command(rolo, &["prompt"]);
    prompt.env("ROLO_PROFILE", world::PROFILE).env("AWS_CREDENTIAL_EXPIRATION", "2126-11-21T04:14:05Z");
    let complete = ["complete", "zsh", "--", "rolo", "exec", ""];
    vec![
        ("`init bash`".to_owned(), few.command(rolo, &["init", "bash"])),
        ("`prompt`".to_owned(), prompt),
        (format!("profiles at Tab, {FEW} profiles"), few.command(rolo, &complete)),
        (format!("profiles at Tab, {MANY} profiles"), many.command(rolo, &complete)),
    ]
}

/// What a person runs to understand a setup.
fn looks_at_a_setup(rolo: &Path, few: &World, many: &World) -> Vec<(String, Command)> {
    vec![
        (
            format!("`explain` of a cached profile, {FEW} profiles"),
            few.command(rolo, &["explain", world::PROFILE]),
        ),
        (doctor_of_many(), many.command(rolo, &["doctor"])),
    ]
}

fn doctor_of_many() -> String {
    format!("`doctor`, {MANY} profiles")
}

fn print_table(pair: &Pair, rows: &[Row]) -> Result<(), Failure> {
    let size = std::fs::metadata(&pair.rolo).map_err(Failure::at(pair.rolo.display()))?.len();
    println!("\n{}: rolo is {} KiB", pair.name, size / 1024);
    println!("{:<56} {:>13} {:>13}  wall", "", "instructions", "over nothing");
    let floor = rows.first().map_or(0, |row| row.instructions);
    for row in rows {
        let wall = row.wall.as_ref().map(ToString::to_string).unwrap_or_default();
        println!(
            "{:<56} {:>13} {:>13}  {wall}",
            row.what,
            row.instructions,
            row.instructions.saturating_sub(floor)
        );
    }
    Ok(())
}

/// Which limits do not hold, in words.
fn broken_limits(trivial: u64, few: u64, many: u64) -> Vec<String> {
    let mut broken = Vec::new();
    let over = few.saturating_sub(trivial);
    if over > MOST_OVER_TRIVIAL {
        broken.push(format!("a cached `export` takes {over} instructions over the trivial program, at most {MOST_OVER_TRIVIAL} may be"));
    }
    if many.saturating_mul(100) > few.saturating_mul(MOST_GROWTH) {
        broken.push(format!("a cached `export` takes {many} instructions with {MANY} profiles and {few} with {FEW}, over {MOST_GROWTH} %"));
    }
    broken
}

fn machine_facts() -> String {
    let line = |program: &str, args: &[&str]| {
        program::output_of(Command::new(program).args(args))
            .map_or_else(|_| String::new(), |(out, _)| out.trim().to_owned())
    };
    let cpu = std::fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpu
        .lines()
        .find_map(|line| line.strip_prefix("model name"))
        .unwrap_or("?")
        .trim_start_matches(['\t', ' ', ':']);
    let cores = std::thread::available_parallelism().map_or(0, std::num::NonZero::get);
    format!(
        "{}; {model}, {cores} cores; {}; {}",
        line("uname", &["-srm"]),
        line("rustc", &["--version"]),
        line("valgrind", &["--version"])
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn limits_hold_up_to_their_value() {
        let base = 300_000;
        let few = base + MOST_OVER_TRIVIAL;
        assert_eq!(broken_limits(base, few, few * MOST_GROWTH / 100), Vec::<String>::new());
        assert_eq!(broken_limits(base, few + 1, few).len(), 1);
        assert_eq!(broken_limits(base, few, few * MOST_GROWTH / 100 + 1).len(), 1);
    }
}
