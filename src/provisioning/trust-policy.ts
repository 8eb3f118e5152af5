// The trust policy of a planned role: no more than what the broker's calls need. Pure.
import type { BrokerCall } from './broker-calls.ts';
import type { RolePlan } from './provisioning.ts';

export interface TrustPolicy {
  readonly Version: '2012-10-17';
  readonly Statement: readonly TrustStatement[];
}

interface TrustStatement {
  readonly Sid: string;
  readonly Effect: 'Allow';
  readonly Principal: Readonly<Record<string, string>>;
  readonly Action: string;
  readonly Condition?: Conditions;
}

type Conditions = Readonly<Record<string, Readonly<Record<string, string | readonly string[]>>>>;

/** IAM quotas: characters without white space, and what an account may have it raised to. */
export const trustPolicyLimits = { usual: 2048, most: 4096 } as const;

/**
 * One statement for each action, each with the condition keys that AWS documents for it: sts:TagSession, for one, does
 * not support an external id. @throws Error if the operator did not name the broker's AWS identity
 */
export function trustPolicyOf({ calls, name }: RolePlan): TrustPolicy {
  const statements = calls.flatMap((call) => {
    const { kind, arn } = call.principal;
    if (arn === undefined) throw new Error(`role ${name} is for the mode ${call.mode}: say --broker-arn`);
    return statementsOf(call, { [kind]: arn });
  });
  return { Version: '2012-10-17', Statement: withoutImplied(statements).map(withSid) };
}

/** As IAM counts it. */
export function sizeOf(policy: TrustPolicy): number {
  return JSON.stringify(policy).replace(/\s/g, '').length;
}

type UnnamedStatement = Omit<TrustStatement, 'Sid'>;

function statementsOf(call: BrokerCall, Principal: UnnamedStatement['Principal']): UnnamedStatement[] {
  const allow = (Action: string, Condition: Conditions): UnnamedStatement => ({
    Effect: 'Allow',
    Principal,
    Action,
    ...(Object.keys(Condition).length === 0 ? {} : { Condition }),
  });
  const isNamed = call.sendsSourceIdentity ? { StringLike: { 'sts:SourceIdentity': '*' } } : {};
  const tags = Object.fromEntries(
    call.tags.flatMap(({ key, from }) => (from.kind === 'value' ? [[`aws:RequestTag/${key}`, [from.value]]] : [])),
  );
  const fromAddresses = call.sourceIps.length === 0 ? {} : { IpAddress: { 'aws:SourceIp': call.sourceIps } };
  return [
    allow(call.action, { ...equals({ ...call.facts, ...tags }), ...isNamed, ...fromAddresses }),
    ...(call.tags.length === 0 ? [] : [allow('sts:TagSession', { ...equals(tags), ...onlyTheseKeys(call) })]),
    ...(call.sendsSourceIdentity ? [allow('sts:SetSourceIdentity', isNamed)] : []),
  ];
}

function equals(values: Readonly<Record<string, readonly string[]>>): Conditions {
  const written = Object.entries(values).map(([key, list]) => [key, list.length === 1 ? list[0]! : list] as const);
  return written.length === 0 ? {} : { StringEquals: Object.fromEntries(written) };
}

function onlyTheseKeys({ tags, transitiveTagKeys }: BrokerCall): Conditions {
  return {
    'ForAllValues:StringEquals': {
      'aws:TagKeys': tags.map(({ key }) => key),
      ...(transitiveTagKeys.length === 0 ? {} : { 'sts:TransitiveTagKeys': transitiveTagKeys }),
    },
  };
}

/** A statement that asks for more than another one protects nothing: only the other one stays. */
function withoutImplied(statements: readonly UnnamedStatement[]): UnnamedStatement[] {
  const isSame = (a: UnnamedStatement, b: UnnamedStatement) =>
    a.Action === b.Action && JSON.stringify(a.Principal) === JSON.stringify(b.Principal);
  const isImplied = (one: UnnamedStatement, index: number) =>
    statements.some((other, otherIndex) => {
      if (otherIndex === index || !isSame(one, other)) return false;
      const [mine, others] = [conditionsOf(one), conditionsOf(other)];
      return [...others].every((each) => mine.has(each)) && (others.size < mine.size || otherIndex < index);
    });
  return statements.filter((one, index) => !isImplied(one, index));
}

function conditionsOf({ Condition = {} }: UnnamedStatement): Set<string> {
  return new Set(
    Object.entries(Condition).flatMap(([operator, keys]) =>
      Object.entries(keys).map((each) => JSON.stringify([operator, ...each])),
    ),
  );
}

/** IAM: Sid of letters and digits, unique in the policy. */
function withSid(statement: UnnamedStatement, index: number, all: readonly UnnamedStatement[]): TrustStatement {
  const action = statement.Action.replace('sts:', '');
  const before = all.slice(0, index).filter(({ Action }) => Action === statement.Action).length;
  return { Sid: before === 0 ? action : `${action}${before + 1}`, ...statement };
}
