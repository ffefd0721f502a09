//! What somebody wishes a profile to say, and where it must stand to count.
//!
//! New keys go to the credentials file and everything else to the config file, as the AWS CLI has it; what stands
//! elsewhere already is changed where it stands, for there it would hide the new value. Pure. Must not know who wishes.

use crate::{
    Secret,
    profile::{Draft, Profile, SourceFile},
};

const ACCESS_KEY_ID: &str = "aws_access_key_id";
const SECRET_ACCESS_KEY: &str = "aws_secret_access_key";
/// A session token belongs to the key beside it and makes any other one invalid.
const TOKENS: [&str; 2] = ["aws_session_token", "aws_security_token"];
const FILES: [SourceFile; 2] = [SourceFile::Config, SourceFile::Credentials];

/// What is to become of a setting.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Wish {
    /// It stays as it is, there or not.
    #[default]
    Keep,
    /// It gets this value.
    Set(String),
    /// It goes.
    Remove,
}

impl Wish {
    /// The new value, where there is one.
    pub fn value(&self) -> Option<&str> {
        match self {
            Self::Set(value) => Some(value),
            Self::Keep | Self::Remove => None,
        }
    }
}

/// What is to become of the settings of a profile.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Wishes {
    /// `aws_access_key_id`. Its secret and a session token go with it.
    pub access_key_id: Wish,
    /// `aws_secret_access_key`; `None`: it stays.
    pub secret_access_key: Option<Secret>,
    /// `region`.
    pub region: Wish,
    /// `output`.
    pub output: Wish,
    /// `role_arn`. Where it goes, `source_profile` goes with it.
    pub role_arn: Wish,
    /// `source_profile`.
    pub source_profile: Wish,
    /// `mfa_serial`.
    pub mfa_serial: Wish,
}

impl Wishes {
    /// Whether the profile gets another key, or another half of one.
    pub fn set_keys(&self) -> bool {
        self.access_key_id.value().is_some() || self.secret_access_key.is_some()
    }

    /// Where each wish is to be written, for the profile `name` as it is now; `None`: there is none yet.
    pub fn place<'a>(&'a self, name: &'a str, profile: Option<&'a Profile<'_>>) -> Draft<'a> {
        let mut draft = Draft::new(name);
        self.place_keys(profile, &mut draft);
        let source_goes = self.role_arn == Wish::Remove && self.source_profile == Wish::Keep;
        let source_profile = if source_goes { &Wish::Remove } else { &self.source_profile };
        for (key, wish) in [
            ("region", &self.region),
            ("output", &self.output),
            ("role_arn", &self.role_arn),
            ("source_profile", source_profile),
            ("mfa_serial", &self.mfa_serial),
        ] {
            match wish {
                Wish::Keep => {}
                Wish::Set(value) => draft.set(file_of(profile, key), key, value),
                Wish::Remove => remove_everywhere(profile, key, &mut draft),
            }
        }
        draft
    }

    fn place_keys<'a>(&'a self, profile: Option<&'a Profile<'_>>, draft: &mut Draft<'a>) {
        if self.access_key_id == Wish::Remove {
            for key in [ACCESS_KEY_ID, SECRET_ACCESS_KEY].into_iter().chain(TOKENS) {
                remove_everywhere(profile, key, draft);
            }
            return;
        }
        if !self.set_keys() {
            return;
        }
        let file = file_of_keys(profile);
        let stands = |key| profile.and_then(|profile| profile.get_in(file, key));
        for (key, new) in [
            (ACCESS_KEY_ID, self.access_key_id.value()),
            (SECRET_ACCESS_KEY, self.secret_access_key.as_ref().map(Secret::expose)),
        ] {
            // No reader puts a pair together from two files, so the half that is kept comes along.
            let kept = || profile.filter(|_| stands(key).is_none())?.get(key).map(|setting| setting.value);
            if let Some(value) = new.or_else(kept) {
                draft.set(file, key, value);
            }
        }
        for key in TOKENS.into_iter().filter(|key| stands(key).is_some()) {
            draft.remove(file, key);
        }
    }
}

/// The file in which new keys count: the credentials file, which beats the config file, unless the keys stand in the
/// config file alone and nothing of the profile comes before them there.
fn file_of_keys(profile: Option<&Profile<'_>>) -> SourceFile {
    let Some(profile) = profile else { return SourceFile::Credentials };
    let has_key =
        |file| [ACCESS_KEY_ID, SECRET_ACCESS_KEY].iter().any(|key| profile.get_in(file, key).is_some());
    let is_beaten = ["login_session", "credential_process"].iter().any(|key| profile.get(key).is_some());
    if has_key(SourceFile::Config) && !has_key(SourceFile::Credentials) && !is_beaten {
        SourceFile::Config
    } else {
        SourceFile::Credentials
    }
}

/// The file in which any other setting counts: the config file, unless it stands in the credentials file.
fn file_of(profile: Option<&Profile<'_>>, key: &str) -> SourceFile {
    match profile.and_then(|profile| profile.get_in(SourceFile::Credentials, key)) {
        Some(_) => SourceFile::Credentials,
        None => SourceFile::Config,
    }
}

fn remove_everywhere<'a>(profile: Option<&Profile<'_>>, key: &'a str, draft: &mut Draft<'a>) {
    for file in FILES {
        if profile.is_some_and(|profile| profile.get_in(file, key).is_some()) {
            draft.remove(file, key);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::profile::{ConfigFile, ConfigFiles, ProfileSet};

    fn set(value: &str) -> Wish {
        Wish::Set(value.to_owned())
    }

    fn new_keys() -> Wishes {
        Wishes {
            access_key_id: set("AKIANEW"),
            secret_access_key: Some(Secret::new("new")),
            ..Wishes::default()
        }
    }

    /// Config and credentials file after the wishes for `p` were applied to these.
    #[track_caller]
    fn placed(config: &str, credentials: &str, wishes: &Wishes) -> (String, String) {
        let files = ConfigFiles {
            config: ConfigFile::new("config", config),
            credentials: ConfigFile::new("credentials", credentials),
        };
        let profiles = ProfileSet::parse(&files).unwrap();
        let edited = wishes.place("p", profiles.profile("p")).apply(&files).unwrap();
        (edited.config.text().to_owned(), edited.credentials.text().to_owned())
    }

    #[test]
    fn a_new_profile_is_written_as_the_aws_cli_does() {
        let wishes = Wishes { region: set("eu-west-1"), output: set("json"), ..new_keys() };
        assert_eq!(
            placed("", "", &wishes),
            (
                "[profile p]\nregion = eu-west-1\noutput = json\n".to_owned(),
                "[p]\naws_access_key_id = AKIANEW\naws_secret_access_key = new\n".to_owned()
            )
        );
    }

    #[test]
    fn keys_are_written_where_they_count() {
        const OLD: &str = "aws_access_key_id = old\naws_secret_access_key = old\n";
        const NEW: &str = "aws_access_key_id = AKIANEW\naws_secret_access_key = new\n";
        let config = |text: &str| format!("[profile p]\n{text}");
        let credentials = |text: &str| format!("[p]\n{text}");
        // (config, credentials) before and after
        for (before, after) in [
            ((config(OLD), String::new()), (config(NEW), String::new())),
            ((String::new(), credentials(OLD)), (String::new(), credentials(NEW))),
            ((config(OLD), credentials(OLD)), (config(OLD), credentials(NEW))),
            (
                (config(&format!("credential_process = x\n{OLD}")), String::new()),
                (config(&format!("credential_process = x\n{OLD}")), credentials(NEW)),
            ),
            (
                (config("region = a\n"), credentials(&format!("{OLD}aws_session_token = t\n"))),
                (config("region = a\n"), credentials(NEW)),
            ),
        ] {
            assert_eq!(placed(&before.0, &before.1, &new_keys()), after, "{before:?}");
        }
    }

    #[test]
    fn a_kept_half_comes_along() {
        let wishes = Wishes { secret_access_key: Some(Secret::new("new")), ..Wishes::default() };
        let config = "[profile p]\ncredential_process = x\naws_access_key_id = AKIAOLD\n";
        let (_, credentials) = placed(config, "", &wishes);
        assert_eq!(credentials, "[p]\naws_access_key_id = AKIAOLD\naws_secret_access_key = new\n");
    }

    #[test]
    fn settings_are_changed_where_they_stand_and_removed_everywhere() {
        let config = "[profile p]\nregion = a\nrole_arn = r\nsource_profile = s\n";
        let credentials =
            "[p]\nregion = b\naws_access_key_id = i\naws_secret_access_key = s\naws_session_token = t\n";
        let wishes = Wishes { region: set("c"), ..Wishes::default() };
        assert_eq!(
            placed(config, credentials, &wishes),
            (config.to_owned(), credentials.replace("= b", "= c"))
        );
        let wishes = Wishes {
            access_key_id: Wish::Remove,
            region: Wish::Remove,
            role_arn: Wish::Remove,
            mfa_serial: Wish::Remove,
            ..Wishes::default()
        };
        assert_eq!(placed(config, credentials, &wishes), ("[profile p]\n".to_owned(), "[p]\n".to_owned()));
    }
}
