// The worker thread of the reference verifier: one message in, one verdict out. It says when it has loaded its libraries.
import { parentPort } from 'node:worker_threads';
import type { ReferenceInput } from './reference-input.ts';
import { checkByReference } from './reference-verifier.ts';

parentPort?.on('message', ({ id, input }: { id: number; input: ReferenceInput }) => {
  void checkByReference(input).then((verdict) => parentPort?.postMessage({ id, verdict }));
});
parentPort?.postMessage('ready');
