"""Compares what `rolo explain --json` plans with what a run then did, as stub_aws.py recorded it. Standard library only."""
import hashlib, os, re, urllib.parse

# How the stub names the keys that it issues where no role's name does.
ISSUED = {'GetSessionToken': 'GetSessionToken', 'Container': 'ContainerRole', 'Imds': 'InstanceRole'}
SSO = {"accountId": "account_id", "roleName": "role_name", "account_id": "account_id", "role_name": "role_name"}

# Why a run may make fewer calls than were planned: what nobody can know before it is done.
UNFORESEEN = r'refused |had expired when they came|could not be reached|ended with exit code|gives expired credentials|no instance metadata service answered|could not be prepared|did not answer'

def keyid(name): return 'ASIA' + re.sub('[^A-Z0-9]', '', name.upper())[:16].ljust(16, '0')

def tree(home):
    """Every file below `home` with its contents: what explaining must leave as it is."""
    found = {}
    for folder, _, names in os.walk(home):
        for name in names:
            path = os.path.join(folder, name)
            try: found[path] = hashlib.sha256(open(path, 'rb').read()).hexdigest()
            except OSError as error: found[path] = type(error).__name__
    return found

def recorded(log):
    """The calls of a log as done once each: what was tried again is one call, as are the questions to IMDS."""
    calls = []
    for call in log:
        op = 'Imds' if call['op'] == 'ImdsToken' else call['op']
        if op == 'GetCallerIdentity' and call.get('sig') == 'none': continue
        one = {'op': op, 'params': call.get('params') or {}, 'signer': call.get('signer'), 'region': call.get('region'), 'host': call.get('host')}
        if op == 'Container': one['params'] = {'path': call['path']}
        if not calls or calls[-1] != one: calls.append(one)
    return calls

def planned(explanation):
    """The calls that a run would make now, in the same form; None stands for a value that cannot be known before."""
    calls, issued = [], {}
    for call in explanation['calls']:
        kind, params = call['kind'], dict(call['parameters'])
        params.update({name: None for name in call['placeholders']})
        op = {'container': 'Container', 'imds': 'Imds', 'sign_in_renewal': 'CreateToken'}.get(kind, call['action'])
        if op == 'GetRoleCredentials':
            params = {SSO[name]: value for name, value in params.items() if name in SSO}
            issued[call['number']] = keyid(params['role_name'])
        elif kind == 'container': params = {'path': urllib.parse.urlsplit(call['target']).path}
        elif kind == 'imds': params = {}
        elif op.startswith('AssumeRole') if op else False: issued[call['number']] = keyid(params['RoleArn'].split('/')[-1])
        if op in ISSUED: issued[call['number']] = keyid(ISSUED[op])
        signed = call['signed_by'] or {}
        signer = signed.get('access_key_id') or signed.get('cached_access_key_id') or issued.get(signed.get('call'))
        if not call['made_now'] or kind == 'program': continue
        host = urllib.parse.urlsplit(call['endpoint']).netloc if call['endpoint'] else None
        calls.append({'op': op, 'params': params, 'signer': signer, 'region': call['signing_region'], 'host': host,
                      'any_signer': bool(signed) and signer is None})
    return calls

def differs(plan, call):
    if plan['op'] != call['op']: return '%s instead of %s' % (call['op'], plan['op'])
    names = set(plan['params']) ^ set(call['params'])
    if plan['op'] == 'CreateToken': names = set()
    if plan['op'] not in ('Imds', 'CreateToken') and names: return '%s: parameters %s' % (call['op'], ', '.join(sorted(names)))
    for name, value in plan['params'].items():
        if plan['op'] != 'Imds' and value is not None and call['params'].get(name) != value:
            return '%s: %s is %r instead of %r' % (call['op'], name, call['params'].get(name), value)
    if call['op'] in ('AssumeRole', 'AssumeRoleWithWebIdentity', 'GetSessionToken', 'GetCallerIdentity'):
        for name in ('signer', 'region', 'host'):
            if not (name == 'signer' and plan['any_signer']) and plan[name] != call[name]:
                return '%s: %s is %r instead of %r' % (call['op'], name, call[name], plan[name])
    return None

def disagreement(explanation, rc, log, stderr, home):
    """In words, or None. Where an error is explained, the run ends with that error and makes no call. A run that fails
    on its way makes the calls up to there."""
    done = recorded(log)
    if explanation['error'] is not None:
        said, met = (text.replace(home, '~').strip().splitlines() for text in (explanation['error']['text'], stderr))
        if not rc or done: return 'explained as %r, but it ended with %s after %s' % (said[0], rc, [call['op'] for call in done])
        return None if said[0] in met else 'explained as %r, but it ended with %r' % (said[0], met[:1])
    plan = planned(explanation)
    # Of a call that was refused AWS is asked whose it was.
    if rc and done and done[-1]['op'] == 'GetCallerIdentity' and not any(call['op'] == 'GetCallerIdentity' for call in plan): done.pop()
    for one, call in zip(plan, done):
        found = differs(one, call)
        if found: return found
    if len(done) > len(plan): return 'not planned: %s' % [call['op'] for call in done[len(plan):]]
    if len(done) < len(plan) and not (rc and re.search(UNFORESEEN, stderr)): return 'planned, but not done: %s' % [call['op'] for call in plan[len(done):]]
    return None
