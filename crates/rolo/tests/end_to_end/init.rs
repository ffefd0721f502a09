//! What `rolo init` prints, as the shells' own checkers see it.

use crate::{
    tools,
    world::{World, run},
};

const PARSE_POWERSHELL: &str = "\
import sys
from tree_sitter import Language, Parser
import tree_sitter_powershell
tree = Parser(Language(tree_sitter_powershell.language())).parse(open(sys.argv[1], 'rb').read())
assert not tree.root_node.has_error, tree.root_node
";

#[test]
fn what_init_prints_is_sound() {
    let world = World::new();
    for (shell, checker, args) in [
        ("bash", "bash", &["-n"][..]),
        ("bash", "shellcheck", &["--severity=style"]),
        ("zsh", "zsh", &["-n"]),
        ("fish", "fish", &["-n"]),
        ("elvish", "elvish", &["-compileonly"]),
        ("powershell", "tree-sitter-powershell", &["parse.py"]),
    ] {
        let Some(tool) = tools::find(checker) else { continue };
        world.write("parse.py", PARSE_POWERSHELL);
        let file = world.write("init", &world.rolo(&["init", shell, "--auto"]).quiet());
        let mut command = world.bare_command(tool.get_program().as_ref());
        command.args(args).arg(file);
        assert_eq!(run(command).quiet(), "", "{shell} {checker}");
    }
}
