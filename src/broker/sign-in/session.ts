// What a session holds: the verified identity and what single logout needs. Never roles, never credentials.
import { z } from 'zod';
import type { Identity } from '../../access/model.ts';
import type { NameId } from '../../saml/subject.ts';

/** Where a session's response is, and until when AWS surely takes it. */
interface StoredResponse {
  readonly secret: string;
  /** Milliseconds since 1970. */
  readonly until: number;
}

interface OidcSession {
  readonly sub: string;
  readonly sid?: string | undefined;
  /** For `id_token_hint`. Never copied into anything that outlives the session. */
  readonly idToken?: string | undefined;
}

export interface SignedInSession {
  readonly identity: Identity;
  readonly nameId?: NameId | undefined;
  readonly sessionIndex?: string | undefined;
  /** ID of the IdP's assertion: every credential's audit record leads back to it. */
  readonly assertionId: string;
  /** Milliseconds since 1970; nothing extends it. */
  readonly expiresAt: number;
  /** The role for which this sign-in was asked to be stronger: it is asked once, not again and again. */
  readonly steppedUpFor?: string | undefined;
  /** When the sign-in began, if we told the identity provider to ask the person again. Milliseconds since 1970. */
  readonly askedAnewAt?: number | undefined;
  /** What signing out at an OpenID provider needs. */
  readonly oidc?: OidcSession | undefined;
  /** The identity provider's response, where a rule forwards it. Never copied into anything that outlives the session. */
  readonly idpResponse?: StoredResponse | undefined;
}

/** What a browser's session is in the store. */
export interface SessionRecord {
  readonly signedIn: SignedInSession;
}

/** Until when the store keeps a session that is used now. */
export function sessionTtlMs({ expiresAt }: SignedInSession, idleTimeoutMs: number, now: Date): number {
  return Math.max(1, Math.min(idleTimeoutMs, expiresAt - now.getTime()));
}

const text = z.string();
const texts = z.array(text);

const identityShape: z.ZodType<Identity> = z.object({
  idp: text,
  user: text,
  userSource: text,
  displayName: text,
  groups: texts,
  claims: z.record(text, texts),
  authnContexts: texts,
  authnInstant: z.number(),
  isAuthnInstantGuessed: z.literal(true).exactOptional(),
});

export const nameIdShape = z.object({
  value: text,
  format: text.optional(),
  nameQualifier: text.optional(),
  spNameQualifier: text.optional(),
});

export const sessionShape: z.ZodType<SignedInSession> = z.object({
  identity: identityShape,
  nameId: nameIdShape.optional(),
  sessionIndex: text.optional(),
  assertionId: text,
  expiresAt: z.number(),
  steppedUpFor: text.optional(),
  askedAnewAt: z.number().optional(),
  oidc: z.object({ sub: text, sid: text.optional(), idToken: text.optional() }).optional(),
  idpResponse: z.object({ secret: text, until: z.number() }).optional(),
});

export const sessionRecordShape: z.ZodType<SessionRecord> = z.object({ signedIn: sessionShape });
