// The metrics of time that passes: how old keys and metadata are, and when they end. They are read when Prometheus asks.
import { Gauge, type Registry } from 'prom-client';
import type { WatchedCertificate } from '../../broker/idp-metadata/certificate-watch.ts';
import type { IdpDirectory } from '../../broker/idp-metadata/idp-directory.ts';

export interface Ages {
  readonly now: () => Date;
  readonly certificates: () => readonly Pick<WatchedCertificate, 'use' | 'idp' | 'startsAt' | 'endsAt'>[];
  /** Of the configuration in force. */
  readonly idps: () => {
    readonly list: () => readonly {
      readonly id: string;
      readonly metadataSource: { readonly url?: string | undefined };
    }[];
    readonly metadataOf: (id: string) => { readonly validUntil?: Date | undefined } | undefined;
  } & Pick<IdpDirectory, 'fetchedAt'>;
}

/** Of several certificates with one use, as during a rollover, the one that ends first and the one that is oldest count. */
export function addAges(registry: Registry, { now, certificates, idps }: Ages): void {
  const gauge = (name: string, help: string, labelNames: string[], read: (set: Gauge) => void): void => {
    const added: Gauge = new Gauge({
      ...{ name, help, labelNames, registers: [registry] },
      collect: () => {
        added.reset();
        read(added);
      },
    });
  };
  const until = (date: Date) => Math.floor((date.getTime() - now().getTime()) / 1000);
  const latestFirst = (date: 'startsAt' | 'endsAt') =>
    [...certificates()].sort((a, b) => b[date].getTime() - a[date].getTime());
  const ends = 'Seconds until the first certificate of this use ends; negative after';
  gauge('rolegate_certificate_expiry_seconds', ends, ['use', 'idp'], (set) => {
    for (const { use, idp, endsAt } of latestFirst('endsAt')) set.set({ use, idp }, until(endsAt));
  });
  const age = 'Seconds since the oldest certificate of this use began';
  gauge('rolegate_certificate_age_seconds', age, ['use', 'idp'], (set) => {
    for (const { use, idp, startsAt } of latestFirst('startsAt')) set.set({ use, idp }, -until(startsAt));
  });
  const fetched = 'Seconds since the metadata in force was fetched from its address';
  gauge('rolegate_metadata_age_seconds', fetched, ['idp'], (set) => {
    for (const { id: idp, metadataSource } of idps().list()) {
      const fetchedAt = idps().fetchedAt(idp);
      if (fetchedAt && metadataSource.url !== undefined) set.set({ idp }, -until(fetchedAt));
    }
  });
  const valid = 'Seconds until the metadata in force is out of date; negative after';
  gauge('rolegate_metadata_expiry_seconds', valid, ['idp'], (set) => {
    for (const { id: idp } of idps().list()) {
      const validUntil = idps().metadataOf(idp)?.validUntil;
      if (validUntil) set.set({ idp }, until(validUntil));
    }
  });
}
