// Which doors a trust policy leaves open beside the broker's own. Pure.
import type { RolePlan } from './provisioning.ts';
import type { Statement, TrustFinding } from './trust-statement.ts';

/** Each thing once. */
export function breadthOf(statements: readonly Statement[], role: RolePlan): TrustFinding[] {
  const allows = statements.filter(({ Effect, ...rest }) => Effect === 'Allow' && opensRoles(rest));
  const found = allows.flatMap((statement) => [
    ...ofPrincipal(statement),
    ...ofActions(statement),
    ...ofKeys(statement, role),
  ]);
  return [...new Map(found.map((each) => [each.text, each])).values()];
}

const opening = ['assumerole', 'assumerolewithsaml', 'assumerolewithwebidentity'];

function opensRoles({ Action, NotAction }: Pick<Statement, 'Action' | 'NotAction'>): boolean {
  return NotAction !== undefined || (Action ?? []).some((each) => /[*?]/.test(each) || opening.includes(nameOf(each)));
}

function nameOf(action: string): string {
  return action.toLowerCase().replace(/^sts:/, '');
}

function tooBroad(text: string, fix: string): TrustFinding {
  return { verdict: 'too_broad', text, fix };
}

function ofPrincipal({ Principal, NotPrincipal }: Statement): TrustFinding[] {
  const isAnybody =
    Principal === '*' || (typeof Principal === 'object' && Object.values(Principal).flat().includes('*'));
  if (!isAnybody && NotPrincipal === undefined) return [];
  return [tooBroad('trusts any principal', 'Name the provider or the role that may come in, and no other.')];
}

function ofActions({ Action, NotAction }: Statement): TrustFinding[] {
  const wild = NotAction === undefined ? (Action ?? []).filter((each) => /[*?]/.test(each)) : ['NotAction'];
  if (wild.length === 0) return [];
  return [
    tooBroad(
      `allows ${wild.join(', ')}`,
      'List the actions one by one: the call, and sts:TagSession and sts:SetSourceIdentity where they are sent.',
    ),
  ];
}

/** What has to be pinned, or other assertions, tokens and customers of the same principal come in as well. */
function ofKeys({ Action = [], Principal, Condition = {} }: Statement, { calls }: RolePlan): TrustFinding[] {
  const pinned = new Set(
    Object.entries(Condition).flatMap(([operator, keys]) =>
      /^(ForAnyValue:)?(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike)$/.test(operator)
        ? Object.entries(keys).flatMap(([key, value]) => ([value].flat().includes('*') ? [] : [key.toLowerCase()]))
        : [],
    ),
  );
  const named = typeof Principal === 'object' ? Principal : {};
  // A statement for somebody else's way in is not ours to judge.
  const own = calls.filter(
    ({ action, principal: { kind, arn } }) =>
      Action.some((each) => each.toLowerCase() === action.toLowerCase()) &&
      (named[kind] ?? []).some((each) => each === arn || arn === undefined),
  );
  // SAML:iss is one more lock: the provider's metadata says the same.
  const needed = new Set(own.flatMap(({ facts }) => Object.keys(facts)).filter((key) => key !== 'SAML:iss'));
  return [...needed]
    .filter((key) => !pinned.has(key.toLowerCase()))
    .map((key) =>
      tooBroad(`does not ask for ${key}`, `Add a StringEquals on ${key}, as \`rolegate-server template\` writes it.`),
    );
}
