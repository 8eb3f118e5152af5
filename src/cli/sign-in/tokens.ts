// The sign-in as this machine keeps it: one file for each broker, for its owner only.
import { join } from 'node:path';
import type { CliContext, Machine } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readJson, removePrivate, writePrivate } from '../machine/files.ts';
import { brokerFolder, stateDirectory } from '../machine/paths.ts';
import { readSettings } from '../machine/settings.ts';
import { shortHash } from '../machine/short-hash.ts';

/** RFC 7518 §6.2.2. */
export interface PrivateJwk {
  readonly kty: 'EC';
  readonly crv: 'P-256';
  readonly x: string;
  readonly y: string;
  readonly d: string;
}

export interface SignIn {
  readonly broker: string;
  readonly signedInAt: string;
  readonly accessToken: string;
  readonly accessTokenExpiresAt: string;
  readonly refreshToken: string;
  readonly tokenEndpoint: string;
  readonly revocationEndpoint: string;
  /** What its tokens are bound to; undefined for a broker that knows no proofs. */
  readonly key?: PrivateJwk | undefined;
  /** Once the broker has said who it is, and until when. */
  readonly person?: { readonly user: string; readonly displayName: string; readonly endsAt: string } | undefined;
}

// By hand: `status` for a prompt would spend more time in a library of schemas than on everything else.
function isSignIn(value: unknown): value is SignIn {
  const { key, person, ...found } = asRecord(value);
  const texts = ['broker', 'accessToken', 'refreshToken', 'tokenEndpoint', 'revocationEndpoint'];
  const isWhole = hasTexts(found, texts) && [found['signedInAt'], found['accessTokenExpiresAt']].every(isInstant);
  const isPerson =
    person === undefined ||
    (hasTexts(asRecord(person), ['user', 'displayName']) && isInstant(asRecord(person)['endsAt']));
  return isWhole && isPerson && (key === undefined || isPrivateJwk(key));
}

export function isPrivateJwk(value: unknown): value is PrivateJwk {
  const key = asRecord(value);
  return key['kty'] === 'EC' && key['crv'] === 'P-256' && hasTexts(key, ['x', 'y', 'd']);
}

function asRecord(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

function hasTexts(found: Record<string, unknown>, names: readonly string[]): boolean {
  return names.every((name) => typeof found[name] === 'string');
}

function isInstant(value: unknown): boolean {
  return typeof value === 'string' && /^\d{4}-\d\d-\d\dT[\d:.]+Z$/.test(value) && !Number.isNaN(Date.parse(value));
}

/** The end points at which its tokens are renewed and revoked. */
export function serverOf({ broker, tokenEndpoint, revocationEndpoint }: SignIn) {
  return { issuer: broker, token_endpoint: tokenEndpoint, revocation_endpoint: revocationEndpoint };
}

function tokenFile(machine: Machine, broker: string): string {
  return join(stateDirectory(machine), brokerFolder(broker), 'sign-in.json');
}

/** Undefined without one, and for a file that is broken or another broker's. */
export function readSignIn(machine: Machine, broker: string): SignIn | undefined {
  const found = readJson(machine, tokenFile(machine, broker));
  return isSignIn(found) && found.broker === broker ? found : undefined;
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
