// The JSON API's shapes: what the portal, other portals and the command line rely on. zod only.
import { z } from 'zod';

export const credentialsRequest = z.strictObject({
  roleArn: z.string().min(20).max(2048),
  durationSeconds: z.number().int().min(900).max(43_200).optional(),
  /** STS API: an inline session policy has at most 2,048 characters. */
  policy: z.string().min(1).max(2048).optional(),
});
export type CredentialsRequest = z.output<typeof credentialsRequest>;

export const consoleUrlRequest = z.strictObject({
  roleArn: z.string().min(20).max(2048),
  destination: z.string().max(2048).optional(),
  durationSeconds: z.number().int().min(900).max(43_200).optional(),
});
export type ConsoleUrlRequest = z.output<typeof consoleUrlRequest>;

/** `GET /api/v1/me` */
export interface Me {
  readonly user: string;
  readonly displayName: string;
  readonly identityProvider: string;
  readonly expiresAt: string;
}

/** `GET /api/v1/roles` */
export interface Roles {
  readonly roles: readonly RoleEntry[];
}

export interface RoleEntry {
  readonly roleArn: string;
  readonly accountId: string;
  readonly accountAlias: string;
  readonly accountName: string;
  readonly environment: string | null;
  readonly roleName: string;
  readonly maxDurationSeconds: number;
  readonly rule: string;
  readonly stepUp: null | { readonly reason: string };
}

/** `POST /api/v1/credentials`: the credential_process document and what it is for. */
export interface Credentials {
  readonly Version: 1;
  readonly AccessKeyId: string;
  readonly SecretAccessKey: string;
  readonly SessionToken: string;
  readonly Expiration: string;
  readonly RoleArn: string;
  readonly AssumedRoleArn: string;
  readonly DurationSeconds: number;
  readonly DurationLimitedBy: 'request' | 'rule' | 'role';
}

/** `POST /api/v1/console-url` */
export interface ConsoleUrl {
  readonly url: string;
  readonly expiresAt: string;
}

/** RFC 9457, with a stable code. */
export interface Problem {
  readonly type: 'about:blank';
  readonly status: number;
  readonly title: string;
  readonly detail: string;
  readonly code: string;
  readonly requestId: string;
  readonly stepUpUrl?: string;
}
