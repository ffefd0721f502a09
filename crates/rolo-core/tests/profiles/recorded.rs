//! Odd files made at random, and what botocore made of them (`../differential/record_botocore.py`).

use rolo_core::profile::{ConfigFile, ConfigFiles, ProfileSet};
use serde_json::Value;

use crate::world::render;

#[test]
fn random_files_are_read_as_botocore_reads_them() {
    let data: Value = serde_json::from_str(include_str!("../data/ini_random.json")).unwrap();
    let cases = data["cases"].as_array().unwrap();
    let mut read = 0;
    for case in cases {
        let file = |name| ConfigFile::new(name, case[name].as_str().unwrap_or_default());
        let files = ConfigFiles { config: file("config"), credentials: file("credentials") };
        let got = ProfileSet::parse(&files).map_or(Value::Null, |set| render(&set));
        assert_eq!(got, case["read"], "{case:#}");
        read += usize::from(got != Value::Null);
    }
    // Each refusal is botocore's too, but many would make this test a weak one.
    assert!(read * 2 > cases.len(), "{read} of {} cases are read", cases.len());
}
