// A required audit sink over HTTP that can stop and come back. What it took is in a file.
import { appendFileSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import { freePort } from '../../support/ports.ts';

export interface AuditCollector {
  readonly url: string;
  /** Each line once: a record whose answer was lost comes again. */
  readonly lines: () => string[];
  start(): Promise<void>;
  /** Takes no connections, and ends those that are open. */
  stop(): Promise<void>;
}

export async function startAuditCollector(file: string): Promise<AuditCollector> {
  const port = await freePort();
  const server = createServer(async (request, response) => {
    const chunks: Buffer[] = [];
    for await (const chunk of request) chunks.push(chunk as Buffer);
    appendFileSync(file, Buffer.concat(chunks));
    response.writeHead(204).end();
  });
  const start = () =>
    new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(port, '127.0.0.1', resolve);
    });
  await start();
  return {
    url: `http://127.0.0.1:${port}/records`,
    lines: () => [...new Set(readFileSync(file, 'utf8').split('\n').filter(Boolean))],
    start,
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}
