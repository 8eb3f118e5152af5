// What every route is given, and what a request carries.
import type { Request } from 'express';
import type { z } from 'zod';
import type { Audit, RequestFacts } from '../audit/events.ts';
import type { Activity } from '../broker/activity/activity.ts';
import type { ConfigStatus } from '../broker/config-status.ts';
import type { Console } from '../broker/credentials/console.ts';
import type { Credentials } from '../broker/credentials/credentials.ts';
import type { Grant, Grants } from '../broker/grants/grants.ts';
import type { IdpDirectory } from '../broker/idp-metadata/idp-directory.ts';
import type { Logout } from '../broker/logout/logout.ts';
import type { OidcLogout } from '../broker/logout/oidc-logout.ts';
import type { SingleLogout } from '../broker/logout/single-logout.ts';
import type { Offboarding } from '../broker/offboarding/offboarding.ts';
import type { Preferences } from '../broker/preferences.ts';
import type { Refusals } from '../broker/refusals.ts';
import type { CredentialRegister } from '../broker/revocation/credential-register.ts';
import type { SessionDirectory } from '../broker/session-directory.ts';
import { machineName } from '../broker/session-entry.ts';
import type { Admits } from '../broker/sign-in/admission.ts';
import type { SignIn } from '../broker/sign-in/complete-sign-in.ts';
import type { OidcSignIn } from '../broker/sign-in/oidc-sign-in.ts';
import type { SignedInSession } from '../broker/sign-in/session.ts';
import type { SessionStore } from '../broker/sign-in/session-store.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import { BrokerError } from '../errors.ts';
import type { Logger } from '../log.ts';
import type { AuthorizationServer } from '../oauth/authorization-server.ts';
import type { RandomBytes } from '../random.ts';
import type { OneTimeStore } from '../store/one-time.ts';
import type { RateLimiter } from '../store/rate-limiter.ts';
import type { Tracing } from '../tracing.ts';
import type { heldLinkShape } from './console/console-handles.ts';
import type { StartRequest } from './middleware/request-time.ts';
import type { PageContext } from './page/page-types.ts';
import type { ReturnCookies } from './sign-in/return-cookies.ts';

export interface Services {
  readonly config: Config;
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly idps: IdpDirectory;
  readonly sessions: SessionStore;
  readonly admits: Admits;
  readonly returnCookies: ReturnCookies;
  readonly sessionDirectory: SessionDirectory;
  readonly credentialRegister: CredentialRegister;
  readonly signIn: SignIn;
  readonly oidcSignIn: OidcSignIn;
  readonly logout: Logout;
  readonly oidcLogout: OidcLogout;
  readonly singleLogout: SingleLogout;
  readonly offboarding: Offboarding;
  readonly credentials: Credentials;
  readonly console: Console;
  readonly audit: Audit;
  readonly startRequest: StartRequest;
  /** Undefined where tracing is off. */
  readonly tracing: Tracing | undefined;
  /** Of requests without a session, by source address. */
  readonly requestLimiter: RateLimiter;
  /** @param path where changing language or colours leads back to; by default the page itself */
  readonly pageContext: (request: Request, path?: string) => PageContext;
  readonly refusals: Refusals;
  readonly activity: Activity;
  readonly preferences: Preferences;
  readonly configStatus: () => ConfigStatus;
  readonly grants: Grants;
  readonly consoleHandles: OneTimeStore<z.output<typeof heldLinkShape>>;
  /** Undefined where the configuration has no sign-in on the command line. */
  readonly authorizationServer: AuthorizationServer | undefined;
  readonly metadata: { readonly sp: () => Promise<string>; readonly aws: string };
}

declare module 'express-session' {
  interface SessionData {
    signedIn: SignedInSession;
  }
}

declare global {
  namespace Express {
    interface Request {
      requestId: string;
      /** Where tracing is on. */
      traceId?: string;
      /** With which Express signs a cookie. */
      secret?: string;
      /** Set where a Bearer token identifies the person, in place of a session of the browser. */
      grant?: Grant;
      /** As audit records name it; also of the command that opened a console link in this browser. */
      grantName?: string;
    }
  }
}

/** The session of the person who asks, unless its time is up. */
export function signedInSession(request: Request, now: Date): SignedInSession | undefined {
  const session = request.grant?.session ?? request.session?.signedIn;
  return session && session.expiresAt > now.getTime() ? session : undefined;
}

/** @throws BrokerError unauthenticated */
export function requireSession(request: Request, now: Date): SignedInSession {
  const session = signedInSession(request, now);
  if (!session) throw new BrokerError('unauthenticated', 'no session');
  return session;
}

export function requestFacts(request: Request): RequestFacts {
  const { grant } = request;
  return {
    requestId: request.requestId,
    sourceIp: request.ip ?? '',
    userAgent: (request.get('user-agent') ?? '').slice(0, 200),
    ...(request.grantName !== undefined && { cliSession: request.grantName }),
    ...(grant && { machine: machineName(grant.device) }),
  };
}
