//! Whatever rolo does but what is asked to write them, `~/.aws/config` and `~/.aws/credentials` stay as they are, to the byte and the second.

use std::{
    fs,
    os::unix::fs::{MetadataExt, PermissionsExt, symlink},
    path::Path,
};

use crate::world::{World, run};

const FILES: [&str; 2] = [".aws/config", ".aws/credentials"];

/// Which file it is, and all that changing it would change.
fn state(path: &Path) -> (u64, u32, i64, i64, i64, i64, Vec<u8>) {
    let meta = fs::metadata(path).unwrap();
    let content = fs::read(path).unwrap();
    (meta.ino(), meta.mode(), meta.mtime(), meta.mtime_nsec(), meta.ctime(), meta.ctime_nsec(), content)
}

fn run_everything(world: &World) {
    // A section that is not quite right tempts to correct it.
    for (words, code) in [
        (&["process", "prod"][..], 0),
        (&["export", "prod"], 0),
        (&["export", "--format", "ini", "plain"], 0),
        (&["exec", "plain", "--", "true"], 0),
        (&["process", "--refresh", "plain"], 0),
        (&["process", "--read-only", "plain"], 0),
        (&["whoami", "plain"], 0),
        (&["list"], 0),
        (&["unset", "--all"], 0),
        (&["session", "identity"], 0),
        (&["history"], 0),
        (&["history", "--clear"], 0),
        (&["cache", "list"], 0),
        (&["cache", "clear", "prod"], 0),
        (&["cache", "clear", "--expired"], 0),
        (&["cache", "clear", "--all"], 0),
        (&["process", "prdo"], 3),
        (&["process", "--nonsense"], 2),
    ] {
        let ran = run(&mut world.command_with_code(words));
        assert_eq!(ran.code, code, "{words:?}: {ran:#?}");
    }
}

#[test]
fn no_other_command_writes_to_the_files_of_aws() {
    for mode in [0o644, 0o600, 0o400] {
        let world = World::new();
        let paths = FILES.map(|file| world.path(file));
        for path in &paths {
            fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
        }
        let before = paths.each_ref().map(|path| state(path));
        run_everything(&world);
        assert_eq!(paths.each_ref().map(|path| state(path)), before, "{mode:o}");
        let mut names: Vec<_> =
            fs::read_dir(world.path(".aws")).unwrap().map(|entry| entry.unwrap().file_name()).collect();
        names.sort();
        assert_eq!(names, ["cli", "config", "credentials"], "nothing was put beside them");
    }
}

#[test]
fn files_that_are_links_stay_links() {
    let world = World::new();
    fs::create_dir(world.path("dotfiles")).unwrap();
    let targets = FILES.map(|file| {
        let target = world.path("dotfiles").join(Path::new(file).file_name().unwrap());
        fs::rename(world.path(file), &target).unwrap();
        symlink(&target, world.path(file)).unwrap();
        target
    });
    let before = targets.each_ref().map(|path| state(path));
    run_everything(&world);
    assert_eq!(targets.each_ref().map(|path| state(path)), before);
    for (file, target) in FILES.iter().zip(&targets) {
        assert_eq!(fs::read_link(world.path(file)).unwrap(), *target);
    }
    assert_eq!(fs::read_dir(world.path("dotfiles")).unwrap().count(), FILES.len());
}
