// The age of keys that have no certificate, for Prometheus: the processes of the broker remember together since when each is in use.
import { createHash, type KeyObject } from 'node:crypto';
import { Gauge, type Registry } from 'prom-client';
import { z } from 'zod';
import type { Clock } from '../../clock.ts';
import type { Config } from '../../config/config.ts';
import type { SharedRecords } from '../../store/shared-records.ts';

interface KeyInUse {
  readonly use: 'audit' | 'web-identity';
  /** The same in every process. */
  readonly id: string;
}

/** Longer than any key is used. Each process that starts begins it again. */
const keepMs = 1500 * 86_400_000;
const sinceShape = z.number();

export function addKeyAges(
  registry: Registry,
  deps: { readonly keys: () => readonly KeyInUse[]; readonly records: SharedRecords; readonly clock: Clock },
): void {
  const { keys, records, clock } = deps;
  const known = new Map<string, number>();
  /** A record that was deleted, or written again after that, makes no key younger while a process remembers it. */
  const agree = async (name: string, remembered: number | undefined): Promise<number> => {
    const found = await records.read(name, sinceShape);
    const began = Math.min(found ?? clock.now().getTime(), remembered ?? Number.POSITIVE_INFINITY);
    if (remembered === undefined || found !== began) await records.write(name, began, keepMs);
    return began;
  };
  const since = async ({ use, id }: KeyInUse): Promise<number> => {
    const name = `${use} ${id}`;
    const remembered = known.get(name);
    const began = await agree(name, remembered).catch((error: unknown) => {
      if (remembered === undefined) throw error;
      return remembered;
    });
    known.set(name, began);
    return began;
  };
  const gauge: Gauge<'use'> = new Gauge({
    name: 'rolegate_key_age_seconds',
    help: 'Seconds since the broker uses this key, of keys that have no certificate',
    labelNames: ['use'],
    registers: [registry],
    collect: async () => {
      for (const key of keys()) {
        const began = await since(key).catch(() => Number.NaN);
        gauge.set({ use: key.use }, Math.floor((clock.now().getTime() - began) / 1000));
      }
    },
  });
}

/** The keys that sign. A reload changes none of them. */
export function keysInUse({ audit, aws }: Pick<Config, 'audit' | 'aws'>): KeyInUse[] {
  const auditKey = audit.signing?.signer?.publicKey;
  const [webIdentity] = aws.webIdentity?.keys ?? [];
  return [
    ...(auditKey ? [{ use: 'audit' as const, id: digestOf(auditKey) }] : []),
    ...(webIdentity ? [{ use: 'web-identity' as const, id: webIdentity.keyId }] : []),
  ];
}

function digestOf(key: KeyObject): string {
  return createHash('sha256')
    .update(key.export({ type: 'spki', format: 'der' }))
    .digest('base64url');
}
