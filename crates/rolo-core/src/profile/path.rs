//! Paths as AWS's variables spell them: `$VAR`, `${VAR}`, `~` and `~user` expanded as botocore does.
//!
//! Must not know which file is meant.

use std::path::PathBuf;

use crate::host::{Env, Files, Host};

/// Where accounts and their homes are looked up, as far as a file tells; directory services are not asked.
const PASSWD: &str = "/etc/passwd";

/// Expands variables, then a leading `~`. What is not known stays as it is written. The values of variables are not
/// expanded again, but one that starts with `~` at the beginning of the path is.
pub fn expand(host: &Host<'_>, text: &str) -> PathBuf {
    PathBuf::from(expand_user(host, expand_variables(host.env, text)))
}

fn expand_variables(env: &dyn Env, text: &str) -> String {
    let mut expanded = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('$') {
        let (before, dollar) = rest.split_at(at);
        expanded.push_str(before);
        let (reference, name) = reference(dollar);
        match name.filter(|name| !name.is_empty()).and_then(|name| env.var(name)) {
            Some(value) => expanded.push_str(&value),
            None => expanded.push_str(reference),
        }
        rest = &dollar[reference.len()..];
    }
    expanded.push_str(rest);
    expanded
}

/// The `$NAME` or `${NAME}` that a text starts with, and the name in it; a `$` that starts neither stands alone.
fn reference(dollar: &str) -> (&str, Option<&str>) {
    let after = &dollar[1..];
    if let Some(inner) = after.strip_prefix('{')
        && let Some(end) = inner.find('}')
    {
        return (&dollar[..end + 3], Some(&inner[..end]));
    }
    let is_word = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_';
    let len = after.bytes().take_while(|&byte| is_word(byte)).count();
    (&dollar[..=len], Some(&after[..len]).filter(|name| !name.is_empty()))
}

fn expand_user(host: &Host<'_>, path: String) -> String {
    let Some(after) = path.strip_prefix('~') else { return path };
    let (user, rest) = after.split_at(after.find('/').unwrap_or(after.len()));
    let home = if user.is_empty() {
        host.env.var("HOME").or_else(|| {
            let own_id = rustix::process::getuid().as_raw().to_string();
            home_in_passwd(host.files, |_, id| id == own_id)
        })
    } else {
        home_in_passwd(host.files, |name, _| name == user)
    };
    match home {
        // An empty `HOME` makes `~` the root, as in Python.
        Some(home) => match format!("{}{rest}", home.trim_end_matches('/')) {
            path if path.is_empty() => "/".to_owned(),
            path => path,
        },
        None => path,
    }
}

fn home_in_passwd(files: &dyn Files, is_wanted: impl Fn(&str, &str) -> bool) -> Option<String> {
    let bytes = files.read(PASSWD.as_ref()).ok()?;
    let text = String::from_utf8_lossy(&bytes);
    text.lines().find_map(|line| {
        let mut fields = line.split(':');
        let (name, id) = (fields.next()?, fields.nth(1)?);
        is_wanted(name, id).then(|| fields.nth(2).map(str::to_owned)).flatten()
    })
}
