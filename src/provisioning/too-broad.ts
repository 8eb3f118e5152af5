// What a trust policy allows beyond the broker's own calls. Pure.
import type { RolePlan } from './provisioning.ts';
import type { Statement, TrustFinding } from './trust-statement.ts';

/** Each thing once. */
export function findTooBroad(statements: readonly Statement[], role: RolePlan): TrustFinding[] {
  const allows = statements.filter((each) => each.Effect === 'Allow' && opensRoles(each));
  const found = allows.flatMap((statement) => [
    ...broadPrincipal(statement),
    ...broadActions(statement),
    ...unpinnedKeys(statement, role),
  ]);
  return [...new Map(found.map((each) => [each.text, each])).values()];
}

const opening = ['assumerole', 'assumerolewithsaml', 'assumerolewithwebidentity'];

function opensRoles({ Action = [], NotAction }: Statement): boolean {
  const opens = (action: string) => opening.includes(action.toLowerCase().replace(/^sts:/, ''));
  return NotAction !== undefined || Action.some((each) => /[*?]/.test(each) || opens(each));
}

function tooBroad(text: string, fix: string): TrustFinding {
  return { verdict: 'too_broad', text, fix };
}

function broadPrincipal({ Principal, NotPrincipal }: Statement): TrustFinding[] {
  const isAnybody =
    Principal === '*' || (typeof Principal === 'object' && Object.values(Principal).flat().includes('*'));
  if (!isAnybody && NotPrincipal === undefined) return [];
  return [tooBroad('trusts any principal', 'Name the provider or the role that may come in, and no other.')];
}

function broadActions({ Action, NotAction }: Statement): TrustFinding[] {
  const wild = NotAction === undefined ? (Action ?? []).filter((each) => /[*?]/.test(each)) : ['NotAction'];
  if (wild.length === 0) return [];
  return [
    tooBroad(
      `allows ${wild.join(', ')}`,
      'List the actions one by one: the call, and sts:TagSession and sts:SetSourceIdentity where they are sent.',
    ),
  ];
}

/** Keys that a statement must pin: otherwise other assertions, tokens or customers of the same principal are accepted too. */
function unpinnedKeys({ Action = [], Principal, Condition = {} }: Statement, { calls }: RolePlan): TrustFinding[] {
  const pinned = new Set(
    Object.entries(Condition).flatMap(([operator, keys]) =>
      /^(ForAnyValue:)?(StringEquals|StringLike|StringEqualsIgnoreCase|ArnEquals|ArnLike)$/.test(operator)
        ? Object.entries(keys).flatMap(([key, value]) => ([value].flat().includes('*') ? [] : [key.toLowerCase()]))
        : [],
    ),
  );
  const named = typeof Principal === 'object' ? Principal : {};
  // Statements for other principals or actions are not the broker's.
  const own = calls.filter(
    ({ action, principal: { kind, arn } }) =>
      Action.some((each) => each.toLowerCase() === action.toLowerCase()) &&
      (named[kind] ?? []).some((each) => each === arn || arn === undefined),
  );
  // SAML:iss is optional: the provider's metadata already binds the issuer.
  const needed = new Set(own.flatMap(({ facts }) => Object.keys(facts)).filter((key) => key !== 'SAML:iss'));
  return [...needed]
    .filter((key) => !pinned.has(key.toLowerCase()))
    .map((key) =>
      tooBroad(`does not ask for ${key}`, `Add a StringEquals on ${key}, as \`rolegate-server template\` writes it.`),
    );
}
