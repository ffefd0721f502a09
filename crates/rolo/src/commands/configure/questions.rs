//! The questions of `rolo configure`, in the order in which one answer leads to the next.
//!
//! Must not write, and must not know how a question is asked.

use rolo_core::{
    Secret,
    configure::{Wish, Wishes},
};

use super::{forms, offers, subject::Subject};
use crate::{
    error::CliError,
    hints::explain_no_answer,
    ui::{
        escape::escape,
        question::{Converse, Menu, NoAnswer, ask_hidden_until, ask_until},
    },
};

const HIDDEN: &str = "****************";

/// Asks for every setting that is of use to the profile. Keys are checked as soon as they and the region are known.
pub(super) fn ask(subject: &Subject<'_>, person: &dyn Converse) -> Result<Wishes, CliError> {
    let is_new = if subject.profile.is_none() { " is new" } else { "" };
    let name = escape(subject.name);
    say(
        person,
        &format!("Profile `{name}`{is_new}. Enter keeps what stands in brackets, `-` removes it.\n"),
    )?;
    let questions = Questions { subject, person };
    let mut wishes = Wishes { access_key_id: questions.access_key_id()?, ..Wishes::default() };
    if subject.has_access_key(&wishes) {
        wishes.secret_access_key = questions.secret_access_key(&wishes)?;
    }
    wishes.region = questions.setting("Region", "region", &[], forms::region)?;
    wishes.output = questions.setting("Output format", "output", &[], forms::output)?;
    if wishes.set_keys() {
        subject.check_keys(&wishes)?;
    }
    wishes.role_arn = questions.role_arn(&wishes)?;
    let has_role = subject.effective("role_arn", &wishes.role_arn).is_some();
    if has_role && !subject.has_other_source() {
        wishes.source_profile = questions.source_profile(&wishes)?;
    }
    if has_role || subject.has_access_key(&wishes) {
        let devices = offers::devices(subject, &wishes)?;
        let menu = menu("MFA devices; type a number, or a serial:", &devices, person)?;
        wishes.mfa_serial = questions.setting("MFA serial", "mfa_serial", menu, forms::mfa_serial)?;
    }
    Ok(wishes)
}

/// Shows what is offered, where there is something.
fn menu<'o>(title: &str, items: &'o [String], person: &dyn Converse) -> Result<&'o [String], CliError> {
    if !items.is_empty() {
        say(person, &Menu { title, items }.render())?;
    }
    Ok(items)
}

fn say(person: &dyn Converse, text: &str) -> Result<(), CliError> {
    person.say(text).map_err(|error| explain_no_answer(NoAnswer::Terminal(error)))
}

struct Questions<'a> {
    subject: &'a Subject<'a>,
    person: &'a dyn Converse,
}

impl Questions<'_> {
    fn access_key_id(&self) -> Result<Wish, CliError> {
        let present = self.subject.present("aws_access_key_id");
        let shown = present.map(last_four);
        self.wish("Access key id", shown.as_deref(), &[], forms::access_key_id)
    }

    fn secret_access_key(&self, wishes: &Wishes) -> Result<Option<Secret>, CliError> {
        let is_there = self.subject.has_secret(wishes);
        let prompt = prompt("Secret access key", is_there.then_some(HIDDEN));
        ask_hidden_until(self.person, &prompt, |secret| match secret.is_empty() {
            true if is_there => Ok(None),
            true => Err("the access key is of no use without its secret".to_owned()),
            false => forms::secret_access_key(secret).map(Some),
        })
        .map_err(explain_no_answer)
    }

    /// Whoever has just given keys to a profile hardly wants a role for it, so none is offered there.
    fn role_arn(&self, wishes: &Wishes) -> Result<Wish, CliError> {
        let is_role = self.subject.present("role_arn").is_some();
        let roles = if is_role || !self.subject.has_access_key(wishes) {
            offers::roles(self.subject)
        } else {
            Vec::new()
        };
        let roles =
            menu("Roles of other profiles; type a number, an ARN, or ACCOUNT:ROLE:", &roles, self.person)?;
        let region = self.subject.effective("region", &wishes.region);
        self.setting("Role ARN", "role_arn", roles, |text| forms::role_arn(text, region))
    }

    fn source_profile(&self, wishes: &Wishes) -> Result<Wish, CliError> {
        let sources = offers::sources(self.subject, wishes);
        menu("Profiles to assume the role from; type a number, or a name:", &sources, self.person)?;
        let present = self.subject.present("source_profile");
        let prompt = prompt("Source profile", present);
        let mut failed = None;
        let answer = ask_until(self.person, &prompt, |line| {
            let wish = match line {
                "" if present.is_some() => Wish::Keep,
                "" | "-" => return Err("a role needs a profile to be assumed from".to_owned()),
                line => Wish::Set(chosen(line, &sources).unwrap_or(line).to_owned()),
            };
            let wishes = Wishes { source_profile: wish, ..wishes.clone() };
            match self.source_problem(&wishes) {
                Ok(None) => Ok(wishes.source_profile),
                Ok(Some(problem)) => Err(problem),
                Err(error) => {
                    failed = Some(error);
                    Ok(Wish::Keep)
                }
            }
        });
        match failed {
            Some(error) => Err(error),
            None => answer.map_err(explain_no_answer),
        }
    }

    /// What is wrong with the source, in words.
    fn source_problem(&self, wishes: &Wishes) -> Result<Option<String>, CliError> {
        let subject = self.subject;
        if !subject.is_checked {
            return Ok(None);
        }
        let source = subject.effective("source_profile", &wishes.source_profile).unwrap_or_default();
        if source != subject.name && subject.set.profile(source).is_none() {
            let near = subject.set.suggest(source).map(|near| format!("; did you mean `{near}`?"));
            return Ok(Some(format!("there is no profile `{source}`{}", near.unwrap_or_default())));
        }
        Ok(subject.problem(wishes)?.map(|error| error.to_string()))
    }

    fn setting(
        &self,
        label: &str,
        key: &str,
        offered: &[String],
        form: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Wish, CliError> {
        self.wish(label, self.subject.present(key), offered, form)
    }

    fn wish(
        &self,
        label: &str,
        present: Option<&str>,
        offered: &[String],
        form: impl Fn(&str) -> Result<String, String>,
    ) -> Result<Wish, CliError> {
        ask_until(self.person, &prompt(label, present), |line| match line {
            "" => Ok(Wish::Keep),
            "-" => Ok(if present.is_some() { Wish::Remove } else { Wish::Keep }),
            line => self.subject.accept(chosen(line, offered).unwrap_or(line), &form).map(Wish::Set),
        })
        .map_err(explain_no_answer)
    }
}

fn prompt(label: &str, present: Option<&str>) -> String {
    format!("{label} [{}]: ", escape(present.unwrap_or("none")))
}

/// The item that `line` means.
fn chosen<'o>(line: &str, offered: &'o [String]) -> Option<&'o str> {
    let index = Menu { title: "", items: offered }.find(line)?;
    offered.get(index).map(String::as_str)
}

/// As much of an access key id as tells it from another.
fn last_four(id: &str) -> String {
    let letters = id.chars().count();
    let shown: String = id.chars().skip(letters.saturating_sub(4)).collect();
    format!("{HIDDEN}{}", if letters > 8 { shown.as_str() } else { "" })
}
