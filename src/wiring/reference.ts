// Wires the reference verifier: its worker thread, its samples' metric, and the list of distrusted identity providers.
import { Counter, type Registry } from 'prom-client';
import type { Audit } from '../audit/events.ts';
import {
  createReferenceCheck,
  type ReferenceCheck,
  type ReferenceVerifier,
  type SampleOutcome,
} from '../broker/sign-in/reference-check.ts';
import type { Clock } from '../clock.ts';
import type { Config } from '../config/config.ts';
import type { Logger } from '../log.ts';
import type { RandomBytes } from '../random.ts';
import { createReferenceWorker } from './reference-worker.ts';
import { distrustedIdps, type Storage } from './stores.ts';

interface World {
  readonly clock: Clock;
  readonly random: RandomBytes;
  readonly log: Logger;
  readonly storage: Storage;
  readonly audit: Audit;
  readonly registry: Registry;
}

export function createReference(
  config: Config,
  { storage, audit, registry, ...world }: World,
): { check: ReferenceCheck; close(): Promise<void> } {
  const worker = createReferenceVerifier();
  const samples = new Counter({
    name: 'rolegate_reference_samples_total',
    help: 'Accepted responses that the reference verifier checked after the sign-in, by outcome',
    labelNames: ['outcome'],
    registers: [registry],
  });
  // Prometheus sees an increase only of a series that was there before.
  for (const outcome of ['agreed', 'disagreed', 'skipped'] satisfies SampleOutcome[]) samples.inc({ outcome }, 0);
  const check = createReferenceCheck({
    mode: config.verification.reference,
    verifier: worker,
    distrusted: distrustedIdps(storage),
    audit,
    onSample: (outcome: SampleOutcome) => samples.inc({ outcome }),
    ...world,
  });
  return { check, close: async () => worker.close?.() };
}

/** Node runs no TypeScript in a thread: from the sources, as in development, the check runs in this process. */
function createReferenceVerifier(): ReferenceVerifier {
  if (import.meta.url.endsWith('.js')) {
    return createReferenceWorker(new URL('../saml/reference-worker.js', import.meta.url));
  }
  return { check: async (input) => (await import('../saml/reference-verifier.ts')).checkByReference(input) };
}
