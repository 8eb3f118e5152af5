// Consoles: opened with credentials, or by an assertion that the browser posts.
import type { EligibleRole } from '../../access/model.ts';
import type { RequestFacts } from '../../audit/events.ts';
import { type ConsoleDependencies, type ConsoleOptions, consoleAddress } from './console-session.ts';
import { grantedRole, type RequestedRole } from './granted-role.ts';
import { createOpenConsole, type OpenConsole } from './open-console.ts';
import { createPostConsole, type PostConsole } from './post-console.ts';

export interface Console {
  /** @throws BrokerError bad_request or not_on_console for a region or destination outside the partition, as Credentials.issue, or signin_ */
  readonly open: OpenConsole;
  /** @throws BrokerError role_not_granted, network_not_allowed, step_up_required, bad_request, session_ or audit_unavailable */
  readonly post: PostConsole;
  /** For a link to the page that posts: what `post` would refuse of it now. @throws BrokerError as `post` */
  readonly checkPost: (
    requested: RequestedRole,
    options: ConsoleOptions,
    request: RequestFacts,
  ) => Promise<EligibleRole>;
}

export function createConsole(dependencies: ConsoleDependencies): Console {
  const { partition, audit } = dependencies;
  return {
    open: createOpenConsole(dependencies),
    post: createPostConsole(dependencies),
    checkPost: async (requested, { destination, region }, request) => {
      const role = await grantedRole(requested, audit, request);
      consoleAddress(destination, region ?? role.region, partition);
      return role;
    },
  };
}
