// Inline policies of roles in IAM: put, get, list, delete, within IAM's limit on their size.
import { AwsError } from './errors.ts';
import type { RoleRecord } from './estate.ts';
import { accountOf, iamOperation, noSuchEntity, ROLE_NAME, rolesOf } from './iam.ts';
import type { Call, Operation } from './operation.ts';
import { requirePermission } from './policy/permission.ts';
import { checkPolicyDocument } from './policy/session-policy.ts';
import type { MemberRule } from './sts/members.ts';
import type { World } from './world.ts';

/** IAM quotas: all inline policies of a role together, without white space. */
const MAX_CHARACTERS = 10_240;

const POLICY_NAME: MemberRule = {
  name: 'PolicyName',
  isRequired: true,
  minLength: 1,
  maxLength: 128,
  pattern: { regExp: /^[\w+=,.@-]+$/, shown: '[\\w+=,.@-]+' },
};
const POLICY_DOCUMENT: MemberRule = { name: 'PolicyDocument', isRequired: true, minLength: 1, maxLength: 131_072 };

/** The operations, for the dispatcher. */
export const rolePolicyOperations: readonly Operation[] = [
  iamOperation('PutRolePolicy', [ROLE_NAME, POLICY_NAME, POLICY_DOCUMENT], (world, call) => {
    const role = permittedRole(world, call, 'iam:PutRolePolicy');
    const text = call.params.get('PolicyDocument') ?? '';
    checkPolicyDocument(text);
    const name = call.params.get('PolicyName') ?? '';
    const policy: unknown = JSON.parse(text);
    const others = [...world.inlinePolicies.of(role)].filter(([other]) => other !== name);
    const characters = [...others.map(([, each]) => each), policy].reduce<number>(
      (sum, each) => sum + JSON.stringify(each).length,
      0,
    );
    if (characters > MAX_CHARACTERS) {
      const message = `Maximum policy size of ${MAX_CHARACTERS} bytes exceeded for role ${role.role.name}`;
      throw new AwsError(409, 'LimitExceeded', message);
    }
    world.inlinePolicies.put(role, name, policy);
    return [];
  }),
  iamOperation('GetRolePolicy', [ROLE_NAME, POLICY_NAME], (world, call) => {
    const role = permittedRole(world, call, 'iam:GetRolePolicy');
    const name = call.params.get('PolicyName') ?? '';
    const policy = world.inlinePolicies.of(role).get(name);
    if (policy === undefined) throw noSuchPolicy(name);
    return [
      ['RoleName', role.role.name],
      ['PolicyName', name],
      ['PolicyDocument', encodeURIComponent(JSON.stringify(policy))],
    ];
  }),
  iamOperation('ListRolePolicies', [ROLE_NAME], (world, call) => {
    const role = permittedRole(world, call, 'iam:ListRolePolicies');
    return [
      ['PolicyNames', [...world.inlinePolicies.of(role).keys()].map((name) => ['member', name] as const)],
      ['IsTruncated', 'false'],
    ];
  }),
  iamOperation('DeleteRolePolicy', [ROLE_NAME, POLICY_NAME], (world, call) => {
    const role = permittedRole(world, call, 'iam:DeleteRolePolicy');
    const name = call.params.get('PolicyName') ?? '';
    if (!world.inlinePolicies.remove(role, name)) throw noSuchPolicy(name);
    return [];
  }),
];

function permittedRole(world: World, call: Call, action: string): RoleRecord {
  const name = call.params.get('RoleName') ?? '';
  const role = rolesOf(world, call).find((record) => record.role.name === name);
  const resource = role?.arn ?? `arn:${world.estate().partition}:iam::${accountOf(call)}:role/${name}`;
  requirePermission(world, call, { action, resource, shownResource: `role ${name}` });
  if (role === undefined) throw noSuchEntity(`The role with name ${name} cannot be found.`);
  return role;
}

function noSuchPolicy(name: string): AwsError {
  return noSuchEntity(`The role policy with name ${name} cannot be found.`);
}
