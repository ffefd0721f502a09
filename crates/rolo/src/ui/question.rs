//! Questions with several answers to choose from, or with one to be kept, asked until the answer is of use.
//!
//! Must not know what is asked, nor AWS: texts come in and answers go out.

use std::{fmt::Write, io};

use rolo_core::Secret;

use super::{escape::escape, terminal::Terminal};

/// Somebody who can be told something and asked for a line: a person at the terminal.
pub trait Converse {
    /// Writes `text` as it is; the caller has escaped it.
    fn say(&self, text: &str) -> io::Result<()>;

    /// Says `prompt` and reads a line, trimmed; `None`: the person gave up.
    fn ask(&self, prompt: &str) -> io::Result<Option<String>>;

    /// The same with nothing shown of what is typed.
    fn ask_hidden(&self, prompt: &str) -> io::Result<Option<Secret>>;
}

impl Converse for Terminal {
    fn say(&self, text: &str) -> io::Result<()> {
        Terminal::say(self, text)
    }

    fn ask(&self, prompt: &str) -> io::Result<Option<String>> {
        Terminal::say(self, prompt)?;
        let line = self.read_line()?;
        if line.is_none() {
            // Ctrl-D leaves the cursor behind the prompt. That the line stays unfinished is no failure of its own.
            let _ = Terminal::say(self, "\n");
        }
        Ok(line.map(|line| line.expose().to_owned()))
    }

    fn ask_hidden(&self, prompt: &str) -> io::Result<Option<Secret>> {
        self.read_hidden_line(prompt)
    }
}

/// Why there is no answer.
#[derive(Debug, thiserror::Error)]
pub enum NoAnswer {
    /// No terminal, or not in its foreground.
    #[error("there is no terminal to ask on")]
    NobodyToAsk,
    /// The person gave up (end of input, interrupt).
    #[error("no answer was given")]
    Declined,
    /// The terminal failed.
    #[error("the terminal could not be read")]
    Terminal(#[source] io::Error),
}

/// Asks `prompt` until `read` takes the answer; what `read` has against one is said before it is asked again.
pub fn ask_until<T>(
    person: &dyn Converse,
    prompt: &str,
    mut read: impl FnMut(&str) -> Result<T, String>,
) -> Result<T, NoAnswer> {
    loop {
        let line = person.ask(prompt).map_err(NoAnswer::Terminal)?.ok_or(NoAnswer::Declined)?;
        match read(&line) {
            Ok(answer) => return Ok(answer),
            Err(problem) => say_problem(person, &problem)?,
        }
    }
}

/// The same for an answer that is not shown.
pub fn ask_hidden_until<T>(
    person: &dyn Converse,
    prompt: &str,
    mut read: impl FnMut(Secret) -> Result<T, String>,
) -> Result<T, NoAnswer> {
    loop {
        let line = person.ask_hidden(prompt).map_err(NoAnswer::Terminal)?.ok_or(NoAnswer::Declined)?;
        match read(line) {
            Ok(answer) => return Ok(answer),
            Err(problem) => say_problem(person, &problem)?,
        }
    }
}

fn say_problem(person: &dyn Converse, problem: &str) -> Result<(), NoAnswer> {
    person.say(&format!("{}\n", escape(problem))).map_err(NoAnswer::Terminal)
}

/// Several things of which one is wanted.
#[derive(Debug, Clone, Copy)]
pub struct Menu<'a> {
    /// What they are, on a line of its own above them.
    pub title: &'a str,
    /// The things, numbered from 1 in this order.
    pub items: &'a [String],
}

impl Menu<'_> {
    /// Shows the items and asks for the number of one until there is such an item; its index.
    pub fn choose(&self, person: &dyn Converse) -> Result<usize, NoAnswer> {
        person.say(&self.render()).map_err(NoAnswer::Terminal)?;
        ask_until(person, &format!("Number (1-{}): ", self.items.len()), |line| {
            self.find(line).ok_or_else(|| match line {
                "" => "type one of the numbers".to_owned(),
                _ => format!("`{line}` is none of the numbers"),
            })
        })
    }

    /// The index of the item that `line` means: by its number, or word for word.
    pub fn find(&self, line: &str) -> Option<usize> {
        if let Some(index) = self.items.iter().position(|item| item == line) {
            return Some(index);
        }
        let number: usize = line.parse().ok()?;
        (1..=self.items.len()).contains(&number).then(|| number - 1)
    }

    /// The title and the items, a line each, harmless to a terminal.
    pub fn render(&self) -> String {
        let mut text = format!("{}\n", escape(self.title));
        let width = self.items.len().to_string().len();
        for (number, item) in (1..).zip(self.items) {
            // Writing into a `String` cannot fail.
            let _ = writeln!(text, "  {number:>width$}  {}", escape(item));
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use std::cell::RefCell;

    use super::*;

    /// Gives its answers in turn, then gives up; keeps what it was told.
    struct Script<'a> {
        answers: RefCell<std::slice::Iter<'a, &'a str>>,
        told: RefCell<String>,
    }

    impl<'a> Script<'a> {
        fn new(answers: &'a [&'a str]) -> Self {
            Self { answers: RefCell::new(answers.iter()), told: RefCell::default() }
        }
    }

    impl Converse for Script<'_> {
        fn say(&self, text: &str) -> io::Result<()> {
            self.told.borrow_mut().push_str(text);
            Ok(())
        }

        fn ask(&self, prompt: &str) -> io::Result<Option<String>> {
            let answer = self.answers.borrow_mut().next().map(|answer| (*answer).to_owned());
            self.say(&format!("{prompt}{}\n", answer.as_deref().unwrap_or("^D")))?;
            Ok(answer)
        }

        fn ask_hidden(&self, prompt: &str) -> io::Result<Option<Secret>> {
            self.say(&format!("{prompt}\n"))?;
            Ok(self.answers.borrow_mut().next().map(|answer| Secret::new(*answer)))
        }
    }

    fn devices() -> Vec<String> {
        vec!["arn:aws:iam::111122223333:mfa/ada".to_owned(), "GAHT12345678\u{1b}[2J".to_owned()]
    }

    #[test]
    fn a_menu_is_asked_until_the_answer_is_in_it() {
        let items = devices();
        let person = Script::new(&["", "3", "0", "two", "2"]);
        let chosen = Menu { title: "MFA devices of `ada`:", items: &items }.choose(&person);
        assert_eq!(chosen.unwrap(), 1);
        insta::assert_snapshot!(person.told.take(), @r"
        MFA devices of `ada`:
          1  arn:aws:iam::111122223333:mfa/ada
          2  GAHT12345678\u{1b}[2J
        Number (1-2): 
        type one of the numbers
        Number (1-2): 3
        `3` is none of the numbers
        Number (1-2): 0
        `0` is none of the numbers
        Number (1-2): two
        `two` is none of the numbers
        Number (1-2): 2
        ");
    }

    #[test]
    fn an_item_may_be_typed_out_and_nobody_is_asked_forever() {
        let items = devices();
        let menu = Menu { title: "devices", items: &items };
        assert_eq!(menu.choose(&Script::new(&["arn:aws:iam::111122223333:mfa/ada"])).unwrap(), 0);
        assert!(matches!(menu.choose(&Script::new(&["9"])), Err(NoAnswer::Declined)));
        let numbers = ["2".to_owned(), "1".to_owned()];
        assert_eq!(
            Menu { title: "", items: &numbers }.find("2"),
            Some(0),
            "what is there goes before its place"
        );
    }

    #[test]
    fn a_hidden_answer_is_asked_again_and_never_said() {
        let person = Script::new(&["hunter2", "correct-horse"]);
        let answer = ask_hidden_until(&person, "Secret: ", |secret| match secret.expose().len() {
            13 => Ok(secret),
            _ => Err("that is\u{7} too short".to_owned()),
        });
        assert_eq!(answer.unwrap().expose(), "correct-horse");
        assert_eq!(person.told.take(), "Secret: \nthat is\\u{7} too short\nSecret: \n");
    }
}
