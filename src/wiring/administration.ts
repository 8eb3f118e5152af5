// Wires what administrators do: in a process that serves, and in a command beside it.
import type { Audit } from '../audit/events.ts';
import { createRevocation, type Revocation } from '../broker/revocation/revocation.ts';
import { createSessionDirectory, type SessionDirectory } from '../broker/session-directory.ts';
import type { Config } from '../config/config.ts';
import { createAudit } from './audit.ts';
import { createSessionRecords, createStorage, credentialRegister, type SessionRecords } from './stores.ts';

export function sessionDirectory({ entries, sessions, grantRecords }: SessionRecords, audit: Audit): SessionDirectory {
  return createSessionDirectory({ entries, records: { browser: sessions, cli: grantRecords }, audit });
}

export interface Administration {
  readonly directory: SessionDirectory;
  readonly revocation: Revocation;
  close(): Promise<void>;
}

/** Undefined where processes do not share their sessions. @throws BrokerError store_unavailable */
export async function openAdministration(
  config: Config,
  world: Parameters<typeof createAudit>[1],
): Promise<Administration | undefined> {
  if (config.store.type === 'memory') return undefined;
  const storage = createStorage(config, world);
  await storage.keyValue.check();
  const audit = createAudit(config, world, storage);
  const directory = sessionDirectory(createSessionRecords(storage), audit);
  const register = credentialRegister(storage);
  const revocation = createRevocation({ directory, register, audit, clock: world.clock });
  const close = async () => {
    await audit.close();
    await storage.keyValue.close();
  };
  return { directory, revocation, close };
}
