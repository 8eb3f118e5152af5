// The operations listener: is it alive, may it get traffic, how is it doing. Never on the public port.
import express, { type Express } from 'express';
import { Counter, collectDefaultMetrics, Gauge, Registry } from 'prom-client';
import type { Audit } from '../audit/events.ts';
import type { Logger } from '../log.ts';

export interface OperationsDeps {
  /** Throws while the store cannot be used. */
  readonly checkStore: () => Promise<void>;
  readonly isDraining: () => boolean;
  readonly registry: Registry;
  readonly log: Logger;
}

export function createOperationsApp({ checkStore, isDraining, registry, log }: OperationsDeps): Express {
  const app = express();
  app.disable('x-powered-by');
  app.get('/livez', (_request, response) => {
    response.type('text/plain').send('ok\n');
  });
  app.get('/readyz', async (_request, response) => {
    const problem = isDraining() ? 'draining' : await problemOf(checkStore, log);
    response
      .status(problem === undefined ? 200 : 503)
      .type('text/plain')
      .send(`${problem ?? 'ok'}\n`);
  });
  app.get('/metrics', async (_request, response) => {
    response.type(registry.contentType).send(await registry.metrics());
  });
  return app;
}

export interface Metrics {
  readonly registry: Registry;
  /** The audit trail as it was, with each record counted once it is written. */
  readonly counted: (audit: Audit) => Audit;
}

export function createMetrics(): Metrics {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const events = new Counter({
    name: 'rolegate_events_total',
    help: 'Audit records by event, and by reason or code where something was refused',
    labelNames: ['event', 'reason'],
    registers: [registry],
  });
  return {
    registry,
    counted: ({ record }) => ({
      record: async (event, request) => {
        await record(event, request);
        const reason = 'reason' in event ? event.reason : undefined;
        events.inc({ event: event.event, reason: reason ?? ('code' in event ? (event.code ?? '') : '') });
      },
    }),
  };
}

export interface CertificateEnd {
  readonly use: string;
  readonly idp: string;
  readonly endsAt: Date;
}

/** Of several certificates with one use, as during a rollover, the one that ends first counts. */
export function addCertificateGauge(registry: Registry, now: () => Date, read: () => readonly CertificateEnd[]): void {
  const gauge = new Gauge({
    name: 'rolegate_certificate_expiry_seconds',
    help: 'Seconds until the first certificate of this use ends; negative after',
    labelNames: ['use', 'idp'],
    registers: [registry],
    collect: () => {
      gauge.reset();
      const latestFirst = [...read()].sort((a, b) => b.endsAt.getTime() - a.endsAt.getTime());
      for (const { use, idp, endsAt } of latestFirst) {
        gauge.set({ use, idp }, Math.floor((endsAt.getTime() - now().getTime()) / 1000));
      }
    },
  });
}

async function problemOf(checkStore: () => Promise<void>, log: Logger): Promise<string | undefined> {
  try {
    await checkStore();
    return undefined;
  } catch (error) {
    log.warn({ detail: (error as Error).message }, 'not ready');
    return 'store unavailable';
  }
}
