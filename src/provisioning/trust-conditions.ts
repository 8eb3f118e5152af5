// Whether the broker's call meets the conditions of a trust policy, as far as that can be known without AWS. Pure.
import { BlockList, isIP } from 'node:net';
import { z } from 'zod';
import type { BrokerCall } from './broker-calls.ts';

/** What a condition key holds in the broker's call; `some`: a value that differs from person to person. */
export type KnownValue =
  | { readonly kind: 'values'; readonly values: readonly string[] }
  | { readonly kind: 'some' }
  | { readonly kind: 'absent' };

export type Outcome =
  | { readonly kind: 'met' }
  | {
      readonly kind: 'unmet' | 'unknown';
      readonly key: string;
      readonly wanted: readonly string[];
      readonly known: KnownValue | undefined;
    };

export const conditionBlock = z.record(
  z.string(),
  z.record(
    z.string(),
    z.union([z.string(), z.boolean(), z.number(), z.array(z.union([z.string(), z.boolean(), z.number()]))]),
  ),
);
export type ConditionBlock = z.output<typeof conditionBlock>;

/** Every operator and key has to hold. A condition that fails decides, then one that cannot be evaluated here. */
export function checkConditions(block: ConditionBlock, call: BrokerCall, action: string): Outcome {
  const outcomes = Object.entries(block).flatMap(([operator, keys]) =>
    Object.entries(keys).map(([key, value]) =>
      checkCondition(operator, key, [value].flat().map(String), { ...call, evaluatedAction: action }),
    ),
  );
  return (
    outcomes.find(({ kind }) => kind === 'unmet') ?? outcomes.find(({ kind }) => kind === 'unknown') ?? { kind: 'met' }
  );
}

/** A call, and which of its actions STS asks the policy for. */
interface ActionCall extends BrokerCall {
  readonly evaluatedAction: string;
}

function checkCondition(operator: string, key: string, wanted: readonly string[], call: ActionCall): Outcome {
  const known = knownValue(key.toLowerCase(), call);
  const holds = known === undefined ? undefined : evaluate(operator, wanted, known);
  if (holds === true) return { kind: 'met' };
  return { kind: holds === false ? 'unmet' : 'unknown', key, wanted, known };
}

/** Keys that an unsigned call never has: it has no principal yet, and therefore no organisation. */
const ofPrincipals =
  /^aws:(principal(?!type|isaws)|multifactorauth|userid|username|tokenissuetime|sourceidentity|source(account|arn|org))/;

/** Undefined: this program does not know the key. */
function knownValue(key: string, call: ActionCall): KnownValue | undefined {
  // Service Authorization Reference: a key of sts:AssumeRole alone; nothing documents it for the other actions of the call.
  if (key === 'sts:externalid' && call.evaluatedAction !== 'sts:AssumeRole') return undefined;
  const fact = Object.entries(call.facts).find(([name]) => name.toLowerCase() === key)?.[1];
  if (fact !== undefined) return { kind: 'values', values: fact };
  const isUnsigned = call.principal.kind === 'Federated';
  if (isUnsigned && ofPrincipals.test(key)) return { kind: 'absent' };
  // The broker does not know what the identity provider wrote.
  if (call.mode === 'forward' && !['aws:sourceip', 'aws:securetransport'].includes(key)) return undefined;
  if (key.startsWith('saml:')) {
    // What the minted assertion says: src/aws/mint-assertion.ts.
    if (call.action !== 'sts:AssumeRoleWithSAML') return { kind: 'absent' };
    if (key === 'saml:sub_type') return { kind: 'values', values: ['persistent'] };
    if (key === 'saml:sub') return { kind: 'some' };
    if (key === 'saml:namequalifier') return undefined;
    const [, account, provider] = /::(\d{12}):saml-provider\/(.+)$/.exec(call.principal.arn ?? '') ?? [];
    return key === 'saml:doc' ? { kind: 'values', values: [`${account}/${provider}`] } : { kind: 'absent' };
  }
  if (key.startsWith('aws:requesttag/')) return requestTag(key, call);
  switch (key) {
    case 'aws:tagkeys':
      return present(call.tags.map((tag) => tag.key));
    case 'sts:transitivetagkeys':
      return present(call.transitiveTagKeys);
    case 'sts:sourceidentity':
      return call.sendsSourceIdentity ? { kind: 'some' } : { kind: 'absent' };
    case 'sts:rolesessionname':
      return { kind: 'some' };
    case 'sts:externalid':
      return { kind: 'absent' };
    case 'aws:securetransport':
      return { kind: 'values', values: ['true'] };
    case 'aws:multifactorauthpresent':
    case 'aws:multifactorauthage':
      return { kind: 'absent' };
    case 'aws:sourceip':
      return call.sourceIps.length === 0 ? undefined : { kind: 'values', values: call.sourceIps };
    default:
      // The broker's ID token has no other claims that are condition keys.
      return isUnsigned && /^[^:]*[./][^:]*:\w+$/.test(key) ? { kind: 'absent' } : undefined;
  }
}

function requestTag(key: string, { tags }: BrokerCall): KnownValue | undefined {
  const tag = tags.find((each) => `aws:requesttag/${each.key.toLowerCase()}` === key);
  if (tag === undefined) return { kind: 'absent' };
  if (tag.isOptional) return undefined;
  return tag.from.kind === 'value' ? { kind: 'values', values: [tag.from.value] } : { kind: 'some' };
}

function present(values: readonly string[]): KnownValue {
  return values.length === 0 ? { kind: 'absent' } : { kind: 'values', values };
}

/** IAM User Guide, condition operators. Undefined: cannot be known. */
function evaluate(fullName: string, wanted: readonly string[], known: KnownValue): boolean | undefined {
  const [, qualifier, name = '', ifExists] = /^(?:(ForAnyValue|ForAllValues):)?(\w+?)(IfExists)?$/.exec(fullName) ?? [];
  if (name === 'Null') return wanted.some((each) => (each.toLowerCase() === 'true') === (known.kind === 'absent'));
  const plain = name.replace('Not', '');
  const isNegated = plain !== name;
  const matches = Object.hasOwn(matchers, plain) ? matchers[plain] : undefined;
  if (matches === undefined) return undefined;
  if (known.kind === 'absent') {
    return ifExists !== undefined || qualifier === 'ForAllValues' || (qualifier === undefined && isNegated);
  }
  if (known.kind === 'some') return plain === 'StringLike' && wanted.includes('*') ? !isNegated : undefined;
  // A policy variable has its value at AWS only.
  if (wanted.some((each) => /\$\{(?![*?$]\})/.test(each))) return undefined;
  const fits = (value: string) => wanted.some((each) => matches(value, each)) !== isNegated;
  // Of several values that a call may have, such as audiences, every one has to do.
  return qualifier === 'ForAnyValue' ? known.values.some(fits) : known.values.every(fits);
}

type Match = (value: string, wanted: string) => boolean;

const matchers: Readonly<Record<string, Match>> = {
  StringEquals: (value, wanted) => value === wanted,
  StringEqualsIgnoreCase: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  StringLike: isLike,
  ArnEquals: isLike,
  ArnLike: isLike,
  Bool: (value, wanted) => value.toLowerCase() === wanted.toLowerCase(),
  IpAddress: (inner, outer) => {
    const [[address, bits], [network, length]] = [split(inner), split(outer)];
    const family = isIP(address) === 4 ? 'ipv4' : 'ipv6';
    if (isIP(address) === 0 || isIP(address) !== isIP(network) || !(length <= bits)) return false;
    const list = new BlockList();
    list.addSubnet(network, length, family);
    return list.check(address, family);
  },
};

/** `*` for any text, `?` for one character. */
export function isLike(value: string, pattern: string): boolean {
  const escaped = pattern.replace(/[.+^$()|[\]{}\\]/g, '\\$&');
  return new RegExp(`^${escaped.replace(/\*+/g, '.*').replace(/\?/g, '.')}$`, 'su').test(value);
}

function split(text: string): readonly [string, number] {
  const [address = '', bits] = text.split('/');
  const most = isIP(address) === 4 ? 32 : 128;
  return [address, bits === undefined ? most : Math.min(Number(bits), most)];
}
