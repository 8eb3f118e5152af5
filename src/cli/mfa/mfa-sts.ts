// GetSessionToken and AssumeRole with a code, signed with the person's own long-term keys.
import type { Credentials } from '../../wire/api.ts';
import type { CliContext } from '../machine/context.ts';
import { CliError } from '../machine/errors.ts';
import { callSts, type StsRefusal } from '../sts/sts-call.ts';
import type { MfaProfile } from './mfa-profile.ts';

export interface MfaRequest {
  readonly profile: MfaProfile;
  readonly serial: string;
  /** Six digits. */
  readonly code: string;
  /** Undefined for AWS's default: 12 hours for a user, one for a role. */
  readonly durationSeconds: number | undefined;
}

/** @throws CliError denied, clock, network or usage */
export async function askSts(context: CliContext, request: MfaRequest): Promise<Credentials> {
  const { profile, durationSeconds } = request;
  const now = context.clock.now();
  const answer = await callSts(context, {
    region: profile.region,
    credentials: { AccessKeyId: profile.accessKeyId, SecretAccessKey: profile.secretAccessKey, SessionToken: '' },
    parameters: parametersOf(request),
  });
  if ('refusal' in answer) throw refused(answer.refusal, profile);
  const seconds = Math.round((Date.parse(answer.Expiration) - now.getTime()) / 1000);
  return { ...answer, DurationSeconds: durationSeconds ?? seconds, DurationLimitedBy: 'request' };
}

function parametersOf({ profile, serial, code, durationSeconds }: MfaRequest): Record<string, string> {
  const { roleArn, externalId } = profile;
  return {
    SerialNumber: serial,
    TokenCode: code,
    ...(durationSeconds === undefined ? {} : { DurationSeconds: String(durationSeconds) }),
    ...(roleArn === undefined
      ? { Action: 'GetSessionToken' }
      : { Action: 'AssumeRole', RoleArn: roleArn, RoleSessionName: 'rolegate-mfa' }),
    ...(roleArn === undefined || externalId === undefined ? {} : { ExternalId: externalId }),
  };
}

function refused({ code, message }: StsRefusal, { name, roleArn }: MfaProfile): CliError {
  if (/invalid MFA one time pass code/.test(message)) {
    return new CliError('denied', 'AWS did not take the code: each one works once, so wait for the next and try again');
  }
  if (/unable to validate MFA code/.test(message)) {
    return new CliError(
      'denied',
      `AWS knows no such device of this user: check mfa_serial of the profile ${name}, or --serial`,
    );
  }
  const hint =
    roleArn !== undefined && code === 'AccessDenied'
      ? `; the trust policy of ${roleArn} must allow this user, with MFA`
      : '';
  return new CliError('denied', `AWS says ${code}${message && `: ${message}`}${hint}`);
}
