// An identity provider's metadata address on a real https socket, which answers whatever a test wants.
import type { IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { fetchTrusting } from '../../../support/fetch-trusting.ts';
import { keyPair } from '../../../support/key-pairs.ts';

export type Answer = (request: IncomingMessage, response: ServerResponse) => void;

export interface MetadataServer {
  readonly url: string;
  readonly caCertificate: string;
  readonly fetch: typeof globalThis.fetch;
  /** How often it was asked. */
  requests(): number;
  answer(with_: Answer): void;
  close(): Promise<void>;
}

export async function startMetadataServer(): Promise<MetadataServer> {
  const ca = keyPair('tls-ca');
  let current: Answer = notFound;
  let requests = 0;
  const server = createServer(keyPair('tls-localhost'), (request, response) => {
    requests++;
    current(request, response);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    url: `https://localhost:${(server.address() as AddressInfo).port}/metadata.xml`,
    caCertificate: ca.cert,
    fetch: fetchTrusting(ca.cert),
    requests: () => requests,
    answer: (with_) => {
      current = with_;
    },
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

/** A good answer with this document. */
export function document(xml: string | Buffer, type = 'application/samlmetadata+xml'): Answer {
  return (_request, response) => {
    response.writeHead(200, { 'content-type': type }).end(xml);
  };
}

export const notFound: Answer = (_request, response) => {
  response.writeHead(404).end('not here');
};

export const redirect: Answer = (request, response) => {
  if (request.url?.endsWith('?there')) document('<a/>')(request, response);
  else response.writeHead(302, { location: '?there' }).end();
};

export const signInPage = document('<!doctype html><html><body>Sign in first</body></html>', 'text/html');

/** Sends without end, as fast as it is read. */
export const endless: Answer = (_request, response) => {
  response.writeHead(200);
  const chunk = Buffer.alloc(64 * 1024, ' ');
  const send = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', send);
  send();
};

/** Begins, and then says nothing any more. */
export const stuck: Answer = (_request, response) => {
  response.writeHead(200);
  response.write('<EntityDescriptor');
};

export const cutOff: Answer = (_request, response) => {
  response.writeHead(200, { 'content-length': '1000' });
  response.write('<EntityDescriptor', () => response.destroy());
};
