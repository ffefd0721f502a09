//! Endpoints, proxies and certificates: each check with a setup that shows it, and healthy ones, which show nothing.

use crate::world::{World, codes, render};

const ROLE: &str = "role_arn = arn:aws:iam::222233334444:role/Dev\nsource_profile = base\n";

fn seen(world: &World) -> String {
    codes(&world.findings("R140", "R159"))
}

fn told(world: &World) -> String {
    render(&world.findings("R140", "R159"))
}

/// A profile that takes on a role, with more lines.
fn role(more: &str) -> World {
    World::new(&format!("[profile dev]\n{ROLE}{more}"))
}

#[test]
fn healthy_setups_show_nothing() {
    for more in [
        "region = eu-west-1\n",
        "",
        "region = eu-west-1\nendpoint_url = http://localhost:4566\n",
        "endpoint_url = http://localhost:4566\n",
        "region = eu-west-1\nendpoint_url = https://sts.eu-west-1.amazonaws.com\n",
        "region = eu-west-1\nendpoint_url = https://sts.amazonaws.com\n",
        "region = eu-west-1\nuse_fips_endpoint = true\nuse_dualstack_endpoint = true\n",
        "region = eu-west-1\nendpoint_url = https://x.example.com\nuse_fips_endpoint = false\n",
        "region = eu-west-1\nsts_regional_endpoints = legacy\nretry_mode = adaptive\nmax_attempts = 5\n",
        "ignore_configured_endpoint_urls = true\n",
        "region = eu-west-1\nca_bundle = /ca.pem\n",
    ] {
        assert_eq!(told(&role(more)), "", "{more}");
    }
    for pairs in [
        &[("https_proxy", "http://proxy:3128"), ("no_proxy", "localhost,10.0.0.0/8,.example.com")][..],
        &[("HTTPS_PROXY", "proxy:3128"), ("HTTP_PROXY", "http://ada:pass@proxy:3128/")],
        &[("https_proxy", "http://proxy:3128"), ("HTTPS_PROXY", "http://proxy:3128")],
        &[("AWS_CA_BUNDLE", "/ca.pem"), ("REQUESTS_CA_BUNDLE", "/ca.pem")],
        &[("AWS_ENDPOINT_URL", "http://localhost:4566"), ("AWS_REGION", "us-east-1")],
        &[("no_proxy", "amazonaws.com")],
    ] {
        assert_eq!(told(&role("region = eu-west-1\n").vars(pairs)), "", "{pairs:?}");
    }
}

#[test]
fn urls_that_are_none() {
    let bad = role("region = eu-west-1\nendpoint_url = localhost:4566\n");
    assert_eq!(
        told(&bad),
        "R140 `endpoint_url` is no `http://` or `https://` URL\n  at /home/ada/.aws/config:5\n  \
         -> write the whole URL, as in `https://sts.eu-west-1.amazonaws.com`\n"
    );
    let services = "region = eu-west-1\nservices = here\n[services here]\ns3 =\n  endpoint_url = ftp://x\n";
    assert!(
        told(&role(services)).starts_with("R140 `endpoint_url` of `s3` is no"),
        "{}",
        told(&role(services))
    );
    for name in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_STS", "AWS_ENDPOINT_URL_IAM"] {
        assert_eq!(seen(&role("region = eu-west-1\n").var(name, "localhost")), "R140", "{name}");
    }
    let plain = role("region = eu-west-1\nendpoint_url = http://ada:hunter2@sts.eu-west-1.amazonaws.com/x\n");
    assert_eq!(seen(&plain), "R141");
    assert!(told(&plain).contains("calls AWS (`sts.eu-west-1.amazonaws.com`) without TLS"));
}

#[test]
fn fips_and_dual_stack_beside_an_endpoint() {
    let endpoint = "region = eu-west-1\nendpoint_url = https://x.example.com\n";
    for (flag, variable) in [
        ("use_fips_endpoint", "AWS_USE_FIPS_ENDPOINT"),
        ("use_dualstack_endpoint", "AWS_USE_DUALSTACK_ENDPOINT"),
    ] {
        assert_eq!(seen(&role(&format!("{endpoint}{flag} = true\n"))), "R142");
        assert_eq!(seen(&role(endpoint).var(variable, "true")), "R142");
        assert_eq!(seen(&role(&format!("{endpoint}{flag} = true\n")).var(variable, "false")), "");
        let both = role("region = eu-west-1\n")
            .vars(&[("AWS_ENDPOINT_URL", "https://x.example.com"), (variable, "true")]);
        assert_eq!(seen(&both), "R142");
        let ignored = both.var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "true");
        assert_eq!(seen(&ignored), "R145");
    }
}

#[test]
fn regions_of_endpoints() {
    let here = "https://sts.eu-west-1.amazonaws.com";
    let own = role(&format!("region = us-east-2\nendpoint_url = {here}\n"));
    assert_eq!(
        told(&own),
        "R143 the endpoint is in `eu-west-1` and calls are signed for `us-east-2`\n  at /home/ada/.aws/config:5\n  \
         at /home/ada/.aws/config:4\n  -> write `us-east-2` in the endpoint, or `eu-west-1` as the region\n"
    );
    let around = role("region = us-east-2\n").var("AWS_ENDPOINT_URL_STS", here);
    assert_eq!(
        told(&around),
        "R143 `AWS_ENDPOINT_URL_STS` is in another region than that of profile `dev`\n  at /home/ada/.aws/config:4\n  \
         -> run `unset AWS_ENDPOINT_URL_STS`\n"
    );
    assert_eq!(seen(&around.var("AWS_REGION", "eu-west-1")), "");
}

#[test]
fn partitions() {
    let own = role("region = cn-north-1\n");
    assert_eq!(
        told(&own),
        "R144 the role is in `aws` and the region `cn-north-1` in `aws-cn`\n  at /home/ada/.aws/config:4\n  \
         at /home/ada/.aws/config:2\n  -> name a region of `aws`, or the role's ARN as `arn:aws-cn:…`\n"
    );
    let around = role("region = eu-west-1\n").var("AWS_DEFAULT_REGION", "us-gov-west-1");
    assert_eq!(
        told(&around),
        "R144 `AWS_DEFAULT_REGION` (`us-gov-west-1`) is in another partition than the role of profile `dev`\n  \
         at /home/ada/.aws/config:2\n  -> run `unset AWS_REGION AWS_DEFAULT_REGION`\n"
    );
    assert_eq!(seen(&own.var("AWS_REGION", "eu-west-1")), "");
}

#[test]
fn endpoints_that_are_ignored() {
    let own = "region = eu-west-1\nendpoint_url = http://localhost:1\n";
    assert_eq!(seen(&role(&format!("{own}ignore_configured_endpoint_urls = true\n"))), "R145");
    assert_eq!(
        told(&role(own).var("AWS_IGNORE_CONFIGURED_ENDPOINT_URLS", "TRUE")),
        "R145 `AWS_IGNORE_CONFIGURED_ENDPOINT_URLS` is `true`: the endpoint of profile `dev` is ignored\n  \
         at /home/ada/.aws/config:5\n  -> run `unset AWS_IGNORE_CONFIGURED_ENDPOINT_URLS`\n"
    );
}

#[test]
fn proxies() {
    for value in ["http://", "socks5://ada:hunter2@proxy:1080", "ada:hunter2@pro xy"] {
        let world = role("region = eu-west-1\n").var("https_proxy", value);
        assert_eq!(seen(&world), "R146", "{value}");
        assert!(!told(&world).contains("hunter2"));
    }
    assert_eq!(seen(&role("").var("HTTP_PROXY", "http://proxy:3128")), "R147");
    let two = [("https_proxy", "http://ada:hunter2@a"), ("HTTPS_PROXY", "http://ada:hunter2@b")];
    assert_eq!(
        told(&role("").vars(&two)),
        "R148 `https_proxy` and `HTTPS_PROXY` differ: AWS CLI and rolo take the first, programs in Go the second\n  \
         -> run `export HTTPS_PROXY=\"$https_proxy\"`, or `unset HTTPS_PROXY`\n"
    );
    for hosts in ["localhost,.amazonaws.com", "*", "localhost, amazonaws.com"] {
        let world = role("").vars(&[("https_proxy", "http://proxy"), ("NO_PROXY", hosts)]);
        assert_eq!(seen(&world), "R149", "{hosts}");
    }
}

#[test]
fn certificates() {
    let own = role("region = eu-west-1\nca_bundle = /own.pem\n");
    assert_eq!(seen(&own.var("AWS_CA_BUNDLE", "/other.pem")), "R150");
    assert_eq!(seen(&role("").var("REQUESTS_CA_BUNDLE", "/other.pem")), "R151");
}

#[test]
fn how_calls_are_made() {
    assert_eq!(seen(&role("sts_regional_endpoints = global\n")), "R152");
    assert_eq!(seen(&role("").var("AWS_STS_REGIONAL_ENDPOINTS", "LEGACY")), "R152");
    let legacy = "region = eu-west-1\nsts_regional_endpoints = legacy\nendpoint_url = http://localhost\n";
    assert_eq!(seen(&role(legacy)), "R153");
    for line in
        ["retry_mode = fast\n", "retry_mode = Standard\n", "max_attempts = lots\n", "max_attempts = 0\n"]
    {
        assert_eq!(seen(&role(line)), "R154", "{line}");
    }
    assert_eq!(
        told(&role("").var("AWS_MAX_ATTEMPTS", "lots")),
        "R154 `AWS_MAX_ATTEMPTS` is `lots`, which is no number of at least 1\n  -> write `3`, or run `unset AWS_MAX_ATTEMPTS`\n"
    );
}
