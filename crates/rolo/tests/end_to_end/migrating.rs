//! `docs/migrating.md`: every row's lines, run as they stand there. The old line is run by the AWS CLI, or by rolo under the
//! old tool's name; it must do what the new one does.

use std::{
    io::Write,
    os::unix::{fs::symlink, process::CommandExt},
    path::Path,
    process::Stdio,
};

use fake_aws::{Role, Trust};

use crate::{
    programs::ROLO,
    tools,
    world::{IDENTITY, PRODUCTION, Ran, World, aws},
};

const PAGE: &str = include_str!("../../../../docs/migrating.md");
const WHO: &str = "aws --region eu-central-1 sts get-caller-identity --query Arn --output text";

/// A row of the page: the line before, and rolo's.
struct Row {
    before: String,
    rolo: String,
}

/// The rows below a heading.
fn rows(heading: &str) -> Vec<Row> {
    let section = PAGE.split("\n## ").find(|section| section.starts_with(heading)).unwrap();
    let cells = |line: &str| -> Vec<String> {
        let line = line.replace("\\|", "\u{0}");
        let plain = |cell: &str| cell.trim().trim_matches('`').replace('\u{0}', "|");
        line.trim_matches('|').split('|').map(plain).collect()
    };
    let table = section.lines().filter(|line| line.starts_with('|')).skip(2);
    table.map(cells).map(|cells| Row { before: cells[0].clone(), rolo: cells[1].clone() }).collect()
}

/// Checks each row of a heading in a world of its own; `None` where a tool is missing.
fn check(heading: &str, checks: &[fn(&Row) -> Option<()>]) {
    let rows = rows(heading);
    assert_eq!(rows.len(), checks.len(), "a check for every row below `{heading}`");
    for (row, check) in rows.iter().zip(checks) {
        if check(row).is_none() {
            return;
        }
    }
}

/// A home with the page's profiles and roles, and a folder in `PATH` with the old tools.
struct Scene(World);

impl Scene {
    fn new() -> Option<Self> {
        let aws_cli = tools::find("aws-v1")?;
        let jq = tools::find("jq")?;
        let admin = Role::new(PRODUCTION, "admin")
            .trusts(Trust::of(&format!("arn:aws:iam::{IDENTITY}:user/ada")).with_mfa());
        let mut world = World::of(aws().role(admin));
        world.edit_config(
            "[profile identity]\n",
            "[profile identity]\nmfa_serial = arn:aws:iam::111122223333:mfa/ada\n",
        );
        world.settings("role_prefix = \"arn:aws:iam::333344445555:role/\"\n");
        world.script("deploy.sh", WHO);
        std::fs::create_dir(world.path("old")).unwrap();
        let tools = [("aws", Path::new(aws_cli.get_program())), ("jq", Path::new(jq.get_program()))];
        let links = ["rolo", "roly", "assume-role", "sts2env"].map(|name| (name, Path::new(ROLO)));
        for (name, program) in tools.into_iter().chain(links) {
            symlink(program, world.path("old").join(name)).unwrap();
        }
        world.set("PATH", format!("{}:/usr/local/bin:/usr/bin:/bin", world.path("old").display()));
        world.set("AWS_PROFILE", "identity");
        Some(Self(world))
    }

    /// Runs a line in bash, with a code that is good once: in the variable, on standard input, and in place of the page's.
    fn run(&self, line: &str) -> Ran {
        let code = self.0.fake.mfa_code("ada");
        let mut bash = self.0.bare_command(Path::new("bash"));
        bash.args(["-c", &line.replace("123456", &code)]).env("ROLO_MFA_CODE", &code).process_group(0);
        bash.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut running = bash.spawn().unwrap();
        // A line that reads no code does not read this either.
        let _ = running.stdin.take().unwrap().write_all(format!("{code}\n").as_bytes());
        running.wait_with_output().unwrap().into()
    }

    /// Standard output of a line that goes well.
    fn output(&self, line: &str) -> String {
        let ran = self.run(line);
        assert_eq!(ran.code, 0, "{line}: {ran:?}");
        ran.stdout
    }
}

/// Both lines, each in a world of its own, print something that holds `text`.
fn both_print(row: &Row, text: &str) -> Option<()> {
    for line in [&row.before, &row.rolo] {
        let printed = Scene::new()?.output(line);
        assert!(printed.contains(text), "{line}: {printed}");
    }
    Some(())
}

/// Behind both lines, `aws` is who `text` says.
fn both_make(row: &Row, text: &str) -> Option<()> {
    let asked = |line: &str| format!("{line}; {WHO}");
    both_print(&Row { before: asked(&row.before), rolo: asked(&row.rolo) }, text)
}

/// Both lines print keys.
fn both_print_keys(row: &Row) -> Option<()> {
    both_print(row, "ASIA")
}

#[test]
fn roly() {
    let exec = |row: &Row| both_print(row, "assumed-role/Admin/");
    check(
        "roly",
        &[
            |row| both_make(row, "assumed-role/Admin/"),
            exec,
            exec,
            |row| {
                let evaluated = |line: &str| format!("eval \"$({line})\"");
                let row = Row { before: evaluated(&row.before), rolo: evaluated(&row.rolo) };
                both_make(&row, "assumed-role/Admin/")
            },
        ],
    );
}

#[test]
fn assume_role() {
    let as_ada = |row: &Row| both_print(row, "assumed-role/admin/ada");
    check(
        "uber's assume-role-cli",
        &[
            as_ada,
            both_print_keys,
            |row| {
                for line in [&row.before, &row.rolo] {
                    let scene = Scene::new()?;
                    let first = scene.output("rolo process --role admin");
                    scene.output(line);
                    let renewed = scene.output("rolo process --role admin");
                    assert_ne!(first, renewed, "{line}");
                }
                Some(())
            },
            |row| both_print(row, "assumed-role/admin/nightly"),
            |row| both_print(row, "assumed-role/admin/"),
            |row| both_print(row, "assumed-role/admin/ada"),
        ],
    );
}

#[test]
fn aws_cli() {
    check(
        "The AWS CLI",
        &[
            |row| both_print(row, "assumed-role/Admin/"),
            |row| both_print(row, "assumed-role/Admin/"),
            |row| {
                // Without a code the AWS CLI asks again in every program; with rolo the environment has the keys.
                both_make(row, "assumed-role/Admin/")
            },
            both_print_keys,
            both_print_keys,
            both_print_keys,
            |row| {
                for line in [&row.before, &row.rolo] {
                    let scene = Scene::new()?;
                    scene.output(line);
                    assert_eq!(
                        scene.output("aws configure get region --profile prod"),
                        "eu-west-1\n",
                        "{line}"
                    );
                }
                Some(())
            },
            |row| both_print(row, "prod"),
        ],
    );
}

#[test]
fn one_liners() {
    let plain = |row: &Row| both_make(row, "assumed-role/Plain/");
    check(
        "Shell one-liners",
        &[plain, plain, |row| {
            for line in [&row.before, &row.rolo] {
                let scene = Scene::new()?;
                let left =
                    scene.output(&format!("export AWS_SECURITY_TOKEN=x; {line}; env | grep -c ^AWS_; true"));
                assert_eq!(left, "0\n", "{line}");
            }
            Some(())
        }],
    );
}

#[test]
fn sts2env() {
    check("sts2env", &[|row| both_make(row, "assumed-role/Plain/")]);
}

/// The console's own side has no line that could be run.
#[test]
fn switch_role() {
    check(
        "The console's switch role",
        &[
            |row| {
                let link = Scene::new()?.output(&row.rolo);
                for part in
                    ["account=333344445555", "roleName=Admin", "displayName=Production", "color=F2B0A9"]
                {
                    assert!(link.contains(part), "{link}");
                }
                Some(())
            },
            |row| {
                let scene = Scene::new()?;
                scene.output("rolo export plain >/dev/null; rolo export hop >/dev/null");
                let listed = scene.output(&row.rolo);
                let place = |role: &str| listed.find(role).unwrap_or_else(|| panic!("{listed}"));
                assert!(place("Hop") < place("Plain"), "{listed}");
                Some(())
            },
            |row| {
                let who = format!("rolo export plain >/dev/null; {}; {WHO}", row.rolo);
                assert!(Scene::new()?.output(&who).contains("assumed-role/Plain/"));
                Some(())
            },
            |row| {
                let line = format!(
                    "unset AWS_PROFILE; eval \"$(rolo export plain)\"; {}; AWS_PROFILE=identity {WHO}",
                    row.rolo
                );
                assert!(Scene::new()?.output(&line).contains(":user/ada"));
                Some(())
            },
        ],
    );
}
