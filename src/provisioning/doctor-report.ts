// What `doctor aws` prints, and the trust policies that it reads from files.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type Finding, inspectTrustPolicy } from './doctor-aws.ts';
import type { AccountPlan } from './provisioning.ts';

/** Without a word to AWS. @param directory has ACCOUNT/ROLE.json or ROLE.json, ACCOUNT being id or alias */
export function inspectFiles(plans: readonly AccountPlan[], directory: string): Finding[] {
  return plans.flatMap(({ account, roles }) =>
    roles.flatMap((role) => {
      const about = { account: account.alias, subject: `role ${role.name}` };
      const places = [account.id, account.alias, ''].map((folder) => join(directory, folder, `${role.name}.json`));
      const file = places.find((each) => existsSync(each));
      if (file !== undefined) {
        return inspectTrustPolicy(role, readFileSync(file, 'utf8')).map((each) => ({ ...about, ...each }));
      }
      const fix = `Write its trust policy to ${account.id}/${role.name}.json (aws iam get-role --query Role.AssumeRolePolicyDocument).`;
      return [{ ...about, level: 'missing' as const, text: 'has no file', fix }];
    }),
  );
}

const labels = { good: 'good   ', note: 'note   ', missing: 'MISSING' } as const;

/** Findings by account, the notes of the plan, and what no policy of one account can show. */
export function describeFindings(findings: readonly Finding[], plans: readonly AccountPlan[]): string {
  const sections = plans.map(({ account, notes }) => [
    `${account.alias} (${account.id})`,
    ...findings
      .filter((each) => each.account === account.alias)
      .flatMap(({ subject, level, text, fix }) => [
        `  ${labels[level]}  ${subject}: ${text}`,
        ...(fix === '' ? [] : [`           ${fix}`]),
      ]),
    ...notes.map((note) => `  ${labels.note}  ${note}`),
  ]);
  const isUnsigned = plans.some((plan) => plan.samlProvider ?? plan.oidcProvider ?? plan.idpProviders[0]);
  return [...sections.flat(), ...(isUnsigned ? [guardrail] : [])].join('\n');
}

// What an account's own policies cannot show.
const guardrail =
  'Not seen from here: organisation policies (SCP, RCP) and VPC endpoint policies. One that denies STS unless aws:PrincipalOrgID ' +
  'matches refuses every call of the broker that is not signed.';
