// IAM: roles and identity providers of the caller's own account, as `doctor` reads them and an operator replaces metadata.
import { AwsError, validationError } from './errors.ts';
import { type ProviderRecord, type RoleRecord, uniqueId } from './estate.ts';
import { type Call, callerOf, type Operation } from './operation.ts';
import { requirePermission } from './policy/permission.ts';
import type { MemberRule } from './sts/members.ts';
import type { World } from './world.ts';
import type { AnswerMembers } from './xml/xml.ts';

/** The estate does not say when it was made. */
const CREATED = new Date('2026-01-01T00:00:00Z');
/** Metadata without an end is good for a hundred years. */
const VALID_UNTIL = new Date('2126-01-01T00:00:00Z');
const DEFAULT_PAGE = 100;

const ARN: Omit<MemberRule, 'name'> = { isRequired: true, minLength: 20, maxLength: 2048 };
export const ROLE_NAME: MemberRule = {
  name: 'RoleName',
  isRequired: true,
  minLength: 1,
  maxLength: 64,
  pattern: { regExp: /^[\w+=,.@-]+$/, shown: '[\\w+=,.@-]+' },
};

/** An operation of IAM: signed, with all its members in CloudTrail. */
export function iamOperation(name: string, members: readonly MemberRule[], run: Operation['run']): Operation {
  const shownMembers = members.map((member) => member.name);
  const withEntry: Operation['run'] = (world, call) => {
    refuseWeakSessions(call);
    return run(world, call);
  };
  return { name, service: 'iam', isSigned: true, members, shownMembers, run: withEntry };
}

/** Federated users have no IAM at all, sessions of GetSessionToken only with a second factor. */
function refuseWeakSessions(call: Call): void {
  const { kind, mfaAt } = callerOf(call).principal;
  if (kind !== 'federated-user' && (kind !== 'session' || mfaAt !== undefined)) return;
  throw new AwsError(403, 'InvalidClientTokenId', 'The security token included in the request is invalid');
}

/** The operations, for the dispatcher. */
export const iamOperations: readonly Operation[] = [
  iamOperation('GetRole', [ROLE_NAME], (world, call) => {
    const name = call.params.get('RoleName') ?? '';
    const role = rolesOf(world, call).find((record) => record.role.name === name);
    const resource = role?.arn ?? `arn:${world.estate().partition}:iam::${accountOf(call)}:role/${name}`;
    requirePermission(world, call, { action: 'iam:GetRole', resource, shownResource: `role ${name}` });
    if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
    return [['Role', [...roleMembers(role), ['RoleLastUsed', []]]]];
  }),
  iamOperation(
    'ListRoles',
    [
      { name: 'PathPrefix', minLength: 1, maxLength: 512 },
      { name: 'Marker', minLength: 1, maxLength: 320 },
      { name: 'MaxItems', minValue: 1, maxValue: 1000 },
    ],
    listRoles,
  ),
  iamOperation('GetSAMLProvider', [{ ...ARN, name: 'SAMLProviderArn' }], getSamlProvider),
  iamOperation(
    'UpdateSAMLProvider',
    [
      { ...ARN, name: 'SAMLProviderArn' },
      { name: 'SAMLMetadataDocument', isRequired: true, minLength: 1000, maxLength: 10_000_000 },
    ],
    updateSamlProvider,
  ),
  iamOperation('ListSAMLProviders', [], (world, call) => {
    requirePermission(world, call, { action: 'iam:ListSAMLProviders', resource: '*' });
    const own = [...world.estate().providers.values()].filter((one) => one.accountId === accountOf(call));
    return [['SAMLProviderList', list(own.map(({ arn }) => [['Arn', arn], ...validity()]))]];
  }),
  iamOperation('GetOpenIDConnectProvider', [{ ...ARN, name: 'OpenIDConnectProviderArn' }], getOidcProvider),
  iamOperation('ListOpenIDConnectProviders', [], (world, call) => {
    requirePermission(world, call, { action: 'iam:ListOpenIDConnectProviders', resource: '*' });
    const own = [...world.estate().oidcProviders.values()].filter((one) => one.accountId === accountOf(call));
    return [['OpenIDConnectProviderList', list(own.map(({ arn }) => [['Arn', arn]]))]];
  }),
];

export function accountOf(call: Call): string {
  return callerOf(call).principal.accountId;
}

export function rolesOf(world: World, call: Call): RoleRecord[] {
  return [...world.estate().roles.values()].filter((record) => record.account.id === accountOf(call));
}

function listRoles(world: World, call: Call): AnswerMembers {
  const { params } = call;
  const resource = `arn:${world.estate().partition}:iam::${accountOf(call)}:role/`;
  requirePermission(world, call, { action: 'iam:ListRoles', resource });
  const prefix = params.get('PathPrefix') ?? '/';
  const roles = rolesOf(world, call)
    .filter(({ role }) => (role.path ?? '/').startsWith(prefix))
    .sort((a, b) => (a.role.name < b.role.name ? -1 : 1));
  const start = Number(params.get('Marker') ?? 0);
  if (!Number.isInteger(start) || start > roles.length) throw validationError('Invalid Marker.');
  const end = start + Number(params.get('MaxItems') ?? DEFAULT_PAGE);
  const isTruncated = end < roles.length;
  return [
    ['Roles', list(roles.slice(start, end).map(roleMembers))],
    ['IsTruncated', String(isTruncated)],
    ['Marker', isTruncated ? String(end) : undefined],
  ];
}

function roleMembers({ arn, id, role }: RoleRecord): AnswerMembers {
  return [
    ['Path', role.path ?? '/'],
    ['RoleName', role.name],
    ['RoleId', id],
    ['Arn', arn],
    ['CreateDate', CREATED],
    ['AssumeRolePolicyDocument', encodeURIComponent(JSON.stringify(role.trustPolicy))],
    ['MaxSessionDuration', role.maxSessionDuration ?? 3600],
    ['Tags', role.tags === undefined ? undefined : tagMembers(role.tags)],
  ];
}

function permittedProvider(world: World, call: Call, action: string): ProviderRecord {
  const arn = call.params.get('SAMLProviderArn') ?? '';
  requirePermission(world, call, { action, resource: arn });
  const provider = world.estate().providers.get(arn);
  if (provider?.accountId === accountOf(call)) return provider;
  throw noSuchEntity(`Manifest not found for arn ${arn}`);
}

function updateSamlProvider(world: World, call: Call): AnswerMembers {
  const provider = permittedProvider(world, call, 'iam:UpdateSAMLProvider');
  try {
    world.updateSamlProvider(provider, call.params.get('SAMLMetadataDocument') ?? '');
  } catch {
    throw new AwsError(400, 'InvalidInput', 'Could not parse metadata');
  }
  return [['SAMLProviderArn', provider.arn]];
}

function getSamlProvider(world: World, call: Call): AnswerMembers {
  const provider = permittedProvider(world, call, 'iam:GetSAMLProvider');
  const { arn } = provider;
  const settings = world.estate().accounts.get(provider.accountId)?.samlProviders?.[provider.name] ?? '';
  const { metadata, assertionEncryptionMode } = typeof settings === 'string' ? { metadata: settings } : settings;
  return [
    ['SAMLProviderUUID', uniqueId('SAMLSP', arn)],
    ['SAMLMetadataDocument', metadata],
    ...validity(),
    ['AssertionEncryptionMode', assertionEncryptionMode],
  ];
}

function getOidcProvider(world: World, call: Call): AnswerMembers {
  const arn = call.params.get('OpenIDConnectProviderArn') ?? '';
  requirePermission(world, call, { action: 'iam:GetOpenIDConnectProvider', resource: arn });
  const provider = world.estate().oidcProviders.get(arn);
  if (provider === undefined || provider.accountId !== accountOf(call)) {
    throw noSuchEntity(`OpenIDConnect Provider not found for arn ${arn}`);
  }
  return [
    // IAM shows the URL without its scheme.
    ['Url', provider.url.replace(/^https?:\/\//, '')],
    ['ClientIDList', list(provider.clientIds)],
    ['ThumbprintList', list(provider.thumbprints ?? [])],
    ['CreateDate', CREATED],
    ['Tags', []],
  ];
}

function validity(): (readonly [string, Date])[] {
  return [
    ['ValidUntil', VALID_UNTIL],
    ['CreateDate', CREATED],
  ];
}

function list(values: readonly (string | AnswerMembers)[]): AnswerMembers {
  return values.map((value) => ['member', value]);
}

function tagMembers(tags: Readonly<Record<string, string>>): AnswerMembers {
  return list(
    Object.entries(tags).map(([key, value]) => [
      ['Key', key],
      ['Value', value],
    ]),
  );
}

export function noSuchEntity(message: string): AwsError {
  return new AwsError(404, 'NoSuchEntity', message);
}
