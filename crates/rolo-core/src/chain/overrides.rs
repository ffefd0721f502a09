//! What the command line changes about a resolved road, and what is wrong with the roles that come of it. Pure.
//!
//! Must not know files: every value has its origin with it.

use super::{
    error::ResolveError,
    request::Request,
    source::{Base, BaseSource, RoleStep, Warning},
};
use crate::{
    arn::{MfaSerial, RoleArn},
    origin::{Origin, Sourced},
};

/// The longest session of a role taken on from temporary credentials, in seconds.
pub const ONE_HOUR: u32 = 3600;

/// Puts the options of `request` over the last role, or over the keys where no role is assumed.
pub(super) fn apply_overrides(
    request: &Request,
    base: &mut Base,
    steps: &mut [RoleStep],
) -> Result<(), ResolveError> {
    let serial = request
        .mfa_serial
        .as_ref()
        .map(|serial| Sourced::new(MfaSerial::new(serial.as_str()), Origin::Flag("--mfa-serial")));
    let chained = is_temporary(base) || steps.len() > 1;
    let Some(step) = steps.last_mut() else {
        if serial.is_some() {
            base.mfa_serial = serial;
        }
        return refuse_role_options(request, base);
    };
    let flag =
        |value: &Option<String>, name| value.clone().map(|value| Sourced::new(value, Origin::Flag(name)));
    if let (Some(arn), Some(_)) = (&request.role_arn, &step.profile) {
        step.role_arn = Sourced::new(RoleArn::new(arn.as_str()), Origin::Flag("--role-arn"));
    }
    step.external_id = flag(&request.external_id, "--external-id").or(step.external_id.take());
    step.role_session_name =
        flag(&request.role_session_name, "--role-session-name").or(step.role_session_name.take());
    step.mfa_serial = serial.or(step.mfa_serial.take());
    if let Some(seconds) = request.duration.as_ref().map(|length| length.seconds) {
        if chained && seconds > ONE_HOUR {
            return Err(ResolveError::ChainedTooLong { seconds, origin: step.role_arn.origin.clone() });
        }
        step.duration_seconds = Some(Sourced::new(seconds, Origin::Flag("--duration")));
    }
    narrow(request, step);
    Ok(())
}

fn narrow(request: &Request, step: &mut RoleStep) {
    let narrowing = &mut step.narrowing;
    narrowing.policy.clone_from(&request.policy);
    narrowing.policy_arns.clone_from(&request.policy_arns);
    if request.read_only {
        // AWS's own policies are in every partition under its own name.
        let partition = step.role_arn.value.partition().unwrap_or("aws");
        narrowing.policy_arns.push(format!("arn:{partition}:iam::aws:policy/ReadOnlyAccess"));
    }
    narrowing.tags.retain(|(key, _)| !request.tags.iter().any(|(given, _)| given == key));
    narrowing.tags.extend(request.tags.iter().cloned());
    narrowing.transitive_tag_keys.extend(request.transitive_tag_keys.iter().cloned());
    if request.source_identity.is_some() {
        narrowing.source_identity.clone_from(&request.source_identity);
    }
}

/// Whether what the base yields is temporary for certain; of a program that is not known before it ran.
pub(crate) fn is_temporary(base: &Base) -> bool {
    match &base.source {
        BaseSource::Static(keys) | BaseSource::Environment(keys) => !keys.is_long_term(),
        BaseSource::WebIdentity(_)
        | BaseSource::Sso(_)
        | BaseSource::Container { .. }
        | BaseSource::Imds(_) => true,
        BaseSource::Process { .. } => false,
    }
}

/// Options that change a role are errors where none is assumed: silently dropped, they would hand over more than asked.
fn refuse_role_options(request: &Request, base: &Base) -> Result<(), ResolveError> {
    let given = [
        ("--source-profile", request.source_profile.is_some()),
        ("--external-id", request.external_id.is_some()),
        ("--role-session-name", request.role_session_name.is_some()),
        ("--duration", request.duration.is_some() && !request.session),
        ("--policy", request.policy.is_some()),
        ("--policy-arn", !request.policy_arns.is_empty()),
        ("--read-only", request.read_only),
        ("--tag", !request.tags.is_empty()),
        ("--transitive-tag", !request.transitive_tag_keys.is_empty()),
        ("--source-identity", request.source_identity.is_some()),
    ];
    match given.into_iter().find(|(_, given)| *given) {
        None => Ok(()),
        Some((option, _)) => Err(ResolveError::NoRole {
            option,
            what: match &base.profile {
                Some(name) => format!("profile `{name}`"),
                None => "the default chain".to_owned(),
            },
        }),
    }
}

/// Finds roles that no call could be made for, and those that STS will refuse for their length.
pub(super) fn check_steps(base: &Base, steps: &[RoleStep]) -> Result<Vec<Warning>, ResolveError> {
    let mut warnings = Vec::new();
    for (index, step) in steps.iter().enumerate() {
        check_lengths(step)?;
        let chained = index > 0 || is_temporary(base);
        if let Some(said) = step.duration_seconds.as_ref().filter(|said| chained && said.value > ONE_HOUR) {
            warnings.push(Warning {
                text: format!(
                    "a role taken on from temporary credentials lasts 1 h at the most; STS will refuse `duration_seconds = {}`",
                    said.value
                ),
                location: said.origin.location().cloned(),
            });
        }
    }
    Ok(warnings)
}

/// What botocore refuses before sending, because STS's model gives a least length; upper bounds are STS's to refuse.
fn check_lengths(step: &RoleStep) -> Result<(), ResolveError> {
    let short = |parameter, value: &str, least, origin: &Origin| {
        if value.chars().count() >= least {
            return Ok(());
        }
        Err(ResolveError::TooShort { parameter, value: value.to_owned(), least, origin: origin.clone() })
    };
    short("role ARN", step.role_arn.value.as_str(), 20, &step.role_arn.origin)?;
    if let Some(serial) = &step.mfa_serial {
        short("MFA serial", serial.value.as_str(), 9, &serial.origin)?;
    }
    if let Some(id) = &step.external_id {
        short("external id", &id.value, 2, &id.origin)?;
    }
    if let Some(name) = &step.role_session_name {
        short("role session name", &name.value, 2, &name.origin)?;
    }
    match &step.duration_seconds {
        Some(said) if said.value < 900 => {
            Err(ResolveError::TooBrief { seconds: said.value, origin: said.origin.clone() })
        }
        _ => Ok(()),
    }
}
