// The sign-in as this machine keeps it: one file for each broker, for its owner only.
import { createHash } from 'node:crypto';
import { join } from 'node:path';
import { z } from 'zod';
import type { CliContext, Machine } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readJson, removePrivate, writePrivate } from '../machine/files.ts';
import { brokerFolder, stateDirectory } from '../machine/paths.ts';
import { readSettings } from '../machine/settings.ts';

/** RFC 7518 §6.2.2. */
export const privateJwk = z.object({
  kty: z.literal('EC'),
  crv: z.literal('P-256'),
  x: z.string(),
  y: z.string(),
  d: z.string(),
});
export type PrivateJwk = z.output<typeof privateJwk>;

const signIn = z.object({
  broker: z.string(),
  signedInAt: z.iso.datetime(),
  accessToken: z.string(),
  accessTokenExpiresAt: z.iso.datetime(),
  refreshToken: z.string(),
  tokenEndpoint: z.string(),
  revocationEndpoint: z.string(),
  /** What its tokens are bound to; undefined for a broker that knows no proofs. */
  key: privateJwk.optional(),
  /** Once the broker has said who it is, and until when. */
  person: z.object({ user: z.string(), displayName: z.string(), endsAt: z.iso.datetime() }).optional(),
});
export type SignIn = Readonly<z.output<typeof signIn>>;

/** The end points at which its tokens are renewed and revoked. */
export function serverOf({ broker, tokenEndpoint, revocationEndpoint }: SignIn) {
  return { issuer: broker, token_endpoint: tokenEndpoint, revocation_endpoint: revocationEndpoint };
}

function tokenFile(machine: Machine, broker: string): string {
  return join(stateDirectory(machine), brokerFolder(broker), 'sign-in.json');
}

/** Undefined without one, and for a file that is broken or another broker's. */
export function readSignIn(machine: Machine, broker: string): SignIn | undefined {
  const { data } = signIn.safeParse(readJson(machine, tokenFile(machine, broker)));
  return data?.broker === broker ? data : undefined;
}

/** Call it under the lock of `tokenLock`: a refresh in another process must not write an older sign-in over it. */
export function writeSignIn(machine: Machine, value: SignIn): void {
  writePrivate(tokenFile(machine, value.broker), `${JSON.stringify(value, null, 2)}\n`);
}

/** @returns the file if it could not be removed */
export function removeSignIn(machine: Machine, broker: string): string[] {
  return removePrivate(tokenFile(machine, broker));
}

export const tokenLock = (broker: string) => `tokens-${shortHash(broker)}`;
export const signInLock = (broker: string) => `login-${shortHash(broker)}`;

function shortHash(broker: string): string {
  return createHash('sha256').update(broker).digest('hex').slice(0, 12);
}

/** What to type to sign in at this broker; the shortest that works. */
export function signInCommand(context: CliContext, broker: string, option = ''): string {
  const meant = context.env['ROLEGATE_URL'] ?? readSettings(context).defaultBroker ?? '';
  const isDefault = URL.canParse(meant) && new URL(meant).origin === broker;
  return ['rolegate login', option, isDefault ? '' : `--broker ${broker}`].filter(Boolean).join(' ');
}

export function noSignIn(context: CliContext, broker: string): CliError {
  const { host } = new URL(broker);
  return new CliError('login', `you are not signed in at ${host}: run \`${signInCommand(context, broker)}\``);
}

export function endedSignIn(context: CliContext, broker: string): CliError {
  const { host } = new URL(broker);
  return new CliError('login', `your sign-in at ${host} is no longer valid: run \`${signInCommand(context, broker)}\``);
}
