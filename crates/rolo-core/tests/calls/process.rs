//! `credential_process`.

use std::fs;

use rolo_core::{
    Credentials,
    provider::{
        ProviderError,
        process::{self, ProcessSource},
    },
};

use crate::{
    put,
    wire::{World, in_secs},
};

fn run_process(command: &str) -> Result<Credentials, ProviderError> {
    let source = ProcessSource { command: command.to_owned(), account_id: Some("111122223333".to_owned()) };
    let env = [("_ROLO_PROFILE_CHAIN".to_owned(), "a,b".to_owned())];
    process::fetch_credentials(World::new(&[]).host(), &source, &env)
}

fn script(body: &str) -> String {
    format!("/bin/sh -c '{body}'")
}

#[test]
fn a_program_gives_credentials() {
    let answer = r#"echo "{\"Version\": 1, \"AccessKeyId\": \"AKIDP\", \"SecretAccessKey\": \"s\"}""#;
    let credentials = run_process(&script(answer)).unwrap();
    assert_eq!(credentials.access_key_id, "AKIDP");
    assert_eq!((credentials.session_token, credentials.expiration), (None, None));
    assert_eq!(credentials.account_id.as_deref(), Some("111122223333"));
    let at = in_secs(3600);
    let answer = format!(
        r#"echo "{{\"Version\": 1, \"AccessKeyId\": \"$_ROLO_PROFILE_CHAIN\", \"SecretAccessKey\": \"s\", \"SessionToken\": \"t\", \"Expiration\": \"{at}\", \"AccountId\": \"1\"}}""#
    );
    let credentials = run_process(&script(&answer)).unwrap();
    assert_eq!(credentials.access_key_id, "a,b", "the chain goes to the program");
    assert_eq!(credentials.session_token.unwrap().expose(), "t");
    assert_eq!(credentials.expiration, Some(at.parse().unwrap()));
    assert_eq!(credentials.account_id.as_deref(), Some("1"));
}

#[test]
fn a_failing_program_is_told_without_its_arguments_and_words() {
    let error = run_process("/bin/sh -c 'echo secret=s3cret >&2; exit 7' pa55word").unwrap_err();
    let seen = format!("{error} {error:?}");
    assert_eq!(error.to_string(), "`/bin/sh` ended with exit code 7");
    assert!(!seen.contains("s3cret") && !seen.contains("pa55word"), "{seen}");
    let ProviderError::ProcessFailed { stderr, .. } = error else { panic!("{error:?}") };
    assert_eq!(stderr.expose(), "secret=s3cret\n");
    let missing = run_process("/nowhere/at-all pa55word").unwrap_err();
    assert!(matches!(missing, ProviderError::ProcessNotRun { .. }), "{missing:?}");
    for command in ["", " ", "'open"] {
        let error = run_process(command).unwrap_err();
        assert!(matches!(error, ProviderError::ProcessCommand { .. }), "{error:?}");
    }
}

#[test]
fn a_wrong_answer_is_told_without_its_values() {
    for answer in [
        r#"{"Version": "1", "AccessKeyId": "A", "SecretAccessKey": "s3cret"}"#,
        r#"{"Version": 2, "AccessKeyId": "A", "SecretAccessKey": "s3cret"}"#,
        r#"{"AccessKeyId": "A", "SecretAccessKey": "s3cret"}"#,
        r#"{"Version": 1, "SecretAccessKey": "s3cret"}"#,
        r#"{"Version": 1, "AccessKeyId": "A", "secretaccesskey": "s3cret"}"#,
        r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": "s3cret", "Expiration": "soon"}"#,
        r#"{"Version": 1, "AccessKeyId": "A", "SecretAccessKey": ["s3cret"]}"#,
        r#"["s3cret"]"#,
        r"s3cret",
        "",
    ] {
        let folder = tempfile::tempdir().unwrap();
        let file = put(&folder, "answer", answer);
        let error = run_process(&format!("cat {}", file.display())).unwrap_err();
        let (ProviderError::BadCredentials { .. } | ProviderError::ProcessAnswer { .. }) = error else {
            panic!("{answer}: {error:?}")
        };
        assert!(!format!("{error} {error:?}").contains("s3cret"));
    }
}

#[test]
fn a_program_with_expired_credentials_is_run_once_more() {
    let folder = tempfile::tempdir().unwrap();
    let count = folder.path().join("count");
    let program = |second: &str| {
        let body = format!(
            "#!/bin/sh\necho >> {0}\nat={1}\n[ $(wc -l < {0}) = 2 ] && at={second}\ncat <<X\n{{\"Version\": 1, \
             \"AccessKeyId\": \"A\", \"SecretAccessKey\": \"s\", \"Expiration\": \"$at\"}}\nX\n",
            count.display(),
            in_secs(-60)
        );
        let _ = fs::remove_file(&count);
        format!("sh {}", put(&folder, "program", &body).display())
    };
    run_process(&program(&in_secs(60))).unwrap();
    let error = run_process(&program(&in_secs(-1))).unwrap_err();
    assert!(matches!(error, ProviderError::StillExpired { .. }), "{error:?}");
    assert_eq!(fs::read_to_string(&count).unwrap().len(), 2);
}
