// Runs the reference verifier in one worker thread, which starts with the first check. Its queue is bounded, and every
// check has a deadline.
import { Worker } from 'node:worker_threads';
import type { ReferenceVerifier } from '../broker/sign-in/reference-check.ts';
import type { ReferenceInput, ReferenceVerdict } from '../saml/reference-input.ts';

/** A check takes this long at most, counted from the call, or from when the thread has loaded its libraries. */
const deadlineMs = 5000;
/** Loading takes a third of a second; a busy machine gets more. */
const startDeadlineMs = 20_000;
const maxQueued = 64;

interface Queued {
  readonly resolve: (verdict: ReferenceVerdict) => void;
  readonly reject: (error: Error) => void;
}

interface Thread {
  readonly worker: Worker;
  readonly ready: Promise<void>;
  readonly queued: Map<number, Queued>;
  /** Set once the thread is told to end. */
  ended?: Promise<unknown>;
}

/** @param file the program of the thread: src/saml/reference-worker.ts, compiled */
export function createReferenceWorker(file: URL): ReferenceVerifier {
  let thread: Thread | undefined;
  let lastId = 0;
  const stop = async (stopped: Thread, error: Error): Promise<void> => {
    if (thread === stopped) thread = undefined;
    for (const { reject } of stopped.queued.values()) reject(error);
    stopped.queued.clear();
    // All checks of the queue come here; each call of terminate() would add a listener to the worker.
    stopped.ended ??= stopped.worker.terminate();
    await stopped.ended;
  };
  const ask = async ({ worker, ready, queued }: Thread, input: ReferenceInput): Promise<ReferenceVerdict> => {
    const id = ++lastId;
    const verdict = new Promise<ReferenceVerdict>((resolve, reject) => queued.set(id, { resolve, reject }));
    worker.postMessage({ id, input });
    try {
      await within(startDeadlineMs, Promise.race([ready, verdict]), 'start');
      return await within(deadlineMs, verdict, 'answer');
    } finally {
      queued.delete(id);
    }
  };
  return {
    check: async (input) => {
      thread ??= startThread(file, (failed, error) => void stop(failed, error));
      const used = thread;
      if (used.queued.size >= maxQueued) throw new Error(`${maxQueued} checks are waiting`);
      try {
        return await ask(used, input);
      } catch (error) {
        // A thread that hangs takes the checks behind it along: the next check starts another one.
        await stop(used, error as Error);
        throw error;
      }
    },
    close: async () => {
      if (thread) await stop(thread, new Error('the broker is closing'));
    },
  };
}

function startThread(file: URL, onFailure: (thread: Thread, error: Error) => void): Thread {
  const worker = new Worker(file);
  const queued = new Map<number, Queued>();
  let isReady = () => {};
  const ready = new Promise<void>((resolve) => {
    isReady = resolve;
  });
  const thread: Thread = { worker, ready, queued };
  worker.on('message', (message: 'ready' | { readonly id: number; readonly verdict: ReferenceVerdict }) => {
    if (message === 'ready') isReady();
    else queued.get(message.id)?.resolve(message.verdict);
  });
  worker.on('error', (error) => onFailure(thread, error));
  worker.on('exit', (code) => onFailure(thread, new Error(`the thread ended with ${code}`)));
  // A process that has nothing else to do may end.
  worker.unref();
  return thread;
}

async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no ${what} within ${ms} ms`)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
