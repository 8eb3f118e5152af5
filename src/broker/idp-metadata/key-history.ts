// Which keys of an identity provider this process believes first, on record, and compared with those of the previous start:
// a key exchanged together with a restart is a change too.
import { z } from 'zod';
import type { Audit } from '../../audit/events.ts';
import type { Logger } from '../../log.ts';
import { certificateFacts } from '../../saml/metadata/certificate.ts';
import type { IdpMetadata } from '../../saml/metadata/idp-metadata.ts';
import type { SharedRecords } from '../../store/shared-records.ts';

export interface KeyHistory {
  /**
   * Records the keys of an identity provider, once in this process.
   * @throws BrokerError audit_unavailable: then the keys are not to be believed yet
   */
  record(idp: string, metadata: IdpMetadata): Promise<void>;
}

const keysShape = z.object({ entityId: z.string(), certificates: z.array(z.string()) });
/** Longer than any time between two starts. */
const keepMs = 400 * 86_400_000;

export function createKeyHistory({
  records,
  audit,
  log,
}: {
  readonly records: SharedRecords;
  readonly audit: Audit;
  readonly log: Logger;
}): KeyHistory {
  const recorded = new Set<string>();
  return {
    record: async (idp, { entityId, signingCertificates }) => {
      if (recorded.has(idp)) return;
      const certificates = signingCertificates.map((pem) => certificateFacts(pem).fingerprint);
      const before = await lastKeys(records, idp);
      const known = before === 'unknown' ? undefined : before?.certificates;
      const change = {
        comparison: before === 'unknown' ? 'not_possible' : before ? 'previous_start' : 'first_start',
        addedCertificates: known ? certificates.filter((each) => !known.includes(each)) : [],
        removedCertificates: known?.filter((each) => !certificates.includes(each)) ?? [],
      } as const;
      const isChanged = change.addedCertificates.length + change.removedCertificates.length > 0;
      await audit.record({ event: 'idp_keys_in_force', idp, entityId, certificates, ...change }, undefined);
      if (isChanged) log.warn({ idp, ...change }, 'identity provider keys have changed since the previous start');
      // Without the store the list stays as it is: the next start compares with it.
      if (before !== 'unknown') await records.write(idp, { entityId, certificates }, keepMs).catch(() => {});
      recorded.add(idp);
    },
  };
}

async function lastKeys(
  records: SharedRecords,
  idp: string,
): Promise<z.output<typeof keysShape> | 'unknown' | undefined> {
  try {
    return await records.read(idp, keysShape);
  } catch {
    return 'unknown';
  }
}
