// Issues access keys and stores the principal of each.
import { randomBytes, timingSafeEqual } from 'node:crypto';
import { base32 } from '../estate.ts';
import type { SessionPolicies } from '../policy/session-policy.ts';

/** Key and value. */
export type Tag = readonly [string, string];

/** The principal that a set of credentials acts as. */
export interface Principal {
  /** By what the credentials came about; `user` and `root` are long-term keys. */
  readonly kind:
    | 'root'
    | 'user'
    | 'saml'
    | 'web-identity'
    | 'assumed-by-user'
    | 'assumed-by-role'
    | 'federated-user'
    | 'session'
    /** A role that EC2, ECS, EKS or Lambda took for whom it runs. */
    | 'service';
  readonly accountId: string;
  readonly arn: string;
  readonly userId: string;
  readonly roleName?: string | undefined;
  readonly sessionName?: string | undefined;
  readonly sourceIdentity?: string | undefined;
  /** What was passed with the call that made the session: the session has what role and these both allow. */
  readonly sessionPolicies?: SessionPolicies | undefined;
  /** Of a session: `aws:TokenIssueTime`. */
  readonly issuedAt?: Date | undefined;
  /** Of a session: the ARN of the user or role behind it. Once that is deleted, the session's credentials are worthless. */
  readonly issuerArn?: string | undefined;
  /** Session tags, the inherited ones among them. */
  readonly tags?: readonly Tag[];
  readonly transitiveTagKeys?: readonly string[];
  /** When a one-time code was given for this very session. */
  readonly mfaAt?: Date | undefined;
}

/** Credentials as the emulator keeps them. */
export interface IssuedCredentials {
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  /** Absent on long-term keys. */
  readonly sessionToken?: string;
  readonly expiresAt?: Date;
  readonly principal: Principal;
}

/** Temporary credentials: always with token and expiry. */
export type TemporaryCredentials = Required<IssuedCredentials>;

/** The temporary credentials handed out so far. */
export interface CredentialStore {
  issue(principal: Principal, expiresAt: Date): TemporaryCredentials;
  find(accessKeyId: string): TemporaryCredentials | undefined;
}

const MAX_CREDENTIALS = 50_000;

/** An in-memory store; beyond its bound the oldest credentials are forgotten. */
export function createCredentialStore(): CredentialStore {
  const issued = new Map<string, TemporaryCredentials>();
  return {
    issue(principal, expiresAt) {
      const credentials = {
        accessKeyId: newAccessKeyId(),
        secretAccessKey: randomBytes(30).toString('base64'),
        sessionToken: newSessionToken(),
        expiresAt,
        principal,
      };
      const [oldest] = issued.keys();
      if (issued.size >= MAX_CREDENTIALS && oldest !== undefined) issued.delete(oldest);
      issued.set(credentials.accessKeyId, credentials);
      return credentials;
    },
    find: (accessKeyId) => issued.get(accessKeyId),
  };
}

/** A temporary access key id: ASIA and 16 upper-case letters and digits. */
function newAccessKeyId(): string {
  return `ASIA${base32(randomBytes(10))}`;
}

/** Its length varies on purpose: AWS promises no size, so a client must not depend on one. */
function newSessionToken(): string {
  const [extra = 0] = randomBytes(1);
  return randomBytes(420 + extra).toString('base64');
}

/** Compares two secrets without telling how much of them agrees. */
export function equalSecrets(a: string, b: string): boolean {
  const left = Buffer.from(a);
  const right = Buffer.from(b);
  return left.length === right.length && timingSafeEqual(left, right);
}
