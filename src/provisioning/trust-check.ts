// Whether a role's trust policy accepts the broker's calls, and only those. Pure: from a policy and a plan to one sentence
// for each thing to correct.
import type { BrokerCall } from './broker-calls.ts';
import type { RolePlan } from './provisioning.ts';
import { findTooBroad } from './too-broad.ts';
import { checkConditions, isLike, type KnownValue, type Outcome } from './trust-conditions.ts';
import { policyShape, type Statement, type TrustFinding } from './trust-statement.ts';

/** @param policy parsed JSON */
export function checkTrust(policy: unknown, role: RolePlan): TrustFinding[] {
  const parsed = policyShape.safeParse(policy);
  if (!parsed.success) {
    const where = parsed.error.issues[0]?.path.join('.') ?? '';
    return [
      {
        verdict: 'malformed',
        text: `is not a valid trust policy (${where})`,
        fix: 'write it again with `rolegate-server template`',
      },
    ];
  }
  const { Statement: statements } = parsed.data;
  const missing = role.calls.flatMap((call) => checkCall(statements, call));
  const broad = findTooBroad(statements, role);
  const distinct = new Map(missing.map((each) => [each.text, each])).values();
  if (missing.length + broad.length > 0) return [...distinct, ...broad];
  return [{ verdict: 'fits', text: `trust policy fits ${role.calls.map(({ mode }) => mode).join(' and ')}`, fix: '' }];
}

/** STS asks the policy for each action of a call by itself. */
function checkCall(statements: readonly Statement[], call: BrokerCall): TrustFinding[] {
  const actions = [
    call.action,
    ...(call.tags.length > 0 ? ['sts:TagSession'] : []),
    ...(call.sendsSourceIdentity ? ['sts:SetSourceIdentity'] : []),
  ];
  const findings = actions.flatMap((action) => checkAction(statements, call, action) ?? []);
  // Where the call itself is refused, the rest follows.
  const [first] = findings;
  return first && first.verdict !== 'lacks_action' ? findings.slice(0, 1) : findings;
}

function checkAction(statements: readonly Statement[], call: BrokerCall, action: string): TrustFinding | undefined {
  const ofAction = statements.filter((statement) => {
    const { Action, NotAction } = statement;
    const isNamed = (list: readonly string[]) => list.some((each) => isLike(action.toLowerCase(), each.toLowerCase()));
    return Action ? isNamed(Action) : NotAction !== undefined && !isNamed(NotAction);
  });
  const allows = ofAction.filter(({ Effect }) => Effect === 'Allow');
  const denied = ofAction.flatMap((each) => (each.Effect === 'Deny' ? denial(each, call, action) : []));
  if (denied[0]) return denied[0];
  if (allows.length === 0) {
    const reason = { 'sts:TagSession': 'sends session tags', 'sts:SetSourceIdentity': 'sends SourceIdentity' }[action];
    const instead = {
      'sts:TagSession': ', or take sessionTags off the rule',
      'sts:SetSourceIdentity': ', or set sourceIdentity: false on the rule',
    }[action];
    return {
      verdict: 'lacks_action',
      text: `does not allow ${action}, which the rule "${call.rules.join('", "')}" ${reason ?? `needs in the mode ${call.mode}`}`,
      fix: `Allow ${action} to the same principal${instead ?? ''}.`,
    };
  }
  const named = allows.filter((statement) => covers(statement, call) !== 'no');
  if (named.length === 0) return wrongPrincipal(allows, call);
  const outcomes = named.map((each) => ({ each, outcome: checkConditions(each.Condition ?? {}, call, action) }));
  const open = outcomes.find(({ outcome }) => outcome.kind === 'met');
  if (open) {
    if (covers(open.each, call) !== 'perhaps') return undefined;
    const fix = 'Say --broker-arn, or configure aws.assumeRole.hub.';
    return undecidable('whether the trusted principal is the broker', fix);
  }
  const failures = outcomes.flatMap(({ outcome }) => (outcome.kind === 'met' ? [] : [outcome]));
  // A statement for another audience is likely to be for another way in: what fails elsewhere says more.
  const telling = failures.find(({ key }) => !isAudience(key));
  return conditionFinding(failures.find(({ kind }) => kind === 'unknown') ?? telling ?? failures[0]!, call, action);
}

/** `perhaps`: the broker's own ARN at AWS is not known here. */
function covers({ Principal, NotPrincipal }: Statement, { principal }: BrokerCall): 'yes' | 'no' | 'perhaps' {
  if (NotPrincipal !== undefined || Principal === undefined) return 'no';
  // IAM: a wildcard matches AWS principals, and federated ones as well.
  if (Principal === '*') return 'yes';
  const list = Principal[principal.kind] ?? [];
  if (list.includes('*')) return 'yes';
  if (principal.arn === undefined) return list.length > 0 ? 'perhaps' : 'no';
  const [, partition, , , account] = principal.arn.split(':');
  const isAccount = (each: string) =>
    principal.kind === 'AWS' && [account, `arn:${partition}:iam::${account}:root`].includes(each);
  return list.some((each) => each === principal.arn || isAccount(each)) ? 'yes' : 'no';
}

function denial(statement: Statement, call: BrokerCall, action: string): TrustFinding[] {
  const isExcept = statement.NotPrincipal !== undefined;
  const meant = covers(statement, call);
  const outcome = checkConditions(statement.Condition ?? {}, call, action);
  if ((meant === 'no' && !isExcept) || outcome.kind === 'unmet') return [];
  if (outcome.kind === 'unknown') return [undecidable(`a Deny of ${action} depends on ${outcome.key}`)];
  if (isExcept || meant === 'perhaps') return [undecidable(`a Deny of ${action} depends on who the broker is`)];
  const fix = 'Take the broker out of that statement, by its principal or by a condition.';
  return [{ verdict: 'unmet_condition', text: `a Deny refuses ${action} to the broker`, fix }];
}

function wrongPrincipal(allows: readonly Statement[], { principal }: BrokerCall): TrustFinding {
  const named = allows.flatMap(({ Principal }) =>
    typeof Principal === 'object' ? Object.values(Principal).flat() : [],
  );
  const isDeleted = named.some((each) => /^A(ID|RO)A[A-Z0-9]{10,}$/.test(each));
  const fix = isDeleted
    ? `Write ${principal.arn ?? 'the ARN of the broker'} again: the principal was deleted and created again, and the policy names its old id.`
    : `Name ${principal.arn ?? 'the ARN of the broker'} as ${principal.kind} principal.`;
  return {
    verdict: 'wrong_provider',
    text: `trusts ${named.join(', ') || 'no principal'} and not ${principal.arn ?? 'an AWS principal'}`,
    fix,
  };
}

function undecidable(what: string, fix = 'Compare it with what the broker sends: docs/provisioning.md.'): TrustFinding {
  return { verdict: 'cannot_be_judged', text: `cannot be judged: ${what}`, fix };
}

const unknownFixes: Readonly<Record<string, string>> = {
  'aws:sourceip': "Say --source-ip with the broker's outgoing addresses.",
  'sts:externalid': 'Put sts:TagSession and sts:SetSourceIdentity into separate statements, without it.',
};

type Failure = Exclude<Outcome, { readonly kind: 'met' }>;

function conditionFinding({ key, wanted, known, kind }: Failure, call: BrokerCall, action: string): TrustFinding {
  const asked = `${key} ${wanted.join(', ')}`;
  if (kind === 'unknown') return undecidable(`the condition ${asked} for ${action}`, unknownFixes[key.toLowerCase()]);
  const text = `asks for ${asked}, and ${sentBy(known)}`;
  const values = known?.kind === 'values' ? known.values.join(' and ') : undefined;
  if (isAudience(key))
    return { verdict: 'wrong_audience', text, fix: `Set ${key} to ${values ?? 'what the broker sends'}.` };
  return { verdict: 'unmet_condition', text, fix: fixOf(key.toLowerCase(), values, call) };
}

function isAudience(key: string): boolean {
  return /:aud$/i.test(key);
}

function sentBy(known: KnownValue | undefined): string {
  if (known?.kind === 'values') return `the broker's call has ${known.values.join(', ')}`;
  return known?.kind === 'some' ? 'the broker sends one' : "the broker's call has none";
}

function fixOf(key: string, values: string | undefined, call: BrokerCall): string {
  if (/^aws:principalorg/.test(key))
    return `Take ${key} out: ${call.action} is not signed, so it has no principal and no organisation.`;
  if (key === 'sts:externalid') return 'Set externalId on the account or in aws.assumeRole, or take the condition out.';
  if (key === 'sts:sourceidentity') return 'Set sourceIdentity: true on the rule, or take the condition out.';
  if (key.startsWith('aws:requesttag/') || key === 'aws:tagkeys')
    return "Make the rule's sessionTags and the condition agree.";
  return values === undefined ? `Take the condition on ${key} out.` : `Set it to ${values}, or take it out.`;
}
