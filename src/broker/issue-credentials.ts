// From a session and a wish to temporary credentials: today's policy, audit intent, mint, STS, audit result.
import { createHash } from 'node:crypto';
import type { EligibleRole, Policy } from '../access/model.ts';
import { principalKey } from '../access/principal.ts';
import { resolveRoles } from '../access/resolve.ts';
import { sessionName } from '../access/session-name.ts';
import type { Audit, RequestFacts } from '../audit/events.ts';
import { type MintingKey, mintResponse } from '../aws/mint-assertion.ts';
import { type Partition, samlRecipient } from '../aws/partitions.ts';
import type { Sts, TemporaryCredentials } from '../aws/sts.ts';
import type { Clock } from '../clock.ts';
import { BrokerError } from '../errors.ts';
import { type RandomBytes, randomXmlId } from '../random.ts';
import type { Preferences } from './preferences.ts';
import type { SignedInSession } from './session.ts';

export interface IssueCredentialsDeps {
  readonly policy: Policy;
  readonly partition: Partition;
  readonly issuer: string;
  readonly mintingKey: MintingKey;
  /** The IdP whose users keep their plain names at AWS. */
  readonly primaryIdp: string;
  readonly sts: Sts;
  readonly preferences: Pick<Preferences, 'rememberUse'>;
  readonly audit: Audit;
  readonly clock: Clock;
  readonly random: RandomBytes;
}

export interface CredentialsWish {
  readonly session: SignedInSession;
  readonly roleArn: string;
  /** Seconds, 900 to 43,200; undefined for as long as the rule allows. */
  readonly durationSeconds: number | undefined;
  readonly policy: string | undefined;
  /** Id of the portal's session policy that `policy` comes from, for the audit trail. */
  readonly sessionPolicy?: string | undefined;
  readonly purpose: 'credentials' | 'console';
  readonly request: RequestFacts;
}

export interface IssuedCredentials {
  readonly credentials: TemporaryCredentials;
  readonly role: EligibleRole;
  readonly assumedRoleArn: string;
  readonly durationSeconds: number;
  readonly durationLimitedBy: 'request' | 'rule' | 'role';
}

/** Below this STS refuses; a role allows at least one hour. */
const roleMinimumSeconds = 3600;

/** @throws BrokerError role_not_granted, step_up_required, one of sts_, or audit_unavailable */
export async function issueCredentials(deps: IssueCredentialsDeps, wish: CredentialsWish): Promise<IssuedCredentials> {
  const role = await findRole(deps, wish);
  const minted = mint(deps, wish, role);
  await deps.audit.record({ event: 'credentials_requested', ...minted.facts }, wish.request);
  try {
    const issued = await assume(deps, wish, role, minted.samlAssertion);
    const { accessKeyId, expiration } = issued.credentials;
    await deps.audit.record(
      {
        event: 'credentials_issued',
        ...minted.facts,
        accessKeyId,
        assumedRoleArn: issued.assumedRoleArn,
        expiresAt: expiration.toISOString(),
      },
      wish.request,
    );
    // Not awaited, and it never throws: a store that hangs must not hold up what AWS has issued already.
    void deps.preferences.rememberUse(wish.session.identity, role.roleArn);
    return issued;
  } catch (error) {
    const code = error instanceof BrokerError ? error.code : 'internal';
    if (code !== 'audit_unavailable') {
      const detail = error instanceof BrokerError ? error.message : 'unexpected error';
      await deps.audit.record({ event: 'credentials_refused', ...minted.facts, code, detail }, wish.request);
    }
    throw error;
  }
}

async function findRole(
  deps: IssueCredentialsDeps,
  { session, roleArn, request }: CredentialsWish,
): Promise<EligibleRole> {
  const { identity } = session;
  const role = resolveRoles(identity, deps.policy, deps.clock.now()).find((each) => each.roleArn === roleArn);
  if (role && !role.stepUp) return role;
  const code = role ? 'step_up_required' : 'role_not_granted';
  await deps.audit.record({ event: 'role_refused', idp: identity.idp, user: identity.user, roleArn, code }, request);
  const message = role ? `needs a stronger sign-in: ${role.stepUp?.reason}` : 'no rule grants this role now';
  throw new BrokerError(code, message, {
    details: { roleArn, ...(role ? { stepUpUrl: `/login?step_up=${encodeURIComponent(roleArn)}` } : {}) },
  });
}

function mint(deps: IssueCredentialsDeps, wish: CredentialsWish, role: EligibleRole) {
  const { session, purpose, sessionPolicy } = wish;
  const { identity } = session;
  const assertionId = randomXmlId(deps.random);
  const roleSessionName = sessionName(identity, identity.idp === deps.primaryIdp);
  const xml = mintResponse(
    {
      issuer: deps.issuer,
      partition: deps.partition,
      recipient: samlRecipient(deps.partition),
      responseId: randomXmlId(deps.random),
      assertionId,
      issuedAt: deps.clock.now(),
      authenticatedAt: new Date(identity.authnInstant),
      subject: createHash('sha256').update(principalKey(identity)).digest('base64url'),
      roleArn: role.roleArn,
      principalArn: role.principalArn,
      roleSessionName,
      sourceIdentity: role.sourceIdentity ? roleSessionName : undefined,
    },
    deps.mintingKey,
  );
  return {
    samlAssertion: Buffer.from(xml, 'utf8').toString('base64'),
    facts: {
      idp: identity.idp,
      user: identity.user,
      purpose,
      roleArn: role.roleArn,
      roleSessionName,
      rule: role.rule,
      assertionId,
      signInAssertionId: session.assertionId,
      ...(sessionPolicy === undefined ? {} : { sessionPolicy }),
    },
  };
}

async function assume(
  deps: IssueCredentialsDeps,
  wish: CredentialsWish,
  role: EligibleRole,
  samlAssertion: string,
): Promise<IssuedCredentials> {
  const wished = Math.min(wish.durationSeconds ?? role.maxDurationSeconds, role.maxDurationSeconds);
  const isRequest = wish.durationSeconds !== undefined && wish.durationSeconds <= role.maxDurationSeconds;
  const { region, roleArn, principalArn } = role;
  const call = (durationSeconds: number) =>
    deps.sts.assumeRoleWithSaml({ region, roleArn, principalArn, samlAssertion, durationSeconds, policy: wish.policy });
  try {
    const durationLimitedBy = isRequest ? 'request' : 'rule';
    return { ...(await call(wished)), role, durationSeconds: wished, durationLimitedBy };
  } catch (error) {
    // The role's own maximum cannot be seen from outside. Every role allows an hour, and the answer says so.
    const isTooLong = error instanceof BrokerError && error.code === 'sts_duration' && wished > roleMinimumSeconds;
    if (!isTooLong) throw error;
    return {
      ...(await call(roleMinimumSeconds)),
      role,
      durationSeconds: roleMinimumSeconds,
      durationLimitedBy: 'role',
    };
  }
}
