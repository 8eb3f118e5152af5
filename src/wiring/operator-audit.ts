// Wires the audit trail of a command that runs beside the broker.
import type { Audit } from '../audit/events.ts';
import type { Config } from '../config/config.ts';
import { createAudit } from './audit.ts';
import { createStorage } from './stores.ts';

export function openOperatorAudit(
  config: Config,
  world: Parameters<typeof createAudit>[1],
): { readonly audit: Audit; close(): Promise<void> } {
  const storage = createStorage(config, world);
  const audit = createAudit(config, world, storage);
  const close = async () => {
    await audit.close();
    await storage.keyValue.close();
  };
  return { audit, close };
}
