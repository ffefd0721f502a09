//! Many of rolo at once, as a parallel build starts them: one call, one prompt, equal answers, whoever dies.

use std::{
    fs::{self, File},
    process::{Child, Stdio},
    time::Duration,
};

use expectrl::Expect;
use fake_aws::Fault;

use crate::{
    programs::{PLAIN, start, wait_for},
    terminal::rest,
    world::{Ran, World},
};

const MANY: usize = 100;
const OTHERS: usize = 20;

fn ends(children: Vec<Child>) -> Vec<Ran> {
    children.into_iter().map(|child| Ran::from(child.wait_with_output().unwrap()).ok()).collect()
}

/// # Panics
/// If two answers differ.
fn the_one_answer(answers: &[Ran]) -> &Ran {
    let first = &answers[0];
    assert!(answers.iter().all(|answer| answer.stdout == first.stdout), "{answers:#?}");
    first
}

#[test]
fn a_hundred_at_once_make_one_call_each_way() {
    let world = World::new();
    let children = (0..MANY).map(|_| start(&mut world.command_with_code(&["process", "prod"])));
    let answers = ends(children.collect());
    let key = the_one_answer(&answers).key();
    let calls = world.fake.calls();
    let actions: Vec<_> = calls.iter().map(|call| call.action.as_str()).collect();
    assert_eq!(actions, ["GetSessionToken", "AssumeRole"]);
    assert_eq!(calls[1].issued, Some(key));
}

#[test]
fn a_hundred_at_a_terminal_ask_once() {
    let world = World::new();
    let mut session = world.in_terminal(&format!(
        "mkdir out; for i in $(seq {MANY}); do rolo process prod >out/$i & done
        wait; echo all ended; md5sum out/* | cut -c-32 | sort | uniq -c"
    ));
    session.expect("MFA code for ").unwrap();
    session.send_line(world.fake.mfa_code("ada")).unwrap();
    let text = rest(&mut session);
    assert!(!text.contains("MFA code for "), "{text}");
    let (_, answers) = text.split_once("all ended").unwrap();
    let answers: Vec<_> = answers.split_whitespace().collect();
    assert_eq!((answers.len(), answers[0]), (2, "100"), "each answer is the same: {text}");
    assert_eq!(world.calls(), ["GetSessionToken", "AssumeRole"]);
    let one = fs::read_to_string(world.path("out/1")).unwrap();
    assert!(one.contains("AccessKeyId"), "{one}");
}

#[test]
fn when_the_holder_is_killed_one_other_takes_its_place() {
    let world = World::new();
    world.fake.fault(Fault::slow(Duration::from_mins(1)).on("AssumeRole"));
    let mut holder = start(&mut world.command(&["process", "plain"]));
    let pid = holder.id().to_string();
    let holds = |(_, name): &(_, Vec<u8>)| String::from_utf8_lossy(name).split(' ').next() == Some(&pid);
    wait_for("the holder's lock", || world.contents(".cache/rolo/locks").iter().any(holds).then_some(()));

    let saying = |index: usize| world.path(&format!("says-{index}"));
    let others: Vec<_> = (0..OTHERS)
        .map(|index| {
            let mut other = world.command(&["process", "plain"]);
            other.stdout(Stdio::piped()).stderr(File::create(saying(index)).unwrap()).spawn().unwrap()
        })
        .collect();
    let said = || (0..OTHERS).map(|index| fs::read_to_string(saying(index)).unwrap());
    wait_for("all to say whom they wait for", || said().all(|said| said.ends_with('\n')).then_some(()));
    holder.kill().unwrap();
    holder.wait().unwrap();
    let answers = ends(others);
    let key = the_one_answer(&answers).key();
    let issued: Vec<_> = world.fake.calls().into_iter().map(|call| (call.action, call.issued)).collect();
    assert_eq!(issued, [("AssumeRole".to_owned(), Some(key))], "one further call");
    let waiting = format!("waiting for process {pid}, which is getting role `{PLAIN}` of profile `plain`\n");
    assert!(said().all(|said| said == waiting), "{:?}", said().collect::<Vec<_>>());
}

#[test]
fn those_who_lack_a_person_do_not_hold_up_those_who_need_none() {
    let world = World::new();
    // The role of `prod` needs a person, whom nobody in the crowd has; that of `dev` does not, and is had meanwhile.
    let prod: Vec<_> = (0..10).map(|_| start(&mut world.command(&["process", "prod"]))).collect();
    let dev: Vec<_> = (0..10).map(|_| start(&mut world.command(&["process", "plain"]))).collect();
    the_one_answer(&ends(dev));
    for child in prod {
        assert_eq!(Ran::from(child.wait_with_output().unwrap()).code, 4);
    }
    assert_eq!(world.calls(), ["AssumeRole"]);
}
