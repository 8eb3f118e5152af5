// Validates a Security Event Token (RFC 8417) of OpenID Shared Signals: a CAEP or RISC event about one person, signed by its
// transmitter. Nothing that is not signed has any effect.
import type { JSONWebKeySet, JWTPayload, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { oidcRefusal } from '../errors.ts';
import { quoted } from '../quoted.ts';
import { bounded } from './bounded-fetch.ts';
import { tokenRefusal } from './token-refusal.ts';

export type SignalKind = 'session-revoked' | 'account-disabled' | 'account-enabled';

export interface SecurityEvent {
  readonly jti: string;
  /** Undefined for an event that the broker does not act on, such as a verification of the stream. */
  readonly signal: { readonly kind: SignalKind; readonly user: string; readonly occurredAt: Date } | undefined;
}

export interface TransmitterSettings {
  readonly issuer: string;
  readonly audience: string;
  readonly algorithms: readonly string[];
  /** Formats of RFC 9493 whose value is the user's name. */
  readonly subjects: readonly string[];
  readonly subjectIssuer: string;
  readonly maxAgeMs: number;
  readonly clockSkewMs: number;
  readonly jwksUri: string | undefined;
  /** Without jwksUri. */
  readonly keys: readonly object[];
}

const schemas = 'https://schemas.openid.net/secevent';
/** Of several in one token, which describe one event (RFC 8417 §2.2), the first of this list decides. */
const kinds: readonly (readonly [type: string, kind: SignalKind])[] = [
  [`${schemas}/risc/event-type/account-disabled`, 'account-disabled'],
  [`${schemas}/risc/event-type/account-purged`, 'account-disabled'],
  [`${schemas}/caep/event-type/session-revoked`, 'session-revoked'],
  // Deprecated in RISC, and still sent.
  [`${schemas}/risc/event-type/sessions-revoked`, 'session-revoked'],
  [`${schemas}/risc/event-type/account-enabled`, 'account-enabled'],
];

const timeoutMs = 10_000;
/** Anyone can send a token: after a failure as well as after a success the address is read this often at most. */
const pauseMs = 30_000;

const keySetShape = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** Reads the keys when a token comes, and again for a key that it does not know. */
export async function transmitterKeys(
  { jwksUri, keys }: Pick<TransmitterSettings, 'jwksUri' | 'keys'>,
  fetch: typeof globalThis.fetch,
  now: () => Date,
): Promise<JWTVerifyGetKey> {
  const { createLocalJWKSet, createRemoteJWKSet, customFetch } = await import('jose');
  if (jwksUri === undefined) return createLocalJWKSet({ keys } as JSONWebKeySet);
  const { href } = new URL(jwksUri);
  const read = bounded(fetch, (address) => address === href);
  let failure: { readonly error: Error; readonly at: number } | undefined;
  const readUnlessFailed: typeof read = async (...request) => {
    if (failure && Math.abs(now().getTime() - failure.at) < pauseMs) throw failure.error;
    try {
      const answer = await read(...request);
      if (!answer.ok) throw new Error(`${href} answered ${answer.status}`);
      if (!keySetShape.safeParse(await answer.clone().json()).success) throw new Error(`${href} has no key set`);
      failure = undefined;
      return answer;
    } catch (error) {
      failure = { error: error as Error, at: now().getTime() };
      throw error;
    }
  };
  const options = { timeoutDuration: timeoutMs, cooldownDuration: pauseMs, [customFetch]: readUnlessFailed };
  return createRemoteJWKSet(new URL(href), options);
}

/** @throws BrokerError openid_refused or idp_unavailable */
export async function validateSecurityEvent(
  token: string,
  keys: JWTVerifyGetKey,
  settings: TransmitterSettings,
  now: Date,
): Promise<SecurityEvent> {
  const { issuer, audience, algorithms, maxAgeMs, clockSkewMs } = settings;
  const { jwtVerify } = await import('jose');
  const { payload } = await jwtVerify(token, keys, {
    ...{ issuer, audience, algorithms: [...algorithms], currentDate: now, clockTolerance: clockSkewMs / 1000 },
    ...{ maxTokenAge: maxAgeMs / 1000, requiredClaims: ['iat', 'jti', 'events'] },
    // RFC 8417 §2.3, and required by Shared Signals: an ID token or a logout token of the same issuer is not an event.
    typ: 'secevent+jwt',
  }).catch((error: unknown) => {
    throw tokenRefusal(error, { issuer, audience });
  });
  const { jti, events } = payload;
  if (typeof jti !== 'string' || jti === '') throw oidcRefusal('malformed', 'the claim jti is not a text');
  if (typeof events !== 'object' || events === null || Array.isArray(events))
    throw oidcRefusal('malformed', 'the claim events is not an object');
  return { jti, signal: signalOf(payload, events as Record<string, unknown>, settings, now) };
}

function signalOf(payload: JWTPayload, events: Record<string, unknown>, settings: TransmitterSettings, now: Date) {
  const [type, kind] = kinds.find(([each]) => Object.hasOwn(events, each)) ?? [];
  if (type === undefined || kind === undefined) return undefined;
  const event = eventShape.safeParse(events[type]).data;
  if (!event) throw oidcRefusal('malformed', 'the event is not an object with a usable event_timestamp');
  // RFC 9493 §4.1; before Shared Signals 1.0 the subject was in the event.
  const user = userOf(payload['sub_id'] ?? event.subject, settings);
  const occurredAt = Math.min(now.getTime(), payload.iat! * 1000, (event.event_timestamp ?? payload.iat!) * 1000);
  return { kind, user, occurredAt: new Date(occurredAt) };
}

const eventShape = z.looseObject({
  event_timestamp: z.number().nonnegative().optional(),
  subject: z.unknown().optional(),
});

const text = z.string().min(1).max(256);
const simpleSubject = z.discriminatedUnion('format', [
  z.object({ format: z.literal('email'), email: text }),
  z.object({ format: z.literal('iss_sub'), iss: z.string(), sub: text }),
  z.object({ format: z.literal('opaque'), id: text }),
]);

/** @throws BrokerError openid_refused `subject` for what cannot name a user here: the transmitter then knows that nothing ended */
function userOf(subject: unknown, { subjects, subjectIssuer }: TransmitterSettings): string {
  const named = nameFormat(subject);
  // Also where it names one session or device of the user: too much ends rather than too little.
  const parsed = simpleSubject.safeParse(named['format'] === 'complex' ? nameFormat(named['user']) : named).data;
  if (!parsed || !subjects.includes(parsed.format)) {
    const details = { received: quoted(String(named['format'])), expected: quoted(subjects.join(', ')) };
    throw oidcRefusal('subject', 'the subject has a format that does not name users here', details);
  }
  if (parsed.format === 'email') return parsed.email;
  if (parsed.format === 'opaque') return parsed.id;
  if (parsed.iss !== subjectIssuer) {
    const details = { received: quoted(parsed.iss), expected: quoted(subjectIssuer) };
    throw oidcRefusal('subject', 'the subject is of another issuer', details);
  }
  return parsed.sub;
}

/** Drafts had `subject_type` with hyphens in place of `format`. */
function nameFormat(subject: unknown): Record<string, unknown> {
  const named = typeof subject === 'object' && subject !== null ? (subject as Record<string, unknown>) : {};
  const { subject_type: older } = named;
  return typeof older === 'string' ? { format: older.replaceAll('-', '_'), ...named } : named;
}
