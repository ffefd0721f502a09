//! What a run would do if nothing were cached, in order: calls of AWS with what is sent, programs, local endpoints.
//!
//! Requests and endpoints come from where the run has them. Must not know what is cached.

use super::{
    Call, CallKind, Giver, Level, Now, Question, Signer, Surroundings, Unsaid,
    said::{hide_in_command, hide_passwords},
};
use crate::{
    aws::{CallSettings, Service},
    chain::{
        plan::{BasePlan, Plan},
        requests,
        source::{BaseSource, RoleStep},
    },
    provider::sso,
};

/// The calls of `plan`; `levels` are those of the explanation.
pub(super) fn of_plan(
    question: &Question<'_>,
    plan: &Plan,
    levels: &[Level],
    around: &Surroundings<'_>,
) -> Vec<Call> {
    let mut gathered = Gathered {
        question,
        plan,
        levels,
        around,
        settings: plan.chain.settings.call_settings(),
        calls: Vec::new(),
        signer: Signer::Nobody,
    };
    gathered.base();
    gathered.mfa_session();
    for (index, step) in plan.chain.steps.iter().enumerate() {
        gathered.role(index, step);
    }
    gathered.calls
}

struct Gathered<'a> {
    question: &'a Question<'a>,
    plan: &'a Plan,
    levels: &'a [Level],
    around: &'a Surroundings<'a>,
    settings: CallSettings,
    calls: Vec<Call>,
    /// Whose credentials there are so far.
    signer: Signer,
}

impl Gathered<'_> {
    /// Adds a call, whose answer signs the next.
    fn add(&mut self, call: Call) {
        self.calls.push(call);
        self.signer = Signer::Call(self.calls.len() - 1);
    }

    fn local(&mut self, kind: CallKind) {
        let call = Call {
            kind,
            level: 0,
            parameters: Vec::new(),
            unsaid: Vec::new(),
            endpoint: None,
            signer: Signer::Nobody,
        };
        self.add(call);
    }

    fn base(&mut self) {
        match &self.plan.chain.base.source {
            BaseSource::Static(keys) | BaseSource::Environment(keys) => {
                let (access_key_id, origin) = (keys.access_key_id.clone(), keys.origin.clone());
                self.signer = Signer::Key { access_key_id, origin };
            }
            BaseSource::Process { source, .. } => {
                self.local(CallKind::Program { command: hide_in_command(&source.command) });
            }
            BaseSource::Container { url } => {
                let url = url.split(['?', '#']).next().unwrap_or_default();
                self.local(CallKind::Container { url: hide_passwords(url) });
            }
            BaseSource::Imds(imds) => self.local(CallKind::Imds { endpoint: imds.endpoint.clone() }),
            BaseSource::WebIdentity(web) => {
                let source = requests::web_identity(web, self.question.session_name);
                let token = format!("what stands in `{}`", web.token_file.value.display());
                self.add(Call {
                    kind: CallKind::Aws { service: "sts", action: "AssumeRoleWithWebIdentity" },
                    level: 0,
                    parameters: source.parameters(),
                    unsaid: vec![Unsaid { name: "WebIdentityToken", what: token }],
                    endpoint: Some(self.settings.resolve_endpoint(Service::Sts, None)),
                    signer: Signer::Nobody,
                });
            }
            BaseSource::Sso(source) => {
                let name = source.sign_in_name();
                if sso::is_renewal_due(self.question.host, source) {
                    self.add(Call {
                        kind: CallKind::Renewal,
                        level: 0,
                        parameters: vec![("grantType".to_owned(), "refresh_token".to_owned())],
                        unsaid: vec![Unsaid { name: "refreshToken", what: format!("that of `{name}`") }],
                        endpoint: Some(
                            self.settings.resolve_endpoint(Service::SsoOidc, Some(&source.region)),
                        ),
                        signer: Signer::Nobody,
                    });
                }
                self.add(Call {
                    kind: CallKind::Aws { service: "sso", action: "GetRoleCredentials" },
                    level: 0,
                    parameters: source.parameters(),
                    unsaid: vec![Unsaid { name: "accessToken", what: format!("the sign-in of `{name}`") }],
                    endpoint: Some(self.settings.resolve_endpoint(Service::Sso, Some(&source.region))),
                    signer: Signer::Nobody,
                });
            }
        }
    }

    fn mfa_session(&mut self) {
        let BasePlan::MfaSession(session) = &self.plan.base else { return };
        let request = requests::get_session_token(session);
        let mut parameters = request.parameters();
        if let Some(serial) = &session.serial {
            parameters.push(("SerialNumber".to_owned(), serial.to_string()));
        }
        self.add_sts("GetSessionToken", 1, parameters, Vec::new());
    }

    fn role(&mut self, index: usize, step: &RoleStep) {
        let level = self.levels.len() - self.plan.chain.steps.len() + index;
        let name = self.session_name(index, step, level);
        let mut request = requests::assume_role(step, name.clone().unwrap_or_default());
        let sends_code = self.plan.hops.get(index).is_some_and(|hop| hop.sends_code);
        if let (Some(serial), true) = (&step.mfa_serial, sends_code) {
            request.mfa = Some((serial.value.clone(), crate::Secret::new("")));
        }
        let mut parameters = request.parameters();
        let mut unsaid = Vec::new();
        if name.is_none() {
            parameters.retain(|(name, _)| name != "RoleSessionName");
            let what = format!("the user's name, as call {} tells it", self.calls.len());
            unsaid.push(Unsaid { name: "RoleSessionName", what });
        }
        self.add_sts("AssumeRole", level, parameters, unsaid);
    }

    /// The name of a session, as the run finds it; `None` where a call tells it, which is added.
    fn session_name(&mut self, index: usize, step: &RoleStep, level: usize) -> Option<String> {
        let chain = &self.plan.chain;
        match &step.role_session_name {
            Some(name) => return Some(name.value.clone()),
            None if chain.names_session && index + 1 == chain.steps.len() => {}
            None => return Some(self.question.session_name.to_owned()),
        }
        let (kind, service) = match chain.base.long_term_keys() {
            Some(keys) => {
                if let Some(name) = self.around.found.user_name(&keys.access_key_id) {
                    return Some(name);
                }
                (CallKind::Aws { service: "iam", action: "GetUser" }, Service::Iam)
            }
            None => (CallKind::Aws { service: "sts", action: "GetCallerIdentity" }, Service::Sts),
        };
        // Its answer is a name, so what signs stays what it was.
        self.calls.push(Call {
            kind,
            level,
            parameters: Vec::new(),
            unsaid: Vec::new(),
            endpoint: Some(self.settings.resolve_endpoint(service, None)),
            signer: self.signer.clone(),
        });
        None
    }

    fn add_sts(
        &mut self,
        action: &'static str,
        level: usize,
        parameters: Vec<(String, String)>,
        mut unsaid: Vec<Unsaid>,
    ) {
        if let Some(code) = self.levels.get(level).and_then(|level| level.code.as_ref()) {
            let what = match &code.giver {
                Giver::Given(from) => format!("the code of {from}"),
                Giver::Process(_) => "the code that `mfa_process` prints".to_owned(),
                Giver::Person => "asked at the terminal".to_owned(),
                Giver::Nobody => "would have to be asked, and there is no terminal".to_owned(),
            };
            unsaid.push(Unsaid { name: "TokenCode", what });
        }
        let call = Call {
            kind: CallKind::Aws { service: "sts", action },
            level,
            parameters,
            unsaid,
            endpoint: Some(self.settings.resolve_endpoint(Service::Sts, None)),
            signer: self.signer.clone(),
        };
        self.add(call);
    }
}

impl Call {
    /// Whether a run would do it now, in view of what is cached.
    pub fn is_made(&self, levels: &[Level]) -> bool {
        levels.get(self.level).is_some_and(|level| level.now == Now::Called)
    }
}
