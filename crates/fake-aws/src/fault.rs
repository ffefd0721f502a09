//! Faults to be injected: what goes wrong, in which action, how often.
//!
//! Must not know how the server carries them out.

use std::time::Duration;

use serde::Deserialize;

use crate::error::AwsError;

/// Something that goes wrong with the next call, or with the next calls of one action.
#[derive(Debug, Clone, Deserialize)]
#[must_use = "a fault is for `FakeAws::fault`"]
pub struct Fault {
    #[serde(flatten)]
    pub(crate) kind: FaultKind,
    #[serde(default)]
    action: Option<String>,
    #[serde(default = "once")]
    times: u32,
}

/// What goes wrong.
#[derive(Debug, Clone, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub(crate) enum FaultKind {
    /// An error instead of an answer; the action is not done.
    Error { status: u16, code: String, message: String },
    /// 400 Throttling.
    Throttling,
    /// 400 ThrottlingException.
    ThrottlingException,
    /// 403 ExpiredToken.
    ExpiredToken,
    /// 403 RegionDisabledException.
    RegionDisabled { account: String },
    /// 400 PackedPolicyTooLarge.
    PackedPolicyTooLarge { percent: u32 },
    /// 500 InternalFailure.
    Internal,
    /// 503 ServiceUnavailable.
    Unavailable,
    /// The answer comes late.
    Slow { milliseconds: u64 },
    /// The connection is closed without an answer; the action is not done.
    Cut,
    /// The connection is closed in the middle of the answer; the action is done.
    CutMidway,
    /// 200 with a body that is no answer; the action is not done.
    Garbage,
    /// Credentials are issued for this time, whatever was asked; none or less: they are expired when they come.
    Lifetime { seconds: i32 },
}

impl Fault {
    /// An error of AWS's; the action is not done.
    pub fn error(status: u16, code: &str, message: &str) -> Self {
        Self::new(FaultKind::Error { status, code: code.to_owned(), message: message.to_owned() })
    }

    /// `Throttling: Rate exceeded`, status 400.
    pub fn throttling() -> Self {
        Self::new(FaultKind::Throttling)
    }

    /// `ThrottlingException: Rate exceeded`, status 400.
    pub fn throttling_exception() -> Self {
        Self::new(FaultKind::ThrottlingException)
    }

    /// ExpiredToken, whatever the credentials are.
    pub fn expired_token() -> Self {
        Self::new(FaultKind::ExpiredToken)
    }

    /// RegionDisabledException, in whatever region; to switch off STS in one region, see `Builder::disable_region`.
    pub fn region_disabled(account: &str) -> Self {
        Self::new(FaultKind::RegionDisabled { account: account.to_owned() })
    }

    /// PackedPolicyTooLarge, whatever was sent.
    pub fn packed_policy_too_large(percent: u32) -> Self {
        Self::new(FaultKind::PackedPolicyTooLarge { percent })
    }

    /// InternalFailure, status 500.
    pub fn internal() -> Self {
        Self::new(FaultKind::Internal)
    }

    /// ServiceUnavailable, status 503.
    pub fn unavailable() -> Self {
        Self::new(FaultKind::Unavailable)
    }

    /// The answer is right, and comes only after `delay`.
    pub fn slow(delay: Duration) -> Self {
        Self::new(FaultKind::Slow { milliseconds: u64::try_from(delay.as_millis()).unwrap_or(u64::MAX) })
    }

    /// The connection is closed without an answer, and the action is not done.
    pub fn cut() -> Self {
        Self::new(FaultKind::Cut)
    }

    /// The action is done, and the connection is closed in the middle of the answer.
    pub fn cut_midway() -> Self {
        Self::new(FaultKind::CutMidway)
    }

    /// Status 200 and a page that is no answer of AWS's, as from a captive portal.
    pub fn garbage() -> Self {
        Self::new(FaultKind::Garbage)
    }

    /// Credentials are issued for so many seconds, whatever was asked for; 0 or less: expired on arrival.
    pub fn lifetime(seconds: i32) -> Self {
        Self::new(FaultKind::Lifetime { seconds })
    }

    /// Only in calls of this action.
    pub fn on(mut self, action: &str) -> Self {
        self.action = Some(action.to_owned());
        self
    }

    /// So many calls, instead of one.
    pub fn times(mut self, times: u32) -> Self {
        self.times = times;
        self
    }

    /// Every call from now on.
    pub fn always(self) -> Self {
        self.times(u32::MAX)
    }

    fn new(kind: FaultKind) -> Self {
        Self { kind, action: None, times: 1 }
    }
}

impl FaultKind {
    /// The error that stands in for an answer, where it is one.
    pub(crate) fn as_error(&self) -> Option<AwsError> {
        match self {
            Self::Error { status, code, message } => Some(AwsError::new(*status, code.clone(), message)),
            Self::Throttling => Some(AwsError::new(400, "Throttling", "Rate exceeded")),
            Self::ThrottlingException => Some(AwsError::new(400, "ThrottlingException", "Rate exceeded")),
            Self::ExpiredToken => Some(AwsError::expired_token()),
            Self::RegionDisabled { account } => Some(AwsError::region_disabled(account)),
            Self::PackedPolicyTooLarge { percent } => Some(AwsError::packed_policy_too_large(percent)),
            Self::Internal => Some(AwsError::new(
                500,
                "InternalFailure",
                "The request processing has failed because of an unknown error, exception or failure.",
            )),
            Self::Unavailable => Some(AwsError::new(
                503,
                "ServiceUnavailable",
                "The request has failed due to a temporary failure of the server.",
            )),
            Self::Slow { .. } | Self::Cut | Self::CutMidway | Self::Garbage | Self::Lifetime { .. } => None,
        }
    }

    /// For the log.
    pub(crate) fn name(&self) -> &'static str {
        match self {
            Self::Error { .. } => "error",
            Self::Throttling => "throttling",
            Self::ThrottlingException => "throttling_exception",
            Self::ExpiredToken => "expired_token",
            Self::RegionDisabled { .. } => "region_disabled",
            Self::PackedPolicyTooLarge { .. } => "packed_policy_too_large",
            Self::Internal => "internal",
            Self::Unavailable => "unavailable",
            Self::Slow { .. } => "slow",
            Self::Cut => "cut",
            Self::CutMidway => "cut_midway",
            Self::Garbage => "garbage",
            Self::Lifetime { .. } => "lifetime",
        }
    }
}

/// Faults that are still to come, oldest first.
#[derive(Debug, Default)]
pub(crate) struct Faults(Vec<Fault>);

impl Faults {
    /// Those that there are from the start.
    pub(crate) fn new(faults: &[Fault]) -> Self {
        let mut this = Self::default();
        faults.iter().cloned().for_each(|fault| this.add(fault));
        this
    }

    pub(crate) fn add(&mut self, fault: Fault) {
        if fault.times > 0 {
            self.0.push(fault);
        }
    }

    /// The fault that befalls this call of `action`.
    pub(crate) fn take(&mut self, action: &str) -> Option<FaultKind> {
        let is_meant = |fault: &Fault| fault.action.as_deref().is_none_or(|meant| meant == action);
        let index = self.0.iter().position(is_meant)?;
        let fault = &mut self.0[index];
        let kind = fault.kind.clone();
        match fault.times {
            u32::MAX => {}
            1 => drop(self.0.remove(index)),
            times => fault.times = times - 1,
        }
        Some(kind)
    }
}

fn once() -> u32 {
    1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn faults_befall_their_action_so_many_times() {
        let mut faults = Faults::default();
        faults.add(Fault::throttling().on("AssumeRole").times(2));
        faults.add(Fault::cut());
        let mut names = |action: &str| faults.take(action).map(|kind| kind.name());
        assert_eq!(names("GetCallerIdentity"), Some("cut"));
        assert_eq!(names("GetCallerIdentity"), None);
        assert_eq!(names("AssumeRole"), Some("throttling"));
        assert_eq!(names("AssumeRole"), Some("throttling"));
        assert_eq!(names("AssumeRole"), None);
    }

    #[test]
    fn faults_are_read_from_json() {
        let fault: Fault =
            serde_json::from_str(r#"{"kind": "slow", "milliseconds": 5, "action": "AssumeRole"}"#).unwrap();
        assert!(matches!(fault, Fault { kind: FaultKind::Slow { milliseconds: 5 }, times: 1, .. }));
        assert!(serde_json::from_str::<Fault>(r#"{"kind": "sloth"}"#).is_err());
    }
}
