// `rolegate mfa`: a session with a second factor for people who have their own IAM user keys. The keys stay on this
// machine; the session is cached, and served to tools as a credential_process.
import { join } from 'node:path';
import { createInterface } from 'node:readline/promises';
import type { Credentials } from '../../wire/api.ts';
import { credentialProcessJson, isGood } from '../credentials/credential-cache.ts';
import { readSessionOptions } from '../credentials/session-options.ts';
import { type CliContext, print, say } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { readJson, writePrivate } from '../machine/files.ts';
import { cacheDirectory } from '../machine/paths.ts';
import { describeEnd } from '../machine/time-left.ts';
import { type MfaProfile, readMfaProfile } from './mfa-profile.ts';
import { askSts } from './mfa-sts.ts';

export interface MfaOptions {
  readonly profile: string;
  readonly serial?: string;
  readonly code?: string;
  readonly duration?: string;
  readonly process?: true;
}

/** @throws CliError */
export async function startMfaSession(context: CliContext, options: MfaOptions): Promise<void> {
  const profile = readMfaProfile(context, options.profile);
  if (options.process) return print(context, credentialProcessJson(cachedOrFail(context, profile)));
  const serial = serialOf(profile, options);
  const { durationSeconds } = readSessionOptions(options);
  const code = (options.code ?? (await askForCode(context, profile))).replace(/\s+/g, '');
  if (!/^\d{6}$/.test(code)) throw new CliError('usage', 'the code has six digits');
  const credentials = await askSts(context, { profile, serial, durationSeconds, code });
  writePrivate(cacheFile(context, profile), `${JSON.stringify({ keyId: profile.accessKeyId, credentials })}\n`);
  say(context, `${profile.name}: a session with MFA, ${describeEnd(context, credentials.Expiration)}`);
}

function serialOf(profile: MfaProfile, { serial = profile.serial }: MfaOptions): string {
  // STS API: 9 to 256 characters.
  if (serial && /^[\w+=/:,.@-]{9,256}$/.test(serial)) return serial;
  throw new CliError(
    'usage',
    `which MFA device? Give --serial arn:aws:iam::ACCOUNT:mfa/NAME, or mfa_serial in the profile ${profile.name}`,
  );
}

async function askForCode(context: CliContext, { name }: MfaProfile): Promise<string> {
  if (!context.isInteractive)
    throw new CliError('login', 'cannot ask for the code without a terminal: give it with --code');
  const lines = createInterface({ input: context.stdin, output: context.stderr });
  try {
    return await lines.question(`Code of the MFA device for ${name}: `);
  } finally {
    lines.close();
  }
}

/** @throws CliError login, with what to type */
function cachedOrFail(context: CliContext, profile: MfaProfile): Credentials {
  const found = (readJson(context, cacheFile(context, profile)) ?? {}) as {
    keyId?: unknown;
    credentials?: Credentials;
  };
  // Other keys mean another person, or a rotation: their session is not this one.
  const isOurs = found.keyId === profile.accessKeyId && found.credentials !== undefined;
  if (isOurs && isGood(found.credentials!, context.clock.now())) return found.credentials!;
  throw new CliError(
    'login',
    `there is no session with MFA for ${profile.name}: run \`rolegate mfa --profile ${profile.name}\``,
  );
}

function cacheFile(context: CliContext, { name }: MfaProfile): string {
  return join(cacheDirectory(context), 'mfa', `${encodeURIComponent(name).replaceAll('*', '%2A')}.json`);
}
