// `rolegate-server doctor aws`: what IAM has, against what the rules need, account by account. It only reads.
import type { IamReader, IamRole } from '../aws/iam.ts';
import type { Config } from '../config/config.ts';
import { base64FromPem, certificateFacts } from '../saml/metadata/certificate.ts';
import { readIdpMetadata } from '../saml/metadata/idp-metadata.ts';
import { xmlAttribute } from '../xml.ts';
import type { AccountPlan, IdpProviderPlan, RolePlan } from './provisioning.ts';
import { checkTrust } from './trust-check.ts';

/** `missing`: people will be refused, or it could not be looked at. `note`: worth a look. */
type Level = 'good' | 'note' | 'missing';

export interface Finding {
  readonly account: string;
  /** `SAML provider rolegate`, `role Developer`. */
  readonly subject: string;
  readonly level: Level;
  readonly text: string;
  readonly fix: string;
}

type Inspection = Omit<Finding, 'account' | 'subject'>;

export interface IamAccess {
  /** The account that the keys belong to. */
  readonly accountId: string;
  readonly iam: IamReader;
}

/** What cannot be read is a finding. @param open the way into an account */
export async function inspectAccount(
  plan: AccountPlan,
  config: Config,
  open: (plan: AccountPlan) => Promise<IamAccess>,
): Promise<Finding[]> {
  const about = (subject: string, inspections: readonly Inspection[]): Finding[] =>
    inspections.map((each) => ({ account: plan.account.alias, subject, ...each }));
  let access: IamAccess;
  try {
    access = await open(plan);
  } catch (error) {
    return about('account', [unreadable(error)]);
  }
  if (access.accountId !== plan.account.id) {
    const text = `the AWS identity in use belongs to account ${access.accountId}, not to ${plan.account.id}`;
    const fix = 'Name the account with --account, or a role that exists in every account with --assume.';
    return about('account', [missing(text, fix)]);
  }
  const findings: Finding[] = [];
  // One after the other: IAM takes few requests a second.
  for (const [subject, ask] of questionsOf(plan, config, access.iam))
    findings.push(...about(subject, await ask().catch((error: unknown) => [unreadable(error)])));
  return findings;
}

type Question = readonly [subject: string, ask: () => Promise<Inspection[]>];

function questionsOf({ samlProvider, oidcProvider, idpProviders, roles }: AccountPlan, config: Config, iam: IamReader) {
  const questions: Question[] = [
    ...idpProviders.map((each): Question => [`SAML provider ${each.name}`, () => inspectIdp(each, iam)]),
    ...roles.map((role): Question => [`role ${role.name}`, async () => inspectRole(role, await iam.role(role.name))]),
  ];
  if (oidcProvider) questions.unshift([`OIDC provider ${oidcProvider.url}`, () => inspectOidc(oidcProvider, iam)]);
  if (samlProvider)
    questions.unshift([`SAML provider ${samlProvider.name}`, () => inspectSaml(samlProvider.arn, config, iam)]);
  return questions;
}

function good(text: string): Inspection {
  return { level: 'good', text, fix: '' };
}

function missing(text: string, fix: string): Inspection {
  return { level: 'missing', text, fix };
}

function unreadable(error: unknown): Inspection {
  const { name, message } = error as Error;
  if (/CredentialsProviderError/.test(`${name}${message}`)) {
    const fix = 'Give this command one: a profile (AWS_PROFILE), keys in the environment, or the role of this machine.';
    return missing('could not be read: no AWS credentials found', fix);
  }
  const fix = /AccessDenied/.test(`${name}${message}`)
    ? 'Allow iam:GetRole, iam:GetSAMLProvider and iam:GetOpenIDConnectProvider to the identity in use.'
    : 'Look at the AWS identity in use, the network and the clock of this machine.';
  return missing(`could not be read: ${message}`, fix);
}

const upload = 'Upload the document of `rolegate-server metadata aws` (update-saml-provider).';

async function inspectSaml(arn: string, { aws }: Config, iam: IamReader): Promise<Inspection[]> {
  const provider = await iam.samlProvider(arn);
  if (!provider) return [missing('does not exist', 'Create it: `rolegate-server template` has it.')];
  const encrypted = provider.requiresEncryption
    ? [
        missing(
          'asks for encrypted assertions, and the broker sends plain ones over TLS',
          'Set its encryption mode to Allowed.',
        ),
      ]
    : [];
  let there: { readonly entityId: string; readonly signingCertificates: readonly string[] };
  try {
    there = readIdpMetadata(provider.metadata);
  } catch (error) {
    return [missing(`has other metadata: ${(error as Error).message}`, upload), ...encrypted];
  }
  const problems = [...compareMetadata(there, aws), ...encrypted];
  return problems.some(({ level }) => level === 'missing') ? problems : [good('has our metadata'), ...problems];
}

type Metadata = Pick<ReturnType<typeof readIdpMetadata>, 'entityId' | 'signingCertificates'>;

function compareMetadata({ entityId, signingCertificates }: Metadata, aws: Config['aws']): Inspection[] {
  const { issuer, signing, nextSigningCertificate: next } = aws;
  const there = new Set(signingCertificates.map(base64FromPem));
  const wanted = [signing.certificate, ...(next === undefined ? [] : [next])].map(base64FromPem);
  const old = signingCertificates.filter((pem) => !wanted.includes(base64FromPem(pem)));
  return [
    ...(entityId === issuer ? [] : [missing(`has the entityID ${entityId}, and the broker says ${issuer}`, upload)]),
    ...(there.has(wanted[0]!) ? [] : [missing('does not have the minting certificate in use', upload)]),
    ...(wanted[1] === undefined || there.has(wanted[1])
      ? []
      : [
          missing(
            'does not have the next minting certificate (aws.nextSigning)',
            `${upload} Continue the rotation only after that.`,
          ),
        ]),
    ...old.map((pem): Inspection => {
      const { subject, fingerprint } = certificateFacts(pem);
      const text = `still has a certificate that the broker does not publish: ${subject}, SHA-256 ${fingerprint}`;
      return { level: 'note', text, fix: `${upload} The holder of its key can open every role.` };
    }),
  ];
}

/** For the mode `forward`: the metadata of the identity provider, not of the broker. */
async function inspectIdp({ arn, idp, entityId }: IdpProviderPlan, iam: IamReader): Promise<Inspection[]> {
  const provider = await iam.samlProvider(arn);
  const fix = `Create or update it with the metadata of ${idp}.`;
  if (!provider) return [missing('does not exist', fix)];
  // As text: it may hold keys and endpoints that we would not take.
  const there = /\bentityID\s*=\s*["']([^"']*)["']/.exec(provider.metadata)?.[1];
  if (entityId !== undefined && there !== xmlAttribute(entityId))
    return [
      missing(`has ${there === undefined ? 'no entityID' : `the entityID ${there}`}, and ${idp} is ${entityId}`, fix),
    ];
  return [good(`has the metadata of ${idp}`)];
}

async function inspectOidc(
  { arn, audience }: NonNullable<AccountPlan['oidcProvider']>,
  iam: IamReader,
): Promise<Inspection[]> {
  const audiences = await iam.oidcProvider(arn);
  if (!audiences) return [missing('does not exist', 'Create it: `rolegate-server template` has it.')];
  if (audiences.includes(audience)) return [good(`takes the audience ${audience}`)];
  const fix =
    'Add it (add-client-id-to-open-id-connect-provider), or set aws.webIdentity.audience to one that is there.';
  return [missing(`does not have the audience ${audience}`, fix)];
}

function inspectRole(plan: RolePlan, role: IamRole | undefined): Inspection[] {
  if (!role) return [missing('does not exist', 'Create it: `rolegate-server template` has it.')];
  if (role.arn !== plan.arn) {
    return [
      missing(
        `is ${role.arn}, and the rule means ${plan.arn}`,
        "Write the path into the rule's role, as in team/Developer.",
      ),
    ];
  }
  const { maxSessionSeconds: most } = role;
  const short =
    most < plan.maxSessionSeconds
      ? [
          missing(
            `gives ${most} seconds at most, and its rules promise ${plan.maxSessionSeconds}`,
            `Set MaxSessionDuration to ${plan.maxSessionSeconds}, or roleMaxDuration on the rule.`,
          ),
        ]
      : [];
  return [...short, ...inspectTrustPolicy(plan, role.trustPolicy)];
}

/** @param text the trust policy as JSON */
export function inspectTrustPolicy(plan: RolePlan, text: string): Inspection[] {
  let policy: unknown;
  try {
    policy = JSON.parse(text);
  } catch {
    return [missing('has a trust policy that is not JSON', 'Write it again with `rolegate-server template`.')];
  }
  const levels = { fits: 'good', too_broad: 'note', cannot_be_judged: 'note' } as const;
  return checkTrust(policy, plan).map(({ verdict, text: said, fix }) => ({
    level: Object.hasOwn(levels, verdict) ? levels[verdict as keyof typeof levels] : 'missing',
    text: said,
    fix,
  }));
}
