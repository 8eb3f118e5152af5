// `rolegate-server template`: which account's plan, in which words.
import { isIP } from 'node:net';
import { type Config, ConfigError } from '../config/config.ts';
import type { ProvisioningOptions } from './broker-calls.ts';
import { type AccountPlan, planAccounts } from './provisioning.ts';
import { cloudFormationTemplate } from './template-cloudformation.ts';
import { terraformTemplate } from './template-terraform.ts';
import { sizeOf, trustPolicyLimits, trustPolicyOf } from './trust-policy.ts';

export type TemplateFormat = 'cloudformation' | 'terraform';

export interface TemplateOptions extends ProvisioningOptions {
  readonly format: TemplateFormat;
  /** Id or alias; undefined where every account needs the same. */
  readonly account: string | undefined;
  /** The broker's own, as IAM shall have it. */
  readonly metadata: string;
}

export interface Template {
  readonly text: string;
  /** Steps that it cannot express, for the operator who deploys it. */
  readonly notes: readonly string[];
}

const writers = { cloudformation: cloudFormationTemplate, terraform: terraformTemplate } as const;

/** @throws ConfigError for what cannot be written, or cannot be the same for all accounts */
export function writeTemplate(config: Config, options: TemplateOptions): Template {
  const plans = chooseAccounts(planAccounts(config, checkOptions(options)), options.account);
  const byText = new Map<string, string[]>();
  for (const plan of plans) {
    if (!plan.samlProvider && !plan.oidcProvider && plan.roles.length === 0) continue;
    const long = plan.roles.filter((role) => sizeOf(trustPolicyOf(role)) > trustPolicyLimits.most);
    if (long.length > 0) {
      throw new ConfigError(plan.account.alias, [
        ...long.map(
          ({ name }) =>
            `the trust policy of ${name} would be longer than the ${trustPolicyLimits.most} characters that IAM takes: let fewer rules give this role`,
        ),
      ]);
    }
    const text = writers[options.format](plan, options.metadata);
    byText.set(text, [...(byText.get(text) ?? []), plan.account.alias]);
  }
  const [text, ...others] = byText.keys();
  if (text === undefined)
    throw new ConfigError(options.account ?? 'rules', ['no role here can be written down: see explain']);
  if (others.length > 0) {
    throw new ConfigError('--account', [
      'the accounts do not all need the same: name one of them',
      ...[...byText.values()].map((aliases) => `these need the same: ${aliases.join(', ')}`),
    ]);
  }
  const notes = plans.flatMap((plan) => [...plan.notes, ...sizeNotes(plan)].map((note) => [plan, note] as const));
  return {
    text,
    notes: [...new Set(notes.map(([{ account }, note]) => (options.account ? note : `${account.alias}: ${note}`)))],
  };
}

/** Those that are meant. @throws ConfigError for one that is not configured, and where there is none at all */
export function chooseAccounts(plans: readonly AccountPlan[], wanted: string | undefined): readonly AccountPlan[] {
  const chosen = plans.filter(({ account }) => wanted === undefined || [account.id, account.alias].includes(wanted));
  if (chosen.length > 0) return chosen;
  throw new ConfigError('--account', [`no account has the id or alias ${wanted ?? ''}`]);
}

/** @throws ConfigError for an invalid network, role or user */
export function checkOptions<T extends ProvisioningOptions>(options: T): T {
  const { sourceIps, brokerArn } = options;
  const problems = sourceIps
    .filter((each) => {
      // Not all of the internet: that would pin nothing.
      const [, address = '', bits] = /^([^/]+)(?:\/(\d{1,3}))?$/.exec(each) ?? [];
      const family = isIP(address);
      return !(family !== 0 && (bits === undefined || (Number(bits) > 0 && Number(bits) <= (family === 4 ? 32 : 128))));
    })
    .map((each) => `--source-ip: ${each} is not an address or network`);
  // A session's ARN changes with its name: the role behind it is what a policy trusts.
  if (
    brokerArn !== undefined &&
    !/^arn:aws[a-z-]*:iam::\d{12}:(role|user)\/([!-~]{1,510}\/)?[\w+=,.@-]{1,64}$/.test(brokerArn)
  )
    problems.push('--broker-arn: is not the ARN of an IAM role or user');
  if (problems.length > 0) throw new ConfigError('options', problems);
  return options;
}

function sizeNotes({ roles }: AccountPlan): string[] {
  const long = roles.filter((role) => sizeOf(trustPolicyOf(role)) > trustPolicyLimits.usual);
  return long.map(
    ({ name }) =>
      `the trust policy of ${name} is longer than ${trustPolicyLimits.usual} characters: ask AWS to raise the account's quota "Role trust policy length"`,
  );
}
