// The operations listener: is it alive, may it get traffic, how is it doing. Never on the public port.
import express, { type Express } from 'express';
import type { Registry } from 'prom-client';
import type { Logger } from '../log.ts';

export function createOperationsApp({
  checkStore,
  isDraining,
  registry,
  log,
}: {
  /** Throws while the store cannot be used. */
  readonly checkStore: () => Promise<void>;
  readonly isDraining: () => boolean;
  readonly registry: Registry;
  readonly log: Logger;
}): Express {
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

async function problemOf(checkStore: () => Promise<void>, log: Logger): Promise<string | undefined> {
  try {
    await checkStore();
    return undefined;
  } catch (error) {
    log.warn({ detail: (error as Error).message }, 'not ready');
    return 'store unavailable';
  }
}
