// A plan as a CloudFormation template. It names neither account nor partition, so that one template can serve a StackSet.
import { createHash } from 'node:crypto';
import { stringify } from 'yaml';
import { type AccountPlan, isOwn, type RolePlan } from './provisioning.ts';
import { trustPolicyOf } from './trust-policy.ts';

type Json = Readonly<Record<string, unknown>>;

/** @param metadata the broker's own, as IAM shall have it */
export function cloudFormationTemplate(plan: AccountPlan, metadata: string): string {
  const { samlProvider, oidcProvider, roles } = plan;
  const parts = roles.map((role) => roleParts(role, plan));
  const template = {
    AWSTemplateFormatVersion: '2010-09-09',
    Description: 'Rolegate in this account: identity providers and the roles of its rules',
    ...section('Parameters', Object.assign({}, ...parts.map(({ parameters }) => parameters))),
    ...section('Conditions', Object.assign({}, ...parts.map(({ conditions }) => conditions))),
    Resources: {
      ...(samlProvider && {
        SamlProvider: {
          Type: 'AWS::IAM::SAMLProvider',
          Properties: { Name: samlProvider.name, SamlMetadataDocument: metadata },
        },
      }),
      ...(oidcProvider && {
        OidcProvider: {
          Type: 'AWS::IAM::OIDCProvider',
          Properties: { Url: oidcProvider.url, ClientIdList: [oidcProvider.audience] },
        },
      }),
      ...Object.assign({}, ...parts.map(({ resources }) => resources)),
    },
  };
  // YAML 1.1, as CloudFormation reads it: 2012-10-17 has to be quoted, or it is a date.
  return stringify(template, { version: '1.1', aliasDuplicateObjects: false, lineWidth: 0 });
}

function section(name: string, entries: Json): Json {
  return Object.keys(entries).length === 0 ? {} : { [name]: entries };
}

/** No permissions by default: the operator who deploys the template names existing policies. */
function roleParts(role: RolePlan, plan: AccountPlan) {
  // CloudFormation, Resources, logical ID: letters and digits only; where others were left out, a hash keeps two names apart.
  const plain = role.name.replace(/[^A-Za-z0-9]/g, '');
  const mark = plain === role.name ? '' : createHash('sha256').update(role.name).digest('hex').slice(0, 6);
  const id = `Role${plain}${mark}`;
  const [parameter, condition] = [`${id}PolicyArns`, `${id}HasPolicies`];
  return {
    parameters: {
      [parameter]: {
        Type: 'CommaDelimitedList',
        Default: '',
        Description: `ARNs of the managed policies of ${role.name}, with commas between them`,
      },
    },
    conditions: {
      // The empty default is a list of one empty text.
      [condition]: { 'Fn::Not': [{ 'Fn::Equals': [{ 'Fn::Join': ['', { Ref: parameter }] }, ''] }] },
    },
    resources: {
      [id]: {
        Type: 'AWS::IAM::Role',
        Properties: {
          RoleName: role.name,
          Path: role.path,
          Description: role.description,
          MaxSessionDuration: role.maxSessionSeconds,
          AssumeRolePolicyDocument: withReferences(trustPolicyOf(role), role, plan),
          ManagedPolicyArns: { 'Fn::If': [condition, { Ref: parameter }, { Ref: 'AWS::NoValue' }] },
        },
      },
    },
  };
}

/** ARNs of this account, by what CloudFormation calls them. */
function withReferences(value: unknown, role: RolePlan, plan: AccountPlan): unknown {
  if (Array.isArray(value)) return value.map((each) => withReferences(each, role, plan));
  if (typeof value === 'object' && value !== null) {
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, withReferences(each, role, plan)]));
  }
  if (value === plan.samlProvider?.arn) return { Ref: 'SamlProvider' };
  if (value === plan.oidcProvider?.arn) return { Ref: 'OidcProvider' };
  if (!isOwn(value, role)) return value;
  const rest = value.split(':').slice(5).join(':');
  return { 'Fn::Sub': `arn:\${AWS::Partition}:iam::\${AWS::AccountId}:${rest}` };
}
