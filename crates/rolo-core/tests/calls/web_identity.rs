//! Web identity.

use rolo_core::{
    arn::RoleArn,
    provider::{
        ProviderError,
        web_identity::{self, WebIdentitySource},
    },
};

use crate::{no_aws, put, wire::World};

#[test]
fn a_token_file_that_cannot_be_read_stops_before_the_call() {
    let folder = tempfile::tempdir().unwrap();
    let world = World::new(&[]);
    let mut source = WebIdentitySource {
        token_file: folder.path().join("missing"),
        role_arn: RoleArn::new("arn:aws:iam::123456789012:role/RoleA"),
        role_session_name: "me".to_owned(),
    };
    let error = web_identity::fetch_credentials(world.host(), &no_aws(), &source).unwrap_err();
    assert!(matches!(error, ProviderError::TokenFile { .. }), "{error:?}");
    source.token_file = put(&folder, "empty", "");
    let error = web_identity::fetch_credentials(world.host(), &no_aws(), &source).unwrap_err();
    assert!(matches!(error, ProviderError::Aws(_)), "{error:?}");
    source.token_file = put(&folder, "token", "a.token\r\n");
    assert_eq!(web_identity::load_token(world.host(), &source).unwrap().expose(), "a.token\n");
}
