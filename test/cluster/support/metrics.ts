// Reads a process's metrics.
import { get } from 'node:http';
import { text } from 'node:stream/consumers';

/** On a new connection each time: one that waited for long may just be closing. */
export function metricsOf(operationsPort: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const request = get({ host: '127.0.0.1', port: operationsPort, path: '/metrics', agent: false });
    request.once('response', (response) => text(response).then(resolve, reject));
    request.once('error', reject);
  });
}
