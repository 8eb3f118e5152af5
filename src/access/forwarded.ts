// What an identity provider's own response says to AWS, for the mode `forward`: which roles, under which name, for how
// long. AWS reads nothing else, so the person can only get a role that is listed there.
import type { ForwardPolicy, Identity } from './model.ts';

export interface ForwardedSession {
  readonly sessionName: string;
  /** Seconds; Infinity where the response sets no limit. */
  readonly maxSeconds: number;
}

/** IAM User Guide, SAML assertions for AWS: the attributes that decide. */
export function forwardedClaims(attributePrefix: string): { role: string; sessionName: string; duration: string } {
  return {
    role: `${attributePrefix}Role`,
    sessionName: `${attributePrefix}RoleSessionName`,
    duration: `${attributePrefix}SessionDuration`,
  };
}

/** Undefined where the response does not carry exactly this pair, or something that STS would refuse. */
export function forwardedSession(
  { claims }: Identity,
  { attributePrefix }: ForwardPolicy,
  pair: { roleArn: string; principalArn: string },
): ForwardedSession | undefined {
  const names = forwardedClaims(attributePrefix);
  const [sessionName, ...otherNames] = claims[names.sessionName] ?? [];
  const [duration, ...otherDurations] = claims[names.duration] ?? [];
  const maxSeconds = duration === undefined ? Number.POSITIVE_INFINITY : secondsIn(duration);
  const isThere = (claims[names.role] ?? []).some((value) => {
    // Both orders work at AWS, and some identity providers write a space.
    const parts = value.split(',').map((part) => part.trim());
    return parts.length === 2 && parts.includes(pair.principalArn) && parts.includes(pair.roleArn);
  });
  if (!isThere || sessionName === undefined || otherNames.length > 0 || otherDurations.length > 0) return undefined;
  // STS API: RoleSessionName, 2 to 64 of these.
  return /^[\w+=,.@-]{2,64}$/.test(sessionName) && maxSeconds >= 900 ? { sessionName, maxSeconds } : undefined;
}

/** Zero if the text is not a number of seconds that AWS accepts. */
function secondsIn(text: string): number {
  const seconds = /^\d{3,5}$/.test(text) ? Number(text) : 0;
  return seconds <= 43_200 ? seconds : 0;
}
