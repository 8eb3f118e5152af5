// Who may have a session at all: people whom the configuration does not deny, of identity providers that it has.
import { isDenied } from '../../access/denied.ts';
import type { Identity } from '../../access/model.ts';
import type { Config } from '../../config/config.ts';

/** Asked when a session opens and with each request of it, so that a reload ends what it no longer allows. */
export type Admits = (identity: Pick<Identity, 'idp' | 'user' | 'groups'>) => boolean;

export function createAdmission({ policy, identityProviders }: Pick<Config, 'policy' | 'identityProviders'>): Admits {
  const known = new Set(identityProviders.map(({ id }) => id));
  return (identity) => known.has(identity.idp) && !isDenied(identity, policy.deny);
}
