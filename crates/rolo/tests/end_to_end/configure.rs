//! `rolo configure`: what is written to the two files of AWS, when nothing is, and what is asked.

mod asked;
mod given;
mod written;

use std::{fs, io::Write, process::Stdio};

use crate::world::{Ran, World};

const DEVICE: &str = "arn:aws:iam::111122223333:mfa/ada";

impl World {
    /// A home without a folder of AWS's, beside the usual AWS.
    fn fresh() -> Self {
        let world = Self::new();
        fs::remove_dir_all(world.path(".aws")).unwrap();
        world
    }

    /// `rolo configure WORDS…` with `input` on standard input.
    fn configure(&self, words: &[&str], input: &str) -> Ran {
        let mut command = self.command(&[&["configure"], words].concat());
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped());
        let mut child = command.spawn().unwrap();
        // rolo may end without reading, which is for the test to judge by how it ended.
        let _ = child.stdin.take().unwrap().write_all(input.as_bytes());
        child.wait_with_output().unwrap().into()
    }

    /// Config and credentials file; empty where there is none.
    fn both_files(&self) -> [String; 2] {
        [".aws/config", ".aws/credentials"]
            .map(|path| fs::read_to_string(self.path(path)).unwrap_or_default())
    }
}

impl Ran {
    /// Standard error of a run that wrote what it was asked to, and printed nothing.
    #[track_caller]
    fn wrote(self) -> String {
        assert_eq!((self.code, self.stdout.as_str()), (0, ""), "{self:?}");
        self.stderr
    }
}
