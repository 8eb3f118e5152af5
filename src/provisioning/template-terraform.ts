// A plan as a Terraform configuration in JSON syntax, for a file whose name ends in .tf.json. It names neither account nor
// partition: both come from the provider that it is applied with.
import { createHash } from 'node:crypto';
import { type AccountPlan, isOwn, type RolePlan } from './provisioning.ts';
import { trustPolicyOf } from './trust-policy.ts';

type Json = Readonly<Record<string, unknown>>;

/** @param metadata the broker's own, as IAM shall have it */
export function terraformTemplate(plan: AccountPlan, metadata: string): string {
  const { samlProvider, oidcProvider, roles } = plan;
  const byName = (of: (role: RolePlan) => Json) =>
    Object.fromEntries(roles.map((role) => [localName(role.name), of(role)]));
  const template = {
    '//': 'Rolegate in one account: identity providers and the roles of its rules',
    // The first version that needs no thumbprints.
    terraform: { required_providers: { aws: { source: 'hashicorp/aws', version: '>= 5.81' } } },
    // For ARNs of this account that nothing here makes.
    ...((oidcProvider || plan.idpProviders.length > 0) && {
      data: { aws_caller_identity: { current: {} }, aws_partition: { current: {} } },
    }),
    // No permissions by default: the operator names existing policies.
    variable: Object.fromEntries(
      roles.map((role) => [
        policiesOf(role),
        { type: 'set(string)', default: [], description: `ARNs of the managed policies of ${role.name}` },
      ]),
    ),
    locals: { trust: byName((role) => withReferences(trustPolicyOf(role), role, plan) as Json) },
    resource: {
      ...(samlProvider && {
        aws_iam_saml_provider: {
          rolegate: { name: samlProvider.name, saml_metadata_document: literal(metadata) },
        },
      }),
      ...(oidcProvider && {
        aws_iam_openid_connect_provider: {
          rolegate: { url: literal(oidcProvider.url), client_id_list: [literal(oidcProvider.audience)] },
        },
      }),
      ...(roles.length > 0 && {
        aws_iam_role: byName(roleResource),
        aws_iam_role_policy_attachment: byName(attachment),
      }),
    },
  };
  return `${JSON.stringify(template, null, 2)}\n`;
}

function roleResource(role: RolePlan): Json {
  return {
    name: role.name,
    path: literal(role.path),
    description: literal(role.description),
    max_session_duration: role.maxSessionSeconds,
    assume_role_policy: `\${jsonencode(local.trust["${localName(role.name)}"])}`,
  };
}

function attachment(role: RolePlan): Json {
  return {
    for_each: `\${var.${policiesOf(role)}}`,
    role: `\${aws_iam_role.${localName(role.name)}.name}`,
    // biome-ignore lint/suspicious/noTemplateCurlyInString: Terraform's own placeholder
    policy_arn: '${each.value}',
  };
}

/** ARNs of this account, by what Terraform calls them; every other text as it is. */
function withReferences(value: unknown, role: RolePlan, plan: AccountPlan): unknown {
  if (Array.isArray(value)) return value.map((each) => withReferences(each, role, plan));
  if (typeof value === 'object' && value !== null) {
    const entries = Object.entries(value).map(([key, each]) => [literal(key), withReferences(each, role, plan)]);
    return Object.fromEntries(entries);
  }
  // biome-ignore-start lint/suspicious/noTemplateCurlyInString: Terraform's own placeholders
  if (value === plan.samlProvider?.arn) return '${aws_iam_saml_provider.rolegate.arn}';
  if (value === plan.oidcProvider?.arn) return '${aws_iam_openid_connect_provider.rolegate.arn}';
  if (!isOwn(value, role)) return literal(String(value));
  const account = 'arn:${data.aws_partition.current.partition}:iam::${data.aws_caller_identity.current.account_id}';
  // biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
  return `${account}:${value.split(':').slice(5).join(':')}`;
}

/** Terraform reads ${ and %{ in every text. */
function literal(text: string): string {
  return text.replace(/\$\{/g, '$$$${').replace(/%\{/g, '%%{');
}

/** Where characters had to be replaced, a hash keeps two names apart. */
function localName(name: string): string {
  const plain = name.replace(/[^\w-]/g, '_').replace(/^(?![A-Za-z_])/, '_');
  return plain === name ? plain : `${plain}_${createHash('sha256').update(name).digest('hex').slice(0, 6)}`;
}

function policiesOf({ name }: RolePlan): string {
  return `${localName(name)}_policy_arns`;
}
