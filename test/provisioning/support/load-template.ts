// What CloudFormation or Terraform would make of a generated template in one account, as the emulator's estate. It knows
// the functions and references that the templates use, and fails on any other.
import { parse } from 'yaml';
import type { EmulatedAccount, EmulatedRole } from '../../../emulators/aws/server.ts';

type Raw = Record<string, unknown>;
type Providers = Pick<EmulatedAccount, 'samlProviders' | 'oidcProviders'>;

interface Deployed extends Providers {
  readonly roles: readonly (EmulatedRole & { readonly description: unknown; readonly policyArns: unknown })[];
}

interface Place {
  readonly accountId: string;
  readonly partition?: string;
}

/** @param parameters values for some of the template's parameters */
export function deployCloudFormation(
  text: string,
  place: Place,
  parameters: Readonly<Record<string, string>> = {},
): Deployed {
  const { partition = 'aws', accountId } = place;
  // CloudFormation reads YAML 1.1.
  const template = parse(text, { version: '1.1' }) as { Parameters?: Raw; Conditions?: Raw; Resources: Raw };
  const values = (name: string): string[] => {
    const { Default } = (template.Parameters as Raw)[name] as { Default: string };
    return (parameters[name] ?? Default).split(',');
  };
  const resources = Object.entries(template.Resources) as [string, { Type: string; Properties: Raw }][];
  const refOf = (name: string): unknown => {
    if (name === 'AWS::NoValue') return undefined;
    const { Type, Properties } = (template.Resources[name] ?? {}) as { Type?: string; Properties: Raw };
    if (Type === 'AWS::IAM::SAMLProvider')
      return `arn:${partition}:iam::${accountId}:saml-provider/${Properties['Name']}`;
    if (Type === 'AWS::IAM::OIDCProvider')
      return `arn:${partition}:iam::${accountId}:oidc-provider/${String(Properties['Url']).replace(/^https?:\/\//, '')}`;
    return values(name);
  };
  const resolve = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    const [name = '', argument] = Object.entries(value)[0] ?? [];
    const args = argument as unknown[];
    if (name === 'Ref') return refOf(String(argument));
    if (name === 'Fn::Sub')
      return String(argument).replace(/\$\{AWS::(Partition|AccountId)\}/g, (_, what) =>
        what === 'Partition' ? partition : accountId,
      );
    if (name === 'Fn::If') return resolve(resolve(template.Conditions?.[String(args[0])]) ? args[1] : args[2]);
    if (name === 'Fn::Not') return !resolve(args[0]);
    if (name === 'Fn::Equals') return resolve(args[0]) === resolve(args[1]);
    if (name === 'Fn::Join') return (resolve(args[1]) as string[]).join(String(args[0]));
    if (name.startsWith('Fn::')) throw new Error(`${name} is not known here`);
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, resolve(each)]));
  };
  const ofType = (type: string) =>
    resources.flatMap(([, { Type, Properties }]) => (Type === type ? [resolve(Properties) as Raw] : []));
  return {
    ...providers(
      ofType('AWS::IAM::SAMLProvider').map((each) => [each['Name'], each['SamlMetadataDocument']]),
      ofType('AWS::IAM::OIDCProvider').map((each) => [each['Url'], each['ClientIdList']]),
    ),
    roles: ofType('AWS::IAM::Role').map((each) => ({
      name: String(each['RoleName']),
      path: String(each['Path']),
      description: each['Description'],
      maxSessionDuration: Number(each['MaxSessionDuration']),
      trustPolicy: each['AssumeRolePolicyDocument'],
      policyArns: each['ManagedPolicyArns'] ?? [],
    })),
  };
}

/** @param variables values for some of its variables */
export function deployTerraform(
  text: string,
  place: Place,
  variables: Readonly<Record<string, unknown>> = {},
): Deployed {
  const { partition = 'aws', accountId } = place;
  const {
    resource,
    locals,
    variable = {},
  } = JSON.parse(text) as {
    resource: Record<string, Record<string, Raw>>;
    locals: { trust: Raw };
    variable?: Record<string, { default: unknown }>;
  };
  const { aws_iam_saml_provider: saml = {}, aws_iam_openid_connect_provider: oidc = {} } = resource;
  const names: Record<string, string> = {
    'aws_iam_saml_provider.rolegate.arn': `arn:${partition}:iam::${accountId}:saml-provider/${saml['rolegate']?.['name']}`,
    'aws_iam_openid_connect_provider.rolegate.arn': `arn:${partition}:iam::${accountId}:oidc-provider/${String(oidc['rolegate']?.['url']).replace(/^https?:\/\//, '')}`,
    'data.aws_partition.current.partition': partition,
    'data.aws_caller_identity.current.account_id': accountId,
  };
  // A text of Terraform: $${ and %%{ mean ${ and %{, ${…} is a value.
  const fill = (template: string) =>
    template.replace(/(\$\$|%%)\{|\$\{([^}]+)\}|%\{/g, (whole, escaped?: string, name?: string) => {
      if (escaped !== undefined) return `${escaped[0]}{`;
      const value = names[name ?? ''];
      if (value === undefined) throw new Error(`${whole} is not known here`);
      return value;
    });
  const resolve = (value: unknown): unknown => {
    if (typeof value === 'string') return fill(value);
    if (Array.isArray(value)) return value.map(resolve);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [fill(key), resolve(each)]));
  };
  const trustOf = (expression: unknown) => {
    const [, name = ''] = /^\$\{jsonencode\(local\.trust\["([^"]+)"\]\)\}$/.exec(String(expression)) ?? [];
    return resolve(locals.trust[name]);
  };
  return {
    ...providers(
      Object.values(saml).map((each) => [each['name'], resolve(each['saml_metadata_document'])]),
      Object.values(oidc).map((each) => [resolve(each['url']), resolve(each['client_id_list'])]),
    ),
    roles: Object.entries(resource['aws_iam_role'] ?? {}).map(([id, each]) => ({
      name: String(each['name']),
      path: String(each['path']),
      description: resolve(each['description']),
      maxSessionDuration: Number(each['max_session_duration']),
      trustPolicy: trustOf(each['assume_role_policy']),
      policyArns: attachedTo(id, resource, { ...defaults(variable), ...variables }),
    })),
  };
}

function defaults(variable: Record<string, { default: unknown }>): Raw {
  return Object.fromEntries(Object.entries(variable).map(([name, each]) => [name, each.default]));
}

function attachedTo(id: string, resource: Record<string, Record<string, Raw>>, variables: Raw): unknown {
  const attached = Object.values(resource['aws_iam_role_policy_attachment'] ?? {}).filter(
    ({ role }) => role === `\${aws_iam_role.${id}.name}`,
  );
  return attached.flatMap(({ for_each: from }) => variables[String(from).replace(/^\$\{var\.(.+)\}$/, '$1')]);
}

function providers(saml: readonly (readonly unknown[])[], oidc: readonly (readonly unknown[])[]): Providers {
  return {
    samlProviders: Object.fromEntries(saml.map(([name, metadata]) => [String(name), String(metadata)])),
    oidcProviders: oidc.map(([url, clientIds]) => ({ url: String(url), clientIds: clientIds as string[] })),
  };
}
