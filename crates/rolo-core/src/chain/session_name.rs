//! The session name of a role where nobody gave one: who it is, in STS's alphabet.
//!
//! It shows in CloudTrail and in `whoami`, so it tells the person and the machine: `ada@laptop`.

use crate::host::Env;

const LEAST: usize = 2;
const MOST: usize = 64;

/// `USER@HOST`, from variables and the host's name alone.
pub fn default_session_name(env: &dyn Env, host_name: &str) -> String {
    let user =
        ["USER", "LOGNAME"].into_iter().find_map(|name| env.var(name).filter(|value| !value.is_empty()));
    render_session_name(user.as_deref(), host_name)
}

fn render_session_name(user: Option<&str>, host_name: &str) -> String {
    let host = host_name.split('.').next().unwrap_or_default();
    let text = match user {
        Some(user) if host.is_empty() => user.to_owned(),
        Some(user) => format!("{user}@{host}"),
        None => format!("rolo@{host}"),
    };
    fit_session_name(&text)
}

/// `text` in STS's alphabet and within its lengths.
pub fn fit_session_name(text: &str) -> String {
    let mut name: String = text
        .chars()
        .map(|c| if c.is_ascii_alphanumeric() || "_+=,.@-".contains(c) { c } else { '-' })
        .collect();
    name.truncate(MOST);
    if name.len() < LEAST {
        name = format!("rolo-{name}");
    }
    name
}

/// This machine's name, as `uname` tells it.
pub fn host_name() -> String {
    rustix::system::uname().nodename().to_string_lossy().into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_fit_the_alphabet_of_sts() {
        assert_eq!(render_session_name(Some("ada"), "laptop.example.org"), "ada@laptop");
        assert_eq!(render_session_name(Some("Ada Lovelace"), "büro"), "Ada-Lovelace@b-ro");
        assert_eq!(render_session_name(None, ""), "rolo@");
        assert_eq!(render_session_name(Some("a"), ""), "rolo-a");
        assert_eq!(render_session_name(Some(&"x".repeat(80)), "h").len(), 64);
    }
}
