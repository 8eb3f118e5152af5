// Loaded into a server before its own code: answers every message with the longest delay of the event loop since the last.
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

if (isMainThread) {
  const histogram = monitorEventLoopDelay({ resolution: 1 });
  histogram.enable();
  process.on('message', () => {
    process.send!({ maxMs: histogram.max / 1e6 });
    histogram.reset();
  });
}
