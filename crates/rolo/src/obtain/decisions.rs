//! What was decided before the first call, a line each, for `-v`: which profile, where it starts, which roles, with what MFA,
//! and where STS is called.
//!
//! Must not decide anything.

use rolo_core::{
    aws::Service,
    chain::{
        overrides::ONE_HOUR,
        plan::{BasePlan, Plan},
        request::{Request, Target},
        source::RoleStep,
    },
    env_vars,
    host::Host,
    origin::Origin,
    talk::{Hear, Notice},
};

use super::Resolved;

/// Says them to `hear`.
pub(super) fn say(resolved: &Resolved, request: &Request, host: Host<'_>, hear: &dyn Hear) {
    for line in lines(resolved, request, host) {
        hear.hear(&Notice::Step(line));
    }
}

fn lines(resolved: &Resolved, request: &Request, host: Host<'_>) -> Vec<String> {
    let Plan { chain, .. } = &resolved.plan;
    let mut lines = vec![asked(&chain.label, request, host)];
    let whose = chain.base.profile.as_ref().map(|name| format!(" of profile `{name}`")).unwrap_or_default();
    let source = &chain.base.source;
    lines.push(format!("it starts from {}{whose}{}", source.in_words(), place(source.origin())));
    lines.extend(
        chain.steps.iter().enumerate().map(|(index, step)| role(&resolved.plan, index, step, request)),
    );
    if chain.steps.is_empty()
        && let BasePlan::MfaSession(session) = &resolved.plan.base
    {
        let device = session.serial.as_ref().map(|serial| format!(" with a code of `{serial}`"));
        lines.push(format!("its keys are exchanged for a session{}", device.unwrap_or_default()));
    }
    let region = match &chain.settings.region {
        Some(region) => format!("region `{}`{}", region.value, place(Some(&region.origin))),
        None => "no region".to_owned(),
    };
    lines.push(match chain.settings.call_settings().resolve_endpoint(Service::Sts, None) {
        Ok(found) => {
            let set = chain.settings.endpoints.sts.as_ref();
            format!("{region}; STS is called at `{}`{}", found.url, place(set.map(|set| &set.origin)))
        }
        Err(error) => format!("{region}; no endpoint of STS follows: {error}"),
    });
    lines
}

fn asked(label: &str, request: &Request, host: Host<'_>) -> String {
    let variable = || {
        [env_vars::AWS_PROFILE, env_vars::AWS_DEFAULT_PROFILE]
            .into_iter()
            .find(|name| host.env.var(name).as_deref() == Some(label))
    };
    match &request.target {
        Target::Default => match variable() {
            Some(name) => format!("`{label}` is asked for, by `{name}`"),
            None => format!("nothing is asked for by name, so it is `{label}`"),
        },
        Target::Named(_) | Target::Role(_) => format!("`{label}` is asked for, by the command line"),
    }
}

fn role(plan: &Plan, index: usize, step: &RoleStep, request: &Request) -> String {
    let profile = step.profile.as_ref().map(|name| format!(" of profile `{name}`")).unwrap_or_default();
    let origin = &step.role_arn.origin;
    let sends_code = plan.hops.get(index).is_some_and(|hop| hop.sends_code);
    let mfa = match (&step.mfa_serial, &plan.base) {
        (None, _) => "without MFA".to_owned(),
        (Some(serial), BasePlan::MfaSession(_)) if !sends_code => {
            format!("by the MFA session of `{}`, which one code opens for all its roles", serial.value)
        }
        (Some(serial), _) => format!(
            "with a code of `{}`{}, since {}",
            serial.value,
            place(Some(&serial.origin)),
            why_code(plan, index, step, request)
        ),
    };
    format!("then role `{}`{profile}{}, {mfa}", step.role_arn.value, place(Some(origin)))
}

/// Why the code goes with the call, and no MFA session is made.
fn why_code(plan: &Plan, index: usize, step: &RoleStep, request: &Request) -> &'static str {
    let is_long = step.duration_seconds.as_ref().is_some_and(|said| said.value > ONE_HOUR);
    match () {
        () if index > 0 => "an MFA session serves the first role only",
        () if plan.chain.base.long_term_keys().is_none() => "only an IAM user's own keys make an MFA session",
        () if is_long => "a role from a session lasts 1 h at the most, and more is asked for",
        () if request.no_mfa_session => "`--no-mfa-session` is given",
        () => "`mfa_session` is `off`",
    }
}

fn place(origin: Option<&Origin>) -> String {
    match origin {
        Some(Origin::File(location)) => format!(" ({location})"),
        Some(Origin::Env(name) | Origin::Flag(name)) => format!(" (`{name}`)"),
        Some(Origin::Default) | None => String::new(),
    }
}
