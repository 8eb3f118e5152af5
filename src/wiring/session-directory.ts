// Wires the session directory: of a process that serves, and of a command beside it.
import type { Audit } from '../audit/events.ts';
import { createSessionDirectory, type SessionDirectory } from '../broker/session-directory.ts';
import type { Config } from '../config/config.ts';
import { createAudit } from './audit.ts';
import { createSessionRecords, createStorage, type SessionRecords } from './stores.ts';

export function sessionDirectory({ entries, sessions, grantRecords }: SessionRecords, audit: Audit): SessionDirectory {
  return createSessionDirectory({ entries, records: { browser: sessions, cli: grantRecords }, audit });
}

/** Undefined where processes do not share their sessions. @throws BrokerError store_unavailable */
export async function openSessionDirectory(
  config: Config,
  world: Parameters<typeof createAudit>[1],
): Promise<{ directory: SessionDirectory; close(): Promise<void> } | undefined> {
  if (config.store.type === 'memory') return undefined;
  const storage = createStorage(config, world);
  await storage.keyValue.check();
  const audit = createAudit(config, world, storage);
  const close = async () => {
    await audit.close();
    await storage.keyValue.close();
  };
  return { directory: sessionDirectory(createSessionRecords(storage), audit), close };
}
