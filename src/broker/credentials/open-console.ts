// A signed-in console: credentials that never leave the server, exchanged for a sign-in URL.
import type { RequestFacts } from '../../audit/events.ts';
import { afterSignOut, consoleSigninUrl, signinUrlLifetimeMs } from '../../aws/console-signin.ts';
import {
  type ConsoleDependencies,
  type ConsoleOptions,
  consoleAddress,
  consoleSeconds,
  withoutQuery,
} from './console-session.ts';
import type { RequestedRole } from './granted-role.ts';

interface OpenedConsole {
  /** A credential until `expiresAt`. */
  readonly url: string;
  readonly expiresAt: Date;
  /** When the console session ends. */
  readonly sessionExpiresAt: Date;
}

export type OpenConsole = (
  requested: RequestedRole,
  options: ConsoleOptions,
  request: RequestFacts,
) => Promise<OpenedConsole>;

export function createOpenConsole(dependencies: ConsoleDependencies): OpenConsole {
  const { credentials, partition, defaultRegion, signinEndpointOf, portalUrl, agent, register, audit, clock } =
    dependencies;
  return async (requested, options, request) => {
    const { session, roleArn, isLive } = requested;
    const { durationSeconds, trustedReferrer } = options;
    const region = options.region ?? requested.role?.region ?? defaultRegion;
    const destination = consoleAddress(options.destination, region, partition);
    const issued = await credentials.issue(requested, { durationSeconds, purpose: 'console' }, request);
    const { ruleDurationSeconds } = issued.role;
    const signsOutFirst = options.signOutFirst === true && partition.signsOutFirst;
    const signin = await consoleSigninUrl({
      // A SigninToken is redeemed on the host that issued it, and only this region's host can sign out first.
      endpoint: signinEndpointOf(signsOutFirst ? partition.firstRegion : region),
      credentials: issued.credentials,
      durationSeconds: issued.takesConsoleDuration
        ? consoleSeconds(durationSeconds, ruleDurationSeconds, session.expiresAt, clock.now())
        : undefined,
      destination,
      issuer: portalUrl,
      agent,
    });
    // AWS counts from its answer.
    const now = clock.now().getTime();
    const { durationSeconds: seconds } = signin;
    const sessionExpiresAt = seconds === undefined ? issued.credentials.expiration : new Date(now + seconds * 1000);
    const { accessKeyId, expiration } = issued.credentials;
    if (sessionExpiresAt > expiration) {
      const longer = { purpose: 'console', accessKeyId, expiresAt: sessionExpiresAt.getTime() } as const;
      await register.add({ identity: session.identity, isLive }, [issued.role], issued.names, longer);
    }
    await audit.record(
      {
        event: 'console_opened',
        idp: session.identity.idp,
        user: session.identity.user,
        roleArn,
        destination: withoutQuery(destination),
        sessionExpiresAt: sessionExpiresAt.toISOString(),
        ...(trustedReferrer === undefined ? {} : { trustedReferrer }),
      },
      request,
    );
    return {
      url: signsOutFirst ? afterSignOut(signin.url) : signin.url,
      expiresAt: new Date(now + signinUrlLifetimeMs),
      sessionExpiresAt,
    };
  };
}
